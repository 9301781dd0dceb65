//! The principals of each unit, one a line.

use std::collections::BTreeSet;
use std::io::{self, Write};

use super::count;
use super::paint::{Tone, clean, paint};
use crate::analysis::verdict::{Enforcement, Verdict};
use crate::finding::Finding;
use crate::report::{Detail, Style, is_unsettled, matters};
use crate::scan::Unit;
use crate::source::Location;
use crate::tri::Tri;

/// One cell: what it says and how.
pub(super) type Cell = (String, Tone);

/// Columns of the table.
const HEAD: [&str; 6] = ["kind", "principal", "console", "admin", "mfa (console)", "mfa (keys)"];

/// How many principals of a unit are shown unasked.
const ROWS: usize = 30;

/// Writes a table for each unit that has somebody to show.
pub(super) fn write(
    units: &[Unit],
    verdicts: &[(&Unit, Option<Location>, &Verdict)],
    findings: &[(&Unit, Location, &Finding)],
    out: &mut dyn Write,
    style: &Style,
) -> io::Result<()> {
    for unit in units {
        let all: Vec<&Verdict> = verdicts.iter().filter(|(u, _, _)| u == &unit).map(|(_, _, v)| *v).collect();
        let subjects: BTreeSet<&str> =
            findings.iter().filter(|(u, _, _)| u == &unit).map(|(_, _, f)| f.subject.as_str()).collect();
        let (shown, rest): (Vec<&Verdict>, Vec<&Verdict>) =
            all.into_iter().partition(|v| style.detail == Detail::Verbose || shows(v, &subjects));
        if !shown.is_empty() {
            write_unit(unit, &shown, rest.len(), out, style)?;
        }
    }
    Ok(())
}

/// Whether an engineer wants to see it unasked.
pub(in crate::report) fn shows(v: &Verdict, subjects: &BTreeSet<&str>) -> bool {
    matters(v) || [&v.address, &v.name].into_iter().flatten().any(|n| subjects.contains(n.as_str()))
}

fn write_unit(
    unit: &Unit,
    shown: &[&Verdict],
    others: usize,
    out: &mut dyn Write,
    style: &Style,
) -> io::Result<()> {
    let title = paint(style, Tone::Strong, &clean(&unit.path));
    writeln!(out, "{title} ({}, {})", unit.kind, count(unit.files, "file"))?;
    let head: Vec<Cell> = HEAD.iter().map(|h| ((*h).to_owned(), Tone::Faint)).collect();
    let rows: Vec<(Vec<Cell>, &Verdict)> = shown.iter().map(|v| (cells(v), *v)).collect();
    let widths = widths(std::iter::once(&head).chain(rows.iter().map(|(r, _)| r)), HEAD.len());
    write_row(&head, &widths, "", out, style)?;
    let most = if style.detail == Detail::Verbose { rows.len() } else { ROWS };
    for (row, v) in rows.iter().take(most) {
        let address = v.address.as_deref().filter(|a| v.label() != *a).unwrap_or("");
        write_row(row, &widths, address, out, style)?;
        if style.detail == Detail::Verbose {
            write_reasons(v, out, style)?;
        }
    }
    if let Some(more) = rows.len().checked_sub(most).filter(|n| *n > 0) {
        writeln!(out, "{}", paint(style, Tone::Faint, &format!("  and {more} more; -v shows all")))?;
    }
    if others > 0 {
        let text = format!("  and {} without console access and not admin", count(others, "other principal"));
        writeln!(out, "{}", paint(style, Tone::Faint, &text))?;
    }
    out.write_all(b"\n")
}

/// How wide the columns of some rows are.
pub(super) fn widths<'r>(rows: impl Iterator<Item = &'r Vec<Cell>> + Clone, columns: usize) -> Vec<usize> {
    let widest = |i: usize| rows.clone().filter_map(|r| r.get(i)).map(width).max().unwrap_or_default();
    (0..columns).map(widest).collect()
}

/// Writes one row, and what follows its last column.
pub(super) fn write_row(
    row: &[Cell],
    widths: &[usize],
    last: &str,
    out: &mut dyn Write,
    style: &Style,
) -> io::Result<()> {
    let mut line = String::new();
    for (cell, width_of) in row.iter().zip(widths) {
        let pad = " ".repeat(width_of.saturating_sub(width(cell)));
        line.push_str("  ");
        line.push_str(&paint(style, cell.1, &cell.0));
        line.push_str(&pad);
    }
    if !last.is_empty() {
        line.push_str("  ");
        line.push_str(&paint(style, Tone::Faint, &clean(last)));
    }
    writeln!(out, "{}", line.trim_end())
}

/// The proof and what is missing, below a row.
fn write_reasons(v: &Verdict, out: &mut dyn Write, style: &Style) -> io::Result<()> {
    let known = v.evidence.iter().map(|e| ("", e.text.as_str()));
    let open = v.unknown.iter().filter(|_| is_unsettled(v)).map(|u| ("not known: ", u.reason()));
    for (word, text) in known.chain(open) {
        writeln!(out, "{}", paint(style, Tone::Faint, &format!("        {word}{}", clean(text))))?;
    }
    Ok(())
}

fn cells(v: &Verdict) -> Vec<Cell> {
    vec![
        (v.kind.as_str().to_owned(), Tone::Plain),
        (clean(v.label()).into_owned(), Tone::Strong),
        (v.console.to_string(), fact(v.console)),
        (v.admin.to_string(), fact(v.admin)),
        (v.mfa.as_str().to_owned(), gate(v.mfa)),
        (v.mfa_keys.as_str().to_owned(), gate(v.mfa_keys)),
    ]
}

pub(super) fn fact(t: Tri) -> Tone {
    match t {
        Tri::Yes => Tone::Plain,
        Tri::Maybe => Tone::Doubt,
        Tri::No => Tone::Faint,
    }
}

pub(super) fn gate(e: Enforcement) -> Tone {
    match e {
        Enforcement::Enforced => Tone::Good,
        Enforcement::Partial | Enforcement::Unknown => Tone::Doubt,
        Enforcement::NotEnforced => Tone::Bad,
        Enforcement::NotApplicable => Tone::Faint,
    }
}

/// Columns a cell takes; wide characters take two.
fn width(cell: &Cell) -> usize {
    unicode_width::UnicodeWidthStr::width(cell.0.as_str())
}
