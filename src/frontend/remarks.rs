//! What is written beside code about what is found in it: comments, keys `"//"` of JSON, metadata of templates.
//!
//! This says where such a remark stands and what it is about; what it means, and whether it counts, is decided by
//! `triage`.

use std::collections::BTreeSet;
use std::ops::Range;

use jsonc_parser::ast::{ObjectProp, Value};
use jsonc_parser::common::Ranged as _;
use memchr::memmem;

use super::{cloudformation, terraform};
use crate::json;
use crate::limits;
use crate::source::{Source, Span};

/// One remark.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remark {
    /// Where it stands.
    pub span: Span,
    /// What it says.
    pub said: Said,
    /// What it is about: what begins on its own line or on the next one with code, the object that holds the key, the
    /// resource or template that has the metadata.
    pub covers: Span,
    /// The top-level block or resource that it stands in.
    pub within: Option<Span>,
}

/// What a remark says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Said {
    /// The text of a comment, without its marks.
    Comment(String),
    /// An entry of the metadata of a resource or template.
    Entry {
        /// The key of the metadata: `mfaguard`, `checkov`, `cfn_nag`.
        tool: &'static str,
        /// The rules it names.
        ids: Vec<String>,
        /// Why.
        reason: Option<String>,
        /// The last day, as it is written.
        until: Option<String>,
    },
    /// Nothing, as all that come after it: there are too many in a file of its size.
    TooMany,
}

/// The remarks of a file in which one of the words stands. A comment without such a word is none.
pub fn remarks(source: &Source, words: &[&str]) -> Vec<Remark> {
    let has = |text: &str| words.iter().any(|w| memmem::find(text.as_bytes(), w.as_bytes()).is_some());
    if !has(source.text()) {
        return Vec::new();
    }
    let name = source.path().to_string_lossy();
    let mut out = if terraform::is_part(&name) && !name.ends_with(".json") {
        terraform::remarks(source, &has)
    } else {
        let mut out = cloudformation::remarks(source, &has);
        out.extend(keys(source));
        out
    };
    out.retain(|r| match &r.said {
        Said::Comment(text) => has(text),
        Said::Entry { .. } | Said::TooMany => true,
    });
    if let Some(first) = out.get_mut(most(source)) {
        first.said = Said::TooMany;
        out.truncate(most(source) + 1);
    }
    out
}

/// How many remarks of a file are looked at: each may be about all of it.
fn most(source: &Source) -> usize {
    limits::REMARK_BYTES / source.text().len().max(1)
}

/// A comment as it stands in a text.
pub(super) struct Comment {
    /// With its marks.
    pub(super) range: Range<usize>,
    /// What marks its beginning and its end.
    pub(super) marks: (&'static str, &'static str),
}

/// The comments of a text that are `wanted` as remarks. `end` says where what begins at an offset ends.
pub(super) fn of_comments(
    source: &Source,
    comments: &[Comment],
    wanted: &dyn Fn(&str) -> bool,
    end: impl Fn(usize) -> usize,
    within: impl Fn(usize) -> Option<Range<usize>>,
) -> Vec<Remark> {
    let text = &**source.text();
    let span = |r: Range<usize>| Span::new(source.id(), r.start, r.end);
    let starts: BTreeSet<usize> = comments.iter().map(|c| c.range.start).collect();
    let mut passed = None;
    let mut remark = |c: &Comment| {
        let body = text.get(c.range.clone()).unwrap_or("");
        let (open, close) = c.marks;
        let body = body.strip_prefix(open).unwrap_or(body);
        let body = body.strip_suffix(close).unwrap_or(body);
        let line = line_beside(text, &c.range, &starts, &mut passed);
        let first = line.start + indentation(text.get(line.clone()).unwrap_or(""));
        Remark {
            span: span(c.range.clone()),
            said: Said::Comment(body.trim().to_owned()),
            covers: span(line.start..line.end.max(end(first))),
            within: within(c.range.start).map(span),
        }
    };
    let wanted = |c: &&Comment| text.get(c.range.clone()).is_some_and(wanted);
    // One more than is looked at is one too many.
    comments.iter().filter(wanted).take(most(source) + 1).map(&mut remark).collect()
}

/// The line that a comment is about: its own when there is code on it, otherwise the next one that holds more than a
/// comment. `passed` are the lines with comments that were passed last, from the first, and the line behind them.
fn line_beside(
    text: &str,
    comment: &Range<usize>,
    comments: &BTreeSet<usize>,
    passed: &mut Option<(usize, Range<usize>)>,
) -> Range<usize> {
    let start = text.get(..comment.start).and_then(|t| t.rfind('\n')).map_or(0, |n| n + 1);
    let mut line = line_at(text, comment.end);
    let is_blank = |r: Range<usize>| text.get(r).is_none_or(|t| t.trim().is_empty());
    if !is_blank(start..comment.start) || !is_blank(comment.end..line.end) {
        return start..line.end;
    }
    let from = line.end + 1;
    loop {
        line = line_at(text, line.end + 1);
        if let Some((_, behind)) =
            passed.as_ref().filter(|(from, to)| (*from..to.start).contains(&line.start))
        {
            return behind.clone();
        }
        let first = line.start + indentation(text.get(line.clone()).unwrap_or(""));
        if line.start >= text.len() || !comments.contains(&first) {
            *passed = Some((from, line.clone()));
            return line;
        }
    }
}

/// The line that holds an offset, without its line break.
fn line_at(text: &str, at: usize) -> Range<usize> {
    let at = at.min(text.len());
    let start = text.get(..at).and_then(|t| t.rfind('\n')).map_or(0, |n| n + 1);
    let end = text.get(at..).and_then(|t| t.find('\n')).map_or(text.len(), |n| at + n);
    start..end
}

/// Bytes of white space at the beginning of a line.
pub(super) fn indentation(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

/// The keys `"//"` of a JSON text: each says something about the object that holds it.
fn keys(source: &Source) -> Vec<Remark> {
    let whole = source.text();
    let text = whole.strip_prefix('\u{feff}').unwrap_or(whole);
    let mut out = Vec::new();
    if let Ok(Some(value)) = json::parse_up_to(text, limits::JSON_VALUES) {
        let base = whole.len() - text.len();
        let span = |r: Range<usize>| Span::new(source.id(), base + r.start, base + r.end);
        let all = value.range();
        keys_of(&value, all.start..all.end, &span, &mut out);
    }
    out
}

/// The parser bounds how deep this goes. `around` is the value with its key.
fn keys_of(
    value: &Value<'_>,
    around: Range<usize>,
    span: &dyn Fn(Range<usize>) -> Span,
    out: &mut Vec<Remark>,
) {
    match value {
        Value::Object(object) => {
            for p in &object.properties {
                let range = p.range();
                if p.name.as_str() == "//" {
                    out.extend(texts(p).map(|(text, at)| Remark {
                        span: span(at),
                        said: Said::Comment(text.trim().to_owned()),
                        covers: span(around.clone()),
                        within: Some(span(around.clone())),
                    }));
                } else {
                    keys_of(&p.value, range.start..range.end, span, out);
                }
            }
        }
        Value::Array(array) => {
            for element in &array.elements {
                let range = element.range();
                keys_of(element, range.start..range.end, span, out);
            }
        }
        Value::StringLit(_) | Value::NumberLit(_) | Value::BooleanLit(_) | Value::NullKeyword(_) => {}
    }
}

/// The text of a property, or the texts when it is a list.
fn texts<'v>(property: &'v ObjectProp<'_>) -> impl Iterator<Item = (&'v str, Range<usize>)> {
    let list = property.value.as_array().map_or(std::slice::from_ref(&property.value), |a| &a.elements);
    list.iter().filter_map(|v| {
        let range = v.range();
        Some((json::text(Some(v))?, range.start..range.end))
    })
}
