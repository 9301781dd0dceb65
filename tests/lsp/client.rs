//! A small editor: it speaks to the binary over pipes.

use std::io::{BufReader, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use serde_json::{Value, json};
use url::Url;

/// How long an answer may take before the test fails. Machines of continuous integration are slow, and this is no
/// measure of time.
const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) struct Client {
    server: Child,
    input: Option<ChildStdin>,
    messages: Receiver<Value>,
    /// Messages that were met on the way to another one.
    met: Vec<Value>,
    number: i64,
}

impl Client {
    /// Starts a server, and says nothing to it.
    pub(crate) fn silent() -> Self {
        let mut server = Command::new(env!("CARGO_BIN_EXE_mfaguard"))
            .arg("lsp")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let (sender, messages) = channel();
        let mut output = BufReader::new(server.stdout.take().unwrap());
        std::thread::spawn(move || {
            while let Some(message) = read(&mut output) {
                if sender.send(message).is_err() {
                    break;
                }
            }
        });
        let input = server.stdin.take();
        Self { server, input, messages, met: Vec::new(), number: 0 }
    }

    /// Starts a server for folders; the answer to `initialize` comes with it.
    pub(crate) fn new(folders: &[&Path], capabilities: Value) -> (Self, Value) {
        let mut client = Self::silent();
        let folders: Vec<Value> = folders.iter().map(|f| json!({"uri": uri(f), "name": "x"})).collect();
        let params = json!({"processId": null, "rootUri": null, "capabilities": capabilities, "workspaceFolders": folders});
        let answer = client.ask("initialize", params);
        client.tell("initialized", json!({}));
        (client, answer["result"].clone())
    }

    /// As `new`, for a client that can do what is needed.
    pub(crate) fn able(folders: &[&Path]) -> Self {
        Self::new(folders, able()).0
    }

    pub(crate) fn raw(&mut self, bytes: &[u8]) {
        let input = self.input.as_mut().unwrap();
        input.write_all(bytes).unwrap();
        input.flush().unwrap();
    }

    pub(crate) fn send(&mut self, message: &Value) {
        let body = message.to_string();
        self.raw(format!("Content-Length: {}\r\n\r\n{body}", body.len()).as_bytes());
    }

    pub(crate) fn tell(&mut self, method: &str, params: Value) {
        self.send(&json!({"jsonrpc": "2.0", "method": method, "params": params}));
    }

    /// Sends a request without waiting for its answer; its number.
    pub(crate) fn begin(&mut self, method: &str, params: Value) -> i64 {
        self.number += 1;
        self.send(&json!({"jsonrpc": "2.0", "id": self.number, "method": method, "params": params}));
        self.number
    }

    pub(crate) fn ask(&mut self, method: &str, params: Value) -> Value {
        let number = self.begin(method, params);
        self.answer(number)
    }

    pub(crate) fn answer(&mut self, number: i64) -> Value {
        self.wait(&format!("the answer to {number}"), |m| m["id"] == number && m.get("method").is_none())
    }

    /// The next message that is wanted. Others stay for later.
    pub(crate) fn wait(&mut self, what: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        if let Some(i) = self.met.iter().position(&wanted) {
            return self.met.remove(i);
        }
        loop {
            let message = self
                .messages
                .recv_timeout(PATIENCE)
                .unwrap_or_else(|e| panic!("{what}: {e}; met {:#?}", self.met));
            if wanted(&message) {
                return message;
            }
            self.met.push(message);
        }
    }

    /// Waits until a file is said to have exactly these codes, and returns its diagnostics.
    pub(crate) fn codes(&mut self, path: &Path, codes: &[&str]) -> Vec<Value> {
        let uri = uri(path);
        let of = |m: &Value| -> Vec<String> {
            let all = m["params"]["diagnostics"].as_array().cloned().unwrap_or_default();
            all.iter().map(|d| d["code"].as_str().unwrap_or("?").to_owned()).collect()
        };
        let message = self.wait(&format!("{codes:?} in {}", path.display()), |m| {
            m["method"] == "textDocument/publishDiagnostics"
                && m["params"]["uri"] == uri.as_str()
                && of(m) == codes
        });
        message["params"]["diagnostics"].as_array().unwrap().clone()
    }

    /// The diagnostics of a version of an open file.
    pub(crate) fn of_version(&mut self, path: &Path, version: i32) -> Vec<Value> {
        let uri = uri(path);
        let message = self.wait(&format!("version {version} of {}", path.display()), |m| {
            m["method"] == "textDocument/publishDiagnostics"
                && m["params"]["uri"] == uri.as_str()
                && m["params"]["version"] == version
        });
        message["params"]["diagnostics"].as_array().unwrap().clone()
    }

    pub(crate) fn open(&mut self, path: &Path, text: &str) {
        let item = json!({"uri": uri(path), "languageId": "terraform", "version": 1, "text": text});
        self.tell("textDocument/didOpen", json!({"textDocument": item}));
    }

    /// Opens a file as it is on the disk.
    pub(crate) fn open_file(&mut self, path: &Path) {
        self.open(path, &std::fs::read_to_string(path).unwrap());
    }

    /// Replaces all of a file.
    pub(crate) fn change(&mut self, path: &Path, version: i32, text: &str) {
        self.edit(path, version, json!([{"text": text}]));
    }

    pub(crate) fn edit(&mut self, path: &Path, version: i32, changes: Value) {
        let document = json!({"uri": uri(path), "version": version});
        self.tell("textDocument/didChange", json!({"textDocument": document, "contentChanges": changes}));
    }

    pub(crate) fn close(&mut self, path: &Path) {
        self.tell("textDocument/didClose", json!({"textDocument": {"uri": uri(path)}}));
    }

    pub(crate) fn hover(&mut self, path: &Path, line: u32, character: u32) -> Value {
        let position = json!({"line": line, "character": character});
        let params = json!({"textDocument": {"uri": uri(path)}, "position": position});
        self.ask("textDocument/hover", params)["result"].clone()
    }

    pub(crate) fn actions(&mut self, path: &Path, range: &Value) -> Vec<Value> {
        let params =
            json!({"textDocument": {"uri": uri(path)}, "range": range, "context": {"diagnostics": []}});
        self.ask("textDocument/codeAction", params)["result"].as_array().unwrap().clone()
    }

    /// The actions when the user asks for them.
    pub(crate) fn invoked(&mut self, path: &Path, range: &Value) -> Vec<Value> {
        let context = json!({"diagnostics": [], "triggerKind": 1});
        let params = json!({"textDocument": {"uri": uri(path)}, "range": range, "context": context});
        self.ask("textDocument/codeAction", params)["result"].as_array().unwrap().clone()
    }

    /// Ends it as agreed; the exit code, and what it wrote on standard error.
    pub(crate) fn end(mut self) -> (Option<i32>, String) {
        assert_eq!(self.ask("shutdown", Value::Null)["result"], Value::Null);
        self.tell("exit", Value::Null);
        self.gone()
    }

    /// Waits for its end.
    pub(crate) fn gone(mut self) -> (Option<i32>, String) {
        drop(self.input.take());
        let code = self.server.wait().unwrap().code();
        let mut errors = String::new();
        self.server.stderr.take().unwrap().read_to_string(&mut errors).unwrap();
        (code, errors)
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

/// What a client can do that can do what is needed.
pub(crate) fn able() -> Value {
    json!({
        "textDocument": {
            "hover": {"contentFormat": ["markdown", "plaintext"]},
            "codeAction": {"codeActionLiteralSupport": {"codeActionKind": {"valueSet": ["quickfix"]}}},
        },
        "workspace": {"workspaceEdit": {"documentChanges": true}},
    })
}

pub(crate) fn uri(path: &Path) -> String {
    Url::from_file_path(path).unwrap().to_string()
}

fn read(output: &mut impl std::io::BufRead) -> Option<Value> {
    let mut length = 0;
    loop {
        let mut line = String::new();
        if output.read_line(&mut line).ok()? == 0 {
            return None;
        }
        match line.trim_end().split_once(": ") {
            Some(("Content-Length", n)) => length = n.parse().ok()?,
            Some(_) => {}
            None => break,
        }
    }
    let mut body = vec![0; length];
    output.read_exact(&mut body).ok()?;
    serde_json::from_slice(&body).ok()
}

/// A scratch directory with files. Its path has no links in it.
pub(crate) struct Scratch {
    _dir: tempfile::TempDir,
    pub(crate) root: PathBuf,
}

impl Scratch {
    pub(crate) fn new(files: &[(&str, &str)]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().canonicalize().unwrap();
        let scratch = Self { _dir: dir, root };
        files.iter().for_each(|(name, text)| scratch.write(name, text));
        scratch
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
}
