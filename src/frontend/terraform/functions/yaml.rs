//! `yamldecode`: YAML 1.2 with the core schema and `<<` merges, every value with its place.

use std::collections::BTreeMap;
use std::sync::Arc;

use granit_parser::{Event, Parser, ScalarStyle};

use super::Call;
use crate::limits;
use crate::source::Span;
use crate::value::{Entries, Entry, Kind, Number, Text, Value};

type Answer = Result<Value, String>;

/// What Terraform's parser refuses and this one does not: directives of other versions, and a tab before the first
/// token.
fn refused(text: &str) -> Option<&'static str> {
    let blank = |l: &&str| l.starts_with('#') || l.trim_matches(' ').is_empty();
    let mut lines = text.lines().skip_while(blank).peekable();
    if lines.peek().is_some_and(|l| l.trim_start_matches(' ').starts_with('\t')) {
        return Some("a tab indents nothing");
    }
    let mut directives = lines.take_while(|l| l.starts_with('%'));
    let known = |l: &str| match l.split_whitespace().collect::<Vec<_>>().as_slice() {
        ["%YAML", version, ..] => *version == "1.1",
        [name, ..] => *name == "%TAG",
        [] => true,
    };
    directives.any(|l| !known(l)).then_some("only version 1.1 can be asked for, and nothing else")
}

pub(super) fn yamldecode(c: &mut Call<'_, '_, '_>) -> Answer {
    let text = c.text(0)?;
    if let Some(why) = refused(text.visible()) {
        return Err(format!("not valid YAML: {why}"));
    }
    let mut reader = Reader {
        text: &text,
        parser: Parser::new_from_str(text.visible()),
        anchors: BTreeMap::new(),
        place: c.span,
        nodes: 0,
    };
    let value = reader.document();
    let value = value.and_then(|v| reader.end().map(|()| v));
    value.map_err(|e| format!("not valid YAML: {e}"))
}

/// Where the tags of YAML itself are.
const YAML: &str = "tag:yaml.org,2002:";

type Events<'t> = Parser<'t, granit_parser::StrInput<'t>>;

struct Reader<'t> {
    text: &'t Text,
    parser: Events<'t>,
    /// Anchored values and how many nodes they have: an alias counts as much as what it names.
    anchors: BTreeMap<usize, (Value, usize)>,
    place: Span,
    nodes: usize,
}

/// An event and the bytes it stands for.
type Next<'t> = (Event<'t>, std::ops::Range<usize>);

impl<'t> Reader<'t> {
    fn next(&mut self) -> Result<Next<'t>, String> {
        loop {
            let (event, span) = match self.parser.next_event() {
                Some(Ok(found)) => found,
                Some(Err(e)) => return Err(e.to_string()),
                None => return Err("the document ends too early".into()),
            };
            if !matches!(event, Event::Comment(..) | Event::Anchor(..)) {
                return Ok((event, span.byte_range().unwrap_or(0..0)));
            }
        }
    }

    fn document(&mut self) -> Answer {
        loop {
            match self.next()? {
                (Event::StreamStart | Event::DocumentStart(..), _) => {}
                (Event::StreamEnd, _) => return Err("there is no document".into()),
                first => return self.node(first, 0),
            }
        }
    }

    fn end(&mut self) -> Result<(), String> {
        loop {
            match self.next()?.0 {
                Event::DocumentEnd => {}
                Event::StreamEnd => return Ok(()),
                _ => return Err("there is more than one document".into()),
            }
        }
    }

    fn span(&self, start: usize, end: usize) -> Option<Span> {
        self.text.span_of(start, end).or(Some(self.place))
    }

    fn node(&mut self, (event, bytes): Next<'t>, depth: usize) -> Answer {
        let before = self.nodes;
        self.nodes += 1;
        if depth > limits::DEPTH || self.nodes > limits::NODES {
            return Err("it is too large or nested too deep".into());
        }
        let (anchor, value) = match event {
            Event::Scalar(s, style, anchor, tag) => {
                let tag = match tag.as_deref().map(|t| t.suffix_in_namespace(YAML)) {
                    Some(None) => return Err("tags of one's own have no meaning".into()),
                    Some(tag) => tag,
                    None => None,
                };
                (anchor, self.scalar(&s, style, tag.as_deref(), bytes)?)
            }
            Event::SequenceStart(_, _, Some(tag))
                if tag.suffix_in_namespace(YAML).is_none_or(|t| t != "seq") =>
            {
                return Err("a sequence has a tag that means something else".into());
            }
            Event::MappingStart(_, _, Some(tag))
                if tag.suffix_in_namespace(YAML).is_none_or(|t| t != "map") =>
            {
                return Err("a mapping has a tag that means something else".into());
            }
            Event::SequenceStart(_, anchor, _) => (anchor, self.sequence(bytes.start, depth)?),
            Event::MappingStart(_, anchor, _) => (anchor, self.mapping(bytes.start, depth)?),
            Event::Alias(id) => {
                let (value, nodes) =
                    self.anchors.get(&id).cloned().ok_or("an alias stands inside what it names")?;
                self.nodes = self.nodes.saturating_add(nodes);
                return Ok(value);
            }
            _ => return Err("a value is expected".into()),
        };
        if anchor > 0 {
            self.anchors.insert(anchor, (value.clone(), self.nodes - before));
        }
        Ok(value)
    }

    fn sequence(&mut self, start: usize, depth: usize) -> Answer {
        let mut items = Vec::new();
        loop {
            match self.next()? {
                (Event::SequenceEnd, end) => {
                    return Ok(Value::list(items, self.span(start, end.end.max(start))));
                }
                other => items.push(self.node(other, depth + 1)?),
            }
        }
    }

    fn mapping(&mut self, start: usize, depth: usize) -> Answer {
        let (mut entries, mut merged) = (Entries::new(), Entries::new());
        loop {
            let (event, bytes) = self.next()?;
            if matches!(event, Event::MappingEnd) {
                for (k, e) in merged {
                    entries.entry(k).or_insert(e);
                }
                return Ok(Value::map(entries, self.span(start, bytes.end.max(start))));
            }
            let merges = matches!(&event, Event::Scalar(s, ScalarStyle::Plain, ..) if *s == "<<");
            let key = self.node((event, bytes), depth + 1)?;
            let next = self.next()?;
            let value = self.node(next, depth + 1)?;
            if merges {
                merge(&mut merged, &value)?;
                continue;
            }
            let name: Arc<str> = match &key.kind {
                Kind::String(t) => t.visible().into(),
                Kind::Number(n) => n.to_string().into(),
                Kind::Bool(b) => b.to_string().into(),
                Kind::Null
                | Kind::List(_)
                | Kind::Set(_)
                | Kind::Map(_)
                | Kind::OneOf(_)
                | Kind::Unknown(_) => return Err("a key must be a string".into()),
            };
            entries.insert(name, Entry { key_span: key.span, value });
        }
    }

    fn scalar(
        &self,
        s: &str,
        style: ScalarStyle,
        tag: Option<&str>,
        bytes: std::ops::Range<usize>,
    ) -> Answer {
        let span = self.span(bytes.start, bytes.end);
        let kind = match (style, tag) {
            (ScalarStyle::Plain, Some("str")) => None,
            (ScalarStyle::Plain, _) => plain(s),
            _ => None,
        };
        if let Some(kind) = kind {
            return Ok(Value::new(kind, span));
        }
        let no_number = [".inf", "-.inf", "+.inf", ".nan"].contains(&s.to_ascii_lowercase().as_str());
        if no_number && style == ScalarStyle::Plain && tag.is_none() {
            return Err(format!("`{s}` is no number that Terraform has"));
        }
        let exact = self.text.visible().get(bytes.clone()) == Some(s);
        let text = if exact { self.text.slice(bytes.start, bytes.end) } else { self.inexact(s, span) };
        Ok(Value::text(text.normalized(), span))
    }

    fn inexact(&self, s: &str, span: Option<Span>) -> Text {
        Text::at(s, span.unwrap_or(self.place), false)
    }
}

fn merge(into: &mut Entries, value: &Value) -> Result<(), String> {
    match &value.kind {
        Kind::Map(m) => {
            for (k, e) in m.iter() {
                into.entry(Arc::clone(k)).or_insert_with(|| e.clone());
            }
            Ok(())
        }
        Kind::Null
        | Kind::List(_)
        | Kind::Bool(_)
        | Kind::Number(_)
        | Kind::String(_)
        | Kind::Set(_)
        | Kind::OneOf(_)
        | Kind::Unknown(_) => Err("`<<` merges mappings".into()),
    }
}

/// What a plain scalar means when it is not a string, with the words of YAML 1.1 that Terraform still reads.
fn plain(s: &str) -> Option<Kind> {
    match s {
        "" | "~" | "null" | "Null" | "NULL" => return Some(Kind::Null),
        "y" | "Y" | "yes" | "Yes" | "YES" | "on" | "On" | "ON" | "true" | "True" | "TRUE" => {
            return Some(Kind::Bool(true));
        }
        "n" | "N" | "no" | "No" | "NO" | "off" | "Off" | "OFF" | "false" | "False" | "FALSE" => {
            return Some(Kind::Bool(false));
        }
        _ => {}
    }
    for (prefix, radix) in [("0x", 16), ("0o", 8)] {
        if let Some(digits) = s.strip_prefix(prefix) {
            return i64::from_str_radix(digits, radix).ok().map(|n| Kind::Number(Number::from(n)));
        }
    }
    date(s).or_else(|| Number::parse(s).map(Kind::Number))
}

/// A date is a time stamp to Terraform: `Version: 2012-10-17` needs quotes in YAML.
fn date(s: &str) -> Option<Kind> {
    let mut parts = s.splitn(3, '-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    let digits = |s: &str, least: usize, most: usize| {
        (least..=most).contains(&s.len()) && s.bytes().all(|b| b.is_ascii_digit())
    };
    let is_date = digits(year, 4, 4) && digits(month, 1, 2) && digits(day, 1, 2);
    is_date.then(|| Kind::String(Text::new(format!("{year}-{month:0>2}-{day:0>2}T00:00:00Z"))))
}
