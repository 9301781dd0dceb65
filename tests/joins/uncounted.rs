//! Resources and modules whose instances nobody counts: which of them exist together.

use std::path::PathBuf;
use std::sync::Arc;

use mfaguard::analysis::verdict::Enforcement;
use mfaguard::fs::MemFs;
use mfaguard::scan;
use mfaguard::source::SourceMap;

use super::verdict;

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
fn what_goes_over_a_resource_that_goes_over_another_is_of_both() {
    let code = |link: &str, over: &str, user: &str| {
        let code = format!(
            r#"
variable "users" {{
  type = map(any)
}}
variable "others" {{
  type = map(any)
}}
resource "aws_iam_user" "u" {{
  for_each = var.users
  name     = "u-${{each.key}}"
}}
resource "aws_iam_user_login_profile" "u" {{
  for_each = {link}
  user     = aws_iam_user.u[each.key].name
}}
resource "aws_iam_access_key" "u" {{
  for_each = aws_iam_user_login_profile.u
  user     = each.value.user
}}
resource "aws_iam_user_policy" "u" {{
  for_each = {over}
  user     = {user}
  policy   = data.aws_iam_policy_document.gate.json
}}
"#
        );
        verdict(&code, "aws_iam_user.u").mfa
    };
    for (link, over, user) in [
        ("aws_iam_user.u", "aws_iam_user_login_profile.u", "each.value.user"),
        ("var.users", "aws_iam_user_login_profile.u", "each.value.user"),
        ("aws_iam_user.u", "aws_iam_access_key.u", "each.value.user"),
        ("aws_iam_user.u", "aws_iam_access_key.u", "aws_iam_user.u[each.key].name"),
    ] {
        assert_eq!(code(link, over, user), Enforcement::Enforced, "{link} {over} {user}");
    }
    let some = "{ for k, u in aws_iam_user.u : k => u if var.users[k].admin }";
    for (link, over, user) in [
        ("var.others", "aws_iam_user_login_profile.u", "each.value.user"),
        ("var.others", "aws_iam_access_key.u", "each.value.user"),
        ("toset(keys(var.others))", "aws_iam_access_key.u", "aws_iam_user.u[each.key].name"),
        ("{ for k, u in var.users : k => u if u.console }", "aws_iam_access_key.u", "each.value.user"),
        (some, "aws_iam_user_login_profile.u", "each.value.user"),
        (some, "aws_iam_access_key.u", "aws_iam_user.u[each.key].name"),
        ("aws_iam_user.u", "{ for k, p in aws_iam_access_key.u : k => p if k != \"x\" }", "each.value.user"),
        ("aws_iam_user.u", "aws_iam_access_key.u", "each.value.id"),
        ("aws_iam_user.u", "aws_iam_access_key.u", "aws_iam_user.u[\"x\"].name"),
        ("aws_iam_user.u", "aws_iam_access_key.u", "aws_iam_user.u[each.value.status].name"),
        ("var.others", "var.others", "aws_iam_user.u[each.key].name"),
    ] {
        assert_eq!(code(link, over, user), Enforcement::Unknown, "{link} {over} {user}");
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

/// A user over `var.users`, who gets the gate by what `code` declares.
fn gated_by(code: &str) -> Enforcement {
    let users = r#"
variable "users" {
  type = map(object({ team = string }))
}
variable "flag" {
  type = bool
}
variable "teams" {
  type = set(string)
}
resource "aws_iam_user" "u" {
  for_each = var.users
  name     = each.key
}
resource "aws_iam_user_policy_attachment" "u" {
  for_each   = aws_iam_user.u
  user       = each.value.name
  policy_arn = "arn:aws:iam::aws:policy/AdministratorAccess"
}
"#;
    verdict(&format!("{users}{code}"), "aws_iam_user.u").mfa
}

#[test]
fn a_policy_over_some_of_the_users_is_perhaps_for_each() {
    let policy = |over: &str, user: &str, policy: &str| {
        gated_by(&format!(
            "resource \"aws_iam_user_policy\" \"u\" {{\n  for_each = {over}\n  user     = {user}\n  policy   = {policy}\n}}\n"
        ))
    };
    let gate = "data.aws_iam_policy_document.gate.json";
    assert_eq!(policy("aws_iam_user.u", "each.value.name", gate), Enforcement::Enforced);
    for (over, user, document) in [
        ("{ for k, u in aws_iam_user.u : k => u if u.path == \"/x/\" }", "each.value.name", gate),
        ("{ for k, u in var.users : k => u if u.team == \"x\" }", "aws_iam_user.u[each.key].name", gate),
        ("var.flag ? var.users : {}", "aws_iam_user.u[each.key].name", gate),
        ("var.flag ? aws_iam_user.u : {}", "each.value.name", gate),
        ("var.teams", "aws_iam_user.u[each.key].name", gate),
        ("var.teams", "values(aws_iam_user.u)[0].name", gate),
        (
            "aws_iam_user.u",
            "each.value.name",
            "each.value.path == \"/x/\" ? data.aws_iam_policy_document.gate.json : \"{}\"",
        ),
    ] {
        assert_eq!(policy(over, user, document), Enforcement::Unknown, "{over} {user}");
    }
}

#[test]
fn a_group_of_each_user_gates_it_when_every_group_has_the_gate() {
    let groups = |gates: &str, group: &str, of: &str| {
        gated_by(&format!(
            r#"
resource "aws_iam_group" "g" {{
  for_each = {of}
  name     = "g-${{each.key}}"
}}
resource "aws_iam_group_policy" "g" {{
  for_each = {gates}
  group    = aws_iam_group.g[each.key].name
  policy   = data.aws_iam_policy_document.gate.json
}}
resource "aws_iam_user_group_membership" "u" {{
  for_each = var.users
  user     = aws_iam_user.u[each.key].name
  groups   = [{group}]
}}
"#
        ))
    };
    let own = "aws_iam_group.g[each.key].name";
    assert_eq!(groups("aws_iam_group.g", own, "var.users"), Enforcement::Enforced);
    for (gates, group, of) in [
        ("{ for k, v in var.users : k => v if v.team == \"ops\" }", own, "var.users"),
        ("aws_iam_group.g", "aws_iam_group.g[each.value.team].name", "var.teams"),
        ("aws_iam_group.g", "aws_iam_group.g[\"ops\"].name", "var.teams"),
    ] {
        assert_ne!(groups(gates, group, of), Enforcement::Enforced, "{gates} {group} {of}");
    }
}
