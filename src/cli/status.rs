//! `mfaguard status`.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

#[cfg(feature = "parquet")]
use anyhow::Context as _;

use super::args::Status;
use super::{Exit, live, output, rules};
use crate::account::time::Time;
use crate::fs::{FileSystem, MemFs, OsFs};
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
    let (rules, targets) =
        (rules::selection(&args.select, &args.ignore, args.unknown)?, output::targets(&args.format)?);
    let (snapshots, reports, fs) = accounts(args)?;
    let request = Request { snapshots, reports, fs, rules };
    let sources = SourceMap::new();
    let outcome = status::status(&request, &sources);
    let elapsed = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    let report = Report {
        sources: &sources,
        units: &outcome.units,
        verdicts: &outcome.verdicts,
        findings: &outcome.findings,
        diagnostics: &outcome.diagnostics,
        files: outcome.files,
        duration_ms: (!args.no_timing).then_some(elapsed),
    };
    let now = if args.no_timing { None } else { now() };
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
    let fails = |level| outcome.findings.iter().any(|(_, f)| request.rules.fails(f, level));
    Ok(Exit::of(&report, !args.exit_zero && args.fail_on.0.is_some_and(fails)))
}

/// Where the answers about the accounts are: in files, or in memory when AWS was asked just now.
type Accounts = (Vec<PathBuf>, Vec<PathBuf>, Arc<dyn FileSystem>);

fn accounts(args: &Status) -> anyhow::Result<Accounts> {
    if args.from.is_empty() && args.credential_report.is_empty() {
        let mut fs = MemFs::new();
        let mut snapshots = Vec::new();
        live::read(&args.aws, args.look.talk(), &|_| false, &mut |saved| {
            let dir = PathBuf::from(saved.account);
            for (name, bytes) in saved.files {
                fs = std::mem::take(&mut fs).with(dir.join(name), bytes);
            }
            snapshots.push(dir);
            Ok(())
        })?;
        snapshots.sort();
        return Ok((snapshots, Vec::new(), Arc::new(fs)));
    }
    let named = args.from.iter().chain(&args.credential_report).map(PathBuf::as_path);
    let fs = Arc::new(OsFs::for_paths(named));
    Ok((args.from.clone(), args.credential_report.clone(), fs))
}

fn now() -> Option<Time> {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).ok()?;
    i64::try_from(since.as_secs()).ok().map(Time::from_seconds)
}
