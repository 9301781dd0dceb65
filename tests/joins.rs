//! Who a name means: by reference, by name, by a variable that nobody sets, or perhaps.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

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
        "setunion(var.more, [aws_iam_group.gated.name])",
        "toset(distinct(flatten([[aws_iam_group.gated.name], var.more])))",
        "compact(reverse(concat(var.more, [\"\", \"gated\"])))",
        "[for g in concat(var.more, [\"gated\"]) : g]",
        "[for g in concat(var.more, [\"GATED\"]) : lower(g) if g != \"x\"]",
        "[for g in concat(var.more, [{ name = \"gated\" }]) : g.name]",
        "concat(var.more, [{ name = \"gated\" }])[*].name",
        "var.name == \"a\" ? concat(var.more, [\"gated\"]) : [aws_iam_group.gated.name]",
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
fn of_what_nobody_counts_there_may_be_nothing() {
    const DENY: &str = r#"{ Effect = "Deny", Action = "*", Resource = "*", Condition = { BoolIfExists = { "aws:MultiFactorAuthPresent" = "false" } } }"#;
    let with = |gate: &str| {
        let code = format!(
            r#"
variable "n" {{
  type = number
}}
variable "names" {{
  type = set(string)
}}
resource "null_resource" "counted" {{
  count = var.n
}}
resource "null_resource" "named" {{
  for_each = var.names
}}
resource "aws_iam_policy" "gates" {{
  count  = var.n
  policy = data.aws_iam_policy_document.gate.json
}}
resource "aws_iam_group" "gates" {{
  for_each = var.names
  name     = each.key
}}
resource "aws_iam_group_policy" "gates" {{
  for_each = aws_iam_group.gates
  group    = each.value.name
  policy   = data.aws_iam_policy_document.gate.json
}}
resource "aws_iam_user" "a" {{
  name = "a"
}}
{gate}
"#
        );
        verdict(&code, "aws_iam_user.a").mfa
    };
    let statements = |list: &str| {
        with(&format!(
            "resource \"aws_iam_user_policy\" \"a\" {{\n  user   = aws_iam_user.a.name\n  policy = jsonencode({{ Version = \"2012-10-17\", Statement = {list} }})\n}}"
        ))
    };
    assert_eq!(statements(&format!("[{DENY}]")), Enforcement::Enforced);
    for list in [
        format!("[for c in null_resource.counted : {DENY}]"),
        format!("[for n in null_resource.named : {DENY}]"),
        format!("concat([], [for n in values(null_resource.named) : {DENY}])"),
    ] {
        assert_ne!(statements(&list), Enforcement::Enforced, "{list}");
    }
    for over in ["null_resource.counted[*].id", "null_resource.named", "values(null_resource.named)[*].id"] {
        let dynamic = format!(
            r#"
data "aws_iam_policy_document" "maybe" {{
  dynamic "statement" {{
    for_each = {over}
    content {{
      effect    = "Deny"
      actions   = ["*"]
      resources = ["*"]
      condition {{
        test     = "BoolIfExists"
        variable = "aws:MultiFactorAuthPresent"
        values   = ["false"]
      }}
    }}
  }}
}}
resource "aws_iam_user_policy" "a" {{
  user   = aws_iam_user.a.name
  policy = data.aws_iam_policy_document.maybe.json
}}
"#
        );
        assert_ne!(with(&dynamic), Enforcement::Enforced, "{over}");
    }
    let attached = r#"
resource "aws_iam_user_policy_attachments_exclusive" "a" {
  user_name   = aws_iam_user.a.name
  policy_arns = aws_iam_policy.gates[*].arn
}
"#;
    assert_ne!(with(attached), Enforcement::Enforced);
    let member = r#"
resource "aws_iam_user_group_membership" "a" {
  user   = aws_iam_user.a.name
  groups = [for g in aws_iam_group.gates : g.name]
}
"#;
    assert_ne!(with(member), Enforcement::Enforced);
}

#[test]
fn of_a_set_that_is_not_known_the_known_instances_are_told() {
    let code = r#"
variable "more" {
  type = set(string)
}
resource "aws_iam_user" "u" {
  for_each = toset(concat(tolist(var.more), ["ann"]))
  name     = each.key
}
resource "aws_iam_user_policy" "u" {
  user   = aws_iam_user.u["ann"].name
  policy = data.aws_iam_policy_document.gate.json
}
resource "aws_iam_policy_attachment" "u" {
  name       = "all"
  users      = [for u in aws_iam_user.u : u.name]
  policy_arn = "arn:aws:iam::aws:policy/AdministratorAccess"
}
"#;
    assert_eq!(verdict(code, "aws_iam_user.u[\"ann\"]").mfa, Enforcement::Enforced);
    assert_ne!(verdict(code, "aws_iam_user.u").mfa, Enforcement::Enforced);
}

/// Users whom nobody counts, each with a gate over `over` for the user `whose`.
fn uncounted(over: &str, whose: &str) -> Enforcement {
    let code = format!(
        r#"
variable "users" {{
  type = map(object({{ gated = bool, chief = string }}))
}}
resource "aws_iam_user" "u" {{
  for_each = var.users
  name     = each.key
}}
resource "aws_iam_user_policy_attachment" "u" {{
  for_each   = aws_iam_user.u
  user       = each.value.name
  policy_arn = "arn:aws:iam::aws:policy/AdministratorAccess"
}}
resource "aws_iam_user_policy" "u" {{
  for_each = {over}
  user     = {whose}
  policy   = data.aws_iam_policy_document.gate.json
}}
"#
    );
    verdict(&code, "aws_iam_user.u").mfa
}

#[test]
fn instances_over_one_collection_exist_together() {
    assert_eq!(uncounted("var.users", "aws_iam_user.u[each.key].name"), Enforcement::Enforced);
    let of_a_set = |whose: &str| {
        let code = format!(
            r#"
variable "users" {{
  type = list(string)
}}
resource "aws_iam_user" "u" {{
  for_each = toset(var.users)
  name     = each.value
}}
resource "aws_iam_user_policy" "u" {{
  for_each = toset(var.users)
  user     = {whose}
  policy   = data.aws_iam_policy_document.gate.json
}}
"#
        );
        verdict(&code, "aws_iam_user.u").mfa
    };
    assert_eq!(of_a_set("aws_iam_user.u[each.value].name"), Enforcement::Enforced);
    assert_ne!(of_a_set("aws_iam_user.u[\"a-${each.value}\"].name"), Enforcement::Enforced);
    assert_eq!(uncounted("toset([\"x\"])", "aws_iam_user.u[each.key].name"), Enforcement::Unknown);
    for (over, whose) in [
        ("{ for k, v in var.users : k => v if v.gated }", "aws_iam_user.u[each.key].name"),
        ("var.users", "aws_iam_user.u[each.value.chief].name"),
        ("var.users", "each.value.chief"),
        ("var.users", "aws_iam_user.u[\"ann\"].name"),
        ("toset([\"ann\"])", "aws_iam_user.u[each.key].name"),
        ("var.others", "aws_iam_user.u[each.key].name"),
    ] {
        assert_ne!(uncounted(over, whose), Enforcement::Enforced, "{over} {whose}");
    }
}

#[test]
fn what_goes_over_a_resource_is_of_its_instances() {
    let code = |over: &str, user: &str| {
        format!(
            r#"
variable "users" {{
  type = map(any)
}}
variable "more" {{
  type = list(string)
}}
resource "aws_iam_user" "u" {{
  for_each = {over}
  name     = "u-${{each.key}}"
}}
resource "aws_iam_group" "admins" {{
  name = "admins"
}}
resource "aws_iam_group_policy" "gate" {{
  group  = aws_iam_group.admins.name
  policy = data.aws_iam_policy_document.gate.json
}}
resource "aws_iam_user_group_membership" "u" {{
  for_each = aws_iam_user.u
  user     = {user}
  groups   = [aws_iam_group.admins.name]
}}
"#
        )
    };
    for user in ["each.value.name", "each.value.id", "aws_iam_user.u[each.key].name"] {
        assert_eq!(verdict(&code("var.users", user), "aws_iam_user.u").mfa, Enforcement::Enforced, "{user}");
    }
    for user in
        ["each.value.path", "each.value.tags.chief", "aws_iam_user.u[each.value.path].name", "each.key"]
    {
        assert_ne!(verdict(&code("var.users", user), "aws_iam_user.u").mfa, Enforcement::Enforced, "{user}");
    }
    // Those that are known have a membership as well, but not the one that stands for the others.
    for user in ["each.value.name", "aws_iam_user.u[each.key].name"] {
        let part = code("toset(concat(var.more, [\"ann\"]))", user);
        for address in ["aws_iam_user.u", "aws_iam_user.u[\"ann\"]"] {
            assert_eq!(verdict(&part, address).mfa, Enforcement::Unknown, "{user} {address}");
        }
    }
}

#[test]
fn all_that_is_in_a_module_nobody_counts_exists_together() {
    let module = r#"
variable "who" {}
variable "gated" {
  default = true
}
resource "aws_iam_user" "u" {
  name = var.who
}
resource "aws_iam_user_policy" "u" {
  count  = var.gated ? 1 : 0
  user   = aws_iam_user.u.name
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Deny", Action = "*", Resource = "*", Condition = { BoolIfExists = { "aws:MultiFactorAuthPresent" = "false" } } }] })
}
"#;
    let called = |call: &str| {
        let root = format!(
            r#"
variable "people" {{
  type = map(any)
}}
module "p" {{
  source   = "./p"
  {call}
}}
resource "aws_iam_user_policy_attachment" "all" {{
  user       = module.p["x"].none
  policy_arn = "arn:aws:iam::aws:policy/AdministratorAccess"
}}
"#
        );
        let fs = MemFs::new().with("main.tf", root).with("p/main.tf", module);
        let request = scan::Request::new(vec![PathBuf::from(".")], Arc::new(fs));
        let outcome = scan::check(&request, &SourceMap::new());
        let mut verdicts = outcome.verdicts.into_iter().map(|(_, v)| v);
        verdicts.find(|v| v.address.as_deref() == Some("module.p.aws_iam_user.u")).unwrap().mfa
    };
    assert_eq!(called("for_each = var.people\n  who = each.key"), Enforcement::Enforced);
    assert_eq!(
        called("for_each = var.people\n  who = each.key\n  gated = each.value.gated"),
        Enforcement::Unknown
    );
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
