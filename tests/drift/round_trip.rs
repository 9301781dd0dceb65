//! Code and the account that it makes do not differ, whatever language the code is in.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use mfaguard::account;
use mfaguard::compare::{self, Outcome};
use mfaguard::finding::Certainty;
use mfaguard::fs::OsFs;
use mfaguard::scan;
use mfaguard::source::SourceMap;

use crate::simulate::{Simulation, model};
use crate::world::ACCOUNT;

fn testdata(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata").join(path)
}

fn dirs(path: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(testdata(path)).unwrap().map(|e| e.unwrap().path());
    let mut out: Vec<PathBuf> = entries.filter(|p| p.is_dir()).collect();
    out.sort();
    out
}

fn drift(code: &Path, snapshot: &Path) -> Outcome {
    let (fs, sources) = (Arc::new(OsFs::for_paths([code, snapshot])), SourceMap::new());
    let (accounts, problems) = account::read_all(&[snapshot.to_path_buf()], &[], fs.as_ref(), &sources);
    assert!(problems.is_empty(), "{problems:?}");
    let code = scan::Request::new(vec![code.to_path_buf()], fs);
    compare::drift(&compare::Request { code, elsewhere: Vec::new(), whole: true }, accounts, &sources)
}

/// What is told, one a line, and all that is wrong with the input.
fn differences(code: &Path, snapshot: &Path) -> String {
    let outcome = drift(code, snapshot);
    let found =
        outcome.findings.iter().map(|(_, f)| format!("{}: {} {}\n", code.display(), f.rule.code, f.message));
    let said = outcome.diagnostics.iter().map(|d| format!("{}: {}\n", code.display(), d.message));
    found.chain(said).collect()
}

const LANGUAGES: [&str; 3] = ["main.tf", "template.yaml", "template.json"];

/// A copy of a snapshot in which everybody who has a password has enrolled a device, which code cannot do for them.
fn enrolled(snapshot: &Path, copy: &Path) {
    std::fs::create_dir_all(copy).unwrap();
    for entry in std::fs::read_dir(snapshot).unwrap() {
        let file = entry.unwrap().path();
        let name = file.file_name().unwrap();
        let text = std::fs::read_to_string(&file).unwrap();
        let text =
            if name == "credential_report.csv" { text.replace(",true,false,", ",true,true,") } else { text };
        std::fs::write(copy.join(name), text).unwrap();
    }
}

#[test]
fn scenarios_and_their_recorded_accounts_agree() {
    let (scratch, mut wrong, mut compared) = (tempfile::tempdir().unwrap(), String::new(), 0);
    for dir in dirs("matrix").into_iter().filter(|dir| dir.join("account").is_dir()) {
        let snapshot = scratch.path().join(dir.file_name().unwrap());
        enrolled(&dir.join("account"), &snapshot);
        for language in LANGUAGES {
            wrong += &differences(&dir.join(language), &snapshot);
            compared += 1;
        }
    }
    assert_eq!(wrong, "");
    assert!(compared >= 90, "{compared}");
}

#[test]
fn scenarios_and_the_accounts_they_make_agree() {
    let (scratch, mut wrong, mut compared) = (tempfile::tempdir().unwrap(), String::new(), 0);
    for dir in dirs("matrix") {
        let model = model(&dir.join("main.tf"), ACCOUNT);
        for answer in 0..2 {
            let simulation = Simulation { model: &model, answer, account: ACCOUNT };
            if !simulation.is_settled() {
                continue;
            }
            let snapshot = scratch.path().join(format!("{compared}"));
            simulation.save(&snapshot);
            for language in LANGUAGES {
                wrong += &differences(&dir.join(language), &snapshot);
            }
            compared += 1;
        }
    }
    assert_eq!(wrong, "");
    assert!(compared >= 60, "{compared}");
}

/// Other code of the tests, and what Terraform itself recorded of it. Of names that AWS chose the code knows nothing:
/// what it says may differ, and is not told as a difference for certain.
#[test]
fn code_and_state_agree_with_the_account_they_make() {
    let scratch = tempfile::tempdir().unwrap();
    let (recorded, mut wrong) = ("123456789012", String::new());
    for (n, (of, code)) in [
        ("demo/terraform", None),
        ("terraform/recorded/team/terraform.tfstate", Some("terraform/recorded/team/code")),
        ("terraform/recorded/team/state.json", None),
        ("terraform/recorded/joins/terraform.tfstate", Some("terraform/recorded/joins/code")),
        ("terraform/recorded/joins/state.json", None),
    ]
    .into_iter()
    .enumerate()
    {
        let model = model(&testdata(of), recorded);
        let snapshot = scratch.path().join(format!("{n}"));
        Simulation { model: &model, answer: 0, account: recorded }.save(&snapshot);
        wrong += &differences(&testdata(of), &snapshot);
        for (_, f) in code.map(|code| drift(&testdata(code), &snapshot).findings).unwrap_or_default() {
            if f.certainty == Certainty::Proven && f.rule.code != "MFA399" {
                wrong += &format!("{of}: {} {}\n", f.rule.code, f.message);
            }
        }
    }
    assert_eq!(wrong, "");
}
