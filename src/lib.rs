//! Tells, per principal, whether MFA is enforced for AWS console users and administrators.
//!
//! ```text
//! files ─► frontend::{terraform, cloudformation} ─► iam::IamModel ─► policy ─► analysis ─► rules ─► report
//! ```

pub mod analysis;
pub mod diagnostic;
pub mod finding;
pub mod frontend;
pub mod fs;
pub mod iam;
pub mod limits;
pub mod policy;
pub mod source;
pub mod tri;
pub mod value;
