//! How the conversation goes, also when the other end does not keep to the rules.

use serde_json::{Value, json};

use crate::client::{Client, Scratch, able, uri};

const USER: &str = "resource \"aws_iam_user\" \"u\" {\n  name = \"u\"\n}\nresource \"aws_iam_user_login_profile\" \"u\" {\n  user    = \"u\"\n  pgp_key = \"k\"\n}\n";

#[test]
fn it_says_who_it_is_and_what_it_can_do() {
    let scratch = Scratch::new(&[]);
    let (mut client, result) = Client::new(&[&scratch.root], able());
    assert_eq!(result["serverInfo"], json!({"name": "mfaguard", "version": env!("CARGO_PKG_VERSION")}));
    let can = &result["capabilities"];
    assert_eq!(can["textDocumentSync"], json!({"openClose": true, "change": 2, "save": true}));
    assert_eq!(can["hoverProvider"], true);
    assert_eq!(can["codeActionProvider"], json!({"codeActionKinds": ["quickfix"]}));
    assert_eq!(can["workspace"]["workspaceFolders"], json!({"supported": true, "changeNotifications": true}));
    client.wait("a line in the log", |m| m["method"] == "window/logMessage");
    assert_eq!(client.end(), (Some(0), String::new()));
}

#[test]
fn files_are_watched_when_the_client_can() {
    let scratch = Scratch::new(&[]);
    let mut capabilities = able();
    capabilities["workspace"]["didChangeWatchedFiles"] = json!({"dynamicRegistration": true});
    let (mut client, _) = Client::new(&[&scratch.root], capabilities);
    let asked = client.wait("a registration", |m| m["method"] == "client/registerCapability");
    assert_eq!(asked["params"]["registrations"][0]["method"], "workspace/didChangeWatchedFiles");
    client.send(&json!({"jsonrpc": "2.0", "id": asked["id"], "result": null}));
    assert_eq!(client.end().0, Some(0));
}

#[test]
fn the_order_of_the_conversation_is_kept() {
    let mut client = Client::silent();
    assert_eq!(client.ask("textDocument/hover", json!({}))["error"]["code"], -32002);
    client.tell("textDocument/didOpen", json!({}));
    client.ask("initialize", json!({"capabilities": {}}));
    assert_eq!(client.ask("initialize", json!({"capabilities": {}}))["error"]["code"], -32600);
    client.ask("shutdown", Value::Null);
    assert_eq!(client.ask("textDocument/hover", json!({}))["error"]["code"], -32600);
    client.tell("exit", Value::Null);
    assert_eq!(client.gone().0, Some(0));
    let mut client = Client::silent();
    client.tell("exit", Value::Null);
    assert_eq!(client.gone().0, Some(1));
    // An editor that crashed.
    let client = Client::silent();
    assert_eq!(client.gone().0, Some(1));
}

#[test]
fn garbage_is_answered_and_ends_nothing() {
    let scratch = Scratch::new(&[("main.tf", USER)]);
    let main = scratch.path("main.tf");
    let mut client = Client::able(&[&scratch.root]);
    client.raw(b"hello\r\n\r\n");
    client.raw(b"Content-Length: 7\r\n\r\n{\"a\": b");
    let refused = client.wait("an error", |m| m["error"]["code"] == -32700);
    assert_eq!(refused["id"], Value::Null);
    client.raw(b"Content-Length: 3\r\n\r\n\xff\xfe\xfd");
    client.wait("an error", |m| m["error"]["code"] == -32700);
    client.send(&json!([1, 2]));
    client.wait("an error", |m| m["error"]["code"] == -32600);
    assert_eq!(client.ask("no/such", json!({}))["error"]["code"], -32601);
    for params in [json!(null), json!({}), json!([]), json!({"textDocument": {"uri": 3}})] {
        assert_eq!(client.ask("textDocument/hover", params.clone())["error"]["code"], -32602);
        assert_eq!(client.ask("textDocument/codeAction", params.clone())["error"]["code"], -32602);
        client.tell("textDocument/didChange", params.clone());
        client.tell("textDocument/didOpen", params.clone());
        client.tell("$/cancelRequest", params.clone());
        client.tell("workspace/didChangeWorkspaceFolders", params.clone());
        client.tell("no/such", params);
    }
    // Of what is open nowhere and of what is on no disk there is nothing to say.
    client.change(&main, 7, "x");
    client.close(&main);
    let item = json!({"uri": "untitled:Untitled-1", "languageId": "terraform", "version": 1, "text": USER});
    client.tell("textDocument/didOpen", json!({"textDocument": item}));
    for uri in [
        "untitled:Untitled-1",
        "file:///",
        "file://",
        "",
        "file:///%00/a.tf",
        &uri(&scratch.path("nowhere/a.tf")),
    ] {
        let at = json!({"textDocument": {"uri": uri}, "position": {"line": 4_000_000_000u32, "character": 4_000_000_000u32}});
        assert_eq!(client.ask("textDocument/hover", at)["result"], Value::Null, "{uri}");
    }
    client.codes(&main, &["MFA001"]);
    client.open_file(&main);
    client.edit(&main, 2, json!([
        {"range": {"start": {"line": 9, "character": 9}, "end": {"line": 0, "character": 0}}, "text": "# é\n"},
        {"range": {"start": {"line": 4_000_000_000u32, "character": 0}, "end": {"line": 4_000_000_000u32, "character": 1}}, "text": ""},
    ]));
    assert_eq!(client.of_version(&main, 2)[0]["code"], "MFA001");
    assert_eq!(client.end(), (Some(0), String::new()));
}

#[test]
fn requests_can_be_taken_back() {
    let scratch = Scratch::new(&[("main.tf", USER)]);
    let main = scratch.path("main.tf");
    let mut client = Client::able(&[&scratch.root]);
    client.open_file(&main);
    client.of_version(&main, 1);
    // In one piece, so that they are there before the analysis that the question waits for.
    let position = json!({"textDocument": {"uri": uri(&main)}, "position": {"line": 0, "character": 0}});
    let document = json!({"uri": uri(&main), "version": 2});
    let messages = [
        json!({"jsonrpc": "2.0", "method": "textDocument/didChange",
               "params": {"textDocument": document, "contentChanges": [{"text": USER.repeat(3)}]}}),
        json!({"jsonrpc": "2.0", "id": "q", "method": "textDocument/hover", "params": position}),
        json!({"jsonrpc": "2.0", "method": "$/cancelRequest", "params": {"id": "q"}}),
    ];
    let frames: String = messages
        .iter()
        .map(|m| m.to_string())
        .map(|body| format!("Content-Length: {}\r\n\r\n{body}", body.len()))
        .collect();
    client.raw(frames.as_bytes());
    let answer = client.wait("an answer", |m| m["id"] == "q");
    // Whoever is faster than that is answered.
    assert!(answer["error"]["code"] == -32800 || answer.get("result").is_some(), "{answer}");
    client.of_version(&main, 2);
    assert_eq!(client.end().0, Some(0));
}

#[test]
fn secrets_are_not_shown_and_nothing_outside_is_read() {
    let text = format!(
        "{USER}resource \"aws_iam_user_policy\" \"p\" {{\n  user   = \"u\"\n  policy = file(\"../../secret.json\")\n}}\n"
    );
    let scratch = Scratch::new(&[("in/a/main.tf", &text), ("secret.json", "hunter2")]);
    let main = scratch.path("in/a/main.tf");
    let mut client = Client::able(&[&scratch.path("in")]);
    client.open_file(&main);
    // Also when the editor has it open.
    client.open(&scratch.path("secret.json"), "hunter3");
    let shown = client.of_version(&main, 1);
    let hover = client.hover(&main, 0, 0);
    let all = format!("{shown:?} {hover}");
    assert!(!all.contains("hunter"), "{all}");
    assert!(shown.iter().any(|d| d["code"] == "E008"), "{all}");
    assert_eq!(client.end().0, Some(0));
}
