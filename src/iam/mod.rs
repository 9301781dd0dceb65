//! The one model every source lowers to: principals, credentials, policies, attachments, memberships.

pub mod build;
pub mod exports;
pub mod facts;
pub mod model;
mod names;
