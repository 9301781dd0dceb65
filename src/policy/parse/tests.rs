//! What documents are read as, and what is refused.

use super::*;
use crate::policy::document::PrincipalType;

fn text(s: &str) -> Parsed {
    parse(&Value::string(s, None), DocumentKind::Identity)
}

#[test]
fn short_forms() {
    let p = text(
        r#"{"version":"2012-10-17","statement":{"effect":"Deny","notaction":"iam:*","resource":["*"],
        "condition":{"boolifexists":{"aws:MultiFactorAuthPresent":false},"NumericLessThan":{"aws:MultiFactorAuthAge":[3600]}}}}"#,
    );
    assert_eq!(p.problems, []);
    let s = &p.document.statements[0];
    assert_eq!(s.effect, Ok(Effect::Deny));
    assert!(s.action.negated);
    let values: Vec<_> = s.condition.iter().map(|t| t.values[0].text.known().unwrap()).collect();
    assert_eq!(values, ["3600", "false"]);
    assert_eq!(p.document.version, Version::V2012);
}

#[test]
fn what_aws_refuses() {
    let ok = r#""Effect":"Allow","Action":"s3:*","Resource":"*""#;
    for (bad, word) in [
        ("[]".to_owned(), "object"),
        ("{".to_owned(), "not valid JSON"),
        (r#"{"Version":"2012-10-17"}"#.to_owned(), "no `Statement`"),
        (format!(r#"{{"Version":"2012","Statement":[{{{ok}}}]}}"#), "version"),
        (r#"{"Statement":{"Action":"*","Resource":"*"}}"#.to_owned(), "no `Effect`"),
        (r#"{"Statement":{"Effect":"allow","Action":"*","Resource":"*"}}"#.to_owned(), "no effect"),
        (r#"{"Statement":{"Effect":"Allow","Resource":"*"}}"#.to_owned(), "neither `Action`"),
        (r#"{"Statement":{"Effect":"Allow","Action":"*"}}"#.to_owned(), "neither `Resource`"),
        (format!(r#"{{"Statement":{{{ok},"NotAction":"x:y"}}}}"#), "both"),
        (format!(r#"{{"Statement":{{{ok},"Principal":"*"}}}}"#), "no `Principal`"),
        (
            format!(r#"{{"Statement":{{{ok},"Condition":{{"ConditionIfBoolExists":{{"a:b":"c"}}}}}}}}"#),
            "operator",
        ),
        (r#"{"Statement":{"Effect":"Allow","Action":5,"Resource":"*"}}"#.to_owned(), "is a string"),
        (r#"{"Statement":{"Effect":"Allow","Action":"iam","Resource":"*"}}"#.to_owned(), "no action"),
        (r#"{"Statement":{"Effect":"Allow","Action":"*","Resource":"b"}}"#.to_owned(), "no resource"),
        (r#"{"Statement":["x"]}"#.to_owned(), "a statement is"),
    ] {
        let p = text(&bad);
        assert!(p.refused() && p.document.statements.is_empty(), "{bad}");
        assert!(p.problems.iter().any(|p| p.message.contains(word)), "{bad}: {:?}", p.problems);
    }
    let trust = format!(r#"{{"Statement":{{{ok}}}}}"#);
    let p = parse(&Value::string(trust, None), DocumentKind::Trust);
    assert!(p.problems.iter().any(|p| p.message.contains("no `Resource`")), "{:?}", p.problems);
    assert!(p.problems.iter().any(|p| p.message.contains("needs a `Principal`")), "{:?}", p.problems);
}

#[test]
fn what_is_only_odd() {
    let p = text(
        r#"{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*","Resource":"*",
        "Condition":{"Bool":{"aws:MultiFactorAuthenticated":"true"}}}]}"#,
    );
    assert!(!p.refused());
    assert_eq!(p.problems.iter().map(|p| p.gate).collect::<Vec<_>>(), [false, true]);
    assert_eq!(p.document.statements.len(), 1);
    let p = text(
        r#"{"Statement":{"Effect":"Deny","Action":"*","Resource":"*",
        "Condition":{"Bool":{"aws:MultiFactorAuthPresent":["true",false]}}}}"#,
    );
    assert!(!p.refused() && p.problems.len() == 1, "{:?}", p.problems);
}

#[test]
fn unknown_parts_stay_unknown() {
    let unknown = |s: &str| Value::unknown(s, None);
    let entry = |v: Value| crate::value::Entry { key_span: None, value: v };
    let map = |pairs: Vec<(&str, Value)>| {
        Value::map(pairs.into_iter().map(|(k, v)| (k.into(), entry(v))).collect(), None)
    };
    let statement = map(vec![
        ("Effect", unknown("effect")),
        ("Action", Value::list(vec![Value::string("s3:*", None), unknown("actions")], None)),
        ("Resource", unknown("resource")),
        ("Condition", unknown("condition")),
    ]);
    let p = parse(
        &map(vec![("Statement", Value::list(vec![statement, unknown("more")], None))]),
        DocumentKind::Identity,
    );
    assert_eq!(p.problems, []);
    assert_eq!(p.document.more.as_ref().unwrap().reason(), "more");
    let s = &p.document.statements[0];
    assert_eq!(s.effect.as_ref().unwrap_err().reason(), "effect");
    assert_eq!((s.action.items.len(), s.action.more.is_some()), (1, true));
    assert_eq!(s.resource.as_ref().unwrap().more.as_ref().unwrap().reason(), "resource");
    assert_eq!(s.more_conditions.as_ref().unwrap().reason(), "condition");
    let p = parse(&unknown("all"), DocumentKind::Identity);
    assert_eq!(p.document.more.unwrap().reason(), "all");
}

#[test]
fn a_key_that_is_not_known_leaves_the_rest() {
    let mut json = Text::default();
    for part in [
        r#"{"Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"Federated":"p"},"Condition":{"StringEquals":{""#,
        "?",
        r#":aud":"a",""#,
        "?",
        r#":sub":"b","aws:x":"y"}}},{""#,
        "?",
        r#"":1},{"Effect":"Deny","Action":"*","Principal":{""#,
        "?",
        r#"":"x","AWS":"y"},"Condition":{""#,
        "?",
        r#"":{"k":"v"},"Bool":{"l":"w"}}}]}"#,
    ] {
        let text = if part == "?" { Text::hole(Unknown::new("h", None)) } else { Text::new(part) };
        json.push(&text).unwrap();
    }
    let p = parse(&Value::text(json, None), DocumentKind::Trust);
    assert_eq!(p.problems, []);
    let [first, second] = p.document.statements.as_slice() else { panic!("{:?}", p.document) };
    let keys: Vec<_> = first.condition.iter().map(|t| (t.key.visible(), t.key.holes().len())).collect();
    assert_eq!(keys, [(":aud", 1), (":sub", 1), ("aws:x", 0)]);
    assert!(first.more_conditions.is_none());
    assert_eq!(p.document.more.as_ref().unwrap().reason(), "h");
    let principals = second.principal.as_ref().unwrap();
    assert_eq!((principals.items.len(), principals.more.is_some()), (1, true));
    assert_eq!((second.condition.len(), second.more_conditions.is_some()), (1, true));
}

#[test]
fn principals() {
    let p = parse(
        &Value::string(
            r#"{"Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"AWS":["*","111122223333"],"Service":"ec2.amazonaws.com"}},
            {"Effect":"Allow","Action":"sts:AssumeRole","Principal":"*"}]}"#,
            None,
        ),
        DocumentKind::Trust,
    );
    assert_eq!(p.problems, []);
    let kinds: Vec<_> =
        p.document.statements[0].principal.as_ref().unwrap().items.iter().map(|i| i.kind).collect();
    assert_eq!(kinds, [Some(PrincipalType::Aws), Some(PrincipalType::Aws), Some(PrincipalType::Service)]);
    assert_eq!(p.document.statements[1].principal.as_ref().unwrap().items[0].kind, Some(PrincipalType::Aws));
}
