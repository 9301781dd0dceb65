//! What units export, and others import, by name.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use crate::limits;
use crate::value::{Kind, Unknown, Value};

/// What an alternative costs where it is filled in, as bytes.
const ARM_BYTES: usize = 256;

/// What imports stand for.
pub(super) struct Imports<'a> {
    exports: &'a BTreeMap<String, Value>,
    /// Exports with what they import themselves filled in; none while that is done, or when it is too much.
    done: RefCell<BTreeMap<&'a str, Option<Value>>>,
    left: Cell<usize>,
}

impl<'a> Imports<'a> {
    pub(super) fn new(exports: &'a BTreeMap<String, Value>) -> Self {
        Self { exports, done: RefCell::default(), left: Cell::new(limits::IMPORT_BYTES) }
    }

    /// The value that an unknown is, when it is an import that is known.
    pub(super) fn value(&self, unknown: &Unknown) -> Option<Value> {
        self.value_at(unknown, 0)
    }

    fn value_at(&self, unknown: &Unknown, depth: usize) -> Option<Value> {
        let (name, value) = self.exports.get_key_value(unknown.imports()?)?;
        let done = self.done.borrow().get(name.as_str()).cloned();
        let value = match done {
            Some(done) => done?,
            None if depth > limits::DEPTH => return None,
            None => {
                self.done.borrow_mut().insert(name, None);
                let value = value.filled(&|u| self.value_at(u, depth + 1));
                self.done.borrow_mut().insert(name, Some(value.clone()));
                value
            }
        };
        self.spend(&value)?;
        Some(value)
    }

    /// Counts what a value costs where it is filled in, every alternative of it. `None` when that is too much.
    fn spend(&self, value: &Value) -> Option<()> {
        let cost = match &value.kind {
            Kind::String(text) => text.visible().len(),
            // Whoever reads it looks at each arm on its own.
            Kind::OneOf(open) => open.arms.len() * ARM_BYTES,
            Kind::Null
            | Kind::Bool(_)
            | Kind::Number(_)
            | Kind::List(_)
            | Kind::Set(_)
            | Kind::Map(_)
            | Kind::Unknown(_) => 1,
        };
        self.left.set(self.left.get().checked_sub(cost)?);
        match &value.kind {
            Kind::OneOf(open) => open.arms.iter().try_for_each(|arm| self.spend(arm)),
            Kind::Null
            | Kind::Bool(_)
            | Kind::Number(_)
            | Kind::String(_)
            | Kind::List(_)
            | Kind::Set(_)
            | Kind::Map(_)
            | Kind::Unknown(_) => Some(()),
        }
    }
}
