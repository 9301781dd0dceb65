//! Tables in Markdown.

use std::io::{self, Write};

/// Writes the head of a table.
pub(super) fn head(out: &mut dyn Write, names: &[&str]) -> io::Result<()> {
    writeln!(out, "| {} |", names.join(" | "))?;
    writeln!(out, "|{}", "---|".repeat(names.len()))
}

/// Writes a row of a table.
pub(super) fn row(out: &mut dyn Write, cells: &[String]) -> io::Result<()> {
    let cells: Vec<String> = cells.iter().map(|c| inert(c.trim())).collect();
    writeln!(out, "| {} |", cells.join(" | "))
}

/// The text with everything written as an entity that means something in Markdown or HTML.
pub(super) fn inert(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            _ if c.is_control() => out.push(' '),
            '|' | '<' | '>' | '&' | '`' | '*' | '_' | '[' | ']' | '(' | ')' | '\\' | '!' | '#' | '~'
            | '@' => {
                out.push_str(&format!("&#{};", u32::from(c)));
            }
            _ => out.push(c),
        }
    }
    out
}
