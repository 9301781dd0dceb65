//! Code against accounts, shown. [`REPORTERS`] is the only registry.

mod json;
mod markdown;

use std::io::{self, Write};

use super::{Report, Style, github, html, human, sarif};
use crate::account::{Account, Source, time::Time};
use crate::compare::AccountDrift;
use crate::drift::{Change, Who};
use crate::finding::{Finding, Severity};
use crate::source::Span;

/// Everything a report on differences says.
#[derive(Clone, Copy)]
pub struct DriftReport<'a> {
    /// Findings and problems; the units are the accounts, then the code.
    pub report: Report<'a>,
    /// The accounts, in the order of the units.
    pub accounts: &'a [AccountDrift],
    /// What each of the findings is about, in their order.
    pub changes: &'a [Change],
    /// The time by which the age of answers is told; without it no age is.
    pub now: Option<Time>,
}

/// One way to write a report.
#[derive(Debug)]
pub struct DriftReporter {
    /// Its name for `--format`.
    pub name: &'static str,
    /// What it is, in one line of the help.
    pub summary: &'static str,
    /// Whether it shows the verdicts about those, too, of whom nothing differs.
    pub whole: bool,
    /// Writes the report.
    pub write: fn(&DriftReport<'_>, &mut dyn Write, &Style) -> io::Result<()>,
}

/// All reporters; the first is the default.
pub static REPORTERS: &[DriftReporter] = &[
    DriftReporter {
        name: "human",
        summary: "for people: what differs, who can act without MFA because of it, where, what to do",
        whole: false,
        write: human::drift::write,
    },
    DriftReporter {
        name: "json",
        summary: "for programs: everything, in a format that stays",
        whole: true,
        write: json::write,
    },
    DriftReporter {
        name: "html",
        summary: "for auditors: one page that loads nothing; the differences to sort and filter",
        whole: false,
        write: html::drift::write,
    },
    DriftReporter {
        name: "markdown",
        summary: "the differences as tables, for tickets and wikis",
        whole: false,
        write: markdown::write,
    },
    DriftReporter {
        name: "github",
        summary: "the differences as annotations of GitHub Actions, in the code where that speaks of them",
        whole: false,
        write: github::write_drift,
    },
    DriftReporter {
        name: "sarif",
        summary: "the differences in SARIF 2.1.0, in the code where that speaks of them",
        whole: false,
        write: |report, out, style| sarif::write(&report.report, out, style),
    },
];

/// A finding with what it is about.
#[derive(Clone, Copy)]
pub(super) struct Told<'a> {
    /// Number of the account.
    pub(super) account: usize,
    pub(super) finding: &'a Finding,
    pub(super) change: &'a Change,
}

impl<'a> DriftReport<'a> {
    /// The findings that nobody accepted, with what they are about, by principal.
    pub(super) fn told(&self) -> impl Iterator<Item = Told<'a>> {
        self.all().filter(|t| t.finding.suppressed.is_none())
    }

    /// All findings with what they are about, by principal.
    pub(super) fn all(&self) -> impl Iterator<Item = Told<'a>> {
        let findings = self.report.findings.iter().zip(self.changes);
        findings.map(|((account, finding), change)| Told { account: *account, finding, change })
    }

    /// Those of an account, the worst first.
    pub(super) fn worst_first(&self, account: usize) -> Vec<Told<'a>> {
        let mut out: Vec<Told<'a>> = self.told().filter(|t| t.account == account).collect();
        out.sort_by_key(|t| (std::cmp::Reverse(t.finding.severity), t.finding.certainty));
        out
    }

    /// Users and roles of an account that can act without MFA because of what differs, each once.
    pub(super) fn without_mfa(&self, account: usize) -> Vec<&'a Who> {
        let of_account = self.told().filter(|t| t.account == account);
        let mut out: Vec<&Who> = of_account.flat_map(|t| &t.change.without_mfa).collect();
        out.sort();
        out.dedup();
        out
    }

    /// How many differences there are that fail a run by default, and others.
    pub(super) fn counts(&self, account: usize) -> (usize, usize) {
        let all: Vec<Severity> =
            self.told().filter(|t| t.account == account).map(|t| t.finding.severity).collect();
        let serious = all.iter().filter(|s| **s >= Severity::Medium).count();
        (serious, all.len() - serious)
    }

    /// "authorization-details of 2026-11-22T08:00:00Z, 3 h old".
    pub(super) fn source(&self, source: Source) -> String {
        let Source { from, at } = source;
        let age = at.zip(self.now).and_then(|(at, now)| at.age(now));
        let at = at.map(|at| format!(" of {at}")).unwrap_or_default();
        let age = age.map(|age| format!(", {age} old")).unwrap_or_default();
        format!("{}{at}{age}", from.as_str())
    }

    /// The answers that an account was known by.
    pub(super) fn sources(&self, account: &Account) -> Vec<String> {
        let report = account.users.iter().find_map(|u| u.console.source);
        let mut out: Vec<String> = Vec::new();
        for source in [account.policies, report].into_iter().flatten() {
            let text = self.source(source);
            if !out.contains(&text) {
                out.push(text);
            }
        }
        out
    }

    /// "iam/main.tf:12:3".
    pub(super) fn place(&self, span: Span) -> Option<String> {
        self.report.locate(span).map(|l| l.to_string())
    }
}

/// "user `alice`, role `deploy` and 3 more".
pub(super) fn list(all: &[&Who], most: usize) -> String {
    let names: Vec<String> = all.iter().take(most).map(|w| w.quoted()).collect();
    match all.len().saturating_sub(most) {
        0 => names.join(", "),
        more => format!("{} and {more} more", names.join(", ")),
    }
}
