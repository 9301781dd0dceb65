//! What policy documents mean: parsing, matching and evaluation. Knows nothing of users, groups or files.
//!
//! Three steps: [`parse::parse`] reads a document (a structure, or JSON text) and never fails, what is wrong with it
//! is in [`document::Parsed::problems`]; [`eval::Grants`] holds the documents that bear on one principal;
//! [`judge::judge`] says whether they enforce MFA, what stays open without it, and why. A role is judged by its trust
//! policy, see [`trust::trust`]; single requests are decided by [`simulate`].
//!
//! ```
//! use mfaguard::policy::eval::Grants;
//! use mfaguard::policy::judge::{HoleKind, judge};
//! use mfaguard::policy::parse::{DocumentKind, parse};
//! use mfaguard::policy::slices::Subject;
//! use mfaguard::policy::verdict::Ruling;
//! use mfaguard::value::Value;
//!
//! let text = r#"{
//!     "Version": "2012-10-17",
//!     "Statement": [
//!         {"Effect": "Allow", "Action": "*", "Resource": "*"},
//!         {
//!             "Effect": "Deny", "NotAction": "iam:EnableMFADevice", "Resource": "*",
//!             "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "false"}}
//!         }
//!     ]
//! }"#;
//! let parsed = parse(&Value::string(text, None), DocumentKind::Identity);
//! assert!(parsed.problems.is_empty());
//!
//! let grants = Grants { identity: vec![&parsed.document], ..Grants::default() };
//! let judgement = judge(&grants, &Subject { name: Some("alice".to_owned()), ..Subject::default() });
//! assert_eq!(judgement.mfa, Ruling::Enforced);
//! // Access keys carry no information on MFA: `Bool` does not match a key that is missing.
//! assert_eq!(judgement.mfa_keys, Ruling::NotEnforced);
//! assert_eq!(judgement.holes[0].kind, HoleKind::Operator);
//! assert_eq!(judgement.holes[0].text, "Bool");
//! ```
//!
//! [`gate::Gate`] is the policy that enforces, [`write::write`] puts it into the languages policies are kept in.

pub mod actions;
pub mod arn;
pub mod bits;
#[cfg(test)]
mod cases;
pub mod classes;
pub(crate) mod compose;
pub mod condition;
pub mod difference;
pub mod document;
pub mod eval;
pub mod gate;
pub mod json;
pub mod judge;
#[cfg(test)]
mod laws;
mod likeness;
pub mod lockout;
pub mod managed;
pub mod mfa_use;
pub mod misspelt;
pub mod names;
pub mod operators;
pub mod parse;
pub mod pattern;
pub mod simulate;
pub mod slices;
pub mod trust;
pub mod truth;
pub mod universe;
pub mod verdict;
pub mod write;
