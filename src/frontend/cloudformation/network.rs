//! `Fn::Cidr` and `Fn::GetAZs`: lists whose elements only AWS knows, or nobody asks for.

use super::choice::lift;
use super::stack::Stack;
use super::text;
use super::tree::Node;
use crate::source::Span;
use crate::value::{Kind, Text, Unknown, Value};

/// Most address blocks that `Fn::Cidr` makes ("Fn::Cidr" of the CloudFormation User Guide).
const BLOCKS: usize = 256;

impl Stack<'_> {
    /// As many address blocks as are asked for.
    pub(super) fn cidr(&mut self, node: &Node, at: Span) -> Value {
        let Some([block, count, ..]) = node.items() else { return self.malformed("Fn::Cidr", at) };
        let args = [self.eval(block), self.eval(count)];
        lift(&args, &mut |args| {
            let [block, count] = args else {
                return Value::unknown("`Fn::Cidr` needs a block and a count", Some(at));
            };
            let count = match text::known(count, at) {
                Ok(count) => count.trim().parse::<usize>().ok().filter(|n| *n <= BLOCKS),
                Err(u) => return Value::unknown(u.reason(), u.span()),
            };
            let Some(count) = count else {
                return Value::unknown(format!("`Fn::Cidr` makes up to {BLOCKS} blocks"), Some(at));
            };
            let why = match text::known(block, at) {
                Ok(block) => format!("the blocks of `{block}` are not computed"),
                Err(u) => u.reason().to_owned(),
            };
            let one = Value::text(Text::hole(Unknown::new(why, Some(at))), Some(at));
            Value::list(vec![one; count], Some(at))
        })
    }

    /// The zones of a region: its name with something after it, at least two of them.
    pub(super) fn zones(&mut self, node: &Node, at: Span) -> Value {
        let region = match self.eval(node) {
            region if region.as_str() == Some("") => self.named("AWS::Region", at),
            region => region,
        };
        let zone = Unknown::new("the zones of a region are known only when the stack is deployed", Some(at));
        let suffix = Value::text(Text::hole(zone.clone()), Some(at));
        lift(&[region], &mut |args| {
            let Some(region) = args.first() else { return self.malformed("Fn::GetAZs", at) };
            let one = match text::concat(&[region.clone(), suffix.clone()], at) {
                Ok(name) => Value::text(name, Some(at)),
                Err(u) => return Value::unknown(u.reason(), u.span()),
            };
            let rest = Value::new(Kind::Unknown(zone.clone()), Some(at));
            Value::list(vec![one.clone(), one, rest], Some(at))
        })
    }
}
