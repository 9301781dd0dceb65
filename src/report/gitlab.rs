//! Code quality as GitLab shows it in a merge request.
//!
//! Follows "Code quality report format" (GitLab Docs). GitLab shows of two findings with one fingerprint only the
//! first: what would be the same twice is numbered.

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde::Serialize;

use super::human::paint::clean;
use super::{Report, Sorted, Style, below};
use crate::finding::{Certainty, Severity};
use crate::triage::fingerprint;

#[derive(Serialize)]
struct Issue {
    description: String,
    check_name: &'static str,
    fingerprint: String,
    severity: &'static str,
    location: Place,
}

#[derive(Serialize)]
struct Place {
    path: String,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: u32,
}

/// Writes the findings.
pub(super) fn write(report: &Report<'_>, out: &mut dyn Write, _: &Style) -> io::Result<()> {
    let Sorted { findings, .. } = report.sorted();
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let issues = findings.iter().map(|(unit, at, f)| {
        let mut print = fingerprint::of(report.sources, &unit.path, f);
        let nth = seen.entry(print.clone()).and_modify(|n| *n += 1).or_insert(1);
        if *nth > 1 {
            print.push_str(&format!("-{nth}"));
        }
        let possible = match f.certainty {
            Certainty::Possible => " (possible)",
            Certainty::Proven => "",
        };
        let text = format!("{}{possible}: {}. To mend it: {}.", f.rule.code, f.message, f.help);
        Issue {
            description: clean(&text).into_owned(),
            check_name: f.rule.name,
            fingerprint: print,
            severity: severity(f.severity),
            location: Place { path: below(&at.path).to_owned(), lines: Lines { begin: at.line } },
        }
    });
    let issues: Vec<Issue> = issues.collect();
    serde_json::to_writer_pretty(&mut *out, &issues)?;
    out.write_all(b"\n")
}

fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "blocker",
        Severity::High => "critical",
        Severity::Medium => "major",
        Severity::Low => "minor",
        Severity::Info => "info",
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::report::testing::Parts;

    #[test]
    fn the_issues_of_the_example() {
        insta::assert_snapshot!(Parts::example().written("gitlab", &Style::default()));
    }

    #[test]
    fn nothing_is_an_empty_list() {
        assert_eq!(Parts::empty().written("gitlab", &Style::default()), "[]\n");
    }

    #[test]
    fn hostile_names_are_only_text_and_fingerprints_are_all_different() {
        let mut parts = Parts::hostile();
        parts.findings.extend(parts.findings.clone());
        let written = parts.written("gitlab", &Style::default());
        let issues: Vec<serde_json::Value> = serde_json::from_str(&written).unwrap();
        let prints: BTreeSet<&str> = issues.iter().map(|i| i["fingerprint"].as_str().unwrap()).collect();
        assert_eq!((issues.len(), prints.len()), (parts.findings.len(), parts.findings.len()));
        for issue in &issues {
            assert_eq!(issue["location"]["path"], Parts::HOSTILE_PATH);
            let text = issue["description"].as_str().unwrap();
            assert_eq!(text, clean(text));
        }
    }
}
