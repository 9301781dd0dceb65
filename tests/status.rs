//! `mfaguard status` from saved answers, as a user runs it. `UPDATE=1 cargo test` rewrites the golden files.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

#[cfg(target_os = "linux")]
#[path = "common/peak.rs"]
mod peak;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use mfaguard::report::status::REPORTERS;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn status(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_mfaguard"))
        .current_dir(root().join("testdata/account"))
        .arg("status")
        .args(args)
        .output()
        .unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// One account with everything in it, in every format. None of them shows more of an id than it must.
#[test]
fn every_format_of_one_account() {
    for reporter in REPORTERS {
        let out = status(&["--from", "mixed", "--no-timing", "-v", "--format", reporter.name]);
        assert_eq!(out.status.code(), Some(1), "{}: {}", reporter.name, text(&out.stderr));
        let golden = root().join(format!("tests/golden/status.{}", reporter.name));
        let written = text(&out.stdout);
        if std::env::var_os("UPDATE").is_some() {
            std::fs::write(&golden, &written).unwrap();
        }
        assert_eq!(
            written,
            std::fs::read_to_string(&golden).unwrap().replace("\r\n", "\n"),
            "{}",
            reporter.name
        );
        for secret in ["AIDAEXAMPLE", "AGPAEXAMPLE", "AROAEXAMPLE", "key-B7"] {
            assert!(!written.contains(secret), "{}: {secret}", reporter.name);
        }
    }
}

#[test]
fn exit_codes() {
    let dir = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = dir.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        path.display().to_string()
    };
    let head = "user,arn,password_enabled,mfa_active";
    let good = file("good.csv", &format!("{head}\nbob,arn:aws:iam::111122223333:user/bob,true,true\n"));
    let bad = file("bad.csv", &format!("{head}\nbob,arn:aws:iam::111122223333:user/bob,true,false\n"));
    let broken = file("broken.csv", "user,arn\nbob,x\n");
    file("denied/credential_report.csv", &std::fs::read_to_string(&good).unwrap());
    file("denied/meta.json", "{\"denied\": [\"iam:GetAccountSummary\"]}");
    let denied = dir.path().join("denied").display().to_string();
    for (args, code) in [
        (vec!["--credential-report", &good], 0),
        (vec!["--credential-report", &bad], 1),
        (vec!["--credential-report", &bad, "--fail-on", "critical"], 0),
        (vec!["--credential-report", &bad, "--exit-zero"], 0),
        (vec!["--credential-report", &bad, "--ignore", "MFA201"], 0),
        (vec!["--credential-report", &bad, "--select", "MFA999"], 2),
        (vec!["--credential-report", &broken], 2),
        (vec!["--credential-report", "nowhere.csv"], 2),
        (vec!["--from", "nowhere"], 2),
        (vec!["--from", &good], 2),
        (vec!["--from", &denied], 2),
        (vec!["--from", "mixed", "--from", "mixed"], 2),
        (vec![], 2),
    ] {
        let out = status(&args);
        assert_eq!(out.status.code(), Some(code), "{args:?}: {}", text(&out.stderr));
        assert_eq!(code == 2, !out.stderr.is_empty(), "{args:?}: {}", text(&out.stderr));
    }
    assert!(text(&status(&["--from", &denied]).stderr).contains("iam:GetAccountSummary"));
    assert!(text(&status(&["--from", &good]).stderr).contains("a file: give the directory"));
    assert!(text(&status(&[]).stderr).contains("--credential-report FILE"));
}

/// Many users in one account: the time is linear, and nobody is lost.
#[test]
fn five_thousand_users() {
    let dir = tempfile::tempdir().unwrap();
    let write = |name: &str, text: String| std::fs::write(dir.path().join(name), text).unwrap();
    let mut csv = "user,arn,password_enabled,mfa_active\n".to_owned();
    let mut users = Vec::new();
    for n in 0..5000 {
        let arn = format!("arn:aws:iam::111122223333:user/u{n}");
        csv.push_str(&format!("u{n},{arn},true,{}\n", n % 10 != 0));
        users.push(format!("{{\"UserName\": \"u{n}\", \"Arn\": \"{arn}\", \"GroupList\": [\"all\"]}}"));
    }
    write("credential_report.csv", csv);
    write(
        "account_authorization_details.json",
        format!(
            "{{\"UserDetailList\": [{}], \"GroupDetailList\": [{{\"GroupName\": \"all\", \"Arn\": \"arn:aws:iam::111122223333:group/all\"}}]}}",
            users.join(",")
        ),
    );
    let out =
        status(&["--from", &Path::new(dir.path()).display().to_string(), "--format", "json", "--no-timing"]);
    let json: serde_json::Value = serde_json::from_slice(&out.stdout).unwrap();
    assert_eq!((&json["summary"]["users"], &json["summary"]["without_mfa"]), (&5000.into(), &500.into()));
}

/// Most of what AWS answers about a large account says nothing in the end: it is not kept as values while it is read.
#[test]
#[cfg(target_os = "linux")]
fn a_large_account_takes_little_memory() {
    let dir = tempfile::tempdir().unwrap();
    let memory = |policies: usize| {
        let statement = r#"{"Sid": "", "Effect": "Allow", "Action": ["s3:Get*"], "Resource": "*"}"#;
        let statements = vec![statement; 40].join(", ");
        let document = format!(r#"{{"Version": "2012-10-17", "Statement": [{statements}]}}"#);
        let version = |v: usize| {
            let default = v == 1;
            format!(r#"{{"VersionId": "v{v}", "IsDefaultVersion": {default}, "Document": {document}}}"#)
        };
        let versions = (1..=5).map(version).collect::<Vec<_>>().join(", ");
        let policy = |n: usize| {
            let arn = format!("arn:aws:iam::111122223333:policy/p{n}");
            format!(r#"{{"PolicyName": "p{n}", "Arn": "{arn}", "PolicyVersionList": [{versions}]}}"#)
        };
        let policies = (0..policies).map(policy).collect::<Vec<_>>().join(", ");
        let details = format!(r#"{{"UserDetailList": [], "Policies": [{policies}]}}"#);
        std::fs::write(dir.path().join("account_authorization_details.json"), details).unwrap();
        let child = Command::new(env!("CARGO_BIN_EXE_mfaguard"))
            .args(["status", "--format", "json", "--from"])
            .arg(dir.path())
            .stdout(std::process::Stdio::null())
            .spawn()
            .unwrap();
        let (ended, memory) = peak::peak(child);
        assert_eq!(ended.code(), Some(0));
        memory.unwrap()
    };
    let (one, many) = (memory(1), memory(300));
    assert!(many < one + 100, "one policy: {one} MB, many: {many} MB");
}
