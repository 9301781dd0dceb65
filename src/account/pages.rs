//! JSON files as `aws iam …` prints them: one document, a list of them, or one after another.

use std::ops::Range;

use crate::diagnostic::{Code, Diagnostic, Level};
use crate::policy::json::{JsonProblem, json_in_parts};
use crate::source::{Source, Span};
use crate::value::{Kind, Text, Value};

/// What a file holds.
pub(super) struct Pages {
    /// The file.
    pub(super) span: Span,
    /// Its documents.
    pub(super) pages: Vec<Value>,
    /// Whether these are all there are.
    pub(super) whole: bool,
}

/// The documents of a file. What cannot be read is told.
pub(super) fn read(source: &Source, problems: &mut Vec<Diagnostic>) -> Pages {
    read_in_parts(source, problems, &[], &mut |_, _| {})
}

/// The documents of a file that may be large: what stands in their lists of these names goes to `each`, one element
/// after the other, and the lists in the documents are empty.
pub(super) fn read_in_parts(
    source: &Source,
    problems: &mut Vec<Diagnostic>,
    lists: &[&str],
    each: &mut dyn FnMut(&str, Value),
) -> Pages {
    let (mut out, before) = (Vec::new(), problems.len());
    let ranges = split(source.text());
    if ranges.is_empty() {
        problems.push(Diagnostic::at(Code::JsonSyntax, Level::Error, source.span(), "the file is empty"));
    }
    for range in ranges {
        let text = source.text().get(range.clone()).unwrap_or_default();
        let span = Span::new(source.id(), range.start, range.end);
        match json_in_parts(&Text::at(text, span, true), Some(span), lists, each) {
            Ok(page) => match &page.kind {
                Kind::List(pages) => out.extend(pages.iter().cloned()),
                Kind::Null
                | Kind::Bool(_)
                | Kind::Number(_)
                | Kind::String(_)
                | Kind::Set(_)
                | Kind::Map(_)
                | Kind::OneOf(_)
                | Kind::Unknown(_) => out.push(page),
            },
            Err(JsonProblem::Invalid { message, span: at }) => {
                let at = at.unwrap_or(span);
                let message = format!("not valid JSON: {message}");
                problems.push(Diagnostic::at(Code::JsonSyntax, Level::Error, at, message));
            }
            Err(JsonProblem::Open(why)) => {
                problems.push(Diagnostic::at(Code::JsonSyntax, Level::Error, span, why.reason()));
            }
        }
    }
    if is_cut(&out) {
        let message = "AWS has more to say than is in this file: its last page is missing";
        problems.push(Diagnostic::at(Code::BadSnapshot, Level::Error, source.span(), message));
    }
    Pages { span: source.span(), pages: out, whole: problems.len() == before }
}

/// The byte ranges of the documents of a text: each ends where its first bracket is closed.
fn split(text: &str) -> Vec<Range<usize>> {
    let (mut out, mut start, mut depth) = (Vec::new(), None, 0_usize);
    let (mut quoted, mut escaped) = (false, false);
    let mark = if text.starts_with('\u{feff}') { 3 } else { 0 };
    for (i, b) in text.bytes().enumerate().skip(mark) {
        if start.is_none() && !b.is_ascii_whitespace() {
            start = Some(i);
        }
        match b {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b'{' | b'[' if !quoted => depth += 1,
            b'}' | b']' if !quoted => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    out.extend(start.take().map(|s| s..i + 1));
                }
            }
            _ => {}
        }
    }
    out.extend(start.map(|s| s..text.len()));
    out
}

/// The text of a member.
pub(super) fn text<'v>(of: &'v Value, name: &str) -> Option<&'v str> {
    of.get(name).and_then(Value::as_str)
}

/// The elements of a member; nothing for anything else.
pub(super) fn items<'v>(of: &'v Value, name: &str) -> &'v [Value] {
    of.get(name).and_then(Value::as_list).unwrap_or_default()
}

/// A member that is a whole number.
pub(super) fn number(of: &Value, name: &str) -> Option<u64> {
    match &of.get(name)?.kind {
        Kind::Number(n) => n.as_i64().and_then(|n| u64::try_from(n).ok()),
        Kind::Null
        | Kind::Bool(_)
        | Kind::String(_)
        | Kind::List(_)
        | Kind::Set(_)
        | Kind::Map(_)
        | Kind::OneOf(_)
        | Kind::Unknown(_) => None,
    }
}

/// Whether AWS has more to say than these pages hold.
fn is_cut(pages: &[Value]) -> bool {
    let goes_on = |page: &Value| {
        let truncated = page.get("IsTruncated").is_some_and(|v| matches!(v.kind, Kind::Bool(true)));
        truncated || text(page, "NextToken").is_some()
    };
    pages.last().is_some_and(goes_on)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::SourceMap;

    fn documents(text: &str) -> (usize, usize) {
        let sources = SourceMap::new();
        let source = sources.add("a.json", "a.json", text);
        let mut problems = Vec::new();
        (read(&source, &mut problems).pages.len(), problems.len())
    }

    #[test]
    fn one_several_and_a_list() {
        assert_eq!(documents("{\"a\": \"}{\\\"\"}"), (1, 0));
        assert_eq!(documents("{}\n{}\n\n{}"), (3, 0));
        assert_eq!(documents("[{}, {}]"), (2, 0));
        assert_eq!(documents("\u{feff}{\"a\": 1}"), (1, 0));
    }

    #[test]
    fn broken_ones_are_told() {
        assert_eq!(documents(""), (0, 1));
        assert_eq!(documents("{\"a\": 1} garbage"), (1, 1));
        assert_eq!(documents("{\"a\": "), (0, 1));
        assert_eq!(documents("}{"), (0, 2));
        assert_eq!(documents(&"[".repeat(100_000)), (0, 1));
        assert_eq!(documents("<html>500</html>"), (0, 1));
    }
}
