//! What `policy` prints for reading accounts, judged by the engine itself in every language.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;

use mfaguard::account::{ACTIONS, Subject};
use mfaguard::analysis::verdict::Enforcement;
use mfaguard::fs::MemFs;
use mfaguard::scan;
use mfaguard::source::SourceMap;
use mfaguard::tri::Tri;

fn printed(args: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mfaguard"));
    let output = command.arg("policy").args(args).env_clear().output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn check(file: &str, text: &str) -> scan::Outcome {
    let fs = Arc::new(MemFs::new().with(file, text));
    let outcome = scan::check(&scan::Request::new(vec![PathBuf::from(".")], fs), &SourceMap::new());
    assert_eq!(outcome.diagnostics, [], "{text}");
    outcome
}

/// Nothing is wrong with the policies, nor with a user who has one of them.
#[test]
fn policies_for_reading_have_no_findings() {
    for (args, label) in [(&[][..], "read_mfa_status"), (&["--org"][..], "read_mfa_status_of_organization")] {
        let text = |format| printed(&[args, &["--format", format]].concat());
        let user = format!(
            "resource \"aws_iam_user\" \"auditor\" {{\n  name = \"auditor\"\n}}\n\
             resource \"aws_iam_user_policy_attachment\" \"read\" {{\n  user       = aws_iam_user.auditor.name\n  policy_arn = aws_iam_policy.{label}.arn\n}}\n"
        );
        let outcome = check("main.tf", &(text("terraform") + &user));
        assert_eq!(outcome.findings, []);
        assert_eq!((outcome.verdicts.len(), outcome.verdicts[0].1.admin), (1, Tri::No));
        let outcome = check("template.yaml", &text("cloudformation"));
        assert_eq!((outcome.findings, outcome.verdicts.len()), (vec![], 0));
    }
}

#[test]
fn the_role_asks_users_for_mfa_and_has_no_findings() {
    for more in [&[][..], &["--external-id", "audit:2026"][..], &["--role-name", "Audit_Read"][..]] {
        for (format, file) in [("terraform", "main.tf"), ("cloudformation", "template.yaml")] {
            let args = [&["--org", "--trust", "111122223333", "--format", format][..], more].concat();
            let text = printed(&args);
            let outcome = check(file, &text);
            assert_eq!(outcome.findings, [], "{text}");
            let [(_, role)] = outcome.verdicts.as_slice() else { panic!("{text}") };
            // Users have to have it; sessions of roles never say whether there was MFA.
            assert_eq!((role.admin, role.mfa), (Tri::No, Enforcement::Partial), "{text}\n{role:?}");
            assert_eq!(role.evidence[0].text, "account 111122223333 may assume it only with MFA");
            assert_eq!(text.matches("audit:2026").count(), if more.contains(&"audit:2026") { 2 } else { 0 });
            let name = if more.contains(&"Audit_Read") { "Audit_Read" } else { "mfaguard-read" };
            assert_eq!(role.name.as_deref(), Some(name));
        }
    }
    let trust: serde_json::Value = serde_json::from_str(&printed(&["--trust", "111122223333"])).unwrap();
    assert_eq!(trust["Statement"][0]["Principal"], serde_json::json!({"AWS": ["111122223333"]}));
    assert_eq!(trust["Statement"][0].get("Resource"), None);
}

/// Every action of the list is in the policy that it belongs to, and nothing else is.
#[test]
fn the_list_is_the_policy() {
    for (args, about) in [
        (&[][..], &[Subject::Account, Subject::User][..]),
        (&["--org"][..], &[Subject::Account, Subject::User, Subject::Organization, Subject::Role][..]),
    ] {
        let policy: serde_json::Value = serde_json::from_str(&printed(args)).unwrap();
        let statements = policy["Statement"].as_array().unwrap();
        let mut granted: Vec<&str> = statements
            .iter()
            .flat_map(|s| s["Action"].as_array().unwrap())
            .map(|a| a.as_str().unwrap())
            .collect();
        let mut listed: Vec<&str> =
            ACTIONS.iter().filter(|a| about.contains(&a.about)).map(|a| a.name).collect();
        granted.sort_unstable();
        listed.sort_unstable();
        assert_eq!(granted, listed);
        assert!(statements.iter().all(|s| s["Effect"] == "Allow"));
        // Only what has no resource is on everything.
        for s in statements.iter().filter(|s| s["Resource"][0] == "*") {
            assert!(["ReadAccount", "ReadOrganization"].contains(&s["Sid"].as_str().unwrap()));
        }
    }
    let org = printed(&["--org", "--role-name", "Audit"]);
    assert!(org.contains("\"arn:*:iam::*:role/Audit\""), "{org}");
}

/// A name that is misspelt would be granted and do nothing.
#[test]
fn every_action_exists() {
    let known = include_str!("../data/aws-actions.txt");
    for action in ACTIONS {
        let (service, name) = action.name.split_once(':').unwrap();
        let mut actions = known.lines().find(|l| l.split(' ').next() == Some(service)).unwrap().split(' ');
        // Two letters before each name say what it is.
        assert!(actions.any(|a| a.get(2..) == Some(name)), "{}", action.name);
        assert!(!action.reason.is_empty() && !action.reason.ends_with('.'));
    }
}
