//! Lists without repetition.

use std::collections::HashSet;
use std::hash::Hash;

/// Things in the order in which they came, each once.
#[derive(Debug, Clone)]
pub struct Distinct<T> {
    list: Vec<T>,
    seen: HashSet<T>,
}

impl<T> Default for Distinct<T> {
    fn default() -> Self {
        Self { list: Vec::new(), seen: HashSet::new() }
    }
}

impl<T: Clone + Eq + Hash> Distinct<T> {
    /// Adds one, unless it is there.
    pub fn push(&mut self, item: &T) {
        if self.seen.insert(item.clone()) {
            self.list.push(item.clone());
        }
    }

    /// The list.
    pub fn into_vec(self) -> Vec<T> {
        self.list
    }
}
