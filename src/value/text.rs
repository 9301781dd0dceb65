//! Strings with holes, each run with its place.

use std::fmt;
use std::sync::Arc;

use unicode_normalization::{UnicodeNormalization as _, is_nfc};
use unicode_segmentation::UnicodeSegmentation as _;

use super::Unknown;
use crate::limits;
use crate::source::Span;

/// A part of a text that is not known.
#[derive(Debug, Clone, PartialEq)]
pub struct Hole {
    /// Byte offset in the known text at which the unknown part stands.
    pub at: usize,
    /// What is not known.
    pub unknown: Unknown,
}

/// Where a run of a text was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Segment {
    /// Byte offset of the run in the text.
    pub at: usize,
    /// Where it is written. When `exact`, byte n of the run is byte n of the span.
    pub span: Span,
    /// False when the source is not the same bytes (escapes, an interpolated value).
    pub exact: bool,
}

/// A string: known text, possibly with holes, each run with its place.
#[derive(Clone, Default, PartialEq)]
pub struct Text {
    text: Arc<str>,
    holes: Arc<[Hole]>,
    map: Arc<[Segment]>,
}

impl Text {
    /// A known text without a place of its own.
    pub fn new(text: impl Into<Arc<str>>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }

    /// A known text written at `span`; `exact` when the source bytes are the text itself.
    pub fn at(text: impl Into<Arc<str>>, span: Span, exact: bool) -> Self {
        Self { text: text.into(), map: [Segment { at: 0, span, exact }].into(), ..Self::default() }
    }

    /// A text of its parts: `holes` sorted by offset, `map` too.
    pub fn from_parts(text: impl Into<Arc<str>>, holes: Vec<Hole>, map: Vec<Segment>) -> Self {
        Self { text: text.into(), holes: holes.into(), map: map.into() }
    }

    /// A text that is one unknown part.
    pub fn hole(unknown: Unknown) -> Self {
        Self { holes: [Hole { at: 0, unknown }].into(), ..Self::default() }
    }

    /// The text when all of it is known.
    pub fn known(&self) -> Option<&str> {
        self.holes.is_empty().then_some(&*self.text)
    }

    /// The known text with the holes left out.
    pub fn visible(&self) -> &str {
        &self.text
    }

    /// The holes, by offset.
    pub fn holes(&self) -> &[Hole] {
        &self.holes
    }

    /// The known runs and the holes in order.
    pub fn pieces(&self) -> impl Iterator<Item = Result<&str, &Unknown>> {
        let mut out = Vec::new();
        let mut from = 0;
        for h in &*self.holes {
            if let Some(s) = self.text.get(from..h.at).filter(|s| !s.is_empty()) {
                out.push(Ok(s));
            }
            out.push(Err(&h.unknown));
            from = h.at;
        }
        if let Some(s) = self.text.get(from..).filter(|s| !s.is_empty()) {
            out.push(Ok(s));
        }
        out.into_iter()
    }

    /// The place of bytes `start..end` of the known text, as exactly as the source allows.
    pub fn span_of(&self, start: usize, end: usize) -> Option<Span> {
        let i = self.map.partition_point(|s| s.at <= start).checked_sub(1)?;
        let seg = self.map.get(i)?;
        if !seg.exact {
            return Some(seg.span);
        }
        let from = seg.span.start as usize + (start - seg.at);
        let first = Span::new(seg.span.source, from.min(seg.span.end as usize), seg.span.end as usize);
        let last = self.map.get(self.map.partition_point(|s| s.at < end).max(1) - 1)?;
        if last.span.source != seg.span.source {
            return Some(first);
        }
        let to = if last.exact { last.span.start as usize + (end - last.at) } else { last.span.end as usize };
        Some(Span::new(seg.span.source, first.start as usize, to.max(first.start as usize)))
    }

    /// Unknown parts and runs with places, which a text is made of besides its bytes.
    pub fn parts(&self) -> usize {
        self.holes.len() + self.map.len()
    }

    /// Appends another text. `None` when the result would be longer than [`limits::TEXT_BYTES`], or of too many parts.
    pub fn push(&mut self, other: &Self) -> Option<()> {
        *self = Self::concat([&*self, other])?;
        Some(())
    }

    /// One text of many. `None` when it would be longer than [`limits::TEXT_BYTES`], or of too many parts.
    pub fn concat<'a>(parts: impl IntoIterator<Item = &'a Self>) -> Option<Self> {
        let (mut text, mut holes, mut map) = (String::new(), Vec::new(), Vec::new());
        for p in parts {
            let base = text.len();
            if base + p.text.len() > limits::TEXT_BYTES
                || holes.len() + map.len() + p.parts() > limits::TEXT_PARTS
            {
                return None;
            }
            holes.extend(p.holes.iter().map(|h| Hole { at: base + h.at, unknown: h.unknown.clone() }));
            map.extend(p.map.iter().map(|s| Segment { at: base + s.at, ..*s }));
            text.push_str(&p.text);
        }
        Some(Self::from_parts(text, holes, map))
    }

    /// Bytes `start..end` of the known text with their places, and the holes that stand in or at the ends of
    /// that range. The range is cut to character boundaries and to the text.
    pub fn slice(&self, start: usize, end: usize) -> Self {
        let floor = |n: usize| (0..=n.min(self.text.len())).rev().find(|&i| self.text.is_char_boundary(i));
        let (start, end) = (floor(start).unwrap_or(0), floor(end).unwrap_or(0));
        let text = self.text.get(start..end).unwrap_or("");
        let inside = self.holes.partition_point(|h| h.at < start);
        let holes = self.holes.iter().skip(inside).take_while(|h| h.at <= end);
        let first = self.map.partition_point(|s| s.at <= start).saturating_sub(1);
        let runs = self.map.iter().skip(first).take_while(|s| s.at < end);
        let cut = |s: &Segment| {
            let skipped = start.saturating_sub(s.at);
            let from = if s.exact { s.span.start as usize + skipped } else { s.span.start as usize };
            let span = Span::new(s.span.source, from, s.span.end as usize);
            Segment { at: s.at.max(start) - start, span, exact: s.exact }
        };
        Self {
            text: text.into(),
            holes: holes.map(|h| Hole { at: h.at - start, unknown: h.unknown.clone() }).collect(),
            map: if text.is_empty() { Arc::default() } else { runs.map(cut).collect() },
        }
    }

    /// The text in Unicode's normal form C. What is composed has the place of all that it is composed of.
    pub fn normalized(self) -> Self {
        if self.text.is_ascii() || is_nfc(&self.text) {
            return self;
        }
        let (mut parts, mut from) = (Vec::new(), 0);
        for hole in &*self.holes {
            self.compose(from, hole.at, &mut parts);
            parts.push(Self::hole(hole.unknown.clone()));
            from = hole.at;
        }
        self.compose(from, self.text.len(), &mut parts);
        Self::concat(&parts).unwrap_or(self)
    }

    /// The known text between two holes, in parts. Nothing is composed of more than one cluster of characters.
    fn compose(&self, start: usize, end: usize, out: &mut Vec<Self>) {
        let known = |from: usize, to: usize| Self { holes: Arc::default(), ..self.slice(from, to) };
        let mut from = start;
        let clusters = self.text.get(start..end).unwrap_or("").grapheme_indices(true);
        for (at, cluster) in clusters.filter(|(_, cluster)| !is_nfc(cluster)) {
            let (at, to) = (start + at, start + at + cluster.len());
            let composed: String = cluster.nfc().collect();
            out.push(known(from, at));
            out.push(match self.span_of(at, to) {
                Some(span) => Self::at(composed, span, false),
                None => Self::new(composed),
            });
            from = to;
        }
        out.push(known(from, end));
    }

    /// The text with what `known` knows in place of holes. As it was when it would become too long.
    pub fn filled(&self, known: &dyn Fn(&Unknown) -> Option<Self>) -> Self {
        let mut parts = Vec::with_capacity(self.holes.len() * 2 + 1);
        let mut from = 0;
        for Hole { at, unknown } in &*self.holes {
            parts.push(Self { holes: Arc::default(), ..self.slice(from, *at) });
            parts.push(known(unknown).unwrap_or_else(|| Self::hole(unknown.clone())));
            from = *at;
        }
        parts.push(Self { holes: Arc::default(), ..self.slice(from, self.text.len()) });
        Self::concat(&parts).unwrap_or_else(|| self.clone())
    }

    /// The same text with another map of places.
    pub fn with_map(mut self, map: Vec<Segment>) -> Self {
        self.map = map.into();
        self
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("\"")?;
        for p in self.pieces() {
            match p {
                Ok(s) => f.write_str(s)?,
                Err(u) => write!(f, "{{{u:?}}}")?,
            }
        }
        f.write_str("\"")
    }
}
