//! What is open in the editor.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use gen_lsp_types::{TextDocumentContentChangeEvent as Change, Uri};
use url::Url;

use super::position::{Encoding, Lines};
use crate::fs::normalize;
use crate::fs::overlay::Texts;

/// A file that is open.
#[derive(Debug, Clone)]
pub(super) struct Document {
    /// As the client writes it.
    pub(super) uri: Uri,
    /// Counted by the client.
    pub(super) version: i32,
    /// What it holds now.
    pub(super) text: Arc<str>,
}

/// All files that are open, by path.
#[derive(Debug, Default)]
pub(super) struct Documents {
    pub(super) open: BTreeMap<PathBuf, Document>,
    pub(super) encoding: Encoding,
}

impl Documents {
    /// Changes a file, edit by edit; false when it is not open.
    pub(super) fn change(&mut self, path: &Path, version: i32, changes: Vec<Change>) -> bool {
        let Some(document) = self.open.get_mut(path) else { return false };
        document.version = version;
        let mut text = document.text.to_string();
        for change in changes {
            match change {
                Change::TextDocumentContentChangeWholeDocument(whole) => text = whole.text,
                Change::TextDocumentContentChangePartial(part) => {
                    let bytes = Lines::new(text.as_str(), self.encoding).bytes(part.range);
                    text.replace_range(bytes, &part.text);
                }
            }
        }
        document.text = text.into();
        true
    }

    /// The texts, to be laid over the disk.
    pub(super) fn texts(&self) -> Texts {
        self.open.iter().map(|(path, d)| (path.clone(), Arc::clone(&d.text))).collect()
    }

    /// The address of a file: of one that is open as the client writes it.
    pub(super) fn uri(&self, path: &Path) -> Option<Uri> {
        let open = self.open.get(path).map(|d| d.uri.clone());
        open.or_else(|| Some(Uri(Url::from_file_path(path).ok()?.into())))
    }
}

/// The file that an address is of. Others (`untitled:`, `git:`) are on no disk and in no configuration.
pub(super) fn path_of(uri: &Uri) -> Option<PathBuf> {
    let url = Url::parse(&uri.0).ok().filter(|url| url.scheme() == "file")?;
    Some(normalize(&url.to_file_path().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use gen_lsp_types::{Position, Range, TextDocumentContentChangePartial as Partial};

    #[cfg(unix)]
    #[test]
    fn addresses_and_paths() {
        for (uri, path) in [
            ("file:///a/b%20c/%C3%A9%F0%9F%94%91.tf", Some("/a/b c/é🔑.tf")),
            ("file:///a/é b.tf", Some("/a/é b.tf")),
            ("file:///a/../b/./c.tf", Some("/b/c.tf")),
            ("file:///a%2Fb.tf#L3", Some("/a/b.tf")),
            ("untitled:Untitled-1", None),
            ("a/b.tf", None),
            ("", None),
        ] {
            assert_eq!(path_of(&Uri(uri.to_owned())), path.map(PathBuf::from), "{uri}");
        }
        let documents = Documents::default();
        let uri = documents.uri(Path::new("/a/b c/é%#.tf")).unwrap();
        assert_eq!(uri.0, "file:///a/b%20c/%C3%A9%25%23.tf");
        assert_eq!(path_of(&uri).unwrap(), Path::new("/a/b c/é%#.tf"));
        assert_eq!(documents.uri(Path::new("relative")), None);
    }

    #[test]
    fn edits_are_laid_over_each_other() {
        let mut documents = Documents::default();
        let path = PathBuf::from("/a.tf");
        let document = Document { uri: Uri("x".into()), version: 1, text: "🔑ab\ncd".into() };
        documents.open.insert(path.clone(), document);
        let edit = |from: (u32, u32), to: (u32, u32), text: &str| {
            let at = |(line, character)| Position { line, character };
            let range = Range { start: at(from), end: at(to) };
            Change::from(Partial { range, text: text.into(), ..Partial::default() })
        };
        let edits = vec![edit((0, 2), (0, 3), "é"), edit((0, 4), (1, 1), ""), edit((9, 9), (0, 0), "!")];
        assert!(documents.change(&path, 2, edits));
        assert_eq!(&*documents.open[&path].text, "🔑ébd!");
        assert!(!documents.change(Path::new("/b.tf"), 2, Vec::new()));
    }
}
