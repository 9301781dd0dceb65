//! Whatever lies in a tree: a message with its place, the rest still judged, and never a panic.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use mfaguard::diagnostic::{Code, Diagnostic, Level};
use mfaguard::fs::OsFs;
use mfaguard::scan::{self, Outcome};
use mfaguard::source::SourceMap;

const ADMIN: &str = r#"
resource "aws_iam_user" "alice" {
  name = "alice"
}

resource "aws_iam_user_policy_attachment" "alice" {
  user       = aws_iam_user.alice.name
  policy_arn = "arn:aws:iam::aws:policy/AdministratorAccess"
}
"#;

fn tree(files: &[(&str, &str)]) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = dir.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    dir
}

fn check(path: &Path) -> (Outcome, SourceMap) {
    let sources = SourceMap::new();
    let request = scan::Request::new(vec![path.to_path_buf()], Arc::new(OsFs::for_paths([path])));
    let outcome = scan::check(&request, &sources);
    (outcome, sources)
}

fn only(outcome: &Outcome, code: Code) -> &Diagnostic {
    let mut of = outcome.diagnostics.iter().filter(|d| d.code == code);
    let first = of.next().unwrap_or_else(|| panic!("no {code:?} in {:?}", outcome.diagnostics));
    assert!(of.next().is_none(), "more than one {code:?}: {:?}", outcome.diagnostics);
    first
}

fn place(d: &Diagnostic, sources: &SourceMap) -> (String, u32) {
    let at = sources.locate(d.span.unwrap()).unwrap();
    (PathBuf::from(&*at.path).file_name().unwrap().to_string_lossy().into_owned(), at.line)
}

fn findings(outcome: &Outcome) -> Vec<&str> {
    outcome.findings.iter().map(|(_, f)| f.rule.code).collect()
}

#[test]
fn a_parse_error_loses_its_block_only() {
    let dir = tree(&[
        ("main.tf", ADMIN),
        (
            "broken.tf",
            "resource \"aws_iam_group\" \"a\" {\n  name = \"a\"\n}\n\nresource \"aws_iam_group\" \"b\" {\n  name = = 1\n}\n",
        ),
    ]);
    let (outcome, sources) = check(dir.path());
    let d = only(&outcome, Code::HclSyntax);
    assert_eq!((d.level, place(d, &sources)), (Level::Error, ("broken.tf".to_owned(), 6)));
    assert_eq!(findings(&outcome), ["MFA002"]);
    assert!(outcome.verdicts.iter().any(|(_, v)| v.address.as_deref() == Some("aws_iam_group.a")));
}

#[test]
fn an_unreadable_file_is_named_and_the_rest_is_judged() {
    let dir = tree(&[("main.tf", ADMIN)]);
    std::os::unix::fs::symlink("nowhere.tf", dir.path().join("dangling.tf")).unwrap();
    fs::write(dir.path().join("latin.tf"), b"# caf\xe9\n").unwrap();
    let (outcome, _) = check(dir.path());
    assert_eq!(findings(&outcome), ["MFA002"]);
    let named: Vec<&str> = outcome.diagnostics.iter().filter_map(|d| d.path.as_deref()).collect();
    assert!(named.iter().any(|p| p.ends_with("dangling.tf")), "{:?}", outcome.diagnostics);
    assert!(named.iter().any(|p| p.ends_with("latin.tf")), "{:?}", outcome.diagnostics);
}

#[test]
fn a_link_loop_is_named_and_not_followed() {
    let dir = tree(&[("main.tf", ADMIN), ("sub/readme.md", "")]);
    std::os::unix::fs::symlink("..", dir.path().join("sub/up")).unwrap();
    let (outcome, _) = check(dir.path());
    assert!(only(&outcome, Code::LinkLoop).path.as_deref().unwrap().ends_with("sub/up"));
    assert_eq!(findings(&outcome), ["MFA002"]);
    assert_eq!(outcome.units.len(), 1);
}

#[test]
fn an_empty_directory_says_so() {
    let dir = tree(&[]);
    let (outcome, _) = check(dir.path());
    assert_eq!(only(&outcome, Code::NothingFound).level, Level::Warning);
}

#[test]
fn a_path_that_does_not_exist_is_an_error() {
    let dir = tree(&[]);
    let (outcome, _) = check(&dir.path().join("nope"));
    assert_eq!(only(&outcome, Code::NoSuchPath).level, Level::Error);
}

#[test]
fn a_template_with_a_syntax_error_is_named_with_its_line() {
    let dir = tree(&[
        ("main.tf", ADMIN),
        (
            "stack.yaml",
            "AWSTemplateFormatVersion: \"2010-09-09\"\nResources:\n  A:\n    Type: AWS::IAM::User\n   Properties: {}\n",
        ),
        ("stack.json", "{\"Resources\": {\"A\": {\"Type\": \"AWS::IAM::User\",}}\n"),
        ("other.yaml", "a: [1, 2\n"),
    ]);
    let (outcome, sources) = check(dir.path());
    let d = only(&outcome, Code::YamlSyntax);
    assert_eq!((d.level, place(d, &sources)), (Level::Error, ("stack.yaml".to_owned(), 5)));
    assert_eq!(place(only(&outcome, Code::JsonSyntax), &sources).0, "stack.json");
    assert_eq!(findings(&outcome), ["MFA002"]);
}

#[test]
fn a_template_without_principals_is_told_when_it_is_broken() {
    let queue = "AWSTemplateFormatVersion: \"2010-09-09\"\nResources:\n  Q:\n    Type: AWS::SQS::Queue\n";
    let dir = tree(&[
        ("main.tf", ADMIN),
        ("right.yaml", queue),
        ("broken.yaml", &queue.replace("    Type", "    - Type: x\n    Type")),
        ("twice.yaml", &format!("{queue}    Type: AWS::SQS::Queue\n")),
        ("broken.json", "{\"Resources\": {\"Q\": {\"Type\": \"AWS::SQS::Queue\"}}\n"),
        ("unusual.yaml", &queue.replace("AWS::SQS::Queue", "\"AWS::SQS::\\\n      Queue\"")),
    ]);
    let (outcome, sources) = check(dir.path());
    assert_eq!(place(only(&outcome, Code::YamlSyntax), &sources), ("broken.yaml".to_owned(), 5));
    assert_eq!(place(only(&outcome, Code::JsonSyntax), &sources), ("broken.json".to_owned(), 1));
    assert_eq!(place(only(&outcome, Code::BadBlock), &sources), ("twice.yaml".to_owned(), 5));
    assert_eq!(findings(&outcome), ["MFA002"]);
}

#[test]
fn a_module_cycle_ends() {
    let dir = tree(&[
        ("main.tf", ADMIN),
        ("call.tf", "module \"a\" {\n  source = \"./a\"\n}\n"),
        (
            "a/main.tf",
            "module \"b\" {\n  source = \"../b\"\n}\n\nresource \"aws_iam_group\" \"a\" {\n  name = \"a\"\n}\n",
        ),
        ("b/main.tf", "module \"a\" {\n  source = \"../a\"\n}\n"),
    ]);
    let (outcome, sources) = check(dir.path());
    assert_eq!(place(only(&outcome, Code::ModuleCycle), &sources), ("main.tf".to_owned(), 2));
    assert_eq!(findings(&outcome), ["MFA002"]);
    assert!(outcome.verdicts.iter().any(|(_, v)| v.address.as_deref() == Some("module.a.aws_iam_group.a")));
}

#[test]
fn nothing_outside_the_tree_is_read() {
    let dir = tree(&[("secret.json", "{\"Statement\": \"top-secret-canary\"}"), ("in/main.tf", ADMIN)]);
    let root = dir.path().join("in");
    std::os::unix::fs::symlink(dir.path(), root.join("out")).unwrap();
    fs::write(
        root.join("reads.tf"),
        "resource \"aws_iam_user_policy\" \"a\" {\n  user   = aws_iam_user.alice.name\n  policy = file(\"../secret.json\")\n}\n\n\
         resource \"aws_iam_user_policy\" \"b\" {\n  user   = aws_iam_user.alice.name\n  policy = file(\"${path.module}/out/secret.json\")\n}\n",
    )
    .unwrap();
    let (outcome, _) = check(&root);
    let said = format!("{outcome:?}");
    assert!(!said.contains("top-secret-canary"), "{said}");
    assert_eq!(outcome.verdicts[0].1.mfa.as_str(), "unknown");
    assert!(outcome.verdicts[0].1.unknown.iter().any(|u| u.reason().contains("outside")), "{said}");
}

#[test]
fn a_password_in_a_template_is_in_no_report() {
    let text = "Parameters:\n  P: {Type: String, Default: canary-default}\nResources:\n  \
        A: {Type: AWS::IAM::User, Properties: {LoginProfile: {Password: canary-flow}}}\n  \
        B: {Type: AWS::IAM::User, Properties: {LoginProfile: {Password: !Ref P}}}\n  \
        C:\n    Type: AWS::IAM::User\n    Properties:\n      LoginProfile:\n        Password: canary-block\n";
    let json = "{\"Resources\": {\"D\": {\"Type\": \"AWS::IAM::User\", \"Properties\": {\"LoginProfile\": {\"Password\": \"canary-json\"}}}}}";
    let dir = tree(&[("stack.yaml", text), ("stack.json", json)]);
    let (outcome, sources) = check(dir.path());
    assert_eq!(outcome.findings.iter().filter(|(_, f)| f.rule.code == "MFA107").count(), 4);
    let report = mfaguard::report::Report {
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
    for reporter in mfaguard::report::REPORTERS {
        let mut out = Vec::new();
        let style = mfaguard::report::Style { color: false, detail: mfaguard::report::Detail::Verbose };
        (reporter.write)(&report, &mut out, &style).unwrap();
        let out = String::from_utf8(out).unwrap();
        // A review has only what can be fixed.
        assert_eq!(out.contains("MFA107"), reporter.name != "github-review", "{}: {out}", reporter.name);
        assert!(!out.contains("canary"), "{}: {out}", reporter.name);
    }
}

#[test]
fn the_same_mistake_in_two_files_is_named_twice() {
    let broken = "resource \"aws_iam_group\" \"a\" {\n  name = = 1\n}\n";
    let dir = tree(&[("one.tf", broken), ("two.tf", &broken.replace("\"a\"", "\"b\""))]);
    let (outcome, sources) = check(dir.path());
    let errors = outcome.diagnostics.iter().filter(|d| d.code == Code::HclSyntax);
    let places: Vec<_> = errors.map(|d| place(d, &sources)).collect();
    assert_eq!(places, [("one.tf".to_owned(), 2), ("two.tf".to_owned(), 2)]);
}

#[test]
fn a_name_that_is_not_declared_is_one_problem_however_often_it_is_used() {
    let uses = "resource \"aws_iam_user\" \"a\" {\n  name = \"${var.x}-a\"\n}\nresource \"aws_iam_user\" \"b\" {\n  name = \"${var.x}-b\"\n}\n";
    let (outcome, _) = check(tree(&[("main.tf", uses)]).path());
    only(&outcome, Code::BadReference);
}

#[test]
fn a_template_that_may_not_be_read_is_not_passed_over_in_silence() {
    let outside = tree(&[("stack.yaml", "Resources:\n  A:\n    Type: AWS::IAM::User\n")]);
    let dir = tree(&[("main.tf", ADMIN), ("big.json", &" ".repeat((16 << 20) + 1))]);
    std::os::unix::fs::symlink(outside.path().join("stack.yaml"), dir.path().join("linked.yaml")).unwrap();
    let (outcome, _) = check(dir.path());
    assert_eq!(only(&outcome, Code::OutsideRoot).level, Level::Note);
    assert_eq!(only(&outcome, Code::TooLarge).level, Level::Note);
    assert_eq!(findings(&outcome), ["MFA002"]);
}

#[test]
fn a_template_behind_a_link_is_judged_once() {
    let dir = tree(&[("stacks/stack.yaml", "Resources:\n  A:\n    Type: AWS::IAM::User\n")]);
    std::os::unix::fs::symlink("stacks", dir.path().join("again")).unwrap();
    let (outcome, _) = check(dir.path());
    assert_eq!((outcome.units.len(), outcome.verdicts.len()), (1, 1), "{:?}", outcome.units);
}

/// A link to the whole disk is not followed to find that nothing on it may be read.
#[test]
fn a_link_that_leaves_the_project_is_not_walked() {
    let outside = tree(&[("deep/down/main.tf", ADMIN), ("deep/stack.yaml", "Resources: {}\n")]);
    let dir = tree(&[("main.tf", ADMIN)]);
    std::os::unix::fs::symlink(outside.path(), dir.path().join("bazel-out")).unwrap();
    std::os::unix::fs::symlink("/", dir.path().join("disk")).unwrap();
    let (outcome, _) = check(dir.path());
    let levels: Vec<_> = outcome.diagnostics.iter().map(|d| (d.code, d.level)).collect();
    assert_eq!(levels, [(Code::OutsideRoot, Level::Note); 2], "{:?}", outcome.diagnostics);
    assert_eq!(findings(&outcome), ["MFA002"]);
}

/// Terraform lets a module source climb out of the directory. Out of a work tree of git it leads to what is not the
/// project's: whoever may change the code could show it.
#[test]
fn a_module_is_not_looked_for_outside_of_the_work_tree() {
    let module = "resource \"aws_iam_user\" \"mallory\" {\n  name = \"mallory\"\n}\n";
    let call = |source: &str| format!("module \"m\" {{\n  source = \"{source}\"\n}}\n");
    let dir = tree(&[("in/main.tf", &call("../out")), ("out/main.tf", module)]);
    let root = dir.path().join("in");
    let names =
        |outcome: &Outcome| outcome.verdicts.iter().filter_map(|(_, v)| v.name.clone()).collect::<Vec<_>>();
    assert_eq!(names(&check(&root).0), ["mallory"]);
    fs::create_dir(root.join(".git")).unwrap();
    let (outcome, sources) = check(&root);
    assert_eq!(names(&outcome), Vec::<String>::new());
    assert_eq!(place(only(&outcome, Code::OutsideRoot), &sources), ("main.tf".to_owned(), 2));
    // An absolute path is never one of the project's own modules.
    fs::remove_dir(root.join(".git")).unwrap();
    fs::write(root.join("main.tf"), call(dir.path().join("out").to_str().unwrap())).unwrap();
    let (outcome, _) = check(&root);
    assert_eq!(names(&outcome), Vec::<String>::new());
    only(&outcome, Code::OutsideRoot);
}

/// What somebody ignores on one machine is not ignored on another.
#[test]
fn ignoring_is_a_matter_of_the_project() {
    let dir = tree(&[("main.tf", ADMIN), ("ignored/main.tf", ADMIN), (".gitignore", "ignored/\n")]);
    fs::create_dir(dir.path().join(".git")).unwrap();
    let home = tree(&[(".config/git/ignore", "main.tf\n")]);
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_mfaguard"))
        .args(["check", "--format", "json", "--exit-zero"])
        .env("HOME", home.path())
        .env_remove("XDG_CONFIG_HOME")
        .current_dir(dir.path())
        .output()
        .unwrap();
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["units"].as_array().unwrap().len(), 1, "{report}");
}
