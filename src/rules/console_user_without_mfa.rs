//! MFA001: a user with a console password who can use it without MFA.

use super::{Check, Rule, Subject, describe};
use crate::finding::{Certainty, Finding, RuleInfo, Severity};
use crate::iam::facts::PrincipalKind;

static INFO: RuleInfo = RuleInfo {
    code: "MFA001",
    name: "console-user-without-mfa",
    severity: Severity::High,
    summary: "a user with a console password can act without MFA",
    help: "attach a policy that denies everything but enrolling a device unless `aws:MultiFactorAuthPresent` is true \
           (`Deny` with `BoolIfExists` and the value `false`), or remove the login profile",
    compliance: &["CIS 1.10", "AWS-SecurityHub:IAM.5", "NIST.800-53.r5 IA-2(1)", "PCI-DSS 8.4.2"],
    page: include_str!("../../docs/rules/console-user-without-mfa.md"),
};

/// The rule.
pub(super) static RULE: Rule = Rule { info: &INFO, check: Check::Verdict(check) };

fn check(subject: &Subject<'_>) -> Option<Finding> {
    let judged = subject.judged;
    let v = &judged.verdict;
    if v.kind != PrincipalKind::User {
        return None;
    }
    let holds = describe::known_here(judged, v.console) & describe::weak(v.mfa);
    let has = if v.console.is_yes() { "has a console password" } else { "may have a console password" };
    let message = format!("{} {has} {}", describe::who(judged), describe::without_mfa(judged));
    let mut finding = Finding::new(&INFO, judged.span, holds, describe::subject(judged), message)?;
    let proof = &judged.proof;
    describe::prove(
        &mut finding,
        proof.console.iter().chain(&proof.gate).chain(&proof.holes).chain(&proof.grants),
    );
    describe::close_the_gate(&mut finding, judged);
    if finding.certainty == Certainty::Possible {
        describe::name_unknowns(&mut finding, &judged.verdict.unknown);
    }
    Some(finding)
}
