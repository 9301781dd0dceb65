//! MFA104: what a gate leaves open by its exceptions.

use super::{Check, PolicySubject, Rule, describe, mfa_gate_takeover};
use crate::analysis::policies::MfaStatement;
use crate::analysis::{Gap, Judged};
use crate::finding::{Certainty, Finding, RuleInfo, Severity};
use crate::source::Span;
use crate::tri::Tri;

static INFO: RuleInfo = RuleInfo {
    code: "MFA104",
    name: "mfa-gate-with-holes",
    severity: Severity::Medium,
    summary: "exceptions of an MFA gate leave actions open that matter",
    help: "leave only what enrolling a device needs in `NotAction`, write `Resource: \"*\"`, and move other conditions to a statement of their own",
    compliance: &["NIST.800-53.r5 IA-2(1)", "NIST.800-53.r5 AC-2(1)", "PCI-DSS 8.4.2"],
    page: include_str!("../../docs/rules/mfa-gate-with-holes.md"),
};

/// The rule.
pub(super) static RULE: Rule = Rule { info: &INFO, check: Check::Policy(check) };

fn check(subject: &PolicySubject<'_>) -> Vec<Finding> {
    let statements = subject.policy.statements.iter().filter(|(s, _)| s.is_gate());
    statements.filter_map(|(statement, certain)| gate(subject, statement, *certain)).collect()
}

fn gate(subject: &PolicySubject<'_>, statement: &MfaStatement, certain: Tri) -> Option<Finding> {
    let holders = subject.policy.holders.iter().filter_map(|h| subject.all.get(h.0));
    let shown = holders.filter(|j| !told_as_takeover(j, statement.span)).filter_map(|judged| {
        let v = &judged.verdict;
        let gaps = judged.proof.gaps.iter().filter(|g| g.statement == statement.span).collect::<Vec<_>>();
        let worst = gaps.iter().copied().reduce(|a, b| if b.count > a.count { b } else { a })?;
        Some((describe::weak(v.mfa) | describe::weak(v.mfa_keys), worst, gaps, judged))
    });
    // The first of those who show it best.
    let (shows, worst, gaps, judged) =
        shown.reduce(|a, b| if (b.0, b.1.count) > (a.0, a.1.count) { b } else { a })?;
    let message = format!("the MFA gate has holes: {}", worst.evidence.text);
    let address = &subject.policy.address;
    let mut finding = Finding::new(&INFO, statement.span, shows & certain, address, message)?;
    describe::prove(&mut finding, gaps.iter().map(|g: &&Gap| &g.evidence));
    if finding.certainty == Certainty::Possible {
        describe::name_unknowns(&mut finding, &judged.verdict.unknown);
    }
    Some(finding)
}

/// True when MFA006 says the same of this principal at the same statement.
fn told_as_takeover(judged: &Judged, statement: Span) -> bool {
    let inside =
        |s: Span| s.source == statement.source && s.start >= statement.start && s.end <= statement.end;
    mfa_gate_takeover::fires(judged)
        && describe::gate_place(&judged.proof).is_some_and(|(span, _)| inside(span))
}
