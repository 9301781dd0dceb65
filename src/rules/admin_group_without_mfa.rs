//! MFA003: a group that grants administrator rights and does not bring the gate.

use super::{Check, Rule, Subject, describe};
use crate::analysis::verdict::Enforcement;
use crate::finding::{Certainty, Finding, RuleInfo, Severity};
use crate::iam::facts::PrincipalKind;

static INFO: RuleInfo = RuleInfo {
    code: "MFA003",
    name: "admin-group-without-mfa",
    severity: Severity::High,
    summary: "a group grants administrator rights and does not enforce MFA itself",
    help: "attach the MFA-enforcing policy to this group as well, so that whoever joins it is covered",
    compliance: &["CIS 1.10", "NIST.800-53.r5 IA-2(1)", "PCI-DSS 8.4.2"],
    page: include_str!("../../docs/rules/admin-group-without-mfa.md"),
};

/// The rule.
pub(super) static RULE: Rule = Rule { info: &INFO, check: Check::Verdict(check) };

fn check(subject: &Subject<'_>) -> Option<Finding> {
    let judged = subject.judged;
    let v = &judged.verdict;
    if v.kind != PrincipalKind::Group || members_are_covered(subject) {
        return None;
    }
    let holds = describe::known_here(judged, v.admin) & (describe::weak(v.mfa) | describe::weak(v.mfa_keys));
    let grants =
        if v.admin.is_yes() { "grants administrator rights" } else { "may grant administrator rights" };
    let message = format!("{} {grants} {}", describe::who(judged), describe::without_mfa(judged));
    let mut finding = Finding::new(&INFO, judged.span, holds, describe::subject(judged), message)?;
    let proof = &judged.proof;
    describe::prove(&mut finding, proof.admin.iter().chain(&proof.gate).chain(&proof.holes));
    describe::close_the_gate(&mut finding, judged);
    if finding.certainty == Certainty::Possible {
        describe::name_unknowns(&mut finding, &judged.verdict.unknown);
    }
    Some(finding)
}

/// True when the group has members here and each of them is gated by something else.
fn members_are_covered(subject: &Subject<'_>) -> bool {
    let mut members = subject
        .all
        .iter()
        .filter(|j| {
            subject.model.principal(j.principal).is_some_and(|p| {
                p.memberships.iter().any(|m| m.group.as_ref().is_ok_and(|&g| g == subject.judged.principal))
            })
        })
        .peekable();
    members.peek().is_some()
        && members
            .all(|m| m.verdict.mfa == Enforcement::Enforced && m.verdict.mfa_keys == Enforcement::Enforced)
}
