//! The binary on scratch copies.

use std::path::Path;
use std::process::{Command, Output, Stdio};

const ADMIN: &str = "\"arn:aws:iam::aws:policy/AdministratorAccess\"";

/// A gate that leaves `iam:*` open and lets access keys pass, on a group of administrators.
pub(super) const LEAKY: &str = r#"# The gate.
data "aws_iam_policy_document" "gate" {
  statement {
    sid         = "Gate"
    effect      = "Deny"
    not_actions = ["iam:CreateVirtualMFADevice", "iam:EnableMFADevice"] # keep
    resources   = ["*"]

    condition {
      test     = "Bool"
      variable = "aws:MultiFactorAuthPresent"
      values   = ["false"]
    }
  }
}

resource "aws_iam_policy" "gate" {
  name   = "gate"
  policy = data.aws_iam_policy_document.gate.json
}

resource "aws_iam_user_policy_attachment" "gate" {
  user       = aws_iam_user.alice.name
  policy_arn = aws_iam_policy.gate.arn
}

resource "aws_iam_user" "alice" {
  name = "alice"
}

resource "aws_iam_user_policy_attachment" "admin" {
  user       = aws_iam_user.alice.name
  policy_arn = "arn:aws:iam::aws:policy/AdministratorAccess"
}
"#;

/// A group of administrators without a gate.
pub(super) const GROUP: &str = r#"resource "aws_iam_group" "admins" {
  name = "admins"
}

resource "aws_iam_group_policy_attachment" "admins" {
  group      = aws_iam_group.admins.name
  policy_arn = "arn:aws:iam::aws:policy/AdministratorAccess"
}
"#;

pub(super) fn scratch(files: &[(&str, &str)]) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let path = dir.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    dir
}

pub(super) fn run(dir: &Path, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mfaguard"));
    command.arg("check").args(args).env_clear().current_dir(dir).stdin(Stdio::null());
    command.output().unwrap()
}

pub(super) fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

pub(super) fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

pub(super) fn read(dir: &Path, path: &str) -> String {
    std::fs::read_to_string(dir.join(path)).unwrap()
}

/// What `--fix` makes of files: the exit code, standard error, and the text of one of them.
fn fixed(files: &[(&str, &str)], args: &[&str], file: &str) -> (Option<i32>, String, String) {
    let dir = scratch(files);
    let output = run(dir.path(), &[&["--fix"], args].concat());
    (output.status.code(), err(&output), read(dir.path(), file))
}

/// That a file is left as it is.
fn untouched(files: &[(&str, &str)], args: &[&str], file: &str) {
    let (_, told, text) = fixed(files, args, file);
    let was = files.iter().find(|(path, _)| *path == file).unwrap().1;
    assert_eq!(text, was, "{told}");
    assert!(told.contains("fixed 0 of "), "{told}");
}

#[test]
fn what_is_fixed_is_told_and_the_rest_is_reported() {
    let other = GROUP.replace("\"admins\" {", "\"others\" {").replace("group.admins", "group.others");
    let other = other.replace(
        "resource \"aws_iam_group\" \"others\" {\n",
        "variable \"n\" {}\n\nresource \"aws_iam_group\" \"others\" {\n  count = var.n\n",
    );
    let other = other.replace("aws_iam_group.others.name", "aws_iam_group.others[0].name");
    let dir = scratch(&[("a/main.tf", LEAKY), ("b/main.tf", &other)]);
    let output = run(dir.path(), &["--fix"]);
    assert!(err(&output).contains("fixed 3 of 4 findings in 1 file"), "{}", err(&output));
    assert_eq!(read(dir.path(), "a/main.tf"), LEAKY.replace("\"Bool\"", "\"BoolIfExists\""));
    assert_eq!(read(dir.path(), "b/main.tf"), other);
    assert!(out(&output).contains("MFA003") && !out(&output).contains("MFA005"), "{}", out(&output));
    let again = run(&dir.path().join("a"), &["--fix"]);
    assert_eq!(again.status.code(), Some(0));
    assert!(err(&again).contains("fixed 0 of 0 findings in 0 files"), "{}", err(&again));
    let quiet = run(&dir.path().join("a"), &["--fix", "--quiet"]);
    assert_eq!(err(&quiet), "");
}

#[test]
fn a_diff_is_what_a_fix_writes() {
    let crlf = GROUP.replace('\n', "\r\n");
    let files = [("a b/main.tf", LEAKY), ("group.tf", crlf.as_str()), ("bare.tf", GROUP.trim_end())];
    let files: Vec<_> = files
        .iter()
        .map(|(path, text)| (*path, text.replace("admins", &format!("admins_{}", path.len()))))
        .collect();
    let files: Vec<(&str, &str)> = files.iter().map(|(p, t)| (*p, t.as_str())).collect();
    let (dir, other) = (scratch(&files), scratch(&files));
    let diff = run(dir.path(), &["--diff"]);
    assert_eq!(diff.status.code(), Some(1), "{}", err(&diff));
    assert!(err(&diff).contains("would fix"), "{}", err(&diff));
    for (path, text) in &files {
        assert_eq!(read(dir.path(), path), *text, "nothing is written");
    }
    let patch = dir.path().join("changes.patch");
    std::fs::write(&patch, &diff.stdout).unwrap();
    let git = Command::new("git")
        .args(["-c", "core.autocrlf=false", "apply", "changes.patch"])
        .current_dir(dir.path())
        .output()
        .unwrap();
    assert!(git.status.success(), "{}\n{}", err(&git), out(&diff));
    run(other.path(), &["--fix"]);
    for (path, text) in &files {
        let new = read(other.path(), path);
        assert_ne!(new, *text);
        assert_eq!(read(dir.path(), path), new, "{path}");
    }
    let clean = run(other.path(), &["--diff"]);
    assert_eq!((clean.status.code(), out(&clean).as_str()), (Some(0), ""));
    assert_eq!(run(dir.path(), &["--fix", "--diff"]).status.code(), Some(2));
}

#[test]
fn an_input_that_cannot_be_read_fails_a_diff() {
    let dir =
        scratch(&[("main.tf", LEAKY), ("sub/main.tf", "resource \"aws_iam_user\" \"x\" {\n  name = (\n}\n")]);
    assert_eq!(run(dir.path(), &["--diff"]).status.code(), Some(2));
    assert_eq!(run(dir.path(), &["--fix"]).status.code(), Some(2));
    assert!(read(dir.path(), "main.tf").contains("BoolIfExists"));
}

#[cfg(unix)]
#[test]
fn permissions_and_links_stay() {
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    let dir = scratch(&[("real/gate.tf", LEAKY), ("root/x.tf", "")]);
    symlink("../real/gate.tf", dir.path().join("root/gate.tf")).unwrap();
    let real = dir.path().join("real/gate.tf");
    std::fs::set_permissions(&real, std::fs::Permissions::from_mode(0o640)).unwrap();
    let output = run(dir.path(), &["--fix"]);
    assert!(err(&output).contains("fixed"), "{}", err(&output));
    assert!(read(dir.path(), "real/gate.tf").contains("BoolIfExists"));
    assert_eq!(std::fs::metadata(&real).unwrap().permissions().mode() & 0o777, 0o640);
    assert!(dir.path().join("root/gate.tf").symlink_metadata().unwrap().is_symlink());
    let names: Vec<_> = std::fs::read_dir(dir.path().join("real")).unwrap().collect();
    assert_eq!(names.len(), 1, "nothing is left behind");
}

#[test]
fn only_rules_that_are_selected_are_fixed() {
    untouched(&[("main.tf", LEAKY)], &["--select", "MFA001,MFA101"], "main.tf");
    let (_, told, _) = fixed(&[("main.tf", LEAKY)], &["--select", "MFA002"], "main.tf");
    assert!(told.contains("fixed 1 of 1"), "{told}");
}

#[test]
fn what_the_code_does_not_settle_is_left_alone() {
    // The operator is a variable's, so it is written nowhere that could be mended.
    let variable = LEAKY.replace("\"Bool\"", "var.test") + "\nvariable \"test\" {\n  default = \"Bool\"\n}\n";
    let (_, _, text) = fixed(&[("main.tf", &variable)], &["--select", "MFA005"], "main.tf");
    assert!(text.contains("var.test"), "{text}");
    // Perhaps there is none.
    let counted = GROUP.replace("  name = \"admins\"", "  count = var.n\n  name  = \"admins\"");
    let counted = counted.replace("group.admins.name", "group.admins[0].name") + "\nvariable \"n\" {}\n";
    untouched(&[("main.tf", &counted)], &[], "main.tf");
    // Code that others wrote.
    let module = "module \"admins\" {\n  source = \"./.terraform/modules/admins\"\n}\n";
    let vendored = ".terraform/modules/admins/main.tf";
    untouched(&[("main.tf", module), (vendored, GROUP)], &["main.tf"], vendored);
    let outside = "module \"admins\" {\n  source = \"../shared\"\n}\n";
    untouched(&[("root/main.tf", outside), ("shared/main.tf", GROUP)], &["root"], "shared/main.tf");
}

#[test]
fn models_and_records_are_no_text_to_change() {
    let known = format!(
        "module \"admins\" {{\n  source  = \"terraform-aws-modules/iam/aws//modules/iam-group-with-policies\"\n  version = \"5.30.0\"\n\n  name                     = \"admins\"\n  custom_group_policy_arns = [{ADMIN}]\n}}\n"
    );
    untouched(&[("main.tf", &known)], &[], "main.tf");
    let state = format!(
        r#"{{"version":4,"terraform_version":"1.9.0","serial":1,"lineage":"x","outputs":{{}},"resources":[{{"mode":"managed","type":"aws_iam_group","name":"admins","provider":"provider[\"registry.terraform.io/hashicorp/aws\"]","instances":[{{"schema_version":0,"attributes":{{"name":"admins","arn":"arn:aws:iam::111122223333:group/admins"}}}}]}},{{"mode":"managed","type":"aws_iam_group_policy_attachment","name":"a","provider":"provider[\"registry.terraform.io/hashicorp/aws\"]","instances":[{{"schema_version":0,"attributes":{{"group":"admins","policy_arn":{ADMIN}}}}}]}}]}}"#
    );
    untouched(&[("terraform.tfstate", &state)], &["terraform.tfstate"], "terraform.tfstate");
}

#[test]
fn a_template_that_a_program_makes_is_left_alone() {
    let template = format!(
        r#"{{"Resources": {{"Admins": {{"Type": "AWS::IAM::Group", "Properties": {{"ManagedPolicyArns": [{ADMIN}]}}, "Metadata": {{"aws:cdk:path": "Stack/Admins/Resource"}}}}}}}}"#
    );
    untouched(&[("t.json", &template)], &[], "t.json");
}

#[test]
fn a_policy_in_a_file_of_its_own_is_mended_there() {
    let main = GROUP.to_owned()
        + "\nresource \"aws_iam_group_policy\" \"gate\" {\n  group  = aws_iam_group.admins.name\n  policy = file(\"${path.module}/gate.json\")\n}\n";
    let gate = "{\n\t\"Version\": \"2012-10-17\",\n\t\"Statement\": {\"Effect\": \"Deny\", \"NotAction\": [\"iam:CreateVirtualMFADevice\", \"iam:EnableMFADevice\"],\n\t\t\"Resource\": \"*\", \"Condition\": {\"Bool\": {\"aws:MultiFactorAuthPresent\": false}}}\n}\n";
    let files = [("main.tf", main.as_str()), ("gate.json", gate)];
    let (code, told, text) = fixed(&files, &["--select", "MFA003,MFA005,MFA104"], "main.tf");
    assert_eq!(code, Some(0), "{told}\n{text}");
    let (_, _, text) = fixed(&files, &[], "gate.json");
    assert!(text == gate || text == gate.replace("\"Bool\"", "\"BoolIfExists\""), "{text}");
}

#[test]
fn instances_are_attached_by_their_keys() {
    let each = GROUP
        .replace("  name = \"admins\"", "  for_each = toset([\"a\", \"b\"])\n  name     = each.key")
        .replace(
            "  group      = aws_iam_group.admins.name",
            "  for_each   = aws_iam_group.admins\n  group      = each.value.name",
        );
    let (code, told, text) = fixed(&[("main.tf", &each)], &[], "main.tf");
    assert_eq!(code, Some(0), "{told}\n{text}");
    assert!(text.contains("  for_each   = aws_iam_group.admins\n  group      = each.value.name\n  policy_arn = aws_iam_policy.require_mfa.arn\n"), "{text}");
    let count = GROUP
        .replace(
            "  name = \"admins\"",
            "  count    = 2\n  provider = aws.people\n  name     = \"admins-${count.index}\"",
        )
        .replace(
            "  group      = aws_iam_group.admins.name",
            "  count      = 2\n  group      = aws_iam_group.admins[count.index].name",
        );
    let (code, told, text) = fixed(&[("main.tf", &count)], &[], "main.tf");
    assert_eq!(code, Some(0), "{told}\n{text}");
    assert!(text.contains("  count      = length(aws_iam_group.admins)\n  provider   = aws.people\n  group      = aws_iam_group.admins[count.index].name\n"), "{text}");
    assert!(text.contains("  provider = aws.people\n  name     = \"require-mfa\"\n"), "{text}");
}

#[test]
fn a_module_that_is_called_twice_gets_names_that_differ() {
    let main = "module \"a\" {\n  source = \"./team\"\n  name   = \"a\"\n}\n\nmodule \"b\" {\n  source = \"./team\"\n  name   = \"b\"\n}\n";
    let team = GROUP.replace("\"admins\"\n", "var.name\n") + "\nvariable \"name\" {}\n";
    let (code, told, text) = fixed(&[("main.tf", main), ("team/main.tf", &team)], &[], "team/main.tf");
    assert_eq!(code, Some(0), "{told}\n{text}");
    assert!(text.contains("name_prefix = \"require-mfa-\""), "{text}");
    assert_eq!(text.matches("aws_iam_policy\" ").count(), 1, "{text}");
}

#[test]
fn a_gate_that_is_there_is_used_and_one_that_names_its_holders_alone_is_not() {
    let good = LEAKY.replace("\"Bool\"", "\"BoolIfExists\"");
    let both = format!("{good}\n{GROUP}");
    let (code, told, text) = fixed(&[("main.tf", &both)], &[], "main.tf");
    assert_eq!(code, Some(0), "{told}\n{text}");
    let attachment = "resource \"aws_iam_group_policy_attachment\" \"admins_require_mfa\" {\n  group      = aws_iam_group.admins.name\n  policy_arn = aws_iam_policy.gate.arn\n}\n";
    assert!(text.contains(attachment) && !text.contains("\"require-mfa\""), "{text}");
    let exclusive = both
        .replace(
            "\"aws_iam_user_policy_attachment\" \"gate\" {",
            "\"aws_iam_policy_attachment\" \"gate\" {\n  name       = \"gate\"",
        )
        .replacen("  user       = aws_iam_user.alice.name", "  users      = [aws_iam_user.alice.name]", 1);
    let (_, told, text) = fixed(&[("main.tf", &exclusive)], &[], "main.tf");
    assert!(text.contains("\"require-mfa\""), "{told}\n{text}");
}

#[test]
fn members_are_covered_by_their_group() {
    let user = "\nresource \"aws_iam_user\" \"alice\" {\n  name = \"alice\"\n}\n\nresource \"aws_iam_user_group_membership\" \"alice\" {\n  user   = aws_iam_user.alice.name\n  groups = [aws_iam_group.admins.name]\n}\n";
    let (code, told, text) = fixed(&[("main.tf", &(GROUP.to_owned() + user))], &[], "main.tf");
    assert_eq!(code, Some(0), "{told}\n{text}");
    assert!(told.contains("fixed 2 of 2 findings in 1 file"), "{told}");
    assert!(!text.contains("aws_iam_user_policy_attachment"), "{text}");
    let (_, _, text) = fixed(&[("main.tf", &(GROUP.to_owned() + user))], &["--select", "MFA002"], "main.tf");
    assert!(text.contains("\"admins_require_mfa\""), "{text}");
}

#[test]
fn services_keep_their_trust() {
    let trust = |principal: &str| {
        format!(
            "resource \"aws_iam_role\" \"r\" {{\n  name = \"r\"\n  assume_role_policy = jsonencode({{\n    Statement = [{{ Effect = \"Allow\", Action = \"sts:AssumeRole\", Principal = {principal} }}]\n  }})\n}}\n\nresource \"aws_iam_role_policy_attachment\" \"r\" {{\n  role       = aws_iam_role.r.name\n  policy_arn = {ADMIN}\n}}\n"
        )
    };
    let people = "{ AWS = \"111122223333\" }";
    let (code, told, text) = fixed(&[("main.tf", &trust(people))], &[], "main.tf");
    assert_eq!(code, Some(0), "{told}\n{text}");
    let condition = "Principal = { AWS = \"111122223333\" }, Condition = { Bool = { \"aws:MultiFactorAuthPresent\" = \"true\" } } }]";
    assert!(text.contains(condition), "{text}");
    let mixed = "{ AWS = \"111122223333\", Service = \"ec2.amazonaws.com\" }";
    untouched(&[("main.tf", &trust(mixed))], &[], "main.tf");
    // No session of a role says whether somebody signed in with MFA.
    for role in ["arn:aws:iam::111122223333:role/x", "arn:aws:sts::111122223333:assumed-role/x/y"] {
        let files = [("main.tf", trust(&format!("{{ AWS = \"{role}\" }}")))];
        let files = files.each_ref().map(|(path, text)| (*path, text.as_str()));
        untouched(&files, &[], "main.tf");
        let dir = scratch(&files);
        let told = String::from_utf8(run(dir.path(), &["--format", "human"]).stdout).unwrap();
        assert!(told.contains("require MFA in the trust policies of the roles"), "{told}");
    }
}

/// The fixes of a SARIF log, put into the text one at a time.
#[test]
fn a_log_of_sarif_has_the_fixes() {
    let files = [("é/main.tf", LEAKY)];
    let dir = scratch(&files);
    let output = run(dir.path(), &["--format", "sarif"]);
    let log: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let results = log["runs"][0]["results"].as_array().unwrap();
    assert!(!results.is_empty());
    for result in results {
        let fix = &result["fixes"][0];
        assert!(fix["description"]["text"].as_str().unwrap().contains("BoolIfExists"), "{result}");
        let change = &fix["artifactChanges"][0];
        assert_eq!(change["artifactLocation"]["uri"], "%C3%A9/main.tf");
        let mut lines: Vec<String> = LEAKY.lines().map(str::to_owned).collect();
        for replacement in change["replacements"].as_array().unwrap().iter().rev() {
            let number = |name: &str| replacement["deletedRegion"][name].as_u64().unwrap() as usize - 1;
            assert_eq!(number("startLine"), number("endLine"));
            let text = replacement["insertedContent"]["text"].as_str().unwrap();
            lines[number("startLine")].replace_range(number("startColumn")..number("endColumn"), text);
        }
        assert_eq!(lines.join("\n") + "\n", LEAKY.replace("\"Bool\"", "\"BoolIfExists\""));
    }
}

#[test]
fn with_changed_files_only_what_they_belong_to_is_fixed() {
    let files = [("a/main.tf", LEAKY), ("b/main.tf", LEAKY), ("c/main.tf", "")];
    let dir = scratch(&files);
    let output = run(dir.path(), &["--fix", "--changed", "c/main.tf"]);
    assert!(err(&output).contains("fixed 0 of 0"), "{}", err(&output));
    let output = run(dir.path(), &["--fix", "--changed", "b/main.tf"]);
    assert!(err(&output).contains("fixed 3 of 3 findings in 1 file"), "{}", err(&output));
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(read(dir.path(), "a/main.tf"), LEAKY);
}

#[test]
fn accepted_findings_are_left_alone() {
    let accepted = GROUP.replacen("resource", "# mfaguard: ignore[MFA003] break glass\nresource", 1);
    untouched(&[("main.tf", &accepted)], &[], "main.tf");
}

#[cfg(unix)]
#[test]
fn names_of_files_do_not_break_a_diff() {
    let files = [("x\n+++ b/y/main.tf", LEAKY), ("\"q\\/main.tf", LEAKY), ("ü/main.tf", LEAKY)];
    let dir = scratch(&files);
    let diff = run(dir.path(), &["--diff"]);
    std::fs::write(dir.path().join("changes.patch"), &diff.stdout).unwrap();
    let mut git = Command::new("git");
    git.args(["-c", "core.autocrlf=false", "apply", "changes.patch"]).current_dir(dir.path());
    let git = git.output().unwrap();
    assert!(git.status.success(), "{}\n{}", err(&git), out(&diff));
    for (path, _) in files {
        assert_eq!(read(dir.path(), path), LEAKY.replace("\"Bool\"", "\"BoolIfExists\""));
    }
}
