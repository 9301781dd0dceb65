//! Every example on every rule page is run through the real pipeline, with only that page's rule on.
//!
//! `# expect: MFA001` marks the line of the primary place of a finding, `# expect: MFA001?` of one that is only
//! possible. A block without marks must be clean. Blocks that name a file (` ```csv credential_report.csv `) are a
//! snapshot of an account, together with those that follow until a heading or the same name comes again; a `main.tf`
//! among them is the code that the account is compared with.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use mfaguard::account;
use mfaguard::account::time::Time;
use mfaguard::compare;
use mfaguard::diagnostic::Level;
use mfaguard::finding::Certainty;
use mfaguard::fs::MemFs;
use mfaguard::rules::{RULES, Selection};
use mfaguard::scan;
use mfaguard::source::SourceMap;
use mfaguard::status;
use mfaguard::triage::Triage;

struct Example {
    line: usize,
    /// File names with their texts.
    files: Vec<(String, String)>,
}

/// The name of the file that a block is.
fn file_name(info: &str, line: usize) -> String {
    match info.split_once(' ') {
        Some((_, name)) => name.to_owned(),
        None => match info {
            "hcl" => "main.tf".to_owned(),
            "yaml" => "template.yaml".to_owned(),
            "json" => "template.json".to_owned(),
            other => panic!("line {line}: no frontend for examples in `{other}`"),
        },
    }
}

fn examples(page: &str) -> Vec<Example> {
    let mut out: Vec<Example> = Vec::new();
    let (mut open, mut goes_on) = (false, false);
    for (i, line) in page.lines().enumerate() {
        match (open, line.strip_prefix("```")) {
            (false, Some(info)) => {
                let name = file_name(info, i + 1);
                let snapshot = info.contains(' ');
                match out
                    .last_mut()
                    .filter(|e| goes_on && snapshot && !e.files.iter().any(|(n, _)| *n == name))
                {
                    Some(example) => example.files.push((name, String::new())),
                    None => out.push(Example { line: i + 1, files: vec![(name, String::new())] }),
                }
                (open, goes_on) = (true, snapshot);
            }
            (true, Some(_)) => open = false,
            (true, None) => {
                let (_, text) = out.last_mut().unwrap().files.last_mut().unwrap();
                text.push_str(line);
                text.push('\n');
            }
            (false, None) => goes_on &= !line.starts_with('#'),
        }
    }
    out
}

/// Where something is found: file, line, code.
type Places = BTreeSet<(String, u32, String)>;

fn expected(example: &Example) -> Places {
    let marks = example.files.iter().flat_map(|(name, text)| {
        let lines = text.lines().enumerate();
        lines.filter_map(move |(i, l)| Some((name, i as u32 + 1, l.split_once("# expect: ")?.1)))
    });
    marks
        .flat_map(|(name, line, codes)| {
            codes.split_whitespace().map(move |c| (name.clone(), line, c.to_owned()))
        })
        .collect()
}

fn found(example: &Example, code: &str) -> Places {
    let is_code = |name: &str| name.starts_with("main") || name.starts_with("template");
    let snapshot = example.files.iter().any(|(name, _)| !is_code(name));
    let with_code = example.files.iter().any(|(name, _)| is_code(name));
    // Suppressions are for findings of other rules.
    let select = if code == "MFA901" { Vec::new() } else { vec![code.to_owned()] };
    let rules = Selection { select, ..Selection::default() };
    let mut files = MemFs::new();
    for (name, text) in &example.files {
        // JSON and CSV have no comments, and in others they may say something.
        let plain = |line: &str| line.split_once(" # expect: ").map_or(line, |(l, _)| l).to_owned() + "\n";
        let text: String = text.lines().map(plain).collect();
        files = files.with(name.as_str(), text);
    }
    let (fs, sources) = (Arc::new(files), SourceMap::new());
    let findings = if snapshot && with_code {
        let (accounts, problems) = account::read_all(&[PathBuf::from(".")], &[], fs.as_ref(), &sources);
        assert!(problems.is_empty(), "line {}: {problems:?}", example.line);
        let code = scan::Request { rules, ..scan::Request::new(vec![PathBuf::from("main.tf")], fs) };
        let request = compare::Request { code, elsewhere: Vec::new(), whole: false };
        let outcome = compare::drift(&request, accounts, &sources);
        let errors = outcome.diagnostics.iter().filter(|d| d.level == Level::Error);
        assert_eq!(errors.count(), 0, "line {}: {:?}", example.line, outcome.diagnostics);
        outcome.findings
    } else if snapshot {
        let request = status::Request {
            snapshots: vec![PathBuf::from(".")],
            reports: Vec::new(),
            fs,
            rules,
            triage: Triage::default(),
        };
        let outcome = status::status(&request, &sources);
        assert!(outcome.diagnostics.is_empty(), "line {}: {:?}", example.line, outcome.diagnostics);
        outcome.findings
    } else {
        let triage = Triage { now: Time::parse("2026-01-31T00:00:00Z"), ..Triage::default() };
        let request = scan::Request { rules, triage, ..scan::Request::new(vec![PathBuf::from(".")], fs) };
        let outcome = scan::check(&request, &sources);
        assert!(
            !outcome.verdicts.is_empty() || outcome.findings.iter().any(|(_, f)| f.rule.code == code),
            "line {}: the example declares nobody, and nothing that the rule is about",
            example.line
        );
        outcome.findings
    };
    findings
        .iter()
        .filter(|(_, f)| f.rule.code == code)
        .map(|(_, f)| {
            let mark = if f.certainty == Certainty::Possible { "?" } else { "" };
            let at = sources.locate(f.span).unwrap();
            (at.path.trim_start_matches("./").to_owned(), at.line, format!("{}{mark}", f.rule.code))
        })
        .collect()
}

#[test]
fn every_example_on_every_page_says_what_the_tool_says() {
    for rule in RULES {
        let info = rule.info;
        let examples = examples(info.page);
        assert!(examples.iter().any(|e| !expected(e).is_empty()), "{}: no violating example", info.code);
        assert!(examples.iter().any(|e| expected(e).is_empty()), "{}: no compliant example", info.code);
        for example in &examples {
            assert_eq!(
                found(example, info.code),
                expected(example),
                "docs/rules/{}.md, example at line {}",
                info.name,
                example.line
            );
        }
    }
}
