//! The one model every source lowers to: principals, credentials, policies, attachments, memberships.

pub mod build;
mod exports;
pub mod facts;
pub mod model;
mod names;
pub mod pattern;
mod replaced;
