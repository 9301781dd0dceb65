//! Which units a run is about: files of modules, changed files, and the units of one account.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::path::PathBuf;
use std::sync::Arc;

use mfaguard::fs::MemFs;
use mfaguard::limits::{HELD_BYTES, PRINCIPALS};
use mfaguard::scan::{self, Account, Outcome, Request};
use mfaguard::source::SourceMap;
use mfaguard::tri::Tri;

fn check(files: &[(&str, &str)], paths: &[&str], with: impl Fn(&mut Request)) -> Outcome {
    let fs = files.iter().fold(MemFs::new(), |fs, (path, text)| fs.with(path, (*text).to_owned()));
    let mut request = Request::new(paths.iter().map(PathBuf::from).collect(), Arc::new(fs));
    with(&mut request);
    scan::check(&request, &SourceMap::new())
}

fn units(outcome: &Outcome) -> Vec<&str> {
    outcome.units.iter().map(|u| u.path.as_str()).collect()
}

/// "user alice enforced", by unit.
fn verdicts(outcome: &Outcome) -> Vec<String> {
    let one = |(unit, v): &(usize, mfaguard::analysis::verdict::Verdict)| {
        let (unit, kind) = (&outcome.units[*unit].path, v.kind.as_str());
        format!("{unit}: {kind} {} {}", v.name.as_deref().unwrap_or("?"), v.mfa.as_str())
    };
    outcome.verdicts.iter().map(one).collect()
}

const TEAM: &str = r#"
variable "name" {}
resource "aws_iam_user" "this" {
  name = var.name
}
"#;

const TREE: &[(&str, &str)] = &[
    ("envs/a/main.tf", "module \"team\" {\n  source = \"../../modules/team\"\n  name   = \"ann\"\n}\n"),
    ("envs/b/main.tf", "module \"team\" {\n  source = \"../../modules/team\"\n  name   = \"bob\"\n}\n"),
    ("envs/c/main.tf", "resource \"aws_iam_user\" \"c\" {\n  name = \"cid\"\n}\n"),
    ("envs/c/c.tfvars", "x = 1\n"),
    ("envs/c/policies/gate.json", "{}"),
    ("modules/team/main.tf", TEAM),
    ("notes/package.json", "{}"),
    (
        "stacks/inner.yaml",
        "Parameters:\n  N:\n    Type: String\nResources:\n  U:\n    Type: AWS::IAM::User\n",
    ),
    (
        "stacks/outer.yaml",
        "Resources:\n  In:\n    Type: AWS::CloudFormation::Stack\n    Properties:\n      TemplateURL: inner.yaml\n",
    ),
    ("stacks/other.yaml", "Resources:\n  U:\n    Type: AWS::IAM::User\n"),
];

#[test]
fn a_file_stands_for_the_roots_it_belongs_to() {
    for (file, want) in [
        ("envs/a/main.tf", vec!["envs/a"]),
        ("modules/team/main.tf", vec!["envs/a", "envs/b"]),
        ("envs/c/c.tfvars", vec!["envs/c"]),
        ("envs/c/policies/gate.json", vec!["envs/c"]),
        ("stacks/other.yaml", vec!["stacks/other.yaml"]),
    ] {
        let outcome = check(TREE, &[file], |_| {});
        assert_eq!(units(&outcome), want, "{file}");
        assert!(outcome.diagnostics.is_empty(), "{file}: {:?}", outcome.diagnostics);
    }
    let several = check(TREE, &["envs/a/main.tf", "modules/team/main.tf", "envs/c"], |_| {});
    assert_eq!(units(&several), ["envs/a", "envs/b", "envs/c"]);
}

#[test]
fn a_file_of_nothing_is_said_to_be_so() {
    let outcome = check(TREE, &["notes/package.json"], |_| {});
    assert!(outcome.units.is_empty());
    let [problem] = outcome.diagnostics.as_slice() else { panic!("{:?}", outcome.diagnostics) };
    assert_eq!(problem.path.as_deref(), Some("notes/package.json"));
    assert!(problem.message.contains("belongs to no Terraform configuration"), "{}", problem.message);
}

#[test]
fn a_changed_file_that_lies_in_no_module_belongs_to_those_who_may_read_it() {
    const SHARED: &[(&str, &str)] = &[
        ("policies/gate.json", "{}"),
        ("policies/other.json", "{}"),
        ("package.json", "{}"),
        ("envs/a/main.tf", "locals {\n  p = file(\"${path.module}/../../policies/gate.json\")\n}\n"),
        ("envs/b/main.tf", "module \"m\" {\n  source = \"../../modules/m\"\n}\n"),
        ("modules/m/main.tf", "locals {\n  p = file(\"${path.module}/../../policies/${var.p}.json\")\n}\n"),
        ("envs/c/main.tf", "locals {\n  policies = \"other\"\n}\n"),
    ];
    for (file, want) in [
        ("policies/gate.json", vec!["envs/a", "envs/b"]),
        ("policies/deleted.json", vec!["envs/a", "envs/b"]),
        ("package.json", vec![]),
        ("docs/gate.json", vec!["envs/a"]),
    ] {
        let outcome = check(SHARED, &["."], |r| r.changed = Some(vec![PathBuf::from(file)]));
        assert_eq!(units(&outcome), want, "{file}");
    }
}

#[test]
fn of_changed_files_only_what_they_belong_to_is_reported() {
    for (file, want) in [
        ("modules/team/main.tf", vec!["envs/a", "envs/b"]),
        ("modules/team/deleted.tf", vec!["envs/a", "envs/b"]),
        ("envs/c/policies/gate.json", vec!["envs/c"]),
        ("stacks/inner.yaml", vec!["stacks/outer.yaml"]),
        ("stacks/other.yaml", vec!["stacks/other.yaml"]),
        ("notes/package.json", vec![]),
    ] {
        let outcome = check(TREE, &["."], |r| r.changed = Some(vec![PathBuf::from(file)]));
        assert_eq!(units(&outcome), want, "{file}");
        assert!(outcome.diagnostics.is_empty(), "{file}: {:?}", outcome.diagnostics);
    }
    let nothing = check(TREE, &["envs"], |r| r.changed = Some(Vec::new()));
    assert!(nothing.units.is_empty() && nothing.diagnostics.is_empty());
}

const GROUPS: &str = r#"
variable "strict" {
  type = bool
}
resource "aws_iam_group" "staff" {
  name = "staff"
}
resource "aws_iam_group_policy" "gate" {
  count = var.strict ? 1 : 0
  group = aws_iam_group.staff.name
  policy = jsonencode({
    Statement = [{
      Effect    = "Deny"
      NotAction = ["iam:CreateVirtualMFADevice", "iam:EnableMFADevice", "sts:GetSessionToken"]
      Resource  = "*"
      Condition = { BoolIfExists = { "aws:MultiFactorAuthPresent" = "false" } }
    }]
  })
}
"#;

const USERS: &str = r#"
variable "admin" {
  type = bool
}
resource "aws_iam_user" "staff" {
  name = "alice"
}
resource "aws_iam_user_login_profile" "staff" {
  user    = aws_iam_user.staff.name
  pgp_key = "keybase:alice"
}
resource "aws_iam_user_group_membership" "staff" {
  user   = aws_iam_user.staff.name
  groups = ["staff"]
}
resource "aws_iam_user_policy_attachment" "staff" {
  count      = var.admin ? 1 : 0
  user       = aws_iam_user.staff.name
  policy_arn = "arn:aws:iam::aws:policy/AdministratorAccess"
}
"#;

fn account(paths: &[&str]) -> Account {
    Account { paths: paths.iter().map(PathBuf::from).collect(), ..Account::default() }
}

#[test]
fn the_units_of_an_account_are_judged_together() {
    let files = [
        ("groups/main.tf", GROUPS),
        ("groups/terraform.tfvars", "strict = true\n"),
        ("users/main.tf", USERS),
        ("elsewhere/main.tf", USERS),
    ];
    let joined = |r: &mut Request| r.accounts = vec![account(&["groups", "users"])];
    assert_eq!(
        verdicts(&check(&files, &["."], joined)),
        [
            "elsewhere: user alice unknown",
            "elsewhere: group staff unknown",
            "groups: group staff enforced",
            "users: user alice enforced",
        ]
    );
    // What is not asked about is read, and not reported.
    let outcome = check(&files, &["users"], joined);
    assert_eq!(verdicts(&outcome), ["users: user alice enforced"]);
    assert!(outcome.findings.is_empty(), "{:?}", outcome.findings);
}

#[test]
fn open_choices_of_joined_units_stay_their_own() {
    let files = [("groups/main.tf", GROUPS), ("users/main.tf", USERS)];
    let outcome = check(&files, &["."], |r| r.accounts = vec![account(&["."])]);
    let (_, alice) = outcome.verdicts.iter().find(|(_, v)| v.name.as_deref() == Some("alice")).unwrap();
    assert_eq!(alice.mfa.as_str(), "unknown");
    let reasons: Vec<&str> = alice.unknown.iter().map(|u| u.reason()).collect();
    assert!(reasons.iter().any(|r| r.contains("var.strict")), "{reasons:?}");
    assert!(reasons.iter().any(|r| r.contains("var.admin")), "{reasons:?}");
}

#[test]
fn templates_and_terraform_are_joined_too() {
    let template = "Resources:
  Alice:
    Type: AWS::IAM::User
    Properties:
      UserName: alice
      Groups: [staff]
      LoginProfile: {Password: '{{resolve:secretsmanager:alice}}'}
";
    let files =
        [("tf/main.tf", GROUPS), ("tf/terraform.tfvars", "strict = true\n"), ("users.yaml", template)];
    let outcome = check(&files, &["users.yaml"], |r| r.accounts = vec![account(&["tf", "users.yaml"])]);
    assert_eq!(verdicts(&outcome), ["users.yaml: user alice enforced"]);
}

#[test]
fn addresses_are_those_of_their_unit() {
    let group = |name: &str, policy: &str| {
        format!(
            "resource \"aws_iam_group\" \"g\" {{\n  name = \"{name}\"\n}}\n\
             resource \"aws_iam_group_policy_attachment\" \"g\" {{\n  group = aws_iam_group.g.name\n  \
             policy_arn = \"arn:aws:iam::aws:policy/{policy}\"\n}}\n"
        )
    };
    let (one, two) = (group("one", "AdministratorAccess"), group("two", "ReadOnlyAccess"));
    let files = [("one/main.tf", one.as_str()), ("two/main.tf", two.as_str())];
    let outcome = check(&files, &["."], |r| r.accounts = vec![account(&["."])]);
    let admin: Vec<String> =
        outcome.verdicts.iter().map(|(_, v)| format!("{} {}", v.name.as_deref().unwrap(), v.admin)).collect();
    assert_eq!(admin, ["one yes", "two no"]);
    let found: Vec<(&str, &str)> =
        outcome.findings.iter().map(|(u, f)| (outcome.units[*u].path.as_str(), f.rule.code)).collect();
    assert_eq!(found, [("one", "MFA003")]);
}

#[test]
fn what_says_nothing_about_principals_is_a_unit_and_no_more() {
    let queue = "Resources:\n  Q:\n    Type: AWS::SQS::Queue\n";
    let broken = format!("{queue}  - broken\n");
    let net = "resource \"aws_vpc\" \"a\" {\n  x = [\n}\nmodule \"b\" {\n  source = \"./b\"\n}\n";
    let files =
        [("q.yaml", queue), ("r.yaml", &broken), ("net/main.tf", net), ("net/b/main.tf", "locals {}\n")];
    let met = check(&files, &["."], |_| {});
    assert_eq!(units(&met), ["net", "q.yaml", "r.yaml"]);
    assert_eq!((met.diagnostics.len(), met.files), (1, 3));
    // The same when it is asked for by name, or worked on.
    let it = || vec![PathBuf::from("r.yaml")];
    for (paths, changed, open) in
        [(["."], None, vec![]), (["r.yaml"], None, vec![]), (["."], Some(it()), vec![]), (["."], None, it())]
    {
        let asked = check(&files, &paths, |r| {
            (r.changed, r.open) = (changed.clone(), open.clone());
        });
        let codes: Vec<&str> = asked.diagnostics.iter().map(|d| d.code.as_str()).collect();
        assert_eq!(codes, ["E006"]);
    }
}

#[test]
fn what_is_shown_keeps_its_text_and_the_rest_is_let_go() {
    let root = |name: &str| {
        format!(
            "module \"users\" {{\n  source = \"../m\"\n  team = \"{name}\"\n}}\n\
             resource \"aws_iam_policy\" \"p\" {{\n  name = file(\"../read/variables.tf\")\n  policy = \"{{\"\n}}\n"
        )
    };
    let module = "variable \"team\" {}\nresource \"aws_iam_user\" \"u\" {\n  name = var.team\n}\n\
        resource \"aws_iam_user_login_profile\" \"u\" {\n  user = aws_iam_user.u.name\n}\n";
    let (a, b) = (root("a"), root("b"));
    let files = [
        ("a/main.tf", a.as_str()),
        ("a/variables.tf", "variable \"unused\" {}\n"),
        ("b/main.tf", b.as_str()),
        ("b/said.tf", "# mfaguard: ignore[MFA001] nobody signs in\nlocals {}\n"),
        ("m/main.tf", module),
        ("m/outputs.tf", "output \"x\" {\n  value = 1\n}\n"),
        (
            "read/variables.tf",
            "variable \"read\" {}\nresource \"aws_iam_group\" \"g\" {\n  name = \"g\"\n}\n",
        ),
        ("read/outputs.tf", "output \"y\" {\n  value = 1\n}\n"),
    ];
    let fs = Arc::new(files.iter().fold(MemFs::new(), |fs, (path, text)| fs.with(*path, *text)));
    let request = Request::new(vec![PathBuf::from(".")], fs);
    let (sources, whole) = (SourceMap::new(), SourceMap::new());
    let (outcome, (all, _)) = (scan::check(&request, &sources), scan::check_with_models(&request, &whole));
    let places = |outcome: &Outcome, sources: &SourceMap| {
        let verdicts = outcome.verdicts.iter().flat_map(|(_, v)| v.places());
        let findings = outcome.findings.iter().flat_map(|(_, f)| f.places());
        let problems = outcome.diagnostics.iter().filter_map(|d| d.span);
        let all = verdicts.chain(findings).chain(problems);
        all.map(|span| (sources.locate(span), sources.slice(span))).collect::<Vec<_>>()
    };
    assert_eq!(units(&outcome), ["a", "b", "read"]);
    assert_eq!(places(&outcome, &sources), places(&all, &whole));
    let kept = |sources: &SourceMap| {
        let mut paths: Vec<String> = sources.all().iter().map(|s| s.path().display().to_string()).collect();
        paths.sort();
        paths.dedup();
        paths
    };
    assert_eq!(kept(&sources), ["a/main.tf", "b/main.tf", "b/said.tf", "m/main.tf", "read/variables.tf"]);
    assert_eq!(kept(&whole).len(), files.len());
}

#[test]
fn more_than_is_held_is_read_again() {
    let roots = 2 * HELD_BYTES / (1 << 20);
    let text = format!("{TEAM}# {}\n", "x".repeat(1 << 20));
    let call = "module \"a\" {\n  source = \"../all\"\n  name = \"ann\"\n}\n";
    let files: Vec<(String, &str)> = (0..roots)
        .flat_map(|n| [(format!("r{n:02}/main.tf"), call), (format!("r{n:02}/large.tf"), text.as_str())])
        .chain([("all/main.tf".to_owned(), TEAM)])
        .collect();
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), *text)).collect();
    let fs = files.iter().fold(MemFs::new(), |fs, (path, text)| fs.with(path, (*text).to_owned()));
    let sources = SourceMap::new();
    let outcome = scan::check(&Request::new(vec![PathBuf::from(".")], Arc::new(fs)), &sources);
    assert_eq!((units(&outcome).len(), outcome.verdicts.len()), (roots, 2 * roots));
    let written = |v: &mfaguard::analysis::verdict::Verdict| sources.slice(v.span.unwrap());
    assert!(outcome.verdicts.iter().all(|(_, v)| written(v).starts_with("resource \"aws_iam_user\"")));
}

#[test]
fn an_exporter_is_read_when_somebody_imports() {
    let exporter = "Resources:\n  Q:\n    Type: AWS::SQS::Queue\nOutputs:\n  Admin:\n    Value: arn:aws:iam::aws:policy/AdministratorAccess\n    Export:\n      Name: admin\n";
    let importer = "Resources:\n  U:\n    Type: AWS::IAM::User\n    Properties:\n      UserName: ann\n      ManagedPolicyArns: [!ImportValue admin]\n";
    // Two have the same name: which is meant nobody knows, whatever else they declare.
    let other = "Resources:\n  G:\n    Type: AWS::IAM::Group\nOutputs:\n  Admin:\n    Value: arn:aws:iam::aws:policy/ReadOnlyAccess\n    Export:\n      Name: admin\n";
    let one = [("s/exporter.yaml", exporter), ("i/importer.yaml", importer)];
    let two = [one[0], one[1], ("s/other.yaml", other)];
    let joined = |r: &mut Request| r.accounts = vec![account(&["i", "s"])];
    let alone: fn(&mut Request) = |_| {};
    for (paths, with) in [
        (&["."][..], &alone as &dyn Fn(&mut Request)),
        (&["i/importer.yaml", "s"], &alone),
        (&["i"], &joined),
    ] {
        let admin = |files: &[(&str, &str)]| {
            let outcome = check(files, paths, with);
            let ann = outcome.verdicts.iter().find(|(_, v)| v.name.as_deref() == Some("ann"));
            ann.map(|(_, v)| v.admin)
        };
        assert_eq!((admin(&one), admin(&two)), (Some(Tri::Yes), Some(Tri::Maybe)), "{paths:?}");
    }
}

#[test]
fn of_too_many_principals_nobody_is_judged() {
    let user = |i| format!("resource \"aws_iam_user\" \"u{i}\" {{\n  name = \"u{i}\"\n}}\n");
    let users: String = (0..=PRINCIPALS).map(user).collect();
    let more = check(&[("main.tf", &users)], &["."], |_| {});
    let codes: Vec<&str> = more.diagnostics.iter().map(|d| d.code.as_str()).collect();
    assert_eq!((more.verdicts.len(), codes), (0, vec!["E015"]));
    // Also of those who are only named.
    let named = (0..PRINCIPALS).map(|i| format!("\"u{i}\",")).collect::<String>();
    let named = format!(
        "resource \"aws_iam_group\" \"g\" {{\n  name = \"g\"\n}}\nresource \"aws_iam_group_membership\" \"m\" {{\n  name  = \"m\"\n  group = aws_iam_group.g.name\n  users = [{named}]\n}}\n"
    );
    let more = check(&[("main.tf", &named)], &["."], |_| {});
    let codes: Vec<&str> = more.diagnostics.iter().map(|d| d.code.as_str()).collect();
    assert_eq!((more.verdicts.len(), codes), (0, vec!["E015"]));
}
