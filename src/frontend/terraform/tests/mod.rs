//! Whole modules in memory, from text to facts.

mod documents;
mod modules;
mod recorded;
mod variables;

use std::path::Path;
use std::sync::Arc;

use super::{Options, Terraform};
use crate::diagnostic::Code;
use crate::frontend::Lowered;
use crate::fs::MemFs;
use crate::iam::facts::{Fact, What};
use crate::source::SourceMap;
use crate::value::{Kind, Value};

/// What a root module in `dir` is lowered to.
fn lower_in(dir: &str, files: &[(&str, &str)], options: &Options) -> (SourceMap, Lowered) {
    let fs = files.iter().fold(MemFs::new(), |fs, (path, text)| fs.with(*path, *text));
    let sources = SourceMap::new();
    let lowered = Terraform::new(Arc::new(fs), &sources).lower(Path::new(dir), options);
    (sources, lowered)
}

fn lower(files: &[(&str, &str)]) -> Lowered {
    lower_in(".", files, &Options::default()).1
}

fn codes(lowered: &Lowered) -> Vec<Code> {
    lowered.diagnostics.iter().map(|d| d.code).collect()
}

/// A value in one line: `?` is unknown, `a|b` open, `@x.y` an attribute of `x`.
fn show(v: &Value) -> String {
    let list = |l: &[Value]| l.iter().map(show).collect::<Vec<_>>().join(",");
    let text = match &v.kind {
        Kind::Null => "null".to_owned(),
        Kind::Bool(b) => b.to_string(),
        Kind::Number(n) => n.to_string(),
        Kind::String(t) => t.pieces().map(|p| p.unwrap_or("?")).collect(),
        Kind::List(l) | Kind::Set(l) => format!("[{}]", list(l)),
        Kind::Map(_) => "{}".to_owned(),
        Kind::OneOf(o) => o.arms.iter().map(show).collect::<Vec<_>>().join("|"),
        Kind::Unknown(_) => "?".to_owned(),
    };
    match &v.refer {
        Some(r) => format!("{text}@{}.{}", r.address, r.attribute),
        None => text,
    }
}

/// A fact in one line: address, what, values, and `when` or `uncertain`.
fn line(f: &Fact) -> String {
    let what = match &f.what {
        What::Principal { kind, name, .. } => format!("{} {}", kind.as_str(), show(name)),
        What::ManagedPolicy { name, .. } => format!("policy {}", show(name)),
        What::InlinePolicy { principals, name, .. } => format!("inline {} {}", show(principals), show(name)),
        What::Attachment { principals, policies, .. } => {
            format!("attach {} {}", show(principals), show(policies))
        }
        What::Membership { users, groups } => format!("member {} {}", show(users), show(groups)),
        What::LoginProfile { user, .. } => format!("login {}", show(user)),
        What::VirtualDevice { .. } => "virtual device".to_owned(),
        What::AccessKey { user } => format!("key {}", show(user)),
    };
    let when: Vec<String> = f.when.answers().iter().map(|(c, a)| format!(" when {}={a}", c.0)).collect();
    let uncertain = if f.uncertain.is_some() { " uncertain" } else { "" };
    format!("{}: {what}{}{uncertain}", f.address, when.concat())
}

fn lines(lowered: &Lowered) -> Vec<String> {
    lowered.facts.facts.iter().map(line).collect()
}

#[test]
fn instances_and_references() {
    let l = lower(&[(
        "main.tf",
        r#"
        locals { people = { ana = { console = true }, "b\"en" = { console = false } } }
        resource "aws_iam_user" "u" {
          for_each = local.people
          name     = each.key
        }
        resource "aws_iam_user_login_profile" "u" {
          for_each = { for n, p in local.people : n => p if p.console }
          user     = aws_iam_user.u[each.key].name
        }
        resource "aws_iam_group" "g" {
          count = 2
          name  = "g${count.index}"
        }
        resource "aws_iam_group_membership" "m" {
          name  = "m"
          group = aws_iam_group.g[1].id
          users = [for u in aws_iam_user.u : u.name]
        }
        resource "aws_iam_access_key" "off" {
          user   = "ana"
          status = "Inactive"
        }
        resource "aws_iam_access_key" "on" {
          user = "ana"
        }
        "#,
    )]);
    assert_eq!(codes(&l), []);
    assert_eq!(
        lines(&l),
        [
            "aws_iam_user.u[\"ana\"]: user ana",
            "aws_iam_user.u[\"b\\\"en\"]: user b\"en",
            "aws_iam_user_login_profile.u[\"ana\"]: login ana@aws_iam_user.u[\"ana\"].name",
            "aws_iam_group.g[0]: group g0",
            "aws_iam_group.g[1]: group g1",
            "aws_iam_group_membership.m: member \
             [ana@aws_iam_user.u[\"ana\"].name,b\"en@aws_iam_user.u[\"b\\\"en\"].name] g1@aws_iam_group.g[1].id",
            "aws_iam_access_key.on: key ana",
        ]
    );
}

#[test]
fn attributes_that_only_aws_gives_are_unknown_with_a_reason() {
    let l = lower(&[(
        "main.tf",
        r#"
        resource "aws_s3_bucket" "drop" {}
        resource "aws_iam_user" "u" { name_prefix = "team-" }
        resource "aws_iam_policy" "p" {
          path   = "/x/"
          name   = "gate"
          policy = aws_s3_bucket.drop.arn
        }
        resource "aws_iam_user_policy_attachment" "a" {
          user       = aws_iam_user.u.id
          policy_arn = aws_iam_policy.p.arn
        }
        "#,
    )]);
    assert_eq!(codes(&l), []);
    assert_eq!(
        lines(&l),
        [
            "aws_iam_user.u: user team-?",
            "aws_iam_policy.p: policy gate",
            "aws_iam_user_policy_attachment.a: attach team-?@aws_iam_user.u.id \
             arn:?:iam::?:policy/x/gate@aws_iam_policy.p.arn",
        ]
    );
    let What::ManagedPolicy { document, .. } = &l.facts.facts[1].what else { panic!() };
    assert_eq!(
        document.as_unknown().map(|u| u.reason()),
        Some("`arn` of aws_s3_bucket.drop is known only after apply")
    );
}

#[test]
fn every_kind_of_attachment_and_membership() {
    let l = lower(&[(
        "main.tf",
        r#"
        resource "aws_iam_policy_attachment" "many" {
          name       = "x"
          users      = ["u"]
          roles      = ["r"]
          policy_arn = "arn:aws:iam::aws:policy/AdministratorAccess"
        }
        resource "aws_iam_role_policy_attachments_exclusive" "ex" {
          role_name   = "r"
          policy_arns = ["p"]
        }
        resource "aws_iam_user_group_membership" "m" {
          user   = "u"
          groups = ["g", "h"]
        }
        resource "aws_iam_role" "r" {
          name                = "r"
          assume_role_policy  = "{}"
          managed_policy_arns = ["p"]
          inline_policy {
            name   = "one"
            policy = "{}"
          }
          inline_policy {}
        }
        "#,
    )]);
    assert_eq!(
        lines(&l),
        [
            "aws_iam_policy_attachment.many: attach [u] arn:aws:iam::aws:policy/AdministratorAccess",
            "aws_iam_policy_attachment.many: attach [r] arn:aws:iam::aws:policy/AdministratorAccess",
            "aws_iam_role_policy_attachments_exclusive.ex: attach r [p]",
            "aws_iam_user_group_membership.m: member u [g,h]",
            "aws_iam_role.r: role r",
            "aws_iam_role.r: attach r@aws_iam_role.r.name [p]",
            "aws_iam_role.r: inline r@aws_iam_role.r.name one",
        ]
    );
}

#[test]
fn what_cannot_be_parsed_is_unknown_and_the_rest_goes_on() {
    let l = lower(&[(
        "main.tf",
        "resource \"aws_iam_user\" \"a\" {\n name = = 1\n}\n\
         resource \"aws_iam_user\" \"b\" {\n name = aws_iam_user.a.name\n}\n\
         resource \"aws_iam_user\" \"c\" {\n name = \"c\"\n}\n",
    )]);
    assert_eq!(codes(&l), [Code::HclSyntax]);
    assert_eq!(
        lines(&l),
        ["aws_iam_user.a: user ? uncertain", "aws_iam_user.b: user ?", "aws_iam_user.c: user c"]
    );
}

#[test]
fn cycles_and_long_chains_end() {
    let mut text = String::from(
        "locals {\n a = local.b\n b = local.a\n c0 = \"x\"\n}\n\
         resource \"aws_iam_user\" \"u\" {\n name = local.a\n}\n\
         resource \"aws_iam_user\" \"v\" {\n name = local.c5000\n}\n",
    );
    for i in 1..=5000 {
        text.push_str(&format!("locals {{\n c{i} = local.c{}\n}}\n", i - 1));
    }
    let l = lower(&[("main.tf", &text)]);
    assert_eq!(lines(&l), ["aws_iam_user.u: user ?", "aws_iam_user.v: user ?"]);
    assert_eq!(codes(&l), [Code::BadReference, Code::Limit]);
}

#[test]
fn json_syntax_is_the_same_language() {
    let l = lower(&[
        (
            "main.tf.json",
            r#"{
              "variable": {"team": {"default": "ops", "type": "string"}},
              "locals": {"names": ["a", "b"]},
              "resource": {
                "aws_iam_user": {"u": {"for_each": "${toset(local.names)}", "name": "${var.team}-${each.key}"}},
                "aws_iam_user_policy": {"p": [{"user": "${aws_iam_user.u[\"a\"].name}", "policy": "{}"}]}
              }
            }"#,
        ),
        ("more.tf", "resource \"aws_iam_group\" \"g\" {\n name = var.team\n}\n"),
    ]);
    assert_eq!(codes(&l), []);
    assert_eq!(
        lines(&l),
        [
            "aws_iam_user.u[\"a\"]: user ops-a",
            "aws_iam_user.u[\"b\"]: user ops-b",
            "aws_iam_user_policy.p: inline ops-a@aws_iam_user.u[\"a\"].name ?",
            "aws_iam_group.g: group ops",
        ]
    );
}

#[test]
fn too_many_instances_are_refused() {
    let l =
        lower(&[("main.tf", "resource \"aws_iam_user\" \"u\" {\n count = 999999999\n name = \"x\"\n}\n")]);
    assert_eq!(codes(&l), [Code::BadExpression]);
    assert_eq!(lines(&l), ["aws_iam_user.u: user x uncertain"]);
}

#[test]
fn an_instance_whose_key_is_not_known_is_there_all_the_same() {
    let l = lower(&[(
        "main.tf",
        r#"
        data "aws_caller_identity" "me" {}
        resource "aws_iam_user_policy_attachment" "a" {
          for_each   = toset(["arn:aws:iam::${data.aws_caller_identity.me.account_id}:policy/gate", "b"])
          user       = "u"
          policy_arn = each.key
        }
        "#,
    )]);
    assert_eq!(
        lines(&l),
        [
            "aws_iam_user_policy_attachment.a[\"b\"]: attach u b",
            "aws_iam_user_policy_attachment.a: attach u arn:aws:iam::?:policy/gate"
        ]
    );
}

#[test]
fn tags_are_strings() {
    let l = lower(&[(
        "main.tf",
        r#"
        resource "aws_iam_user" "u" {
          name = "u"
          tags = { admin = true }
        }
        resource "aws_iam_user_policy_attachment" "a" {
          count      = aws_iam_user.u.tags.admin == "true" ? 1 : 0
          user       = "u"
          policy_arn = "b"
        }
        "#,
    )]);
    assert_eq!(lines(&l), ["aws_iam_user.u: user u", "aws_iam_user_policy_attachment.a[0]: attach u b"]);
}

#[test]
fn what_code_does_not_show_is_noted_and_changes_nothing() {
    let l = lower(&[(
        "main.tf",
        r#"
        resource "aws_iam_user" "u" {
          name = "u"
        }
        resource "aws_iam_user_policies_exclusive" "u" {
          user_name    = aws_iam_user.u.name
          policy_names = []
        }
        resource "aws_organizations_policy" "scp" {
          name    = "scp"
          content = "{}"
        }
        resource "aws_ssoadmin_permission_set" "admins" {
          name         = "admins"
          instance_arn = "arn:aws:sso:::instance/x"
        }
        "#,
    )]);
    assert_eq!(lines(&l), ["aws_iam_user.u: user u"]);
    let notes: Vec<&str> = l.diagnostics.iter().map(|d| d.message.as_str()).collect();
    assert_eq!(codes(&l), [Code::NotJudged, Code::NotJudged], "{notes:?}");
    assert!(l.diagnostics.iter().all(|d| d.level == crate::diagnostic::Level::Note));
    assert!(notes[0].starts_with("`aws_organizations_policy.scp` is not judged"), "{notes:?}");
}
