//! One scenario, every frontend, the same answer.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use mfaguard::fs::OsFs;
use mfaguard::rules::{self, Check};
use mfaguard::scan;
use mfaguard::source::SourceMap;

/// What has to be the same whatever language says it: verdicts and findings, by kind and name.
fn answer(path: &Path) -> BTreeSet<String> {
    let request = scan::Request::new(vec![path.to_path_buf()], Arc::new(OsFs::for_paths([path])));
    let outcome = scan::check(&request, &SourceMap::new());
    assert!(outcome.diagnostics.is_empty(), "{}: {:?}", path.display(), outcome.diagnostics);
    let name = |subject: &str| {
        let verdicts = outcome.verdicts.iter().map(|(_, v)| v);
        let of = verdicts.filter(|v| v.address.as_deref().or(v.name.as_deref()) == Some(subject));
        of.map(|v| format!("{} {:?}", v.kind.as_str(), v.name)).next().unwrap()
    };
    let verdicts = outcome.verdicts.iter().map(|(_, v)| {
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
    let findings = outcome.findings.iter().filter_map(|(_, f)| {
        let subject = match rules::find(f.rule.code)?.check {
            Check::Verdict(_) | Check::Principal(_) => name(&f.subject),
            Check::Policy(_) => "a policy".to_owned(),
            Check::Secret(_) => return None,
        };
        Some(format!("{subject} {} {}", f.rule.code, f.certainty.as_str()))
    });
    verdicts.chain(findings).collect()
}

#[test]
fn every_frontend_gives_the_same_answer() {
    let scenarios = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/matrix");
    let mut dirs: Vec<PathBuf> =
        std::fs::read_dir(scenarios).unwrap().map(|e| e.unwrap().path()).filter(|p| p.is_dir()).collect();
    dirs.sort();
    assert!(dirs.len() >= 25);
    for dir in dirs {
        let name = dir.file_name().unwrap().to_string_lossy().into_owned();
        let terraform = answer(&dir.join("main.tf"));
        insta::assert_debug_snapshot!(format!("matrix-{name}"), terraform);
        for other in ["template.yaml", "template.json"] {
            assert_eq!(answer(&dir.join(other)), terraform, "{name}/{other}");
        }
    }
}
