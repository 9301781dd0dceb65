//! Exports and imports: what stacks of one account and region say to each other.
//!
//! A template is evaluated alone; what it imports stays unknown and says what it is called
//! ([`Unknown::import`]), so that it can be filled in when the template that exports it is among the given ones.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::choice::{assume_all, lift, worlds};
use super::stack::Stack;
use super::text;
use super::tree::{Node, Pair};
use crate::limits;
use crate::source::Span;
use crate::value::{Kind, Unknown, Value};

impl Stack<'_> {
    /// `Fn::ImportValue`.
    pub(super) fn import(&mut self, node: &Node, at: Span) -> Value {
        let name = self.eval(node);
        lift(&[name], &mut |args| match args.first().map(|name| text::known(name, at)) {
            Some(Ok(name)) => {
                let name = Arc::<str>::from(name);
                self.shared.imports.insert(Arc::clone(&name));
                Value::new(Kind::Unknown(Unknown::import(name, Some(at))), Some(at))
            }
            // Another stack, which is not among the given ones, may have an export of every name that fits.
            Some(Err(u)) => {
                let why = format!("an export of another stack is not known, nor its name: {}", u.reason());
                Value::unknown(why, Some(at))
            }
            None => self.malformed("Fn::ImportValue", at),
        })
    }

    /// Notes the outputs that other stacks may import.
    pub(super) fn lower_exports(&mut self) {
        let template = self.template();
        let outputs = template.root.get("Outputs").and_then(Node::pairs).unwrap_or_default();
        for output in self.unrolled(outputs) {
            self.lower_export(&output);
        }
    }

    fn lower_export(&mut self, output: &Pair) {
        let Some(name) = output.value.get("Export").and_then(|e| e.get("Name")) else { return };
        let Some(node) = output.value.get("Value") else { return };
        let exists = match output.value.get("Condition").and_then(Node::text) {
            Some(condition) => self.condition(condition, output.key_span),
            None => Value::bool(true, None),
        };
        if exists.kind == Kind::Bool(false) {
            return;
        }
        let (name, value) = (self.eval(name), self.eval(node));
        if !is_output(&value) {
            return;
        }
        let value = exists.map_arms(&mut |exists| match exists.kind == Kind::Bool(false) {
            true => Value::null(None),
            false => value.clone(),
        });
        // Who imports one of several possible names says by that which it is.
        for (when, name) in worlds(&name) {
            if let Some(name) = name.as_str() {
                self.shared.exports.push((name.to_owned(), assume_all(&value, &when)));
            }
        }
    }
}

/// Outputs are strings, and not long ones.
fn is_output(value: &Value) -> bool {
    match &value.kind {
        Kind::String(text) => text.visible().len() <= limits::EXPORT_BYTES,
        Kind::OneOf(open) => open.arms.iter().all(is_output),
        Kind::Unknown(_) => true,
        Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::List(_) | Kind::Set(_) | Kind::Map(_) => false,
    }
}

/// The exports by name. Of a name that is exported twice in one world nobody knows what it stands for.
pub(super) fn by_name(exports: Vec<(String, Value)>) -> BTreeMap<String, Value> {
    let mut out: BTreeMap<String, Value> = BTreeMap::new();
    for (name, value) in exports {
        let value = match out.get(&name) {
            Some(other) => lift(&[other.clone(), value], &mut |both| either(both, &name)),
            None => value,
        };
        out.insert(name, value);
    }
    out.iter_mut().for_each(|(name, value)| *value = existing(value, name));
    out
}

/// What is exported, given that something is: a stack whose import does not exist is not deployed.
fn existing(value: &Value, name: &str) -> Value {
    let Kind::OneOf(open) = &value.kind else { return value.clone() };
    let arms: Vec<Value> = open.arms.iter().map(|arm| existing(arm, name)).collect();
    let mut there = arms.iter().filter(|arm| !arm.is_null());
    if let (Some(only), None) = (there.next(), there.next()) {
        return only.clone();
    }
    let missing = || Value::unknown(format!("`{name}` is not exported in every case"), value.span);
    let arms = arms.into_iter().map(|arm| if arm.is_null() { missing() } else { arm }).collect();
    Value::one_of(open.choice, arms, value.span)
}

/// Of two outputs of one name the one that exists.
fn either(both: &[Value], name: &str) -> Value {
    match both {
        [a, b] if a.is_null() => b.clone(),
        [a, b] if b.is_null() => a.clone(),
        _ => {
            let at = both.first().and_then(|v| v.span);
            Value::unknown(format!("more than one output exports `{name}`"), at)
        }
    }
}
