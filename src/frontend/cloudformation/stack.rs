//! One stack: a template with the values of its parameters, evaluated on demand.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use super::foreach::{gives, is_loop};
use super::serverless;
use super::template::Template;
use super::tree::{Node, Pair};
use crate::diagnostic::{Code, Diagnostic, Level};
use crate::fs::FileSystem;
use crate::iam::facts::{Fact, What};
use crate::limits;
use crate::source::{Source, SourceId, SourceMap, Span};
use crate::value::{Choices, Unknown, Value, When};

/// What a stack reads from outside.
#[derive(Clone)]
pub(super) struct Env<'a> {
    pub(super) fs: Arc<dyn FileSystem>,
    pub(super) sources: &'a SourceMap,
}

/// What a stack and the stacks nested in it have in common. It is lent to a nested stack while that is evaluated.
#[derive(Debug, Default)]
pub(super) struct Shared {
    pub(super) choices: Choices,
    pub(super) facts: Vec<Fact>,
    pub(super) diagnostics: Vec<Diagnostic>,
    pub(super) files: Vec<PathBuf>,
    /// The facts of stack sets.
    pub(super) sets: Vec<Vec<Fact>>,
    pub(super) exports: Vec<(String, Value)>,
    /// Names of exports of other stacks, as [`crate::iam::facts::Facts::imports`] has them.
    pub(super) imports: BTreeSet<Arc<str>>,
    /// Files that were included, by where and under which name, or why they were not.
    pub(super) included: BTreeMap<(SourceId, String), Result<Node, String>>,
    /// Set when something nests deeper than it is evaluated.
    pub(super) deep: bool,
    /// Evaluated nodes.
    pub(super) steps: u64,
    pub(super) depth: usize,
}

/// A resource of the template.
#[derive(Debug, Clone)]
pub(super) struct Resource {
    pub(super) id: Arc<str>,
    pub(super) kind: Arc<str>,
    pub(super) node: Node,
    pub(super) span: Span,
}

impl Resource {
    /// The construct path that the CDK writes down, without the part that stands for the resource itself.
    pub(super) fn path(&self) -> Option<String> {
        let path = self.node.get("Metadata")?.get("aws:cdk:path")?.text()?;
        Some(path.strip_suffix("/Resource").unwrap_or(path).to_owned())
    }

    /// A property as it is written.
    pub(super) fn property(&self, name: &str) -> Option<&Node> {
        self.node.get("Properties")?.get(name)
    }

    /// Where a property is written, its name included.
    pub(super) fn property_span(&self, name: &str) -> Option<Span> {
        self.node.get("Properties")?.pairs()?.iter().find(|p| &*p.key == name).map(Pair::span)
    }
}

/// Where the facts of one resource go: its address, its place, and when it exists.
#[derive(Debug, Clone)]
pub(super) struct Site {
    pub(super) address: String,
    pub(super) path: Option<String>,
    pub(super) span: Span,
    pub(super) whens: Vec<When>,
    /// Set when it is not certain that it exists.
    pub(super) uncertain: Option<Unknown>,
}

/// A stack under evaluation.
pub(super) struct Stack<'a> {
    pub(super) env: Env<'a>,
    template: Arc<Template>,
    /// Why there may be resources that nobody sees, with what names those that they may be about; without it all.
    pub(super) unseen: Vec<(Unknown, Option<Node>)>,
    /// Empty, or the address of the nesting resource with a slash: `Outer/`.
    pub(super) prefix: String,
    /// The templates around this one, outermost first, and this one.
    pub(super) chain: Vec<PathBuf>,
    /// Parameter values from outside.
    pub(super) given: BTreeMap<String, Value>,
    pub(super) parameters: BTreeMap<String, Value>,
    /// The conditions as they are declared.
    pub(super) declared: BTreeMap<Arc<str>, Pair>,
    /// Evaluated conditions; `None` while one is being evaluated.
    pub(super) conditions: BTreeMap<String, Option<Value>>,
    /// Names of resources; `None` while one is being evaluated.
    pub(super) names: BTreeMap<String, Option<Value>>,
    resources: Arc<Vec<Resource>>,
    by_id: BTreeMap<Arc<str>, usize>,
    /// Stacks nested in this one; `None` while one is being evaluated, or when it cannot be read.
    pub(super) nested: BTreeMap<String, Option<Box<Stack<'a>>>>,
    pub(super) shared: Shared,
}

impl<'a> Stack<'a> {
    /// A stack of `template` with these parameter values, before anything but loops is evaluated. `place` is its
    /// prefix and its chain.
    pub(super) fn new(
        env: Env<'a>,
        template: Template,
        place: (String, Vec<PathBuf>),
        given: BTreeMap<String, Value>,
        shared: Shared,
    ) -> Self {
        let (prefix, chain) = place;
        let mut stack = Self {
            env,
            template: Arc::new(template),
            unseen: Vec::new(),
            prefix,
            chain,
            given,
            parameters: BTreeMap::new(),
            declared: BTreeMap::new(),
            conditions: BTreeMap::new(),
            names: BTreeMap::new(),
            resources: Arc::default(),
            by_id: BTreeMap::new(),
            nested: BTreeMap::new(),
            shared,
        };
        if let Some(whole) = stack.with_files() {
            stack.template = Arc::new(whole);
        }
        let template = stack.template();
        let section = |name: &str| template.root.get(name).and_then(Node::pairs).unwrap_or_default();
        let conditions = stack.unrolled(section("Conditions"));
        stack.declared = conditions.into_iter().map(|p| (Arc::clone(&p.key), p)).collect();
        let pairs = stack.unrolled(section("Resources"));
        let mut resources: Vec<Resource> = pairs.iter().filter_map(|p| stack.declare(p)).collect();
        // The template's own resources win over those that a transform makes.
        let made: Vec<Resource> =
            resources.iter().filter_map(|r| serverless::role_of(r, &template.root)).collect();
        let declared: BTreeSet<Arc<str>> = resources.iter().map(|r| Arc::clone(&r.id)).collect();
        resources.extend(made.into_iter().filter(|r| !declared.contains(&r.id)));
        stack.by_id = resources.iter().enumerate().map(|(i, r)| (Arc::clone(&r.id), i)).collect();
        stack.resources = Arc::new(resources);
        stack
    }

    fn declare(&mut self, pair: &Pair) -> Option<Resource> {
        let span = pair.span();
        if is_loop(pair) {
            if gives(&pair.value) {
                let why = Unknown::new(self.left_open(pair), Some(pair.key_span));
                self.unseen.push((why, None));
            }
            return None;
        }
        if pair.key.starts_with("Fn::") {
            let why = match &*pair.key {
                "Fn::Transform" => self.included(&pair.value, span).err(),
                _ => None,
            };
            let why = why.unwrap_or_else(|| "it cannot be told what it makes".to_owned());
            self.miss(&format!("`{}`", pair.key), span, &why);
            return None;
        }
        let kind = pair.value.get("Type").and_then(Node::text)?.to_owned();
        if kind.ends_with("::MODULE") {
            let message = format!("module `{kind}` is not on this machine; what it declares is not judged");
            self.report(Code::RemoteModule, Level::Warning, span, message);
            let why = Unknown::new(format!("module `{kind}` may add to it"), Some(span));
            self.unseen.push((why, Some(pair.value.clone())));
        }
        let properties = pair.value.get("Properties").map(|properties| self.expanded(properties));
        let node = properties.map_or_else(|| pair.value.clone(), |p| pair.value.with("Properties", p));
        Some(Resource { id: Arc::clone(&pair.key), kind: kind.into(), node, span })
    }

    /// The template.
    pub(super) fn template(&self) -> Arc<Template> {
        Arc::clone(&self.template)
    }

    /// The file that something is written in: the template, or a file that it includes.
    pub(super) fn source_of(&self, span: Span) -> Arc<Source> {
        let own = &self.template.source;
        let other = if span.source == own.id() { None } else { self.env.sources.get(span.source) };
        other.unwrap_or_else(|| Arc::clone(own))
    }

    /// All resources, in order of declaration.
    pub(super) fn resources(&self) -> Arc<Vec<Resource>> {
        Arc::clone(&self.resources)
    }

    /// The resource with this logical id.
    pub(super) fn resource(&self, id: &str) -> Option<Resource> {
        self.resources.get(*self.by_id.get(id)?).cloned()
    }

    /// The address of a resource of this stack.
    pub(super) fn address(&self, id: &str) -> String {
        format!("{}{id}", self.prefix)
    }

    /// Notes a problem.
    pub(super) fn report(&mut self, code: Code, level: Level, span: Span, message: impl Into<String>) {
        self.shared.diagnostics.push(Diagnostic::at(code, level, span, message));
    }

    /// Begins the evaluation of a node. False when that would nest too deep or take too long.
    pub(super) fn enter(&mut self) -> bool {
        self.shared.steps += 1;
        if self.shared.depth >= limits::TEMPLATE_DEPTH {
            self.shared.deep = true;
            return false;
        }
        if self.shared.steps > limits::STEPS {
            return false;
        }
        self.shared.depth += 1;
        true
    }

    /// Ends what [`Self::enter`] began.
    pub(super) fn leave(&mut self) {
        self.shared.depth = self.shared.depth.saturating_sub(1);
    }

    /// Emits a fact of a resource, once for every conjunction of answers under which the resource exists.
    pub(super) fn emit(&mut self, site: &Site, when: &When, uncertain: Option<&Unknown>, what: &What) {
        for base in &site.whens {
            if let Some(when) = base.and_all(when) {
                self.shared.facts.push(Fact {
                    what: what.clone(),
                    when,
                    uncertain: uncertain.or(site.uncertain.as_ref()).cloned(),
                    each: Vec::new(),
                    address: site.address.clone(),
                    path: site.path.clone(),
                    span: site.span,
                    unit: 0,
                    provider: Arc::default(),
                });
            }
        }
    }

    /// What was found, with each problem once.
    pub(super) fn finish(self) -> Shared {
        let mut shared = self.shared;
        let mut seen = BTreeSet::new();
        shared.diagnostics.retain(|d| seen.insert((d.code, d.span, d.message.clone())));
        let mut limit = |message: String| {
            let at = self.template.root.span;
            shared.diagnostics.push(Diagnostic::at(Code::Limit, Level::Warning, at, message));
        };
        if shared.steps > limits::STEPS {
            let steps = limits::STEPS;
            limit(format!("the template takes more than {steps} steps to evaluate; the rest is unknown"));
        }
        if shared.deep {
            let depth = limits::TEMPLATE_DEPTH;
            limit(format!(
                "values refer to each other more than {depth} levels deep; what is deeper is unknown"
            ));
        }
        shared
    }
}
