//! `AWS::Include`: entries of a map, or sections of the template, that are written in another file.
//!
//! Follows "AWS::Include transform" of the CloudFormation User Guide. The file is read when it is a local one, as
//! `aws cloudformation package` takes it; another macro, and a file in a bucket, are not known. Resources of theirs that
//! nobody sees may give rights to whoever the template declares.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::foreach::is_loop;
use super::read;
use super::stack::{Resource, Site, Stack};
use super::template::Template;
use super::tree::{Builder, Node, NodeKind, Pair};
use crate::diagnostic::{Code, Level};
use crate::iam::facts::{PrincipalKind, What};
use crate::limits;
use crate::source::Span;
use crate::value::{Unknown, Value, When};

/// Sections whose entries have names that are declared once.
const NAMED: [&str; 5] = ["Conditions", "Mappings", "Outputs", "Resources", "Rules"];

/// Of how many reasons why somebody may have more than is seen each is told. One is enough to settle nothing, and two may
/// be a grant and a gate.
const TOLD: usize = 3;

impl Stack<'_> {
    /// What an `Fn::Transform` stands for, when it is a file that is here; else why it is not known.
    pub(super) fn included(&mut self, transform: &Node, at: Span) -> Result<Node, String> {
        let name = transform.get("Name").and_then(Node::text).unwrap_or("?");
        if name != "AWS::Include" {
            return Err(format!("what macro `{name}` makes is known only when the stack is deployed"));
        }
        let Some(node) = transform.get("Parameters").and_then(|p| p.get("Location")) else {
            return Err("`AWS::Include` has no `Location`".to_owned());
        };
        let location = self.eval(node);
        let Some(location) = location.as_str().filter(|url| !url.contains("://")) else {
            return Err("the file that `AWS::Include` names is not a local one".to_owned());
        };
        let key = (at.source, location.to_owned());
        // All that is in it is walked again.
        self.shared.steps += limits::INCLUDE_STEPS;
        if let Some(known) = self.shared.included.get(&key) {
            return known.clone();
        }
        let tree = self.parsed(location, at);
        self.shared.included.insert(key, tree.clone());
        tree
    }

    /// The template with the files that its `Transform` names, section by section, when it names any; those that are
    /// not here may hold anything.
    pub(super) fn with_files(&mut self) -> Option<Template> {
        let template = self.template();
        let mut root = template.root.clone();
        let files: Vec<Node> = transforms(&root).into_iter().filter(is_file).collect();
        for file in &files {
            match self.included(file, file.span).and_then(|tree| merged(&root, &tree)) {
                Ok(merged) => root = merged,
                Err(why) => self.miss("`AWS::Include`", file.span, &why),
            }
        }
        (!files.is_empty()).then(|| Template::with(Arc::clone(&template.source), root))
    }

    /// Notes that something adds resources that nobody sees.
    pub(super) fn miss(&mut self, what: &str, at: Span, why: &str) {
        let message = format!("{what} is not followed: {why}; resources that it adds are not judged");
        self.report(Code::BadExpression, Level::Warning, at, message);
        let reason = format!("{what}, which is not followed, may add to it");
        self.unseen.push((Unknown::new(reason, Some(at)), None));
    }

    /// Emits what resources that nobody sees may do: attach policies to each principal of the template.
    pub(super) fn lower_unseen(&mut self, base: &[When]) {
        let unseen = std::mem::take(&mut self.unseen);
        let sizes: Vec<u64> = unseen.iter().map(|(_, naming)| naming.as_ref().map_or(0, size)).collect();
        for resource in self.resources().iter() {
            let kind = match &*resource.kind {
                "AWS::IAM::User" => PrincipalKind::User,
                "AWS::IAM::Group" => PrincipalKind::Group,
                "AWS::IAM::Role" => PrincipalKind::Role,
                _ => continue,
            };
            let principals = self.name_of(resource);
            let mut told = 0;
            for ((why, naming), size) in unseen.iter().zip(&sizes) {
                self.shared.steps += size;
                let named =
                    |n: &Node| names(n, &resource.id) || principals.as_str().is_some_and(|p| names(n, p));
                // When it takes too long to tell, it may be anybody.
                if self.shared.steps <= limits::STEPS && !naming.as_ref().is_none_or(named) {
                    continue;
                }
                self.attach_unseen(resource, kind, &principals, why, base);
                told += 1;
                if told == TOLD {
                    break;
                }
            }
        }
        self.unseen = unseen;
    }

    fn attach_unseen(
        &mut self,
        resource: &Resource,
        kind: PrincipalKind,
        principals: &Value,
        why: &Unknown,
        base: &[When],
    ) {
        let site = Site {
            address: self.address(&resource.id),
            path: resource.path(),
            span: why.span().unwrap_or(resource.span),
            whens: base.to_vec(),
            uncertain: None,
        };
        let policies = Value::unknown(why.reason(), why.span());
        let what = What::Attachment { kind, principals: principals.clone(), policies };
        self.emit(&site, &When::always(), None, &what);
    }

    fn parsed(&mut self, location: &str, at: Span) -> Result<Node, String> {
        let (_, source) = self.open(location, at)?;
        let mut builder = Builder::default();
        let tree =
            read(&source, &mut builder).map_err(|problem| format!("`{location}`: {}", problem.message))?;
        self.shared.diagnostics.extend(builder.diagnostics);
        tree.ok_or_else(|| format!("`{location}` holds no map"))
    }

    /// A map with the loops and files in it in their place.
    pub(super) fn expanded(&mut self, node: &Node) -> Node {
        let dynamic = |p: &Pair| is_loop(p) || &*p.key == "Fn::Transform";
        match node.pairs() {
            Some(pairs) if pairs.iter().any(dynamic) => {
                Node { kind: NodeKind::Map(Arc::new(self.unrolled(pairs))), span: node.span }
            }
            Some(_) | None => node.clone(),
        }
    }
}

/// What the section `Transform` lists.
pub(super) fn transforms(root: &Node) -> Vec<Node> {
    let Some(node) = root.get("Transform") else { return Vec::new() };
    let items = node.items().unwrap_or(std::slice::from_ref(node));
    items.iter().filter(|item| !matches!(item.kind, NodeKind::Null)).cloned().collect()
}

/// Whether a transform includes a file, and says which.
pub(super) fn is_file(transform: &Node) -> bool {
    transform.get("Name").and_then(Node::text) == Some("AWS::Include")
}

/// A template with the sections of another tree. What both declare is not settled by what AWS documents.
fn merged(root: &Node, tree: &Node) -> Result<Node, String> {
    let mut sections: Vec<Pair> = root.pairs().unwrap_or_default().to_vec();
    for section in tree.pairs().unwrap_or_default() {
        let Some(own) = sections.iter_mut().find(|p| p.key == section.key) else {
            sections.push(section.clone());
            continue;
        };
        let (Some(there), Some(more)) = (own.value.pairs(), section.value.pairs()) else { continue };
        if !NAMED.contains(&&*own.key) {
            continue;
        }
        let named = |p: &&Pair| !p.key.starts_with("Fn::");
        let known: BTreeSet<&str> = there.iter().filter(named).map(|p| &*p.key).collect();
        if let Some(twice) = more.iter().find(|p| known.contains(&*p.key)) {
            return Err(format!("the template declares `{}` itself", twice.key));
        }
        let all = there.iter().chain(more).cloned().collect();
        own.value = Node { kind: NodeKind::Map(Arc::new(all)), span: own.value.span };
    }
    Ok(Node { kind: NodeKind::Map(Arc::new(sections)), span: root.span })
}

/// How many nodes a tree has, whose depth is bounded.
fn size(node: &Node) -> u64 {
    1 + match &node.kind {
        NodeKind::Null | NodeKind::Scalar(_) => 0,
        NodeKind::Seq(items) => items.iter().map(size).sum(),
        NodeKind::Map(pairs) => pairs.iter().map(|p| size(&p.value)).sum::<u64>(),
    }
}

/// Whether a tree, whose depth is bounded, has a text that is this name or one in a `Sub` or a `GetAtt`.
fn names(node: &Node, name: &str) -> bool {
    match &node.kind {
        NodeKind::Null => false,
        NodeKind::Scalar(s) => {
            let part = |end: &str| s.text.contains(&format!("${{{name}{end}"));
            let rest = s.text.strip_prefix(name);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.')) || part("}") || part(".")
        }
        NodeKind::Seq(items) => items.iter().any(|n| names(n, name)),
        NodeKind::Map(pairs) => pairs.iter().any(|p| names(&p.value, name)),
    }
}
