//! `aws_iam_policy_document`: the statements of a configuration as policy JSON.
//!
//! Follows the data source of the AWS provider ("Data Source: aws_iam_policy_document"), its rules for merging
//! documents by `sid` included.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::blocks::Block;
use super::eval::open::{Lift, distribute};
use super::expand::unknown_in;
use super::functions::json;
use super::refs::{Site, text_of};
use super::world::World;
use crate::diagnostic::{Code, Diagnostic, Level};
use crate::policy::json::{JsonProblem, json_to_value};
use crate::source::Span;
use crate::value::{Entries, Entry, Kind, Text, Unknown, Value};

/// Arguments of a statement that are lists of strings, with their policy elements.
const LISTS: [(&str, &str); 4] = [
    ("actions", "Action"),
    ("not_actions", "NotAction"),
    ("resources", "Resource"),
    ("not_resources", "NotResource"),
];

/// Arguments beside the statements.
pub(crate) const ARGUMENTS: [&str; 6] = [
    "policy_id",
    "version",
    "source_policy_documents",
    "override_policy_documents",
    "source_json",
    "override_json",
];

/// What is wrong, and where.
pub(crate) type Problems = BTreeSet<(Option<Span>, String)>;

/// The `json` attribute.
pub(crate) fn rendered(world: &mut World<'_>, site: &Site) -> Value {
    let block = Block { module: site.module, body: &site.body, locals: &site.locals, span: site.def.span };
    let mut raw = world.arguments(&block, &ARGUMENTS);
    if let Some(a) = site.body.argument("statement")
        && site.body.blocks("statement").is_empty()
    {
        let message = "`statement` is a block: write `statement { … }`";
        world.report(Diagnostic::at(Code::BadBlock, Level::Error, a.name_span, message));
        return Value::unknown("its statements are not written as blocks", Some(a.name_span));
    }
    let statements = world.blocks(&block, "statement", &mut statement);
    raw.insert("statements".into(), Entry { key_span: None, value: statements });
    let (document, problems) = render(raw, site.def.span);
    for (span, message) in problems {
        world.report(Diagnostic::at(Code::BadBlock, Level::Error, span.unwrap_or(site.def.span), message));
    }
    document
}

/// The document of these arguments, with its `statements`, and what is wrong with them.
pub(crate) fn render(arguments: Entries, at: Span) -> (Value, Problems) {
    let span = Some(at);
    let mut problems = BTreeSet::new();
    let made = distribute(&[Value::map(arguments, span)], &[Lift::Deep], &mut |settled| {
        let document = settled.first().map_or_else(|| Value::null(span), |raw| assemble(raw, &mut problems));
        json::plain(&document, at).map(|text| Value::text(text, span))
    });
    let document = match made {
        Ok(v) => v.at(span),
        Err(e) => Value::unknown(e, span),
    };
    (document, problems)
}

/// A `statement` block as an object of its arguments and blocks.
fn statement(world: &mut World<'_>, block: &Block<'_>) -> Value {
    let names = ["sid", "effect", "actions", "not_actions", "resources", "not_resources"];
    let mut entries = world.arguments(block, &names);
    let mut add = |world: &mut World<'_>, kind: &str, names: &[&str]| {
        let value = world.blocks(block, kind, &mut |world, inner| {
            Value::map(world.arguments(inner, names), Some(inner.span))
        });
        entries.insert(kind.into(), Entry { key_span: Some(block.span), value });
    };
    add(world, "principals", &["type", "identifiers"]);
    add(world, "not_principals", &["type", "identifiers"]);
    add(world, "condition", &["test", "variable", "values"]);
    Value::map(entries, Some(block.span))
}

/// The document of settled arguments.
fn assemble(raw: &Value, problems: &mut Problems) -> Value {
    let mut merged = Merged::default();
    let mut sids = BTreeSet::new();
    for source in ["source_json", "source_policy_documents"].iter().filter_map(|n| raw.get(n)).flat_map(texts)
    {
        let Read { statements, version, id } = read(source);
        for s in statements {
            if let Some(sid) = sid_of(&s).filter(|sid| !sids.insert((*sid).to_owned())) {
                problems.insert((s.span, format!("two source documents have a statement `{sid}`")));
            }
            merged.add(s);
        }
        merged.raise(version);
        merged.name(id);
    }
    let mut own = BTreeSet::new();
    for s in raw.get("statements").map(flatten).unwrap_or_default() {
        let s = policy_statement(&s);
        if let Some(sid) = sid_of(&s).filter(|sid| !own.insert((*sid).to_owned())) {
            problems.insert((s.span, format!("two statements have the sid `{sid}`")));
            merged.statements.push(s);
        } else {
            merged.add(s);
        }
    }
    merged.raise(version_of(raw));
    merged.name(raw.get("policy_id").cloned());
    for source in
        ["override_json", "override_policy_documents"].iter().filter_map(|n| raw.get(n)).flat_map(texts)
    {
        let Read { statements, version, id } = read(source);
        let unknown = statements.iter().find_map(|s| s.as_unknown().cloned());
        if let Some(why) = unknown.filter(|_| merged.statements.iter().any(|s| sid_of(s).is_some())) {
            // It may replace any statement that has a sid.
            return Value::new(Kind::Unknown(why.clone()), why.span());
        }
        statements.into_iter().for_each(|s| merged.add(s));
        merged.raise(version);
        merged.name(id);
    }
    let mut entries = Entries::new();
    let mut set = |name: &str, value: Value| entries.insert(name.into(), Entry { key_span: None, value });
    set("Version", merged.version.unwrap_or_else(|| Value::string("2012-10-17", None)));
    if let Some(id) = merged.id {
        set("Id", id);
    }
    if !merged.statements.is_empty() {
        set("Statement", Value::list(merged.statements, raw.span));
    }
    Value::map(entries, raw.span)
}

fn version_of(raw: &Value) -> Option<Value> {
    let given = raw.get("version").filter(|v| !v.is_null()).cloned();
    Some(given.unwrap_or_else(|| Value::string("2012-10-17", None)))
}

#[derive(Default)]
struct Merged {
    statements: Vec<Value>,
    version: Option<Value>,
    id: Option<Value>,
}

impl Merged {
    /// A statement takes the place of an earlier one with the same sid.
    fn add(&mut self, statement: Value) {
        let same = |s: &Value| sid_of(s).is_some() && sid_of(s) == sid_of(&statement);
        match self.statements.iter_mut().find(|s| same(s)) {
            Some(earlier) => *earlier = statement,
            None => self.statements.push(statement),
        }
    }

    /// The last id that is given counts.
    fn name(&mut self, id: Option<Value>) {
        self.id = id.filter(|id| !id.is_null() && id.as_str() != Some("")).or(self.id.take());
    }

    /// The later version counts.
    fn raise(&mut self, version: Option<Value>) {
        let newer = match (&self.version, &version) {
            (Some(old), Some(new)) => match (old.as_str(), new.as_str()) {
                (Some(old), Some(new)) => new > old,
                (Some(_) | None, _) => new.as_str().is_none(),
            },
            (None, Some(_)) => true,
            (_, None) => false,
        };
        if newer {
            self.version = version;
        }
    }
}

fn sid_of(statement: &Value) -> Option<&str> {
    statement.get("Sid").and_then(Value::as_str).filter(|s| !s.is_empty())
}

/// The document texts of an argument: one text or a list of them; nulls and empty texts do not count.
fn texts(argument: &Value) -> Vec<&Value> {
    let all = argument.as_list().unwrap_or(std::slice::from_ref(argument));
    all.iter().filter(|v| !v.is_null() && v.as_str() != Some("")).collect()
}

/// A document that is merged, as the provider reads it.
#[derive(Default)]
struct Read {
    statements: Vec<Value>,
    version: Option<Value>,
    id: Option<Value>,
}

fn read(source: &Value) -> Read {
    let unknown = |u: Unknown| Read {
        statements: vec![Value::new(Kind::Unknown(u.clone()), u.span())],
        ..Read::default()
    };
    let parsed = match &source.kind {
        Kind::String(text) => json_to_value(text, source.span),
        _ => return unknown(unknown_in(source)),
    };
    let document = match parsed {
        Ok(v) => v,
        Err(JsonProblem::Open(why)) => return unknown(why),
        Err(JsonProblem::Invalid { message, span }) => {
            return unknown(Unknown::new(format!("a document that is merged is not JSON: {message}"), span));
        }
    };
    if let Some(why) = document.as_unknown() {
        return unknown(why.clone());
    }
    let statements = match document.get("Statement") {
        Some(s) => s.as_list().unwrap_or(std::slice::from_ref(s)),
        None => &[],
    };
    Read {
        statements: statements.iter().map(as_read).collect(),
        version: document.get("Version").cloned(),
        id: document.get("Id").cloned(),
    }
}

/// Elements of a statement that the provider knows; it loses others.
const ELEMENTS: [&str; 9] = [
    "Action",
    "Condition",
    "Effect",
    "NotAction",
    "NotPrincipal",
    "NotResource",
    "Principal",
    "Resource",
    "Sid",
];

fn as_read(statement: &Value) -> Value {
    let Some(all) = statement.as_map() else { return statement.clone() };
    let mut entries = Entries::new();
    for (name, e) in all.iter().filter(|(name, _)| ELEMENTS.contains(&&***name)) {
        let value = match (&**name, e.value.as_map()) {
            ("Condition", Some(tests)) => match conditions(tests) {
                left if left.is_empty() => continue,
                left => Value::map(left, e.value.span),
            },
            ("Principal" | "NotPrincipal", Some(m)) if m.len() == 1 => match m.get("*").map(|e| &e.value) {
                Some(all) if all.as_str() == Some("*") => all.clone(),
                Some(_) | None => e.value.clone(),
            },
            (_, _) => e.value.clone(),
        };
        entries.insert(Arc::clone(name), Entry { key_span: e.key_span, value });
    }
    Value { kind: Kind::Map(Arc::new(entries)), ..statement.clone() }
}

/// The provider also loses conditions whose value is a number without quotes: what they guard is open then.
fn conditions(tests: &Entries) -> Entries {
    let mut left = Entries::new();
    for (test, e) in tests {
        let value = match e.value.as_map() {
            Some(keys) => {
                let kept = keys.iter().filter(|(_, e)| !matches!(e.value.kind, Kind::Number(_)));
                let text = |(k, e): (&Arc<str>, &Entry)| {
                    let value = match &e.value.kind {
                        Kind::Bool(b) => Value::string(b.to_string(), e.value.span),
                        _ => e.value.clone(),
                    };
                    (Arc::clone(k), Entry { key_span: e.key_span, value })
                };
                Value::map(kept.map(text).collect(), e.value.span)
            }
            None => e.value.clone(),
        };
        if value.as_map().is_none_or(|keys| !keys.is_empty()) {
            left.insert(Arc::clone(test), Entry { key_span: e.key_span, value });
        }
    }
    left
}

/// Elements of a list, those of lists inside it in their place (`dynamic` blocks over open choices).
fn flatten(list: &Value) -> Vec<Value> {
    match list.as_list() {
        Some(items) => items
            .iter()
            .flat_map(|v| if v.as_list().is_some() { flatten(v) } else { vec![v.clone()] })
            .collect(),
        None => vec![list.clone()],
    }
}

/// A statement of policy JSON from the settled arguments of a `statement` block.
fn policy_statement(raw: &Value) -> Value {
    if raw.as_unknown().is_some() {
        return raw.clone();
    }
    let mut entries = Entries::new();
    let mut set = |name: &str, from: &str, value: Value| {
        let key_span = raw.as_map().and_then(|m| m.get(from)).and_then(|e| e.key_span);
        entries.insert(name.into(), Entry { key_span, value });
    };
    let given = |name: &str| raw.get(name).filter(|v| !v.is_null());
    if let Some(sid) = given("sid").filter(|v| v.as_str() != Some("")) {
        set("Sid", "sid", sid.clone());
    }
    set("Effect", "effect", given("effect").cloned().unwrap_or_else(|| Value::string("Allow", raw.span)));
    for (from, to) in LISTS {
        if let Some(v) = given(from).filter(|v| v.as_list().is_none_or(|l| !l.is_empty())) {
            set(to, from, if from.ends_with("resources") { with_variables(v) } else { v.clone() });
        }
    }
    for (from, to) in [("principals", "Principal"), ("not_principals", "NotPrincipal")] {
        let blocks = given(from).map(flatten).unwrap_or_default();
        if !blocks.is_empty() {
            set(to, from, principals(&blocks));
        }
    }
    let conditions = given("condition").map(flatten).unwrap_or_default();
    if !conditions.is_empty() {
        set("Condition", "condition", condition(&conditions));
    }
    Value::map(entries, raw.span)
}

fn principals(blocks: &[Value]) -> Value {
    let mut by_type = Entries::new();
    for b in blocks {
        let (Some(kind), Some(ids)) = (b.get("type").and_then(Value::as_str), b.get("identifiers")) else {
            return open_block(b, "type");
        };
        let ids = with_variables(ids);
        let all = ids.as_list().map(|l| l.iter().map(Value::as_str).collect::<Vec<_>>());
        if kind == "*" && blocks.len() == 1 && all == Some(vec![Some("*")]) {
            return Value::string("*", ids.span);
        }
        add_values(&mut by_type, kind, b, ids);
    }
    Value::map(by_type, blocks.first().and_then(|b| b.span))
}

fn condition(blocks: &[Value]) -> Value {
    let mut by_test = Entries::new();
    for b in blocks {
        let Some(test) = b.get("test").and_then(Value::as_str) else { return open_block(b, "test") };
        let Some(key) = b.get("variable").and_then(Value::as_str) else { return open_block(b, "variable") };
        let values = b.get("values").map(with_variables).unwrap_or_else(|| Value::null(b.span));
        let empty = || Entry {
            key_span: b.get("test").and_then(|t| t.span),
            value: Value::map(Entries::new(), b.span),
        };
        let of_test = by_test.entry(test.into()).or_insert_with(empty);
        let mut keys = of_test.value.as_map().cloned().unwrap_or_default();
        add_values(&mut keys, key, b, values);
        of_test.value = Value::map(keys, of_test.value.span);
    }
    Value::map(by_test, blocks.first().and_then(|b| b.span))
}

/// Adds values to those a key already has.
fn add_values(entries: &mut Entries, key: &str, block: &Value, values: Value) {
    let name = if block.get("variable").is_some() { "variable" } else { "type" };
    let key_span = block.get(name).and_then(|v| v.span);
    match entries.get_mut(key) {
        Some(entry) => {
            let both = [&entry.value, &values];
            let joined: Option<Vec<&[Value]>> = both.iter().map(|v| v.as_list()).collect();
            entry.value = match joined {
                Some(lists) => Value::list(lists.concat(), entry.value.span),
                None if entry.value.as_unknown().is_some() => entry.value.clone(),
                None => values,
            };
        }
        None => _ = entries.insert(key.into(), Entry { key_span, value: values }),
    }
}

/// The unknown that a block gives when an argument that names something is not known.
fn open_block(block: &Value, argument: &str) -> Value {
    let why = match block.get(argument) {
        Some(v) if v.is_null() => Unknown::new(format!("`{argument}` is missing"), block.span),
        Some(v) => unknown_in(v),
        None => unknown_in(block),
    };
    Value::new(Kind::Unknown(why.clone()), why.span())
}

/// Strings as the provider writes them: numbers and booleans are their text, and `&{…}` stands for the `${…}` of a policy variable, which Terraform would take for its own.
fn with_variables(value: &Value) -> Value {
    let kind = match &value.kind {
        Kind::String(t) if t.visible().contains("&{") => Kind::String(replaced(t)),
        Kind::List(l) => Kind::List(Arc::new(l.iter().map(with_variables).collect())),
        Kind::Set(l) => Kind::Set(Arc::new(l.iter().map(with_variables).collect())),
        Kind::Bool(_) | Kind::Number(_) => match text_of(value) {
            Some(text) => return Value::string(text.visible(), value.span),
            None => return value.clone(),
        },
        Kind::String(_) | Kind::Null | Kind::Map(_) | Kind::OneOf(_) | Kind::Unknown(_) => {
            return value.clone();
        }
    };
    Value { kind, ..value.clone() }
}

/// Both spellings are as long, so that places stay where they are.
fn replaced(text: &Text) -> Text {
    let mut at = 0;
    let parts: Vec<Text> = text
        .pieces()
        .map(|piece| match piece {
            Ok(known) => {
                let span = text.span_of(at, at + known.len());
                at += known.len();
                let known = known.replace("&{", "${");
                match span {
                    Some(span) => {
                        let exact = span.len() == known.len();
                        Text::at(known, span, exact)
                    }
                    None => Text::new(known),
                }
            }
            Err(unknown) => Text::hole(unknown.clone()),
        })
        .collect();
    Text::concat(&parts).unwrap_or_else(|| text.clone())
}
