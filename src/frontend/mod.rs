//! Frontends turn sources into facts. They never judge.

pub mod cloudformation;
pub mod terraform;

use std::path::PathBuf;

use crate::diagnostic::Diagnostic;
use crate::iam::facts::Facts;

/// What a frontend made of one unit: a Terraform root module, a CloudFormation template.
#[derive(Debug, Default)]
pub struct Lowered {
    /// What the unit declares.
    pub facts: Facts,
    /// Problems with the input.
    pub diagnostics: Vec<Diagnostic>,
    /// Files that were read, as they are shown.
    pub files: Vec<PathBuf>,
}
