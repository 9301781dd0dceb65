//! MFA301: a user of an account has a console password that no code declares.

use super::{Check, Rule, differ, remedy};
use crate::drift::{Change, Kind};
use crate::finding::{Certainty, Finding, RuleInfo, Severity};

static INFO: RuleInfo = RuleInfo {
    code: "MFA301",
    name: "undeclared-console-user",
    severity: Severity::High,
    summary: "a user of an account has a console password that no code declares",
    help: "remove the password, or declare it in the code",
    compliance: &["CIS 1.10", "NIST.800-53.r5 AC-2", "NIST.800-53.r5 CM-3"],
    page: include_str!("../../docs/rules/undeclared-console-user.md"),
};

/// The rule.
pub(super) static RULE: Rule = Rule { info: &INFO, check: Check::Drift(check) };

fn check(change: &Change) -> Option<Finding> {
    let message = differ::message(change);
    let mut finding = differ::finding(&INFO, change, Kind::UndeclaredConsoleUser, message)?;
    finding.remedy(vec![remedy::remove_password(&change.who.name)]);
    finding.help.push_str("; or declare it in the code");
    if change.admin.is_yes() && finding.certainty == Certainty::Proven {
        finding.severity = Severity::Critical;
    }
    Some(finding)
}
