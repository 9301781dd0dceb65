//! MFA309: a declared user has a console password and no MFA device.

use super::{Check, Rule, differ};
use crate::drift::{Change, Kind};
use crate::finding::{Finding, RuleInfo, Severity};

static INFO: RuleInfo = RuleInfo {
    code: "MFA309",
    name: "console-user-without-device",
    severity: Severity::High,
    summary: "a declared user has a console password and no MFA device",
    help: "enrol an MFA device for the user, or remove the console password",
    compliance: &["CIS 1.10", "AWS-SecurityHub:IAM.5", "NIST.800-53.r5 IA-2(1)", "PCI-DSS 8.4.2"],
    page: include_str!("../../docs/rules/console-user-without-device.md"),
};

/// The rule.
pub(super) static RULE: Rule = Rule { info: &INFO, check: Check::Drift(check) };

fn check(change: &Change) -> Option<Finding> {
    differ::finding(&INFO, change, Kind::NoDevice, differ::message(change))
}
