//! What counts: arguments and configuration together. What is said on the command line wins.

use std::path::Path;

use anyhow::{anyhow, bail};

use super::args::{FailOn, Judging, Suppressions};
use super::config::Config;
use super::{explain, output};
use crate::finding::{Finding, Severity};
use crate::fs::{FileSystem as _, OsFs};
use crate::rules::{self, Selection};
use crate::triage::{Comments, Triage, baseline::Baseline};

/// The rules that run.
pub(super) fn selection(judging: &Judging, config: &Config) -> anyhow::Result<Selection> {
    let Judging { select, ignore, unknown, .. } = judging;
    if let Some(name) = select.iter().chain(ignore).find(|name| rules::find(name).is_none()) {
        bail!(explain::no_such_rule(name));
    }
    let configured = selected(config);
    Ok(Selection {
        select: if select.is_empty() { configured.select } else { select.clone() },
        ignore: ignore.iter().cloned().chain(configured.ignore).collect(),
        on_unknown: unknown.unwrap_or(configured.on_unknown),
        severities: configured.severities,
    })
}

/// The rules that run by the configuration alone.
pub(super) fn selected(config: &Config) -> Selection {
    Selection {
        select: config.select.clone(),
        ignore: config.ignore.clone(),
        on_unknown: config.unknown.unwrap_or_default(),
        severities: config.severities.clone(),
    }
}

/// What is accepted, a baseline apart.
pub(super) fn triage(suppressions: Suppressions, config: &Config) -> Triage {
    let foreign = suppressions.foreign_suppressions || config.foreign_suppressions;
    let comments = match (suppressions.no_inline_suppressions, foreign) {
        (true, _) => Comments::None,
        (false, true) => Comments::Foreign,
        (false, false) => Comments::Own,
    };
    Triage { comments, ..configured(config) }
}

/// What is accepted by the configuration alone.
pub(super) fn configured(config: &Config) -> Triage {
    Triage { allowed: config.allowed.clone(), now: output::now(), ..Triage::default() }
}

/// Reads a baseline.
pub(super) fn baseline(path: &Path) -> anyhow::Result<Baseline> {
    let text = OsFs::for_paths([path]).read(path)?;
    let again = "write it again with `mfaguard check --write-baseline`";
    Baseline::parse(&text).map_err(|e| anyhow!("`{}` is no baseline: {e}; {again}", path.display()))
}

/// Whether one of the findings makes the exit code 1.
pub(super) fn fails<'f>(
    judging: &Judging,
    config: &Config,
    rules: &Selection,
    mut findings: impl Iterator<Item = &'f Finding>,
) -> bool {
    let FailOn(level) = judging.fail_on.or(config.fail_on).unwrap_or(FailOn(Some(Severity::Medium)));
    !judging.exit_zero && level.is_some_and(|level| findings.any(|f| rules.fails(f, level)))
}
