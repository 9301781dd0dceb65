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
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Found {
    /// A Terraform root module: its directory.
    Terraform(PathBuf),
    /// A plan or state of Terraform, with its text.
    Recorded(PathBuf, Arc<str>),
    /// A file that looks like a CloudFormation template, with its text.
    Template(PathBuf, Arc<str>),
    /// A template that says nothing about principals.
    Plain(PathBuf),
}

impl Found {
    /// Its directory or file.
    pub fn path(&self) -> &Path {
        match self {
            Self::Terraform(path) | Self::Recorded(path, _) | Self::Template(path, _) | Self::Plain(path) => {
                path
            }
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
/// that may nest one of them or export what one imports.
pub fn discover(
    paths: &[PathBuf],
    changed: Option<&[PathBuf]>,
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
            found.finish_changed(changed)
        }
        None => found.finish(files),
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

/// A file that looks like a template and was met on the way.
enum Met {
    Read(Result<String, FsError>),
    /// It says nothing about principals. Its text is not kept.
    Plain {
        exports: bool,
    },
}

impl Met {
    fn of(read: Result<String, FsError>) -> Self {
        match read {
            Ok(text) if !cloudformation::may_bear(text.as_bytes()) => {
                Self::Plain { exports: cloudformation::exports(text.as_bytes()) }
            }
            read => Self::Read(read),
        }
    }
}

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
    fn finish(mut self, named: Vec<PathBuf>) -> Discovery {
        once_each(&mut self.modules);
        let mut roots: BTreeSet<PathBuf> = self.terraform.calls(&self.modules).roots().into_iter().collect();
        let met = std::mem::take(&mut self.templates);
        self.take_met(met, |_, read| keep(&read).then(|| Met::of(read)));
        let (parts, files): (Vec<PathBuf>, Vec<PathBuf>) =
            named.into_iter().partition(|f| terraform::is_part(&name_of(f)));
        let (recorded, files): (Vec<Read>, Vec<Read>) =
            self.read_named(files).into_iter().partition(|(_, read)| is_recorded(read));
        let recorded = recorded.into_iter().filter_map(|(path, text)| Some((path, text.ok()?)));
        self.out.units.extend(recorded.map(|(path, text)| Found::Recorded(path, text.into())));
        let (templates, others): (Vec<Read>, Vec<Read>) =
            files.into_iter().partition(|(_, read)| is_template(read));
        templates.into_iter().for_each(|(path, read)| self.take(path, read, Level::Error));
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
    fn finish_changed(mut self, changed: &[PathBuf]) -> Discovery {
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
        let changed: BTreeSet<PathBuf> = changed.iter().map(|f| self.fs.identity(f)).collect();
        let met = std::mem::take(&mut self.templates);
        let fs = Arc::clone(self.fs);
        let concerned = move |path: &Path, read: Result<String, FsError>| {
            let bears_on_others = |text: &String| cloudformation::may_concern_others(text.as_bytes());
            match keep(&read) {
                // What somebody works on is looked at whole.
                true if changed.contains(&fs.identity(path)) => Some(Met::Read(read)),
                true if read.as_ref().is_ok_and(bears_on_others) => Some(Met::of(read)),
                true | false => None,
            }
        };
        self.take_met(met, concerned);
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

    /// Reads files that may be templates and were met on the way, and takes in those that are.
    fn take_met(
        &mut self,
        mut files: Vec<PathBuf>,
        what: impl Fn(&Path, Result<String, FsError>) -> Option<Met> + Sync,
    ) {
        once_each(&mut files);
        let met = |path: PathBuf| {
            let met = what(&path, self.fs.read(&path))?;
            Some((path, met))
        };
        let met: Vec<(PathBuf, Met)> = files.into_par_iter().filter_map(met).collect();
        let imports =
            |met: &Met| matches!(met, Met::Read(Ok(text)) if cloudformation::imports(text.as_bytes()));
        let imported = met.iter().any(|(_, met)| imports(met));
        for (path, met) in met {
            match met {
                Met::Read(read) => self.take(path, read, Level::Note),
                Met::Plain { exports: true } if imported => {
                    let read = self.fs.read(&path);
                    self.take(path, read, Level::Note);
                }
                Met::Plain { .. } => self.out.units.push(Found::Plain(path)),
            }
        }
    }

    /// Takes a template in. `large`: how bad it is that one is too large, or a link that leads out.
    fn take(&mut self, path: PathBuf, read: Result<String, FsError>, large: Level) {
        match read {
            Ok(text) => self.out.units.push(Found::Template(path, text.into())),
            Err(e) => self.out.diagnostics.push(e.problem(&path, level_met(&e, large))),
        }
    }

    fn done(self) -> Discovery {
        let Self { fs, mut out, .. } = self;
        out.units.sort_by(|a, b| by_name(a.path(), b.path()));
        // What a link shows a second time is one template.
        let mut seen = HashSet::new();
        out.units.retain(|u| match u {
            Found::Terraform(_) => true,
            Found::Template(path, _) | Found::Recorded(path, _) | Found::Plain(path) => {
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

/// Whether a file that was only met on the way is worth a word: other JSON and YAML is none of our business.
fn keep(read: &Result<String, FsError>) -> bool {
    let may_be =
        |text: &str| cloudformation::may_bear(text.as_bytes()) || cloudformation::is_template_by_words(text);
    match read {
        Ok(text) => is_template(read) && may_be(text),
        // These may hide a template.
        Err(FsError::Io(..) | FsError::LinkLoop(..) | FsError::TooLarge(..) | FsError::Outside(_)) => true,
        Err(
            FsError::NotUtf8(_)
            | FsError::Archive(_)
            | FsError::NotAFile(_)
            | FsError::NotLeftOut(..)
            | FsError::NotFound(_),
        ) => false,
    }
}

/// A plan or state that lies beside its code would show every principal twice: it is looked at only when it is named,
/// and no template, although one may stand in it.
fn is_template(read: &Result<String, FsError>) -> bool {
    let looks_so = |text: &String| cloudformation::looks_like_template(text.as_bytes());
    read.as_ref().is_ok_and(looks_so) && !is_recorded(read)
}

fn is_recorded(read: &Result<String, FsError>) -> bool {
    read.as_ref().is_ok_and(|text| terraform::is_recorded(text))
}

/// How much it costs that a file could not be read: most large files and links out of the tree that were only met
/// on the way have nothing to do with templates.
fn level_met(error: &FsError, large: Level) -> Level {
    match error {
        FsError::TooLarge(..) | FsError::Outside(_) => large,
        FsError::Io(..)
        | FsError::NotLeftOut(..)
        | FsError::LinkLoop(..)
        | FsError::NotUtf8(_)
        | FsError::Archive(_)
        | FsError::NotAFile(_)
        | FsError::NotFound(_) => Level::Error,
    }
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
