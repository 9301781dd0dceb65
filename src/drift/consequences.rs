//! What differences lead to: who becomes an administrator, who is not asked for MFA any more, and because of what.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use super::differences::{Compare, Consequence, Difference, Weight, What, device, members};
use super::side::{Key, Says, Side};
use super::{Pair, Who};
use crate::account::{Account, User};
use crate::analysis::verdict::{Enforcement, Verdict};
use crate::iam::facts::PrincipalKind;
use crate::policy::difference::Home;
use crate::tri::Tri;
use crate::value::Unknown;

/// What is to be told of a principal.
#[derive(Default)]
pub(super) struct Of {
    pub(super) differences: Vec<Difference>,
    pub(super) unsettled: Vec<Unknown>,
    /// MFA is not enforced as the code says, and no difference explains it.
    pub(super) unexplained: bool,
}

/// All differences, and what they lead to.
pub(super) struct Story<'s, 'm> {
    pub(super) pairs: &'s [Pair],
    pub(super) code: &'s Side<'m>,
    pub(super) actual: &'s Side<'m>,
    pub(super) account: &'s Account,
    home: Home<'s>,
    /// By number of the pair.
    pub(super) of: Vec<Of>,
    numbers: BTreeMap<Key, usize>,
    users: BTreeMap<String, &'s User>,
}

/// A difference: numbers of the pair and in it.
type At = (usize, usize);

impl<'s, 'm> Story<'s, 'm> {
    pub(super) fn new(
        pairs: &'s [Pair],
        code: &'s Side<'m>,
        actual: &'s Side<'m>,
        account: &'s Account,
        home: Home<'s>,
    ) -> Self {
        let numbers = pairs.iter().enumerate().filter_map(|(i, p)| Some((key(&p.who)?, i))).collect();
        let users = account.users.iter().map(|u| (u.name.to_ascii_lowercase(), u)).collect();
        Self { pairs, code, actual, account, home, of: Vec::new(), numbers, users }
    }

    /// What the account says about a user, apart from policies.
    pub(super) fn user(&self, who: &Who) -> Option<&'s User> {
        let (kind, name) = key(who)?;
        self.users.get(&name).copied().filter(|_| kind == PrincipalKind::User)
    }

    /// Both sides of a pair.
    pub(super) fn sides(&self, pair: &Pair) -> (Option<&'s Says<'m>>, Option<&'s Says<'m>>) {
        let get = |side: &'s Side<'m>| key(&pair.who).and_then(|key| side.principals.get(&key));
        (get(self.code), get(self.actual))
    }

    /// Finds the differences, and what they lead to.
    pub(super) fn follow(&mut self) {
        let this: &Self = self;
        self.of = this.pairs.par_iter().map(|pair| this.compare(pair)).collect();
        let candidates = self.candidates();
        self.judge_in_parallel(&candidates);
        // What a group loses is a matter of the group; its members are those concerned.
        for kind in [PrincipalKind::Group, PrincipalKind::User, PrincipalKind::Role] {
            for (number, candidates) in &candidates {
                if self.pairs.get(*number).is_some_and(|p| p.who.principal() == Some(kind)) {
                    self.explain(*number, candidates);
                }
            }
        }
    }

    fn compare(&self, pair: &Pair) -> Of {
        let Some(kind) = pair.who.principal().filter(|_| pair.elsewhere.is_none()) else {
            return Of::default();
        };
        let mut out = Of::default();
        match self.sides(pair) {
            (Some(code), Some(actual)) => {
                let user = self.user(&pair.who);
                let policies = self.account.policies.is_some();
                let (home, differences) = (self.home, Vec::new());
                let mut compare = Compare {
                    kind,
                    code,
                    actual,
                    user,
                    home,
                    policies,
                    out: differences,
                    unsettled: Vec::new(),
                };
                compare.run();
                (out.differences, out.unsettled) = (compare.out, compare.unsettled);
            }
            (Some(code), None) => {
                if !self.account.listed.contains(&kind) {
                    return out;
                }
                if code.declared && code.exists == Tri::Yes || !code.declared && refers(code) {
                    out.differences.push(missing(code, &pair.who));
                } else {
                    out.unsettled.extend(code.open.existence.cloned());
                }
            }
            (None, Some(actual)) => out.differences.push(self.undeclared(kind, actual, &pair.who)),
            (None, None) => {}
        }
        out
    }

    /// A principal that is in the account only. It may be one whose name the code does not settle.
    fn undeclared(&self, kind: PrincipalKind, actual: &Says<'m>, who: &Who) -> Difference {
        let may_be = self.code.nameless.iter().find(|p| p.kind == kind && p.may_be_called(actual.name));
        let text = match may_be {
            Some(p) => format!(
                "no code declares {}, unless it is `{}`, whose name is not known",
                who.quoted(),
                p.label()
            ),
            None => format!("no code declares {}", who.quoted()),
        };
        let password = match self.user(who) {
            Some(user) if user.console.value.is_yes() => {
                format!("; it has a console password{}", device(user))
            }
            Some(_) | None => String::new(),
        };
        let text = text + &password;
        let holds = if may_be.is_some() { Tri::Maybe } else { Tri::Yes };
        let code = may_be.map(|p| (format!("`{}` declared here", p.label()), p.span));
        let account = Some((format!("{} in the account", who.quoted()), actual.span));
        Difference::new(What::Undeclared, holds, text, code, account)
    }

    /// The differences that may have changed what a principal can do, by number of the pair. A membership in a group
    /// that is on one side only is a matter of that group.
    fn candidates(&mut self) -> BTreeMap<usize, Vec<At>> {
        let mut out: BTreeMap<usize, Vec<At>> = BTreeMap::new();
        for number in 0..self.pairs.len() {
            self.hand_over(number, &mut out);
        }
        for (number, of) in self.of.iter().enumerate() {
            let own = of.differences.iter().enumerate().filter(|(_, d)| bears_on_rights(d.what));
            let own: Vec<At> = own.map(|(i, _)| (number, i)).collect();
            if !own.is_empty() {
                out.entry(number).or_default().extend(own);
            }
        }
        let in_code = members(&self.code.principals);
        for (group, users) in members(&self.actual.principals) {
            let Some(&of_group) = self.numbers.get(&group) else { continue };
            let Some(differences) = out.get(&of_group).cloned() else { continue };
            let known: BTreeSet<&Key> = in_code.get(&group).into_iter().flatten().collect();
            for number in users.iter().filter(|u| known.contains(u)).filter_map(|u| self.numbers.get(u)) {
                out.entry(*number).or_default().extend(&differences);
            }
        }
        out
    }

    /// Gives memberships in groups that are on one side only to those groups, and drops those in groups that are
    /// managed elsewhere.
    fn hand_over(&mut self, number: usize, candidates: &mut BTreeMap<usize, Vec<At>>) {
        let Some(who) = self.pairs.get(number).and_then(|p| key(&p.who)) else { return };
        let Some(own) = self.of.get_mut(number) else { return };
        let (groups, rest): (Vec<Difference>, Vec<Difference>) =
            std::mem::take(&mut own.differences).into_iter().partition(|d| d.group.is_some());
        own.differences = rest;
        for difference in groups {
            let group = difference.group.as_ref().and_then(|g| self.numbers.get(g)).copied();
            let elsewhere = group.and_then(|g| self.pairs.get(g)).is_some_and(|p| p.elsewhere.is_some());
            let whole = group.and_then(|g| self.of.get_mut(g)).and_then(|of| of.differences.first_mut());
            match (whole.filter(|d| matches!(d.what, What::Missing | What::Undeclared)), group) {
                (Some(whole), Some(group)) => {
                    whole.concerns.insert(who.clone());
                    candidates.entry(number).or_default().push((group, 0));
                }
                (_, _) if elsewhere => {}
                (_, _) => {
                    let grants = self.grants_of(difference.group.as_ref(), difference.grants);
                    if let Some(own) = self.of.get_mut(number) {
                        own.differences.push(Difference { grants, ..difference });
                    }
                }
            }
        }
    }

    /// How much a membership adds to rights: certainly when the group is one of administrators in the account.
    fn grants_of(&self, group: Option<&Key>, otherwise: Weight) -> Weight {
        let of_group = group.and_then(|key| self.actual.principals.get(key));
        let admin = of_group.and_then(|says| self.actual.verdict(says)).map(|v| v.admin);
        if admin == Some(Tri::Yes) { Weight::Heavy } else { otherwise }
    }

    /// Verdicts are made when they are asked for; here many will be.
    fn judge_in_parallel(&self, candidates: &BTreeMap<usize, Vec<At>>) {
        let pairs: Vec<&Pair> = candidates.keys().filter_map(|&n| self.pairs.get(n)).collect();
        pairs.par_iter().for_each(|pair| {
            let (code, actual) = self.sides(pair);
            code.map(|s| self.code.judged(s));
            actual.map(|s| self.actual.judged(s));
        });
    }

    /// Says of the differences that may have changed what a principal can do which one did.
    fn explain(&mut self, number: usize, candidates: &[At]) {
        let Some(pair) = self.pairs.get(number) else { return };
        let (Some(code), Some(actual)) = self.sides(pair) else { return };
        let (Some(before), Some(after)) = (self.code.verdict(code), self.actual.verdict(actual)) else {
            return;
        };
        if self.account.policies.is_none() {
            return;
        }
        if before.admin == Tri::No && after.admin == Tri::Yes {
            self.blame(number, candidates, Consequence::Admin);
        }
        if pair.who.principal() != Some(PrincipalKind::Role) && loses_gate(before, after) {
            let whole = loses_all(before, after);
            self.blame(number, candidates, Consequence::Gate { whole });
        }
    }

    fn blame(&mut self, number: usize, candidates: &[At], consequence: Consequence) {
        let weight = |at: &At| {
            let difference = self.difference(*at)?;
            Some(match (difference.what, consequence) {
                // What a group had or has goes with it.
                (What::Missing | What::Undeclared, _) => Weight::Heavy,
                (_, Consequence::Admin) => difference.grants,
                (_, Consequence::Gate { .. }) => difference.weakens,
            })
        };
        let most = candidates.iter().filter_map(weight).max();
        let none = Weight::No;
        let Some(most) = most.filter(|w| *w > none) else {
            let unexplained = consequence != Consequence::Admin;
            return self.of.get_mut(number).into_iter().for_each(|of| of.unexplained |= unexplained);
        };
        let chosen: Vec<At> = candidates.iter().filter(|at| weight(at) == Some(most)).copied().collect();
        let who = self.pairs.get(number).and_then(|p| key(&p.who));
        for (of, i) in chosen {
            let Some(difference) = self.of.get_mut(of).and_then(|o| o.differences.get_mut(i)) else {
                continue;
            };
            // A gate that is there, and leaves more open than it should, is a changed one.
            let changed =
                difference.what == What::Changed && consequence == Consequence::Gate { whole: false };
            if !changed {
                difference.consequence = difference.consequence.or(Some(consequence));
            }
            if of != number {
                difference.concerns.extend(who.clone());
            }
        }
    }

    fn difference(&self, (number, i): At) -> Option<&Difference> {
        self.of.get(number)?.differences.get(i)
    }
}

/// Kind and name of somebody who is a principal.
pub(super) fn key(who: &Who) -> Option<Key> {
    Some((who.principal()?, who.name.to_ascii_lowercase()))
}

fn bears_on_rights(what: What) -> bool {
    match what {
        What::Policy | What::Changed | What::Group | What::Boundary => true,
        What::Missing
        | What::Undeclared
        | What::Path
        | What::Trust
        | What::Password
        | What::NoPassword
        | What::NoDevice => false,
    }
}

/// Whether code gives something for certain to a principal that it only refers to.
fn refers(code: &Says<'_>) -> bool {
    let given = code.policies.values().any(|h| h.holds == Tri::Yes);
    given || code.groups.values().any(|g| g.1 == Tri::Yes) || code.password == Tri::Yes
}

fn missing(code: &Says<'_>, who: &Who) -> Difference {
    let verb = if code.declared { "declares" } else { "refers to" };
    let text = format!("the code {verb} {}, which is not in the account", who.quoted());
    let place = Some((format!("{} here", if code.declared { "declared" } else { "referred to" }), code.span));
    Difference::new(What::Missing, Tri::Yes, text, place, None)
}

/// Whether MFA was enforced and is not any more.
pub(super) fn loses_gate(before: &Verdict, after: &Verdict) -> bool {
    let lost = |before: Enforcement, after: Enforcement| before == Enforcement::Enforced && weak(after);
    lost(before.mfa, after.mfa) || lost(before.mfa_keys, after.mfa_keys)
}

/// Whether MFA was enforced, and now adds nothing, or leaves open what removes the gate.
fn loses_all(before: &Verdict, after: &Verdict) -> bool {
    let all = |before: Enforcement, after: Enforcement| {
        before == Enforcement::Enforced && after == Enforcement::NotEnforced
    };
    let takeover = before.open.takeover.is_empty() && !after.open.takeover.is_empty();
    all(before.mfa, after.mfa) || all(before.mfa_keys, after.mfa_keys) || takeover
}

/// Whether something that matters can be done without MFA.
pub(super) fn weak(mfa: Enforcement) -> bool {
    match mfa {
        Enforcement::NotEnforced | Enforcement::Partial => true,
        Enforcement::Enforced | Enforcement::Unknown | Enforcement::NotApplicable => false,
    }
}
