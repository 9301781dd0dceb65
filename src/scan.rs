//! The pipeline, pure: from paths to verdicts and findings. Prints nothing, never exits.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rayon::prelude::*;

use crate::analysis::{self, Judged, verdict::Verdict};
use crate::diagnostic::{Code, Diagnostic, Level};
use crate::discover::{self, Exclude, Found};
use crate::finding::Finding;
use crate::frontend::terraform::{self, Terraform};
use crate::frontend::{Lowered, cloudformation};
use crate::fs::{FileSystem, normalize};
use crate::iam::build::{self, Names};
use crate::iam::facts::{Fact, Facts};
use crate::iam::model::IamModel;
use crate::rules::{self, Selection};
use crate::source::SourceMap;
use crate::triage::{self, Triage};
use crate::value::Unknown;

/// What to analyse.
#[derive(Clone)]
pub struct Request {
    /// Files and directories.
    pub paths: Vec<PathBuf>,
    /// Only what these files belong to is reported, of all that lies below the paths. They need not exist.
    pub changed: Option<Vec<PathBuf>>,
    /// What is not looked at unless it is named.
    pub exclude: Exclude,
    /// Which units are of one account, so that a group of one may have a user of another.
    pub accounts: Vec<Account>,
    /// Where they are.
    pub fs: Arc<dyn FileSystem>,
    /// Which rules run, and what to do with what is only possible.
    pub rules: Selection,
    /// Which findings are accepted.
    pub triage: Triage,
    /// Terraform's own inputs.
    pub terraform: terraform::Options,
    /// CloudFormation's own inputs.
    pub cloudformation: cloudformation::Options,
}

impl Request {
    /// Everything below these paths, and nothing out of the ordinary.
    pub fn new(paths: Vec<PathBuf>, fs: Arc<dyn FileSystem>) -> Self {
        Self {
            paths,
            changed: None,
            exclude: Exclude::default(),
            accounts: Vec::new(),
            fs,
            rules: Selection::default(),
            triage: Triage::default(),
            terraform: terraform::Options::default(),
            cloudformation: cloudformation::Options::default(),
        }
    }
}

/// An AWS account, by the code that is for it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Account {
    /// What people call it.
    pub name: Option<String>,
    /// Its number.
    pub id: Option<String>,
    /// Files and directories. What lies below those of two accounts is of the first.
    pub paths: Vec<PathBuf>,
}

/// One root module or template that was analysed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unit {
    /// Its path as it is shown.
    pub path: String,
    /// `terraform` or `cloudformation`.
    pub kind: &'static str,
    /// How many files were read for it.
    pub files: usize,
}

/// What came out.
#[derive(Debug, Default)]
pub struct Outcome {
    /// The units, by path.
    pub units: Vec<Unit>,
    /// The verdict of every principal, with the number of its unit.
    pub verdicts: Vec<(usize, Verdict)>,
    /// The findings, with the number of their unit.
    pub findings: Vec<(usize, Finding)>,
    /// Problems with the input.
    pub diagnostics: Vec<Diagnostic>,
    /// How many files were read.
    pub files: usize,
}

/// What a unit declares, as it was judged.
#[derive(Debug, Clone)]
pub struct Model {
    /// Number of the unit in the outcome.
    pub unit: usize,
    /// Its number in the model, which may be that of several units.
    pub number: usize,
    /// The model.
    pub model: Arc<IamModel>,
}

struct UnitOutcome {
    unit: Unit,
    /// The files that were read for it, as they are shown.
    files: Vec<PathBuf>,
    /// Whether it is to be reported; otherwise it is here for what it says about others.
    asked: bool,
    verdicts: Vec<Verdict>,
    findings: Vec<Finding>,
    diagnostics: Vec<Diagnostic>,
    /// The models it is in, each with its number there.
    models: Vec<(usize, Arc<IamModel>)>,
}

/// Analyses everything below the paths.
pub fn check(request: &Request, sources: &SourceMap) -> Outcome {
    let judged = |group| {
        // A model is large, and of no use any more.
        judge(group, request).into_iter().map(|unit| UnitOutcome { models: Vec::new(), ..unit })
    };
    collect(request, sources, judged).0
}

/// Analyses everything below the paths, and says what it was judged by.
pub fn check_with_models(request: &Request, sources: &SourceMap) -> (Outcome, Vec<Model>) {
    collect(request, sources, |group| judge(group, request).into_iter())
}

fn collect<I: Iterator<Item = UnitOutcome>>(
    request: &Request,
    sources: &SourceMap,
    judged: impl Fn(Vec<UnitFacts>) -> I + Send + Sync,
) -> (Outcome, Vec<Model>) {
    let (lowered, diagnostics) = read(request, sources);
    let (mut outcome, mut models) = (Outcome { diagnostics, ..Outcome::default() }, Vec::new());
    let groups = together(affected(lowered, request), request);
    let mut units: Vec<UnitOutcome> = groups.into_par_iter().flat_map_iter(judged).collect();
    units.sort_by(|a, b| (&a.unit.path, a.unit.kind).cmp(&(&b.unit.path, b.unit.kind)));
    // By number of the unit, of those that are reported.
    let mut files: Vec<Vec<PathBuf>> = Vec::new();
    for u in units {
        outcome.files += u.unit.files;
        // What is wrong with the code of others bears on the verdicts.
        outcome.diagnostics.extend(u.diagnostics);
        if u.asked {
            let number = outcome.units.len();
            files.push(u.files);
            outcome.units.push(u.unit);
            outcome.verdicts.extend(u.verdicts.into_iter().map(|v| (number, v)));
            outcome.findings.extend(u.findings.into_iter().map(|f| (number, f)));
            let of_unit = |(own, model)| Model { unit: number, number: own, model };
            models.extend(u.models.into_iter().map(of_unit));
        }
    }
    let units: Vec<&str> = outcome.units.iter().map(|u| u.path.as_str()).collect();
    // Asked of few files: where each is on the disk takes time to find out.
    let unit_of = |shown: &str| {
        let is_it = |file: &&PathBuf| file.to_string_lossy().replace('\\', "/") == shown;
        let found = files.iter().enumerate().find_map(|(n, all)| Some((n, all.iter().find(is_it)?)));
        found.filter(|(_, file)| looked_at_whole(file, request)).map(|(n, _)| n)
    };
    let run = triage::Run { sources, code: 0, rules: &request.rules, units: &units, unit_of: &unit_of };
    request.triage.apply(&mut outcome.findings, &run);
    (outcome, models)
}

/// Whether everything that uses a file was looked at: it lies below the paths, and is among the changed ones.
fn looked_at_whole(file: &Path, request: &Request) -> bool {
    let id = request.fs.identity(file);
    let below = |path: &PathBuf| {
        let root = request.fs.identity(path);
        root == Path::new(".") || id.starts_with(root)
    };
    let is_changed = |changed: &Vec<PathBuf>| changed.iter().any(|p| request.fs.identity(p) == id);
    request.paths.iter().any(below) && request.changed.as_ref().is_none_or(is_changed)
}

/// Lowers every unit below the paths, and those of the same accounts.
fn read(request: &Request, sources: &SourceMap) -> (Vec<UnitFacts>, Vec<Diagnostic>) {
    let terraform = Terraform::new(Arc::clone(&request.fs), sources);
    let changed = request.changed.as_deref();
    let found = discover::discover(&request.paths, changed, &request.exclude, &request.fs, &terraform);
    let mut diagnostics = found.diagnostics;
    if found.units.is_empty() && diagnostics.is_empty() && request.changed.is_none() {
        diagnostics.extend(request.paths.iter().map(|path| {
            let message = "no Terraform configuration and no CloudFormation template was found here";
            Diagnostic::path(Code::NothingFound, Level::Warning, path.display().to_string(), message)
        }));
    }
    let (others, problems) = of_the_same_accounts(request, &found.units, &terraform);
    diagnostics.extend(problems);
    let asked = found.units.into_iter().map(|u| (true, u));
    let all: Vec<(bool, Found)> = asked.chain(others.into_iter().map(|u| (false, u))).collect();
    let lowered: Vec<UnitFacts> = all
        .par_iter()
        .filter_map(|(asked, unit)| {
            Some(UnitFacts { asked: *asked, ..lower(unit, request, &terraform, sources)? })
        })
        .collect();
    (outermost(lowered), diagnostics)
}

/// Everything that is declared for one account.
#[derive(Debug, Default)]
pub struct Declared {
    /// Number of the account among those of the request; nothing for code of which that does not say it.
    pub account: Option<usize>,
    /// The units, by path.
    pub units: Vec<Unit>,
    /// What they declare together, each with the number of its unit.
    pub facts: Facts,
    /// Problems with the code.
    pub diagnostics: Vec<Diagnostic>,
}

/// Lowers everything below the paths, account by account, without judging it.
pub fn declared(request: &Request, sources: &SourceMap) -> (Vec<Declared>, Vec<Diagnostic>) {
    let (mut units, diagnostics) = read(request, sources);
    units.sort_by(|a, b| (&a.path, a.kind).cmp(&(&b.path, b.kind)));
    let of = |u: &UnitFacts| account_of(&u.path, u.recorded, request);
    let accounts: Vec<Option<usize>> = units.iter().map(of).collect();
    only_exporters(&mut units, &accounts);
    let mut groups: BTreeMap<Option<usize>, Vec<UnitFacts>> = BTreeMap::new();
    for (unit, account) in units.into_iter().zip(accounts) {
        groups.entry(account).or_default().push(unit);
    }
    let joined = |(account, units): (Option<usize>, Vec<UnitFacts>)| {
        let mut out = Declared { account, ..Declared::default() };
        let mut facts = Vec::new();
        for unit in units {
            out.units.push(unit.shown());
            let Lowered { facts: mut own, sets, diagnostics: mut problems, .. } = unit.lowered;
            once_each(&mut problems);
            out.diagnostics.extend(problems);
            own.facts.extend(sets.into_iter().flatten().map(perhaps_here));
            facts.push(own);
        }
        Declared { facts: Facts::join(facts), ..out }
    };
    (groups.into_iter().map(joined).collect(), diagnostics)
}

/// What a stack set declares, which this account may be one of.
fn perhaps_here(fact: Fact) -> Fact {
    let why = || Unknown::new("which accounts a stack set is deployed to is not known", Some(fact.span));
    Fact { uncertain: fact.uncertain.clone().or_else(|| Some(why())), ..fact }
}

/// A unit as its frontend leaves it.
struct UnitFacts {
    path: PathBuf,
    kind: &'static str,
    asked: bool,
    /// It is a plan or a state.
    recorded: bool,
    lowered: Lowered,
}

impl UnitFacts {
    fn shown(&self) -> Unit {
        let files = self.lowered.files.len();
        Unit { path: self.path.display().to_string(), kind: self.kind, files }
    }
}

/// The account that a path is of. A plan or state shows the same principals as the code it lies beside: it is of an
/// account only when that names it.
fn account_of(path: &Path, recorded: bool, request: &Request) -> Option<usize> {
    let id = request.fs.identity(path);
    let below = |dir: PathBuf| id == dir || !recorded && (dir == Path::new(".") || id.starts_with(dir));
    let holds = |a: &Account| a.paths.iter().any(|p| below(request.fs.identity(p)));
    request.accounts.iter().position(holds)
}

/// The units that were not asked for and are of the account of one that was.
fn of_the_same_accounts(
    request: &Request,
    units: &[Found],
    terraform: &Terraform<'_>,
) -> (Vec<Found>, Vec<Diagnostic>) {
    let concerned: BTreeSet<usize> = units
        .iter()
        .filter_map(|u| account_of(u.path(), matches!(u, Found::Recorded(..)), request))
        .collect();
    let accounts = concerned.into_iter().filter_map(|a| request.accounts.get(a));
    let paths: Vec<PathBuf> = accounts.flat_map(|a| a.paths.iter().cloned()).collect();
    if paths.is_empty() {
        return (Vec::new(), Vec::new());
    }
    let mut others = discover::discover(&paths, None, &request.exclude, &request.fs, terraform);
    let known: BTreeSet<PathBuf> = units.iter().map(|u| request.fs.identity(u.path())).collect();
    others.units.retain(|u| !known.contains(&request.fs.identity(u.path())));
    (others.units, others.diagnostics)
}

/// Of templates only those that changed, or nest one that did, are asked for.
fn affected(mut units: Vec<UnitFacts>, request: &Request) -> Vec<UnitFacts> {
    if let Some(changed) = &request.changed {
        let changed: BTreeSet<PathBuf> = changed.iter().map(|p| request.fs.identity(p)).collect();
        for u in units.iter_mut().filter(|u| u.kind == "cloudformation") {
            u.asked &= u.lowered.files.iter().any(|f| changed.contains(&request.fs.identity(f)));
        }
    }
    units
}

/// The units in groups that are judged together: those of an account, and stacks with what they import. Each other
/// one alone.
fn together(mut units: Vec<UnitFacts>, request: &Request) -> Vec<Vec<UnitFacts>> {
    let accounts: Vec<Option<usize>> =
        units.iter().map(|u| account_of(&u.path, u.recorded, request)).collect();
    let exporters = only_exporters(&mut units, &accounts);
    let mut groups = Groups((0..units.len()).collect());
    let mut first_of = BTreeMap::new();
    for (n, account) in accounts.iter().enumerate() {
        if let Some(account) = account {
            groups.join(*first_of.entry(*account).or_insert(n), n);
        }
    }
    for (n, (unit, account)) in units.iter().zip(&accounts).enumerate() {
        let exporter = |name: &Arc<str>| exporters.get(account)?.get(&**name).copied().flatten();
        unit.lowered.facts.imports.iter().filter_map(exporter).for_each(|from| groups.join(n, from));
    }
    let mut all: BTreeMap<usize, Vec<UnitFacts>> = BTreeMap::new();
    for (n, unit) in units.into_iter().enumerate() {
        all.entry(groups.first(n)).or_default().push(unit);
    }
    all.into_values().filter(|g| g.iter().any(|u| u.asked)).collect()
}

/// Which units are of one group: each points to one before it, the first to itself.
struct Groups(Vec<usize>);

impl Groups {
    /// The first unit of the group of a unit.
    fn first(&mut self, mut n: usize) -> usize {
        while let Some(&before) = self.0.get(n).filter(|before| **before != n) {
            let jump = self.0.get(before).copied().unwrap_or(before);
            if let Some(to) = self.0.get_mut(n) {
                *to = jump;
            }
            n = jump;
        }
        n
    }

    /// Makes one group of two.
    fn join(&mut self, a: usize, b: usize) {
        let (a, b) = (self.first(a), self.first(b));
        if let Some(to) = self.0.get_mut(a.max(b)) {
            *to = a.min(b);
        }
    }
}

/// The unit of each export, account by account. Those that several units have are dropped: which is meant nobody knows.
fn only_exporters(
    units: &mut [UnitFacts],
    accounts: &[Option<usize>],
) -> BTreeMap<Option<usize>, BTreeMap<String, Option<usize>>> {
    let mut all: BTreeMap<Option<usize>, BTreeMap<String, Option<usize>>> = BTreeMap::new();
    for (n, (unit, account)) in units.iter().zip(accounts).enumerate() {
        let of_account = all.entry(*account).or_default();
        for name in unit.lowered.facts.exports.keys() {
            of_account.entry(name.clone()).and_modify(|only| *only = None).or_insert(Some(n));
        }
    }
    for (unit, account) in units.iter_mut().zip(accounts) {
        let only = |name: &str| all.get(account)?.get(name).copied().flatten();
        unit.lowered.facts.exports.retain(|name, _| only(name).is_some());
    }
    all
}

fn lower(
    found: &Found,
    request: &Request,
    terraform: &Terraform<'_>,
    sources: &SourceMap,
) -> Option<UnitFacts> {
    Some(match found {
        Found::Terraform(dir) => {
            let lowered = terraform.lower(dir, &request.terraform);
            UnitFacts { path: dir.clone(), kind: "terraform", asked: true, recorded: false, lowered }
        }
        Found::Recorded(path, text) => {
            let source = sources.add(path.clone(), &path.display().to_string(), Arc::clone(text));
            let lowered = terraform::lower_recorded(&source, sources);
            UnitFacts { path: path.clone(), kind: "terraform", asked: true, recorded: true, lowered }
        }
        Found::Template(path, text) => {
            let source = sources.add(path.clone(), &path.display().to_string(), Arc::clone(text));
            let fs = Arc::clone(&request.fs);
            let lowered = cloudformation::lower(path, &source, fs, sources, &request.cloudformation)?;
            UnitFacts { path: path.clone(), kind: "cloudformation", asked: true, recorded: false, lowered }
        }
    })
}

/// The units without templates that another one nests: those are analysed with the parameters they are given there.
fn outermost(mut units: Vec<UnitFacts>) -> Vec<UnitFacts> {
    let mut nested: BTreeMap<PathBuf, BTreeSet<PathBuf>> = BTreeMap::new();
    for u in units.iter().filter(|u| u.kind == "cloudformation") {
        let own = normalize(&u.path);
        for file in u.lowered.files.iter().map(|f| normalize(f)).filter(|f| *f != own) {
            nested.entry(file).or_default().insert(own.clone());
        }
    }
    let is_nested = |path: &Path| {
        let around = |p: &Path| nested.get(p).into_iter().flatten();
        // Of templates that nest each other the first one is analysed.
        around(path).any(|outer| outer.as_path() < path || !around(outer).any(|p| p == path))
    };
    units.retain(|u| u.kind != "cloudformation" || !is_nested(&normalize(&u.path)));
    units
}

/// Judges units together, and gives each what is its own.
fn judge(group: Vec<UnitFacts>, request: &Request) -> Vec<UnitOutcome> {
    let (mut out, mut facts) = (Vec::new(), Vec::new());
    let of_account = group.first().is_some_and(|u| account_of(&u.path, u.recorded, request).is_some());
    for unit in group {
        let (shown, UnitFacts { asked, mut lowered, .. }) = (unit.shown(), unit);
        let mut own = UnitOutcome {
            unit: shown,
            files: std::mem::take(&mut lowered.files),
            asked,
            verdicts: Vec::new(),
            findings: Vec::new(),
            diagnostics: lowered.diagnostics,
            models: Vec::new(),
        };
        // The choices of a set are those of its unit. What it adds to them is its own, and does no harm.
        let mut choices = lowered.facts.choices;
        for facts in lowered.sets {
            let set = Facts { facts, choices, ..Facts::default() };
            let judged = judge_account(set, Names::OfUnit, std::slice::from_mut(&mut own), request);
            choices = judged.choices.clone();
        }
        lowered.facts.choices = choices;
        facts.push(lowered.facts);
        out.push(own);
    }
    let names = if of_account { Names::OfAccount } else { Names::OfUnit };
    judge_account(Facts::join(facts), names, &mut out, request);
    out.iter_mut().for_each(|u| once_each(&mut u.diagnostics));
    out
}

/// Judges what is declared in one account, and gives each unit its own.
fn judge_account(facts: Facts, names: Names, out: &mut [UnitOutcome], request: &Request) -> Arc<IamModel> {
    let (model, joined) = build::build(facts, names);
    let judged = analysis::judge(&model);
    for finding in rules::run(&model, &judged, &request.rules) {
        if let Some(unit) = out.get_mut(finding.unit) {
            unit.findings.push(finding);
        }
    }
    for Judged { principal, verdict, .. } in judged {
        if let Some(unit) = model.principal(principal).and_then(|p| out.get_mut(p.unit)) {
            unit.verdicts.push(verdict);
        }
    }
    if let Some(first) = out.first_mut() {
        first.diagnostics.extend(joined);
    }
    let model = Arc::new(model);
    out.iter_mut().enumerate().for_each(|(n, u)| u.models.push((n, Arc::clone(&model))));
    model
}

/// Keeps the first place at which a name refers to nothing: an undeclared variable is one problem of a unit, however
/// often it is used. Other problems are one for each place, also when they read the same.
fn once_each(diagnostics: &mut Vec<Diagnostic>) {
    let mut seen = BTreeSet::new();
    diagnostics.retain(|d| {
        let place = d.span.filter(|_| d.code != Code::BadReference);
        seen.insert((d.code, d.message.clone(), d.path.clone(), place))
    });
}
