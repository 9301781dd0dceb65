//! MFA399: code does not settle a name, a number or a policy, so that it was not compared.

use super::{Check, Rule, differ};
use crate::drift::{Change, Kind};
use crate::finding::{Finding, RuleInfo, Severity};

static INFO: RuleInfo = RuleInfo {
    code: "MFA399",
    name: "not-comparable",
    severity: Severity::Info,
    summary: "code does not settle a name, a number or a policy, so that it was not compared",
    help: "give the value (`--var`, `--var-file`, `--parameters`), or compare a plan or a state",
    compliance: &[],
    page: include_str!("../../docs/rules/not-comparable.md"),
};

/// The rule.
pub(super) static RULE: Rule = Rule { info: &INFO, check: Check::Drift(check) };

fn check(change: &Change) -> Option<Finding> {
    let message = format!("{} is not compared as a whole: {}", change.who.quoted(), differ::causes(change));
    differ::finding(&INFO, change, Kind::NotComparable, message)
}
