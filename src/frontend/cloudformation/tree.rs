//! One tree for YAML and JSON: every scalar keeps its text as written, every key and value its place.
//!
//! Nodes share their children, so an alias costs a pointer; what it *stands for* is counted all the same, which
//! is what stops documents that grow when they are read.

use std::collections::HashMap;
use std::sync::Arc;

use super::places::{self, Style};
use crate::diagnostic::{Code, Diagnostic, Level};
use crate::limits;
use crate::source::{Source, Span};
use crate::value::Text;

/// A node with its place.
#[derive(Debug, Clone)]
pub(super) struct Node {
    pub(super) kind: NodeKind,
    pub(super) span: Span,
}

/// What a node is.
#[derive(Debug, Clone)]
pub(super) enum NodeKind {
    Null,
    Scalar(Scalar),
    Seq(Arc<Vec<Node>>),
    Map(Arc<Vec<Pair>>),
}

/// A scalar. CloudFormation treats numbers, booleans and dates as the text they are written with.
#[derive(Debug, Clone)]
pub(super) struct Scalar {
    pub(super) text: Arc<str>,
    /// Place of the text without its quotes.
    pub(super) body: Span,
    pub(super) style: Style,
}

/// One entry of a map.
#[derive(Debug, Clone)]
pub(super) struct Pair {
    pub(super) key: Arc<str>,
    pub(super) key_span: Span,
    pub(super) value: Node,
}

impl Pair {
    /// From the key to the end of the value.
    pub(super) fn span(&self) -> Span {
        let (key, value) = (self.key_span, self.value.span);
        if value.source == key.source && value.start >= key.start { key.to(value) } else { key }
    }
}

impl Node {
    /// The text of a scalar.
    pub(super) fn text(&self) -> Option<&str> {
        match &self.kind {
            NodeKind::Scalar(s) => Some(&s.text),
            NodeKind::Null | NodeKind::Seq(_) | NodeKind::Map(_) => None,
        }
    }

    /// The elements of a sequence.
    pub(super) fn items(&self) -> Option<&[Self]> {
        match &self.kind {
            NodeKind::Seq(s) => Some(s),
            NodeKind::Null | NodeKind::Scalar(_) | NodeKind::Map(_) => None,
        }
    }

    /// The entries of a map.
    pub(super) fn pairs(&self) -> Option<&[Pair]> {
        match &self.kind {
            NodeKind::Map(m) => Some(m),
            NodeKind::Null | NodeKind::Scalar(_) | NodeKind::Seq(_) => None,
        }
    }

    /// The entry of a map with this key.
    pub(super) fn pair(&self, key: &str) -> Option<&Pair> {
        self.pairs()?.iter().find(|p| &*p.key == key)
    }

    /// The value of this key of a map.
    pub(super) fn get(&self, key: &str) -> Option<&Self> {
        self.pair(key).map(|p| &p.value)
    }

    /// The map with another value under this key.
    pub(super) fn with(&self, key: &str, value: Self) -> Self {
        let pairs = self.pairs().unwrap_or_default().iter();
        let pairs = pairs
            .map(|p| if &*p.key == key { Pair { value: value.clone(), ..p.clone() } } else { p.clone() });
        Self { kind: NodeKind::Map(Arc::new(pairs.collect())), span: self.span }
    }

    /// The only entry of a map with one entry.
    pub(super) fn only(&self) -> Option<&Pair> {
        match self.pairs()? {
            [pair] => Some(pair),
            _ => None,
        }
    }
}

impl Scalar {
    /// The text with the places of its runs in `source`.
    pub(super) fn placed(&self, source: &Source) -> Text {
        let map = places::segments(&self.text, source.slice(self.body), self.body, self.style);
        Text::new(Arc::clone(&self.text)).with_map(map)
    }
}

/// Why there is no tree.
#[derive(Debug)]
pub(super) struct Problem {
    pub(super) code: Code,
    pub(super) message: String,
    pub(super) span: Span,
}

/// A node under construction, with what it costs when it is walked.
#[derive(Debug, Clone)]
pub(super) struct Built {
    pub(super) node: Node,
    /// Nodes that it stands for, aliases counted every time.
    pub(super) weight: usize,
    /// Levels of nesting.
    pub(super) height: usize,
}

/// Puts nodes together and holds the limits; shared by the YAML and the JSON reader.
#[derive(Debug, Default)]
pub(super) struct Builder {
    pub(super) diagnostics: Vec<Diagnostic>,
}

impl Builder {
    /// A leaf.
    pub(super) fn leaf(kind: NodeKind, span: Span) -> Built {
        Built { node: Node { kind, span }, weight: 1, height: 1 }
    }

    /// A sequence.
    pub(super) fn seq(&self, items: Vec<Built>, span: Span) -> Result<Built, Problem> {
        let (weight, height) = bounded(items.iter(), span)?;
        let items = items.into_iter().map(|b| b.node).collect();
        Ok(Built { node: Node { kind: NodeKind::Seq(Arc::new(items)), span }, weight, height })
    }

    /// A map of its own entries and, after them, those of merged maps (`<<`), which never replace an entry.
    pub(super) fn map(
        &mut self,
        entries: Vec<(Arc<str>, Span, Built)>,
        merged: Vec<Built>,
        span: Span,
    ) -> Result<Built, Problem> {
        let (weight, height) = bounded(entries.iter().map(|(_, _, b)| b).chain(&merged), span)?;
        let mut index: HashMap<Arc<str>, usize> = HashMap::with_capacity(entries.len());
        let mut pairs: Vec<Pair> = Vec::with_capacity(entries.len());
        for (key, key_span, built) in entries {
            let pair = Pair { key: Arc::clone(&key), key_span, value: built.node };
            let twice = index.get(&key).and_then(|&i| pairs.get_mut(i));
            match twice {
                Some(earlier) => {
                    self.diagnostics.push(Diagnostic::at(
                        Code::BadBlock,
                        Level::Warning,
                        key_span,
                        format!(
                            "`{key}` is declared twice in one map; only the last one counts, remove the other"
                        ),
                    ));
                    *earlier = pair;
                }
                None => {
                    index.insert(key, pairs.len());
                    pairs.push(pair);
                }
            }
        }
        for pair in merged.iter().filter_map(|b| b.node.pairs()).flatten() {
            if !index.contains_key(&pair.key) {
                index.insert(Arc::clone(&pair.key), pairs.len());
                pairs.push(pair.clone());
            }
        }
        Ok(Built { node: Node { kind: NodeKind::Map(Arc::new(pairs)), span }, weight, height })
    }

    /// The map of one entry that the short form `!Tag value` stands for.
    pub(super) fn wrap(&self, key: &str, key_span: Span, value: Built) -> Result<Built, Problem> {
        let span = key_span.to(value.node.span);
        let (weight, height) = bounded([&value].into_iter(), span)?;
        let pair = Pair { key: key.into(), key_span, value: value.node };
        Ok(Built { node: Node { kind: NodeKind::Map(Arc::new(vec![pair])), span }, weight, height })
    }
}

fn bounded<'a>(children: impl Iterator<Item = &'a Built>, span: Span) -> Result<(usize, usize), Problem> {
    let limit = |message: String| Problem { code: Code::Limit, message, span };
    let (mut weight, mut height) = (1usize, 1usize);
    for b in children {
        weight = weight.saturating_add(b.weight);
        height = height.max(b.height + 1);
    }
    if weight > limits::NODES {
        return Err(limit(format!(
            "the template stands for more than {} nodes and was not read; expand its aliases less",
            limits::NODES
        )));
    }
    if height > limits::TEMPLATE_DEPTH {
        return Err(limit(format!(
            "the template nests more than {} levels deep and was not read",
            limits::TEMPLATE_DEPTH
        )));
    }
    Ok((weight, height))
}
