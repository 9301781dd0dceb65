//! MFA303: something that code declares is not in the account: a principal, a path, a password.

use super::{Check, Rule, differ};
use crate::drift::{Change, Kind};
use crate::finding::{Finding, RuleInfo, Severity};

static INFO: RuleInfo = RuleInfo {
    code: "MFA303",
    name: "missing-user",
    severity: Severity::Info,
    summary: "something that code declares is not in the account: a principal, a path, a password",
    help: "apply the code, or remove it from the code",
    compliance: &["NIST.800-53.r5 CM-3"],
    page: include_str!("../../docs/rules/missing-user.md"),
};

/// The rule.
pub(super) static RULE: Rule = Rule { info: &INFO, check: Check::Drift(check) };

fn check(change: &Change) -> Option<Finding> {
    differ::finding(&INFO, change, Kind::Missing, differ::message(change))
}
