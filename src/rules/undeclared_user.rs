//! MFA302: a principal of an account is in no code.

use super::{Check, Rule, differ};
use crate::drift::{Change, Kind};
use crate::finding::{Finding, RuleInfo, Severity};

static INFO: RuleInfo = RuleInfo {
    code: "MFA302",
    name: "undeclared-user",
    severity: Severity::Low,
    summary: "a principal of an account is in no code",
    help: "declare it, remove it, or name it under `[[managed-elsewhere]]` with the reason",
    compliance: &["NIST.800-53.r5 AC-2", "NIST.800-53.r5 CM-8"],
    page: include_str!("../../docs/rules/undeclared-user.md"),
};

/// The rule.
pub(super) static RULE: Rule = Rule { info: &INFO, check: Check::Drift(check) };

fn check(change: &Change) -> Option<Finding> {
    differ::finding(&INFO, change, Kind::UndeclaredUser, differ::message(change))
}
