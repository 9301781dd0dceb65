//! MFA004: an administrator role that people may assume without MFA.

use super::{Check, Rule, Subject, describe};
use crate::analysis::verdict::Enforcement;
use crate::finding::{Certainty, Finding, RuleInfo, Severity};
use crate::iam::facts::PrincipalKind;

static INFO: RuleInfo = RuleInfo {
    code: "MFA004",
    name: "admin-role-without-mfa",
    severity: Severity::High,
    summary: "a role with administrator rights can be assumed without MFA",
    help: "add the condition `Bool: {\"aws:MultiFactorAuthPresent\": \"true\"}` to every statement of the trust policy \
           that names an account, a user or another role",
    compliance: &["NIST.800-53.r5 IA-2(1)", "PCI-DSS 8.4.2", "SOC 2 CC6.1"],
    page: include_str!("../../docs/rules/admin-role-without-mfa.md"),
};

/// The rule.
pub(super) static RULE: Rule = Rule { info: &INFO, check: Check::Verdict(check) };

fn check(subject: &Subject<'_>) -> Option<Finding> {
    let judged = subject.judged;
    let v = &judged.verdict;
    if v.kind != PrincipalKind::Role {
        return None;
    }
    let holds = describe::known_here(judged, v.admin) & describe::weak(v.mfa);
    let has = if v.admin.is_yes() { "has administrator rights" } else { "may have administrator rights" };
    let how = match v.mfa {
        Enforcement::NotEnforced => format!("can be assumed without MFA by {}", judged.proof.openers()),
        Enforcement::Partial => {
            format!("asks for MFA in part only: without, it can be assumed by {}", judged.proof.openers())
        }
        Enforcement::Unknown => {
            format!("whether assuming it needs MFA is not settled: {}", describe::missing(judged))
        }
        Enforcement::Enforced | Enforcement::NotApplicable => return None,
    };
    let message = format!("{} {has} and {how}", describe::who(judged));
    let mut finding = Finding::new(&INFO, judged.span, holds, describe::subject(judged), message)?;
    if judged.proof.opened_by_roles {
        // Nobody could assume it any more: what a session of a role knows of MFA is nothing.
        finding.help = "require MFA in the trust policies of the roles that are trusted here: their sessions do not say \
                        whether somebody signed in with MFA, so that a condition on it would let nobody in"
            .to_owned();
    }
    describe::prove(&mut finding, judged.proof.admin.iter().chain(&judged.proof.holes));
    if finding.certainty == Certainty::Possible {
        describe::name_unknowns(&mut finding, &judged.verdict.unknown);
    }
    Some(finding)
}
