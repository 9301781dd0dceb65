//! JSON text with holes, as a value with places.
//!
//! A hole inside a JSON string stays a hole of that string; a hole that stands where a JSON value stands is an
//! unknown value. To parse such text, each hole is written as a character that the text does not contain; a key with
//! holes keeps these characters, and is said to ([`Json::open`]).

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use jsonc_parser::ast;
use jsonc_parser::common::Ranged;

use crate::source::Span;
use crate::value::{Entries, Entry, Hole, Kind, Number, Segment, Text, Unknown, Value};
use crate::{json, limits};

/// Why a text is no JSON.
#[derive(Debug, Clone, PartialEq)]
pub enum JsonProblem {
    /// It is not, whatever the holes stand for.
    Invalid {
        /// What is wrong.
        message: String,
        /// The place.
        span: Option<Span>,
    },
    /// It cannot be told: parts of it are not known.
    Open(Unknown),
}

/// The value of a JSON text, with places and holes kept. A text without a place is said to stand at `span`. An object
/// with a hole in a key is unknown.
///
/// # Errors
/// When it is no JSON, nests deeper than [`limits::DEPTH`], or when its holes are in the way.
pub fn json_to_value(text: &Text, span: Option<Span>) -> Result<Value, JsonProblem> {
    read_with(text, span, false).map(|json| json.value)
}

/// As [`json_to_value`], of a text without holes that is too large for one value: what stands in the lists of these
/// names goes to `each`, one element after the other, and the lists in the value are empty. The lists are members of
/// the object that the text is, or of the objects in the list that it is, and come in the order of the names.
///
/// # Errors
/// As [`json_to_value`]; nothing went to `each` then.
pub fn json_in_parts(
    text: &Text,
    span: Option<Span>,
    names: &[&str],
    each: &mut dyn FnMut(&str, Value),
) -> Result<Value, JsonProblem> {
    let rendered = Rendered::new(text);
    let root = rendered.parse(span)?;
    let mut reader = Reader::new(&rendered, span, None);
    let top = reader.place(&root);
    Ok(match &root {
        ast::Value::Array(pages) => {
            Value::list(pages.elements.iter().map(|page| reader.page(page, names, each)).collect(), top)
        }
        page => reader.page(page, names, each),
    })
}

/// A value with what is to be said about the keys of its objects.
#[derive(Debug, Clone, PartialEq)]
pub struct Json {
    /// The value; of equal keys the last.
    pub value: Value,
    /// Keys that are written again, with their places.
    pub duplicates: Vec<(String, Option<Span>)>,
    /// Keys with holes, by what stands for them in the value.
    pub open: BTreeMap<String, Text>,
}

/// As [`json_to_value`], with all that is to be said about keys.
///
/// # Errors
/// As [`json_to_value`].
pub fn read(text: &Text, span: Option<Span>) -> Result<Json, JsonProblem> {
    read_with(text, span, true)
}

fn read_with(text: &Text, span: Option<Span>, open_keys: bool) -> Result<Json, JsonProblem> {
    let rendered = Rendered::new(text);
    let root = rendered.parse(span)?;
    let mut reader = Reader::new(&rendered, span, open_keys.then(BTreeMap::new));
    let value = reader.value(&root);
    Ok(Json { value, duplicates: reader.duplicates, open: reader.open.unwrap_or_default() })
}

/// Whether nothing in it is deeper than so many levels.
fn fits(node: &ast::Value<'_>, levels: usize) -> bool {
    let below = |v: &ast::Value<'_>| levels.checked_sub(1).is_some_and(|levels| fits(v, levels));
    match node {
        ast::Value::Array(array) => array.elements.iter().all(below),
        ast::Value::Object(object) => object.properties.iter().all(|p| below(&p.value)),
        ast::Value::StringLit(_)
        | ast::Value::NumberLit(_)
        | ast::Value::BooleanLit(_)
        | ast::Value::NullKeyword(_) => true,
    }
}

/// The text with its holes written as characters.
struct Rendered<'a> {
    source: &'a Text,
    text: Cow<'a, str>,
    mark: char,
    /// Where each hole's character stands.
    holes: Vec<Placed<'a>>,
}

struct Placed<'a> {
    at: usize,
    /// Bytes that were added up to the end of this hole.
    added: usize,
    /// True when it stands where a JSON value stands.
    bare: bool,
    unknown: &'a Unknown,
}

impl<'a> Rendered<'a> {
    fn new(source: &'a Text) -> Self {
        let visible = source.visible();
        if source.holes().is_empty() {
            return Self { source, text: Cow::Borrowed(visible), mark: char::MAX, holes: Vec::new() };
        }
        let mark = ('\u{100000}'..=char::MAX).find(|c| !visible.contains(*c)).unwrap_or(char::MAX);
        let (mut text, mut holes) = (String::with_capacity(visible.len() + 8), Vec::new());
        let (mut quoted, mut escaped, mut added) = (false, false, 0);
        for piece in source.pieces() {
            match piece {
                Ok(known) => {
                    for b in known.bytes() {
                        match b {
                            _ if escaped => escaped = false,
                            b'\\' if quoted => escaped = true,
                            b'"' => quoted = !quoted,
                            _ => {}
                        }
                    }
                    text.push_str(known);
                }
                Err(unknown) => {
                    let before = text.len();
                    if !quoted {
                        text.push('"');
                    }
                    let at = text.len();
                    text.push(mark);
                    if !quoted {
                        text.push('"');
                    }
                    added += text.len() - before;
                    holes.push(Placed { at, added, bare: !quoted, unknown });
                }
            }
        }
        Self { source, text: Cow::Owned(text), mark, holes }
    }

    /// What it is as JSON that nests no deeper than is permitted.
    fn parse(&self, span: Option<Span>) -> Result<ast::Value<'_>, JsonProblem> {
        let invalid = |message: String, at: Option<Span>| match self.holes.first() {
            Some(hole) => JsonProblem::Open(hole.unknown.clone()),
            None => JsonProblem::Invalid { message, span: at.or(span) },
        };
        let root =
            json::parse(&self.text).map_err(|e| invalid(e.message, self.span(e.range.start, e.range.end)))?;
        let Some(root) = root else { return Err(invalid("the text is empty".to_owned(), None)) };
        match fits(&root, limits::DEPTH) {
            true => Ok(root),
            false => Err(invalid(format!("it nests deeper than {} levels", limits::DEPTH), None)),
        }
    }

    /// Offset in the source of an offset in the rendered text.
    fn offset(&self, at: usize) -> usize {
        let before = self.holes.partition_point(|h| h.at < at);
        let added = before.checked_sub(1).and_then(|i| self.holes.get(i)).map_or(0, |h| h.added);
        at.saturating_sub(added)
    }

    fn span(&self, start: usize, end: usize) -> Option<Span> {
        self.source.span_of(self.offset(start), self.offset(end))
    }

    /// The holes in a range.
    fn holes(&self, start: usize, end: usize) -> &[Placed<'a>] {
        let from = self.holes.partition_point(|h| h.at < start);
        let to = self.holes.partition_point(|h| h.at < end);
        self.holes.get(from..to).unwrap_or(&[])
    }
}

struct Reader<'r, 'a> {
    rendered: &'r Rendered<'a>,
    span: Option<Span>,
    duplicates: Vec<(String, Option<Span>)>,
    /// Keys with holes; none when an object with such a key is to be unknown.
    open: Option<BTreeMap<String, Text>>,
}

impl<'r, 'a> Reader<'r, 'a> {
    fn new(rendered: &'r Rendered<'a>, span: Option<Span>, open: Option<BTreeMap<String, Text>>) -> Self {
        Self { rendered, span, duplicates: Vec::new(), open }
    }

    fn place(&self, of: &impl Ranged) -> Option<Span> {
        let range = of.range();
        self.rendered.span(range.start, range.end).or(self.span)
    }

    /// An object whose lists of these names go to `each`; what is none as it is.
    fn page(&mut self, page: &ast::Value<'_>, names: &[&str], each: &mut dyn FnMut(&str, Value)) -> Value {
        for name in names {
            for element in json::elements(json::member(page, name)) {
                each(name, self.value(element));
            }
        }
        let ast::Value::Object(object) = page else { return self.value(page) };
        self.object(object, &|name| names.contains(&name))
    }

    fn value(&mut self, node: &ast::Value<'_>) -> Value {
        let span = self.place(node);
        match node {
            ast::Value::StringLit(lit) => self.string(lit, span),
            ast::Value::NumberLit(lit) => match Number::parse(lit.value) {
                Some(number) => Value::new(Kind::Number(number), span),
                None => Value::unknown(format!("the number `{}` cannot be read", lit.value), span),
            },
            ast::Value::BooleanLit(lit) => Value::bool(lit.value, span),
            ast::Value::NullKeyword(_) => Value::null(span),
            ast::Value::Array(array) => {
                Value::list(array.elements.iter().map(|v| self.value(v)).collect(), span)
            }
            ast::Value::Object(object) => self.object(object, &|_| false),
        }
    }

    /// An object; its lists of which `emptied` says so are without their elements.
    fn object(&mut self, object: &ast::Object<'_>, emptied: &dyn Fn(&str) -> bool) -> Value {
        let span = self.place(object);
        let mut entries = Entries::new();
        for property in &object.properties {
            let key_span = self.place(&property.name);
            let range = property.name.range();
            if let Some(hole) = self.rendered.holes(range.start, range.end).first() {
                let Some(key) = self.open_key(&property.name, key_span) else {
                    return Value::new(Kind::Unknown(hole.unknown.clone()), span);
                };
                let value = self.value(&property.value);
                entries.insert(key.into(), Entry { key_span, value });
                continue;
            }
            let value = match &property.value {
                ast::Value::Array(list) if emptied(property.name.as_str()) => {
                    Value::list(Vec::new(), self.place(list))
                }
                value => self.value(value),
            };
            let key: Arc<str> = property.name.as_str().into();
            if entries.insert(Arc::clone(&key), Entry { key_span, value }).is_some() {
                self.duplicates.push((key.to_string(), key_span));
            }
        }
        Value::map(entries, span)
    }

    /// What stands in the value for a key with holes: one of its own, whatever else is written alike.
    fn open_key(&mut self, name: &ast::ObjectPropName<'_>, span: Option<Span>) -> Option<String> {
        let ast::ObjectPropName::String(name) = name else { return None };
        let Kind::String(text) = self.string(name, span).kind else { return None };
        let mark = self.rendered.mark;
        let open = self.open.as_mut()?;
        let key = format!("{}{mark}{}", text.visible(), open.len());
        open.insert(key.clone(), text);
        Some(key)
    }

    fn string(&self, lit: &ast::StringLit<'_>, span: Option<Span>) -> Value {
        let holes = self.rendered.holes(lit.range.start, lit.range.end);
        if let [hole] = holes
            && hole.bare
        {
            return Value::new(Kind::Unknown(hole.unknown.clone()), span);
        }
        let mut known = String::with_capacity(lit.value.len());
        let mut placed = holes.iter();
        let mut at = Vec::new();
        for c in lit.value.chars() {
            match placed.as_slice().first() {
                Some(hole) if c == self.rendered.mark => {
                    at.push(Hole { at: known.len(), unknown: hole.unknown.clone() });
                    placed.next();
                }
                Some(_) | None => known.push(c),
            }
        }
        // Without escapes the bytes between the quotes are the text itself.
        let inner = (lit.range.start + 1, lit.range.end.saturating_sub(1));
        let plain = lit.value.len() == inner.1.saturating_sub(inner.0);
        let inner_span = self.rendered.span(inner.0, inner.1);
        let exact = plain && inner_span.is_some_and(|s| s.len() == known.len());
        let map = match if exact { inner_span } else { span } {
            Some(span) => vec![Segment { at: 0, span, exact }],
            None => Vec::new(),
        };
        Value::text(Text::from_parts(known, at, map), span)
    }
}

/// The text that a percent-encoded text stands for; a `+` stays. Places are kept as a whole only.
pub fn percent_decode(text: &Text) -> Option<Text> {
    let whole = text.span_of(0, text.visible().len());
    let mut parts = Vec::new();
    for piece in text.pieces() {
        parts.push(match piece {
            Ok(known) => {
                let decoded = decode_bytes(known.as_bytes())?;
                whole.map_or_else(|| Text::new(decoded.as_str()), |s| Text::at(decoded.as_str(), s, false))
            }
            Err(unknown) => Text::hole(unknown.clone()),
        });
    }
    Text::concat(&parts)
}

fn decode_bytes(mut bytes: &[u8]) -> Option<String> {
    let mut out = Vec::with_capacity(bytes.len());
    while let Some((&b, rest)) = bytes.split_first() {
        bytes = rest;
        if b != b'%' {
            out.push(b);
            continue;
        }
        let (digits, rest) = rest.split_at_checked(2)?;
        out.push(u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?);
        bytes = rest;
    }
    String::from_utf8(out).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::SourceMap;

    fn text(parts: &[&str]) -> Text {
        // Every second part is the name of a hole.
        let mut out = Text::default();
        for (i, p) in parts.iter().enumerate() {
            let part = if i % 2 == 0 { Text::new(*p) } else { Text::hole(Unknown::new(*p, None)) };
            out.push(&part).unwrap();
        }
        out
    }

    #[test]
    fn places_are_exact() {
        let map = SourceMap::new();
        let source = map.add("p.json", "p.json", r#"{"a": ["x", "q\"y"]}"#);
        let t = Text::at(Arc::clone(source.text()), source.span(), true);
        let v = json_to_value(&t, None).unwrap();
        let list = v.get("a").unwrap();
        assert_eq!(map.slice(list.span.unwrap()), r#"["x", "q\"y"]"#);
        let x = &list.as_list().unwrap()[0];
        assert_eq!(map.slice(x.span.unwrap()), r#""x""#);
        let Kind::String(t) = &x.kind else { panic!("{x:?}") };
        assert_eq!(map.slice(t.span_of(0, 1).unwrap()), "x");
        assert_eq!(list.as_list().unwrap()[1].as_str(), Some("q\"y"));
    }

    #[test]
    fn holes_in_strings_and_as_values() {
        let v = json_to_value(
            &text(&[r#"{"a":"x-"#, "h1", r#"-y","b":"#, "h2", r#","c":[1,"#, "h3", "]}"]),
            None,
        );
        let v = v.unwrap();
        let Kind::String(t) = &v.get("a").unwrap().kind else { panic!() };
        assert_eq!((t.visible(), t.holes().len(), t.holes()[0].at), ("x--y", 1, 2));
        assert_eq!(v.get("b").unwrap().as_unknown().unwrap().reason(), "h2");
        assert_eq!(v.get("c").unwrap().as_list().unwrap()[1].as_unknown().unwrap().reason(), "h3");
    }

    #[test]
    fn holes_that_hide_the_structure() {
        for parts in [&["{", "h", "}"][..], &["", "a", "", "b", ""], &[r#"[1 "#, "h", "]"]] {
            assert!(matches!(json_to_value(&text(parts), None), Err(JsonProblem::Open(_))), "{parts:?}");
        }
        let key = text(&[r#"{"a":{""#, "h", r#":aud":"x","c":2,""#, "h", r#":aud":"y"},"b":1}"#]);
        let hidden = json_to_value(&key, None).unwrap();
        assert!(hidden.get("a").unwrap().as_unknown().is_some());
        assert!(hidden.get("b").is_some());
        let open = read(&key, None).unwrap();
        let entries = open.value.get("a").unwrap().as_map().unwrap();
        assert_eq!(entries.len(), 3);
        let keys = entries.keys().filter_map(|k| open.open.get(&**k));
        let keys: Vec<_> = keys.map(|t| (t.visible(), t.holes()[0].unknown.reason())).collect();
        assert_eq!(keys, [(":aud", "h"), (":aud", "h")]);
    }

    #[test]
    fn what_is_no_json_is_refused() {
        for bad in ["", "{", "{'a':1}", "{a:1}", "[1,]", "// x\n{}", "{} {}", "[1 2]", "nul"] {
            assert!(
                matches!(json_to_value(&Text::new(bad), None), Err(JsonProblem::Invalid { .. })),
                "{bad}"
            );
        }
        let deep = "[".repeat(3000) + &"]".repeat(3000);
        assert!(json_to_value(&Text::new(deep), None).is_err());
    }

    #[test]
    fn duplicates_are_told_and_the_last_wins() {
        let json = read(&Text::new(r#"{"a":1,"a":2}"#), None).unwrap();
        assert_eq!(json.duplicates.len(), 1);
        assert_eq!(json.value.get("a"), Some(&Value::number(2, None)));
    }

    #[test]
    fn lists_are_read_in_parts() {
        let map = SourceMap::new();
        let parts = |text: &str| {
            let source = map.add("a.json", "a.json", text);
            let text = Text::at(Arc::clone(source.text()), source.span(), true);
            let mut seen = Vec::new();
            let read = json_in_parts(&text, None, &["b", "a"], &mut |list, part| {
                seen.push(format!("{list}: {}", map.slice(part.span.unwrap())));
            });
            let lists = read.map(|value| [value.get("a").cloned(), value.get("b").cloned()]);
            (seen, lists.map(|l| l.map(|v| v.and_then(|v| Some((v.as_list()?.len(), map.slice(v.span?)))))))
        };
        let (seen, lists) = parts(r#"{"a": [1, {"b": [2]}], "b": [3], "c": [4]}"#);
        assert_eq!(seen, ["b: 3", "a: 1", r#"a: {"b": [2]}"#]);
        let empty = |text: &str| Some((0, text.to_owned()));
        assert_eq!(lists, Ok([empty(r#"[1, {"b": [2]}]"#), empty("[3]")]));
        assert_eq!(parts(r#"[{"a": [1]}, {"b": 5, "a": [2]}, []]"#).0, ["a: 1", "a: 2"]);
        // Of equal keys the last.
        assert_eq!(parts(r#"{"a": [1], "a": [2]}"#).0, ["a: 2"]);
        assert_eq!(parts(r#"{"a": [1], "a": null}"#), (Vec::new(), Ok([None, None])));
        // What is broken somewhere is not read at all.
        let deep = format!("{{\"a\": [1, {}{}]}}", "[".repeat(limits::DEPTH), "]".repeat(limits::DEPTH));
        for broken in [r#"{"a": [1, 2"#, r#"{"a": [1, 2],}"#, &deep] {
            let (seen, lists) = parts(broken);
            assert!(seen.is_empty() && lists.is_err(), "{broken}: {seen:?}");
        }
    }

    #[test]
    fn percent_encoding() {
        let decoded = percent_decode(&Text::new("%7B%22a%22%3A%22x+y%22%7D")).unwrap();
        assert_eq!(decoded.known(), Some(r#"{"a":"x+y"}"#));
        assert!(percent_decode(&Text::new("%7")).is_none());
    }
}
