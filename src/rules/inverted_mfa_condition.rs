//! MFA101: a statement that rewards the absence of MFA.

use super::{Check, PolicySubject, Rule, describe};
use crate::analysis::policies::MfaStatement;
use crate::finding::{Certainty, Finding, RuleInfo, Severity};
use crate::policy::document::Effect;
use crate::policy::mfa_use::MfaUse;

static INFO: RuleInfo = RuleInfo {
    code: "MFA101",
    name: "inverted-mfa-condition",
    severity: Severity::High,
    summary: "a statement rewards the absence of MFA",
    help: "in an Allow write `Bool: {\"aws:MultiFactorAuthPresent\": \"true\"}`, in a Deny `BoolIfExists` with the value `false`",
    compliance: &["NIST.800-53.r5 IA-2(1)", "PCI-DSS 8.4.2"],
    page: include_str!("../../docs/rules/inverted-mfa-condition.md"),
};

/// The rule.
pub(super) static RULE: Rule = Rule { info: &INFO, check: Check::Policy(check) };

fn check(subject: &PolicySubject<'_>) -> Vec<Finding> {
    let policy = subject.policy;
    let of = |(statement, certain): &(MfaStatement, _)| {
        let holds = statement.inverted & *certain;
        let mut finding = Finding::new(&INFO, statement.span, holds, &policy.address, message(statement))?;
        describe::prove(&mut finding, &statement.tests);
        if finding.certainty == Certainty::Possible {
            describe::name_unknowns(&mut finding, &statement.unknown);
        }
        Some(finding)
    };
    policy.statements.iter().filter_map(of).collect()
}

fn message(statement: &MfaStatement) -> String {
    let name = describe::statement(statement);
    match (statement.usage, statement.effect) {
        (MfaUse::Unsettled, _) | (_, None) => {
            format!("{name} may reward the absence of MFA: {}", describe::reasons(&statement.unknown))
        }
        (_, Some(Effect::Allow)) => {
            format!("{name} allows without MFA what it does not allow with MFA; turn its condition around")
        }
        (_, Some(Effect::Deny)) => {
            format!("{name} denies sessions with MFA and lets others pass; turn its condition around")
        }
    }
}
