//! What Terraform itself wrote down: a plan (`terraform show -json PLAN`), a state (`terraform show -json`), and the
//! file a state is kept in.
//!
//! The resources are the same as those of configuration and are lowered by the same functions; here their attributes
//! come from JSON. What a plan does not know yet is joined through the references of its configuration.

mod instance;
mod reader;
mod references;
mod secrets;

use std::sync::Arc;

use memchr::memmem;

use super::resources;
use crate::diagnostic::{Code, Diagnostic, Level};
use crate::frontend::Lowered;
use crate::iam::facts::{Fact, Facts};
use crate::json;
use crate::source::{Source, SourceMap, Span};
use crate::value::When;
use instance::{Lowering, Recorded};

/// Whether a text is a plan or a state, of whatever version, or would be if it were whole. Cheap; what looks so is
/// read strictly.
pub fn is_recorded(text: &str) -> bool {
    let has = |key: &str| memmem::find(text.as_bytes(), key.as_bytes()).is_some();
    let object = text.trim_start_matches('\u{feff}').trim_start().starts_with('{');
    let shown = || {
        has("\"format_version\"")
            && ["planned_values", "values", "terraform_version"].iter().any(|k| has(&format!("\"{k}\"")))
    };
    let kept = || {
        has("\"version\"")
            && has("\"serial\"")
            && (has("\"lineage\"") || has("\"resources\"") || has("\"modules\""))
    };
    object && (shown() || kept())
}

/// The facts of a plan or state.
pub fn lower(source: &Arc<Source>, sources: &SourceMap) -> Lowered {
    let files = vec![source.path().to_path_buf()];
    let whole = source.text();
    let base = if whole.starts_with('\u{feff}') { 3 } else { 0 };
    let read = match json::parse(whole.get(base..).unwrap_or_default()) {
        Ok(Some(root)) => reader::read(source, base, &root, &mut |recording| facts(&recording, sources)),
        Ok(None) => Err(Diagnostic::at(Code::JsonSyntax, Level::Error, source.span(), "the file is empty")),
        Err(e) => {
            let span = Span::new(source.id(), base + e.range.start, base + e.range.end);
            Err(Diagnostic::at(Code::JsonSyntax, Level::Error, span, e.to_string()))
        }
    };
    match read {
        Ok((facts, diagnostics)) => Lowered { facts, diagnostics, files, ..Lowered::default() },
        Err(problem) => {
            secrets::hide_all(source, sources);
            Lowered { diagnostics: vec![problem], files, ..Lowered::default() }
        }
    }
}

fn facts(recording: &reader::Recording<'_>, sources: &SourceMap) -> (Facts, Vec<Diagnostic>) {
    let mut lowering = Lowering::default();
    let mut facts = Vec::new();
    for (number, record) in recording.records.iter().enumerate() {
        let Some(resource) = resources::find(record.kind).filter(|_| !record.data) else { continue };
        let whats = (resource.lower)(&mut Recorded { recording, number, lowering: &mut lowering });
        facts.extend(whats.into_iter().map(|what| Fact {
            what,
            when: When::always(),
            uncertain: None,
            each: Vec::new(),
            path: None,
            unit: 0,
            provider: recording.provider(record),
            address: record.address.clone(),
            span: record.span,
        }));
    }
    secrets::hide(recording, &lowering.shown, sources);
    let mut diagnostics = recording.problems.clone();
    diagnostics.extend(lowering.problems);
    (Facts { facts, choices: lowering.choices, ..Facts::default() }, diagnostics)
}
