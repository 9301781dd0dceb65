//! Assuming an administrator role that asks for no MFA is a takeover, for those whom the role lets in.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::path::PathBuf;
use std::sync::Arc;

use mfaguard::fs::MemFs;
use mfaguard::scan;
use mfaguard::source::SourceMap;

/// A user whose gate spares `sts:AssumeRole`, and a role.
fn configuration(trust: &str, policy: &str, resource: &str) -> String {
    format!(
        r#"
        data "aws_caller_identity" "here" {{}}
        data "aws_caller_identity" "there" {{
          provider = aws.there
        }}
        variable "account" {{}}

        resource "aws_iam_user" "alice" {{
          name = "alice"
        }}

        resource "aws_iam_user_policy" "alice" {{
          user   = aws_iam_user.alice.name
          policy = jsonencode({{
            Statement = [
              {{ Effect = "Allow", Action = "*", Resource = "{resource}" }},
              {{
                Effect    = "Deny"
                NotAction = "sts:*"
                Resource  = "*"
                Condition = {{ BoolIfExists = {{ "aws:MultiFactorAuthPresent" = false }} }}
              }}
            ]
          }})
        }}

        resource "aws_iam_role" "admin" {{
          name = "admin"
          assume_role_policy = jsonencode({{
            Statement = [{{ Effect = "Allow", Action = "sts:AssumeRole", {trust} }}]
          }})
        }}

        resource "aws_iam_role_policy_attachment" "admin" {{
          role       = aws_iam_role.admin.name
          policy_arn = "arn:aws:iam::aws:policy/{policy}"
        }}
        "#
    )
}

/// What is a takeover for alice, and the rules that fire for her.
fn answer(trust: &str, policy: &str, resource: &str) -> (Vec<String>, Vec<&'static str>) {
    let request = scan::Request::new(
        vec![PathBuf::from(".")],
        Arc::new(MemFs::new().with("main.tf", configuration(trust, policy, resource))),
    );
    let outcome = scan::check(&request, &SourceMap::new());
    assert!(outcome.diagnostics.is_empty(), "{:?}", outcome.diagnostics);
    let (_, verdict) = outcome.verdicts.iter().find(|(_, v)| v.name.as_deref() == Some("alice")).unwrap();
    let findings = outcome.findings.iter().filter(|(_, f)| f.subject == "aws_iam_user.alice");
    (verdict.open.takeover.clone(), findings.map(|(_, f)| f.rule.code).collect())
}

const ADMIN: &str = "AdministratorAccess";

#[test]
fn whom_the_role_lets_in_decides() {
    let here = r#"Principal = { AWS = "arn:aws:iam::${data.aws_caller_identity.here.account_id}:root" }"#;
    let mfa = format!(r#"{here}, Condition = {{ Bool = {{ "aws:MultiFactorAuthPresent" = true }} }}"#);
    for (trust, open) in [
        (here, true),
        (r#"Principal = { AWS = data.aws_caller_identity.here.account_id }"#, true),
        (r#"Principal = "*""#, true),
        (r#"Principal = { AWS = aws_iam_user.alice.arn }"#, true),
        (r#"Principal = { AWS = "arn:aws:iam::111122223333:user/staff/alice" }"#, true),
        (r#"Principal = { AWS = "arn:aws:iam::111122223333:user/bob" }"#, false),
        // These may well be other accounts.
        (r#"Principal = { AWS = "arn:aws:iam::111122223333:root" }"#, false),
        (r#"Principal = { AWS = "arn:aws:iam::${var.account}:root" }"#, false),
        (r#"Principal = { AWS = data.aws_caller_identity.there.account_id }"#, false),
        (r#"Principal = { Service = "ec2.amazonaws.com" }"#, false),
        (&mfa, false),
    ] {
        let (takeover, rules) = answer(trust, ADMIN, "*");
        assert_eq!(takeover.contains(&"sts:AssumeRole".to_owned()), open, "{trust}");
        assert_eq!(rules.contains(&"MFA006"), open, "{trust}: {rules:?}");
    }
}

#[test]
fn the_role_has_to_be_worth_it_and_within_reach() {
    let trust = r#"Principal = "*""#;
    let open = |policy, resource| answer(trust, policy, resource).0 == ["sts:AssumeRole"];
    assert!(open(ADMIN, "*"));
    assert!(open(ADMIN, "arn:aws:iam::*:role/adm*"));
    assert!(!open("ReadOnlyAccess", "*"));
    assert!(!open(ADMIN, "arn:aws:iam::*:role/reader"));
}
