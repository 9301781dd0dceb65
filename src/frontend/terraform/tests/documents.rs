//! `aws_iam_policy_document` and other data sources.

use super::{codes, lower, lower_in};
use crate::diagnostic::Code;
use crate::frontend::terraform::Options;
use crate::iam::facts::What;
use crate::value::{Kind, Value};

/// The document of the first policy of a module.
fn document(text: &str) -> Value {
    let text = format!(
        "{text}\nresource \"aws_iam_policy\" \"p\" {{\n policy = data.aws_iam_policy_document.d.json\n}}\n"
    );
    let l = lower(&[("main.tf", &text)]);
    assert_eq!(codes(&l), []);
    let What::ManagedPolicy { document, .. } = &l.facts.facts[0].what else { panic!() };
    document.clone()
}

fn json(text: &str) -> serde_json::Value {
    let document = document(text);
    serde_json::from_str(document.as_str().unwrap()).unwrap()
}

#[test]
fn statements_become_policy_json() {
    let got = json(
        r#"
        data "aws_iam_policy_document" "d" {
          statement {
            actions   = ["s3:*"]
            resources = ["arn:aws:s3:::home/&{aws:username}"]
          }
          statement {
            sid           = "Deny"
            effect        = "Deny"
            not_actions   = ["iam:*"]
            not_resources = ["*"]
            principals {
              type        = "AWS"
              identifiers = ["a"]
            }
            principals {
              type        = "AWS"
              identifiers = ["b"]
            }
            not_principals {
              type        = "*"
              identifiers = ["*"]
            }
            condition {
              test     = "StringLike"
              variable = "k"
              values   = ["&{v}"]
            }
            condition {
              test     = "StringLike"
              variable = "k"
              values   = ["w"]
            }
            condition {
              test     = "Bool"
              variable = "m"
              values   = [true]
            }
          }
        }"#,
    );
    let expected = serde_json::json!({
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Action": ["s3:*"], "Resource": ["arn:aws:s3:::home/${aws:username}"]},
            {
                "Sid": "Deny", "Effect": "Deny", "NotAction": ["iam:*"], "NotResource": ["*"],
                "Principal": {"AWS": ["a", "b"]}, "NotPrincipal": "*",
                "Condition": {"StringLike": {"k": ["${v}", "w"]}, "Bool": {"m": ["true"]}},
            },
        ],
    });
    assert_eq!(got, expected);
}

#[test]
fn documents_are_merged_by_sid() {
    let got = json(
        r#"
        data "aws_iam_policy_document" "a" {
          statement {
            sid     = "One"
            actions = ["a:1"]
          }
          statement {
            actions = ["a:2"]
          }
        }
        data "aws_iam_policy_document" "b" {
          statement {
            sid     = "Two"
            actions = ["b:1"]
          }
        }
        data "aws_iam_policy_document" "d" {
          source_policy_documents   = [data.aws_iam_policy_document.a.json, ""]
          override_policy_documents = [data.aws_iam_policy_document.b.json, null]
          statement {
            sid     = "One"
            actions = ["d:1"]
          }
          statement {
            sid     = "Two"
            actions = ["d:2"]
          }
          statement {
            actions = ["d:3"]
          }
        }"#,
    );
    let actions: Vec<&str> = got["Statement"]
        .as_array()
        .unwrap()
        .iter()
        .map(|s| s["Action"][0].as_str().unwrap_or_else(|| s["Action"].as_str().unwrap()))
        .collect();
    assert_eq!(actions, ["d:1", "a:2", "b:1", "d:3"]);
}

#[test]
fn dynamic_blocks_are_written_out() {
    let got = json(
        r#"
        data "aws_iam_policy_document" "d" {
          dynamic "statement" {
            for_each = { A = ["x"], B = [] }
            iterator = rule
            content {
              sid     = rule.key
              actions = ["s3:Get"]
              dynamic "condition" {
                for_each = rule.value
                content {
                  test     = "StringEquals"
                  variable = "${rule.key}/${condition.key}"
                  values   = [condition.value]
                }
              }
            }
          }
        }"#,
    );
    assert_eq!(got["Statement"][0]["Condition"], serde_json::json!({"StringEquals": {"A/0": ["x"]}}));
    assert_eq!(got["Statement"][1]["Sid"], "B");
    assert!(got["Statement"][1].get("Condition").is_none());
}

#[test]
fn an_open_block_makes_a_choice_of_documents() {
    let document = document(
        r#"
        variable "on" { type = bool }
        data "aws_iam_policy_document" "d" {
          statement { actions = ["a:1"] }
          dynamic "statement" {
            for_each = var.on ? [1] : []
            content { actions = ["a:2"] }
          }
        }"#,
    );
    let Kind::OneOf(open) = &document.kind else { panic!("{document:?}") };
    let arms: Vec<bool> = open.arms.iter().map(|a| a.as_str().unwrap().contains("a:2")).collect();
    assert_eq!(arms, [true, false]);
}

#[test]
fn unknown_parts_are_holes() {
    let document = document(
        r#"
        variable "extra" {}
        data "aws_iam_policy_document" "d" {
          statement {
            actions   = ["s3:${var.extra}"]
            resources = var.extra
          }
          dynamic "statement" {
            for_each = var.extra
            content { actions = ["a:2"] }
          }
        }"#,
    );
    let Kind::String(text) = &document.kind else { panic!("{document:?}") };
    assert_eq!(text.holes().len(), 3);
    assert!(text.holes().iter().all(|h| h.unknown.reason() == "`var.extra` has no value"));
}

#[test]
fn places_inside_a_document_are_those_of_the_blocks() {
    let main = "data \"aws_iam_policy_document\" \"d\" {\n  statement {\n    actions = [\"s3:GetObject\"]\n  }\n}\n\
                resource \"aws_iam_policy\" \"p\" {\n  policy = data.aws_iam_policy_document.d.json\n}\n";
    let (sources, l) = lower_in(".", &[("main.tf", main)], &Options::default());
    let What::ManagedPolicy { document, .. } = &l.facts.facts[0].what else { panic!() };
    let Kind::String(text) = &document.kind else { panic!() };
    let at = text.visible().find("s3:GetObject").unwrap();
    let place = sources.locate(text.span_of(at, at + 12).unwrap()).unwrap();
    assert_eq!((place.line, place.column), (3, 17));
}

#[test]
fn statements_that_are_no_blocks_are_a_problem() {
    let l = lower(&[(
        "main.tf",
        "data \"aws_iam_policy_document\" \"d\" {\n statement = [{}]\n}\n\
         resource \"aws_iam_policy\" \"p\" {\n policy = data.aws_iam_policy_document.d.json\n}\n",
    )]);
    assert_eq!(codes(&l), [Code::BadBlock]);
}

#[test]
fn data_sources_that_look_up_by_name() {
    let l = lower(&[(
        "main.tf",
        r#"
        data "aws_iam_policy" "admin" { name = "AdministratorAccess" }
        data "aws_iam_policy" "own" { name = "gate" }
        data "aws_iam_user" "u" { user_name = "ana" }
        data "aws_caller_identity" "me" {}
        resource "aws_iam_user_policy_attachment" "a" {
          user       = data.aws_iam_user.u.user_name
          policy_arn = data.aws_iam_policy.admin.arn
        }
        resource "aws_iam_user_policy_attachment" "b" {
          user       = "u"
          policy_arn = data.aws_iam_policy.own.arn
        }
        resource "aws_iam_user_policy_attachment" "c" {
          user       = "u"
          policy_arn = "arn:aws:iam::${data.aws_caller_identity.me.account_id}:policy/x"
        }
        "#,
    )]);
    let got: Vec<String> =
        super::lines(&l).iter().map(|l| l.split(": ").nth(1).unwrap_or("").to_owned()).collect();
    assert_eq!(
        got,
        [
            "attach ana@data.aws_iam_user.u.user_name \
             arn:?:iam::aws:policy/AdministratorAccess@data.aws_iam_policy.admin.arn",
            "attach u arn:?:iam::?:policy/gate@data.aws_iam_policy.own.arn",
            "attach u arn:aws:iam::?:policy/x",
        ]
    );
}
