//! What units export, and others import, by name.
//!
//! A part of a name that is not known stands as `*`, which no name has ("Outputs" of the CloudFormation User Guide:
//! letters, digits, colons and hyphens).

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::sync::Arc;

use crate::limits;
use crate::policy::pattern::{Pattern, glob};
use crate::value::{Kind, Text, Unknown, Value};

/// The exports of the units of one account: which unit has which.
#[derive(Debug, Default)]
pub struct Exporters {
    /// By name. Of one that several units export, nobody knows which is meant.
    units: BTreeMap<String, Option<usize>>,
    /// Names with parts that are not known.
    open: Vec<(String, Pattern)>,
    /// What was looked for, and found.
    found: BTreeMap<String, Option<String>>,
    steps: usize,
}

impl Exporters {
    /// Notes that a unit has an export.
    pub fn add(&mut self, name: &str, unit: usize) {
        if let Some(known) = self.units.get_mut(name) {
            *known = None;
            return;
        }
        self.units.insert(name.to_owned(), Some(unit));
        if is_open(name) {
            self.open.push((name.to_owned(), pattern(name)));
        }
    }

    /// True when exactly one unit has an export of this name.
    pub fn has_one(&self, name: &str) -> bool {
        self.units.get(name).is_some_and(Option::is_some)
    }

    /// The export that an import means, and its unit: the one of that name. When there is none, or not all of the
    /// name is known, the only one that fits what is known.
    pub fn find(&mut self, import: &str) -> Option<(&str, usize)> {
        if is_open(import) || !self.units.contains_key(import) {
            if !self.found.contains_key(import) {
                let only = self.only_fitting(import);
                self.found.insert(import.to_owned(), only);
            }
            let name = self.found.get(import)?.as_deref()?;
            return self.unit_of(name);
        }
        self.unit_of(import)
    }

    fn unit_of(&self, name: &str) -> Option<(&str, usize)> {
        let (name, unit) = self.units.get_key_value(name)?;
        Some((name, (*unit)?))
    }

    fn only_fitting(&mut self, import: &str) -> Option<String> {
        // Nothing that is known fits everything.
        if !import.bytes().any(|b| b.is_ascii_alphanumeric()) {
            return None;
        }
        let compared = if is_open(import) { self.units.len() } else { 0 } + self.open.len();
        self.steps = self.steps.saturating_add(compared);
        if self.steps > limits::EXPORT_STEPS {
            return None;
        }
        let wanted = Some(pattern(import)).filter(|p| !p.is_literal());
        let fits = |p: &Pattern, name: &str| glob(p.tokens(), name.as_bytes(), false);
        let closed = self.units.keys().filter(|name| wanted.as_ref().is_some_and(|p| fits(p, name)));
        let open = self
            .open
            .iter()
            .filter(|(name, p)| fits(p, import) && !wanted.as_ref().is_some_and(|wanted| fits(wanted, name)));
        let mut all = closed.chain(open.map(|(name, _)| name));
        let first = all.next()?;
        if all.next().is_some() { None } else { Some(first.clone()) }
    }
}

/// True when a part of a name is not known.
fn is_open(name: &str) -> bool {
    name.contains('*')
}

fn pattern(name: &str) -> Pattern {
    Pattern::of(&Text::new(name))
}

/// What an alternative costs where it is filled in, as bytes.
const ARM_BYTES: usize = 256;

/// What imports stand for.
pub(super) struct Imports<'a> {
    exports: &'a BTreeMap<String, Value>,
    /// The export that each import is.
    names: &'a BTreeMap<Arc<str>, Arc<str>>,
    /// Exports with what they import themselves filled in; none while that is done, or when it is too much.
    done: RefCell<BTreeMap<&'a str, Option<Value>>>,
    left: Cell<usize>,
}

impl<'a> Imports<'a> {
    pub(super) fn new(exports: &'a BTreeMap<String, Value>, names: &'a BTreeMap<Arc<str>, Arc<str>>) -> Self {
        Self { exports, names, done: RefCell::default(), left: Cell::new(limits::IMPORT_BYTES) }
    }

    /// The value that an unknown is, when it is an import that is known.
    pub(super) fn value(&self, unknown: &Unknown) -> Option<Value> {
        self.value_at(unknown, 0)
    }

    fn value_at(&self, unknown: &Unknown, depth: usize) -> Option<Value> {
        let (name, value) = self.exports.get_key_value(&**self.names.get(unknown.imports()?)?)?;
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
