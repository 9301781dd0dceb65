//! `mfaguard.toml`.

mod file;
mod init;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{anyhow, bail};
use toml::Spanned;

use super::args::FailOn;
use super::explain;
use crate::account::time::Time;
use crate::discover::Exclude;
use crate::drift::Elsewhere;
use crate::finding::Severity;
use crate::fs::{FileSystem as _, OsFs};
use crate::iam::facts::PrincipalKind;
use crate::iam::pattern::PrincipalPattern;
use crate::limits;
use crate::policy::arn;
use crate::rules::{self, OnUnknown};
use crate::scan::Account;
use crate::triage::Allowed;
use file::File;

pub(super) use init::run as init;

/// The name of the file that is looked for.
pub(super) const NAME: &str = "mfaguard.toml";

/// What is configured. Paths are as they are seen from the working directory.
#[derive(Debug, Default)]
pub(super) struct Config {
    /// What makes the exit code 1.
    pub(super) fail_on: Option<FailOn>,
    /// What to do with what is only possible.
    pub(super) unknown: Option<OnUnknown>,
    /// Only these rules, by code.
    pub(super) select: Vec<String>,
    /// Not these rules, by code.
    pub(super) ignore: Vec<String>,
    /// Severities, by code.
    pub(super) severities: BTreeMap<&'static str, Severity>,
    /// What is not looked at.
    pub(super) exclude: Exclude,
    /// Findings that were there before.
    pub(super) baseline: Option<PathBuf>,
    /// Whether comments for other programs count.
    pub(super) foreign_suppressions: bool,
    /// Principals about whom findings are accepted.
    pub(super) allowed: Vec<Allowed>,
    /// Which code is for which account.
    pub(super) accounts: Vec<Account>,
    /// Principals that none of it is about.
    pub(super) elsewhere: Vec<Elsewhere>,
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

    /// The directory that its paths are relative to.
    fn dir(self) -> PathBuf {
        self.path.parent().unwrap_or(Path::new("")).to_path_buf()
    }
}

/// Reads the file that is given, or the next `mfaguard.toml` from here up to the top of the repository.
pub(super) fn read(given: Option<&Path>) -> anyhow::Result<Config> {
    let Some(path) = given.map(Path::to_path_buf).or_else(find) else { return Ok(Config::default()) };
    let text = OsFs::for_paths([path.as_path()]).read_up_to(&path, limits::CONFIG_BYTES)?;
    resolve(Text { path: &path, text: &text })
}

/// Reads the file that is given, or the next one from a directory upwards. Of whole paths only whole paths are made.
pub(super) fn read_for(dir: &Path, given: Option<&Path>) -> anyhow::Result<Config> {
    match given.map(Path::to_path_buf).or_else(|| find_from(dir)) {
        Some(path) => read(Some(&path)),
        None => Ok(Config::default()),
    }
}

/// What is wrong with a configuration in the working directory.
pub(super) fn wrong_with(text: &str) -> Option<String> {
    resolve(Text { path: Path::new(NAME), text }).err().map(|e| format!("{e:#}"))
}

fn resolve(of: Text<'_>) -> anyhow::Result<Config> {
    let file: File =
        toml::from_str(of.text).map_err(|e| of.error(e.span().map_or(0, |s| s.start), e.message()))?;
    let mut config = Config {
        fail_on: file.fail_on.as_ref().map(|word| fail_on(word, of)).transpose()?,
        unknown: file.unknown.as_ref().map(|word| unknown(word, of)).transpose()?,
        select: codes(&file.select, of)?,
        ignore: codes(&file.ignore, of)?,
        exclude: exclude(&file.exclude, of)?,
        baseline: file.baseline.map(|path| of.dir().join(path)),
        foreign_suppressions: file.foreign_suppressions,
        ..Config::default()
    };
    for (rule, word) in &file.severity {
        let code = code(rule, of)?;
        match severity(word.get_ref()) {
            Some(severity) => _ = config.severities.insert(code, severity),
            None if word.get_ref() == "off" => config.ignore.push(code.to_owned()),
            None => {
                return Err(
                    of.error(word.span().start, "a severity is off, info, low, medium, high or critical")
                );
            }
        }
    }
    for table in file.allow {
        config.allowed.push(allowed(table, of)?);
    }
    for (number, table) in file.account.into_iter().enumerate() {
        config.accounts.push(account(number, table, of)?);
    }
    for table in file.managed_elsewhere {
        config.elsewhere.push(elsewhere(table, of)?);
    }
    Ok(config)
}

fn severity(word: &str) -> Option<Severity> {
    Severity::ALL.into_iter().find(|s| s.as_str() == word)
}

fn fail_on(word: &Spanned<String>, of: Text<'_>) -> anyhow::Result<FailOn> {
    match word.get_ref().as_str() {
        "never" => Ok(FailOn(None)),
        name => match severity(name) {
            Some(severity) => Ok(FailOn(Some(severity))),
            None => {
                let message = "`fail-on` is info, low, medium, high, critical or never";
                Err(of.error(word.span().start, message))
            }
        },
    }
}

fn unknown(word: &Spanned<String>, of: Text<'_>) -> anyhow::Result<OnUnknown> {
    match OnUnknown::ALL.into_iter().find(|what| what.as_str() == word.get_ref()) {
        Some(what) => Ok(what),
        None => Err(of.error(word.span().start, "`unknown` is fail, warn or ignore")),
    }
}

/// The code of the rule that is meant.
fn code(name: &Spanned<String>, of: Text<'_>) -> anyhow::Result<&'static str> {
    let found = rules::find(name.get_ref()).map(|rule| rule.info.code);
    found.ok_or_else(|| of.error(name.span().start, &explain::no_such_rule(name.get_ref())))
}

fn codes(names: &[Spanned<String>], of: Text<'_>) -> anyhow::Result<Vec<String>> {
    names.iter().map(|name| Ok(code(name, of)?.to_owned())).collect()
}

fn exclude(patterns: &[Spanned<String>], of: Text<'_>) -> anyhow::Result<Exclude> {
    let mut out = Exclude::new(of.dir());
    for pattern in patterns {
        out.add(pattern.get_ref()).map_err(|e| of.error(pattern.span().start, &e))?;
    }
    Ok(out)
}

/// The principals that a table is about.
fn pattern(kind: &Spanned<String>, name: Spanned<String>, of: Text<'_>) -> anyhow::Result<PrincipalPattern> {
    let kinds = [PrincipalKind::User, PrincipalKind::Group, PrincipalKind::Role];
    let Some(known) = kinds.into_iter().find(|k| k.as_str() == kind.get_ref()) else {
        return Err(of.error(kind.span().start, "`kind` is `user`, `group` or `role`"));
    };
    if name.get_ref().trim().is_empty() {
        return Err(of.error(name.span().start, "`name` is a name, in which `*` and `?` may stand"));
    }
    Ok(PrincipalPattern { kind: known, name: name.into_inner() })
}

fn reason(text: Spanned<String>, what: &str, of: Text<'_>) -> anyhow::Result<String> {
    match text.get_ref().trim().is_empty() {
        true => Err(of.error(text.span().start, &format!("a reason is required: {what}"))),
        false => Ok(text.into_inner()),
    }
}

fn allowed(table: file::Allow, of: Text<'_>) -> anyhow::Result<Allowed> {
    let file::Allow { kind, name, rules, reason: why, until } = table;
    let until = match until {
        None => None,
        Some(day) => match Time::end_of_day(&day.get_ref().to_string()) {
            None => return Err(of.error(day.span().start, "`until` is a date like 2027-01-31")),
            end => end,
        },
    };
    Ok(Allowed {
        who: pattern(&kind, name, of)?,
        rules: rules.iter().map(|rule| code(rule, of)).collect::<anyhow::Result<_>>()?,
        reason: reason(why, "say why these principals may stay as they are", of)?,
        until,
    })
}

fn elsewhere(table: file::Elsewhere, of: Text<'_>) -> anyhow::Result<Elsewhere> {
    let file::Elsewhere { kind, name, reason: why } = table;
    let who = pattern(&kind, name, of)?;
    Ok(Elsewhere { who, reason: reason(why, "say who manages it, and where", of)? })
}

fn account(number: usize, table: file::Account, of: Text<'_>) -> anyhow::Result<Account> {
    let (file, dir) = (of.path, of.dir());
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

/// The next file from the working directory upwards, as it is seen from there.
fn find() -> Option<PathBuf> {
    let here = std::env::current_dir().ok()?;
    let file = find_from(&here)?;
    let up = here.ancestors().position(|dir| file.parent() == Some(dir))?;
    Some(std::iter::repeat_n("..", up).collect::<PathBuf>().join(NAME))
}

/// The next file from a directory upwards. The top of the repository is the last place.
fn find_from(dir: &Path) -> Option<PathBuf> {
    for dir in dir.ancestors() {
        let file = dir.join(NAME);
        if file.is_file() {
            return Some(file);
        }
        if dir.join(".git").exists() {
            return None;
        }
    }
    None
}

/// Line and column of a byte, from 1.
fn place(text: &str, at: usize) -> (usize, usize) {
    let before = text.get(..at).unwrap_or(text);
    let line = before.rsplit('\n').next().unwrap_or_default();
    (before.matches('\n').count() + 1, line.chars().count() + 1)
}
