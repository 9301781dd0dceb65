//! Values of nodes: scalars, lists, maps, and the intrinsic functions.
//!
//! Follows "Intrinsic function reference" of the CloudFormation User Guide. Every function is applied to all
//! arms of open choices; `AWS::NoValue` takes a property or a list element away.

use std::sync::Arc;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

use super::choice::{lift, without_nothing};
use super::foreach::is_loop;
use super::places::Style;
use super::stack::Stack;
use super::text;
use super::tree::{Node, NodeKind, Pair, Scalar};
use crate::diagnostic::{Code, Level};
use crate::limits;
use crate::source::Span;
use crate::value::{Entries, Entry, Kind, Text, Value};

/// An intrinsic function: gets its argument as it is written and the place of the call.
type Function = fn(&mut Stack<'_>, &Node, Span) -> Value;

/// The intrinsic functions. One that is not here is unknown, not an error.
const FUNCTIONS: &[(&str, Function)] = &[
    ("Fn::Base64", |stack, node, at| stack.base64(node, at)),
    ("Fn::Cidr", |stack, node, at| stack.cidr(node, at)),
    ("Fn::FindInMap", |stack, node, at| stack.find_in_map(node, at)),
    ("Fn::GetAZs", |stack, node, at| stack.zones(node, at)),
    ("Fn::GetAtt", |stack, node, at| stack.get_att(node, at)),
    ("Fn::If", |stack, node, at| stack.choose(node, at)),
    ("Fn::ImportValue", |stack, node, at| stack.import(node, at)),
    ("Fn::Join", |stack, node, at| stack.join(node, at)),
    ("Fn::Length", |stack, node, at| stack.length(node, at)),
    ("Fn::Select", |stack, node, at| stack.select(node, at)),
    ("Fn::Split", |stack, node, at| stack.split(node, at)),
    ("Fn::Sub", |stack, node, at| stack.sub(node, at)),
    // The structure stands for its text, so that places and unknown parts survive.
    ("Fn::ToJsonString", |stack, node, _| stack.eval(node)),
    ("Fn::Transform", |stack, node, at| stack.transform(node, at)),
    ("Ref", |stack, node, at| stack.reference(node, at)),
];

impl Stack<'_> {
    /// The value of a node.
    pub(super) fn eval(&mut self, node: &Node) -> Value {
        if !self.enter() {
            return Value::unknown("it nests too deep or takes too long to evaluate", Some(node.span));
        }
        let value = match &node.kind {
            NodeKind::Null => Value::null(Some(node.span)),
            NodeKind::Scalar(s) => self.scalar(s, node.span),
            NodeKind::Seq(items) => self.list(items, node.span),
            NodeKind::Map(pairs) => self.map(pairs, node.span),
        };
        self.leave();
        self.shared.steps += cost(&value);
        value
    }

    fn scalar(&mut self, scalar: &Scalar, span: Span) -> Value {
        if scalar.text.starts_with("Fn::") {
            let name = scalar.text.split_whitespace().next().unwrap_or_default();
            return Value::unknown(format!("`{name}` in a string is not CloudFormation"), Some(span));
        }
        let source = &self.source_of(scalar.body);
        if let (Style::Lines, Some(b)) = (scalar.style, boolean(&scalar.text))
            && source.slice(scalar.body) == &*scalar.text
        {
            return Value::text(Text::at(b, scalar.body, b == &*scalar.text), Some(span));
        }
        let text = scalar.placed(source);
        Value::text(text::cut_placeholders(&text, span), Some(span))
    }

    fn list(&mut self, items: &[Node], span: Span) -> Value {
        let values: Vec<Value> = items.iter().map(|n| self.eval(n)).collect();
        let build = &mut |values: &[Value]| {
            Value::list(values.iter().filter(|v| !v.is_null()).cloned().collect(), Some(span))
        };
        without_nothing(values, build).at(Some(span))
    }

    fn map(&mut self, pairs: &[Pair], span: Span) -> Value {
        if let [pair] = pairs {
            if let Some((_, call)) = FUNCTIONS.iter().find(|(name, _)| *name == &*pair.key) {
                return call(self, &pair.value, span).at(Some(span));
            }
            if is_function(&pair.key) {
                let message = format!("`{}` is not a function of CloudFormation", pair.key);
                return Value::unknown(message, Some(span));
            }
        }
        let pairs = self.unrolled(pairs);
        if let Some(pair) = pairs.iter().find(|p| is_function(&p.key) || is_loop(p)) {
            return Value::unknown(self.left_open(pair), Some(pair.key_span));
        }
        let values: Vec<Value> = pairs.iter().map(|p| self.eval(&p.value)).collect();
        let build = &mut |values: &[Value]| {
            let entries: Entries = pairs
                .iter()
                .zip(values)
                .filter(|(_, v)| !v.is_null())
                .map(|(p, v)| (Arc::clone(&p.key), Entry { key_span: Some(p.key_span), value: v.clone() }))
                .collect();
            Value::map(entries, Some(span))
        };
        without_nothing(values, build).at(Some(span))
    }

    fn choose(&mut self, node: &Node, at: Span) -> Value {
        let Some([condition, yes, no]) = node.items() else { return self.malformed("Fn::If", at) };
        let condition = match condition.text() {
            Some(name) => self.condition(name, condition.span),
            None => self.test(condition),
        };
        let mut arms = [None, None];
        let [on, off] = &mut arms;
        condition.map_arms(&mut |c| match &c.kind {
            Kind::Bool(true) => on.get_or_insert_with(|| self.eval(yes)).clone(),
            Kind::Bool(false) => off.get_or_insert_with(|| self.eval(no)).clone(),
            Kind::Unknown(u) => Value::unknown(u.reason(), u.span()),
            Kind::Null
            | Kind::Number(_)
            | Kind::String(_)
            | Kind::List(_)
            | Kind::Set(_)
            | Kind::Map(_)
            | Kind::OneOf(_) => Value::unknown("the condition is not a test", Some(at)),
        })
    }

    fn base64(&mut self, node: &Node, at: Span) -> Value {
        let args = [self.eval(node)];
        lift(&args, &mut |args| match args.first().map(|text| text::known(text, at)) {
            Some(Ok(known)) => Value::string(BASE64_STANDARD.encode(known), Some(at)),
            Some(Err(u)) => Value::text(Text::hole(u), Some(at)),
            None => Value::unknown("`Fn::Base64` needs a string", Some(at)),
        })
    }

    fn transform(&mut self, node: &Node, at: Span) -> Value {
        match self.included(node, at) {
            Ok(tree) => self.eval(&tree),
            Err(why) => Value::unknown(why, Some(at)),
        }
    }

    fn join(&mut self, node: &Node, at: Span) -> Value {
        let Some([delimiter, list]) = node.items() else { return self.malformed("Fn::Join", at) };
        let args = [self.eval(delimiter), self.eval(list)];
        lift(&args, &mut |args| match args {
            [delimiter, list] => text::join(delimiter, list, at),
            _ => Value::unknown("`Fn::Join` needs a delimiter and a list", Some(at)),
        })
    }

    fn split(&mut self, node: &Node, at: Span) -> Value {
        let Some([delimiter, string]) = node.items() else { return self.malformed("Fn::Split", at) };
        let args = [self.eval(delimiter), self.eval(string)];
        lift(&args, &mut |args| match args {
            [delimiter, string] => text::split(delimiter, string, at),
            _ => Value::unknown("`Fn::Split` needs a delimiter and a string", Some(at)),
        })
    }

    fn select(&mut self, node: &Node, at: Span) -> Value {
        let Some([index, list]) = node.items() else { return self.malformed("Fn::Select", at) };
        let args = [self.eval(index), self.eval(list)];
        lift(&args, &mut |args| match args {
            [index, list] => text::select(index, list, at),
            _ => Value::unknown("`Fn::Select` needs an index and a list", Some(at)),
        })
    }

    fn length(&mut self, node: &Node, at: Span) -> Value {
        let args = [self.eval(node)];
        lift(&args, &mut |args| match args.first().map(|v| &v.kind) {
            // An unknown element may stand for several.
            Some(Kind::List(l) | Kind::Set(l)) => match l.iter().find_map(Value::as_unknown) {
                Some(u) => Value::unknown(u.reason(), u.span()),
                None => Value::string(l.len().to_string(), Some(at)),
            },
            Some(Kind::Unknown(u)) => Value::unknown(u.reason(), u.span()),
            Some(
                Kind::Null
                | Kind::Bool(_)
                | Kind::Number(_)
                | Kind::String(_)
                | Kind::Map(_)
                | Kind::OneOf(_),
            )
            | None => Value::unknown("`Fn::Length` needs a list", Some(at)),
        })
    }

    /// `Fn::Sub`, alone or with a map of its own variables.
    fn sub(&mut self, node: &Node, at: Span) -> Value {
        let (template, variables) = match (&node.kind, node.items()) {
            (NodeKind::Scalar(s), _) => (s, None),
            (_, Some([Node { kind: NodeKind::Scalar(s), .. }])) => (s, None),
            (_, Some([Node { kind: NodeKind::Scalar(s), .. }, map])) => (s, Some(map)),
            (_, _) => return self.malformed("Fn::Sub", at),
        };
        let placed = template.placed(&self.source_of(template.body));
        let pieces = text::variables(&placed);
        if pieces.len() > limits::TEXT_PARTS {
            return Value::unknown("`Fn::Sub` has too many variables", Some(at));
        }
        let mut parts = Vec::with_capacity(pieces.len());
        for piece in pieces {
            parts.push(match piece {
                text::Piece::Literal(text) => Value::text(text, Some(at)),
                text::Piece::Variable { name, start, end } => {
                    let place = placed.span_of(start, end).unwrap_or(at);
                    match variables.and_then(|m| m.get(&name)) {
                        Some(node) => self.eval(node),
                        None => self.variable(&name, place, || placed.slice(start, end)),
                    }
                }
            });
        }
        // `${Name}` alone is what it refers to, not a new text.
        if let [only] = parts.as_slice()
            && (!matches!(only.kind, Kind::String(_)) || only.refer.is_some())
        {
            return only.clone();
        }
        lift(&parts, &mut |parts| match text::concat(parts, at) {
            Ok(text) => Value::text(text::cut_placeholders(&text, at), Some(at)),
            Err(u) => Value::unknown(u.reason(), u.span()),
        })
    }

    fn variable(&mut self, name: &str, place: Span, written: impl Fn() -> Text) -> Value {
        if name.contains(':') && !name.starts_with("AWS::") {
            let message = format!(
                "`${{{name}}}` is not a name of CloudFormation; write `${{!{name}}}` for a policy variable"
            );
            self.report(Code::BadExpression, Level::Warning, place, message);
            return Value::text(written(), Some(place));
        }
        match name.split_once('.') {
            Some((id, attribute)) => self.attribute(id, attribute, place),
            None => self.named(name, place),
        }
    }

    /// A call whose arguments have the wrong shape, which CloudFormation refuses.
    pub(super) fn malformed(&mut self, function: &str, at: Span) -> Value {
        let message = format!("`{function}` does not have the arguments that it needs");
        self.report(Code::BadExpression, Level::Warning, at, message.clone());
        Value::unknown(message, Some(at))
    }
}

/// `true` or `false` for the spellings that CloudFormation reads as booleans (those of YAML 1.1).
fn boolean(text: &str) -> Option<&'static str> {
    match text {
        "true" | "True" | "TRUE" | "yes" | "Yes" | "YES" | "on" | "On" | "ON" => Some("true"),
        "false" | "False" | "FALSE" | "no" | "No" | "NO" | "off" | "Off" | "OFF" => Some("false"),
        _ => None,
    }
}

/// What a value adds to the steps, beyond the one for its node: a long text or list may be made again and again.
fn cost(value: &Value) -> u64 {
    match &value.kind {
        Kind::String(t) => (t.visible().len() / 16 + t.parts()) as u64,
        Kind::List(l) | Kind::Set(l) => l.len() as u64,
        Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::Map(_) | Kind::OneOf(_) | Kind::Unknown(_) => 0,
    }
}

/// A key that stands for a function, known or not.
fn is_function(key: &str) -> bool {
    (key.starts_with("Fn::") && !key.starts_with("Fn::ForEach")) || key.starts_with('!')
}
