//! MFA005: the gate holds in the console and lets long-term access keys through.

use super::{Check, Rule, Subject, describe};
use crate::analysis::verdict::Enforcement;
use crate::finding::{Certainty, Finding, RuleInfo, Severity};
use crate::iam::facts::PrincipalKind;
use crate::tri::Tri;

static INFO: RuleInfo = RuleInfo {
    code: "MFA005",
    name: "access-keys-escape-mfa",
    severity: Severity::Medium,
    summary: "console sessions need MFA, long-term access keys do not",
    help: "write `BoolIfExists` instead of `Bool` in the Deny: requests signed with long-term keys do not carry \
           `aws:MultiFactorAuthPresent` at all, and `Bool` does not match a key that is missing",
    compliance: &["NIST.800-53.r5 IA-2(2)", "PCI-DSS 8.4.2"],
    page: include_str!("../../docs/rules/access-keys-escape-mfa.md"),
};

/// The rule.
pub(super) static RULE: Rule = Rule { info: &INFO, check: Check::Principal(check) };

fn check(subject: &Subject<'_>) -> Option<Finding> {
    let judged = subject.judged;
    let v = &judged.verdict;
    if v.kind != PrincipalKind::User || !describe::gated(v.mfa) {
        return None;
    }
    let escapes = match (v.mfa, v.mfa_keys) {
        (_, Enforcement::NotEnforced) | (Enforcement::Enforced, Enforcement::Partial) => Tri::Yes,
        (_, Enforcement::Unknown) => Tri::Maybe,
        (_, Enforcement::Enforced | Enforcement::Partial | Enforcement::NotApplicable) => Tri::No,
    };
    let holds = escapes & v.keys;
    let has = if v.keys.is_yes() { "has, or can create, access keys" } else { "may have access keys" };
    let message = format!(
        "{} {has} that work without MFA, although its console sessions need MFA",
        describe::who(judged)
    );
    let mut finding = Finding::new(&INFO, judged.span, holds, describe::subject(judged), message)?;
    let proof = &judged.proof;
    describe::move_to_gate(&mut finding, proof);
    describe::prove(&mut finding, proof.keys.iter().chain(&proof.gate).chain(&proof.holes));
    if finding.certainty == Certainty::Possible {
        describe::name_unknowns(&mut finding, &judged.verdict.unknown);
    }
    Some(finding)
}
