//! Where things are written: files, byte spans, and lines and columns.
//!
//! Everything inside the tool speaks in [`Span`]s (byte ranges of a source). Lines and columns exist only
//! here, and only when something is shown.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

/// Number of a source in its [`SourceMap`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SourceId(u32);

/// A byte range `start..end` of one source. Twelve bytes, `Copy`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Span {
    /// The source.
    pub source: SourceId,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// The span of bytes `start..end` of `source`. Offsets past `u32::MAX` are cut to it (files that large are
    /// never read, see [`crate::limits::FILE_BYTES`]).
    pub fn new(source: SourceId, start: usize, end: usize) -> Self {
        let cut = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        Self { source, start: cut(start), end: cut(end.max(start)) }
    }

    /// The smallest span that holds both, or `self` when they are in different sources.
    pub fn to(self, other: Self) -> Self {
        if self.source == other.source {
            Self { source: self.source, start: self.start.min(other.start), end: self.end.max(other.end) }
        } else {
            self
        }
    }

    /// Length in bytes.
    pub fn len(self) -> usize {
        (self.end - self.start) as usize
    }

    /// True for a span of no bytes.
    pub fn is_empty(self) -> bool {
        self.start == self.end
    }
}

/// A place as people read it. Lines and columns start at 1; columns count Unicode scalar values; the end is
/// one past the last character.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Location {
    /// Path as it is shown: relative to the working directory, with `/`.
    pub path: Arc<str>,
    /// Line of the first character.
    pub line: u32,
    /// Column of the first character.
    pub column: u32,
    /// Line of the end.
    pub end_line: u32,
    /// Column of the end.
    pub end_column: u32,
}

impl fmt::Display for Location {
    /// Path, line and column of the first character: `iam/main.tf:12:3`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.path, self.line, self.column)
    }
}

/// One text that was read.
#[derive(Debug)]
pub struct Source {
    id: SourceId,
    path: PathBuf,
    shown: Arc<str>,
    text: Arc<str>,
    lines: OnceLock<Vec<u32>>,
    /// Characters before each multiple of [`STEP`] bytes: a file may be one line.
    chars: OnceLock<Vec<u32>>,
    /// The place of the user's text that all of this one is shown as.
    shown_as: Option<Span>,
    /// Byte ranges that are never shown, the end by the start; they do not overlap.
    secrets: RwLock<BTreeMap<usize, usize>>,
}

/// Bytes between two places whose characters are counted.
const STEP: usize = 1024;

impl Source {
    /// Its number.
    pub fn id(&self) -> SourceId {
        self.id
    }

    /// The path it was read from.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The path as it is shown, with `/`.
    pub fn shown(&self) -> &Arc<str> {
        &self.shown
    }

    /// The text.
    pub fn text(&self) -> &Arc<str> {
        &self.text
    }

    /// The whole text as a span.
    pub fn span(&self) -> Span {
        Span::new(self.id, 0, self.text.len())
    }

    /// The text of a span of this source, cut to character boundaries; empty when out of range.
    pub fn slice(&self, span: Span) -> &str {
        self.text.get(span.start as usize..span.end as usize).unwrap_or("")
    }

    fn line_starts(&self) -> &[u32] {
        self.lines.get_or_init(|| {
            let mut starts = vec![0];
            starts.extend(memchr::memchr_iter(b'\n', self.text.as_bytes()).map(|i| i as u32 + 1));
            starts
        })
    }

    /// Line and column (both from 1) of a byte offset.
    pub fn line_column(&self, offset: u32) -> (u32, u32) {
        let starts = self.line_starts();
        let line = starts.partition_point(|&s| s <= offset).max(1);
        let start = starts.get(line - 1).copied().unwrap_or(0) as usize;
        let column = self.chars(start..(offset as usize).max(start));
        (line as u32, column as u32 + 1)
    }

    /// How many characters start in a byte range. Takes the same time wherever it is.
    pub fn chars(&self, range: Range<usize>) -> usize {
        self.chars_before(range.end).saturating_sub(self.chars_before(range.start))
    }

    fn chars_before(&self, offset: usize) -> usize {
        let bytes = self.text.as_bytes();
        let starts = |b: &[u8]| b.iter().filter(|b| (**b as i8) >= -0x40).count();
        let counted = self.chars.get_or_init(|| {
            let mut sum = 0;
            let mut out = vec![0];
            out.extend(bytes.chunks(STEP).map(|chunk| {
                sum += starts(chunk) as u32;
                sum
            }));
            out
        });
        let offset = offset.min(bytes.len());
        let step = offset / STEP;
        let rest = bytes.get(step * STEP..offset).unwrap_or(&[]);
        // A character that starts before the offset and goes on behind it is not before it.
        let split = usize::from(!self.text.is_char_boundary(offset));
        (counted.get(step).copied().unwrap_or(0) as usize + starts(rest)).saturating_sub(split)
    }

    /// A byte range as it may be shown: the characters of secrets replaced by as many `*`.
    pub fn shown_text(&self, range: Range<usize>) -> String {
        let text = self.text.get(range.clone()).unwrap_or("");
        let secrets = self.secrets.read().unwrap_or_else(PoisonError::into_inner);
        let before = secrets.range(..=range.start).next_back();
        let mut next = before.into_iter().chain(secrets.range(range.start + 1..range.end)).peekable();
        let mut until = 0;
        let mut hidden = |at: usize| {
            while let Some((_, &end)) = next.next_if(|(start, _)| **start <= at) {
                until = until.max(end);
            }
            at < until
        };
        text.char_indices().map(|(i, c)| if hidden(range.start + i) { '*' } else { c }).collect()
    }

    /// Byte range of a line (from 1), without its line break.
    pub fn line_range(&self, line: u32) -> Range<usize> {
        let starts = self.line_starts();
        let i = (line.max(1) - 1) as usize;
        let start = starts.get(i).map_or(self.text.len(), |&s| s as usize);
        let end = starts.get(i + 1).map_or(self.text.len(), |&s| s as usize - 1);
        start..end.max(start)
    }
}

/// All sources of a run. Shared between threads; a source never changes once it is in.
#[derive(Debug, Default)]
pub struct SourceMap {
    sources: RwLock<Vec<Option<Arc<Source>>>>,
}

impl SourceMap {
    /// An empty map.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a text and gives it a number. `path` is where it was read, `shown` what people see.
    pub fn add(&self, path: impl Into<PathBuf>, shown: &str, text: impl Into<Arc<str>>) -> Arc<Source> {
        self.insert(path.into(), shown, text.into(), None)
    }

    /// Adds a text that no user ever saw. Everything in it is shown as `place`: what called for it.
    pub fn add_for(&self, place: Span, name: &str, text: impl Into<Arc<str>>) -> Arc<Source> {
        self.insert(name.into(), name, text.into(), Some(place))
    }

    fn insert(&self, path: PathBuf, shown: &str, text: Arc<str>, shown_as: Option<Span>) -> Arc<Source> {
        let mut sources = self.sources.write().unwrap_or_else(PoisonError::into_inner);
        let id = SourceId(u32::try_from(sources.len()).unwrap_or(u32::MAX));
        let source = Arc::new(Source {
            id,
            path,
            shown: shown.replace('\\', "/").into(),
            text,
            lines: OnceLock::new(),
            chars: OnceLock::new(),
            shown_as,
            secrets: RwLock::default(),
        });
        sources.push(Some(Arc::clone(&source)));
        source
    }

    /// The source with this number, if this map gave it out and has not let it go.
    pub fn get(&self, id: SourceId) -> Option<Arc<Source>> {
        let sources = self.sources.read().unwrap_or_else(PoisonError::into_inner);
        sources.get(id.0 as usize).cloned().flatten()
    }

    /// All sources, in the order in which they were added.
    pub fn all(&self) -> Vec<Arc<Source>> {
        self.sources.read().unwrap_or_else(PoisonError::into_inner).iter().flatten().cloned().collect()
    }

    /// Lets go of a source into which nothing that is shown points.
    pub fn forget(&self, id: SourceId) {
        let mut sources = self.sources.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(source) = sources.get_mut(id.0 as usize) {
            *source = None;
        }
    }

    /// Keeps the bytes of a span out of everything that shows lines: they are a secret.
    pub fn hide(&self, span: Span) {
        // In a text that is shown as another place nobody can tell where the secret stands there.
        let span = self.shown_as(span);
        if let Some(source) = self.get(span.source) {
            let mut secrets = source.secrets.write().unwrap_or_else(PoisonError::into_inner);
            let (mut start, mut end) = (span.start as usize, span.end as usize);
            // One that it touches becomes part of it.
            while let Some((&s, &e)) = secrets.range(..=end).next_back().filter(|(_, e)| **e >= start) {
                secrets.remove(&s);
                (start, end) = (start.min(s), end.max(e));
            }
            secrets.insert(start, end);
        }
    }

    /// The text of a span.
    pub fn slice(&self, span: Span) -> String {
        self.get(span.source).map(|s| s.slice(span).to_owned()).unwrap_or_default()
    }

    /// The place that a span is shown as: itself, unless it is in a text that no user ever saw.
    pub fn shown_as(&self, span: Span) -> Span {
        self.get(span.source).and_then(|s| s.shown_as).unwrap_or(span)
    }

    /// Path, lines and columns of a span, as it is shown.
    pub fn locate(&self, span: Span) -> Option<Location> {
        let span = self.shown_as(span);
        let source = self.get(span.source)?;
        let (line, column) = source.line_column(span.start);
        let (end_line, end_column) = source.line_column(span.end);
        Some(Location { path: Arc::clone(source.shown()), line, column, end_line, end_column })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters_wherever_they_are() {
        let text: String = (0..5000).map(|i| ['a', 'é', '日', '🔑'][i % 4]).collect();
        let text = format!("x\n{text}\n{text}");
        let sources = SourceMap::new();
        let source = sources.add("a", "a", text.as_str());
        for offset in 0..=text.len() {
            let mut end = offset;
            while !text.is_char_boundary(end) {
                end -= 1;
            }
            let before = &text[..end];
            let line = before.matches('\n').count() + 1;
            let column = before.rsplit('\n').next().unwrap().chars().count() + 1;
            assert_eq!(source.line_column(offset as u32), (line as u32, column as u32), "{offset}");
        }
    }

    #[test]
    fn secrets_are_hidden_however_they_overlap() {
        let sources = SourceMap::new();
        let source = sources.add("a", "a", "0123456789abcdef");
        for (start, end) in [(4, 6), (10, 12), (5, 8), (3, 4), (12, 13), (0, 1), (11, 12)] {
            sources.hide(Span::new(source.id(), start, end));
        }
        assert_eq!(source.shown_text(0..16), "*12*****89***def");
        assert_eq!(source.shown_text(6..11), "**89*");
        assert_eq!(source.shown_text(8..10), "89");
    }
}
