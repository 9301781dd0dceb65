//! The report for people: every finding in its code, a table of principals for every unit, one line at the end.

pub(super) mod drift;
pub(super) mod excerpt;
pub(super) mod paint;
mod snippet;
pub(super) mod status;
pub(super) mod table;

use std::collections::BTreeMap;
use std::io::{self, Write};

use paint::{Tone, clean, paint};

use super::{Detail, Report, Sorted, Style};
use crate::diagnostic::{Code, Level};
use crate::finding::{Certainty, Finding, Severity, SuppressedBy};
use crate::scan::Unit;
use crate::source::Location;

/// How many of many things that are alike are shown.
const FEW: usize = 3;

/// Writes findings, tables and the summary. Diagnostics are not part of it, see [`write_diagnostics`].
pub(super) fn write(report: &Report<'_>, out: &mut dyn Write, style: &Style) -> io::Result<()> {
    let Sorted { verdicts, findings, .. } = report.sorted();
    for same in findings.chunk_by(|(_, _, a), (_, _, b)| alike(a, b)) {
        if let Some(((unit, _, first), rest)) = same.split_first() {
            snippet::write(report, first, out, style)?;
            write_others(unit, rest, out, style)?;
            out.write_all(b"\n")?;
        }
    }
    if style.detail > Detail::Quiet {
        table::write(report.units, &verdicts, &findings, out, style)?;
    }
    if style.detail == Detail::Verbose {
        write_suppressed(report, out, style)?;
    }
    let found: Vec<&Finding> = findings.iter().map(|(_, _, f)| *f).collect();
    writeln!(out, "{}", summary(report, &found, style))
}

/// Names what was found and is accepted, one line each, with the reason.
fn write_suppressed(report: &Report<'_>, out: &mut dyn Write, style: &Style) -> io::Result<()> {
    let all = report.with_suppressed();
    let mut any = false;
    for (_, at, f) in &all {
        let Some(why) = &f.suppressed else { continue };
        let by = match (why.by, why.span.and_then(|span| report.locate(span))) {
            (SuppressedBy::Code, Some(place)) => format!("{}:{}", place.path, place.line),
            (SuppressedBy::Code, None) => "the code".to_owned(),
            (SuppressedBy::Baseline, _) => "the baseline".to_owned(),
            (SuppressedBy::Configuration, _) => "the configuration".to_owned(),
        };
        let head = paint(style, Tone::Faint, &format!("suppressed[{}]", f.rule.code));
        let (place, subject) = (format!("{}:{}", at.path, at.line), &f.subject);
        writeln!(out, "{head}: {}", clean(&format!("{subject} at {place}, by {by}: {}", why.reason)))?;
        any = true;
    }
    if any { out.write_all(b"\n") } else { Ok(()) }
}

/// Whether two findings are shown by the same code: instances of one declaration.
pub(super) fn alike(a: &Finding, b: &Finding) -> bool {
    let places = |f: &Finding| f.related.iter().map(|l| l.span).collect::<Vec<_>>();
    (a.rule.code, a.certainty, a.span) == (b.rule.code, b.certainty, b.span) && places(a) == places(b)
}

/// Names those for whom the finding before holds as well.
fn write_others(
    unit: &Unit,
    others: &[(&Unit, Location, &Finding)],
    out: &mut dyn Write,
    style: &Style,
) -> io::Result<()> {
    if others.is_empty() {
        return Ok(());
    }
    let shown = if style.detail == Detail::Verbose { others.len() } else { FEW };
    let mut names: Vec<String> = others
        .iter()
        .take(shown)
        .map(|(u, _, f)| if *u == unit { f.subject.clone() } else { format!("{} in {}", f.subject, u.path) })
        .collect();
    let rest = others.len().saturating_sub(shown);
    if rest > 0 {
        names.push(format!("{rest} more"));
    }
    writeln!(out, "the same holds for {}", clean(&names.join(", ")))
}

/// Writes the problems with the input, one line each. Without detail only what stops the run from being complete,
/// with much detail also notes.
pub fn write_diagnostics(report: &Report<'_>, out: &mut dyn Write, style: &Style) -> io::Result<()> {
    let least = match style.detail {
        Detail::Quiet => Level::Error,
        Detail::Normal => Level::Warning,
        Detail::Verbose => Level::Note,
    };
    let all = report.sorted().diagnostics;
    let mut seen: BTreeMap<Code, usize> = BTreeMap::new();
    for (at, d) in all.iter().filter(|(_, d)| d.level >= least) {
        let before = seen.entry(d.code).or_default();
        *before += usize::from(d.level == Level::Warning);
        if *before > FEW && d.level == Level::Warning && style.detail < Detail::Verbose {
            continue;
        }
        let (word, tone) = match d.level {
            Level::Note => ("note", Tone::Faint),
            Level::Warning => ("warning", Tone::Doubt),
            Level::Error => ("error", Tone::Bad),
        };
        let place = match (at, d.span) {
            (Some(l), Some(_)) => format!("{}:{}:{}: ", clean(&l.path), l.line, l.column),
            (Some(l), None) => format!("{}: ", clean(&l.path)),
            (None, _) => String::new(),
        };
        let head = paint(style, tone, &format!("{word}[{}]", d.code.as_str()));
        writeln!(out, "{head}: {place}{}", clean(&d.message))?;
    }
    if style.detail != Detail::Normal {
        return Ok(());
    }
    for (code, rest) in seen.into_iter().filter_map(|(c, n)| Some((c, n.checked_sub(FEW)?))) {
        if rest > 0 {
            let head = paint(style, Tone::Doubt, &format!("warning[{}]", code.as_str()));
            writeln!(out, "{head}: {rest} more like these; -v shows all")?;
        }
    }
    match all.iter().filter(|(_, d)| d.level < least).count() {
        0 => Ok(()),
        n => writeln!(out, "{}", paint(style, Tone::Faint, &format!("{}; -v shows them", count(n, "note")))),
    }
}

/// "3 findings (1 critical, 2 high), 1 of them possible; 4 principals, 1 unknown; 12 files, 8 ms".
pub(super) fn summary(report: &Report<'_>, findings: &[&Finding], style: &Style) -> String {
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
    let suppressed = match report.suppressed() {
        0 => String::new(),
        n => format!(", {n} suppressed"),
    };
    let principals = count(report.verdicts.len(), "principal");
    let (units, files) = (count(report.units.len(), "unit"), count(report.files, "file"));
    let time = report.duration_ms.map(|ms| format!(", {ms} ms")).unwrap_or_default();
    format!("{head}{possible}{suppressed}; {principals}{unknown} in {units}; {files}{time}")
}

/// "1 file", "2 files".
fn count(n: usize, thing: &str) -> String {
    if n == 1 { format!("1 {thing}") } else { format!("{n} {thing}s") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Diagnostic;
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
    fn instances_of_one_declaration_are_one_finding_on_the_screen() {
        let mut parts = Parts::example();
        let first = parts.findings[0].clone();
        for n in 0..5 {
            let mut more = first.clone();
            more.1.subject = format!("aws_iam_user.many[{n}]");
            parts.findings.push(more);
        }
        let with = |detail| parts.written("human", &Style { color: false, detail });
        let normal = with(Detail::Normal);
        assert_eq!(normal.matches("critical[MFA002]").count(), 1, "{normal}");
        assert!(normal.contains(
            "the same holds for aws_iam_user.many[0], aws_iam_user.many[1], aws_iam_user.many[2], 2 more\n"
        ));
        assert!(normal.contains("6 findings (6 critical)"));
        assert!(with(Detail::Verbose).contains("aws_iam_user.many[4]"));
    }

    #[test]
    fn a_long_table_is_cut() {
        let mut parts = Parts::example();
        let first = parts.verdicts[2].clone();
        parts.verdicts.extend(std::iter::repeat_n(first, 100));
        let with = |detail| parts.written("human", &Style { color: false, detail });
        assert!(with(Detail::Normal).contains("\n  and 72 more; -v shows all\n"), "{}", with(Detail::Normal));
        assert!(!with(Detail::Verbose).contains("-v shows all"));
    }

    #[test]
    fn many_warnings_are_a_few_and_a_number() {
        let mut parts = Parts::empty();
        for n in 0..1000 {
            let message = format!("module `m{n:03}` is not on this machine");
            parts.diagnostics.push(Diagnostic::path(Code::RemoteModule, Level::Warning, "main.tf", message));
        }
        parts.diagnostics.push(Diagnostic::path(Code::UnknownTarget, Level::Note, "main.tf", "a note"));
        let written = |detail| {
            let mut out = Vec::new();
            write_diagnostics(&parts.report(), &mut out, &Style { color: false, detail }).unwrap();
            String::from_utf8(out).unwrap()
        };
        let normal = written(Detail::Normal);
        assert_eq!(normal.lines().count(), 5, "{normal}");
        assert!(
            normal.ends_with("warning[E012]: 997 more like these; -v shows all\n1 note; -v shows them\n")
        );
        assert_eq!(written(Detail::Verbose).lines().count(), 1001);
        assert_eq!(written(Detail::Quiet), "");
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
