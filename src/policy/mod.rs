//! What policy documents mean: parsing, matching and evaluation. Knows nothing of users, groups or files.

pub mod actions;
pub mod arn;
pub mod bits;
pub mod classes;
pub mod condition;
pub mod document;
pub mod eval;
pub mod json;
pub mod judge;
#[cfg(test)]
mod laws;
pub mod managed;
pub mod mfa_use;
pub mod misspelt;
pub mod operators;
pub mod parse;
pub mod pattern;
pub mod simulate;
pub mod slices;
pub mod trust;
pub mod truth;
pub mod universe;
pub mod verdict;
