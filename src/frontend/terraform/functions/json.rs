//! JSON, with places kept: a policy in `jsonencode` is judged where it is written.

use std::sync::Arc;

use super::Call;
use crate::limits;
use crate::source::Span;
use crate::value::{Entries, Entry, Kind, Number, Text, Unknown, Value};

type Answer = Result<Value, String>;

/// The text Terraform makes. What is unknown is a hole: bare when it is a whole value, in quotes when it is a
/// part of a string.
pub(super) fn jsonencode(c: &mut Call<'_, '_, '_>) -> Answer {
    if c.arg(0)?.as_unknown().is_some() {
        return Ok(c.unknown_of(0));
    }
    let mut pieces = Vec::new();
    encode(c.arg(0)?, c.span, 0, &mut pieces)?;
    let text = Text::concat(&pieces).ok_or("the text is too long")?;
    Ok(c.text_result(text))
}

fn encode(v: &Value, outer: Span, depth: usize, out: &mut Vec<Text>) -> Result<(), String> {
    if depth > limits::DEPTH {
        return Err(format!("the value is nested more than {} levels deep", limits::DEPTH));
    }
    let place = v.span.unwrap_or(outer);
    let at = |s: &str| Text::at(s, place, false);
    match &v.kind {
        Kind::Null => out.push(at("null")),
        Kind::Bool(b) => out.push(at(&b.to_string())),
        Kind::Number(n) if n.is_infinite() => return Err("JSON has no infinite numbers".into()),
        Kind::Number(n) => out.push(at(&n.to_string())),
        Kind::String(t) => quote(t, place, out),
        Kind::Unknown(u) if !v.sure().is_empty() => {
            out.push(at("["));
            for item in v.sure() {
                encode(item, place, depth + 1, out)?;
                out.push(at(","));
            }
            out.extend([Text::hole(u.as_rest()), at("]")]);
        }
        Kind::Unknown(u) => out.push(Text::hole(u.clone())),
        Kind::OneOf(_) => out.push(Text::hole(Unknown::new("it depends on an open choice", v.span))),
        Kind::List(l) | Kind::Set(l) => {
            out.push(at("["));
            for (i, item) in l.iter().enumerate() {
                if i > 0 {
                    out.push(at(","));
                }
                encode(item, place, depth + 1, out)?;
            }
            out.push(at("]"));
        }
        Kind::Map(m) => {
            out.push(at("{"));
            for (i, (key, e)) in m.iter().enumerate() {
                if i > 0 {
                    out.push(at(","));
                }
                let key_place = e.key_span.unwrap_or(place);
                quote(&Text::at(Arc::clone(key), key_place, false), key_place, out);
                out.push(at(":"));
                encode(&e.value, place, depth + 1, out)?;
            }
            out.push(at("}"));
        }
    }
    Ok(())
}

/// A string in quotes, with the escapes of Go's encoder.
fn quote(t: &Text, place: Span, out: &mut Vec<Text>) {
    let s = t.visible();
    let mut from = 0;
    out.push(Text::at("\"", place, false));
    for (at, ch) in s.char_indices() {
        let escape = match ch {
            '"' => "\\\"".to_owned(),
            '\\' => "\\\\".to_owned(),
            '\n' => "\\n".to_owned(),
            '\r' => "\\r".to_owned(),
            '\t' => "\\t".to_owned(),
            '\u{8}' => "\\b".to_owned(),
            '\u{c}' => "\\f".to_owned(),
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' | '\0'..'\u{20}' => format!("\\u{:04x}", u32::from(ch)),
            _ => continue,
        };
        let end = at + ch.len_utf8();
        out.push(t.slice(from, at));
        out.push(Text::at(escape, t.span_of(at, end).unwrap_or(place), false));
        from = end;
    }
    out.push(t.slice(from, s.len()));
    out.push(Text::at("\"", place, false));
}

/// Reads JSON text, also with holes where whole values or parts of strings are unknown.
pub(super) fn jsondecode(c: &mut Call<'_, '_, '_>) -> Answer {
    if c.arg(0)?.as_unknown().is_some() {
        return Ok(c.unknown_of(0));
    }
    let text = c.text(0)?;
    match (decode(&text, c.span), text.holes().first()) {
        (Err(_), Some(hole)) => Ok(c.unknown(hole.unknown.clone())),
        (Err(e), None) => Err(format!("not valid JSON: {e}")),
        (Ok(v), _) => Ok(v),
    }
}

/// The value that a JSON text stands for, with the places of its parts.
pub(crate) fn decode(text: &Text, place: Span) -> Answer {
    let mut reader = Reader { text, at: 0, holes: 0, place };
    let value = reader.value(0)?;
    reader.space();
    let done = reader.at == text.visible().len() && reader.holes == text.holes().len();
    if done { Ok(value) } else { Err(format!("unexpected text at byte {}", reader.at)) }
}

struct Reader<'t> {
    text: &'t Text,
    at: usize,
    /// How many holes were read.
    holes: usize,
    place: Span,
}

impl Reader<'_> {
    fn rest(&self) -> &str {
        self.text.visible().get(self.at..).unwrap_or("")
    }

    fn space(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start_matches([' ', '\t', '\r', '\n']).len();
    }

    fn eat(&mut self, token: &str) -> bool {
        self.space();
        let found = self.rest().starts_with(token);
        if found {
            self.at += token.len();
        }
        found
    }

    fn expected(&self, what: &str) -> String {
        format!("{what} is expected at byte {}", self.at)
    }

    fn span(&self, start: usize) -> Option<Span> {
        self.text.span_of(start, self.at).or(Some(self.place))
    }

    fn value(&mut self, depth: usize) -> Answer {
        if depth > limits::DEPTH {
            return Err("it is nested too deep".into());
        }
        self.space();
        let start = self.at;
        if let Some(hole) = self.text.holes().get(self.holes).filter(|h| h.at == start) {
            self.holes += 1;
            return Ok(Value::new(Kind::Unknown(hole.unknown.clone()), self.span(start)));
        }
        let kind = match self.rest().bytes().next() {
            Some(b'{') => self.object(depth)?,
            Some(b'[') => self.list(depth)?,
            Some(b'"') => Kind::String(self.string()?),
            _ if self.eat("true") => Kind::Bool(true),
            _ if self.eat("false") => Kind::Bool(false),
            _ if self.eat("null") => Kind::Null,
            _ => self.number()?,
        };
        Ok(Value::new(kind, self.span(start)))
    }

    fn number(&mut self) -> Result<Kind, String> {
        let digit = |ch: char| ch.is_ascii_digit() || matches!(ch, '.' | 'e' | 'E' | '+' | '-');
        let rest = self.rest();
        let len = rest.find(|ch| !digit(ch)).unwrap_or(rest.len());
        let n = rest
            .get(..len)
            .filter(|s| is_number(s))
            .and_then(Number::parse)
            .ok_or_else(|| self.expected("a value"))?;
        self.at += len;
        Ok(Kind::Number(n))
    }

    fn list(&mut self, depth: usize) -> Result<Kind, String> {
        self.at += 1;
        let mut items = Vec::new();
        if self.eat("]") && self.no_hole_behind() {
            return Ok(Kind::List(Arc::new(items)));
        }
        loop {
            let item = self.value(depth + 1)?;
            if item.as_unknown().is_some_and(Unknown::is_rest) {
                return Err("how many elements there are is not known".into());
            }
            items.push(item);
            if self.eat("]") {
                return Ok(Kind::List(Arc::new(items)));
            }
            if !self.eat(",") {
                return Err(self.expected("`,` or `]`"));
            }
        }
    }

    /// True unless a hole stands before what was just eaten: `[?]` is not an empty list.
    fn no_hole_behind(&mut self) -> bool {
        let hole = self.text.holes().get(self.holes).is_some_and(|h| h.at < self.at);
        if hole {
            self.at -= 1;
        }
        !hole
    }

    fn object(&mut self, depth: usize) -> Result<Kind, String> {
        self.at += 1;
        let mut entries = Entries::new();
        if self.eat("}") {
            return Ok(Kind::Map(Arc::new(entries)));
        }
        loop {
            self.space();
            let start = self.at;
            let key = self.string()?;
            let name: Arc<str> = key.known().ok_or("a name is not known")?.into();
            let key_span = self.span(start);
            if !self.eat(":") {
                return Err(self.expected("`:`"));
            }
            entries.insert(name, Entry { key_span, value: self.value(depth + 1)? });
            if self.eat("}") {
                return Ok(Kind::Map(Arc::new(entries)));
            }
            if !self.eat(",") {
                return Err(self.expected("`,` or `}`"));
            }
        }
    }

    fn string(&mut self) -> Result<Text, String> {
        if !self.eat("\"") {
            return Err(self.expected("a string"));
        }
        let mut parts = Vec::new();
        loop {
            let rest = self.rest();
            let len = rest.find(['"', '\\']).ok_or_else(|| self.expected("the end of a string"))?;
            if rest.bytes().take(len).any(|b| b < 0x20) {
                return Err(self.expected("an escape instead of a control character"));
            }
            let escaped = rest.as_bytes().get(len) == Some(&b'\\');
            let run = self.text.slice(self.at, self.at + len);
            self.holes += run.holes().len();
            parts.push(run);
            self.at += len;
            if !escaped {
                self.at += 1;
                return Text::concat(&parts)
                    .map(Text::normalized)
                    .ok_or_else(|| "the text is too long".into());
            }
            let (ch, len) = unescape(self.rest()).ok_or_else(|| self.expected("an escape"))?;
            let place = self.text.span_of(self.at, self.at + len).unwrap_or(self.place);
            parts.push(Text::at(ch.to_string(), place, false));
            self.at += len;
        }
    }
}

/// JSON wants digits on both sides of a point, and no zeros in front.
fn is_number(s: &str) -> bool {
    let s = s.strip_prefix('-').unwrap_or(s);
    let whole = s.split(['.', 'e', 'E']).next().unwrap_or("");
    let point = s.find('.').is_none_or(|at| s.as_bytes().get(at + 1).is_some_and(u8::is_ascii_digit));
    s.starts_with(|c: char| c.is_ascii_digit()) && (whole.len() == 1 || !whole.starts_with('0')) && point
}

/// The character of the escape at the start of `s` and its length; surrogate pairs are one.
fn unescape(s: &str) -> Option<(char, usize)> {
    let code = |at: usize| u32::from_str_radix(s.get(at..at + 4)?, 16).ok();
    let plain = match s.as_bytes().get(1)? {
        b'"' => '"',
        b'\\' => '\\',
        b'/' => '/',
        b'b' => '\u{8}',
        b'f' => '\u{c}',
        b'n' => '\n',
        b'r' => '\r',
        b't' => '\t',
        b'u' => {
            let first = code(2)?;
            if let (0xD800..0xDC00, Some("\\u"), Some(second @ 0xDC00..0xE000)) =
                (first, s.get(6..8), code(8))
            {
                let both = 0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00);
                return Some((char::from_u32(both)?, 12));
            }
            return Some((char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER), 6));
        }
        _ => return None,
    };
    Some((plain, 2))
}

/// One line of JSON for a value that is settled, as `%v` and `%#v` of `format` show it.
pub(crate) fn plain(v: &Value, span: Span) -> Result<Text, String> {
    let mut pieces = Vec::new();
    encode(v, span, 0, &mut pieces)?;
    Text::concat(&pieces).ok_or_else(|| "the text is too long".into())
}
