//! What the server tells the client: answers, diagnostics, messages.

use std::collections::BTreeSet;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;

use gen_lsp_types::json_rpc::{Error, Id, ResponseObject};
use gen_lsp_types::{
    self as lsp, CodeActionKind, CodeActionTriggerKind, ErrorCodes, PublishDiagnosticsParams, Uri,
};
use serde::Serialize;
use serde_json::{Value, json};

use super::documents::path_of;
use super::position::Lines;
use super::server::{Ask, CANCELLED, Folder, Server};
use super::transport::{self, error};
use super::view::View;
use super::{actions, analyse, fixes, hover};
use crate::frontend::terraform;

impl Server<'_> {
    /// Answers a request, when what it is about is analysed.
    pub(super) fn ask(&mut self, id: Id, ask: Ask) -> io::Result<()> {
        let uri = match &ask {
            Ask::Hover(p) => &p.text_document_position_params.text_document.uri,
            Ask::Actions(p) => &p.text_document.uri,
        };
        match path_of(uri).and_then(|path| self.folder_of(&path)) {
            Some(folder) => {
                self.waiting.push((id, folder, ask));
                Ok(())
            }
            None => self.answer(id, &Value::Null),
        }
    }

    /// Answers the requests that wait for nothing any more.
    pub(super) fn answer_waiting(&mut self) -> io::Result<()> {
        let waits = |folder: &Folder| folder.is_stale() || folder.running;
        for (id, path, ask) in std::mem::take(&mut self.waiting) {
            match self.folders.get(&path) {
                Some(folder) if waits(folder) => self.waiting.push((id, path, ask)),
                Some(folder) => match catch_unwind(AssertUnwindSafe(|| self.about(folder, &ask))) {
                    Ok(answer) => self.answer(id, &answer)?,
                    Err(panic) => {
                        let why = analyse::reason(&*panic);
                        self.refuse(id, error(ErrorCodes::InternalError, &why))?;
                    }
                },
                None => self.answer(id, &Value::Null)?,
            }
        }
        Ok(())
    }

    fn about(&self, folder: &Folder, ask: &Ask) -> Value {
        let answer = match ask {
            Ask::Hover(params) => serde_json::to_value(self.hover(folder, params)),
            Ask::Actions(params) => serde_json::to_value(self.actions(folder, params)),
        };
        answer.unwrap_or_default()
    }

    fn hover(&self, folder: &Folder, params: &lsp::HoverParams) -> Option<lsp::Hover> {
        let at = &params.text_document_position_params;
        let path = path_of(&at.text_document.uri)?;
        let text = &*self.documents.open.get(&path)?.text;
        let offset = Lines::new(text, self.documents.encoding).offset(at.position);
        let is_hcl = terraform::is_part(&path.to_string_lossy());
        let block = if is_hcl { terraform::block_at(text, offset) } else { None };
        let view = View::new(&self.documents);
        hover::hover(&folder.results, &view, &path, offset, block, self.client.markdown)
    }

    fn actions(&self, folder: &Folder, params: &lsp::CodeActionParams) -> Vec<lsp::CodeAction> {
        let wanted = |kind: &CodeActionKind| matches!(kind, CodeActionKind::QuickFix | CodeActionKind::Empty);
        if params.context.only.as_ref().is_some_and(|only| !only.iter().any(wanted)) || !self.client.actions {
            return Vec::new();
        }
        let Some(path) = path_of(&params.text_document.uri) else { return Vec::new() };
        let Some(document) = self.documents.open.get(&path) else { return Vec::new() };
        let bytes = Lines::new(&*document.text, self.documents.encoding).bytes(params.range);
        let view = View::new(&self.documents);
        let versioned = self.client.versioned_edits;
        // Looking for fixes takes longer than moving the cursor.
        let asked = params.context.trigger_kind == Some(CodeActionTriggerKind::Invoked);
        let fixes = match folder.request.as_ref().filter(|_| asked) {
            Some(request) => fixes::fixes(request, &self.documents, &path, &bytes),
            None => Vec::new(),
        };
        let mut out = actions::fixed(fixes, &folder.results, &view, versioned);
        out.extend(actions::actions(&folder.results, &view, &path, &bytes, versioned));
        out
    }

    /// Drops a request that the client takes back.
    pub(super) fn cancel(&mut self, id: &Id) -> io::Result<()> {
        let before = self.waiting.len();
        self.waiting.retain(|(waiting, ..)| waiting != id);
        match self.waiting.len() < before {
            true => self.refuse(id.clone(), error(CANCELLED, "the request was taken back")),
            false => Ok(()),
        }
    }

    /// Tells what the client does not know yet. Every version of an open file is answered, also when nothing is wrong.
    pub(super) fn publish(&mut self) -> io::Result<()> {
        let shown = self.folders.values().flat_map(|f| f.shown.keys());
        let paths: BTreeSet<PathBuf> =
            shown.chain(self.published.keys()).chain(self.documents.open.keys()).cloned().collect();
        for path in paths {
            let mut diagnostics: Vec<lsp::Diagnostic> = Vec::new();
            for diagnostic in self.folders.values().filter_map(|f| f.shown.get(&path)).flatten() {
                if !diagnostics.contains(diagnostic) {
                    diagnostics.push(diagnostic.clone());
                }
            }
            let version = self.documents.open.get(&path).map(|d| d.version);
            let folder = self.folder_of(&path).and_then(|f| self.folders.get(&f));
            // What is said about an older version is not true of this one; it is analysed next.
            if version.is_some() && folder.and_then(|f| f.analysed.get(&path).copied()) != version {
                continue;
            }
            let before = self.published.get(&path);
            let known = before.map_or(version.is_none() && diagnostics.is_empty(), |(v, told)| {
                *told == diagnostics && (version.is_none() || *v == version)
            });
            if known {
                continue;
            }
            let Some(uri) = self.documents.uri(&path) else { continue };
            self.tell(&uri, version, &diagnostics)?;
            match version.is_none() && diagnostics.is_empty() {
                true => self.published.remove(&path),
                false => self.published.insert(path, (version, diagnostics)),
            };
        }
        Ok(())
    }

    fn tell(&mut self, uri: &Uri, version: Option<i32>, diagnostics: &[lsp::Diagnostic]) -> io::Result<()> {
        let params =
            PublishDiagnosticsParams { uri: uri.clone(), version, diagnostics: diagnostics.to_vec() };
        self.notify("textDocument/publishDiagnostics", &params)
    }

    pub(super) fn answer(&mut self, id: Id, result: &Value) -> io::Result<()> {
        transport::write(self.output, &json!({"jsonrpc": "2.0", "id": id, "result": result}))
    }

    pub(super) fn refuse(&mut self, id: Id, error: Error) -> io::Result<()> {
        transport::write(self.output, &ResponseObject::from_error(id, error))
    }

    /// Writes into the log of the editor.
    pub(super) fn log(&mut self, kind: lsp::MessageType, message: &str) -> io::Result<()> {
        self.notify("window/logMessage", &json!({"type": kind, "message": message}))
    }

    /// Shows a message to the user.
    pub(super) fn show(&mut self, kind: lsp::MessageType, message: &str) -> io::Result<()> {
        self.notify("window/showMessage", &json!({"type": kind, "message": message}))
    }

    fn notify(&mut self, method: &str, params: &impl Serialize) -> io::Result<()> {
        transport::write(self.output, &json!({"jsonrpc": "2.0", "method": method, "params": params}))
    }
}
