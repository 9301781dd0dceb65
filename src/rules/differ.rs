//! Words and places that the rules on differences between code and account share.

use crate::account::Source;
use crate::drift::{Change, Kind, Who};
use crate::finding::{Finding, Label, RuleInfo};

/// How many of those concerned are named.
const NAMED: usize = 3;

/// The finding about a difference of a kind, in the code when that speaks of it.
pub(super) fn finding(
    info: &'static RuleInfo,
    change: &Change,
    kind: Kind,
    message: String,
) -> Option<Finding> {
    let span = change.declared.or(change.actual).filter(|_| change.kind == kind)?;
    let message = format!("{message}{}", told_by(change.source));
    let mut out = Finding::new(info, span, change.holds, change.who.subject(), message)?;
    let places = change.causes.iter().flat_map(|c| c.declared.iter().chain(&c.actual));
    let mut related: Vec<Label> = Vec::new();
    for (text, at) in places {
        let label = Label { span: *at, message: text.clone() };
        if *at == span && out.label == out.subject {
            out.label.clone_from(text);
        } else if !related.contains(&label) {
            related.push(label);
        }
    }
    out.related = related;
    Some(out)
}

/// Who, and what differs.
pub(super) fn message(change: &Change) -> String {
    let admin = if change.admin.is_yes() { "; it is an administrator" } else { "" };
    let concerned = match change.concerns.as_slice() {
        [] => String::new(),
        all => format!("; it concerns {}", list(all)),
    };
    let (who, causes) = (change.who.quoted(), causes(change));
    // A sentence that names the principal needs no other subject.
    let subject = if causes.contains(&who) { String::new() } else { format!("{who}: ") };
    format!("{subject}{causes}{admin}{concerned}")
}

/// What differs.
pub(super) fn causes(change: &Change) -> String {
    let texts: Vec<&str> = change.causes.iter().map(|c| c.text.as_str()).collect();
    match texts.is_empty() {
        true => "its policies as a whole leave more open".to_owned(),
        false => texts.join("; "),
    }
}

/// The principal with all those who are concerned.
pub(super) fn whom(change: &Change) -> String {
    let all: Vec<Who> = std::iter::once(&change.who).chain(&change.concerns).cloned().collect();
    list(&all)
}

fn list(all: &[Who]) -> String {
    let names: Vec<String> = all.iter().take(NAMED).map(Who::quoted).collect();
    match (names.split_last(), all.len().saturating_sub(NAMED)) {
        (None, _) => String::new(),
        (Some((last, [])), 0) => last.clone(),
        (Some((last, first)), 0) => format!("{} and {last}", first.join(", ")),
        (Some(_), more) => format!("{} and {more} more", names.join(", ")),
    }
}

/// " (authorization-details of 2026-11-22T08:00:00Z)".
fn told_by(source: Option<Source>) -> String {
    match source {
        Some(Source { from, at: Some(at) }) => format!(" ({} of {at})", from.as_str()),
        Some(Source { from, at: None }) => format!(" ({})", from.as_str()),
        None => String::new(),
    }
}
