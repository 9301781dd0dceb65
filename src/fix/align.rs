//! Columns of HCL: the `=` of arguments on adjacent lines, and the comments behind them, stand below each other. Where they did
//! before an edit they do after it.
//!
//! Follows "Style Conventions" of the Terraform documentation, and what `terraform fmt` makes of lines: an argument
//! whose value goes on below takes no part, and neither does what stands in a text.

use std::ops::Range;

use super::Edit;
use super::patch::rewritten;
use crate::source::Span;

/// A line, taken apart. Offsets are bytes of the text.
struct Line {
    /// Where the key ends.
    key: Option<usize>,
    /// Where the `=` stands.
    equals: Option<usize>,
    /// Where the code in front of a comment ends, and where the comment begins.
    comment: Option<(usize, usize)>,
    start: usize,
}

/// Adds to the edits of a text what keeps its columns.
pub(super) fn align(text: &str, edits: Vec<Edit>) -> Option<Vec<Edit>> {
    let after = rewritten(text, &edits)?;
    let (old, new) = (lines(text), lines(&after));
    let (mut touched_old, mut touched) = (Vec::new(), Vec::new());
    let mut moved = 0isize;
    for edit in &edits {
        let at = edit.span.start as usize;
        let start = at.checked_add_signed(moved)?;
        touched_old.push(at..edit.span.end as usize);
        touched.push(start..start + edit.text.len());
        moved += edit.text.len() as isize - edit.span.len() as isize;
    }
    let was_straight = columns(text, &old, &touched_old).is_empty();
    let mut edits = edits;
    if was_straight {
        for (gap, width) in columns(&after, &new, &touched) {
            put(&mut edits, gap, width)?;
        }
    }
    Some(edits)
}

/// Puts a gap of the new text into the edits that make it.
fn put(edits: &mut Vec<Edit>, gap: Range<usize>, width: usize) -> Option<()> {
    let spaces = " ".repeat(width);
    let source = edits.first()?.span.source;
    let mut moved = 0isize;
    for edit in edits.iter_mut() {
        let start = (edit.span.start as usize).checked_add_signed(moved)?;
        let end = start + edit.text.len();
        if gap.end < start {
            break;
        }
        if gap.start <= end && gap.end >= start && !edit.text.is_empty() {
            // The gap touches what the edit writes: it is written with it.
            let (from, to) = (gap.start.max(start) - start, gap.end.min(end) - start);
            let (left, right) = (start.saturating_sub(gap.start), gap.end.saturating_sub(end));
            edit.text.replace_range(from..to, &spaces);
            edit.span = Span::new(
                source,
                (edit.span.start as usize).checked_sub(left)?,
                edit.span.end as usize + right,
            );
            return Some(());
        }
        moved += edit.text.len() as isize - edit.span.len() as isize;
    }
    let at = |n: usize| n.checked_add_signed(-moved);
    edits.push(Edit { span: Span::new(source, at(gap.start)?, at(gap.end)?), text: spaces });
    edits.sort_by_key(|e| (e.span.start, e.span.end));
    Some(())
}

/// The gaps near these places that are not as wide as they should be, from the last to the first.
fn columns(text: &str, lines: &[Line], places: &[Range<usize>]) -> Vec<(Range<usize>, usize)> {
    let mut out = Vec::new();
    let near: Vec<usize> = places
        .iter()
        .flat_map(|p| {
            let line = |at: usize| lines.partition_point(|l| l.start <= at).saturating_sub(1);
            line(p.start).saturating_sub(1)..=line(p.end) + 1
        })
        .collect();
    let is_near = |range: &Range<usize>| near.iter().any(|n| range.contains(n));
    for run in runs(lines, |l| l.equals.is_some()).filter(is_near) {
        let of = |n: usize| lines.get(n).and_then(|l| Some((l.start, l.key?, l.equals?)));
        let widest =
            run.clone().filter_map(of).map(|(start, key, _)| width(text, start..key)).max().unwrap_or(0);
        out.extend(run.filter_map(of).filter_map(|(start, key, equals)| {
            let wanted = widest - width(text, start..key) + 1;
            (equals - key != wanted).then_some((key..equals, wanted))
        }));
    }
    for run in runs(lines, |l| l.comment.is_some()).filter(is_near) {
        let of = |n: usize| lines.get(n).and_then(|l| Some((l, l.comment?)));
        // What the columns of `=` add to a line counts.
        let grown = |l: &Line| {
            let gap = l.key.zip(l.equals);
            let found = gap.and_then(|(k, e)| out.iter().find(|(g, _)| *g == (k..e)));
            found.map_or(0, |(g, wanted)| *wanted as isize - g.len() as isize)
        };
        let full = |l: &Line, end: usize| width(text, l.start..end).saturating_add_signed(grown(l));
        let widest = run.clone().filter_map(of).map(|(l, (end, _))| full(l, end)).max().unwrap_or(0);
        let comments: Vec<_> = run
            .filter_map(of)
            .filter_map(|(l, (end, comment))| {
                let wanted = widest - full(l, end) + 1;
                (comment - end != wanted).then_some((end..comment, wanted))
            })
            .collect();
        out.extend(comments);
    }
    out.sort_by_key(|(gap, _)| std::cmp::Reverse(gap.start));
    out
}

/// Runs of adjacent lines.
fn runs<'l>(
    lines: &'l [Line],
    takes: impl Fn(&Line) -> bool + 'l,
) -> impl Iterator<Item = Range<usize>> + 'l {
    let mut at = 0;
    std::iter::from_fn(move || {
        let rest = lines.get(at..)?;
        let start = at + rest.iter().position(&takes)?;
        let count = lines.get(start..)?.iter().take_while(|l| takes(l)).count();
        at = start + count;
        Some(start..at)
    })
}

fn width(text: &str, range: Range<usize>) -> usize {
    use unicode_segmentation::UnicodeSegmentation as _;
    text.get(range).map_or(0, |t| t.graphemes(true).count())
}

/// What a scanner is in the middle of.
#[derive(Clone, PartialEq)]
enum Inside {
    Code,
    /// A text of several lines, up to this word.
    Heredoc(String),
    Comment,
}

fn lines(text: &str) -> Vec<Line> {
    let (mut out, mut inside, mut start) = (Vec::new(), Inside::Code, 0);
    for full in text.split_inclusive('\n') {
        let line = full.trim_end_matches(['\n', '\r']);
        out.push(match &inside {
            Inside::Heredoc(word) => {
                if line.trim() == word {
                    inside = Inside::Code;
                }
                Line { key: None, equals: None, comment: None, start }
            }
            Inside::Comment => {
                if line.contains("*/") {
                    inside = Inside::Code;
                }
                Line { key: None, equals: None, comment: None, start }
            }
            Inside::Code => {
                let (line, next) = of_code(line, start);
                inside = next;
                line
            }
        });
        start += full.len();
    }
    out
}

fn of_code(line: &str, start: usize) -> (Line, Inside) {
    let (mut next, mut quoted, mut depth) = (Inside::Code, false, 0i32);
    // How deep the code was around each interpolation that is open.
    let mut interpolated: Vec<i32> = Vec::new();
    let (mut equals, mut comment) = (None, None);
    let bytes = line.as_bytes();
    let at = |i: usize| bytes.get(i).copied().unwrap_or(0);
    let mut i = 0;
    while i < bytes.len() {
        match (at(i), at(i + 1)) {
            (b'\\', _) if quoted => i += 1,
            (b'$' | b'%', b'{') if quoted => {
                interpolated.push(depth);
                quoted = false;
                i += 1;
            }
            (b'}', _) if !quoted && interpolated.last() == Some(&depth) => {
                interpolated.pop();
                quoted = true;
            }
            (b'"', _) => quoted = !quoted,
            _ if quoted => {}
            (b'#', _) | (b'/', b'/') => {
                comment = Some(i);
                break;
            }
            (b'/', b'*') => match line.get(i + 2..).and_then(|l| l.find("*/")) {
                Some(end) => i += end + 3,
                None => {
                    next = Inside::Comment;
                    break;
                }
            },
            (b'<', b'<') => {
                let word = line.get(i + 2..).unwrap_or("").trim_start_matches('-').trim();
                next = Inside::Heredoc(word.to_owned());
                break;
            }
            (b'{' | b'[' | b'(', _) => depth += 1,
            (b'}' | b']' | b')', _) => depth -= 1,
            (b'=', b'=' | b'>') => i += 1,
            (b'=', _) if equals.is_none() && i > 0 && !matches!(at(i - 1), b'!' | b'<' | b'>' | b'=') => {
                equals = Some((i, depth));
            }
            _ => {}
        }
        i += 1;
    }
    // The value has to end on the line.
    let equals = equals.filter(|(_, before)| depth == *before).map(|(i, _)| i);
    let end = |i: usize| line.get(..i).map_or(0, |l| l.trim_end().len());
    let key = equals.map(end).filter(|k| *k > 0);
    let comment = comment.map(|i| (end(i), i)).filter(|(e, _)| *e > 0);
    let line = Line {
        key: key.map(|k| start + k),
        equals: equals.filter(|_| key.is_some()).map(|i| start + i),
        comment: comment.map(|(e, i)| (start + e, start + i)),
        start,
    };
    (line, next)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::SourceMap;

    /// The text after `new` is written for `old`, with its columns.
    fn replaced(text: &str, old: &str, new: &str) -> String {
        let sources = SourceMap::new();
        let source = sources.add("a.tf", "a.tf", text);
        let start = text.find(old).unwrap();
        let span = Span::new(source.id(), start, start + old.len());
        let edits = align(text, vec![Edit { span, text: new.to_owned() }]).unwrap();
        rewritten(text, &edits).unwrap()
    }

    #[test]
    fn columns_that_were_straight_stay_straight() {
        for (text, old, new, wanted) in [
            // A longer key, a shorter one, one that goes on below.
            (
                "  a  = 1\n  bb = { x = \"}\" } # c\n",
                "bb",
                "bbbb",
                "  a    = 1\n  bbbb = { x = \"}\" } # c\n",
            ),
            ("  a    = 1\r\n  bbbb = 2\r\n", "bbbb", "bb", "  a  = 1\r\n  bb = 2\r\n"),
            ("  a    = 1\n  bbbb = [2]\n", "[2]", "[\n    2\n  ]", "  a = 1\n  bbbb = [\n    2\n  ]\n"),
            // Comments.
            ("  a = [1] # x\n  b = 2   # y\n", "[1]", "[100]", "  a = [100] # x\n  b = 2     # y\n"),
            // Of other lines, of texts, of what was crooked before.
            ("  a = 1\n\n  bb = 2\n", "bb", "bbbb", "  a = 1\n\n  bbbb = 2\n"),
            (
                "  t = <<EOF\n  a = 1\n  bb = 2\nEOF\n",
                "bb",
                "bbbb",
                "  t = <<EOF\n  a = 1\n  bbbb = 2\nEOF\n",
            ),
            ("  a = 1\n  bb = 2\n", "bb", "bbbb", "  a = 1\n  bbbb = 2\n"),
            ("  é  = \"${x[\"=\"]}\"\n  bb = y == z\n", "bb", "b", "  é = \"${x[\"=\"]}\"\n  b = y == z\n"),
        ] {
            assert_eq!(replaced(text, old, new), wanted, "{text}");
        }
    }
}
