//! MFA102: a condition on MFA that can never do what it is there for.

use super::{Check, PolicySubject, Rule, describe};
use crate::analysis::policies::{JudgedPolicy, MfaStatement};
use crate::analysis::verdict::Enforcement;
use crate::finding::{Finding, RuleInfo, Severity};
use crate::policy::document::{Effect, Problem};
use crate::policy::mfa_use::MfaUse;
use crate::tri::Tri;

static INFO: RuleInfo = RuleInfo {
    code: "MFA102",
    name: "dead-mfa-condition",
    severity: Severity::High,
    summary: "a condition on MFA can never do what it is there for",
    help: "keep one test: `Bool: {\"aws:MultiFactorAuthPresent\": \"true\"}` in an Allow, `BoolIfExists` with the value `false` in a Deny",
    compliance: &["NIST.800-53.r5 IA-2(1)", "PCI-DSS 8.4.2"],
    page: include_str!("../../docs/rules/dead-mfa-condition.md"),
};

/// The rule.
pub(super) static RULE: Rule = Rule { info: &INFO, check: Check::Policy(check) };

fn check(subject: &PolicySubject<'_>) -> Vec<Finding> {
    let policy = subject.policy;
    let of_statement = |(statement, certain): &(MfaStatement, Tri)| {
        let message = message(subject, statement)?;
        let mut finding = Finding::new(&INFO, statement.span, *certain, &policy.address, message)?;
        describe::prove(&mut finding, &statement.tests);
        Some(finding)
    };
    let of_problem = |(problem, certain): &(Problem, Tri)| {
        let message = format!("this condition on MFA cannot work: {}", problem.message);
        Finding::new(&INFO, problem.span.unwrap_or(policy.span), *certain, &policy.address, message)
    };
    let problems = policy.problems.iter().filter(|(p, _)| p.gate);
    policy.statements.iter().filter_map(of_statement).chain(problems.filter_map(of_problem)).collect()
}

fn message(subject: &PolicySubject<'_>, statement: &MfaStatement) -> Option<String> {
    let name = describe::statement(statement);
    match (statement.usage, statement.effect) {
        (MfaUse::Dead, _) => {
            Some(format!("{name} never applies: no session, with MFA or without, meets its condition on MFA"))
        }
        (MfaUse::Stale, Some(Effect::Allow)) => Some(format!(
            "{name} allows nothing right after signing in with MFA, only once the session is old; write `NumericLessThan`"
        )),
        // Asking for MFA again after a while is fine where something else asks for it at all.
        (MfaUse::Stale, Some(Effect::Deny)) if !gated_otherwise(subject) => Some(format!(
            "{name} denies nothing without MFA: such sessions have no `aws:MultiFactorAuthAge`; \
             write `NumericGreaterThanIfExists`"
        )),
        (
            MfaUse::Stale
            | MfaUse::Enforces
            | MfaUse::KeysEscape
            | MfaUse::ConsoleEscapes
            | MfaUse::Inverted
            | MfaUse::Always
            | MfaUse::Unsettled,
            _,
        ) => None,
    }
}

/// True when the policy, or everybody who has it, is gated by something else.
fn gated_otherwise(subject: &PolicySubject<'_>) -> bool {
    let JudgedPolicy { statements, holders, .. } = subject.policy;
    let mut holders = holders.iter().filter_map(|h| subject.all.get(h.0)).peekable();
    statements.iter().any(|(s, _)| s.is_gate())
        || holders.peek().is_some() && holders.all(|j| j.verdict.mfa == Enforcement::Enforced)
}
