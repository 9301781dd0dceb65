//! The status of accounts for people: findings, users, a summary, a bar.

use std::io::{self, Write};

use super::count;
use super::paint::{Tone, clean, paint};
use super::table::{Cell, fact, gate, widths, write_row};
use crate::analysis::live::{DeviceVerdict, LiveUser};
use crate::finding::{Certainty, Finding};
use crate::report::status::{StatusReport, basis, date, devices};
use crate::report::{Detail, Style};
use crate::status::{AccountStatus, Counts, root_credentials, root_mfa};
use crate::tri::Tri;

/// Columns of the users.
const USERS: [&str; 10] = [
    "user",
    "console",
    "last used",
    "mfa",
    "devices",
    "admin",
    "keys",
    "mfa (console)",
    "mfa (keys)",
    "reachable",
];

/// Columns of the summary.
const SUMMARY: [&str; 9] =
    ["account", "users", "console", "with mfa", "without", "unknown", "%", "admins without", "root"];

/// How many users of an account are shown unasked.
const ROWS: usize = 30;

/// How long the bar is.
const BAR: usize = 40;

/// Writes all of it.
pub(in crate::report) fn write(
    status: &StatusReport<'_>,
    out: &mut dyn Write,
    style: &Style,
) -> io::Result<()> {
    for (_, _, finding) in status.report.sorted().findings {
        write_finding(finding, out, style)?;
    }
    if style.detail > Detail::Quiet {
        for account in status.accounts {
            write_account(account, status, out, style)?;
        }
    }
    write_summary(status, out, style)?;
    write_bar(&status.total(), out, style)
}

/// A finding and what to do. The files of a snapshot are nothing to show.
fn write_finding(finding: &Finding, out: &mut dyn Write, style: &Style) -> io::Result<()> {
    let possible = if finding.certainty == Certainty::Possible { ", possible" } else { "" };
    let head = format!("{}[{}]{possible}", finding.severity, finding.rule.code);
    writeln!(out, "{}: {}", paint(style, Tone::of(finding.severity), &head), clean(&finding.message))?;
    writeln!(out, "    {}", paint(style, Tone::Faint, &format!("help: {}", clean(&finding.help))))
}

fn write_account(
    status: &AccountStatus,
    report: &StatusReport<'_>,
    out: &mut dyn Write,
    style: &Style,
) -> io::Result<()> {
    let account = &status.account;
    let mut title = clean(&account.id).into_owned();
    if let Some(alias) = &account.alias {
        title.push_str(&format!(" ({})", clean(alias)));
    }
    let age = |at: crate::account::time::Time| report.now.and_then(|now| at.age(now));
    let made = match account.report_at {
        Some(at) => match age(at) {
            Some(age) => format!("; credential report of {at}, {age} old"),
            None => format!("; credential report of {at}"),
        },
        None => String::new(),
    };
    let calls = account.calls.map(|n| format!(", {n} calls")).unwrap_or_default();
    let about = format!("{}{calls}{made}", count(account.files, "file"));
    writeln!(out, "\n{} ({about})", paint(style, Tone::Strong, &title))?;
    let (shown, rest): (Vec<LiveUser<'_>>, Vec<LiveUser<'_>>) =
        status.users().partition(|u| style.detail == Detail::Verbose || matters(u));
    let most = if style.detail == Detail::Verbose { shown.len() } else { ROWS };
    let head: Vec<Cell> = USERS.iter().map(|h| ((*h).to_owned(), Tone::Faint)).collect();
    let rows: Vec<Vec<Cell>> = shown.iter().take(most).map(cells).collect();
    if !rows.is_empty() {
        let widths = widths(std::iter::once(&head).chain(&rows), USERS.len());
        write_row(&head, &widths, "", out, style)?;
        for (row, live) in rows.iter().zip(&shown) {
            write_row(row, &widths, &source(live, style), out, style)?;
        }
    }
    let faint = |text: &str| paint(style, Tone::Faint, text);
    if let Some(more) = shown.len().checked_sub(most).filter(|n| *n > 0) {
        writeln!(out, "{}", faint(&format!("  and {more} more; -v shows all")))?;
    }
    if !rest.is_empty() {
        let text =
            format!("  and {} without password, key and administrator rights", count(rest.len(), "user"));
        writeln!(out, "{}", faint(&text))?;
    }
    Ok(())
}

/// Whether an auditor wants to see a user unasked.
fn matters(live: &LiveUser<'_>) -> bool {
    let user = live.user;
    !user.console.value.is_no() || !user.has_keys().is_no() || live.admin() == Tri::Yes
}

/// Where the verdict about a user comes from.
fn source(live: &LiveUser<'_>, style: &Style) -> String {
    match basis(live) {
        Some(s) if style.detail == Detail::Verbose => match s.at {
            Some(at) => format!("{} of {at}", s.from.as_str()),
            None => s.from.as_str().to_owned(),
        },
        Some(_) | None => String::new(),
    }
}

fn cells(live: &LiveUser<'_>) -> Vec<Cell> {
    let user = live.user;
    let verdict = match live.verdict() {
        DeviceVerdict::Ok => Tone::Good,
        DeviceVerdict::Fail => Tone::Bad,
        DeviceVerdict::Unknown => Tone::Doubt,
        DeviceVerdict::NotApplicable => Tone::Faint,
    };
    let keys = user.keys.value.map_or_else(|| "unknown".to_owned(), |n| n.to_string());
    let dash = |text: String| if text.is_empty() { "-".to_owned() } else { text };
    vec![
        (clean(&user.name).into_owned(), Tone::Strong),
        (user.console.value.to_string(), fact(user.console.value)),
        (dash(user.last_used.map(date).unwrap_or_default()), Tone::Faint),
        (user.mfa.value.to_string(), verdict),
        (dash(devices(user)), Tone::Plain),
        (live.admin().to_string(), fact(live.admin())),
        (keys, fact(user.has_keys())),
        (live.mfa().as_str().to_owned(), gate(live.mfa())),
        (live.mfa_keys().as_str().to_owned(), gate(live.mfa_keys())),
        (dash(live.reachable().join(" ")), Tone::Plain),
    ]
}

fn write_summary(status: &StatusReport<'_>, out: &mut dyn Write, style: &Style) -> io::Result<()> {
    let head: Vec<Cell> = SUMMARY.iter().map(|h| ((*h).to_owned(), Tone::Faint)).collect();
    let plain = |n: usize| (n.to_string(), Tone::Plain);
    let bad = |n: usize| (n.to_string(), if n > 0 { Tone::Bad } else { Tone::Plain });
    let rows: Vec<Vec<Cell>> = status
        .lines()
        .iter()
        .map(|line| {
            let (c, name) = (line.counts, if line.scope == "all" { "all" } else { line.name });
            let root = line.status.map(|s| &s.account.root);
            let root = root.map_or((String::new(), Tone::Plain), |r| {
                let tone = if root_mfa(r) == "no" { Tone::Bad } else { Tone::Plain };
                (format!("credentials {}, mfa {}", root_credentials(r), root_mfa(r)), tone)
            });
            let percent = c.percent().map_or_else(|| "-".to_owned(), |n| n.to_string());
            vec![
                (clean(name).into_owned(), Tone::Strong),
                plain(c.users),
                plain(c.console_users),
                plain(c.with_mfa),
                bad(c.without_mfa),
                plain(c.unknown),
                (percent, Tone::Plain),
                bad(c.admins_without_mfa),
                root,
            ]
        })
        .collect();
    let all = status.accounts.len();
    writeln!(
        out,
        "\n{}",
        paint(style, Tone::Strong, &format!("{} of {} scanned", status.scanned(), count(all, "account")))
    )?;
    if rows.is_empty() {
        return Ok(());
    }
    let widths = widths(std::iter::once(&head).chain(&rows), SUMMARY.len());
    for row in std::iter::once(&head).chain(&rows) {
        write_row(row, &widths, "", out, style)?;
    }
    Ok(())
}

/// The shares of console users, and beside them those who have keys only.
fn write_bar(counts: &Counts, out: &mut dyn Write, style: &Style) -> io::Result<()> {
    let parts = [
        (counts.with_mfa, '█', Tone::Good, "with MFA"),
        (counts.without_mfa, '░', Tone::Bad, "without"),
        (counts.unknown, '?', Tone::Doubt, "unknown"),
    ];
    let all: usize = parts.iter().map(|(n, ..)| n).sum();
    if all == 0 {
        return writeln!(out, "no console users, {} with keys only", count(counts.key_only, "user"));
    }
    // The ends of the parts are rounded, so that together they are the whole bar.
    let (mut bar, mut before) = (String::new(), 0);
    for (n, mark, tone, _) in parts {
        let cells = (before + n) * BAR / all - before * BAR / all;
        bar.push_str(&paint(style, tone, &mark.to_string().repeat(cells)));
        before += n;
    }
    let legend: Vec<String> = parts.iter().map(|(n, mark, _, word)| format!("{mark} {n} {word}")).collect();
    writeln!(out, "{bar}  {}; {} with keys only", legend.join(", "), count(counts.key_only, "user"))
}
