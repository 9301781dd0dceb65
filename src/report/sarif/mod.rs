//! SARIF 2.1.0, as code scanning services read it.
//!
//! Follows "Static Analysis Results Interchange Format (SARIF) Version 2.1.0" (OASIS) and GitHub's "SARIF support
//! for code scanning".

mod model;

use std::io::{self, Write};

use model as m;

use super::{Report, Sorted, Style, below};
use crate::diagnostic::{Diagnostic, Level};
use crate::finding::{Finding, RuleInfo, Severity, Suppressed, SuppressedBy};
use crate::fix::Fix;
use crate::scan::Unit;
use crate::source::Location;
use crate::triage::fingerprint;

/// Name of the base that relative paths are relative to: the working directory.
const BASE: &str = "SRCROOT";

/// Name of our fingerprint; a change of its making is a new name.
const FINGERPRINT: &str = "mfaguard/v1";

/// Writes the report as one SARIF log with one run.
pub(super) fn write(report: &Report<'_>, out: &mut dyn Write, _: &Style) -> io::Result<()> {
    let Sorted { diagnostics, .. } = report.sorted();
    let findings = report.with_suppressed();
    let rules = used_rules(&findings);
    let results = findings.iter().map(|(unit, at, f)| result(report, &rules, unit, at, f)).collect();
    let log = m::Log {
        schema: "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
        version: "2.1.0",
        runs: [m::Run {
            tool: m::Tool {
                driver: m::Driver {
                    name: env!("CARGO_PKG_NAME"),
                    information_uri: information(),
                    semantic_version: env!("CARGO_PKG_VERSION"),
                    rules: rules.iter().map(|r| rule(r)).collect(),
                },
            },
            invocations: [m::Invocation {
                execution_successful: !report.incomplete(),
                tool_execution_notifications: diagnostics
                    .iter()
                    .map(|(at, d)| notification(at.as_ref(), d))
                    .collect(),
            }],
            original_uri_base_ids: m::Bases {
                srcroot: m::Base {
                    description: m::Text { text: "the directory the tool was started in".into() },
                },
            },
            column_kind: "unicodeCodePoints",
            results,
        }],
    };
    serde_json::to_writer_pretty(&mut *out, &log)?;
    out.write_all(b"\n")
}

/// Where to read about it: the home of this build or, without one, what AWS says about requiring MFA.
fn information() -> &'static str {
    match env!("CARGO_PKG_REPOSITORY") {
        "" => {
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_mfa_configure-api-require.html"
        }
        home => home,
    }
}

/// The rules that found something, by code.
fn used_rules(findings: &[(&Unit, Location, &Finding)]) -> Vec<&'static RuleInfo> {
    let mut rules: Vec<&'static RuleInfo> = findings.iter().map(|(_, _, f)| f.rule).collect();
    rules.sort_by_key(|r| r.code);
    rules.dedup_by_key(|r| r.code);
    rules
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low | Severity::Info => "note",
    }
}

/// The scale of GitHub: over 9 critical, over 7 high, over 4 medium.
fn security_severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "9.5",
        Severity::High => "8.0",
        Severity::Medium => "5.5",
        Severity::Low => "3.0",
        Severity::Info => "0.0",
    }
}

fn rule(rule: &'static RuleInfo) -> m::Rule {
    let mut tags = vec!["security", "iam", "mfa"];
    tags.extend(rule.compliance);
    m::Rule {
        id: rule.code,
        name: rule.name,
        short_description: m::Text { text: rule.summary.into() },
        full_description: m::Text { text: format!("{}. To mend it: {}.", rule.summary, rule.help) },
        help: m::Help { text: rule.page_text(), markdown: rule.page_text() },
        default_configuration: m::Configuration { level: level(rule.severity) },
        properties: m::RuleProperties { security_severity: security_severity(rule.severity), tags },
    }
}

fn result(report: &Report<'_>, rules: &[&RuleInfo], unit: &Unit, at: &Location, f: &Finding) -> m::Result {
    let mut primary = location(at);
    primary.logical_locations =
        vec![m::Logical { fully_qualified_name: f.subject.clone(), kind: "resource" }];
    let steps: Vec<m::Location> = report
        .steps(f.related.iter().map(|l| (l.message.as_str(), Some(l.span))))
        .into_iter()
        .filter_map(|(text, at)| Some((at?, text)))
        .enumerate()
        .map(|(i, (at, text))| m::Location {
            id: Some(i + 1),
            message: Some(m::Text { text: text.to_owned() }),
            ..location(&at)
        })
        .collect();
    m::Result {
        rule_id: f.rule.code,
        rule_index: rules.iter().position(|r| r.code == f.rule.code),
        level: level(f.severity),
        message: m::Text { text: format!("{}. To mend it: {}.", f.message, f.help) },
        code_flows: code_flow(at, f, &steps).into_iter().collect(),
        suppressions: f.suppressed.iter().map(|s| suppression(report, s)).collect(),
        locations: [primary],
        related_locations: steps,
        fixes: report.fix_of(f).map(|fix| self::fix(report, fix)).into_iter().collect(),
        partial_fingerprints: [(FINGERPRINT, fingerprint::of(report.sources, &unit.path, f))].into(),
        properties: m::ResultProperties {
            severity: f.severity.as_str(),
            certainty: f.certainty.as_str(),
            subject: f.subject.clone(),
        },
    }
}

fn suppression(report: &Report<'_>, s: &Suppressed) -> m::Suppression {
    m::Suppression {
        kind: match s.by {
            SuppressedBy::Code => "inSource",
            SuppressedBy::Baseline | SuppressedBy::Configuration => "external",
        },
        status: "accepted",
        justification: s.reason.clone(),
        location: s.span.and_then(|span| report.locate(span)).map(|at| location(&at)),
    }
}

/// A fix, file by file.
fn fix(report: &Report<'_>, fix: &Fix) -> m::Fix {
    let mut changes: Vec<(Location, Vec<m::Replacement>)> = Vec::new();
    for edit in &fix.edits {
        let Some(at) = report.locate(edit.span) else { continue };
        let replacement = m::Replacement {
            deleted_region: region(&at),
            inserted_content: m::Text { text: edit.text.clone() },
        };
        match changes.iter_mut().find(|(known, _)| known.path == at.path) {
            Some((_, replacements)) => replacements.push(replacement),
            None => changes.push((at, vec![replacement])),
        }
    }
    let change =
        |(at, replacements): (Location, _)| m::Change { artifact_location: artifact(&at.path), replacements };
    m::Fix {
        description: m::Text { text: fix.title.clone() },
        artifact_changes: changes.into_iter().map(change).collect(),
    }
}

/// The proof as a path through the code, when it has more than one place.
fn code_flow(at: &Location, f: &Finding, steps: &[m::Location]) -> Option<m::CodeFlow> {
    if steps.is_empty() {
        return None;
    }
    let start = m::Location { message: Some(m::Text { text: f.subject.clone() }), ..location(at) };
    let rest = steps.iter().map(|l| m::Location { id: None, ..l.clone() });
    let locations = std::iter::once(start).chain(rest).map(|location| m::FlowStep { location }).collect();
    Some(m::CodeFlow { thread_flows: [m::ThreadFlow { locations }] })
}

fn notification(at: Option<&Location>, d: &Diagnostic) -> m::Notification {
    m::Notification {
        descriptor: m::Descriptor { id: d.code.as_str() },
        level: match d.level {
            Level::Note => "note",
            Level::Warning => "warning",
            Level::Error => "error",
        },
        message: m::Text { text: d.message.clone() },
        locations: at.map(location).into_iter().collect(),
    }
}

fn location(at: &Location) -> m::Location {
    m::Location {
        id: None,
        message: None,
        physical_location: m::Physical { artifact_location: artifact(&at.path), region: region(at) },
        logical_locations: Vec::new(),
    }
}

fn region(at: &Location) -> m::Region {
    m::Region {
        start_line: at.line,
        start_column: at.column,
        end_line: at.end_line,
        end_column: at.end_column,
    }
}

/// A relative path as a relative reference below the base, an absolute one as a `file:` URI.
fn artifact(path: &str) -> m::Artifact {
    let encoded = encode(below(path));
    if encoded.starts_with('/') {
        m::Artifact { uri: format!("file://{encoded}"), uri_base_id: None }
    } else {
        m::Artifact { uri: encoded, uri_base_id: Some(BASE) }
    }
}

/// Percent-encodes what may not stand in the path of a URI ("Uniform Resource Identifier", RFC 3986, section 3.3).
/// A colon is encoded too: in the first segment it would make a scheme of it.
fn encode(path: &str) -> String {
    path.bytes().fold(String::with_capacity(path.len()), |mut out, b| {
        let plain = b.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=@/".contains(&b);
        if plain {
            out.push(char::from(b));
        } else {
            out.push_str(&format!("%{b:02X}"));
        }
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::testing::Parts;

    #[test]
    fn the_log_of_the_example() {
        insta::assert_snapshot!(Parts::example().written("sarif", &Style::default()));
    }

    /// Reading into types made from the official schema and writing again loses whatever the standard does not know.
    #[test]
    fn the_log_is_what_the_standard_knows() {
        let text = Parts::example().written("sarif", &Style::default());
        let ours: serde_json::Value = serde_json::from_str(&text).unwrap();
        let read: serde_sarif::sarif::Sarif = serde_json::from_value(ours.clone()).unwrap();
        assert_eq!(serde_json::to_value(read).unwrap(), ours);
    }

    #[test]
    fn paths_are_uris() {
        assert_eq!(artifact("a b/ü.tf").uri, "a%20b/%C3%BC.tf");
        assert_eq!(artifact("./c:d.tf").uri, "c%3Ad.tf");
        assert_eq!(artifact("/abs/x.tf").uri, "file:///abs/x.tf");
        assert_eq!(artifact("/abs/x.tf").uri_base_id, None);
        assert_eq!(artifact("../up/x.tf").uri_base_id, Some(BASE));
    }

    #[test]
    fn no_finding_is_still_a_run() {
        let json: serde_json::Value =
            serde_json::from_str(&Parts::empty().written("sarif", &Style::default())).unwrap();
        assert_eq!(json["runs"][0]["results"], serde_json::json!([]));
        assert_eq!(json["runs"][0]["invocations"][0]["executionSuccessful"], true);
    }
}
