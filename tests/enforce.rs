//! The policy that `policy --enforce` prints, judged by the engine itself in every language.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;

use mfaguard::analysis::verdict::Enforcement;
use mfaguard::fs::MemFs;
use mfaguard::policy::simulate::{Requests, Simulator};
use mfaguard::rules::Selection;
use mfaguard::scan;
use mfaguard::source::SourceMap;
use mfaguard::tri::Tri;

fn printed(args: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mfaguard"));
    let output = command.args(["policy", "--enforce"]).args(args).env_clear().output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

const ADMIN: &str = "arn:aws:iam::aws:policy/AdministratorAccess";

/// An administrator with password and key, in Terraform.
fn terraform(policy: &str) -> (&'static str, String) {
    let text = format!(
        r#"
resource "aws_iam_user" "alice" {{
  name = "alice"
  path = "/team/"
}}
resource "aws_iam_user_login_profile" "alice" {{
  user = aws_iam_user.alice.name
}}
resource "aws_iam_access_key" "alice" {{
  user = aws_iam_user.alice.name
}}
resource "aws_iam_user_policy_attachment" "admin" {{
  user       = aws_iam_user.alice.name
  policy_arn = "{ADMIN}"
}}
resource "aws_iam_user_policy_attachment" "gate" {{
  user       = aws_iam_user.alice.name
  policy_arn = aws_iam_policy.require_mfa.arn
}}
{policy}"#
    );
    ("main.tf", text)
}

/// The document in a heredoc, where Terraform's own escapes apply.
fn heredoc(json: &str) -> (&'static str, String) {
    let document = json.replace("${", "$${");
    let policy = format!(
        "resource \"aws_iam_policy\" \"require_mfa\" {{\n  name   = \"require-mfa\"\n  policy = <<EOT\n{document}EOT\n}}\n"
    );
    terraform(&policy)
}

/// The same administrator, added to the printed template.
fn cloudformation(template: &str) -> (&'static str, String) {
    let alice = format!(
        "  Alice:\n    Type: AWS::IAM::User\n    Properties:\n      UserName: alice\n      LoginProfile: {{Password: x}}\n      ManagedPolicyArns: [\"{ADMIN}\", !Ref RequireMfa]\n  Key:\n    Type: AWS::IAM::AccessKey\n    Properties: {{UserName: !Ref Alice}}\n"
    );
    ("template.yaml", format!("{template}{alice}"))
}

#[test]
fn an_administrator_with_it_is_enforced_in_every_language() {
    let cases = [
        terraform(&printed(&["--format", "terraform"])),
        heredoc(&printed(&["--format", "json"])),
        cloudformation(&printed(&["--format", "cloudformation"])),
    ];
    for (file, text) in cases {
        let request = scan::Request {
            // How the administrator of this test keeps the password is not the policy's business.
            rules: Selection { ignore: vec!["MFA107".to_owned()], ..Selection::default() },
            ..scan::Request::new(vec![PathBuf::from(".")], Arc::new(MemFs::new().with(file, text.clone())))
        };
        let outcome = scan::check(&request, &SourceMap::new());
        assert_eq!(outcome.diagnostics, [], "{text}");
        assert!(outcome.findings.is_empty(), "{text}\n{:?}", outcome.findings);
        let [(_, alice)] = outcome.verdicts.as_slice() else { panic!("{text}") };
        assert_eq!(
            (alice.console, alice.keys, alice.admin, alice.mfa, alice.mfa_keys),
            (Tri::Yes, Tri::Yes, Tri::Yes, Enforcement::Enforced, Enforcement::Enforced),
            "{text}"
        );
        assert!(alice.open.takeover.is_empty());
    }
}

const REQUESTS: &str = r#"{
  "context": {"aws:PrincipalType": "KIND"},
  "worlds": {
    "mfa": {"aws:MultiFactorAuthPresent": "true", "aws:MultiFactorAuthAge": "60"},
    "console": {"aws:MultiFactorAuthPresent": "false"},
    "keys": {}
  },
  "requests": [
    {"label": "create", "action": "iam:CreateVirtualMFADevice", "resource": "arn:aws:iam::111122223333:mfa/alice"},
    {"label": "create named", "action": "iam:CreateVirtualMFADevice", "resource": "arn:aws:iam::111122223333:mfa/phone"},
    {"label": "enrol", "action": "iam:EnableMFADevice", "resource": "arn:aws:iam::111122223333:user/alice"},
    {"label": "enrol with path", "action": "iam:EnableMFADevice", "resource": "arn:aws:iam::111122223333:user/team/alice"},
    {"label": "enrol bob", "action": "iam:EnableMFADevice", "resource": "arn:aws:iam::111122223333:user/bob"},
    {"label": "enrol malice", "action": "iam:EnableMFADevice", "resource": "arn:aws:iam::111122223333:user/malice"},
    {"label": "password", "action": "iam:ChangePassword", "resource": "arn:aws:iam::111122223333:user/alice"},
    {"label": "drop", "action": "iam:DeactivateMFADevice", "resource": "arn:aws:iam::111122223333:user/alice"},
    {"label": "read", "action": "s3:GetObject", "resource": "arn:aws:s3:::bucket/key"}
  ]
}"#;

/// What a principal may do with each kind of session: with MFA, with a password alone, with keys.
fn allowed(principal: &str, identity: &[&str], scps: &[&str]) -> [Vec<String>; 3] {
    of_type("User", principal, identity, scps)
}

fn of_type(kind: &str, principal: &str, identity: &[&str], scps: &[&str]) -> [Vec<String>; 3] {
    let line = format!(
        r#"{{"id": 1, "principal": "{principal}", "policies": [{}], "scps": [{}]}}"#,
        identity.join(","),
        scps.join(",")
    )
    .replace('\n', " ");
    let answer =
        Simulator::new(Requests::from_json(&REQUESTS.replace("KIND", kind)).unwrap()).answer(&line).unwrap();
    [answer.allowed.mfa, answer.allowed.console, answer.allowed.keys]
}

const ALL: &str =
    r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}"#;

#[test]
fn enrolling_a_device_of_ones_own_is_possible_and_nothing_else() {
    let gate = printed(&[]);
    let own = ["create", "create named", "enrol", "enrol with path", "password"];
    let [mfa, console, keys] = allowed("arn:aws:iam::111122223333:user/alice", &[&gate], &[]);
    assert_eq!(console, own);
    assert_eq!(keys, own);
    assert_eq!(mfa, [&own[..], &["drop"]].concat());
    // An administrator gets no more than that without MFA: not even a device for somebody else.
    let [mfa, console, keys] = allowed("arn:aws:iam::111122223333:user/alice", &[ALL, &gate], &[]);
    assert_eq!(console, own);
    assert_eq!(keys, own);
    assert_eq!(mfa.len(), 9);
}

#[test]
fn the_service_control_policy_is_for_users_and_locks_no_role_out() {
    let scp = printed(&["--scp"]);
    let [mfa, console, keys] = allowed("arn:aws:iam::111122223333:user/alice", &[ALL], &[ALL, &scp]);
    assert_eq!(mfa.len(), 9);
    for open in [console, keys] {
        assert!(open.contains(&"enrol".to_owned()));
        assert!(!open.contains(&"read".to_owned()) && !open.contains(&"drop".to_owned()));
    }
    let [_, _, role] = of_type("AssumedRole", "arn:aws:iam::111122223333:role/deploy", &[ALL], &[ALL, &scp]);
    assert_eq!(role.len(), 9);
    for (format, kind) in [
        ("terraform", "resource \"aws_organizations_policy\""),
        ("cloudformation", "Type: AWS::Organizations::Policy"),
    ] {
        assert!(printed(&["--scp", "--format", format]).contains(kind));
    }
}
