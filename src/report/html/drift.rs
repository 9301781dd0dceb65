//! Differences between code and accounts as a page.

use std::io;

use askama::Template;

use super::findings::{self, Group};
use super::table::{Cell, Column, Row, Table};
use super::{Shell, Tile, count, render};
use crate::compare::AccountDrift;
use crate::finding::{Certainty, Severity};
use crate::report::Style;
use crate::report::drift::{DriftReport, Told, list};
use crate::source::Span;

/// How many of those who can act without MFA are named.
const NAMED: usize = 20;

#[derive(Template)]
#[template(path = "drift.html")]
struct Page<'a> {
    shell: Shell<'a>,
    tiles: Vec<Tile>,
    findings: Vec<Group<'a>>,
    differences: Table<'a>,
}

/// Writes the page.
pub(in crate::report) fn write(
    drift: &DriftReport<'_>,
    out: &mut dyn io::Write,
    _: &Style,
) -> io::Result<()> {
    let report = &drift.report;
    let all: Vec<Told<'_>> = (0..drift.accounts.len()).flat_map(|n| drift.worst_first(n)).collect();
    let without: usize = (0..drift.accounts.len()).map(|n| drift.without_mfa(n).len()).sum();
    let serious = all.iter().filter(|t| t.finding.severity >= Severity::Medium).count();
    let possible = all.iter().filter(|t| t.finding.certainty == Certainty::Possible).count();
    let answer = match (all.len(), without) {
        (0, _) => "Nothing is known to differ between code and account.".to_owned(),
        (n, 0) => format!("{}; nobody is known to act without MFA because of them.", differ(n)),
        (n, m) => format!("{}; {} can act without MFA because of them.", differ(n), count(m, "principal")),
    };
    let certain = possible == 0 && !report.incomplete();
    let page = Page {
        shell: Shell::new("Drift between code and accounts", about(drift), answer, report),
        tiles: vec![
            Tile::bad("differences", all.len(), String::new(), certain),
            Tile::bad("medium and worse", serious, String::new(), certain),
            Tile::bad("can act without MFA", without, String::new(), certain),
            Tile::doubt("not settled", possible),
        ],
        findings: findings::groups(report, true),
        differences: differences(drift, &all),
    };
    render(&page, out)
}

/// "1 difference", "2 differences".
fn differ(n: usize) -> String {
    count(n, "difference")
}

/// What was compared, account by account, and who can act without MFA because of what differs.
fn about(drift: &DriftReport<'_>) -> Vec<String> {
    let line = |(number, of): (usize, &AccountDrift)| {
        let account = &of.account;
        let alias = account.alias.as_ref().map(|a| format!(" ({a})")).unwrap_or_default();
        let sources = drift.sources(account).join("; ");
        let of_code = count(of.code.len(), "unit");
        let without = drift.without_mfa(number);
        let names = match without.is_empty() {
            true => String::new(),
            false => format!("; can act without MFA: {}", list(&without, NAMED)),
        };
        format!("account {}{alias}: {of_code} of code; {sources}{names}", account.id)
    };
    drift.accounts.iter().enumerate().map(line).collect()
}

fn differences<'a>(drift: &DriftReport<'a>, told: &[Told<'a>]) -> Table<'a> {
    let columns = vec![
        Column::text("who", "User, group, role, policy or device"),
        Column::text("account", "Number of the account"),
        Column::text("severity", "How bad it is"),
        Column::text("rule", "What kind of difference it is"),
        Column::text("code", "What the code says, and where"),
        Column::text("account says", "What the account says; pointed at: which answer, and of when"),
    ];
    let rows = told.iter().map(|one| row(drift, one)).collect();
    Table { filter: true, ..Table::new("differences", "Differences", columns, rows) }
}

fn row<'a>(drift: &DriftReport<'a>, told: &Told<'a>) -> Row<'a> {
    let (finding, change) = (told.finding, told.change);
    let said = |side: &Option<(String, Span)>| {
        let (text, span) = side.as_ref()?;
        Some(drift.place(*span).map_or_else(|| text.clone(), |place| format!("{text} ({place})")))
    };
    let sides = |parts: Vec<Option<String>>| {
        let parts: Vec<String> = parts.into_iter().flatten().collect();
        if parts.is_empty() { "–".to_owned() } else { parts.join("; ") }
    };
    let code = sides(change.causes.iter().map(|c| said(&c.declared)).collect());
    let actual = sides(change.causes.iter().map(|c| said(&c.actual)).collect());
    let account = drift.accounts.get(told.account).map_or("", |a| a.account.id.as_str());
    let tone = match finding.severity {
        Severity::Critical | Severity::High => "bad",
        Severity::Medium => "doubt",
        Severity::Low | Severity::Info => "faint",
    };
    let source = change.source.map(|s| drift.source(s)).unwrap_or_default();
    let cells = vec![
        Cell::text(change.who.subject()).tone("strong"),
        Cell::text(account),
        Cell::text(finding.severity.as_str()).tone(tone).key(order(finding.severity)),
        Cell::text(finding.rule.code).title(finding.rule.summary.to_owned()),
        Cell::text(code),
        Cell::text(actual).title(source),
    ];
    Row { verdict: Some(finding.severity.as_str()), ..Row::new(cells) }
}

/// What is looked at first.
fn order(severity: Severity) -> u8 {
    match severity {
        Severity::Critical => 0,
        Severity::High => 1,
        Severity::Medium => 2,
        Severity::Low => 3,
        Severity::Info => 4,
    }
}
