//! The differences in JSON, version 1. These structs are the format, frozen: a change of shape is a new version in a
//! new file.

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde::Serialize;

use super::{DriftReport, Told};
use crate::account::Source;
use crate::analysis::verdict::Verdict;
use crate::compare::{self, AccountDrift};
use crate::drift::{Change, Who};
use crate::report::json::{self, DiagnosticEntry, FindingEntry, TOOL, Tool};
use crate::report::{Report, Sorted, Style};
use crate::scan::Unit;

#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    tool: Tool,
    principals: Vec<Principal<'a>>,
    accounts: Vec<AccountEntry<'a>>,
    findings: Vec<Difference<'a>>,
    diagnostics: Vec<DiagnosticEntry<'a>>,
    summary: Summary,
}

#[derive(Serialize)]
struct Principal<'a> {
    account: &'a str,
    kind: &'static str,
    name: &'a str,
    managed_elsewhere: Option<&'a str>,
    declared: Option<json::Principal<'a>>,
    actual: Option<json::Principal<'a>>,
}

#[derive(Serialize)]
struct AccountEntry<'a> {
    account: &'a str,
    alias: Option<&'a str>,
    ou: Option<&'a str>,
    scanned: bool,
    code: Vec<&'a str>,
    sources: Vec<SourceEntry>,
    principals: usize,
    differences: usize,
    without_mfa: Vec<String>,
}

#[derive(Serialize)]
struct Difference<'a> {
    account: &'a str,
    #[serde(flatten)]
    finding: FindingEntry<'a>,
    concerns: Vec<String>,
    without_mfa: Vec<String>,
    source: Option<SourceEntry>,
}

#[derive(Serialize)]
struct SourceEntry {
    from: &'static str,
    at: Option<String>,
}

#[derive(Serialize)]
struct Summary {
    accounts: usize,
    principals: usize,
    findings: usize,
    suppressed: usize,
    without_mfa: usize,
    files: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    duration_ms: Option<u64>,
}

/// Writes the report as one JSON document with a line break at its end.
pub(super) fn write(drift: &DriftReport<'_>, out: &mut dyn Write, _: &Style) -> io::Result<()> {
    let report = &drift.report;
    let Sorted { diagnostics, .. } = report.sorted();
    // Findings are shown in the order of every report.
    let about: BTreeMap<usize, &Change> = drift
        .all()
        .map(|Told { finding, change, .. }| (std::ptr::from_ref(finding).addr(), change))
        .collect();
    let findings: Vec<Difference<'_>> = report
        .with_suppressed()
        .into_iter()
        .filter_map(|(unit, at, finding)| {
            let change = about.get(&std::ptr::from_ref(finding).addr())?;
            Some(difference(unit, json::finding(report, unit, at, finding), change))
        })
        .collect();
    let accounts: Vec<AccountEntry<'_>> =
        drift.accounts.iter().enumerate().map(|(i, a)| account(drift, i, a)).collect();
    let document = Document {
        version: 1,
        tool: TOOL,
        principals: drift.accounts.iter().flat_map(|a| principals(report, a)).collect(),
        summary: Summary {
            accounts: accounts.len(),
            principals: accounts.iter().map(|a| a.principals).sum(),
            findings: findings.len() - report.suppressed(),
            suppressed: report.suppressed(),
            without_mfa: accounts.iter().map(|a| a.without_mfa.len()).sum(),
            files: report.files,
            duration_ms: report.duration_ms,
        },
        accounts,
        findings,
        diagnostics: diagnostics.into_iter().map(|(at, d)| json::diagnostic(at, d)).collect(),
    };
    serde_json::to_writer_pretty(&mut *out, &document)?;
    out.write_all(b"\n")
}

fn principals<'a>(report: &Report<'a>, of: &'a AccountDrift) -> Vec<Principal<'a>> {
    let one = |p: &'a compare::Principal| {
        let own = report.units.iter().find(|u| u.kind == "account" && u.path == of.account.id);
        let shown = |unit: &'a Unit, v: &'a Verdict| {
            json::principal(report, unit, v.span.and_then(|s| report.locate(s)), v)
        };
        let declared = p.declared.as_ref().and_then(|(n, v)| Some(shown(report.units.get(*n)?, v)));
        Principal {
            account: &of.account.id,
            kind: p.who.word(),
            name: &p.who.name,
            managed_elsewhere: p.elsewhere.as_deref(),
            declared,
            actual: p.actual.as_ref().zip(own).map(|(v, unit)| shown(unit, v)),
        }
    };
    of.principals.iter().map(one).collect()
}

fn account<'a>(drift: &DriftReport<'a>, number: usize, of: &'a AccountDrift) -> AccountEntry<'a> {
    let (account, units) = (&of.account, drift.report.units);
    let report = account.users.iter().find_map(|u| u.console.source);
    let (serious, others) = drift.counts(number);
    AccountEntry {
        account: &account.id,
        alias: account.alias.as_deref(),
        ou: account.ou.as_deref(),
        scanned: account.scanned,
        code: of.code.iter().filter_map(|n| units.get(*n)).map(|u| u.path.as_str()).collect(),
        sources: [account.policies, report].into_iter().flatten().map(source).collect(),
        principals: of.principals.len(),
        differences: serious + others,
        without_mfa: subjects(drift.without_mfa(number)),
    }
}

fn difference<'a>(unit: &'a Unit, finding: FindingEntry<'a>, change: &'a Change) -> Difference<'a> {
    Difference {
        account: &unit.path,
        finding,
        concerns: subjects(&change.concerns),
        without_mfa: subjects(&change.without_mfa),
        source: change.source.map(source),
    }
}

fn subjects<'a>(all: impl IntoIterator<Item = &'a Who>) -> Vec<String> {
    all.into_iter().map(Who::subject).collect()
}

fn source(of: Source) -> SourceEntry {
    SourceEntry { from: of.from.as_str(), at: of.at.map(|at| at.to_string()) }
}
