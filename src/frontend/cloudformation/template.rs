//! A template's sections, by name.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::tree::{Node, NodeKind, Pair};
use crate::source::Source;

/// A parsed template.
#[derive(Debug)]
pub(super) struct Template {
    pub(super) source: Arc<Source>,
    pub(super) root: Node,
    pub(super) parameters: BTreeMap<Arc<str>, Pair>,
    pub(super) conditions: BTreeMap<Arc<str>, Pair>,
    pub(super) mappings: BTreeMap<Arc<str>, Pair>,
    /// What every parameter is compared with in the conditions, by the parameter's name.
    pub(super) compared: BTreeMap<Arc<str>, BTreeSet<Arc<str>>>,
}

impl Template {
    /// The template with this tree, or `None` when it is something else: a template has `Resources`, and says that it
    /// is one or has one with a type like `AWS::IAM::User`, or a loop that makes such.
    pub(super) fn of(source: Arc<Source>, root: Node) -> Option<Self> {
        let resources = root.get("Resources")?.pairs()?;
        let typed = |n: &Node| n.get("Type").and_then(Node::text).is_some_and(|t| t.contains("::"));
        let declared = root.get("AWSTemplateFormatVersion").is_some();
        if !declared && !resources.iter().any(|p| typed(&p.value) || p.key.starts_with("Fn::")) {
            return None;
        }
        let section = |name: &str| -> BTreeMap<Arc<str>, Pair> {
            let pairs = root.get(name).and_then(Node::pairs).unwrap_or_default();
            pairs.iter().map(|p| (Arc::clone(&p.key), p.clone())).collect()
        };
        let (parameters, conditions, mappings) =
            (section("Parameters"), section("Conditions"), section("Mappings"));
        let mut compared = BTreeMap::new();
        if let Some(node) = root.get("Conditions") {
            collect_compared(node, &mut compared);
        }
        Some(Self { source, root, parameters, conditions, mappings, compared })
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

/// The name in `{Ref: name}`.
pub(super) fn referred(node: &Node) -> Option<&str> {
    node.only().filter(|p| &*p.key == "Ref").and_then(|p| p.value.text())
}
