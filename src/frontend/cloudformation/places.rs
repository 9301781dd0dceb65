//! Which bytes of the source each byte of a scalar's text comes from.

use crate::source::Span;
use crate::value::Segment;

/// How a scalar is written, as far as the way from its text back to the source depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    /// Without escapes: plain and block scalars, whose lines are folded or stripped of their indentation.
    Lines,
    /// In single quotes (`''` is a quote).
    Single,
    /// In double quotes with backslash escapes, of YAML or of JSON.
    Double,
    /// Not the text of the source.
    Made,
}

/// The runs of `text`, which `raw` (the bytes of `body`) was read as.
pub(super) fn segments(text: &str, raw: &str, body: Span, style: Style) -> Vec<Segment> {
    let whole = |exact| vec![Segment { at: 0, span: body, exact }];
    if style == Style::Made {
        return whole(false);
    }
    if raw == text {
        return whole(true);
    }
    let found = if style == Style::Lines || raw.contains('\n') { lines(text, raw, body) } else { None };
    let found = found.or_else(|| match style {
        Style::Single | Style::Double => escapes(text, raw, body, style),
        Style::Lines | Style::Made => None,
    });
    found.unwrap_or_else(|| whole(false))
}

/// Lines of the source without indentation, one after the other, with nothing but white space between them.
fn lines(text: &str, raw: &str, body: Span) -> Option<Vec<Segment>> {
    let mut out = Vec::new();
    let (mut at, mut offset) = (0, body.start as usize);
    for line in raw.split_inclusive('\n') {
        let content = line.trim();
        let from = offset + (line.len() - line.trim_start().len());
        let line_start = offset;
        offset += line.len();
        if content.is_empty() {
            continue;
        }
        let rest = text.get(at..)?;
        let blank = rest.len() - rest.trim_start().len();
        if !rest.get(blank..)?.starts_with(content) {
            return None;
        }
        // White space that the line begins with in the text as well is part of its run.
        let own = rest.get(..blank)?.rsplit('\n').next().map_or(0, str::len);
        let own = if out.is_empty() { 0 } else { own.min(from - line_start) };
        at += blank;
        let span = Span::new(body.source, from - own, from + content.len());
        out.push(Segment { at: at - own, span, exact: true });
        at += content.len();
    }
    text.get(at..)?.trim().is_empty().then_some(out)
}

/// One line with escapes: exact runs with the escapes between them.
fn escapes(text: &str, raw: &str, body: Span, style: Style) -> Option<Vec<Segment>> {
    let mut out: Vec<Segment> = Vec::new();
    let (mut at, mut from) = (0, 0);
    let mut fresh = true;
    while let Some(c) = raw.get(from..)?.chars().next() {
        let rest = raw.get(from..)?;
        let width = match style {
            Style::Double if c == '\\' => escape_width(rest),
            Style::Single if rest.starts_with("''") => 2,
            Style::Single | Style::Double | Style::Lines | Style::Made => 0,
        };
        let decoded = text.get(at..)?.chars().next()?;
        let start = body.start as usize + from;
        if width > 0 {
            out.push(Segment { at, span: Span::new(body.source, start, start + width), exact: false });
            (from, at, fresh) = (from + width, at + decoded.len_utf8(), true);
        } else if decoded == c {
            let end = start + c.len_utf8();
            match out.last_mut() {
                Some(last) if !fresh => last.span.end = end as u32,
                Some(_) | None => {
                    out.push(Segment { at, span: Span::new(body.source, start, end), exact: true });
                }
            }
            (from, at, fresh) = (from + c.len_utf8(), at + c.len_utf8(), false);
        } else {
            return None;
        }
    }
    (at == text.len()).then_some(out)
}

/// Bytes of the escape that `rest` begins with.
fn escape_width(rest: &str) -> usize {
    let pair = rest.get(6..8) == Some("\\u");
    match rest.as_bytes().get(1) {
        Some(b'x') => 4,
        Some(b'u') if surrogate(rest) && pair => 12,
        Some(b'u') => 6,
        Some(b'U') => 10,
        Some(_) | None => 1 + rest.chars().nth(1).map_or(0, char::len_utf8),
    }
}

fn surrogate(rest: &str) -> bool {
    rest.get(2..4).is_some_and(|s| matches!(s.to_ascii_lowercase().as_str(), "d8" | "d9" | "da" | "db"))
}
