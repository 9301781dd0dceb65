//! Who a name means: by reference, by name, by a variable that nobody sets, or perhaps.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod providers;
mod uncounted;

use std::path::PathBuf;
use std::sync::Arc;

use mfaguard::analysis::verdict::{Enforcement, Verdict};
use mfaguard::fs::MemFs;
use mfaguard::scan;
use mfaguard::source::SourceMap;
use mfaguard::tri::Tri;

const GATE: &str = r#"
data "aws_iam_policy_document" "gate" {
  statement {
    effect      = "Deny"
    not_actions = ["iam:CreateVirtualMFADevice", "iam:EnableMFADevice", "iam:ListMFADevices"]
    resources   = ["*"]
    condition {
      test     = "BoolIfExists"
      variable = "aws:MultiFactorAuthPresent"
      values   = ["false"]
    }
  }
}
variable "name" {
  type = string
}
"#;

fn verdict(code: &str, address: &str) -> Verdict {
    let request = scan::Request::new(
        vec![PathBuf::from(".")],
        Arc::new(MemFs::new().with("main.tf", format!("{GATE}{code}"))),
    );
    let outcome = scan::check(&request, &SourceMap::new());
    let mut verdicts = outcome.verdicts.into_iter().map(|(_, v)| v);
    verdicts.find(|v| v.address.as_deref() == Some(address)).unwrap()
}

fn user(name: &str, gate_for: &str) -> Verdict {
    verdict(
        &format!(
            r#"
resource "aws_iam_user" "a" {{
  name = {name}
}}
resource "aws_iam_user_policy_attachment" "a" {{
  user       = aws_iam_user.a.name
  policy_arn = "arn:aws:iam::aws:policy/AdministratorAccess"
}}
resource "aws_iam_user_policy" "gate" {{
  user   = {gate_for}
  policy = data.aws_iam_policy_document.gate.json
}}
"#
        ),
        "aws_iam_user.a",
    )
}

#[test]
fn a_variable_that_nobody_sets_is_the_same_name_everywhere() {
    assert_eq!(user("var.name", "var.name").mfa, Enforcement::Enforced);
}

#[test]
fn a_name_that_is_not_known_may_be_anybody_it_can_be() {
    let perhaps = user("\"alice\"", "var.name");
    assert_eq!(perhaps.mfa, Enforcement::Unknown);
    assert!(perhaps.unknown.iter().any(|u| u.reason().contains("`var.name` has no value")), "{perhaps:?}");
    assert_eq!(user("\"alice\"", "\"al${var.name}\"").mfa, Enforcement::Unknown);
    assert_eq!(user("\"alice\"", "\"bob-${var.name}\"").mfa, Enforcement::NotEnforced);
    assert_eq!(user("\"dev-${var.name}\"", "\"ops-${var.name}\"").mfa, Enforcement::NotEnforced);
}

#[test]
fn what_may_be_granted_is_never_called_enforced_away() {
    let gated = r#"
resource "aws_iam_user" "a" {
  name = "alice"
}
resource "aws_iam_user_policy" "gated" {
  user = "ALICE"
  policy = jsonencode({
    Statement = [{
      Effect    = "Allow"
      Action    = "*"
      Resource  = "*"
      Condition = { Bool = { "aws:MultiFactorAuthPresent" = "true" } }
    }]
  })
}
"#;
    assert_eq!(verdict(gated, "aws_iam_user.a").mfa, Enforcement::Enforced);
    let perhaps = format!(
        "{gated}\nresource \"aws_iam_user_policy_attachment\" \"b\" {{\n  user       = var.name\n  \
         policy_arn = \"arn:aws:iam::aws:policy/AdministratorAccess\"\n}}\n"
    );
    assert_eq!(verdict(&perhaps, "aws_iam_user.a").mfa, Enforcement::Unknown);
}

#[test]
fn a_policy_of_aws_is_not_the_one_of_the_same_name() {
    let code = |arn: &str| {
        format!(
            r#"
resource "aws_iam_policy" "gate" {{
  name   = "RequireMfa"
  policy = data.aws_iam_policy_document.gate.json
}}
resource "aws_iam_user" "a" {{
  name = "alice"
}}
resource "aws_iam_user_policy_attachment" "a" {{
  user       = aws_iam_user.a.name
  policy_arn = "{arn}"
}}
"#
        )
    };
    let own = verdict(&code("arn:aws:iam::111122223333:policy/RequireMfa"), "aws_iam_user.a");
    assert_eq!(own.mfa, Enforcement::Enforced);
    let foreign = verdict(&code("arn:aws:iam::aws:policy/RequireMfa"), "aws_iam_user.a");
    assert_eq!(foreign.mfa, Enforcement::Unknown);
}

/// What is declared about a user who is perhaps in a gated group.
fn member(groups: &str) -> Verdict {
    let code = format!(
        r#"
variable "more" {{
  type = list(string)
}}
resource "aws_iam_group" "gated" {{
  name = "gated"
}}
resource "aws_iam_group_policy" "gated" {{
  group  = aws_iam_group.gated.name
  policy = data.aws_iam_policy_document.gate.json
}}
resource "aws_iam_user" "a" {{
  name = "a"
}}
resource "aws_iam_user_policy_attachment" "a" {{
  user       = aws_iam_user.a.name
  policy_arn = "arn:aws:iam::aws:policy/AdministratorAccess"
}}
resource "aws_iam_user_group_membership" "a" {{
  user   = aws_iam_user.a.name
  groups = {groups}
}}
"#
    );
    verdict(&code, "aws_iam_user.a")
}

#[test]
fn what_a_list_has_for_sure_is_in_it_whatever_else_is() {
    for groups in [
        "concat(var.more, [aws_iam_group.gated.name])",
        "concat([\"gated\"], var.more)",
        "concat(try(var.more, []), [\"gated\"])",
        "setunion(var.more, [aws_iam_group.gated.name])",
        "toset(distinct(flatten([[aws_iam_group.gated.name], var.more])))",
        "compact(reverse(concat(var.more, [\"\", \"gated\"])))",
        "[for g in concat(var.more, [\"gated\"]) : g]",
        "[for g in concat(var.more, [\"GATED\"]) : lower(g) if g != \"x\"]",
        "[for g in concat(var.more, [{ name = \"gated\" }]) : g.name]",
        "concat(var.more, [{ name = \"gated\" }])[*].name",
        "var.name == \"a\" ? concat(var.more, [\"gated\"]) : [aws_iam_group.gated.name]",
        // What is not known may be the first part, or that fails: the gate is in either.
        "try([var.more[0], \"gated\"], [\"gated\"])",
        "try([var.name, \"gated\"], [])",
        "try([aws_iam_group.gated.name, \"other-${var.name}\"], [])",
    ] {
        assert_eq!(member(groups).mfa, Enforcement::Enforced, "{groups}");
    }
    for groups in [
        "var.more",
        "slice(concat(var.more, [\"gated\"]), 0, 1)",
        "[concat(var.more, [\"gated\"])[0]]",
        "[for g in concat(var.more, [\"gated\"]) : g if g != var.name]",
        "[for g in concat(var.more, [\"gated\"]) : \"not-${g}\"]",
        "[coalesce(concat(var.more, [\"gated\"])...)]",
        "setintersection(var.more, [\"gated\"])",
        "try(concat(var.more, [\"gated\"]), [])",
        "try([for g in concat(var.more, [\"gated\"]) : g], [])",
        "try([var.more[0], \"gated\"], [])",
        "try([\"${var.more[0]}-x\", \"gated\"], [])",
        "try([tonumber(var.name), \"gated\"], [])",
        "try([for n in [\"a\"] : [\"gated\", var.more[0]]][0], [])",
        "try([[\"a\", \"b\"][length(var.more)], \"gated\"], [])",
        "try([one(var.more[*]), \"gated\"], [])",
        "try(try([var.more[0], \"gated\"]), [])",
        "try([try(var.more[0]), \"gated\"], [])",
        "try([[\"gated\"], [var.more[0]]][0], [])",
        "try({ a = [\"gated\", var.more[0]] }.a, [])",
        "can(concat(var.more, [\"gated\"])) ? concat(var.more, [\"gated\"]) : []",
        "setsubtract(concat(var.more, [\"gated\"]), [\"gated\"])",
        "var.name == \"a\" ? concat(var.more, [\"gated\"]) : var.more",
        "jsondecode(jsonencode(concat(var.more, [\"gated\"])))",
    ] {
        assert_eq!(member(groups).mfa, Enforcement::Unknown, "{groups}");
    }
}

#[test]
fn a_statement_that_a_list_has_for_sure_counts() {
    let written = |statements: &str| {
        let code = format!(
            r#"
variable "more" {{
  type = list(any)
}}
resource "aws_iam_user" "a" {{
  name = "a"
}}
resource "aws_iam_user_policy" "a" {{
  user   = aws_iam_user.a.name
  policy = jsonencode({{ Version = "2012-10-17", Statement = {statements} }})
}}
"#
        );
        verdict(&code, "aws_iam_user.a").mfa
    };
    let gate = r#"{ Effect = "Deny", Action = "*", Resource = "*", Condition = { BoolIfExists = { "aws:MultiFactorAuthPresent" = "false" } } }"#;
    assert_eq!(written(&format!("concat(var.more, [{gate}])")), Enforcement::Enforced);
    assert_eq!(written("concat(var.more, [])"), Enforcement::Unknown);
    let dynamic = r#"
variable "more" {
  type = list(string)
}
data "aws_iam_policy_document" "p" {
  dynamic "statement" {
    for_each = concat(var.more, ["s3"])
    content {
      actions   = ["${statement.value}:*"]
      resources = ["*"]
    }
  }
  dynamic "statement" {
    for_each = concat(var.more, ["*"])
    content {
      effect    = "Deny"
      actions   = [statement.value]
      resources = ["*"]
      condition {
        test     = "BoolIfExists"
        variable = "aws:MultiFactorAuthPresent"
        values   = ["false"]
      }
    }
  }
}
resource "aws_iam_user" "a" {
  name = "a"
}
resource "aws_iam_user_policy" "a" {
  user   = aws_iam_user.a.name
  policy = data.aws_iam_policy_document.p.json
}
"#;
    assert_eq!(verdict(dynamic, "aws_iam_user.a").mfa, Enforcement::Enforced);
    let other = dynamic.replace("[\"*\"])", "[\"ec2:*\"])");
    assert_eq!(verdict(&other, "aws_iam_user.a").mfa, Enforcement::Unknown);
}

#[test]
fn documents_of_aws_can_be_looked_up() {
    let with = |policy: &str| {
        let code = format!(
            r#"
data "aws_iam_policy" "p" {{
  {policy}
}}
data "aws_iam_policy_document" "p" {{
  source_policy_documents = [data.aws_iam_policy.p.policy, data.aws_iam_policy_document.gate.json]
}}
resource "aws_iam_group" "a" {{
  name = "a"
}}
resource "aws_iam_group_policy" "a" {{
  group  = aws_iam_group.a.name
  policy = data.aws_iam_policy_document.p.json
}}
"#
        );
        verdict(&code, "aws_iam_group.a").admin
    };
    assert_eq!(with("name = \"AdministratorAccess\""), Tri::Yes);
    assert_eq!(with("arn = \"arn:aws:iam::aws:policy/ReadOnlyAccess\""), Tri::No);
    assert_eq!(with("name = \"theirs\""), Tri::Maybe);
}

#[test]
fn what_is_not_known_of_somebody_else_has_a_reason() {
    let code = r#"
resource "aws_iam_user_policy" "them" {
  user   = "them"
  policy = data.aws_iam_policy_document.gate.json
}
"#;
    let fs = MemFs::new().with("main.tf", format!("{GATE}{code}"));
    let request = scan::Request::new(vec![PathBuf::from(".")], Arc::new(fs));
    let outcome = scan::check(&request, &SourceMap::new());
    let them = &outcome.verdicts.first().unwrap().1;
    assert_eq!((them.mfa, them.console), (Enforcement::Enforced, Tri::Maybe));
    assert_eq!(them.unknown.len(), 1, "{:?}", them.unknown);
}

#[test]
fn a_user_is_spared_by_its_path() {
    let with = |path: &str, condition: &str| {
        let code = format!(
            r#"
resource "aws_iam_user" "a" {{
  name = "a"
  path = {path}
}}
resource "aws_iam_user_policy_attachment" "a" {{
  user       = aws_iam_user.a.name
  policy_arn = "arn:aws:iam::aws:policy/AdministratorAccess"
}}
resource "aws_iam_user_policy" "gate" {{
  user   = aws_iam_user.a.name
  policy = jsonencode({{
    Version = "2012-10-17"
    Statement = [{{
      Effect    = "Deny"
      Action    = "*"
      Resource  = "*"
      Condition = {{ BoolIfExists = {{ "aws:MultiFactorAuthPresent" = "false" }}, {condition} }}
    }}]
  }})
}}
"#
        );
        verdict(&code, "aws_iam_user.a")
    };
    let spared = r#"ArnNotLike = { "aws:PrincipalArn" = "arn:aws:iam::*:user/service/*" }"#;
    let anywhere = r#"StringNotLike = { "aws:PrincipalArn" = "*/service/*" }"#;
    let people = r#"ArnLike = { "aws:PrincipalArn" = ["arn:aws:iam::*:user/people/*"] }"#;
    let named = r#"ArnEquals = { "aws:PrincipalArn" = "arn:aws:iam::*:user/a" }"#;
    let other = r#"ArnNotLike = { "aws:PrincipalArn" = "arn:aws:iam::*:user/breakglass" }"#;
    let others = r#"ArnNotLike = { "aws:PrincipalArn" = "arn:aws:iam::*:user/*/breakglass-?" }"#;
    let same = r#"ArnNotLike = { "aws:PrincipalArn" = "arn:aws:iam::*:user/service/a" }"#;
    let anybody = r#"ArnLike = { "aws:PrincipalArn" = "arn:aws:iam::*:user/*" }"#;
    for (path, condition, mfa) in [
        ("null", spared, Enforcement::Enforced),
        ("\"/service/\"", spared, Enforcement::NotEnforced),
        ("\"/service/eu/\"", spared, Enforcement::NotEnforced),
        ("\"/people/\"", spared, Enforcement::Enforced),
        ("var.name", spared, Enforcement::Unknown),
        ("\"/people/\"", anywhere, Enforcement::Enforced),
        ("\"/people/service/\"", anywhere, Enforcement::NotEnforced),
        ("var.name", anywhere, Enforcement::Unknown),
        ("null", people, Enforcement::NotEnforced),
        ("\"/people/\"", people, Enforcement::Enforced),
        ("\"/people/x/\"", people, Enforcement::Enforced),
        ("\"/\"", named, Enforcement::Enforced),
        ("\"/people/\"", named, Enforcement::NotEnforced),
        // Of a path that is not known only the name behind it is.
        ("var.name", named, Enforcement::Unknown),
        ("var.name", same, Enforcement::Unknown),
        ("var.name", other, Enforcement::Enforced),
        ("var.name", others, Enforcement::Enforced),
        ("var.name", anybody, Enforcement::Enforced),
    ] {
        let verdict = with(path, condition);
        assert_eq!(verdict.mfa, mfa, "{path} {condition}");
        assert_eq!(verdict.unknown.is_empty(), mfa != Enforcement::Unknown, "{verdict:?}");
    }
}

#[test]
fn somebody_else_is_spared_by_name() {
    let code = r#"
resource "aws_iam_group" "staff" {
  name = "staff"
}
resource "aws_iam_group_membership" "staff" {
  name  = "staff"
  group = aws_iam_group.staff.name
  users = ["them", "breakglass"]
}
resource "aws_iam_group_policy" "gate" {
  name  = "gate"
  group = aws_iam_group.staff.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Deny"
      Action   = "*"
      Resource = "*"
      Condition = {
        BoolIfExists = { "aws:MultiFactorAuthPresent" = "false" }
        ArnNotLike   = { "aws:PrincipalArn" = "arn:aws:iam::*:user/breakglass" }
      }
    }]
  })
}
"#;
    let fs = MemFs::new().with("main.tf", code);
    let outcome = scan::check(&scan::Request::new(vec![PathBuf::from(".")], Arc::new(fs)), &SourceMap::new());
    let of =
        |name: &str| outcome.verdicts.iter().find(|(_, v)| v.name.as_deref() == Some(name)).unwrap().1.mfa;
    assert_eq!((of("them"), of("breakglass")), (Enforcement::Enforced, Enforcement::Unknown));
}

#[test]
fn of_embedded_policies_of_one_name_the_last_counts() {
    let with = |name: &str, count: &str, other: &str| {
        let code = format!(
            r#"
resource "aws_iam_group" "a" {{
  name = "a"
}}
resource "aws_iam_group_policy_attachment" "a" {{
  group      = aws_iam_group.a.name
  policy_arn = "arn:aws:iam::aws:policy/AdministratorAccess"
}}
resource "aws_iam_group_policy" "gate" {{
  name   = "main"
  group  = aws_iam_group.a.name
  policy = data.aws_iam_policy_document.gate.json
}}
resource "aws_iam_group_policy" "other" {{
  count  = {count}
  name   = {name}
  group  = aws_iam_group.a.name
  policy = {other}
}}
"#
        );
        verdict(&code, "aws_iam_group.a").mfa
    };
    let work = r#"jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "s3:*", Resource = "*" }] })"#;
    let gate = "data.aws_iam_policy_document.gate.json";
    assert_eq!(with("\"main\"", "1", work), Enforcement::Unknown);
    assert_eq!(with("\"Main\"", "1", work), Enforcement::Unknown);
    assert_eq!(with("\"main\"", "1", gate), Enforcement::Enforced);
    assert_eq!(with("\"main\"", "0", work), Enforcement::Enforced);
    assert_eq!(with("\"work\"", "1", work), Enforcement::Enforced);
    // A name that AWS chooses is none of them.
    assert_eq!(with("null", "1", work), Enforcement::Enforced);
}

#[test]
fn what_a_principal_embeds_itself_is_written_first() {
    let admin = |name: &str| {
        let allow = |action: &str| {
            format!(
                "jsonencode({{ Version = \"2012-10-17\", Statement = [{{ Effect = \"Allow\", Action = \"{action}\", Resource = \"*\" }}] }})"
            )
        };
        let code = format!(
            r#"
resource "aws_iam_role" "a" {{
  name               = "a"
  assume_role_policy = jsonencode({{ Statement = [{{ Effect = "Allow", Action = "sts:AssumeRole", Principal = {{ Service = "ec2.amazonaws.com" }} }}] }})
  inline_policy {{
    name   = "main"
    policy = {}
  }}
}}
resource "aws_iam_role_policy" "a" {{
  name   = "{name}"
  role   = aws_iam_role.a.id
  policy = {}
}}
"#,
            allow("*"),
            allow("s3:*")
        );
        verdict(&code, "aws_iam_role.a").admin
    };
    assert_eq!(admin("main"), Tri::No);
    assert_eq!(admin("other"), Tri::Yes);
}
