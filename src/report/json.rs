//! The JSON report, version 1. These structs are the format, frozen: a change of shape is a new version in a
//! new file.

use std::io::{self, Write};

use serde::Serialize;

use super::{Report, Sorted, Style};
use crate::analysis::verdict::Verdict;
use crate::diagnostic::Diagnostic;
use crate::finding::Finding;
use crate::scan::Unit;
use crate::source;
use crate::triage::fingerprint;

/// The whole report.
#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    tool: Tool,
    units: Vec<UnitEntry<'a>>,
    principals: Vec<Principal<'a>>,
    findings: Vec<FindingEntry<'a>>,
    diagnostics: Vec<DiagnosticEntry<'a>>,
    summary: Summary,
}

#[derive(Serialize)]
pub(super) struct Tool {
    pub(super) name: &'static str,
    pub(super) version: &'static str,
}

/// This program.
pub(super) const TOOL: Tool = Tool { name: env!("CARGO_PKG_NAME"), version: env!("CARGO_PKG_VERSION") };

#[derive(Serialize)]
struct UnitEntry<'a> {
    path: &'a str,
    kind: &'a str,
    files: usize,
}

#[derive(Serialize)]
pub(super) struct Location {
    path: String,
    line: u32,
    column: u32,
    end_line: u32,
    end_column: u32,
}

#[derive(Serialize)]
pub(super) struct Principal<'a> {
    kind: &'static str,
    address: Option<&'a str>,
    name: Option<&'a str>,
    unit: &'a str,
    location: Option<Location>,
    console: String,
    admin: String,
    mfa: &'static str,
    mfa_keys: &'static str,
    open_without_mfa: Open<'a>,
    evidence: Vec<Step<'a>>,
    unknown: Vec<Unsettled<'a>>,
    instances: &'static str,
}

#[derive(Serialize)]
struct Open<'a> {
    actions: usize,
    takeover: &'a [String],
}

#[derive(Serialize)]
struct Step<'a> {
    text: &'a str,
    location: Option<Location>,
}

#[derive(Serialize)]
struct Unsettled<'a> {
    reason: &'a str,
    location: Option<Location>,
}

#[derive(Serialize)]
pub(super) struct FindingEntry<'a> {
    rule: &'static str,
    name: &'static str,
    severity: &'static str,
    certainty: &'static str,
    subject: &'a str,
    message: &'a str,
    location: Location,
    related: Vec<Related<'a>>,
    help: &'a str,
    fingerprint: String,
    suppressed: Option<&'a str>,
    compliance: &'static [&'static str],
}

#[derive(Serialize)]
struct Related<'a> {
    message: &'a str,
    location: Option<Location>,
}

#[derive(Serialize)]
pub(super) struct DiagnosticEntry<'a> {
    code: &'static str,
    message: &'a str,
    location: Option<Location>,
}

#[derive(Serialize)]
struct Summary {
    principals: usize,
    findings: usize,
    suppressed: usize,
    unknown: usize,
    files: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    duration_ms: Option<u64>,
}

/// Writes the report as one JSON document with a line break at its end.
pub(super) fn write(report: &Report<'_>, out: &mut dyn Write, _: &Style) -> io::Result<()> {
    let Sorted { verdicts, diagnostics, .. } = report.sorted();
    let findings = report.with_suppressed();
    let document = Document {
        version: 1,
        tool: TOOL,
        units: report
            .units
            .iter()
            .map(|u| UnitEntry { path: &u.path, kind: u.kind, files: u.files })
            .collect(),
        principals: verdicts.into_iter().map(|(u, at, v)| principal(report, u, at, v)).collect(),
        summary: Summary {
            principals: report.verdicts.len(),
            findings: findings.len() - report.suppressed(),
            suppressed: report.suppressed(),
            unknown: report.unsettled(),
            files: report.files,
            duration_ms: report.duration_ms,
        },
        findings: findings.into_iter().map(|(u, at, f)| finding(report, u, at, f)).collect(),
        diagnostics: diagnostics.into_iter().map(|(at, d)| diagnostic(at, d)).collect(),
    };
    serde_json::to_writer_pretty(&mut *out, &document)?;
    out.write_all(b"\n")
}

pub(super) fn principal<'a>(
    report: &Report<'_>,
    unit: &'a Unit,
    at: Option<source::Location>,
    v: &'a Verdict,
) -> Principal<'a> {
    let place = |span: Option<source::Span>| span.and_then(|s| report.locate(s)).map(Location::from);
    Principal {
        kind: v.kind.as_str(),
        address: v.address.as_deref(),
        name: v.name.as_deref(),
        unit: &unit.path,
        location: at.map(Location::from),
        console: v.console.to_string(),
        admin: v.admin.to_string(),
        mfa: v.mfa.as_str(),
        mfa_keys: v.mfa_keys.as_str(),
        open_without_mfa: Open { actions: v.open.actions, takeover: &v.open.takeover },
        evidence: report
            .steps(v.evidence.iter().map(|e| (e.text.as_str(), e.span)))
            .into_iter()
            .map(|(text, at)| Step { text, location: at.map(Location::from) })
            .collect(),
        unknown: v
            .unknown
            .iter()
            .map(|u| Unsettled { reason: u.reason(), location: place(u.span()) })
            .collect(),
        instances: v.instances.as_str(),
    }
}

pub(super) fn finding<'a>(
    report: &Report<'_>,
    unit: &Unit,
    at: source::Location,
    f: &'a Finding,
) -> FindingEntry<'a> {
    FindingEntry {
        rule: f.rule.code,
        name: f.rule.name,
        severity: f.severity.as_str(),
        certainty: f.certainty.as_str(),
        subject: &f.subject,
        message: &f.message,
        location: at.into(),
        related: report
            .steps(f.related.iter().map(|l| (l.message.as_str(), Some(l.span))))
            .into_iter()
            .map(|(message, at)| Related { message, location: at.map(Location::from) })
            .collect(),
        help: &f.help,
        fingerprint: fingerprint::of(report.sources, &unit.path, f),
        suppressed: f.suppressed.as_ref().map(|s| s.reason.as_str()),
        compliance: f.rule.compliance,
    }
}

pub(super) fn diagnostic(at: Option<source::Location>, d: &Diagnostic) -> DiagnosticEntry<'_> {
    DiagnosticEntry { code: d.code.as_str(), message: &d.message, location: at.map(Location::from) }
}

impl From<source::Location> for Location {
    fn from(l: source::Location) -> Self {
        Self {
            path: l.path.to_string(),
            line: l.line,
            column: l.column,
            end_line: l.end_line,
            end_column: l.end_column,
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::report::Style;
    use crate::report::testing::Parts;

    #[test]
    fn the_format_is_frozen() {
        insta::assert_snapshot!(Parts::example().written("json", &Style::default()));
    }

    #[test]
    fn an_empty_run_is_a_whole_document() {
        let text = Parts::empty().written("json", &Style::default());
        let json: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(json["principals"], serde_json::json!([]));
        assert_eq!(json["summary"]["findings"], 0);
        assert_eq!(json["summary"].get("duration_ms"), None);
    }
}
