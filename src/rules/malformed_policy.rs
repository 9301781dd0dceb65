//! MFA106: a policy document that is not what AWS accepts, or means.

use super::{Check, PolicySubject, Rule, describe};
use crate::analysis::verdict::Evidence;
use crate::finding::{Finding, RuleInfo, Severity};

static INFO: RuleInfo = RuleInfo {
    code: "MFA106",
    name: "malformed-policy",
    severity: Severity::Medium,
    summary: "a policy document is malformed",
    help: "write the document as the reference of IAM JSON policy elements has it; `aws accessanalyzer validate-policy` checks it too",
    compliance: &[],
    page: include_str!("../../docs/rules/malformed-policy.md"),
};

/// The rule.
pub(super) static RULE: Rule = Rule { info: &INFO, check: Check::Policy(check) };

fn check(subject: &PolicySubject<'_>) -> Vec<Finding> {
    let policy = subject.policy;
    // That a condition on MFA cannot work is told by itself (MFA102).
    let problems = policy.problems.iter().filter(|(p, _)| p.refused || !p.gate);
    // What AWS refuses comes first: nothing of such a document takes effect.
    let (refused, odd): (Vec<_>, Vec<_>) = problems.partition(|(p, _)| p.refused);
    let mut problems = refused.into_iter().chain(odd);
    let Some((first, certain)) = problems.next() else { return Vec::new() };
    let message = if first.refused {
        format!("AWS refuses this policy: {}", first.message)
    } else {
        format!("this policy does not say what it seems to: {}", first.message)
    };
    let span = first.span.unwrap_or(policy.span);
    let rest = problems.map(|(p, _)| Evidence { text: p.message.clone(), span: p.span });
    let found = Finding::new(&INFO, span, *certain, &policy.address, message).map(|mut finding| {
        describe::prove(&mut finding, &rest.collect::<Vec<_>>());
        finding
    });
    found.into_iter().collect()
}
