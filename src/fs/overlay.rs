//! Files that are not on the disk yet, over those that are: what is open in an editor.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{FileSystem, FsError, Walked, normalize};

/// The texts that stand for files, by path.
pub type Texts = BTreeMap<PathBuf, Arc<str>>;

/// A file system in which some files have other texts. They may be new, also in directories that do not exist. The jail
/// is that of the file system below: a text at a path that leaves it counts for nothing.
#[derive(Clone)]
pub struct Overlay {
    under: Arc<dyn FileSystem>,
    texts: Arc<Texts>,
}

impl Overlay {
    /// These texts over a file system. Their paths are normalized.
    pub fn new(under: Arc<dyn FileSystem>, texts: Arc<Texts>) -> Self {
        Self { under, texts }
    }

    /// The text that stands for a file, when the file below may be read, or could be if it were there.
    fn text(&self, path: &Path) -> Option<&Arc<str>> {
        let path = normalize(path);
        let text = self.texts.get(&path)?;
        (self.under.is_file(&path) || self.may_be_new(&path)).then_some(text)
    }

    /// Whether nothing is there, in a directory that may be read, or in a new one below such a directory.
    fn may_be_new(&self, path: &Path) -> bool {
        let nothing = |path: &Path| matches!(self.under.bytes(path, 0), Err(FsError::NotFound(_)));
        let first = path.ancestors().skip(1).find(|dir| self.under.is_dir(dir) || !nothing(dir));
        nothing(path) && first.is_some_and(|dir| self.under.is_dir(dir))
    }

    /// The texts below a directory, by the rest of their paths.
    fn below(&self, dir: &Path) -> impl Iterator<Item = (PathBuf, &PathBuf)> {
        let dir = normalize(dir);
        self.texts.keys().filter_map(move |path| {
            let rest = match dir == Path::new(".") && path.is_relative() {
                true => path,
                false => path.strip_prefix(&dir).ok()?,
            };
            Some((rest.to_path_buf(), path))
        })
    }

    /// Names that are there below, and those that only texts make.
    fn with(
        &self,
        below: Result<Vec<String>, FsError>,
        own: impl Iterator<Item = String>,
    ) -> Result<Vec<String>, FsError> {
        let own: Vec<String> = own.collect();
        let mut names = match below {
            Err(FsError::NotFound(_)) if !own.is_empty() => Vec::new(),
            other => other?,
        };
        names.extend(own);
        names.sort();
        names.dedup();
        Ok(names)
    }
}

/// The name of the first of several components, or of the only one.
fn first(rest: &Path, only: bool) -> Option<String> {
    let mut parts = rest.components();
    let name = parts.next()?;
    (parts.next().is_none() == only).then(|| name.as_os_str().to_string_lossy().into_owned())
}

impl FileSystem for Overlay {
    fn bytes(&self, path: &Path, most: u64) -> Result<Vec<u8>, FsError> {
        match self.text(path) {
            Some(text) if text.len() as u64 > most => {
                Err(FsError::TooLarge(path.display().to_string(), most))
            }
            Some(text) => Ok(text.as_bytes().to_vec()),
            None => self.under.bytes(path, most),
        }
    }

    fn files(&self, dir: &Path) -> Result<Vec<String>, FsError> {
        let own = self.below(dir).filter(|(_, path)| self.text(path).is_some());
        self.with(self.under.files(dir), own.filter_map(|(rest, _)| first(&rest, true)))
    }

    fn dirs(&self, dir: &Path) -> Result<Vec<String>, FsError> {
        let own = self.below(dir).filter(|(_, path)| self.text(path).is_some());
        self.with(self.under.dirs(dir), own.filter_map(|(rest, _)| first(&rest, false)))
    }

    fn walk(&self, dir: &Path, wanted: &(dyn Fn(&str) -> bool + Sync)) -> Walked {
        let (mut files, problems) = self.under.walk(dir, wanted);
        let hidden = |rest: &Path| {
            let mut parts = rest.components().map(|c| c.as_os_str().to_string_lossy());
            parts.any(|name| name.starts_with('.') || name == "node_modules")
        };
        let name = |path: &Path| path.file_name().is_some_and(|n| wanted(&n.to_string_lossy()));
        // What is on the disk was met, or left out for a reason.
        let new = self.below(dir).filter(|(rest, path)| {
            name(path) && !hidden(rest) && !self.under.is_file(path) && self.text(path).is_some()
        });
        files.extend(new.map(|(rest, _)| super::strip_here(dir.join(rest))));
        files.sort();
        files.dedup();
        (files, problems)
    }

    fn is_dir(&self, path: &Path) -> bool {
        let new = || self.below(path).any(|(_, text)| self.text(text).is_some());
        self.under.is_dir(path) || !self.under.is_file(path) && new()
    }

    fn is_file(&self, path: &Path) -> bool {
        self.text(path).is_some() || self.under.is_file(path)
    }

    fn identity(&self, path: &Path) -> PathBuf {
        self.under.identity(path)
    }

    fn admit(&self, from: &Path, source: &Path) -> Result<Arc<dyn FileSystem>, FsError> {
        let under = self.under.admit(from, source)?;
        Ok(Arc::new(Self { under, texts: Arc::clone(&self.texts) }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fs::{MemFs, OsFs};

    fn over(under: impl FileSystem + 'static, texts: &[(&str, &str)]) -> Overlay {
        let texts = texts.iter().map(|(p, t)| (PathBuf::from(p), Arc::from(*t))).collect();
        Overlay::new(Arc::new(under), Arc::new(texts))
    }

    #[test]
    fn texts_stand_for_files_and_make_new_ones() {
        let under = MemFs::new().with("a/x.tf", "old").with("a/y.tf", "y").with("b/z.tf", "z");
        let fs = over(under, &[("a/x.tf", "new"), ("a/n.tf", "n"), ("c/d/e.tf", "e"), ("a/.h/f.tf", "f")]);
        let read = |path: &str| fs.read(Path::new(path)).ok();
        assert_eq!(read("a/x.tf").as_deref(), Some("new"));
        assert_eq!(read("./a/../a/y.tf").as_deref(), Some("y"));
        assert_eq!(read("c/d/e.tf").as_deref(), Some("e"));
        assert_eq!(fs.files(Path::new("a")).unwrap(), ["n.tf", "x.tf", "y.tf"]);
        assert_eq!(fs.dirs(Path::new(".")).unwrap(), ["a", "b", "c"]);
        assert_eq!(fs.dirs(Path::new("c")).unwrap(), ["d"]);
        assert!(
            fs.is_dir(Path::new("c/d")) && fs.is_file(Path::new("c/d/e.tf")) && !fs.is_dir(Path::new("q"))
        );
        let (files, _) = fs.walk(Path::new("."), &|name| name.ends_with(".tf"));
        let files: Vec<_> = files.iter().map(|p| p.to_str().unwrap()).collect();
        assert_eq!(files, ["a/n.tf", "a/x.tf", "a/y.tf", "b/z.tf", "c/d/e.tf"]);
        assert!(matches!(fs.bytes(Path::new("a/x.tf"), 2), Err(FsError::TooLarge(..))));
    }

    #[cfg(unix)]
    #[test]
    fn the_jail_holds_for_texts() {
        let scratch = tempfile::tempdir().unwrap();
        let root = scratch.path().canonicalize().unwrap();
        let inside = root.join("in");
        std::fs::create_dir(&inside).unwrap();
        std::fs::write(root.join("out.tf"), "out").unwrap();
        std::os::unix::fs::symlink(root.join("out.tf"), inside.join("link.tf")).unwrap();
        std::os::unix::fs::symlink(&root, inside.join("up")).unwrap();
        let (out, link, new) = (root.join("out.tf"), inside.join("link.tf"), inside.join("n/new.tf"));
        let through = inside.join("up/new.tf");
        let texts: Vec<(&str, &str)> =
            [&out, &link, &new, &through].into_iter().map(|p| (p.to_str().unwrap(), "text")).collect();
        let fs = over(OsFs::new([inside.clone()]), &texts);
        assert!(matches!(fs.read(&out), Err(FsError::Outside(_))));
        assert!(matches!(fs.read(&link), Err(FsError::Outside(_))));
        assert!(fs.read(&through).is_err());
        assert_eq!(fs.read(&new).unwrap(), "text");
        assert!(fs.is_dir(&inside.join("n")));
    }
}
