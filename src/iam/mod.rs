//! The one model every source lowers to: principals, credentials, policies, attachments, memberships.

pub mod facts;
