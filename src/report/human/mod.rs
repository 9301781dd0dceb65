//! The report for people: every finding in its code, a table of principals for every unit, one line at the end.

mod excerpt;
mod paint;
mod snippet;
mod table;

use std::io::{self, Write};

use paint::{Tone, clean, paint};

use super::{Detail, Report, Sorted, Style};
use crate::diagnostic::Level;
use crate::finding::{Certainty, Finding, Severity};

/// Writes findings, tables and the summary. Diagnostics are not part of it, see [`write_diagnostics`].
pub(super) fn write(report: &Report<'_>, out: &mut dyn Write, style: &Style) -> io::Result<()> {
    let Sorted { verdicts, findings, .. } = report.sorted();
    for (_, _, finding) in &findings {
        snippet::write(report, finding, out, style)?;
        out.write_all(b"\n")?;
    }
    if style.detail > Detail::Quiet {
        table::write(report.units, &verdicts, &findings, out, style)?;
    }
    let found: Vec<&Finding> = findings.iter().map(|(_, _, f)| *f).collect();
    writeln!(out, "{}", summary(report, &found, style))
}

/// Writes the problems with the input, one line each. Without detail only what stops the run from being complete,
/// with much detail also notes.
pub fn write_diagnostics(report: &Report<'_>, out: &mut dyn Write, style: &Style) -> io::Result<()> {
    let least = match style.detail {
        Detail::Quiet => Level::Error,
        Detail::Normal => Level::Warning,
        Detail::Verbose => Level::Note,
    };
    for (at, d) in report.sorted().diagnostics.into_iter().filter(|(_, d)| d.level >= least) {
        let (word, tone) = match d.level {
            Level::Note => ("note", Tone::Faint),
            Level::Warning => ("warning", Tone::Doubt),
            Level::Error => ("error", Tone::Bad),
        };
        let place = match (&at, d.span) {
            (Some(l), Some(_)) => format!("{}:{}:{}: ", clean(&l.path), l.line, l.column),
            (Some(l), None) => format!("{}: ", clean(&l.path)),
            (None, _) => String::new(),
        };
        let head = paint(style, tone, &format!("{word}[{}]", d.code.as_str()));
        writeln!(out, "{head}: {place}{}", clean(&d.message))?;
    }
    Ok(())
}

/// "3 findings (1 critical, 2 high), 1 of them possible; 4 principals, 1 unknown; 12 files, 8 ms".
fn summary(report: &Report<'_>, findings: &[&Finding], style: &Style) -> String {
    let head = match findings.iter().map(|f| f.severity).max() {
        None => paint(style, Tone::Good, "no findings"),
        Some(worst) => {
            let counts: Vec<String> = Severity::ALL
                .iter()
                .rev()
                .map(|s| (findings.iter().filter(|f| f.severity == *s).count(), s))
                .filter(|(n, _)| *n > 0)
                .map(|(n, s)| format!("{n} {s}"))
                .collect();
            let text = format!("{} ({})", count(findings.len(), "finding"), counts.join(", "));
            paint(style, Tone::of(worst), &text)
        }
    };
    let possible = findings.iter().filter(|f| f.certainty == Certainty::Possible).count();
    let possible = if possible == 0 { String::new() } else { format!(", {possible} of them only possible") };
    let unknown = match report.unsettled() {
        0 => String::new(),
        n => format!(", {n} with an unknown answer"),
    };
    let principals = count(report.verdicts.len(), "principal");
    let (units, files) = (count(report.units.len(), "unit"), count(report.files, "file"));
    let time = report.duration_ms.map(|ms| format!(", {ms} ms")).unwrap_or_default();
    format!("{head}{possible}; {principals}{unknown} in {units}; {files}{time}")
}

/// "1 file", "2 files".
fn count(n: usize, thing: &str) -> String {
    if n == 1 { format!("1 {thing}") } else { format!("{n} {thing}s") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::testing::Parts;

    #[test]
    fn shows_who_why_where_and_what_to_change() {
        insta::assert_snapshot!(Parts::example().written("human", &Style::default()));
    }

    #[test]
    fn colours_only_when_asked() {
        let plain = Parts::example().written("human", &Style::default());
        let colored = Parts::example().written("human", &Style { color: true, ..Style::default() });
        assert!(!plain.contains('\x1b'));
        assert!(colored.contains('\x1b'));
    }

    #[test]
    fn quiet_has_no_table_and_verbose_has_everybody() {
        let with = |detail| Parts::example().written("human", &Style { color: false, detail });
        assert!(!with(Detail::Quiet).contains("console"));
        assert!(!with(Detail::Normal).contains("deploy"));
        assert!(with(Detail::Verbose).contains("deploy"));
        assert!(with(Detail::Verbose).contains("`var.extra_groups` has no value"));
    }

    #[test]
    fn diagnostics_are_one_line_each() {
        let parts = Parts::example();
        let mut out = Vec::new();
        write_diagnostics(&parts.report(), &mut out, &Style::default()).unwrap();
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "error[E004]: envs/prod/latin1.tf: `envs/prod/latin1.tf` is not UTF-8 text\n\
             warning[E012]: envs/prod/main.tf:1:1: module `team` is not on this machine; run `terraform init`\n"
        );
    }
}
