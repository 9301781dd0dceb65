//! Names bound around an expression: iterators, `each`, `self`, template variables.

use std::sync::Arc;

use crate::value::{Entries, Value};

/// A persistent chain of bound names. Cloning and binding are cheap; the innermost binding wins.
#[derive(Debug, Clone, Default)]
pub struct Locals(Option<Arc<Link>>);

#[derive(Debug)]
struct Link {
    name: Arc<str>,
    value: Value,
    outer: Locals,
}

impl Locals {
    /// No names.
    pub fn new() -> Self {
        Self::default()
    }

    /// The entries of a map, by their keys.
    pub fn of(entries: &Entries) -> Self {
        entries.iter().fold(Self::new(), |l, (name, e)| l.bind(Arc::clone(name), e.value.clone()))
    }

    /// The same names and one more, which hides an older one of the same name.
    pub fn bind(&self, name: impl Into<Arc<str>>, value: Value) -> Self {
        Self(Some(Arc::new(Link { name: name.into(), value, outer: self.clone() })))
    }

    /// The value of a name.
    pub fn get(&self, name: &str) -> Option<&Value> {
        let mut at = self;
        while let Some(link) = &at.0 {
            if &*link.name == name {
                return Some(&link.value);
            }
            at = &link.outer;
        }
        None
    }
}
