//! Code as it is named on the command line.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::args::Inputs;
use super::config::Config;
use super::parameters;
use crate::frontend::{cloudformation, terraform};
use crate::fs::OsFs;
use crate::rules::Selection;
use crate::scan;
use crate::triage::Triage;

/// What to analyse.
pub(super) fn request(
    paths: &[PathBuf],
    inputs: &Inputs,
    config: &Config,
    rules: Selection,
    triage: Triage,
) -> anyhow::Result<scan::Request> {
    let of_accounts = config.accounts.iter().flat_map(|a| &a.paths);
    let named = paths.iter().chain(&inputs.var_file).chain(of_accounts).map(|p| p.as_path());
    // The callers of a file that is named are below the working directory.
    let here = paths.iter().any(|p| p.is_relative() && p.is_file()).then(|| Path::new("."));
    Ok(scan::Request {
        paths: paths.to_vec(),
        changed: None,
        open: Vec::new(),
        fs: Arc::new(OsFs::for_paths(named.chain(here))),
        accounts: config.accounts.clone(),
        exclude: config.exclude.clone(),
        rules,
        triage,
        terraform: terraform::Options {
            var_files: inputs.var_file.clone(),
            vars: inputs.var.clone(),
            workspace: inputs.workspace.clone(),
        },
        cloudformation: cloudformation::Options { parameters: parameters::read(&inputs.parameters)? },
    })
}
