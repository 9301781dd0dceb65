//! Differences between code and accounts for people: what, who can act without MFA because of it, where, what to do;
//! then principal by principal, the code beside the account.

use std::collections::BTreeMap;
use std::io::{self, Write};

use super::count;
use super::paint::{Tone, clean, paint};
use super::table::{Cell, fact, gate, widths, write_row};
use crate::analysis::verdict::Verdict;
use crate::compare::{AccountDrift, Principal};
use crate::drift::{Change, Who};
use crate::finding::{Certainty, Severity};
use crate::report::drift::{DriftReport, Told, list};
use crate::report::{Detail, Style};

/// How many differences stand in the first part unasked, so that it fits on a screen.
const FIRST: usize = 6;
/// How many principals are shown side by side unasked.
const ROWS: usize = 30;
/// How many of those who can act without MFA are named.
const NAMED: usize = 8;

/// Writes all of it.
pub(in crate::report) fn write(
    drift: &DriftReport<'_>,
    out: &mut dyn Write,
    style: &Style,
) -> io::Result<()> {
    for (number, account) in drift.accounts.iter().enumerate() {
        if number > 0 {
            out.write_all(b"\n")?;
        }
        let told = drift.worst_first(number);
        write_head(drift, number, account, &told, out, style)?;
        write_first(drift, &told, out, style)?;
        if style.detail > Detail::Quiet {
            write_principals(drift, account, &told, out, style)?;
        }
    }
    let all: usize = drift.accounts.iter().map(|a| a.principals.len()).sum();
    let time = drift.report.duration_ms.map(|ms| format!(", {ms} ms")).unwrap_or_default();
    let worst = drift.told().map(|t| t.finding.severity).max();
    let (tone, text) = match worst {
        None if drift.accounts.is_empty() => (Tone::Doubt, "nothing was compared".to_owned()),
        None => (Tone::Good, "code and account agree".to_owned()),
        Some(worst) => (Tone::of(worst), count(drift.told().count(), "difference")),
    };
    let suppressed = match drift.report.suppressed() {
        0 => String::new(),
        n => format!(", {n} suppressed"),
    };
    let text = format!("{}{suppressed}", paint(style, tone, &text));
    let (accounts, files) = (count(drift.accounts.len(), "account"), count(drift.report.files, "file"));
    writeln!(out, "{text}; {} in {accounts}; {files}{time}", count(all, "principal"))
}

fn write_head(
    drift: &DriftReport<'_>,
    number: usize,
    of: &AccountDrift,
    told: &[Told<'_>],
    out: &mut dyn Write,
    style: &Style,
) -> io::Result<()> {
    let account = &of.account;
    let alias = account.alias.as_ref().map(|a| format!(" ({a})")).unwrap_or_default();
    let title = format!("account {}{alias}", account.id);
    let what = match told.len() {
        0 => "nothing differs from the code".to_owned(),
        n => format!("{} from the code", count(n, "difference")),
    };
    writeln!(out, "{}: {what}", paint(style, Tone::Strong, &clean(&title)))?;
    let sources = drift.sources(account).join("; ");
    let line = format!("{} of code; {sources}", count(of.code.len(), "unit"));
    writeln!(out, "{}", paint(style, Tone::Faint, &clean(&line)))?;
    let without = drift.without_mfa(number);
    if !without.is_empty() {
        let most = if style.detail == Detail::Verbose { without.len() } else { NAMED };
        let text = format!("can act without MFA because of them: {}", list(&without, most));
        writeln!(out, "{}", paint(style, Tone::Bad, &clean(&text)))?;
    }
    let mut elsewhere: BTreeMap<&str, usize> = BTreeMap::new();
    for reason in of.principals.iter().filter_map(|p| p.elsewhere.as_deref()) {
        *elsewhere.entry(reason).or_default() += 1;
    }
    for (reason, n) in elsewhere {
        let text = format!("{} not compared: {}", count(n, "principal"), clean(reason));
        writeln!(out, "{}", paint(style, Tone::Faint, &text))?;
    }
    Ok(())
}

/// The worst differences, with the place in the code and what to do.
fn write_first(
    drift: &DriftReport<'_>,
    told: &[Told<'_>],
    out: &mut dyn Write,
    style: &Style,
) -> io::Result<()> {
    let most = if style.detail == Detail::Verbose { told.len() } else { FIRST };
    let serious = |t: &&Told<'_>| style.detail == Detail::Verbose || t.finding.severity >= Severity::Medium;
    let shown: Vec<&Told<'_>> = told.iter().filter(serious).take(most).collect();
    for one in &shown {
        let (finding, change) = (one.finding, one.change);
        let possible = if finding.certainty == Certainty::Possible { ", possible" } else { "" };
        let head = format!("{}[{}]{possible}", finding.severity, finding.rule.code);
        let head = paint(style, Tone::of(finding.severity), &head);
        writeln!(out, "\n{head}: {}", clean(&finding.message))?;
        if let Some((text, place)) = in_code(drift, change) {
            writeln!(out, "    code: {place}: {}", clean(&text))?;
        }
        writeln!(out, "    {}", paint(style, Tone::Faint, &format!("to do: {}", clean(&finding.help))))?;
    }
    let mut rest: BTreeMap<&str, usize> = BTreeMap::new();
    for one in told.iter().filter(|t| !shown.iter().any(|s| std::ptr::eq(s.finding, t.finding))) {
        *rest.entry(one.finding.rule.code).or_default() += 1;
    }
    if !rest.is_empty() {
        let all: Vec<String> = rest.iter().map(|(code, n)| format!("{n} {code}")).collect();
        writeln!(out, "\n{}", paint(style, Tone::Faint, &format!("and {}; -v shows all", all.join(", "))))?;
    }
    Ok(())
}

/// What the code says, and where.
fn in_code(drift: &DriftReport<'_>, change: &Change) -> Option<(String, String)> {
    let said = change.causes.iter().find_map(|c| c.declared.clone());
    let (text, span) =
        said.or_else(|| Some((format!("{} declared here", change.who.quoted()), change.declared?)))?;
    Some((text, drift.place(span)?))
}

/// The principals of which something differs, the code beside the account.
fn write_principals(
    drift: &DriftReport<'_>,
    of: &AccountDrift,
    told: &[Told<'_>],
    out: &mut dyn Write,
    style: &Style,
) -> io::Result<()> {
    let mut by_who: BTreeMap<&Who, Vec<&Told<'_>>> = BTreeMap::new();
    told.iter().for_each(|t| by_who.entry(&t.change.who).or_default().push(t));
    let quiet = |all: &[&Told<'_>]| all.iter().all(|t| t.finding.severity < Severity::Medium);
    let (rest, shown): (Vec<_>, Vec<_>) =
        by_who.into_iter().partition(|(_, all)| style.detail < Detail::Verbose && quiet(all));
    let most = if style.detail == Detail::Verbose { shown.len() } else { ROWS };
    for (who, all) in shown.iter().take(most) {
        let principal = of.principals.iter().find(|p| p.who == **who);
        write_principal(drift, who, principal, all, out, style)?;
    }
    let left = shown.len().saturating_sub(most) + rest.len();
    if left > 0 {
        let text = format!("and {} with differences; -v shows all", count(left, "other principal"));
        writeln!(out, "\n{}", paint(style, Tone::Faint, &text))?;
    }
    out.write_all(b"\n")
}

fn write_principal(
    drift: &DriftReport<'_>,
    who: &Who,
    principal: Option<&Principal>,
    told: &[&Told<'_>],
    out: &mut dyn Write,
    style: &Style,
) -> io::Result<()> {
    writeln!(out, "\n{}", paint(style, Tone::Strong, &clean(&who.subject())))?;
    let faint = |text: &str| (text.to_owned(), Tone::Faint);
    let mut rows: Vec<(Vec<Cell>, String)> =
        vec![(vec![faint(""), faint("code"), faint("account")], String::new())];
    if let Some(p) = principal {
        let (code, account) = (p.declared.as_ref().map(|(_, v)| v), p.actual.as_ref());
        rows.extend(
            verdicts(code, p.is_declared, account, p.is_actual).into_iter().map(|r| (r, String::new())),
        );
    }
    for one in told {
        let source = one.change.source.map(|s| drift.source(s)).unwrap_or_default();
        for cause in &one.change.causes {
            let side = |said: &Option<(String, crate::source::Span)>| match said {
                Some((text, span)) => match drift.place(*span) {
                    Some(place) => format!("{text} ({place})"),
                    None => text.clone(),
                },
                None => "-".to_owned(),
            };
            let cells = [one.finding.rule.code.to_owned(), side(&cause.declared), side(&cause.actual)];
            rows.push((cells.map(|c| (clean(&c).into_owned(), Tone::Plain)).to_vec(), source.clone()));
        }
    }
    let widths = widths(rows.iter().map(|(r, _)| r), 3);
    for (row, source) in &rows {
        write_row(row, &widths, source, out, style)?;
    }
    Ok(())
}

/// The verdicts of both sides, where they differ.
fn verdicts(
    code: Option<&Verdict>,
    declared: bool,
    account: Option<&Verdict>,
    actual: bool,
) -> Vec<Vec<Cell>> {
    let none = |there: bool| if there { "-" } else { "not there" };
    let row = |name: &str, of: fn(&Verdict) -> Cell| {
        let cell = |v: Option<&Verdict>, there: bool| v.map_or((none(there).to_owned(), Tone::Faint), of);
        vec![(name.to_owned(), Tone::Faint), cell(code, declared), cell(account, actual)]
    };
    let rows = [
        row("console password", |v| (v.console.to_string(), fact(v.console))),
        row("administrator", |v| (v.admin.to_string(), fact(v.admin))),
        row("mfa (console)", |v| (v.mfa.as_str().to_owned(), gate(v.mfa))),
        row("mfa (keys)", |v| (v.mfa_keys.as_str().to_owned(), gate(v.mfa_keys))),
    ];
    rows.into_iter().filter(|cells| cells.get(1) != cells.get(2)).collect()
}
