//! Verdicts and findings about code as a page.

use std::io;

use askama::Template;

use super::findings::{self, Group};
use super::table::{Cell, Column, Row, Step, Table};
use super::{Shell, Tile, count, fact, gate, render};
use crate::analysis::verdict::{Enforcement, Verdict};
use crate::report::{Report, Sorted, Style, answer, is_open, is_unsettled};
use crate::scan::Unit;
use crate::source::Location;

#[derive(Template)]
#[template(path = "check.html")]
struct Page<'a> {
    shell: Shell<'a>,
    tiles: Vec<Tile>,
    findings: Vec<Group<'a>>,
    principals: Table<'a>,
}

/// Writes the page.
pub(in crate::report) fn write(report: &Report<'_>, out: &mut dyn io::Write, _: &Style) -> io::Result<()> {
    let units = report.units.len();
    let about = format!("{} in {}", count(units, "unit"), count(report.files, "file"));
    let open = report.verdicts.iter().filter(|(_, v)| is_open(v)).count();
    let certain = report.unsettled() == 0 && !report.incomplete();
    let admins = report.verdicts.iter().filter(|(_, v)| v.admin.is_yes() && is_open(v)).count();
    let suppressed = match report.suppressed() {
        0 => String::new(),
        n => format!("{n} suppressed"),
    };
    let page = Page {
        shell: Shell::new("MFA in code", vec![about], answer(report), report),
        tiles: vec![
            Tile::bad(
                "can act without MFA",
                open,
                format!("of {}", count(report.verdicts.len(), "principal")),
                certain,
            ),
            Tile::bad("of these administrators", admins, String::new(), certain),
            Tile::doubt("not settled by the code", report.unsettled()),
            Tile::bad("findings", report.findings.len() - report.suppressed(), suppressed, certain),
        ],
        findings: findings::groups(report, true),
        principals: principals(report),
    };
    render(&page, out)
}

fn principals<'a>(report: &Report<'a>) -> Table<'a> {
    let Sorted { verdicts, .. } = report.sorted();
    let rows = verdicts.into_iter().map(|(unit, at, v)| row(report, unit, at, v)).collect();
    let columns = vec![
        Column::text("principal", "Name, or address where the name is not known"),
        Column::text("kind", "User, group or role"),
        Column::text("unit", "Root module or template"),
        Column::text("console", "Whether it has a console password"),
        Column::text("admin", "Whether it may do everything when signed in with MFA"),
        Column::text("console sessions", "Whether policies ask a console session for MFA"),
        Column::text("access keys", "Whether policies ask access keys for MFA"),
        Column::number("open actions", "Actions that matter and can be done without MFA"),
        Column::text("place", "Where it is declared"),
    ];
    Table { filter: true, proofs: true, ..Table::new("principals", "Principals", columns, rows) }
}

fn row<'a>(report: &Report<'a>, unit: &'a Unit, at: Option<Location>, v: &'a Verdict) -> Row<'a> {
    let cells = vec![
        Cell::text(v.label()).tone("strong").title(v.address.clone().unwrap_or_default()),
        Cell::text(v.kind.as_str()),
        Cell::text(unit.path.as_str()),
        Cell::text(v.console.to_string()).tone(fact(v.console)),
        Cell::text(v.admin.to_string()).tone(fact(v.admin)),
        Cell::text(v.mfa.as_str()).tone(gate(v.mfa)).key(order(v.mfa)),
        Cell::text(v.mfa_keys.as_str()).tone(gate(v.mfa_keys)).key(order(v.mfa_keys)),
        Cell::number(v.open.actions),
        Cell::text(at.map(|l| l.to_string()).unwrap_or_default()),
    ];
    let steps = report.steps(v.evidence.iter().map(|e| (e.text.as_str(), e.span)));
    let proof =
        steps.into_iter().map(|(text, at)| Step { text: text.into(), place: at.map(|l| l.to_string()) });
    let missing = v.unknown.iter().filter(|_| is_unsettled(v)).map(|u| Step {
        text: format!("not settled: {}", u.reason()).into(),
        place: u.span().and_then(|s| report.locate(s)).map(|l| l.to_string()),
    });
    Row { verdict: Some(v.mfa.as_str()), proof: proof.chain(missing).collect(), ..Row::new(cells) }
}

/// What is looked at first.
fn order(e: Enforcement) -> u8 {
    match e {
        Enforcement::NotEnforced => 0,
        Enforcement::Partial => 1,
        Enforcement::Unknown => 2,
        Enforcement::Enforced => 3,
        Enforcement::NotApplicable => 4,
    }
}
