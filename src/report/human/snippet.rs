//! One finding in its code: the primary place, the places that prove it, and what to change.

use std::collections::HashMap;
use std::fmt;
use std::io::{self, Write};
use std::sync::Arc;

use ariadne::{Cache, Config, IndexType, Label, LabelAttach, ReportKind, Source};

use super::excerpt::{Mark, excerpt};
use super::paint::{Tone, clean, paint};
use crate::finding::{Certainty, Finding};
use crate::report::{Report, Style};
use crate::source::{SourceId, Span};

/// Width at which help text is broken, in characters.
const WIDTH: usize = 96;

/// A span of an excerpt.
type Place = (SourceId, std::ops::Range<usize>);

/// The excerpts of one finding.
#[derive(Default)]
struct Excerpts {
    texts: HashMap<SourceId, (Source<String>, Arc<str>)>,
    /// The primary place; `None` when it is in no source.
    primary: Option<Place>,
    /// Places as ariadne would print them, and as they are: it counts columns of lines that may be cut.
    moved: Vec<(String, String)>,
}

impl Cache<SourceId> for &Excerpts {
    type Storage = String;

    fn fetch(&mut self, id: &SourceId) -> Result<&Source<String>, impl fmt::Debug> {
        self.texts.get(id).map(|(text, _)| text).ok_or("no such source")
    }

    fn display<'a>(&self, id: &'a SourceId) -> Option<impl fmt::Display + 'a> {
        self.texts.get(id).map(|(_, path)| clean(path).into_owned())
    }
}

/// Writes a finding.
pub(super) fn write(
    report: &Report<'_>,
    finding: &Finding,
    out: &mut dyn Write,
    style: &Style,
) -> io::Result<()> {
    let word = match finding.certainty {
        Certainty::Proven => finding.severity.as_str().to_owned(),
        Certainty::Possible => format!("{}, possible", finding.severity),
    };
    let tone = Tone::of(finding.severity);
    let head = paint(style, tone, &format!("{word}[{}]", finding.rule.code));
    writeln!(out, "{head}: {}", clean(&finding.message))?;
    let (excerpts, labels) = labels(report, finding, tone);
    let Some(primary) = excerpts.primary.clone() else {
        // Nothing to point at: the message still counts.
        return writeln!(out, "{}", wrap(&clean(&finding.help), WIDTH));
    };
    let config = Config::new()
        .with_color(style.color)
        .with_index_type(IndexType::Char)
        .with_label_attach(LabelAttach::Start)
        .with_tab_width(2);
    let mut text = Vec::new();
    ariadne::Report::build(ReportKind::Error, primary)
        .with_config(config)
        .with_labels(labels.into_iter().map(|(_, label)| label))
        .with_help(wrap(&clean(&finding.help), WIDTH))
        .finish()
        .write(&excerpts, &mut text)?;
    let mut text = String::from_utf8_lossy(&text).into_owned();
    for (from, to) in &excerpts.moved {
        text = text.replacen(from, to, 1);
    }
    // The header of ariadne's is left out: it paints a kind of our own also when colours are off.
    for line in text.lines().skip(1) {
        writeln!(out, "{}", line.trim_end())?;
    }
    Ok(())
}

/// The labels, file by file in the order of the proof, the primary file first, from top to bottom in each.
fn labels(report: &Report<'_>, finding: &Finding, tone: Tone) -> (Excerpts, Vec<(Place, Label<Place>)>) {
    let place = |span: Span| report.sources.shown_as(span);
    let primary = (place(finding.span), finding.label.as_str(), tone);
    let mut points = vec![primary];
    for l in &finding.related {
        // Two steps of a proof at one place are one label.
        if !points.iter().any(|(s, m, _)| *s == place(l.span) && *m == l.message) {
            points.push((place(l.span), l.message.as_str(), Tone::Faint));
        }
    }
    let mut files: Vec<SourceId> = Vec::new();
    for (span, _, _) in &points {
        if !files.contains(&span.source) {
            files.push(span.source);
        }
    }
    let mut excerpts = Excerpts::default();
    let mut labels = Vec::new();
    for id in files {
        let Some(source) = report.sources.get(id) else { continue };
        let mut here: Vec<&(Span, &str, Tone)> = points.iter().filter(|(s, _, _)| s.source == id).collect();
        let spans: Vec<Span> = here.iter().map(|(s, _, _)| *s).collect();
        let excerpt = excerpt(&source, &spans);
        let mut marks: Vec<(Mark, &(Span, &str, Tone))> =
            excerpt.labels.into_iter().zip(here.drain(..)).collect();
        excerpts.note_moved(&clean(source.shown()), marks.first().map(|(m, _)| m));
        let start = labels.len();
        // What would be two labels at one place is one: a block shows only its first line.
        let mut merged: Vec<(Mark, String, Tone)> = Vec::new();
        for (m, (_, message, tone)) in marks.drain(..) {
            match merged.iter_mut().find(|(at, _, _)| at.chars == m.chars) {
                Some((_, text, _)) => {
                    text.push_str("; ");
                    text.push_str(message);
                }
                None => merged.push((m, (*message).to_owned(), *tone)),
            }
        }
        for (m, message, tone) in merged {
            let place: Place = (id, m.chars);
            excerpts.primary.get_or_insert_with(|| place.clone());
            let label = Label::new(place.clone()).with_message(clean(&message)).with_color(tone.color());
            labels.push((m.line, place, label));
        }
        labels
            .get_mut(start..)
            .into_iter()
            .for_each(|own| own.sort_by_key(|(line, place, _)| (*line, place.1.start)));
        excerpts.texts.insert(id, (Source::from(excerpt.text), Arc::clone(source.shown())));
    }
    let ordered = labels.into_iter().enumerate();
    (excerpts, ordered.map(|(i, (_, place, label))| (place, label.with_order(i as i32))).collect())
}

impl Excerpts {
    fn note_moved(&mut self, path: &str, mark: Option<&Mark>) {
        if let Some(m) = mark.filter(|m| m.column != m.shown_column) {
            let place = |column: u32| format!("{path}:{}:{column} ", m.line);
            self.moved.push((place(m.shown_column), place(m.column)));
        }
    }
}

/// Breaks text at spaces so that no line is longer than `width`, if words allow.
fn wrap(text: &str, width: usize) -> String {
    let mut out = String::new();
    let mut used = 0;
    for word in text.split_whitespace() {
        let length = word.chars().count();
        if used > 0 && used + 1 + length > width {
            out.push('\n');
            used = 0;
        } else if used > 0 {
            out.push(' ');
            used += 1;
        }
        out.push_str(word);
        used += length;
    }
    out
}
