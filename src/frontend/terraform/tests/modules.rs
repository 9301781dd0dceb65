//! Module calls: local, downloaded, remote, in circles.

use super::{codes, lines, lower, lower_in};
use crate::diagnostic::{Code, Level};
use crate::frontend::terraform::Options;

const MEMBER: &str = r#"
    variable "name" {}
    variable "gate" {
      type     = bool
      default  = false
      nullable = false
    }
    resource "aws_iam_user" "this" { name = var.name }
    resource "aws_iam_user_policy" "gate" {
      count  = var.gate ? 1 : 0
      name   = "gate"
      user   = aws_iam_user.this.name
      policy = file("${path.module}/gate.json")
    }
    output "user" { value = aws_iam_user.this.name }
"#;

#[test]
fn instances_of_a_module_have_their_own_inputs_and_outputs() {
    let files = [
        (
            "env/main.tf",
            r#"
            module "m" {
              source   = "../modules/member"
              for_each = { rae = true, sam = null }
              name     = each.key
              gate     = each.value
            }
            resource "aws_iam_group_membership" "all" {
              name  = "all"
              group = "all"
              users = [for m in module.m : m.user]
            }
            resource "aws_iam_access_key" "rae" { user = module.m["rae"].user }
            "#,
        ),
        ("modules/member/main.tf", MEMBER),
        ("modules/member/gate.json", "{}"),
    ];
    let (sources, l) = lower_in("env", &files, &Options::default());
    assert_eq!(codes(&l), []);
    assert_eq!(
        lines(&l),
        [
            "module.m[\"rae\"].aws_iam_user.this: user rae",
            "module.m[\"rae\"].aws_iam_user_policy.gate[0]: inline \
             rae@module.m[\"rae\"].aws_iam_user.this.name gate",
            "module.m[\"sam\"].aws_iam_user.this: user sam",
            "aws_iam_group_membership.all: member [rae@module.m[\"rae\"].aws_iam_user.this.name,\
             sam@module.m[\"sam\"].aws_iam_user.this.name] all",
            "aws_iam_access_key.rae: key rae@module.m[\"rae\"].aws_iam_user.this.name",
        ]
    );
    let place = sources.locate(l.facts.facts[0].span).unwrap();
    assert_eq!((&*place.path, place.line), ("modules/member/main.tf", 8));
}

#[test]
fn an_open_module_makes_its_facts_open() {
    let l = lower(&[
        (
            "main.tf",
            r#"
            variable "on" { type = bool }
            variable "n" {}
            module "maybe" {
              source = "./m"
              count  = var.on ? 1 : 0
              name   = "a"
            }
            module "many" {
              source = "./m"
              count  = var.n
              name   = "b"
            }
            "#,
        ),
        ("m/main.tf", MEMBER),
    ]);
    assert_eq!(
        lines(&l),
        [
            "module.maybe.aws_iam_user.this: user a when 0=0",
            "module.many.aws_iam_user.this: user b uncertain",
        ]
    );
}

#[test]
fn a_remote_module_may_give_policies_to_whom_it_is_given() {
    let l = lower(&[(
        "main.tf",
        r#"
        resource "aws_iam_group" "support" { name = "support" }
        resource "aws_iam_group" "other" { name = "other" }
        resource "aws_iam_user" "u" {
          for_each = toset(["a"])
          name     = each.key
        }
        module "mfa" {
          source  = "example/enforce-mfa/aws"
          version = "1.0"
          groups  = [aws_iam_group.support.name, aws_iam_group.support.id]
          users   = { x = aws_iam_user.u["a"].arn }
          label   = "${aws_iam_group.other.name}-x"
        }
        resource "aws_iam_group_policy_attachment" "x" {
          group      = aws_iam_group.other.name
          policy_arn = module.mfa.policy_arn
        }
        "#,
    )]);
    assert_eq!(codes(&l), [Code::RemoteModule]);
    assert_eq!(l.diagnostics[0].level, Level::Warning);
    assert_eq!(
        lines(&l)[3..],
        [
            "module.mfa: attach support@aws_iam_group.support.name ?",
            "module.mfa: attach arn:?:iam::?:user/a@aws_iam_user.u[\"a\"].arn ?",
            "aws_iam_group_policy_attachment.x: attach other@aws_iam_group.other.name ?",
        ]
    );
}

#[test]
fn downloaded_modules_are_followed() {
    let manifest = r#"{"Modules": [{"Key": "", "Dir": "."}, {"Key": "m", "Source": "x/y/aws", "Dir": ".terraform/modules/m/sub"}]}"#;
    let files = [
        ("main.tf", "module \"m\" {\n source = \"x/y/aws\"\n name = \"n\"\n}\n"),
        (".terraform/modules/modules.json", manifest),
        (".terraform/modules/m/sub/main.tf", MEMBER),
    ];
    let l = lower(&files);
    assert_eq!(codes(&l), []);
    assert_eq!(lines(&l), ["module.m.aws_iam_user.this: user n"]);
}

#[test]
fn a_remote_module_that_gets_no_principal_is_a_note() {
    let l = lower(&[(
        "main.tf",
        r#"
        resource "aws_iam_user" "u" { name = "u" }
        module "vpc" {
          source = "terraform-aws-modules/vpc/aws"
          name   = "main"
        }
        "#,
    )]);
    assert_eq!(codes(&l), [Code::RemoteModule]);
    assert_eq!(l.diagnostics[0].level, Level::Note);
}

#[test]
fn sources_that_cannot_be_followed_are_told() {
    let rows = [
        ("./missing", vec![Code::NoSuchModule]),
        ("/etc/modules", vec![Code::OutsideRoot]),
        ("./", vec![Code::ModuleCycle]),
        ("old/style", vec![Code::BadBlock]),
        ("./a", vec![Code::ModuleCycle]),
        ("git::https://example.com/x.git", vec![Code::RemoteModule]),
    ];
    for (source, expected) in rows {
        let main = format!("module \"m\" {{\n source = \"{source}\"\n name = \"n\"\n}}\n");
        let l = lower(&[
            ("main.tf", &main),
            ("old/style/main.tf", MEMBER),
            ("a/main.tf", "module \"b\" {\n source = \"../b\"\n}\n"),
            ("b/main.tf", "module \"a\" {\n source = \"../a\"\n}\n"),
        ]);
        assert_eq!(codes(&l), expected, "{source}");
    }
}

#[test]
fn a_chain_of_modules_keeps_references() {
    let l = lower(&[
        (
            "main.tf",
            "module \"a\" {\n source = \"./a\"\n}\nmodule \"b\" {\n source = \"./b\"\n user = module.a.user\n}\n",
        ),
        (
            "a/main.tf",
            "module \"m\" {\n source = \"../m\"\n name = \"n\"\n}\noutput \"user\" {\n value = module.m.user\n}\n",
        ),
        (
            "b/main.tf",
            "variable \"user\" {}\nresource \"aws_iam_user_login_profile\" \"p\" {\n user = var.user\n}\n",
        ),
        ("m/main.tf", MEMBER),
    ]);
    assert_eq!(
        lines(&l),
        [
            "module.a.module.m.aws_iam_user.this: user n",
            "module.b.aws_iam_user_login_profile.p: login n@module.a.module.m.aws_iam_user.this.name",
        ]
    );
}
