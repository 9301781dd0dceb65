//! `mfaguard drift`.

use std::time::Instant;

use super::args::Drift;
use super::{Exit, code, config, judging, live, output};
use crate::account;
use crate::compare::{self, Request};
use crate::report::Report;
use crate::report::drift::DriftReport;
use crate::source::SourceMap;

/// Compares, reports, and says how it went.
pub(super) fn run(args: &Drift) -> anyhow::Result<Exit> {
    let started = Instant::now();
    let config = config::read(args.judging.config.as_deref())?;
    let rules = judging::selection(&args.judging, &config)?;
    let triage = judging::triage(args.suppressions, &config);
    let code = code::request(&args.paths, &args.inputs, &config, rules, triage)?;
    let targets = output::targets(&args.format)?;
    let whole = targets.iter().any(|t| t.reporter.whole);
    let request = Request { code, elsewhere: config.elsewhere.clone(), whole };
    let answers = live::answers(&args.from, &args.credential_report, &args.aws, args.look.talk())?;
    let sources = SourceMap::new();
    let (accounts, missing) =
        account::read_all(&answers.snapshots, &answers.reports, answers.fs.as_ref(), &sources);
    let mut outcome = compare::drift(&request, accounts, &sources);
    outcome.diagnostics.extend(missing);
    let elapsed = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    let report = Report {
        sources: &sources,
        units: &outcome.units,
        verdicts: &[],
        findings: &outcome.findings,
        fixes: &[],
        review_of: None,
        diagnostics: &outcome.diagnostics,
        files: outcome.files,
        duration_ms: (!args.judging.no_timing).then_some(elapsed),
    };
    let now = if args.judging.no_timing { None } else { output::now() };
    let drift = DriftReport { report, accounts: &outcome.accounts, changes: &outcome.changes, now };
    let for_people = targets.iter().any(|t| t.reporter.name == "human");
    output::warn_of(&report, args.look, for_people)?;
    for target in &targets {
        output::write(target, args.look, |out, style| (target.reporter.write)(&drift, out, style))?;
    }
    let findings = outcome.findings.iter().map(|(_, finding)| finding);
    Ok(Exit::of(&report, judging::fails(&args.judging, &config, &request.code.rules, findings)))
}
