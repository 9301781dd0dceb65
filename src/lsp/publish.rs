//! Findings and problems as an editor shows them.

use std::collections::BTreeMap;
use std::path::PathBuf;

use gen_lsp_types::{
    self as lsp, Code, DiagnosticRelatedInformation, DiagnosticSeverity as Shown, Message, Range,
};

use super::results::{Found, Place, Problem, Results, Step};
use super::view::View;
use crate::diagnostic::Level;
use crate::finding::Severity;

/// The name under which everything is shown.
pub(super) const SOURCE: &str = "mfaguard";

/// Diagnostics by file.
pub(super) type ByFile = BTreeMap<PathBuf, Vec<lsp::Diagnostic>>;

/// What there is to show of a folder.
pub(super) fn diagnostics(results: &Results, view: &View<'_>) -> ByFile {
    let mut out = ByFile::new();
    let mut add = |path: PathBuf, diagnostic: lsp::Diagnostic| {
        // Roots that call one module say the same about it.
        let of_file = out.entry(path).or_default();
        if !of_file.contains(&diagnostic) {
            of_file.push(diagnostic);
        }
    };
    for found in results.units.values().flat_map(|unit| &unit.found) {
        add(found.place.path(), finding(found, view));
    }
    for Problem { place, path, problem } in &results.problems {
        let range = place.as_ref().map(|p| view.range(p)).unwrap_or_default();
        let Some(path) = path else { continue };
        let diagnostic =
            diagnostic(range, level(problem.level), problem.code.as_str(), problem.message.clone());
        add(path.clone(), diagnostic);
    }
    for of_file in out.values_mut() {
        of_file.sort_by_key(|d| (d.range.start, d.range.end));
    }
    out
}

/// A finding: its help with it, the proof as related places.
pub(super) fn finding(found: &Found, view: &View<'_>) -> lsp::Diagnostic {
    let Found { place, related, finding, declared: _ } = found;
    let message = format!("{}\nhelp: {}", finding.message, finding.help);
    let mut out = diagnostic(view.range(place), severity(finding.severity), finding.rule.code, message);
    let steps = related.iter().filter_map(|(message, place): &Step| {
        let location = place.as_ref().and_then(|p: &Place| view.location(p))?;
        Some(DiagnosticRelatedInformation { location, message: message.clone() })
    });
    out.related_information = Some(steps.collect::<Vec<_>>()).filter(|steps| !steps.is_empty());
    out
}

fn diagnostic(range: Range, severity: Shown, code: &str, message: String) -> lsp::Diagnostic {
    lsp::Diagnostic {
        range,
        severity: Some(severity),
        code: Some(Code::String(code.to_owned())),
        code_description: None,
        source: Some(SOURCE.to_owned()),
        message: Message::String(message),
        tags: None,
        related_information: None,
        data: None,
    }
}

fn severity(severity: Severity) -> Shown {
    match severity {
        Severity::Critical | Severity::High => Shown::Error,
        Severity::Medium => Shown::Warning,
        Severity::Low => Shown::Information,
        Severity::Info => Shown::Hint,
    }
}

fn level(level: Level) -> Shown {
    match level {
        Level::Error => Shown::Error,
        Level::Warning => Shown::Warning,
        Level::Note => Shown::Hint,
    }
}
