//! Stacks nested by a template that is here: a local `TemplateURL`, an asset of the CDK, the `TemplateBody` of a
//! stack set. They are evaluated with the parameters they are given, their facts under `Outer/Inner`, their outputs for
//! the stack around them.

use std::collections::{BTreeMap, BTreeSet};
use std::mem::take;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::stack::{Resource, Site, Stack};
use super::tree::Node;
use super::{Parsed, parse};
use crate::diagnostic::{Code, Level};
use crate::fs::normalize;
use crate::limits;
use crate::source::{Source, Span};
use crate::value::{Kind, OneOf, Text, Unknown, Value};

/// A stack whose instances are in other accounts.
const STACK_SET: &str = "AWS::CloudFormation::StackSet";

impl<'a> Stack<'a> {
    /// Emits the facts of a stack set. Its instances are in accounts of their own: they share neither names nor exports
    /// with the template that has the set.
    pub(super) fn lower_set(&mut self, resource: &Resource, site: &Site) {
        let (facts, exports, imports) =
            (take(&mut self.shared.facts), take(&mut self.shared.exports), take(&mut self.shared.imports));
        self.lower_nested(resource, site);
        let set = std::mem::replace(&mut self.shared.facts, facts);
        if !set.is_empty() {
            self.shared.sets.push(set);
        }
        (self.shared.exports, self.shared.imports) = (exports, imports);
    }

    /// Emits the facts of a nested stack.
    pub(super) fn lower_nested(&mut self, resource: &Resource, site: &Site) {
        self.with_nested(resource, |nested| {
            nested.lower_resources(&site.whens, site.uncertain.as_ref());
        });
    }

    /// An output of a nested stack.
    pub(super) fn output_of(&mut self, resource: &Resource, output: &str, at: Span) -> Value {
        let found = self.with_nested(resource, |nested| {
            let template = nested.template();
            template.root.get("Outputs")?.get(output)?.get("Value").map(|node| nested.eval(node))
        });
        found
            .flatten()
            .unwrap_or_else(|| {
                let message = format!("output `{output}` of stack `{}` is not known", resource.id);
                Value::unknown(message, Some(at))
            })
            .at(Some(at))
    }

    /// Runs `f` on the nested stack, which is read when it is needed first. `None` when there is none to run on.
    fn with_nested<T>(&mut self, resource: &Resource, f: impl FnOnce(&mut Self) -> T) -> Option<T> {
        let id = &*resource.id;
        if !self.nested.contains_key(id) {
            self.nested.insert(id.to_owned(), None);
            let stack = self.load(resource);
            self.nested.insert(id.to_owned(), stack.map(Box::new));
        }
        // Taken out while it runs: a stack that asks for itself gets nothing.
        let mut nested = self.nested.get_mut(id)?.take()?;
        nested.shared = std::mem::take(&mut self.shared);
        let result = f(&mut nested);
        self.shared = std::mem::take(&mut nested.shared);
        self.nested.insert(id.to_owned(), Some(nested));
        Some(result)
    }

    fn load(&mut self, resource: &Resource) -> Option<Self> {
        let Some((key, node)) = written(resource) else {
            self.unread(resource, resource.span, "it has no template");
            return None;
        };
        let at = node.span;
        // What a body leaves open it has as a template: a dynamic reference is one there as well.
        let value = if key == "TemplateBody" { node.text().map(str::to_owned) } else { None };
        let value = value.or_else(|| self.eval(node).as_str().map(str::to_owned));
        let (name, source) = match (key, value.as_deref()) {
            ("TemplateBody", Some(body)) => self.body(resource, body, at)?,
            ("TemplateBody", None) => {
                self.unread(resource, at, "not all of its template is known");
                return None;
            }
            (_, Some(url)) if !url.contains("://") => match self.open(url, at) {
                Ok(opened) => opened,
                Err(why) => {
                    self.unread(resource, at, &why);
                    return None;
                }
            },
            (_, _) => {
                self.unread(resource, at, "its template is not a local file");
                return None;
            }
        };
        self.shared.steps += source.text().len() as u64 / limits::BYTES_A_STEP;
        if self.shared.steps > limits::STEPS {
            return None;
        }
        let Parsed { template, diagnostics } = parse(&source);
        self.shared.diagnostics.extend(diagnostics);
        let Some(template) = template else {
            self.unread(resource, at, "its template cannot be read");
            return None;
        };
        let given = self.arguments(resource);
        let mut chain = self.chain.clone();
        chain.push(name);
        let place = (format!("{}/", self.address(&resource.id)), chain);
        let shared = std::mem::take(&mut self.shared);
        let mut nested = Self::new(self.env.clone(), template, place, given, shared);
        self.shared = std::mem::take(&mut nested.shared);
        Some(nested)
    }

    /// A template inside a template: it has no file, and is shown as the property that it stands in.
    fn body(&mut self, resource: &Resource, text: &str, at: Span) -> Option<(PathBuf, Arc<Source>)> {
        if self.chain.len() >= limits::MODULE_DEPTH {
            self.report(Code::ModuleCycle, Level::Warning, at, "stacks are nested too deep");
            return None;
        }
        let own = self.template().source.path().to_path_buf();
        let name = own.join(&*resource.id);
        Some((name, self.env.sources.add_for(at, &own.to_string_lossy(), text)))
    }

    /// Reads a file beside the template; why that is not done otherwise.
    pub(super) fn open(&mut self, url: &str, at: Span) -> Result<(PathBuf, Arc<Source>), String> {
        let own = self.source_of(at);
        let path = beside(own.path(), url);
        let name = self.env.fs.identity(&path);
        if self.chain.contains(&name) || self.chain.len() >= limits::MODULE_DEPTH {
            let message = "a stack is nested in itself, or too deep";
            self.report(Code::ModuleCycle, Level::Warning, at, message);
            return Err(message.to_owned());
        }
        if self.shared.files.len() >= limits::NESTED_STACKS {
            let message = "too many nested stacks; this one is not followed";
            self.report(Code::Limit, Level::Warning, at, message);
            return Err(message.to_owned());
        }
        let text = self.env.fs.read(&path).map_err(|e| e.to_string())?;
        let shown = beside(Path::new(&**own.shown()), url);
        self.shared.files.push(shown.clone());
        Ok((name, self.env.sources.add(path, &shown.to_string_lossy(), text)))
    }

    fn unread(&mut self, resource: &Resource, at: Span, why: &str) {
        let message = format!("nested stack `{}` is not followed: {why}", resource.id);
        self.report(Code::RemoteModule, Level::Warning, at, message);
        let parameters = resource.property("Parameters").filter(|_| &*resource.kind != STACK_SET);
        if let Some(parameters) = parameters {
            let reason = format!("nested stack `{}`, which is not followed, may add to it", resource.id);
            self.unseen.push((Unknown::new(reason, Some(resource.span)), Some(parameters.clone())));
        }
    }

    /// The values that the nesting resource gives to parameters.
    fn arguments(&mut self, resource: &Resource) -> BTreeMap<String, Value> {
        let parameters = resource.property("Parameters");
        let pairs = parameters.and_then(Node::pairs).unwrap_or_default();
        let mut written: Vec<(&str, &Node)> = pairs.iter().map(|p| (&*p.key, &p.value)).collect();
        written.extend(listed(parameters));
        let mut given = BTreeMap::new();
        for (name, node) in written {
            let value = self.eval(node);
            if !value.is_null() {
                given.insert(name.to_owned(), value);
            }
        }
        if &*resource.kind == STACK_SET {
            self.override_in_groups(resource, &mut given);
            given.values_mut().for_each(|value| *value = of_another_account(value));
        }
        given
    }

    /// The values that groups of instances have instead: an open choice between the groups.
    fn override_in_groups(&mut self, resource: &Resource, given: &mut BTreeMap<String, Value>) {
        let groups = resource.property("StackInstancesGroup").and_then(Node::items).unwrap_or_default();
        let overrides: Vec<BTreeMap<&str, &Node>> =
            groups.iter().map(|group| listed(group.get("ParameterOverrides")).collect()).collect();
        let names: BTreeSet<&str> = overrides.iter().flat_map(|group| group.keys().copied()).collect();
        for name in names {
            let default = given.get(name).cloned();
            let default = || {
                default.clone().unwrap_or_else(|| {
                    let message = format!("parameter `{name}` is given to some instances only");
                    Value::unknown(message, Some(resource.span))
                })
            };
            let of_group = |group: &BTreeMap<&str, &Node>| group.get(name).map(|node| self.eval(node));
            let arms: Vec<Value> =
                overrides.iter().map(of_group).map(|value| value.unwrap_or_else(default)).collect();
            let value = if arms.len() > limits::ANSWERS {
                Value::unknown(format!("parameter `{name}` differs between instances"), Some(resource.span))
            } else {
                let labels: Vec<String> = (1..=arms.len()).map(|n| format!("group {n}")).collect();
                let labels: Vec<&str> = labels.iter().map(String::as_str).collect();
                let why = format!("the instances of `{}` have parameters of their own", resource.id);
                let key = format!("Instances of {}", self.address(&resource.id));
                let open = Unknown::new(why, Some(resource.span));
                Value::one_of(self.shared.choices.intern(&key, open, &labels), arms, Some(resource.span))
            };
            given.insert(name.to_owned(), value);
        }
    }
}

/// Parameters as stack sets have them: a list of names and values.
fn listed(parameters: Option<&Node>) -> impl Iterator<Item = (&str, &Node)> {
    let items = parameters.and_then(Node::items).unwrap_or_default().iter();
    items.filter_map(|n| Some((n.get("ParameterKey")?.text()?, n.get("ParameterValue")?)))
}

/// A value as another account sees it: it is none of what is declared there, and the account that it speaks of is
/// not the own one.
fn of_another_account(value: &Value) -> Value {
    let foreign = |u: &Unknown| {
        let own = u.is_own_account() || u.refer().is_some();
        own.then(|| Value::text(Text::hole(Unknown::new(u.reason(), u.span())), None))
    };
    let all = |list: &[Value]| list.iter().map(of_another_account).collect();
    let kind = match &value.kind {
        Kind::List(items) => Kind::List(Arc::new(all(items))),
        Kind::OneOf(open) => Kind::OneOf(Arc::new(OneOf { choice: open.choice, arms: all(&open.arms) })),
        Kind::Null
        | Kind::Bool(_)
        | Kind::Number(_)
        | Kind::String(_)
        | Kind::Set(_)
        | Kind::Map(_)
        | Kind::Unknown(_) => value.filled(&foreign).kind,
    };
    Value { kind, refer: None, ..value.clone() }
}

/// The property that says where the template is, or holds it. The CDK writes an address in a bucket, and beside it the
/// name of the file that goes there.
fn written(resource: &Resource) -> Option<(&'static str, &Node)> {
    let asset = resource
        .node
        .get("Metadata")
        .filter(|m| m.get("aws:asset:property").and_then(Node::text).is_some_and(|p| p == "TemplateURL"));
    if let Some(path) = asset.and_then(|m| m.get("aws:asset:path")) {
        return Some(("aws:asset:path", path));
    }
    let keys = ["TemplateURL", "TemplateBody", "Location"];
    keys.into_iter().find_map(|key| Some((key, resource.property(key)?)))
}

/// A path relative to the directory of another file.
fn beside(file: &Path, relative: &str) -> PathBuf {
    normalize(&file.parent().unwrap_or(Path::new("")).join(relative))
}
