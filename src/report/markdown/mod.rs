//! Documents in Markdown: lines and tables, as long as GitHub shows them.

pub(super) mod check;

use std::io::{self, Write};

use super::human::paint::clean_char;

/// Most bytes of a document. GitHub shows no job summary of more than 1 MiB.
const MOST: usize = 1_000_000;

/// A document that ends before it is too long, and says so.
pub(super) struct Document<'w> {
    out: &'w mut dyn Write,
    left: usize,
    /// How many lines did not fit. After the first of them there are no others.
    left_out: usize,
}

impl<'w> Document<'w> {
    /// An empty one.
    pub(super) fn new(out: &'w mut dyn Write) -> Self {
        Self { out, left: MOST, left_out: 0 }
    }

    /// Writes lines that stay together. Whatever comes from outside went through [`inert`].
    pub(super) fn lines(&mut self, text: &str) -> io::Result<()> {
        match self.left.checked_sub(text.len() + 1).filter(|_| self.left_out == 0) {
            Some(left) => {
                self.left = left;
                writeln!(self.out, "{text}")
            }
            None => {
                self.left_out += text.lines().filter(|l| !l.is_empty()).count();
                Ok(())
            }
        }
    }

    /// Writes the head of a table.
    pub(super) fn head(&mut self, names: &[&str]) -> io::Result<()> {
        self.lines(&format!("| {} |\n|{}", names.join(" | "), "---|".repeat(names.len())))
    }

    /// Writes a row of a table.
    pub(super) fn row(&mut self, cells: &[String]) -> io::Result<()> {
        let cells: Vec<String> = cells.iter().map(|c| inert(c.trim())).collect();
        self.lines(&format!("| {} |", cells.join(" | ")))
    }

    /// Says what did not fit.
    pub(super) fn finish(self) -> io::Result<()> {
        match self.left_out {
            0 => Ok(()),
            n => writeln!(self.out, "\n{n} more lines did not fit: this would be longer than GitHub shows."),
        }
    }
}

/// The text with everything written as an entity that means something in Markdown or HTML. What GitHub would make a
/// link or a mention of is taken apart by a space without width.
pub(super) fn inert(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        match c {
            _ if c.is_control() => out.push(' '),
            '@' | '#' => out.push_str(&format!("&#{};&#8203;", u32::from(c))),
            '|' | '<' | '>' | '&' | '`' | '*' | '_' | '[' | ']' | '(' | ')' | '\\' | '!' | '~' => {
                out.push_str(&format!("&#{};", u32::from(c)));
            }
            ':' if rest.as_str().starts_with('/') => out.push_str(":&#8203;"),
            '.' if out.len() >= 3 && out.to_ascii_lowercase().ends_with("www") => out.push_str("&#8203;."),
            _ => out.push(clean_char(c)),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_means_anything() {
        let rows = [
            ("a|b", "a&#124;b"),
            ("<img src=x>", "&#60;img src=x&#62;"),
            ("[x](y)", "&#91;x&#93;&#40;y&#41;"),
            ("a\nb", "a b"),
            ("bob@example.com", "bob&#64;&#8203;example.com"),
            ("see #12", "see &#35;&#8203;12"),
            ("https://example.com", "https:&#8203;//example.com"),
            ("WWW.example.com", "WWW&#8203;.example.com"),
            ("arn:aws:iam::1:user/a", "arn:aws:iam::1:user/a"),
            ("a\u{202e}b", "a\u{fffd}b"),
        ];
        for (text, wanted) in rows {
            assert_eq!(inert(text), wanted);
        }
    }

    #[test]
    fn what_does_not_fit_is_counted_and_nothing_is_cut_in_two() {
        let mut out = Vec::new();
        let mut document = Document::new(&mut out);
        document.head(&["a", "b"]).unwrap();
        for n in 0..30_000 {
            document.row(&[format!("{n:020}"), "x".repeat(30)]).unwrap();
        }
        document.lines("\nshort").unwrap();
        document.finish().unwrap();
        let text = String::from_utf8(out).unwrap();
        assert!(text.len() < 1 << 20);
        let rows = text.lines().filter(|l| l.starts_with("| 0") && l.ends_with("xx |")).count();
        let more = 30_000 - rows + 1;
        assert!(more > 1 && !text.contains("short"));
        assert!(text.ends_with(&format!(
            "\n\n{more} more lines did not fit: this would be longer than GitHub shows.\n"
        )));
    }
}
