//! Terraform that is broken, or written to cost time and memory: bounded, said, and the rest is judged.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod common;

use std::path::PathBuf;
use std::sync::Arc;

use mfaguard::analysis::verdict::Verdict;
use mfaguard::diagnostic::Code;
use mfaguard::fs::MemFs;
use mfaguard::scan::{self, Outcome};
use mfaguard::source::SourceMap;

/// An administrator without MFA.
const ALICE: &str = r#"
resource "aws_iam_user" "alice" {
  name = "alice"
}
resource "aws_iam_user_policy_attachment" "alice" {
  user       = aws_iam_user.alice.name
  policy_arn = "arn:aws:iam::aws:policy/AdministratorAccess"
}
"#;

fn check(files: &[(&str, &[u8])]) -> Outcome {
    let fs = files.iter().fold(MemFs::new(), |fs, (path, text)| fs.with(path, text.to_vec()));
    scan::check(&scan::Request::new(vec![PathBuf::from(".")], Arc::new(fs)), &SourceMap::new())
}

fn user<'o>(outcome: &'o Outcome, name: &str) -> &'o Verdict {
    let named = outcome.verdicts.iter().map(|(_, v)| v).find(|v| v.name.as_deref() == Some(name));
    named.unwrap_or_else(|| panic!("{name}: {:?}", outcome.diagnostics))
}

fn codes(outcome: &Outcome) -> Vec<Code> {
    outcome.diagnostics.iter().map(|d| d.code).collect()
}

const GATE: &str = r#"
resource "aws_iam_user_policy" "gate" {
  user   = aws_iam_user.bob.name
  policy = jsonencode({
    Statement = [
      { Effect = "Allow", Action = "*", Resource = "*" },
      {
        Effect    = "Deny"
        NotAction = ["iam:CreateVirtualMFADevice", "iam:EnableMFADevice"]
        Resource  = "*"
        Condition = { BoolIfExists = { "aws:MultiFactorAuthPresent" = "false" } }
      },
    ]
  })
}
resource "aws_iam_user" "bob" {
  name = "bob"
}
"#;

#[test]
fn a_broken_block_costs_what_hangs_on_it() {
    let broken = "resource \"aws_iam_user_policy\" \"p\" {\n  user = \"alice\"\n  user = \"carl\"\n}\n";
    let text = format!("{ALICE}{GATE}{broken}");
    let outcome = check(&[("main.tf", text.as_bytes())]);
    assert_eq!(codes(&outcome), [Code::HclSyntax]);
    assert_eq!(user(&outcome, "alice").mfa.as_str(), "unknown");
    assert_eq!(user(&outcome, "bob").mfa.as_str(), "enforced", "a gate holds whatever else there is");
    // One that is none of IAM costs nothing, and is told all the same.
    let bucket = "resource \"aws_s3_bucket\" \"b\" {\n  tags = {\n";
    let outcome = check(&[("main.tf", format!("{bucket}{ALICE}").as_bytes())]);
    assert_eq!(codes(&outcome), [Code::HclSyntax]);
    assert_eq!(user(&outcome, "alice").mfa.as_str(), "not-enforced");
    // Locals that cannot be read are not known.
    let locals = "locals {\n  x = = 1\n}\nresource \"aws_iam_user\" \"d\" {\n  name = local.x\n}\n";
    let outcome = check(&[("main.tf", format!("{locals}{GATE}").as_bytes())]);
    assert_eq!(codes(&outcome), [Code::HclSyntax]);
    assert_eq!(user(&outcome, "bob").mfa.as_str(), "enforced");
}

#[test]
fn a_file_of_which_nothing_is_known_may_say_anything() {
    let broken = "{\"resource\": {";
    let outcome =
        check(&[("main.tf", ALICE.as_bytes()), ("b.tf", GATE.as_bytes()), ("x.tf.json", broken.as_bytes())]);
    assert_eq!(
        codes(&outcome).iter().filter(|c| **c == Code::JsonSyntax).count(),
        1,
        "{:?}",
        outcome.diagnostics
    );
    let alice = user(&outcome, "alice");
    assert_eq!(alice.mfa.as_str(), "unknown");
    assert!(alice.unknown.iter().any(|u| u.reason().contains("not valid JSON")), "{:?}", alice.unknown);
    assert_eq!(user(&outcome, "bob").mfa.as_str(), "enforced");
}

#[test]
fn bytes_of_other_encodings_and_systems_cost_no_principal() {
    let windows = format!("\u{feff}{}", ALICE.replace('\n', "\r\n"));
    let mut latin = b"# caf\xe9\n".to_vec();
    latin.extend(GATE.as_bytes());
    let outcome = check(&[("windows.tf", windows.as_bytes()), ("latin.tf", &latin)]);
    assert_eq!(codes(&outcome), [Code::NotUtf8]);
    assert_eq!(user(&outcome, "alice").mfa.as_str(), "not-enforced");
    assert_eq!(user(&outcome, "bob").mfa.as_str(), "enforced");
}

#[test]
fn syntax_of_old_versions_is_read_or_said_to_be_lost() {
    let old = r#"
resource aws_iam_user old {
  name = "${aws_iam_user.alice.name}-2"
  tags {
    team = "a"
  }
}
resource "aws_iam_user_policy_attachment" "old" {
  user       = "${aws_iam_user.old.name}"
  policy_arn = "${element(split(",", "arn:aws:iam::aws:policy/AdministratorAccess"), 0)}"
}
variable "type" {
  type = "string"
}
"#;
    let outcome = check(&[("main.tf", format!("{ALICE}{old}").as_bytes())]);
    assert!(outcome.diagnostics.is_empty(), "{:?}", outcome.diagnostics);
    assert!(user(&outcome, "alice-2").admin.is_yes());
}

/// A policy of alice that is given by an expression.
fn policy(expression: &str) -> String {
    format!(
        "{ALICE}resource \"aws_iam_user_policy\" \"p\" {{\n  user   = aws_iam_user.alice.name\n  policy = {expression}\n}}\n"
    )
}

#[test]
fn a_conditional_of_many_arms_is_followed() {
    let arms: String = (0..200).map(|i| format!("var.v == \"{i}\" ? \"s3:Get{i}\" : ")).collect();
    let text = format!(
        "variable \"v\" {{\n  default = \"199\"\n}}\nlocals {{\n  action = {arms}\"*\"\n}}\n\
         resource \"aws_iam_user\" \"u\" {{\n  name = local.action\n}}\n"
    );
    let outcome = check(&[("main.tf", text.as_bytes())]);
    assert!(outcome.diagnostics.is_empty(), "{:?}", outcome.diagnostics);
    assert_eq!(outcome.verdicts[0].1.name.as_deref(), Some("s3:Get199"));
}

#[test]
fn what_may_not_exist_is_not_taken_to_exist_by_try() {
    let documents = r#"
variable "mfa" {
  type = bool
}
data "aws_iam_policy_document" "mfa" {
  count = var.mfa ? 1 : 0
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::111122223333:root"]
    }
    condition {
      test     = "Bool"
      variable = "aws:MultiFactorAuthPresent"
      values   = ["true"]
    }
  }
}
data "aws_iam_policy_document" "open" {
  count = var.mfa ? 0 : 1
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::111122223333:root"]
    }
  }
}
"#;
    let (mfa, open) =
        ("data.aws_iam_policy_document.mfa[0].json", "data.aws_iam_policy_document.open[0].json");
    for (trust, given, want) in [
        (format!("try({mfa}, {open})"), "", "unknown"),
        (format!("try({open}, {mfa})"), "", "unknown"),
        (format!("can({mfa}) ? {mfa} : {open}"), "", "unknown"),
        (format!("try({mfa}, {open})"), "mfa = true", "enforced"),
        (format!("try({open}, {mfa})"), "mfa = true", "enforced"),
        (format!("try({mfa}, {open})"), "mfa = false", "not-enforced"),
        // Outside of `try` it has to exist, or Terraform fails.
        (mfa.to_owned(), "", "enforced"),
        (format!("var.mfa ? {mfa} : {open}"), "", "unknown"),
    ] {
        let role = format!(
            "resource \"aws_iam_role\" \"r\" {{\n  name = \"r\"\n  assume_role_policy = {trust}\n}}\n"
        );
        let text = format!("{documents}{role}");
        let outcome = check(&[("main.tf", text.as_bytes()), ("terraform.tfvars", given.as_bytes())]);
        assert_eq!(user(&outcome, "r").mfa.as_str(), want, "{trust} {given}: {:?}", outcome.diagnostics);
    }
}

/// Writes a tree, runs the binary there with little time and memory, and gives the report.
fn bounded(files: &[(String, String)]) -> (serde_json::Value, String) {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("canary.json"), "{\"Statement\": \"CANARY\"}").unwrap();
    std::fs::create_dir(dir.path().join("elsewhere")).unwrap();
    std::fs::write(dir.path().join("elsewhere/main.tf"), "resource \"aws_iam_user\" \"CANARY\" {}\n")
        .unwrap();
    let root = dir.path().join("root");
    common::write(&root, files);
    common::run_bounded(&root)
}

/// What it is called, its files, and the code that says it was stopped.
type Bomb = (&'static str, Vec<(String, String)>, &'static str);

#[test]
fn bombs_end_with_a_diagnostic() {
    let main = |text: String| vec![("main.tf".to_owned(), text)];
    let doubling = |first: &str, next: fn(usize) -> String| {
        let rest: String = (0..12).map(|i| format!("  a{} = {}\n", i + 1, next(i))).collect();
        format!("locals {{\n  a0 = {first}\n{rest}}}\n")
    };
    let lists = doubling("[\"x\"]", |i| format!("[{}]", vec![format!("local.a{i}"); 10].join(", ")));
    let texts = doubling("\"xxxxxxxxxx\"", |i| format!("\"{}\"", format!("${{local.a{i}}}").repeat(10)));
    let deep =
        |open: &str, close: &str| policy(&format!("{}\"x\"{}", open.repeat(100_000), close.repeat(100_000)));
    let fan = |to: &str| {
        (0..10).map(|i| format!("module \"m{i}\" {{\n  source = \"{to}\"\n}}\n")).collect::<String>()
    };
    let bombs: Vec<Bomb> = vec![
        ("range", main(policy("jsonencode(range(0, 1e9))")), "E014"),
        (
            "nested for",
            main(format!(
                "locals {{\n  r = range(1000)\n}}\n{}",
                policy(
                    "jsonencode([for a in local.r : [for b in local.r : [for c in local.r : [for d in local.r : \"${a}${b}\"]]]])"
                )
            )),
            "E015",
        ),
        (
            "for_each of a million",
            main(format!(
                "{ALICE}resource \"aws_iam_user\" \"many\" {{\n  for_each = toset(flatten([for a in range(1000) : \
                 [for b in range(1000) : \"${{a}}-${{b}}\"]]))\n  name = each.key\n}}\n"
            )),
            "E015",
        ),
        (
            "count",
            main(format!(
                "{ALICE}resource \"aws_iam_user\" \"m\" {{\n  count = 100000000\n  name = \"u\"\n}}\n"
            )),
            "E014",
        ),
        ("lists of lists", main(format!("{lists}{}", policy("jsonencode(local.a12)"))), "E014"),
        ("texts of texts", main(format!("{texts}{}", policy("local.a12"))), "E014"),
        ("parentheses", main(deep("(", ")")), "E015"),
        ("interpolations", main(deep("\"${", "}\"")), "E015"),
        ("brackets", main(deep("[", "]")), "E015"),
        (
            "a module that calls itself",
            main(format!("{ALICE}module \"me\" {{\n  source = \"./\"\n}}\n")),
            "E010",
        ),
        (
            "modules that multiply",
            (0..13)
                .map(|i| match i {
                    0 => ("main.tf".to_owned(), format!("{ALICE}{}", fan("./1"))),
                    12 => ("12/main.tf".to_owned(), ALICE.to_owned()),
                    i => (format!("{i}/main.tf"), fan(&format!("../{}", i + 1))),
                })
                .collect(),
            "E015",
        ),
        (
            "a template that renders itself",
            vec![
                ("main.tf".to_owned(), policy("templatefile(\"t.tpl\", {})")),
                ("t.tpl".to_owned(), "${templatefile(\"t.tpl\", {})}".to_owned()),
            ],
            "E014",
        ),
        ("a file of the system", main(policy("file(\"/etc/passwd\")")), "E008"),
        ("a file outside", main(policy("file(\"../canary.json\")")), "E008"),
    ];
    std::thread::scope(|scope| {
        for (name, files, code) in &bombs {
            scope.spawn(move || ends(name, files, code));
        }
    });
}

fn ends(name: &str, files: &[(String, String)], code: &str) {
    let (report, all) = bounded(files);
    let codes = common::codes(&report);
    assert!(codes.contains(&code), "{name}: {codes:?}");
    assert!(!all.contains("CANARY") && !all.contains("root:x:0"), "{name}: what is outside was read");
    let alice = report["principals"].as_array().unwrap().iter().find(|p| p["name"] == "alice");
    assert_eq!(alice.unwrap_or_else(|| panic!("{name}"))["admin"], "yes", "{name}");
}

#[cfg(unix)]
#[test]
fn a_module_behind_a_link_that_leaves_the_root_is_not_read() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().join("root");
    std::fs::create_dir_all(&root).unwrap();
    std::fs::create_dir_all(dir.path().join("elsewhere")).unwrap();
    std::fs::write(dir.path().join("elsewhere/main.tf"), "resource \"aws_iam_user\" \"CANARY\" {}\n")
        .unwrap();
    std::fs::write(root.join("main.tf"), format!("{ALICE}module \"m\" {{\n  source = \"./m\"\n}}\n"))
        .unwrap();
    std::os::unix::fs::symlink("../elsewhere", root.join("m")).unwrap();
    let (report, all) = common::run_bounded(&root);
    assert!(!all.contains("CANARY"), "{all}");
    let codes = common::codes(&report);
    assert!(codes.contains(&"E008"), "{codes:?}");
}
