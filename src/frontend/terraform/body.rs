//! The inside of a block, whatever syntax it is written in.

use std::collections::BTreeSet;
use std::sync::Arc;

use hcl_edit::Span as _;
use hcl_edit::expr::Expression;
use hcl_edit::structure::Structure;

use super::eval::{self, Code, Locals, Scope};
use super::json::{Json, JsonKind};
use super::parse;
use super::types::{self, Type};
use crate::diagnostic::{Code as Problem, Diagnostic, Level};
use crate::source::{Source, Span};
use crate::value::{Entries, Entry, Kind, Number, Segment, Unknown, Value};

/// An expression that can be evaluated. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Expr {
    source: Arc<Source>,
    node: Node,
    /// Its place.
    pub(crate) span: Span,
}

#[derive(Debug, Clone)]
enum Node {
    /// Parsed from a slice that starts at this offset.
    Hcl(Arc<Expression>, usize),
    Json(Arc<Json>),
    /// It stands in a block that could not be parsed.
    Lost(Unknown),
}

impl Expr {
    /// Its value; errors are reported to the scope.
    pub(crate) fn eval(&self, scope: &mut dyn Scope, locals: &Locals) -> Value {
        match &self.node {
            Node::Hcl(e, base) => {
                eval::eval_with(e, Code { source: &self.source, base: *base }, scope, locals)
            }
            Node::Json(j) => eval_json(j, &self.source, scope, locals),
            Node::Lost(u) => Value::new(Kind::Unknown(u.clone()), u.span()),
        }
    }

    /// A bare word: an identifier, or a string of `.tf.json`.
    pub(crate) fn word(&self) -> Option<String> {
        match &self.node {
            Node::Hcl(e, _) => match &**e {
                Expression::Variable(v) => Some(v.as_str().to_owned()),
                Expression::String(s) => Some(s.as_str().to_owned()),
                _ => None,
            },
            Node::Json(j) => j.as_str().map(str::to_owned),
            Node::Lost(_) => None,
        }
    }

    /// Keys and values of an object, as they are written; strings of `.tf.json` without quotes.
    pub(crate) fn entries(&self) -> Vec<(String, String)> {
        match &self.node {
            Node::Hcl(e, base) => {
                let written = |r: Option<std::ops::Range<usize>>| {
                    let r = r.unwrap_or(0..0);
                    self.source.slice(Span::new(self.source.id(), base + r.start, base + r.end)).to_owned()
                };
                let entries = e.as_object().into_iter().flat_map(|o| o.iter());
                entries.map(|(k, v)| (written(k.span()), written(v.expr().span()))).collect()
            }
            Node::Json(j) => {
                let entry = |p: &super::json::Property| Some((p.name.clone(), p.value.as_str()?.to_owned()));
                j.properties().iter().filter_map(entry).collect()
            }
            Node::Lost(_) => Vec::new(),
        }
    }

    /// A type constraint. Errors are reported and give `any`.
    pub(crate) fn as_type(&self, scope: &mut dyn Scope) -> Type {
        let parsed = match &self.node {
            Node::Hcl(e, base) => types::parse_type(e, Code { source: &self.source, base: *base }, scope),
            Node::Json(j) => match j.as_str().map(hcl_edit::parser::parse_expr) {
                Some(Ok(e)) => types::parse_type(
                    &e,
                    Code { source: &self.source, base: j.span.start as usize + 1 },
                    scope,
                ),
                Some(Err(_)) | None => Err(("this is not a type".to_owned(), self.span)),
            },
            Node::Lost(_) => return Type::Any,
        };
        parsed.unwrap_or_else(|(message, span)| {
            scope.report(Diagnostic::at(Problem::BadExpression, Level::Warning, span, message));
            Type::Any
        })
    }
}

fn eval_json(json: &Json, source: &Arc<Source>, scope: &mut dyn Scope, locals: &Locals) -> Value {
    let span = Some(json.span);
    match &json.kind {
        JsonKind::Null => Value::null(span),
        JsonKind::Bool(b) => Value::bool(*b, span),
        JsonKind::Number(n) => match Number::parse(n) {
            Some(n) => Value::new(Kind::Number(n), span),
            None => Value::unknown(format!("`{n}` is not a number that can be represented"), span),
        },
        JsonKind::String(text) => eval_json_string(text, json, source, scope, locals),
        JsonKind::Array(items) => {
            Value::list(items.iter().map(|v| eval_json(v, source, scope, locals)).collect(), span)
        }
        JsonKind::Object(properties) => {
            let mut entries = Entries::new();
            for p in properties {
                let value = eval_json(&p.value, source, scope, locals);
                entries.insert(p.name.as_str().into(), Entry { key_span: Some(p.name_span), value });
            }
            Value::map(entries, span)
        }
    }
}

/// Strings of `.tf.json` are templates.
fn eval_json_string(
    text: &str,
    json: &Json,
    source: &Arc<Source>,
    scope: &mut dyn Scope,
    locals: &Locals,
) -> Value {
    let inside = Span::new(json.span.source, json.span.start as usize + 1, json.span.end as usize - 1);
    let raw = source.slice(inside) == text;
    let code = Code { source, base: inside.start as usize };
    let value = eval::eval_template(text, code, scope, locals);
    match value.kind {
        // Escapes move every byte: only the string as a whole has a place.
        Kind::String(t) if !raw && value.refer.is_none() => {
            let map = vec![Segment { at: 0, span: inside, exact: false }];
            Value { kind: Kind::String(t.with_map(map)), span: Some(json.span), ..value }
        }
        _ => value,
    }
}

/// An argument of a block.
#[derive(Debug, Clone)]
pub(crate) struct Argument {
    /// Its name.
    pub(crate) name: String,
    /// Where the name is written.
    pub(crate) name_span: Span,
    /// Its value.
    pub(crate) expr: Expr,
}

/// A block inside another.
#[derive(Debug, Clone)]
pub(crate) struct Nested {
    /// What is inside.
    pub(crate) body: Arc<Body>,
    /// Its place, from its type to its closing brace.
    pub(crate) span: Span,
    /// Set for a `dynamic` block of this type: `body` is what stands in `dynamic`.
    pub(crate) dynamic: bool,
}

/// The arguments and blocks inside a block. Override files lie over it as further layers.
#[derive(Debug, Clone, Default)]
pub(crate) struct Body {
    layers: Vec<Layer>,
}

#[derive(Debug, Clone)]
enum Layer {
    Hcl { arguments: Vec<Argument>, blocks: Vec<(String, Option<String>, Nested)> },
    Json { json: Arc<Json>, source: Arc<Source> },
    Lost { unknown: Unknown, source: Arc<Source>, span: Span },
}

impl Body {
    /// The body of a JSON object.
    pub(crate) fn json(json: Arc<Json>, source: Arc<Source>) -> Self {
        Self { layers: vec![Layer::Json { json, source }] }
    }

    /// Parses the block that stands at `span` of the source. One that cannot be parsed has every argument, all
    /// unknown.
    pub(crate) fn parse(source: &Arc<Source>, span: Span, report: &mut Vec<Diagnostic>) -> Self {
        let base = span.start as usize;
        let lost = |d: Diagnostic, report: &mut Vec<Diagnostic>| {
            let unknown =
                Unknown::new(format!("the block that gives it is not valid: {}", d.message), d.span);
            report.push(d);
            Self { layers: vec![Layer::Lost { unknown, source: Arc::clone(source), span }] }
        };
        match parse::body(source, source.slice(span), base, report) {
            Ok(body) => match body.into_iter().next() {
                Some(Structure::Block(b)) => from_hcl(b.body, source, base),
                Some(Structure::Attribute(_)) | None => Self::default(),
            },
            Err(d) => lost(d, report),
        }
    }

    /// Parses a whole file of arguments (`.tfvars`).
    pub(crate) fn parse_file(source: &Arc<Source>, report: &mut Vec<Diagnostic>) -> Self {
        let text = source.text();
        let base = if text.starts_with('\u{feff}') { 3 } else { 0 };
        match parse::body(source, text.get(base..).unwrap_or(""), base, report) {
            Ok(body) => from_hcl(body, source, base),
            Err(d) => {
                report.push(d);
                Self::default()
            }
        }
    }

    /// Lays the body of an override file over this one.
    pub(crate) fn lay(&mut self, over: Self) {
        self.layers.extend(over.layers);
    }

    /// An argument by name.
    pub(crate) fn argument(&self, name: &str) -> Option<Argument> {
        self.layers.iter().rev().find_map(|l| match l {
            Layer::Hcl { arguments, .. } => arguments.iter().find(|a| a.name == name).cloned(),
            Layer::Json { json, source } => json.get(name).map(|p| json_argument(p, source)),
            Layer::Lost { unknown, source, span } => Some(Argument {
                name: name.to_owned(),
                name_span: *span,
                expr: Expr { source: Arc::clone(source), node: Node::Lost(unknown.clone()), span: *span },
            }),
        })
    }

    /// All arguments that are written, in order; blocks of `.tf.json` look like arguments and are among them.
    pub(crate) fn arguments(&self) -> Vec<Argument> {
        let mut out: Vec<Argument> = Vec::new();
        for l in &self.layers {
            match l {
                Layer::Hcl { arguments, .. } => out.extend(arguments.iter().cloned()),
                Layer::Json { json, source } => {
                    let properties = json.properties().iter().filter(|p| p.name != "//");
                    out.extend(properties.map(|p| json_argument(p, source)));
                }
                Layer::Lost { .. } => {}
            }
        }
        // The last one of a name counts.
        let mut seen = BTreeSet::new();
        let last: Vec<bool> = out.iter().rev().map(|a| seen.insert(a.name.as_str())).collect();
        let mut last = last.into_iter().rev();
        out.retain(|_| last.next() == Some(true));
        out
    }

    /// The blocks of a type, and the `dynamic` blocks that make such, in order.
    pub(crate) fn blocks(&self, kind: &str) -> Vec<Nested> {
        let mut layers = self.layers.iter().rev().map(|l| match l {
            Layer::Hcl { blocks, .. } => blocks
                .iter()
                .filter(|(k, label, n)| if n.dynamic { label.as_deref() == Some(kind) } else { k == kind })
                .map(|(_, _, n)| n.clone())
                .collect(),
            Layer::Json { json, source } => json_blocks(json, source, kind),
            Layer::Lost { .. } => Vec::new(),
        });
        layers.find(|l: &Vec<Nested>| !l.is_empty()).unwrap_or_default()
    }

    /// Why blocks may be missing: the block could not be parsed.
    pub(crate) fn lost(&self) -> Option<&Unknown> {
        self.layers.iter().find_map(|l| match l {
            Layer::Lost { unknown, .. } => Some(unknown),
            Layer::Hcl { .. } | Layer::Json { .. } => None,
        })
    }
}

fn json_argument(p: &super::json::Property, source: &Arc<Source>) -> Argument {
    let expr =
        Expr { source: Arc::clone(source), node: Node::Json(Arc::clone(&p.value)), span: p.value.span };
    Argument { name: p.name.clone(), name_span: p.name_span, expr }
}

fn json_blocks(json: &Json, source: &Arc<Source>, kind: &str) -> Vec<Nested> {
    let nested = |j: Arc<Json>, dynamic: bool| Nested {
        span: j.span,
        body: Arc::new(Body::json(j, Arc::clone(source))),
        dynamic,
    };
    let plain = json.get(kind).map(|p| Json::elements(&p.value)).unwrap_or_default();
    let of_kind = |d: &Arc<Json>| d.get(kind).map(|p| Json::elements(&p.value)).unwrap_or_default();
    let dynamic = json
        .get("dynamic")
        .map(|p| Json::elements(&p.value).iter().flat_map(of_kind).collect::<Vec<_>>())
        .unwrap_or_default();
    plain.into_iter().map(|j| nested(j, false)).chain(dynamic.into_iter().map(|j| nested(j, true))).collect()
}

fn from_hcl(body: hcl_edit::structure::Body, source: &Arc<Source>, base: usize) -> Body {
    let place = |r: Option<std::ops::Range<usize>>| {
        let r = r.unwrap_or(0..0);
        Span::new(source.id(), base + r.start, base + r.end)
    };
    let (mut arguments, mut blocks) = (Vec::new(), Vec::new());
    for s in body {
        match s {
            Structure::Attribute(a) => {
                let span = place(a.value.span());
                let expr =
                    Expr { source: Arc::clone(source), node: Node::Hcl(Arc::new(a.value), base), span };
                let name_span = place(a.key.span());
                arguments.push(Argument { name: a.key.as_str().to_owned(), name_span, expr });
            }
            Structure::Block(b) => {
                let (kind, span) = (b.ident.as_str().to_owned(), place(b.span()));
                let label = b.labels.first().map(|l| l.as_str().to_owned());
                let dynamic = kind == "dynamic" && label.is_some();
                let body = Arc::new(from_hcl(b.body, source, base));
                blocks.push((kind, label, Nested { body, span, dynamic }));
            }
        }
    }
    Body { layers: vec![Layer::Hcl { arguments, blocks }] }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::SourceMap;

    fn parse(text: &str) -> (Body, Vec<Diagnostic>) {
        let map = SourceMap::new();
        let source = map.add("main.tf", "main.tf", text);
        let mut report = Vec::new();
        let body = Body::parse(&source, source.span(), &mut report);
        (body, report)
    }

    #[test]
    fn the_last_of_equal_keys_counts() {
        let text = "locals {\n m = {\n  a = { x = 1 }, b = 2\n  a = [3,\n 4]\n }\n}";
        let (body, report) = parse(text);
        assert_eq!(report.len(), 1, "{report:?}");
        assert_eq!(report[0].level, Level::Note);
        assert!(body.argument("m").is_some());
        assert!(body.lost().is_none());
    }

    #[test]
    fn a_block_that_does_not_parse_has_unknown_arguments() {
        let (body, report) = parse("locals {\n m = = 2\n}");
        assert_eq!(report[0].code, Problem::HclSyntax);
        assert_eq!(report[0].span.map(|s| s.start), Some(14));
        assert!(body.lost().is_some());
        assert!(body.argument("anything").is_some());
    }

    #[test]
    fn dynamic_blocks_stand_among_the_blocks_they_make() {
        let (body, _) = parse(
            "data x y {\n statement {\n }\n dynamic \"statement\" {\n for_each = []\n }\n dynamic \"other\" {\n }\n}",
        );
        let kinds: Vec<bool> = body.blocks("statement").iter().map(|n| n.dynamic).collect();
        assert_eq!(kinds, [false, true]);
    }
}
