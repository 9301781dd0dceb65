//! MFA002: an administrator who can act without MFA, in the console or with access keys.

use super::{Check, Rule, Subject, describe};
use crate::finding::{Certainty, Finding, RuleInfo, Severity};
use crate::iam::facts::PrincipalKind;
use crate::tri::Tri;

static INFO: RuleInfo = RuleInfo {
    code: "MFA002",
    name: "admin-user-without-mfa",
    severity: Severity::Critical,
    summary: "a user with administrator rights can act without MFA",
    help: "attach a policy that denies everything but enrolling a device unless `aws:MultiFactorAuthPresent` is true \
           (`Deny` with `BoolIfExists` and the value `false`) to the user or to the group that grants the rights",
    compliance: &["CIS 1.10", "AWS-SecurityHub:IAM.5", "NIST.800-53.r5 IA-2(1)", "PCI-DSS 8.4.2"],
    page: include_str!("../../docs/rules/admin-user-without-mfa.md"),
};

/// The rule.
pub(super) static RULE: Rule = Rule { info: &INFO, check: Check::Verdict(check) };

fn check(subject: &Subject<'_>) -> Option<Finding> {
    let judged = subject.judged;
    let v = &judged.verdict;
    if v.kind != PrincipalKind::User {
        return None;
    }
    let holds = describe::known_here(judged, v.admin) & (describe::weak(v.mfa) | describe::weak(v.mfa_keys));
    let has = match (v.admin, v.console) {
        (Tri::Yes, Tri::Yes) => "has administrator rights and a console password",
        (Tri::Yes, Tri::Maybe) => "has administrator rights and perhaps a console password",
        (Tri::Yes, Tri::No) => "has administrator rights",
        (Tri::Maybe | Tri::No, _) => "may have administrator rights",
    };
    let message = format!("{} {has} {}", describe::who(judged), describe::without_mfa(judged));
    let mut finding = Finding::new(&INFO, judged.span, holds, describe::subject(judged), message)?;
    let proof = &judged.proof;
    describe::prove(
        &mut finding,
        proof.admin.iter().chain(&proof.console).chain(&proof.gate).chain(&proof.holes),
    );
    describe::close_the_gate(&mut finding, judged);
    if finding.certainty == Certainty::Possible {
        describe::name_unknowns(&mut finding, &judged.verdict.unknown);
    }
    Some(finding)
}
