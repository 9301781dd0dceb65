//! Fixes for what is found in a range of a file, tried on the texts as they are now.

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use gen_lsp_types::TextEdit;

use super::actions::Offer;
use super::documents::Documents;
use super::position::Lines;
use crate::finding::Finding;
use crate::fix;
use crate::fs::normalize;
use crate::fs::overlay::Overlay;
use crate::limits;
use crate::scan::{self, Request};
use crate::source::{SourceMap, Span};

/// A finding with what takes it away.
pub(super) struct Fixed {
    pub(super) finding: Finding,
    pub(super) offer: Offer,
}

/// What can be fixed. Everything that the file belongs to is analysed for it, and once more for each attempt: only for
/// somebody who asks.
pub(super) fn fixes(
    request: &Request,
    documents: &Documents,
    path: &Path,
    bytes: &Range<usize>,
) -> Vec<Fixed> {
    let fs = Overlay::new(Arc::clone(&request.fs), Arc::new(documents.texts()));
    let asked = Request { fs: Arc::new(fs), changed: Some(vec![path.to_path_buf()]), ..request.clone() };
    let sources = SourceMap::new();
    let outcome = scan::check(&asked, &sources);
    let touches = |span: Span| {
        let span = sources.shown_as(span);
        let here = sources.get(span.source).is_some_and(|s| normalize(s.path()) == path);
        here && span.start as usize <= bytes.end && bytes.start <= span.end as usize
    };
    let wanted = |(_, f): &&(usize, Finding)| fix::may_be_fixed(f) && touches(f.span);
    let findings: Vec<(usize, Finding)> = outcome.findings.iter().filter(wanted).cloned().collect();
    let steps = (outcome.files + outcome.verdicts.len()).saturating_mul(findings.len());
    if steps > limits::FIX_STEPS {
        return Vec::new();
    }
    let offers = fix::offers(&asked, &sources, &outcome, &findings);
    let fixed = findings.into_iter().zip(offers).filter_map(|((_, finding), fix)| {
        let fix = fix?;
        let changes =
            fix.edits.iter().map(|edit| change(edit, &sources, documents)).collect::<Option<_>>()?;
        Some(Fixed { finding, offer: Offer { title: fix.title, changes } })
    });
    fixed.collect()
}

/// An edit as editors make it.
fn change(edit: &fix::Edit, sources: &SourceMap, documents: &Documents) -> Option<(PathBuf, TextEdit)> {
    let source = sources.get(edit.span.source)?;
    let lines = Lines::new(Arc::clone(source.text()), documents.encoding);
    let range = lines.range(edit.span.start as usize..edit.span.end as usize);
    Some((normalize(source.path()), TextEdit { range, new_text: edit.text.clone() }))
}
