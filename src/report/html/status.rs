//! The status of accounts as a page for security people and auditors.

use std::io;

use askama::Template;

use super::findings::{self, Group};
use super::pie::Pie;
use super::table::{Cell, Column, Row, Table};
use super::{Shell, Tile, count, fact, gate, render};
use crate::account::{Origin, Source};
use crate::analysis::live::{DeviceVerdict, LiveUser};
use crate::report::Style;
use crate::report::status::{Line, StatusReport, basis, date, devices};
use crate::status::{AccountStatus, Counts, root_credentials, root_mfa};
use crate::tri::Tri;

/// Most users on a page; a browser takes more, but nobody reads them.
const USERS: usize = 20_000;

#[derive(Template)]
#[template(path = "status.html")]
struct Page<'a> {
    shell: Shell<'a>,
    tiles: Vec<Tile>,
    pie: Pie,
    key_only: usize,
    accounts: Table<'a>,
    units: Table<'a>,
    roots: Table<'a>,
    findings: Vec<Group<'a>>,
    users: Table<'a>,
}

/// Writes the page.
pub(in crate::report) fn write(
    status: &StatusReport<'_>,
    out: &mut dyn io::Write,
    _: &Style,
) -> io::Result<()> {
    let total = status.total();
    let shell =
        Shell::new("MFA status of AWS accounts", about(status), answer(status, &total), &status.report);
    let (accounts, units) = summary(status, &total);
    let page = Page {
        shell,
        tiles: tiles(status, &total),
        pie: Pie::of(&total),
        key_only: total.key_only,
        accounts,
        units,
        roots: roots(status),
        findings: findings::groups(&status.report, false),
        users: users(status),
    };
    render(&page, out)
}

/// Which accounts, and how old the answers are.
fn about(status: &StatusReport<'_>) -> Vec<String> {
    let all = status.accounts.len();
    let mut scanned = format!("{} of {} scanned", status.scanned(), count(all, "account"));
    if let Some(now) = status.now {
        scanned.push_str(&format!(" at {now}"));
    }
    let oldest = status.accounts.iter().filter_map(|a| a.account.report_at).min();
    let oldest = oldest.map(|at| match status.now.and_then(|now| at.age(now)) {
        Some(age) => format!("Oldest credential report: {at}, {age} old"),
        None => format!("Oldest credential report: {at}"),
    });
    std::iter::once(scanned).chain(oldest).collect()
}

/// The answer in a sentence, and what it leaves out.
fn answer(status: &StatusReport<'_>, total: &Counts) -> String {
    let of = total.with_mfa + total.without_mfa + total.unknown;
    let mut answer = match (of, total.without_mfa) {
        (0, _) if !is_whole(status) => "No user with a console password was read.".to_owned(),
        (0, _) => "Nobody has a console password.".to_owned(),
        (_, 0) => "No user with a console password is known to lack an MFA device.".to_owned(),
        (_, 1) => format!("1 of {} with a console password has no MFA device.", count(of, "user")),
        (_, n) => format!("{n} of {} with a console password have no MFA device.", count(of, "user")),
    };
    if total.unknown > 0 {
        answer.push_str(&format!(" Of {} it is not known.", total.unknown));
    }
    if !is_whole(status) {
        answer.push_str(" This is not all: see what could not be read.");
    }
    answer
}

/// Whether everything was read that had to be.
fn is_whole(status: &StatusReport<'_>) -> bool {
    status.scanned() == status.accounts.len() && !status.report.incomplete()
}

fn tiles(status: &StatusReport<'_>, total: &Counts) -> Vec<Tile> {
    let root = |word: &str| status.accounts.iter().filter(|a| root_mfa(&a.account.root) == word).count();
    let admins = status.users().filter(|(_, live)| live.is_admin_without_device() == Tri::Maybe).count();
    let perhaps = |n: usize| if n > 0 { format!("and perhaps {n} more") } else { String::new() };
    let (whole, of) = (is_whole(status), total.with_mfa + total.without_mfa + total.unknown);
    vec![
        Tile::bad(
            "console users without MFA",
            total.without_mfa,
            format!("of {of}"),
            whole && total.unknown == 0,
        ),
        Tile::bad(
            "administrators without MFA",
            total.admins_without_mfa,
            perhaps(admins),
            whole && admins == 0,
        ),
        Tile::bad(
            "root users without MFA",
            root("no"),
            format!("of {}", status.accounts.len()),
            whole && root("unknown") == 0,
        ),
        Tile::doubt("console users not known", total.unknown),
        Tile::doubt("root users not known", root("unknown")),
    ]
}

/// Accounts with a line for all of them, and organisational units.
fn summary<'a>(status: &StatusReport<'a>, total: &Counts) -> (Table<'a>, Table<'a>) {
    let numbers = || {
        [
            Column::number("users", "All users"),
            Column::number("console", "Users with a console password"),
            Column::number("with MFA", "Of these with a device"),
            Column::number("without", "Of these without one"),
            Column::number("not known", "Users of whom either is not known"),
            Column::number("% with", "Share of console users with a device"),
            Column::number("keys only", "Users with an active key and no password"),
            Column::number("admins without", "Administrators with a password or a key and no device"),
            Column::number("enforced", "Console users whose policies ask for MFA everywhere"),
        ]
    };
    let (mut accounts, mut units) = (Vec::new(), Vec::new());
    for line in status.lines() {
        let numbers = count_cells(&line.counts);
        match line.status {
            Some(of) => {
                accounts.push(Row::new(account_cells(status, of).into_iter().chain(numbers).collect()))
            }
            None if line.scope == "ou" => {
                units.push(Row::new(unit_cell(&line).into_iter().chain(numbers).collect()))
            }
            None => {}
        }
    }
    let head = [
        Column::text("account", "Number and alias"),
        Column::text("unit", "Organisational unit"),
        Column::text("data", "When its credential report was made, and what was not read"),
    ];
    let of_all = if accounts.len() > 1 {
        let all = [Cell::text("all"), Cell::text(""), Cell::text("")];
        all.into_iter().chain(count_cells(total)).collect()
    } else {
        Vec::new()
    };
    let table =
        Table::new("accounts", "Summary by account", head.into_iter().chain(numbers()).collect(), accounts);
    let head = Column::text("unit", "Path of the organisational unit");
    let columns = std::iter::once(head).chain(numbers()).collect();
    (Table { total: of_all, ..table }, Table::new("units", "Summary by organisational unit", columns, units))
}

fn unit_cell<'a>(line: &Line<'a>) -> [Cell<'a>; 1] {
    [Cell::text(line.name).tone("strong")]
}

fn account_cells<'a>(report: &StatusReport<'a>, of: &'a AccountStatus) -> [Cell<'a>; 3] {
    let account = &of.account;
    let data = match (&of.error, account.report_at) {
        (Some(error), _) => Cell::text(error.as_str()).tone("error"),
        (None, Some(at)) => {
            let age = report.now.and_then(|now| at.age(now)).map(|age| format!(", {age} old"));
            let calls = account.calls.map(|n| format!("{n} calls")).unwrap_or_default();
            Cell::text(format!("{at}{}", age.unwrap_or_default())).title(calls)
        }
        (None, None) => Cell::text("no credential report with a time"),
    };
    [name(of).tone("strong"), Cell::text(account.ou.as_deref().unwrap_or_default()), data]
}

/// Number and alias.
fn name(of: &AccountStatus) -> Cell<'_> {
    match &of.account.alias {
        Some(alias) => Cell::text(format!("{} ({alias})", of.account.id)),
        None => Cell::text(of.account.id.as_str()),
    }
}

fn count_cells<'a>(counts: &Counts) -> [Cell<'a>; 9] {
    [
        Cell::number(counts.users),
        Cell::number(counts.console_users),
        Cell::number(counts.with_mfa),
        Cell::bad(counts.without_mfa),
        Cell::doubt(counts.unknown),
        Cell::text(counts.percent().map(|n| n.to_string()).unwrap_or_default()),
        Cell::number(counts.key_only),
        Cell::bad(counts.admins_without_mfa),
        Cell::number(counts.enforced),
    ]
}

fn roots<'a>(status: &StatusReport<'a>) -> Table<'a> {
    let row = |of: &'a AccountStatus| {
        let root = &of.account.root;
        let (credentials, mfa) = (root_credentials(root), root_mfa(root));
        let (tone, key) = match mfa {
            "no" => ("bad", 0),
            "unknown" => ("doubt", 1),
            "yes" => ("good", 2),
            _ => ("faint", 3),
        };
        let kind = match (root.kind, root.only_virtual) {
            (Some(kind), _) => kind.as_str(),
            (None, Tri::Maybe) => "not known",
            (None, Tri::Yes | Tri::No) => "",
        };
        Row::new(vec![
            name(of).tone("strong"),
            Cell::text(mfa).tone(tone).key(key).title(said(status, root.mfa.source)),
            Cell::text(credentials).title(said(status, root.credentials.source)),
            Cell::text(kind).title(said(status, root.mfa.source)),
            Cell::text(said(status, root.mfa.source.or(root.credentials.source))).tone("faint"),
        ])
    };
    let columns = vec![
        Column::text("account", "Number and alias"),
        Column::text("MFA", "Whether root has an MFA device; not applicable without credentials"),
        Column::text("credentials", "Whether root has a password, a key or a certificate"),
        Column::text("best device", "Kind of the best device"),
        Column::text("source", "Which answer of AWS says it"),
    ];
    Table::new("roots", "Root users", columns, status.accounts.iter().map(row).collect())
}

fn users<'a>(status: &StatusReport<'a>) -> Table<'a> {
    let mut all: Vec<(&'a AccountStatus, LiveUser<'a>)> = status.users().collect();
    all.sort_by_key(|(_, live)| (order(live.verdict()), !live.admin().is_yes()));
    let note = all.len().checked_sub(USERS).filter(|n| *n > 0).map(|n| {
        format!("{n} more users are not on this page, the least urgent ones; `--format csv` has all of them.")
    });
    let rows = all.into_iter().take(USERS).map(|(of, live)| user(status, of, &live)).collect();
    let columns = vec![
        Column::text("user", "Name of the user"),
        Column::text("account", "Number and alias"),
        Column::text("verdict", "Whether who signs in at the console has a device"),
        Column::text("console", "Whether there is a console password"),
        Column::text("last used", "When the password was last used"),
        Column::text("MFA", "Whether there is an MFA device"),
        Column::text("devices", "Best and weakest kind, how many, since when"),
        Column::text("admin", "Administrator rights, and the way to them"),
        Column::number("keys", "Active access keys"),
        Column::text("policies ask for MFA", "Whether policies ask a console session for MFA"),
        Column::text("with keys", "Whether policies ask access keys for MFA"),
        Column::text("reachable", "Ways without MFA that are within reach"),
        Column::text("source", "Which answer of AWS the verdict rests on"),
    ];
    Table { filter: true, note, ..Table::new("users", "Users", columns, rows) }
}

/// What is looked at first.
fn order(verdict: DeviceVerdict) -> u8 {
    match verdict {
        DeviceVerdict::Fail => 0,
        DeviceVerdict::Unknown => 1,
        DeviceVerdict::Ok => 2,
        DeviceVerdict::NotApplicable => 3,
    }
}

fn user<'a>(status: &StatusReport<'a>, of: &'a AccountStatus, live: &LiveUser<'a>) -> Row<'a> {
    let (user, verdict) = (live.user, live.verdict());
    let tone = match verdict {
        DeviceVerdict::Fail => "bad",
        DeviceVerdict::Unknown => "doubt",
        DeviceVerdict::Ok => "good",
        DeviceVerdict::NotApplicable => "faint",
    };
    let from = |source: Option<Source>| said(status, source);
    let policies = from(of.account.policies.filter(|_| live.judged.is_some()));
    let report = from(Some(Source { from: Origin::CredentialReport, at: of.account.report_at }));
    let reachable = format!("device: {}; keys: {}", from(user.mfa.source), from(user.keys.source));
    let admin = match live.admin_way() {
        [] => live.admin().to_string(),
        way => format!("{}: {}", live.admin(), way.join(" > ")),
    };
    let keys = user.keys.value.map_or_else(|| "unknown".to_owned(), |n| n.to_string());
    let cells = vec![
        Cell::text(user.name.as_str()).tone("strong").title(user.arn.clone()),
        name(of),
        Cell::text(verdict.as_str()).tone(tone).key(order(verdict)).title(from(basis(live))),
        Cell::text(user.console.value.to_string())
            .tone(fact(user.console.value))
            .title(from(user.console.source)),
        Cell::text(user.last_used.map(date).unwrap_or_default())
            .title(user.last_used.map(|at| format!("{at}; {report}")).unwrap_or_default()),
        Cell::text(user.mfa.value.to_string()).title(from(user.mfa.source)),
        Cell::text(devices(user)).title(from(user.devices.source)),
        Cell::text(admin).tone(fact(live.admin())).title(policies.clone()),
        Cell::text(keys).title(from(user.keys.source)),
        Cell::text(live.mfa().as_str()).tone(gate(live.mfa())).title(policies.clone()),
        Cell::text(live.mfa_keys().as_str()).tone(gate(live.mfa_keys())).title(policies),
        Cell::text(live.reachable().join(" ")).title(reachable),
        Cell::text(from(basis(live))),
    ];
    Row { verdict: Some(verdict.as_str()), ..Row::new(cells) }
}

/// Which answer of AWS says it, of when, and how old that is.
fn said(status: &StatusReport<'_>, source: Option<Source>) -> String {
    let Some(Source { from, at }) = source else { return "nothing says it".to_owned() };
    let age = at.and_then(|at| at.age(status.now?)).map(|age| format!(" ({age} old)"));
    let at = at.map(|at| format!(" {at}")).unwrap_or_default();
    format!("{}{at}{}", from.as_str(), age.unwrap_or_default())
}
