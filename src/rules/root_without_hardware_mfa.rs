//! MFA204: a root user whose only devices are virtual.

use super::{Check, Rule, describe};
use crate::account::Account;
use crate::finding::{Finding, RuleInfo, Severity};
use crate::tri::Tri;

static INFO: RuleInfo = RuleInfo {
    code: "MFA204",
    name: "root-without-hardware-mfa",
    severity: Severity::Medium,
    summary: "the only MFA devices of a root user are virtual",
    help: "enrol a security key or a hardware token for root and keep it locked away",
    compliance: &["CIS 1.6", "AWS-SecurityHub:IAM.6"],
    page: include_str!("../../docs/rules/root-without-hardware-mfa.md"),
};

/// The rule.
pub(super) static RULE: Rule = Rule { info: &INFO, check: Check::Root(check) };

fn check(account: &Account) -> Option<Finding> {
    let root = &account.root;
    // Without a virtual device nothing hints at one.
    let hint = if root.has_virtual { root.only_virtual } else { Tri::No };
    // What has a device but perhaps no credentials is protected in any case.
    let holds = hint & root.mfa.value & root.credentials.value;
    let only =
        if holds.is_yes() { "has only virtual MFA devices" } else { "may have only virtual MFA devices" };
    let message = format!("the root user of account {} {only}", account.id);
    Finding::new(&INFO, root.span, holds, describe::account_root(account), message)
}
