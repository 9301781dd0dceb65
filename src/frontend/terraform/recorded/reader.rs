//! The resources in a plan or a state, whichever form it has.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jsonc_parser::ast::Value as Json;
use jsonc_parser::common::Ranged as _;

use super::references::{Configuration, Token, tokens};
use crate::diagnostic::{Code, Diagnostic, Level};
use crate::frontend::terraform::expand::quoted;
use crate::frontend::terraform::functions::json::decode;
use crate::frontend::terraform::resources;
use crate::iam::facts::Facts;
use crate::json::{elements, member, properties, text};
use crate::limits;
use crate::source::{Source, Span};
use crate::value::{Kind, Text, Unknown, Value};

/// One instance of a resource or data source.
pub(super) struct Record<'t> {
    pub(super) address: String,
    /// The module instance it stands in: nothing, or `module.a["b"]`.
    pub(super) module: String,
    /// The resource in its module: `aws_iam_user.x`, `data.aws_iam_policy_document.y`.
    pub(super) local: String,
    /// What tells its instances apart: `["key"]`, `[0]` or nothing.
    pub(super) suffix: String,
    /// The resource type.
    pub(super) kind: &'t str,
    pub(super) data: bool,
    pub(super) span: Span,
    /// Its attributes by name.
    pub(super) values: Value,
    /// The attributes that are not known before apply: `true` at each place.
    unknown: Value,
    /// Names of attributes that Terraform calls sensitive.
    pub(super) sensitive: BTreeSet<String>,
    /// What a state says of the configuration of a provider that it is managed through.
    provider: Option<&'t str>,
}

/// A plan or a state.
pub(super) struct Recording<'t> {
    pub(super) source: &'t Source,
    pub(super) records: Vec<Record<'t>>,
    /// Numbers of the records of a resource, by its address without the instance.
    pub(super) by_resource: BTreeMap<String, Vec<usize>>,
    /// The module instances that hold any of them, and those around these.
    pub(super) modules: BTreeSet<String>,
    /// What a plan says of the code; nothing in a state.
    pub(super) configuration: Configuration<'t>,
    /// Role and policy of everything that is attached to roles, or embedded in them, by resources of their own, also
    /// by those that a plan deletes: the provider shows it as an attribute of the role as well.
    pub(super) mirrored: BTreeSet<(String, String)>,
    /// Nothing outside IAM is waiting for apply: what is not known comes from one of the records.
    pub(super) closed: bool,
    pub(super) problems: Vec<Diagnostic>,
}

impl Recording<'_> {
    /// The configuration of a provider that a resource is managed through, in the words of the file; a state as it is
    /// shown has none.
    pub(super) fn provider(&self, record: &Record<'_>) -> Arc<str> {
        let planned = || text(member(self.configuration.resource(record)?, "provider_config_key"));
        record.provider.or_else(planned).unwrap_or_default().into()
    }
}

impl Record<'_> {
    /// An attribute, its unknown parts marked; `None` when nothing is said about it.
    pub(super) fn part(&self, name: &str) -> Option<Value> {
        let not_yet = || {
            let reason = format!("`{name}` of {} is known only after apply", self.address);
            Unknown::new(reason, Some(self.span))
        };
        let value = match &self.values.kind {
            Kind::Map(m) => m.get(name).map(|e| &e.value),
            Kind::Null => None,
            _ => {
                return Some(Value::unknown(
                    format!("the attributes of {} cannot be read", self.address),
                    Some(self.span),
                ));
            }
        };
        let mut value = masked(value, self.unknown.get(name), &not_yet)?;
        value.sensitive |= self.sensitive.contains(name);
        Some(value)
    }
}

/// A value with unknowns where the mask says `true`.
fn masked(value: Option<&Value>, mask: Option<&Value>, why: &dyn Fn() -> Unknown) -> Option<Value> {
    let Some(mask) = mask else { return value.cloned() };
    let kind = match (&mask.kind, value.map(|v| &v.kind)) {
        (Kind::Bool(true), _) => return Some(Value::new(Kind::Unknown(why()), why().span())),
        (Kind::List(marks), Some(Kind::List(items))) => {
            let most = marks.len().max(items.len());
            let all = (0..most).filter_map(|i| masked(items.get(i), marks.get(i), why));
            Kind::List(Arc::new(all.collect()))
        }
        (Kind::Map(marks), Some(Kind::Map(entries))) => {
            let mut all = (**entries).clone();
            for (name, mark) in marks.iter() {
                let inside = masked(entries.get(name).map(|e| &e.value), Some(&mark.value), why);
                if let Some(value) = inside {
                    let key_span = entries.get(name).and_then(|e| e.key_span);
                    all.insert(Arc::clone(name), crate::value::Entry { key_span, value });
                }
            }
            Kind::Map(Arc::new(all))
        }
        (_, _) => return value.cloned(),
    };
    value.map(|v| Value { kind, ..v.clone() })
}

type Lowered = (Facts, Vec<Diagnostic>);

/// Reads a plan or a state and hands it on.
pub(super) fn read<'t>(
    source: &'t Source,
    base: usize,
    root: &'t Json<'t>,
    then: &mut dyn FnMut(Recording<'t>) -> Lowered,
) -> Result<Lowered, Diagnostic> {
    let recording = Recording {
        source,
        records: Vec::new(),
        by_resource: BTreeMap::new(),
        modules: BTreeSet::new(),
        configuration: Configuration::new(
            member(root, "configuration").and_then(|c| member(c, "root_module")),
        ),
        mirrored: BTreeSet::new(),
        closed: true,
        problems: Vec::new(),
    };
    let mut reader = Reader { base, recording };
    reader.check_version(root)?;
    if member(root, "format_version").is_some() {
        reader.shown(root);
    } else {
        reader.kept(root);
    }
    let mut recording = reader.recording;
    for (number, record) in recording.records.iter().enumerate() {
        let key = within(&record.module, &record.local);
        recording.by_resource.entry(key).or_default().push(number);
        for around in enclosing(&record.module) {
            recording.modules.insert(around.to_owned());
        }
    }
    Ok(then(recording))
}

/// The address of something in a module.
pub(super) fn within(module: &str, local: &str) -> String {
    if module.is_empty() { local.to_owned() } else { format!("{module}.{local}") }
}

/// The module instances that an address of one leads through, itself included.
fn enclosing(module: &str) -> Vec<&str> {
    let mut ends = Vec::new();
    let mut names = 0;
    for token in tokens(module) {
        match token {
            // `module`, then its name.
            Token::Name(_, end) if names % 2 == 1 => (names, _) = (names + 1, ends.push(end)),
            Token::Name(..) => names += 1,
            Token::Index(_, end) => ends.last_mut().into_iter().for_each(|last| *last = end),
        }
    }
    ends.into_iter().filter_map(|end| module.get(..end)).collect()
}

struct Reader<'t> {
    base: usize,
    recording: Recording<'t>,
}

impl<'t> Reader<'t> {
    fn span(&self, of: &Json<'_>) -> Span {
        let range = of.range();
        Span::new(self.recording.source.id(), self.base + range.start, self.base + range.end)
    }

    /// A part of the file as a value with places.
    fn value(&self, of: Option<&Json<'_>>) -> Value {
        let Some(of) = of else { return Value::null(None) };
        let span = self.span(of);
        let text = Text::at(self.recording.source.slice(span), span, true);
        decode(&text, span).unwrap_or_else(|e| Value::unknown(e, Some(span)))
    }

    /// Refuses what Terraform of other times wrote.
    fn check_version(&self, root: &Json<'_>) -> Result<(), Diagnostic> {
        let refused = |at: &Json<'_>, message: String| {
            Err(Diagnostic::at(Code::BadVersion, Level::Error, self.span(at), message))
        };
        if let Some(version) = member(root, "format_version") {
            return match text(Some(version)) {
                Some(v) if v.starts_with("0.") || v.starts_with("1.") => Ok(()),
                Some(v) => refused(
                    version,
                    format!("format version `{v}` of a plan or state is not known here; 1.x is read"),
                ),
                None => refused(version, "`format_version` is not a string".to_owned()),
            };
        }
        let version = member(root, "version").unwrap_or(root);
        match version.as_number_lit().map(|n| n.value) {
            Some("4") => Ok(()),
            Some(old @ ("1" | "2" | "3")) => refused(
                version,
                format!(
                    "this is a state of version {old}; run `terraform apply -refresh-only` with Terraform 0.13 or later, or give the output of `terraform show -json`"
                ),
            ),
            Some(_) | None => refused(
                version,
                "this version of a state is not known here; give the output of `terraform show -json`"
                    .to_owned(),
            ),
        }
    }

    /// The output of `terraform show -json`.
    fn shown(&mut self, root: &'t Json<'t>) {
        let plan = member(root, "planned_values");
        let mut changes: BTreeMap<&str, &Json<'_>> = BTreeMap::new();
        for change in elements(member(root, "resource_changes")) {
            if member(change, "deposed").is_some() {
                continue;
            }
            let Some(address) = text(member(change, "address")) else { continue };
            if let Some(what) = member(change, "change") {
                changes.insert(address, what);
                let kind = text(member(change, "type")).unwrap_or_default();
                let waits = || marked(&self.value(member(what, "after_unknown")));
                if !kind.starts_with("aws_iam_") && waits() {
                    self.recording.closed = false;
                }
                if mirrors(kind) {
                    let before = self.value(member(what, "before"));
                    self.mirror(kind, &before);
                }
            }
        }
        let errored = member(root, "errored").filter(|e| matches!(e, Json::BooleanLit(b) if b.value));
        if let Some(errored) = errored {
            let message = "making this plan failed; what it lacks is not judged";
            let problem = Diagnostic::at(Code::BadBlock, Level::Warning, self.span(errored), message);
            self.recording.problems.push(problem);
        }
        let values = plan.or_else(|| member(root, "values"));
        let mut todo: Vec<(&'t Json<'t>, usize)> =
            values.and_then(|v| member(v, "root_module")).map(|m| (m, 0)).into_iter().collect();
        while let Some((module, depth)) = todo.pop() {
            if depth > limits::MODULE_DEPTH {
                let problem = Diagnostic::at(
                    Code::Limit,
                    Level::Error,
                    self.span(module),
                    "modules are nested too deeply to be read",
                );
                self.recording.problems.push(problem);
                continue;
            }
            let address = text(member(module, "address")).unwrap_or_default();
            for resource in elements(member(module, "resources")) {
                let change = text(member(resource, "address")).and_then(|a| changes.get(a)).copied();
                self.shown_resource(address, resource, change);
            }
            todo.extend(elements(member(module, "child_modules")).iter().rev().map(|m| (m, depth + 1)));
        }
    }

    fn shown_resource(&mut self, module: &str, resource: &'t Json<'t>, change: Option<&Json<'_>>) {
        let Some((kind, name, data)) = self.header(resource) else { return };
        let local = if data { format!("data.{kind}.{name}") } else { format!("{kind}.{name}") };
        let base = within(module, &local);
        let address = text(member(resource, "address")).unwrap_or(&base).to_owned();
        let suffix = address.strip_prefix(&base).unwrap_or_default().to_owned();
        let values = self.value(member(resource, "values"));
        let marks = self.value(member(resource, "sensitive_values"));
        let named = marks.as_map().into_iter().flatten();
        let sensitive = named.filter(|(_, e)| marked(&e.value)).map(|(n, _)| n.to_string()).collect();
        let unknown = self.value(change.and_then(|c| member(c, "after_unknown")));
        let span = self.span_from(resource, "address");
        let (module, provider) = (module.to_owned(), None);
        self.add(Record {
            address,
            module,
            local,
            suffix,
            kind,
            data,
            span,
            values,
            unknown,
            sensitive,
            provider,
        });
    }

    /// A state as it is kept.
    fn kept(&mut self, root: &'t Json<'t>) {
        for resource in elements(member(root, "resources")) {
            let Some((kind, name, false)) = self.header(resource) else { continue };
            let module = text(member(resource, "module")).unwrap_or_default();
            let local = format!("{kind}.{name}");
            for instance in elements(member(resource, "instances")) {
                if member(instance, "deposed").is_some() {
                    continue;
                }
                let key = member(instance, "index_key");
                let suffix = match key {
                    Some(Json::StringLit(s)) => format!("[{}]", quoted(&s.value)),
                    Some(Json::NumberLit(n)) => format!("[{}]", n.value),
                    Some(_) | None => String::new(),
                };
                let span = match key {
                    Some(_) => self.span_from(instance, "index_key"),
                    None => self.span_from(resource, "type"),
                };
                let paths = elements(member(instance, "sensitive_attributes")).iter();
                let first =
                    |path: &Json<'_>| text(member(elements(Some(path)).first()?, "value")).map(str::to_owned);
                self.add(Record {
                    address: within(module, &format!("{local}{suffix}")),
                    module: module.to_owned(),
                    local: local.clone(),
                    suffix,
                    kind,
                    data: false,
                    span,
                    values: self.value(member(instance, "attributes")),
                    unknown: Value::null(None),
                    sensitive: paths.filter_map(first).collect(),
                    provider: text(member(resource, "provider")),
                });
            }
        }
    }

    /// Type, name and whether it is a data source, of what is looked at here.
    fn header(&mut self, resource: &'t Json<'t>) -> Option<(&'t str, &'t str, bool)> {
        let get = |name: &str| text(member(resource, name));
        let (Some(kind), Some(name), Some(mode)) = (get("type"), get("name"), get("mode")) else {
            let message = "this is no resource as Terraform writes it";
            let problem = Diagnostic::at(Code::BadBlock, Level::Error, self.span(resource), message);
            self.recording.problems.push(problem);
            return None;
        };
        match mode {
            "managed" if resources::find(kind).is_some() => Some((kind, name, false)),
            "data" if kind == "aws_iam_policy_document" => Some((kind, name, true)),
            _ => None,
        }
    }

    /// From a property of an object, which says what it is, to its end.
    fn span_from(&self, object: &Json<'_>, name: &str) -> Span {
        let whole = self.span(object);
        match properties(Some(object)).iter().find(|p| p.name.as_str() == name) {
            Some(p) => Span::new(whole.source, self.base + p.range.start, whole.end as usize),
            None => whole,
        }
    }

    fn add(&mut self, record: Record<'t>) {
        if mirrors(record.kind) {
            self.mirror(record.kind, &record.values);
        }
        self.recording.records.push(record);
    }

    /// Takes down what is given to roles by a resource of its own.
    fn mirror(&mut self, kind: &str, values: &Value) {
        let texts = |name: &str| -> Vec<&str> {
            match values.get(name) {
                Some(v) => {
                    v.as_list().unwrap_or(std::slice::from_ref(v)).iter().filter_map(Value::as_str).collect()
                }
                None => Vec::new(),
            }
        };
        let (roles, policies) = match kind {
            "aws_iam_role_policy" => ("role", "name"),
            "aws_iam_policy_attachment" => ("roles", "policy_arn"),
            "aws_iam_role_policy_attachments_exclusive" => ("role_name", "policy_arns"),
            _ => ("role", "policy_arn"),
        };
        let all: Vec<(String, String)> = texts(roles)
            .iter()
            .flat_map(|r| texts(policies).into_iter().map(|p| (r.to_ascii_lowercase(), p.to_owned())))
            .collect();
        self.recording.mirrored.extend(all);
    }
}

/// Whether what a resource of this type declares is seen on roles as well.
fn mirrors(kind: &str) -> bool {
    kind.starts_with("aws_iam_role_polic") || kind == "aws_iam_policy_attachment"
}

/// True when anything in a mask is marked.
fn marked(mask: &Value) -> bool {
    match &mask.kind {
        Kind::Bool(b) => *b,
        Kind::List(l) | Kind::Set(l) => l.iter().any(marked),
        Kind::Map(m) => m.values().any(|e| marked(&e.value)),
        Kind::Null | Kind::Number(_) | Kind::String(_) | Kind::OneOf(_) | Kind::Unknown(_) => false,
    }
}
