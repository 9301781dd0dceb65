//! Who gets into a role.

use super::*;
use crate::policy::parse::{DocumentKind, parse};
use crate::value::Value;

fn judged(statements: &str) -> TrustJudgement {
    let text = format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#);
    let parsed = parse(&Value::string(text, None), DocumentKind::Trust);
    assert!(!parsed.refused(), "{statements}: {:?}", parsed.problems);
    let subject = TrustSubject { name: Some("admin"), address: Some("aws_iam_role.admin"), unit: 0 };
    trust(&parsed.document, subject)
}

fn statement(effect: &str, principal: &str, condition: &str) -> String {
    let condition =
        if condition.is_empty() { String::new() } else { format!(r#","Condition":{{{condition}}}"#) };
    format!(r#"{{"Effect":"{effect}","Action":"sts:AssumeRole","Principal":{principal}{condition}}}"#)
}

const ROOT: &str = r#"{"AWS":"arn:aws:iam::111122223333:root"}"#;
const USER: &str = r#"{"AWS":"arn:aws:iam::111122223333:user/erik"}"#;
const STRANGER: &str = r#"{"AWS":"arn:aws:iam::444455556666:user/eve"}"#;
const PARTNER: &str = r#"{"AWS":"444455556666"}"#;
const EC2: &str = r#"{"Service":"ec2.amazonaws.com"}"#;
const SAML: &str = r#"{"Federated":"arn:aws:iam::111122223333:saml-provider/idp"}"#;
const ITSELF: &str = r#"{"AWS":"arn:aws:iam::111122223333:role/ops/admin"}"#;
const MFA: &str = r#""Bool":{"aws:MultiFactorAuthPresent":"true"}"#;
const KEYS_ESCAPE: &str = r#""BoolIfExists":{"aws:MultiFactorAuthPresent":"true"}"#;
const NO_MFA: &str = r#""BoolIfExists":{"aws:MultiFactorAuthPresent":"false"}"#;
const BOTH: &str = r#""Bool":{"aws:MultiFactorAuthPresent":["true","false"]}"#;
const AGE: &str =
    r#""StringEquals":{"sts:ExternalId":"x"},"NumericLessThan":{"aws:MultiFactorAuthAge":3600}"#;
const EXTERNAL: &str = r#""StringEquals":{"sts:ExternalId":"x"}"#;

#[test]
fn who_gets_in() {
    use Ruling::{Enforced, NotApplicable, NotEnforced, Partial};
    let allow = |p: &str, c: &str| statement("Allow", p, c);
    let only_itself =
        |op: &str| format!(r#""{op}":{{"aws:PrincipalArn":"arn:aws:iam::111122223333:role/ops/admin"}}"#);
    let all_but = |p: &str, c: &str| statement("Deny", p, c).replace("Principal", "NotPrincipal");
    for (statements, want) in [
        (vec![allow(ROOT, "")], NotEnforced),
        (vec![allow(ROOT, MFA)], Enforced),
        (vec![allow(PARTNER, AGE)], Enforced),
        (vec![allow(ROOT, EXTERNAL)], NotEnforced),
        (vec![allow(ROOT, BOTH)], NotEnforced),
        (vec![allow(ROOT, KEYS_ESCAPE)], NotEnforced),
        (vec![allow("\"*\"", "")], NotEnforced),
        (vec![allow(EC2, "")], NotApplicable),
        (vec![allow(SAML, "")], NotApplicable),
        (vec![allow(EC2, ""), allow(USER, "")], NotEnforced),
        (vec![allow(EC2, ""), allow(USER, MFA)], Enforced),
        (vec![allow(USER, MFA), allow(PARTNER, "")], Partial),
        (vec![allow(ROOT, ""), statement("Deny", "\"*\"", NO_MFA)], Enforced),
        (vec![allow(USER, ""), statement("Deny", ROOT, NO_MFA)], Enforced),
        (vec![allow(ROOT, ""), statement("Deny", USER, NO_MFA)], NotEnforced),
        (vec![allow(ROOT, ""), statement("Deny", EC2, NO_MFA)], NotEnforced),
        (
            vec![allow(r#"{"AWS":["111122223333","444455556666"]}"#, ""), statement("Deny", PARTNER, NO_MFA)],
            Partial,
        ),
        // A gate that only works outside the office lets everyone in who is inside.
        (
            vec![
                allow(ROOT, ""),
                statement(
                    "Deny",
                    "\"*\"",
                    &format!(r#"{NO_MFA},"NotIpAddress":{{"aws:SourceIp":"10.0.0.0/8"}}"#),
                ),
            ],
            NotEnforced,
        ),
        // Everyone is denied but for one, who needs no MFA; or needs it too.
        (vec![allow("\"*\"", ""), all_but(USER, "")], NotEnforced),
        (vec![allow(ROOT, ""), all_but(USER, NO_MFA)], Partial),
        (vec![allow(ROOT, ""), all_but(PARTNER, NO_MFA)], Enforced),
        (vec![allow(ROOT, ""), all_but(STRANGER, NO_MFA)], Enforced),
        (vec![allow(ROOT, ""), all_but(EC2, NO_MFA)], Enforced),
        (vec![allow("\"*\"", ""), all_but(STRANGER, NO_MFA)], Partial),
        (vec![allow("\"*\"", ""), all_but(USER, ""), statement("Deny", USER, NO_MFA)], Enforced),
        (vec![allow(ITSELF, "")], Enforced),
        (vec![allow(ITSELF, ""), allow(ROOT, MFA)], Enforced),
        (vec![allow(ITSELF, ""), allow(EC2, "")], NotApplicable),
        (
            vec![allow(
                ROOT,
                r#""ArnEquals":{"aws:PrincipalArn":"arn:aws:iam::111122223333:role/ops/admin"}"#,
            )],
            Enforced,
        ),
        (
            vec![allow(ROOT, r#""ArnLike":{"aws:PrincipalArn":"arn:aws:iam::111122223333:role/ops/*"}"#)],
            NotEnforced,
        ),
        // Inverted: who has MFA does not get in, who has not does.
        (vec![allow(ROOT, r#""Bool":{"aws:MultiFactorAuthPresent":"false"}"#)], NotEnforced),
        (vec![allow(ROOT, r#""Null":{"aws:MultiFactorAuthPresent":"true"}"#)], NotEnforced),
        (vec![allow(USER, MFA), allow(ROOT, r#""Null":{"aws:MultiFactorAuthPresent":"true"}"#)], Partial),
        (vec![allow(r#"{"CanonicalUser":"79a59df900b949e5"}"#, "")], NotApplicable),
        (vec![allow(ROOT, &only_itself("ArnNotEquals"))], NotEnforced),
        (vec![allow(ROOT, &only_itself("ArnEqualsIfExists"))], NotEnforced),
        (vec![allow(ROOT, &only_itself("ForAllValues:StringEquals"))], NotEnforced),
    ] {
        let statements = statements.join(",");
        assert_eq!(judged(&statements).ruling, want, "{statements}");
    }
}

#[test]
fn entries_say_who_and_how() {
    let statements = [statement("Allow", USER, MFA), statement("Allow", PARTNER, KEYS_ESCAPE)].join(",");
    let entries = judged(&statements).entries;
    let short: Vec<_> =
        entries.iter().map(|e| (e.statement, e.principal.as_str(), e.console, e.keys)).collect();
    assert_eq!(
        short,
        [(0, "arn:aws:iam::111122223333:user/erik", false, false), (1, "444455556666", false, true)]
    );
}

fn with_holes(parts: &[&str]) -> Ruling {
    let mut text = Text::default();
    for (i, part) in parts.iter().enumerate() {
        let part = match i % 2 {
            0 => Text::new(*part),
            _ => Text::hole(Unknown::new(*part, None)),
        };
        text.push(&part).unwrap();
    }
    let parsed = parse(&Value::text(text, None), DocumentKind::Trust);
    assert!(!parsed.refused(), "{:?}", parsed.problems);
    let judgement = trust(&parsed.document, TrustSubject::default());
    assert_eq!(judgement.unknowns.is_empty(), judgement.ruling != Ruling::Unsettled, "{parts:?}");
    judgement.ruling
}

#[test]
fn unknowns_matter_only_when_they_can_change_the_answer() {
    let head = r#"{"Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Principal":"#;
    let who = format!(r#"{head}{{"AWS":"arn:aws:iam::"#);
    assert_eq!(with_holes(&[&who, "account", r#":root"}}]}"#]), Ruling::NotEnforced);
    let mfa = format!(r#","Condition":{{{MFA}}}}}]}}"#);
    assert_eq!(with_holes(&[head, "principal", &mfa]), Ruling::Enforced);
    assert_eq!(with_holes(&[head, "principal", "}]}"]), Ruling::Unsettled);
    let value = format!(r#"{head}{ROOT},"Condition":{{"Bool":{{"aws:MultiFactorAuthPresent":"#);
    assert_eq!(with_holes(&[&value, "value", "}}}]}"]), Ruling::Unsettled);
    let external = format!(r#"{head}{ROOT},"Condition":{{"StringEquals":{{"sts:ExternalId":"#);
    assert_eq!(with_holes(&[&external, "id", "}}}]}"]), Ruling::NotEnforced);
    let deny =
        format!(r#"{head}{USER}}},{{"Effect":"Deny","Action":"sts:*","Principal":{{"AWS":"arn:aws:iam::"#);
    let gate = format!(r#":user/erik"}},"Condition":{{{NO_MFA}}}}}]}}"#);
    assert_eq!(with_holes(&[&deny, "account", &gate]), Ruling::Unsettled);
    let deny = format!(r#"{head}{ROOT}}},{{"Effect":"Deny","Action":"sts:*","Principal":"#);
    let gate = format!(r#","Condition":{{{NO_MFA}}}}}]}}"#);
    assert_eq!(with_holes(&[&deny, "whom", &gate]), Ruling::Unsettled);
    let effect =
        [r#"{"Statement":[{"Effect":"#, "effect", r#","Action":"sts:AssumeRole","Principal":"*"}]}"#];
    assert_eq!(with_holes(&effect), Ruling::Unsettled);
    let more = format!(r#"{head}{ROOT}}},"#);
    assert_eq!(with_holes(&[&more, "statement", "]}"]), Ruling::Unsettled);
    assert_eq!(with_holes(&["", "document"]), Ruling::Unsettled);
}
