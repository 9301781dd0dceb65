//! Fixes as suggested changes in a review of a pull request on GitHub.
//!
//! Follows "REST API endpoints for pull request reviews" and "Commenting on a pull request" (GitHub Docs): what is
//! written is the body of `POST /repos/{owner}/{repo}/pulls/{number}/reviews`. A suggestion replaces whole lines, and
//! GitHub refuses a review with a comment outside of the lines that the pull request shows.
//!
//! Each comment is a line of its own and begins with a mark, which stays the same while its text does: what posts the
//! review leaves out what is there already.

mod diff;
mod part;

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use serde::Serialize;
use sha2::{Digest as _, Sha256};

pub use diff::Diff;
use part::Part;

use super::markdown::inert;
use super::{Placed, Report, Sorted, Style};
use crate::finding::Finding;
use crate::fix::Fix;

/// A comment, in the words of the API. The body comes first: that is where the mark is.
#[derive(Serialize)]
struct Comment<'a> {
    body: String,
    path: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    start_line: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    start_side: Option<&'static str>,
    line: u32,
    side: &'static str,
}

/// A fix, and the findings that it takes away.
struct Suggestion<'a> {
    fix: &'a Fix,
    parts: Vec<Part>,
    findings: Vec<Placed<'a>>,
}

/// What a review leaves out.
#[derive(Default)]
struct LeftOut {
    /// Fixes of lines that the pull request does not show.
    outside: usize,
    /// Fixes that others are in the way of.
    later: usize,
}

/// Writes the review.
pub(super) fn write(report: &Report<'_>, out: &mut dyn Write, _: &Style) -> io::Result<()> {
    let (suggestions, left_out) = suggestions(report);
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let comments = suggestions.iter().flat_map(|s| {
        let of = s.parts.len();
        s.parts.iter().enumerate().map(move |(n, part)| (part, said(s, n + 1, of)))
    });
    let comments = comments.map(|(part, text)| {
        let nth = seen.entry(format!("{}\0{text}", part.path)).and_modify(|n| *n += 1).or_insert(1);
        comment(part, format!("{}\n{text}", mark(&part.path, &text, *nth)))
    });
    let comments: Vec<String> =
        comments.map(|c| serde_json::to_string(&c)).collect::<Result<_, serde_json::Error>>()?;
    let body = serde_json::to_string(&about(&left_out))?;
    writeln!(out, "{{\"event\": \"COMMENT\", \"body\": {body}, \"comments\": [")?;
    writeln!(out, "{}", comments.join(",\n"))?;
    writeln!(out, "]}}")
}

/// What can be suggested, the worst first, and how many fixes cannot. Each was tried alone: of those that change the
/// same lines, or would declare a gate twice, the first is taken.
fn suggestions<'a>(report: &Report<'a>) -> (Vec<Suggestion<'a>>, LeftOut) {
    let Sorted { mut findings, .. } = report.sorted();
    findings.sort_by_key(|(_, _, f)| Reverse(f.severity));
    let (mut out, mut left_out): (Vec<Suggestion<'a>>, _) = (Vec::new(), LeftOut::default());
    let mut gates: BTreeSet<String> = BTreeSet::new();
    for placed in findings {
        let Some(fix) = report.fix_of(placed.2) else { continue };
        let Some(parts) = part::parts(report, fix) else {
            left_out.outside += 1;
            continue;
        };
        if let Some(same) = out.iter_mut().find(|s| s.parts == parts) {
            same.findings.push(placed);
            continue;
        }
        let in_the_way = |s: &Suggestion<'_>| s.parts.iter().any(|a| parts.iter().any(|b| a.meets(b)));
        let homes = homes(&placed, &parts);
        if out.iter().any(in_the_way) || fix.declares && homes.iter().any(|home| gates.contains(home)) {
            left_out.later += 1;
            continue;
        }
        if fix.declares {
            gates.extend(homes);
        }
        out.push(Suggestion { fix, parts, findings: vec![placed] });
    }
    (out, left_out)
}

/// Where one gate is enough: the unit, and the directories of Terraform, whose names are those of a module.
fn homes((unit, _, _): &Placed<'_>, parts: &[Part]) -> Vec<String> {
    let mut out = vec![unit.path.clone()];
    if unit.kind == "terraform" {
        out.extend(parts.iter().map(|p| p.path.rsplit_once('/').map_or("./", |(dir, _)| dir).to_owned()));
    }
    out
}

/// A comment without its mark: what was found, and the lines.
fn said(suggestion: &Suggestion<'_>, part: usize, of: usize) -> String {
    let mut told: Vec<String> = Vec::new();
    for (_, _, Finding { rule, message, .. }) in &suggestion.findings {
        let line = format!("**{}** {}", rule.code, inert(message));
        if !told.contains(&line) {
            told.push(line);
        }
    }
    let together = match of {
        1 => String::new(),
        of => format!(" Part {part} of {of}: commit all of them in one batch."),
    };
    let text = suggestion.parts.get(part - 1).map_or("", |p| &p.text);
    let fence = fence(text);
    // Lines that are taken away leave nothing, not an empty line.
    let end = if text.is_empty() { "" } else { "\n" };
    format!(
        "{}\n\nTo mend it: {}.{together}\n\n{fence}suggestion\n{text}{end}{fence}\n",
        told.join("\n\n"),
        inert(&suggestion.fix.title),
    )
}

/// What no line of a text can end.
fn fence(text: &str) -> String {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    "`".repeat(longest.max(2) + 1)
}

/// What a comment is known by, wherever its lines move.
fn mark(path: &str, text: &str, nth: usize) -> String {
    let digest = Sha256::digest(format!("{path}\0{text}\0{nth}"));
    let hex: String = digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    format!("<!-- mfaguard suggestion {hex} -->")
}

fn comment(part: &Part, body: String) -> Comment<'_> {
    let (side, many) = ("RIGHT", part.first < part.last);
    Comment {
        body,
        path: &part.path,
        start_line: many.then_some(part.first),
        start_side: many.then_some(side),
        line: part.last,
        side,
    }
}

/// What stands above the comments.
fn about(left_out: &LeftOut) -> String {
    let mut out =
        "Each of these changes was tried alone: it takes away what it is for, and nothing new is found."
            .to_owned();
    let fixes = |n: usize| if n == 1 { "1 more fix".to_owned() } else { format!("{n} more fixes") };
    if left_out.later > 0 {
        out.push_str(&format!(
            " {}, of the same lines or with a gate of their own, can follow when these are committed.",
            fixes(left_out.later)
        ));
    }
    if left_out.outside > 0 {
        out.push_str(&format!(
            " `mfaguard check --diff` shows {} of lines that the pull request does not show.",
            fixes(left_out.outside)
        ));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fix::Edit;
    use crate::report::testing::Parts;

    #[test]
    fn the_review_of_the_example() {
        insta::assert_snapshot!(Parts::example().written("github-review", &Style::default()));
    }

    #[test]
    fn nothing_is_a_review_without_comments() {
        let written = Parts::empty().written("github-review", &Style::default());
        let review: serde_json::Value = serde_json::from_str(&written).unwrap();
        assert_eq!((&review["event"], &review["comments"]), (&"COMMENT".into(), &serde_json::json!([])));
    }

    /// One line of a file is replaced by hostile texts: names are only text, and the fence holds.
    #[test]
    fn hostile_names_and_texts_are_only_text() {
        let mut parts = Parts::hostile();
        let span = parts.findings[0].1.span;
        for text in ["```\n@all ````` x\n~~~", "`", ""] {
            let edits = vec![Edit { span, text: text.to_owned() }];
            let fix = |(_, f): &(usize, Finding)| Fix {
                title: f.subject.clone(),
                edits: edits.clone(),
                declares: false,
            };
            parts.fixes = parts.findings.iter().map(|f| Some(fix(f))).collect();
            let written = parts.written("github-review", &Style::default());
            let review: serde_json::Value = serde_json::from_str(&written).unwrap();
            let [comment] = review["comments"].as_array().unwrap().as_slice() else { panic!("{written}") };
            assert_eq!(comment["path"], Parts::HOSTILE_PATH);
            let body = comment["body"].as_str().unwrap();
            let fence = if text.len() > 1 { "``````" } else { "```" };
            let (told, lines) = body.split_once(&format!("{fence}suggestion\n")).unwrap();
            assert_eq!(lines.strip_suffix(&format!("{fence}\n")).unwrap().trim_end_matches('\n'), text);
            let (mark, told) = told.split_once(" -->\n").unwrap();
            assert!(mark.starts_with("<!-- mfaguard suggestion ") && mark.len() == 57, "{mark}");
            assert!(!told.contains(['<', '>', '`', '\r', '\u{1b}', '\u{202e}', '@']), "{told}");
            assert_eq!(told.matches("**MFA002** ").count(), parts.findings.len());
        }
    }

    /// A suggestion could hide what it does, or GitHub would change it.
    #[test]
    fn texts_that_read_as_others_are_not_suggested() {
        let mut parts = Parts::hostile();
        let span = parts.findings[0].1.span;
        parts.findings.truncate(1);
        for (text, comments) in [("a\u{202e}b", 0), ("a\rb", 0), ("a\0", 0), ("\ta\r\nb é\r", 1)] {
            let edits = vec![Edit { span, text: text.to_owned() }];
            parts.fixes = vec![Some(Fix { title: "x".to_owned(), edits, declares: false })];
            let written = parts.written("github-review", &Style::default());
            assert_eq!(written.matches("suggestion ").count(), comments, "{written}");
        }
    }
}
