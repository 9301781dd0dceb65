//! A template's sections, by name.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::include::{is_file, transforms};
use super::tree::{Node, NodeKind, Pair};
use crate::source::Source;

/// A parsed template.
#[derive(Debug)]
pub(super) struct Template {
    pub(super) source: Arc<Source>,
    pub(super) root: Node,
    pub(super) parameters: BTreeMap<Arc<str>, Pair>,
    pub(super) mappings: BTreeMap<Arc<str>, Pair>,
    /// What every parameter is compared with in the conditions, by the parameter's name.
    pub(super) compared: BTreeMap<Arc<str>, BTreeSet<Arc<str>>>,
    /// What the rules allow for a parameter, by its name.
    pub(super) asserted: BTreeMap<Arc<str>, Vec<Node>>,
}

impl Template {
    /// The template with this tree, or `None` when it is something else: a template has `Resources`, and says that it
    /// is one or has one with a type like `AWS::IAM::User`, or a loop that makes such.
    pub(super) fn of(source: Arc<Source>, root: Node) -> Option<Self> {
        let declared = root.get("AWSTemplateFormatVersion").is_some();
        let resources = match root.get("Resources") {
            Some(node) => node.pairs()?,
            // All of them may be in a file.
            None if declared && transforms(&root).iter().any(is_file) => &[],
            None => return None,
        };
        let typed = |n: &Node| n.get("Type").and_then(Node::text).is_some_and(|t| t.contains("::"));
        if !declared && !resources.iter().any(|p| typed(&p.value) || p.key.starts_with("Fn::")) {
            return None;
        }
        Some(Self::with(source, root))
    }

    /// The template with this tree.
    pub(super) fn with(source: Arc<Source>, root: Node) -> Self {
        let section = |name: &str| -> BTreeMap<Arc<str>, Pair> {
            let pairs = root.get(name).and_then(Node::pairs).unwrap_or_default();
            pairs.iter().map(|p| (Arc::clone(&p.key), p.clone())).collect()
        };
        let (parameters, mappings) = (section("Parameters"), section("Mappings"));
        let mut compared = BTreeMap::new();
        if let Some(node) = root.get("Conditions") {
            collect_compared(node, &mut compared);
        }
        let asserted = asserted(&root);
        Self { source, root, parameters, mappings, compared, asserted }
    }
}

/// The tree's depth is bounded, so this may recurse.
fn collect_compared(node: &Node, out: &mut BTreeMap<Arc<str>, BTreeSet<Arc<str>>>) {
    match &node.kind {
        NodeKind::Map(pairs) => {
            for p in pairs.iter() {
                if let ("Fn::Equals", Some([a, b])) = (&*p.key, p.value.items()) {
                    for (name, literal) in [(referred(a), b.text()), (referred(b), a.text())] {
                        if let (Some(name), Some(literal)) = (name, literal) {
                            out.entry(name.into()).or_default().insert(literal.into());
                        }
                    }
                }
                collect_compared(&p.value, out);
            }
        }
        NodeKind::Seq(items) => items.iter().for_each(|n| collect_compared(n, out)),
        NodeKind::Null | NodeKind::Scalar(_) => {}
    }
}

/// What parameters are compared with by rules that hold always: a stack that breaks a rule is not deployed.
fn asserted(root: &Node) -> BTreeMap<Arc<str>, Vec<Node>> {
    let rules = root.get("Rules").and_then(Node::pairs).unwrap_or_default();
    let always = rules.iter().filter(|rule| rule.value.get("RuleCondition").is_none());
    let assertions =
        always.flat_map(|rule| rule.value.get("Assertions").and_then(Node::items).unwrap_or(&[]));
    let mut out = BTreeMap::new();
    for test in assertions.filter_map(|assertion| assertion.get("Assert")?.only()) {
        let (name, values) = match (&*test.key, test.value.items()) {
            ("Fn::Contains", Some([list, value])) => (referred(value), list.items()),
            ("Fn::Equals", Some([a, b])) => match (referred(a), referred(b)) {
                (Some(name), None) => (Some(name), Some(std::slice::from_ref(b))),
                (None, Some(name)) => (Some(name), Some(std::slice::from_ref(a))),
                (Some(_), Some(_)) | (None, None) => (None, None),
            },
            (_, _) => (None, None),
        };
        if let (Some(name), Some(values)) = (name, values) {
            out.entry(name.into()).or_insert_with(|| values.to_vec());
        }
    }
    out
}

/// The name in `{Ref: name}`.
pub(super) fn referred(node: &Node) -> Option<&str> {
    node.only().filter(|p| &*p.key == "Ref").and_then(|p| p.value.text())
}
