//! Whether a fix is one: it is put into the texts in memory, and everything that it bears on is analysed again.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use super::{Edit, patch};
use crate::analysis::verdict::{Enforcement, Verdict};
use crate::diagnostic::Code;
use crate::finding::{Certainty, Finding};
use crate::frontend::terraform::is_configuration;
use crate::fs::Patched;
use crate::iam::model::{Policy, PolicyId, PolicyOrigin};
use crate::policy::eval::Grants;
use crate::policy::judge::judge;
use crate::policy::verdict::Ruling;
use crate::rules::{OnUnknown, Selection};
use crate::scan::{self, Model, Outcome, Request};
use crate::source::SourceMap;

/// The rule about comments that suppress nothing.
const UNUSED: &str = "MFA901";

/// A unit, and what is found in it by which rule, or which kind of principal it has: with the name of either.
pub(super) type Subject = (String, &'static str, String);

/// What a finding is known by while texts change: with its message.
pub(super) type Key = (Subject, String);

/// A project as it is, in which fixes are tried.
pub(super) struct Bench<'s> {
    pub(super) request: Request,
    pub(super) sources: &'s SourceMap,
    pub(super) outcome: Outcome,
    pub(super) models: Vec<Model>,
    /// The gates of each model, when they are asked for.
    gates: Vec<OnceLock<Vec<PolicyId>>>,
    /// The code in directories, when it is asked for.
    directories: RefCell<BTreeMap<PathBuf, Arc<str>>>,
    now: State,
}

/// What must not get worse.
#[derive(Debug, Default, PartialEq, Eq)]
struct State {
    /// Of each principal of each unit how well console sessions and access keys are guarded.
    guarded: BTreeMap<Subject, (u8, u8)>,
    /// How many findings there are, and how many of them are proven.
    counts: BTreeMap<Subject, (usize, usize)>,
    /// How many findings say so.
    said: BTreeMap<Key, usize>,
    /// The problems with the input.
    problems: BTreeSet<(Code, String)>,
}

impl<'s> Bench<'s> {
    /// Analyses the project by all rules, whichever are selected.
    pub(super) fn new(request: &Request, sources: &'s SourceMap) -> Self {
        let rules = Selection { on_unknown: OnUnknown::Warn, ..Selection::default() };
        let request = Request { rules, ..request.clone() };
        let (outcome, models) = scan::check_with_models(&request, sources);
        let now = State::of(&outcome);
        let gates = models.iter().map(|_| OnceLock::new()).collect();
        Self { request, sources, outcome, models, gates, directories: RefCell::default(), now }
    }

    /// The models of a unit, with the policies of each that enforce MFA alone.
    pub(super) fn models_of(&self, unit: usize) -> impl Iterator<Item = (&Model, &[PolicyId])> {
        let of_unit = self.models.iter().zip(&self.gates).filter(move |(m, _)| m.unit == unit);
        of_unit.map(|(m, gates)| (m, gates.get_or_init(|| gates_of(m)).as_slice()))
    }

    /// The text of a file, as it was read.
    pub(super) fn text(&self, path: &Path) -> Option<Arc<str>> {
        self.request.fs.read(path).ok().map(Into::into)
    }

    /// All texts of Terraform in a directory, one behind the other.
    pub(super) fn texts_in(&self, dir: &Path) -> Arc<str> {
        let fs = &self.request.fs;
        let read = || {
            let names = fs.files(dir).unwrap_or_default();
            let texts =
                names.iter().filter(|n| is_configuration(n)).filter_map(|n| fs.read(&dir.join(n)).ok());
            texts.collect::<String>().into()
        };
        Arc::clone(self.directories.borrow_mut().entry(dir.to_path_buf()).or_insert_with(read))
    }

    /// What a finding of this analysis is known by.
    pub(super) fn key(&self, unit: usize, finding: &Finding) -> Key {
        key(&self.outcome, unit, finding)
    }

    /// Whether a file is below what is analysed, and neither a downloaded module nor a record.
    pub(super) fn may_change(&self, path: &Path, unit: usize) -> bool {
        let fs = &self.request.fs;
        let id = fs.identity(path);
        let below = |p: &PathBuf| match fs.is_dir(p) {
            true => fs.identity(p) == Path::new(".") || id.starts_with(fs.identity(p)),
            false => {
                fs.identity(p).parent().is_some_and(|dir| dir.as_os_str().is_empty() || id.starts_with(dir))
            }
        };
        let downloaded = path.components().any(|c| c.as_os_str() == ".terraform");
        let recorded = |u: &scan::Unit| u.kind == "terraform" && fs.identity(Path::new(&u.path)) == id;
        self.request.paths.iter().any(below)
            && !downloaded
            && !self.outcome.units.get(unit).is_some_and(recorded)
    }

    /// Whether the findings are gone after these edits, and nothing is worse.
    pub(super) fn holds(&self, keys: &[&Key], edits: &[Edit]) -> bool {
        let Some(texts) = patch::apply(edits, self.sources) else { return false };
        let files: Vec<PathBuf> = texts.keys().cloned().collect();
        let overlay = Patched::new(
            Arc::clone(&self.request.fs),
            texts.iter().map(|(path, text)| (path.as_path(), text)),
        );
        // Only what the files belong to can change. Of files that are named one by one that cannot be asked.
        let named = self.request.paths.iter().any(|p| !self.request.fs.is_dir(p));
        let changed = if named { None } else { Some(files) };
        let here = Request { changed, ..self.request.clone() };
        let unchanged = || State::of(&scan::check(&here, &SourceMap::new()));
        let now = self.request.changed.is_some().then(unchanged);
        let after = scan::check(&Request { fs: Arc::new(overlay), ..here }, &SourceMap::new());
        State::of(&after).is_better(now.as_ref().unwrap_or(&self.now), keys)
    }
}

/// The managed policies of a model that enforce MFA on whoever has them, whatever else they have.
fn gates_of(model: &Model) -> Vec<PolicyId> {
    let enforces = |policy: &Policy| {
        let [(when, parsed)] = policy.documents.as_slice() else { return false };
        let grants = Grants { identity: vec![&parsed.document], ..Grants::default() };
        let certain = when.answers().is_empty() && policy.whens.iter().all(|w| w.answers().is_empty());
        if policy.origin != PolicyOrigin::Customer || parsed.refused() || !certain {
            return false;
        }
        let judged = judge(&grants, &Default::default());
        judged.mfa == Ruling::Enforced && judged.mfa_keys == Ruling::Enforced
    };
    let policies = model.model.policies.iter().enumerate();
    policies.filter(|(_, p)| p.unit == model.number && enforces(p)).map(|(i, _)| PolicyId(i)).collect()
}

pub(super) fn key(outcome: &Outcome, unit: usize, finding: &Finding) -> Key {
    let unit = outcome.units.get(unit).map(|u| u.path.clone()).unwrap_or_default();
    ((unit, finding.rule.code, finding.subject.clone()), finding.message.clone())
}

/// True for a rule about a policy: several statements of one may be at fault.
fn is_of_policy(code: &str) -> bool {
    code.starts_with("MFA1")
}

impl State {
    fn of(outcome: &Outcome) -> Self {
        let mut out = Self::default();
        for (unit, verdict) in &outcome.verdicts {
            let path = outcome.units.get(*unit).map(|u| u.path.clone()).unwrap_or_default();
            let name = verdict.address.clone().or_else(|| verdict.name.clone()).unwrap_or_default();
            out.guarded.insert((path, verdict.kind.as_str(), name), guarded(verdict));
        }
        // A comment that is of no use any more is no reason to leave the finding.
        let of_code = outcome.findings.iter().filter(|(_, f)| f.rule.code != UNUSED);
        for (unit, finding) in of_code {
            let key = key(outcome, *unit, finding);
            let (all, proven) = out.counts.entry(key.0.clone()).or_default();
            *all += 1;
            *proven += usize::from(finding.certainty == Certainty::Proven);
            *out.said.entry(key).or_default() += 1;
        }
        out.problems = outcome.diagnostics.iter().map(|d| (d.code, d.message.clone())).collect();
        out
    }

    /// Whether these findings are gone, compared with what was before, and nothing else is worse. What was before may
    /// know of more units.
    fn is_better(&self, before: &Self, keys: &[&Key]) -> bool {
        let gone = |key: &&Key| {
            if !is_of_policy(key.0.1) {
                return !self.counts.contains_key(&key.0);
            }
            let asked = keys.iter().filter(|k| k == &key).count();
            let said = |state: &Self| state.said.get(*key).copied().unwrap_or(0);
            said(self) + asked <= said(before)
        };
        let same = |(who, now): (&_, &(u8, u8))| {
            before.guarded.get(who).is_some_and(|was| now.0 >= was.0 && now.1 >= was.1)
        };
        let units: BTreeSet<&String> = self.guarded.keys().map(|(u, ..)| u).collect();
        let everybody = before.guarded.keys().filter(|(u, ..)| units.contains(u)).count();
        // That nobody has a policy can be said of it once it enforces MFA at all.
        let mended = |(unit, code, subject): &Subject| {
            let same = |((u, c, s), _): &&Key| u == unit && s == subject && is_of_policy(c);
            *code == "MFA103" && keys.iter().any(same)
        };
        let no_more = |(key, now): (&Subject, &(usize, usize))| {
            let was = before.counts.get(key).copied().unwrap_or_default();
            now.0 <= was.0 && now.1 <= was.1 || mended(key)
        };
        keys.iter().all(gone)
            && self.guarded.iter().all(same)
            && everybody == self.guarded.len()
            && self.counts.iter().all(no_more)
            && self.problems.is_subset(&before.problems)
    }
}

fn guarded(verdict: &Verdict) -> (u8, u8) {
    let rank = |mfa| match mfa {
        Enforcement::NotEnforced => 0,
        Enforcement::Unknown => 1,
        Enforcement::Partial => 2,
        Enforcement::NotApplicable | Enforcement::Enforced => 3,
    };
    (rank(verdict.mfa), rank(verdict.mfa_keys))
}
