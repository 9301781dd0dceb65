//! MFA202: an administrator with a password or a key and without a device.

use super::{AccountUser, Check, Rule, describe, remedy};
use crate::finding::{Finding, RuleInfo, Severity};
use crate::tri::Tri;

static INFO: RuleInfo = RuleInfo {
    code: "MFA202",
    name: "admin-without-mfa-device",
    severity: Severity::Critical,
    summary: "an administrator of an account has a password or a key and no MFA device",
    help: "enrol an MFA device for the administrator, or remove the password and the keys",
    compliance: &["CIS 1.10", "AWS-SecurityHub:IAM.5", "AWS-SecurityHub:IAM.19", "NIST.800-53.r5 IA-2(1)"],
    page: include_str!("../../docs/rules/admin-without-mfa-device.md"),
};

/// The rule.
pub(super) static RULE: Rule = Rule { info: &INFO, check: Check::Device(check) };

fn check(subject: &AccountUser<'_>) -> Option<Finding> {
    let live = subject.live;
    // Without any policy nothing hints at an administrator.
    let judged = live.judged?;
    let user = live.user;
    let holds = live.is_admin_without_device();
    let is = if live.admin() == Tri::Yes { "is an administrator" } else { "may be an administrator" };
    let way = match live.admin_way() {
        [] => String::new(),
        way => format!(" ({})", way.join(", ")),
    };
    let has = describe::password_and_device(user);
    let message = format!("user `{}` {is}{way} and {has}", user.name);
    let mut finding = Finding::new(&INFO, user.span, holds, describe::account_user(user), message)?;
    finding.remedy(remedy::enrol(subject));
    describe::prove(&mut finding, &judged.proof.admin);
    Some(finding)
}
