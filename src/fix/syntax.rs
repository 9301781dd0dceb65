//! Where the parts of a text are: the bytes of objects, lists and their elements, in every language that policies and
//! resources are written in.

use std::ops::Range;

use granit_parser::{Event, Parser, ScalarStyle};
use hcl_edit::Span as _;
use hcl_edit::expr::{Expression, ObjectKey};
use hcl_edit::structure::{Body, Structure};
use jsonc_parser::ast;
use jsonc_parser::common::Ranged as _;

use crate::{json, limits};

/// How something is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    /// JSON, also inside another language, and the flow style of YAML.
    Json,
    /// An expression of HCL.
    Hcl,
    /// Arguments and blocks of HCL.
    Block,
    /// The block style of YAML.
    Yaml,
}

/// A part of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Node {
    /// Its bytes, with quotes and brackets.
    pub(super) span: Range<usize>,
    /// How it is written.
    pub(super) style: Style,
    /// What it is.
    pub(super) kind: Kind,
}

/// What a part of a text is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    /// An object, a mapping, or the inside of a block.
    Map(Vec<Member>),
    /// A list.
    List(Vec<Node>),
    /// Anything else.
    Leaf,
}

/// An entry of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Member {
    /// Its key without quotes; for a block its type and labels.
    pub(super) name: String,
    /// Where the key begins.
    pub(super) start: usize,
    /// The value.
    pub(super) value: Node,
}

impl Node {
    /// The entries of an object.
    pub(super) fn members(&self) -> &[Member] {
        match &self.kind {
            Kind::Map(members) => members,
            Kind::List(_) | Kind::Leaf => &[],
        }
    }

    /// The entry with one of these names, in any case.
    pub(super) fn member(&self, names: &[&str]) -> Option<&Member> {
        self.members().iter().rev().find(|m| names.iter().any(|n| m.name.eq_ignore_ascii_case(n)))
    }

    /// The value at the end of a path of exact names.
    pub(super) fn at(&self, path: &[&str]) -> Option<&Self> {
        path.iter().try_fold(self, |node, name| {
            node.members().iter().rev().find(|m| m.name == *name).map(|m| &m.value)
        })
    }

    /// The object that takes up exactly these bytes, or is the first inside them.
    pub(super) fn object_at(&self, span: &Range<usize>) -> Option<&Self> {
        let inside = |n: &Self| span.start <= n.span.start && n.span.end <= span.end;
        if matches!(self.kind, Kind::Map(_)) && inside(self) {
            return Some(self);
        }
        let touches = |n: &Self| n.span.start < span.end && span.start < n.span.end;
        match &self.kind {
            Kind::Map(members) => {
                members.iter().map(|m| &m.value).filter(|n| touches(n)).find_map(|n| n.object_at(span))
            }
            Kind::List(items) => items.iter().filter(|n| touches(n)).find_map(|n| n.object_at(span)),
            Kind::Leaf => None,
        }
    }

    fn moved(mut self, by: usize) -> Self {
        let shift = |r: &mut Range<usize>| *r = r.start + by..r.end + by;
        shift(&mut self.span);
        self.kind = match self.kind {
            Kind::Map(members) => Kind::Map(
                members
                    .into_iter()
                    .map(|m| Member { start: m.start + by, value: m.value.moved(by), ..m })
                    .collect(),
            ),
            Kind::List(items) => Kind::List(items.into_iter().map(|n| n.moved(by)).collect()),
            Kind::Leaf => Kind::Leaf,
        };
        self
    }
}

/// The object at a place of a file: the whole place, or for YAML in block style the object there.
pub(super) fn object(path: &str, text: &str, span: &Range<usize>) -> Option<Node> {
    let inside = text.get(span.clone())?;
    let hcl = is_hcl(path);
    let first = inside.trim_start().chars().next()?;
    match first {
        '{' | '[' => {
            let strict = json::parse(inside).ok().flatten().map(|v| of_json(&v));
            let found = match strict {
                Some(node) => node,
                None if hcl => of_expression(&hcl_edit::parser::parse_expr(inside).ok()?, 0)?,
                None => yaml(inside)?,
            };
            Some(found.moved(span.start))
        }
        _ if hcl => block(text, span),
        _ => {
            let root = yaml(text)?;
            root.object_at(span).cloned()
        }
    }
}

/// The block of HCL at a place: one entry, whose name is its type with its labels.
pub(super) fn block(text: &str, span: &Range<usize>) -> Option<Node> {
    let body = hcl_edit::parser::parse_body(text.get(span.clone())?).ok()?;
    let node = of_body(&body, 0..span.len())?;
    let [member] = node.members() else { return None };
    Some(member.value.clone().moved(span.start))
}

/// Type and labels of the block of HCL at a place.
pub(super) fn labels(text: &str, span: &Range<usize>) -> Option<Vec<String>> {
    let body = hcl_edit::parser::parse_body(text.get(span.clone())?).ok()?;
    let block = body.into_blocks().next()?;
    let labels = block.labels.iter().map(|l| l.as_str().to_owned());
    Some(std::iter::once(block.ident.as_str().to_owned()).chain(labels).collect())
}

/// A whole template or `.tf.json`.
pub(super) fn document(text: &str) -> Option<Node> {
    match json::parse(text) {
        Ok(value) => value.map(|v| of_json(&v)),
        Err(_) => yaml(text),
    }
}

/// True for files in Terraform's own syntax.
pub(super) fn is_hcl(path: &str) -> bool {
    path.ends_with(".tf") || path.ends_with(".tofu")
}

fn of_json(value: &ast::Value<'_>) -> Node {
    let range = value.range();
    let kind = match value {
        ast::Value::Object(object) => Kind::Map(
            object
                .properties
                .iter()
                .map(|p| Member {
                    name: p.name.as_str().to_owned(),
                    start: p.name.range().start,
                    value: of_json(&p.value),
                })
                .collect(),
        ),
        ast::Value::Array(array) => Kind::List(array.elements.iter().map(of_json).collect()),
        ast::Value::StringLit(_)
        | ast::Value::NumberLit(_)
        | ast::Value::BooleanLit(_)
        | ast::Value::NullKeyword(_) => Kind::Leaf,
    };
    Node { span: range.start..range.end, style: Style::Json, kind }
}

fn of_expression(expression: &Expression, depth: usize) -> Option<Node> {
    if depth > limits::DEPTH {
        return None;
    }
    let kind = match expression {
        Expression::Object(object) => {
            let member = |(key, value): (&ObjectKey, &hcl_edit::expr::ObjectValue)| {
                let (name, span) = match key {
                    ObjectKey::Ident(ident) => (ident.as_str().to_owned(), ident.span()?),
                    ObjectKey::Expression(e) => (e.as_str().unwrap_or_default().to_owned(), e.span()?),
                };
                Some(Member { name, start: span.start, value: of_expression(value.expr(), depth + 1)? })
            };
            Kind::Map(object.iter().map(member).collect::<Option<_>>()?)
        }
        Expression::Array(array) => {
            Kind::List(array.iter().map(|e| of_expression(e, depth + 1)).collect::<Option<_>>()?)
        }
        _ => Kind::Leaf,
    };
    Some(Node { span: expression.span()?, style: Style::Hcl, kind })
}

fn of_body(body: &Body, span: Range<usize>) -> Option<Node> {
    let member = |structure: &Structure| match structure {
        Structure::Attribute(a) => Some(Member {
            name: a.key.as_str().to_owned(),
            start: a.key.span()?.start,
            value: of_expression(&a.value, 0)?,
        }),
        Structure::Block(b) => {
            let span = b.span()?;
            Some(Member {
                name: b.ident.as_str().to_owned(),
                start: span.start,
                value: of_body(&b.body, span)?,
            })
        }
    };
    let members = body.iter().map(member).collect::<Option<_>>()?;
    Some(Node { span, style: Style::Block, kind: Kind::Map(members) })
}

/// A collection of YAML that is not closed yet.
struct Open {
    start: usize,
    flow: bool,
    what: What,
    /// The keys and values, or the elements.
    nodes: Vec<(String, Node)>,
}

#[derive(Clone, Copy)]
enum What {
    List,
    Map,
    /// Named by an anchor, or made by a function: an edit there is none of this place alone.
    Opaque,
}

/// The first document of a YAML text. What has an anchor or a tag is a leaf.
fn yaml(text: &str) -> Option<Node> {
    let body = text.strip_prefix('\u{feff}').unwrap_or(text);
    let base = text.len() - body.len();
    let options = granit_parser::options! {
        emit_comments: false,
        block_nesting_limit: limits::TEMPLATE_DEPTH,
        flow_nesting_limit: limits::TEMPLATE_DEPTH,
    };
    let mut stack: Vec<Open> = Vec::new();
    for next in Parser::new_from_str_with_options(body, options) {
        let (event, span) = next.ok()?;
        let at = span.byte_range().unwrap_or(0..0);
        let at = at.start + base..at.end + base;
        let tag = span.tag_span().and_then(|t| t.byte_range()).map(|t| t.start + base);
        let start = tag.map_or(at.start, |tag| tag.min(at.start));
        let what = |plain, anchor: usize| if anchor == 0 && tag.is_none() { plain } else { What::Opaque };
        let closed = match event {
            Event::Scalar(name, style, ..) => {
                let end = at.start + text.get(at.clone())?.trim_end().len();
                let leaf = Node { span: start..end.max(start), style: style_of(style), kind: Kind::Leaf };
                (name.into_owned(), leaf)
            }
            Event::Alias(_) => (String::new(), Node { span: at, style: Style::Yaml, kind: Kind::Leaf }),
            Event::SequenceStart(_, anchor, _) => {
                stack.push(Open::new(text, &at, start, what(What::List, anchor)));
                continue;
            }
            Event::MappingStart(_, anchor, _) => {
                stack.push(Open::new(text, &at, start, what(What::Map, anchor)));
                continue;
            }
            Event::SequenceEnd | Event::MappingEnd => (String::new(), stack.pop()?.close(&at)),
            Event::DocumentEnd => return None,
            _ => continue,
        };
        match stack.last_mut() {
            Some(open) => open.nodes.push(closed),
            None => return Some(closed.1),
        }
    }
    None
}

fn style_of(style: ScalarStyle) -> Style {
    match style {
        ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted => Style::Json,
        ScalarStyle::Plain | ScalarStyle::Literal | ScalarStyle::Folded => Style::Yaml,
    }
}

impl Open {
    fn new(text: &str, at: &Range<usize>, start: usize, what: What) -> Self {
        let flow = text.get(at.start..).is_some_and(|t| t.starts_with(['{', '[']));
        Self { start, flow, what, nodes: Vec::new() }
    }

    fn close(self, end: &Range<usize>) -> Node {
        let last = self.nodes.last().map_or(self.start, |(_, n)| n.span.end);
        let span = self.start..if self.flow { end.end } else { last };
        let style = if self.flow { Style::Json } else { Style::Yaml };
        let kind = match self.what {
            What::Map => {
                let mut members = Vec::new();
                let mut nodes = self.nodes.into_iter();
                while let (Some((name, key)), Some((_, value))) = (nodes.next(), nodes.next()) {
                    members.push(Member { name, start: key.span.start, value });
                }
                Kind::Map(members)
            }
            What::List => Kind::List(self.nodes.into_iter().map(|(_, n)| n).collect()),
            What::Opaque => Kind::Leaf,
        };
        Node { span, style, kind }
    }
}
