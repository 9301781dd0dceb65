//! MFA105: a gate that nobody can ever pass.

use super::{Check, PolicySubject, Rule, describe};
use crate::finding::{Finding, RuleInfo, Severity};
use crate::policy::document::Effect;
use crate::policy::lockout::Lockout;

static INFO: RuleInfo = RuleInfo {
    code: "MFA105",
    name: "mfa-lockout",
    severity: Severity::Low,
    summary: "under this policy nobody can enrol a device, or do anything at all",
    help: "exempt `iam:CreateVirtualMFADevice`, `iam:EnableMFADevice`, `iam:ListMFADevices` and `sts:GetSessionToken` from the Deny, with `NotAction`",
    compliance: &["NIST.800-53.r5 IA-2(1)"],
    page: include_str!("../../docs/rules/mfa-lockout.md"),
};

/// The rule.
pub(super) static RULE: Rule = Rule { info: &INFO, check: Check::Policy(check) };

fn check(subject: &PolicySubject<'_>) -> Vec<Finding> {
    let policy = subject.policy;
    let Some((lockout, certain)) = policy.lockout else { return Vec::new() };
    let mut denies = policy.statements.iter().map(|(s, _)| s).filter(|s| s.effect == Some(Effect::Deny));
    let statement = match lockout {
        Lockout::Enrolment => denies.clone().find(|s| s.is_gate()).or_else(|| denies.next()),
        Lockout::Everything => denies.next(),
    };
    let name = statement.map_or_else(|| "this policy".to_owned(), describe::statement);
    let message = match lockout {
        Lockout::Enrolment => format!(
            "{name} denies enrolling a device without MFA: whoever has this policy and no device can never get one"
        ),
        Lockout::Everything => {
            format!("{name} leaves nothing: with MFA and without, whoever has this policy can do nothing")
        }
    };
    let span = statement.map_or(policy.span, |s| s.span);
    Finding::new(&INFO, span, certain, &policy.address, message).into_iter().collect()
}
