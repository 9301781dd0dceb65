//! Tells, per principal, whether MFA is enforced for AWS console users and administrators.
//!
//! ```text
//! files ─► frontend::{terraform, cloudformation} ─► iam::IamModel ─► policy ─► analysis ─► rules ─► report
//! ```
//!
//! The order of the modules below is the layering: a module uses only modules above it.

pub mod limits;
pub mod json;
pub mod distinct;
pub mod source;
pub mod tri;
pub mod diagnostic;
pub mod value;
pub mod fs;
pub mod policy;
pub mod iam;
pub mod frontend;
pub mod account;
pub mod discover;
pub mod analysis;
pub mod drift;
pub mod finding;
pub mod rules;
pub mod triage;
pub mod scan;
pub mod fix;
pub mod status;
#[cfg(feature = "live")]
pub mod live;
pub mod compare;
pub mod report;
pub mod lsp;
pub mod cli;
