//! `mfaguard.toml`.

use std::path::{Path, PathBuf};

use anyhow::{anyhow, bail};
use serde::Deserialize;

use crate::fs::{FileSystem as _, OsFs};
use crate::scan::Account;

/// The name of the file that is looked for.
const NAME: &str = "mfaguard.toml";

/// What is configured. Paths are as they are seen from the working directory.
#[derive(Debug, Default)]
pub(super) struct Config {
    /// Which code is for which account.
    pub(super) accounts: Vec<Account>,
}

/// The file as it is written.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    account: Vec<AccountTable>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct AccountTable {
    name: Option<String>,
    paths: Vec<PathBuf>,
}

/// Reads the file that is given, or the next `mfaguard.toml` from here up to the top of the repository.
pub(super) fn read(given: Option<&Path>) -> anyhow::Result<Config> {
    let Some(path) = given.map(Path::to_path_buf).or_else(find) else { return Ok(Config::default()) };
    let text = OsFs::for_paths([path.as_path()]).read(&path)?;
    let file: File = toml::from_str(&text).map_err(|e| {
        let (line, column) = place(&text, e.span().map_or(0, |s| s.start));
        anyhow!("{}:{line}:{column}: {}", path.display(), e.message())
    })?;
    let dir = path.parent().unwrap_or(Path::new(""));
    let accounts = file.account.into_iter().enumerate().map(|(i, table)| account(i, table, &path, dir));
    Ok(Config { accounts: accounts.collect::<anyhow::Result<_>>()? })
}

fn account(number: usize, table: AccountTable, file: &Path, dir: &Path) -> anyhow::Result<Account> {
    let called = table.name.map_or_else(|| format!("number {}", number + 1), |name| format!("`{name}`"));
    if table.paths.is_empty() {
        bail!("{}: account {called} has no paths; without code it says nothing", file.display());
    }
    let paths: Vec<PathBuf> = table.paths.iter().map(|p| dir.join(p)).collect();
    let fs = OsFs::for_paths(paths.iter().map(PathBuf::as_path));
    match paths.iter().find(|p| !fs.is_dir(p) && !fs.is_file(p)) {
        Some(missing) => bail!(
            "{}: `{}` of account {called} does not exist; paths are relative to the file",
            file.display(),
            missing.display()
        ),
        None => Ok(Account { paths }),
    }
}

/// The next file from the working directory upwards. The top of the repository is the last place.
fn find() -> Option<PathBuf> {
    let here = std::env::current_dir().ok()?;
    let mut way = PathBuf::new();
    for dir in here.ancestors() {
        if dir.join(NAME).is_file() {
            return Some(way.join(NAME));
        }
        if dir.join(".git").exists() {
            return None;
        }
        way.push("..");
    }
    None
}

/// Line and column of a byte, from 1.
fn place(text: &str, at: usize) -> (usize, usize) {
    let before = text.get(..at).unwrap_or(text);
    let line = before.rsplit('\n').next().unwrap_or_default();
    (before.matches('\n').count() + 1, line.chars().count() + 1)
}
