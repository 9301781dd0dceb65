//! What was found, shown: to people, and to other programs.
//!
//! [`REPORTERS`] is the only registry. A reporter gets a [`Report`] and writes it; it judges nothing, and its
//! order comes from `Report::sorted`, so that two runs over the same input give the same bytes.

#[cfg(feature = "parquet")]
pub mod dataset;
pub mod drift;
mod github;
mod gitlab;
mod html;
pub mod human;
mod json;
mod junit;
mod markdown;
pub mod review;
mod sarif;
pub mod status;
#[cfg(test)]
mod testing;

use std::io::{self, Write};
use std::sync::Arc;

use crate::analysis::verdict::{Enforcement, Verdict};
use crate::diagnostic::{Diagnostic, Level};
use crate::finding::Finding;
use crate::fix::Fix;
use crate::scan::Unit;
use crate::source::{Location, SourceMap, Span};
use crate::tri::Tri;

/// Everything a report says.
#[derive(Clone, Copy)]
pub struct Report<'a> {
    /// The texts that spans point into.
    pub sources: &'a SourceMap,
    /// What was analysed.
    pub units: &'a [Unit],
    /// The verdicts, each with the number of its unit.
    pub verdicts: &'a [(usize, Verdict)],
    /// The findings, each with the number of its unit.
    pub findings: &'a [(usize, Finding)],
    /// The fixes of the findings, in the same order; empty when nobody looked for any.
    pub fixes: &'a [Option<Fix>],
    /// The diff of the pull request that is reviewed, when only its lines are to be commented.
    pub review_of: Option<&'a review::Diff>,
    /// Problems with the input.
    pub diagnostics: &'a [Diagnostic],
    /// How many files were read.
    pub files: usize,
    /// How long it took, in milliseconds; `None` leaves it out.
    pub duration_ms: Option<u64>,
}

/// How much a report for people shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Detail {
    /// Findings and the summary.
    Quiet,
    /// Also the principals that matter, and warnings.
    #[default]
    Normal,
    /// Also all other principals, what is not settled about them, and notes.
    Verbose,
}

/// How a report for people looks. Reports for programs ignore it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Style {
    /// Whether to use colours.
    pub color: bool,
    /// How much to show.
    pub detail: Detail,
}

/// One way to write a report.
#[derive(Debug)]
pub struct Reporter {
    /// Its name for `--format`.
    pub name: &'static str,
    /// What it is, in one line of the help.
    pub summary: &'static str,
    /// Writes the report.
    pub write: fn(&Report<'_>, &mut dyn Write, &Style) -> io::Result<()>,
}

/// All reporters; the first is the default.
pub static REPORTERS: &[Reporter] = &[
    Reporter {
        name: "human",
        summary: "for people: the code with what is wrong in it, and a table",
        write: human::write,
    },
    Reporter {
        name: "json",
        summary: "for programs: everything, in a format that stays",
        write: json::write,
    },
    Reporter { name: "sarif", summary: "for code scanning: SARIF 2.1.0", write: sarif::write },
    Reporter {
        name: "html",
        summary: "for auditors: one page that loads nothing",
        write: html::check::write,
    },
    Reporter {
        name: "markdown",
        summary: "for job summaries, comments, tickets: findings and principals as tables",
        write: markdown::check::write,
    },
    Reporter {
        name: "github",
        summary: "for GitHub Actions: annotations in the code of a pull request",
        write: github::write,
    },
    Reporter {
        name: "github-review",
        summary: "for GitHub's API: fixes as suggested changes in a review of a pull request",
        write: review::write,
    },
    Reporter {
        name: "gitlab",
        summary: "for GitLab: a code quality report, shown in merge requests",
        write: gitlab::write,
    },
    Reporter {
        name: "junit",
        summary: "for continuous integration: a test for each principal, in JUnit's XML",
        write: junit::write,
    },
];

/// A finding with its unit and place.
pub(crate) type Placed<'a> = (&'a Unit, Location, &'a Finding);

/// The parts of a report in the order in which every format shows them: path, line, column, then what it is.
pub(crate) struct Sorted<'a> {
    /// Verdicts with their unit and place.
    pub(crate) verdicts: Vec<(&'a Unit, Option<Location>, &'a Verdict)>,
    /// Findings that nobody accepted, with their unit and place.
    pub(crate) findings: Vec<Placed<'a>>,
    /// Diagnostics with their place.
    pub(crate) diagnostics: Vec<(Option<Location>, &'a Diagnostic)>,
}

impl<'a> Report<'a> {
    /// Puts everything in order.
    pub(crate) fn sorted(&self) -> Sorted<'a> {
        let unit = |n: usize| self.units.get(n);
        let mut verdicts: Vec<_> = self
            .verdicts
            .iter()
            .filter_map(|(n, v)| Some((unit(*n)?, v.span.and_then(|s| self.locate(s)), v)))
            .collect();
        verdicts.sort_by(|(u, l, v), (u2, l2, v2)| {
            let (at, at2) = (l.as_ref().map(start), l2.as_ref().map(start));
            (at, v.kind, &v.address, &v.name, &u.path).cmp(&(at2, v2.kind, &v2.address, &v2.name, &u2.path))
        });
        let mut findings = self.with_suppressed();
        findings.retain(|(_, _, f)| f.suppressed.is_none());
        let mut diagnostics: Vec<_> = self.diagnostics.iter().map(|d| (self.place(d), d)).collect();
        diagnostics.sort_by(|(l, d), (l2, d2)| {
            (l, d.code, &d.message, d.level).cmp(&(l2, d2.code, &d2.message, d2.level))
        });
        diagnostics.dedup();
        Sorted { verdicts, findings, diagnostics }
    }

    /// All findings with their unit and place, also those that are suppressed, in the order of every report.
    pub(crate) fn with_suppressed(&self) -> Vec<Placed<'a>> {
        let unit = |n: usize| self.units.get(n);
        let mut findings: Vec<_> = self
            .findings
            .iter()
            .filter_map(|(n, f)| Some((unit(*n)?, self.locate(f.span).unwrap_or_else(nowhere), f)))
            .collect();
        findings.sort_by(|(u, l, f), (u2, l2, f2)| {
            (start(l), f.rule.code, &f.subject, &f.message, &u.path).cmp(&(
                start(l2),
                f2.rule.code,
                &f2.subject,
                &f2.message,
                &u2.path,
            ))
        });
        findings
    }

    /// How many findings are suppressed.
    pub(crate) fn suppressed(&self) -> usize {
        self.findings.iter().filter(|(_, f)| f.suppressed.is_some()).count()
    }

    /// The fix of a finding of this report.
    pub(crate) fn fix_of(&self, finding: &Finding) -> Option<&'a Fix> {
        let fixes = self.findings.iter().zip(self.fixes);
        fixes.into_iter().find(|((_, f), _)| std::ptr::eq(f, finding)).and_then(|(_, fix)| fix.as_ref())
    }

    /// Path, lines and columns of a span.
    pub(crate) fn locate(&self, span: Span) -> Option<Location> {
        self.sources.locate(span)
    }

    /// Steps of a proof with their places. Two steps that read the same at one place, such as two statements of a
    /// module whose code nobody sees, are one.
    pub(crate) fn steps<'t>(
        &self,
        steps: impl Iterator<Item = (&'t str, Option<Span>)>,
    ) -> Vec<(&'t str, Option<Location>)> {
        let mut out = Vec::new();
        for (text, span) in steps {
            let step = (text, span.and_then(|s| self.locate(s)));
            if !out.contains(&step) {
                out.push(step);
            }
        }
        out
    }

    fn place(&self, d: &Diagnostic) -> Option<Location> {
        let whole = |path: &String| Location {
            path: Arc::from(path.replace('\\', "/")),
            line: 1,
            column: 1,
            end_line: 1,
            end_column: 1,
        };
        d.span.and_then(|s| self.locate(s)).or_else(|| d.path.as_ref().map(whole))
    }

    /// True when an input that had to be analysed could not be.
    pub fn incomplete(&self) -> bool {
        self.diagnostics.iter().any(|d| d.level == Level::Error)
    }

    /// How many principals have an answer that the input does not settle.
    pub(crate) fn unsettled(&self) -> usize {
        self.verdicts.iter().filter(|(_, v)| is_unsettled(v)).count()
    }
}

/// True when an answer about this principal is unknown.
pub(crate) fn is_unsettled(v: &Verdict) -> bool {
    v.console == Tri::Maybe
        || v.admin == Tri::Maybe
        || v.mfa == Enforcement::Unknown
        || v.mfa_keys == Enforcement::Unknown
}

/// Whether people look at it: it has console access or is an administrator, or may be.
pub(crate) fn matters(v: &Verdict) -> bool {
    !v.console.is_no() || !v.admin.is_no()
}

/// Whether it has something to lose and can act without MFA.
pub(crate) fn is_open(v: &Verdict) -> bool {
    let weak = |e: Enforcement| match e {
        Enforcement::NotEnforced | Enforcement::Partial => true,
        Enforcement::Enforced | Enforcement::Unknown | Enforcement::NotApplicable => false,
    };
    (v.console.is_yes() || v.admin.is_yes()) && (weak(v.mfa) || (v.admin.is_yes() && weak(v.mfa_keys)))
}

/// What a report on code says, in one sentence.
pub(crate) fn answer(report: &Report<'_>) -> String {
    match report.verdicts.iter().filter(|(_, v)| is_open(v)).count() {
        0 => "Nobody with console access or administrator rights is known to act without MFA.".to_owned(),
        1 => "1 principal with console access or administrator rights can act without MFA.".to_owned(),
        n => format!("{n} principals with console access or administrator rights can act without MFA."),
    }
}

/// A path as services know it: below the top of the repository, without `./`.
pub(crate) fn below(path: &str) -> &str {
    path.strip_prefix("./").unwrap_or(path)
}

/// What places are ordered by.
fn start(l: &Location) -> (&str, u32, u32) {
    (&l.path, l.line, l.column)
}

/// The place of a span that is in no source: a mistake of ours that must not cost the finding.
fn nowhere() -> Location {
    Location { path: "".into(), line: 1, column: 1, end_line: 1, end_column: 1 }
}
