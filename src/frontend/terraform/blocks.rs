//! Nested blocks as values, with `dynamic` blocks written out.

use std::sync::Arc;

use super::body::{Body, Nested};
use super::eval::Locals;
use super::expand::object;
use super::module::Ctx;
use super::world::{ModuleId, World};
use crate::diagnostic::{Code, Diagnostic, Level};
use crate::limits;
use crate::source::Span;
use crate::value::{Entries, Entry, Kind, Shape, Value};

/// A block that is looked at: what is inside, the names bound there, and its place.
pub(crate) struct Block<'b> {
    pub(crate) module: ModuleId,
    pub(crate) body: &'b Arc<Body>,
    pub(crate) locals: &'b Locals,
    pub(crate) span: Span,
}

/// Makes a value of a block.
pub(crate) type Make<'f> = &'f mut dyn FnMut(&mut World<'_>, &Block<'_>) -> Value;

impl World<'_> {
    /// The blocks of a type inside `outer`, each made a value by `make`. A `dynamic` block over an open choice
    /// gives one element that is a choice of lists; one over an unknown collection gives an unknown element.
    pub(crate) fn blocks(&mut self, outer: &Block<'_>, kind: &str, make: Make<'_>) -> Value {
        let mut out = Vec::new();
        if let Some(why) = outer.body.lost() {
            out.push(Value::new(Kind::Unknown(why.clone()), why.span()));
        }
        for nested in outer.body.blocks(kind) {
            if nested.dynamic {
                let made = self.dynamic(outer, kind, &nested, make);
                match made.as_list() {
                    Some(items) => out.extend(items.iter().cloned()),
                    None => out.push(made),
                }
            } else {
                let block = Block {
                    module: outer.module,
                    body: &nested.body,
                    locals: outer.locals,
                    span: nested.span,
                };
                out.push(make(self, &block));
            }
        }
        Value::list(out, Some(outer.span))
    }

    fn dynamic(&mut self, outer: &Block<'_>, kind: &str, nested: &Nested, make: Make<'_>) -> Value {
        let Some(each) = nested.body.argument("for_each") else {
            self.report(Diagnostic::at(
                Code::BadBlock,
                Level::Error,
                nested.span,
                "a `dynamic` block needs `for_each`",
            ));
            return Value::unknown("a `dynamic` block has no `for_each`", Some(nested.span));
        };
        let over = each.expr.eval(&mut Ctx { world: self, module: outer.module }, outer.locals);
        let iterator =
            nested.body.argument("iterator").and_then(|a| a.expr.word()).unwrap_or_else(|| kind.to_owned());
        let content: Vec<Nested> = nested.body.blocks("content");
        over.map_arms(&mut |leaf| {
            let mut rest = None;
            let items = match elements(leaf) {
                Ok(items) if items.len() <= limits::ELEMENTS => items,
                Ok(_) => return Value::unknown("there are more blocks than are followed", leaf.span),
                Err(refused) => {
                    if let Some(message) = refused {
                        let span = each.expr.span;
                        self.report(Diagnostic::at(Code::BadExpression, Level::Error, span, message));
                    }
                    let Kind::Unknown(_) = &leaf.kind else {
                        return Value::unknown("`for_each` of a `dynamic` block is not valid", leaf.span);
                    };
                    // Beside what it has for sure there may be anything.
                    let other = rest.insert(leaf.clone().holding([])).clone().of(Shape::Any);
                    leaf.sure().iter().map(|v| (other.clone(), v.clone())).collect()
                }
            };
            let mut out = Vec::with_capacity(items.len());
            for (key, value) in items {
                if !self.spend(1) {
                    return Value::unknown("the evaluation takes too many steps", leaf.span);
                }
                let locals = outer.locals.bind(iterator.as_str(), object([("key", key), ("value", value)]));
                for c in &content {
                    let block = Block { module: outer.module, body: &c.body, locals: &locals, span: c.span };
                    out.push(make(self, &block));
                }
            }
            out.extend(rest);
            Value::list(out, leaf.span)
        })
    }

    /// The named arguments of a block as an object; those that are not written are null.
    pub(crate) fn arguments(&mut self, block: &Block<'_>, names: &[&str]) -> Entries {
        let mut entries = Entries::new();
        for &name in names {
            let argument = block.body.argument(name);
            let key_span = argument.as_ref().map(|a| a.name_span);
            let value = match argument {
                Some(a) => a.expr.eval(&mut Ctx { world: self, module: block.module }, block.locals),
                None => Value::null(None),
            };
            entries.insert(name.into(), Entry { key_span, value });
        }
        entries
    }
}

/// Keys and values of a collection that `dynamic` goes over. `Err` without a message: it is not known.
fn elements(value: &Value) -> Result<Vec<(Value, Value)>, Option<&'static str>> {
    match &value.kind {
        Kind::List(items) => {
            Ok(items.iter().enumerate().map(|(i, v)| (Value::number(i as i64, v.span), v.clone())).collect())
        }
        Kind::Set(items) => Ok(items.iter().map(|v| (v.clone(), v.clone())).collect()),
        Kind::Map(m) => {
            let pair =
                |(k, e): (&Arc<str>, &Entry)| (Value::string(Arc::clone(k), e.key_span), e.value.clone());
            Ok(m.iter().map(pair).collect())
        }
        Kind::Unknown(_) => Err(None),
        Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::String(_) | Kind::OneOf(_) => {
            Err(Some("`for_each` of a `dynamic` block takes a collection"))
        }
    }
}
