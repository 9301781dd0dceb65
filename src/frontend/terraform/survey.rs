//! What the texts of a directory tell before they are indexed. Most directories of a repository declare nothing about
//! principals and lead nowhere that does: of those only this is kept.

use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};

use memchr::memmem;

use super::index::{self, RawBlock};
use super::load::Loader;
use super::resources;
use crate::fs::{FileSystem, normalize};
use crate::limits;

/// A directory, as far as it is known without an index of its blocks.
#[derive(Debug)]
pub(crate) enum Survey {
    /// Nothing in it is about principals, and nothing is wrong with it.
    Plain {
        /// Its files, as they are shown.
        files: Vec<PathBuf>,
        /// The local directories that it calls as modules, as they are written.
        calls: Vec<String>,
    },
    /// It has to be read.
    Rich,
}

/// What a text calls as modules, when there is nothing else in it to look at: no resource that bears on principals, no
/// suppression, no mistake, and no module of which it takes more than a look to tell what it is.
pub(super) fn plain(path: &Path, text: &str) -> Option<Vec<String>> {
    if path.extension().is_some_and(|e| e == "json") || memmem::find(text.as_bytes(), b"mfaguard").is_some() {
        return None;
    }
    let scan = index::scan(text);
    if !scan.lost.is_empty() || scan.blocks.iter().any(bears) {
        return None;
    }
    let modules = scan.blocks.iter().filter(|b| b.kind == "module");
    modules.map(|b| local_source(text, b)).collect()
}

fn bears(block: &RawBlock<'_>) -> bool {
    let kind = block.labels.first().copied().unwrap_or_default();
    block.kind == "resource" && (resources::find(kind).is_some() || resources::elsewhere(kind).is_some())
}

/// The `source` of a module call that is a local directory, and nothing but literal.
fn local_source(text: &str, block: &RawBlock<'_>) -> Option<String> {
    let mut from = block.header.end + 1;
    while let Some(start) = index::next_item(text, from).filter(|start| *start < block.span.end) {
        from = index::item_end(text, start);
        let value = text.get(start..from)?.strip_prefix("source").map(str::trim_start);
        if let Some(value) = value.and_then(|v| v.strip_prefix('=')) {
            let literal = value.trim_start().strip_prefix('"')?.split_once('"')?.0;
            let is_plain = !literal.contains(['\\', '$', '%', '\n']);
            return Some(literal).filter(|s| is_plain && is_local(Path::new(s))).map(str::to_owned);
        }
    }
    None
}

/// True for a module that lies beside its caller: its address begins with a dot.
pub(crate) fn is_local(source: &Path) -> bool {
    matches!(source.components().next(), Some(Component::CurDir | Component::ParentDir))
}

/// Whether a directory, or a local module that it calls, directly or through others, has to be read. So has one that
/// calls itself: that is a mistake.
pub(crate) fn may_bear(loader: &Loader<'_>, fs: &dyn FileSystem, dir: &Path) -> bool {
    bears_below(loader, fs, normalize(dir), &mut Vec::new(), &mut BTreeSet::new())
}

fn bears_below(
    loader: &Loader<'_>,
    fs: &dyn FileSystem,
    dir: PathBuf,
    callers: &mut Vec<PathBuf>,
    done: &mut BTreeSet<PathBuf>,
) -> bool {
    if done.contains(&dir) {
        return false;
    }
    if callers.contains(&dir) || callers.len() > limits::MODULE_DEPTH {
        return true;
    }
    let survey = loader.survey(fs, &dir);
    let Survey::Plain { calls, .. } = &*survey else { return true };
    callers.push(dir.clone());
    let bears = calls.iter().any(|call| bears_below(loader, fs, normalize(&dir.join(call)), callers, done));
    callers.pop();
    done.insert(dir);
    bears
}

#[cfg(test)]
mod tests {
    use super::*;

    fn calls(text: &str) -> Option<Vec<String>> {
        plain(Path::new("main.tf"), text)
    }

    #[test]
    fn only_what_is_certain_is_plain() {
        let nothing =
            "variable \"a\" {\n  default = \"module\"\n}\ndata \"aws_iam_policy_document\" \"a\" {}\n";
        assert_eq!(calls(nothing), Some(Vec::new()));
        let call = |source: &str| {
            format!("module \"m\" {{\n  for_each = {{ source = \"../x\" }}\n  {source}\n  a = 1\n}}\n")
        };
        for (source, is) in [
            ("source = \"../m\" # where", Some("../m")),
            ("source=\"./m\"", Some("./m")),
            ("source = \"\"", None),
            ("source = \"${path.module}/m\"", None),
            ("source = \"..\\u002fm\"", None),
            ("source = \"m\"", None),
            ("source = \"/m\"", None),
            ("source = var.m", None),
            ("sources = \"../m\"", None),
            ("source \"../m\" {}", None),
            ("", None),
        ] {
            assert_eq!(calls(&call(source)), is.map(|s| vec![s.to_owned()]), "{source}");
        }
        let rich = [
            "resource \"aws_iam_user\" \"a\" {}\n",
            "resource aws_iam_group a {}\n",
            "resource \"aws_ssoadmin_permission_set\" \"a\" {}\n",
            "# mfaguard: ignore[MFA001] nobody is here\n",
            "a = 1\n",
            "resource \"x\" \"a\" {\n",
        ];
        for text in rich {
            assert_eq!(calls(text), None, "{text}");
        }
        assert_eq!(plain(Path::new("main.tf.json"), "{}"), None);
    }
}
