//! Functions on texts with holes and places.

use std::sync::Arc;

use super::references::is_one_word;
use crate::source::Span;
use crate::value::{Hole, Kind, Text, Unknown, Value};

/// A piece of the template of an `Fn::Sub`.
pub(super) enum Piece {
    /// Text as it is.
    Literal(Text),
    /// `${name}`, with the bytes it takes.
    Variable { name: String, start: usize, end: usize },
}

/// Takes a template apart. `${!name}` is the text `${name}`.
pub(super) fn variables(template: &Text) -> Vec<Piece> {
    let text = template.visible();
    let mut out = Vec::new();
    let (mut from, mut at) = (0, 0);
    let literal = |out: &mut Vec<Piece>, start: usize, end: usize| {
        if start < end {
            out.push(Piece::Literal(template.slice(start, end)));
        }
    };
    while let Some(start) = text.get(at..).and_then(|t| t.find("${")).map(|i| at + i) {
        let Some(end) = text.get(start..).and_then(|t| t.find('}')).map(|i| start + i + 1) else { break };
        let name = text.get(start + 2..end - 1).unwrap_or_default();
        if name.starts_with('!') {
            literal(&mut out, from, start + 2);
            from = start + 3;
        } else if !name.trim().is_empty() {
            literal(&mut out, from, start);
            out.push(Piece::Variable { name: name.trim().to_owned(), start, end });
            from = end;
        }
        at = end;
    }
    literal(&mut out, from, text.len());
    out
}

/// A text with the reasons and places of its holes in their stead: the same for what is the same text in every case.
pub(super) fn with_reasons(value: &Value) -> String {
    let why = |u: &Unknown| format!("{{{} {:?}}}", u.reason(), u.span());
    match &value.kind {
        Kind::String(text) => text.pieces().map(|p| p.map_or_else(why, str::to_owned)).collect(),
        Kind::Unknown(u) => why(u),
        Kind::Null
        | Kind::Bool(_)
        | Kind::Number(_)
        | Kind::List(_)
        | Kind::Set(_)
        | Kind::Map(_)
        | Kind::OneOf(_) => format!("{:?}", value.span),
    }
}

/// Makes holes of what is filled in later: dynamic references (`{{resolve:…}}`) and placeholders of a template
/// engine (`{{ name }}`).
pub(super) fn cut_placeholders(text: &Text, span: Span) -> Text {
    let visible = text.visible();
    if !visible.contains("{{") {
        return text.clone();
    }
    let mut parts = Vec::new();
    let mut from = 0;
    while let Some(start) = visible.get(from..).and_then(|t| t.find("{{")).map(|i| from + i) {
        let Some(end) = visible.get(start..).and_then(|t| t.find("}}")).map(|i| start + i + 2) else { break };
        let inside = visible.get(start..end).unwrap_or_default();
        let place = text.span_of(start, end).or(Some(span));
        let reason = if inside.starts_with("{{resolve:") {
            format!("`{inside}` is resolved when the stack is deployed")
        } else {
            format!("`{inside}` is a placeholder that is not filled in")
        };
        parts.push(text.slice(from, start));
        parts.push(Text::hole(Unknown::new(reason, place)));
        from = end;
    }
    parts.push(text.slice(from, visible.len()));
    Text::concat(&parts).unwrap_or_else(|| text.clone())
}

/// A value as text. Unknown values are holes; lists and maps are not text.
fn as_text(v: &Value, at: Span) -> Result<Text, Unknown> {
    match &v.kind {
        Kind::String(t) => Ok(t.clone()),
        Kind::Unknown(u) => Ok(Text::hole(u.clone())),
        Kind::Bool(b) => Ok(Text::new(if *b { "true" } else { "false" })),
        Kind::Number(n) => Ok(Text::new(n.to_string())),
        Kind::Null | Kind::List(_) | Kind::Set(_) | Kind::Map(_) | Kind::OneOf(_) => {
            Err(Unknown::new("a string is expected here", v.span.or(Some(at))))
        }
    }
}

/// The text of a value when all of it is known.
pub(super) fn known(v: &Value, at: Span) -> Result<&str, Unknown> {
    match &v.kind {
        Kind::String(t) => match (t.known(), t.holes().first()) {
            (Some(s), _) => Ok(s),
            (None, Some(h)) => Err(h.unknown.clone()),
            (None, None) => Ok(t.visible()),
        },
        Kind::Unknown(u) => Err(u.clone()),
        Kind::Null
        | Kind::Bool(_)
        | Kind::Number(_)
        | Kind::List(_)
        | Kind::Set(_)
        | Kind::Map(_)
        | Kind::OneOf(_) => Err(Unknown::new("a string is expected here", v.span.or(Some(at)))),
    }
}

/// One text of all.
pub(super) fn concat(parts: &[Value], at: Span) -> Result<Text, Unknown> {
    let texts: Result<Vec<Text>, Unknown> = parts.iter().map(|v| as_text(v, at)).collect();
    Text::concat(&texts?).ok_or_else(|| Unknown::new("the text is too long", Some(at)))
}

/// `Fn::Join`.
pub(super) fn join(delimiter: &Value, list: &Value, at: Span) -> Value {
    let items = match &list.kind {
        Kind::List(l) | Kind::Set(l) => l,
        Kind::Unknown(u) => return Value::text(Text::hole(u.clone()), Some(at)),
        Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::String(_) | Kind::Map(_) | Kind::OneOf(_) => {
            return Value::unknown("`Fn::Join` needs a list", list.span.or(Some(at)));
        }
    };
    if let [only] = items.as_slice() {
        return only.clone();
    }
    let mut parts = Vec::with_capacity(items.len() * 2);
    for item in items.iter() {
        if !parts.is_empty() {
            parts.push(delimiter.clone());
        }
        parts.push(item.clone());
    }
    match concat(&parts, at) {
        Ok(text) => Value::text(text, Some(at)),
        Err(u) => Value::unknown(u.reason(), u.span()),
    }
}

/// `Fn::Split`.
pub(super) fn split(delimiter: &Value, string: &Value, at: Span) -> Value {
    let (delimiter, text) = match (known(delimiter, at), &string.kind) {
        (Ok(""), _) => return Value::unknown("the delimiter of `Fn::Split` is empty", Some(at)),
        (Ok(d), Kind::String(text)) => (d, text),
        (Err(u), _) => return Value::unknown(u.reason(), u.span()),
        (Ok(_), Kind::Unknown(u)) => return Value::unknown(u.reason(), u.span()),
        (
            Ok(_),
            Kind::Null
            | Kind::Bool(_)
            | Kind::Number(_)
            | Kind::List(_)
            | Kind::Set(_)
            | Kind::Map(_)
            | Kind::OneOf(_),
        ) => return Value::unknown("a string is expected here", Some(at)),
    };
    Value::list(parts(text, delimiter, Some(at)), Some(at))
}

/// The parts of a text between the delimiters. What stands in a hole may hold the delimiter, unless it is an account, a
/// partition or the like: from there on nothing is known, and one unknown element stands for all the rest.
pub(super) fn parts(text: &Text, delimiter: &str, at: Option<Span>) -> Vec<Value> {
    let whole = text.visible();
    let is_whole = |u: &Unknown| matches!(delimiter, ":" | "/" | ",") && is_one_word(u);
    let rest = text.holes().iter().find(|h| !is_whole(&h.unknown));
    let mut items = Vec::new();
    let mut start = 0;
    for part in whole.split(delimiter) {
        let end = start + part.len();
        if let Some(hole) = rest.filter(|h| h.at <= end) {
            items.push(Value::unknown(hole.unknown.reason(), hole.unknown.span()));
            break;
        }
        let place = text.span_of(start, end).or(at);
        items.push(alone(text.slice(start, end), place));
        start = end + delimiter.len();
    }
    items
}

/// A text that may be nothing but an attribute of a resource: a name that is not known, or an ARN that ends with one.
pub(super) fn alone(text: Text, at: Option<Span>) -> Value {
    let known = text.visible();
    let ends = |h: &&Hole| {
        h.at == known.len() && (known.is_empty() || known.starts_with("arn:") && known.ends_with('/'))
    };
    let refer = text.holes().last().filter(ends).and_then(|h| h.unknown.refer()).cloned();
    // Of a name nothing else is not known.
    let refer = refer.filter(|_| !known.is_empty() || text.holes().len() == 1);
    Value { refer: refer.map(Arc::new), ..Value::text(text, at) }
}

/// `Fn::Select`.
pub(super) fn select(index: &Value, list: &Value, at: Span) -> Value {
    let index = match known(index, at) {
        Ok(s) => s.trim().parse::<usize>(),
        Err(u) => return Value::unknown(u.reason(), u.span()),
    };
    match (&list.kind, index) {
        (Kind::List(l) | Kind::Set(l), Ok(i)) => match l.get(i) {
            Some(v) => v.clone(),
            None => Value::unknown(format!("the list of `Fn::Select` has no element {i}"), Some(at)),
        },
        (Kind::Unknown(u), Ok(_)) => Value::unknown(u.reason(), u.span()),
        (
            Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::String(_) | Kind::Map(_) | Kind::OneOf(_),
            Ok(_),
        ) => Value::unknown("`Fn::Select` needs a list", list.span.or(Some(at))),
        (_, Err(_)) => Value::unknown("the index of `Fn::Select` is not a number", Some(at)),
    }
}
