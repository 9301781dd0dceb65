//! Reports as one page of HTML that holds everything it needs and loads nothing.
//!
//! The templates are beside this file; [`Inert`] stands between them and every text that comes from outside. A report
//! is a [`Shell`] around parts that all of them share: tiles, tables, findings.

pub(super) mod check;
pub(super) mod drift;
mod findings;
mod pie;
pub(super) mod status;
mod table;
#[cfg(test)]
mod tests;

use std::fmt;
use std::io;

use askama::Template;
use askama::filters::Escaper;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

use super::human::paint::clean_char;
use super::json::TOOL;
use super::{Report, Sorted};
use crate::analysis::verdict::Enforcement;
use crate::diagnostic::Level;
use crate::source::Location;
use crate::tri::Tri;
use table::{Cell, Column, Row, Table};

const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("script.js");

/// Writes text so that it is only text: nothing in it is markup, moves, or turns the direction of writing.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Inert;

impl Escaper for Inert {
    fn write_escaped_str<W: fmt::Write>(&self, mut dest: W, text: &str) -> fmt::Result {
        let mut plain = 0;
        for (at, c) in text.char_indices() {
            let entity = match c {
                '&' => "&amp;",
                '<' => "&lt;",
                '>' => "&gt;",
                '"' => "&quot;",
                '\'' => "&#39;",
                _ if clean_char(c) != c => "\u{fffd}",
                _ => continue,
            };
            dest.write_str(text.get(plain..at).unwrap_or_default())?;
            dest.write_str(entity)?;
            plain = at + c.len_utf8();
        }
        dest.write_str(text.get(plain..).unwrap_or_default())
    }
}

/// What is around every report.
struct Shell<'a> {
    title: &'static str,
    /// What was looked at, in a few lines.
    about: Vec<String>,
    /// The answer in one sentence.
    answer: String,
    /// Problems with the input.
    problems: Table<'a>,
    tool: String,
    style: &'static str,
    script: &'static str,
    /// The content security policy: this style and this script, and nothing from anywhere.
    policy: String,
}

impl<'a> Shell<'a> {
    fn new(title: &'static str, about: Vec<String>, answer: String, report: &Report<'a>) -> Self {
        let hash = |text: &str| format!("'sha256-{}'", STANDARD.encode(Sha256::digest(text)));
        Self {
            title,
            about,
            answer,
            problems: problems(report),
            tool: format!("{} {}", TOOL.name, TOOL.version),
            style: STYLE,
            script: SCRIPT,
            policy: format!(
                "default-src 'none'; style-src {}; script-src {}; base-uri 'none'; form-action 'none'",
                hash(STYLE),
                hash(SCRIPT)
            ),
        }
    }
}

/// A number that is looked at first.
struct Tile {
    name: &'static str,
    count: usize,
    /// What it is a part of.
    more: String,
    tone: &'static str,
}

impl Tile {
    /// Something of which one is too many. None is good only when it is certain.
    fn bad(name: &'static str, count: usize, more: String, certain: bool) -> Self {
        let tone = match (count, certain) {
            (0, true) => "good",
            (0, false) => "",
            (_, _) => "bad",
        };
        Self { name, count, more, tone }
    }

    /// Something that ought to be settled.
    fn doubt(name: &'static str, count: usize) -> Self {
        Self { name, count, more: String::new(), tone: if count > 0 { "doubt" } else { "" } }
    }
}

fn problems<'a>(report: &Report<'a>) -> Table<'a> {
    let row = |(at, d): (Option<Location>, &'a crate::diagnostic::Diagnostic)| {
        let (level, tone) = match d.level {
            Level::Error => ("error", "bad"),
            Level::Warning => ("warning", "doubt"),
            Level::Note => ("note", ""),
        };
        Row::new(vec![
            Cell::text(d.message.as_str()),
            Cell::text(level).tone(tone),
            Cell::text(d.code.as_str()),
            Cell::text(at.map(|l| l.to_string()).unwrap_or_default()),
        ])
    };
    let Sorted { diagnostics, .. } = report.sorted();
    let columns = vec![
        Column::text("what", "What could not be read or does not fit"),
        Column::text("level", "error: the report is not complete; warning: something is unknown for it"),
        Column::text("code", "Kind of problem"),
        Column::text("place", "Where it is"),
    ];
    Table::new("problems-table", "Problems", columns, diagnostics.into_iter().map(row).collect())
}

/// The class of a fact that is worth seeing when it holds.
fn fact(t: Tri) -> &'static str {
    match t {
        Tri::Yes => "strong",
        Tri::Maybe => "doubt",
        Tri::No => "faint",
    }
}

/// The class of an enforcement.
fn gate(e: Enforcement) -> &'static str {
    match e {
        Enforcement::Enforced => "good",
        Enforcement::Partial | Enforcement::Unknown => "doubt",
        Enforcement::NotEnforced => "bad",
        Enforcement::NotApplicable => "faint",
    }
}

/// "1 user", "2 users".
fn count(n: usize, what: &str) -> String {
    format!("{n} {what}{}", if n == 1 { "" } else { "s" })
}

/// Writes a page.
fn render(page: &impl Template, out: &mut dyn io::Write) -> io::Result<()> {
    let mut out = io::BufWriter::new(out);
    Template::write_into(page, &mut out)?;
    // The line break at the end of a template is not part of it.
    io::Write::write_all(&mut out, b"\n")?;
    io::Write::flush(&mut out)
}
