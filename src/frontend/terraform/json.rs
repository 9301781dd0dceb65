//! JSON with places: `.tf.json`, `.tfvars.json` and `modules.json`.

use std::sync::Arc;

use jsonc_parser::ast;
use jsonc_parser::common::Ranged as _;

use crate::diagnostic::{Code, Diagnostic, Level};
use crate::source::{Source, Span};
use crate::{json, limits};

/// A JSON value with its place (the quotes of a string are part of it).
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Json {
    pub(crate) kind: JsonKind,
    pub(crate) span: Span,
}

/// What a JSON value is.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum JsonKind {
    Null,
    Bool(bool),
    /// A number as it is written.
    Number(String),
    String(String),
    Array(Vec<Arc<Json>>),
    /// Properties in order; the same name may stand more than once.
    Object(Vec<Property>),
}

/// One property of an object.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Property {
    pub(crate) name: String,
    pub(crate) name_span: Span,
    pub(crate) value: Arc<Json>,
}

impl Json {
    /// The properties of an object; nothing for anything else.
    pub(crate) fn properties(&self) -> &[Property] {
        match &self.kind {
            JsonKind::Object(p) => p,
            JsonKind::Null
            | JsonKind::Bool(_)
            | JsonKind::Number(_)
            | JsonKind::String(_)
            | JsonKind::Array(_) => &[],
        }
    }

    /// The last property of this name.
    pub(crate) fn get(&self, name: &str) -> Option<&Property> {
        self.properties().iter().rev().find(|p| p.name == name)
    }

    /// The string.
    pub(crate) fn as_str(&self) -> Option<&str> {
        match &self.kind {
            JsonKind::String(s) => Some(s),
            _ => None,
        }
    }

    /// What stands for one or more blocks: the elements of an array, or the value itself.
    pub(crate) fn elements(this: &Arc<Self>) -> Vec<Arc<Self>> {
        match &this.kind {
            JsonKind::Array(a) => a.clone(),
            JsonKind::Null => Vec::new(),
            JsonKind::Bool(_) | JsonKind::Number(_) | JsonKind::String(_) | JsonKind::Object(_) => {
                vec![Arc::clone(this)]
            }
        }
    }
}

/// Parses a whole source as strict JSON.
pub(crate) fn parse(source: &Source) -> Result<Arc<Json>, Diagnostic> {
    let text = source.text();
    let skip = if text.starts_with('\u{feff}') { 3 } else { 0 };
    let failed = |code, message: String, start: usize, end: usize| {
        let span = Span::new(source.id(), skip + start, skip + end);
        Diagnostic::at(code, Level::Error, span, message)
    };
    let parsed = json::parse_up_to(text.get(skip..).unwrap_or(""), limits::JSON_VALUES).map_err(|e| {
        let code = if e.too_many { Code::Limit } else { Code::JsonSyntax };
        failed(code, e.to_string(), e.range.start, e.range.end)
    })?;
    let value = parsed.ok_or_else(|| failed(Code::JsonSyntax, "the file is empty".to_owned(), 0, 0))?;
    let mut nodes = 0;
    convert(&value, source, skip, 0, &mut nodes).map(Arc::new).ok_or_else(|| {
        let span = source.span();
        Diagnostic::at(
            Code::Limit,
            Level::Error,
            span,
            "the file is nested too deeply or has too many values",
        )
    })
}

fn convert(
    v: &ast::Value<'_>,
    source: &Source,
    skip: usize,
    depth: usize,
    nodes: &mut usize,
) -> Option<Json> {
    *nodes += 1;
    if depth > limits::DEPTH || *nodes > limits::NODES {
        return None;
    }
    let place = |r: jsonc_parser::common::Range| Span::new(source.id(), skip + r.start, skip + r.end);
    let kind = match v {
        ast::Value::NullKeyword(_) => JsonKind::Null,
        ast::Value::BooleanLit(b) => JsonKind::Bool(b.value),
        ast::Value::NumberLit(n) => JsonKind::Number(n.value.to_owned()),
        ast::Value::StringLit(s) => JsonKind::String(s.value.to_string()),
        ast::Value::Array(a) => {
            let items = a.elements.iter().map(|v| convert(v, source, skip, depth + 1, nodes).map(Arc::new));
            JsonKind::Array(items.collect::<Option<_>>()?)
        }
        ast::Value::Object(o) => {
            let mut properties = Vec::with_capacity(o.properties.len());
            for p in &o.properties {
                properties.push(Property {
                    name: p.name.as_str().to_owned(),
                    name_span: place(p.name.range()),
                    value: Arc::new(convert(&p.value, source, skip, depth + 1, nodes)?),
                });
            }
            JsonKind::Object(properties)
        }
    };
    Some(Json { kind, span: place(v.range()) })
}
