//! The state of the server, and what it does with what comes in.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, mpsc};
use std::time::Duration;

use gen_lsp_types as lsp;
use gen_lsp_types::json_rpc::Id;
use gen_lsp_types::{
    CodeActionParams, DidChangeTextDocumentParams, DidCloseTextDocumentParams, DidOpenTextDocumentParams,
    DidSaveTextDocumentParams, ErrorCodes, HoverParams, Uri,
};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::Requests;
use super::analyse::{self, Done, Job};
use super::client::{self, Client};
use super::documents::{Document, Documents, path_of};
use super::publish::{self, ByFile, SOURCE};
use super::results::{Results, Scope};
use super::transport::{self, Incoming, error};
use super::view::View;
use crate::diagnostic::{Code, Level};

/// How long nothing comes in before what a partial analysis left out is looked at.
const IDLE: Duration = Duration::from_millis(400);

/// Room for the deepest directories and values that are followed.
const STACK_BYTES: usize = 16 << 20;

/// The error of a request that the client takes back.
pub(super) const CANCELLED: ErrorCodes = ErrorCodes::Custom(-32800);

/// What happens.
pub(super) enum Event {
    /// Something came in.
    Message(Incoming),
    /// An analysis came to its end.
    Done(Box<Done>),
    /// The editor is gone.
    Closed,
}

/// How far the conversation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    New,
    Ready,
    ShutDown,
}

/// A folder that is analysed: one of the workspace, or that of a file outside of it.
#[derive(Default)]
pub(super) struct Folder {
    pub(super) request: Option<crate::scan::Request>,
    pub(super) results: Results,
    /// Diagnostics by file, as they should be shown.
    pub(super) shown: ByFile,
    /// Everything is to be analysed: nothing was yet, or the disk or the configuration changed.
    anew: bool,
    /// What was left out of partial analyses is to be analysed.
    rest: bool,
    /// Files that were edited since the last analysis began.
    edited: BTreeSet<PathBuf>,
    /// It is of no workspace, and only what the open files in it belong to is looked at.
    loose: bool,
    /// The last analysis was partial.
    partial: bool,
    /// An analysis is under way.
    pub(super) running: bool,
    /// The versions of open files that the results are about.
    pub(super) analysed: BTreeMap<PathBuf, i32>,
}

impl Folder {
    pub(super) fn is_stale(&self) -> bool {
        self.anew || self.rest || !self.edited.is_empty()
    }
}

/// A request that waits for an analysis.
pub(super) enum Ask {
    Hover(HoverParams),
    Actions(CodeActionParams),
}

pub(super) struct Server<'o> {
    pub(super) output: &'o mut dyn Write,
    requests: Arc<Requests>,
    events: mpsc::Sender<Event>,
    phase: Phase,
    pub(super) client: Client,
    pub(super) documents: Documents,
    /// The folders of the workspace. What lies in another one is analysed with that.
    workspace: BTreeSet<PathBuf>,
    pub(super) folders: BTreeMap<PathBuf, Folder>,
    pub(super) waiting: Vec<(Id, PathBuf, Ask)>,
    /// What the client was told of each file, with the version that it is about.
    pub(super) published: BTreeMap<PathBuf, (Option<i32>, Vec<lsp::Diagnostic>)>,
    /// What is wrong with the configuration and with directories, as it was told.
    told: BTreeSet<String>,
}

impl<'o> Server<'o> {
    pub(super) fn new(
        output: &'o mut dyn Write,
        requests: Arc<Requests>,
        events: mpsc::Sender<Event>,
    ) -> Self {
        Self {
            output,
            requests,
            events,
            phase: Phase::New,
            client: Client::default(),
            documents: Documents::default(),
            workspace: BTreeSet::new(),
            folders: BTreeMap::new(),
            waiting: Vec::new(),
            published: BTreeMap::new(),
            told: BTreeSet::new(),
        }
    }

    /// Takes what happens until it is over. An analysis begins when everything that came in was taken.
    pub(super) fn run(mut self, events: &mpsc::Receiver<Event>) -> io::Result<bool> {
        loop {
            let event = match events.try_recv() {
                Ok(event) => event,
                Err(_) => {
                    self.start()?;
                    self.answer_waiting()?;
                    let idle = self.folders.values().any(|f| f.partial) && !self.is_running();
                    match if idle { events.recv_timeout(IDLE).ok() } else { events.recv().ok() } {
                        Some(event) => event,
                        None => {
                            self.folders.values_mut().filter(|f| f.partial).for_each(|f| f.rest = true);
                            continue;
                        }
                    }
                }
            };
            match event {
                Event::Message(message) => {
                    if let Some(clean) = self.take(message)? {
                        return Ok(clean);
                    }
                }
                Event::Done(done) => self.finish(*done)?,
                Event::Closed => return Ok(self.phase == Phase::ShutDown),
            }
        }
    }

    fn is_running(&self) -> bool {
        self.folders.values().any(|f| f.running)
    }

    /// Takes a message. When it ends the conversation: whether that was agreed.
    fn take(&mut self, message: Incoming) -> io::Result<Option<bool>> {
        match message {
            Incoming::Request { id, method, params } => self.request(id, &method, params)?,
            Incoming::Notification { method, .. } if method == "exit" => {
                return Ok(Some(self.phase == Phase::ShutDown));
            }
            Incoming::Notification { method, params } if self.phase == Phase::Ready => {
                if let Err(e) = self.notification(&method, params)? {
                    self.log(lsp::MessageType::Warning, &format!("`{method}` is not understood: {e}"))?;
                }
            }
            Incoming::Notification { .. } | Incoming::Answer => {}
            Incoming::Broken(id, error) => self.refuse(id, error)?,
        }
        Ok(None)
    }

    fn request(&mut self, id: Id, method: &str, params: Value) -> io::Result<()> {
        let refused = match (self.phase, method) {
            (Phase::New, "initialize") => return self.initialize(id, &params),
            (Phase::New, _) => error(ErrorCodes::ServerNotInitialized, "`initialize` comes first"),
            (Phase::ShutDown, _) => error(ErrorCodes::InvalidRequest, "the server is shut down"),
            (Phase::Ready, "initialize") => error(ErrorCodes::InvalidRequest, "`initialize` comes once"),
            (Phase::Ready, "shutdown") => return self.shut_down(id),
            (Phase::Ready, "textDocument/hover") => match serde_json::from_value(params) {
                Ok(params) => return self.ask(id, Ask::Hover(params)),
                Err(e) => error(ErrorCodes::InvalidParams, &e.to_string()),
            },
            (Phase::Ready, "textDocument/codeAction") => match serde_json::from_value(params) {
                Ok(params) => return self.ask(id, Ask::Actions(params)),
                Err(e) => error(ErrorCodes::InvalidParams, &e.to_string()),
            },
            (Phase::Ready, _) => error(ErrorCodes::MethodNotFound, &format!("there is no `{method}` here")),
        };
        self.refuse(id, refused)
    }

    fn initialize(&mut self, id: Id, params: &Value) -> io::Result<()> {
        self.phase = Phase::Ready;
        self.client = Client::of(params);
        self.documents.encoding = self.client.encoding;
        let workspace = std::mem::take(&mut self.client.folders);
        self.workspace.extend(workspace);
        self.arrange();
        let actions = match self.client.actions {
            true => json!({"codeActionKinds": ["quickfix"]}),
            false => json!(false),
        };
        let result = json!({
            "serverInfo": {"name": SOURCE, "version": env!("CARGO_PKG_VERSION")},
            "capabilities": {
                "positionEncoding": self.client.encoding.kind(),
                // 2: by edits.
                "textDocumentSync": {"openClose": true, "change": 2, "save": true},
                "hoverProvider": true,
                "codeActionProvider": actions,
                "workspace": {"workspaceFolders": {"supported": true, "changeNotifications": true}},
            },
        });
        self.answer(id, &result)
    }

    fn shut_down(&mut self, id: Id) -> io::Result<()> {
        self.phase = Phase::ShutDown;
        for (id, ..) in std::mem::take(&mut self.waiting) {
            self.refuse(id, error(CANCELLED, "the server is shut down"))?;
        }
        self.answer(id, &Value::Null)
    }

    /// Takes what happened. An error says what of it is not understood.
    fn notification(&mut self, method: &str, params: Value) -> io::Result<Result<(), serde_json::Error>> {
        let done = match method {
            "initialized" => return self.initialized().map(Ok),
            "textDocument/didOpen" => with(params, |p| self.open(p)),
            "textDocument/didChange" => with(params, |p| self.change(p)),
            "textDocument/didSave" => {
                with(params, |p: DidSaveTextDocumentParams| self.saved(&p.text_document.uri))
            }
            "textDocument/didClose" => {
                with(params, |p: DidCloseTextDocumentParams| self.close(&p.text_document.uri))
            }
            "workspace/didChangeWatchedFiles" | "workspace/didChangeConfiguration" => {
                self.folders.values_mut().for_each(|f| f.anew = true);
                Ok(())
            }
            "workspace/didChangeWorkspaceFolders" => {
                let list = |pointer: &str| {
                    let list = params.pointer(pointer).and_then(Value::as_array);
                    list.into_iter().flatten().filter_map(client::folder).collect::<Vec<PathBuf>>()
                };
                let (added, removed) = (list("/event/added"), list("/event/removed"));
                self.workspace.retain(|folder| !removed.contains(folder));
                self.workspace.extend(added);
                self.arrange();
                Ok(())
            }
            "$/cancelRequest" => {
                let id = params.get("id").cloned().unwrap_or_default();
                return serde_json::from_value(id).map_or_else(|e| Ok(Err(e)), |id| self.cancel(&id).map(Ok));
            }
            // Others are of no concern, whatever they say.
            _ => Ok(()),
        };
        // A folder may be gone.
        match done {
            Ok(()) if method != "textDocument/didChange" => self.publish().map(Ok),
            done => Ok(done),
        }
    }

    fn initialized(&mut self) -> io::Result<()> {
        self.log(lsp::MessageType::Info, &format!("{SOURCE} {}", env!("CARGO_PKG_VERSION")))?;
        if !self.client.watches {
            return Ok(());
        }
        let watched = "**/{mfaguard.toml,*.tf,*.tofu,*.tfvars,*.tpl,*.tftpl,*.json,*.yaml,*.yml,*.template}";
        let registration = json!({
            "id": "files",
            "method": "workspace/didChangeWatchedFiles",
            "registerOptions": {"watchers": [{"globPattern": watched}]},
        });
        let params = json!({"registrations": [registration]});
        let request =
            json!({"jsonrpc": "2.0", "id": "files", "method": "client/registerCapability", "params": params});
        transport::write(self.output, &request)
    }

    fn open(&mut self, params: DidOpenTextDocumentParams) {
        let item = params.text_document;
        let Some(path) = path_of(&item.uri) else { return };
        let document = Document { uri: item.uri, version: item.version, text: item.text.into() };
        self.documents.open.insert(path.clone(), document);
        self.arrange();
        self.edited(path);
    }

    fn change(&mut self, params: DidChangeTextDocumentParams) {
        let Some(path) = path_of(&params.text_document.text_document_identifier.uri) else { return };
        if self.documents.change(&path, params.text_document.version, params.content_changes) {
            self.edited(path);
        }
    }

    fn saved(&mut self, uri: &Uri) {
        let folder = path_of(uri).and_then(|path| self.folder_of(&path));
        if let Some(folder) = folder.and_then(|f| self.folders.get_mut(&f)) {
            folder.anew = true;
        }
    }

    fn close(&mut self, uri: &Uri) {
        let Some(path) = path_of(uri) else { return };
        self.documents.open.remove(&path);
        self.arrange();
        self.edited(path);
    }

    fn edited(&mut self, path: PathBuf) {
        if let Some(folder) = self.folder_of(&path).and_then(|f| self.folders.get_mut(&f)) {
            folder.edited.insert(path);
        }
    }

    /// The folder that a file is analysed with.
    pub(super) fn folder_of(&self, path: &Path) -> Option<PathBuf> {
        path.ancestors().skip(1).find(|dir| self.folders.contains_key(*dir)).map(Path::to_path_buf)
    }

    /// Makes the folders those of the workspace, and of the open files outside of it their directories. A folder in
    /// another one is part of that.
    fn arrange(&mut self) {
        let workspace = &self.workspace;
        let inside = |path: &Path| path.ancestors().skip(1).any(|above| workspace.contains(above));
        let mut wanted: BTreeMap<&Path, bool> =
            workspace.iter().filter(|dir| !inside(dir)).map(|dir| (dir.as_path(), false)).collect();
        for dir in self.documents.open.keys().filter(|p| !inside(p)).filter_map(|p| p.parent()) {
            wanted.entry(dir).or_insert(true);
        }
        self.folders.retain(|dir, folder| wanted.get(dir.as_path()) == Some(&folder.loose));
        for (dir, loose) in wanted {
            let new = || Folder { anew: true, loose, ..Folder::default() };
            self.folders.entry(dir.to_path_buf()).or_insert_with(new);
        }
    }

    /// Begins an analysis when there is something to analyse and none is under way.
    fn start(&mut self) -> io::Result<()> {
        if self.phase != Phase::Ready || self.is_running() {
            return Ok(());
        }
        let Some(path) = self.folders.iter().find(|(_, f)| f.is_stale()).map(|(path, _)| path.clone()) else {
            return Ok(());
        };
        let own = |file: &&PathBuf| self.folder_of(file).as_ref() == Some(&path);
        let open: BTreeSet<PathBuf> = self.documents.open.keys().filter(own).cloned().collect();
        let Some(folder) = self.folders.get_mut(&path) else { return Ok(()) };
        let (anew, rest) = (std::mem::take(&mut folder.anew), std::mem::take(&mut folder.rest));
        let edited = std::mem::take(&mut folder.edited);
        // Of one unit all is analysed as fast as a part.
        let partial = !anew && !rest && !folder.loose && folder.results.units.len() > 1;
        folder.running = true;
        let job = Job {
            folder: path,
            request: folder.request.clone(),
            anew,
            changed: if folder.loose { Some(open) } else { partial.then(|| edited.clone()) },
            partial,
            edited,
            texts: self.documents.texts(),
            versions: self.documents.open.iter().map(|(path, d)| (path.clone(), d.version)).collect(),
        };
        let (requests, events) = (Arc::clone(&self.requests), self.events.clone());
        let work = move || {
            // When nobody listens any more it is over.
            let _ = events.send(Event::Done(Box::new(analyse::run(job, &*requests))));
        };
        std::thread::Builder::new().stack_size(STACK_BYTES).spawn(work).map(drop)
    }

    fn finish(&mut self, done: Done) -> io::Result<()> {
        let Done { folder: path, request, partial, edited, versions, trouble, results } = done;
        if let Some(trouble) = trouble.filter(|t| self.told.insert(t.clone())) {
            self.show(lsp::MessageType::Error, &trouble)?;
        }
        // What is shown in no file.
        let problems = results.as_ref().map_or(&[][..], |r| &r.problems).iter();
        let elsewhere: Vec<String> = problems
            .filter(|p| {
                p.path.is_none() && p.problem.level > Level::Note && p.problem.code != Code::NothingFound
            })
            .map(|p| [p.problem.path.as_deref().unwrap_or_default(), &p.problem.message].join(": "))
            .filter(|text| self.told.insert(text.clone()))
            .collect();
        elsewhere.iter().try_for_each(|text| self.log(lsp::MessageType::Warning, text))?;
        let open = |path: &Path| self.documents.open.contains_key(path);
        let Some(folder) = self.folders.get_mut(&path) else { return self.publish() };
        (folder.running, folder.partial) = (false, partial);
        folder.request = request;
        match results {
            Ok(results) => {
                folder.results.update(results, &Scope { partial, edited: &edited, open: &open });
                folder.shown = publish::diagnostics(&folder.results, &View::new(&self.documents));
                folder.analysed = versions;
            }
            Err(e) => {
                let message = format!("`{}` could not be analysed: {e}", path.display());
                self.log(lsp::MessageType::Error, &message)?;
            }
        }
        self.publish()
    }
}

/// Reads parameters and does something with them.
fn with<T: DeserializeOwned>(params: Value, act: impl FnOnce(T)) -> Result<(), serde_json::Error> {
    serde_json::from_value(params).map(act)
}
