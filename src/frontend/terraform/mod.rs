//! Terraform and OpenTofu: configuration is indexed, evaluated on demand and lowered to facts.

pub mod eval;
pub mod functions;
pub mod types;

mod attributes;
mod blocks;
mod body;
mod data;
mod discover;
mod document;
mod expand;
mod glob;
mod index;
mod json;
mod known;
mod load;
mod lower;
mod module;
mod needed;
mod parse;
mod provider;
mod recorded;
mod refs;
mod remarks;
mod remote;
mod resources;
mod roots;
mod survey;
#[cfg(test)]
mod tests;
mod vars;
mod world;

use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};

pub use discover::{is_configuration, is_part};
pub use recorded::{is_recorded, lower as lower_recorded};
pub(crate) use remarks::remarks;
pub use roots::Calls;

use memchr::memmem::Finder;
use rayon::prelude::*;
use rayon::{ThreadPool, ThreadPoolBuilder};

use super::Lowered;
use crate::diagnostic::{Code, Diagnostic, Level};
use crate::fs::FileSystem;
use crate::iam::facts::Facts;
use crate::limits;
use crate::source::{Source, SourceMap};
use load::Loader;
use survey::Survey;
use world::World;

/// What is given besides the configuration.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Files of variables, read after those of the root module, later ones winning.
    pub var_files: Vec<PathBuf>,
    /// Values of root variables by name, winning over all files; texts as for Terraform's `-var`.
    pub vars: Vec<(String, String)>,
    /// The workspace; `default` when it is not given.
    pub workspace: Option<String>,
}

/// The Terraform configuration below the directories that are analysed. Every file is read and indexed once,
/// however many root modules use it; root modules may be lowered in parallel.
pub struct Terraform<'a> {
    fs: Arc<dyn FileSystem>,
    loader: Loader<'a>,
}

/// The top-level block of a text of configuration that holds a byte.
pub fn block_at(text: &str, offset: usize) -> Option<Range<usize>> {
    let blocks = index::scan(text).blocks.into_iter().map(|b| b.span);
    blocks.into_iter().find(|span| span.contains(&offset) || span.end == offset)
}

/// Room for the deepest chain of references that is followed. Memory that is not used costs nothing.
const STACK_BYTES: usize = 512 << 20;

/// The threads that have it. None when the system does not give them.
static ROOM: LazyLock<Option<ThreadPool>> =
    LazyLock::new(|| ThreadPoolBuilder::new().stack_size(STACK_BYTES).build().ok());

/// Runs what lowers root modules on threads that have room for it.
pub fn with_room<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    let Some(room) = ROOM.as_ref() else { return work() };
    if room.current_thread_index().is_some() || rayon::current_thread_index().is_none() {
        return room.install(work);
    }
    // A worker of other threads would take up more of its own work while it waits, on top of this, until its stack
    // is full.
    std::thread::scope(|scope| match scope.spawn(|| room.install(work)).join() {
        Ok(done) => done,
        Err(panic) => resume_unwind(panic),
    })
}

impl<'a> Terraform<'a> {
    /// Nothing is read yet.
    pub fn new(fs: Arc<dyn FileSystem>, sources: &'a SourceMap) -> Self {
        Self { fs, loader: Loader::new(sources) }
    }

    /// Which of `dirs` (directories that hold configuration) call which as local modules, and so which are roots.
    pub fn calls<'d>(&self, dirs: &'d [PathBuf]) -> Calls<'d> {
        let calls = Calls::new(&self.loader, &self.fs, dirs);
        self.loader.expect(&calls);
        calls
    }

    /// Those of `dirs` whose code may read a file that is no configuration: it has the name of the file in it or, for
    /// names that are put together, that of its directory (`"../../policies/${each.key}.json"`).
    pub fn readers<'d>(&self, dirs: &'d [PathBuf], file: &Path) -> Vec<&'d PathBuf> {
        let name = |path: &Path| path.file_name().map(|n| n.to_string_lossy().into_owned());
        let home = file.parent().and_then(name);
        let home = home.into_iter().flat_map(|dir| [format!("/{dir}\""), format!("{dir}/")]);
        let names: Vec<String> = name(file).into_iter().chain(home).collect();
        let finders: Vec<Finder<'_>> = names.iter().map(Finder::new).collect();
        // One that cannot be read may.
        let names_it = |path: &PathBuf| {
            let bytes = self.fs.bytes(path, limits::FILE_BYTES);
            bytes.map_or(true, |bytes| finders.iter().any(|f| f.find(&bytes).is_some()))
        };
        let files = |dir: &Path| match &*self.loader.survey(&*self.fs, dir) {
            Survey::Plain { files, .. } => files.clone(),
            Survey::Rich => self.loader.dir(&*self.fs, dir).files.clone(),
        };
        dirs.par_iter().filter(|dir| files(dir).iter().any(names_it)).collect()
    }

    /// The files of a directory that says nothing about principals and calls nothing that might.
    fn nothing_in(&self, dir: &Path) -> Option<Vec<PathBuf>> {
        match &*self.loader.survey(&*self.fs, dir) {
            Survey::Plain { files, .. } if !survey::may_bear(&self.loader, &*self.fs, dir) => {
                Some(files.clone())
            }
            Survey::Plain { .. } | Survey::Rich => None,
        }
    }

    /// Evaluates a root module as far as its principals and policies need it. [`Terraform::done`] ends its use.
    pub fn lower(&self, dir: &Path, options: &Options) -> Lowered {
        self.loader.begin(&*self.fs, dir);
        if let Some(files) = self.nothing_in(dir) {
            return Lowered { files, ..Lowered::default() };
        }
        let lower = AssertUnwindSafe(|| self.lower_here(dir, options));
        let lowered = ROOM.as_ref().map(|_| with_room(|| catch_unwind(lower)));
        lowered.and_then(Result::ok).unwrap_or_else(|| Lowered {
            diagnostics: vec![Diagnostic::path(
                Code::Limit,
                Level::Error,
                dir.to_string_lossy().replace('\\', "/"),
                "this module could not be evaluated",
            )],
            ..Lowered::default()
        })
    }

    /// Lets go of the configuration of a root module that was lowered, and of the modules that only it still needed; also
    /// of the texts of their files, but for those that are `kept`.
    pub fn done(&self, dir: &Path, kept: &dyn Fn(&Source) -> bool) {
        self.loader.done(&*self.fs, dir, kept);
    }

    fn lower_here(&self, dir: &Path, options: &Options) -> Lowered {
        let mut world = World::new(&self.loader, Arc::clone(&self.fs), dir, options);
        let mut facts = Vec::new();
        if world.module(0).is_some_and(|m| lower::matters(&m.dir)) {
            world.read_given();
            world.lower_module(0, &mut facts);
        }
        Lowered {
            facts: Facts { facts, choices: world.choices, ..Facts::default() },
            diagnostics: world.diagnostics,
            files: world.files.into_iter().collect(),
            ..Lowered::default()
        }
    }
}
