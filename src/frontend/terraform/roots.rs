//! Which directories are root modules.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rayon::prelude::*;

use super::load::Loader;
use super::needed::Edges;
use super::survey::Survey;
use crate::fs::{FileSystem, normalize};

/// Which of some directories call which as local modules.
pub struct Calls<'d> {
    fs: Arc<dyn FileSystem>,
    /// The directories by the one name for all their spellings.
    by_id: BTreeMap<PathBuf, &'d PathBuf>,
    /// What each of them calls.
    pub(crate) calls: Edges,
    callers: Edges,
    roots: BTreeSet<PathBuf>,
}

impl<'d> Calls<'d> {
    /// Reads what calls what among `dirs`.
    pub(crate) fn new(loader: &Loader<'_>, fs: &Arc<dyn FileSystem>, dirs: &'d [PathBuf]) -> Self {
        // Here is where most files are read.
        let read = |dir: &'d PathBuf| (fs.identity(dir), dir, called(loader, fs, dir));
        let read: Vec<(PathBuf, &PathBuf, BTreeSet<PathBuf>)> = dirs.par_iter().map(read).collect();
        let by_id: BTreeMap<PathBuf, &PathBuf> =
            read.iter().rev().map(|(id, dir, _)| (id.clone(), *dir)).collect();
        let (mut calls, mut callers) = (Edges::new(), Edges::new());
        for (id, _, mut targets) in read {
            targets.retain(|t| *t != id && by_id.contains_key(t));
            for target in &targets {
                callers.entry(target.clone()).or_default().insert(id.clone());
            }
            calls.insert(id, targets);
        }
        let roots = roots(&calls, &callers);
        Self { fs: Arc::clone(fs), by_id, calls, callers, roots }
    }

    /// The directories that no other one calls; of circles the first.
    pub fn roots(&self) -> Vec<PathBuf> {
        self.shown(&self.roots)
    }

    /// Those of the roots that are `dir`, or call it, through others or not. Of a directory that is no module itself
    /// (`policies/`) the next one above that is a module counts.
    pub fn roots_of(&self, dir: &Path) -> Vec<PathBuf> {
        let id = self.fs.identity(dir);
        let mut above = id.ancestors().map(|a| if a.as_os_str().is_empty() { Path::new(".") } else { a });
        let Some(module) = above.find(|a| self.by_id.contains_key(*a)) else { return Vec::new() };
        let mut reached = BTreeSet::new();
        reach(module, &self.callers, &mut reached);
        self.shown(self.roots.iter().filter(|r| reached.contains(r.as_path())))
    }

    fn shown<'i>(&self, ids: impl IntoIterator<Item = &'i PathBuf>) -> Vec<PathBuf> {
        let dirs = ids.into_iter().filter_map(|id| self.by_id.get(id));
        let mut out: Vec<PathBuf> = dirs.map(|&d| d.clone()).collect();
        out.sort();
        out
    }
}

fn roots(calls: &Edges, callers: &Edges) -> BTreeSet<PathBuf> {
    let mut roots: BTreeSet<&Path> =
        calls.keys().filter(|id| !callers.contains_key(*id)).map(PathBuf::as_path).collect();
    let mut reached = BTreeSet::new();
    roots.iter().for_each(|r| reach(r, calls, &mut reached));
    for id in calls.keys() {
        if !reached.contains(id.as_path()) {
            roots.insert(id);
            reach(id, calls, &mut reached);
        }
    }
    roots.into_iter().map(Path::to_path_buf).collect()
}

fn reach<'c>(from: &'c Path, edges: &'c Edges, reached: &mut BTreeSet<&'c Path>) {
    let mut todo = vec![from];
    while let Some(at) = todo.pop() {
        if reached.insert(at) {
            todo.extend(edges.get(at).into_iter().flatten().map(PathBuf::as_path));
        }
    }
}

/// The local directories that a directory calls as modules.
fn called(loader: &Loader<'_>, fs: &Arc<dyn FileSystem>, dir: &Path) -> BTreeSet<PathBuf> {
    let sources = match &*loader.survey(&**fs, dir) {
        Survey::Plain { calls, .. } => calls.clone(),
        Survey::Rich => {
            let loaded = loader.dir(&**fs, dir);
            let modules = loaded.blocks.values().filter(|d| d.kind == "module");
            let sources = modules.filter_map(|d| d.body().0.argument("source")?.expr.word()).collect();
            loader.looked_at(&**fs, dir, &loaded);
            sources
        }
    };
    sources
        .iter()
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

    fn graph<T>(files: &[(&str, &str)], dirs: &[&str], ask: impl Fn(&Calls<'_>) -> T) -> T {
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
        ask(&Calls::new(&Loader::new(&sources), &fs, &dirs))
    }

    fn shown(found: Vec<PathBuf>) -> Vec<String> {
        found.iter().map(|p| p.to_string_lossy().into_owned()).collect()
    }

    fn roots(files: &[(&str, &str)], dirs: &[&str]) -> Vec<String> {
        graph(files, dirs, |calls| shown(calls.roots()))
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

    #[test]
    fn a_directory_belongs_to_its_callers() {
        let files = [("a", "../m"), ("b", "../m ../n"), ("c", ""), ("m", "../n"), ("n", ""), ("x/y", "")];
        let dirs = ["a", "b", "c", "m", "n", "x/y"];
        graph(&files, &dirs, |calls| {
            let of = |dir: &str| shown(calls.roots_of(Path::new(dir)));
            assert_eq!(of("m"), ["a", "b"]);
            assert_eq!(of("n/policies/deep"), ["a", "b"]);
            assert_eq!(of("c"), ["c"]);
            assert_eq!(of("x/y/z"), ["x/y"]);
            assert_eq!(of("x"), [""; 0]);
        });
        let circle = [("a", "../b"), ("b", "../a")];
        graph(&circle, &["a", "b"], |calls| assert_eq!(shown(calls.roots_of(Path::new("b"))), ["a"]));
    }
}
