//! Conditions: true, false, or open. An open condition is one choice, whoever asks; one that hangs on an open
//! parameter follows that parameter's choice, so that conditions never contradict each other.

use super::choice::{lift, worlds};
use super::stack::Stack;
use super::template::referred;
use super::tree::Node;
use crate::diagnostic::{Code, Level};
use crate::limits;
use crate::source::Span;
use crate::value::{ChoiceId, Kind, Text, Unknown, Value, When};

impl Stack<'_> {
    /// The value of a named condition: a boolean, or open.
    pub(super) fn condition(&mut self, name: &str, at: Span) -> Value {
        match self.conditions.get(name) {
            Some(Some(value)) => return value.clone(),
            Some(None) => {
                self.report(
                    Code::BadReference,
                    Level::Warning,
                    at,
                    format!("condition `{name}` refers to itself"),
                );
                return Value::unknown(format!("condition `{name}` refers to itself"), Some(at));
            }
            None => {}
        }
        self.conditions.insert(name.to_owned(), None);
        let (value, place) = match self.declared.get(name).cloned() {
            Some(pair) => (self.test(&pair.value), pair.key_span),
            None => {
                let message = format!("there is no condition `{name}`");
                self.report(Code::BadReference, Level::Warning, at, message.clone());
                (Value::unknown(message, Some(at)), at)
            }
        };
        let value = self.settle(name, &value, place);
        self.conditions.insert(name.to_owned(), Some(value.clone()));
        value
    }

    /// Makes what is not known of a named condition a choice.
    fn settle(&mut self, name: &str, value: &Value, place: Span) -> Value {
        let key = format!("{}Condition {name}", self.prefix);
        value.map_arms(&mut |v| match &v.kind {
            Kind::Bool(_) => v.clone(),
            Kind::Unknown(u) => {
                let unknown =
                    Unknown::new(format!("condition `{name}` is open: {}", u.reason()), Some(place));
                let choice = self.shared.choices.intern(&key, unknown, &["true", "false"]);
                Value::one_of(choice, vec![Value::bool(true, v.span), Value::bool(false, v.span)], v.span)
            }
            Kind::Null
            | Kind::Number(_)
            | Kind::String(_)
            | Kind::List(_)
            | Kind::Set(_)
            | Kind::Map(_)
            | Kind::OneOf(_) => {
                let unknown = Unknown::new(format!("condition `{name}` is not a test"), Some(place));
                let choice = self.shared.choices.intern(&key, unknown, &["true", "false"]);
                Value::one_of(choice, vec![Value::bool(true, v.span), Value::bool(false, v.span)], v.span)
            }
        })
    }

    /// The answers under which a named condition holds.
    pub(super) fn holds_when(&mut self, name: &str, at: Span) -> Vec<When> {
        let value = self.condition(name, at);
        worlds(&value).into_iter().filter(|(_, v)| v.kind == Kind::Bool(true)).map(|(w, _)| w).collect()
    }

    /// What a condition function says: a boolean, unknown, or open in parameters and other conditions.
    pub(super) fn test(&mut self, node: &Node) -> Value {
        if !self.enter() {
            return Value::unknown("it nests too deep", Some(node.span));
        }
        let value = self.test_function(node);
        self.leave();
        value.at(Some(node.span))
    }

    fn test_function(&mut self, node: &Node) -> Value {
        let Some(pair) = node.only() else { return self.as_test(node) };
        match (&*pair.key, pair.value.items()) {
            ("Condition", None) => match pair.value.text() {
                Some(name) => self.condition(name, pair.value.span),
                None => self.as_test(node),
            },
            ("Fn::Equals", Some([a, b])) => self.equals(a, b),
            ("Fn::And", Some(items)) => {
                let values: Vec<Value> = items.iter().map(|n| self.test(n)).collect();
                lift(&values, &mut |v| all(v, true))
            }
            ("Fn::Or", Some(items)) => {
                let values: Vec<Value> = items.iter().map(|n| self.test(n)).collect();
                lift(&values, &mut |v| all(v, false))
            }
            ("Fn::Not", Some([item])) => {
                let value = self.test(item);
                value.map_arms(&mut not)
            }
            _ => self.as_test(node),
        }
    }

    /// A value that is not a condition function, taken as a boolean.
    fn as_test(&mut self, node: &Node) -> Value {
        let value = self.eval(node);
        value.map_arms(&mut |v| match v.as_str().map(str::to_ascii_lowercase).as_deref() {
            Some("true") => Value::bool(true, v.span),
            Some("false") => Value::bool(false, v.span),
            Some(_) | None => match v.as_unknown() {
                Some(u) => Value::unknown(u.reason(), u.span()),
                None => Value::unknown("it is not a condition", v.span),
            },
        })
    }

    fn equals(&mut self, a: &Node, b: &Node) -> Value {
        let (left, right) = (self.eval(a), self.eval(b));
        for (node, value, other) in [(a, &left, b), (b, &right, a)] {
            if let (Some(name), true, Some(literal)) = (referred(node), is_open(value), other.text())
                && let Some((choice, labels)) = self.answers_of(name, value)
                && labels.iter().any(|l| l == literal)
            {
                let same = labels.iter().map(|l| Value::bool(l == literal, None));
                let arms = same.chain([Value::bool(false, None)]).collect();
                return Value::one_of(choice, arms, Some(a.span));
            }
        }
        lift(&[left, right], &mut |v| match v {
            [a, b] => self.compare(a, b),
            _ => Value::unknown("`Fn::Equals` needs two values", None),
        })
    }

    /// The choice that an unknown parameter is: one of the values it is compared with anywhere, or another one.
    fn answers_of(&mut self, name: &str, value: &Value) -> Option<(ChoiceId, Vec<String>)> {
        let template = self.template();
        let labels = template.compared.get(name).filter(|l| l.len() < limits::ANSWERS)?;
        let labels: Vec<String> = labels.iter().map(|l| l.to_string()).collect();
        let mut shown: Vec<&str> = labels.iter().map(String::as_str).collect();
        shown.push("another value");
        let unknown = match &value.kind {
            Kind::Unknown(u) => u.clone(),
            Kind::String(t) => t.holes().first()?.unknown.clone(),
            Kind::Null
            | Kind::Bool(_)
            | Kind::Number(_)
            | Kind::List(_)
            | Kind::Set(_)
            | Kind::Map(_)
            | Kind::OneOf(_) => return None,
        };
        let key = format!("{}Parameter {name}", self.prefix);
        Some((self.shared.choices.intern(&key, unknown, &shown), labels))
    }

    /// Whether two values without open choices are equal. Values with unknown parts differ only when no completion
    /// makes them equal.
    fn compare(&self, a: &Value, b: &Value) -> Value {
        if let (Kind::String(a), Kind::String(b)) = (&a.kind, &b.kind) {
            return match (a.known(), b.known()) {
                (Some(x), Some(y)) => Value::bool(x == y || self.spelled_alike(a, b), None),
                (Some(x), None) if !could_be(b, x) => Value::bool(false, None),
                (None, Some(y)) if !could_be(a, y) => Value::bool(false, None),
                (Some(_) | None, Some(_) | None) => open_text(a, b),
            };
        }
        match [a, b].into_iter().find_map(cause) {
            Some(u) => Value::unknown(u.reason(), u.span()),
            None => Value::bool(same(a, b), None),
        }
    }

    /// Whether two texts are written alike. `yes` without quotes is `true` to CloudFormation, but who compares it
    /// with a quoted `"yes"` means the same.
    fn spelled_alike(&self, a: &Text, b: &Text) -> bool {
        let template = self.template();
        let spelled = |t: &Text| {
            let place = t.span_of(0, t.visible().len()).filter(|s| s.source == template.source.id());
            place.map_or_else(|| t.visible().to_owned(), |s| template.source.slice(s).to_owned())
        };
        (matches!(a.visible(), "true" | "false") || matches!(b.visible(), "true" | "false"))
            && spelled(a) == spelled(b)
    }
}

/// True for a value of which nothing is known.
fn is_open(v: &Value) -> bool {
    match &v.kind {
        Kind::Unknown(_) => true,
        Kind::String(t) => t.visible().is_empty() && !t.holes().is_empty(),
        Kind::Null
        | Kind::Bool(_)
        | Kind::Number(_)
        | Kind::List(_)
        | Kind::Set(_)
        | Kind::Map(_)
        | Kind::OneOf(_) => false,
    }
}

/// `And` (all are `wanted` true) or, with `wanted` false, `Or`: one that is not as wanted decides.
fn all(values: &[Value], wanted: bool) -> Value {
    if values.iter().any(|v| v.kind == Kind::Bool(!wanted)) {
        return Value::bool(!wanted, None);
    }
    match values.iter().find(|v| v.kind != Kind::Bool(wanted)) {
        Some(open) => open.clone(),
        None => Value::bool(wanted, None),
    }
}

fn not(v: &Value) -> Value {
    match &v.kind {
        Kind::Bool(b) => Value::bool(!b, v.span),
        Kind::Null
        | Kind::Number(_)
        | Kind::String(_)
        | Kind::List(_)
        | Kind::Set(_)
        | Kind::Map(_)
        | Kind::OneOf(_)
        | Kind::Unknown(_) => v.clone(),
    }
}

fn open_text(a: &Text, b: &Text) -> Value {
    match a.holes().iter().chain(b.holes()).next() {
        Some(h) => Value::unknown(h.unknown.reason(), h.unknown.span()),
        None => Value::bool(a.visible() == b.visible(), None),
    }
}

/// Whether a text with holes can be this known text: what stands before the first hole and after the last must fit.
fn could_be(text: &Text, known: &str) -> bool {
    let (Some(first), Some(last)) = (text.holes().first(), text.holes().last()) else { return true };
    let (prefix, suffix) = (text.visible().get(..first.at), text.visible().get(last.at..));
    known.len() >= text.visible().len()
        && prefix.is_none_or(|p| known.starts_with(p))
        && suffix.is_none_or(|s| known.ends_with(s))
}

/// What is not known anywhere in a value.
fn cause(v: &Value) -> Option<Unknown> {
    match &v.kind {
        Kind::Unknown(u) => Some(u.clone()),
        Kind::String(t) => t.holes().first().map(|h| h.unknown.clone()),
        Kind::List(l) | Kind::Set(l) => l.iter().find_map(cause),
        Kind::Map(m) => m.values().find_map(|e| cause(&e.value)),
        Kind::OneOf(o) => o.arms.iter().find_map(cause),
        Kind::Null | Kind::Bool(_) | Kind::Number(_) => None,
    }
}

/// Equal apart from places.
fn same(a: &Value, b: &Value) -> bool {
    match (a.as_list(), b.as_list()) {
        (Some(x), Some(y)) => return x.len() == y.len() && x.iter().zip(y).all(|(a, b)| same(a, b)),
        (Some(_), None) | (None, Some(_)) => return false,
        (None, None) => {}
    }
    match (a.as_map(), b.as_map()) {
        (Some(x), Some(y)) => {
            x.len() == y.len() && x.iter().zip(y).all(|((k, a), (l, b))| k == l && same(&a.value, &b.value))
        }
        (Some(_), None) | (None, Some(_)) => false,
        (None, None) => match (a.as_str(), b.as_str()) {
            (Some(x), Some(y)) => x == y,
            (Some(_) | None, Some(_) | None) => a.kind == b.kind,
        },
    }
}
