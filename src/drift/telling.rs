//! From differences to what is told: one thing for each difference, by the worst it leads to.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use super::consequences::{Of, Story, key, loses_gate, weak};
use super::differences::{Consequence, Difference, What};
use super::side::{Key, Side};
use super::{Cause, Change, Kind, Pair, Subject, Who};
use crate::account::{Source, User};
use crate::analysis::verdict::Verdict;
use crate::iam::facts::PrincipalKind;
use crate::iam::model::Principal;
use crate::tri::Tri;
use crate::value::{Kind as ValueKind, Unknown};

/// Everything that is to be told of principals that go by a name.
pub(super) fn changes(story: &Story<'_, '_>) -> Vec<Change> {
    let mut out = Vec::new();
    let (mut changed, mut told): (BTreeMap<&str, Change>, BTreeSet<&str>) = Default::default();
    for (pair, of) in story.pairs.iter().zip(&story.of) {
        let teller = Teller { story, pair };
        out.extend(teller.all(of));
        for difference in &of.differences {
            let Some(policy) = difference.policy.as_deref() else { continue };
            if difference.consequence.is_some() {
                told.insert(policy);
                continue;
            }
            // However many have it, its text is one.
            let mut change = teller.change(Kind::PolicyChanged, difference.holds, &[difference]);
            change.concerns.insert(0, pair.who.clone());
            change.admin = Tri::No;
            change.who = Who { kind: Subject::Policy, name: policy.to_owned() };
            match changed.entry(policy) {
                Entry::Vacant(new) => {
                    new.insert(change);
                }
                Entry::Occupied(known) => merge(known.into_mut(), change),
            }
        }
    }
    out.extend(changed.into_iter().filter(|(policy, _)| !told.contains(policy)).map(|(_, change)| change));
    out
}

fn merge(known: &mut Change, other: Change) {
    for (list, more) in [(&mut known.concerns, other.concerns), (&mut known.without_mfa, other.without_mfa)] {
        list.extend(more);
        list.sort();
        list.dedup();
    }
}

/// Declarations whose names the code does not settle.
pub(super) fn nameless(code: &Side<'_>) -> Vec<Change> {
    let declared = code.nameless.iter().filter(|p| p.address.is_some());
    declared
        .map(|p| {
            let why = why_nameless(p);
            let who = Who::new(p.kind, p.label());
            let text = format!("its name is not known: {}", why.reason());
            let cause = Cause { text, declared: Some(("declared here".to_owned(), p.span)), actual: None };
            let mut out = Change::new(Kind::NotComparable, who, Tri::Yes, vec![cause]);
            (out.declared, out.unknown) = (Some(p.span), vec![why]);
            out
        })
        .collect()
}

fn why_nameless(principal: &Principal) -> Unknown {
    let called = &principal.called;
    let hole = match &called.kind {
        ValueKind::String(text) => text.holes().first().map(|h| h.unknown.clone()),
        ValueKind::Unknown(u) => Some(u.clone()),
        ValueKind::Null
        | ValueKind::Bool(_)
        | ValueKind::Number(_)
        | ValueKind::List(_)
        | ValueKind::Set(_)
        | ValueKind::Map(_)
        | ValueKind::OneOf(_) => None,
    };
    let why = if called.sensitive { "it is sensitive" } else { "it is one of several" };
    hole.unwrap_or_else(|| Unknown::new(why, Some(principal.span)))
}

impl Change {
    pub(super) fn new(kind: Kind, who: Who, holds: Tri, causes: Vec<Cause>) -> Self {
        let place = |of: fn(&Cause) -> &Option<(String, crate::source::Span)>| {
            causes.iter().find_map(|c| of(c).as_ref().map(|(_, span)| *span))
        };
        Self {
            kind,
            who,
            holds,
            declared: place(|c| &c.declared),
            actual: place(|c| &c.actual),
            causes,
            concerns: Vec::new(),
            without_mfa: Vec::new(),
            admin: Tri::No,
            source: None,
            unknown: Vec::new(),
        }
    }
}

fn verdict<'m>(side: &Side<'m>, key: &Key) -> Option<&'m Verdict> {
    side.get(key.0, &key.1).and_then(|says| side.verdict(says))
}

/// Tells what is to be said of one principal.
struct Teller<'t, 's, 'm> {
    story: &'t Story<'s, 'm>,
    pair: &'t Pair,
}

impl Teller<'_, '_, '_> {
    fn all(&self, of: &Of) -> Vec<Change> {
        let mut out = Vec::new();
        for (gate, kind) in [(false, Kind::UndeclaredAdmin), (true, Kind::GateMissing)] {
            let led = |d: &&Difference| match d.consequence {
                Some(Consequence::Admin) => !gate,
                Some(Consequence::Gate { .. }) => gate,
                None => false,
            };
            let because: Vec<&Difference> = of.differences.iter().filter(led).collect();
            let alone = kind == Kind::GateMissing && of.unexplained;
            if !because.is_empty() || alone {
                out.push(self.change(kind, Tri::Yes, &because));
            }
        }
        let alone = |d: &&Difference| d.consequence.is_none() && d.policy.is_none();
        for difference in of.differences.iter().filter(alone) {
            out.push(self.change(self.kind_of(difference), difference.holds, &[difference]));
        }
        if !of.unsettled.is_empty() {
            let text = |u: &Unknown| Cause {
                text: u.reason().to_owned(),
                declared: u.span().map(|span| ("not settled here".to_owned(), span)),
                actual: None,
            };
            let causes = of.unsettled.iter().map(text).collect();
            let mut change = Change::new(Kind::NotComparable, self.pair.who.clone(), Tri::Yes, causes);
            change.declared = self.story.sides(self.pair).0.map(|s| s.span).or(change.declared);
            change.unknown.clone_from(&of.unsettled);
            out.push(change);
        }
        out
    }

    fn kind_of(&self, difference: &Difference) -> Kind {
        match difference.what {
            What::Missing | What::Path | What::NoPassword => Kind::Missing,
            What::Undeclared => {
                let console = self.user().map_or(Tri::No, |u| u.console.value);
                match (console, self.admin()) {
                    (Tri::Yes, _) => Kind::UndeclaredConsoleUser,
                    (Tri::No | Tri::Maybe, Tri::Yes) => Kind::UndeclaredAdmin,
                    (Tri::No | Tri::Maybe, Tri::No | Tri::Maybe) => Kind::UndeclaredUser,
                }
            }
            What::Policy | What::Group => Kind::Membership,
            What::Changed => Kind::PolicyChanged,
            What::Boundary => Kind::Boundary,
            What::Trust => Kind::Trust,
            What::Password => Kind::UndeclaredConsoleUser,
            What::NoDevice => Kind::NoDevice,
        }
    }

    fn user(&self) -> Option<&User> {
        self.story.user(&self.pair.who)
    }

    /// Whether it is an administrator in the account.
    fn admin(&self) -> Tri {
        let story = self.story;
        let actual = story.sides(self.pair).1.filter(|_| story.account.policies.is_some());
        actual.and_then(|s| story.actual.verdict(s)).map_or(Tri::No, |v| v.admin)
    }

    fn change(&self, kind: Kind, holds: Tri, because: &[&Difference]) -> Change {
        let causes = because.iter().map(|d| d.cause.clone()).collect();
        let mut out = Change::new(kind, self.pair.who.clone(), holds, causes);
        let concerns: BTreeSet<&Key> = because.iter().flat_map(|d| &d.concerns).collect();
        out.concerns = concerns.iter().map(|key| self.name(key)).collect();
        let (code, actual) = self.story.sides(self.pair);
        out.declared = out.declared.or(code.map(|s| s.span));
        out.actual = out.actual.or(actual.map(|s| s.span));
        out.source = self.source(because);
        match kind {
            Kind::UndeclaredConsoleUser
            | Kind::UndeclaredUser
            | Kind::UndeclaredAdmin
            | Kind::GateMissing
            | Kind::PolicyChanged
            | Kind::NoDevice
            | Kind::Trust => {
                out.admin = self.admin();
                let own = key(&self.pair.who);
                let all = own.iter().chain(concerns).filter(|key| self.acts_without_mfa(key, kind));
                out.without_mfa = all.map(|key| self.name(key)).collect();
            }
            Kind::Missing
            | Kind::Membership
            | Kind::DeviceNotEnabled
            | Kind::Boundary
            | Kind::NotComparable => {}
        }
        out
    }

    /// What is called so, as it is written.
    fn name(&self, key: &Key) -> Who {
        let written = |side: &Side<'_>| side.get(key.0, &key.1).map(|s| s.name.to_owned());
        let name = written(self.story.actual).or_else(|| written(self.story.code));
        Who::new(key.0, &name.unwrap_or_else(|| key.1.clone()))
    }

    /// Whether somebody can act without MFA in the account, but not by what the code says.
    fn acts_without_mfa(&self, key: &Key, kind: Kind) -> bool {
        let story = self.story;
        if key.0 == PrincipalKind::Group || story.account.policies.is_none() {
            return false;
        }
        let Some(after) = verdict(story.actual, key) else { return false };
        let now = weak(after.mfa) || weak(after.mfa_keys);
        // Who has no rights, or no way in, acts in no way.
        if key.0 == PrincipalKind::User && (after.open.actions == 0 || (after.console | after.keys).is_no()) {
            return false;
        }
        match (verdict(story.code, key), kind) {
            (Some(before), Kind::GateMissing | Kind::PolicyChanged) => loses_gate(before, after),
            (Some(before), Kind::Trust) => now && !weak(before.mfa),
            (_, _) => now,
        }
    }

    /// The answer of AWS that shows it.
    fn source(&self, because: &[&Difference]) -> Option<Source> {
        let of_user = |d: &&Difference| match d.what {
            What::Password | What::NoPassword => self.user().and_then(|u| u.console.source),
            What::NoDevice => self.user().and_then(|u| u.mfa.source),
            What::Undeclared => {
                self.user().and_then(|u| u.console.source.filter(|_| u.console.value.is_yes()))
            }
            What::Missing
            | What::Path
            | What::Policy
            | What::Changed
            | What::Group
            | What::Boundary
            | What::Trust => None,
        };
        because.iter().copied().find_map(|d| of_user(&d)).or(self.story.account.policies)
    }
}
