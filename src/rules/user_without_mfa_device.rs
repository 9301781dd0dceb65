//! MFA201: a user who signs in at the console without a device.

use super::{AccountUser, Check, Rule, describe, remedy};
use crate::finding::{Finding, RuleInfo, Severity};

static INFO: RuleInfo = RuleInfo {
    code: "MFA201",
    name: "user-without-mfa-device",
    severity: Severity::High,
    summary: "a user of an account has a console password and no MFA device",
    help: "enrol an MFA device for the user, or remove the console password",
    compliance: &["CIS 1.10", "AWS-SecurityHub:IAM.5", "NIST.800-53.r5 IA-2(1)", "PCI-DSS 8.4.2"],
    page: include_str!("../../docs/rules/user-without-mfa-device.md"),
};

/// The rule.
pub(super) static RULE: Rule = Rule { info: &INFO, check: Check::Device(check) };

fn check(subject: &AccountUser<'_>) -> Option<Finding> {
    let user = subject.live.user;
    let holds = subject.live.lacks_device();
    let message = format!("user `{}` {}", user.name, describe::password_and_device(user));
    let mut finding = Finding::new(&INFO, user.span, holds, describe::account_user(user), message)?;
    finding.remedy(remedy::enrol(subject));
    Some(finding)
}
