//! What can be done about a finding from the editor.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};

use gen_lsp_types::{
    CodeAction, CodeActionKind, DocumentChange, OptionalVersionedTextDocumentIdentifier, TextDocumentEdit,
    TextDocumentIdentifier, TextEdit, WorkspaceEdit,
};

use super::publish;
use super::results::{Found, Place, Results};
use super::view::View;

/// The actions for what is found in a range of a file.
pub(super) fn actions(
    results: &Results,
    view: &View<'_>,
    path: &Path,
    bytes: &Range<usize>,
    versioned: bool,
) -> Vec<CodeAction> {
    let found = results.units.values().flat_map(|unit| &unit.found);
    let mut out: Vec<CodeAction> = Vec::new();
    for found in found.filter(|f| view.touches(&f.place, path, bytes)) {
        let actions = suppression(found, view).into_iter().filter_map(|offer| {
            Some(CodeAction {
                title: offer.title,
                kind: Some(CodeActionKind::QuickFix),
                diagnostics: Some(vec![publish::finding(found, view)]),
                edit: Some(edit(&offer.edits, view, versioned)?),
                ..CodeAction::default()
            })
        });
        for action in actions {
            // Roots that call one module find the same in it.
            if !out.contains(&action) {
                out.push(action);
            }
        }
    }
    out
}

/// Something to do, as changes of texts.
struct Offer {
    title: String,
    /// Places of the analysis, and what is to stand there.
    edits: Vec<(Place, String)>,
}

/// Changes of texts as the editor makes them, in the texts as they are now. Those of one file must not overlap.
fn edit(edits: &[(Place, String)], view: &View<'_>, versioned: bool) -> Option<WorkspaceEdit> {
    let mut by_file: BTreeMap<PathBuf, Vec<TextEdit>> = BTreeMap::new();
    for (place, text) in edits {
        let edit = TextEdit { range: view.range(place), new_text: text.clone() };
        by_file.entry(place.path()).or_default().push(edit);
    }
    if !versioned {
        let changes = by_file.into_iter().map(|(path, edits)| Some((view.uri(&path)?, edits)));
        return Some(WorkspaceEdit {
            changes: Some(changes.collect::<Option<_>>()?),
            ..WorkspaceEdit::default()
        });
    }
    let changes = by_file.into_iter().map(|(path, edits)| {
        let text_document = OptionalVersionedTextDocumentIdentifier::new(
            view.version(&path),
            TextDocumentIdentifier::new(view.uri(&path)?),
        );
        let edits = edits.into_iter().map(Into::into).collect();
        Some(DocumentChange::TextDocumentEdit(TextDocumentEdit { text_document, edits }))
    });
    Some(WorkspaceEdit {
        document_changes: Some(changes.collect::<Option<_>>()?),
        ..WorkspaceEdit::default()
    })
}

/// Accepts a finding where it is.
fn suppression(_found: &Found, _view: &View<'_>) -> Option<Offer> {
    None
}
