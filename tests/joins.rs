//! Who a name means: by reference, by name, by a variable that nobody sets, or perhaps.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::path::PathBuf;
use std::sync::Arc;

use mfaguard::analysis::verdict::{Enforcement, Verdict};
use mfaguard::fs::MemFs;
use mfaguard::scan;
use mfaguard::source::SourceMap;

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
