//! `mfaguard check`.

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context as _, bail};

use super::args::Check;
use super::config::Config;
use super::formats::Target;
use super::{Exit, actions, code, config, fix, judging, output};
use crate::fix::Fix;
use crate::fs;
use crate::limits;
use crate::report::review::Diff;
use crate::report::{Report, Reporter};
use crate::scan::{self, Outcome};
use crate::source::SourceMap;
use crate::triage::baseline::Baseline;

/// Formats that show fixes.
const SHOW_FIXES: [&str; 2] = ["sarif", "github-review"];

/// Analyses, reports, and says how it went.
pub(super) fn run(args: &Check) -> anyhow::Result<Exit> {
    let started = Instant::now();
    let config = config::read(args.judging.config.as_deref())?;
    let request = request(args, &config)?;
    args.actions_file.as_deref().map(actions::replace).transpose()?;
    let targets = output::targets(&args.format)?;
    let diff = args.review_of.as_deref().map(review_of).transpose()?;
    if args.diff {
        return fix::diff(&request, args);
    }
    if args.fix {
        fix::write(&request, args)?;
    }
    let sources = SourceMap::new();
    let mut outcome = scan::check(&request, &sources);
    if let Some(file) = &args.baselines.write_baseline {
        write_baseline(file, &mut outcome, &sources)?;
    }
    let fixes = offered(&request, &sources, &outcome, &targets);
    let elapsed = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    let report = Report {
        sources: &sources,
        units: &outcome.units,
        verdicts: &outcome.verdicts,
        findings: &outcome.findings,
        fixes: &fixes,
        review_of: diff.as_ref(),
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
    Ok(Exit::of(&report, judging::fails(&args.judging, &config, &request.rules, findings)))
}

/// Reads the diff of a pull request. Its files may hold anything, also what is no text.
fn review_of(file: &Path) -> anyhow::Result<Diff> {
    let mut bytes = Vec::new();
    let mut read = |file| fs::open(file)?.take(limits::DIFF_BYTES + 1).read_to_end(&mut bytes);
    let size = read(file).with_context(|| format!("`{}` cannot be read", file.display()))?;
    if size as u64 > limits::DIFF_BYTES {
        bail!("`{}` is larger than {} MiB", file.display(), limits::DIFF_BYTES >> 20);
    }
    Ok(Diff::parse(&String::from_utf8_lossy(&bytes)))
}

/// The fixes of the findings, for formats that show them, unless looking for them would take long.
fn offered(
    request: &scan::Request,
    sources: &SourceMap,
    outcome: &scan::Outcome,
    targets: &[Target<Reporter>],
) -> Vec<Option<Fix>> {
    let shown = targets.iter().any(|t| SHOW_FIXES.contains(&t.reporter.name));
    let fixable = outcome.findings.iter().filter(|(_, f)| crate::fix::may_be_fixed(f)).count();
    let steps = (outcome.files + outcome.verdicts.len()).saturating_mul(fixable);
    match shown && steps <= limits::FIX_STEPS {
        true => crate::fix::offers(request, sources, outcome, &outcome.findings),
        false => Vec::new(),
    }
}

fn request(args: &Check, config: &Config) -> anyhow::Result<scan::Request> {
    let rules = judging::selection(&args.judging, config)?;
    let mut triage = judging::triage(args.suppressions, config);
    let baseline = args.baselines.baseline.as_ref().or(config.baseline.as_ref());
    if let Some(file) = baseline.filter(|_| args.baselines.write_baseline.is_none()) {
        triage.baseline = Some(judging::baseline(file)?);
    }
    let (paths, changed) = scope(args, baseline);
    let request = code::request(&paths, &args.inputs, config, rules, triage)?;
    Ok(scan::Request { changed, ..request })
}

/// What to look at, and which changed files to look for in it. Programs that run hooks put the files behind everything
/// else: there `--changed` has none of its own. A configuration or a baseline that changed concerns everything.
fn scope(args: &Check, baseline: Option<&PathBuf>) -> (Vec<PathBuf>, Option<Vec<PathBuf>>) {
    let here = || vec![PathBuf::from(".")];
    let (paths, changed) = match &args.changed {
        None => return (args.paths.clone(), None),
        Some(own) if !own.is_empty() => (args.paths.clone(), own.clone()),
        Some(_) if args.paths == here() => (here(), Vec::new()),
        Some(_) => (here(), args.paths.clone()),
    };
    let settings = [args.judging.config.as_ref(), baseline];
    let concerns_all =
        |f: &PathBuf| settings.contains(&Some(f)) || f.file_name().is_some_and(|n| n == config::NAME);
    let some = !changed.iter().any(concerns_all);
    (paths, some.then_some(changed))
}

/// Writes what was found to a file, and accepts it from now on.
fn write_baseline(file: &Path, outcome: &mut Outcome, sources: &SourceMap) -> anyhow::Result<()> {
    let units: Vec<&str> = outcome.units.iter().map(|u| u.path.as_str()).collect();
    let baseline = Baseline::of(&outcome.findings, sources, &units);
    fs::save(file, baseline.text().as_bytes())
        .with_context(|| format!("`{}` cannot be written", file.display()))?;
    let (n, file) = (baseline.len(), file.display());
    output::warn(format!("wrote {n} findings to `{file}`; `--baseline {file}` accepts them\n").as_bytes());
    baseline.apply(&mut outcome.findings, sources, &units);
    Ok(())
}
