//! Judgements that are known, each of which hangs on one thing.

use super::document::Document;
use super::eval::{Grants, Part, StatementRef};
use super::judge::{HoleKind, Judgement, judge, judge_admin};
use super::laws::{ADMIN, ADMIN_WITH_MFA, EC2, ENROL, NO_MFA, document, gate, judged, policy};
use super::names;
use super::slices::Subject;
use super::verdict::Ruling::{self, Enforced, NotEnforced, Partial, Unsettled};
use crate::limits;
use crate::tri::Tri;

fn rulings(identity: &[Document], boundary: &[Document]) -> (Ruling, Ruling) {
    let j = judged(identity, boundary);
    (j.mfa, j.mfa_keys)
}

const BUCKET: &str = r#"{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::logs/*"}"#;

#[test]
fn not_resource_is_everything_else() {
    let but_bucket =
        gate(ENROL, r#""*""#, NO_MFA).replace(r#""Resource":"*""#, r#""NotResource":"arn:aws:s3:::logs/*""#);
    assert_eq!(rulings(&[policy(&format!("{ADMIN},{but_bucket}"))], &[]), (Partial, Partial));
    assert_eq!(rulings(&[policy(&format!("{EC2},{but_bucket}"))], &[]), (Enforced, Enforced));
    assert_eq!(rulings(&[policy(&format!("{BUCKET},{but_bucket}"))], &[]), (NotEnforced, NotEnforced));
    let all_but_bucket = r#"{"Effect":"Allow","Action":"*","NotResource":"arn:aws:s3:::logs/*"}"#;
    let of_bucket = gate(ENROL, r#""arn:aws:s3:::logs/*""#, NO_MFA);
    assert_eq!(rulings(&[policy(&format!("{all_but_bucket},{of_bucket}"))], &[]), (NotEnforced, NotEnforced));
}

/// An action may be allowed on resources of another service, which a pattern for all of them means as well.
#[test]
fn actions_on_resources_of_other_services_count() {
    let assume =
        |resource: &str| format!(r#"{{"Effect":"Allow","Action":"sts:AssumeRole","Resource":"{resource}"}}"#);
    for resource in ["arn:aws:iam::*:*", "arn:aws:iam::*:role/*", "arn:aws:iam::111122223333:role/x"] {
        let j = judged(&[policy(&format!("{ADMIN_WITH_MFA},{}", assume(resource)))], &[]);
        assert_eq!((j.mfa, j.mfa_keys, j.open.count), (Partial, Partial, 1), "{resource}");
    }
}

/// What is open on one resource that a policy names is open.
#[test]
fn resources_that_are_named_count() {
    for (action, resource) in [
        ("iam:CreateAccessKey", "user/bob"),
        ("iam:CreateAccessKey", "user/staff/*"),
        ("iam:TagMFADevice", "mfa/bob"),
        ("iam:TagMFADevice", "sms-mfa/bob"),
        ("iam:PutRolePolicy", "role/ops"),
    ] {
        let one =
            format!(r#"{{"Effect":"Allow","Action":"{action}","Resource":"arn:aws:iam::*:{resource}"}}"#);
        let j = judged(&[policy(&format!("{ADMIN_WITH_MFA},{one}"))], &[]);
        assert_eq!((j.mfa, j.mfa_keys, j.open.count), (Partial, Partial, 1), "{action} {resource}");
    }
}

/// Patterns mean also the actions that are newer than the list.
#[test]
fn actions_that_are_not_listed() {
    let allow = r#"{"Effect":"Allow","Action":["iam:BrandNew","iam:GetUser"],"Resource":"*"}"#;
    let deny = |element: &str| {
        policy(&format!(r#"{allow},{{"Effect":"Deny",{element},"Resource":"*","Condition":{{{NO_MFA}}}}}"#))
    };
    for (element, ruling) in [
        (r#""Action":"iam:*""#, Enforced),
        (r#""Action":"*""#, Enforced),
        (r#""Action":"iam:brand?ew""#, Enforced),
        (r#""Action":"iam:Old*""#, NotEnforced),
        (r#""NotAction":"iam:*""#, NotEnforced),
        (r#""NotAction":"IAM:BrandNew""#, NotEnforced),
        (r#""NotAction":"s3:*""#, Enforced),
    ] {
        assert_eq!(rulings(&[deny(element)], &[]), (ruling, ruling), "{element}");
    }
    let j = judged(&[policy(ADMIN), deny(r#""NotAction":["iam:Brand*","iam:CreateAccessKey"]"#)], &[]);
    assert_eq!(
        holes(&j),
        [(HoleKind::NotAction, "iam:Brand*"), (HoleKind::NotAction, "iam:CreateAccessKey")]
    );
    assert_eq!(j.holes[0].actions, ["iam:BrandNew"]);
    // What a policy means beside one user's is not what it means beside another's.
    let shared =
        policy(&format!(r#"{{"Effect":"Deny","Action":"iam:*","Resource":"*","Condition":{{{NO_MFA}}}}}"#));
    for (action, ruling) in
        [("brandnew:DoIt", NotEnforced), ("iam:BrandNew", Enforced), ("s3:BrandNew", NotEnforced)]
    {
        let own = policy(&format!(r#"{{"Effect":"Allow","Action":"{action}","Resource":"*"}}"#));
        let grants = Grants { identity: vec![&shared, &own], ..Grants::default() };
        assert_eq!(judge(&grants, &Subject::default()).mfa, ruling, "{action}");
    }
}

/// Resources of some services have no region and no account.
#[test]
fn a_gate_of_all_resources_of_a_service_gates_the_service() {
    for (action, resource) in [
        ("s3:GetObject", "arn:aws:s3:::*"),
        ("route53:ChangeResourceRecordSets", "arn:aws:route53:::*"),
        ("cloudfront:DeleteDistribution", "arn:aws:cloudfront:::*"),
        ("iam:PutRolePolicy", "arn:aws:iam::*:*"),
        ("organizations:DeletePolicy", "arn:aws:organizations::*:*"),
        ("sqs:SendMessage", "arn:aws:sqs:*:*:*"),
    ] {
        let allow = format!(r#"{{"Effect":"Allow","Action":"{action}","Resource":"*"}}"#);
        let gated = format!("{allow},{}", gate(ENROL, &format!(r#""{resource}""#), NO_MFA));
        assert_eq!(rulings(&[policy(&gated)], &[]), (Enforced, Enforced), "{action}");
        let exempt = gated.replace(r#"["iam:C"#, &format!(r#"["{action}","iam:C"#));
        assert_eq!(rulings(&[policy(&exempt)], &[]), (NotEnforced, NotEnforced), "{action}");
    }
}

#[test]
fn what_is_not_looked_at_may_be_open() {
    let buckets = |n: usize| {
        let all: Vec<String> = (0..n).map(|i| format!(r#""arn:aws:s3:::b{i}/*""#)).collect();
        format!("[{}]", all.join(","))
    };
    let but_last = |n: usize| {
        let allow = format!(r#"{{"Effect":"Allow","Action":"s3:GetObject","Resource":{}}}"#, buckets(n));
        rulings(&[policy(&format!("{allow},{}", gate(ENROL, &buckets(n - 1), NO_MFA)))], &[])
    };
    assert_eq!(but_last(5), (Partial, Partial));
    assert_eq!(but_last(limits::WITNESSES), (Unsettled, Unsettled));
}

#[test]
fn what_is_not_known_is_told_once_and_only_when_it_matters() {
    let deny = r#"{"Effect":"Deny","Action":"*","Resource":"*","Condition":"#;
    for (statements, mfa, keys, admin, unknown) in [
        (
            vec![r#"{"Effect":"Allow","Action":"*","Resource":"@"}"#.to_owned()],
            NotEnforced,
            NotEnforced,
            Tri::Maybe,
            1,
        ),
        // Only keys hang on it.
        (
            vec![
                EC2.to_owned(),
                format!(r#"{deny}{{"Bool":{{"aws:MultiFactorAuthPresent":"false"}}}}}}"#),
                format!(r#"{deny}{{"Null":{{"aws:MultiFactorAuthPresent":"@"}}}}}}"#),
            ],
            Enforced,
            Unsettled,
            Tri::No,
            1,
        ),
        (vec![EC2.replace("ec2:*", "ec2:@")], NotEnforced, NotEnforced, Tri::No, 0),
    ] {
        let text = statements.join(",");
        let j = judged(&[policy(&text)], &[]);
        assert_eq!((j.mfa, j.mfa_keys, j.admin, j.unknowns.len()), (mfa, keys, admin, unknown), "{text}");
    }
}

#[test]
fn administrators_alone() {
    let admin = |identity: &str, boundary: &[Document]| {
        let identity = policy(identity);
        let grants =
            Grants { identity: vec![&identity], boundary: boundary.iter().collect(), ..Grants::default() };
        let (answer, unknowns) = judge_admin(&grants, &Subject::default());
        (answer, unknowns.len())
    };
    assert_eq!(admin(ADMIN, &[]), (Tri::Yes, 0));
    assert_eq!(admin(ADMIN, &[policy(EC2)]), (Tri::No, 0));
    assert_eq!(admin(ADMIN, &[document("@")]), (Tri::Maybe, 1));
    assert_eq!(admin(&format!("{EC2},@"), &[]), (Tri::Maybe, 1));
}

#[test]
fn an_effect_that_is_not_known_may_be_what_makes_mfa_worth_it() {
    let with_mfa = r#"{"Effect":@,"Action":"s3:*","Resource":"*","Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"}}}"#;
    assert_eq!(
        rulings(&[policy(&with_mfa.replace('@', r#""Allow""#)), policy(EC2)], &[]),
        (Partial, Partial)
    );
    assert_eq!(
        rulings(&[policy(&with_mfa.replace('@', r#""Deny""#)), policy(EC2)], &[]),
        (NotEnforced, NotEnforced)
    );
    assert_eq!(rulings(&[policy(with_mfa), policy(EC2)], &[]), (Unsettled, Unsettled));
    // Or what is open beside a gate.
    let open = r#"{"Effect":@,"Action":"s3:*","Resource":"*"}"#;
    assert_eq!(rulings(&[policy(open), policy(ADMIN_WITH_MFA)], &[]), (Unsettled, Unsettled));
}

/// A condition that is not about MFA holds in all worlds or in none, also beside one that is.
#[test]
fn what_is_not_about_mfa_is_no_gate_whatever_it_is() {
    let allow =
        |tests: &str| format!(r#"{{"Effect":"Allow","Action":"*","Resource":"*","Condition":{{{tests}}}}}"#);
    let user = r#""StringEquals":{"aws:username":"@"}"#;
    assert_eq!(rulings(&[policy(&allow(user))], &[]), (NotEnforced, NotEnforced));
    let escaped = format!(r#"{user},"BoolIfExists":{{"aws:MultiFactorAuthPresent":"true"}}"#);
    assert_eq!(rulings(&[policy(&allow(&escaped))], &[]), (Unsettled, NotEnforced));
}

#[test]
fn conditions_of_which_something_is_not_known() {
    let good = |tests: &str| format!("{ADMIN},{}", gate(ENROL, "\"*\"", &format!("{NO_MFA},{tests}")));
    for (statements, mfa, keys, admin) in [
        // A key that the caller chooses, whichever it is, and one that may be the name.
        (good(r#""StringEquals":{"s3:prefix@":"x"}"#), Partial, Partial, Tri::Yes),
        (good(r#""StringEquals":{"aws:user@":"bob"}"#), Unsettled, Unsettled, Tri::Yes),
        // One value that is not known is on one side of MFA, several may be on both.
        (
            format!("{ADMIN},{}", gate(ENROL, "\"*\"", r#""BoolIfExists":{"aws:MultiFactorAuthPresent":@}"#)),
            Unsettled,
            Enforced,
            Tri::Yes,
        ),
        (
            format!(
                "{ADMIN},{}",
                gate(ENROL, "\"*\"", r#""BoolIfExists":{"aws:MultiFactorAuthPresent":["false",@]}"#)
            ),
            Enforced,
            Enforced,
            Tri::Maybe,
        ),
        // What is not known is no side of MFA, or no value of it.
        (
            format!(
                "{ADMIN},{}",
                gate(ENROL, "\"*\"", r#""StringNotEquals":{"aws:MultiFactorAuthPresent":"@"}"#)
            ),
            Unsettled,
            Enforced,
            Tri::Maybe,
        ),
        (
            format!("{ADMIN},{}", gate(ENROL, "\"*\"", r#""Bool":{"aws:SecureTransport":"@"}"#)),
            Unsettled,
            Unsettled,
            Tri::Maybe,
        ),
        (
            format!(
                r#"{EC2},{{"Effect":"Allow","Action":"s3:*","Resource":"*","Condition":{{"Null":{{"aws:MultiFactorAuthPresent":@}}}}}}"#
            ),
            Unsettled,
            Unsettled,
            Tri::No,
        ),
    ] {
        let j = judged(&[policy(&statements)], &[]);
        assert_eq!((j.mfa, j.mfa_keys, j.admin), (mfa, keys, admin), "{statements}");
    }
}

/// No request carries a key that AWS does not know.
#[test]
fn a_misspelt_key_is_never_there() {
    let misspelt = r#""BoolIfExists":{"aws:MultiFactorAuthPresant":"false"}"#;
    let denied = format!("{ADMIN},{}", gate(ENROL, "\"*\"", misspelt));
    assert_eq!(rulings(&[policy(&denied)], &[]), (Enforced, Enforced));
    let never = denied.replace("IfExists", "");
    assert_eq!(rulings(&[policy(&never)], &[]), (NotEnforced, NotEnforced));
}

#[test]
fn who_is_exempt_goes_by_the_name() {
    for (name, ruling) in [("alice", NotEnforced), ("bob", Enforced), ("user", Enforced)] {
        let exempt = format!(r#"{NO_MFA},"StringNotEquals":{{"aws:username":"{name}"}}"#);
        let document = policy(&format!("{ADMIN},{}", gate(ENROL, "\"*\"", &exempt)));
        assert_eq!(rulings(&[document], &[]), (ruling, ruling), "{name}");
    }
}

#[test]
fn a_user_of_another_account_is_somebody_else() {
    let arn = Some("arn:aws:iam::111122223333:user/alice".to_owned());
    for (account, ruling) in [("111122223333", NotEnforced), ("444455556666", Enforced), ("*", NotEnforced)] {
        let exempt =
            format!(r#"{NO_MFA},"ArnNotLike":{{"aws:PrincipalArn":"arn:aws:iam::{account}:user/alice"}}"#);
        let document = policy(&format!("{ADMIN},{}", gate(ENROL, "\"*\"", &exempt)));
        let grants = Grants { identity: vec![&document], ..Grants::default() };
        let subject = Subject { arn: arn.clone(), ..Subject::default() };
        assert_eq!(judge(&grants, &subject).mfa, ruling, "{account}");
        // A gate of one account is none of another.
        let keys = r#"{"Effect":"Allow","Action":"iam:CreateAccessKey","Resource":"*"}"#;
        let gate = gate(ENROL, &format!(r#""arn:aws:iam::{account}:*""#), NO_MFA);
        let document = policy(&format!("{keys},{gate}"));
        let grants = Grants { identity: vec![&document], ..Grants::default() };
        let gated = if account == "444455556666" { NotEnforced } else { Enforced };
        assert_eq!(judge(&grants, &subject).mfa, gated, "{account}");
    }
}

/// Whether a statement that is not known takes everything away from this user, with MFA or without.
const NOT_ALICE: &str =
    r#"{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"StringEquals":{"aws:username":"@"}}}"#;

#[test]
fn who_may_be_denied_everything_may_be_no_administrator() {
    let j = judged(&[policy(&format!("{ADMIN},{NOT_ALICE}"))], &[]);
    assert_eq!((j.mfa, j.mfa_keys, j.admin), (Unsettled, Unsettled, Tri::Maybe));
}

/// When there are too many readings to look at each, what is left goes along with others, once low and once high.
#[test]
fn the_last_of_many_that_are_not_known_may_still_be_no_gate() {
    for others in [0, 3, 8, 9, 20] {
        let mut statements: Vec<String> = (0..others)
            .map(|i| format!(r#"{{"Effect":"Allow","Action":"s3:Get@","Resource":"arn:aws:s3:::b{i}/*"}}"#))
            .collect();
        statements.push(ADMIN.to_owned());
        let gate = gate(ENROL, "\"*\"", &format!(r#"{NO_MFA},"StringEquals":{{"aws:username":"@"}}"#));
        statements.push(gate);
        assert_eq!(rulings(&[policy(&statements.join(","))], &[]), (Unsettled, Unsettled), "{others}");
    }
}

/// Of a part so many documents that are not known as may say something new, and always those of the other parts.
#[test]
fn a_boundary_that_is_not_known_is_never_left_out() {
    let known = document(&format!(r#"{{"Version":"2012-10-17","Statement":[{ADMIN_WITH_MFA},@]}}"#));
    for others in 0..4 {
        let mut identity = vec![policy(ADMIN)];
        identity.extend((0..others).map(|_| document("@")));
        assert_eq!(rulings(&identity, std::slice::from_ref(&known)), (Unsettled, Unsettled), "{others}");
    }
}

#[test]
fn keys_for_oneself() {
    let create = |resource: &str| {
        format!(r#"{{"Effect":"Allow","Action":"iam:CreateAccessKey","Resource":"{resource}"}}"#)
    };
    let keys = |statements: &str| judged(&[policy(statements)], &[]).creates_own_keys;
    for statements in [ADMIN, ADMIN_WITH_MFA, &create("*"), &create("arn:aws:iam::*:user/${aws:username}")] {
        assert!(keys(statements), "{statements}");
    }
    let denied = format!(r#"{ADMIN},{{"Effect":"Deny","Action":"iam:*AccessKey","Resource":"*"}}"#);
    let others = r#"{"Effect":"Allow","Action":"iam:*LoginProfile","Resource":"*"}"#;
    for statements in [EC2, &create("arn:aws:iam::*:user/bob"), &denied, others] {
        assert!(!keys(statements), "{statements}");
    }
}

#[test]
fn roles_that_are_open() {
    let subject = Subject { roles: vec!["ops".to_owned(), "root".to_owned()], ..Subject::default() };
    let of = |statements: &str| {
        let document = policy(statements);
        judge(&Grants { identity: vec![&document], ..Grants::default() }, &subject)
    };
    let assume =
        |resource: &str| format!(r#"{{"Effect":"Allow","Action":"sts:AssumeRole","Resource":"{resource}"}}"#);
    let (ops, any) = (assume("arn:aws:iam::*:role/ops"), assume("*"));
    let nobody: &[&str] = &[];
    for (statements, roles) in [
        (ops.clone(), &["ops"][..]),
        (any.clone(), &["ops", "root"]),
        (format!("{any},{}", ops.replace("Allow", "Deny")), &["root"]),
        (assume("arn:aws:iam::*:role/other"), nobody),
        (ADMIN_WITH_MFA.to_owned(), nobody),
        (r#"{"Effect":"Allow","Action":"iam:*","Resource":"*"}"#.to_owned(), nobody),
    ] {
        let j = of(&statements);
        assert_eq!(j.roles, roles, "{statements}");
        assert_eq!(j.open.takeover.contains(&"sts:AssumeRole".to_owned()), !roles.is_empty(), "{statements}");
    }
}

fn places(list: &[StatementRef]) -> Vec<(usize, usize)> {
    list.iter().map(|s| (s.document.document, s.statement)).collect()
}

#[test]
fn what_opens_is_what_allows_something_open() {
    let no_keys = r#"{"Effect":"Deny","Action":["kms:*","s3:*"],"Resource":"*"}"#;
    let keys = r#"{"Effect":"Allow","Action":"kms:*","Resource":"*"}"#;
    let queues = r#"{"Effect":"Allow","Action":"sqs:*","Resource":"arn:aws:sqs:*:*:jobs"}"#;
    let j = judged(
        &[policy(&format!("{ADMIN_WITH_MFA},{EC2}")), policy(&format!("{keys},{no_keys},{queues}"))],
        &[policy(ADMIN)],
    );
    assert!(j.opened_by.iter().all(|s| s.document.part == Part::Identity));
    assert_eq!(places(&j.opened_by), [(0, 1), (1, 2)]);
    assert!(j.grants_anything);
    assert!(judged(&[policy(ADMIN_WITH_MFA)], &[]).grants_anything);
    let harmless =
        r#"{"Effect":"Allow","Action":["iam:ListMFADevices","sts:GetCallerIdentity"],"Resource":"*"}"#;
    assert!(!judged(&[policy(harmless)], &[]).grants_anything);
}

fn holes(j: &Judgement) -> Vec<(HoleKind, &str)> {
    j.holes.iter().map(|h| (h.kind, h.text.as_str())).collect()
}

#[test]
fn an_allow_that_lets_keys_pass_has_its_operator_for_a_hole() {
    let allow = |test: &str| {
        format!(r#"{{"Effect":"Allow","Action":"ec2:*","Resource":"*","Condition":{{{test}}}}}"#)
    };
    let present = r#"{"aws:MultiFactorAuthPresent":"true"}"#;
    let j = judged(&[policy(&allow(&format!(r#""BoolIfExists":{present}"#)))], &[]);
    assert_eq!((j.mfa, j.mfa_keys), (Enforced, NotEnforced));
    assert_eq!(holes(&j), [(HoleKind::Operator, "BoolIfExists")]);
    // Something else leaves it open.
    let j = judged(&[policy(&format!("{},{EC2}", allow(&format!(r#""Bool":{present}"#))))], &[]);
    assert_eq!((j.mfa, j.mfa_keys, holes(&j)), (NotEnforced, NotEnforced, vec![]));
}

#[test]
fn the_worst_that_is_open_comes_first() {
    let actions =
        r#"["s3:ListBucket","s3:GetObject","s3:PutObject","s3:PutBucketPolicy","iam:GetRole","kms:Decrypt"]"#;
    let j = judged(&[policy(&format!(r#"{{"Effect":"Allow","Action":{actions},"Resource":"*"}}"#))], &[]);
    assert_eq!(
        j.open.worst,
        ["kms:Decrypt", "iam:GetRole", "s3:PutBucketPolicy", "s3:PutObject", "s3:GetObject", "s3:ListBucket"]
    );
}

#[test]
fn ordinary_gates_do_not_tell_users_apart() {
    let tells = |statement: &str| {
        let document = policy(statement);
        names::tell_users_apart(&Grants { identity: vec![&document], ..Grants::default() })
    };
    for resource in [
        "*",
        "arn:aws:iam::*:*",
        "arn:aws:iam::*:mfa/*",
        "arn:aws:iam::111122223333:user/${aws:username}",
        "arn:aws:iam::*:role/x",
        "arn:aws:s3:::x/*",
    ] {
        assert!(!tells(&gate(ENROL, &format!("\"{resource}\""), NO_MFA)), "{resource}");
    }
    for resource in [
        "arn:aws:iam::*:user/ann",
        "arn:aws:iam::*:role/${aws:username}",
        "arn:aws:iam::*:us*",
        "arn:aws:iam::*:u/*",
        "arn:aws:s3:::${aws:username}",
        "arn:aws:*:*:*:user/a",
        "*a",
    ] {
        assert!(tells(&gate(ENROL, &format!("\"{resource}\""), NO_MFA)), "{resource}");
    }
    assert!(tells(&gate(ENROL, "\"*\"", r#""StringEquals":{"aws:username":"ann"}"#)));
}
