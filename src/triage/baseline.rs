//! Findings that were there before: only what is new is told.
//!
//! An entry knows its finding by its fingerprint. When the unit itself was renamed the fingerprint is another; then
//! what is left over is matched by its content, one entry for one finding, so that a copy of a root module is new.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::fingerprint;
use crate::finding::{Finding, Suppressed, SuppressedBy};
use crate::source::SourceMap;

/// The reason that is given for a finding of a baseline.
const REASON: &str = "it was there before";

/// The list, version 1.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Baseline {
    version: u32,
    findings: Vec<Entry>,
}

/// One finding. What the fingerprints are made of stands beside them for people.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    unit: String,
    rule: String,
    subject: String,
    fingerprint: String,
    /// The fingerprint without the unit.
    content: String,
}

impl Baseline {
    /// All findings that nothing else accepts.
    pub fn of(findings: &[(usize, Finding)], sources: &SourceMap, units: &[&str]) -> Self {
        let open = findings.iter().filter(|(_, f)| f.suppressed.is_none());
        let mut findings: Vec<Entry> = open
            .map(|(unit, f)| {
                let unit = units.get(*unit).copied().unwrap_or_default();
                Entry {
                    unit: unit.to_owned(),
                    rule: f.rule.code.to_owned(),
                    subject: f.subject.clone(),
                    fingerprint: fingerprint::of(sources, unit, f),
                    content: fingerprint::of(sources, "", f),
                }
            })
            .collect();
        findings.sort();
        Self { version: 1, findings }
    }

    /// Reads a list.
    ///
    /// # Errors
    /// When it is not one of this version, with the place in the text.
    pub fn parse(text: &str) -> Result<Self, String> {
        let read: Self = serde_json::from_str(text).map_err(|e| e.to_string())?;
        match read.version {
            1 => Ok(read),
            other => Err(format!("it is of version {other}, and only version 1 is known")),
        }
    }

    /// The list as JSON with a line break at its end.
    pub fn text(&self) -> String {
        let text = serde_json::to_string_pretty(self).unwrap_or_default();
        format!("{text}\n")
    }

    /// How many findings are in it.
    pub fn len(&self) -> usize {
        self.findings.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.findings.is_empty()
    }

    /// Marks the findings that are in it.
    pub fn apply(&self, findings: &mut [(usize, Finding)], sources: &SourceMap, units: &[&str]) {
        let mut known: BTreeMap<&str, usize> = BTreeMap::new();
        for entry in &self.findings {
            *known.entry(&entry.fingerprint).or_default() += 1;
        }
        let path = |unit: usize| units.get(unit).copied().unwrap_or_default();
        mark(findings, &mut known, |unit, f| fingerprint::of(sources, path(unit), f));
        let mut renamed: BTreeMap<&str, usize> = BTreeMap::new();
        for entry in &self.findings {
            let left = known.get_mut(entry.fingerprint.as_str()).filter(|n| **n > 0);
            // A unit that is still there was not renamed.
            if let Some(left) = left.filter(|_| !units.contains(&entry.unit.as_str())) {
                *left -= 1;
                *renamed.entry(&entry.content).or_default() += 1;
            }
        }
        mark(findings, &mut renamed, |_, f| fingerprint::of(sources, "", f));
    }
}

/// Marks findings that nothing else accepts, as many for each name as there are left.
fn mark(
    findings: &mut [(usize, Finding)],
    left: &mut BTreeMap<&str, usize>,
    name: impl Fn(usize, &Finding) -> String,
) {
    if left.is_empty() {
        return;
    }
    for (unit, finding) in findings.iter_mut().filter(|(_, f)| f.suppressed.is_none()) {
        if let Some(n) = left.get_mut(name(*unit, finding).as_str()).filter(|n| **n > 0) {
            *n -= 1;
            let reason = REASON.to_owned();
            finding.suppressed = Some(Suppressed { by: SuppressedBy::Baseline, reason, span: None });
        }
    }
}
