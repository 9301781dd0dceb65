//! `mfaguard rules`.

use serde::Serialize;

use super::args::{Rules, RulesFormat};
use super::{Exit, output};
use crate::rules::RULES;

/// The JSON list, version 1. Frozen like the report.
#[derive(Serialize)]
struct Document {
    version: u32,
    rules: Vec<Entry>,
}

#[derive(Serialize)]
struct Entry {
    code: &'static str,
    name: &'static str,
    severity: &'static str,
    summary: &'static str,
    compliance: &'static [&'static str],
}

/// Lists the rules.
pub(super) fn run(args: &Rules) -> anyhow::Result<Exit> {
    let rules: Vec<Entry> = RULES
        .iter()
        .map(|r| Entry {
            code: r.info.code,
            name: r.info.name,
            severity: r.info.severity.as_str(),
            summary: r.info.summary,
            compliance: r.info.compliance,
        })
        .collect();
    let text = match args.format {
        RulesFormat::Text => table(&rules),
        RulesFormat::Json => format!("{}\n", serde_json::to_string_pretty(&Document { version: 1, rules })?),
    };
    output::print(text.as_bytes())?;
    Ok(Exit::Clean)
}

fn table(rules: &[Entry]) -> String {
    let width = |f: fn(&Entry) -> &'static str| rules.iter().map(|r| f(r).len()).max().unwrap_or(0);
    let (name, severity) = (width(|r| r.name), width(|r| r.severity));
    rules
        .iter()
        .map(|r| format!("{}  {:name$}  {:severity$}  {}\n", r.code, r.name, r.severity, r.summary))
        .collect()
}
