//! What is shown about the place under the pointer: the principal that is declared there, with its verdict and the
//! proof, or those on whom it bears.

use std::ops::Range;
use std::path::Path;

use gen_lsp_types::{Contents, Hover, MarkupContent, MarkupKind};

use super::results::{Judged, Place, Results, Step};
use super::view::View;
use crate::analysis::verdict::{Enforcement, Open, Verdict};
use crate::tri::Tri;

/// How many principals are shown in full.
const FULL: usize = 3;

/// How many principals, steps and actions are named.
const NAMED: usize = 12;

/// Shows what is known about a byte of a file. `block` is what it stands in.
pub(super) fn hover(
    results: &Results,
    view: &View<'_>,
    path: &Path,
    at: usize,
    block: Option<Range<usize>>,
    markdown: bool,
) -> Option<Hover> {
    let judged: Vec<&Judged> = results.units.values().flat_map(|unit| &unit.judged).collect();
    let here = |place: &&Place| view.touches(place, path, &(at..at));
    let declared: Vec<&Judged> =
        judged.iter().copied().filter(|j| j.place.as_ref().filter(here).is_some()).collect();
    // Of a module that is called, and of a user in it, the user is meant.
    let narrow = |j: &&Judged| j.place.as_ref().map_or(usize::MAX, |p| view.bytes(p).len());
    let least = declared.iter().map(narrow).min();
    let declared: Vec<&Judged> = declared.into_iter().filter(|j| Some(narrow(j)) == least).collect();
    let mut page = Page { text: String::new(), markdown, view };
    let place = if let Some(first) = declared.first() {
        declared.iter().take(FULL).for_each(|j| page.principal(j));
        page.others(declared.get(FULL..).unwrap_or_default());
        first.place.as_ref()
    } else {
        let wide = block.unwrap_or(at..at);
        let bears = |j: &Judged| {
            let places = || j.evidence.iter().filter_map(|(_, place)| place.as_ref());
            places().find(|p| view.touches(p, path, &(at..at))).is_some()
                || places().any(|p| view.touches(p, path, &wide))
        };
        let reached: Vec<&Judged> = judged.into_iter().filter(|j| bears(j)).collect();
        if reached.is_empty() {
            return None;
        }
        page.line("This bears on:");
        page.rows(&reached);
        None
    };
    let kind = if markdown { MarkupKind::Markdown } else { MarkupKind::PlainText };
    let contents = Contents::MarkupContent(MarkupContent { kind, value: page.text });
    Some(Hover { contents, range: place.map(|p| view.range(p)) })
}

/// How a step of a proof begins that is told below under what is not settled.
const UNSETTLED: &str = "not settled: ";

struct Page<'v, 'd> {
    text: String,
    markdown: bool,
    view: &'v View<'d>,
}

impl Page<'_, '_> {
    fn line(&mut self, text: &str) {
        let text = self.prose(text);
        self.raw(&text);
    }

    /// A paragraph of what is written for the reader already.
    fn raw(&mut self, text: &str) {
        if !self.text.is_empty() {
            self.text.push_str("\n\n");
        }
        self.text.push_str(text);
    }

    fn item(&mut self, text: &str) {
        let gap =
            if self.text.lines().next_back().is_some_and(|l| l.starts_with("- ")) { "\n" } else { "\n\n" };
        self.text.push_str(gap);
        self.text.push_str("- ");
        self.text.push_str(text);
    }

    fn principal(&mut self, judged: &Judged) {
        let v = &judged.verdict;
        let head = self.strong(&format!("{} `{}`: {}", v.kind.as_str(), code(v.label()), summary(v)));
        self.raw(&head);
        for (what, answer) in [
            ("console password", known(v.console)),
            ("administrator", known(v.admin)),
            ("MFA asked of console sessions", v.mfa.as_str()),
            ("MFA asked of access keys", v.mfa_keys.as_str()),
        ] {
            self.item(&format!("{what}: {answer}"));
        }
        if v.open.actions > 0 {
            let text = self.prose(&open(&v.open));
            self.item(&text);
        }
        let unsettled = |text: &str| {
            text.strip_prefix(UNSETTLED).is_some_and(|why| judged.unknown.iter().any(|(u, _)| u == why))
        };
        let settled: Vec<Step> =
            judged.evidence.iter().filter(|(text, _)| !unsettled(text)).cloned().collect();
        self.steps("Why:", &settled);
        self.steps("Not settled:", &judged.unknown);
    }

    fn steps(&mut self, head: &str, steps: &[Step]) {
        if steps.is_empty() {
            return;
        }
        self.line(head);
        for (text, place) in steps.iter().take(NAMED) {
            let text = format!("{}{}", self.prose(text), self.link(place.as_ref()));
            self.item(&text);
        }
        self.more(steps.len());
    }

    /// Principals, a line each.
    fn rows(&mut self, judged: &[&Judged]) {
        for j in judged.iter().take(NAMED) {
            let v = &j.verdict;
            let text = format!("{} `{}`: {}", v.kind.as_str(), code(v.label()), summary(v));
            let text = format!("{}{}", self.prose(&text), self.link(j.place.as_ref()));
            self.item(&text);
        }
        self.more(judged.len());
    }

    fn others(&mut self, judged: &[&Judged]) {
        if !judged.is_empty() {
            self.line("Also declared here:");
            self.rows(judged);
        }
    }

    fn more(&mut self, all: usize) {
        if let Some(rest) = all.checked_sub(NAMED).filter(|n| *n > 0) {
            self.item(&format!("{rest} more"));
        }
    }

    /// Where something stands, behind what is said about it.
    fn link(&self, place: Option<&Place>) -> String {
        let Some((place, location)) = place.and_then(|p| Some((p, self.view.location(p)?))) else {
            return String::new();
        };
        let line = location.range.start.line + 1;
        let path = place.path();
        let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        match self.markdown {
            // An address ends at a bracket.
            true => {
                let uri = location.uri.0.replace('(', "%28").replace(')', "%29");
                format!(" ([{}]({uri}#L{line}))", escaped(&format!("{name}:{line}")))
            }
            false => format!(" ({name}:{line})"),
        }
    }

    fn strong(&self, text: &str) -> String {
        let text = self.prose(text);
        if self.markdown { format!("**{text}**") } else { text }
    }

    /// A message: what stands in backticks is code, the rest means nothing. Names come from files that anybody may have
    /// written.
    fn prose(&self, text: &str) -> String {
        let text: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        if !self.markdown {
            return text;
        }
        let parts: Vec<&str> = text.split('`').collect();
        let last = parts.len().saturating_sub(1);
        let part = |(i, part): (usize, &&str)| match i % 2 == 1 && i < last && !part.is_empty() {
            true => format!("`{part}`"),
            false => escaped(part),
        };
        parts.iter().enumerate().map(part).collect()
    }
}

/// A name that is to stand in backticks.
fn code(name: &str) -> String {
    name.replace('`', "'")
}

/// A text in which nothing means anything in Markdown or HTML.
fn escaped(text: &str) -> String {
    let special = |c: char| {
        c.is_ascii_punctuation() && !matches!(c, ',' | '.' | ':' | ';' | '/' | '\'' | '-' | '?' | '%')
    };
    text.chars().flat_map(|c| special(c).then_some('\\').into_iter().chain([c])).collect()
}

/// What the verdict amounts to.
fn summary(v: &Verdict) -> String {
    let what = match (v.admin, v.console) {
        (Tri::Yes, _) => "administrator, ",
        (Tri::Maybe, _) => "perhaps administrator, ",
        (Tri::No, Tri::Yes) => "console user, ",
        (Tri::No, Tri::Maybe) => "perhaps console user, ",
        (Tri::No, Tri::No) => "",
    };
    let mfa = match v.mfa {
        Enforcement::Enforced => "MFA is enforced",
        Enforcement::Partial => "MFA is enforced in part",
        Enforcement::NotEnforced => "MFA is not enforced",
        Enforcement::Unknown => "whether MFA is enforced is not settled",
        Enforcement::NotApplicable => "MFA is not applicable",
    };
    format!("{what}{mfa}")
}

fn known(answer: Tri) -> &'static str {
    match answer {
        Tri::Yes => "yes",
        Tri::No => "no",
        Tri::Maybe => "unknown",
    }
}

/// "open without MFA: 312 actions, among them `iam:CreateAccessKey`".
fn open(open: &Open) -> String {
    let names: Vec<String> =
        open.takeover.iter().chain(&open.worst).take(NAMED).map(|n| format!("`{n}`")).collect();
    let actions = if open.actions == 1 { "1 action" } else { &format!("{} actions", open.actions) };
    let among = if names.len() < open.actions { ", among them " } else { ": " };
    let listed = if names.is_empty() { String::new() } else { format!("{among}{}", names.join(", ")) };
    let takeover = match open.takeover.len() {
        0 => String::new(),
        n => format!(" ({n} let the caller remove the gate or become somebody else)"),
    };
    format!("open without MFA: {actions}{listed}{takeover}")
}
