//! Policies made to be expensive: what they cost is bounded, and what is not looked at is never called enforced.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

use mfaguard::limits;
use mfaguard::policy::classes::Classes;
use mfaguard::policy::document::Parsed;
use mfaguard::policy::eval::{Engine, Grants};
use mfaguard::policy::judge::judge;
use mfaguard::policy::parse::{DocumentKind, parse};
use mfaguard::policy::slices::{Subject, slices};
use mfaguard::policy::universe::ActionTable;
use mfaguard::policy::verdict::Ruling;
use mfaguard::value::{Text, Unknown, Value};

const GATE: &str = r#"{"Effect":"Deny","NotAction":["iam:GetUser"],"Resource":"*",
    "Condition":{"BoolIfExists":{"aws:MultiFactorAuthPresent":"false"}}}"#;

fn read(statements: &str) -> Parsed {
    let text = format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#);
    parse(&Value::string(text, None), DocumentKind::Identity)
}

fn listed(n: usize, item: impl Fn(usize) -> String) -> String {
    (0..n).map(item).collect::<Vec<_>>().join(",")
}

/// Every statement on every resource under every reading, which is what a judgement costs.
fn cost(parsed: &Parsed) -> (usize, usize) {
    let grants = Grants { identity: vec![&parsed.document], ..Grants::default() };
    let table = ActionTable::with_elements(parsed.document.statements.iter().map(|s| &s.action));
    let (program, subject) = (grants.compile(&table), Subject::default());
    let (slices, _) = slices(&subject, &program, &table, &Classes::of(&table));
    let engine = Engine::new(&program, &slices, &subject.contexts());
    (slices.len(), engine.readings().len())
}

fn ruling(parsed: &Parsed) -> Ruling {
    let grants = Grants { identity: vec![&parsed.document], ..Grants::default() };
    judge(&grants, &Subject::default()).mfa
}

#[test]
fn many_resources_services_and_statements() {
    let resources = listed(1500, |i| format!(r#""arn:aws:s3:::bucket-{i:06}/*""#));
    let services = listed(1500, |i| format!(r#""arn:aws:service{i}:::b""#));
    let statements = listed(700, |i| {
        format!(r#"{{"Effect":"Allow","Action":"s3:Get{i}*","Resource":"arn:aws:s3:::b{i}/*"}}"#)
    });
    let all = |r: &str| format!(r#"{{"Effect":"Allow","Action":"*","Resource":[{r}]}}"#);
    for text in [all(&resources), all(&services), statements] {
        let parsed = read(&text);
        assert!(!parsed.refused());
        let (slices, readings) = cost(&parsed);
        // The general ones come on top.
        assert!(slices <= limits::WITNESSES + 6, "{slices}");
        assert_eq!(readings, 1);
    }
    // A gate on all of them holds, but resources that were not looked at could have been left out of it.
    let gate = GATE.replace(r#""Resource":"*""#, &format!(r#""Resource":[{resources}]"#));
    let grant = format!(r#"{{"Effect":"Allow","Action":"s3:*","Resource":[{resources}]}}"#);
    assert_ne!(ruling(&read(&format!("{gate},{grant}"))), Ruling::Enforced);
}

#[test]
fn many_patterns_of_actions() {
    let patterns = listed(5000, |i| format!(r#""*{}*:*e*t*{i}""#, ["a", "e", "s"][i % 3]));
    let gate = GATE.replace(r#"["iam:GetUser"]"#, &format!("[{patterns}]"));
    let parsed = read(&format!(r#"{gate},{{"Effect":"Allow","Action":"*","Resource":"*"}}"#));
    let action = &parsed.document.statements[0].action;
    assert!(action.more.is_some() && action.items.len() < 1000);
    assert_eq!(ruling(&parsed), Ruling::Unsettled);

    let stars = format!(r#""s3:{}b""#, "*a".repeat(100_000));
    assert_eq!(
        ruling(&read(&format!(r#"{{"Effect":"Allow","Action":{stars},"Resource":"*"}}"#))),
        Ruling::NotEnforced
    );
}

#[test]
fn deep_nesting_is_refused() {
    let deep = format!("{}1{}", "[".repeat(100), "]".repeat(100));
    let parsed = read(&format!(r#"{{"Effect":"Allow","Action":"*","Resource":{deep}}}"#));
    assert!(parsed.refused() || parsed.document.more.is_some());
}

#[test]
fn many_unknown_leaves() {
    let open = || {
        let mut text = Text::new("arn:aws:s3:::");
        text.push(&Text::hole(Unknown::new("`var.x` has no value", None))).unwrap();
        text
    };
    let statements =
        listed(400, |i| format!(r#"{{"Effect":"Allow","Action":"s3:Get*","Resource":"arn:aws:s3:::{i}"}}"#));
    let mut parsed = read(&format!("{GATE},{statements}"));
    for statement in parsed.document.statements.iter_mut().skip(1) {
        statement.resource.as_mut().unwrap().items[0].text = open();
        statement.more_conditions = Some(Unknown::new("`var.c` has no value", None));
    }
    let (slices, readings) = cost(&parsed);
    let steps = slices * readings * parsed.document.statements.len();
    assert!(readings <= limits::ASSIGNMENTS && steps <= limits::READING_STEPS, "{steps}");
    assert_eq!(ruling(&parsed), Ruling::Enforced);
}
