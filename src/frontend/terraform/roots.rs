//! Which directories are root modules.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::discover::Loader;
use crate::fs::{FileSystem, normalize};

/// The directories that no other one calls; of circles the first.
pub(crate) fn find(loader: &Loader<'_>, fs: &Arc<dyn FileSystem>, dirs: &[PathBuf]) -> Vec<PathBuf> {
    let by_id: BTreeMap<PathBuf, &PathBuf> = dirs.iter().rev().map(|d| (fs.identity(d), d)).collect();
    let mut calls: BTreeMap<&Path, BTreeSet<PathBuf>> = BTreeMap::new();
    for (id, dir) in &by_id {
        let mut targets = called(loader, fs, dir);
        targets.remove(id);
        targets.retain(|t| by_id.contains_key(t));
        calls.insert(id, targets);
    }
    let all_called: BTreeSet<&PathBuf> = calls.values().flatten().collect();
    let mut roots: BTreeSet<&Path> =
        by_id.keys().filter(|id| !all_called.contains(id)).map(PathBuf::as_path).collect();
    let mut reached = BTreeSet::new();
    roots.iter().for_each(|r| reach(r, &calls, &mut reached));
    for id in by_id.keys() {
        if !reached.contains(id.as_path()) {
            roots.insert(id);
            reach(id, &calls, &mut reached);
        }
    }
    let mut out: Vec<PathBuf> = roots.iter().filter_map(|id| by_id.get(*id)).map(|&d| d.clone()).collect();
    out.sort();
    out
}

fn reach<'c>(
    from: &'c Path,
    calls: &'c BTreeMap<&Path, BTreeSet<PathBuf>>,
    reached: &mut BTreeSet<&'c Path>,
) {
    let mut todo = vec![from];
    while let Some(at) = todo.pop() {
        if reached.insert(at) {
            todo.extend(calls.get(at).into_iter().flatten().map(PathBuf::as_path));
        }
    }
}

/// The local directories that a directory calls as modules.
fn called(loader: &Loader<'_>, fs: &Arc<dyn FileSystem>, dir: &Path) -> BTreeSet<PathBuf> {
    let loaded = loader.dir(&**fs, dir);
    let modules = loaded.blocks.values().filter(|d| d.kind == "module");
    let sources = modules.filter_map(|d| d.body().0.argument("source")?.expr.word());
    sources
        .filter(|s| Path::new(s).is_relative())
        .map(|s| normalize(&dir.join(s)))
        .filter(|p| fs.is_dir(p))
        .map(|p| fs.identity(&p))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fs::MemFs;
    use crate::source::SourceMap;

    fn roots(files: &[(&str, &str)], dirs: &[&str]) -> Vec<String> {
        let fs: Arc<dyn FileSystem> = Arc::new(files.iter().fold(MemFs::new(), |fs, (d, s)| {
            let calls: Vec<String> = s
                .split_whitespace()
                .enumerate()
                .map(|(i, s)| format!("module \"m{i}\" {{\n source = \"{s}\"\n}}\n"))
                .collect();
            fs.with(format!("{d}/main.tf"), calls.concat())
        }));
        let sources = SourceMap::new();
        let dirs: Vec<PathBuf> = dirs.iter().map(PathBuf::from).collect();
        let found = find(&Loader::new(&sources), &fs, &dirs);
        found.iter().map(|p| p.to_string_lossy().into_owned()).collect()
    }

    #[test]
    fn called_directories_are_left_to_their_callers() {
        let files =
            [("a", "../m ./sub terraform-aws-modules/iam/aws"), ("m", ""), ("a/sub", "../../m"), ("b", "")];
        assert_eq!(roots(&files, &["a", "a/sub", "b", "m"]), ["a", "b"]);
        assert_eq!(roots(&files, &["m"]), ["m"]);
    }

    #[test]
    fn circles_are_analysed_once() {
        let files = [("a", "../b"), ("b", "../a"), ("c", "."), ("d", "../e"), ("e", "../f"), ("f", "../e")];
        assert_eq!(roots(&files, &["a", "b", "c", "d", "e", "f"]), ["a", "c", "d"]);
    }
}
