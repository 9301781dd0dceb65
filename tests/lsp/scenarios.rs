//! What is shown, and how it follows edits.

use serde_json::{Value, json};

use crate::client::{Client, Scratch, able, uri};

const ALICE: &str = r#"resource "aws_iam_user" "alice" {
  name = "alice"
}

resource "aws_iam_user_login_profile" "alice" {
  user    = aws_iam_user.alice.name
  pgp_key = "keybase:alice"
}

resource "aws_iam_user_policy_attachment" "alice" {
  user       = aws_iam_user.alice.name
  policy_arn = "arn:aws:iam::aws:policy/AdministratorAccess"
}
"#;

const GATE: &str = r#"
resource "aws_iam_user_policy" "gate" {
  user = aws_iam_user.alice.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Deny"
      NotAction = ["iam:CreateVirtualMFADevice", "iam:EnableMFADevice", "iam:ListMFADevices"]
      Resource  = "*"
      Condition = { BoolIfExists = { "aws:MultiFactorAuthPresent" = "false" } }
    }]
  })
}
"#;

fn range(line: u32, from: u32, to: u32) -> Value {
    json!({"start": {"line": line, "character": from}, "end": {"line": line, "character": to}})
}

#[test]
fn a_file_is_opened_mended_and_broken_again() {
    let scratch = Scratch::new(&[("main.tf", ALICE)]);
    let main = scratch.path("main.tf");
    let mut client = Client::able(&[&scratch.root]);
    client.open_file(&main);
    let found = client.codes(&main, &["MFA002"]).remove(0);
    assert_eq!(found["source"], "mfaguard");
    assert_eq!(found["severity"], 1);
    assert_eq!(found["range"]["start"], json!({"line": 0, "character": 0}));
    assert!(found["message"].as_str().unwrap().contains("\nhelp: "), "{found}");
    let related = found["relatedInformation"].as_array().unwrap();
    let attached =
        related.iter().find(|r| r["message"].as_str().unwrap().contains("AdministratorAccess")).unwrap();
    assert_eq!(attached["location"]["uri"], uri(&main));
    assert_eq!(attached["location"]["range"]["start"]["line"], 11);

    client.change(&main, 2, &format!("{ALICE}{GATE}"));
    assert!(client.of_version(&main, 2).is_empty());
    // By an edit of one word.
    client.edit(&main, 3, json!([{"range": range(22, 20, 32), "text": "Bool"}]));
    assert!(!client.of_version(&main, 3).is_empty());
    client.edit(&main, 4, json!([{"range": range(22, 20, 24), "text": "BoolIfExists"}]));
    assert!(client.of_version(&main, 4).is_empty());
    // What is closed is as it is on the disk.
    client.close(&main);
    client.codes(&main, &["MFA002"]);
    scratch.write("main.tf", &format!("{ALICE}{GATE}"));
    let event = json!({"uri": uri(&main), "type": 2});
    client.tell("workspace/didChangeWatchedFiles", json!({"changes": [event]}));
    client.codes(&main, &[]);
    assert_eq!(client.end(), (Some(0), String::new()));
}

#[test]
fn what_is_open_counts_in_other_files_and_new_files_are_there() {
    let scratch = Scratch::new(&[("a/main.tf", ALICE)]);
    let (main, gate) = (scratch.path("a/main.tf"), scratch.path("a/new dir é/../gate ü.tf"));
    let mut client = Client::able(&[&scratch.root]);
    client.codes(&main, &["MFA002"]);
    client.open(&gate, GATE);
    client.codes(&main, &[]);
    client.close(&gate);
    client.codes(&main, &["MFA002"]);
    // A file that goes away takes its diagnostics with it.
    std::fs::remove_file(&main).unwrap();
    client.tell("workspace/didChangeWatchedFiles", json!({"changes": [{"uri": uri(&main), "type": 3}]}));
    client.codes(&main, &[]);
    assert_eq!(client.end().0, Some(0));
}

#[test]
fn findings_stay_while_a_file_cannot_be_parsed() {
    let text = format!("{ALICE}{GATE}");
    let bob = ALICE.replace("alice", "bob");
    let scratch = Scratch::new(&[("main.tf", &text), ("bob.tf", &bob)]);
    let (main, other) = (scratch.path("main.tf"), scratch.path("bob.tf"));
    let mut client = Client::able(&[&scratch.root]);
    client.open_file(&main);
    client.open_file(&other);
    assert!(client.of_version(&main, 1).is_empty());
    client.codes(&other, &["MFA002"]);
    // Without its gate alice would be found, and bob would not be: nothing of that is told.
    client.change(&main, 2, &text.replace("jsonencode({", "jsonencode({{"));
    let shown = client.of_version(&main, 2);
    assert!(!shown.is_empty() && shown.iter().all(|d| d["code"] == "E005"), "{shown:?}");
    client.change(&other, 2, &format!("# Just begun.\nresource \"aws_iam_user\" {{{{\n{bob}"));
    let shown = client.of_version(&other, 2);
    let line = |d: &Value| (d["code"].clone(), d["range"]["start"]["line"].clone());
    assert_eq!(shown.first().map(line), Some((json!("E005"), json!(1))), "{shown:?}");
    assert_eq!(shown.last().map(line), Some((json!("MFA002"), json!(2))), "{shown:?}");
    client.change(&other, 3, "# Nobody.\n");
    client.change(&main, 3, &text);
    assert!(client.of_version(&main, 3).is_empty());
    // It may have been analysed beside the broken file first.
    client.codes(&other, &[]);
    client.change(&main, 4, ALICE);
    client.codes(&main, &["MFA002"]);
    assert_eq!(client.end().0, Some(0));
}

#[test]
fn places_are_counted_as_the_client_counts() {
    let statement = "{ Effect = \"Allow\", Action = \"*\", Resource = \"*\", Condition = { Bool = { \"aws:MultiFactorAuthPresent\" = \"false\" } } }";
    let policy = format!("  policy = jsonencode({{ Id = \"🔑é\", Statement = [{statement}] }})");
    let text = &format!("resource \"aws_iam_policy\" \"p\" {{\n  name = \"p\"\n{policy}\n}}\n");
    let scratch = Scratch::new(&[("main.tf", text)]);
    let main = scratch.path("main.tf");
    let column = |encodings: Value| {
        let mut capabilities = able();
        capabilities["general"] = json!({"positionEncodings": encodings});
        let (mut client, result) = Client::new(&[&scratch.root], capabilities);
        client.open_file(&main);
        let found = client.codes(&main, &["MFA101"]).remove(0);
        assert_eq!(found["range"]["start"]["line"], 2);
        let start = found["range"]["start"]["character"].as_u64().unwrap();
        // The same unit counts in what comes in: a space is taken out, and put in again.
        let at = u32::try_from(start).unwrap();
        let edit = |from: u32, to: u32, text: &str| json!([{"range": range(2, from, to), "text": text}]);
        client.edit(&main, 2, edit(at + 1, at + 2, ""));
        client.of_version(&main, 2);
        client.edit(&main, 3, edit(at + 1, at + 1, " "));
        let again = client.of_version(&main, 3);
        assert_eq!(again, [found]);
        assert_eq!(client.end().0, Some(0));
        (result["capabilities"]["positionEncoding"].as_str().unwrap().to_owned(), start)
    };
    let before = &policy[..policy.find(statement).unwrap()];
    let utf16 = before.encode_utf16().count() as u64;
    assert_eq!(column(json!(["utf-16"])), ("utf-16".to_owned(), utf16));
    assert_eq!(column(json!(null)), ("utf-16".to_owned(), utf16));
    assert_eq!(column(json!(["utf-16", "utf-8"])), ("utf-8".to_owned(), before.len() as u64));
    assert_eq!(column(json!(["utf-32"])), ("utf-32".to_owned(), before.chars().count() as u64));
}

#[test]
fn a_pointer_at_a_principal_shows_its_verdict_and_the_proof() {
    let scratch = Scratch::new(&[("main.tf", ALICE)]);
    let main = scratch.path("main.tf");
    let mut client = Client::able(&[&scratch.root]);
    client.open_file(&main);
    let hover = client.hover(&main, 1, 4);
    assert_eq!(hover["contents"]["kind"], "markdown");
    assert_eq!(hover["range"]["start"], json!({"line": 0, "character": 0}));
    let text = hover["contents"]["value"].as_str().unwrap();
    for part in [
        "**user `alice`: administrator, MFA is not enforced**",
        "- console password: yes",
        "- administrator: yes",
        "- MFA asked of console sessions: not-enforced",
        "- open without MFA: ",
        "`iam:",
        "Why:",
        &format!("([main.tf:12]({}#L12))", uri(&main)),
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    // What bears on somebody says on whom.
    let hover = client.hover(&main, 10, 3);
    let text = hover["contents"]["value"].as_str().unwrap();
    assert!(text.contains("bears on") && text.contains("user `alice`: administrator"), "{text}");
    client.change(&main, 2, &format!("# Nothing here.\n\nlocals {{}}\n{ALICE}"));
    assert_eq!(client.hover(&main, 2, 3), Value::Null);
    assert!(client.hover(&main, 3, 0)["contents"]["value"].as_str().unwrap().contains("alice"));
    assert_eq!(client.hover(&scratch.path("other.tf"), 0, 0), Value::Null);
    assert_eq!(client.end().0, Some(0));
}

#[test]
fn a_pointer_shows_what_is_not_settled_and_plain_text_to_whom_markdown_means_nothing() {
    let open = r#"variable "groups" {
  type = list(string)
}
resource "aws_iam_user" "a" {
  name = "]( <b>`x`*"
}
resource "aws_iam_user_login_profile" "a" {
  user    = aws_iam_user.a.name
  pgp_key = "k"
}
resource "aws_iam_user_group_membership" "a" {
  user   = aws_iam_user.a.name
  groups = var.groups
}
"#;
    let scratch = Scratch::new(&[("main.tf", open)]);
    let main = scratch.path("main.tf");
    let mut client = Client::able(&[&scratch.root]);
    client.open_file(&main);
    let text = client.hover(&main, 4, 4)["contents"]["value"].as_str().unwrap().to_owned();
    assert!(text.contains("Not settled:") && text.contains("`var.groups` has no value"), "{text}");
    assert!(text.starts_with("**user `]( <b>'x'*`: "), "{text}");
    assert_eq!(client.end().0, Some(0));
    let (mut client, _) = Client::new(&[&scratch.root], json!({}));
    client.open_file(&main);
    let hover = client.hover(&main, 4, 4);
    assert_eq!(hover["contents"]["kind"], "plaintext");
    let text = hover["contents"]["value"].as_str().unwrap();
    assert!(text.contains("(main.tf:1)") && !text.contains("**"), "{text}");
    assert_eq!(client.end().0, Some(0));
}

#[test]
fn folders_come_and_go_and_a_file_outside_of_them_is_analysed_with_its_directory() {
    let module = "module \"m\" {\n  source = \"../m\"\n}\n";
    let files = [("a/main.tf", module), ("b/main.tf", ALICE), ("m/main.tf", ALICE), ("c/main.tf", ALICE)];
    let scratch = Scratch::new(&files);
    let [a, b, m, c] = ["a", "b", "m", "c"].map(|d| scratch.path(d));
    let file = |dir: &std::path::Path| dir.join("main.tf");
    let mut client = Client::able(&[&a, &b]);
    client.codes(&file(&b), &["MFA002"]);
    client.codes(&file(&m), &["MFA002"]);
    client.open_file(&file(&c));
    client.codes(&file(&c), &["MFA002"]);
    client.close(&file(&c));
    client.codes(&file(&c), &[]);
    let folder = |path: &std::path::Path| json!({"uri": uri(path), "name": "x"});
    client.tell(
        "workspace/didChangeWorkspaceFolders",
        json!({"event": {"added": [folder(&c)], "removed": [folder(&b)]}}),
    );
    client.codes(&file(&b), &[]);
    client.codes(&file(&c), &["MFA002"]);
    assert_eq!(client.end().0, Some(0));
}

#[test]
fn many_units_are_analysed_one_by_one_and_then_together() {
    let group = "resource \"aws_iam_group\" \"g\" {\n  name = \"admins\"\n}\nresource \"aws_iam_group_policy_attachment\" \"g\" {\n  group      = aws_iam_group.g.name\n  policy_arn = \"arn:aws:iam::aws:policy/AdministratorAccess\"\n}\n";
    let user = "resource \"aws_iam_user\" \"u\" {\n  name = \"u\"\n}\nresource \"aws_iam_user_login_profile\" \"u\" {\n  user    = \"u\"\n  pgp_key = \"k\"\n}\nresource \"aws_iam_user_group_membership\" \"u\" {\n  user   = aws_iam_user.u.name\n  groups = [\"admins\"]\n}\n";
    let config = "[[account]]\nname = \"one\"\npaths = [\"groups\", \"users\"]\n";
    let scratch =
        Scratch::new(&[("groups/main.tf", group), ("users/main.tf", user), ("mfaguard.toml", config)]);
    let (groups, users) = (scratch.path("groups/main.tf"), scratch.path("users/main.tf"));
    let mut client = Client::able(&[&scratch.root]);
    client.codes(&users, &["MFA002"]);
    client.open_file(&groups);
    client.of_version(&groups, 1);
    // The user is in another unit of the account.
    client.change(&groups, 2, &group.replace("AdministratorAccess", "ReadOnlyAccess"));
    client.codes(&users, &["MFA001"]);
    // The configuration is read again, and what is wrong with it is shown; what held before holds.
    scratch.write("mfaguard.toml", "[[account]]\nname = 3\n");
    client.tell("workspace/didChangeConfiguration", json!({"settings": {}}));
    let shown = client.wait("a message", |m| m["method"] == "window/showMessage");
    assert!(shown["params"]["message"].as_str().unwrap().contains("mfaguard.toml:2:"), "{shown}");
    assert_eq!(client.end().0, Some(0));
}

#[test]
fn templates_too() {
    let template = "Resources:\n  Alice:\n    Type: AWS::IAM::User\n    Properties:\n      LoginProfile:\n        Password: '{{resolve:secretsmanager:p}}'\n      ManagedPolicyArns:\n        - arn:aws:iam::aws:policy/AdministratorAccess\n";
    let scratch = Scratch::new(&[("stack.yaml", template)]);
    let stack = scratch.path("stack.yaml");
    let mut client = Client::able(&[&scratch.root]);
    client.open_file(&stack);
    client.codes(&stack, &["MFA002"]);
    assert!(client.hover(&stack, 2, 6)["contents"]["value"].as_str().unwrap().contains("`Alice`"));
    client.change(&stack, 2, &template.replace("Properties:", "Properties: ["));
    let codes: Vec<Value> = client.of_version(&stack, 2).iter().map(|d| d["code"].clone()).collect();
    assert_eq!(codes, ["MFA002", "E006"]);
    client.change(&stack, 3, &template.replace("Administrator", "ReadOnly"));
    let codes: Vec<Value> = client.of_version(&stack, 3).iter().map(|d| d["code"].clone()).collect();
    assert_eq!(codes, ["MFA001"]);
    assert_eq!(client.end().0, Some(0));
}

/// The text after the only action for what is found on a line, and its title.
fn acted(client: &mut Client, path: &std::path::Path, text: &str, line: u32) -> (String, String) {
    let actions = client.actions(path, &range(line, 0, 200));
    assert_eq!(actions.len(), 1, "{}: {actions:?}", path.display());
    let change = &actions[0]["edit"]["documentChanges"][0];
    assert_eq!(change["textDocument"]["uri"], uri(path));
    let edit = &change["edits"][0];
    assert_eq!(edit["range"]["start"], edit["range"]["end"]);
    let number = |n: &Value| usize::try_from(n.as_u64().unwrap()).unwrap();
    assert_eq!(number(&edit["range"]["start"]["character"]), 0);
    let before: usize =
        text.split_inclusive('\n').take(number(&edit["range"]["start"]["line"])).map(str::len).sum();
    let (before, behind) = text.split_at(before);
    let new = format!("{before}{}{behind}", edit["newText"].as_str().unwrap());
    (actions[0]["title"].as_str().unwrap().to_owned(), new)
}

#[test]
fn a_finding_is_suppressed_by_an_action() {
    let template = "Resources:\r\n  Alice:\r\n    Type: AWS::IAM::User\r\n    Properties:\r\n      LoginProfile:\r\n        Password: '{{resolve:secretsmanager:p}}'\r\n";
    let inverted = "{\n  \"Statement\": [\n    {\n      \"Effect\": \"Allow\", \"Action\": \"*\", \"Resource\": \"*\",\n      \"Condition\": {\"Bool\": {\"aws:MultiFactorAuthPresent\": \"false\"}}\n    }\n  ]\n}\n";
    let heredoc = format!(
        "resource \"aws_iam_policy\" \"p\" {{\n  name   = \"p\"\n  policy = <<EOF\n{inverted}EOF\n}}\n"
    );
    let scratch = Scratch::new(&[("main.tf", ALICE), ("stack.yaml", template), ("here/main.tf", &heredoc)]);
    let mut client = Client::able(&[&scratch.root]);
    for (name, text, code, above) in [
        ("main.tf", ALICE, "MFA002", "resource"),
        ("stack.yaml", template, "MFA001", "  Alice:\r\n"),
        // Inside of a text there are no comments.
        ("here/main.tf", &heredoc, "MFA101", "resource \"aws_iam_policy\""),
    ] {
        let path = scratch.path(name);
        client.open_file(&path);
        let found = client.codes(&path, &[code]).remove(0);
        let line = u32::try_from(found["range"]["start"]["line"].as_u64().unwrap()).unwrap();
        let (title, new) = acted(&mut client, &path, text, line);
        assert_eq!(title, format!("Suppress {code} here"));
        assert!(new.contains(&format!("# mfaguard: ignore[{code}] TODO")), "{new}");
        let behind = new.split_once("accepted").unwrap().1.trim_start_matches(['\r', '\n']);
        assert!(behind.starts_with(above), "{new}");
        assert_eq!(new.contains('\r'), text.contains('\r'));
        client.change(&path, 2, &new);
        assert!(client.of_version(&path, 2).is_empty());
    }
    assert_eq!(client.end().0, Some(0));
}

#[test]
fn there_are_no_actions_where_they_mean_nothing() {
    let json = r#"{"Resources": {"Alice": {"Type": "AWS::IAM::User", "Properties": {"LoginProfile": {"Password": "{{resolve:secretsmanager:p}}"}}}}}"#;
    let scratch = Scratch::new(&[("stack.json", json), ("main.tf", ALICE)]);
    let (stack, main) = (scratch.path("stack.json"), scratch.path("main.tf"));
    let mut client = Client::able(&[&scratch.root]);
    client.open_file(&stack);
    client.open_file(&main);
    client.codes(&stack, &["MFA001"]);
    assert!(client.actions(&stack, &range(0, 0, 100)).is_empty());
    // Where nothing is found, and when something else is asked for.
    assert!(client.actions(&main, &range(4, 0, 0)).is_empty());
    let context = json!({"diagnostics": [], "only": ["refactor"]});
    let params = json!({"textDocument": {"uri": uri(&main)}, "range": range(0, 0, 0), "context": context});
    assert_eq!(client.ask("textDocument/codeAction", params)["result"], json!([]));
    assert_eq!(client.end().0, Some(0));
    // A client that knows no versions of files gets edits without them.
    let mut capabilities = able();
    capabilities["workspace"] = json!({});
    let (mut client, _) = Client::new(&[&scratch.root], capabilities);
    client.open_file(&main);
    client.codes(&main, &["MFA002"]);
    let actions = client.actions(&main, &range(0, 0, 0));
    assert!(actions[0]["edit"]["changes"][uri(&main)].is_array(), "{actions:?}");
    assert_eq!(client.end().0, Some(0));
}

/// A gate that lets access keys through is closed by the edit that the action holds, columns in UTF-16.
#[test]
fn a_fix_is_offered_to_who_asks_and_takes_the_finding_away() {
    let wrong = format!("# \u{1f511}\n{ALICE}{}", GATE.replace("BoolIfExists", "Bool"));
    let scratch = Scratch::new(&[("main.tf", &wrong)]);
    let main = scratch.path("main.tf");
    let mut client = Client::able(&[&scratch.root]);
    client.open_file(&main);
    let shown = client.of_version(&main, 1);
    let found = shown.iter().find(|d| d["code"] == "MFA005").unwrap();
    let is_fix = |a: &Value| !a["title"].as_str().unwrap().starts_with("Suppress");
    assert!(!client.actions(&main, &found["range"]).iter().any(is_fix));
    let actions = client.invoked(&main, &found["range"]);
    let fix = actions.iter().find(|a| is_fix(a)).unwrap_or_else(|| panic!("{actions:?}"));
    assert_eq!(fix["kind"], "quickfix");
    assert_eq!(fix["isPreferred"], true);
    let edits = fix["edit"]["documentChanges"][0]["edits"].as_array().unwrap();
    let mut text = wrong;
    for edit in edits.iter().rev() {
        let at = |end: &str| {
            let (line, column) = (&edit["range"][end]["line"], &edit["range"][end]["character"]);
            let (line, column) = (line.as_u64().unwrap() as usize, column.as_u64().unwrap() as usize);
            let start: usize = text.split_inclusive('\n').take(line).map(str::len).sum();
            start + text[start..].char_indices().nth(column).map_or(text.len() - start, |(i, _)| i)
        };
        let (start, end) = (at("start"), at("end"));
        text.replace_range(start..end, edit["newText"].as_str().unwrap());
    }
    client.change(&main, 2, &text);
    assert!(!client.of_version(&main, 2).iter().any(|d| d["code"] == "MFA005"), "{text}");
}
