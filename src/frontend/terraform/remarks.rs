//! Comments of a `.tf` file.

use super::index;
use crate::frontend::remarks::{Comment, Remark, of_comments};
use crate::source::Source;

/// The comments of a file, each with what it is about: the block, argument or element that begins there.
pub(crate) fn remarks(source: &Source, wanted: &dyn Fn(&str) -> bool) -> Vec<Remark> {
    let text = &**source.text();
    let comment = |range: std::ops::Range<usize>| {
        let marks = match text.get(range.start..range.start + 2) {
            Some("/*") => ("/*", "*/"),
            Some("//") => ("//", ""),
            _ => ("#", ""),
        };
        Comment { range, marks }
    };
    let comments: Vec<Comment> = index::comments(text).into_iter().map(comment).collect();
    let blocks = index::scan(text).blocks;
    let within = |at| blocks.iter().map(|b| b.span.clone()).find(|span| span.contains(&at));
    of_comments(source, &comments, wanted, |at| index::item_end(text, at), within)
}
