//! The pipeline, pure: from paths to verdicts and findings. Prints nothing, never exits.

mod groups;
mod shown;

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
use crate::fs::FileSystem;
use crate::iam::build::{self, Names};
use crate::iam::facts::{Fact, Facts};
use crate::iam::model::IamModel;
use crate::rules::{self, Selection};
use crate::source::{Source, SourceMap};
use crate::triage::{self, Triage};
use crate::value::Unknown;
use groups::{affected, only_exporters, outermost, together};
use shown::Shown;

/// What to analyse.
#[derive(Clone)]
pub struct Request {
    /// Files and directories.
    pub paths: Vec<PathBuf>,
    /// Only what these files belong to is reported, of all that lies below the paths. They need not exist.
    pub changed: Option<Vec<PathBuf>>,
    /// Files that somebody works on. They are looked at whole, also when they say nothing about principals.
    pub open: Vec<PathBuf>,
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
            open: Vec::new(),
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

/// Analyses everything below the paths. Of sources into which nothing of the outcome points the texts may be gone from
/// `sources` afterwards.
pub fn check(request: &Request, sources: &SourceMap) -> Outcome {
    let shown = Shown::default();
    let judged = |group| {
        // A model is large, and of no use any more.
        let judged = judge(group, request).into_iter().map(|unit| UnitOutcome { models: Vec::new(), ..unit });
        judged.inspect(|unit| shown.add(unit, sources)).collect::<Vec<_>>()
    };
    let kept = |source: &Source| shown.has(source) || request.triage.may_claim(source.text());
    terraform::with_room(|| collect(request, sources, judged, &kept)).0
}

/// Analyses everything below the paths, and says what it was judged by.
pub fn check_with_models(request: &Request, sources: &SourceMap) -> (Outcome, Vec<Model>) {
    terraform::with_room(|| collect(request, sources, |group| judge(group, request), &|_| true))
}

fn collect(
    request: &Request,
    sources: &SourceMap,
    judged: impl Fn(Vec<UnitFacts>) -> Vec<UnitOutcome> + Send + Sync,
    kept: &(dyn Fn(&Source) -> bool + Sync),
) -> (Outcome, Vec<Model>) {
    let terraform = Terraform::new(Arc::clone(&request.fs), sources);
    let (found, diagnostics) = find(request, &terraform);
    let (mut outcome, mut models) = (Outcome { diagnostics, ..Outcome::default() }, Vec::new());
    let lower = |(asked, unit): &(bool, Found)| lower(*asked, unit, request, &terraform, sources);
    let (alone, others): (Vec<_>, Vec<_>) = found.into_iter().partition(|(_, unit)| is_alone(unit, request));
    let done = |(_, unit): &(bool, Found), kept: &dyn Fn(&Source) -> bool| {
        if let Found::Terraform(dir) = unit {
            terraform.done(dir, kept);
        }
    };
    // What nothing else bears on is judged at once, so that facts are not kept.
    let judge_alone = |unit| {
        let units = lower(unit).map(|facts| judged(vec![facts])).unwrap_or_default();
        done(unit, kept);
        units
    };
    let mut units: Vec<UnitOutcome> = alone.par_iter().flat_map_iter(judge_alone).collect();
    // Their facts point into their texts.
    let lower_other = |unit| lower(unit).inspect(|_| done(unit, &|_| true));
    let lowered: Vec<UnitFacts> = others.par_iter().filter_map(lower_other).collect();
    let groups = together(affected(outermost(lowered), request), request);
    units.par_extend(groups.into_par_iter().flat_map_iter(judged));
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

/// Every unit below the paths, which is asked for, and those of the same accounts.
fn find(request: &Request, terraform: &Terraform<'_>) -> (Vec<(bool, Found)>, Vec<Diagnostic>) {
    let changed = request.changed.as_deref();
    let found =
        discover::discover(&request.paths, changed, &request.open, &request.exclude, &request.fs, terraform);
    let mut diagnostics = found.diagnostics;
    if found.units.is_empty() && diagnostics.is_empty() && request.changed.is_none() {
        diagnostics.extend(request.paths.iter().map(|path| {
            let message = "no Terraform configuration and no CloudFormation template was found here";
            Diagnostic::path(Code::NothingFound, Level::Warning, path.display().to_string(), message)
        }));
    }
    let (others, problems) = of_the_same_accounts(request, &found.units, terraform);
    diagnostics.extend(problems);
    let asked = found.units.into_iter().map(|u| (true, u));
    let mut all: Vec<(bool, Found)> = asked.chain(others.into_iter().map(|u| (false, u))).collect();
    diagnostics.extend(read_exporters(&mut all, request));
    (all, diagnostics)
}

/// Reads the templates that say nothing about principals and export something, when any of all may import it: also to
/// tell whether only one has it.
fn read_exporters(units: &mut [(bool, Found)], request: &Request) -> Vec<Diagnostic> {
    let may_import = |unit: &Found| match unit {
        Found::Template(_, text) => cloudformation::may_import(text.as_bytes()),
        Found::Terraform(_) | Found::Recorded(..) | Found::Plain { .. } => false,
    };
    if !units.iter().any(|(_, unit)| may_import(unit)) {
        return Vec::new();
    }
    let read = |(_, unit): &mut (bool, Found)| {
        let Found::Plain { path, exports: true } = unit else { return None };
        match request.fs.read(path) {
            Ok(text) => {
                *unit = Found::Template(std::mem::take(path), text.into());
                None
            }
            Err(e) => Some(e.problem(path, Level::Error)),
        }
    };
    units.par_iter_mut().filter_map(read).collect()
}

/// Whether no other unit bears on what this one declares.
fn is_alone(unit: &Found, request: &Request) -> bool {
    let recorded = matches!(unit, Found::Recorded(..));
    !matches!(unit, Found::Template(..) | Found::Plain { .. })
        && account_of(unit.path(), recorded, request).is_none()
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
    terraform::with_room(|| declared_here(request, sources))
}

fn declared_here(request: &Request, sources: &SourceMap) -> (Vec<Declared>, Vec<Diagnostic>) {
    let terraform = Terraform::new(Arc::clone(&request.fs), sources);
    let (found, diagnostics) = find(request, &terraform);
    let lower = |(asked, unit): &(bool, Found)| {
        let lowered = lower(*asked, unit, request, &terraform, sources);
        if let Found::Terraform(dir) = unit {
            terraform.done(dir, &|_| true);
        }
        lowered
    };
    let mut units = outermost(found.par_iter().filter_map(lower).collect());
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
    if request.accounts.is_empty() {
        return None;
    }
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
    let mut others =
        discover::discover(&paths, None, &request.open, &request.exclude, &request.fs, terraform);
    let known: BTreeSet<PathBuf> = units.iter().map(|u| request.fs.identity(u.path())).collect();
    others.units.retain(|u| !known.contains(&request.fs.identity(u.path())));
    (others.units, others.diagnostics)
}

fn lower(
    asked: bool,
    found: &Found,
    request: &Request,
    terraform: &Terraform<'_>,
    sources: &SourceMap,
) -> Option<UnitFacts> {
    Some(match found {
        Found::Terraform(dir) => {
            let lowered = terraform.lower(dir, &request.terraform);
            UnitFacts { path: dir.clone(), kind: "terraform", asked, recorded: false, lowered }
        }
        Found::Recorded(path, text) => {
            let source = sources.add(path.clone(), &path.display().to_string(), Arc::clone(text));
            let lowered = terraform::lower_recorded(&source, sources);
            UnitFacts { path: path.clone(), kind: "terraform", asked, recorded: true, lowered }
        }
        Found::Plain { path, .. } => {
            let lowered = Lowered { files: vec![path.clone()], ..Lowered::default() };
            UnitFacts { path: path.clone(), kind: "cloudformation", asked, recorded: false, lowered }
        }
        Found::Template(path, text) => {
            let source = sources.add(path.clone(), &path.display().to_string(), Arc::clone(text));
            let fs = Arc::clone(&request.fs);
            let lowered = cloudformation::lower(path, &source, fs, sources, &request.cloudformation)?;
            UnitFacts { path: path.clone(), kind: "cloudformation", asked, recorded: false, lowered }
        }
    })
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
