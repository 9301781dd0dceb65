//! The only place that touches the disk, jailed to the directories that are analysed.
//!
//! Terraform's `file()`, `templatefile()` and module sources, and CloudFormation's local `TemplateURL`, read
//! through this. A path that leaves the jail, also through a symbolic link, is refused and nothing of it is read.

mod leave_out;
mod memory;
pub mod overlay;
mod write;

use std::cmp::Ordering;
use std::collections::HashMap;
use std::fs::Metadata;
use std::io::Read as _;
use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use rayon::prelude::*;

use crate::diagnostic::{Code, Diagnostic, Level};
use crate::limits;

pub(crate) use leave_out::is_modest;
pub use memory::{MemFs, Patched};
pub use write::{create, open, replace, rewrite, save, save_dir};

/// Why a file could not be had.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FsError {
    /// It does not exist.
    #[error("`{0}` does not exist")]
    NotFound(String),
    /// It is outside the directories that are analysed.
    #[error("`{0}` is outside the directory that is analysed and was not read")]
    Outside(String),
    /// It is larger than so many bytes.
    #[error("`{0}` is larger than {max} MiB and was not read", max = .1 >> 20)]
    TooLarge(String, u64),
    /// It is not UTF-8 text.
    #[error("`{0}` is not UTF-8 text")]
    NotUtf8(String),
    /// It is a zip archive, as the plans are that Terraform saves.
    #[error(
        "`{0}` is binary; if it is a saved plan, run `terraform show -json {0} > plan.json` and check `plan.json`"
    )]
    Archive(String),
    /// It is not a regular file (a directory, a pipe, a device).
    #[error("`{0}` is not a regular file")]
    NotAFile(String),
    /// A symbolic link leads back to a directory above it.
    #[error("`{0}` is a symbolic link that leads back to `{1}`; it was not followed")]
    LinkLoop(String, String),
    /// It says what is to be left out, and cannot be taken.
    #[error("`{0}` was not read, so that nothing below it is left out: {1}")]
    NotLeftOut(String, String),
    /// The system refuses.
    #[error("`{0}` cannot be read: {1}")]
    Io(String, String),
}

impl FsError {
    /// The problem with a path.
    pub fn problem(&self, path: &Path, level: Level) -> Diagnostic {
        let code = match self {
            Self::NotFound(_) => Code::NoSuchPath,
            Self::Outside(_) => Code::OutsideRoot,
            Self::TooLarge(..) => Code::TooLarge,
            Self::NotUtf8(_) => Code::NotUtf8,
            Self::Archive(_) => Code::BadVersion,
            Self::LinkLoop(..) => Code::LinkLoop,
            Self::NotAFile(_) | Self::NotLeftOut(..) | Self::Io(..) => Code::Unreadable,
        };
        Diagnostic::path(code, level, path.display().to_string(), self.to_string())
    }
}

/// A file system as the frontends see it. Paths are as given by the user or joined from such; `..` is taken
/// lexically, as Terraform does.
pub trait FileSystem: Send + Sync {
    /// What is in a file of at most so many bytes.
    fn bytes(&self, path: &Path, most: u64) -> Result<Vec<u8>, FsError>;

    /// The text of a file of at most so many bytes.
    fn read_up_to(&self, path: &Path, most: u64) -> Result<String, FsError> {
        text(self.bytes(path, most)?, path)
    }

    /// The text of a file of at most [`limits::FILE_BYTES`].
    fn read(&self, path: &Path) -> Result<String, FsError> {
        self.read_up_to(path, limits::FILE_BYTES)
    }

    /// The texts of files of a directory, by their names, each as [`FileSystem::read`] gives it.
    fn read_in(&self, dir: &Path, names: &[&str]) -> Vec<Result<String, FsError>> {
        names.iter().map(|name| self.read(&dir.join(name))).collect()
    }

    /// Names of the entries of a directory that are files or links to files, sorted.
    fn files(&self, dir: &Path) -> Result<Vec<String>, FsError>;

    /// Names of the entries of a directory that are directories or links to directories, sorted.
    fn dirs(&self, dir: &Path) -> Result<Vec<String>, FsError>;

    /// All files below `dir` whose name `wanted` accepts, sorted, and what could not be looked at. Hidden files,
    /// what `.gitignore` excludes and `node_modules` are left out; symbolic links are followed, so that a file may
    /// be met under several names; a link that leads back to a directory above it is a problem.
    fn walk(&self, dir: &Path, wanted: &(dyn Fn(&str) -> bool + Sync)) -> Walked;

    /// True when `path` is a directory inside the jail.
    fn is_dir(&self, path: &Path) -> bool;

    /// True when `path` is a file inside the jail.
    fn is_file(&self, path: &Path) -> bool;

    /// One name for all spellings of a directory, to tell whether two paths are the same place.
    fn identity(&self, path: &Path) -> PathBuf;

    /// The same file system with `dir` in the jail as well: for the directory of a local module, which is part
    /// of the configuration also when its source climbs out (`source = "../.."`) of a directory that is no work
    /// tree of git. `from` is the directory of the call, `source` the path it gives. Refused when it leaves a work
    /// tree, and when an absolute path or a symbolic link, and not `..`, leads out.
    fn admit(&self, from: &Path, source: &Path) -> Result<Arc<dyn FileSystem>, FsError>;
}

/// The bytes of a file as a text.
fn text(bytes: Vec<u8>, path: &Path) -> Result<String, FsError> {
    let shown = || path.display().to_string();
    String::from_utf8(bytes).map_err(|e| match e.as_bytes().starts_with(b"PK\x03\x04") {
        true => FsError::Archive(shown()),
        false => FsError::NotUtf8(shown()),
    })
}

/// Takes `.` and `..` out of a path without asking the disk. `..` at the start stays.
pub fn normalize(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for c in path.components() {
        match c {
            Component::CurDir => {}
            Component::ParentDir => match out.components().next_back() {
                Some(Component::Normal(_)) => {
                    out.pop();
                }
                Some(Component::RootDir | Component::Prefix(_)) => {}
                Some(Component::ParentDir | Component::CurDir) | None => out.push(".."),
            },
            Component::Normal(_) | Component::RootDir | Component::Prefix(_) => out.push(c),
        }
    }
    if out.as_os_str().is_empty() { PathBuf::from(".") } else { out }
}

/// The order of two paths, name by name, as that of `Path` for paths without `.` and `//`, in less time.
pub fn by_name(a: &Path, b: &Path) -> Ordering {
    let (a, b) = (a.as_os_str().as_encoded_bytes(), b.as_os_str().as_encoded_bytes());
    // What ends a name comes before everything that goes on with it.
    let key = |byte: Option<&u8>| match byte {
        None => 0,
        Some(b'/') => 1,
        Some(&byte) => u16::from(byte) + 2,
    };
    match a.iter().zip(b).position(|(a, b)| a != b) {
        Some(at) => key(a.get(at)).cmp(&key(b.get(at))),
        None => a.len().cmp(&b.len()),
    }
}

/// The disk, jailed to a set of directories.
#[derive(Debug, Clone, Default)]
pub struct OsFs {
    roots: Vec<PathBuf>,
    /// Where directories really are: what most of reading many small files would cost otherwise.
    real: Arc<RwLock<HashMap<PathBuf, PathBuf>>>,
}

impl OsFs {
    /// A jail of the projects that hold `paths`: for each path its git work tree when it is in one, otherwise the
    /// path itself (for a file, its directory).
    pub fn for_paths<'a>(paths: impl IntoIterator<Item = &'a Path>) -> Self {
        let mut roots: Vec<PathBuf> = paths.into_iter().filter_map(project_root).collect();
        roots.sort();
        roots.dedup();
        Self { roots, ..Self::default() }
    }

    /// A jail of exactly these directories.
    pub fn new(roots: impl IntoIterator<Item = PathBuf>) -> Self {
        Self { roots: roots.into_iter().filter_map(|r| r.canonicalize().ok()).collect(), ..Self::default() }
    }

    /// Names of the entries of a directory that `wanted` accepts, sorted.
    fn entries(
        &self,
        dir: &Path,
        wanted: impl Fn(&std::fs::DirEntry, std::fs::FileType) -> bool,
    ) -> Result<Vec<String>, FsError> {
        let (real, _) = self.enter(dir)?;
        let io = |e: std::io::Error| FsError::Io(dir.display().to_string(), e.to_string());
        let mut names = Vec::new();
        for entry in std::fs::read_dir(&real).map_err(io)? {
            let entry = entry.map_err(io)?;
            if wanted(&entry, entry.file_type().map_err(io)?) {
                names.push(entry.file_name().to_string_lossy().into_owned());
            }
        }
        names.sort();
        Ok(names)
    }

    /// Where a path leads, when that is inside, and what is known of that.
    fn enter(&self, path: &Path) -> Result<(PathBuf, Option<Metadata>), FsError> {
        let shown = || path.display().to_string();
        let (real, known) = self.real(&normalize(path)).map_err(|e| match e.kind() {
            // Whether something outside exists is nothing to tell, but without a target nobody can say where it is.
            std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory => FsError::NotFound(shown()),
            _ => FsError::Io(shown(), e.to_string()),
        })?;
        match self.roots.iter().any(|r| real.starts_with(r)) {
            true => Ok((real, known)),
            false => Err(FsError::Outside(shown())),
        }
    }

    /// Where a path leads. What lies in a directory and is no link is below where the directory is.
    fn real(&self, path: &Path) -> std::io::Result<(PathBuf, Option<Metadata>)> {
        let (Some(dir), Some(name)) = (path.parent(), path.file_name()) else {
            return Ok((path.canonicalize()?, None));
        };
        let dir = if dir.as_os_str().is_empty() { Path::new(".") } else { dir };
        let known = self.real.read().unwrap_or_else(PoisonError::into_inner).get(dir).cloned();
        let dir = match known {
            Some(real) => real,
            None => {
                let real = dir.canonicalize()?;
                let mut all = self.real.write().unwrap_or_else(PoisonError::into_inner);
                all.insert(dir.to_path_buf(), real.clone());
                real
            }
        };
        let real = dir.join(name);
        let known = real.symlink_metadata()?;
        if known.is_symlink() { Ok((real.canonicalize()?, None)) } else { Ok((real, Some(known))) }
    }
}

/// What is in the file at `real`, which people know as `path`.
fn content(real: &Path, meta: std::io::Result<Metadata>, path: &Path, most: u64) -> Result<Vec<u8>, FsError> {
    let shown = || path.display().to_string();
    let io = |e: std::io::Error| FsError::Io(shown(), e.to_string());
    let meta = meta.map_err(io)?;
    if !meta.is_file() {
        return Err(FsError::NotAFile(shown()));
    }
    if meta.len() > most {
        return Err(FsError::TooLarge(shown(), most));
    }
    let mut bytes = Vec::with_capacity(meta.len() as usize + 1);
    let file = std::fs::File::open(real).map_err(io)?;
    file.take(most + 1).read_to_end(&mut bytes).map_err(io)?;
    match bytes.len() as u64 > most {
        true => Err(FsError::TooLarge(shown(), most)),
        false => Ok(bytes),
    }
}

fn project_root(path: &Path) -> Option<PathBuf> {
    let real = path.canonicalize().ok()?;
    let dir = if real.is_dir() { real.as_path() } else { real.parent()? };
    let git = dir.ancestors().find(|a| a.join(".git").exists());
    Some(git.unwrap_or(dir).to_path_buf())
}

/// What a walk found, and what it could not look at.
pub type Walked = (Vec<PathBuf>, Vec<(PathBuf, FsError)>);

/// A directory with a list of what is to be left out that cannot be taken.
type BadList = (PathBuf, (PathBuf, FsError));

/// What leads out, and where lists cannot be taken.
type Left = (Vec<(PathBuf, FsError)>, Vec<BadList>);

impl OsFs {
    /// Walks below a directory, and leaves out what its lists say, or nothing. Does not enter directories with lists that
    /// cannot be taken, and returns these.
    fn walk_one(
        &self,
        dir: &Path,
        wanted: &(dyn Fn(&str) -> bool + Sync),
        leave_out: bool,
    ) -> (Vec<PathBuf>, Vec<(PathBuf, FsError)>, Vec<BadList>) {
        let found = Mutex::new((Vec::new(), Vec::new()));
        let left: Arc<Mutex<Left>> = Arc::default();
        let (jail, leaving) = (self.clone(), Arc::clone(&left));
        let enters = move |entry: &ignore::DirEntry| {
            let lock = || leaving.lock().unwrap_or_else(PoisonError::into_inner);
            // A link to somewhere else may lead to all that there is.
            if entry.path_is_symlink() && matches!(jail.enter(entry.path()), Err(FsError::Outside(_))) {
                let path = strip_here(entry.path().to_path_buf());
                let problem = FsError::Outside(path.display().to_string());
                lock().0.push((path, problem));
                return false;
            }
            if entry.file_name() == "node_modules" {
                return false;
            }
            let is_dir = entry.file_type().is_some_and(|t| t.is_dir());
            let dir = is_dir.then(|| strip_here(entry.path().to_path_buf())).filter(|_| leave_out);
            match dir.and_then(|dir| Some((jail.bad_list(&dir)?, dir))) {
                None => true,
                Some((problem, dir)) => {
                    lock().1.push((dir, problem));
                    false
                }
            }
        };
        // What somebody ignores everywhere, or only here, says nothing about this project: a report is the same on every
        // machine.
        let walker = ignore::WalkBuilder::new(dir)
            .follow_links(true)
            .git_global(false)
            .git_exclude(false)
            .git_ignore(leave_out)
            .ignore(leave_out)
            .parents(leave_out)
            .filter_entry(enters)
            .build_parallel();
        walker.run(|| {
            Box::new(|entry| {
                self.visit(dir, entry, wanted, &found);
                ignore::WalkState::Continue
            })
        });
        let (files, mut problems) = found.into_inner().unwrap_or_else(PoisonError::into_inner);
        let (outside, bad) = std::mem::take(&mut *left.lock().unwrap_or_else(PoisonError::into_inner));
        problems.extend(outside);
        (files, problems, bad)
    }

    fn visit(
        &self,
        root: &Path,
        entry: Result<ignore::DirEntry, ignore::Error>,
        wanted: &(dyn Fn(&str) -> bool + Sync),
        found: &Mutex<Walked>,
    ) {
        let entry = match entry {
            Ok(entry) => entry,
            Err(e) => {
                let problem = walk_error(root, &e);
                found.lock().unwrap_or_else(PoisonError::into_inner).1.push(problem);
                return;
            }
        };
        let is_file = entry.file_type().is_some_and(|t| t.is_file());
        if !is_file || !wanted(&entry.file_name().to_string_lossy()) {
            return;
        }
        // A link inside the tree shows a file that the walk also meets under its own name, unless it leads out.
        let path = strip_here(entry.into_path());
        found.lock().unwrap_or_else(PoisonError::into_inner).0.push(path);
    }
}

/// `./a/b` as people write it: `a/b`.
fn strip_here(path: PathBuf) -> PathBuf {
    path.strip_prefix("./").map(Path::to_path_buf).unwrap_or(path)
}

fn walk_error(root: &Path, error: &ignore::Error) -> (PathBuf, FsError) {
    match error {
        ignore::Error::WithPath { path, err } => {
            let (_, e) = walk_error(path, err);
            (path.clone(), e)
        }
        ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => {
            walk_error(root, err)
        }
        ignore::Error::Loop { ancestor, child } => {
            (child.clone(), FsError::LinkLoop(child.display().to_string(), ancestor.display().to_string()))
        }
        ignore::Error::Io(e) => (root.to_path_buf(), FsError::Io(root.display().to_string(), e.to_string())),
        other => (root.to_path_buf(), FsError::Io(root.display().to_string(), other.to_string())),
    }
}

impl FileSystem for OsFs {
    fn bytes(&self, path: &Path, most: u64) -> Result<Vec<u8>, FsError> {
        let (real, known) = self.enter(path)?;
        let meta = known.map_or_else(|| std::fs::metadata(&real), Ok);
        content(&real, meta, path, most)
    }

    fn read_in(&self, dir: &Path, names: &[&str]) -> Vec<Result<String, FsError>> {
        // Where the directory is, is found out once.
        let entered = self.enter(dir);
        let read = |name: &&str| {
            let path = dir.join(name);
            let real = entered.as_ref().map_err(Clone::clone)?.0.join(name);
            match real.symlink_metadata() {
                Ok(meta) if !meta.is_symlink() => {
                    text(content(&real, Ok(meta), &path, limits::FILE_BYTES)?, &path)
                }
                Ok(_) | Err(_) => self.read(&path),
            }
        };
        names.iter().map(read).collect()
    }

    fn files(&self, dir: &Path) -> Result<Vec<String>, FsError> {
        self.entries(dir, |e, kind| kind.is_file() || (kind.is_symlink() && !e.path().is_dir()))
    }

    fn dirs(&self, dir: &Path) -> Result<Vec<String>, FsError> {
        self.entries(dir, |e, kind| kind.is_dir() || (kind.is_symlink() && e.path().is_dir()))
    }

    fn walk(&self, dir: &Path, wanted: &(dyn Fn(&str) -> bool + Sync)) -> Walked {
        let bad = self.bad_list_above(dir).or_else(|| self.bad_list(dir));
        let (mut files, mut problems) = match bad {
            Some(problem) => {
                let (files, mut problems, _) = self.walk_one(dir, wanted, false);
                problems.push(problem);
                (files, problems)
            }
            None => {
                let (mut files, mut problems, bad) = self.walk_one(dir, wanted, true);
                for (below, problem) in bad {
                    let (more, others, _) = self.walk_one(&below, wanted, false);
                    files.extend(more);
                    problems.extend(others);
                    problems.push(problem);
                }
                (files, problems)
            }
        };
        files.par_sort_unstable_by(|a, b| by_name(a, b));
        problems.sort_by(|a: &(PathBuf, FsError), b| a.0.cmp(&b.0));
        (files, problems)
    }

    fn is_dir(&self, path: &Path) -> bool {
        self.enter(path).is_ok_and(|(real, known)| known.map_or_else(|| real.is_dir(), |m| m.is_dir()))
    }

    fn is_file(&self, path: &Path) -> bool {
        self.enter(path).is_ok_and(|(real, known)| known.map_or_else(|| real.is_file(), |m| m.is_file()))
    }

    fn identity(&self, path: &Path) -> PathBuf {
        let path = normalize(path);
        self.real(&path).map_or(path, |(real, _)| real)
    }

    fn admit(&self, from: &Path, source: &Path) -> Result<Arc<dyn FileSystem>, FsError> {
        let joined = from.join(source);
        match self.enter(&joined) {
            Ok(_) => Ok(Arc::new(self.clone())),
            Err(FsError::Outside(shown)) => {
                let (base, _) = self.enter(from)?;
                let fenced = |root: &&PathBuf| base.starts_with(root) && root.join(".git").exists();
                if source.is_absolute() || self.roots.iter().any(|root| fenced(&root)) {
                    return Err(FsError::Outside(shown));
                }
                let plain = normalize(&base.join(source));
                match plain.canonicalize() {
                    Ok(real) if real == plain => {
                        let mut wider = self.clone();
                        wider.roots.push(real);
                        Ok(Arc::new(wider))
                    }
                    Ok(_) | Err(_) => Err(FsError::Outside(shown)),
                }
            }
            Err(e) => Err(e),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_is_that_of_paths() {
        let all = ["a", "a/b", "a-b", "a.b/c", "a/b/c", "ab", "b", "é/a", "a b", "A/z", "a/b.tf", "a/b-c/d"];
        for a in all.map(Path::new) {
            for b in all.map(Path::new) {
                assert_eq!(by_name(a, b), a.cmp(b), "{a:?} {b:?}");
            }
        }
    }
}
