//! MFA308: code declares a virtual MFA device that nobody has enabled.

use super::{Check, Rule, differ};
use crate::drift::{Change, Kind};
use crate::finding::{Finding, RuleInfo, Severity};

static INFO: RuleInfo = RuleInfo {
    code: "MFA308",
    name: "declared-device-not-enabled",
    severity: Severity::Medium,
    summary: "code declares a virtual MFA device that nobody has enabled",
    help: "let the user enable the device (`aws iam enable-mfa-device`), or remove it from the code",
    compliance: &["CIS 1.10", "NIST.800-53.r5 IA-2(1)"],
    page: include_str!("../../docs/rules/declared-device-not-enabled.md"),
};

/// The rule.
pub(super) static RULE: Rule = Rule { info: &INFO, check: Check::Drift(check) };

fn check(change: &Change) -> Option<Finding> {
    differ::finding(&INFO, change, Kind::DeviceNotEnabled, differ::message(change))
}
