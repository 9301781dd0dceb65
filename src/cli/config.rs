//! `mfaguard.toml`.

use std::path::{Path, PathBuf};

use anyhow::{anyhow, bail};
use serde::Deserialize;
use toml::Spanned;

use crate::drift::Elsewhere;
use crate::fs::{FileSystem as _, OsFs};
use crate::iam::facts::PrincipalKind;
use crate::policy::arn;
use crate::scan::Account;

/// The name of the file that is looked for.
const NAME: &str = "mfaguard.toml";

/// What is configured. Paths are as they are seen from the working directory.
#[derive(Debug, Default)]
pub(super) struct Config {
    /// Which code is for which account.
    pub(super) accounts: Vec<Account>,
    /// Principals that none of it is about.
    pub(super) elsewhere: Vec<Elsewhere>,
}

/// The file as it is written.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    account: Vec<AccountTable>,
    #[serde(default, rename = "managed-elsewhere")]
    managed_elsewhere: Vec<ElsewhereTable>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct AccountTable {
    name: Option<String>,
    id: Option<Spanned<String>>,
    paths: Vec<PathBuf>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ElsewhereTable {
    kind: Spanned<String>,
    name: Spanned<String>,
    reason: Spanned<String>,
}

/// The file with its text, for errors that have a place.
#[derive(Clone, Copy)]
struct Text<'a> {
    path: &'a Path,
    text: &'a str,
}

impl Text<'_> {
    fn error(self, at: usize, message: &str) -> anyhow::Error {
        let (line, column) = place(self.text, at);
        anyhow!("{}:{line}:{column}: {message}", self.path.display())
    }
}

/// Reads the file that is given, or the next `mfaguard.toml` from here up to the top of the repository.
pub(super) fn read(given: Option<&Path>) -> anyhow::Result<Config> {
    let Some(path) = given.map(Path::to_path_buf).or_else(find) else { return Ok(Config::default()) };
    let text = OsFs::for_paths([path.as_path()]).read(&path)?;
    let of = Text { path: &path, text: &text };
    let file: File =
        toml::from_str(&text).map_err(|e| of.error(e.span().map_or(0, |s| s.start), e.message()))?;
    let accounts = file.account.into_iter().enumerate().map(|(i, table)| account(i, table, of));
    let elsewhere = file.managed_elsewhere.into_iter().map(|table| elsewhere(table, of));
    Ok(Config {
        accounts: accounts.collect::<anyhow::Result<_>>()?,
        elsewhere: elsewhere.collect::<anyhow::Result<_>>()?,
    })
}

fn elsewhere(table: ElsewhereTable, of: Text<'_>) -> anyhow::Result<Elsewhere> {
    let ElsewhereTable { kind, name, reason } = table;
    let kinds = [PrincipalKind::User, PrincipalKind::Group, PrincipalKind::Role];
    let Some(known) = kinds.into_iter().find(|k| k.as_str() == kind.get_ref()) else {
        return Err(of.error(kind.span().start, "`kind` is `user`, `group` or `role`"));
    };
    if name.get_ref().trim().is_empty() {
        return Err(of.error(name.span().start, "`name` is a name, in which `*` and `?` may stand"));
    }
    if reason.get_ref().trim().is_empty() {
        return Err(of.error(reason.span().start, "a reason is required: say who manages it, and where"));
    }
    Ok(Elsewhere { kind: known, name: name.into_inner(), reason: reason.into_inner() })
}

fn account(number: usize, table: AccountTable, of: Text<'_>) -> anyhow::Result<Account> {
    let (file, dir) = (of.path, of.path.parent().unwrap_or(Path::new("")));
    if let Some(id) = table.id.as_ref().filter(|id| !arn::is_account(id.get_ref())) {
        return Err(of.error(id.span().start, "the `id` of an account is a text of twelve digits"));
    }
    let called = table.name.as_ref();
    let called = called.map_or_else(|| format!("number {}", number + 1), |name| format!("`{name}`"));
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
        None => Ok(Account { name: table.name, id: table.id.map(Spanned::into_inner), paths }),
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
