//! MFA306: code enforces MFA for somebody, the account does not.

use super::{Check, Rule, differ};
use crate::drift::{Change, Kind};
use crate::finding::{Finding, RuleInfo, Severity};

static INFO: RuleInfo = RuleInfo {
    code: "MFA306",
    name: "gate-missing",
    severity: Severity::Critical,
    summary: "code enforces MFA for somebody, the account does not",
    help: "apply the code, so that the gate is there again",
    compliance: &["CIS 1.10", "NIST.800-53.r5 IA-2(1)", "PCI-DSS 8.4.2"],
    page: include_str!("../../docs/rules/gate-missing.md"),
};

/// The rule.
pub(super) static RULE: Rule = Rule { info: &INFO, check: Check::Drift(check) };

fn check(change: &Change) -> Option<Finding> {
    let message = format!(
        "code enforces MFA for {}, the account does not: {}",
        differ::whom(change),
        differ::causes(change)
    );
    differ::finding(&INFO, change, Kind::GateMissing, message)
}
