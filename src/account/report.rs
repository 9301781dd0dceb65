//! The credential report: CSV, or the JSON in which AWS sends it ("Getting credential reports").

use std::sync::Arc;

use base64::Engine as _;

use super::pages;
use super::time::Time;
use crate::diagnostic::{Code, Diagnostic, Level};
use crate::limits;
use crate::source::{Source, SourceMap, Span};
use crate::tri::Tri;

/// What the report calls the root user.
const ROOT: &str = "<root_account>";

/// One row.
#[derive(Debug, Clone)]
pub(super) struct Row {
    pub(super) name: String,
    pub(super) arn: String,
    pub(super) span: Span,
    pub(super) password: Tri,
    pub(super) mfa: Tri,
    pub(super) last_used: Option<Time>,
    pub(super) created: Option<Time>,
    /// How many access keys are active.
    pub(super) keys: Option<usize>,
    /// Whether a signing certificate is active.
    pub(super) certificates: Tri,
}

/// The report.
#[derive(Debug, Default)]
pub(super) struct Report {
    pub(super) users: Vec<Row>,
    pub(super) root: Option<Row>,
    pub(super) generated: Option<Time>,
}

impl Report {
    /// Takes in a row, or says what is wrong with it.
    fn take(&mut self, row: Row) -> Option<String> {
        match row.name.as_str() {
            "" => return Some("a row of the credential report names no user".to_owned()),
            ROOT => self.root = Some(row),
            _ => self.users.push(row),
        }
        None
    }
}

/// Reads a report. What cannot be read is told.
pub(super) fn read(
    source: &Arc<Source>,
    sources: &SourceMap,
    problems: &mut Vec<Diagnostic>,
) -> Option<Report> {
    let plain = source.text().trim_start_matches('\u{feff}').trim_start();
    if !plain.starts_with('{') {
        return table(source, None, problems);
    }
    let answers = pages::read(source, problems).pages;
    let answer = answers.last()?;
    let bad = |message: &str| Diagnostic::at(Code::BadSnapshot, Level::Error, source.span(), message);
    let Some(content) = pages::text(answer, "Content") else {
        problems.push(bad("this is not the answer of `get-credential-report`: it has no `Content`"));
        return None;
    };
    let generated = pages::text(answer, "GeneratedTime").and_then(Time::parse);
    let bytes =
        base64::engine::general_purpose::STANDARD.decode(content.split_whitespace().collect::<String>());
    match bytes.ok().and_then(|b| String::from_utf8(b).ok()) {
        Some(text) => table(&sources.add(source.path(), source.shown(), text), generated, problems),
        None => {
            problems.push(bad("`Content` is not text in base64"));
            None
        }
    }
}

/// Where the columns are.
struct Columns(csv::StringRecord);

impl Columns {
    fn cell<'r>(&self, row: &'r csv::StringRecord, name: &str) -> Option<&'r str> {
        let at = self.0.iter().position(|c| c.trim().eq_ignore_ascii_case(name))?;
        row.get(at).map(str::trim)
    }

    /// `N/A`, `no_information`, `not_supported` and columns that are not there settle nothing.
    fn answer(&self, row: &csv::StringRecord, name: &str) -> Tri {
        match self.cell(row, name) {
            Some(cell) if cell.eq_ignore_ascii_case("true") => Tri::Yes,
            Some(cell) if cell.eq_ignore_ascii_case("false") => Tri::No,
            Some(_) | None => Tri::Maybe,
        }
    }

    fn time(&self, row: &csv::StringRecord, name: &str) -> Option<Time> {
        self.cell(row, name).and_then(Time::parse)
    }

    fn row(&self, row: &csv::StringRecord, span: Span) -> Row {
        let keys = [self.answer(row, "access_key_1_active"), self.answer(row, "access_key_2_active")];
        let known = keys.iter().all(|k| *k != Tri::Maybe);
        Row {
            name: self.cell(row, "user").unwrap_or_default().to_owned(),
            arn: self.cell(row, "arn").unwrap_or_default().to_owned(),
            span,
            password: self.answer(row, "password_enabled"),
            mfa: self.answer(row, "mfa_active"),
            last_used: self.time(row, "password_last_used"),
            created: self.time(row, "user_creation_time"),
            keys: known.then(|| keys.iter().filter(|k| k.is_yes()).count()),
            certificates: self.answer(row, "cert_1_active") | self.answer(row, "cert_2_active"),
        }
    }
}

fn table(source: &Arc<Source>, generated: Option<Time>, problems: &mut Vec<Diagnostic>) -> Option<Report> {
    let whole = source.text();
    let text = whole.trim_start_matches('\u{feff}');
    let base = whole.len() - text.len();
    let mut reader = csv::ReaderBuilder::new().from_reader(text.as_bytes());
    let mut tell = |span: Span, message: String| {
        problems.push(Diagnostic::at(Code::BadSnapshot, Level::Error, span, message));
    };
    let columns = match reader.headers() {
        Ok(names) => Columns(names.clone()),
        Err(e) => {
            tell(source.span(), format!("not a credential report: {}", describe(&e)));
            return None;
        }
    };
    let required = ["user", "arn", "password_enabled", "mfa_active"];
    let missing = required.iter().find(|r| !columns.0.iter().any(|c| c.trim().eq_ignore_ascii_case(r)));
    if let Some(name) = missing {
        let first = Span::new(source.id(), base, base + text.lines().next().map_or(0, str::len));
        tell(first, format!("not a credential report: it has no column `{name}`"));
        return None;
    }
    let mut out = Report { generated, ..Report::default() };
    let (mut row, mut broken) = (csv::StringRecord::new(), 0_usize);
    loop {
        let start = offset(reader.position());
        let more = reader.read_record(&mut row);
        let end = offset(reader.position());
        let span = lines(source, base + start, base + end);
        let wrong = match more {
            Ok(false) => break,
            Ok(true) => out.take(columns.row(&row, span)),
            Err(e) => Some(format!("a row of the credential report is broken: {}", describe(&e))),
        };
        if let Some(message) = wrong {
            broken += 1;
            if broken <= limits::LISTED {
                tell(span, message);
            }
        }
        if out.users.len() + broken > limits::PRINCIPALS {
            let most = limits::PRINCIPALS;
            let message = format!("the credential report has more than {most} users, and was not read");
            problems.push(Diagnostic::at(Code::Limit, Level::Error, span, message));
            return None;
        }
    }
    if broken > limits::LISTED {
        let more = broken - limits::LISTED;
        tell(source.span(), format!("{more} more rows of the credential report are broken"));
    }
    Some(out)
}

fn offset(position: &csv::Position) -> usize {
    usize::try_from(position.byte()).unwrap_or(usize::MAX)
}

/// A range without the line breaks around it.
fn lines(source: &Source, start: usize, end: usize) -> Span {
    let text = source.text().get(start..end).unwrap_or_default();
    let from = text.len() - text.trim_start().len();
    Span::new(source.id(), start + from, start + from.max(text.trim_end().len()))
}

fn describe(error: &csv::Error) -> String {
    match error.kind() {
        csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
            format!("it has {len} cells, the report has {expected_len} columns")
        }
        csv::ErrorKind::Utf8 { .. } => "it is not UTF-8 text".to_owned(),
        _ => "it is not CSV".to_owned(),
    }
}
