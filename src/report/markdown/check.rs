//! Findings and principals as tables in Markdown.

use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::io::{self, Write};

use super::{Document, inert};
use crate::diagnostic::Level;
use crate::finding::{Certainty, Finding};
use crate::report::human::{summary, table::shows};
use crate::report::{Report, Sorted, Style, answer, below};

/// Writes the answer, the findings, what could not be read, and the principals.
pub(in crate::report) fn write(report: &Report<'_>, out: &mut dyn Write, _: &Style) -> io::Result<()> {
    let Sorted { verdicts, mut findings, diagnostics } = report.sorted();
    findings.sort_by_key(|(_, _, f)| (Reverse(f.severity), f.certainty));
    let found: Vec<&Finding> = findings.iter().map(|(_, _, f)| *f).collect();
    let mut document = Document::new(out);
    document.lines("# MFA in code\n")?;
    document.lines(&format!("{}\n", answer(report)))?;
    document.lines(&format!("{}.", summary(report, &found, &Style::default())))?;
    if !findings.is_empty() {
        document.lines("\n## Findings\n")?;
        document.head(&["severity", "rule", "what", "place", "to do"])?;
    }
    for (_, at, f) in &findings {
        let possible = match f.certainty {
            Certainty::Possible => " (possible)",
            Certainty::Proven => "",
        };
        document.row(&[
            format!("{}{possible}", f.severity),
            f.rule.code.to_owned(),
            f.message.clone(),
            below(&at.to_string()).to_owned(),
            f.help.clone(),
        ])?;
    }
    let mut problems = diagnostics.iter().filter(|(_, d)| d.level > Level::Note).peekable();
    if problems.peek().is_some() {
        document.lines("\n## What could not be read\n")?;
    }
    for (at, d) in problems {
        let at = at.as_ref().map(|at| format!("{at}: ")).unwrap_or_default();
        document.lines(&format!("- {} {}", d.code.as_str(), inert(&format!("{at}{}", d.message))))?;
    }
    let subjects: BTreeSet<&str> = found.iter().map(|f| f.subject.as_str()).collect();
    let mut shown = verdicts.iter().filter(|(_, _, v)| shows(v, &subjects)).peekable();
    if shown.peek().is_some() {
        document.lines("\n## Principals\n")?;
        document.head(&[
            "unit",
            "kind",
            "principal",
            "console",
            "admin",
            "MFA (console)",
            "MFA (keys)",
            "place",
        ])?;
    }
    for (unit, at, v) in shown {
        document.row(&[
            unit.path.clone(),
            v.kind.as_str().to_owned(),
            v.label().to_owned(),
            v.console.to_string(),
            v.admin.to_string(),
            v.mfa.as_str().to_owned(),
            v.mfa_keys.as_str().to_owned(),
            at.as_ref().map(|l| below(&l.to_string()).to_owned()).unwrap_or_default(),
        ])?;
    }
    document.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::testing::Parts;

    #[test]
    fn the_document_of_the_example() {
        insta::assert_snapshot!(Parts::example().written("markdown", &Style::default()));
    }

    #[test]
    fn hostile_names_are_only_text() {
        let parts = Parts::hostile();
        let written = parts.written("markdown", &Style::default());
        assert!(!written.contains(['<', '>', '`', '\r', '\u{1b}', '\u{202e}', '@']), "{written}");
        let rows: Vec<&str> = written.lines().filter(|l| l.starts_with("| critical |")).collect();
        assert_eq!(rows.len(), parts.findings.len());
        assert!(rows.iter().all(|r| r.matches('|').count() == 6), "{rows:?}");
    }
}
