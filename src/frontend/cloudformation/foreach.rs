//! `Fn::ForEach`: entries of a map repeated for every element of a collection.
//!
//! Follows "Fn::ForEach" of the CloudFormation User Guide. A loop is unrolled in the tree, before anything in it
//! is evaluated; `${Name}` and `&{Name}` (without special characters) stand for the element.

use std::sync::Arc;

use super::places::Style;
use super::stack::Stack;
use super::tree::{Node, NodeKind, Pair, Scalar};
use crate::diagnostic::{Code, Level};
use crate::limits;
use crate::value::{Kind, Value};

/// What a loop repeats, under which name, and for what.
struct Loop {
    name: String,
    elements: Vec<String>,
    /// Why there may be more elements.
    more: Option<String>,
    body: Arc<Vec<Pair>>,
}

/// Resources that give something to principals that they name.
const GIVING: [&str; 9] = [
    "AWS::CloudFormation::Stack",
    "AWS::IAM::GroupPolicy",
    "AWS::IAM::ManagedPolicy",
    "AWS::IAM::Policy",
    "AWS::IAM::RolePolicy",
    "AWS::IAM::UserPolicy",
    "AWS::IAM::UserToGroupAddition",
    "AWS::Serverless::Application",
    "::MODULE",
];

impl Stack<'_> {
    /// The entries with loops unrolled, and files included. Of a loop that cannot be unrolled, or not to its end, the loop
    /// stays as well, with a diagnostic; a file that cannot be read stays what it was.
    pub(super) fn unrolled(&mut self, pairs: &[Pair]) -> Vec<Pair> {
        let mut out = Vec::with_capacity(pairs.len());
        for pair in pairs {
            if is_loop(pair) {
                if !self.unroll(pair, &mut out) {
                    out.push(pair.clone());
                }
            } else if &*pair.key == "Fn::Transform"
                && let Ok(tree) = self.included(&pair.value, pair.span())
                && let Some(entries) = tree.pairs()
            {
                out.extend(entries.iter().cloned());
            } else {
                out.push(pair.clone());
            }
        }
        out
    }

    /// What a loop stands for as far as it is known; false when there may be more.
    fn unroll(&mut self, pair: &Pair, out: &mut Vec<Pair>) -> bool {
        if !self.enter() {
            return false;
        }
        let more = match self.iterations(pair) {
            Ok(Loop { name, elements, mut more, body }) => {
                for element in elements {
                    if out.len() >= limits::ELEMENTS || self.shared.steps > limits::STEPS {
                        let message = format!("`{}` makes too many entries; the rest is left out", pair.key);
                        self.report(Code::Limit, Level::Warning, pair.key_span, message);
                        self.leave();
                        return false;
                    }
                    for entry in body.iter() {
                        let one = self.substitute_pair(entry, &name, &element);
                        out.extend(self.unrolled(&[one]));
                    }
                }
                more.take()
            }
            Err(why) => Some(why),
        };
        self.leave();
        if let Some(why) = &more {
            let message = format!("`{}` is not followed: {why}", pair.key);
            self.report(Code::BadExpression, Level::Warning, pair.key_span, message);
        }
        more.is_none()
    }

    /// Why an entry that was not unrolled may add to the entries beside it.
    pub(super) fn left_open(&mut self, pair: &Pair) -> String {
        let more = match self.iterations(pair) {
            _ if !is_loop(pair) => None,
            Ok(looped) => looped.more,
            Err(why) => Some(why),
        };
        match more {
            Some(why) => format!("`{}` may add to it: {why}", pair.key),
            None => format!("`{}` stands next to other keys and may add to them", pair.key),
        }
    }

    /// The loop, or why it cannot be unrolled.
    fn iterations(&mut self, pair: &Pair) -> Result<Loop, String> {
        let Some([name, collection, Node { kind: NodeKind::Map(body), .. }]) = pair.value.items() else {
            return Err("it needs a name, a collection and a map".to_owned());
        };
        let name = name.text().ok_or("its name is not a string")?;
        let collection = self.eval(collection);
        let values = match &collection.kind {
            Kind::List(l) | Kind::Set(l) => l,
            Kind::Unknown(u) => return Err(u.reason().to_owned()),
            Kind::Null
            | Kind::Bool(_)
            | Kind::Number(_)
            | Kind::String(_)
            | Kind::Map(_)
            | Kind::OneOf(_) => return Err("its collection is not a list that is known".to_owned()),
        };
        let known = |v: &Value| v.as_str().map(str::to_owned);
        let elements: Vec<String> = values.iter().filter_map(known).collect();
        let more = (elements.len() < values.len()).then(|| {
            let unknown = values.iter().find_map(Value::as_unknown);
            unknown.map_or("an element of its collection is not known".to_owned(), |u| u.reason().to_owned())
        });
        Ok(Loop { name: name.to_owned(), elements, more, body: Arc::clone(body) })
    }

    fn substitute_pair(&mut self, pair: &Pair, name: &str, element: &str) -> Pair {
        let key = replaced(&pair.key, name, element);
        let value = self.substitute(&pair.value, name, element);
        Pair { key: key.into(), key_span: pair.key_span, value }
    }

    /// A copy of the tree with the element in place of the name. Its depth is that of the tree.
    fn substitute(&mut self, node: &Node, name: &str, element: &str) -> Node {
        // A copied node takes memory, not only time.
        self.shared.steps += 10;
        let kind = match &node.kind {
            NodeKind::Null => NodeKind::Null,
            NodeKind::Scalar(s) => {
                let text = replaced(&s.text, name, element);
                if text == *s.text {
                    return node.clone();
                }
                self.shared.steps += text.len() as u64;
                NodeKind::Scalar(Scalar { text: text.into(), body: s.body, style: Style::Made })
            }
            NodeKind::Seq(items) => {
                NodeKind::Seq(Arc::new(items.iter().map(|n| self.substitute(n, name, element)).collect()))
            }
            NodeKind::Map(pairs) => match pairs.as_slice() {
                // `Ref` of the loop's name is the element too.
                [p] if &*p.key == "Ref" && p.value.text() == Some(name) => {
                    NodeKind::Scalar(Scalar { text: element.into(), body: node.span, style: Style::Made })
                }
                _ => NodeKind::Map(Arc::new(
                    pairs.iter().map(|p| self.substitute_pair(p, name, element)).collect(),
                )),
            },
        };
        Node { kind, span: node.span }
    }
}

/// Whether an entry is a loop.
pub(super) fn is_loop(pair: &Pair) -> bool {
    pair.key.starts_with("Fn::ForEach")
}

/// Whether what a loop makes may give something to principals that are declared beside it. The depth of the tree is
/// bounded.
pub(super) fn gives(node: &Node) -> bool {
    match &node.kind {
        NodeKind::Null | NodeKind::Scalar(_) => false,
        NodeKind::Seq(items) => items.iter().any(gives),
        NodeKind::Map(pairs) => {
            let kind = node.get("Type").and_then(Node::text).unwrap_or_default();
            if kind == "AWS::IAM::ManagedPolicy"
                && let Some(properties) = node.get("Properties").and_then(Node::pairs)
            {
                let names =
                    |p: &Pair| matches!(&*p.key, "Users" | "Groups" | "Roles") || p.key.starts_with("Fn::");
                return properties.iter().any(names);
            }
            GIVING.iter().any(|giving| kind.ends_with(giving))
                || kind.contains('{')
                || pairs.iter().any(|p| gives(&p.value))
        }
    }
}

fn replaced(text: &str, name: &str, element: &str) -> String {
    if !text.contains("{") {
        return text.to_owned();
    }
    let plain: String = element.chars().filter(char::is_ascii_alphanumeric).collect();
    text.replace(&format!("${{{name}}}"), element).replace(&format!("&{{{name}}}"), &plain)
}
