//! Places as editors count them, from 0: lines, and bytes, UTF-16 units or characters in a line.

use std::ops::Range;

use gen_lsp_types::{self as lsp, Position, PositionEncodingKind};

/// What is counted in a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Encoding {
    /// Bytes.
    Utf8,
    /// Units of UTF-16: what every client can do.
    #[default]
    Utf16,
    /// Characters.
    Utf32,
}

impl Encoding {
    /// The one of a client's that costs least; UTF-16 when it says nothing.
    pub(super) fn choose(offered: &[PositionEncodingKind]) -> Self {
        let ours = [Self::Utf8, Self::Utf16, Self::Utf32];
        ours.into_iter().find(|e| offered.contains(&e.kind())).unwrap_or_default()
    }

    /// Its name in the protocol.
    pub(super) fn kind(self) -> PositionEncodingKind {
        match self {
            Self::Utf8 => PositionEncodingKind::UTF8,
            Self::Utf16 => PositionEncodingKind::UTF16,
            Self::Utf32 => PositionEncodingKind::UTF32,
        }
    }

    fn width(self, c: char) -> usize {
        match self {
            Self::Utf8 => c.len_utf8(),
            Self::Utf16 => c.len_utf16(),
            Self::Utf32 => 1,
        }
    }
}

/// The lines of a text.
#[derive(Debug)]
pub(super) struct Lines<T> {
    text: T,
    /// Where they start.
    starts: Vec<usize>,
    encoding: Encoding,
}

impl<T: AsRef<str>> Lines<T> {
    /// Finds them: a line ends with `\n`, `\r\n` or `\r`.
    pub(super) fn new(text: T, encoding: Encoding) -> Self {
        let bytes = text.as_ref().as_bytes();
        let ends = memchr::memchr2_iter(b'\n', b'\r', bytes)
            .filter(|&i| bytes.get(i) == Some(&b'\n') || bytes.get(i + 1) != Some(&b'\n'));
        let starts = std::iter::once(0).chain(ends.map(|i| i + 1)).collect();
        Self { text, starts, encoding }
    }

    /// The text.
    pub(super) fn text(&self) -> &str {
        self.text.as_ref()
    }

    /// Of a byte; one inside a character is before it.
    pub(super) fn position(&self, offset: usize) -> Position {
        let mut offset = offset.min(self.text().len());
        while !self.text().is_char_boundary(offset) {
            offset -= 1;
        }
        let line = self.starts.partition_point(|&s| s <= offset).saturating_sub(1);
        let start = self.starts.get(line).copied().unwrap_or(0);
        let before = self.text().get(start..offset).unwrap_or("");
        let units: usize = before.chars().map(|c| self.encoding.width(c)).sum();
        let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        Position { line: number(line), character: number(units) }
    }

    /// Of a range of bytes.
    pub(super) fn range(&self, bytes: Range<usize>) -> lsp::Range {
        lsp::Range { start: self.position(bytes.start), end: self.position(bytes.end) }
    }

    /// The byte at a position; the end of the line when it is not so long, of the text when there is no such line.
    pub(super) fn offset(&self, at: Position) -> usize {
        let line = at.line as usize;
        let Some(&start) = self.starts.get(line) else { return self.text().len() };
        let end = self.starts.get(line + 1).copied().unwrap_or(self.text().len());
        let line = self.text().get(start..end).unwrap_or("").trim_end_matches(['\n', '\r']);
        let mut left = at.character as usize;
        for (i, c) in line.char_indices() {
            match left.checked_sub(self.encoding.width(c)) {
                // A position inside a character is before it.
                None => return start + i,
                Some(_) if left == 0 => return start + i,
                Some(rest) => left = rest,
            }
        }
        start + line.len()
    }

    /// The bytes of a range.
    pub(super) fn bytes(&self, range: lsp::Range) -> Range<usize> {
        let (start, end) = (self.offset(range.start), self.offset(range.end));
        start..end.max(start)
    }
}

/// Where the bytes of a text are after it was changed in one place: what stands before and behind the change moves with
/// it, what stands in it becomes the change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Shift {
    /// Bytes at the start that are the same.
    before: usize,
    /// Where the end that is the same starts, in the old and in the new text.
    behind: (usize, usize),
}

impl Shift {
    /// From one text to another.
    pub(super) fn between(old: &str, new: &str) -> Self {
        let same = |pairs: &mut dyn Iterator<Item = (u8, u8)>| pairs.take_while(|(a, b)| a == b).count();
        let before = same(&mut old.bytes().zip(new.bytes()));
        let most = old.len().min(new.len()) - before;
        let end = same(&mut old.bytes().rev().zip(new.bytes().rev()).take(most));
        Self { before, behind: (old.len() - end, new.len() - end) }
    }

    /// Where a range of the old text is in the new one.
    pub(super) fn range(self, range: Range<usize>) -> Range<usize> {
        let (old, new) = self.behind;
        // What is put in before a place is not part of it.
        let start = match range.start {
            at if at >= old => at - old + new,
            at => at.min(self.before),
        };
        let end = match range.end {
            at if at <= self.before => at,
            at if at >= old => at - old + new,
            _ => new,
        };
        start..end.max(start)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_and_bytes_are_inverse() {
        let text = "a🔑é\r\nb\rc\n\n日本\r\n";
        for encoding in [Encoding::Utf8, Encoding::Utf16, Encoding::Utf32] {
            let lines = Lines::new(text, encoding);
            // Inside of a line break there is no position.
            for (at, _) in text
                .char_indices()
                .filter(|(i, _)| !text[..*i].ends_with('\r') || text[*i..].starts_with('c'))
            {
                assert_eq!(lines.offset(lines.position(at)), at, "{encoding:?} {at}");
            }
        }
        let column = |encoding| Lines::new(text, encoding).position("a🔑é".len()).character;
        assert_eq!((column(Encoding::Utf8), column(Encoding::Utf16), column(Encoding::Utf32)), (7, 4, 3));
        let lines = Lines::new(text, Encoding::Utf16);
        assert_eq!(lines.position(text.len()), Position { line: 5, character: 0 });
        assert_eq!(lines.position(text.find('c').unwrap()), Position { line: 2, character: 0 });
    }

    #[test]
    fn positions_that_are_nowhere_are_the_next_place() {
        let lines = Lines::new("a🔑\r\nb", Encoding::Utf16);
        let offset = |line, character| lines.offset(Position { line, character });
        assert_eq!((offset(0, 2), offset(0, 3), offset(0, 99)), (1, 5, 5));
        assert_eq!((offset(1, 0), offset(1, 9), offset(9, 0), offset(u32::MAX, u32::MAX)), (7, 8, 8, 8));
        assert_eq!(lines.position(3), Position { line: 0, character: 1 });
    }

    #[test]
    fn clients_choose_what_is_counted() {
        use PositionEncodingKind as K;
        assert_eq!(Encoding::choose(&[]), Encoding::Utf16);
        assert_eq!(Encoding::choose(&[K::UTF16, K::UTF8]), Encoding::Utf8);
        assert_eq!(Encoding::choose(&[K::UTF32, K::UTF16]), Encoding::Utf16);
        assert_eq!(Encoding::choose(&[K::UTF32]), Encoding::Utf32);
    }

    #[test]
    fn places_move_with_a_change() {
        let shift = Shift::between("one two three", "one twenty three");
        assert_eq!(shift.range(0..3), 0..3);
        assert_eq!(shift.range(8..13), 11..16);
        assert_eq!(shift.range(0..13), 0..16);
        assert_eq!(shift.range(6..7), 6..10);
        assert_eq!(Shift::between("one two", "one, two").range(3..7), 4..8);
        assert_eq!(Shift::between("one two", "one, two").range(0..3), 0..3);
        let gone = Shift::between("one two three", "");
        assert_eq!(gone.range(4..7), 0..0);
        let same = Shift::between("aaaa", "aa");
        assert_eq!((same.range(0..4), same.range(3..4)), (0..2, 2..2));
        assert_eq!(Shift::between("x", "x").range(0..1), 0..1);
    }
}
