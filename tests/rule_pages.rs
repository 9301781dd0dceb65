//! Every example on every rule page is run through the real pipeline, with only that page's rule on.
//!
//! `# expect: MFA001` marks the line of the primary place of a finding, `# expect: MFA001?` of one that is only
//! possible. A block without marks must be clean.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use mfaguard::finding::Certainty;
use mfaguard::fs::MemFs;
use mfaguard::rules::{RULES, Selection};
use mfaguard::scan;
use mfaguard::source::SourceMap;

struct Example {
    line: usize,
    language: String,
    text: String,
}

fn examples(page: &str) -> Vec<Example> {
    let mut out: Vec<Example> = Vec::new();
    let mut open = false;
    for (i, line) in page.lines().enumerate() {
        match (open, line.strip_prefix("```")) {
            (false, Some(language)) => {
                out.push(Example { line: i + 1, language: language.to_owned(), text: String::new() });
                open = true;
            }
            (true, Some(_)) => open = false,
            (true, None) => {
                let example = out.last_mut().unwrap();
                example.text.push_str(line);
                example.text.push('\n');
            }
            (false, None) => {}
        }
    }
    out
}

fn expected(text: &str) -> BTreeSet<(u32, String)> {
    let marks = text.lines().enumerate().filter_map(|(i, l)| Some((i, l.split_once("# expect: ")?.1)));
    marks.flat_map(|(i, codes)| codes.split_whitespace().map(move |c| (i as u32 + 1, c.to_owned()))).collect()
}

fn found(example: &Example, code: &str) -> BTreeSet<(u32, String)> {
    let file = match example.language.as_str() {
        "hcl" => "main.tf",
        "yaml" => "template.yaml",
        "json" => "template.json",
        other => panic!("line {}: no frontend for examples in `{other}`", example.line),
    };
    let request = scan::Request {
        rules: Selection { select: vec![code.to_owned()], ..Selection::default() },
        ..scan::Request::new(
            vec![PathBuf::from(".")],
            Arc::new(MemFs::new().with(file, example.text.clone())),
        )
    };
    let sources = SourceMap::new();
    let outcome = scan::check(&request, &sources);
    assert!(
        !outcome.verdicts.is_empty() || outcome.findings.iter().any(|(_, f)| f.rule.code == code),
        "line {}: the example declares nobody, and nothing that the rule is about",
        example.line
    );
    outcome
        .findings
        .iter()
        .map(|(_, f)| {
            let mark = if f.certainty == Certainty::Possible { "?" } else { "" };
            (sources.locate(f.span).unwrap().line, format!("{}{mark}", f.rule.code))
        })
        .collect()
}

#[test]
fn every_example_on_every_page_says_what_the_tool_says() {
    for rule in RULES {
        let info = rule.info;
        let examples = examples(info.page);
        assert!(
            examples.iter().any(|e| !expected(&e.text).is_empty()),
            "{}: no violating example",
            info.code
        );
        assert!(examples.iter().any(|e| expected(&e.text).is_empty()), "{}: no compliant example", info.code);
        for example in &examples {
            assert_eq!(
                found(example, info.code),
                expected(&example.text),
                "docs/rules/{}.md, example at line {}",
                info.name,
                example.line
            );
        }
    }
}
