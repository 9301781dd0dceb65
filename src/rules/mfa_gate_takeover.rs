//! MFA006: what a gate leaves open lets the caller remove the gate or become someone else.

use super::{Check, Rule, Subject, describe};
use crate::analysis::Judged;
use crate::finding::{Finding, RuleInfo, Severity};
use crate::iam::facts::PrincipalKind;
use crate::tri::Tri;

static INFO: RuleInfo = RuleInfo {
    code: "MFA006",
    name: "mfa-gate-takeover",
    severity: Severity::Critical,
    summary: "what stays open without MFA is enough to remove the gate or to become someone else",
    help: "leave only the actions in `NotAction` that enrolling a device needs: `iam:CreateVirtualMFADevice`, \
           `iam:EnableMFADevice`, `iam:ListMFADevices`, `iam:ListVirtualMFADevices`, `iam:ResyncMFADevice`, \
           `iam:GetUser`, `sts:GetSessionToken`",
    compliance: &["NIST.800-53.r5 AC-2(1)", "PCI-DSS 8.4.2"],
    page: include_str!("../../docs/rules/mfa-gate-takeover.md"),
};

/// The rule.
pub(super) static RULE: Rule = Rule { info: &INFO, check: Check::Principal(check) };

/// Whether it fires for a principal.
pub(super) fn fires(judged: &Judged) -> bool {
    let v = &judged.verdict;
    let has_gate = describe::gated(v.mfa) || describe::gated(v.mfa_keys);
    v.kind != PrincipalKind::Role && has_gate && !v.open.takeover.is_empty()
}

fn check(subject: &Subject<'_>) -> Option<Finding> {
    let judged = subject.judged;
    let v = &judged.verdict;
    if !fires(judged) {
        return None;
    }
    // What an unknown part may still deny is open only perhaps.
    let certainty = match (describe::weak(v.mfa), describe::weak(v.mfa_keys)) {
        (Tri::Maybe, Tri::Maybe | Tri::No) | (Tri::No, Tri::Maybe) => Tri::Maybe,
        (Tri::Yes, _) | (_, Tri::Yes) | (Tri::No, Tri::No) => Tri::Yes,
    };
    let listed = v.open.takeover.iter().take(4).map(|a| format!("`{a}`")).collect::<Vec<_>>().join(", ");
    let rest = v.open.takeover.len().saturating_sub(4);
    let more = if rest > 0 { format!(" and {rest} more") } else { String::new() };
    let message = format!(
        "the MFA gate of {} can be walked around: {listed}{more} {} allowed without MFA",
        describe::who(judged),
        match (certainty, v.open.takeover.len()) {
            (Tri::Maybe, _) => "may be",
            (Tri::Yes | Tri::No, 1) => "is",
            (Tri::Yes | Tri::No, _) => "are",
        },
    );
    let mut finding = Finding::new(&INFO, judged.span, certainty, describe::subject(judged), message)?;
    let proof = &judged.proof;
    describe::move_to_gate(&mut finding, proof);
    describe::prove(&mut finding, proof.gate.iter().chain(&proof.holes));
    Some(finding)
}
