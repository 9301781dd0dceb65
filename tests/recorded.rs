//! Plans and states through the whole pipeline: they say what the code says, keep secrets, and do no harm.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Arc;

use mfaguard::diagnostic::Level;
use mfaguard::fs::{FileSystem, MemFs, OsFs};
use mfaguard::report::REPORTERS;
use mfaguard::scan::{self, Outcome};
use mfaguard::source::SourceMap;

fn scan(fs: Arc<dyn FileSystem>, path: &Path) -> Outcome {
    let request = scan::Request::new(vec![path.to_path_buf()], fs);
    scan::check(&request, &SourceMap::new())
}

fn recorded() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/terraform/recorded")
}

/// Console, admin and verdicts of every principal, by address.
fn principals(path: &Path) -> BTreeMap<String, [String; 4]> {
    let outcome = scan(Arc::new(OsFs::for_paths([path])), path);
    assert!(outcome.diagnostics.is_empty(), "{}: {:?}", path.display(), outcome.diagnostics);
    assert!(outcome.units.iter().all(|u| u.kind == "terraform"));
    let of = |v: &mfaguard::analysis::verdict::Verdict| {
        let address = v.address.clone().unwrap_or_else(|| format!("{} {:?}", v.kind.as_str(), v.name));
        let answers = [
            v.console.to_string(),
            v.admin.to_string(),
            v.mfa.as_str().to_owned(),
            v.mfa_keys.as_str().to_owned(),
        ];
        (address, answers)
    };
    outcome.verdicts.iter().map(|(_, v)| of(v)).collect()
}

#[test]
fn a_state_says_what_its_code_says() {
    for name in ["changes", "joins", "team"] {
        let dir = recorded().join(name);
        let code = principals(&dir.join("code"));
        for file in ["state.json", "terraform.tfstate"] {
            assert_eq!(principals(&dir.join(file)), code, "{name}/{file}");
        }
    }
}

/// What a plan leaves open that its code settles: it does not show a list of which one element is not known.
const OPEN: [(&str, &str); 3] =
    [("joins", "aws_iam_group.named"), ("joins", "aws_iam_user.u[0]"), ("joins", "aws_iam_user.u[1]")];

#[test]
fn a_plan_says_what_its_code_says() {
    for name in ["changes", "joins", "team"] {
        let dir = recorded().join(name);
        let (code, plan) = (principals(&dir.join("code")), principals(&dir.join("plan.json")));
        assert_eq!(code.keys().collect::<Vec<_>>(), plan.keys().collect::<Vec<_>>(), "{name}");
        for (address, answers) in &code {
            let open = OPEN.contains(&(name, address));
            assert_eq!(plan[address] != *answers, open, "{name} {address}: {answers:?}, {:?}", plan[address]);
            for (code, plan) in answers.iter().zip(&plan[address]) {
                assert!(code == plan || plan == "unknown", "{name} {address}: {answers:?}");
            }
        }
    }
}

fn mfaguard(args: &[&str], path: &Path) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mfaguard"));
    command.arg("check").args(args).arg(path).env_clear().output().unwrap()
}

/// Secrets of all kinds, on the lines of what is shown.
const SECRETS: &str = r#"{"format_version": "1.0", "terraform_version": "1.11.4", "values": {"outputs": {"p": {"sensitive": true, "value": "CANARY-output"}}, "root_module": {"resources": [
{"address": "aws_db_instance.a", "mode": "managed", "type": "aws_db_instance", "name": "a", "values": {"password": "CANARY-db"}, "sensitive_values": {}}, {"address": "aws_iam_virtual_mfa_device.a", "mode": "managed", "type": "aws_iam_virtual_mfa_device", "name": "a", "values": {"base_32_string_seed": "CANARY-seed", "qr_code_png": "CANARY-png"}, "sensitive_values": {}}, {"address": "aws_iam_user.a", "mode": "managed", "type": "aws_iam_user", "name": "a", "values": {"name": "alice", "tags": {"pin": "CANARY-tag"}}, "sensitive_values": {}}, {"address": "aws_iam_user_login_profile.a", "mode": "managed", "type": "aws_iam_user_login_profile", "name": "a", "values": {"password": "CANARY-password", "user": "alice"}, "sensitive_values": {}}, {"address": "aws_iam_access_key.a", "mode": "managed", "type": "aws_iam_access_key", "name": "a", "values": {"secret": "CANARY-key", "user": "alice"}, "sensitive_values": {"secret": true}}, {"address": "aws_iam_user.b", "mode": "managed", "type": "aws_iam_user", "name": "b", "values": {"name": "CANARY-name"}, "sensitive_values": {"name": true}}, {"address": "aws_iam_user_policy_attachment.a", "mode": "managed", "type": "aws_iam_user_policy_attachment", "name": "a", "values": {"user": "alice", "policy_arn": "arn:aws:iam::aws:policy/AdministratorAccess"}, "sensitive_values": {}}
]}}}"#;

#[test]
fn no_secret_is_shown() {
    let dir = tempfile::tempdir().unwrap();
    let own = dir.path().join("state");
    std::fs::write(&own, SECRETS).unwrap();
    let cut = dir.path().join("cut");
    std::fs::write(&cut, SECRETS.get(..900).unwrap()).unwrap();
    let state = recorded().join("team/terraform.tfstate");
    let plan = recorded().join("changes/plan.json");
    for file in [own, cut, state, plan] {
        assert!(std::fs::read_to_string(&file).unwrap().contains("CANARY"), "{}", file.display());
        for reporter in REPORTERS {
            for detail in [&["--format", reporter.name][..], &["-v", "--format", reporter.name]] {
                let output = mfaguard(detail, &file);
                for text in [&output.stdout, &output.stderr] {
                    let text = String::from_utf8_lossy(text);
                    assert!(!text.contains("CANARY"), "{} {detail:?}:\n{text}", file.display());
                }
            }
        }
    }
}

#[test]
fn secrets_in_a_state_are_findings() {
    let outcome = scan(Arc::new(MemFs::new().with("s", SECRETS)), Path::new("s"));
    let secrets = outcome.findings.iter().filter(|(_, f)| f.rule.code == "MFA107");
    let subjects: Vec<&str> = secrets.map(|(_, f)| f.subject.as_str()).collect();
    assert_eq!(subjects, ["aws_iam_virtual_mfa_device.a", "aws_iam_user_login_profile.a"]);
}

#[test]
fn what_is_not_read_is_said() {
    let dir = tempfile::tempdir().unwrap();
    let tries: [(&[u8], &str); 6] = [
        (b"PK\x03\x04\xff\xfe", "terraform show -json"),
        (br#"{"version": 3, "serial": 1, "lineage": "x", "modules": []}"#, "version 3"),
        (br#"{"version": 9, "serial": 1, "lineage": "x", "resources": []}"#, "not known here"),
        (br#"{"format_version": "2.0", "planned_values": {}}"#, "`2.0`"),
        (br#"{"format_version": 1, "values": {}}"#, "not a string"),
        (br#"{"format_version": "1.2", "planned_values": {"#, "JSON"),
    ];
    for (bytes, message) in tries {
        let file = dir.path().join("tfplan");
        std::fs::write(&file, bytes).unwrap();
        let output = mfaguard(&[], &file);
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{message}: {text}");
        assert!(text.contains(message), "{message}: {text}");
    }
}

#[test]
fn plans_and_states_are_read_only_when_they_are_named() {
    let fs = MemFs::new()
        .with("a/main.tf", "resource \"aws_iam_user\" \"a\" {\n  name = \"alice\"\n}\n")
        .with("a/terraform.tfstate", SECRETS)
        .with(
            "a/plan.json",
            SECRETS.replace("\"CANARY-tag\"", "\"AWSTemplateFormatVersion Resources AWS::IAM::User\""),
        );
    let fs: Arc<dyn FileSystem> = Arc::new(fs);
    let below = scan(Arc::clone(&fs), Path::new("a"));
    assert_eq!(below.units.iter().map(|u| u.path.as_str()).collect::<Vec<_>>(), ["a"]);
    assert!(below.diagnostics.is_empty());
    for named in ["a/terraform.tfstate", "a/plan.json"] {
        assert_eq!(scan(Arc::clone(&fs), Path::new(named)).units[0].path, named);
    }
}

#[test]
fn an_empty_state_declares_nothing() {
    for text in [
        r#"{"format_version": "1.0", "terraform_version": "1.11.4"}"#,
        r#"{"version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": "x", "outputs": {}, "resources": []}"#,
    ] {
        let outcome = scan(Arc::new(MemFs::new().with("s", text)), Path::new("s"));
        assert!(outcome.diagnostics.is_empty() && outcome.verdicts.is_empty(), "{:?}", outcome.diagnostics);
        assert_eq!(outcome.units.len(), 1);
    }
}

/// The text with every value in turn replaced by something of another type.
fn spoiled(
    value: &serde_json::Value,
    at: &mut usize,
    wanted: usize,
    with: &serde_json::Value,
) -> serde_json::Value {
    use serde_json::Value as J;
    *at += 1;
    if *at == wanted {
        return with.clone();
    }
    match value {
        J::Array(l) => J::Array(l.iter().map(|v| spoiled(v, at, wanted, with)).collect()),
        J::Object(m) => J::Object(m.iter().map(|(k, v)| (k.clone(), spoiled(v, at, wanted, with))).collect()),
        other => other.clone(),
    }
}

#[test]
fn nothing_panics_on_spoiled_files() {
    let long = "k".repeat(100_000);
    let odd = [
        serde_json::json!(null),
        serde_json::json!([[1]]),
        serde_json::json!({"a": true}),
        serde_json::json!(long),
    ];
    for file in ["joins/plan.json", "team/terraform.tfstate"] {
        let text = std::fs::read_to_string(recorded().join(file)).unwrap();
        let tree: serde_json::Value = serde_json::from_str(&text).unwrap();
        let mut nodes = 0;
        spoiled(&tree, &mut nodes, usize::MAX, &odd[0]);
        for (i, wanted) in (1..nodes).step_by(23).enumerate() {
            let text = spoiled(&tree, &mut 0, wanted, &odd[i % odd.len()]).to_string();
            scan(Arc::new(MemFs::new().with("s", text)), Path::new("s"));
        }
        for cut in (20..text.len()).step_by(text.len() / 40) {
            let Some(part) =
                text.get(..cut).filter(|t| t.contains("terraform_version") && t.contains("planned_values"))
            else {
                continue;
            };
            let outcome = scan(Arc::new(MemFs::new().with("s", part)), Path::new("s"));
            assert!(outcome.diagnostics.iter().any(|d| d.level == Level::Error), "{file} cut at {cut}");
        }
    }
    let deep = format!("{{\"format_version\": \"1.0\", \"values\": {}", "{\"root_module\":[".repeat(100_000));
    let outcome = scan(Arc::new(MemFs::new().with("s", deep)), Path::new("s"));
    assert!(outcome.diagnostics.iter().any(|d| d.level == Level::Error));
}
