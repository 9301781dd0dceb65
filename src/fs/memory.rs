//! Texts that are in memory: instead of a disk, or of some of its files.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{FileSystem, FsError, Walked, normalize};

/// Another file system, some of whose files have other texts, under every name that leads to them.
#[derive(Clone)]
pub struct Patched {
    base: Arc<dyn FileSystem>,
    /// The texts, by the identity of the file.
    texts: Arc<BTreeMap<PathBuf, Arc<str>>>,
}

impl Patched {
    /// Files of `base` with these texts, by any path of theirs.
    pub fn new<'t>(
        base: Arc<dyn FileSystem>,
        texts: impl IntoIterator<Item = (&'t Path, &'t Arc<str>)>,
    ) -> Self {
        let texts = texts.into_iter().map(|(path, text)| (base.identity(path), Arc::clone(text))).collect();
        Self { base, texts: Arc::new(texts) }
    }
}

impl FileSystem for Patched {
    fn bytes(&self, path: &Path, most: u64) -> Result<Vec<u8>, FsError> {
        match self.texts.get(&self.base.identity(path)) {
            Some(text) if text.len() as u64 > most => {
                Err(FsError::TooLarge(path.display().to_string(), most))
            }
            Some(text) => Ok(text.as_bytes().to_vec()),
            None => self.base.bytes(path, most),
        }
    }

    fn files(&self, dir: &Path) -> Result<Vec<String>, FsError> {
        self.base.files(dir)
    }

    fn dirs(&self, dir: &Path) -> Result<Vec<String>, FsError> {
        self.base.dirs(dir)
    }

    fn walk(&self, dir: &Path, wanted: &(dyn Fn(&str) -> bool + Sync)) -> Walked {
        self.base.walk(dir, wanted)
    }

    fn is_dir(&self, path: &Path) -> bool {
        self.base.is_dir(path)
    }

    fn is_file(&self, path: &Path) -> bool {
        self.base.is_file(path)
    }

    fn identity(&self, path: &Path) -> PathBuf {
        self.base.identity(path)
    }

    fn admit(&self, from: &Path, source: &Path) -> Result<Arc<dyn FileSystem>, FsError> {
        let base = self.base.admit(from, source)?;
        Ok(Arc::new(Self { base, texts: Arc::clone(&self.texts) }))
    }
}

/// Files in memory, for tests and for the examples of rule pages. Everything that is not in it does not exist.
#[derive(Debug, Default, Clone)]
pub struct MemFs {
    files: BTreeMap<PathBuf, Vec<u8>>,
}

impl MemFs {
    /// An empty file system.
    pub fn new() -> Self {
        Self::default()
    }

    /// With one more file.
    pub fn with(mut self, path: impl Into<PathBuf>, text: impl Into<Vec<u8>>) -> Self {
        self.files.insert(normalize(&path.into()), text.into());
        self
    }

    /// All paths.
    pub fn paths(&self) -> impl Iterator<Item = &Path> {
        self.files.keys().map(PathBuf::as_path)
    }
}

impl FileSystem for MemFs {
    fn bytes(&self, path: &Path, _: u64) -> Result<Vec<u8>, FsError> {
        self.files.get(&normalize(path)).cloned().ok_or_else(|| FsError::NotFound(path.display().to_string()))
    }

    fn files(&self, dir: &Path) -> Result<Vec<String>, FsError> {
        let dir = self.identity(dir);
        let names: Vec<String> = self
            .files
            .keys()
            .filter(|p| self.identity(p.parent().unwrap_or(Path::new("."))) == dir)
            .filter_map(|p| p.file_name().map(|n| n.to_string_lossy().into_owned()))
            .collect();
        if names.is_empty() && !self.is_dir(&dir) {
            return Err(FsError::NotFound(dir.display().to_string()));
        }
        Ok(names)
    }

    fn dirs(&self, dir: &Path) -> Result<Vec<String>, FsError> {
        let dir = self.identity(dir);
        let below = |p: &Path| match dir == Path::new(".") {
            true => Some(p.to_owned()),
            false => p.strip_prefix(&dir).map(Path::to_owned).ok(),
        };
        let first = |p: PathBuf| {
            let mut parts = p.components();
            let name = parts.next()?.as_os_str().to_string_lossy().into_owned();
            parts.next().map(|_| name)
        };
        let names: std::collections::BTreeSet<String> =
            self.files.keys().filter_map(|p| below(p)).filter_map(first).collect();
        Ok(names.into_iter().collect())
    }

    fn walk(&self, dir: &Path, wanted: &(dyn Fn(&str) -> bool + Sync)) -> Walked {
        let dir = self.identity(dir);
        let below = |p: &&PathBuf| dir == Path::new(".") || p.starts_with(&dir);
        let name = |p: &&PathBuf| p.file_name().is_some_and(|n| wanted(&n.to_string_lossy()));
        (self.files.keys().filter(below).filter(name).cloned().collect(), Vec::new())
    }

    fn is_dir(&self, path: &Path) -> bool {
        let dir = self.identity(path);
        dir == Path::new(".") || self.files.keys().any(|p| p.starts_with(&dir) && *p != dir)
    }

    fn is_file(&self, path: &Path) -> bool {
        self.files.contains_key(&normalize(path))
    }

    fn identity(&self, path: &Path) -> PathBuf {
        normalize(path)
    }

    fn admit(&self, from: &Path, source: &Path) -> Result<Arc<dyn FileSystem>, FsError> {
        let dir = normalize(&from.join(source));
        if self.is_dir(&dir) {
            Ok(Arc::new(self.clone()))
        } else {
            Err(FsError::NotFound(dir.display().to_string()))
        }
    }
}
