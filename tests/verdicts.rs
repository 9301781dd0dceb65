//! Verdicts about principals that hang on one thing each: whose account it is, which worlds there are, what is told of
//! what is not known.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::path::PathBuf;
use std::sync::Arc;

use mfaguard::analysis::verdict::{Enforcement, Instances, Verdict};
use mfaguard::fs::MemFs;
use mfaguard::rules::Selection;
use mfaguard::scan;
use mfaguard::source::SourceMap;
use mfaguard::status;
use mfaguard::tri::Tri;
use mfaguard::triage::Triage;

fn of_code(code: &str, address: &str) -> Verdict {
    let fs = MemFs::new().with("main.tf", code);
    let outcome = scan::check(&scan::Request::new(vec![PathBuf::from(".")], Arc::new(fs)), &SourceMap::new());
    let mut verdicts = outcome.verdicts.into_iter().map(|(_, v)| v);
    verdicts.find(|v| v.address.as_deref() == Some(address)).unwrap()
}

/// The verdict about the only user of account 111122223333, who has this policy.
fn of_account(statements: &str) -> Verdict {
    let details = format!(
        r#"{{"UserDetailList":[{{"UserName":"alice","Path":"/","Arn":"arn:aws:iam::111122223333:user/alice","GroupList":[],
            "AttachedManagedPolicies":[],"UserPolicyList":[{{"PolicyName":"own","PolicyDocument":
            {{"Version":"2012-10-17","Statement":[{statements}]}}}}]}}],
            "GroupDetailList":[],"RoleDetailList":[],"Policies":[],"IsTruncated":false}}"#
    );
    let fs = Arc::new(MemFs::new().with("a/account_authorization_details.json", details));
    let (snapshots, rules, triage) = (vec![PathBuf::from("a")], Selection::default(), Triage::default());
    let request = status::Request { snapshots, reports: Vec::new(), fs, rules, triage };
    let outcome = status::status(&request, &SourceMap::new());
    let [(_, verdict)] = outcome.verdicts.as_slice() else { panic!("{:?}", outcome.verdicts) };
    verdict.clone()
}

#[test]
fn a_gate_of_another_account_gates_nobody_here() {
    let allow =
        r#"{"Effect":"Allow","Action":"iam:CreateAccessKey","Resource":"arn:aws:iam::111122223333:user/*"}"#;
    let gate = |account: &str| {
        format!(
            r#"{allow},{{"Effect":"Deny","NotAction":"iam:*MFA*","Resource":"arn:aws:iam::{account}:*",
                "Condition":{{"BoolIfExists":{{"aws:MultiFactorAuthPresent":"false"}}}}}}"#
        )
    };
    assert_eq!(of_account(&gate("111122223333")).mfa, Enforcement::Enforced);
    assert_eq!(of_account(&gate("*")).mfa, Enforcement::Enforced);
    assert_eq!(of_account(&gate("444455556666")).mfa, Enforcement::NotEnforced);
}

#[test]
fn of_somebody_declared_here_nothing_is_said_to_be_elsewhere() {
    let own = |user: &str| {
        format!(
            "variable \"policy\" {{}}\nresource \"aws_iam_user\" \"a\" {{\n  name = \"alice\"\n}}\n\
             resource \"aws_iam_user_policy\" \"a\" {{\n  user = {user}\n  policy = var.policy\n}}\n"
        )
    };
    let alice = of_code(&own("aws_iam_user.a.name"), "aws_iam_user.a");
    assert_eq!(alice.mfa, Enforcement::Unknown);
    let reasons: Vec<String> = alice.unknown.iter().map(|u| u.reason().to_string()).collect();
    assert_eq!(reasons, ["`var.policy` has no value"]);
}

const GATE: &str = r#"
    locals {
      gate = jsonencode({
        Version   = "2012-10-17"
        Statement = [{
          Effect    = "Deny"
          NotAction = ["iam:CreateVirtualMFADevice", "iam:EnableMFADevice", "iam:ListMFADevices"]
          Resource  = "*"
          Condition = { BoolIfExists = { "aws:MultiFactorAuthPresent" = "false" } }
        }]
      })
      admin = "arn:aws:iam::aws:policy/AdministratorAccess"
    }
"#;

fn reasons(verdict: &Verdict) -> Vec<String> {
    verdict.unknown.iter().map(|u| u.reason().to_string()).collect()
}

#[test]
fn of_somebody_declared_elsewhere_one_thing_is_said_to_be_not_known() {
    let bob = |gate: &str| {
        let code = format!(
            "{GATE}\nresource \"aws_iam_user_policy_attachment\" \"b\" {{\n  user = \"bob\"\n  policy_arn = local.admin\n}}\n{gate}"
        );
        let fs = MemFs::new().with("main.tf", code);
        let request = scan::Request::new(vec![PathBuf::from(".")], Arc::new(fs));
        let outcome = scan::check(&request, &SourceMap::new());
        let mut verdicts = outcome.verdicts.into_iter().map(|(_, v)| v);
        verdicts.find(|v| v.name.as_deref() == Some("bob")).unwrap()
    };
    let open = bob("");
    assert_eq!((open.mfa, open.console), (Enforcement::Unknown, Tri::Maybe));
    assert_eq!(reasons(&open), ["user `bob` is not declared here; what else it has is not known"]);
    let gated = bob("resource \"aws_iam_user_policy\" \"g\" {\n  user = \"bob\"\n  policy = local.gate\n}\n");
    assert_eq!((gated.mfa, gated.console), (Enforcement::Enforced, Tri::Maybe));
    assert_eq!(reasons(&gated), ["user `bob` is not declared here; whether it has a password is not known"]);
}

/// In one world there is a gate and a boundary more than in the other, and else the same.
#[test]
fn worlds_with_more_are_not_the_same() {
    let code = format!(
        r#"{GATE}
        variable "strict" {{
          type = bool
        }}
        resource "aws_iam_user" "a" {{
          name                 = "alice"
          permissions_boundary = var.strict ? local.admin : null
        }}
        resource "aws_iam_user_policy_attachment" "a" {{
          user       = aws_iam_user.a.name
          policy_arn = local.admin
        }}
        resource "aws_iam_user_policy" "a" {{
          count  = var.strict ? 1 : 0
          user   = aws_iam_user.a.name
          policy = local.gate
        }}"#
    );
    let alice = of_code(&code, "aws_iam_user.a");
    let unknown = Enforcement::Unknown;
    assert_eq!((alice.mfa, alice.mfa_keys, alice.admin), (unknown, unknown, Tri::Yes));
    assert!(reasons(&alice).iter().any(|r| r.contains("`var.strict`")), "{:?}", reasons(&alice));
}

#[test]
fn who_may_assume_a_role_is_said_in_words() {
    let role = |principal: &str, rest: &str| {
        let code = format!(
            "data \"aws_caller_identity\" \"here\" {{}}\nresource \"aws_iam_role\" \"r\" {{\n  name = \"r\"\n  assume_role_policy = jsonencode({{\n    \
             Statement = [{{ Effect = \"Allow\", Action = \"sts:AssumeRole\", Principal = {principal}{rest} }}]\n  }})\n}}\n"
        );
        of_code(&code, "aws_iam_role.r")
            .evidence
            .iter()
            .map(|e| e.text.clone())
            .collect::<Vec<_>>()
            .join("; ")
    };
    let test = |operator: &str| {
        format!(", Condition = {{ {operator} = {{ \"aws:MultiFactorAuthPresent\" = true }} }}")
    };
    for (principal, who) in [
        ("{ AWS = \"444455556666\" }", "account 444455556666"),
        ("{ AWS = \"arn:aws:iam::444455556666:root\" }", "account 444455556666"),
        ("{ AWS = \"arn:aws:iam::444455556666:user/bob\" }", "`arn:aws:iam::444455556666:user/bob`"),
        ("{ AWS = data.aws_caller_identity.here.account_id }", "every principal of its own account"),
        ("\"*\"", "everybody"),
    ] {
        for (rest, how) in [
            (String::new(), "without MFA"),
            (test("BoolIfExists"), "without MFA"),
            (test("Bool"), "only with MFA"),
        ] {
            let said = role(principal, &rest);
            assert!(said.contains(&format!("{who} may assume it {how}")), "{said}");
        }
    }
}

#[test]
fn the_answer_of_a_choice_that_is_bad_is_named() {
    let gated = |attached: &str| {
        let code = format!(
            "{GATE}\nvariable \"strict\" {{\n  type = bool\n}}\nresource \"aws_iam_user\" \"a\" {{\n  name = \"a\"\n}}\n\
             resource \"aws_iam_user_policy_attachment\" \"a\" {{\n  user = aws_iam_user.a.name\n  policy_arn = local.admin\n}}\n\
             resource \"aws_iam_user_policy\" \"a\" {{\n  {attached}\n  user = aws_iam_user.a.name\n  policy = local.gate\n}}\n"
        );
        reasons(&of_code(&code, "aws_iam_user.a"))
    };
    assert_eq!(
        gated("count = var.strict ? 1 : 0"),
        ["`var.strict` has no value; with `false` MFA is not enforced"]
    );
    assert_eq!(
        gated("count = var.strict ? 0 : 1"),
        ["`var.strict` has no value; with `true` MFA is not enforced"]
    );
    assert_eq!(gated(""), [""; 0]);
}

#[test]
fn what_nobody_counts_has_instances_that_are_not_known() {
    let user = |count: &str| {
        let code = format!(
            "variable \"n\" {{}}\nvariable \"on\" {{\n  type = bool\n}}\n\
             resource \"aws_iam_user\" \"a\" {{\n  {count}\n  name = \"a\"\n}}\n"
        );
        let fs = MemFs::new().with("main.tf", code);
        let request = scan::Request::new(vec![PathBuf::from(".")], Arc::new(fs));
        let verdicts = scan::check(&request, &SourceMap::new()).verdicts;
        let [(_, verdict)] = verdicts.as_slice() else { panic!("{verdicts:?}") };
        verdict.instances
    };
    assert_eq!(user(""), Instances::One);
    assert_eq!(user("count = 1"), Instances::One);
    assert_eq!(user("count = var.n"), Instances::Unknown);
    assert_eq!(user("for_each = var.n"), Instances::Unknown);
    assert_eq!(user("count = var.on ? 1 : 0"), Instances::Unknown);
}

/// A reference to one principal is none to another: what is for the one is not for the role itself, and what is denied
/// to the other is not for certain denied to it.
#[test]
fn references_in_trust_policies_mean_whom_they_refer_to() {
    let template = r#"
Resources:
  Build:
    Type: AWS::IAM::Role
    Properties:
      RoleName: build
      AssumeRolePolicyDocument:
        Statement: {Effect: Allow, Action: sts:AssumeRole, Principal: {Service: codebuild.amazonaws.com}}
  Test:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Statement: {Effect: Allow, Action: sts:AssumeRole, Principal: {Service: codebuild.amazonaws.com}}
  Deploy:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Statement:
          - {Effect: Allow, Action: sts:AssumeRole, Principal: {AWS: !GetAtt Build.Arn}}
          - Effect: Deny
            Action: sts:AssumeRole
            Principal: {DENIED}
            Condition: {BoolIfExists: {aws:MultiFactorAuthPresent: "false"}}
"#;
    let deploy = |denied: &str| {
        let fs = MemFs::new().with("template.yaml", template.replace("DENIED", denied));
        let request = scan::Request::new(vec![PathBuf::from(".")], Arc::new(fs));
        let verdicts = scan::check(&request, &SourceMap::new()).verdicts;
        verdicts.into_iter().map(|(_, v)| v).find(|v| v.address.as_deref() == Some("Deploy")).unwrap()
    };
    let open = deploy("Service: ec2.amazonaws.com");
    assert_eq!(open.mfa, Enforcement::NotEnforced);
    assert_eq!(open.evidence[0].text, "role `build` may assume it without MFA");
    assert_eq!(deploy("AWS: !GetAtt Build.Arn").mfa, Enforcement::Enforced);
    let other = deploy("AWS: !GetAtt Test.Arn");
    assert_eq!(other.mfa, Enforcement::Unknown);
    assert!(!other.unknown.is_empty());
}
