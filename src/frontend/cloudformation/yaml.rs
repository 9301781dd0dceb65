//! YAML templates: events of the parser put together into one tree.
//!
//! Short forms (`!Sub`) become their long form (`Fn::Sub`), merge keys are merged, aliases are what they stand
//! for. There is no recursion here: the depth of a document costs heap, not stack.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use granit_parser::{Event, Parser, ScalarStyle, ScanError, Span as Range, Tag};

use super::places::Style;
use super::tree::{Builder, Built, Node, NodeKind, Problem, Scalar};
use crate::diagnostic::{Code, Diagnostic, Level};
use crate::json;
use crate::limits;
use crate::source::{Source, Span};

/// Reads the first document of `source` that holds a map. `None` when there is none.
pub(super) fn read(source: &Source, builder: &mut Builder) -> Result<Option<Node>, Problem> {
    let whole = source.text();
    let text = whole.strip_prefix('\u{feff}').unwrap_or(whole);
    let mut reader = Reader {
        source,
        base: whole.len() - text.len(),
        builder,
        stack: Vec::new(),
        anchors: HashMap::new(),
        root: None,
    };
    // One level more than the tree allows, so that the tree's own message is the one that is seen.
    let options = granit_parser::options! {
        emit_comments: false,
        block_nesting_limit: limits::TEMPLATE_DEPTH + 1,
        flow_nesting_limit: limits::TEMPLATE_DEPTH + 1,
    };
    for next in Parser::new_from_str_with_options(text, options) {
        let (event, range) = next.map_err(|e| reader.syntax(&e))?;
        if matches!(event, Event::DocumentEnd) {
            let root = reader.root.take();
            if let Some(node) = root.filter(|n| n.pairs().is_some()) {
                return Ok(Some(node));
            }
        } else {
            reader.event(event, range)?;
        }
    }
    Ok(None)
}

struct Reader<'a> {
    source: &'a Source,
    base: usize,
    builder: &'a mut Builder,
    stack: Vec<Frame>,
    anchors: HashMap<usize, Built>,
    root: Option<Node>,
}

/// A collection that is not closed yet.
struct Frame {
    content: Content,
    span: Span,
    tag: Option<(String, Span)>,
    anchor: usize,
}

enum Content {
    Seq(Vec<Built>),
    Map { entries: Vec<(Arc<str>, Span, Built)>, merged: Vec<Built>, key: Option<(Arc<str>, Span)> },
}

impl Reader<'_> {
    fn span(&self, range: Range) -> Span {
        let at = range.byte_range().unwrap_or(0..0);
        Span::new(self.source.id(), self.base + at.start, self.base + at.end)
    }

    fn syntax(&self, error: &ScanError) -> Problem {
        let at = self.base + error.marker().byte_offset().unwrap_or(0);
        Problem {
            code: Code::YamlSyntax,
            message: format!("not valid YAML: {}", json::lower_first(&error.info())),
            span: Span::new(self.source.id(), at, at),
        }
    }

    fn event(&mut self, event: Event<'_>, range: Range) -> Result<(), Problem> {
        let span = self.span(range);
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let built = self.scalar(&text, style, tag.as_deref(), span);
                let tag = self.short_form(tag, range);
                self.complete(built, tag, anchor)
            }
            Event::Alias(id) => match self.anchors.get(&id).cloned() {
                Some(mut built) => {
                    built.node.span = span;
                    self.complete(built, None, 0)
                }
                None => Err(Problem {
                    code: Code::YamlSyntax,
                    message: "not valid YAML: an alias stands inside the value it names".to_owned(),
                    span,
                }),
            },
            Event::SequenceStart(_, anchor, tag) => {
                let tag = self.short_form(tag, range);
                self.stack.push(Frame { content: Content::Seq(Vec::new()), span, tag, anchor });
                Ok(())
            }
            Event::MappingStart(_, anchor, tag) => {
                let tag = self.short_form(tag, range);
                let content = Content::Map { entries: Vec::new(), merged: Vec::new(), key: None };
                self.stack.push(Frame { content, span, tag, anchor });
                Ok(())
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(span),
            // Starts and ends of documents, and what options turn on; the parser may add more.
            _ => Ok(()),
        }
    }

    fn scalar(&self, text: &str, style: ScalarStyle, tag: Option<&Tag>, span: Span) -> Built {
        let raw = self.source.slice(span);
        // A block scalar ends where its text does, not where the next line begins.
        let span = Span { end: span.start + raw.trim_end().len() as u32, ..span };
        let is_text = tag.is_some_and(|t| t.is_yaml_core_schema_tag("str"));
        if style == ScalarStyle::Plain && !is_text && matches!(text, "" | "~" | "null" | "Null" | "NULL") {
            return Builder::leaf(NodeKind::Null, span);
        }
        let quoted =
            Span { start: span.start + 1, end: span.end.saturating_sub(1).max(span.start + 1), ..span };
        let (body, style) = match style {
            // A string by its tag, so not a boolean: as if it stood in quotes.
            ScalarStyle::Plain if is_text => (span, Style::Single),
            ScalarStyle::Plain | ScalarStyle::Literal | ScalarStyle::Folded => (span, Style::Lines),
            ScalarStyle::SingleQuoted => (quoted, Style::Single),
            ScalarStyle::DoubleQuoted => (quoted, Style::Double),
        };
        Builder::leaf(NodeKind::Scalar(Scalar { text: text.into(), body, style }), span)
    }

    /// The key that a local tag stands for: `!Sub` is `Fn::Sub`, `!Ref` is `Ref`; a tag that CloudFormation does
    /// not know keeps its exclamation mark. Tags of YAML itself (`!!str`) stand for nothing.
    fn short_form(&self, tag: Option<Cow<'_, Tag>>, range: Range) -> Option<(String, Span)> {
        const FUNCTIONS: &[&str] = &[
            "And",
            "Base64",
            "Cidr",
            "Contains",
            "Equals",
            "FindInMap",
            "ForEach",
            "GetAZs",
            "GetAtt",
            "If",
            "ImportValue",
            "Join",
            "Length",
            "Not",
            "Or",
            "Select",
            "Split",
            "Sub",
            "ToJsonString",
            "Transform",
        ];
        let tag = tag?;
        let name = tag.suffix();
        if tag.handle() != "!" || name.is_empty() {
            return None;
        }
        let span = range.tag_span().map_or_else(|| self.span(range), |r| self.span(r));
        Some(match name {
            "Ref" | "Condition" => (name.to_owned(), span),
            _ if FUNCTIONS.contains(&name) => (format!("Fn::{name}"), span),
            _ => (format!("!{name}"), span),
        })
    }

    fn close(&mut self, end: Span) -> Result<(), Problem> {
        let Some(frame) = self.stack.pop() else { return Ok(()) };
        let built = match frame.content {
            Content::Seq(items) => {
                let span = extent(frame.span, end, items.last().map(|b| b.node.span));
                self.builder.seq(items, span)?
            }
            Content::Map { entries, merged, key: _ } => {
                let last = entries.last().map(|(_, k, b)| k.to(b.node.span));
                let span = extent(frame.span, end, last);
                self.builder.map(entries, merged, span)?
            }
        };
        self.complete(built, frame.tag, frame.anchor)
    }

    /// A node is finished: name it, and give it to the collection it stands in.
    fn complete(&mut self, built: Built, tag: Option<(String, Span)>, anchor: usize) -> Result<(), Problem> {
        let built = match tag {
            Some((key, span)) => self.builder.wrap(&key, span, built)?,
            None => built,
        };
        if anchor != 0 {
            self.anchors.insert(anchor, built.clone());
        }
        let Some(frame) = self.stack.last_mut() else {
            self.root = Some(built.node);
            return Ok(());
        };
        match &mut frame.content {
            Content::Seq(items) => items.push(built),
            Content::Map { entries, merged, key } => match key.take() {
                Some((name, span)) if &*name == "<<" => merge(built, merged, span, self.builder),
                Some((name, span)) => entries.push((name, span, built)),
                None => *key = Some(key_of(&built)?),
            },
        }
        Ok(())
    }
}

fn key_of(built: &Built) -> Result<(Arc<str>, Span), Problem> {
    let span = built.node.span;
    match &built.node.kind {
        NodeKind::Scalar(s) => Ok((Arc::clone(&s.text), span)),
        NodeKind::Null => Ok(("null".into(), span)),
        NodeKind::Seq(_) | NodeKind::Map(_) => {
            Err(Problem { code: Code::YamlSyntax, message: "a key is not a string".to_owned(), span })
        }
    }
}

/// `<<: *a` or `<<: [*a, *b]`; the first one that has a key wins.
fn merge(built: Built, merged: &mut Vec<Built>, at: Span, builder: &mut Builder) {
    match &built.node.kind {
        NodeKind::Seq(items) => {
            let share = built.weight;
            merged.extend(items.iter().map(|n| Built {
                node: n.clone(),
                weight: share,
                height: built.height,
            }));
        }
        NodeKind::Map(_) => merged.push(built),
        NodeKind::Null | NodeKind::Scalar(_) => {
            let message = "`<<` merges maps, and this is none; what it may add is not judged";
            builder.diagnostics.push(Diagnostic::at(Code::BadBlock, Level::Warning, at, message));
        }
    }
}

/// From the start of a collection to its closing bracket or, in block style, to the end of its last element: the
/// parser says where the next thing begins.
fn extent(start: Span, end: Span, last: Option<Span>) -> Span {
    let inside = last.filter(|l| l.start >= start.start && l.end >= start.end);
    let end = if end.is_empty() { inside.unwrap_or(start).end } else { end.end };
    Span { end: end.max(start.start), ..start }
}
