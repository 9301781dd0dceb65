//! The rules: what is worth telling about the verdicts. [`RULES`] is the only registry.

mod access_keys_escape_mfa;
mod admin_group_without_mfa;
mod admin_role_without_mfa;
mod admin_user_without_mfa;
mod console_user_without_mfa;
mod describe;
mod mfa_gate_takeover;

use crate::analysis::Judged;
use crate::finding::{Certainty, Finding, RuleInfo, Severity};
use crate::iam::model::IamModel;

/// What a rule decides on: one principal, and the unit it is in.
pub struct Subject<'a> {
    /// The principal with its verdict and proof.
    pub judged: &'a Judged,
    /// All principals of the unit, by number.
    pub all: &'a [Judged],
    /// The unit.
    pub model: &'a IamModel,
}

/// A rule.
pub struct Rule {
    /// Code, name, severity, page.
    pub info: &'static RuleInfo,
    /// True for the rules of which a principal gets at most one: the most severe that applies.
    pub exclusive: bool,
    /// The finding about a principal, if there is one.
    pub check: fn(&Subject<'_>) -> Option<Finding>,
}

/// Every rule, by code.
pub static RULES: &[&Rule] = &[
    &console_user_without_mfa::RULE,
    &admin_user_without_mfa::RULE,
    &admin_group_without_mfa::RULE,
    &admin_role_without_mfa::RULE,
    &access_keys_escape_mfa::RULE,
    &mfa_gate_takeover::RULE,
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

/// Which rules run.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    /// Only these codes or names; empty for all.
    pub select: Vec<String>,
    /// Not these codes or names.
    pub ignore: Vec<String>,
    /// What to do with possible findings.
    pub on_unknown: OnUnknown,
}

impl Selection {
    fn takes(&self, info: &RuleInfo) -> bool {
        let named = |list: &[String]| {
            list.iter().any(|n| n.eq_ignore_ascii_case(info.code) || n.eq_ignore_ascii_case(info.name))
        };
        (self.select.is_empty() || named(&self.select)) && !named(&self.ignore)
    }

    /// True when a finding makes the run fail under `--fail-on LEVEL`.
    pub fn fails(&self, finding: &Finding, level: Severity) -> bool {
        match (finding.certainty, self.on_unknown) {
            (Certainty::Proven, _) => finding.severity >= level,
            (Certainty::Possible, OnUnknown::Fail) => finding.rule.severity >= level,
            (Certainty::Possible, OnUnknown::Warn | OnUnknown::Ignore) => false,
        }
    }
}

/// Runs the selected rules over one unit.
pub fn run(model: &IamModel, all: &[Judged], selection: &Selection) -> Vec<Finding> {
    let rules: Vec<&Rule> = RULES.iter().copied().filter(|r| selection.takes(r.info)).collect();
    let wanted = |f: &Finding| match (f.certainty, selection.on_unknown) {
        (Certainty::Possible, OnUnknown::Ignore) => false,
        (Certainty::Possible, OnUnknown::Fail | OnUnknown::Warn) | (Certainty::Proven, _) => true,
    };
    let mut out = Vec::new();
    for judged in all {
        let subject = Subject { judged, all, model };
        let found = |exclusive: bool| {
            rules
                .iter()
                .filter(move |r| r.exclusive == exclusive)
                .filter_map(|r| (r.check)(&subject))
                .filter(wanted)
        };
        // Of equally severe ones the proven one says more, then the one that is about more rights.
        out.extend(found(true).max_by_key(|f| (f.severity, f.certainty == Certainty::Proven, f.rule.code)));
        out.extend(found(false));
    }
    out
}
