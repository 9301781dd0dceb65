//! MFA206: what the policies of an account leave open without MFA, as far as it is within reach.

use super::{AccountUser, Check, Rule, describe, remedy};
use crate::finding::{Certainty, Finding, RuleInfo, Severity};
use crate::tri::Tri;

static INFO: RuleInfo = RuleInfo {
    code: "MFA206",
    name: "mfa-not-enforced-live",
    severity: Severity::Medium,
    summary: "the policies of an account let a user act without MFA, and the user can",
    help: "attach a policy that denies everything but enrolling a device unless `aws:MultiFactorAuthPresent` is true \
           (`mfaguard policy --enforce` prints one)",
    compliance: &["CIS 1.10", "NIST.800-53.r5 IA-2(1)", "PCI-DSS 8.4.2"],
    page: include_str!("../../docs/rules/mfa-not-enforced-live.md"),
};

/// The rule.
pub(super) static RULE: Rule = Rule { info: &INFO, check: Check::User(check) };

fn check(subject: &AccountUser<'_>) -> Option<Finding> {
    let live = subject.live;
    let judged = live.judged?;
    let user = live.user;
    let concerns = user.console.value | live.admin();
    let console = live.reaches_console() & describe::weak(live.mfa());
    let keys = live.reaches_keys() & describe::weak(live.mfa_keys());
    let how = match (console, keys) {
        (Tri::Yes, Tri::Yes) => "with the password alone or with an access key",
        (Tri::Yes, Tri::No | Tri::Maybe) if user.has_keys().is_yes() => {
            "with a session made by an access key"
        }
        (Tri::Yes, Tri::No | Tri::Maybe) => "with the password alone",
        (Tri::No | Tri::Maybe, Tri::Yes) => "with an access key",
        (Tri::No | Tri::Maybe, Tri::No | Tri::Maybe) => "perhaps",
    };
    let is = if live.admin().is_yes() { " (an administrator)" } else { "" };
    let ends = describe::without_mfa(judged);
    let message = format!("user `{}`{is} can act without MFA {how}, {ends}", user.name);
    let holds = concerns & (console | keys);
    let mut finding = Finding::new(&INFO, user.span, holds, describe::account_user(user), message)?;
    let proof = &judged.proof;
    describe::prove(
        &mut finding,
        proof.gate.iter().chain(&proof.holes).chain(&proof.admin).chain(&proof.grants),
    );
    finding.remedy(remedy::gate(subject));
    describe::close_the_gate(&mut finding, judged);
    if finding.certainty == Certainty::Possible {
        describe::name_unknowns(&mut finding, &judged.verdict.unknown);
    }
    Some(finding)
}
