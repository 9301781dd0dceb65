//! `mfaguard check`.

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context as _, bail};

use super::args::{Check, Target};
use super::{Exit, actions, config, explain, output, parameters};
use crate::frontend::{cloudformation, terraform};
use crate::fs::{self, OsFs};
use crate::report::{Detail, REPORTERS, Report, Style, human};
use crate::rules::{self, Selection};
use crate::scan;
use crate::source::SourceMap;

/// Analyses, reports, and says how it went.
pub(super) fn run(args: &Check) -> anyhow::Result<Exit> {
    let started = Instant::now();
    let request = request(args)?;
    args.actions_file.as_deref().map(actions::replace).transpose()?;
    let targets = targets(args)?;
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
        duration_ms: (!args.no_timing).then_some(elapsed),
    };
    write_diagnostics(args, &targets, &report)?;
    for target in &targets {
        write(args, target, &report)?;
    }
    let failing = args
        .fail_on
        .0
        .is_some_and(|level| outcome.findings.iter().any(|(_, f)| request.rules.fails(f, level)));
    Ok(match (report.incomplete(), failing && !args.exit_zero) {
        (true, _) => Exit::Failed,
        (false, true) => Exit::Findings,
        (false, false) => Exit::Clean,
    })
}

fn request(args: &Check) -> anyhow::Result<scan::Request> {
    for name in args.select.iter().chain(&args.ignore) {
        if rules::find(name).is_none() {
            bail!(explain::no_such_rule(name));
        }
    }
    let accounts = config::read(args.config.as_deref())?.accounts;
    let of_accounts = accounts.iter().flat_map(|a| &a.paths);
    let named = args.paths.iter().chain(&args.var_file).chain(of_accounts).map(|p| p.as_path());
    // The callers of a file that is named are below the working directory.
    let here = args.paths.iter().any(|p| p.is_relative() && p.is_file()).then(|| Path::new("."));
    Ok(scan::Request {
        paths: args.paths.clone(),
        changed: args.changed.clone(),
        fs: Arc::new(OsFs::for_paths(named.chain(here))),
        accounts,
        rules: Selection {
            select: args.select.clone(),
            ignore: args.ignore.clone(),
            on_unknown: args.unknown,
        },
        terraform: terraform::Options {
            var_files: args.var_file.clone(),
            vars: args.var.clone(),
            workspace: args.workspace.clone(),
        },
        cloudformation: cloudformation::Options { parameters: parameters::read(&args.parameters)? },
    })
}

/// Where reports go; the first reporter on standard output when nothing is said.
fn targets(args: &Check) -> anyhow::Result<Vec<Target>> {
    if args.format.iter().filter(|t| t.file.is_none()).count() > 1 {
        bail!(
            "only one format can go to standard output; give the others a file, for example `--format sarif=FILE`"
        );
    }
    let default = || REPORTERS.first().map(|reporter| Target { reporter, file: None });
    Ok(if args.format.is_empty() { default().into_iter().collect() } else { args.format.clone() })
}

fn write(args: &Check, target: &Target, report: &Report<'_>) -> anyhow::Result<()> {
    let color = target.file.is_none() && output::color_stdout(args.look.color);
    let mut text = Vec::new();
    (target.reporter.write)(report, &mut text, &Style { color, detail: args.look.detail() })?;
    match &target.file {
        Some(file) => {
            fs::save(file, &text).with_context(|| format!("`{}` cannot be written", file.display()))
        }
        None => output::print(&text),
    }
}

/// Formats for programs hold the diagnostics themselves; people read them on standard error.
fn write_diagnostics(args: &Check, targets: &[Target], report: &Report<'_>) -> anyhow::Result<()> {
    let for_people = targets.iter().any(|t| t.reporter.name == "human");
    let detail = if for_people { args.look.detail() } else { Detail::Quiet };
    let mut text = Vec::new();
    let style = Style { color: output::color_stderr(args.look.color), detail };
    human::write_diagnostics(report, &mut text, &style)?;
    output::warn(&text);
    Ok(())
}
