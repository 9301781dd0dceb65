//! What is accepted: comments, keys of JSON, metadata, allow-lists, baselines, by the binary as users run it.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

#[path = "common/repository.rs"]
mod repository;

use std::path::Path;

use serde_json::Value;

use repository::{repository, run, write};

/// "MFA001 main.tf:2 = reason", one line for each finding of `check`; without the reason those that are told.
fn found(dir: &Path, args: &[&str]) -> Vec<String> {
    let output = run(dir, &[&["check", "--format", "json"], args].concat());
    assert_ne!(output.status.code(), Some(2), "{}", String::from_utf8_lossy(&output.stderr));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let one = |f: &Value| {
        let (path, line) = (f["location"]["path"].as_str().unwrap(), &f["location"]["line"]);
        let why = f["suppressed"].as_str().map(|s| format!(" = {s}")).unwrap_or_default();
        format!("{} {path}:{line}{why}", f["rule"].as_str().unwrap())
    };
    report["findings"].as_array().unwrap().iter().map(one).collect()
}

/// The findings of one file.
fn of(name: &str, text: &str) -> Vec<String> {
    found(repository(&[(name, text)]).path(), &[])
}

/// A user with a password, and nothing else: MFA001 at the user.
fn user(name: &str, before: &str, beside: &str, inside: &str) -> String {
    format!(
        "{before}resource \"aws_iam_user\" \"{name}\" {{{beside}\n{inside}  name = \"{name}\"\n}}\n\
         resource \"aws_iam_user_login_profile\" \"{name}\" {{\n  pgp_key = \"keybase:x\"\n  user = \
         aws_iam_user.{name}.name\n}}\n"
    )
}

const IGNORE: &str = "mfaguard: ignore[MFA001] only bills";

#[test]
fn a_comment_is_about_what_begins_beside_or_below_it() {
    let accepted = ["MFA001 main.tf:2 = only bills"];
    for mark in ["#", "//"] {
        assert_eq!(of("main.tf", &user("a", &format!("{mark} {IGNORE}\n"), "", "")), accepted, "{mark}");
    }
    assert_eq!(of("main.tf", &user("a", &format!("/* {IGNORE} */\n"), "", "")), accepted);
    assert_eq!(
        of("main.tf", &user("a", &format!("/* {IGNORE} */ "), "", "")),
        ["MFA001 main.tf:1 = only bills"]
    );
    assert_eq!(of("main.tf", &user("a", "", &format!(" # {IGNORE}"), "")), ["MFA001 main.tf:1 = only bills"]);
    // Comments may stand above each other.
    let above = format!("# {IGNORE}\n# alice reads bills\n");
    assert_eq!(of("main.tf", &user("a", &above, "", "")), ["MFA001 main.tf:3 = only bills"]);
    // Further away they are about something else, and that is told.
    for (before, inside, line) in [
        (format!("# {IGNORE}\n\n"), String::new(), (3, 1)),
        (String::new(), format!("  # {IGNORE}\n"), (1, 2)),
    ] {
        let (user_at, comment_at) = line;
        let mut expected = vec![format!("MFA001 main.tf:{user_at}"), format!("MFA901 main.tf:{comment_at}")];
        expected.sort_by_key(|line| line.rsplit(':').next().unwrap().parse::<u32>().unwrap());
        assert_eq!(of("main.tf", &user("a", &before, "", &inside)), expected);
    }
}

#[test]
fn a_comment_in_a_text_is_none() {
    let text = format!("variable \"x\" {{\n  default = <<E\n# {IGNORE}\nE\n}}\n{}", user("a", "", "", ""));
    assert_eq!(of("main.tf", &text), ["MFA001 main.tf:6"]);
    let template = format!(
        "Description: |\n  # {IGNORE}\nResources:\n  Alice:\n    Type: AWS::IAM::User\n    Properties:\n      \
         LoginProfile:\n        Password: '{{{{resolve:secretsmanager:alice}}}}'\n"
    );
    assert_eq!(of("template.yaml", &template), ["MFA001 template.yaml:4"]);
}

const INVERTED: &str = r#"data "aws_iam_policy_document" "x" {
  statement {
    actions   = ["s3:GetObject"]
    resources = ["*"]
  }
  # mfaguard: ignore[MFA101] until=2199-01-31 tried with the auditors
  statement {
    effect    = "Deny"
    actions   = ["*"]
    resources = ["*"]
    condition {
      test     = "Bool"
      variable = "aws:MultiFactorAuthPresent"
      values   = ["true"]
    }
  }
}
resource "aws_iam_policy" "x" {
  name   = "x"
  policy = data.aws_iam_policy_document.x.json
}
resource "aws_iam_user" "a" {
  name = "a"
}
resource "aws_iam_user_policy_attachment" "a" {
  user       = aws_iam_user.a.name
  policy_arn = aws_iam_policy.x.arn
}
"#;

#[test]
fn a_statement_is_suppressed_where_it_is_written_or_where_its_policy_is_declared() {
    let is_inverted = |f: &String| f.starts_with("MFA101");
    let at_statement = of("main.tf", INVERTED);
    assert_eq!(
        at_statement.iter().filter(|f| is_inverted(f)).collect::<Vec<_>>(),
        ["MFA101 main.tf:7 = tried with the auditors"]
    );
    // In the JSON of a heredoc there are no comments: the resource has one.
    let heredoc = r#"resource "aws_iam_user" "a" {
  name = "a"
}
# mfaguard: ignore[MFA101] tried with the auditors
resource "aws_iam_user_policy" "a" {
  user   = aws_iam_user.a.name
  policy = <<EOF
{"Statement": [
  {"Effect": "Deny", "Action": "*", "Resource": "*",
   "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}
]}
EOF
}
"#;
    let found = of("main.tf", heredoc);
    let found: Vec<_> = found.iter().filter(|f| is_inverted(f)).collect();
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].ends_with(" = tried with the auditors"), "{found:?}");
}

#[test]
fn json_says_it_in_a_key() {
    let text = r#"{
  "resource": {
    "aws_iam_user": {
      "a": {"//": "mfaguard: ignore[MFA001] only bills", "name": "a"},
      "b": {"//": ["who reads bills", "mfaguard: ignore[MFA002] only bills"], "name": "b"}
    },
    "aws_iam_user_login_profile": {
      "a": {"user": "a", "pgp_key": "keybase:x"},
      "b": {"user": "b", "pgp_key": "keybase:x"}
    }
  }
}
"#;
    assert_eq!(
        of("main.tf.json", text),
        ["MFA001 main.tf.json:4 = only bills", "MFA001 main.tf.json:5", "MFA901 main.tf.json:5"]
    );
}

const TEMPLATE: &str = "METADATAResources:
  Alice:
    Type: AWS::IAM::User
    Metadata:
      OWN
    Properties:
      LoginProfile:
        Password: '{{resolve:secretsmanager:alice}}'
  # mfaguard: ignore[MFA001] only bills
  Bob:
    Type: AWS::IAM::User
    Properties:
      LoginProfile:
        Password: '{{resolve:secretsmanager:bob}}'
  Carol: # mfaguard: ignore[console-user-without-mfa] only bills
    Type: AWS::IAM::User
    Properties:
      LoginProfile:
        Password: '{{resolve:secretsmanager:carol}}'
";

#[test]
fn templates_say_it_in_comments_and_in_metadata() {
    let own = "mfaguard: {ignore: [{id: MFA001, reason: an audit, until: 2199-01-31}]}";
    let text = TEMPLATE.replace("METADATA", "").replace("OWN", own);
    let accepted = [
        "MFA001 template.yaml:2 = an audit",
        "MFA001 template.yaml:10 = only bills",
        "MFA001 template.yaml:15 = only bills",
    ];
    assert_eq!(of("template.yaml", &text), accepted);
    // A template speaks for all of its resources.
    let whole = "Metadata: {mfaguard: {ignore: [{id: MFA001, reason: a sandbox}]}}\n";
    let text = TEMPLATE.replace("METADATA", whole).replace("OWN", "x: y");
    let found = of("template.yaml", &text);
    assert_eq!(found.len(), 3);
    assert!(found[0].ends_with("= a sandbox"), "{found:?}");
    // JSON has only metadata.
    let json = r#"{"Resources": {"Alice": {"Type": "AWS::IAM::User",
  "Metadata": {"mfaguard": {"ignore": [{"id": ["MFA001", "MFA107"], "reason": "an audit"}]}},
  "Properties": {"LoginProfile": {"Password": "x"}}}}}"#;
    let found = of("template.json", json);
    assert!(found.iter().all(|f| f.ends_with(" = an audit")), "{found:?}");
    assert_eq!(found.len(), 2, "{found:?}");
    // Without a reason it counts for nothing.
    let none = TEMPLATE.replace("METADATA", "").replace("OWN", "mfaguard: {ignore: [{id: MFA001}]}");
    assert_eq!(of("template.yaml", &none)[..2], ["MFA001 template.yaml:2", "MFA901 template.yaml:5"]);
}

#[test]
fn auditors_see_everything() {
    let dir = repository(&[("main.tf", &user("a", &format!("# {IGNORE}\n"), "", ""))]);
    assert_eq!(run(dir.path(), &["check"]).status.code(), Some(0));
    assert_eq!(run(dir.path(), &["check", "--no-inline-suppressions"]).status.code(), Some(1));
    assert_eq!(found(dir.path(), &["--no-inline-suppressions"]), ["MFA001 main.tf:2"]);
}

/// A comment in a module is used when one of the callers needs it, and told of only when all were looked at.
#[test]
fn comments_in_modules_are_for_all_callers() {
    let module = user("a", &format!("# {IGNORE}\n"), "", "").replace(
        "aws_iam_user_login_profile\" \"a\" {",
        "aws_iam_user_login_profile\" \"a\" {\n  count = var.console ? 1 : 0",
    ) + "variable \"console\" {\n  type = bool\n}\n";
    let call = |console| format!("module \"m\" {{\n  source = \"../modules/m\"\n  console = {console}\n}}\n");
    let dir = repository(&[
        ("dev/main.tf", &call(true)),
        ("prod/main.tf", &call(false)),
        ("modules/m/main.tf", &module),
    ]);
    assert_eq!(found(dir.path(), &[]), ["MFA001 modules/m/main.tf:2 = only bills"]);
    assert_eq!(found(dir.path(), &["prod"]), Vec::<String>::new());
    assert_eq!(found(dir.path(), &["--changed", "prod/main.tf"]), Vec::<String>::new());
    write(dir.path(), "dev/main.tf", &call(false));
    assert_eq!(found(dir.path(), &[]), ["MFA901 modules/m/main.tf:1"]);
    assert_eq!(found(dir.path(), &["--changed", "modules/m/main.tf"]), ["MFA901 modules/m/main.tf:1"]);
    assert_eq!(found(dir.path(), &["--changed", "prod/main.tf"]), Vec::<String>::new());
    // Of rules that did not run nobody knows.
    assert_eq!(found(dir.path(), &["--ignore", "MFA001"]), Vec::<String>::new());
    assert_eq!(found(dir.path(), &["--ignore", "MFA901"]), Vec::<String>::new());
}

#[test]
fn comments_for_other_programs_count_when_that_is_asked_for() {
    let checkov = user("a", "", "", "  # checkov:skip=CKV_AWS_273:only bills\n");
    let trivy = user("a", "#trivy:ignore:AVD-AWS-0143 #tfsec:ignore:aws-iam-enforce-mfa\n", "", "");
    let dir = repository(&[("main.tf", &checkov)]);
    assert_eq!(found(dir.path(), &[]), ["MFA001 main.tf:1"]);
    assert_eq!(found(dir.path(), &["--foreign-suppressions"]), ["MFA001 main.tf:1 = only bills"]);
    // It is about groups.
    write(dir.path(), "main.tf", &trivy);
    assert_eq!(found(dir.path(), &["--foreign-suppressions"]), ["MFA001 main.tf:2"]);
    let group = "#tfsec:ignore:aws-iam-enforce-mfa:exp:2199-01-31\nresource \"aws_iam_group\" \"a\" {\n  name = \
                 \"a\"\n}\nresource \"aws_iam_group_policy_attachment\" \"a\" {\n  group = aws_iam_group.a.name\n  \
                 policy_arn = \"arn:aws:iam::aws:policy/AdministratorAccess\"\n}\n";
    write(dir.path(), "main.tf", group);
    let of_group = found(dir.path(), &["--foreign-suppressions", "--unknown", "fail"]);
    assert!(of_group[0].starts_with("MFA003 main.tf:2 = tfsec:ignore"), "{of_group:?}");
    write(dir.path(), "main.tf", &group.replace("2199", "2020"));
    assert_eq!(found(dir.path(), &["--foreign-suppressions"]), ["MFA003 main.tf:2"]);
    let own = "checkov: {skip: [{id: CKV_AWS_273, comment: only bills}]}";
    let template = TEMPLATE.replace("METADATA", "").replace("OWN", own);
    let dir = repository(&[("template.yaml", &template)]);
    assert_eq!(found(dir.path(), &["--foreign-suppressions"])[0], "MFA001 template.yaml:2 = only bills");
}

const TWO: [&str; 2] = ["MFA001 main.tf:1", "MFA001 main.tf:8"];

fn two_users() -> String {
    user("break-glass-1", "", "", "") + &user("alice", "", "", "")
}

#[test]
fn the_configuration_accepts_principals_with_a_reason() {
    let config = "[[allow]]\nkind = \"user\"\nname = \"Break-Glass-*\"\nreason = \"sealed keys\"\n";
    let dir = repository(&[("main.tf", &two_users()), ("mfaguard.toml", config)]);
    assert_eq!(found(dir.path(), &[]), ["MFA001 main.tf:1 = sealed keys", TWO[1]]);
    for more in ["rules = [\"MFA002\"]\n", "until = 2020-01-31\n"] {
        write(dir.path(), "mfaguard.toml", &format!("{config}{more}"));
        assert_eq!(found(dir.path(), &[]), TWO, "{more}");
    }
    for more in ["rules = [\"console-user-without-mfa\"]\n", "until = 2199-01-31\n"] {
        write(dir.path(), "mfaguard.toml", &format!("{config}{more}"));
        assert_eq!(found(dir.path(), &[])[0], "MFA001 main.tf:1 = sealed keys", "{more}");
    }
}

#[test]
fn the_configuration_weighs_and_leaves_out() {
    let dir = repository(&[("main.tf", &two_users()), ("examples/main.tf", &two_users())]);
    assert_eq!(found(dir.path(), &[]).len(), 4);
    write(dir.path(), "mfaguard.toml", "exclude = [\"examples/\"]\n");
    assert_eq!(found(dir.path(), &[]), TWO);
    // What is named is looked at, and patterns are relative to the file.
    assert_eq!(found(&dir.path().join("examples"), &["main.tf"]).len(), 2);
    write(dir.path(), "mfaguard.toml", "[severity]\nMFA001 = \"low\"\n");
    assert_eq!(run(dir.path(), &["check"]).status.code(), Some(0));
    assert_eq!(run(dir.path(), &["check", "--fail-on", "low"]).status.code(), Some(1));
    write(dir.path(), "mfaguard.toml", "[severity]\nconsole-user-without-mfa = \"off\"\n");
    assert_eq!(found(dir.path(), &[]), Vec::<String>::new());
    write(dir.path(), "mfaguard.toml", "fail-on = \"critical\"\n");
    assert_eq!(run(dir.path(), &["check"]).status.code(), Some(0));
    assert_eq!(run(dir.path(), &["check", "--fail-on", "high"]).status.code(), Some(1));
}

#[test]
fn a_baseline_knows_what_was_there_before() {
    let dir = repository(&[("iam/main.tf", &two_users())]);
    let wrote = run(dir.path(), &["check", "--write-baseline", "base.json"]);
    assert_eq!(wrote.status.code(), Some(0), "{}", String::from_utf8_lossy(&wrote.stderr));
    let with = ["--baseline", "base.json"];
    let new = |dir: &Path| {
        let all = found(dir, &with);
        all.into_iter().filter(|f| !f.contains(" = ")).collect::<Vec<_>>()
    };
    assert_eq!(new(dir.path()), Vec::<String>::new());
    // Lines move, the file is renamed, and somebody new comes.
    let more = format!("# moved\n\n{}{}", two_users(), user("bob", "", "", ""));
    std::fs::remove_file(dir.path().join("iam/main.tf")).unwrap();
    write(dir.path(), "iam/users.tf", &more);
    assert_eq!(new(dir.path()), ["MFA001 iam/users.tf:17"]);
    // The directory is renamed.
    std::fs::rename(dir.path().join("iam"), dir.path().join("identity")).unwrap();
    assert_eq!(new(dir.path()), ["MFA001 identity/users.tf:17"]);
    // A copy is new.
    write(dir.path(), "copy/main.tf", &two_users());
    assert_eq!(new(dir.path()).len(), 3);
    // What was mended stays out when it comes back under another name.
    assert_eq!(run(dir.path(), &["check", "--baseline", "nowhere.json"]).status.code(), Some(2));
    write(dir.path(), "bad.json", "{\"version\": 2, \"findings\": []}");
    let bad = run(dir.path(), &["check", "--baseline", "bad.json"]);
    assert_eq!(bad.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&bad.stderr).contains("`bad.json` is no baseline: it is of version 2"));
}

#[test]
fn sarif_says_who_suppressed() {
    let dir = repository(&[("main.tf", &user("a", &format!("# {IGNORE}\n"), "", ""))]);
    let output = run(dir.path(), &["check", "--format", "sarif"]);
    let log: Value = serde_json::from_slice(&output.stdout).unwrap();
    let suppression = &log["runs"][0]["results"][0]["suppressions"][0];
    assert_eq!(suppression["kind"], "inSource");
    assert_eq!(suppression["justification"], "only bills");
    assert_eq!(suppression["location"]["physicalLocation"]["region"]["startLine"], 1);
    let text = run(dir.path(), &["check", "-v"]);
    let text = String::from_utf8_lossy(&text.stdout).into_owned();
    assert!(
        text.contains("suppressed[MFA001]: aws_iam_user.a at main.tf:2, by main.tf:1: only bills\n"),
        "{text}"
    );
    assert!(text.contains("no findings, 1 suppressed;"), "{text}");
}

#[test]
fn accounts_know_allowed_principals_too() {
    let report = "user,arn,password_enabled,mfa_active,access_key_1_active,access_key_2_active\n\
                  <root_account>,arn:aws:iam::111122223333:root,not_supported,true,false,false\n\
                  break-glass-1,arn:aws:iam::111122223333:user/break-glass-1,true,false,false,false\n";
    let config = "[[allow]]\nkind = \"user\"\nname = \"break-glass-*\"\nreason = \"sealed keys\"\n";
    let dir = repository(&[("report.csv", report)]);
    let status = ["status", "--credential-report", "report.csv", "--format", "json"];
    let open = run(dir.path(), &status);
    assert_eq!(open.status.code(), Some(1), "{}", String::from_utf8_lossy(&open.stderr));
    write(dir.path(), "mfaguard.toml", config);
    let accepted = run(dir.path(), &status);
    assert_eq!(accepted.status.code(), Some(0), "{}", String::from_utf8_lossy(&accepted.stderr));
    let json: Value = serde_json::from_slice(&accepted.stdout).unwrap();
    assert_eq!(json["findings"][0]["suppressed"], "sealed keys");
    assert_eq!((&json["summary"]["findings"], &json["summary"]["suppressed"]), (&0.into(), &1.into()));
    // Drift about the same user, and a comparison of nothing, which is no agreement.
    let drift = run(dir.path(), &["drift", ".", "--credential-report", "report.csv", "--no-timing"]);
    let text = String::from_utf8_lossy(&drift.stdout).into_owned();
    assert!(text.contains("code and account agree, 1 suppressed;"), "{text}");
    let nothing = run(dir.path(), &["drift", ".", "--from", "nowhere"]);
    assert_eq!(nothing.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&nothing.stdout).contains("nothing was compared;"));
}
