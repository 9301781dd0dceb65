//! MFA203: a root user with credentials and without a device.

use super::{Check, Rule, describe};
use crate::account::Account;
use crate::finding::{Finding, RuleInfo, Severity};
use crate::tri::Tri;

static INFO: RuleInfo = RuleInfo {
    code: "MFA203",
    name: "root-without-mfa",
    severity: Severity::Critical,
    summary: "the root user of an account has credentials and no MFA device",
    help: "sign in as root and enrol a device (better two), or remove the root credentials of a member account \
           through centralised root access",
    compliance: &["CIS 1.5", "AWS-SecurityHub:IAM.9", "NIST.800-53.r5 IA-2(1)", "PCI-DSS 8.4.2"],
    page: include_str!("../../docs/rules/root-without-mfa.md"),
};

/// The rule.
pub(super) static RULE: Rule = Rule { info: &INFO, check: Check::Root(check) };

fn check(account: &Account) -> Option<Finding> {
    let root = &account.root;
    // Where nothing speaks of root nothing is wrong with it; the report says that it is not known.
    root.mfa.source.or(root.credentials.source)?;
    let holds = root.credentials.value & !root.mfa.value;
    let has = match root.credentials.value {
        Tri::Yes => "has credentials",
        Tri::Maybe | Tri::No => "may have credentials",
    };
    let lacks = match root.mfa.value {
        Tri::No => "no MFA device",
        Tri::Maybe | Tri::Yes => "perhaps no MFA device",
    };
    let message = format!("the root user of account {} {has} and {lacks}", account.id);
    Finding::new(&INFO, root.span, holds, describe::account_root(account), message)
}
