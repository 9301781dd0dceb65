//! The chain of a proof: principal, membership, attachment, policy, statement, each at its own line and column.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::path::PathBuf;
use std::sync::Arc;

use mfaguard::fs::MemFs;
use mfaguard::report::{REPORTERS, Report, Style};
use mfaguard::scan;
use mfaguard::source::SourceMap;

/// A user with a password and one inline policy.
const USER: &str = r#"resource "aws_iam_user" "u" {
  name = "u"
}
resource "aws_iam_user_login_profile" "u" {
  user = aws_iam_user.u.name
}
resource "aws_iam_user_policy" "u" {
  name   = "inline"
  user   = aws_iam_user.u.name
"#;

/// Files, from pairs of path and text.
fn files(files: &[(&str, &str)]) -> MemFs {
    files.iter().fold(MemFs::new(), |fs, (path, text)| fs.with(path, (*text).to_owned()))
}

/// What a format says of the files.
fn written(fs: MemFs, format: &str) -> String {
    let request = scan::Request::new(vec![PathBuf::from(".")], Arc::new(fs));
    let sources = SourceMap::new();
    let outcome = scan::check(&request, &sources);
    let report = Report {
        sources: &sources,
        units: &outcome.units,
        verdicts: &outcome.verdicts,
        findings: &outcome.findings,
        fixes: &[],
        review_of: None,
        diagnostics: &outcome.diagnostics,
        files: outcome.files,
        duration_ms: None,
    };
    let mut out = Vec::new();
    let reporter = REPORTERS.iter().find(|r| r.name == format).unwrap();
    (reporter.write)(&report, &mut out, &Style::default()).unwrap();
    String::from_utf8(out).unwrap()
}

fn place(location: &serde_json::Value) -> String {
    format!("{}:{}:{}", location["path"].as_str().unwrap(), location["line"], location["column"])
}

/// The proof of the verdict about user `u`: where it is declared, then each step.
fn proof(fs: MemFs) -> Vec<String> {
    let json: serde_json::Value = serde_json::from_str(&written(fs, "json")).unwrap();
    assert_eq!(json["diagnostics"], serde_json::json!([]));
    let u = json["principals"].as_array().unwrap().iter().find(|p| p["name"] == "u").unwrap();
    let steps = u["evidence"].as_array().unwrap();
    std::iter::once(place(&u["location"]))
        .chain(steps.iter().map(|s| format!("{} {}", place(&s["location"]), s["text"].as_str().unwrap())))
        .collect()
}

fn gated(statement: &str) -> String {
    let allow = r#"{ "Effect": "Allow", "Action": "*", "Resource": "*" }"#;
    format!("{{\n  \"Version\": \"2012-10-17\",\n  \"Statement\": [\n    {allow},\n{statement}\n  ]\n}}")
}

#[test]
fn an_administrator_through_a_group_of_a_module() {
    let main = r#"module "team" {
  source = "./team"
}
resource "aws_iam_user" "u" {
  name = "u"
}
resource "aws_iam_user_login_profile" "u" {
  user = aws_iam_user.u.name
}
resource "aws_iam_user_group_membership" "u" {
  user   = aws_iam_user.u.name
  groups = [module.team.name]
}
"#;
    let team = r#"resource "aws_iam_group" "this" {
  name = "admins"
}
resource "aws_iam_policy" "all" {
  name = "all"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect   = "Allow"
        Action   = ["iam:GetUser", "*"]
        Resource = "*"
      },
    ]
  })
}
resource "aws_iam_group_policy_attachment" "this" {
  group      = aws_iam_group.this.name
  policy_arn = aws_iam_policy.all.arn
}
output "name" {
  value = aws_iam_group.this.name
}
"#;
    let fs = files(&[("main.tf", main), ("team/main.tf", team)]);
    insta::assert_debug_snapshot!(proof(fs));
}

#[test]
fn a_policy_in_a_heredoc_is_pointed_into() {
    let document = gated(
        r#"    {
      "Effect": "Deny",
      "NotAction": [
        "iam:EnableMFADevice",
        "iam:*"
      ],
      "Resource": "*",
      "Condition": { "BoolIfExists": { "aws:MultiFactorAuthPresent": "false" } }
    }"#,
    );
    let text = format!("{USER}  policy = <<-EOT\n    {}\n  EOT\n}}\n", document.replace('\n', "\n    "));
    insta::assert_debug_snapshot!(proof(files(&[("main.tf", &text)])));
}

#[test]
fn a_policy_in_another_file_is_pointed_into() {
    let document = gated(
        r#"    {
      "Effect": "Deny",
      "Action": "*",
      "Resource": "*",
      "Condition": {
        "Bool": { "aws:MultiFactorAuthPresent": "false" }
      }
    }"#,
    );
    let plain = format!("{USER}  policy = file(\"${{path.module}}/p.json\")\n}}\n");
    let chain = proof(files(&[("main.tf", &plain), ("p.json", &document)]));
    insta::assert_debug_snapshot!(chain);
    let template = format!("{USER}  policy = templatefile(\"p.json\", {{ all = \"*\" }})\n}}\n");
    let document = document.replace(r#""Action": "*""#, r#""Action": "${all}""#);
    assert_eq!(proof(files(&[("main.tf", &template), ("p.json", &document)])), chain);
}

#[test]
fn a_policy_document_in_hcl_is_pointed_into() {
    let text = format!(
        r#"{USER}  policy = data.aws_iam_policy_document.d.json
}}
data "aws_iam_policy_document" "d" {{
  statement {{
    actions   = ["*"]
    resources = ["*"]
  }}
  statement {{
    effect      = "Deny"
    not_actions = ["iam:EnableMFADevice"]
    resources   = ["*"]
    condition {{
      test     = "BoolIfExists"
      variable = "aws:MultiFactorAuthPresent"
      values   = ["false"]
    }}
    condition {{
      test     = "NotIpAddress"
      variable = "aws:SourceIp"
      values   = ["10.0.0.0/8"]
    }}
  }}
}}
"#
    );
    insta::assert_debug_snapshot!(proof(files(&[("main.tf", &text)])));
}

const TEMPLATE: &str = r#"AWSTemplateFormatVersion: "2010-09-09"
Resources:
  U:
    Type: AWS::IAM::User
    Properties:
      UserName: u
      LoginProfile:
        Password: x
      Groups:
        - !Ref G
  G:
    Type: AWS::IAM::Group
    Properties:
      ManagedPolicyArns:
        - !Ref P
  P:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Action: "*"
            Resource: "*"
          - Effect: Deny
            NotAction: iam:EnableMFADevice
            Resource: "*"
            Condition:
              Bool:
                aws:MultiFactorAuthPresent: "false"
"#;

const JSON_TEMPLATE: &str = r#"{
  "AWSTemplateFormatVersion": "2010-09-09",
  "Resources": {
    "U": {
      "Type": "AWS::IAM::User",
      "Properties": {
        "UserName": "u",
        "LoginProfile": { "Password": "x" },
        "Groups": [{ "Ref": "G" }],
        "ManagedPolicyArns": ["arn:aws:iam::aws:policy/AdministratorAccess"]
      }
    },
    "G": { "Type": "AWS::IAM::Group" }
  }
}
"#;

#[test]
fn templates_are_pointed_into() {
    insta::assert_debug_snapshot!("template_yaml", proof(files(&[("template.yaml", TEMPLATE)])));
    insta::assert_debug_snapshot!("template_json", proof(files(&[("template.json", JSON_TEMPLATE)])));
}

/// Every format tells the same chain: what JSON has as related places, SARIF has as related locations and as the
/// steps of a code flow, and people see each as a label.
#[test]
fn every_format_has_the_whole_chain() {
    let fs = || files(&[("template.yaml", TEMPLATE)]);
    let json: serde_json::Value = serde_json::from_str(&written(fs(), "json")).unwrap();
    let sarif: serde_json::Value = serde_json::from_str(&written(fs(), "sarif")).unwrap();
    let human = written(fs(), "human");
    let (findings, results) =
        (json["findings"].as_array().unwrap(), sarif["runs"][0]["results"].as_array().unwrap());
    assert!(!findings.is_empty() && findings.len() == results.len());
    for (finding, result) in findings.iter().zip(results) {
        let wanted: Vec<String> =
            finding["related"].as_array().unwrap().iter().map(|r| place(&r["location"])).collect();
        if wanted.is_empty() {
            assert_eq!((result.get("relatedLocations"), result.get("codeFlows")), (None, None));
            continue;
        }
        let at = |l: &serde_json::Value| {
            let physical = &l["physicalLocation"];
            let region = &physical["region"];
            let uri = physical["artifactLocation"]["uri"].as_str().unwrap();
            format!("{uri}:{}:{}", region["startLine"], region["startColumn"])
        };
        if wanted.is_empty() {
            assert!(result.get("relatedLocations").is_none() && result.get("codeFlows").is_none());
            continue;
        }
        let related: Vec<String> = result["relatedLocations"].as_array().unwrap().iter().map(at).collect();
        assert_eq!(related, wanted);
        let steps = result["codeFlows"][0]["threadFlows"][0]["locations"].as_array().unwrap();
        let flow: Vec<String> = steps.iter().map(|s| at(&s["location"])).collect();
        assert_eq!(flow.first(), Some(&place(&finding["location"])));
        assert_eq!(flow[1..], wanted);
        assert!(human.contains(&format!("[ {} ]", place(&finding["location"]))), "{human}");
        for related in finding["related"].as_array().unwrap() {
            assert!(human.contains(related["message"].as_str().unwrap()), "{human}");
        }
    }
}

/// A part that is not known is shown as such, not left out of the name.
#[test]
fn who_may_assume_a_role_is_readable_when_part_of_it_is_not_known() {
    let text = r#"variable "account" {}
resource "aws_iam_role" "r" {
  name                = "r"
  managed_policy_arns = ["arn:aws:iam::aws:policy/AdministratorAccess"]
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { AWS = "arn:aws:iam::${var.account}:root" }
    }]
  })
}
"#;
    let human = written(files(&[("main.tf", text)]), "human");
    assert!(human.contains("can be assumed without MFA by `arn:aws:iam::…:root`"), "{human}");
}

/// Whoever a trust policy asks for MFA is the proof that it is enforced.
#[test]
fn a_role_that_needs_mfa_does_not_say_otherwise() {
    let text = r#"resource "aws_iam_role" "u" {
  name = "u"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { AWS = "arn:aws:iam::111122223333:root" }
      Condition = { Bool = { "aws:MultiFactorAuthPresent" = "true" } }
    }]
  })
}
"#;
    assert_eq!(
        proof(files(&[("main.tf", text)])),
        ["main.tf:1:1", "main.tf:8:27 account 111122223333 may assume it only with MFA"]
    );
}
