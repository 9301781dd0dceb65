//! Reads files and directories once, however many roots use them.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::discover::{Dir, configuration_files, file_problem};
use super::needed::Needed;
use super::roots::Calls;
use super::survey::{self, Survey};
use crate::diagnostic::Diagnostic;
use crate::fs::{FileSystem, FsError, normalize};
use crate::limits;
use crate::source::{Source, SourceMap, Span};

/// What was read. Directories go by the one name for all their spellings.
pub(crate) struct Loader<'a> {
    sources: &'a SourceMap,
    surveys: Mutex<HashMap<PathBuf, Arc<Survey>>>,
    dirs: Mutex<HashMap<PathBuf, Arc<Dir>>>,
    models: Mutex<HashMap<Span, Arc<Dir>>>,
    files: Mutex<HashMap<PathBuf, File>>,
    needed: Mutex<Needed>,
    /// Bytes of text that were looked at to see what calls what.
    held: AtomicUsize,
}

/// A file that was read.
struct File {
    source: Arc<Source>,
    /// Somebody asked for this very file, and not only for the configuration that it is a part of.
    asked: bool,
}

/// The text of a file of configuration, with whether it is an override file.
struct Read {
    over: bool,
    path: PathBuf,
    text: Result<(String, Option<Diagnostic>), FsError>,
}

fn lock<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<'a> Loader<'a> {
    pub(crate) fn new(sources: &'a SourceMap) -> Self {
        Self {
            sources,
            surveys: Mutex::default(),
            dirs: Mutex::default(),
            models: Mutex::default(),
            files: Mutex::default(),
            needed: Mutex::default(),
            held: AtomicUsize::new(0),
        }
    }

    /// A file; the same path always gives the same source.
    pub(crate) fn file(&self, fs: &dyn FileSystem, path: &Path) -> Result<Arc<Source>, FsError> {
        let path = normalize(path);
        let known = lock(&self.files).get_mut(&path).map(|file| {
            file.asked = true;
            Arc::clone(&file.source)
        });
        match known {
            Some(source) => {
                // The jail is asked every time: another caller may have been allowed more.
                if !fs.is_file(&path) {
                    fs.read(&path)?;
                }
                Ok(source)
            }
            None => {
                let text = fs.read(&path)?;
                Ok(self.keep(path, text, true))
            }
        }
    }

    /// The source of a file with this text, unless it was read before.
    fn keep(&self, path: PathBuf, text: String, asked: bool) -> Arc<Source> {
        let mut files = lock(&self.files);
        let add = || File { source: self.sources.add(&path, &path.to_string_lossy(), text), asked };
        let file = files.entry(path.clone()).or_insert_with(add);
        file.asked |= asked;
        Arc::clone(&file.source)
    }

    /// A text that stands in no file.
    pub(crate) fn text(&self, shown: &str, text: &str) -> Arc<Source> {
        self.sources.add(shown, shown, text)
    }

    /// The source that a place is in.
    pub(crate) fn source(&self, at: Span) -> Option<Arc<Source>> {
        self.sources.get(at.source)
    }

    /// What is written at a place.
    pub(crate) fn written(&self, span: Span) -> String {
        self.sources.slice(span)
    }

    /// The place that a span is shown as.
    pub(crate) fn shown_as(&self, span: Span) -> Span {
        self.sources.shown_as(span)
    }

    /// A module that is built in, as it is called at `call`: everything in it is shown there.
    pub(crate) fn model(&self, name: &str, text: &str, call: Span) -> Arc<Dir> {
        let load = || Arc::new(Dir::model(&self.sources.add_for(call, name, text)));
        Arc::clone(lock(&self.models).entry(call).or_insert_with(load))
    }

    /// The configuration of a directory.
    pub(crate) fn dir(&self, fs: &dyn FileSystem, path: &Path) -> Arc<Dir> {
        let id = fs.identity(path);
        let known = lock(&self.dirs).get(&id).cloned();
        known.unwrap_or_else(|| {
            let dir = match texts(fs, &normalize(path)) {
                Ok(texts) => self.index(texts),
                Err(problem) => Dir { problems: vec![problem], ..Dir::default() },
            };
            Arc::clone(lock(&self.dirs).entry(id).or_insert_with(|| Arc::new(dir)))
        })
    }

    /// The configuration of a directory that another one calls as a module.
    pub(crate) fn called(&self, fs: &dyn FileSystem, caller: &Path, path: &Path) -> Arc<Dir> {
        lock(&self.needed).call(&fs.identity(caller), &fs.identity(path));
        self.dir(fs, path)
    }

    /// Takes in what calls what.
    pub(crate) fn expect(&self, calls: &Calls<'_>) {
        lock(&self.needed).expect(&calls.calls);
    }

    /// Somebody looks at a directory as a root module.
    pub(crate) fn begin(&self, fs: &dyn FileSystem, dir: &Path) {
        lock(&self.needed).begin(&fs.identity(dir));
    }

    /// Lets go of a directory that was looked at to see what it calls, when there are many: whoever asks for it reads it
    /// again. Nothing may point into it yet.
    pub(crate) fn looked_at(&self, fs: &dyn FileSystem, path: &Path, dir: &Dir) {
        let bytes: usize = dir.sources.iter().map(|source| source.text().len()).sum();
        if self.held.fetch_add(bytes, Ordering::Relaxed) > limits::HELD_BYTES {
            lock(&self.dirs).remove(&fs.identity(path));
            self.release(dir, &|_| false);
        }
    }

    /// Lets go of the configuration that nobody needs any more when a root module is done, and of the texts of its files,
    /// but for those that are `kept`. Whoever asks for it reads it again.
    pub(crate) fn done(&self, fs: &dyn FileSystem, dir: &Path, kept: &dyn Fn(&Source) -> bool) {
        // Held to the end, so that nobody finds what is about to be let go.
        let mut needed = lock(&self.needed);
        for id in needed.done(&fs.identity(dir)) {
            if let Some(dir) = lock(&self.dirs).remove(&id) {
                self.release(&dir, kept);
            }
        }
    }

    /// Lets go of the texts of a directory, but for those that are `kept` or were asked for otherwise.
    fn release(&self, dir: &Dir, kept: &dyn Fn(&Source) -> bool) {
        let mut files = lock(&self.files);
        for source in &dir.sources {
            let is_it = |file: &&File| file.source.id() == source.id() && !file.asked;
            if files.get(source.path()).filter(is_it).is_some() && !kept(source) {
                files.remove(source.path());
                self.sources.forget(source.id());
            }
        }
    }

    /// What there is to know about a directory before its blocks are indexed.
    pub(crate) fn survey(&self, fs: &dyn FileSystem, path: &Path) -> Arc<Survey> {
        let id = fs.identity(path);
        let known = lock(&self.surveys).get(&id).cloned();
        known.unwrap_or_else(|| {
            let survey = Arc::new(self.look(fs, &normalize(path), &id));
            Arc::clone(lock(&self.surveys).entry(id).or_insert(survey))
        })
    }

    fn look(&self, fs: &dyn FileSystem, path: &Path, id: &Path) -> Survey {
        let Ok(texts) = texts(fs, path) else { return Survey::Rich };
        let plain = |read: &Read| match &read.text {
            Ok((text, None)) => survey::plain(&read.path, text),
            Ok((_, Some(_))) | Err(_) => None,
        };
        let calls: Option<Vec<Vec<String>>> = texts.iter().map(plain).collect();
        match calls.filter(|_| !texts.is_empty()) {
            Some(calls) => {
                let files = texts.iter().map(|read| shown(&read.path)).collect();
                Survey::Plain { files, calls: calls.concat() }
            }
            None => {
                let dir = self.index(texts);
                lock(&self.dirs).entry(id.to_path_buf()).or_insert_with(|| Arc::new(dir));
                Survey::Rich
            }
        }
    }

    /// Bytes that are no UTF-8 cost the characters they stand for, in a comment nothing: Terraform refuses them, so
    /// that they are a problem.
    fn index(&self, texts: Vec<Read>) -> Dir {
        Dir::of(texts.into_iter().map(|Read { over, path, text }| {
            let file = match text {
                Ok((text, None)) => Ok((self.keep(path, text, false), None)),
                Ok((text, problem)) => Ok((self.sources.add(&path, &path.to_string_lossy(), text), problem)),
                Err(e) => Err(file_problem(&e, &path)),
            };
            (over, file)
        }))
    }
}

/// A path as people see it.
fn shown(path: &Path) -> PathBuf {
    PathBuf::from(path.to_string_lossy().replace('\\', "/"))
}

/// The texts of a configuration, override files last.
fn texts(fs: &dyn FileSystem, path: &Path) -> Result<Vec<Read>, Diagnostic> {
    let names = fs.files(path).map_err(|e| file_problem(&e, path))?;
    let counted = configuration_files(&names);
    let files: Vec<&str> = counted.iter().map(|(name, _)| *name).collect();
    let read = |(&(name, over), text): (&(&str, bool), Result<String, FsError>)| {
        let path = normalize(&path.join(name));
        let text = match text {
            Err(e @ FsError::NotUtf8(_)) => {
                let lossy = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
                let problem = Some(file_problem(&e, &path));
                fs.bytes(&path, limits::FILE_BYTES).map(|bytes| (lossy(bytes), problem))
            }
            text => text.map(|text| (text, None)),
        };
        Read { over, path, text }
    };
    Ok(counted.iter().zip(fs.read_in(path, &files)).map(read).collect())
}
