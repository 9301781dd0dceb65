//! The lines of a file that a snippet shows, as ariadne wants them.
//!
//! ariadne prints whole lines and counts them from the start of the text it is given. A template may be one line of
//! a megabyte, and its line breaks are not ours (it also breaks at form feeds and at U+2028). So it gets a text of
//! our making: as many lines as the file has up to the last label, empty where nothing is pointed at, cleaned, and
//! cut around the label where they are long. Its offsets are characters of that text.

use std::collections::BTreeMap;
use std::ops::Range;

use super::paint::clean_char;
use crate::source::{Source, Span};

/// Longest line that is shown whole, in characters.
const LINE: usize = 140;

/// Characters that are kept before a label when a line is cut.
const BEFORE: usize = 30;

/// The lines of one file.
pub(in crate::report) struct Excerpt {
    /// The text for ariadne.
    pub(in crate::report) text: String,
    /// For each span that was asked for its place in the text.
    pub(in crate::report) labels: Vec<Mark>,
}

/// A span as it is shown: never more than one line.
pub(in crate::report) struct Mark {
    /// Characters of the excerpt's text.
    pub(in crate::report) chars: Range<usize>,
    /// Line, from 1, the same in the file and in the excerpt.
    pub(in crate::report) line: u32,
    /// Column in the file, from 1.
    pub(in crate::report) column: u32,
    /// Column in the excerpt, from 1; differs when the line was cut at its start.
    pub(in crate::report) shown_column: u32,
}

/// A span cut to its first line, in bytes.
struct Cut {
    line: u32,
    bytes: Range<usize>,
}

/// The part of a line that is shown.
struct Window {
    text: String,
    /// Characters of the line that were left out before it.
    dropped: usize,
    /// Characters of `text` that stand for them.
    ellipsis: usize,
}

/// The excerpt of `source` that holds `spans`.
pub(in crate::report) fn excerpt(source: &Source, spans: &[Span]) -> Excerpt {
    let cuts: Vec<Cut> = spans.iter().map(|s| cut(source, *s)).collect();
    let mut lines: BTreeMap<u32, (usize, usize)> = BTreeMap::new();
    for c in &cuts {
        let seen = lines.entry(c.line).or_insert((c.bytes.start, c.bytes.end));
        *seen = (seen.0.min(c.bytes.start), seen.1.max(c.bytes.end));
    }
    let mut text = String::new();
    let mut length = 0;
    let mut next = 1;
    let mut windows: BTreeMap<u32, (usize, Window)> = BTreeMap::new();
    for (&line, &(from, to)) in &lines {
        let gap = (line - next) as usize;
        text.extend(std::iter::repeat_n('\n', gap));
        let window = window(source, line_bytes(source, line), from..to);
        text.push_str(&window.text);
        text.push('\n');
        let at = length + gap;
        length = at + window.text.chars().count() + 1;
        windows.insert(line, (at, window));
        next = line + 1;
    }
    let labels = cuts.into_iter().map(|c| mark(source, &c, windows.get(&c.line))).collect();
    Excerpt { text, labels }
}

fn mark(source: &Source, cut: &Cut, window: Option<&(usize, Window)>) -> Mark {
    let (at, dropped, ellipsis, width) = match window {
        Some((at, w)) => (*at, w.dropped, w.ellipsis, w.text.chars().count()),
        None => (0, 0, 0, 0),
    };
    let start = source.line_range(cut.line).start;
    let column = |byte: usize| source.chars(start..byte);
    let place = |n: usize| (n.saturating_sub(dropped) + ellipsis).min(width);
    let (from, to) = (place(column(cut.bytes.start)), place(column(cut.bytes.end)));
    Mark {
        chars: at + from..at + to.max(from),
        line: cut.line,
        column: column(cut.bytes.start) as u32 + 1,
        shown_column: from as u32 + 1,
    }
}

/// A line without white space at its end.
fn line_bytes(source: &Source, line: u32) -> Range<usize> {
    let range = source.line_range(line);
    let text = source.text().get(range.clone()).unwrap_or("");
    range.start..range.start + text.trim_end().len()
}

fn cut(source: &Source, span: Span) -> Cut {
    let (line, _) = source.line_column(span.start);
    let (end_line, _) = source.line_column(span.end);
    let range = line_bytes(source, line);
    let inside = |byte: u32| (byte as usize).clamp(range.start, range.end);
    let (from, to) = (inside(span.start), if end_line == line { inside(span.end) } else { range.end });
    Cut { line, bytes: from..to.max(from) }
}

fn window(source: &Source, line: Range<usize>, label: Range<usize>) -> Window {
    // A tab is as wide as ariadne says, which needs to see it.
    let tidy = |c: char| if c == '\t' { c } else { clean_char(c) };
    let shown = |range: Range<usize>| source.shown_text(range).chars().map(tidy).collect::<String>();
    if source.chars(line.clone()) <= LINE {
        return Window { text: shown(line), dropped: 0, ellipsis: 0 };
    }
    let text = source.text();
    let start = if source.chars(line.start..label.end) <= LINE {
        line.start
    } else {
        let before = text.get(line.start..label.start).unwrap_or("").char_indices().rev();
        before.take(BEFORE).last().map_or(label.start, |(i, _)| line.start + i)
    };
    let behind = text.get(start..line.end).unwrap_or("").char_indices().nth(LINE);
    let end = behind.map_or(line.end, |(i, _)| start + i);
    let ellipsis = usize::from(start > line.start);
    let mut out = "…".repeat(ellipsis) + &shown(start..end);
    if end < line.end {
        out.push('…');
    }
    Window { text: out, dropped: source.chars(line.start..start), ellipsis }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::SourceMap;

    fn shown(text: &str, spans: &[(usize, usize)]) -> (String, Vec<(String, u32, u32, u32)>) {
        let sources = SourceMap::new();
        let source = sources.add("a", "a", text);
        let spans: Vec<Span> = spans.iter().map(|&(a, b)| Span::new(source.id(), a, b)).collect();
        let e = excerpt(&source, &spans);
        let chars: Vec<char> = e.text.chars().collect();
        let marks = e
            .labels
            .iter()
            .map(|m| (chars[m.chars.clone()].iter().collect(), m.line, m.column, m.shown_column))
            .collect();
        (e.text, marks)
    }

    #[test]
    fn only_lines_with_labels_are_kept() {
        let (text, marks) = shown("one\ntwo\nthree\n", &[(8, 13)]);
        assert_eq!(text, "\n\nthree\n");
        assert_eq!(marks, [("three".to_owned(), 3, 1, 1)]);
    }

    #[test]
    fn a_block_is_shown_by_its_first_line() {
        let (_, marks) = shown("resource {\r\n  a = 1\r\n}", &[(0, 22)]);
        assert_eq!(marks, [("resource {".to_owned(), 1, 1, 1)]);
    }

    #[test]
    fn characters_not_bytes() {
        let (_, marks) = shown("é = \"日本\" # x\u{2028}y\nz", &[(5, 13), (22, 23)]);
        assert_eq!(marks[0], ("\"日本\"".to_owned(), 1, 5, 5));
        assert_eq!(marks[1].1, 2);
    }

    #[test]
    fn a_long_line_is_cut_around_the_label() {
        let line = format!("{}needle{}", "a".repeat(5000), "b".repeat(5000));
        let (text, marks) = shown(&line, &[(5000, 5006)]);
        assert!(text.chars().count() < 160, "{text}");
        assert_eq!(marks, [("needle".to_owned(), 1, 5001, 32)]);
    }

    #[test]
    fn spans_outside_the_text_do_no_harm() {
        for (a, b) in [(0, 0), (3, 3), (3, 90), (90, 95)] {
            let (_, marks) = shown("abc", &[(a, b)]);
            assert_eq!(marks.len(), 1);
        }
        let (_, marks) = shown("", &[(0, 5)]);
        assert_eq!(marks.len(), 1);
    }
}
