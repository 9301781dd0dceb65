//! What a remark claims: that findings of some rules are accepted here.

use super::{Comments, foreign};
use crate::account::time::Time;
use crate::frontend::remarks::{self, Remark};
use crate::rules;
use crate::source::Span;

/// The word that every comment of our own has in it.
pub(super) const WORDS: &[&str] = &["mfaguard"];

/// How it is written, for messages.
const FORM: &str = "write `mfaguard: ignore[MFA001] reason`";

/// A claim with its place.
#[derive(Debug)]
pub(super) struct Claim {
    pub(super) span: Span,
    /// What it is about.
    pub(super) covers: Span,
    pub(super) said: Said,
    /// It is written for another program.
    pub(super) foreign: bool,
}

/// What is claimed.
#[derive(Debug)]
pub(super) enum Said {
    /// Findings of these rules are accepted, to the end of a day.
    Ignore { rules: Vec<&'static str>, reason: String, until: Option<Time> },
    /// Something that counts for nothing, and why.
    Wrong(String),
}

/// What a remark claims, when it claims anything.
pub(super) fn of(remark: &Remark, comments: Comments) -> Option<Claim> {
    let said = match &remark.said {
        remarks::Said::Comment(text) => comment(text),
        remarks::Said::Entry { tool: "mfaguard", ids, reason, until } => {
            Some(ignore(ids, reason.as_deref().unwrap_or_default(), until.as_deref()))
        }
        remarks::Said::Entry { .. } => None,
        remarks::Said::TooMany => {
            let what = "this file has too many suppressions for its size";
            Some(Said::Wrong(format!("{what}: this one and all behind it suppress nothing")))
        }
    };
    match said {
        Some(said) => Some(Claim { span: remark.span, covers: remark.covers, said, foreign: false }),
        None if comments == Comments::Foreign => foreign::of(remark),
        None => None,
    }
}

/// `mfaguard: ignore[MFA001, MFA002] until=2027-01-31 reason`, in a comment that begins with it.
fn comment(text: &str) -> Option<Said> {
    let head = text.get(.."mfaguard:".len())?;
    let rest = text.get(head.len()..)?.trim_start();
    if !head.eq_ignore_ascii_case("mfaguard:") {
        return None;
    }
    let list = rest.strip_prefix("ignore").and_then(|r| r.trim_start().strip_prefix('[')?.split_once(']'));
    let Some((ids, rest)) = list else {
        return Some(Said::Wrong(format!("this comment suppresses nothing: {FORM}")));
    };
    let ids: Vec<String> = ids.split(',').map(|id| id.trim().to_owned()).collect();
    let is_until = |word: &&str| word.starts_with("until=");
    let until = rest.split_whitespace().find(is_until).and_then(|w| w.strip_prefix("until="));
    let reason: Vec<&str> = rest.split_whitespace().filter(|w| !is_until(w)).collect();
    Some(ignore(&ids, &reason.join(" "), until))
}

fn ignore(ids: &[String], reason: &str, until: Option<&str>) -> Said {
    let known: Option<Vec<&'static str>> =
        ids.iter().map(|id| rules::find(id).map(|rule| rule.info.code)).collect();
    let rules = match known {
        Some(rules) if !rules.is_empty() => rules,
        Some(_) => return Said::Wrong(format!("this suppression names no rule: {FORM}")),
        None => {
            let unknown = ids.iter().find(|id| rules::find(id).is_none()).map_or("", |id| id.as_str());
            let what = format!("no rule is called `{unknown}`; `mfaguard rules` lists them");
            return Said::Wrong(format!("this suppression suppresses nothing: {what}"));
        }
    };
    let list = rules.join(", ");
    if reason.trim().trim_matches(['-', ':', '.']).is_empty() {
        return Said::Wrong(format!(
            "the suppression of {list} has no reason, so it suppresses nothing: say why"
        ));
    }
    let until = match until.map(|day| (day, Time::end_of_day(day))) {
        None => None,
        Some((_, Some(end))) => Some(end),
        Some((day, None)) => {
            let what = format!("`{day}` is no date like 2027-01-31");
            return Said::Wrong(format!("the suppression of {list} suppresses nothing: {what}"));
        }
    };
    Said::Ignore { rules, reason: reason.trim().to_owned(), until }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> String {
        match comment(text) {
            None => "nothing".to_owned(),
            Some(Said::Wrong(message)) => format!("wrong: {message}"),
            Some(Said::Ignore { rules, reason, until }) => {
                let until = until.map(|t| format!(" until {}", t.day())).unwrap_or_default();
                format!("{}: {reason}{until}", rules.join(" "))
            }
        }
    }

    #[test]
    fn comments_are_read() {
        let rows = [
            ("mfaguard: ignore[MFA001] kept for the audit", "MFA001: kept for the audit"),
            ("MFAGUARD:ignore[mfa001,admin-user-without-mfa] why not", "MFA001 MFA002: why not"),
            ("mfaguard: ignore [MFA001] until=2027-01-31 why", "MFA001: why until 2027-01-31"),
            ("mfaguard: ignore[MFA001] why until=2027-01-31", "MFA001: why until 2027-01-31"),
            ("see mfaguard: ignore[MFA001] why", "nothing"),
            ("mfaguard", "nothing"),
            ("é", "nothing"),
        ];
        for (text, expected) in rows {
            assert_eq!(read(text), expected, "{text}");
        }
    }

    #[test]
    fn what_suppresses_nothing_says_why() {
        let rows = [
            ("mfaguard: ignore", "this comment suppresses nothing"),
            ("mfaguard: skip[MFA001] why", "this comment suppresses nothing"),
            ("mfaguard: ignore[MFA001]", "has no reason"),
            ("mfaguard: ignore[MFA001] -- ", "has no reason"),
            ("mfaguard: ignore[] why", "no rule is called ``"),
            ("mfaguard: ignore[MFA999] why", "no rule is called `MFA999`"),
            ("mfaguard: ignore[MFA001] until=tomorrow why", "`tomorrow` is no date"),
            ("mfaguard: ignore[MFA001] until=2027-02-30 why", "`2027-02-30` is no date"),
        ];
        for (text, expected) in rows {
            let said = read(text);
            assert!(said.starts_with("wrong: ") && said.contains(expected), "{text}: {said}");
        }
    }
}
