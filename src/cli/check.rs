//! `mfaguard check`.

use std::time::Instant;

use super::args::Check;
use super::{Exit, actions, code, config, output, rules};
use crate::report::Report;
use crate::scan;
use crate::source::SourceMap;

/// Analyses, reports, and says how it went.
pub(super) fn run(args: &Check) -> anyhow::Result<Exit> {
    let started = Instant::now();
    let request = request(args)?;
    args.actions_file.as_deref().map(actions::replace).transpose()?;
    let targets = output::targets(&args.format)?;
    let sources = SourceMap::new();
    let outcome = scan::check(&request, &sources);
    let elapsed = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    let report = Report {
        sources: &sources,
        units: &outcome.units,
        verdicts: &outcome.verdicts,
        findings: &outcome.findings,
        diagnostics: &outcome.diagnostics,
        files: outcome.files,
        duration_ms: (!args.judging.no_timing).then_some(elapsed),
    };
    let for_people = targets.iter().any(|t| t.reporter.name == "human");
    output::warn_of(&report, args.look, for_people)?;
    for target in &targets {
        output::write(target, args.look, |out, style| (target.reporter.write)(&report, out, style))?;
    }
    let findings = outcome.findings.iter().map(|(_, finding)| finding);
    Ok(Exit::of(&report, args.judging.fails(&request.rules, findings)))
}

fn request(args: &Check) -> anyhow::Result<scan::Request> {
    let rules = rules::selection(&args.judging)?;
    let accounts = config::read(args.config.as_deref())?.accounts;
    let request = code::request(&args.paths, &args.inputs, accounts, rules)?;
    Ok(scan::Request { changed: args.changed.clone(), ..request })
}
