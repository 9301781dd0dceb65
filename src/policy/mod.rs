//! What policy documents mean: parsing, matching and evaluation. Knows nothing of users, groups or files.

pub mod document;
pub mod parse;
