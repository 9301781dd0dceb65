//! One instance that a plan or a state holds, as the resources ask for it.

use std::collections::{BTreeMap, BTreeSet};

use jsonc_parser::ast::Value as Json;

use super::reader::{Record, Recording};
use super::references::Origins;
use crate::diagnostic::{Code, Diagnostic, Level};
use crate::frontend::terraform::attributes::{Attributes, computed};
use crate::frontend::terraform::document;
use crate::frontend::terraform::refs::{IAM_TYPES, refer};
use crate::iam::facts::PrincipalKind;
use crate::json::{elements, member};
use crate::limits;
use crate::source::Span;
use crate::value::{Choices, Entries, Entry, Kind, Unknown, Value};

/// What is kept while a plan or state is lowered.
#[derive(Default)]
pub(super) struct Lowering {
    pub(super) choices: Choices,
    pub(super) problems: Vec<Diagnostic>,
    /// The attributes that were read: number of the record and name.
    pub(super) shown: BTreeSet<(usize, String)>,
    /// Documents of data sources that are read only at apply.
    documents: BTreeMap<usize, Value>,
    depth: usize,
}

/// One instance.
pub(super) struct Recorded<'r, 't> {
    pub(super) recording: &'r Recording<'t>,
    /// Its number in the recording.
    pub(super) number: usize,
    pub(super) lowering: &'r mut Lowering,
}

/// What an attribute has to be, when it is not known: tells which of the things that its expression refers to it
/// may be.
#[derive(Clone, Copy, PartialEq)]
enum Wanted {
    /// Name or id of a user, group or role.
    Name(PrincipalKind),
    /// ARN of a customer managed policy.
    Policy,
    /// ARN of a user or role.
    Principal,
    /// Text of a policy document.
    Document,
    /// Nothing that is followed.
    Other,
}

impl Wanted {
    fn of(attribute: &str) -> Self {
        match attribute {
            "user" | "users" | "user_name" => Self::Name(PrincipalKind::User),
            "group" | "groups" | "group_name" => Self::Name(PrincipalKind::Group),
            "role" | "roles" | "role_name" => Self::Name(PrincipalKind::Role),
            "policy_arn" | "policy_arns" | "managed_policy_arns" | "permissions_boundary" => Self::Policy,
            "identifiers" => Self::Principal,
            "policy" | "assume_role_policy" => Self::Document,
            "source_policy_documents" | "override_policy_documents" | "source_json" | "override_json" => {
                Self::Document
            }
            _ => Self::Other,
        }
    }
}

/// Attributes that are lists or sets.
const LISTS: [&str; 8] = [
    "users",
    "groups",
    "roles",
    "policy_arns",
    "managed_policy_arns",
    "identifiers",
    "source_policy_documents",
    "override_policy_documents",
];

impl Attributes for Recorded<'_, '_> {
    fn address(&self) -> &str {
        self.record().map_or("", |r| &r.address)
    }

    fn span(&self) -> Span {
        self.record().map_or_else(|| self.recording.source.span(), |r| r.span)
    }

    fn argument(&mut self, name: &str) -> Value {
        let Some(value) = self.part(name) else { return Value::null(None) };
        let value = match self.expression(name) {
            _ if value.is_settled() => value,
            // The code does not set it: the provider or AWS chooses it.
            Ok(None) => return Value::null(None),
            Ok(Some(expression)) => self.join(name, value, expression),
            Err(()) => value,
        };
        if name == "managed_policy_arns" { self.own(value, &|arn| arn.as_str()) } else { value }
    }

    fn blocks(&mut self, kind: &str, names: &[&str]) -> Value {
        let Some(value) = self.part(kind) else { return Value::list(Vec::new(), None) };
        let expression = self.expression(kind);
        let Some(items) = value.as_list() else {
            let none = value.is_null() || expression == Ok(None);
            return Value::list(if none { Vec::new() } else { vec![value.clone()] }, value.span);
        };
        let expressions =
            expression.ok().flatten().map(|e| elements(Some(e))).filter(|e| e.len() == items.len());
        let mut out = Vec::with_capacity(items.len());
        for (i, item) in items.iter().enumerate() {
            let of = expressions.and_then(|e| e.get(i));
            out.push(self.block(item, names, of));
        }
        let all = Value::list(out, value.span);
        self.own(all, &|block| block.get("name").and_then(Value::as_str))
    }
}

impl<'r, 't> Recorded<'r, 't> {
    fn record(&self) -> Option<&'r Record<'t>> {
        self.recording.records.get(self.number)
    }

    fn part(&mut self, name: &str) -> Option<Value> {
        self.lowering.shown.insert((self.number, name.to_owned()));
        self.record()?.part(name)
    }

    /// What the code says of an attribute; an error when nobody knows what the code says.
    fn expression(&self, name: &str) -> Result<Option<&'t Json<'t>>, ()> {
        let written = self.record().and_then(|r| self.recording.configuration.resource(r)).ok_or(())?;
        Ok(member(written, "expressions").and_then(|e| member(e, name)))
    }

    fn other(&mut self, number: usize) -> Recorded<'_, 't> {
        Recorded { recording: self.recording, number, lowering: self.lowering }
    }

    /// A block: the named arguments of `item`. One without text is what is left of an empty block.
    fn block(&mut self, item: &Value, names: &[&str], expressions: Option<&'t Json<'t>>) -> Value {
        if item.as_map().is_none() {
            return item.clone();
        }
        let mut entries = Entries::new();
        for &name in names {
            let given = item.as_map().and_then(|m| m.get(name));
            let value = given.map_or_else(|| Value::null(None), |e| e.value.clone());
            let value = match expressions.and_then(|e| member(e, name)) {
                Some(expression) if !value.is_settled() => self.join(name, value, expression),
                _ if value.as_str() == Some("") => Value::null(value.span),
                Some(_) | None => value,
            };
            entries.insert(name.into(), Entry { key_span: given.and_then(|e| e.key_span), value });
        }
        Value::map(entries, item.span)
    }

    /// The elements of a list that are the role's own, and not those of another resource that the provider shows on
    /// the role too.
    fn own(&mut self, list: Value, policy: &dyn Fn(&Value) -> Option<&str>) -> Value {
        let Some(items) = list.as_list() else { return list };
        let role =
            self.part("name").and_then(|n| n.as_str().map(str::to_ascii_lowercase)).unwrap_or_default();
        let shown_twice = |v: &Value| {
            policy(v).is_some_and(|p| self.recording.mirrored.contains(&(role.clone(), p.to_owned())))
        };
        Value::list(items.iter().filter(|v| !shown_twice(v)).cloned().collect(), list.span)
    }

    /// Finds out what an attribute that is not known, or not wholly, may be.
    fn join(&mut self, name: &str, value: Value, expression: &'t Json<'t>) -> Value {
        let wanted = Wanted::of(name);
        let Some(record) = self.record().filter(|_| wanted != Wanted::Other) else { return value };
        let mut origins = self.recording.origins(record, expression);
        if origins.opaque && self.recording.closed && wanted != Wanted::Document {
            // A local value that nobody shows, but what is not known in it has to come from somewhere.
            origins.found = (0..self.recording.records.len()).map(|n| (n, None)).collect();
            origins.opaque = false;
        }
        let open = |v: &Value| v.as_unknown().is_some();
        match &value.kind {
            Kind::Unknown(why) if LISTS.contains(&name) => self.open_list(name, wanted, &origins, why),
            Kind::Unknown(why) => {
                let candidates = self.candidates(wanted, &origins, false);
                self.one_of(name, candidates, origins.opaque, why)
            }
            Kind::List(items) => {
                let candidates = self.candidates(wanted, &origins, false);
                let all_named = origins.plain && candidates.len() == items.iter().filter(|v| open(v)).count();
                let mut in_order = candidates.clone().into_iter();
                let mut out = Vec::with_capacity(items.len());
                for (i, item) in items.iter().enumerate() {
                    out.push(match &item.kind {
                        Kind::Unknown(_) if all_named => {
                            in_order.next().map_or_else(|| item.clone(), |(_, v)| v)
                        }
                        Kind::Unknown(why) => {
                            self.one_of(&format!("{name}[{i}]"), candidates.clone(), origins.opaque, why)
                        }
                        _ => item.clone(),
                    });
                }
                Value { kind: Value::list(out, None).kind, ..value }
            }
            _ => value,
        }
    }

    /// A list of which not even the length is known. What its expression names is in it, perhaps when the expression
    /// may also choose; and literal elements, which a plan does not show, may be too.
    fn open_list(&mut self, name: &str, wanted: Wanted, origins: &Origins, why: &Unknown) -> Value {
        let mut out = Vec::new();
        for (address, value) in self.candidates(wanted, origins, true) {
            if origins.plain {
                out.push(value);
                continue;
            }
            let key = format!("{}.{name} {address}", self.address());
            let labels = [format!("{address} is in it"), format!("{address} is not in it")];
            let choice =
                self.lowering.choices.intern(&key, why.clone(), &labels.each_ref().map(String::as_str));
            out.push(Value::one_of(choice, vec![value, Value::null(None)], Some(self.span())));
        }
        out.push(Value::new(Kind::Unknown(why.clone()), why.span()));
        Value::list(out, Some(self.span()))
    }

    /// The one candidate, or a choice between several.
    fn one_of(&mut self, name: &str, candidates: Vec<(String, Value)>, opaque: bool, why: &Unknown) -> Value {
        let unknown = || Value::new(Kind::Unknown(why.clone()), why.span());
        let mut labels: Vec<String> = candidates.iter().map(|(a, _)| format!("it is of {a}")).collect();
        let mut arms: Vec<Value> = candidates.into_iter().map(|(_, v)| v).collect();
        if opaque || arms.len() > limits::ALTERNATIVES {
            arms.truncate(limits::ALTERNATIVES);
            labels.truncate(limits::ALTERNATIVES);
            arms.push(unknown());
            labels.push("it is something else".to_owned());
        }
        if arms.len() < 2 {
            return arms.pop().unwrap_or_else(unknown);
        }
        let key = format!("{}.{name}", self.address());
        let labels: Vec<&str> = labels.iter().map(String::as_str).collect();
        let choice = self.lowering.choices.intern(&key, why.clone(), &labels);
        Value::one_of(choice, arms, Some(self.span()))
    }

    /// What an expression refers to and is of the wanted kind, by address. With `known`, also what a plan knows: it
    /// cannot be why a single value is not known, but it may be in a list.
    fn candidates(&mut self, wanted: Wanted, origins: &Origins, known: bool) -> Vec<(String, Value)> {
        let mut out: Vec<(String, Value)> = Vec::new();
        if self.lowering.depth > limits::MODULE_DEPTH {
            return out;
        }
        self.lowering.depth += 1;
        for (number, attribute) in &origins.found {
            let mut other = self.other(*number);
            if let Some((address, value)) = other.candidate(wanted, attribute.as_deref(), known)
                && !out.iter().any(|(a, _)| *a == address)
            {
                out.push((address, value));
            }
        }
        self.lowering.depth -= 1;
        out
    }

    /// An attribute of this instance as what somebody else wants.
    fn candidate(&mut self, wanted: Wanted, attribute: Option<&str>, known: bool) -> Option<(String, Value)> {
        let record = self.record()?;
        let kind = IAM_TYPES.iter().find(|t| t.name == record.kind && !record.data).and_then(|t| t.kind);
        let fits = |allowed: &[&str]| attribute.is_none_or(|a| allowed.contains(&a));
        let name = match wanted {
            Wanted::Name(k) if kind == Some(k) && fits(&["name", "id"]) => attribute.unwrap_or("id"),
            Wanted::Policy if record.kind == "aws_iam_policy" && fits(&["arn", "id"]) => "arn",
            Wanted::Principal if kind.is_some() && fits(&["arn"]) => "arn",
            Wanted::Document if record.data && fits(&["json", "minified_json"]) => {
                return Some((record.address.clone(), self.document()));
            }
            Wanted::Name(_) | Wanted::Policy | Wanted::Principal | Wanted::Document | Wanted::Other => {
                return None;
            }
        };
        let value = match self.part(name).filter(|v| v.is_settled() && !v.is_null()) {
            Some(_) if !known => return None,
            Some(value) => value,
            None => computed(self, record.kind, name)?,
        };
        Some((record.address.clone(), refer(value, &record.address, name)))
    }

    /// The document of a data source that is read only at apply.
    fn document(&mut self) -> Value {
        if let Some(known) = self.lowering.documents.get(&self.number) {
            return known.clone();
        }
        let mut arguments = Entries::new();
        for name in document::ARGUMENTS {
            let value = self.argument(name);
            arguments.insert(name.into(), Entry { key_span: None, value });
        }
        let statements = self.statements();
        arguments.insert("statements".into(), Entry { key_span: None, value: statements });
        let (document, problems) = document::render(arguments, self.span());
        for (span, message) in problems {
            let span = span.unwrap_or_else(|| self.span());
            self.lowering.problems.push(Diagnostic::at(Code::BadBlock, Level::Error, span, message));
        }
        self.lowering.documents.insert(self.number, document.clone());
        document
    }

    /// The statements of a data source, with the principals that are not known yet.
    fn statements(&mut self) -> Value {
        let Some(value) = self.part("statement") else { return Value::list(Vec::new(), None) };
        let Some(items) = value.as_list() else {
            return Value::list(if value.is_null() { Vec::new() } else { vec![value.clone()] }, value.span);
        };
        let written = self.expression("statement").ok().flatten().map(|e| elements(Some(e)));
        let written = written.filter(|e| e.len() == items.len()).unwrap_or_default();
        let mut out = Vec::with_capacity(items.len());
        for (i, statement) in items.iter().enumerate() {
            let (Some(entries), false) = (statement.as_map(), statement.is_settled()) else {
                out.push(statement.clone());
                continue;
            };
            let mut entries = entries.clone();
            for kind in ["principals", "not_principals"] {
                let Some(blocks) = entries.get(kind).and_then(|e| e.value.as_list().map(<[Value]>::to_vec))
                else {
                    continue;
                };
                let of =
                    written.get(i).map(|s| elements(member(s, kind))).filter(|e| e.len() == blocks.len());
                let mut joined = Vec::with_capacity(blocks.len());
                for (j, block) in blocks.iter().enumerate() {
                    joined.push(self.block(block, &["type", "identifiers"], of.and_then(|e| e.get(j))));
                }
                let span = statement.span;
                entries.insert(kind.into(), Entry { key_span: span, value: Value::list(joined, span) });
            }
            out.push(Value { kind: Value::map(entries, None).kind, ..statement.clone() });
        }
        Value::list(out, value.span)
    }
}
