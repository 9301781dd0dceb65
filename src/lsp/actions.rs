//! What can be done about a finding from the editor.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};

use gen_lsp_types::{
    CodeAction, CodeActionKind, DocumentChange, OptionalVersionedTextDocumentIdentifier, TextDocumentEdit,
    TextDocumentIdentifier, TextEdit, WorkspaceEdit,
};

use super::fixes::Fixed;
use super::publish;
use super::results::{Found, Results};
use super::view::View;
use crate::frontend::remarks::{Said, remarks};
use crate::frontend::terraform;
use crate::source::SourceMap;

/// What stands for the reason that a suppression needs.
const REASON: &str = "TODO: say why this is accepted";

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
                edit: Some(edit(offer.changes, view, versioned)?),
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

/// The fixes of findings as actions.
pub(super) fn fixed(
    fixes: Vec<Fixed>,
    results: &Results,
    view: &View<'_>,
    versioned: bool,
) -> Vec<CodeAction> {
    let mut out: Vec<CodeAction> = Vec::new();
    for Fixed { finding, offer } in fixes {
        let same = |f: &&Found| {
            f.finding.rule.code == finding.rule.code
                && f.finding.message == finding.message
                && f.place.bytes.start == finding.span.start as usize
        };
        let found = results.units.values().flat_map(|unit| &unit.found).find(same);
        let action = edit(offer.changes, view, versioned).map(|edit| CodeAction {
            title: offer.title,
            kind: Some(CodeActionKind::QuickFix),
            diagnostics: found.map(|found| vec![publish::finding(found, view)]),
            is_preferred: Some(true),
            edit: Some(edit),
            ..CodeAction::default()
        });
        out.extend(action.filter(|action| !out.contains(action)));
    }
    out
}

/// Something to do, as changes of the texts as they are now. Those of one file do not overlap.
pub(super) struct Offer {
    pub(super) title: String,
    pub(super) changes: Vec<(PathBuf, TextEdit)>,
}

/// Changes of texts as the editor makes them.
fn edit(changes: Vec<(PathBuf, TextEdit)>, view: &View<'_>, versioned: bool) -> Option<WorkspaceEdit> {
    let mut by_file: BTreeMap<PathBuf, Vec<TextEdit>> = BTreeMap::new();
    for (path, change) in changes {
        by_file.entry(path).or_default().push(change);
    }
    if !versioned {
        let changes = by_file.into_iter().map(|(path, edits)| Some((view.uri(&path)?, edits)));
        return Some(WorkspaceEdit {
            changes: Some(changes.collect::<Option<_>>()?),
            ..WorkspaceEdit::default()
        });
    }
    let changes = by_file.into_iter().map(|(path, edits)| {
        let file = TextDocumentIdentifier::new(view.uri(&path)?);
        let text_document = OptionalVersionedTextDocumentIdentifier::new(view.version(&path), file);
        let edits = edits.into_iter().map(Into::into).collect();
        Some(DocumentChange::TextDocumentEdit(TextDocumentEdit { text_document, edits }))
    });
    Some(WorkspaceEdit {
        document_changes: Some(changes.collect::<Option<_>>()?),
        ..WorkspaceEdit::default()
    })
}

/// Accepts a finding by a comment on a line of its own: above its place, or above what holds that when it is in a text
/// that knows no comments. JSON has none.
fn suppression(found: &Found, view: &View<'_>) -> Option<Offer> {
    let place = &found.place;
    let path = place.path();
    if path.extension().is_some_and(|e| e == "json") {
        return None;
    }
    let code = found.finding.rule.code;
    let at = view.bytes(place).start;
    let declared = found.declared.as_ref().filter(|d| d.path() == path).map(|d| view.bytes(d).start);
    view.lines(place, |lines| {
        let text = lines.text();
        let block =
            terraform::is_part(&path.to_string_lossy()).then(|| terraform::block_at(text, at)).flatten();
        let lines_above = [Some(at), declared, block.map(|b| b.start)];
        let (start, comment) = lines_above.into_iter().flatten().find_map(|before| {
            let (start, comment) = comment(text, before, code)?;
            suppresses(&path, text, start, &comment, [Some(at), declared]).then_some((start, comment))
        })?;
        let change = TextEdit { range: lines.range(start..start), new_text: comment };
        Some(Offer { title: format!("Suppress {code} here"), changes: vec![(path.clone(), change)] })
    })
}

/// The comment above the line of a byte, and where it is put in.
fn comment(text: &str, at: usize, code: &str) -> Option<(usize, String)> {
    let before = text.get(..at)?;
    let start = before.rfind('\n').map_or(0, |n| n + 1);
    let line = text.get(start..)?;
    let indent = line.get(..line.len() - line.trim_start_matches([' ', '\t']).len())?;
    let end = if text.contains("\r\n") { "\r\n" } else { "\n" };
    Some((start, format!("{indent}# mfaguard: ignore[{code}] {REASON}{end}")))
}

/// Whether a comment is one when it is put in, and is about what begins at one of the places.
fn suppresses(path: &Path, text: &str, start: usize, comment: &str, places: [Option<usize>; 2]) -> bool {
    let (Some(before), Some(behind)) = (text.get(..start), text.get(start..)) else { return false };
    let sources = SourceMap::new();
    let source = sources.add(path, &path.to_string_lossy(), format!("{before}{comment}{behind}"));
    let own = start..start + comment.len();
    let about = |covers: Range<usize>| {
        let moved = |at: usize| if at >= start { at + comment.len() } else { at };
        places.into_iter().flatten().any(|at| covers.contains(&moved(at)))
    };
    remarks(&source, &[publish::SOURCE]).iter().any(|r| {
        matches!(r.said, Said::Comment(_))
            && own.contains(&(r.span.start as usize))
            && about(r.covers.start as usize..r.covers.end as usize + 1)
    })
}
