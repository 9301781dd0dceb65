//! Values as the frontends evaluate them: with places, with unknown parts, and with open choices.
//!
//! A value is not known or unknown as a whole. A string may have holes, a list may have one unknown element,
//! and a conditional whose condition is not settled keeps both arms ([`Kind::OneOf`]). Whatever is unknown
//! says why and where.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use bigdecimal::BigDecimal;

use crate::limits;
use crate::source::Span;

/// Why something is not known, and where the cause is written. Cheap to clone; two clones are the same unknown.
#[derive(Clone)]
pub struct Unknown(Arc<Cause>);

#[derive(Debug, PartialEq, Eq)]
struct Cause {
    reason: String,
    span: Option<Span>,
}

impl Unknown {
    /// An unknown with its reason (lower case, no full stop: "`var.team` has no value") and its place.
    pub fn new(reason: impl Into<String>, span: Option<Span>) -> Self {
        Self(Arc::new(Cause { reason: reason.into(), span }))
    }

    /// The reason.
    pub fn reason(&self) -> &str {
        &self.0.reason
    }

    /// Where the cause is written.
    pub fn span(&self) -> Option<Span> {
        self.0.span
    }

    /// True when both are one unknown, so that whatever value it has, both have it.
    pub fn same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.0 == other.0
    }
}

impl fmt::Debug for Unknown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "?({})", self.0.reason)
    }
}

impl PartialEq for Unknown {
    fn eq(&self, other: &Self) -> bool {
        self.same(other)
    }
}

/// The value of an attribute of a declared resource: lets facts be joined although a name is not known.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Reference {
    /// Address of the instance, as Terraform prints it, or the CloudFormation logical id (`Outer/Inner`).
    pub address: String,
    /// The attribute: `name`, `arn`, `id`, …
    pub attribute: String,
}

/// Number of an open choice in its unit's [`Choices`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ChoiceId(pub u32);

/// A question the code leaves open, with its possible answers: an unset boolean, a condition, a parameter with
/// a few allowed values. Within one possible world an open choice has one answer everywhere.
#[derive(Debug, Clone, PartialEq)]
pub struct Choice {
    /// What is open, in words: "`var.require_mfa` has no value".
    pub unknown: Unknown,
    /// What each answer is called: `true`, `false`, `condition Enforce holds`, …
    pub labels: Vec<String>,
}

/// The open choices of one unit.
#[derive(Debug, Clone, Default)]
pub struct Choices {
    list: Vec<Choice>,
    by_key: BTreeMap<String, ChoiceId>,
}

impl Choices {
    /// The choice with this key (for example `module.a.var.flag`), made when it is new. The same key always
    /// gives the same choice, so that one question is never answered in two ways.
    pub fn intern(&mut self, key: &str, unknown: Unknown, labels: &[&str]) -> ChoiceId {
        if let Some(&id) = self.by_key.get(key) {
            return id;
        }
        let id = ChoiceId(self.list.len() as u32);
        self.list.push(Choice { unknown, labels: labels.iter().map(|&s| s.to_owned()).collect() });
        self.by_key.insert(key.to_owned(), id);
        id
    }

    /// The choice with this number.
    pub fn get(&self, id: ChoiceId) -> Option<&Choice> {
        self.list.get(id.0 as usize)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// True when nothing is open.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }
}

/// Under which answers something holds: a conjunction of (choice, number of the answer). Empty: always.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct When(Vec<(ChoiceId, usize)>);

impl When {
    /// Always.
    pub fn always() -> Self {
        Self::default()
    }

    /// True when it depends on nothing.
    pub fn is_always(&self) -> bool {
        self.0.is_empty()
    }

    /// Also requires this answer. `None` when that contradicts an answer already required.
    pub fn and(&self, choice: ChoiceId, answer: usize) -> Option<Self> {
        let mut list = self.0.clone();
        match list.binary_search_by_key(&choice, |&(c, _)| c) {
            Ok(i) => list.get(i).is_some_and(|&(_, a)| a == answer).then_some(Self(list)),
            Err(i) => {
                list.insert(i, (choice, answer));
                Some(Self(list))
            }
        }
    }

    /// Both. `None` when they contradict each other.
    pub fn and_all(&self, other: &Self) -> Option<Self> {
        other.0.iter().try_fold(self.clone(), |w, &(c, a)| w.and(c, a))
    }

    /// The answers it requires.
    pub fn answers(&self) -> &[(ChoiceId, usize)] {
        &self.0
    }

    /// The answer it requires of one choice.
    pub fn answer(&self, choice: ChoiceId) -> Option<usize> {
        self.0.iter().find(|&&(c, _)| c == choice).map(|&(_, a)| a)
    }
}

/// A number, with the precision Terraform keeps.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Number(pub BigDecimal);

impl Number {
    /// As an index or a count: a whole number of at least 0 that fits.
    pub fn as_usize(&self) -> Option<usize> {
        use bigdecimal::ToPrimitive;
        if self.0.is_integer() { self.0.to_usize() } else { None }
    }

    /// As a whole number that fits.
    pub fn as_i64(&self) -> Option<i64> {
        use bigdecimal::ToPrimitive;
        if self.0.is_integer() { self.0.to_i64() } else { None }
    }
}

impl From<i64> for Number {
    fn from(n: i64) -> Self {
        Self(BigDecimal::from(n))
    }
}

impl std::str::FromStr for Number {
    type Err = bigdecimal::ParseBigDecimalError;
    fn from_str(s: &str) -> Result<Self, Self::Err> {
        s.parse().map(Self)
    }
}

impl fmt::Display for Number {
    /// As Terraform turns a number into a string: no exponent, no trailing zeros.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.normalized().to_plain_string())
    }
}

/// A part of a text that is not known.
#[derive(Debug, Clone, PartialEq)]
pub struct Hole {
    /// Byte offset in the known text at which the unknown part stands.
    pub at: usize,
    /// What is not known.
    pub unknown: Unknown,
}

/// Where a run of a text was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Segment {
    /// Byte offset of the run in the text.
    pub at: usize,
    /// Where it is written. When `exact`, byte n of the run is byte n of the span.
    pub span: Span,
    /// False when the source is not the same bytes (escapes, an interpolated value).
    pub exact: bool,
}

/// A string: known text, possibly with holes, each run with its place.
#[derive(Clone, Default, PartialEq)]
pub struct Text {
    text: Arc<str>,
    holes: Vec<Hole>,
    map: Vec<Segment>,
}

impl Text {
    /// A known text without a place of its own.
    pub fn new(text: impl Into<Arc<str>>) -> Self {
        Self { text: text.into(), holes: Vec::new(), map: Vec::new() }
    }

    /// A known text written at `span`; `exact` when the source bytes are the text itself.
    pub fn at(text: impl Into<Arc<str>>, span: Span, exact: bool) -> Self {
        Self { text: text.into(), holes: Vec::new(), map: vec![Segment { at: 0, span, exact }] }
    }

    /// A text of its parts: `holes` sorted by offset, `map` too.
    pub fn from_parts(text: impl Into<Arc<str>>, holes: Vec<Hole>, map: Vec<Segment>) -> Self {
        Self { text: text.into(), holes, map }
    }

    /// A text that is one unknown part.
    pub fn hole(unknown: Unknown) -> Self {
        Self { text: "".into(), holes: vec![Hole { at: 0, unknown }], map: Vec::new() }
    }

    /// The text when all of it is known.
    pub fn known(&self) -> Option<&str> {
        self.holes.is_empty().then_some(&*self.text)
    }

    /// The known text with the holes left out.
    pub fn visible(&self) -> &str {
        &self.text
    }

    /// The holes, by offset.
    pub fn holes(&self) -> &[Hole] {
        &self.holes
    }

    /// The known runs and the holes in order.
    pub fn pieces(&self) -> impl Iterator<Item = Result<&str, &Unknown>> {
        let mut out = Vec::new();
        let mut from = 0;
        for h in &self.holes {
            if let Some(s) = self.text.get(from..h.at).filter(|s| !s.is_empty()) {
                out.push(Ok(s));
            }
            out.push(Err(&h.unknown));
            from = h.at;
        }
        if let Some(s) = self.text.get(from..).filter(|s| !s.is_empty()) {
            out.push(Ok(s));
        }
        out.into_iter()
    }

    /// The place of bytes `start..end` of the known text, as exactly as the source allows.
    pub fn span_of(&self, start: usize, end: usize) -> Option<Span> {
        let i = self.map.partition_point(|s| s.at <= start).checked_sub(1)?;
        let seg = self.map.get(i)?;
        if !seg.exact {
            return Some(seg.span);
        }
        let from = seg.span.start as usize + (start - seg.at);
        let first = Span::new(seg.span.source, from.min(seg.span.end as usize), seg.span.end as usize);
        let last = self.map.get(self.map.partition_point(|s| s.at < end).max(1) - 1)?;
        if last.span.source != seg.span.source {
            return Some(first);
        }
        let to = if last.exact { last.span.start as usize + (end - last.at) } else { last.span.end as usize };
        Some(Span::new(seg.span.source, first.start as usize, to.max(first.start as usize)))
    }

    /// Appends another text. `None` when the result would be longer than [`limits::TEXT_BYTES`].
    pub fn push(&mut self, other: &Self) -> Option<()> {
        let base = self.text.len();
        if base + other.text.len() > limits::TEXT_BYTES {
            return None;
        }
        if base == 0 && self.holes.is_empty() {
            *self = other.clone();
            return Some(());
        }
        self.holes.extend(other.holes.iter().map(|h| Hole { at: base + h.at, unknown: h.unknown.clone() }));
        self.map.extend(other.map.iter().map(|s| Segment { at: base + s.at, ..*s }));
        if !other.text.is_empty() {
            self.text = [&*self.text, &*other.text].concat().into();
        }
        Some(())
    }

    /// One text of many. `None` when it would be longer than [`limits::TEXT_BYTES`].
    pub fn concat<'a>(parts: impl IntoIterator<Item = &'a Self>) -> Option<Self> {
        let (mut text, mut holes, mut map) = (String::new(), Vec::new(), Vec::new());
        for p in parts {
            let base = text.len();
            if base + p.text.len() > limits::TEXT_BYTES {
                return None;
            }
            holes.extend(p.holes.iter().map(|h| Hole { at: base + h.at, unknown: h.unknown.clone() }));
            map.extend(p.map.iter().map(|s| Segment { at: base + s.at, ..*s }));
            text.push_str(&p.text);
        }
        Some(Self { text: text.into(), holes, map })
    }

    /// Bytes `start..end` of the known text with their places, and the holes that stand in or at the ends of
    /// that range. The range is cut to character boundaries and to the text.
    pub fn slice(&self, start: usize, end: usize) -> Self {
        let floor = |n: usize| (0..=n.min(self.text.len())).rev().find(|&i| self.text.is_char_boundary(i));
        let (start, end) = (floor(start).unwrap_or(0), floor(end).unwrap_or(0));
        let text = self.text.get(start..end).unwrap_or("");
        let holes = self.holes.iter().filter(|h| start <= h.at && h.at <= end);
        let first = self.map.partition_point(|s| s.at <= start).saturating_sub(1);
        let runs = self.map.iter().skip(first).take_while(|s| s.at < end);
        let cut = |s: &Segment| {
            let skipped = start.saturating_sub(s.at);
            let from = if s.exact { s.span.start as usize + skipped } else { s.span.start as usize };
            let span = Span::new(s.span.source, from, s.span.end as usize);
            Segment { at: s.at.max(start) - start, span, exact: s.exact }
        };
        Self {
            text: text.into(),
            holes: holes.map(|h| Hole { at: h.at - start, unknown: h.unknown.clone() }).collect(),
            map: if text.is_empty() { Vec::new() } else { runs.map(cut).collect() },
        }
    }

    /// The same text with another map of places.
    pub fn with_map(mut self, map: Vec<Segment>) -> Self {
        self.map = map;
        self
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("\"")?;
        for p in self.pieces() {
            match p {
                Ok(s) => f.write_str(s)?,
                Err(u) => write!(f, "{{{u:?}}}")?,
            }
        }
        f.write_str("\"")
    }
}

/// One entry of a map.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// Where the key is written.
    pub key_span: Option<Span>,
    /// The value.
    pub value: Value,
}

/// The entries of a map or object, by key.
pub type Entries = BTreeMap<Arc<str>, Entry>;

/// The arms of an open choice.
#[derive(Debug, Clone, PartialEq)]
pub struct OneOf {
    /// The choice.
    pub choice: ChoiceId,
    /// The value under each answer, in the order of the choice's labels.
    pub arms: Vec<Value>,
}

/// What a value is.
#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    /// Null (Terraform), or no value (CloudFormation's `AWS::NoValue`).
    Null,
    /// True or false.
    Bool(bool),
    /// A number.
    Number(Number),
    /// A string, possibly with holes.
    String(Text),
    /// A list or tuple.
    List(Arc<Vec<Value>>),
    /// A set, in Terraform's iteration order, without duplicates.
    Set(Arc<Vec<Value>>),
    /// A map or object.
    Map(Arc<Entries>),
    /// One of several values, depending on an open choice.
    OneOf(Arc<OneOf>),
    /// Nothing is known.
    Unknown(Unknown),
}

/// A value with its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Value {
    /// What it is.
    pub kind: Kind,
    /// Where it is written.
    pub span: Option<Span>,
    /// Set when it is exactly an attribute of a declared resource.
    pub refer: Option<Arc<Reference>>,
    /// Never shown when set.
    pub sensitive: bool,
}

impl Value {
    /// A value at a place.
    pub fn new(kind: Kind, span: Option<Span>) -> Self {
        Self { kind, span, refer: None, sensitive: false }
    }

    /// Null.
    pub fn null(span: Option<Span>) -> Self {
        Self::new(Kind::Null, span)
    }

    /// True or false.
    pub fn bool(b: bool, span: Option<Span>) -> Self {
        Self::new(Kind::Bool(b), span)
    }

    /// A known string written at `span` (not byte for byte).
    pub fn string(s: impl Into<Arc<str>>, span: Option<Span>) -> Self {
        let text = match span {
            Some(at) => Text::at(s, at, false),
            None => Text::new(s),
        };
        Self::new(Kind::String(text), span)
    }

    /// A string.
    pub fn text(text: Text, span: Option<Span>) -> Self {
        Self::new(Kind::String(text), span)
    }

    /// A number.
    pub fn number(n: impl Into<Number>, span: Option<Span>) -> Self {
        Self::new(Kind::Number(n.into()), span)
    }

    /// A list.
    pub fn list(items: Vec<Self>, span: Option<Span>) -> Self {
        Self::new(Kind::List(Arc::new(items)), span)
    }

    /// A map or object.
    pub fn map(entries: Entries, span: Option<Span>) -> Self {
        Self::new(Kind::Map(Arc::new(entries)), span)
    }

    /// A value of which nothing is known, for this reason. Its place is the place of the cause.
    pub fn unknown(reason: impl Into<String>, span: Option<Span>) -> Self {
        Self::new(Kind::Unknown(Unknown::new(reason, span)), span)
    }

    /// Makes it an attribute of a declared resource.
    pub fn refers(mut self, address: impl Into<String>, attribute: impl Into<String>) -> Self {
        self.refer = Some(Arc::new(Reference { address: address.into(), attribute: attribute.into() }));
        self
    }

    /// The same value said to be written elsewhere.
    pub fn at(mut self, span: Option<Span>) -> Self {
        self.span = span.or(self.span);
        self
    }

    /// The string when all of it is known. Numbers and booleans are not strings here.
    pub fn as_str(&self) -> Option<&str> {
        match &self.kind {
            Kind::String(t) => t.known(),
            _ => None,
        }
    }

    /// The elements of a list or set.
    pub fn as_list(&self) -> Option<&[Self]> {
        match &self.kind {
            Kind::List(l) | Kind::Set(l) => Some(l),
            _ => None,
        }
    }

    /// The entries of a map or object.
    pub fn as_map(&self) -> Option<&Entries> {
        match &self.kind {
            Kind::Map(m) => Some(m),
            _ => None,
        }
    }

    /// The value of a key of a map or object.
    pub fn get(&self, key: &str) -> Option<&Self> {
        self.as_map().and_then(|m| m.get(key)).map(|e| &e.value)
    }

    /// True for null.
    pub fn is_null(&self) -> bool {
        matches!(self.kind, Kind::Null)
    }

    /// Why it is unknown, if the whole of it is.
    pub fn as_unknown(&self) -> Option<&Unknown> {
        match &self.kind {
            Kind::Unknown(u) => Some(u),
            _ => None,
        }
    }

    /// Takes every open choice that stands anywhere in the value out to the top: the settled values, each with
    /// the answers it needs. At most [`limits::ALTERNATIVES`]; beyond that the choices that are too many become
    /// unknowns that say so.
    pub fn alternatives(&self) -> Vec<(When, Self)> {
        let mut open = Vec::new();
        collect_choices(self, &mut open);
        let mut worlds = vec![When::always()];
        for (choice, arms) in open {
            let next: Vec<When> =
                worlds.iter().flat_map(|w| (0..arms).filter_map(|a| w.and(choice, a))).collect();
            if next.len() > limits::ALTERNATIVES {
                break;
            }
            worlds = next;
        }
        let mut out: Vec<(When, Self)> = Vec::new();
        for w in worlds {
            let v = self.under(&w);
            out.push((w, v));
        }
        out
    }

    /// The value under these answers. Choices that are not answered become unknown.
    pub fn under(&self, when: &When) -> Self {
        let kind = match &self.kind {
            Kind::OneOf(o) => {
                return match when.answer(o.choice).and_then(|a| o.arms.get(a)) {
                    Some(v) => v.under(when),
                    None => Self::unknown("it depends on too many open choices", self.span),
                };
            }
            Kind::List(l) if l.iter().any(Self::has_choice) => {
                Kind::List(Arc::new(l.iter().map(|v| v.under(when)).collect()))
            }
            Kind::Set(l) if l.iter().any(Self::has_choice) => {
                Kind::Set(Arc::new(l.iter().map(|v| v.under(when)).collect()))
            }
            Kind::Map(m) if m.values().any(|e| e.value.has_choice()) => Kind::Map(Arc::new(
                m.iter()
                    .map(|(k, e)| (Arc::clone(k), Entry { key_span: e.key_span, value: e.value.under(when) }))
                    .collect(),
            )),
            Kind::Null
            | Kind::Bool(_)
            | Kind::Number(_)
            | Kind::String(_)
            | Kind::List(_)
            | Kind::Set(_)
            | Kind::Map(_)
            | Kind::Unknown(_) => self.kind.clone(),
        };
        Self { kind, span: self.span, refer: self.refer.clone(), sensitive: self.sensitive }
    }

    /// True when an open choice stands anywhere in it.
    pub fn has_choice(&self) -> bool {
        match &self.kind {
            Kind::OneOf(_) => true,
            Kind::List(l) | Kind::Set(l) => l.iter().any(Self::has_choice),
            Kind::Map(m) => m.values().any(|e| e.value.has_choice()),
            Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::String(_) | Kind::Unknown(_) => false,
        }
    }

    /// True when nothing in it is unknown or open.
    pub fn is_settled(&self) -> bool {
        match &self.kind {
            Kind::OneOf(_) | Kind::Unknown(_) => false,
            Kind::String(t) => t.holes().is_empty(),
            Kind::List(l) | Kind::Set(l) => l.iter().all(Self::is_settled),
            Kind::Map(m) => m.values().all(|e| e.value.is_settled()),
            Kind::Null | Kind::Bool(_) | Kind::Number(_) => true,
        }
    }

    /// A choice between values. Arms that are all equal need no choice.
    pub fn one_of(choice: ChoiceId, arms: Vec<Self>, span: Option<Span>) -> Self {
        match arms.split_first() {
            Some((first, rest)) if rest.iter().all(|v| v.kind == first.kind && v.refer == first.refer) => {
                first.clone()
            }
            _ => Self::new(Kind::OneOf(Arc::new(OneOf { choice, arms })), span),
        }
    }
}

fn collect_choices(v: &Value, out: &mut Vec<(ChoiceId, usize)>) {
    match &v.kind {
        Kind::OneOf(o) => {
            if !out.iter().any(|&(c, _)| c == o.choice) {
                out.push((o.choice, o.arms.len()));
            }
            o.arms.iter().for_each(|a| collect_choices(a, out));
        }
        Kind::List(l) | Kind::Set(l) => l.iter().for_each(|v| collect_choices(v, out)),
        Kind::Map(m) => m.values().for_each(|e| collect_choices(&e.value, out)),
        Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::String(_) | Kind::Unknown(_) => {}
    }
}
