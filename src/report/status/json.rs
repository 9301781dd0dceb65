//! The status of accounts in JSON, version 1. These structs are the format, frozen: a change of shape is a new version
//! in a new file.

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde::Serialize;

use super::StatusReport;
use crate::account::{Root, Source};
use crate::analysis::live::LiveUser;
use crate::report::json::{self, DiagnosticEntry, FindingEntry, TOOL, Tool};
use crate::report::{Sorted, Style};
use crate::status::{AccountStatus, root_credentials, root_mfa};

#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    tool: Tool,
    principals: Vec<Principal<'a>>,
    users: Vec<User<'a>>,
    accounts: Vec<AccountEntry<'a>>,
    findings: Vec<FindingEntry<'a>>,
    diagnostics: Vec<DiagnosticEntry<'a>>,
    summary: Summary,
}

#[derive(Serialize)]
struct Principal<'a> {
    account: &'a str,
    #[serde(flatten)]
    principal: json::Principal<'a>,
}

#[derive(Serialize)]
struct User<'a> {
    account: &'a str,
    user: &'a str,
    arn: &'a str,
    console: String,
    mfa_active: String,
    devices: Vec<Device>,
    admin: String,
    admin_path: &'a [String],
    access_keys: Option<usize>,
    mfa: &'static str,
    mfa_keys: &'static str,
    reachable: Vec<&'static str>,
    verdict: &'static str,
    sources: BTreeMap<&'static str, SourceEntry>,
}

#[derive(Serialize)]
struct Device {
    kind: &'static str,
    enabled: Option<String>,
    /// Only where it was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    attested: Option<bool>,
}

#[derive(Serialize)]
struct SourceEntry {
    from: &'static str,
    at: Option<String>,
}

#[derive(Serialize)]
struct AccountEntry<'a> {
    account: &'a str,
    alias: Option<&'a str>,
    ou: Option<&'a str>,
    scanned: bool,
    error: Option<&'a str>,
    users: usize,
    console_users: usize,
    with_mfa: usize,
    without_mfa: usize,
    admins_without_mfa: usize,
    root: RootEntry,
    calls: Option<u64>,
}

#[derive(Serialize)]
struct RootEntry {
    credentials: &'static str,
    mfa: &'static str,
    kind: Option<&'static str>,
}

#[derive(Serialize)]
struct Summary {
    accounts: usize,
    scanned: usize,
    users: usize,
    console_users: usize,
    with_mfa: usize,
    without_mfa: usize,
    unknown: usize,
    admins_without_mfa: usize,
    findings: usize,
    suppressed: usize,
    files: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    duration_ms: Option<u64>,
}

/// Writes the report as one JSON document with a line break at its end.
pub(super) fn write(status: &StatusReport<'_>, out: &mut dyn Write, _: &Style) -> io::Result<()> {
    let report = &status.report;
    let Sorted { verdicts, diagnostics, .. } = report.sorted();
    let findings = report.with_suppressed();
    let total = status.total();
    let document = Document {
        version: 1,
        tool: TOOL,
        principals: verdicts
            .into_iter()
            .map(|(u, at, v)| Principal { account: &u.path, principal: json::principal(report, u, at, v) })
            .collect(),
        users: status.users().map(|(a, u)| user(a, u)).collect(),
        accounts: status.accounts.iter().map(account).collect(),
        summary: Summary {
            accounts: status.accounts.len(),
            scanned: status.scanned(),
            users: total.users,
            console_users: total.console_users,
            with_mfa: total.with_mfa,
            without_mfa: total.without_mfa,
            unknown: total.unknown,
            admins_without_mfa: total.admins_without_mfa,
            findings: findings.len() - report.suppressed(),
            suppressed: report.suppressed(),
            files: report.files,
            duration_ms: report.duration_ms,
        },
        findings: findings.into_iter().map(|(u, at, f)| json::finding(report, u, at, f)).collect(),
        diagnostics: diagnostics.into_iter().map(|(at, d)| json::diagnostic(at, d)).collect(),
    };
    serde_json::to_writer_pretty(&mut *out, &document)?;
    out.write_all(b"\n")
}

fn user<'a>(status: &'a AccountStatus, live: LiveUser<'a>) -> User<'a> {
    let user = live.user;
    let device = |d: &crate::account::Device| Device {
        kind: d.kind.as_str(),
        enabled: d.enabled.map(|at| at.to_string()),
        attested: d.attested,
    };
    let sources = [
        ("console", user.console.source),
        ("mfa_active", user.mfa.source),
        ("devices", user.devices.source),
        ("access_keys", user.keys.source),
        ("admin", status.account.policies.filter(|_| live.judged.is_some())),
    ];
    User {
        account: &status.account.id,
        user: &user.name,
        arn: &user.arn,
        console: user.console.value.to_string(),
        mfa_active: user.mfa.value.to_string(),
        devices: user.devices.value.iter().map(device).collect(),
        admin: live.admin().to_string(),
        admin_path: live.judged.map_or(&[], |j| &j.proof.admin_way),
        access_keys: user.keys.value,
        mfa: live.mfa().as_str(),
        mfa_keys: live.mfa_keys().as_str(),
        reachable: live.reachable(),
        verdict: live.verdict().as_str(),
        sources: sources.into_iter().filter_map(|(name, s)| Some((name, source(s?)))).collect(),
    }
}

fn source(of: Source) -> SourceEntry {
    SourceEntry { from: of.from.as_str(), at: of.at.map(|at| at.to_string()) }
}

fn account(status: &AccountStatus) -> AccountEntry<'_> {
    let (account, counts) = (&status.account, status.counts());
    AccountEntry {
        account: &account.id,
        alias: account.alias.as_deref(),
        ou: account.ou.as_deref(),
        scanned: account.scanned,
        error: status.error.as_deref(),
        users: counts.users,
        console_users: counts.console_users,
        with_mfa: counts.with_mfa,
        without_mfa: counts.without_mfa,
        admins_without_mfa: counts.admins_without_mfa,
        root: root(&account.root),
        calls: account.calls,
    }
}

fn root(root: &Root) -> RootEntry {
    RootEntry {
        credentials: root_credentials(root),
        mfa: root_mfa(root),
        kind: root.kind.map(|k| k.as_str()),
    }
}
