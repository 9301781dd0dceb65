//! Exports and imports: what stacks of one account and region say to each other.
//!
//! A template is evaluated alone; what it imports stays unknown and says what it is called
//! ([`Unknown::import`]), so that it can be filled in when the template that exports it is among the given ones.

use std::collections::BTreeMap;

use super::choice::lift;
use super::stack::Stack;
use super::text;
use super::tree::Node;
use crate::limits;
use crate::source::Span;
use crate::value::{Kind, Unknown, Value};

impl Stack<'_> {
    /// `Fn::ImportValue`.
    pub(super) fn import(&mut self, node: &Node, at: Span) -> Value {
        let name = self.eval(node);
        lift(&[name], &mut |args| match args.first().map(|name| text::known(name, at)) {
            Some(Ok(name)) => {
                self.shared.imports.insert(name.to_owned());
                Value::new(Kind::Unknown(Unknown::import(name, Some(at))), Some(at))
            }
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
            let Some(name) = output.value.get("Export").and_then(|e| e.get("Name")) else { continue };
            if let Some(condition) = output.value.get("Condition").and_then(Node::text)
                && self.holds_when(condition, output.key_span).is_empty()
            {
                continue;
            }
            let name = self.eval(name);
            let value = output.value.get("Value").map(|node| self.eval(node)).filter(is_output);
            if let (Some(name), Some(value)) = (name.as_str(), value) {
                self.shared.exports.push((name.to_owned(), value));
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

/// The exports by name. Of a name that is exported twice nobody knows what it stands for.
pub(super) fn by_name(exports: Vec<(String, Value)>) -> BTreeMap<String, Value> {
    let mut out: BTreeMap<String, Value> = BTreeMap::new();
    for (name, value) in exports {
        let twice = Value::unknown(format!("more than one output exports `{name}`"), value.span);
        out.entry(name).and_modify(|v| *v = twice).or_insert(value);
    }
    out
}
