//! Splits a file into its top-level blocks without parsing them.
//!
//! Most blocks of a repository have nothing to do with IAM. This scanner finds where each block starts and
//! ends, knowing only strings, heredocs, comments and braces, so that only what is asked for is ever parsed,
//! and an error in one block loses that block alone.

#[cfg(test)]
mod tests;

use std::ops::Range;

/// One top-level block, by byte ranges.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RawBlock<'t> {
    /// Its type: `resource`, `variable`, …
    pub(crate) kind: &'t str,
    /// Its labels, without quotes.
    pub(crate) labels: Vec<&'t str>,
    /// From the type to the closing brace, inclusive.
    pub(crate) span: Range<usize>,
    /// From the type to before the opening brace.
    pub(crate) header: Range<usize>,
}

/// A place that is no block, and what is wrong there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Lost {
    /// The bytes that are not read.
    pub(crate) span: Range<usize>,
    /// What is wrong.
    pub(crate) message: &'static str,
}

/// The blocks of a file in order, and what could not be read as one.
#[derive(Debug, Default)]
pub(crate) struct Scan<'t> {
    pub(crate) blocks: Vec<RawBlock<'t>>,
    pub(crate) lost: Vec<Lost>,
}

/// Splits the text of a `.tf` file. A byte order mark and any line ends are accepted.
pub(crate) fn scan(text: &str) -> Scan<'_> {
    let mut s = Scanner { bytes: text.as_bytes(), pos: 0 };
    if text.starts_with('\u{feff}') {
        s.pos = 3;
    }
    let mut out = Scan::default();
    loop {
        s.skip_space(true);
        let Some(b) = s.peek() else { return out };
        let start = s.pos;
        if !is_ident(b) {
            s.skip_line();
            out.lost.push(Lost { span: start..s.pos, message: "a block or its type is expected here" });
            continue;
        }
        let kind = s.ident();
        match s.header() {
            Some(labels) => {
                let header = start..s.pos;
                if !s.balanced(Mode::Braces) {
                    // Whoever needs the block is told that it is not valid; the next ones are read.
                    s.pos = next_header(text, header.end);
                    out.lost.push(Lost {
                        span: header.clone(),
                        message: "the braces of this block do not match",
                    });
                }
                out.blocks.push(RawBlock { kind, labels, span: start..s.pos, header });
            }
            None => {
                s.skip_argument();
                out.lost.push(Lost { span: start..s.pos, message: "only blocks may stand here" });
            }
        }
    }
}

/// Types of top-level blocks.
const KINDS: &[&str] = &[
    "check",
    "data",
    "import",
    "locals",
    "module",
    "moved",
    "output",
    "provider",
    "removed",
    "resource",
    "terraform",
    "variable",
];

/// Where the next line starts that looks like the header of a top-level block; the end of the text without one.
fn next_header(text: &str, from: usize) -> usize {
    let rest = text.get(from..).unwrap_or("");
    let mut at = from;
    for line in rest.split_inclusive('\n') {
        let kind = line.split([' ', '\t', '{', '"']).next().unwrap_or("");
        if at > from && KINDS.contains(&kind) && line.trim_end().ends_with('{') {
            return at;
        }
        at += line.len();
    }
    text.len()
}

/// End of the element of an object or list that starts at `start`: before the comma or line break that ends it,
/// or before the bracket that closes what it stands in.
pub(crate) fn item_end(text: &str, start: usize) -> usize {
    let mut s = Scanner { bytes: text.as_bytes(), pos: start };
    s.skip_expression(true);
    s.pos
}

/// Start of the first element after `open`, the offset of the bracket that opens an object, or of the next
/// element after the end of one; `None` at the closing bracket.
pub(crate) fn next_item(text: &str, mut from: usize) -> Option<usize> {
    let mut s = Scanner { bytes: text.as_bytes(), pos: 0 };
    loop {
        s.pos = from;
        s.skip_space(true);
        match s.peek()? {
            b',' => from = s.pos + 1,
            b'}' | b']' => return None,
            _ => return Some(s.pos),
        }
    }
}

/// The comments of a text, those apart that stand in an interpolation.
pub(crate) fn comments(text: &str) -> Vec<Range<usize>> {
    let mut s = Scanner { bytes: text.as_bytes(), pos: 0 };
    let mut out = Vec::new();
    while let Some(b) = s.peek() {
        let start = s.pos;
        match b {
            b'"' => _ = s.balanced(Mode::Quote),
            b'#' | b'/' | b'<' => s.comment_or_heredoc(),
            _ => s.pos += 1,
        }
        let is_comment = b == b'#' || b == b'/' && matches!(s.bytes.get(start + 1), Some(b'/' | b'*'));
        if is_comment {
            out.push(start..s.pos.min(text.len()));
        }
    }
    out
}

/// Offset of the brace that opens the innermost braces around `at`.
pub(crate) fn enclosing_brace(text: &str, at: usize) -> Option<usize> {
    let mut s = Scanner { bytes: text.as_bytes(), pos: 0 };
    let mut open = Vec::new();
    while s.pos < at {
        match s.peek()? {
            b'{' => {
                open.push(s.pos);
                s.pos += 1;
            }
            b'}' => {
                open.pop();
                s.pos += 1;
            }
            b'"' => {
                let from = s.pos;
                s.balanced(Mode::Quote);
                if s.pos > at {
                    // It stands in an interpolation of this string: look inside.
                    s.pos = from + 1;
                }
            }
            b'#' | b'/' | b'<' => s.comment_or_heredoc(),
            _ => s.pos += 1,
        }
    }
    open.pop()
}

/// The later half of the arms of a conditional that goes on at `at`: from behind a `:` to where the expression ends.
/// `None` when it has few arms.
pub(crate) fn rest_of_conditional(text: &str, at: usize) -> Option<Range<usize>> {
    let mut s = Scanner { bytes: text.as_bytes(), pos: 0 };
    let mut open = vec![Bracket::default()];
    while s.pos < at {
        let b = s.peek()?;
        let top = open.last_mut()?;
        match b {
            b'"' if top.kind != b'"' => open.push(Bracket { kind: b'"', ..Bracket::default() }),
            b'"' => _ = open.pop(),
            b'\\' if top.kind == b'"' => s.pos += 1,
            b'$' | b'%' if s.at(1) == Some(b'{') => {
                open.push(Bracket { kind: b'$', ..Bracket::default() });
                s.pos += 1;
            }
            _ if top.kind == b'"' => {}
            b'(' | b'[' | b'{' => open.push(Bracket { kind: b, ..Bracket::default() }),
            b')' | b']' | b'}' => _ = open.pop(),
            b'?' => top.questions += 1,
            b':' if top.questions > 0 => {
                top.questions -= 1;
                top.arms.push(s.pos + 1);
            }
            b',' => top.arms.clear(),
            b'\n' if matches!(top.kind, 0 | b'{') => top.arms.clear(),
            b'#' | b'/' | b'<' => {
                s.comment_or_heredoc();
                continue;
            }
            _ => {}
        }
        s.pos += 1;
    }
    let long = open.into_iter().max_by_key(|o| o.arms.len()).filter(|o| o.arms.len() >= FEW_ARMS)?;
    s.pos = *long.arms.get(long.arms.len() / 2)?;
    let start = s.pos;
    s.skip_expression(matches!(long.kind, 0 | b'{'));
    let rest = text.get(start..s.pos)?;
    let (before, after) = (
        rest.len() - rest.trim_start().len(),
        rest.len() - rest.trim_end_matches(['~', ' ', '\n', '\r', '\t']).len(),
    );
    Some(start + before..s.pos - after)
}

/// Fewer arms of a conditional than these are not what makes an expression deep.
const FEW_ARMS: usize = 16;

/// A bracket that is open, with the places behind each `:` of the conditional that stands in it.
#[derive(Default)]
struct Bracket {
    /// The bracket, `"` for a string, `$` for a template in one, 0 for none.
    kind: u8,
    questions: usize,
    arms: Vec<usize>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    Braces,
    Quote,
}

/// Bytes that mean something between braces.
const IN_BRACES: [bool; 256] = table(b"\"{}#/<");
/// Bytes that mean something between quotes.
const IN_QUOTES: [bool; 256] = table(b"\"\\$%\n");

#[allow(clippy::indexing_slicing, reason = "worked out by the compiler")]
const fn table(bytes: &[u8]) -> [bool; 256] {
    let (mut out, mut i) = ([false; 256], 0);
    while i < bytes.len() {
        out[bytes[i] as usize] = true;
        i += 1;
    }
    out
}

/// Whether a byte is more than text or code there.
fn means(mode: Mode, b: u8) -> bool {
    let table = if mode == Mode::Quote { &IN_QUOTES } else { &IN_BRACES };
    table.get(usize::from(b)).copied().unwrap_or(false)
}

struct Scanner<'a> {
    bytes: &'a [u8],
    pos: usize,
}

fn is_ident(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b == b'_' || b == b'-' || b >= 0x80
}

impl<'a> Scanner<'a> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.pos).copied()
    }

    fn at(&self, ahead: usize) -> Option<u8> {
        self.bytes.get(self.pos + ahead).copied()
    }

    fn text(&self, range: Range<usize>) -> &'a str {
        self.bytes.get(range).and_then(|b| std::str::from_utf8(b).ok()).unwrap_or("")
    }

    fn ident(&mut self) -> &'a str {
        let start = self.pos;
        while self.peek().is_some_and(is_ident) {
            self.pos += 1;
        }
        self.text(start..self.pos)
    }

    fn skip_line(&mut self) {
        let rest = self.bytes.get(self.pos..).unwrap_or(&[]);
        self.pos = memchr::memchr(b'\n', rest).map_or(self.bytes.len(), |n| self.pos + n);
    }

    /// White space and comments; line breaks too when `lines`.
    fn skip_space(&mut self, lines: bool) {
        loop {
            match self.peek() {
                Some(b' ' | b'\t' | b'\r') => self.pos += 1,
                Some(b'\n') if lines => self.pos += 1,
                Some(b'#') => self.skip_line(),
                Some(b'/') if matches!(self.at(1), Some(b'/' | b'*')) => self.comment_or_heredoc(),
                _ => return,
            }
        }
    }

    /// The labels up to the opening brace, at which it stops. `None` when this is no block.
    fn header(&mut self) -> Option<Vec<&'a str>> {
        let mut labels = Vec::with_capacity(2);
        loop {
            self.skip_space(false);
            match self.peek()? {
                b'{' => return Some(labels),
                b'"' => {
                    let start = self.pos + 1;
                    self.balanced(Mode::Quote);
                    labels.push(self.text(start..self.pos.saturating_sub(1).max(start)));
                }
                b if is_ident(b) => labels.push(self.ident()),
                _ => return None,
            }
        }
    }

    /// The rest of an argument: to the end of the line on which its brackets are closed.
    fn skip_argument(&mut self) {
        while let Some(b) = self.peek() {
            match b {
                b'\n' => return,
                b'"' => _ = self.balanced(Mode::Quote),
                b'{' => _ = self.balanced(Mode::Braces),
                b'#' | b'/' | b'<' => self.comment_or_heredoc(),
                _ => self.pos += 1,
            }
        }
    }

    /// Goes to the comma, the bracket or, with `lines`, the line break that ends the expression it stands in.
    fn skip_expression(&mut self, lines: bool) {
        let mut round = 0usize;
        while let Some(b) = self.peek() {
            match b {
                b'"' => {
                    self.balanced(Mode::Quote);
                    continue;
                }
                b'{' => {
                    self.balanced(Mode::Braces);
                    continue;
                }
                b'(' | b'[' => round += 1,
                b')' | b']' | b'}' if round == 0 => return,
                b')' | b']' => round -= 1,
                b',' if round == 0 => return,
                b'\n' if lines && round == 0 => return,
                b'#' | b'/' | b'<' => {
                    self.comment_or_heredoc();
                    continue;
                }
                _ => {}
            }
            self.pos += 1;
        }
    }

    /// Goes past the quote or brace that closes the one it stands at. False when the text ends before.
    fn balanced(&mut self, first: Mode) -> bool {
        let mut open = vec![first];
        self.pos += 1;
        while let Some(&mode) = open.last() {
            let rest = self.bytes.get(self.pos..).unwrap_or(&[]);
            self.pos += rest.iter().position(|b| means(mode, *b)).unwrap_or(rest.len());
            let Some(b) = self.peek() else { return false };
            match (mode, b) {
                (Mode::Braces, b'"') => open.push(Mode::Quote),
                (Mode::Braces, b'{') => open.push(Mode::Braces),
                (Mode::Braces, b'}') | (Mode::Quote, b'"') => _ = open.pop(),
                (Mode::Braces, b'#' | b'/' | b'<') => {
                    self.comment_or_heredoc();
                    continue;
                }
                (Mode::Quote, b'\\') => self.pos += 1,
                (Mode::Quote, b'$' | b'%') if self.at(1) == Some(b'{') => {
                    open.push(Mode::Braces);
                    self.pos += 1;
                }
                // `$${` is a literal `${`.
                (Mode::Quote, b'$' | b'%') if self.at(1) == Some(b) && self.at(2) == Some(b'{') => {
                    self.pos += 2;
                }
                // A quoted string ends on its line: it was never closed. The parser says so, if the block is
                // needed; what follows is not lost.
                (Mode::Quote, b'\n') => {
                    open.pop();
                    continue;
                }
                (Mode::Braces | Mode::Quote, _) => {}
            }
            self.pos += 1;
        }
        true
    }

    /// Goes past the comment or heredoc that starts here, or past one byte when none does.
    fn comment_or_heredoc(&mut self) {
        match (self.peek(), self.at(1)) {
            (Some(b'#'), _) | (Some(b'/'), Some(b'/')) => self.skip_line(),
            (Some(b'/'), Some(b'*')) => {
                let rest = self.bytes.get(self.pos + 2..).unwrap_or(&[]);
                self.pos = memchr::memmem::find(rest, b"*/").map_or(self.bytes.len(), |n| self.pos + n + 4);
            }
            (Some(b'<'), Some(b'<')) => self.heredoc(),
            _ => self.pos += 1,
        }
    }

    fn heredoc(&mut self) {
        self.pos += 2;
        if self.peek() == Some(b'-') {
            self.pos += 1;
        }
        let tag = self.ident();
        let body = self.pos;
        if tag.is_empty() {
            return;
        }
        self.skip_line();
        while self.peek().is_some() {
            self.pos += 1;
            let line = self.pos;
            self.skip_line();
            if self.text(line..self.pos).trim() == tag {
                return;
            }
        }
        self.pos = body;
    }
}
