//! `Fn::FindInMap`.

use super::choice::lift;
use super::stack::Stack;
use super::text;
use super::tree::{Node, Pair};
use crate::diagnostic::{Code, Level};
use crate::limits;
use crate::source::Span;
use crate::value::{Unknown, Value};

impl Stack<'_> {
    /// `Fn::FindInMap`. Under a key that is not known it is what stands under any.
    pub(super) fn find_in_map(&mut self, node: &Node, at: Span) -> Value {
        let (keys, default) = match node.items() {
            Some([a, b, c]) => ([a, b, c], None),
            Some([a, b, c, options]) => ([a, b, c], options.get("DefaultValue")),
            Some(_) | None => return self.malformed("Fn::FindInMap", at),
        };
        let keys: Vec<Value> = keys.iter().map(|n| self.eval(n)).collect();
        lift(&keys, &mut |keys| {
            let known: Vec<Result<&str, Unknown>> = keys.iter().map(|k| text::known(k, at)).collect();
            let [_, first, second] = keys else { return self.malformed("Fn::FindInMap", at) };
            match known.as_slice() {
                [Ok(map), Ok(a), Ok(b)] => self.entry(map, a, b, default, at),
                [Ok(map), Err(u), Ok(b)] => {
                    let template = self.template();
                    let all = template.mappings.get(*map).and_then(|m| m.value.pairs()).unwrap_or_default();
                    let having: Vec<(&str, &Node)> =
                        all.iter().filter_map(|p| Some((&*p.key, p.value.get(b)?))).collect();
                    self.any_of(map, &having, (first, u), default)
                }
                [Ok(map), Ok(a), Err(u)] => {
                    let template = self.template();
                    let entry = template.mappings.get(*map).and_then(|m| m.value.get(a)?.pairs());
                    let pair = |p: &'_ Pair| (p.key.to_string(), p.value.clone());
                    let all: Vec<(String, Node)> = entry.unwrap_or_default().iter().map(pair).collect();
                    let all: Vec<(&str, &Node)> = all.iter().map(|(k, n)| (k.as_str(), n)).collect();
                    self.any_of(map, &all, (second, u), default)
                }
                [Err(u), _, _] | [_, Err(u), Err(_)] => Value::unknown(u.reason(), u.span()),
                _ => Value::unknown("`Fn::FindInMap` needs three keys", Some(at)),
            }
        })
    }

    fn entry(&mut self, map: &str, first: &str, second: &str, default: Option<&Node>, at: Span) -> Value {
        let template = self.template();
        let found = template.mappings.get(map).and_then(|m| m.value.get(first)?.get(second));
        match found.or(default) {
            Some(node) => self.eval(node),
            None => {
                let message = format!("mapping `{map}` has no `{first}` with `{second}`");
                self.report(Code::BadReference, Level::Warning, at, message.clone());
                Value::unknown(message, Some(at))
            }
        }
    }

    /// One of these entries, or the default: an open choice, the same for keys that are written alike and not known for
    /// the same reason.
    fn any_of(
        &mut self,
        map: &str,
        entries: &[(&str, &Node)],
        (written, unknown): (&Value, &Unknown),
        default: Option<&Node>,
    ) -> Value {
        let entries = entries.iter().copied().chain(default.map(|node| ("another key", node)));
        let (labels, nodes): (Vec<&str>, Vec<&Node>) = entries.unzip();
        if labels.is_empty() || labels.len() > limits::ANSWERS {
            return Value::unknown(unknown.reason(), unknown.span());
        }
        let arms = nodes.into_iter().map(|node| self.eval(node)).collect();
        // `${Env}-a` and `${Env}-b` are not known for one reason, and are two keys.
        let key = format!("{}Key of {map} {} {}", self.prefix, labels.join(" "), text::with_reasons(written));
        let open =
            Unknown::new(format!("a key of mapping `{map}` is open: {}", unknown.reason()), unknown.span());
        let choice = self.shared.choices.intern(&key, open, &labels);
        Value::one_of(choice, arms, unknown.span())
    }
}
