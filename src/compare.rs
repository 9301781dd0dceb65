//! Code against accounts, pure: from paths and accounts to differences and findings. Prints nothing, never exits.

use std::collections::BTreeSet;

use rayon::prelude::*;

use crate::account::Account;
use crate::analysis::Judge;
use crate::analysis::verdict::Verdict;
use crate::diagnostic::{Code, Diagnostic, Level};
use crate::drift::{self, Change, Drift, Elsewhere, Pair, Who};
use crate::finding::Finding;
use crate::iam::build::{self, Names};
use crate::iam::facts::{Facts, PrincipalKind, What};
use crate::iam::model::{IamModel, PrincipalId};
use crate::policy::arn::{self, Arn};
use crate::rules;
use crate::scan::{self, Declared, Unit};
use crate::source::SourceMap;
use crate::triage;

/// What to compare.
#[derive(Clone)]
pub struct Request {
    /// The code.
    pub code: scan::Request,
    /// Principals that no code given here is about.
    pub elsewhere: Vec<Elsewhere>,
    /// Whether the verdicts about those are wanted, too, of whom nothing differs.
    pub whole: bool,
}

/// What came out.
#[derive(Debug, Default)]
pub struct Outcome {
    /// The accounts, then the code, by number.
    pub units: Vec<Unit>,
    /// The accounts, in the same order.
    pub accounts: Vec<AccountDrift>,
    /// The findings, with the number of their account.
    pub findings: Vec<(usize, Finding)>,
    /// What each of the findings is about.
    pub changes: Vec<Change>,
    /// Problems with the input.
    pub diagnostics: Vec<Diagnostic>,
    /// How many files were read.
    pub files: usize,
}

/// An account beside the code that is for it.
#[derive(Debug)]
pub struct AccountDrift {
    /// What was read. Its facts and problems are in the rest of the outcome.
    pub account: Account,
    /// Numbers of the units of its code.
    pub code: Vec<usize>,
    /// Everybody, by kind and name.
    pub principals: Vec<Principal>,
}

/// A principal on both sides.
#[derive(Debug)]
pub struct Principal {
    /// Who.
    pub who: Who,
    /// Whether any code is about it.
    pub is_declared: bool,
    /// Whether the account has it.
    pub is_actual: bool,
    /// The verdict by the code, with the number of its unit.
    pub declared: Option<(usize, Verdict)>,
    /// The verdict by the account.
    pub actual: Option<Verdict>,
    /// Why it is not compared.
    pub elsewhere: Option<String>,
}

/// An account and its code, compared.
struct Compared {
    account: AccountDrift,
    units: Vec<Unit>,
    drift: Drift,
    diagnostics: Vec<Diagnostic>,
}

/// Compares the code with the accounts it is for.
pub fn drift(request: &Request, accounts: Vec<Account>, sources: &SourceMap) -> Outcome {
    let code = sources.all().len();
    let (declared, mut diagnostics) = scan::declared(&request.code, sources);
    let couples = Couples::new(request, declared, accounts);
    diagnostics.extend(couples.problems);
    let mut compared: Vec<Compared> =
        couples.found.into_par_iter().map(|(account, code)| compare(request, account, code)).collect();
    compared.sort_by(|a, b| a.account.account.id.cmp(&b.account.account.id));
    diagnostics.extend(idle(request, &compared));
    let mut outcome = Outcome { diagnostics, ..Outcome::default() };
    for Compared { account: AccountDrift { account, .. }, .. } in &compared {
        outcome.units.push(Unit { path: account.id.clone(), kind: "account", files: account.files });
    }
    for (number, one) in compared.into_iter().enumerate() {
        let Compared { mut account, units, drift, diagnostics } = one;
        let first = outcome.units.len();
        account.code = (first..first + units.len()).collect();
        for p in &mut account.principals {
            p.declared.iter_mut().for_each(|(unit, _)| *unit += first);
        }
        outcome.files += account.account.files + units.iter().map(|u| u.files).sum::<usize>();
        outcome.units.extend(units);
        outcome.diagnostics.extend(diagnostics);
        for (finding, change) in rules::run_drift(drift.changes, &request.code.rules) {
            outcome.findings.push((number, Finding { unit: number, ..finding }));
            outcome.changes.push(change);
        }
        outcome.accounts.push(account);
    }
    let units: Vec<&str> = outcome.units.iter().map(|u| u.path.as_str()).collect();
    // What no difference meets may be for `check`.
    let rules = &request.code.rules;
    let run = triage::Run { sources, code, rules, units: &units, unit_of: &|_| None };
    request.code.triage.apply(&mut outcome.findings, &run);
    outcome
}

/// Patterns of what is managed elsewhere that met nobody in any account.
fn idle(request: &Request, compared: &[Compared]) -> Vec<Diagnostic> {
    let nobody = |n: usize| !compared.is_empty() && compared.iter().all(|c| c.drift.idle.contains(&n));
    let idle = request.elsewhere.iter().enumerate().filter(|(n, _)| nobody(*n));
    idle.map(|(_, e)| {
        let (kind, name) = (e.who.kind.as_str(), &e.who.name);
        let message = format!("`[[managed-elsewhere]]` with the name `{name}` meets no {kind}; remove it");
        Diagnostic::path(Code::NotCompared, Level::Warning, "mfaguard.toml", message)
    })
    .collect()
}

/// Which code is for which account.
#[derive(Default)]
struct Couples {
    found: Vec<(Account, Declared)>,
    /// What belongs to nothing.
    problems: Vec<Diagnostic>,
}

impl Couples {
    fn new(request: &Request, mut declared: Vec<Declared>, accounts: Vec<Account>) -> Self {
        let mut out = Self::default();
        let (mut seen, alone) = (BTreeSet::new(), accounts.len() == 1);
        let configured = &request.code.accounts;
        for account in accounts {
            if !seen.insert(account.id.clone()) {
                out.refuse(&account, format!("account {} was given twice", account.id));
                continue;
            }
            let is_of = |d: &Declared| match d.account {
                Some(n) => match configured.get(n).and_then(|c| c.id.as_deref()) {
                    Some(id) => id == account.id,
                    None => alone && configured.len() == 1,
                },
                None => alone && configured.is_empty(),
            };
            match declared.iter().position(is_of) {
                Some(at) => out.found.push((account, declared.swap_remove(at))),
                // No code at all: everything in the account is declared nowhere.
                None if alone && configured.is_empty() => out.found.push((account, Declared::default())),
                None => out.refuse(&account, without_code(&account, configured)),
            }
        }
        if !out.found.is_empty() {
            declared.iter().for_each(|d| out.leave(d, configured));
        }
        out
    }

    fn refuse(&mut self, account: &Account, message: String) {
        self.problems.push(Diagnostic::at(Code::NotCompared, Level::Error, account.root.span, message));
    }

    /// Tells that code was compared with nothing.
    fn leave(&mut self, code: &Declared, configured: &[scan::Account]) {
        let of = code.account.and_then(|n| configured.get(n));
        let (level, why) = match of.and_then(|c| c.id.as_deref().or(c.name.as_deref())) {
            Some(account) => {
                (Level::Note, format!("it is for account `{account}`, of which nothing was given"))
            }
            None => (Level::Warning, "it is of no account in mfaguard.toml with an `id`".to_owned()),
        };
        let told = code.units.iter().map(|u| {
            let message = format!("`{}` was not compared: {why}", u.path);
            Diagnostic::path(Code::NotCompared, level, u.path.clone(), message)
        });
        self.problems.extend(told);
    }
}

fn without_code(account: &Account, configured: &[scan::Account]) -> String {
    let ids: Vec<&str> = configured.iter().filter_map(|c| c.id.as_deref()).collect();
    match (configured.is_empty(), ids.as_slice()) {
        (true, _) => format!(
            "which code is for account {} is not known; write `[[account]]` with its `id` and `paths` into \
             mfaguard.toml",
            account.id
        ),
        (false, []) => format!(
            "which code is for account {} is not known: no `[[account]]` in mfaguard.toml has an `id`",
            account.id
        ),
        (false, ids) => format!(
            "account {} is none of those in mfaguard.toml that have code here ({})",
            account.id,
            ids.join(", ")
        ),
    }
}

fn compare(request: &Request, mut account: Account, code: Declared) -> Compared {
    let mut diagnostics = code.diagnostics;
    diagnostics.append(&mut account.diagnostics);
    let mut facts = code.facts;
    if arn::is_account(&account.id) {
        diagnostics.extend(foreign(&facts, &account));
        facts.of_account(&account.id, &account.partition);
    }
    let (declared, joined) = build::build(facts, Names::OfAccount);
    diagnostics.extend(joined);
    let (actual, joined) = build::build(std::mem::take(&mut account.facts), Names::OfAccount);
    diagnostics.extend(joined);
    diagnostics.extend(unread(&account, &declared));
    let (in_code, in_account) = (Judge::new(&declared), Judge::new(&actual));
    let drift = drift::drift(&in_code, &in_account, &account, &request.elsewhere);
    let concerned: BTreeSet<&Who> =
        drift.changes.iter().flat_map(|c| std::iter::once(&c.who).chain(&c.concerns)).collect();
    let principal = |pair: &Pair| {
        let wanted = request.whole || concerned.contains(&pair.who);
        let verdict = |judge: &Judge<'_>, id: Option<PrincipalId>| {
            id.filter(|_| wanted).and_then(|id| judge.of(id)).map(|j| j.verdict.clone())
        };
        let unit =
            |model: &IamModel, id: Option<PrincipalId>| id.and_then(|id| model.principal(id)).map(|p| p.unit);
        // An account declares nothing: its principals have no address.
        let nameless = |v: Verdict| Verdict { address: None, ..v };
        Principal {
            who: pair.who.clone(),
            is_declared: pair.declared.is_some(),
            is_actual: pair.actual.is_some(),
            declared: unit(&declared, pair.declared).zip(verdict(&in_code, pair.declared)),
            actual: verdict(&in_account, pair.actual).map(nameless),
            elsewhere: pair.elsewhere.clone(),
        }
    };
    let principals = drift.pairs.par_iter().map(principal).collect();
    let account = AccountDrift { account, code: Vec::new(), principals };
    Compared { account, units: code.units, drift, diagnostics }
}

/// Code attaches policies of its own account only: ARNs of another one tell that it is for that.
fn foreign(facts: &Facts, account: &Account) -> Option<Diagnostic> {
    facts.facts.iter().find_map(|fact| {
        let named = match &fact.what {
            What::Attachment { policies, .. } => policies,
            What::Principal { boundary, .. } => boundary,
            What::ManagedPolicy { .. }
            | What::InlinePolicy { .. }
            | What::Membership { .. }
            | What::LoginProfile { .. }
            | What::VirtualDevice { .. }
            | What::AccessKey { .. } => return None,
        };
        let all = named.as_list().unwrap_or(std::slice::from_ref(named));
        let other = all.iter().filter_map(|v| Arn::parse(v.as_str()?)).map(|a| a.account);
        let other = other.filter(|id| arn::is_account(id)).find(|id| *id != account.id)?;
        let message = format!(
            "`{}` names a policy of account {other}, but the account is {}: code and account may not belong together",
            fact.address, account.id
        );
        Some(Diagnostic::at(Code::NotCompared, Level::Warning, fact.span, message))
    })
}

/// What an account did not tell, so that it is compared with nothing.
fn unread(account: &Account, declared: &IamModel) -> Vec<Diagnostic> {
    let mut out = Vec::new();
    let mut tell = |message: String| {
        out.push(Diagnostic::at(Code::NotCompared, Level::Warning, account.root.span, message));
    };
    if account.policies.is_none() {
        tell(format!(
            "the authorization details of account {} were not read: memberships, policies, boundaries and trust \
             policies are not compared",
            account.id
        ));
    }
    for kind in [PrincipalKind::User, PrincipalKind::Group, PrincipalKind::Role] {
        let wanted = || declared.principals.iter().any(|p| p.kind == kind);
        if account.policies.is_some() && !account.listed.contains(&kind) && wanted() {
            let (kind, id) = (kind.as_str(), &account.id);
            tell(format!(
                "no list of {kind}s of account {id} was read: whether a declared one is missing is not known"
            ));
        }
    }
    let silent = account.users.iter().filter(|u| u.console.source.is_none()).count();
    if silent > 0 {
        tell(format!(
            "whether {silent} users of account {} have a password was not read: that is not compared",
            account.id
        ));
    }
    if account.virtual_devices.is_none() && !declared.devices.is_empty() {
        tell(format!(
            "the virtual devices of account {} were not read: those that the code declares are not compared",
            account.id
        ));
    }
    out
}
