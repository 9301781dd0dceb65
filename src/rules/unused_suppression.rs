//! MFA901: a suppression that does not do what it is there for.

use super::{Check, Defect, Rule};
use crate::finding::{Finding, RuleInfo, Severity};
use crate::tri::Tri;

static INFO: RuleInfo = RuleInfo {
    code: "MFA901",
    name: "unused-suppression",
    severity: Severity::Low,
    summary: "a suppression meets nothing, has ended, or has no reason",
    help: "mend the comment or remove it",
    compliance: &[],
    page: include_str!("../../docs/rules/unused-suppression.md"),
};

/// The rule.
pub(super) static RULE: Rule = Rule { info: &INFO, check: Check::Suppression(check) };

fn check(defect: &Defect) -> Option<Finding> {
    Finding::new(&INFO, defect.span, Tri::Yes, "suppression", &defect.message)
}
