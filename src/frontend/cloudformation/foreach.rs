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
    body: Arc<Vec<Pair>>,
}

impl Stack<'_> {
    /// The entries with loops unrolled, and files included. A loop that cannot be unrolled is left out, with a
    /// diagnostic; a file that cannot be read stays what it was.
    pub(super) fn unrolled(&mut self, pairs: &[Pair]) -> Vec<Pair> {
        let mut out = Vec::with_capacity(pairs.len());
        for pair in pairs {
            if pair.key.starts_with("Fn::ForEach") {
                self.unroll(pair, &mut out);
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

    fn unroll(&mut self, pair: &Pair, out: &mut Vec<Pair>) {
        if !self.enter() {
            return;
        }
        match self.iterations(pair) {
            Ok(Loop { name, elements, body }) => {
                for element in elements {
                    if out.len() >= limits::ELEMENTS || self.shared.steps > limits::STEPS {
                        let message = format!("`{}` makes too many entries; the rest is left out", pair.key);
                        self.report(Code::Limit, Level::Warning, pair.key_span, message);
                        break;
                    }
                    for entry in body.iter() {
                        let one = self.substitute_pair(entry, &name, &element);
                        out.extend(self.unrolled(&[one]));
                    }
                }
            }
            Err(why) => {
                let message = format!("`{}` is not followed: {why}", pair.key);
                self.report(Code::BadExpression, Level::Warning, pair.key_span, message);
            }
        }
        self.leave();
    }

    /// The loop, or why it cannot be unrolled.
    fn iterations(&mut self, pair: &Pair) -> Result<Loop, String> {
        let Some([name, collection, Node { kind: NodeKind::Map(body), .. }]) = pair.value.items() else {
            return Err("it needs a name, a collection and a map".to_owned());
        };
        let name = name.text().ok_or("its name is not a string")?;
        let collection = self.eval(collection);
        let elements = match &collection.kind {
            Kind::List(l) | Kind::Set(l) => l,
            Kind::Unknown(u) => return Err(u.reason().to_owned()),
            Kind::Null
            | Kind::Bool(_)
            | Kind::Number(_)
            | Kind::String(_)
            | Kind::Map(_)
            | Kind::OneOf(_) => return Err("its collection is not a list that is known".to_owned()),
        };
        let elements: Option<Vec<String>> =
            elements.iter().map(|v: &Value| Some(v.as_str()?.to_owned())).collect();
        let elements = elements.ok_or("an element of its collection is not known")?;
        Ok(Loop { name: name.to_owned(), elements, body: Arc::clone(body) })
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

fn replaced(text: &str, name: &str, element: &str) -> String {
    if !text.contains("{") {
        return text.to_owned();
    }
    let plain: String = element.chars().filter(char::is_ascii_alphanumeric).collect();
    text.replace(&format!("${{{name}}}"), element).replace(&format!("&{{{name}}}"), &plain)
}
