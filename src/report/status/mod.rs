//! The MFA status of accounts, shown. [`REPORTERS`] is the only registry.

mod csv;
mod json;
mod markdown;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::io::{self, Write};

use super::{Report, Style, github, html, human, junit, sarif};
use crate::account::{Device, Source, User, time::Time};
use crate::analysis::live::LiveUser;
use crate::status::{AccountStatus, Counts};

/// Everything a report on accounts says.
#[derive(Clone, Copy)]
pub struct StatusReport<'a> {
    /// Verdicts, findings and problems, the accounts being the units.
    pub report: Report<'a>,
    /// The accounts, in the order of the units.
    pub accounts: &'a [AccountStatus],
    /// The time by which the age of answers is told; without it no age is.
    pub now: Option<Time>,
}

/// One way to write a report.
#[derive(Debug)]
pub struct StatusReporter {
    /// Its name for `--format`.
    pub name: &'static str,
    /// What it is, in one line of the help.
    pub summary: &'static str,
    /// Writes the report.
    pub write: fn(&StatusReport<'_>, &mut dyn Write, &Style) -> io::Result<()>,
}

/// All reporters; the first is the default.
pub static REPORTERS: &[StatusReporter] = &[
    StatusReporter {
        name: "human",
        summary: "for people: findings, users, a summary",
        write: human::status::write,
    },
    StatusReporter {
        name: "json",
        summary: "for programs: everything, in a format that stays",
        write: json::write,
    },
    StatusReporter {
        name: "html",
        summary: "for auditors: one page that loads nothing, with a chart and a table to sort",
        write: html::status::write,
    },
    StatusReporter { name: "csv", summary: "the users, for spreadsheets", write: csv::details },
    StatusReporter {
        name: "csv-summary",
        summary: "the summary by account and organisational unit, for spreadsheets",
        write: csv::summary,
    },
    StatusReporter {
        name: "markdown",
        summary: "summary, findings and users, for tickets and wikis",
        write: markdown::write,
    },
    StatusReporter {
        name: "github",
        summary: "the findings as annotations of GitHub Actions",
        write: github::write_status,
    },
    StatusReporter {
        name: "junit",
        summary: "a test for each user with a console password, in JUnit's XML",
        write: junit::write_status,
    },
    StatusReporter {
        name: "sarif",
        summary: "the findings in SARIF 2.1.0",
        write: |report, out, style| sarif::write(&report.report, out, style),
    },
];

/// Numbers of an account, of an organisational unit, or of all.
pub(in crate::report) struct Line<'a> {
    /// `account`, `ou` or `all`.
    pub(in crate::report) scope: &'static str,
    /// Number of the account, or path of the unit.
    pub(in crate::report) name: &'a str,
    /// The account, when it is one.
    pub(in crate::report) status: Option<&'a AccountStatus>,
    pub(in crate::report) counts: Counts,
}

impl<'a> StatusReport<'a> {
    /// The users of all accounts, by account and name.
    pub(in crate::report) fn users(&self) -> impl Iterator<Item = (&'a AccountStatus, LiveUser<'a>)> {
        self.accounts.iter().flat_map(|a| a.users().map(move |u| (a, u)))
    }

    /// The numbers of all accounts together.
    pub(in crate::report) fn total(&self) -> Counts {
        self.accounts.iter().fold(Counts::default(), |mut sum, a| {
            sum += a.counts();
            sum
        })
    }

    /// The summary: accounts, organisational units where they are known, and all where there are several.
    pub(in crate::report) fn lines(&self) -> Vec<Line<'a>> {
        let account = |a: &'a AccountStatus| Line {
            scope: "account",
            name: &a.account.id,
            status: Some(a),
            counts: a.counts(),
        };
        let mut out: Vec<Line<'a>> = self.accounts.iter().map(account).collect();
        let mut units: BTreeMap<&str, Counts> = BTreeMap::new();
        for a in self.accounts {
            if let Some(ou) = &a.account.ou {
                *units.entry(ou).or_default() += a.counts();
            }
        }
        out.extend(units.into_iter().map(|(name, counts)| Line { scope: "ou", name, status: None, counts }));
        if self.accounts.len() > 1 {
            out.push(Line { scope: "all", name: "", status: None, counts: self.total() });
        }
        out
    }

    /// How many accounts could be read.
    pub(in crate::report) fn scanned(&self) -> usize {
        self.accounts.iter().filter(|a| a.account.scanned).count()
    }
}

/// The devices of a user in few words: the best and the weakest kind, how many, and since when there is one.
pub(in crate::report) fn devices(user: &User) -> String {
    let list = &user.devices.value;
    let Some((best, worst)) = list.first().zip(list.last()) else {
        // That there is a device may be known, and not which.
        return if user.mfa.value.is_yes() { "not listed".to_owned() } else { String::new() };
    };
    let kind = |device: &Device| match device.attested {
        Some(true) => format!("{} (certified)", device.kind.as_str()),
        Some(false) | None => device.kind.as_str().to_owned(),
    };
    let kinds = match best.kind == worst.kind {
        true => kind(best),
        false => format!("{} … {}", kind(best), kind(worst)),
    };
    let number = if list.len() > 1 { format!(" ×{}", list.len()) } else { String::new() };
    let since = list.iter().filter_map(|d| d.enabled).min();
    let since = since.map(|at| format!(" since {}", date(at))).unwrap_or_default();
    format!("{kinds}{number}{since}")
}

/// The day of a time.
pub(in crate::report) fn date(at: Time) -> String {
    at.to_string().chars().take_while(|c| *c != 'T').collect()
}

/// The answer that a verdict about a user rests on.
pub(in crate::report) fn basis(live: &LiveUser<'_>) -> Option<Source> {
    live.user.mfa.source.or(live.user.console.source)
}
