//! Annotations of GitHub: workflow commands, one a line, which its runner reads from the output of a step.
//!
//! Follows "Workflow commands for GitHub Actions" (GitHub Docs). A step shows ten annotations of each level, so that
//! what matters most comes first; instances of one declaration are one annotation.

use std::io::{self, Write};

use super::drift::{DriftReport, Told};
use super::human::{alike, paint::clean};
use super::status::StatusReport;
use super::{Report, Sorted, Style, below};
use crate::diagnostic::Level;
use crate::finding::{Certainty, Finding, Severity};
use crate::source::Location;

/// How many of those for whom a finding holds as well are named.
const FEW: usize = 10;

/// One annotation.
struct Note {
    /// What comes first: the least.
    rank: u8,
    level: &'static str,
    at: Option<Location>,
    title: String,
    message: String,
}

/// Writes the annotations of a report on code.
pub(super) fn write(report: &Report<'_>, out: &mut dyn Write, _: &Style) -> io::Result<()> {
    let Sorted { findings, .. } = report.sorted();
    let same = findings.chunk_by(|(_, _, a), (_, _, b)| alike(a, b));
    let notes = same.filter_map(|same| {
        let ((_, at, first), rest) = same.split_first()?;
        let others: Vec<&str> = rest.iter().map(|(_, _, f)| f.subject.as_str()).collect();
        Some(note(first, Some(at.clone()), None, &others))
    });
    finish(notes.collect(), problems(report), out)
}

/// Writes those of a report on accounts. Saved answers of AWS are no files of a repository: there are no places.
pub(super) fn write_status(status: &StatusReport<'_>, out: &mut dyn Write, _: &Style) -> io::Result<()> {
    let Sorted { findings, .. } = status.report.sorted();
    let notes = findings.iter().map(|(unit, _, f)| note(f, None, Some(&unit.path), &[]));
    let problems = problems(&status.report).map(|n| Note { at: None, ..n });
    finish(notes.collect(), problems, out)
}

/// Writes those of a report on differences, in the code where that speaks of them.
pub(super) fn write_drift(drift: &DriftReport<'_>, out: &mut dyn Write, _: &Style) -> io::Result<()> {
    let of = |Told { account, finding, change }| {
        let account = drift.accounts.get(account).map(|a| a.account.id.as_str());
        note(finding, change.declared.and_then(|s| drift.report.locate(s)), account, &[])
    };
    finish(drift.told().map(of).collect(), problems(&drift.report), out)
}

fn note(f: &Finding, at: Option<Location>, account: Option<&str>, others: &[&str]) -> Note {
    let (rank, level) = match f.severity {
        Severity::Critical => (1, "error"),
        Severity::High => (2, "error"),
        Severity::Medium => (3, "warning"),
        Severity::Low => (5, "notice"),
        Severity::Info => (6, "notice"),
    };
    let possible = match f.certainty {
        Certainty::Possible => " (possible)",
        Certainty::Proven => "",
    };
    let account = account.map(|id| format!("account {id}: ")).unwrap_or_default();
    let mut message = format!("{account}{}", clean(&f.message));
    if !others.is_empty() {
        let names = others.iter().take(FEW).copied().collect::<Vec<_>>().join(", ");
        let more = match others.len().saturating_sub(FEW) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        message.push_str(&format!("\nThe same holds for {}{more}", clean(&names)));
    }
    message.push_str(&format!("\nTo mend it: {}", clean(&f.help)));
    Note { rank, level, at, title: format!("{} {}{possible}", f.rule.code, f.rule.name), message }
}

/// Problems with the input. A note costs nothing and is none.
fn problems<'a>(report: &Report<'a>) -> impl Iterator<Item = Note> + use<'a> {
    report.sorted().diagnostics.into_iter().filter_map(|(at, d)| {
        let (rank, level) = match d.level {
            Level::Error => (0, "error"),
            Level::Warning => (4, "warning"),
            Level::Note => return None,
        };
        let (title, message) = (d.code.as_str().to_owned(), clean(&d.message).into_owned());
        Some(Note { rank, level, at, title, message })
    })
}

/// Writes all, the worst first.
fn finish(mut notes: Vec<Note>, problems: impl Iterator<Item = Note>, out: &mut dyn Write) -> io::Result<()> {
    notes.extend(problems);
    notes.sort_by_key(|n| n.rank);
    notes.iter().try_for_each(|n| writeln!(out, "{}", command(n)))
}

fn command(note: &Note) -> String {
    let mut properties = String::new();
    if let Some(at) = &note.at {
        properties = format!("file={},line={},endLine={},", property(below(&at.path)), at.line, at.end_line);
        // GitHub takes columns on one line only.
        if at.line == at.end_line {
            properties.push_str(&format!("col={},endColumn={},", at.column, at.end_column));
        }
    }
    format!("::{} {properties}title={}::{}", note.level, property(&note.title), data(&note.message))
}

/// A message: a line break would end it, and what comes behind could be another command.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// A property: it ends at a comma, and all of them at a colon.
fn property(text: &str) -> String {
    data(&clean(text)).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::testing::Parts;

    #[test]
    fn the_annotations_of_the_example() {
        insta::assert_snapshot!(Parts::example().written("github", &Style::default()));
    }

    #[test]
    fn nothing_is_nothing() {
        assert_eq!(Parts::empty().written("github", &Style::default()), "");
    }

    /// Also of the other formats that ask somebody to act.
    #[test]
    fn what_is_accepted_is_not_told() {
        let mut parts = Parts::example();
        let by = crate::finding::SuppressedBy::Configuration;
        let accepted = crate::finding::Suppressed { by, reason: "break glass".into(), span: None };
        for format in ["github", "gitlab", "junit", "markdown"] {
            parts.findings[0].1.suppressed = None;
            assert!(parts.written(format, &Style::default()).contains("MFA002"), "{format}");
            parts.findings[0].1.suppressed = Some(accepted.clone());
            assert!(!parts.written(format, &Style::default()).contains("MFA002"), "{format}");
        }
    }

    /// As the runner reads a line: the command up to a space, properties at commas, up to two colons the message.
    fn read(line: &str) -> (String, Vec<(String, String)>, String) {
        let (head, message) = line.strip_prefix("::").unwrap().split_once("::").unwrap();
        let (command, properties) = head.split_once(' ').unwrap();
        let plain = |text: &str| {
            text.replace("%2C", ",").replace("%3A", ":").replace("%0A", "\n").replace("%25", "%")
        };
        let pair = |p: &str| p.split_once('=').map(|(k, v)| (k.to_owned(), plain(v))).unwrap();
        (command.to_owned(), properties.split(',').map(pair).collect(), plain(message))
    }

    #[test]
    fn hostile_names_are_only_text() {
        let parts = Parts::hostile();
        let written = parts.written("github", &Style::default());
        let mut names = parts.findings.iter().map(|(_, f)| f.message.as_str()).collect::<Vec<_>>();
        assert_eq!(written.lines().count(), names.len(), "{written}");
        assert!(!written.contains(['\r', '\u{1b}', '\u{202e}']));
        for line in written.lines() {
            let (command, properties, message) = read(line);
            assert_eq!(command, "error");
            let keys: Vec<&str> = properties.iter().map(|(k, _)| k.as_str()).collect();
            assert_eq!(keys, ["file", "line", "endLine", "col", "endColumn", "title"], "{line}");
            assert_eq!(properties[0].1, clean(Parts::HOSTILE_PATH));
            assert_eq!(properties[5].1, "MFA002 admin-user-without-mfa");
            let (first, rest) = message.split_once('\n').unwrap();
            assert!(rest.starts_with("To mend it: "), "{rest}");
            let at = names.iter().position(|n| clean(n) == first).expect("a message of the report");
            names.remove(at);
        }
    }
}
