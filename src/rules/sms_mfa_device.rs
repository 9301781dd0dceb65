//! MFA205: a device that is text messages.

use super::{AccountUser, Check, Rule, describe, remedy};
use crate::account::DeviceKind;
use crate::finding::{Finding, RuleInfo, Severity};
use crate::tri::Tri;

static INFO: RuleInfo = RuleInfo {
    code: "MFA205",
    name: "sms-mfa-device",
    severity: Severity::High,
    summary: "an MFA device of a user is text messages",
    help: "enrol a virtual device or a security key, then deactivate the SMS device",
    compliance: &["NIST.800-53.r5 IA-2(6)"],
    page: include_str!("../../docs/rules/sms-mfa-device.md"),
};

/// The rule.
pub(super) static RULE: Rule = Rule { info: &INFO, check: Check::User(check) };

fn check(subject: &AccountUser<'_>) -> Option<Finding> {
    let user = subject.live.user;
    let devices = &user.devices.value;
    let holds = Tri::from_bool(devices.iter().any(|d| d.kind == DeviceKind::Sms));
    let only = if devices.iter().all(|d| d.kind == DeviceKind::Sms) { " and nothing better" } else { "" };
    let message =
        format!("user `{}` gets MFA codes by SMS{only}, which can be intercepted and redirected", user.name);
    let mut finding = Finding::new(&INFO, user.span, holds, describe::account_user(user), message)?;
    finding.remedy(remedy::replace_sms(subject));
    Some(finding)
}
