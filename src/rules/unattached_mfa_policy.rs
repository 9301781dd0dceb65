//! MFA103: a policy that enforces MFA and that nobody has.

use super::{Check, PolicySubject, Rule, describe};
use crate::finding::{Certainty, Finding, RuleInfo, Severity};
use crate::tri::Tri;

static INFO: RuleInfo = RuleInfo {
    code: "MFA103",
    name: "unattached-mfa-policy",
    severity: Severity::Medium,
    summary: "a policy that enforces MFA is attached to nobody",
    help: "attach it to the groups whose members it is for, or remove it",
    compliance: &["NIST.800-53.r5 IA-2(1)", "PCI-DSS 8.4.2"],
    page: include_str!("../../docs/rules/unattached-mfa-policy.md"),
};

/// The rule.
pub(super) static RULE: Rule = Rule { info: &INFO, check: Check::Policy(check) };

fn check(subject: &PolicySubject<'_>) -> Vec<Finding> {
    let policy = subject.policy;
    let gates = policy.statements.iter().filter(|(s, _)| s.is_gate());
    let enforces = gates.clone().map(|&(_, certain)| certain).fold(Tri::No, |a, b| a | b);
    let holds = policy.unattached & enforces;
    let message = if policy.unattached.is_yes() {
        "this policy enforces MFA and is attached to nobody, so it enforces nothing".to_owned()
    } else {
        let why = describe::reasons(&policy.perhaps);
        format!("this policy enforces MFA and may be attached to nobody: {why}")
    };
    let Some(mut finding) = Finding::new(&INFO, policy.span, holds, &policy.address, message) else {
        return Vec::new();
    };
    for (gate, _) in gates {
        describe::point(&mut finding, gate.span, "it denies without MFA here");
    }
    if finding.certainty == Certainty::Possible {
        describe::name_unknowns(&mut finding, &policy.perhaps);
    }
    vec![finding]
}
