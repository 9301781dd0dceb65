//! Fixes as lines in place of lines, as a suggestion is.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::fix::{self, Edit, Fix};
use crate::report::human::paint::clean_char;
use crate::report::{Report, below};
use crate::source::{Source, Span};

/// How many unchanged lines a suggestion repeats rather than becoming two.
const NEAR: u32 = 10;

/// Whole lines of a file and what is in their place.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Part {
    /// The file, below the top of the repository.
    pub(super) path: String,
    /// The number of the first line.
    pub(super) first: u32,
    /// That of the last.
    pub(super) last: u32,
    /// What is written instead.
    pub(super) text: String,
}

impl Part {
    /// Whether they replace the same line.
    pub(super) fn meets(&self, other: &Self) -> bool {
        self.path == other.path && self.first <= other.last && other.first <= self.last
    }
}

/// The parts of a fix, by file and line. Nothing when one of them cannot stand in the review.
pub(super) fn parts(report: &Report<'_>, fix: &Fix) -> Option<Vec<Part>> {
    let mut files: BTreeMap<String, (Arc<Source>, Vec<Edit>)> = BTreeMap::new();
    for edit in &fix.edits {
        let source = report.sources.get(edit.span.source)?;
        let path = below(source.shown()).to_owned();
        // A path that leaves the repository is not in it.
        if path.starts_with('/') || path.split('/').any(|name| name == "..") {
            return None;
        }
        files.entry(path).or_insert_with(|| (source, Vec::new())).1.push(edit.clone());
    }
    let mut out = Vec::new();
    for (path, (source, edits)) in files {
        let shows = |first: u32, last: u32| {
            let lines: Vec<&str> =
                (first..=last).filter_map(|n| source.text().get(source.line_range(n))).collect();
            report.review_of.is_none_or(|diff| diff.shows(&path, first, &lines))
        };
        for (first, last, edits) in grouped(&source, edits, shows)? {
            let text = text(&source, first, last, &edits).filter(|_| shows(first, last))?;
            out.push(Part { path: path.clone(), first, last, text });
        }
    }
    Some(out)
}

/// Edits with the lines that they are in. Those that are near each other are one, when all between them can be shown.
fn grouped(
    source: &Source,
    mut edits: Vec<Edit>,
    shows: impl Fn(u32, u32) -> bool,
) -> Option<Vec<(u32, u32, Vec<Edit>)>> {
    let lines = last_line(source)?;
    edits.sort_by_key(|e| (e.span.start, e.span.end));
    let mut out: Vec<(u32, u32, Vec<Edit>)> = Vec::new();
    for edit in edits {
        let line = |offset: u32| source.line_column(offset).0.min(lines);
        let (first, last) = (line(edit.span.start), line(edit.span.end));
        let near = |(from, to, _): &&mut (u32, u32, Vec<Edit>)| {
            first <= to.saturating_add(1) || first - *to <= NEAR && shows(*from, last)
        };
        match out.last_mut().filter(near) {
            Some((_, to, edits)) => {
                *to = last.max(*to);
                edits.push(edit);
            }
            None => out.push((first, last, vec![edit])),
        }
    }
    Some(out)
}

/// The number of the last line: what comes behind the last line break is none.
fn last_line(source: &Source) -> Option<u32> {
    let text = source.text();
    let (line, column) = source.line_column(u32::try_from(text.len()).ok()?);
    let lines = if column == 1 { line - 1 } else { line };
    (lines > 0).then_some(lines)
}

/// What edits make of lines, without the last line break. Nothing of characters that would read as others, or would
/// be changed on their way.
fn text(source: &Source, first: u32, last: u32, edits: &[Edit]) -> Option<String> {
    let start = source.line_range(first).start;
    // Behind the last line more may be added.
    let end = if Some(last) == last_line(source) { source.text().len() } else { source.line_range(last).end };
    let here = |offset: u32| (offset as usize).checked_sub(start);
    let moved = edits.iter().map(|e| {
        let span = Span::new(e.span.source, here(e.span.start)?, here(e.span.end)?);
        Some(Edit { span, text: e.text.clone() })
    });
    let mut text = fix::rewritten(source.text().get(start..end)?, &moved.collect::<Option<Vec<_>>>()?)?;
    if end == source.text().len() && text.ends_with('\n') {
        text.pop();
    }
    let plain = |c: char| matches!(c, '\n' | '\t') || clean_char(c) == c;
    text.replace("\r\n", "\n").trim_end_matches('\r').chars().all(plain).then_some(text)
}
