//! The pipeline, pure: from paths to verdicts and findings. Prints nothing, never exits.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rayon::prelude::*;

use crate::analysis::{self, verdict::Verdict};
use crate::diagnostic::{Code, Diagnostic, Level};
use crate::discover::{self, Found};
use crate::finding::Finding;
use crate::frontend::terraform::{self, Terraform};
use crate::frontend::{Lowered, cloudformation};
use crate::fs::{FileSystem, normalize};
use crate::iam::build;
use crate::rules::{self, Selection};
use crate::source::SourceMap;

/// What to analyse.
#[derive(Clone)]
pub struct Request {
    /// Files and directories.
    pub paths: Vec<PathBuf>,
    /// Where they are.
    pub fs: Arc<dyn FileSystem>,
    /// Which rules run, and what to do with what is only possible.
    pub rules: Selection,
    /// Terraform's own inputs.
    pub terraform: terraform::Options,
    /// CloudFormation's own inputs.
    pub cloudformation: cloudformation::Options,
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

struct UnitOutcome {
    unit: Unit,
    verdicts: Vec<Verdict>,
    findings: Vec<Finding>,
    diagnostics: Vec<Diagnostic>,
}

/// Analyses everything below the paths.
pub fn check(request: &Request, sources: &SourceMap) -> Outcome {
    let terraform = Terraform::new(Arc::clone(&request.fs), sources);
    let found = discover::discover(&request.paths, &request.fs, &terraform);
    let mut diagnostics = found.diagnostics;
    let lowered: Vec<UnitFacts> =
        found.units.par_iter().filter_map(|unit| lower(unit, request, &terraform, sources)).collect();
    let mut units: Vec<UnitOutcome> = outermost(lowered).into_par_iter().map(|l| judge(l, request)).collect();
    units.sort_by(|a, b| (&a.unit.path, a.unit.kind).cmp(&(&b.unit.path, b.unit.kind)));
    if units.is_empty() && diagnostics.is_empty() {
        for path in &request.paths {
            diagnostics.push(Diagnostic::path(
                Code::NothingFound,
                Level::Warning,
                path.display().to_string(),
                "no Terraform configuration and no CloudFormation template was found here",
            ));
        }
    }
    let mut outcome = Outcome { diagnostics, ..Outcome::default() };
    for (number, u) in units.into_iter().enumerate() {
        outcome.files += u.unit.files;
        outcome.units.push(u.unit);
        outcome.verdicts.extend(u.verdicts.into_iter().map(|v| (number, v)));
        outcome.findings.extend(u.findings.into_iter().map(|f| (number, f)));
        outcome.diagnostics.extend(u.diagnostics);
    }
    outcome
}

/// A unit as its frontend leaves it.
struct UnitFacts {
    path: PathBuf,
    kind: &'static str,
    lowered: Lowered,
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
            UnitFacts { path: dir.clone(), kind: "terraform", lowered }
        }
        Found::Template(path, text) => {
            let source = sources.add(path.clone(), &path.display().to_string(), Arc::clone(text));
            let fs = Arc::clone(&request.fs);
            let lowered = cloudformation::lower(path, &source, fs, sources, &request.cloudformation)?;
            UnitFacts { path: path.clone(), kind: "cloudformation", lowered }
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

fn judge(unit: UnitFacts, request: &Request) -> UnitOutcome {
    let UnitFacts { path, kind, lowered } = unit;
    let (model, joined) = build::build(lowered.facts);
    let verdicts = analysis::judge(&model);
    let findings = rules::run(&model, &verdicts, &request.rules);
    let mut diagnostics = lowered.diagnostics;
    diagnostics.extend(joined);
    once_each(&mut diagnostics);
    UnitOutcome {
        unit: Unit { path: path.display().to_string(), kind, files: lowered.files.len() },
        verdicts: verdicts.into_iter().map(|j| j.verdict).collect(),
        findings,
        diagnostics,
    }
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
