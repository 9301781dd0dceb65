//! Plans and states hold passwords, keys and seeds of everything that Terraform manages. No line of them is shown but
//! for what was looked at.

use std::collections::BTreeSet;

use super::reader::Recording;
use crate::source::{Source, SourceMap, Span};

/// Hides a file of which nothing could be read.
pub(super) fn hide_all(source: &Source, sources: &SourceMap) {
    sources.hide(source.span());
}

/// Hides everything but the resources that were lowered, and in these every attribute that was not read or that
/// Terraform calls sensitive. `shown` has the number of a record with the name of each attribute that was.
pub(super) fn hide(recording: &Recording<'_>, shown: &BTreeSet<(usize, String)>, sources: &SourceMap) {
    let mut open: Vec<Span> = recording.records.iter().map(|r| r.span).collect();
    open.sort();
    let whole = recording.source.span();
    let mut from = whole.start;
    for span in open {
        if span.start > from {
            sources.hide(Span { start: from, end: span.start, ..whole });
        }
        from = from.max(span.end);
    }
    sources.hide(Span { start: from.min(whole.end), ..whole });
    for (number, record) in recording.records.iter().enumerate() {
        for (name, entry) in record.values.as_map().into_iter().flatten() {
            let looked_at =
                shown.contains(&(number, name.to_string())) && !record.sensitive.contains(&**name);
            if let Some(span) = entry.value.span.filter(|_| !looked_at) {
                sources.hide(span);
            }
        }
    }
}
