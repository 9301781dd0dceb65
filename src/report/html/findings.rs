//! Findings by rule, the worst first, with what to do and the code that proves them.

use std::collections::BTreeMap;

use crate::finding::{Certainty, Finding, Remedy, Severity};
use crate::report::Report;
use crate::report::human::excerpt;
use crate::source::{Location, Span};

/// Most findings of a rule on a page. Who has more needs another format.
const MOST: usize = 2_000;

/// The findings of a rule.
pub(super) struct Group<'a> {
    pub(super) code: &'static str,
    pub(super) name: &'static str,
    pub(super) summary: &'static str,
    pub(super) compliance: String,
    pub(super) findings: Vec<Entry<'a>>,
    /// How many there are that are not shown.
    pub(super) more: usize,
}

/// A finding.
pub(super) struct Entry<'a> {
    pub(super) severity: Severity,
    pub(super) possible: bool,
    pub(super) message: &'a str,
    pub(super) unit: &'a str,
    pub(super) places: Vec<Place<'a>>,
    pub(super) help: &'a str,
    pub(super) remedies: &'a [Remedy],
}

/// A place that proves it.
pub(super) struct Place<'a> {
    pub(super) message: &'a str,
    pub(super) at: String,
    pub(super) line: Option<Line>,
}

/// A line of code with what is meant in it.
pub(super) struct Line {
    pub(super) before: String,
    pub(super) marked: String,
    pub(super) after: String,
}

/// All findings by rule; `code` says whether the lines of files are shown.
pub(super) fn groups<'a>(report: &Report<'a>, code: bool) -> Vec<Group<'a>> {
    let mut by_rule: BTreeMap<&'static str, Group<'a>> = BTreeMap::new();
    for (unit, _, finding) in report.sorted().findings {
        let rule = finding.rule;
        let group = by_rule.entry(rule.code).or_insert_with(|| Group {
            code: rule.code,
            name: rule.name,
            summary: rule.summary,
            compliance: rule.compliance.join(", "),
            findings: Vec::new(),
            more: 0,
        });
        group.findings.push(Entry {
            severity: finding.severity,
            possible: finding.certainty == Certainty::Possible,
            message: &finding.message,
            unit: &unit.path,
            places: if code { places(report, finding) } else { Vec::new() },
            help: &finding.help,
            remedies: &finding.remedies,
        });
    }
    let mut groups: Vec<Group<'a>> = by_rule.into_values().collect();
    for group in &mut groups {
        group.findings.sort_by_key(|f| std::cmp::Reverse(f.severity));
        group.more = group.findings.len().saturating_sub(MOST);
        group.findings.truncate(MOST);
    }
    groups.sort_by_key(|g| std::cmp::Reverse(g.findings.first().map(|f| f.severity)));
    groups
}

fn places<'a>(report: &Report<'a>, finding: &'a Finding) -> Vec<Place<'a>> {
    let labels = finding.related.iter().map(|l| (l.message.as_str(), l.span));
    let mut seen: Vec<(&str, Location)> = Vec::new();
    let mut out = Vec::new();
    for (message, span) in std::iter::once((finding.label.as_str(), finding.span)).chain(labels) {
        let Some(at) = report.locate(span) else { continue };
        let step = (message, at);
        if !seen.contains(&step) {
            out.push(Place { message, at: step.1.to_string(), line: line(report, span) });
            seen.push(step);
        }
    }
    out
}

/// The first line of a place, as the terminal shows it.
fn line(report: &Report<'_>, span: Span) -> Option<Line> {
    let span = report.sources.shown_as(span);
    let source = report.sources.get(span.source)?;
    let excerpt = excerpt::excerpt(&source, &[span]);
    let mark = excerpt.labels.first()?;
    // Of one span nothing but its line is in the text, and a line break for each line before it.
    let skipped = mark.line as usize - 1;
    let text: Vec<char> = excerpt.text.chars().skip(skipped).filter(|c| *c != '\n').collect();
    let part = |from: usize, to: usize| -> String {
        text.get(from..to.min(text.len())).unwrap_or_default().iter().map(spaced).collect()
    };
    let (from, to) = (mark.chars.start.checked_sub(skipped)?, mark.chars.end.checked_sub(skipped)?);
    Some(Line { before: part(0, from), marked: part(from, to), after: part(to, text.len()) })
}

/// A tab is a control character, and every control character is suspicious.
fn spaced(c: &char) -> char {
    if *c == '\t' { ' ' } else { *c }
}
