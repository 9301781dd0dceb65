//! Which units lie below the paths: Terraform root modules and CloudFormation templates.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ignore::gitignore::GitignoreBuilder;
use rayon::prelude::*;

use crate::diagnostic::{Code, Diagnostic, Level};
use crate::frontend::cloudformation;
use crate::frontend::terraform::{self, Terraform};
use crate::fs::{FileSystem, FsError, by_name, is_modest};
use crate::limits;

/// One unit to analyse.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// A Terraform root module: its directory.
    Terraform(PathBuf),
    /// A plan or state of Terraform, with its text.
    Recorded(PathBuf, Arc<str>),
    /// A file that looks like a CloudFormation template, with its text.
    Template(PathBuf, Arc<str>),
    /// A template that says nothing about principals, but by what others may import from it.
    Plain {
        /// Where it is.
        path: PathBuf,
        /// It may export something.
        exports: bool,
    },
}

impl Found {
    /// Its directory or file.
    pub fn path(&self) -> &Path {
        match self {
            Self::Terraform(path)
            | Self::Recorded(path, _)
            | Self::Template(path, _)
            | Self::Plain { path, .. } => path,
        }
    }
}

/// What lies below the paths, and what could not be looked at.
#[derive(Debug, Default)]
pub struct Discovery {
    /// The units, by path.
    pub units: Vec<Found>,
    /// Problems.
    pub diagnostics: Vec<Diagnostic>,
}

/// Looks below every path. A directory is walked (ignored and hidden files apart). Of a file that is named, the
/// template it is or the root modules that it belongs to are taken: those whose directory, or that of a module they
/// call, holds it.
///
/// With `changed`, only what these files belong to is taken of all that lies below the paths; of templates also those
/// that may nest one of them or export what one imports. These files, and those that are `open`, are looked at whole.
pub fn discover(
    paths: &[PathBuf],
    changed: Option<&[PathBuf]>,
    open: &[PathBuf],
    exclude: &Exclude,
    fs: &Arc<dyn FileSystem>,
    terraform: &Terraform<'_>,
) -> Discovery {
    let mut found = Search {
        fs,
        terraform,
        exclude,
        modules: Vec::new(),
        templates: Vec::new(),
        out: Discovery::default(),
    };
    let open: BTreeSet<PathBuf> = open.iter().map(|path| fs.identity(path)).collect();
    let mut files = Vec::new();
    for path in paths {
        if fs.is_dir(path) {
            found.walk(path, &is_input);
        } else if fs.is_file(path) {
            files.push(path.clone());
        } else {
            found.out.diagnostics.push(Diagnostic::path(
                Code::NoSuchPath,
                Level::Error,
                path.display().to_string(),
                "this path does not exist; check the spelling and the working directory",
            ));
        }
    }
    match changed {
        Some(changed) => {
            found.templates.extend(files);
            found.finish_changed(changed, &open)
        }
        None => found.finish(files, &open),
    }
}

/// What is not looked at, as a `.gitignore` says it.
#[derive(Debug, Clone, Default)]
pub struct Exclude {
    dir: PathBuf,
    patterns: Vec<String>,
}

impl Exclude {
    /// Nothing yet. Patterns are relative to the directory.
    pub fn new(dir: PathBuf) -> Self {
        Self { dir, patterns: Vec::new() }
    }

    /// Adds a pattern.
    ///
    /// # Errors
    /// When it is none.
    pub fn add(&mut self, pattern: &str) -> Result<(), String> {
        if !is_modest(pattern.as_bytes()) {
            return Err("the pattern is too long or nested too deep".to_owned());
        }
        GitignoreBuilder::new("").add_line(None, pattern).map_err(|e| e.to_string())?;
        self.patterns.push(pattern.to_owned());
        Ok(())
    }

    /// The files that no pattern holds.
    fn others(&self, files: Vec<PathBuf>, fs: &dyn FileSystem) -> Vec<PathBuf> {
        let dir = fs.identity(&self.dir);
        let mut builder = GitignoreBuilder::new(&dir);
        for pattern in &self.patterns {
            // It was read before.
            _ = builder.add_line(None, pattern);
        }
        let Some(patterns) = builder.build().ok().filter(|_| !self.patterns.is_empty()) else { return files };
        let is_out = |file: &PathBuf| {
            let file = fs.identity(file);
            let below = file.strip_prefix(&dir).map(Path::to_path_buf);
            below.is_ok_and(|file| patterns.matched_path_or_any_parents(file, false).is_ignore())
        };
        files.into_iter().filter(|file| !is_out(file)).collect()
    }
}

struct Search<'s, 't> {
    fs: &'s Arc<dyn FileSystem>,
    terraform: &'s Terraform<'t>,
    exclude: &'s Exclude,
    /// Directories that hold Terraform configuration.
    modules: Vec<PathBuf>,
    /// Files that may be templates.
    templates: Vec<PathBuf>,
    out: Discovery,
}

type Read = (PathBuf, Result<String, FsError>);

impl Search<'_, '_> {
    fn walk(&mut self, dir: &Path, wanted: &(dyn Fn(&str) -> bool + Sync)) {
        let (files, problems) = self.fs.walk(dir, wanted);
        let level = |e: &FsError| match e {
            // A build leaves such links behind, and what they lead to is not the project's.
            FsError::Outside(_) => Level::Note,
            // More is analysed then, not less.
            FsError::NotLeftOut(..) => Level::Warning,
            _ => Level::Error,
        };
        self.out.diagnostics.extend(problems.iter().map(|(p, e)| e.problem(p, level(e))));
        for file in self.exclude.others(files, self.fs.as_ref()) {
            if terraform::is_configuration(&name_of(&file)) {
                self.modules.push(directory(&file));
            } else {
                self.templates.push(file);
            }
        }
    }

    /// Everything below the directories, and what the named files are or belong to.
    fn finish(mut self, named: Vec<PathBuf>, open: &BTreeSet<PathBuf>) -> Discovery {
        once_each(&mut self.modules);
        let mut roots: BTreeSet<PathBuf> = self.terraform.calls(&self.modules).roots().into_iter().collect();
        self.take_met(open, true);
        let (parts, files): (Vec<PathBuf>, Vec<PathBuf>) =
            named.into_iter().partition(|f| terraform::is_part(&name_of(f)));
        let (recorded, files): (Vec<Read>, Vec<Read>) = self
            .read_named(files)
            .into_iter()
            .partition(|(_, read)| read.as_deref().is_ok_and(terraform::is_recorded));
        let recorded = recorded.into_iter().filter_map(|(path, text)| Some((path, text.ok()?)));
        self.out.units.extend(recorded.map(|(path, text)| Found::Recorded(path, text.into())));
        let (templates, others): (Vec<Read>, Vec<Read>) =
            files.into_iter().partition(|(_, read)| read.as_deref().is_ok_and(is_template));
        let templates = templates.into_iter().filter_map(|(path, text)| Some((path, text.ok()?)));
        self.out.units.extend(templates.map(|(path, text)| Found::Template(path, text.into())));
        let others: Vec<PathBuf> = others
            .into_iter()
            .filter_map(|(path, read)| match read {
                Ok(_) => Some(path),
                Err(e) => {
                    self.out.diagnostics.push(e.problem(&path, Level::Error));
                    None
                }
            })
            .collect();
        let files: Vec<PathBuf> = parts.into_iter().chain(others).collect();
        roots.extend(self.roots_of_files(&files));
        let fs = self.fs;
        let mut seen = BTreeSet::new();
        let roots = roots.into_iter().filter(|r| seen.insert(fs.identity(r)));
        self.out.units.extend(roots.map(Found::Terraform));
        self.done()
    }

    /// What the changed files belong to.
    fn finish_changed(mut self, changed: &[PathBuf], open: &BTreeSet<PathBuf>) -> Discovery {
        once_each(&mut self.modules);
        let calls = self.terraform.calls(&self.modules);
        let mut dirs: BTreeSet<PathBuf> = changed.iter().map(|f| directory(f)).collect();
        // What lies in no module belongs to whoever may read it.
        let elsewhere = |f: &&PathBuf| calls.roots_of(&directory(f)).is_empty();
        for file in changed.iter().filter(elsewhere) {
            dirs.extend(self.terraform.readers(&self.modules, file).into_iter().cloned());
        }
        let roots: BTreeSet<PathBuf> = dirs.iter().flat_map(|d| calls.roots_of(d)).collect();
        self.out.units.extend(roots.into_iter().map(Found::Terraform));
        let changed = changed.iter().map(|f| self.fs.identity(f));
        self.take_met(&changed.chain(open.iter().cloned()).collect(), false);
        self.done()
    }

    /// The roots that named files belong to. Callers are looked for as far above a file as may be read, below the
    /// working directory when it is there.
    fn roots_of_files(&mut self, files: &[PathBuf]) -> BTreeSet<PathBuf> {
        let mut by_top: BTreeMap<PathBuf, Vec<&PathBuf>> = BTreeMap::new();
        for file in files {
            let dir = directory(file);
            let above = dir.ancestors().map(|a| if a.as_os_str().is_empty() { Path::new(".") } else { a });
            let top = above.take_while(|a| self.fs.is_dir(a)).last().map(Path::to_path_buf);
            by_top.entry(top.unwrap_or(dir)).or_default().push(file);
        }
        let mut roots = BTreeSet::new();
        for (top, files) in by_top {
            let (met, _) = self.fs.walk(&top, &terraform::is_configuration);
            // Also what the walk leaves out, when it is asked for by name.
            let named = files.iter().copied().filter(|f| terraform::is_configuration(&name_of(f)));
            let mut dirs: Vec<PathBuf> = met.iter().chain(named).map(|f| directory(f)).collect();
            once_each(&mut dirs);
            let calls = self.terraform.calls(&dirs);
            for file in files {
                let of_file = calls.roots_of(&directory(file));
                if of_file.is_empty() {
                    self.out.diagnostics.push(Diagnostic::path(
                        Code::NothingFound,
                        Level::Warning,
                        file.display().to_string(),
                        "this file is no CloudFormation template, plan or state, and belongs to no Terraform configuration",
                    ));
                }
                roots.extend(of_file);
            }
        }
        roots
    }

    /// Files that were asked for by name: a plan or state may be larger than other files.
    fn read_named(&self, mut files: Vec<PathBuf>) -> Vec<Read> {
        once_each(&mut files);
        let read = |path: &Path| {
            let text = self.fs.read_up_to(path, limits::RECORDED_BYTES)?;
            if text.len() as u64 > limits::FILE_BYTES && !terraform::is_recorded(&text) {
                return Err(FsError::TooLarge(path.display().to_string(), limits::FILE_BYTES));
            }
            Ok(text)
        };
        files.into_par_iter().map(|p| (p.clone(), read(&p))).collect()
    }

    /// Takes in the templates that were met on the way: all of them, or those that somebody works on with those that may
    /// nest one of them or export what one imports.
    fn take_met(&mut self, worked_on: &BTreeSet<PathBuf>, all: bool) {
        let mut files = std::mem::take(&mut self.templates);
        once_each(&mut files);
        let met = |path: PathBuf| {
            let own = !worked_on.is_empty() && worked_on.contains(&self.fs.identity(&path));
            self.met(path, own).filter(|met| all || own || met.as_ref().is_ok_and(may_concern_others))
        };
        let met: Vec<Result<Found, Diagnostic>> = files.into_par_iter().filter_map(met).collect();
        for met in met {
            match met {
                Ok(unit) => self.out.units.push(unit),
                Err(problem) => self.out.diagnostics.push(problem),
            }
        }
    }

    /// The template that a file is. Other JSON and YAML is none of our business, and of templates that say nothing about
    /// principals, and are certainly read without a word, only the names are kept, unless they are looked at `whole`.
    fn met(&self, path: PathBuf, whole: bool) -> Option<Result<Found, Diagnostic>> {
        match self.fs.read(&path) {
            Ok(text) if !is_template(&text) => None,
            Ok(text) if whole || cloudformation::may_bear(text.as_bytes()) => {
                Some(Ok(Found::Template(path, text.into())))
            }
            Ok(text) if !cloudformation::is_template_by_words(&text) => None,
            Ok(text) if cloudformation::is_sound(&text) => {
                Some(Ok(Found::Plain { path, exports: cloudformation::exports(text.as_bytes()) }))
            }
            // Read as well, so that what is wrong with it is told.
            Ok(text) => Some(Ok(Found::Template(path, text.into()))),
            // Most large files and links out of the tree have nothing to do with templates.
            Err(e @ (FsError::TooLarge(..) | FsError::Outside(_))) => {
                Some(Err(e.problem(&path, Level::Note)))
            }
            // These may hide a template.
            Err(e @ (FsError::Io(..) | FsError::LinkLoop(..))) => Some(Err(e.problem(&path, Level::Error))),
            Err(
                FsError::NotUtf8(_)
                | FsError::Archive(_)
                | FsError::NotAFile(_)
                | FsError::NotLeftOut(..)
                | FsError::NotFound(_),
            ) => None,
        }
    }

    fn done(self) -> Discovery {
        let Self { fs, mut out, .. } = self;
        out.units.sort_by(|a, b| by_name(a.path(), b.path()));
        // What a link shows a second time is one template.
        let mut seen = HashSet::new();
        out.units.retain(|u| match u {
            Found::Terraform(_) => true,
            Found::Template(path, _) | Found::Recorded(path, _) | Found::Plain { path, .. } => {
                seen.insert(fs.identity(path).into_os_string())
            }
        });
        out
    }
}

/// Each once. They come nearly in order, so that this is cheaper than a set of paths.
fn once_each(paths: &mut Vec<PathBuf>) {
    paths.sort_by(|a, b| by_name(a, b));
    paths.dedup_by(|a, b| a.as_os_str() == b.as_os_str());
}

/// Whether a template may nest others, or export something.
fn may_concern_others(found: &Found) -> bool {
    match found {
        Found::Template(_, text) => cloudformation::may_concern_others(text.as_bytes()),
        Found::Plain { exports, .. } => *exports,
        Found::Terraform(_) | Found::Recorded(..) => false,
    }
}

/// A plan or state that lies beside its code would show every principal twice: it is looked at only when it is named,
/// and no template, although one may stand in it.
fn is_template(text: &str) -> bool {
    cloudformation::looks_like_template(text.as_bytes()) && !terraform::is_recorded(text)
}

fn directory(file: &Path) -> PathBuf {
    file.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new(".")).to_path_buf()
}

fn name_of(path: &Path) -> String {
    path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default()
}

fn is_input(name: &str) -> bool {
    terraform::is_configuration(name)
        || [".yaml", ".yml", ".json", ".template"].iter().any(|e| name.ends_with(e))
}
