//! The rules: what is worth telling about the verdicts. [`RULES`] is the only registry.

mod access_keys_escape_mfa;
mod admin_group_without_mfa;
mod admin_role_without_mfa;
mod admin_user_without_mfa;
mod admin_without_mfa_device;
mod boundary_drift;
mod console_user_without_device;
mod console_user_without_mfa;
mod dead_mfa_condition;
mod declared_device_not_enabled;
mod describe;
mod differ;
mod gate_changed;
mod gate_missing;
mod inverted_mfa_condition;
mod login_profile_secret_in_state;
mod malformed_policy;
mod membership_drift;
mod mfa_gate_takeover;
mod mfa_gate_with_holes;
mod mfa_lockout;
mod mfa_not_enforced_live;
mod missing_user;
mod not_comparable;
mod remedy;
mod root_without_hardware_mfa;
mod root_without_mfa;
mod sms_mfa_device;
mod trust_drift;
mod unattached_mfa_policy;
mod undeclared_admin;
mod undeclared_console_user;
mod undeclared_user;
mod unused_suppression;
mod user_without_mfa_device;

use std::collections::BTreeMap;

use crate::account::Account;
use crate::analysis::Judged;
use crate::analysis::live::LiveUser;
use crate::analysis::policies::{self, JudgedPolicy};
use crate::drift::Change;
use crate::finding::{Certainty, Finding, Label, RuleInfo, Severity};
use crate::iam::facts::PrincipalKind;
use crate::iam::model::{IamModel, Secret};
use crate::source::Span;

/// One principal, and the unit it is in.
pub struct Subject<'a> {
    /// The principal with its verdict and proof.
    pub judged: &'a Judged,
    /// All principals of the unit, by number.
    pub all: &'a [Judged],
    /// The unit.
    pub model: &'a IamModel,
}

/// One policy, and the unit it is in.
pub struct PolicySubject<'a> {
    /// The policy with what it says about MFA.
    pub policy: &'a JudgedPolicy,
    /// All principals of the unit, by number.
    pub all: &'a [Judged],
}

/// One user of an account.
#[derive(Clone, Copy)]
pub struct AccountUser<'a> {
    /// The user.
    pub live: LiveUser<'a>,
    /// The account.
    pub account: &'a Account,
}

/// A suppression that does not do what it is there for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Defect {
    /// The comment, key or metadata.
    pub span: Span,
    /// What is wrong with it.
    pub message: String,
}

/// What a rule looks at, and how it decides.
#[derive(Clone, Copy)]
pub enum Check {
    /// A principal, for the rules of which it gets at most one finding: the most severe that applies.
    Verdict(fn(&Subject<'_>) -> Option<Finding>),
    /// A principal.
    Principal(fn(&Subject<'_>) -> Option<Finding>),
    /// A policy, whoever has it.
    Policy(fn(&PolicySubject<'_>) -> Vec<Finding>),
    /// A secret.
    Secret(fn(&Secret) -> Option<Finding>),
    /// The credentials of a user of an account, for the rules of which it gets at most one finding.
    Device(fn(&AccountUser<'_>) -> Option<Finding>),
    /// A user of an account.
    User(fn(&AccountUser<'_>) -> Option<Finding>),
    /// The root user of an account.
    Root(fn(&Account) -> Option<Finding>),
    /// A difference between code and account.
    Drift(fn(&Change) -> Option<Finding>),
    /// What is wrong with a suppression.
    Suppression(fn(&Defect) -> Option<Finding>),
}

/// A rule.
pub struct Rule {
    /// Code, name, severity, page.
    pub info: &'static RuleInfo,
    /// The check.
    pub check: Check,
}

/// Every rule, by code.
pub static RULES: &[&Rule] = &[
    &console_user_without_mfa::RULE,
    &admin_user_without_mfa::RULE,
    &admin_group_without_mfa::RULE,
    &admin_role_without_mfa::RULE,
    &access_keys_escape_mfa::RULE,
    &mfa_gate_takeover::RULE,
    &inverted_mfa_condition::RULE,
    &dead_mfa_condition::RULE,
    &unattached_mfa_policy::RULE,
    &mfa_gate_with_holes::RULE,
    &mfa_lockout::RULE,
    &malformed_policy::RULE,
    &login_profile_secret_in_state::RULE,
    &user_without_mfa_device::RULE,
    &admin_without_mfa_device::RULE,
    &root_without_mfa::RULE,
    &root_without_hardware_mfa::RULE,
    &sms_mfa_device::RULE,
    &mfa_not_enforced_live::RULE,
    &undeclared_console_user::RULE,
    &undeclared_user::RULE,
    &missing_user::RULE,
    &undeclared_admin::RULE,
    &membership_drift::RULE,
    &gate_missing::RULE,
    &gate_changed::RULE,
    &declared_device_not_enabled::RULE,
    &console_user_without_device::RULE,
    &boundary_drift::RULE,
    &trust_drift::RULE,
    &not_comparable::RULE,
    &unused_suppression::RULE,
];

/// The rule with this code or name, in any case.
pub fn find(code_or_name: &str) -> Option<&'static Rule> {
    RULES
        .iter()
        .find(|r| {
            r.info.code.eq_ignore_ascii_case(code_or_name) || r.info.name.eq_ignore_ascii_case(code_or_name)
        })
        .copied()
}

/// What to do with findings that are only possible.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OnUnknown {
    /// Report them, and count them for the exit code at their rule's full severity.
    Fail,
    /// Report them one severity lower; they never fail the run.
    #[default]
    Warn,
    /// Leave them out. The principal still says `unknown`.
    Ignore,
}

impl OnUnknown {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Fail, Self::Warn, Self::Ignore];

    /// The word of the command line and of the configuration.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Fail => "fail",
            Self::Warn => "warn",
            Self::Ignore => "ignore",
        }
    }
}

/// Which rules run.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    /// Only these codes or names; empty for all.
    pub select: Vec<String>,
    /// Not these codes or names.
    pub ignore: Vec<String>,
    /// What to do with possible findings.
    pub on_unknown: OnUnknown,
    /// Severities, by code, instead of those of the rules.
    pub severities: BTreeMap<&'static str, Severity>,
}

impl Selection {
    /// Whether a rule is selected.
    pub fn takes(&self, info: &RuleInfo) -> bool {
        let named = |list: &[String]| {
            list.iter().any(|n| n.eq_ignore_ascii_case(info.code) || n.eq_ignore_ascii_case(info.name))
        };
        (self.select.is_empty() || named(&self.select)) && !named(&self.ignore)
    }

    /// Whether a rule, by its code, is one that runs and looks at code.
    pub fn runs_on_code(&self, code: &str) -> bool {
        find(code).is_some_and(|rule| {
            let on_code = match rule.check {
                Check::Verdict(_) | Check::Principal(_) | Check::Policy(_) | Check::Secret(_) => true,
                Check::Device(_)
                | Check::User(_)
                | Check::Root(_)
                | Check::Drift(_)
                | Check::Suppression(_) => false,
            };
            on_code && self.takes(rule.info)
        })
    }

    /// The severity of proven findings of a rule.
    fn severity(&self, info: &RuleInfo) -> Severity {
        self.severities.get(info.code).copied().unwrap_or(info.severity)
    }

    /// The finding with the severity that is wanted of its rule.
    fn weigh(&self, finding: Finding) -> Finding {
        let Some(severity) = self.severities.get(finding.rule.code) else { return finding };
        let severity = match finding.certainty {
            Certainty::Proven => *severity,
            Certainty::Possible => severity.lower(),
        };
        Finding { severity, ..finding }
    }

    fn rules(&self) -> Vec<&'static Rule> {
        RULES.iter().copied().filter(|r| self.takes(r.info)).collect()
    }

    fn wants(&self, finding: &Finding) -> bool {
        match (finding.certainty, self.on_unknown) {
            (Certainty::Possible, OnUnknown::Ignore) => false,
            (Certainty::Possible, OnUnknown::Fail | OnUnknown::Warn) | (Certainty::Proven, _) => true,
        }
    }

    /// True when a finding makes the run fail under `--fail-on LEVEL`.
    pub fn fails(&self, finding: &Finding, level: Severity) -> bool {
        if finding.suppressed.is_some() {
            return false;
        }
        match (finding.certainty, self.on_unknown) {
            (Certainty::Proven, _) => finding.severity >= level,
            (Certainty::Possible, OnUnknown::Fail) => self.severity(finding.rule) >= level,
            (Certainty::Possible, OnUnknown::Warn | OnUnknown::Ignore) => false,
        }
    }
}

/// Runs the selected rules over one unit.
pub fn run(model: &IamModel, all: &[Judged], selection: &Selection) -> Vec<Finding> {
    let rules = selection.rules();
    let wanted = |f: &Finding| selection.wants(f);
    let mut out = Vec::new();
    for judged in all {
        let unit = model.principal(judged.principal).map_or(0, |p| p.unit);
        let principal = judged.verdict.name.clone().map(|name| (judged.verdict.kind, name));
        let found = of_principal(&rules, &Subject { judged, all, model }, wanted);
        out.extend(found.into_iter().map(|f| Finding { unit, principal: principal.clone(), ..f }));
    }
    let mut shared = Vec::new();
    for policy in &policies::judge(model) {
        let subject = PolicySubject { policy, all };
        for rule in &rules {
            if let Check::Policy(check) = rule.check {
                let found = check(&subject).into_iter();
                let found = found.map(|f| Finding { unit: policy.unit, declared: Some(policy.span), ..f });
                found.for_each(|f| add_once(&mut shared, f, policy));
            }
        }
    }
    for rule in &rules {
        if let Check::Secret(check) = rule.check {
            let found = model.secrets.iter().filter_map(|s| Some(Finding { unit: s.unit, ..check(s)? }));
            found.for_each(|f| {
                if !shared.iter().any(|s| says_the_same(s, &f)) {
                    shared.push(f)
                }
            });
        }
    }
    out.extend(shared.into_iter().filter(wanted));
    out.into_iter().map(|f| selection.weigh(f)).collect()
}

fn of_principal(rules: &[&Rule], subject: &Subject<'_>, wanted: impl Fn(&Finding) -> bool) -> Vec<Finding> {
    let (mut verdicts, mut others) = (Vec::new(), Vec::new());
    for rule in rules {
        match rule.check {
            Check::Verdict(check) => verdicts.extend(check(subject).filter(&wanted)),
            Check::Principal(check) => others.extend(check(subject).filter(&wanted)),
            Check::Policy(_)
            | Check::Secret(_)
            | Check::Device(_)
            | Check::User(_)
            | Check::Root(_)
            | Check::Drift(_)
            | Check::Suppression(_) => {}
        }
    }
    worst(verdicts).into_iter().chain(others).collect()
}

/// Of equally severe findings the proven one says more, then the one that is about more rights.
fn worst(findings: Vec<Finding>) -> Option<Finding> {
    findings.into_iter().max_by_key(|f| (f.severity, f.certainty == Certainty::Proven, f.rule.code))
}

/// Runs the selected rules over one account.
pub fn run_account(account: &Account, users: &[LiveUser<'_>], selection: &Selection) -> Vec<Finding> {
    let rules = selection.rules();
    let mut out = Vec::new();
    for &live in users {
        let (subject, mut devices) = (AccountUser { live, account }, Vec::new());
        let first = out.len();
        for rule in &rules {
            match rule.check {
                Check::Device(check) => devices.extend(check(&subject)),
                Check::User(check) => out.extend(check(&subject)),
                Check::Verdict(_)
                | Check::Principal(_)
                | Check::Policy(_)
                | Check::Secret(_)
                | Check::Root(_)
                | Check::Drift(_)
                | Check::Suppression(_) => {}
            }
        }
        out.extend(worst(devices));
        let principal = Some((PrincipalKind::User, live.user.name.clone()));
        out.iter_mut().skip(first).for_each(|f| f.principal.clone_from(&principal));
    }
    let of_root = |rule: &&Rule| match rule.check {
        Check::Root(check) => check(account),
        Check::Verdict(_)
        | Check::Principal(_)
        | Check::Policy(_)
        | Check::Secret(_)
        | Check::Device(_)
        | Check::User(_)
        | Check::Drift(_)
        | Check::Suppression(_) => None,
    };
    out.extend(rules.iter().filter_map(of_root));
    out.retain(|f| selection.wants(f));
    out.into_iter().map(|f| selection.weigh(f)).collect()
}

/// Runs the selected rules over the differences between code and account: each with what it is about.
pub fn run_drift(changes: Vec<Change>, selection: &Selection) -> Vec<(Finding, Change)> {
    let checks: Vec<fn(&Change) -> Option<Finding>> = selection
        .rules()
        .into_iter()
        .filter_map(|rule| match rule.check {
            Check::Drift(check) => Some(check),
            Check::Verdict(_)
            | Check::Principal(_)
            | Check::Policy(_)
            | Check::Secret(_)
            | Check::Device(_)
            | Check::User(_)
            | Check::Root(_)
            | Check::Suppression(_) => None,
        })
        .collect();
    let found = |change: &Change| {
        let finding = checks.iter().find_map(|check| check(change)).filter(|f| selection.wants(f))?;
        let principal = change.who.principal().map(|kind| (kind, change.who.name.clone()));
        Some(selection.weigh(Finding { principal, ..finding }))
    };
    changes.into_iter().filter_map(|change| Some((found(&change)?, change))).collect()
}

/// Runs the selected rules over what is wrong with suppressions, each with the number of a unit.
pub fn run_defects(defects: Vec<(usize, Defect)>, selection: &Selection) -> Vec<(usize, Finding)> {
    let rules = selection.rules();
    let check = |(unit, defect): (usize, Defect)| {
        let found = rules.iter().find_map(|rule| match rule.check {
            Check::Suppression(check) => check(&defect),
            Check::Verdict(_)
            | Check::Principal(_)
            | Check::Policy(_)
            | Check::Secret(_)
            | Check::Device(_)
            | Check::User(_)
            | Check::Root(_)
            | Check::Drift(_) => None,
        });
        Some((unit, selection.weigh(Finding { unit, ..found? })))
    };
    defects.into_iter().filter_map(check).collect()
}

/// A finding about a text that several policies share, or the instances of one, is one finding.
fn add_once(out: &mut Vec<Finding>, finding: Finding, policy: &JudgedPolicy) {
    let Some(known) = out.iter_mut().find(|f| says_the_same(f, &finding)) else { return out.push(finding) };
    if finding.certainty < known.certainty {
        (known.certainty, known.severity) = (finding.certainty, finding.severity);
    }
    // No one declaration speaks for the others.
    known.declared = known.declared.filter(|at| *at == policy.span);
    let also = Label { span: policy.span, message: format!("the same in `{}`", policy.address) };
    if known.subject != finding.subject && !known.related.iter().any(|l| l.span == also.span) {
        known.related.push(also);
    }
}

fn says_the_same(a: &Finding, b: &Finding) -> bool {
    a.rule.code == b.rule.code && a.span == b.span && a.message == b.message
}
