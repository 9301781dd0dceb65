//! Principals as a configuration names them.

use crate::iam::facts::PrincipalKind;
use crate::policy::pattern::{Token, glob, wildcard};

/// Principals of a kind, by a pattern for their names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrincipalPattern {
    /// Their kind.
    pub kind: PrincipalKind,
    /// Their names: `*` and `?` stand for anything and any character. Case does not matter, as in IAM.
    pub name: String,
}

impl PrincipalPattern {
    /// Whether it holds a principal.
    pub fn holds(&self, kind: PrincipalKind, name: &str) -> bool {
        let tokens: Vec<Token> = self.name.bytes().map(wildcard).collect();
        self.kind == kind && glob(&tokens, name.as_bytes(), true)
    }
}
