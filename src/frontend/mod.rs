//! Frontends turn sources into facts. They never judge.

pub mod cloudformation;
pub mod remarks;
pub mod terraform;

use std::path::PathBuf;

use crate::diagnostic::Diagnostic;
use crate::iam::facts::{Fact, Facts};

/// Why policies of an organization are not judged.
pub(crate) const ORGANIZATION_POLICY: &str =
    "a policy of the organization can only take rights away, and does not bind every account";

/// Why permission sets are not judged.
pub(crate) const PERMISSION_SET: &str =
    "whether people sign in with MFA is a setting of Identity Center, not of its permission sets";

/// What a frontend made of one unit: a Terraform root module, a CloudFormation template.
#[derive(Debug, Default)]
pub struct Lowered {
    /// What the unit declares.
    pub facts: Facts,
    /// What stack sets of the unit declare, each in accounts of its own: nothing there is joined with what the unit
    /// declares, apart from its open choices.
    pub sets: Vec<Vec<Fact>>,
    /// Problems with the input.
    pub diagnostics: Vec<Diagnostic>,
    /// Files that were read, as they are shown.
    pub files: Vec<PathBuf>,
}
