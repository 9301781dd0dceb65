//! The MFA status of accounts, pure: from saved answers to users, verdicts and findings. Prints nothing, never exits.

use std::collections::BTreeMap;
use std::ops::AddAssign;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rayon::prelude::*;

use crate::account::{self, Account, Saved};
use crate::analysis::live::{DeviceVerdict, LiveUser};
use crate::analysis::verdict::{Enforcement, Verdict};
use crate::analysis::{self, Judged};
use crate::diagnostic::{Code, Diagnostic, Level};
use crate::finding::Finding;
use crate::fs::{FileSystem, MemFs};
use crate::iam::build::{self, Names};
use crate::iam::facts::{Facts, PrincipalKind};
use crate::rules::{self, Selection};
use crate::scan::Unit;
use crate::source::SourceMap;
use crate::tri::Tri;
use crate::triage::{self, Comments, Triage};

/// What to look at.
#[derive(Clone)]
pub struct Request {
    /// Snapshots, or directories that hold one for each account.
    pub snapshots: Vec<PathBuf>,
    /// Credential reports, each alone.
    pub reports: Vec<PathBuf>,
    /// Where they are.
    pub fs: Arc<dyn FileSystem>,
    /// Which rules run, and what to do with what is only possible.
    pub rules: Selection,
    /// Which findings are accepted.
    pub triage: Triage,
}

/// What came out.
#[derive(Debug, Default)]
pub struct Outcome {
    /// The accounts as units of a report, by number.
    pub units: Vec<Unit>,
    /// The accounts, in the same order.
    pub accounts: Vec<AccountStatus>,
    /// The verdict of every principal, with the number of its account.
    pub verdicts: Vec<(usize, Verdict)>,
    /// The findings, with the number of their account.
    pub findings: Vec<(usize, Finding)>,
    /// Problems with the input.
    pub diagnostics: Vec<Diagnostic>,
    /// How many files were read.
    pub files: usize,
}

/// An account with what its policies mean.
#[derive(Debug)]
pub struct AccountStatus {
    /// What was read.
    pub account: Account,
    /// The first thing that could not be read.
    pub error: Option<String>,
    judged: Vec<Judged>,
    /// Places of users in `judged`, by name in small letters.
    by_name: BTreeMap<String, usize>,
}

impl AccountStatus {
    /// The users with all that is to be said about them, by name.
    pub fn users(&self) -> impl Iterator<Item = LiveUser<'_>> {
        self.account.users.iter().map(|user| {
            let at = self.by_name.get(&user.name.to_ascii_lowercase());
            // Without policies there are verdicts, but they say nothing.
            let judged = at.filter(|_| self.account.policies.is_some()).and_then(|&at| self.judged.get(at));
            LiveUser { user, judged }
        })
    }

    /// The numbers of the summary.
    pub fn counts(&self) -> Counts {
        self.users().map(|u| Counts::of(&u)).fold(Counts::default(), |mut sum, one| {
            sum += one;
            sum
        })
    }
}

/// Numbers of users.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// All.
    pub users: usize,
    /// With a console password.
    pub console_users: usize,
    /// With a console password and a device.
    pub with_mfa: usize,
    /// With a console password and no device.
    pub without_mfa: usize,
    /// Of whom either is not known.
    pub unknown: usize,
    /// Without a console password, with an active key.
    pub key_only: usize,
    /// Administrators with a password or a key and no device.
    pub admins_without_mfa: usize,
    /// With a console password, whom policies ask for MFA at the console and with keys.
    pub enforced: usize,
}

impl Counts {
    fn of(live: &LiveUser<'_>) -> Self {
        let user = live.user;
        let count = |yes: bool| usize::from(yes);
        let verdict = live.verdict();
        let enforced = live.mfa() == Enforcement::Enforced && live.mfa_keys() == Enforcement::Enforced;
        Self {
            users: 1,
            console_users: count(user.console.value.is_yes()),
            with_mfa: count(user.console.value.is_yes() && verdict == DeviceVerdict::Ok),
            without_mfa: count(verdict == DeviceVerdict::Fail),
            unknown: count(verdict == DeviceVerdict::Unknown),
            key_only: count(user.console.value.is_no() && user.has_keys().is_yes()),
            admins_without_mfa: count(live.is_admin_without_device().is_yes()),
            enforced: count(user.console.value.is_yes() && enforced),
        }
    }

    /// How many of a hundred console users have a device; nothing where there are none.
    pub fn percent(&self) -> Option<usize> {
        (self.with_mfa * 100).checked_div(self.with_mfa + self.without_mfa + self.unknown)
    }
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.users += other.users;
        self.console_users += other.console_users;
        self.with_mfa += other.with_mfa;
        self.without_mfa += other.without_mfa;
        self.unknown += other.unknown;
        self.key_only += other.key_only;
        self.admins_without_mfa += other.admins_without_mfa;
        self.enforced += other.enforced;
    }
}

/// What to ask AWS about a user, because it can change an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// The name of the user.
    pub user: String,
    /// Whether it has a console password.
    pub password: bool,
    /// Which devices it has.
    pub devices: bool,
    /// Whether its security keys are certified.
    pub certificates: bool,
}

/// What to ask after the answers about an account as a whole. With `all` everything about everybody.
pub fn questions(saved: Saved, all: bool) -> Vec<Question> {
    let dir = Path::new("account");
    let fs = saved.files.into_iter().fold(MemFs::new(), |fs, (name, bytes)| fs.with(dir.join(name), bytes));
    let account = account::read(dir, &fs, &SourceMap::new());
    // Nobody asks for a place.
    drop(fs);
    let (status, _) = join(account);
    let question = |live: LiveUser<'_>| {
        let (password, devices) = live.open_questions();
        let (password, devices) = (all || password, all || devices);
        let user = live.user.name.clone();
        (password || devices).then_some(Question { user, password, devices, certificates: all })
    };
    status.users().filter_map(question).collect()
}

/// Reads and judges all accounts.
pub fn status(request: &Request, sources: &SourceMap) -> Outcome {
    let (accounts, diagnostics) =
        account::read_all(&request.snapshots, &request.reports, request.fs.as_ref(), sources);
    let mut outcome = Outcome { diagnostics, ..Outcome::default() };
    let mut judged: Vec<(AccountStatus, Vec<Finding>, Vec<Diagnostic>)> =
        accounts.into_par_iter().map(|account| judge(account, &request.rules)).collect();
    judged.sort_by(|(a, ..), (b, ..)| a.account.id.cmp(&b.account.id));
    for pair in judged.windows(2) {
        if let [(a, ..), (b, ..)] = pair
            && a.account.id == b.account.id
        {
            let message =
                format!("account {} was given twice; everything of it is counted twice", a.account.id);
            outcome.diagnostics.push(Diagnostic::at(
                Code::BadSnapshot,
                Level::Error,
                b.account.root.span,
                message,
            ));
        }
    }
    for (number, (status, findings, diagnostics)) in judged.into_iter().enumerate() {
        let Account { id, files, .. } = &status.account;
        outcome.units.push(Unit { path: id.clone(), kind: "account", files: *files });
        outcome.files += files;
        outcome.findings.extend(findings.into_iter().map(|f| (number, f)));
        outcome.diagnostics.extend(diagnostics);
        // An account declares nothing: its principals have no address.
        let verdicts = status.judged.iter().map(|j| Verdict { address: None, ..j.verdict.clone() });
        outcome.verdicts.extend(verdicts.map(|v| (number, v)));
        outcome.accounts.push(status);
    }
    let units: Vec<&str> = outcome.units.iter().map(|u| u.path.as_str()).collect();
    let triage = Triage { comments: Comments::None, ..request.triage.clone() };
    let run = triage::Run { sources, code: 0, rules: &request.rules, units: &units, unit_of: &|_| None };
    triage.apply(&mut outcome.findings, &run);
    outcome
}

fn judge(account: Account, rules: &Selection) -> (AccountStatus, Vec<Finding>, Vec<Diagnostic>) {
    let (status, diagnostics) = join(account);
    let live: Vec<LiveUser<'_>> = status.users().collect();
    let findings = rules::run_account(&status.account, &live, rules);
    (status, findings, diagnostics)
}

/// What the policies of an account mean.
fn join(mut account: Account) -> (AccountStatus, Vec<Diagnostic>) {
    let facts: Facts = std::mem::take(&mut account.facts);
    let (model, joined) = build::build(facts, Names::OfAccount);
    let judged = analysis::judge(&model);
    let mut diagnostics = std::mem::take(&mut account.diagnostics);
    diagnostics.extend(joined);
    let error = diagnostics.iter().find(|d| d.level == Level::Error).map(|d| d.message.clone());
    let users = judged.iter().enumerate().filter(|(_, j)| j.verdict.kind == PrincipalKind::User);
    let by_name =
        users.filter_map(|(at, j)| Some((j.verdict.name.as_ref()?.to_ascii_lowercase(), at))).collect();
    (AccountStatus { account, error, judged, by_name }, diagnostics)
}

/// What is to be said about the MFA of a root user, in the words of the JSON report.
pub fn root_mfa(root: &account::Root) -> &'static str {
    match (root.credentials.value, root.mfa.value) {
        (Tri::No, _) => "not-applicable",
        (Tri::Yes | Tri::Maybe, Tri::Yes) => "yes",
        (Tri::Yes | Tri::Maybe, Tri::No) => "no",
        (Tri::Yes | Tri::Maybe, Tri::Maybe) => "unknown",
    }
}

/// Whether a root user has credentials, in the words of the JSON report.
pub fn root_credentials(root: &account::Root) -> &'static str {
    match root.credentials.value {
        Tri::Yes => "present",
        Tri::No => "absent",
        Tri::Maybe => "unknown",
    }
}
