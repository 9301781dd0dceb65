//! Tables for spreadsheets, which take a cell that begins like a formula for one.

use std::io::{self, Write};

use super::{StatusReport, basis, devices};
use crate::report::Style;
use crate::status::{root_credentials, root_mfa};

/// Writes one row a user.
pub(super) fn details(status: &StatusReport<'_>, out: &mut dyn Write, _: &Style) -> io::Result<()> {
    let mut table = csv::Writer::from_writer(out);
    table.write_record([
        "account",
        "alias",
        "ou",
        "user",
        "arn",
        "console",
        "password_last_used",
        "mfa_active",
        "devices",
        "admin",
        "admin_path",
        "access_keys",
        "mfa",
        "mfa_keys",
        "reachable",
        "verdict",
        "source",
        "source_time",
    ])?;
    for (of, live) in status.users() {
        let (account, user, basis) = (&of.account, live.user, basis(&live));
        let cells = [
            account.id.clone(),
            account.alias.clone().unwrap_or_default(),
            account.ou.clone().unwrap_or_default(),
            user.name.clone(),
            user.arn.clone(),
            user.console.value.to_string(),
            user.last_used.map(|at| at.to_string()).unwrap_or_default(),
            user.mfa.value.to_string(),
            devices(user),
            live.admin().to_string(),
            live.admin_way().join(" > "),
            user.keys.value.map(|n| n.to_string()).unwrap_or_default(),
            live.mfa().as_str().to_owned(),
            live.mfa_keys().as_str().to_owned(),
            live.reachable().join(" "),
            live.verdict().as_str().to_owned(),
            basis.map(|s| s.from.as_str().to_owned()).unwrap_or_default(),
            basis.and_then(|s| s.at).map(|at| at.to_string()).unwrap_or_default(),
        ];
        table.write_record(cells.map(inert))?;
    }
    table.flush()
}

/// Writes one row an account, an organisational unit, and one for all.
pub(super) fn summary(status: &StatusReport<'_>, out: &mut dyn Write, _: &Style) -> io::Result<()> {
    let mut table = csv::Writer::from_writer(out);
    table.write_record([
        "scope",
        "name",
        "alias",
        "ou",
        "scanned",
        "users",
        "console_users",
        "with_mfa",
        "without_mfa",
        "unknown",
        "percent_with_mfa",
        "key_only_users",
        "admins_without_mfa",
        "enforced_by_policy",
        "root_credentials",
        "root_mfa",
    ])?;
    for line in status.lines() {
        let (counts, account) = (line.counts, line.status.map(|s| &s.account));
        let text = |of: Option<&Option<String>>| of.cloned().flatten().unwrap_or_default();
        let cells = [
            line.scope.to_owned(),
            line.name.to_owned(),
            text(account.map(|a| &a.alias)),
            text(account.map(|a| &a.ou)),
            account.map(|a| a.scanned.to_string()).unwrap_or_default(),
            counts.users.to_string(),
            counts.console_users.to_string(),
            counts.with_mfa.to_string(),
            counts.without_mfa.to_string(),
            counts.unknown.to_string(),
            counts.percent().map(|n| n.to_string()).unwrap_or_default(),
            counts.key_only.to_string(),
            counts.admins_without_mfa.to_string(),
            counts.enforced.to_string(),
            account.map_or("", |a| root_credentials(&a.root)).to_owned(),
            account.map_or("", |a| root_mfa(&a.root)).to_owned(),
        ];
        table.write_record(cells.map(inert))?;
    }
    table.flush()
}

/// The text as a cell that no spreadsheet takes for a formula.
fn inert(text: String) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']) { format!("'{text}") } else { text }
}
