//! What the editor at the other end can do.

use std::path::PathBuf;

use gen_lsp_types::Uri;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::documents::path_of;
use super::position::Encoding;

/// What a client says of itself when it starts. Of what is missing or wrong the least is taken.
#[derive(Debug, Default)]
pub(super) struct Client {
    /// What it counts in a line.
    pub(super) encoding: Encoding,
    /// It shows Markdown.
    pub(super) markdown: bool,
    /// It takes code actions that are edits.
    pub(super) actions: bool,
    /// It takes edits of certain versions of files.
    pub(super) versioned_edits: bool,
    /// It tells which files changed when it is asked to.
    pub(super) watches: bool,
    /// The folders it has open.
    pub(super) folders: Vec<PathBuf>,
}

impl Client {
    /// Reads the parameters of `initialize`.
    pub(super) fn of(params: &Value) -> Self {
        fn get<T: DeserializeOwned>(params: &Value, pointer: &str) -> Option<T> {
            params.pointer(pointer).and_then(|value| T::deserialize(value).ok())
        }
        let yes = |pointer: &str| get::<bool>(params, pointer).unwrap_or(false);
        let kinds: Vec<String> =
            get(params, "/capabilities/textDocument/hover/contentFormat").unwrap_or_default();
        let root = || {
            let uri = get::<Uri>(params, "/rootUri").and_then(|uri| path_of(&uri));
            uri.or_else(|| get::<PathBuf>(params, "/rootPath").filter(|p| p.is_absolute()))
        };
        let folders: Option<Vec<Value>> = get(params, "/workspaceFolders");
        Self {
            encoding: Encoding::choose(
                &get::<Vec<_>>(params, "/capabilities/general/positionEncodings").unwrap_or_default(),
            ),
            markdown: kinds.first().is_some_and(|kind| kind == "markdown"),
            actions: params
                .pointer("/capabilities/textDocument/codeAction/codeActionLiteralSupport")
                .is_some(),
            versioned_edits: yes("/capabilities/workspace/workspaceEdit/documentChanges"),
            watches: yes("/capabilities/workspace/didChangeWatchedFiles/dynamicRegistration"),
            folders: match folders {
                Some(folders) => folders.iter().filter_map(folder).collect(),
                None => root().into_iter().collect(),
            },
        }
    }
}

/// The path of a workspace folder.
pub(super) fn folder(folder: &Value) -> Option<PathBuf> {
    path_of(&Uri(folder.get("uri")?.as_str()?.to_owned()))
}
