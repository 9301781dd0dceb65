//! Variables: precedence, types, open switches.

use super::{codes, lines, lower, lower_in};
use crate::diagnostic::Code;
use crate::frontend::terraform::Options;

const MAIN: &str = "variable \"x\" {\n type = string\n default = \"default\"\n}\n\
                    resource \"aws_iam_user\" \"u\" {\n name = var.x\n}\n";

#[test]
fn later_sources_win() {
    let files = [
        ("main.tf", MAIN),
        ("terraform.tfvars", "x = \"tfvars\"\n"),
        ("terraform.tfvars.json", "{\"x\": \"json\"}"),
        ("a.auto.tfvars", "x = \"a\"\n"),
        ("b.auto.tfvars.json", "{\"x\": \"b\"}"),
        ("asked.tfvars", "x = \"asked\"\n"),
    ];
    for (count, expected) in [(1, "default"), (2, "tfvars"), (3, "json"), (4, "a"), (5, "b"), (6, "b")] {
        let l = lower(&files[..count]);
        assert_eq!(lines(&l), [format!("aws_iam_user.u: user {expected}")]);
    }
    let mut options = Options { var_files: vec!["asked.tfvars".into()], ..Options::default() };
    assert_eq!(lines(&lower_in(".", &files, &options).1), ["aws_iam_user.u: user asked"]);
    options.vars.push(("x".to_owned(), "1.50".to_owned()));
    assert_eq!(lines(&lower_in(".", &files, &options).1), ["aws_iam_user.u: user 1.50"]);
}

#[test]
fn values_from_the_command_line_have_the_type_of_the_variable() {
    let main = "variable \"x\" {\n type = list(string)\n}\n\
                resource \"aws_iam_user\" \"u\" {\n for_each = toset(var.x)\n name = each.key\n}\n";
    let options = Options { vars: vec![("x".to_owned(), "[\"a\", 1]".to_owned())], ..Options::default() };
    let l = lower_in(".", &[("main.tf", main)], &options).1;
    assert_eq!(lines(&l), ["aws_iam_user.u[\"1\"]: user 1", "aws_iam_user.u[\"a\"]: user a"]);
}

#[test]
fn a_variable_without_value_is_unknown_and_a_switch_is_a_choice() {
    let l = lower(&[(
        "main.tf",
        r#"
        variable "name" {}
        variable "on" { type = bool }
        resource "aws_iam_user" "u" { name = var.name }
        resource "aws_iam_user_login_profile" "u" {
          count = var.on ? 1 : 0
          user  = aws_iam_user.u.name
        }
        resource "aws_iam_user_policy_attachment" "off" {
          count      = var.on ? 0 : 1
          user       = aws_iam_user.u.name
          policy_arn = "p"
        }
        resource "aws_iam_group" "many" {
          for_each = var.name
          name     = each.key
        }
        resource "aws_iam_group_policy_attachment" "many" {
          for_each   = var.name
          group      = aws_iam_group.many[each.key].name
          policy_arn = "p"
        }
        "#,
    )]);
    assert_eq!(
        lines(&l),
        [
            "aws_iam_user.u: user ?@var.name.",
            "aws_iam_user_login_profile.u: login ?@aws_iam_user.u.name when 0=0",
            "aws_iam_user_policy_attachment.off: attach ?@aws_iam_user.u.name p when 0=1",
            "aws_iam_group.many: group ? uncertain",
            "aws_iam_group_policy_attachment.many: attach ?@aws_iam_group.many.name p uncertain",
        ]
    );
    assert_eq!(codes(&l), []);
    let choice = l.facts.choices.get(crate::value::ChoiceId(0)).unwrap();
    assert_eq!(choice.unknown.reason(), "`var.on` has no value");
}

#[test]
fn null_takes_the_default_only_when_it_must() {
    let main = |nullable: &str| {
        format!(
            "variable \"x\" {{\n default = \"d\"\n nullable = {nullable}\n}}\n\
             resource \"aws_iam_user\" \"u\" {{\n name = var.x == null ? \"none\" : var.x\n}}\n"
        )
    };
    for (nullable, expected) in [("true", "none"), ("false", "d")] {
        let l = lower(&[("main.tf", &main(nullable)), ("terraform.tfvars", "x = null\n")]);
        assert_eq!(lines(&l), [format!("aws_iam_user.u: user {expected}")]);
    }
}

#[test]
fn a_value_of_the_wrong_type_is_a_problem() {
    let main = "variable \"x\" {\n type = list(string)\n}\n\
                resource \"aws_iam_user\" \"u\" {\n name = var.x[0]\n}\n";
    let l = lower(&[("main.tf", main), ("terraform.tfvars", "x = \"a\"\n")]);
    assert_eq!(codes(&l), [Code::BadExpression]);
    assert_eq!(lines(&l), ["aws_iam_user.u: user ?"]);
}
