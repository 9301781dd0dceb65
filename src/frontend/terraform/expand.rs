//! `count` and `for_each`: the instances of a block, with their addresses, and when each exists.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::eval::{Locals, Step};
use crate::limits;
use crate::value::{Entries, Entry, Kind, Unknown, Value, When};

/// How instances are told apart.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Shape {
    /// Neither `count` nor `for_each`.
    Single,
    /// `count`: by number.
    List,
    /// `for_each`: by key.
    Map,
    /// Nobody knows which instances there are; one stands for all.
    Open(Unknown),
}

/// Which instance it is.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Key {
    /// The only one.
    None,
    /// Number of `count`.
    Index(usize),
    /// Key of `for_each`.
    Name(Arc<str>),
    /// A key or number that is not known, of instances that nobody counts.
    Hidden(Value),
    /// A key that is not known, of one instance that is there for sure.
    Unnamed(Value),
}

/// One instance.
#[derive(Debug, Clone)]
pub(crate) struct Instance {
    pub(crate) key: Key,
    /// It exists under any of these answers.
    pub(crate) whens: Vec<When>,
    /// Set when it is not certain that it exists, or how often.
    pub(crate) uncertain: Option<Unknown>,
    /// `each` or `count`.
    pub(crate) locals: Locals,
    /// What its address has after the name: `["key"]`, `[0]` or nothing.
    pub(crate) suffix: String,
}

/// The instances of a block.
#[derive(Debug, Clone)]
pub(crate) struct Expansion {
    pub(crate) shape: Shape,
    pub(crate) instances: Vec<Instance>,
    /// The value of `count` or `for_each`.
    over: Option<Value>,
    by_name: BTreeMap<Arc<str>, usize>,
}

/// What the first steps of a reference select.
#[derive(Debug)]
pub(crate) enum Selected {
    /// An instance, after so many steps.
    One(usize, usize),
    /// All of them: the evaluator applies the index or the splat.
    Whole,
    /// One of instances that cannot be told apart.
    Unknown(Unknown),
}

/// What is wrong with the value of `count` or `for_each`.
pub(crate) struct Refused {
    /// In the words for a diagnostic.
    pub(crate) message: String,
}

impl Expansion {
    /// A block without `count` and `for_each`.
    pub(crate) fn single() -> Self {
        let instance = Instance {
            key: Key::None,
            whens: vec![When::always()],
            uncertain: None,
            locals: Locals::default(),
            suffix: String::new(),
        };
        Self { shape: Shape::Single, instances: vec![instance], over: None, by_name: BTreeMap::new() }
    }

    /// The instances that `count = value` makes.
    pub(crate) fn by_count(value: &Value) -> Result<Self, Refused> {
        let mut counts = Vec::new();
        for (when, leaf) in leaves(value) {
            match whole_number(&leaf)? {
                Ok(n) if n > limits::ELEMENTS => {
                    return Err(Refused { message: format!("{n} instances are more than are followed") });
                }
                Ok(n) => counts.push((when, n)),
                Err(u) => return Ok(Self::open(u, false)),
            }
        }
        let most = counts.iter().map(|&(_, n)| n).max().unwrap_or(0);
        let settled = counts.len() == 1;
        let instance = |i: usize| Instance {
            key: Key::Index(i),
            whens: disjunction(&counts, |&n| n > i),
            uncertain: None,
            locals: Locals::default().bind("count", object([("index", Value::number(i as i64, value.span))])),
            suffix: if most == 1 && !settled { String::new() } else { format!("[{i}]") },
        };
        let instances = (0..most).map(instance).collect();
        Ok(Self { shape: Shape::List, instances, over: Some(value.clone()), by_name: BTreeMap::new() })
    }

    /// The instances that `for_each = value` makes.
    pub(crate) fn by_for_each(value: &Value) -> Result<Self, Refused> {
        let mut worlds: Vec<(When, Entries)> = Vec::new();
        let mut hidden: Vec<Value> = Vec::new();
        let mut others: Option<Self> = None;
        let leaves = leaves(value);
        for (when, leaf) in &leaves {
            match each_entries(leaf, &mut hidden)? {
                Ok(entries) => worlds.push((when.clone(), entries)),
                Err(u) => match each_for_sure(leaf) {
                    Some(entries) if leaves.len() == 1 => {
                        worlds.push((when.clone(), entries));
                        others = Some(Self::open_each(u, leaf));
                    }
                    Some(_) | None => return Ok(Self::open_each(u, leaf)),
                },
            }
        }
        let keys: std::collections::BTreeSet<Arc<str>> =
            worlds.iter().flat_map(|(_, e)| e.keys().cloned()).collect();
        if keys.len() > limits::ELEMENTS {
            return Err(Refused { message: format!("{} instances are more than are followed", keys.len()) });
        }
        let mut instances = Vec::with_capacity(keys.len());
        let mut by_name = BTreeMap::new();
        for key in keys {
            let entry = worlds.iter().find_map(|(_, e)| e.get(&key));
            let key_value = Value::string(Arc::clone(&key), entry.and_then(|e| e.key_span.or(e.value.span)));
            let each = match worlds.as_slice() {
                [(_, only)] => only.get(&key).map(|e| e.value.clone()),
                _ => None,
            };
            let each = each.unwrap_or_else(|| each_value(value, &key));
            by_name.insert(Arc::clone(&key), instances.len());
            instances.push(Instance {
                whens: disjunction(&worlds, |e| e.contains_key(&key)),
                uncertain: None,
                locals: Locals::default().bind("each", object([("key", key_value), ("value", each)])),
                suffix: format!("[{}]", quoted(&key)),
                key: Key::Name(key),
            });
        }
        for h in hidden {
            let why = unknown_in(&h);
            instances.push(Instance {
                whens: vec![When::always()],
                uncertain: Some(why),
                locals: Locals::default().bind("each", object([("key", h.clone()), ("value", h.clone())])),
                suffix: String::new(),
                key: Key::Unnamed(h),
            });
        }
        instances.extend(others.into_iter().flat_map(|open| open.instances));
        Ok(Self { shape: Shape::Map, instances, over: Some(value.clone()), by_name })
    }

    /// One instance that stands for an unknown number of them.
    pub(crate) fn open(why: Unknown, for_each: bool) -> Self {
        let part = |what: &str| Value::unknown(format!("{what}: {}", why.reason()), why.span());
        let (key, name, bound) = if for_each {
            let key = part("the key of this instance is not known");
            let value = part("the value of this instance is not known");
            (key.clone(), "each", object([("key", key), ("value", value)]))
        } else {
            let index = part("the number of this instance is not known");
            (index.clone(), "count", object([("index", index)]))
        };
        let instance = Instance {
            key: Key::Hidden(key),
            whens: vec![When::always()],
            uncertain: Some(why.clone()),
            locals: Locals::default().bind(name, bound),
            suffix: String::new(),
        };
        Self { shape: Shape::Open(why), instances: vec![instance], over: None, by_name: BTreeMap::new() }
    }

    /// The same for a `for_each`: of a set, the value is the key.
    fn open_each(why: Unknown, over: &Value) -> Self {
        let open = Self::open(why, true);
        let key = open.instances.first().and_then(|i| match &i.key {
            Key::Hidden(key) => Some(key.clone()),
            Key::None | Key::Index(_) | Key::Name(_) | Key::Unnamed(_) => None,
        });
        match key.filter(|_| matches!(over.of, crate::value::Shape::Set(_))) {
            Some(key) => open.over_each(&key),
            None => open,
        }
    }

    /// True when one instance stands for an unknown number of them.
    pub(crate) fn is_open(&self) -> bool {
        matches!(self.shape, Shape::Open(_))
    }

    /// The same with this `each.value` for the instance that stands for all.
    pub(crate) fn over_each(mut self, value: &Value) -> Self {
        for instance in &mut self.instances {
            if let Key::Hidden(key) = &instance.key {
                let each = object([("key", key.clone()), ("value", value.clone())]);
                instance.locals = Locals::default().bind("each", each);
            }
        }
        self
    }

    /// What the steps after the name select.
    ///
    /// A reference to an instance says that it exists, unless an error is an answer (`guarded`, inside `try` and `can`).
    pub(crate) fn select(&self, steps: &[Step], guarded: bool) -> Selected {
        let index = match steps.first() {
            Some(Step::Index { value, .. }) => Some(value),
            Some(Step::Attr { .. }) | None => None,
        };
        match (&self.shape, index) {
            (Shape::Single, _) => Selected::One(0, 0),
            (Shape::Open(why), Some(v)) => match self.hidden(v) {
                Some(i) => Selected::One(i, 1),
                // Counted things that may not exist are all but always there once or not at all.
                None if is_zero(v) && !guarded => Selected::One(0, 1),
                None => Selected::Unknown(why.clone()),
            },
            (Shape::Open(_) | Shape::List | Shape::Map, None) => Selected::Whole,
            (Shape::List, Some(v)) => match number(v).filter(|&i| i < self.instances.len()) {
                Some(i) if !guarded || self.is_certain(i) => Selected::One(i, 1),
                Some(_) | None => Selected::Whole,
            },
            (Shape::Map, Some(v)) => match v.as_str().and_then(|k| self.by_name.get(k)) {
                Some(&i) if !guarded || self.is_certain(i) => Selected::One(i, 1),
                Some(_) => Selected::Whole,
                None => self.hidden(v).map_or(Selected::Whole, |i| Selected::One(i, 1)),
            },
        }
    }

    /// Whether an instance exists whatever is open.
    fn is_certain(&self, i: usize) -> bool {
        self.instances.get(i).is_some_and(|i| i.uncertain.is_none() && i.whens.iter().any(When::is_always))
    }

    /// All instances as one value: an object, a list or a map of what `get` gives for each.
    pub(crate) fn whole(&self, get: &mut dyn FnMut(usize) -> Value) -> Value {
        let over = match &self.shape {
            Shape::Single => return get(0),
            // The one that stands for all is not there for sure: there may be none.
            Shape::Open(why) => return Value::new(Kind::Unknown(why.clone()), why.span()),
            Shape::List | Shape::Map => self.over.clone().unwrap_or_else(|| Value::null(None)),
        };
        if let Some(why) = self.instances.iter().find_map(|i| i.uncertain.as_ref()) {
            // Not the reason of the instance itself: what goes over all is not what goes over those that are not known.
            return Value::unknown(format!("some of them are not known: {}", why.reason()), why.span());
        }
        let objects: Vec<Value> = (0..self.instances.len()).map(get).collect();
        over.map_arms(&mut |leaf| match self.shape {
            Shape::List => {
                let n = number(leaf).unwrap_or(0);
                Value::list(objects.iter().take(n).cloned().collect(), leaf.span)
            }
            Shape::Map | Shape::Single | Shape::Open(_) => {
                let entries =
                    each_entries(leaf, &mut Vec::new()).ok().and_then(Result::ok).unwrap_or_default();
                let of = |k: &Arc<str>| self.by_name.get(k).and_then(|&i| objects.get(i)).cloned();
                let entries = entries.into_iter().filter_map(|(k, e)| {
                    let value = of(&k)?;
                    Some((k, Entry { key_span: e.key_span, value }))
                });
                Value::map(entries.collect(), leaf.span)
            }
        })
    }

    fn hidden(&self, index: &Value) -> Option<usize> {
        self.instances.iter().position(|i| match &i.key {
            Key::Hidden(k) | Key::Unnamed(k) => k.kind == index.kind,
            Key::None | Key::Index(_) | Key::Name(_) => false,
        })
    }
}

/// The arms of a value that is open at the top, each with the answers it needs. Elements of sets decide about
/// keys, so their choices are taken out as well.
fn leaves(value: &Value) -> Vec<(When, Value)> {
    let mut out = Vec::new();
    let mut todo = vec![(When::always(), value.clone())];
    while let Some((when, v)) = todo.pop() {
        match &v.kind {
            Kind::OneOf(o) => {
                let arms = o.arms.iter().enumerate().rev();
                todo.extend(arms.filter_map(|(i, a)| Some((when.and(o.choice, i)?, a.clone()))));
            }
            Kind::Set(_) | Kind::List(_) if v.has_choice() => {
                let inner = v.alternatives().into_iter();
                out.extend(inner.filter_map(|(w, v)| Some((when.and_all(&w)?, v))));
            }
            Kind::Null
            | Kind::Bool(_)
            | Kind::Number(_)
            | Kind::String(_)
            | Kind::List(_)
            | Kind::Set(_)
            | Kind::Map(_)
            | Kind::Unknown(_) => out.push((when, v)),
        }
    }
    out
}

/// The answers under which `holds`; one that requires nothing when it holds everywhere.
fn disjunction<T>(worlds: &[(When, T)], holds: impl Fn(&T) -> bool) -> Vec<When> {
    let whens: Vec<When> = worlds.iter().filter(|(_, t)| holds(t)).map(|(w, _)| w.clone()).collect();
    if whens.len() == worlds.len() { vec![When::always()] } else { whens }
}

fn each_value(value: &Value, key: &Arc<str>) -> Value {
    value.map_arms(&mut |leaf| match each_entries(leaf, &mut Vec::new()) {
        Ok(Ok(entries)) => match entries.get(key) {
            Some(e) => e.value.clone(),
            None => Value::unknown("this instance does not exist under these answers", leaf.span),
        },
        Ok(Err(u)) => Value::new(Kind::Unknown(u.clone()), u.span()),
        Err(_) => Value::unknown("`for_each` is not valid", leaf.span),
    })
}

/// Keys and values of one settled `for_each`. Elements of a set that are not known go to `hidden`.
fn each_entries(value: &Value, hidden: &mut Vec<Value>) -> Result<Result<Entries, Unknown>, Refused> {
    let refused = |message: &str| Err(Refused { message: message.to_owned() });
    match &value.kind {
        Kind::Map(m) => Ok(Ok((**m).clone())),
        Kind::Set(items) => {
            let mut entries = Entries::new();
            for v in items.iter() {
                match v.as_str() {
                    Some(s) => {
                        entries.insert(s.into(), Entry { key_span: v.span, value: v.clone() });
                    }
                    None if v.is_settled() => return refused("`for_each` takes a set of strings"),
                    None => hidden.push(v.clone()),
                }
            }
            Ok(Ok(entries))
        }
        Kind::Unknown(u) => Ok(Err(u.clone())),
        // The empty list of `on ? toset(…) : []` becomes the type of the other arm.
        Kind::List(l) if l.is_empty() => Ok(Ok(Entries::new())),
        Kind::List(_) => refused("`for_each` takes a map or a set of strings, not a list; use `toset(…)`"),
        Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::String(_) | Kind::OneOf(_) => {
            refused("`for_each` takes a map or a set of strings")
        }
    }
}

/// The keys of a set of which it is not known what else it has.
fn each_for_sure(value: &Value) -> Option<Entries> {
    let entry = |v: &Value| Some((v.as_str()?.into(), Entry { key_span: v.span, value: v.clone() }));
    let entries: Entries = value.sure().iter().filter_map(entry).collect();
    (!entries.is_empty()).then_some(entries)
}

fn whole_number(value: &Value) -> Result<Result<usize, Unknown>, Refused> {
    match &value.kind {
        Kind::Unknown(u) => Ok(Err(u.clone())),
        Kind::String(t) if t.known().is_none() => Ok(Err(unknown_in(value))),
        _ => number(value)
            .map(Ok)
            .ok_or_else(|| Refused { message: "`count` takes a whole number of at least 0".to_owned() }),
    }
}

fn number(value: &Value) -> Option<usize> {
    match &value.kind {
        Kind::Number(n) => n.as_usize(),
        Kind::String(t) => t.known()?.parse().ok(),
        _ => None,
    }
}

fn is_zero(value: &Value) -> bool {
    number(value) == Some(0)
}

/// The first unknown in a value that is not settled.
pub(crate) fn unknown_in(value: &Value) -> Unknown {
    let hole = match &value.kind {
        Kind::Unknown(u) => Some(u.clone()),
        Kind::String(t) => t.holes().first().map(|h| h.unknown.clone()),
        Kind::List(l) | Kind::Set(l) => l.iter().find(|v| !v.is_settled()).map(unknown_in),
        Kind::Map(m) => m.values().find(|e| !e.value.is_settled()).map(|e| unknown_in(&e.value)),
        Kind::OneOf(_) | Kind::Null | Kind::Bool(_) | Kind::Number(_) => None,
    };
    hole.unwrap_or_else(|| Unknown::new("it depends on an open choice", value.span))
}

/// An object of these attributes.
pub(crate) fn object<const N: usize>(entries: [(&str, Value); N]) -> Value {
    let entries = entries.into_iter().map(|(k, value)| (Arc::from(k), Entry { key_span: None, value }));
    Value::map(entries.collect(), None)
}

/// A key as Terraform prints it in an address.
pub(crate) fn quoted(key: &str) -> String {
    let mut out = String::with_capacity(key.len() + 2);
    out.push('"');
    let mut chars = key.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '$' | '%' if chars.peek() == Some(&'{') => {
                out.push(c);
                out.push(c);
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests;
