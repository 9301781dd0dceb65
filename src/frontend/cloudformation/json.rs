//! JSON templates, read strictly.

use jsonc_parser::ast::Value as Json;
use jsonc_parser::common::{Range, Ranged as _};

use super::places::Style;
use super::tree::{Builder, Built, Node, NodeKind, Problem, Scalar};
use crate::diagnostic::Code;
use crate::json;
use crate::limits;
use crate::source::{Source, Span};

/// Reads the text of `source` as JSON. `None` when there is nothing in it.
pub(super) fn read(source: &Source, builder: &mut Builder) -> Result<Option<Node>, Problem> {
    let whole = source.text();
    let text = whole.strip_prefix('\u{feff}').unwrap_or(whole);
    let reader = Reader { source, base: whole.len() - text.len() };
    let parsed = json::parse_up_to(text, limits::JSON_VALUES).map_err(|e| Problem {
        code: if e.too_many { Code::Limit } else { Code::JsonSyntax },
        message: e.to_string(),
        span: Span::new(source.id(), reader.base + e.range.start, reader.base + e.range.end),
    })?;
    match parsed {
        Some(value) => Ok(Some(reader.build(value, builder, 0)?.node)),
        None => Ok(None),
    }
}

struct Reader<'a> {
    source: &'a Source,
    base: usize,
}

impl Reader<'_> {
    fn span(&self, range: Range) -> Span {
        Span::new(self.source.id(), self.base + range.start, self.base + range.end)
    }

    fn scalar(&self, text: &str, range: Range, quote: usize) -> Built {
        let inner = Range { start: range.start + quote, end: range.end.saturating_sub(quote) };
        let style = if quote == 0 { Style::Lines } else { Style::Double };
        let scalar = Scalar { text: text.into(), body: self.span(inner), style };
        Builder::leaf(NodeKind::Scalar(scalar), self.span(range))
    }

    fn build(&self, value: Json<'_>, builder: &mut Builder, depth: usize) -> Result<Built, Problem> {
        let span = self.span(value.range());
        if depth > limits::TEMPLATE_DEPTH {
            let message = format!("the template nests more than {} levels deep", limits::TEMPLATE_DEPTH);
            return Err(Problem { code: Code::Limit, message, span });
        }
        match value {
            Json::StringLit(s) => Ok(self.scalar(&s.value, s.range, 1)),
            Json::NumberLit(n) => Ok(self.scalar(n.value, n.range, 0)),
            Json::BooleanLit(b) => Ok(self.scalar(if b.value { "true" } else { "false" }, b.range, 0)),
            Json::NullKeyword(_) => Ok(Builder::leaf(NodeKind::Null, span)),
            Json::Array(a) => {
                let items: Result<Vec<_>, _> =
                    a.elements.into_iter().map(|v| self.build(v, builder, depth + 1)).collect();
                builder.seq(items?, span)
            }
            Json::Object(o) => {
                let mut entries = Vec::with_capacity(o.properties.len());
                for p in o.properties {
                    let key_span = self.span(p.name.range());
                    let key = p.name.as_str().into();
                    entries.push((key, key_span, self.build(p.value, builder, depth + 1)?));
                }
                builder.map(entries, Vec::new(), span)
            }
        }
    }
}
