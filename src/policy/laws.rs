//! Laws that hold whatever the policies are, and judgements that are known.

use proptest::prelude::*;

use super::difference::{self, Compared, Home};
use super::document::Document;
use super::eval::Grants;
use super::judge::{HoleKind, Judgement, judge};
use super::names;
use super::parse::{DocumentKind, parse};
use super::simulate::{Requests, Simulator};
use super::slices::Subject;
use super::verdict::Ruling;
use crate::tri::Tri;
use crate::value::{Text, Unknown, Value};

/// A document of JSON text in which `@` stands for what is not known.
pub(super) fn document(json: &str) -> Document {
    let mut text = Text::default();
    for (i, part) in json.split('@').enumerate() {
        if i > 0 {
            text.push(&Text::hole(Unknown::new(format!("hole {i}"), None))).unwrap();
        }
        text.push(&Text::new(part)).unwrap();
    }
    let parsed = parse(&Value::text(text, None), DocumentKind::Identity);
    assert!(!parsed.refused(), "{json}: {:?}", parsed.problems);
    parsed.document
}

pub(super) fn policy(statements: &str) -> Document {
    document(&format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#))
}

pub(super) fn judged(identity: &[Document], boundary: &[Document]) -> Judgement {
    let grants =
        Grants { identity: identity.iter().collect(), boundary: boundary.iter().collect(), scps: Vec::new() };
    judge(&grants, &Subject { name: Some("alice".to_owned()), ..Subject::default() })
}

pub(super) const ADMIN: &str = r#"{"Effect":"Allow","Action":"*","Resource":"*"}"#;
pub(super) const ADMIN_WITH_MFA: &str = r#"{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"Bool":{"aws:MultiFactorAuthPresent":true}}}"#;
pub(super) const EC2: &str = r#"{"Effect":"Allow","Action":"ec2:*","Resource":"*"}"#;

pub(super) fn gate(exempt: &str, resource: &str, condition: &str) -> String {
    format!(r#"{{"Effect":"Deny","NotAction":[{exempt}],"Resource":{resource},"Condition":{{{condition}}}}}"#)
}

pub(super) const ENROL: &str =
    r#""iam:CreateVirtualMFADevice","iam:EnableMFADevice","iam:ListMFADevices","sts:GetSessionToken""#;
pub(super) const NO_MFA: &str = r#""BoolIfExists":{"aws:MultiFactorAuthPresent":"false"}"#;
const NO_MFA_BOOL: &str = r#""Bool":{"aws:MultiFactorAuthPresent":"false"}"#;

#[test]
fn verdicts() {
    use Ruling::{Enforced, NotEnforced, Partial, Unsettled};
    let good = gate(ENROL, "\"*\"", NO_MFA);
    for (statements, mfa, keys, admin) in [
        (vec![ADMIN], NotEnforced, NotEnforced, Tri::Yes),
        (vec![ADMIN, &good], Enforced, Enforced, Tri::Yes),
        (vec![ADMIN, &gate(ENROL, "\"*\"", NO_MFA_BOOL)], Enforced, NotEnforced, Tri::Yes),
        (vec![ADMIN_WITH_MFA], Enforced, Enforced, Tri::Yes),
        (vec![ADMIN, &gate(r#""iam:*""#, "\"*\"", NO_MFA)], Partial, Partial, Tri::Yes),
        (vec![EC2], NotEnforced, NotEnforced, Tri::No),
        (vec![], NotEnforced, NotEnforced, Tri::No),
        (
            vec![ADMIN, r#"{"Effect":"Deny","Action":"iam:*","Resource":"*"}"#],
            NotEnforced,
            NotEnforced,
            Tri::No,
        ),
        (
            vec![ADMIN, r#"{"Effect":"Deny","Action":["iam:DeleteRole","s3:*"],"Resource":"*"}"#],
            NotEnforced,
            NotEnforced,
            Tri::Yes,
        ),
        (
            vec![
                r#"{"Effect":"Allow","NotAction":"iam:*","Resource":"*"}"#,
                r#"{"Effect":"Allow","Action":"iam:*","Resource":"*"}"#,
            ],
            NotEnforced,
            NotEnforced,
            Tri::Yes,
        ),
        (vec![r#"{"Effect":"Allow","NotAction":"iam:*","Resource":"*"}"#], NotEnforced, NotEnforced, Tri::No),
        // Everything on the resources of one account only is not everything.
        (
            vec![r#"{"Effect":"Allow","Action":"*","Resource":"arn:aws:s3:::logs/*"}"#],
            NotEnforced,
            NotEnforced,
            Tri::No,
        ),
        // The gate leaves one bucket open.
        (vec![ADMIN, &gate(ENROL, r#"["arn:aws:iam::*:*"]"#, NO_MFA)], Partial, Partial, Tri::Yes),
        // An account number in the gate is the own account.
        (
            vec![
                r#"{"Effect":"Allow","Action":"iam:*","Resource":"arn:aws:iam::111122223333:role/*"}"#,
                r#"{"Effect":"Deny","Action":"*","Resource":"arn:aws:iam::@:*","Condition":{"BoolIfExists":{"aws:MultiFactorAuthPresent":"false"}}}"#,
            ],
            Enforced,
            Enforced,
            Tri::No,
        ),
        // What is not known and cannot matter.
        (vec![ADMIN, &good, "@"], Enforced, Enforced, Tri::Yes),
        (
            vec![r#"{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::@/*"}"#],
            NotEnforced,
            NotEnforced,
            Tri::No,
        ),
        (vec![ADMIN, r#"{"Effect":"Allow","Action":@,"Resource":"*"}"#], NotEnforced, NotEnforced, Tri::Yes),
        // What is not known and does matter.
        (vec![ADMIN, "@"], Unsettled, Unsettled, Tri::Yes),
        (vec![ADMIN, &gate(r#"@"#, "\"*\"", NO_MFA)], Unsettled, Unsettled, Tri::Yes),
        (
            vec![ADMIN, &gate(ENROL, "\"*\"", r#""BoolIfExists":{"aws:MultiFactorAuthPresent":"@"}"#)],
            Unsettled,
            // Keys carry no such value, so that whatever it is compared with does not matter.
            Enforced,
            Tri::Yes,
        ),
        // Two that are not known may stand on either side of MFA, and together take everything.
        (
            vec![
                ADMIN,
                &gate(ENROL, "\"*\"", r#""BoolIfExists":{"aws:MultiFactorAuthPresent":"@"}"#),
                &gate(ENROL, "\"*\"", r#""BoolIfExists":{"aws:MultiFactorAuthPresent":"@"}"#),
            ],
            Unsettled,
            Enforced,
            Tri::Maybe,
        ),
        (vec![r#"{"Effect":@,"Action":"*","Resource":"*"}"#], Unsettled, Unsettled, Tri::Maybe),
    ] {
        let text = statements.join(",");
        let j = judged(&[policy(&text)], &[]);
        assert_eq!((j.mfa, j.mfa_keys, j.admin), (mfa, keys, admin), "{text}");
        let unsettled = mfa == Unsettled || keys == Unsettled || admin == Tri::Maybe;
        assert_eq!(!j.unknowns.is_empty(), unsettled, "{text}");
    }
}

#[test]
fn a_name_that_is_not_known_may_be_the_one_that_is_exempt() {
    let but = |test: &str| policy(&format!("{ADMIN},{}", gate(ENROL, "\"*\"", &format!("{NO_MFA},{test}"))));
    let nameless = Some(Unknown::new("nobody knows", None));
    for (test, want) in [
        (r#""StringNotEquals":{"aws:username":"ci"}"#, Ruling::Unsettled),
        (r#""ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::*:user/ci"}"#, Ruling::Unsettled),
        (r#""ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/ci"}"#, Ruling::Enforced),
        (r#""StringLike":{"aws:username":"*"}"#, Ruling::Enforced),
        (r#""StringEquals":{"aws:username":"${aws:username}"}"#, Ruling::Enforced),
    ] {
        let document = but(test);
        let grants = Grants { identity: vec![&document], ..Grants::default() };
        let j = judge(&grants, &Subject { nameless: nameless.clone(), ..Subject::default() });
        assert_eq!((j.mfa, j.mfa_keys, j.admin), (want, want, Tri::Yes), "{test}");
        assert_eq!(j.unknowns.is_empty(), want == Ruling::Enforced, "{test}");
    }
}

#[test]
fn boundaries_cap_and_gate() {
    let admin = [policy(ADMIN)];
    let j = judged(&admin, &[policy(EC2)]);
    assert_eq!((j.mfa, j.admin), (Ruling::NotEnforced, Tri::No));
    let j = judged(&admin, &[policy(ADMIN_WITH_MFA)]);
    assert_eq!((j.mfa, j.mfa_keys, j.admin), (Ruling::Enforced, Ruling::Enforced, Tri::Yes));
    let j = judged(&admin, &[document("@")]);
    assert_eq!((j.mfa, j.admin), (Ruling::Unsettled, Tri::Maybe));
    // A refused boundary allows nothing.
    let j = judged(&admin, &[Document::default()]);
    assert_eq!((j.open.count, j.admin), (0, Tri::No));
}

#[test]
fn reasons() {
    let j = judged(
        &[policy(ADMIN), policy(&gate(r#""iam:CreateAccessKey","iam:GetUser""#, "\"*\"", NO_MFA))],
        &[],
    );
    assert_eq!((j.mfa, j.open.count), (Ruling::Partial, 1));
    assert_eq!(j.open.takeover, ["iam:CreateAccessKey"]);
    assert_eq!(j.holes.len(), 1);
    assert_eq!((j.holes[0].kind, j.holes[0].text.as_str()), (HoleKind::NotAction, "iam:CreateAccessKey"));
    assert_eq!((j.gates[0].document.document, j.opened_by[0].document.document), (1, 0));

    let j = judged(&[policy(ADMIN), policy(&gate(ENROL, "\"*\"", NO_MFA_BOOL))], &[]);
    let kinds: Vec<_> = j.holes.iter().map(|h| (h.kind, h.text.as_str())).collect();
    assert_eq!(kinds, [(HoleKind::Operator, "Bool")]);
    assert!(j.open.worst[0].starts_with("iam:"), "{:?}", j.open.worst);

    let office = format!(r#"{NO_MFA},"NotIpAddress":{{"aws:SourceIp":"203.0.113.0/24"}}"#);
    let j = judged(&[policy(ADMIN), policy(&gate(ENROL, "\"*\"", &office))], &[]);
    assert_eq!(j.mfa, Ruling::Partial);
    let kinds: Vec<_> = j.holes.iter().map(|h| (h.kind, h.text.as_str())).collect();
    assert_eq!(kinds, [(HoleKind::Condition, "aws:SourceIp")]);

    // What the gate exempts is a hole of its own.
    let both = gate(r#""iam:CreateAccessKey","iam:GetUser""#, "\"*\"", &office);
    let j = judged(&[policy(ADMIN), policy(&both)], &[]);
    let kinds: Vec<_> = j.holes.iter().map(|h| (h.kind, h.text.as_str())).collect();
    assert_eq!(kinds, [(HoleKind::NotAction, "iam:CreateAccessKey"), (HoleKind::Condition, "aws:SourceIp")]);
}

const REQUESTS: &str = r#"{"context":{"aws:username":"alice"},
    "worlds":{"mfa":{"aws:MultiFactorAuthPresent":"true","aws:MultiFactorAuthAge":"60"},
              "console":{"aws:MultiFactorAuthPresent":"false"},"keys":{}},
    "requests":[
      {"label":"a","action":"iam:CreateAccessKey","resource":"arn:aws:iam::111122223333:user/alice"},
      {"label":"b","action":"iam:CreateAccessKey","resource":"arn:aws:iam::111122223333:user/bob"},
      {"label":"c","action":"ec2:RunInstances","resource":"*"},
      {"label":"d","action":"s3:GetObject","resource":"arn:aws:s3:::logs/x"},
      {"label":"e","action":"iam:EnableMFADevice","resource":"arn:aws:iam::111122223333:user/alice"}]}"#;

fn element(name: &'static str, pool: &'static [&'static str]) -> impl Strategy<Value = (String, String)> {
    // The same list, in two orders; one item also as a string.
    proptest::sample::subsequence(pool, 1..=2).prop_map(move |items| {
        let list = |items: &[&str]| format!(r#""{name}":[{}]"#, items.join(","));
        let reversed: Vec<&str> = items.iter().rev().copied().collect();
        let other = match reversed.as_slice() {
            [one] => format!(r#""{name}":{one}"#),
            many => list(many),
        };
        (list(&items), other)
    })
}

/// A statement, written in two ways.
fn statement(effect: &'static str) -> impl Strategy<Value = (String, String)> {
    const ACTIONS: &[&str] =
        &[r#""*""#, r#""iam:*""#, r#""IAM:createaccesskey""#, r#""ec2:Run*""#, r#""s3:?et*""#];
    const RESOURCES: &[&str] = &[
        r#""*""#,
        r#""arn:aws:iam::*:user/${aws:username}""#,
        r#""arn:aws:s3:::logs/*""#,
        r#""arn:aws:iam::*:*""#,
    ];
    let condition = proptest::sample::select(vec![
        "",
        r#","Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"}}"#,
        r#","Condition":{"BoolIfExists":{"aws:MultiFactorAuthPresent":"false"}}"#,
        r#","Condition":{"Null":{"aws:MultiFactorAuthAge":"true"}}"#,
        r#","Condition":{"IpAddress":{"aws:SourceIp":"10.0.0.0/8"}}"#,
    ]);
    let action = prop_oneof![element("Action", ACTIONS), element("NotAction", ACTIONS)];
    let resource = prop_oneof![element("Resource", RESOURCES), element("NotResource", RESOURCES)];
    (action, resource, condition).prop_map(move |(a, r, c)| {
        (
            format!(r#"{{"Effect":"{effect}",{},{}{c}}}"#, a.0, r.0),
            format!(r#"{{{},{},"Effect":"{effect}"{c}}}"#, r.1, a.1),
        )
    })
}

fn statements() -> impl Strategy<Value = Vec<(String, String)>> {
    proptest::collection::vec(prop_oneof![statement("Allow"), statement("Deny")], 0..4)
}

fn answer(statements: &[&str]) -> super::simulate::Answer {
    let text = statements.join(",");
    let line = format!(
        r#"{{"id":1,"principal":"arn:aws:iam::111122223333:user/alice","policies":[{{"Version":"2012-10-17","Statement":[{text}]}}]}}"#
    );
    Simulator::new(Requests::from_json(REQUESTS).unwrap()).answer(&line).unwrap()
}

fn within(a: &super::simulate::Allowed, b: &super::simulate::Allowed) -> bool {
    let pairs = [(&a.mfa, &b.mfa), (&a.console, &b.console), (&a.keys, &b.keys)];
    pairs.iter().all(|(a, b)| a.iter().all(|label| b.contains(label)))
}

proptest! {
    #[test]
    fn an_allow_never_closes_and_a_deny_never_opens(
        base in statements(), allow in statement("Allow"), deny in statement("Deny")
    ) {
        let base: Vec<&str> = base.iter().map(|s| s.0.as_str()).collect();
        let before = answer(&base);
        let with = |s: &str| answer(&[base.as_slice(), &[s]].concat());
        let (wider, narrower) = (with(&allow.0), with(&deny.0));
        prop_assert!(within(&before.allowed, &wider.allowed));
        prop_assert!(within(&narrower.allowed, &before.allowed));
    }

    #[test]
    fn order_and_form_do_not_matter(base in statements()) {
        let one: Vec<&str> = base.iter().map(|s| s.0.as_str()).collect();
        let other: Vec<&str> = base.iter().rev().map(|s| s.1.as_str()).collect();
        prop_assert_eq!(answer(&one), answer(&other));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    /// Soundness: whatever a hole turns out to be, a verdict that was given stands.
    #[test]
    fn completing_an_unknown_never_contradicts_the_verdict(
        base in statements(),
        (template, values) in proptest::sample::select(vec![
            (r#"{"Effect":"Allow","Action":"@","Resource":"*"}"#, ["*", "iam:CreateAccessKey", "ec2:*"]),
            (r#"{"Effect":"Allow","Action":"s3:*","Resource":"@"}"#, ["*", "arn:aws:s3:::logs/x", "arn:aws:s3:::b"]),
            (r#"{"Effect":"Deny","NotAction":"@","Resource":"*","Condition":{"BoolIfExists":{"aws:MultiFactorAuthPresent":"false"}}}"#,
             ["iam:*", "sts:GetSessionToken", "ec2:*"]),
            (r#"{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"Bool":{"aws:MultiFactorAuthPresent":"@"}}}"#,
             ["true", "false", "yes"]),
            (r#"{"Effect":"@","Action":"*","Resource":"*"}"#, ["Allow", "Deny", "Allow"]),
        ])
    ) {
        let with = |s: &str| {
            let all: Vec<&str> = base.iter().map(|s| s.0.as_str()).chain([s]).collect();
            judged(&[policy(&all.join(","))], &[])
        };
        let open = with(template);
        for value in values {
            let settled = with(&template.replace('@', value));
            for (o, s) in [(open.mfa, settled.mfa), (open.mfa_keys, settled.mfa_keys)] {
                prop_assert!(o == Ruling::Unsettled || o == s, "{} {:?} {:?}", value, o, s);
            }
            prop_assert!(open.admin == Tri::Maybe || open.admin == settled.admin);
        }
    }
}

#[test]
fn large_policies_stay_bounded() {
    let open: Vec<String> = (0..300)
        .map(|i| format!(r#"{{"Effect":"Allow","Action":"s3:@","Resource":"arn:aws:s3:::b{i}/@"}}"#))
        .collect();
    assert_eq!(judged(&[policy(&open.join(","))], &[]).mfa, Ruling::NotEnforced);
    let gated = [open.join(","), gate(ENROL, "\"*\"", NO_MFA)].join(",");
    assert_eq!(judged(&[policy(&gated)], &[]).mfa, Ruling::Enforced);
}

const HOME: Home<'_> = Home { account: "111122223333", partition: "aws" };

fn compared(a: &[&str], b: &[&str]) -> Compared {
    difference::identity(&policy(&a.join(",")), &policy(&b.join(",")), HOME)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]
    /// Soundness: policies that do not tell users apart judge all alike.
    #[test]
    fn who_it_is_matters_to_policies_that_tell_users_apart(
        base in statements(),
        resource in proptest::sample::select(vec![
            "*", "arn:aws:iam::*:user/${aws:username}", "arn:aws:iam::111122223333:user/*", "arn:aws:iam::@:user/ann",
            "arn:aws:iam::*:user/a*", "arn:aws:iam::*:mfa/${aws:username}", "arn:aws:iam::*:mfa/b*", "arn:aws:s3:::ann",
            "arn:aws:s3:::${aws:username}/*", "arn:*:*:*:*:user/ben", "arn:aws:i?m::*:user/ben", "arn:aws:iam::*:role/x",
            "*ann", "arn:aws:iam::*:us*", "arn:aws:iam::*:*/unnamed-by-policies",
        ]),
        condition in proptest::sample::select(vec![
            "", r#""StringLike":{"aws:username":"a*"}"#, r#""ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:user/eng/*"}"#,
            r#""StringEquals":{"aws:username":["ann","ben"]}"#, r#""StringEquals":{"aws:userid":"${aws:username}"}"#,
            r#""StringNotEquals":{"AWS:UserName":"unnamed-by-policies"}"#, r#""StringEquals":{"@":"ann"}"#,
        ]),
        (effect, action) in proptest::sample::select(vec![("Allow", "iam:*"), ("Deny", "iam:*"), ("Deny", "*"), ("Allow", "s3:*")]),
        number in any::<bool>(),
    ) {
        let own = format!(
            r#"{{"Effect":"{effect}","Action":"{action}","Resource":"{resource}","Condition":{{{condition}}}}}"#
        );
        let all: Vec<&str> = base.iter().map(|s| s.0.as_str()).chain([own.as_str()]).collect();
        let document = policy(&all.join(","));
        let grants = Grants { identity: vec![&document], ..Grants::default() };
        let user = |name: &str| Subject {
            name: Some(name.to_owned()),
            arn: number.then(|| format!("arn:aws:iam::111122223333:user/eng/{name}")),
            ..Subject::default()
        };
        if !names::tell_users_apart(&grants) {
            for subject in ["ann", "ben", "user", "x-other"].map(user) {
                let anyone = names::anyone(&subject).unwrap();
                prop_assert_eq!(judge(&grants, &subject), judge(&grants, &anyone), "{}", all.join(","));
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn what_is_written_in_another_way_does_not_differ(base in statements()) {
        let one: Vec<&str> = base.iter().map(|s| s.0.as_str()).collect();
        let other: Vec<&str> = base.iter().rev().map(|s| s.1.as_str()).collect();
        let twice = [one.as_slice(), &other].concat();
        prop_assert_eq!(compared(&one, &other), Compared::Same);
        prop_assert_eq!(compared(&one, &twice), Compared::Same);
    }

    /// Soundness: what does not differ answers every request alike.
    #[test]
    fn policies_that_do_not_differ_allow_the_same(a in statements(), b in statements()) {
        let [a, b] = [&a, &b].map(|list| list.iter().map(|s| s.0.as_str()).collect::<Vec<_>>());
        if compared(&a, &b) == Compared::Same {
            prop_assert_eq!(answer(&a), answer(&b));
        }
        // One statement is often moot, so that both outcomes come up.
        let more = [a.as_slice(), b.get(..1).unwrap_or_default()].concat();
        if compared(&a, &more) == Compared::Same {
            prop_assert_eq!(answer(&a), answer(&more));
        }
    }
}

/// Soundness: what a hole turns out to be is no difference.
#[test]
fn a_hole_fits_what_it_turns_out_to_be() {
    for (template, value) in [
        (r#"{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::@/*"}"#, "logs"),
        (r#"{"Effect":"Allow","Action":"s3:Get@","Resource":["*","arn:aws:s3:::a-@-b"]}"#, "Object"),
        (r#"{"Effect":"Deny","NotAction":"@","Resource":"*"}"#, "iam:*"),
        (
            r#"{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringEquals":{"aws:SourceVpc":"@"}}}"#,
            "vpc-1",
        ),
    ] {
        let settled = template.replace('@', value);
        assert_eq!(compared(&[EC2, template], &[&settled, EC2]), Compared::Same, "{template}");
        let other =
            settled.replace("Effect", "Sid\":\"x\",\"Effect").replace("\"*\"", "\"arn:aws:sqs:*:*:q\"");
        assert!(
            matches!(compared(&[template], &[&other]), Compared::Same | Compared::Unsettled(_)),
            "{template}"
        );
    }
}

#[test]
fn changes_are_named() {
    let change = |a: &[&str], b: &[&str]| match compared(a, b) {
        Compared::Changed(change) => change.in_words("action"),
        other => panic!("{other:?}"),
    };
    let wider = gate(r#""iam:CreateVirtualMFADevice","iam:AttachUserPolicy""#, "\"*\"", NO_MFA);
    let narrow = gate(r#""iam:CreateVirtualMFADevice""#, "\"*\"", NO_MFA);
    for (a, b, words) in [
        (
            &[ADMIN, &narrow][..],
            &[ADMIN, &wider][..],
            "1 action opened (`iam:AttachUserPolicy`), also without MFA",
        ),
        (&[ADMIN, &wider], &[ADMIN, &narrow], "1 action closed (`iam:AttachUserPolicy`), also without MFA"),
        (
            &[r#"{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::a/*"}"#],
            &[r#"{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*"}"#],
            "1 action as before, but on other resources or under other conditions (`s3:GetObject`), also without MFA",
        ),
        (
            &[r#"{"Effect":"Allow","Action":"sqs:SendMessage","Resource":"*"}"#],
            &[
                r#"{"Effect":"Allow","Action":"sqs:SendMessage","Resource":"*","Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"}}}"#,
            ],
            "1 action closed (`sqs:SendMessage`), also without MFA",
        ),
    ] {
        assert_eq!(change(a, b), words);
    }
}

#[test]
fn large_policies_are_not_compared_without_end() {
    let many = |word: &str| -> Vec<String> {
        (0..400)
            .map(|i| format!(r#"{{"Effect":"Allow","Action":"s3:{word}","Resource":"arn:aws:s3:::b{i}/*"}}"#))
            .collect()
    };
    let [a, b] = ["GetObject", "PutObject"].map(|word| policy(&many(word).join(",")));
    assert!(matches!(difference::identity(&a, &b, HOME), Compared::Unsettled(_)));
    assert_eq!(difference::identity(&a, &a, HOME), Compared::Same);
}
