//! `AWS::Include`: entries of a map that are written in another file.
//!
//! Follows "AWS::Include transform" of the CloudFormation User Guide. The file is read when it is a local one, as
//! `aws cloudformation package` takes it; another macro, and a file in a bucket, are not known.

use std::sync::Arc;

use super::read;
use super::stack::Stack;
use super::tree::{Builder, Node, NodeKind, Pair};
use crate::limits;
use crate::source::Span;

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
        let dynamic = |p: &Pair| p.key.starts_with("Fn::ForEach") || &*p.key == "Fn::Transform";
        match node.pairs() {
            Some(pairs) if pairs.iter().any(dynamic) => {
                Node { kind: NodeKind::Map(Arc::new(self.unrolled(pairs))), span: node.span }
            }
            Some(_) | None => node.clone(),
        }
    }
}
