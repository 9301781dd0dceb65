//! Terraform and OpenTofu: configuration is indexed, evaluated on demand and lowered to facts.

pub mod eval;
pub mod functions;
pub mod types;
