//! MFA307: a policy of the account means something else than in the code.

use super::{Check, Rule, differ};
use crate::drift::{Change, Kind};
use crate::finding::{Finding, RuleInfo, Severity};

static INFO: RuleInfo = RuleInfo {
    code: "MFA307",
    name: "gate-changed",
    severity: Severity::High,
    summary: "a policy of the account means something else than in the code",
    help: "apply the code, or take the change over into it",
    compliance: &["NIST.800-53.r5 AC-3", "NIST.800-53.r5 CM-3"],
    page: include_str!("../../docs/rules/gate-changed.md"),
};

/// The rule.
pub(super) static RULE: Rule = Rule { info: &INFO, check: Check::Drift(check) };

fn check(change: &Change) -> Option<Finding> {
    differ::finding(&INFO, change, Kind::PolicyChanged, differ::message(change))
}
