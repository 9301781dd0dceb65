//! MFA305: who is in which group, or has which policy, differs between code and account.

use super::{Check, Rule, differ};
use crate::drift::{Change, Kind};
use crate::finding::{Finding, RuleInfo, Severity};

static INFO: RuleInfo = RuleInfo {
    code: "MFA305",
    name: "membership-drift",
    severity: Severity::Medium,
    summary: "who is in which group, or has which policy, differs between code and account",
    help: "apply the code, or declare what the account has",
    compliance: &["NIST.800-53.r5 AC-2", "NIST.800-53.r5 CM-3"],
    page: include_str!("../../docs/rules/membership-drift.md"),
};

/// The rule.
pub(super) static RULE: Rule = Rule { info: &INFO, check: Check::Drift(check) };

fn check(change: &Change) -> Option<Finding> {
    differ::finding(&INFO, change, Kind::Membership, differ::message(change))
}
