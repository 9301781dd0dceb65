//! `mfaguard status`.

use std::time::Instant;

#[cfg(feature = "parquet")]
use anyhow::Context as _;

use super::args::Status;
use super::live::{self, Answers};
use super::{Exit, config, judging, output};
use crate::report::Report;
#[cfg(feature = "parquet")]
use crate::report::dataset;
use crate::report::status::StatusReport;
use crate::source::SourceMap;
use crate::status::{self, Request};

/// Reads saved answers, reports, and says how it went.
pub(super) fn run(args: &Status) -> anyhow::Result<Exit> {
    let started = Instant::now();
    // What is wrong with the arguments is said before anything is asked.
    let config = config::read(args.judging.config.as_deref())?;
    let rules = judging::selection(&args.judging, &config)?;
    let targets = output::targets(&args.format)?;
    let Answers { snapshots, reports, fs } =
        live::answers(&args.from, &args.credential_report, &args.aws, args.look.talk())?;
    let request = Request { snapshots, reports, fs, rules, triage: judging::configured(&config) };
    let sources = SourceMap::new();
    let outcome = status::status(&request, &sources);
    let elapsed = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    let report = Report {
        sources: &sources,
        units: &outcome.units,
        verdicts: &outcome.verdicts,
        findings: &outcome.findings,
        fixes: &[],
        review_of: None,
        diagnostics: &outcome.diagnostics,
        files: outcome.files,
        duration_ms: (!args.judging.no_timing).then_some(elapsed),
    };
    let now = if args.judging.no_timing { None } else { output::now() };
    let status = StatusReport { report, accounts: &outcome.accounts, now };
    let for_people = targets.iter().any(|t| t.reporter.name == "human");
    output::warn_of(&report, args.look, for_people)?;
    for target in &targets {
        output::write(target, args.look, |out, style| (target.reporter.write)(&status, out, style))?;
    }
    #[cfg(feature = "parquet")]
    if let Some(dir) = &args.dataset {
        dataset::save(&status, dir).with_context(|| format!("`{}` cannot be written", dir.display()))?;
    }
    let findings = outcome.findings.iter().map(|(_, finding)| finding);
    Ok(Exit::of(&report, judging::fails(&args.judging, &config, &request.rules, findings)))
}
