//! Edits put into texts.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use super::page::range;
use super::{Edit, align};
use crate::source::{SourceId, SourceMap};

/// The texts that edits make, by the path of the file. Nothing when edits overlap, or are in a text that is in no file.
pub(super) fn apply(edits: &[Edit], sources: &SourceMap) -> Option<BTreeMap<PathBuf, Arc<str>>> {
    let mut by_source: BTreeMap<SourceId, Vec<Edit>> = BTreeMap::new();
    for edit in edits {
        by_source.entry(edit.span.source).or_default().push(edit.clone());
    }
    let mut out = BTreeMap::new();
    for (id, edits) in by_source {
        let source = sources.get(id)?;
        let text = rewritten(source.text(), &edits)?;
        out.insert(source.path().to_path_buf(), text.into());
    }
    Some(out)
}

/// A text with its edits, which are all of it. Those at one place stay in their order.
pub(crate) fn rewritten(text: &str, edits: &[Edit]) -> Option<String> {
    let mut sorted: Vec<&Edit> = edits.iter().collect();
    sorted.sort_by_key(|e| (e.span.start, e.span.end));
    let (mut out, mut at) = (String::with_capacity(text.len()), 0);
    for edit in sorted {
        let range = range(edit.span);
        out.push_str(text.get(at..range.start)?);
        out.push_str(&edit.text);
        at = range.end;
    }
    out.push_str(text.get(at..)?);
    Some(out)
}

/// Whether two fixes change the same bytes, or add something at the same place.
pub(super) fn conflict(a: &[Edit], b: &[Edit]) -> bool {
    let meet = |a: &Edit, b: &Edit| {
        a.span.source == b.span.source && a.span.start <= b.span.end && b.span.start <= a.span.end
    };
    a.iter().any(|a| b.iter().any(|b| meet(a, b)))
}

/// The edits of one fix with those that keep columns of HCL aligned that were. Nothing when they overlap.
pub(super) fn aligned(edits: Vec<Edit>, sources: &SourceMap) -> Option<Vec<Edit>> {
    let mut by_source: BTreeMap<SourceId, Vec<Edit>> = BTreeMap::new();
    for edit in edits {
        by_source.entry(edit.span.source).or_default().push(edit);
    }
    let mut out = Vec::new();
    for (id, mut edits) in by_source {
        let source = sources.get(id)?;
        edits.sort_by_key(|e| (e.span.start, e.span.end));
        let overlap = |pair: &[Edit]| matches!(pair, [a, b] if a.span.end > b.span.start);
        if edits.windows(2).any(overlap) {
            return None;
        }
        if super::syntax::is_hcl(source.shown()) {
            edits = align::align(source.text(), edits)?;
        }
        out.extend(joined(edits));
    }
    Some(out)
}

/// Edits that touch each other as one.
fn joined(edits: Vec<Edit>) -> Vec<Edit> {
    let mut out: Vec<Edit> = Vec::new();
    for edit in edits {
        match out.last_mut().filter(|last| last.span.end == edit.span.start) {
            Some(last) => {
                last.span = last.span.to(edit.span);
                last.text.push_str(&edit.text);
            }
            None => out.push(edit),
        }
    }
    out
}
