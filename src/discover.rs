//! Which units lie below the paths: Terraform root modules and CloudFormation templates.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rayon::prelude::*;

use crate::diagnostic::{Code, Diagnostic, Level};
use crate::frontend::cloudformation;
use crate::frontend::terraform::{self, Terraform};
use crate::fs::{FileSystem, FsError};

/// One unit to analyse.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// A Terraform root module: its directory.
    Terraform(PathBuf),
    /// A file that looks like a CloudFormation template, with its text.
    Template(PathBuf, Arc<str>),
}

/// What lies below the paths, and what could not be looked at.
#[derive(Debug, Default)]
pub struct Discovery {
    /// The units, by path.
    pub units: Vec<Found>,
    /// Problems.
    pub diagnostics: Vec<Diagnostic>,
}

/// Looks below every path. A directory is walked (ignored and hidden files apart); a file that is named is looked
/// at whatever it is called.
pub fn discover(paths: &[PathBuf], fs: &Arc<dyn FileSystem>, terraform: &Terraform<'_>) -> Discovery {
    let mut out = Discovery::default();
    let (mut modules, mut templates) = (Vec::new(), Vec::new());
    for path in paths {
        if fs.is_dir(path) {
            let (files, problems) =
                fs.walk(path, &|name| terraform::is_configuration(name) || is_template(name));
            out.diagnostics.extend(problems.iter().map(|(p, e)| unreadable(p, e, Level::Error)));
            for file in files {
                sort_in(file, &mut modules, &mut templates);
            }
        } else if fs.is_file(path) {
            let file = path.clone();
            if terraform::is_configuration(&name_of(path)) {
                sort_in(file, &mut modules, &mut templates)
            } else {
                templates.push(file);
            }
        } else {
            out.diagnostics.push(Diagnostic::path(
                Code::NoSuchPath,
                Level::Error,
                path.display().to_string(),
                "this path does not exist; check the spelling and the working directory",
            ));
        }
    }
    // Each once. They come in order, so that this is cheaper than a set of paths.
    for list in [&mut modules, &mut templates] {
        list.sort();
        list.dedup();
    }
    let named: BTreeSet<&Path> = paths.iter().map(PathBuf::as_path).collect();
    let read: Vec<(PathBuf, Result<String, FsError>)> = templates
        .into_par_iter()
        .map(|p| (p.clone(), fs.read(&p)))
        .filter(|(p, r)| keep(r) || named.contains(p.as_path()))
        .collect();
    out.units.extend(terraform.roots(&modules).into_iter().map(Found::Terraform));
    // What a link shows a second time is one template.
    let mut seen = BTreeSet::new();
    for (path, text) in read {
        match text {
            Ok(_) if !seen.insert(fs.identity(&path)) => {}
            Ok(text) if cloudformation::looks_like_template(text.as_bytes()) => {
                out.units.push(Found::Template(path, text.into()));
            }
            Ok(_) => out.diagnostics.push(Diagnostic::path(
                Code::NothingFound,
                Level::Warning,
                path.display().to_string(),
                "this file is neither Terraform configuration nor a CloudFormation template",
            )),
            Err(e) => {
                let level = if named.contains(path.as_path()) { Level::Error } else { level_met(&e) };
                out.diagnostics.push(unreadable(&path, &e, level));
            }
        }
    }
    out
}

/// Whether a file that was only met on the way is worth a word: other JSON and YAML is none of our business.
fn keep(read: &Result<String, FsError>) -> bool {
    match read {
        Ok(text) => cloudformation::looks_like_template(text.as_bytes()),
        // These may hide a template.
        Err(FsError::Io(..) | FsError::LinkLoop(..) | FsError::TooLarge(_) | FsError::Outside(_)) => true,
        Err(FsError::NotUtf8(_) | FsError::NotAFile(_) | FsError::NotFound(_)) => false,
    }
}

/// How much it costs that a file which was only met on the way could not be read: most large files and links out
/// of the tree have nothing to do with templates.
fn level_met(error: &FsError) -> Level {
    match error {
        FsError::TooLarge(_) | FsError::Outside(_) => Level::Note,
        FsError::Io(..)
        | FsError::LinkLoop(..)
        | FsError::NotUtf8(_)
        | FsError::NotAFile(_)
        | FsError::NotFound(_) => Level::Error,
    }
}

fn sort_in(file: PathBuf, modules: &mut Vec<PathBuf>, templates: &mut Vec<PathBuf>) {
    if terraform::is_configuration(&name_of(&file)) {
        let dir = file.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
        modules.push(dir.to_path_buf());
    } else {
        templates.push(file);
    }
}

fn name_of(path: &Path) -> String {
    path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default()
}

fn is_template(name: &str) -> bool {
    [".yaml", ".yml", ".json", ".template"].iter().any(|e| name.ends_with(e))
}

fn unreadable(path: &Path, error: &FsError, level: Level) -> Diagnostic {
    let code = match error {
        FsError::NotFound(_) => Code::NoSuchPath,
        FsError::Outside(_) => Code::OutsideRoot,
        FsError::TooLarge(_) => Code::TooLarge,
        FsError::NotUtf8(_) => Code::NotUtf8,
        FsError::LinkLoop(..) => Code::LinkLoop,
        FsError::NotAFile(_) | FsError::Io(..) => Code::Unreadable,
    };
    Diagnostic::path(code, level, path.display().to_string(), error.to_string())
}
