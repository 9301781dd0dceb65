//! JUnit's XML, as continuous integration shows test results: a suite is a unit or an account, a test is a principal.
//!
//! There is no standard. This is what Jenkins and GitLab read, by the schema that Jenkins publishes (`junit-4.xsd`),
//! with at most one failure a test, because many readers show only the first. Tests are the principals that people look
//! at, and whatever else something was found about. A proven finding fails its test; a test is skipped for what is not
//! settled.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use super::human::paint::clean_char;
use super::status::StatusReport;
use super::{Report, Sorted, Style, is_unsettled, matters};
use crate::account::User;
use crate::analysis::live::{DeviceVerdict, LiveUser};
use crate::analysis::verdict::Verdict;
use crate::diagnostic::Level;
use crate::finding::{Certainty, Finding};
use crate::scan::Unit;
use crate::source::Location;

/// The suite of problems with the input.
const INPUT: &str = "input";

/// How a test went.
enum Outcome {
    Passed,
    /// What is not settled.
    Skipped(String),
    /// Rule, message and all of it.
    Failed(&'static str, String, String),
    /// Code and message.
    Error(&'static str, String),
}

struct Test {
    name: String,
    outcome: Outcome,
}

struct Suite<'a> {
    name: &'a str,
    tests: Vec<Test>,
}

impl Suite<'_> {
    fn count(&self, of: impl Fn(&Outcome) -> bool) -> usize {
        self.tests.iter().filter(|t| of(&t.outcome)).count()
    }

    fn failures(&self) -> usize {
        self.count(|o| matches!(o, Outcome::Failed(..)))
    }

    fn errors(&self) -> usize {
        self.count(|o| matches!(o, Outcome::Error(..)))
    }

    fn skipped(&self) -> usize {
        self.count(|o| matches!(o, Outcome::Skipped(_)))
    }
}

/// Whom a test is about.
struct Subject<'a> {
    name: String,
    /// What findings call it.
    called: &'a str,
    /// Whether it has a test also when nothing was found.
    counts: bool,
    /// What is not settled about it; empty when nothing is.
    open: Vec<String>,
}

/// Writes a suite for each unit of code.
pub(super) fn write(report: &Report<'_>, out: &mut dyn Write, _: &Style) -> io::Result<()> {
    let sorted = report.sorted();
    let suites = report.units.iter().map(|unit| {
        let own = sorted.verdicts.iter().filter(|(u, _, _)| *u == unit);
        suite(report, &sorted, unit, own.map(|(_, _, v)| principal(v)))
    });
    write_all(report, &sorted, suites.collect(), out)
}

/// Writes a suite for each account, with its users who have a console password.
pub(super) fn write_status(status: &StatusReport<'_>, out: &mut dyn Write, _: &Style) -> io::Result<()> {
    let report = &status.report;
    let sorted = report.sorted();
    let suites = report
        .units
        .iter()
        .zip(status.accounts)
        .map(|(unit, account)| suite(report, &sorted, unit, account.users().map(|user| live(&user))));
    write_all(report, &sorted, suites.collect(), out)
}

/// "user alice (module.team.aws_iam_user.this["alice"])".
fn principal(v: &Verdict) -> Subject<'_> {
    let address = v.address.as_deref().filter(|a| *a != v.label());
    let address = address.map(|a| format!(" ({a})")).unwrap_or_default();
    let reasons = v.unknown.iter().map(|u| u.reason().to_owned());
    let open = if is_unsettled(v) { reasons.collect() } else { Vec::new() };
    Subject {
        name: format!("{} {}{address}", v.kind.as_str(), v.label()),
        called: v.address.as_deref().or(v.name.as_deref()).unwrap_or("?"),
        counts: matters(v),
        // What has no reason is not settled either.
        open: if is_unsettled(v) && open.is_empty() {
            vec!["whether MFA is enforced".to_owned()]
        } else {
            open
        },
    }
}

fn live<'a>(live: &LiveUser<'a>) -> Subject<'a> {
    let (counts, open) = match live.verdict() {
        DeviceVerdict::Ok | DeviceVerdict::Fail => (true, Vec::new()),
        DeviceVerdict::Unknown => (true, vec!["whether it has a password and no MFA device".to_owned()]),
        DeviceVerdict::NotApplicable => (false, Vec::new()),
    };
    let User { arn, name, .. } = live.user;
    Subject { name: format!("user {name}"), called: if arn.is_empty() { name } else { arn }, counts, open }
}

fn suite<'a>(
    report: &Report<'_>,
    sorted: &Sorted<'_>,
    unit: &'a Unit,
    subjects: impl Iterator<Item = Subject<'a>>,
) -> Suite<'a> {
    let mut findings: BTreeMap<&str, Vec<(&Location, &Finding)>> = BTreeMap::new();
    for (_, at, f) in sorted.findings.iter().filter(|(u, _, _)| *u == unit) {
        findings.entry(&f.subject).or_default().push((at, f));
    }
    let (mut tests, mut told) = (Vec::new(), BTreeSet::new());
    for subject in subjects {
        // Of two with one name neither passes when something was found about that name.
        let own = findings.get(subject.called).map(Vec::as_slice).unwrap_or_default();
        if !own.is_empty() || subject.counts {
            tests.push(Test { outcome: outcome(report, own, &subject.open), name: subject.name });
        }
        told.insert(subject.called);
    }
    // Policies, secrets, root: all that was found about one of them is one test.
    let rest = findings.iter().filter(|(name, _)| !told.contains(*name));
    tests.extend(
        rest.map(|(name, own)| Test { name: (*name).to_owned(), outcome: outcome(report, own, &[]) }),
    );
    Suite { name: &unit.path, tests }
}

/// Writes the suites, and one for input that could not be analysed.
fn write_all(
    report: &Report<'_>,
    sorted: &Sorted<'_>,
    mut suites: Vec<Suite<'_>>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let problems = sorted.diagnostics.iter().filter(|(_, d)| d.level == Level::Error);
    let problems = problems.map(|(at, d)| Test {
        name: at.as_ref().map_or_else(|| d.code.as_str().to_owned(), ToString::to_string),
        outcome: Outcome::Error(d.code.as_str(), d.message.clone()),
    });
    let problems = Suite { name: INPUT, tests: problems.collect() };
    if !problems.tests.is_empty() {
        suites.push(problems);
    }
    let tests: usize = suites.iter().map(|s| s.tests.len()).sum();
    let failures: usize = suites.iter().map(Suite::failures).sum();
    let errors: usize = suites.iter().map(Suite::errors).sum();
    let time = report.duration_ms.map(|ms| format!(" time=\"{}.{:03}\"", ms / 1000, ms % 1000));
    let (tool, time) = (env!("CARGO_PKG_NAME"), time.unwrap_or_default());
    writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>")?;
    writeln!(
        out,
        "<testsuites name=\"{tool}\" tests=\"{tests}\" failures=\"{failures}\" errors=\"{errors}\"{time}>"
    )?;
    suites.iter().try_for_each(|suite| write_suite(suite, out))?;
    writeln!(out, "</testsuites>")
}

fn outcome(report: &Report<'_>, findings: &[(&Location, &Finding)], open: &[String]) -> Outcome {
    let mut text: String = findings.iter().map(|(at, f)| tell(report, at, f)).collect();
    let proven = findings.iter().map(|(_, f)| f).filter(|f| f.certainty == Certainty::Proven);
    if let Some(worst) = proven.min_by_key(|f| Reverse(f.severity)) {
        return Outcome::Failed(worst.rule.code, worst.message.clone(), text);
    }
    open.iter().for_each(|reason| text.push_str(&format!("not settled: {reason}\n")));
    if text.is_empty() { Outcome::Passed } else { Outcome::Skipped(text) }
}

/// A finding with its places.
fn tell(report: &Report<'_>, at: &Location, f: &Finding) -> String {
    let (rule, certainty) = (f.rule, f.certainty.as_str());
    let mut text = format!("{} {} ({}, {certainty}): {}\n", rule.code, rule.name, f.severity, f.message);
    text.push_str(&format!("  {at}: {}\n", f.label));
    for (step, at) in report.steps(f.related.iter().map(|l| (l.message.as_str(), Some(l.span)))) {
        let at = at.map(|at| format!("{at}: ")).unwrap_or_default();
        text.push_str(&format!("  {at}{step}\n"));
    }
    text.push_str(&format!("To mend it: {}\n", f.help));
    text
}

fn write_suite(suite: &Suite<'_>, out: &mut dyn Write) -> io::Result<()> {
    let class = inert(suite.name);
    let (tests, failures, errors) = (suite.tests.len(), suite.failures(), suite.errors());
    let skipped = suite.skipped();
    writeln!(
        out,
        "  <testsuite name=\"{class}\" tests=\"{tests}\" failures=\"{failures}\" errors=\"{errors}\" skipped=\"{skipped}\">"
    )?;
    for test in &suite.tests {
        let inside = match &test.outcome {
            Outcome::Passed => String::new(),
            Outcome::Skipped(text) => format!("<skipped>{}</skipped>", inert(text)),
            Outcome::Failed(rule, message, text) => {
                format!("<failure type=\"{rule}\" message=\"{}\">{}</failure>", inert(message), inert(text))
            }
            Outcome::Error(code, message) => {
                format!("<error type=\"{code}\" message=\"{}\"/>", inert(message))
            }
        };
        writeln!(
            out,
            "    <testcase classname=\"{class}\" name=\"{}\">{inside}</testcase>",
            inert(&test.name)
        )?;
    }
    writeln!(out, "  </testsuite>")
}

/// The text as it may stand between tags and in quotes. What XML 1.0 has no way to write is replaced, and what GitHub would
/// take for a command at the beginning of a line is written in another way, because reports are printed in workflows.
fn inert(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut begins = false;
    for c in text.chars() {
        let command = begins && matches!(c, ':' | '#');
        begins = c == '\n' || (begins && c.is_whitespace());
        match c {
            _ if command => out.push_str(&format!("&#{};", u32::from(c))),
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' => out.push('\n'),
            '\u{fffe}' | '\u{ffff}' => out.push(char::REPLACEMENT_CHARACTER),
            _ => out.push(clean_char(c)),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::testing::Parts;

    #[test]
    fn the_suites_of_the_example() {
        insta::assert_snapshot!(Parts::example().written("junit", &Style::default()));
    }

    #[test]
    fn nothing_is_no_test() {
        let report = Parts::empty();
        let report = Report { duration_ms: Some(1_042), ..report.report() };
        let mut out = Vec::new();
        write(&report, &mut out, &Style::default()).unwrap();
        let head = "<testsuites name=\"mfaguard\" tests=\"0\" failures=\"0\" errors=\"0\" time=\"1.042\">";
        assert!(String::from_utf8(out).unwrap().contains(head));
    }

    #[test]
    fn hostile_names_are_only_text() {
        let parts = Parts::hostile();
        let written = parts.written("junit", &Style::default());
        // What XML 1.0 calls a character, without those that turn the direction of writing.
        assert!(
            written
                .chars()
                .all(|c| c == '\n' || (clean_char(c) == c && !matches!(c, '\u{fffe}' | '\u{ffff}')))
        );
        assert_eq!(written.matches('<').count(), written.matches('>').count());
        assert_eq!(written.matches("<testcase ").count(), parts.findings.len());
        assert_eq!(written.matches("<failure ").count(), parts.findings.len());
        for tag in written.split('<').skip(1).map(|t| t.split(['>', ' ', '/', '?']).find(|w| !w.is_empty())) {
            let known = ["xml", "testsuites", "testsuite", "testcase", "failure"];
            assert!(known.contains(&tag.unwrap()), "{tag:?}");
        }
        assert_eq!(written.matches('"').count() % 2, 0);
        assert!(!written.lines().any(|line| line.trim_start().starts_with([':', '#'])), "{written}");
    }
}
