//! Into which sources something points that is shown.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

use super::UnitOutcome;
use crate::analysis::verdict::Verdict;
use crate::finding::Finding;
use crate::source::{Source, SourceId, SourceMap};

/// The sources that the outcomes of units point into.
#[derive(Debug, Default)]
pub(super) struct Shown(Mutex<HashSet<SourceId>>);

impl Shown {
    /// Takes in every place that an outcome names.
    pub(super) fn add(&self, unit: &UnitOutcome, sources: &SourceMap) {
        let verdicts = unit.verdicts.iter().flat_map(Verdict::places);
        let findings = unit.findings.iter().flat_map(Finding::places);
        let problems = unit.diagnostics.iter().filter_map(|d| d.span);
        let mut all: Vec<_> = verdicts.chain(findings).chain(problems).collect();
        all.sort_unstable();
        all.dedup_by_key(|span| span.source);
        let mut shown = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for span in all {
            // A text that no user ever saw is one place of another.
            shown.extend([span.source, sources.shown_as(span).source]);
        }
    }

    /// Whether something points into a source.
    pub(super) fn has(&self, source: &Source) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).contains(&source.id())
    }
}
