//! From a value (a structure, or JSON text with holes) to a [`Document`].
//!
//! What AWS refuses ("Grammar of the IAM JSON policy language") has no effect at all: such a document comes back
//! without statements and with a problem that says so.

mod condition;
mod principal;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use super::actions::steps;
use super::document::{Document, Effect, Elements, Item, Parsed, Problem, Statement, Version};
use super::json::{self, JsonProblem};
use crate::limits;
use crate::source::Span;
use crate::value::{Entries, Kind, Text, Unknown, Value};

/// Where a document stands, which says what elements it may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DocumentKind {
    /// A policy of a user, group or role, a boundary or a service control policy.
    Identity,
    /// A role's trust policy.
    Trust,
}

/// Reads a policy document from a structure or from JSON text (also percent-encoded).
pub fn parse(value: &Value, kind: DocumentKind) -> Parsed {
    let mut parser =
        Parser { kind, problems: Vec::new(), steps: limits::PATTERN_STEPS, open: BTreeMap::new() };
    let mut document = parser.document(value);
    let mut problems = parser.problems;
    problems.sort_by_key(|p| p.span.map(|s| (s.source, s.start)));
    if problems.iter().any(|p| p.refused) {
        document.statements.clear();
        document.more = None;
    }
    // Documents are many, and most have one statement.
    document.statements.shrink_to_fit();
    Parsed { document, problems }
}

struct Parser {
    kind: DocumentKind,
    problems: Vec<Problem>,
    /// How many names the patterns of actions may still be compared with.
    steps: usize,
    /// Keys with parts that are not known, by what stands for them.
    open: BTreeMap<String, Text>,
}

/// The entry of an element, whose name may be written in any case. Null is as good as nothing.
fn element<'a>(entries: &'a Entries, name: &str) -> Option<&'a Value> {
    let exact = entries.get(name).filter(|e| !e.value.is_null());
    exact
        .or_else(|| {
            entries.iter().find(|(k, e)| k.eq_ignore_ascii_case(name) && !e.value.is_null()).map(|(_, e)| e)
        })
        .map(|e| &e.value)
}

/// Why a value is not settled as a whole.
fn open(value: &Value) -> Option<Unknown> {
    match &value.kind {
        Kind::Unknown(u) => Some(u.clone()),
        Kind::OneOf(_) => Some(Unknown::new("it depends on a choice that is open", value.span)),
        Kind::Null
        | Kind::Bool(_)
        | Kind::Number(_)
        | Kind::String(_)
        | Kind::List(_)
        | Kind::Set(_)
        | Kind::Map(_) => None,
    }
}

impl Parser {
    fn refuse(&mut self, message: impl Into<String>, span: Option<Span>) {
        self.problems.push(Problem { refused: true, gate: false, message: message.into(), span });
    }

    fn warn(&mut self, message: impl Into<String>, span: Option<Span>) {
        self.problems.push(Problem { refused: false, gate: false, message: message.into(), span });
    }

    fn document(&mut self, value: &Value) -> Document {
        match &value.kind {
            Kind::String(text) => self.json(text, value.span),
            Kind::Map(entries) => self.structure(entries, value.span),
            Kind::Unknown(u) => Document::unknown(u.clone()),
            Kind::OneOf(_) => {
                Document::unknown(Unknown::new("the document depends on a choice that is open", value.span))
            }
            Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::List(_) | Kind::Set(_) => {
                self.refuse("a policy document is an object with `Version` and `Statement`", value.span);
                Document { span: value.span, ..Document::default() }
            }
        }
    }

    fn json(&mut self, text: &Text, span: Option<Span>) -> Document {
        let encoded = text.visible().trim_start().get(..3).is_some_and(|s| s.eq_ignore_ascii_case("%7b"));
        let decoded = if encoded { json::percent_decode(text) } else { None };
        match json::read(decoded.as_ref().unwrap_or(text), span) {
            Ok(read) => {
                for (key, span) in read.duplicates {
                    self.warn(
                        format!("`{key}` is written twice in one object, only the last one counts"),
                        span,
                    );
                }
                self.open = read.open;
                match &read.value.kind {
                    Kind::Map(entries) => self.structure(entries, read.value.span.or(span)),
                    Kind::Unknown(u) => Document::unknown(u.clone()),
                    Kind::String(_)
                    | Kind::OneOf(_)
                    | Kind::Null
                    | Kind::Bool(_)
                    | Kind::Number(_)
                    | Kind::List(_)
                    | Kind::Set(_) => {
                        self.refuse(
                            "a policy document is a JSON object with `Version` and `Statement`",
                            span,
                        );
                        Document { span, ..Document::default() }
                    }
                }
            }
            Err(JsonProblem::Open(u)) => Document::unknown(u),
            Err(JsonProblem::Invalid { message, span: at }) => {
                self.refuse(format!("the policy document is not valid JSON: {message}"), at);
                Document { span, ..Document::default() }
            }
        }
    }

    fn structure(&mut self, entries: &Entries, span: Option<Span>) -> Document {
        let mut document = Document { span, version: self.version(entries), ..Document::default() };
        let Some(statement) = element(entries, "Statement") else {
            if let Some(u) = self.open_key(entries) {
                return Document::unknown(u);
            }
            self.refuse("the policy has no `Statement`", span);
            return document;
        };
        match &statement.kind {
            Kind::Map(entries) => self.add_statement(entries, statement.span, &mut document),
            Kind::List(list) | Kind::Set(list) => {
                for value in list.iter().take(limits::STATEMENTS) {
                    match &value.kind {
                        Kind::Map(entries) => self.add_statement(entries, value.span, &mut document),
                        Kind::Unknown(_) | Kind::OneOf(_) => document.more = open(value),
                        Kind::Null
                        | Kind::Bool(_)
                        | Kind::Number(_)
                        | Kind::String(_)
                        | Kind::List(_)
                        | Kind::Set(_) => self.refuse("a statement is an object", value.span),
                    }
                }
                if list.len() > limits::STATEMENTS {
                    let reason = format!("the policy has more than {} statements", limits::STATEMENTS);
                    document.more = Some(Unknown::new(reason, span));
                }
            }
            Kind::Unknown(_) | Kind::OneOf(_) => document.more = open(statement),
            Kind::String(text) if !text.holes().is_empty() => {
                document.more = text.holes().first().map(|h| h.unknown.clone());
            }
            Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::String(_) => {
                self.refuse("`Statement` is an object or a list of objects", statement.span);
            }
        }
        document
    }

    /// A statement of which an element is not known may say anything.
    fn add_statement(&mut self, entries: &Entries, span: Option<Span>, document: &mut Document) {
        match self.open_key(entries) {
            Some(u) => document.more = Some(u),
            None => document.statements.push(self.statement(entries, span)),
        }
    }

    /// Why a key among these is not known.
    fn open_key(&self, entries: &Entries) -> Option<Unknown> {
        let open = entries.keys().find_map(|key| self.open.get(&**key))?;
        open.holes().first().map(|hole| hole.unknown.clone())
    }

    fn version(&mut self, entries: &Entries) -> Version {
        let Some(value) = element(entries, "Version") else { return Version::V2008 };
        match value.as_str() {
            Some("2012-10-17") => Version::V2012,
            Some("2008-10-17") => Version::V2008,
            Some(other) => {
                let message = format!("there is no policy version `{other}`, write `2012-10-17`");
                self.refuse(message, value.span);
                Version::V2012
            }
            // Whatever is computed is the current version.
            None => Version::V2012,
        }
    }

    fn statement(&mut self, entries: &Entries, span: Option<Span>) -> Statement {
        let (condition, more_conditions) = self.condition(entries);
        Statement {
            sid: element(entries, "Sid").and_then(Value::as_str).map(str::to_owned),
            effect: self.effect(entries, span),
            action: self.action(entries, span),
            resource: self.resource(entries, span),
            principal: self.principal(entries, span),
            condition,
            more_conditions,
            span,
        }
    }

    fn effect(&mut self, entries: &Entries, span: Option<Span>) -> Result<Effect, Unknown> {
        // Of a refused document the effect does not matter.
        let Some(value) = element(entries, "Effect") else {
            self.refuse("the statement has no `Effect`, write `Allow` or `Deny`", span);
            return Ok(Effect::Allow);
        };
        match &value.kind {
            Kind::String(text) => match (text.known(), text.holes().first()) {
                (Some("Allow"), _) => Ok(Effect::Allow),
                (Some("Deny"), _) => Ok(Effect::Deny),
                (None, Some(hole)) => Err(hole.unknown.clone()),
                (Some(_), _) | (None, None) => {
                    let message = format!("`{}` is no effect, write `Allow` or `Deny`", text.visible());
                    self.refuse(message, value.span);
                    Ok(Effect::Allow)
                }
            },
            Kind::Unknown(_) | Kind::OneOf(_) => {
                Err(open(value).unwrap_or_else(|| Unknown::new("the effect is not known", value.span)))
            }
            Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::List(_) | Kind::Set(_) | Kind::Map(_) => {
                self.refuse("`Effect` is `Allow` or `Deny`", value.span);
                Ok(Effect::Allow)
            }
        }
    }

    /// An element or its negated form; a problem when both are there.
    fn pair<'a>(
        &mut self,
        entries: &'a Entries,
        name: &str,
        span: Option<Span>,
    ) -> Option<(bool, &'a Value)> {
        let negated = format!("Not{name}");
        match (element(entries, name), element(entries, &negated)) {
            (Some(_), Some(second)) => {
                self.refuse(format!("the statement has both `{name}` and `{negated}`"), second.span.or(span));
                None
            }
            (Some(value), None) => Some((false, value)),
            (None, Some(value)) => Some((true, value)),
            (None, None) => None,
        }
    }

    fn spend(&mut self, steps: usize) -> bool {
        let left = self.steps.checked_sub(steps);
        self.steps = left.unwrap_or(0);
        left.is_some()
    }

    fn action(&mut self, entries: &Entries, span: Option<Span>) -> Elements {
        let before = self.problems.len();
        let Some((negated, value)) = self.pair(entries, "Action", span) else {
            if self.problems.len() == before {
                self.refuse("the statement has neither `Action` nor `NotAction`", span);
            }
            return Elements::new(false, Vec::new(), None, span);
        };
        let (mut items, mut more) = self.strings(value, "an action", false);
        let most = items.iter().position(|item| !self.spend(steps(&item.text)));
        if let Some(most) = most {
            items.truncate(most);
            more =
                Some(Unknown::new("the policy has more patterns of actions than are looked at", value.span));
        }
        for item in &items {
            let bad = |t: &&str| !t.contains(':') && !t.bytes().all(|b| b == b'*') || t.is_empty();
            if let Some(text) = item.text.known().filter(bad) {
                self.refuse(format!("`{text}` is no action, write `service:Action`"), item.span);
            }
        }
        Elements::new(negated, items, more, value.span)
    }

    fn resource(&mut self, entries: &Entries, span: Option<Span>) -> Option<Elements> {
        let before = self.problems.len();
        let Some((negated, value)) = self.pair(entries, "Resource", span) else {
            if self.kind == DocumentKind::Identity && self.problems.len() == before {
                self.refuse("the statement has neither `Resource` nor `NotResource`", span);
            }
            return None;
        };
        if self.kind == DocumentKind::Trust {
            self.refuse("a trust policy has no `Resource`, the role itself is the resource", value.span);
            return None;
        }
        let (items, more) = self.strings(value, "a resource", false);
        for item in &items {
            let bad = |t: &&str| !t.starts_with("arn:") && !t.starts_with('*') && !t.starts_with("${");
            if let Some(text) = item.text.known().filter(bad) {
                let shown = if text.is_empty() { "an empty text".to_owned() } else { format!("`{text}`") };
                self.refuse(format!("{shown} is no resource, write an ARN or `*`"), item.span);
            }
        }
        Some(Elements::new(negated, items, more, value.span))
    }

    /// The strings of an element that is a string or a list of them. `scalars`: numbers and booleans too.
    fn strings(&mut self, value: &Value, what: &str, scalars: bool) -> (Vec<Item>, Option<Unknown>) {
        let (mut items, mut more) = (Vec::new(), None);
        let list = value.as_list().unwrap_or(std::slice::from_ref(value));
        for value in list {
            match scalar(value, scalars) {
                Scalar::Text(text) => items.push(Item { text, span: value.span }),
                Scalar::Open(u) => more = Some(u),
                Scalar::Wrong => self.refuse(format!("{what} is a string"), value.span),
            }
        }
        (items, more)
    }
}

enum Scalar {
    Text(Text),
    Open(Unknown),
    Wrong,
}

/// A string; with `scalars`, numbers and booleans as their text.
fn scalar(value: &Value, scalars: bool) -> Scalar {
    let plain = |s: String| match value.span {
        Some(span) => Text::at(s, span, false),
        None => Text::new(s),
    };
    match &value.kind {
        Kind::String(text) => Scalar::Text(text.clone()),
        Kind::Bool(b) if scalars => Scalar::Text(plain(b.to_string())),
        Kind::Number(n) if scalars => Scalar::Text(plain(n.to_string())),
        Kind::Unknown(u) => Scalar::Open(u.clone()),
        Kind::OneOf(_) => Scalar::Open(Unknown::new("it depends on a choice that is open", value.span)),
        Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::List(_) | Kind::Set(_) | Kind::Map(_) => {
            Scalar::Wrong
        }
    }
}
