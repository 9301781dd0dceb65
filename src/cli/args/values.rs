//! Values of arguments, read.

use clap::builder::{PossibleValuesParser, TypedValueParser as _};

use crate::finding::Severity;
use crate::policy::arn::is_account;
use crate::rules::OnUnknown;

/// What makes the exit code 1: findings of at least this severity, or nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::cli) struct FailOn(pub(in crate::cli) Option<Severity>);

pub(super) fn fail_on() -> impl clap::builder::TypedValueParser<Value = FailOn> {
    let names = Severity::ALL.iter().map(|s| s.as_str()).chain(["never"]);
    PossibleValuesParser::new(names.collect::<Vec<_>>())
        .map(|name| FailOn(Severity::ALL.into_iter().find(|s| s.as_str() == name)))
}

pub(super) fn on_unknown() -> impl clap::builder::TypedValueParser<Value = OnUnknown> {
    let find = |name: String| OnUnknown::ALL.into_iter().find(|what| what.as_str() == name);
    PossibleValuesParser::new(OnUnknown::ALL.map(OnUnknown::as_str))
        .map(move |name| find(name).unwrap_or_default())
}

pub(super) fn account(text: &str) -> Result<String, String> {
    match text.trim() {
        number if is_account(number) => Ok(number.to_owned()),
        _ => Err("the number of an account has twelve digits".to_owned()),
    }
}

/// "IAM and AWS STS quotas": names of roles.
pub(super) fn role_name(text: &str) -> Result<String, String> {
    let fits = |b: u8| b.is_ascii_alphanumeric() || b"_+=,.@-".contains(&b);
    match (1..=64).contains(&text.len()) && text.bytes().all(fits) {
        true => Ok(text.to_owned()),
        false => Err("the name of a role has up to 64 letters, digits and `_+=,.@-`".to_owned()),
    }
}

/// `AssumeRole`, parameter `ExternalId`.
pub(super) fn external_id(text: &str) -> Result<String, String> {
    let fits = |b: u8| b.is_ascii_alphanumeric() || b"_+=,.@:/-".contains(&b);
    match (2..=1224).contains(&text.len()) && text.bytes().all(fits) {
        true => Ok(text.to_owned()),
        false => Err("an external id has 2 to 1224 letters, digits and `_+=,.@:/-`".to_owned()),
    }
}

pub(super) fn assignment(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.trim().is_empty() => Ok((name.trim().to_owned(), value.to_owned())),
        Some(_) | None => Err("write it as NAME=VALUE".to_owned()),
    }
}
