//! One scenario, every frontend, the same answer.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use mfaguard::account;
use mfaguard::analysis::{self, verdict::Verdict};
use mfaguard::finding::Finding;
use mfaguard::fs::OsFs;
use mfaguard::iam::build::{self, Names};
use mfaguard::rules::{self, Check, Selection};
use mfaguard::scan;
use mfaguard::source::SourceMap;

/// What code says.
fn of_code(path: &Path) -> BTreeSet<String> {
    let request = scan::Request::new(vec![path.to_path_buf()], Arc::new(OsFs::for_paths([path])));
    let outcome = scan::check(&request, &SourceMap::new());
    assert!(outcome.diagnostics.is_empty(), "{}: {:?}", path.display(), outcome.diagnostics);
    let verdicts: Vec<Verdict> = outcome.verdicts.into_iter().map(|(_, v)| v).collect();
    answer(&verdicts, outcome.findings.iter().map(|(_, f)| f))
}

/// What an account says in which the code was applied.
fn of_account(snapshot: &Path) -> BTreeSet<String> {
    let account = account::read(snapshot, &OsFs::for_paths([snapshot]), &SourceMap::new());
    assert!(account.diagnostics.is_empty(), "{}: {:?}", snapshot.display(), account.diagnostics);
    let (model, problems) = build::build(account.facts, Names::OfAccount);
    assert!(problems.is_empty(), "{}: {problems:?}", snapshot.display());
    let judged = analysis::judge(&model);
    let findings = rules::run(&model, &judged, &Selection::default());
    let verdicts: Vec<Verdict> = judged.into_iter().map(|j| j.verdict).collect();
    answer(&verdicts, findings.iter())
}

/// What has to be the same whatever language says it: verdicts and findings, by kind and name.
fn answer<'a>(verdicts: &[Verdict], findings: impl Iterator<Item = &'a Finding>) -> BTreeSet<String> {
    let name = |subject: &str| {
        let of = verdicts.iter().filter(|v| v.address.as_deref().or(v.name.as_deref()) == Some(subject));
        of.map(|v| format!("{} {:?}", v.kind.as_str(), v.name)).next().unwrap()
    };
    let principals = verdicts.iter().map(|v| {
        format!(
            "{} {:?} console {} admin {} mfa {} keys {} open {} takeover {}",
            v.kind.as_str(),
            v.name,
            v.console,
            v.admin,
            v.mfa.as_str(),
            v.mfa_keys.as_str(),
            v.open.actions,
            v.open.takeover.join(" "),
        )
    });
    // A policy has another address in every language, and how secrets are kept is the language's own matter.
    let findings = findings.filter_map(|f| {
        let subject = match rules::find(f.rule.code)?.check {
            Check::Verdict(_) | Check::Principal(_) => name(&f.subject),
            Check::Policy(_) => "a policy".to_owned(),
            Check::Secret(_)
            | Check::Device(_)
            | Check::User(_)
            | Check::Root(_)
            | Check::Drift(_)
            | Check::Suppression(_) => {
                return None;
            }
        };
        Some(format!("{subject} {} {}", f.rule.code, f.certainty.as_str()))
    });
    principals.chain(findings).collect()
}

#[test]
fn every_frontend_gives_the_same_answer() {
    let scenarios = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/matrix");
    let mut dirs: Vec<PathBuf> =
        std::fs::read_dir(scenarios).unwrap().map(|e| e.unwrap().path()).filter(|p| p.is_dir()).collect();
    dirs.sort();
    assert!(dirs.len() >= 25);
    let mut accounts = 0;
    for dir in dirs {
        let name = dir.file_name().unwrap().to_string_lossy().into_owned();
        let terraform = of_code(&dir.join("main.tf"));
        insta::assert_debug_snapshot!(format!("matrix-{name}"), terraform);
        for other in ["template.yaml", "template.json"] {
            assert_eq!(of_code(&dir.join(other)), terraform, "{name}/{other}");
        }
        let snapshot = dir.join("account");
        if snapshot.is_dir() {
            assert_eq!(of_account(&snapshot), terraform, "{name}/account");
            accounts += 1;
        }
    }
    assert!(accounts >= 25, "{accounts} in all four languages");
}
