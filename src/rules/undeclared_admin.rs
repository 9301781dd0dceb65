//! MFA304: somebody is an administrator in the account, and no code says so.

use super::{Check, Rule, differ};
use crate::drift::{Change, Kind};
use crate::finding::{Finding, RuleInfo, Severity};

static INFO: RuleInfo = RuleInfo {
    code: "MFA304",
    name: "undeclared-admin",
    severity: Severity::Critical,
    summary: "somebody is an administrator in the account, and no code says so",
    help: "take the rights away, or declare them in the code",
    compliance: &["CIS 1.16", "AWS-SecurityHub:IAM.1", "NIST.800-53.r5 AC-6"],
    page: include_str!("../../docs/rules/undeclared-admin.md"),
};

/// The rule.
pub(super) static RULE: Rule = Rule { info: &INFO, check: Check::Drift(check) };

fn check(change: &Change) -> Option<Finding> {
    let message =
        format!("no code makes {} an administrator: {}", differ::whom(change), differ::causes(change));
    differ::finding(&INFO, change, Kind::UndeclaredAdmin, message)
}
