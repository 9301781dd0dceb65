//! Values as the frontends evaluate them: with places, with unknown parts, and with open choices.
//!
//! A value is not known or unknown as a whole. A string may have holes, a list may have one unknown element,
//! and a conditional whose condition is not settled keeps both arms ([`Kind::OneOf`]). Whatever is unknown
//! says why and where.

mod choice;
mod number;
mod shape;
mod text;
mod unknown;

use std::collections::BTreeMap;
use std::sync::Arc;

pub use choice::{Choice, ChoiceId, Choices, When};
pub use number::Number;
pub use shape::{Family, NoSuchPart, Shape};
pub use text::{Hole, Segment, Text};
pub use unknown::Unknown;

use crate::limits;
use crate::source::Span;

/// The value of an attribute of a declared resource: lets facts be joined although a name is not known.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Reference {
    /// Number of the resource's unit among those that are joined. Frontends number every unit 0.
    pub unit: usize,
    /// Address of the instance, as Terraform prints it, or the CloudFormation logical id (`Outer/Inner`).
    pub address: String,
    /// The attribute: `name`, `arn`, `id`, …
    pub attribute: String,
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
    /// A list or map with elements of one type. Tuples and objects are not, and never equal one that is.
    pub typed: bool,
    /// The type of null, and of a value of which nothing else is known.
    pub of: Shape,
    /// Elements that a collection has for sure of which it is not known what else it has.
    pub holds: Option<Arc<Vec<Self>>>,
}

impl Value {
    /// A value at a place.
    pub fn new(kind: Kind, span: Option<Span>) -> Self {
        Self { kind, span, refer: None, sensitive: false, typed: false, of: Shape::Any, holds: None }
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

    /// The same value, of which the type is known.
    pub fn of(self, of: Shape) -> Self {
        Self { of, ..self }
    }

    /// The same value, a collection that has these elements for sure, whatever else is in it. One that is open is left
    /// out: what a value holds is never looked into for choices.
    pub fn holding(self, elements: impl IntoIterator<Item = Self>) -> Self {
        let sure: Vec<Self> = elements.into_iter().filter(|v| !v.has_choice()).collect();
        Self { holds: (!sure.is_empty()).then(|| Arc::new(sure)), ..self }
    }

    /// The elements that a list or set has for sure.
    pub fn sure(&self) -> &[Self] {
        match (&self.kind, &self.holds) {
            (Kind::List(l) | Kind::Set(l), _) => l,
            (Kind::Unknown(_), Some(holds)) => holds,
            (Kind::Unknown(_), None) => &[],
            (
                Kind::Null
                | Kind::Bool(_)
                | Kind::Number(_)
                | Kind::String(_)
                | Kind::Map(_)
                | Kind::OneOf(_),
                _,
            ) => &[],
        }
    }

    /// What type it has. Texts and numbers may stand for what they can be converted to; a list that is not of one
    /// type is a tuple.
    pub fn shape(&self) -> Shape {
        let all = |l: &[Self]| l.iter().map(Self::shape).collect::<Vec<_>>();
        // Elements of one type: that of any that is known.
        let one =
            |shapes: Vec<Shape>| Arc::new(shapes.into_iter().find(|s| *s != Shape::Any).unwrap_or_default());
        match &self.kind {
            // An attribute of a resource has the type that its provider gives it, not the one that is written.
            Kind::Bool(_)
            | Kind::Number(_)
            | Kind::String(_)
            | Kind::List(_)
            | Kind::Set(_)
            | Kind::Map(_)
                if self.refer.is_some() =>
            {
                Shape::Any
            }
            Kind::OneOf(o) => match o.arms.split_first() {
                Some((first, rest)) if rest.iter().all(|v| v.shape() == first.shape()) => first.shape(),
                Some(_) | None => Shape::Any,
            },
            Kind::Bool(_) => Shape::Bool,
            Kind::Number(_) => Shape::Number,
            Kind::String(_) => Shape::String,
            Kind::List(l) if self.typed => Shape::List(one(all(l))),
            Kind::List(l) => Shape::Tuple(all(l).into()),
            Kind::Set(l) => Shape::Set(one(all(l))),
            Kind::Map(m) if self.typed => Shape::Map(one(m.values().map(|e| e.value.shape()).collect())),
            Kind::Map(m) => {
                Shape::Object(Arc::new(m.iter().map(|(k, e)| (Arc::clone(k), e.value.shape())).collect()))
            }
            Kind::Null | Kind::Unknown(_) => self.of.clone(),
        }
    }

    /// The family of its type. `None` when it may be anything, or null.
    pub fn family(&self) -> Option<Family> {
        match &self.kind {
            Kind::Null | Kind::OneOf(_) => None,
            Kind::Bool(_) | Kind::Number(_) | Kind::String(_) => Some(Family::Plain),
            Kind::List(_) | Kind::Set(_) => Some(Family::Sequence),
            Kind::Map(_) => Some(Family::Mapping),
            Kind::Unknown(_) => self.of.family(),
        }
    }

    /// Makes it an attribute of a declared resource.
    pub fn refers(mut self, address: impl Into<String>, attribute: impl Into<String>) -> Self {
        self.refer =
            Some(Arc::new(Reference { unit: 0, address: address.into(), attribute: attribute.into() }));
        self
    }

    /// The same as the value of another unit, whose choices have higher numbers.
    pub fn renumbered(&self, unit: usize, by: u32) -> Self {
        let all = |list: &[Self]| Arc::new(list.iter().map(|v| v.renumbered(unit, by)).collect::<Vec<_>>());
        let kind = match &self.kind {
            Kind::List(l) => Kind::List(all(l)),
            Kind::Set(l) => Kind::Set(all(l)),
            Kind::Map(m) => {
                let entry = |e: &Entry| Entry { value: e.value.renumbered(unit, by), ..e.clone() };
                Kind::Map(Arc::new(m.iter().map(|(k, e)| (Arc::clone(k), entry(e))).collect()))
            }
            Kind::OneOf(o) => Kind::OneOf(Arc::new(OneOf {
                choice: ChoiceId(o.choice.0 + by),
                arms: o.arms.iter().map(|v| v.renumbered(unit, by)).collect(),
            })),
            Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::String(_) | Kind::Unknown(_) => {
                self.kind.clone()
            }
        };
        let refer = self.refer.as_ref().map(|r| Arc::new(Reference { unit, ..Reference::clone(r) }));
        let holds = self.holds.as_deref().map(|l| all(l));
        Self { kind, refer, holds, ..self.clone() }
    }

    /// The value with what `known` knows in place of unknown parts.
    pub fn filled(&self, known: &dyn Fn(&Unknown) -> Option<Self>) -> Self {
        let all = |list: &[Self]| list.iter().map(|v| v.filled(known)).collect::<Vec<_>>();
        let kind = match &self.kind {
            Kind::Unknown(u) => match known(u) {
                Some(v) => {
                    let refer = self.refer.clone().or(v.refer);
                    return Self { kind: v.kind, refer, ..self.clone() };
                }
                None => self.kind.clone(),
            },
            Kind::String(t) if !t.holes().is_empty() => Kind::String(t.filled(&|u| match known(u)?.kind {
                Kind::String(t) => Some(t),
                _ => None,
            })),
            Kind::List(l) => Kind::List(Arc::new(all(l))),
            Kind::Set(l) => Kind::Set(Arc::new(all(l))),
            Kind::Map(m) => {
                let entry = |e: &Entry| Entry { value: e.value.filled(known), ..e.clone() };
                Kind::Map(Arc::new(m.iter().map(|(k, e)| (Arc::clone(k), entry(e))).collect()))
            }
            Kind::OneOf(o) => Kind::OneOf(Arc::new(OneOf { choice: o.choice, arms: all(&o.arms) })),
            Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::String(_) => self.kind.clone(),
        };
        let holds = self.holds.as_deref().map(|l| Arc::new(all(l)));
        Self { kind, holds, ..self.clone() }
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
        let settled = worlds.into_iter().map(|world| {
            let value = self.under(&world);
            (world, value)
        });
        settled.collect()
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
        Self { kind, ..self.clone() }
    }

    /// `f` on every arm of a value that is open at the top; on the value itself when it is not.
    pub fn map_arms(&self, f: &mut dyn FnMut(&Self) -> Self) -> Self {
        match &self.kind {
            Kind::OneOf(o) => {
                let arms = o.arms.iter().map(|a| a.map_arms(f)).collect();
                Self::one_of(o.choice, arms, self.span)
            }
            Kind::Null
            | Kind::Bool(_)
            | Kind::Number(_)
            | Kind::String(_)
            | Kind::List(_)
            | Kind::Set(_)
            | Kind::Map(_)
            | Kind::Unknown(_) => f(self),
        }
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

    fn is_alike(&self, other: &Self) -> bool {
        self.kind == other.kind && self.refer == other.refer && self.holds == other.holds
    }

    /// A choice between values. Arms that are all equal need no choice.
    pub fn one_of(choice: ChoiceId, arms: Vec<Self>, span: Option<Span>) -> Self {
        match arms.split_first() {
            Some((first, rest)) if rest.iter().all(|v| first.is_alike(v)) => first.clone(),
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
