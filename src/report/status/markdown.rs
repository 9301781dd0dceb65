//! Summary and users as tables in Markdown, and between them the findings.

use std::borrow::Cow;
use std::io::{self, Write};

use super::{StatusReport, basis, date, devices};
use crate::finding::Certainty;
use crate::report::Style;
use crate::report::human::paint::clean;
use crate::report::markdown::{Document, inert};
use crate::status::{root_credentials, root_mfa};

/// Writes all of it.
pub(super) fn write(status: &StatusReport<'_>, out: &mut dyn Write, _: &Style) -> io::Result<()> {
    let mut document = Document::new(out);
    document.lines("# MFA status\n")?;
    let (scanned, all) = (status.scanned(), status.accounts.len());
    document.lines(&format!("{scanned} of {all} accounts scanned.\n"))?;
    document.head(&[
        "account",
        "users",
        "console users",
        "with MFA",
        "without",
        "unknown",
        "% with MFA",
        "admins without",
        "root credentials",
        "root MFA",
    ])?;
    for line in status.lines() {
        let (counts, root) = (line.counts, line.status.map(|s| &s.account.root));
        let name = match (line.scope, line.status.and_then(|s| s.account.alias.as_deref())) {
            ("all", _) => "all".to_owned(),
            (_, Some(alias)) => format!("{} ({alias})", line.name),
            (_, None) => line.name.to_owned(),
        };
        let cells = [
            name,
            counts.users.to_string(),
            counts.console_users.to_string(),
            counts.with_mfa.to_string(),
            counts.without_mfa.to_string(),
            counts.unknown.to_string(),
            counts.percent().map(|n| n.to_string()).unwrap_or_default(),
            counts.admins_without_mfa.to_string(),
            root.map_or("", root_credentials).to_owned(),
            root.map_or("", root_mfa).to_owned(),
        ];
        document.row(&cells)?;
    }
    findings(status, &mut document)?;
    document.lines("\n## Users\n")?;
    document.head(&[
        "account",
        "user",
        "console",
        "last used",
        "MFA",
        "devices",
        "admin",
        "keys",
        "enforced",
        "enforced (keys)",
        "reachable",
        "verdict",
        "source",
    ])?;
    for (of, live) in status.users() {
        let (user, basis) = (live.user, basis(&live));
        let cells = [
            of.account.id.clone(),
            user.name.clone(),
            user.console.value.to_string(),
            user.last_used.map(date).unwrap_or_default(),
            user.mfa.value.to_string(),
            devices(user),
            [&[live.admin().to_string()], live.admin_way()].concat().join(" > "),
            user.keys.value.map_or_else(|| "unknown".to_owned(), |n| n.to_string()),
            live.mfa().as_str().to_owned(),
            live.mfa_keys().as_str().to_owned(),
            live.reachable().join(" "),
            live.verdict().as_str().to_owned(),
            basis
                .map(|s| format!("{} {}", s.from.as_str(), s.at.map(|at| at.to_string()).unwrap_or_default()))
                .unwrap_or_default(),
        ];
        document.row(&cells)?;
    }
    document.finish()
}

/// Findings with the commands that help, each set in a fence that none of its lines can close.
fn findings(status: &StatusReport<'_>, document: &mut Document<'_>) -> io::Result<()> {
    document.lines("\n## Findings\n")?;
    for (unit, _, f) in status.report.sorted().findings {
        let possible = if f.certainty == Certainty::Possible { ", possible" } else { "" };
        let head = format!("{} {}{possible}, account {}: {}", f.rule.code, f.severity, unit.path, f.message);
        let mut text = format!("- {}", inert(&head));
        if f.remedies.is_empty() {
            text.push_str(&format!("\n  {}", inert(&f.help)));
        }
        for (nth, remedy) in f.remedies.iter().enumerate() {
            let commands: Vec<Cow<'_, str>> = remedy.commands.iter().map(|c| clean(c)).collect();
            let ticks = commands.iter().flat_map(|c| c.split(|c| c != '`')).map(str::len).max();
            let fence = "`".repeat(ticks.unwrap_or(0).max(2) + 1);
            let or = if nth > 0 { "or " } else { "" };
            text.push_str(&format!("\n\n  {or}{}:\n\n  {fence}\n", inert(&remedy.action)));
            commands.iter().for_each(|c| text.push_str(&format!("  {c}\n")));
            text.push_str(&format!("  {fence}"));
        }
        document.lines(&text)?;
    }
    Ok(())
}
