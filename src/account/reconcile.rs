//! One answer out of several: the newer one counts; of two that differ and of which nobody knows the newer one, only
//! the worse is believed.

use std::collections::{BTreeMap, BTreeSet};

use super::devices::{self, Device};
use super::report::{Report, Row};
use super::time::Time;
use super::{Origin, Source, Sourced, User};
use crate::diagnostic::{Code, Diagnostic, Level};
use crate::source::Span;
use crate::tri::Tri;

/// A user as the authorization details name it.
pub(super) struct Listed {
    pub(super) arn: String,
    pub(super) span: Span,
}

/// What was read about users.
pub(super) struct Answers<'d> {
    pub(super) report: Option<Report>,
    /// The users of the authorization details, when those were read as a whole.
    pub(super) listed: Option<&'d BTreeMap<String, Listed>>,
    pub(super) devices: BTreeMap<String, Vec<Device>>,
    /// The virtual devices that users use.
    pub(super) virtual_devices: &'d BTreeMap<String, Vec<Device>>,
    /// Who has a login profile, of those who were asked for.
    pub(super) passwords: BTreeMap<String, (Tri, Option<Time>)>,
    pub(super) times: BTreeMap<Origin, Time>,
}

impl Answers<'_> {
    pub(super) fn source(&self, from: Origin) -> Source {
        Source { from, at: self.times.get(&from).copied() }
    }

    /// The users of the account, by name.
    pub(super) fn users(&self, whole: Span, problems: &mut Vec<Diagnostic>) -> Vec<User> {
        let rows: BTreeMap<&str, &Row> =
            self.report.iter().flat_map(|r| &r.users).map(|r| (r.name.as_str(), r)).collect();
        if rows.len() < self.report.as_ref().map_or(0, |r| r.users.len()) {
            let message = "the credential report has two rows for one user";
            problems.push(Diagnostic::at(Code::BadSnapshot, Level::Error, whole, message));
        }
        let mut names: BTreeSet<&str> = rows.keys().copied().collect();
        names.extend(self.listed.into_iter().flatten().map(|(name, _)| name.as_str()));
        names.extend(self.devices.keys().chain(self.virtual_devices.keys()).map(String::as_str));
        names.extend(self.passwords.keys().map(String::as_str));
        names.retain(|name| !self.is_gone(name, rows.get(name).copied(), whole, problems));
        names.into_iter().map(|name| self.user(name, rows.get(name).copied(), whole, problems)).collect()
    }

    /// Whether a user is not in the account any more: it is not among all users, and not newer than their list.
    fn is_gone(&self, name: &str, row: Option<&Row>, whole: Span, problems: &mut Vec<Diagnostic>) -> bool {
        let Some(listed) = self.listed else { return false };
        let listed_at = self.times.get(&Origin::AuthorizationDetails);
        let newer = row.and_then(|r| r.created).zip(listed_at).is_some_and(|(created, at)| created > *at);
        if listed.contains_key(name) || newer {
            return false;
        }
        let message =
            format!("user `{name}` is not in the authorization details: it was deleted, and is left out");
        let span = row.map_or(whole, |r| r.span);
        problems.push(Diagnostic::at(Code::Contradiction, Level::Warning, span, message));
        true
    }

    fn user(&self, name: &str, row: Option<&Row>, whole: Span, problems: &mut Vec<Diagnostic>) -> User {
        let listed = self.listed.and_then(|l| l.get(name));
        let span = row.map(|r| r.span).or(listed.map(|l| l.span)).unwrap_or(whole);
        let report = |answer: Tri| {
            (answer != Tri::Maybe).then(|| Sourced::new(answer, self.source(Origin::CredentialReport)))
        };
        let console = newer(
            row.and_then(|r| report(r.password)),
            self.passwords.get(name).map(|&(has, created)| {
                let Source { from, at } = self.source(Origin::LoginProfiles);
                Sourced::new(has, Source { from, at: at.or(created) })
            }),
            Tri::Yes,
        );
        let (devices, live) = self.devices_of(name);
        let mfa = newer(row.and_then(|r| report(r.mfa)), live, Tri::No);
        for (what, answer) in [("has a console password", &console), ("has an MFA device", &mfa)] {
            if let Some((level, text)) = answer.problem(what, name) {
                problems.push(Diagnostic::at(Code::Contradiction, level, span, text));
            }
        }
        User {
            name: name.to_owned(),
            arn: listed.map(|l| l.arn.clone()).or(row.map(|r| r.arn.clone())).unwrap_or_default(),
            span,
            console: console.answer,
            last_used: row.and_then(|r| r.last_used),
            mfa: mfa.answer,
            devices,
            keys: match row.and_then(|r| r.keys) {
                Some(keys) => Sourced::new(Some(keys), self.source(Origin::CredentialReport)),
                None => Sourced::unsaid(None),
            },
        }
    }

    /// The devices of a user, and what they say about MFA.
    fn devices_of(&self, name: &str) -> (Sourced<Vec<Device>>, Option<Sourced<Tri>>) {
        let own = self.devices.get(name);
        let others = self.virtual_devices.get(name);
        let from = if own.is_some() { Origin::MfaDevices } else { Origin::VirtualMfaDevices };
        let all = devices::union(own.map_or(&[], Vec::as_slice), others.map_or(&[], Vec::as_slice));
        // The list of virtual devices says nothing about those who are not in it.
        if own.is_none() && all.is_empty() {
            return (Sourced::unsaid(all), None);
        }
        let Source { from, at } = self.source(from);
        // A list is at least as new as the newest device in it.
        let source = Source { from, at: at.or(all.iter().filter_map(|d| d.enabled).max()) };
        let answer = Tri::from_bool(!all.is_empty());
        (Sourced::new(all, source), Some(Sourced::new(answer, source)))
    }

    /// How many devices all users have together; `None` when of somebody it is not known.
    pub(super) fn count(&self, users: &[User]) -> Option<u64> {
        users
            .iter()
            .map(|u| match (u.mfa.value, self.devices.contains_key(&u.name)) {
                (_, true) => Some(u.devices.value.len() as u64),
                (Tri::No, false) => Some(0),
                (Tri::Yes | Tri::Maybe, false) => None,
            })
            .sum()
    }
}

/// What came of two answers.
struct Outcome {
    answer: Sourced<Tri>,
    differ: Differ,
}

enum Differ {
    No,
    /// They do; the newer one counts.
    Settled,
    /// They do, and which one is newer is not known.
    Open,
}

impl Outcome {
    fn problem(&self, what: &str, name: &str) -> Option<(Level, String)> {
        let from = self.answer.source.map_or("", |s| s.from.as_str());
        match self.differ {
            Differ::No => None,
            Differ::Settled => Some((
                Level::Note,
                format!("whether user `{name}` {what} is taken from {from}; an older answer differs"),
            )),
            Differ::Open => Some((
                Level::Warning,
                format!("whether user `{name}` {what}, answers differ, and which one is newer is not known"),
            )),
        }
    }
}

/// The newer of the report's answer and a live one. When that is not known a live answer counts that is `worse`.
fn newer(report: Option<Sourced<Tri>>, live: Option<Sourced<Tri>>, worse: Tri) -> Outcome {
    let time = |of: &Sourced<Tri>| of.source.and_then(|s| s.at);
    let (answer, differ) = match (report, live) {
        (None, None) => (Sourced::unsaid(Tri::Maybe), Differ::No),
        (Some(only), None) | (None, Some(only)) => (only, Differ::No),
        (Some(report), Some(live)) if report.value == live.value => (live, Differ::No),
        (Some(report), Some(live)) => match (time(&report), time(&live)) {
            (Some(before), Some(after)) if before > after => (report, Differ::Settled),
            (Some(_), Some(_)) => (live, Differ::Settled),
            (None, _) | (_, None) if live.value == worse => (live, Differ::Settled),
            (None, _) | (_, None) => (Sourced { value: Tri::Maybe, ..live }, Differ::Open),
        },
    };
    Outcome { answer, differ }
}
