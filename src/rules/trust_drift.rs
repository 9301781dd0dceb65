//! MFA311: others may assume a role of the account than the code says.

use super::{Check, Rule, differ};
use crate::drift::{Change, Kind};
use crate::finding::{Finding, RuleInfo, Severity};

static INFO: RuleInfo = RuleInfo {
    code: "MFA311",
    name: "trust-drift",
    severity: Severity::High,
    summary: "others may assume a role of the account than the code says",
    help: "apply the code, or take the trust policy over into it",
    compliance: &["NIST.800-53.r5 AC-3", "NIST.800-53.r5 CM-3"],
    page: include_str!("../../docs/rules/trust-drift.md"),
};

/// The rule.
pub(super) static RULE: Rule = Rule { info: &INFO, check: Check::Drift(check) };

fn check(change: &Change) -> Option<Finding> {
    differ::finding(&INFO, change, Kind::Trust, differ::message(change))
}
