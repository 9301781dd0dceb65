//! The files of a snapshot: one directory an account, or a credential report alone.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::details::Details;
use super::devices::Virtual;
use super::pages::Pages;
use super::reconcile::Answers;
use super::report::{self, Report};
use super::time::Time;
use super::{Account, Origin, details, devices, pages, root};
use crate::diagnostic::{Code, Diagnostic, Level};
use crate::fs::{FileSystem, FsError};
use crate::iam::facts::PrincipalKind;
use crate::limits;
use crate::source::{Source, SourceMap, Span};
use crate::tri::Tri;
use crate::value::{Kind, Value};

/// What the snapshot says about itself.
pub(crate) const META: &str = "meta.json";
/// The credential report, in its two forms.
const REPORTS: [&str; 2] = ["credential_report.csv", "credential_report.json"];
/// The answers in JSON.
const ANSWERS: [Origin; 5] = [
    Origin::AuthorizationDetails,
    Origin::AccountSummary,
    Origin::MfaDevices,
    Origin::VirtualMfaDevices,
    Origin::LoginProfiles,
];

/// The snapshots in a directory: itself, or, when it holds none of their files, the directories in it that do.
///
/// # Errors
/// When the directory cannot be read, or holds no snapshot.
pub fn snapshots(dir: &Path, fs: &dyn FileSystem) -> Result<Vec<PathBuf>, Box<Diagnostic>> {
    let is_one = |dir: &Path| {
        let answers = ANSWERS.iter().map(|o| format!("{}.json", o.file()));
        let mut files = REPORTS.iter().chain(&[META]).map(|f| (*f).to_owned()).chain(answers);
        files.any(|f| fs.is_file(&dir.join(f)))
    };
    if is_one(dir) {
        return Ok(vec![dir.to_path_buf()]);
    }
    if fs.is_file(dir) {
        let message = "this is a file: give the directory that it is in, or a credential report alone with `--credential-report`";
        let path = dir.display().to_string();
        return Err(Box::new(Diagnostic::path(Code::Unreadable, Level::Error, path, message)));
    }
    let unreadable = |e: FsError| Box::new(e.problem(dir, Level::Error));
    let inner = fs.dirs(dir).map_err(unreadable)?.into_iter().map(|d| dir.join(d));
    let found: Vec<PathBuf> = inner.filter(|d| is_one(d)).collect();
    if found.is_empty() {
        let wanted =
            "credential_report.csv, account_authorization_details.json or others that `aws iam` prints";
        let message = format!("there is no snapshot of an account here: {wanted}");
        let path = dir.display().to_string();
        return Err(Box::new(Diagnostic::path(Code::NothingFound, Level::Error, path, message)));
    }
    Ok(found)
}

/// Whether a directory holds a snapshot of which nothing is missing.
pub fn is_whole(dir: &Path, fs: &dyn FileSystem) -> bool {
    let Ok(text) = fs.read(&dir.join(META)) else { return false };
    let meta: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
    let empty = |name: &str| meta.get(name).and_then(|v| v.as_array()).is_some_and(Vec::is_empty);
    empty("denied") && empty("failed") && meta.get("error").is_none()
}

/// Reads the accounts that are saved in directories, and credential reports that are saved alone. Returns also what
/// could not be found.
pub fn read_all(
    snapshots: &[PathBuf],
    reports: &[PathBuf],
    fs: &dyn FileSystem,
    sources: &SourceMap,
) -> (Vec<Account>, Vec<Diagnostic>) {
    let (mut dirs, mut problems) = (Vec::new(), Vec::new());
    for dir in snapshots {
        match self::snapshots(dir, fs) {
            Ok(found) => dirs.extend(found),
            Err(problem) => problems.push(*problem),
        }
    }
    // Sources are numbered in the order of reading.
    let mut accounts: Vec<Account> = dirs.iter().map(|dir| read(dir, fs, sources)).collect();
    accounts.extend(reports.iter().map(|file| read_report(file, fs, sources)));
    (accounts, problems)
}

/// Reads the snapshot of an account.
pub fn read(dir: &Path, fs: &dyn FileSystem, sources: &SourceMap) -> Account {
    let mut reader = Reader { fs, sources, files: 0, problems: Vec::new() };
    let meta = reader.pages(&dir.join(META)).and_then(|read| read.pages.into_iter().next());
    let report = REPORTS.iter().find_map(|name| reader.file(&dir.join(name)));
    let mut found = Found::default();
    for origin in ANSWERS {
        if let Some(source) = reader.file(&dir.join(format!("{}.json", origin.file()))) {
            found.read(origin, &source, &mut reader.problems);
        }
    }
    reader.account(dir, meta.as_ref(), report.as_ref(), found)
}

/// Reads a credential report alone.
pub fn read_report(file: &Path, fs: &dyn FileSystem, sources: &SourceMap) -> Account {
    let mut reader = Reader { fs, sources, files: 0, problems: Vec::new() };
    let report = reader.file(file);
    if report.is_none() && reader.problems.is_empty() {
        let error = FsError::NotFound(file.display().to_string());
        reader.problems.push(error.problem(file, Level::Error));
    }
    reader.account(file, None, report.as_ref(), Found::default())
}

/// The answers in JSON that were found.
#[derive(Default)]
struct Found {
    /// Their documents, without what was read part by part.
    pages: BTreeMap<Origin, Pages>,
    details: Option<Details>,
    virtual_devices: Virtual,
}

impl Found {
    fn read(&mut self, origin: Origin, source: &Source, problems: &mut Vec<Diagnostic>) {
        let pages = match origin {
            Origin::AuthorizationDetails => {
                let (pages, details) = Details::read(source, problems);
                self.details = Some(details);
                pages
            }
            Origin::VirtualMfaDevices => {
                let (pages, devices) = Virtual::read(source, problems);
                self.virtual_devices = devices;
                pages
            }
            Origin::CredentialReport
            | Origin::AccountSummary
            | Origin::MfaDevices
            | Origin::LoginProfiles => pages::read(source, problems),
        };
        self.pages.insert(origin, pages);
    }

    /// The documents of an answer; nothing when there is none.
    fn pages(&self, origin: Origin) -> &[Value] {
        self.pages.get(&origin).map(|read| read.pages.as_slice()).unwrap_or_default()
    }

    fn is_whole(&self, origin: Origin) -> bool {
        self.pages.get(&origin).is_some_and(|read| read.whole)
    }
}

struct Reader<'a> {
    fs: &'a dyn FileSystem,
    sources: &'a SourceMap,
    files: usize,
    problems: Vec<Diagnostic>,
}

impl Reader<'_> {
    /// The text of a file; `None` when there is none, or when it cannot be read, which is told.
    fn file(&mut self, path: &Path) -> Option<Arc<Source>> {
        let shown = path.display().to_string();
        match self.fs.read_up_to(path, limits::RECORDED_BYTES) {
            Ok(text) => {
                self.files += 1;
                Some(self.sources.add(path, &shown, text))
            }
            Err(FsError::NotFound(_)) => None,
            Err(e) => {
                self.problems.push(e.problem(path, Level::Error));
                None
            }
        }
    }

    fn pages(&mut self, path: &Path) -> Option<Pages> {
        let source = self.file(path)?;
        Some(pages::read(&source, &mut self.problems))
    }

    fn account(
        mut self,
        path: &Path,
        meta: Option<&Value>,
        report: Option<&Arc<Source>>,
        mut found: Found,
    ) -> Account {
        let read = report.and_then(|source| report::read(source, self.sources, &mut self.problems));
        let first = report.map(|s| s.span()).or(found.pages.values().map(|read| read.span).next());
        // Without any file there is nobody whose place this would be.
        let whole = first.unwrap_or_else(|| self.sources.add(path, &path.display().to_string(), "").span());
        let scanned = read.is_some() || found.pages.values().any(|read| !read.pages.is_empty());
        let details = found.details.take().filter(|_| self.are_details(&found, whole));
        let all_virtual = std::mem::take(&mut found.virtual_devices.all);
        self.denied(meta, whole);
        self.missing(meta, whole);
        let of_account = |name: &str| meta.and_then(|m| pages::text(m, name)).map(str::to_owned);
        let summary = summary(found.pages(Origin::AccountSummary));
        let listed = details.as_ref().filter(|_| found.is_whole(Origin::AuthorizationDetails));
        let answers = answers(meta, read, listed, &found);
        let users = answers.users(whole, &mut self.problems);
        let accounts = accounts(&answers, details.as_ref());
        let (id, partition) = self.identity(of_account("account"), &accounts, whole);
        let virtual_listed = found.is_whole(Origin::VirtualMfaDevices);
        let root = root::Answers {
            row: answers
                .report
                .as_ref()
                .and_then(|r| r.root.as_ref())
                .map(|row| (row, answers.source(Origin::CredentialReport))),
            summary: &summary,
            summary_source: answers.source(Origin::AccountSummary),
            virtual_devices: virtual_listed.then_some(found.virtual_devices.root.len()),
            of_users: answers.count(&users),
        }
        .root(whole);
        let listed = kinds(listed.map(|_| found.pages(Origin::AuthorizationDetails)), &answers);
        let policies = details.as_ref().map(|_| answers.source(Origin::AuthorizationDetails));
        let report_at = answers.times.get(&Origin::CredentialReport).copied();
        drop(answers);
        drop(found);
        Account {
            id: id.unwrap_or_else(|| path.display().to_string()),
            partition: of_account("partition").or(partition).unwrap_or_else(|| "aws".to_owned()),
            alias: of_account("alias"),
            ou: of_account("ou"),
            facts: details::facts(details, &users, whole),
            policies,
            scanned,
            report_at,
            calls: meta.and_then(|m| pages::number(m, "calls")),
            files: self.files,
            users,
            root,
            listed,
            virtual_devices: virtual_listed.then_some(all_virtual),
            diagnostics: self.problems,
        }
    }

    fn are_details(&mut self, found: &Found, whole: Span) -> bool {
        let pages = found.pages(Origin::AuthorizationDetails);
        let stray = pages.iter().find(|page| !details::is_details(page));
        let all = !pages.is_empty() && stray.is_none();
        if !all {
            let message = "these are no authorization details: no list of users, groups, roles or policies";
            let span = stray.and_then(|page| page.span).unwrap_or(whole);
            self.problems.push(Diagnostic::at(Code::BadSnapshot, Level::Error, span, message));
        }
        all
    }

    /// What AWS did not permit to be read.
    fn denied(&mut self, meta: Option<&Value>, whole: Span) {
        for action in meta.map(|m| pages::items(m, "denied")).unwrap_or_default() {
            let name = action.as_str().unwrap_or("an action");
            let message = format!("`{name}` was not permitted; what it would have said is unknown");
            let span = action.span.unwrap_or(whole);
            self.problems.push(Diagnostic::at(Code::NotPermitted, Level::Error, span, message));
        }
    }

    /// What AWS gave no answer to.
    fn missing(&mut self, meta: Option<&Value>, whole: Span) {
        let Some(meta) = meta else { return };
        for failed in pages::items(meta, "failed") {
            let part = |name: &str| pages::text(failed, name).unwrap_or("an action");
            let message =
                format!("`{}`: {}; what it would have said is unknown", part("action"), part("why"));
            let span = failed.span.unwrap_or(whole);
            self.problems.push(Diagnostic::at(Code::NotAnswered, Level::Error, span, message));
        }
        let account = pages::text(meta, "account").unwrap_or_default();
        let mut tell = |name: &str, level: Level, what: &str| {
            if let Some(why) = meta.get(name).filter(|v| v.as_str().is_some()) {
                let message = format!("account {account} {what}: {}", why.as_str().unwrap_or_default());
                let span = why.span.unwrap_or(whole);
                self.problems.push(Diagnostic::at(Code::NotAnswered, level, span, message));
            }
        };
        tell("error", Level::Error, "could not be read");
        // Nobody can act in it.
        tell("closed", Level::Warning, "is not active and was not read");
    }

    /// The number of the account and its partition. Answers of two accounts are not one account.
    fn identity(
        &mut self,
        said: Option<String>,
        accounts: &BTreeSet<(String, String)>,
        whole: Span,
    ) -> (Option<String>, Option<String>) {
        let mut ids: BTreeSet<&str> = accounts.iter().map(|(id, _)| id.as_str()).collect();
        ids.extend(said.as_deref());
        if ids.len() > 1 {
            let list = ids.iter().map(|id| format!("`{id}`")).collect::<Vec<_>>().join(", ");
            let message =
                format!("these are answers of several accounts: {list}; give each a directory of its own");
            self.problems.push(Diagnostic::at(Code::BadSnapshot, Level::Error, whole, message));
        }
        let first = accounts.first();
        (said.or(first.map(|(id, _)| id.clone())), first.map(|(_, partition)| partition.clone()))
    }
}

/// Numbers and partitions of the accounts that the ARNs of principals name.
fn accounts(answers: &Answers<'_>, details: Option<&Details>) -> BTreeSet<(String, String)> {
    let rows = answers.report.iter().flat_map(|r| r.users.iter().chain(&r.root));
    let of_rows = rows.filter_map(|row| details::account(&row.arn));
    of_rows.chain(details.into_iter().flat_map(|d| d.accounts.iter().cloned())).collect()
}

/// The kinds of principals of which all are known. Who is in the report exists, and who is newer than it is in the
/// other answers.
fn kinds(listed: Option<&[Value]>, answers: &Answers<'_>) -> BTreeSet<PrincipalKind> {
    let mut out = listed.map(details::kinds).unwrap_or_default();
    out.extend(answers.report.as_ref().map(|_| PrincipalKind::User));
    out
}

/// The numbers of the account summary.
fn summary(pages: &[Value]) -> BTreeMap<Arc<str>, u64> {
    let maps = pages.iter().map(|page| page.get("SummaryMap").unwrap_or(page));
    let entries = maps.filter_map(|map| Some((map, map.as_map()?)));
    entries
        .flat_map(|(map, names)| {
            names.keys().filter_map(|name| Some((Arc::clone(name), pages::number(map, name)?)))
        })
        .collect()
}

fn answers<'d>(
    meta: Option<&Value>,
    report: Option<Report>,
    listed: Option<&'d Details>,
    found: &'d Found,
) -> Answers<'d> {
    let said = |origin: Origin| pages::text(meta?.get("times")?, origin.file()).and_then(Time::parse);
    let mut times: BTreeMap<Origin, Time> = ANSWERS.into_iter().filter_map(|o| Some((o, said(o)?))).collect();
    let generated = report.as_ref().and_then(|r| r.generated).or_else(|| said(Origin::CredentialReport));
    times.extend(generated.map(|at| (Origin::CredentialReport, at)));
    // An answer without users says nothing about those who are not in it.
    let details = found.pages(Origin::AuthorizationDetails);
    let has_users = details.iter().any(|p| p.get("UserDetailList").is_some());
    Answers {
        report,
        listed: listed.filter(|_| has_users).map(|details| &details.users),
        devices: devices::of_users(found.pages(Origin::MfaDevices)),
        virtual_devices: &found.virtual_devices.users,
        passwords: passwords(found.pages(Origin::LoginProfiles)),
        times,
    }
}

/// Who has a login profile: the answers of GetLoginProfile, or user by user, where null stands for NoSuchEntity.
fn passwords(pages: &[Value]) -> BTreeMap<String, (Tri, Option<Time>)> {
    let mut out = BTreeMap::new();
    let created = |profile: &Value| pages::text(profile, "CreateDate").and_then(Time::parse);
    for page in pages {
        let own = page.get("LoginProfile").and_then(|p| Some((p, pages::text(p, "UserName")?)));
        if let Some((profile, user)) = own {
            out.insert(user.to_owned(), (Tri::Yes, created(profile)));
            continue;
        }
        for (user, entry) in page.as_map().into_iter().flatten() {
            let answer = match &entry.value.kind {
                Kind::Null | Kind::Bool(false) => (Tri::No, None),
                Kind::Map(_) => (Tri::Yes, created(entry.value.get("LoginProfile").unwrap_or(&entry.value))),
                Kind::Bool(true) => (Tri::Yes, None),
                Kind::Number(_)
                | Kind::String(_)
                | Kind::List(_)
                | Kind::Set(_)
                | Kind::OneOf(_)
                | Kind::Unknown(_) => (Tri::Maybe, None),
            };
            out.insert(user.to_string(), answer);
        }
    }
    out
}
