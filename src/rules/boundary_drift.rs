//! MFA310: the permissions boundary of somebody is another one than in the code.

use super::{Check, Rule, differ};
use crate::drift::{Change, Kind};
use crate::finding::{Finding, RuleInfo, Severity};

static INFO: RuleInfo = RuleInfo {
    code: "MFA310",
    name: "boundary-drift",
    severity: Severity::High,
    summary: "the permissions boundary of somebody is another one than in the code",
    help: "apply the code, or declare the boundary that the account has",
    compliance: &["NIST.800-53.r5 AC-6", "NIST.800-53.r5 CM-3"],
    page: include_str!("../../docs/rules/boundary-drift.md"),
};

/// The rule.
pub(super) static RULE: Rule = Rule { info: &INFO, check: Check::Drift(check) };

fn check(change: &Change) -> Option<Finding> {
    differ::finding(&INFO, change, Kind::Boundary, differ::message(change))
}
