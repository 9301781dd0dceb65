//! Suggested changes in a review, committed as GitHub does it.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use super::binary::{GROUP, LEAKY, err, out, read, run, scratch};

/// What `git diff` prints of a change, in a file outside of the repository.
fn diff(dir: &Path) -> tempfile::NamedTempFile {
    let git = |args: &[&str]| {
        let output =
            Command::new("git").args(["-c", "core.autocrlf=false"]).args(args).current_dir(dir).output();
        let output = output.unwrap();
        assert!(output.status.success(), "{}", err(&output));
        output.stdout
    };
    git(&["add", "--intent-to-add", "."]);
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), git(&["diff"])).unwrap();
    file
}

/// A repository with files as they were, and as they are in a pull request.
fn pull_request(old: &[(&str, &str)], new: &[(&str, &str)]) -> tempfile::TempDir {
    let dir = scratch(old);
    for args in [&["init", "--quiet"][..], &["-c", "core.autocrlf=false", "add", "."]] {
        assert!(Command::new("git").args(args).current_dir(dir.path()).status().unwrap().success());
    }
    for (path, text) in new {
        let path = dir.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    dir
}

fn review(dir: &Path, args: &[&str]) -> Value {
    let diff = diff(dir);
    let of = diff.path().to_str().unwrap();
    let output = run(dir, &[&["--format", "github-review", "--review-of", of], args].concat());
    serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{e}: {}{}", out(&output), err(&output)))
}

/// The lines between the fences of a comment.
fn suggestion(body: &str) -> String {
    let (_, rest) = body.split_once("suggestion\n").filter(|(head, _)| head.ends_with("```")).unwrap();
    let fence: String =
        body.split_once("suggestion\n").unwrap().0.chars().rev().take_while(|c| *c == '`').collect();
    rest.split_once(&format!("{fence}\n")).unwrap().0.to_owned()
}

/// Puts a suggestion where it belongs.
fn commit(dir: &Path, comment: &Value) {
    let path = comment["path"].as_str().unwrap();
    let last = comment["line"].as_u64().unwrap() as usize;
    let first = comment["start_line"].as_u64().map_or(last, |n| n as usize);
    assert!(first <= last && (first < last) == (comment["start_side"] == "RIGHT"), "{comment}");
    assert_eq!(comment["side"], "RIGHT");
    let text = read(dir, path);
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let new = suggestion(comment["body"].as_str().unwrap());
    let new = if last == lines.len() && !text.ends_with('\n') { new.trim_end() } else { &new };
    std::fs::write(dir.join(path), lines[..first - 1].concat() + new + &lines[last..].concat()).unwrap();
}

fn marks(review: &Value) -> BTreeSet<String> {
    let comments = review["comments"].as_array().unwrap();
    let mark = |c: &Value| c["body"].as_str().unwrap().lines().next().unwrap().to_owned();
    let marks: BTreeSet<String> = comments.iter().map(mark).collect();
    assert_eq!(marks.len(), comments.len(), "{review}");
    marks
}

#[test]
fn what_is_committed_takes_the_findings_away() {
    let was = LEAKY.replace("\"Bool\"", "\"StringLike\"");
    let crlf = GROUP.replace('\n', "\r\n");
    let (group, attachment) = GROUP.split_once("\n\n").unwrap();
    let last = format!("{attachment}\n{group}");
    let old = [("é \"dir/main.tf", was.as_str()), ("c/main.tf", "# A group.\n")];
    let new = [
        ("é \"dir/main.tf", LEAKY),
        ("b/group.tf", crlf.as_str()),
        ("b c/group.tf", last.trim_end()),
        ("c/main.tf", GROUP),
    ];
    let dir = pull_request(&old, &new);
    let review = review(dir.path(), &[]);
    let comments = review["comments"].as_array().unwrap();
    let paths: BTreeSet<&str> = comments.iter().map(|c| c["path"].as_str().unwrap()).collect();
    assert_eq!(paths, new.iter().map(|(path, _)| *path).collect(), "{review}");
    assert_eq!(comments.len(), 4, "{review}");
    comments.iter().for_each(|c| commit(dir.path(), c));
    let after = run(dir.path(), &[]);
    assert_eq!(after.status.code(), Some(0), "{}", out(&after));
    assert_eq!(read(dir.path(), "é \"dir/main.tf"), LEAKY.replace("\"Bool\"", "\"BoolIfExists\""));
    let gate = read(dir.path(), "b/group.tf");
    assert!(
        gate.contains("require_mfa") && gate.matches('\n').count() == gate.matches("\r\n").count(),
        "{gate:?}"
    );
    assert!(read(dir.path(), "b c/group.tf").ends_with("require_mfa.arn\n}"));
}

/// Of the three findings of one gate one comment, which tells them all.
#[test]
fn one_change_is_one_comment() {
    let dir = pull_request(&[], &[("main.tf", LEAKY)]);
    let review = review(dir.path(), &[]);
    let [comment] = review["comments"].as_array().unwrap().as_slice() else { panic!("{review}") };
    let body = comment["body"].as_str().unwrap();
    assert!(body.contains("**MFA002** user &#96;alice&#96;") && body.contains("**MFA005** "), "{body}");
    assert!(body.contains("To mend it: write &#96;BoolIfExists&#96; instead of &#96;Bool&#96;."), "{body}");
    assert_eq!(suggestion(body), "      test     = \"BoolIfExists\"\n");
    assert_eq!(review["event"], "COMMENT");
    assert!(!review["body"].as_str().unwrap().contains("more fix"), "{review}");
}

#[test]
fn only_lines_of_the_diff_are_commented() {
    let edited = LEAKY.replace("# The gate.", "# Our gate.");
    let dir = pull_request(&[("main.tf", LEAKY)], &[("main.tf", &edited)]);
    let left = review(dir.path(), &[]);
    assert_eq!(left["comments"], serde_json::json!([]));
    let body = left["body"].as_str().unwrap();
    assert!(body.contains("`mfaguard check --diff` shows 3 more fixes of lines that"), "{body}");
    // A line number that is in the diff is not enough: the text may be that of another commit.
    let diff = diff(dir.path());
    let shown = edited.replacen("\"Bool\"", "\"Null\"", 1);
    let hunk =
        format!("@@ -0,0 +1,{} @@\n+{}\n", shown.lines().count(), shown.trim_end().replace('\n', "\n+"));
    for (text, comments) in [(shown.as_str(), 0), (edited.as_str(), 1)] {
        let hunk =
            hunk.replace(&shown.trim_end().replace('\n', "\n+"), &text.trim_end().replace('\n', "\n+"));
        std::fs::write(diff.path(), format!("--- /dev/null\n+++ b/main.tf\n{hunk}")).unwrap();
        let of = diff.path().to_str().unwrap();
        let output = run(dir.path(), &["--format", "github-review", "--review-of", of]);
        let review: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(review["comments"].as_array().unwrap().len(), comments, "{review}");
    }
    let all = run(dir.path(), &["--format", "github-review"]);
    assert!(out(&all).contains("\"line\":10,"), "without a diff everything is told: {}", out(&all));
}

/// A second gate of the same module comes when the first is there, and is that one then.
#[test]
fn one_gate_at_a_time() {
    let both = GROUP.to_owned() + "\n" + &GROUP.replace("admins", "others");
    let dir = pull_request(&[], &[("main.tf", &both)]);
    let first = review(dir.path(), &[]);
    let [comment] = first["comments"].as_array().unwrap().as_slice() else { panic!("{first}") };
    assert!(first["body"].as_str().unwrap().contains(" 1 more fix, of the same lines"), "{first}");
    commit(dir.path(), comment);
    let second = review(dir.path(), &[]);
    let [comment] = second["comments"].as_array().unwrap().as_slice() else { panic!("{second}") };
    assert!(comment["body"].as_str().unwrap().contains("attach &#96;require-mfa&#96; to group"), "{comment}");
    commit(dir.path(), comment);
    assert_eq!(run(dir.path(), &[]).status.code(), Some(0));
    assert_eq!(review(dir.path(), &[])["comments"], serde_json::json!([]));
}

/// The mark of a comment is that of its text: lines above do not change it, and the same text twice is two.
#[test]
fn marks_stay() {
    let statement = "      { Effect = \"Allow\", Action = \"s3:*\", Resource = \"*\", Condition = { Bool = { \"aws:MultiFactorAuthPresent\" = \"false\" } } },\n";
    let between = "      { Effect = \"Allow\", Action = \"ec2:*\", Resource = \"*\" },\n".repeat(3);
    let text = format!(
        "resource \"aws_iam_policy\" \"p\" {{\n  name = \"p\"\n  policy = jsonencode({{\n    Statement = [\n{statement}{between}{statement}    ]\n  }})\n}}\n"
    );
    let dir = pull_request(&[], &[("main.tf", &text)]);
    let before = marks(&review(dir.path(), &[]));
    assert_eq!(before.len(), 2);
    std::fs::write(dir.path().join("main.tf"), format!("# One\n# more.\n{text}")).unwrap();
    assert_eq!(marks(&review(dir.path(), &[])), before);
}

/// Places of one fix that are far from each other are comments that say so, and near ones are one.
#[test]
fn a_fix_of_several_places() {
    let template = |space: &str| {
        format!(
            "Resources:\n  U:\n    Type: AWS::IAM::User\n    Properties:\n      ManagedPolicyArns:\n        - arn:aws:iam::aws:policy/AdministratorAccess\n{space}      UserName: u # ```` `x`\n"
        )
    };
    for (lines, parts) in [(0, 1), (5, 1), (40, 2)] {
        let text = template(&"# space\n".repeat(lines));
        let dir = pull_request(&[], &[("t.yaml", &text)]);
        let review = review(dir.path(), &[]);
        let comments = review["comments"].as_array().unwrap();
        assert_eq!(comments.len(), parts, "{review}");
        let together = format!("Part {parts} of {parts}: commit all of them in one batch.");
        let last = comments[parts - 1]["body"].as_str().unwrap();
        assert_eq!(last.contains(&together), parts > 1, "{last}");
        assert!(last.contains("\n`````suggestion\n") && last.ends_with("\n`````\n"), "{last}");
        comments.iter().rev().for_each(|c| commit(dir.path(), c));
        assert_eq!(run(dir.path(), &[]).status.code(), Some(0), "{}", read(dir.path(), "t.yaml"));
    }
}

/// Also a diff of files that are no text, and none at all.
#[test]
fn any_diff_will_do() {
    let dir = pull_request(&[], &[("main.tf", LEAKY)]);
    let file = tempfile::NamedTempFile::new().unwrap();
    for bytes in [&b""[..], b"\xff\xfe+++ \xff\n@@ -1 +1 @@\n+\xff\n", b"{}"] {
        std::fs::write(file.path(), bytes).unwrap();
        let args = ["--format", "github-review", "--review-of", file.path().to_str().unwrap()];
        let output = run(dir.path(), &args);
        assert_eq!(output.status.code(), Some(1), "{}", err(&output));
        assert!(out(&output).contains("\"comments\": [\n\n]}"), "{}", out(&output));
    }
    let gone = run(dir.path(), &["--review-of", "no-such.diff"]);
    assert_eq!(gone.status.code(), Some(2));
    assert!(err(&gone).contains("`no-such.diff` cannot be read"), "{}", err(&gone));
}
