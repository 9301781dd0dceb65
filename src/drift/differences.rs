//! What differs between what the code and what the account say about one principal, before it is known what it leads to.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::Cause;
use super::side::{Held, Key, PolicyKey, Says};
use crate::account::User;
use crate::iam::facts::PrincipalKind;
use crate::policy::difference::{self, Change, Compared, Home};
use crate::policy::document::{Document, Effect, Parsed, Statement};
use crate::policy::mfa_use;
use crate::policy::pattern::Pattern;
use crate::source::Span;
use crate::tri::Tri;
use crate::value::Unknown;

/// What a difference leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Consequence {
    /// Somebody becomes an administrator.
    Admin,
    /// Somebody is not asked for MFA any more, at all or for something.
    Gate {
        /// For nothing any more, or not for what removes the gate.
        whole: bool,
    },
}

/// What differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum What {
    /// The principal is in the code only.
    Missing,
    /// The principal is in the account only.
    Undeclared,
    /// It has another path.
    Path,
    /// A policy is attached or embedded in the code only, or in the account only.
    Policy,
    /// A policy means something else.
    Changed,
    /// A membership is in the code only, or in the account only.
    Group,
    /// The boundary is another one.
    Boundary,
    /// Others may assume the role.
    Trust,
    /// A password is in the account only.
    Password,
    /// A password is in the code only.
    NoPassword,
    /// A user with a password has no device.
    NoDevice,
}

/// One thing that differs.
#[derive(Debug)]
pub(super) struct Difference {
    pub(super) what: What,
    pub(super) holds: Tri,
    pub(super) cause: Cause,
    /// How much it takes away from a gate: nothing, perhaps something, certainly something.
    pub(super) weakens: Weight,
    /// How much it adds to rights.
    pub(super) grants: Weight,
    /// The group that a membership is about.
    pub(super) group: Option<Key>,
    /// The managed policy whose text is another one.
    pub(super) policy: Option<String>,
    pub(super) consequence: Option<Consequence>,
    /// Who else is concerned.
    pub(super) concerns: BTreeSet<Key>,
}

/// How likely a difference is the reason for a consequence. The heaviest ones are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Weight {
    /// It cannot be.
    No,
    /// It may be, when nothing else is.
    Light,
    /// It is of that sort.
    Heavy,
}

/// A place with what stands there.
pub(super) type Place = Option<(String, Span)>;

impl Difference {
    pub(super) fn new(what: What, holds: Tri, text: String, declared: Place, actual: Place) -> Self {
        Self {
            what,
            holds,
            cause: Cause { text, declared, actual },
            weakens: Weight::No,
            grants: Weight::No,
            group: None,
            policy: None,
            consequence: None,
            concerns: BTreeSet::new(),
        }
    }

    fn weighing(self, weakens: Weight, grants: Weight) -> Self {
        Self { weakens, grants, ..self }
    }
}

/// The differences of a principal that is on both sides, and what could not be compared.
pub(super) struct Compare<'c, 'm> {
    pub(super) kind: PrincipalKind,
    pub(super) code: &'c Says<'m>,
    pub(super) actual: &'c Says<'m>,
    /// What else the account says about a user.
    pub(super) user: Option<&'c User>,
    pub(super) home: Home<'c>,
    /// True when the account told its policies.
    pub(super) policies: bool,
    pub(super) out: Vec<Difference>,
    pub(super) unsettled: Vec<Unknown>,
}

impl Compare<'_, '_> {
    pub(super) fn run(&mut self) {
        // Of a principal that is only named by others the account told nothing.
        if self.policies && self.actual.declared {
            self.path();
            self.policies_of();
            self.groups();
            self.boundary();
            self.trust();
        }
        self.password();
        self.unsettled.extend(self.code.open.all().cloned());
        let mut seen: Vec<Unknown> = Vec::new();
        self.unsettled.retain(|u| {
            let new = !seen.iter().any(|s| s.same(u));
            seen.extend(new.then(|| u.clone()));
            new
        });
    }

    fn path(&mut self) {
        if let (Some(declared), Some(actual)) = (self.code.path, self.actual.path)
            && declared != actual
        {
            let text = format!("it has the path `{actual}`, not `{declared}`");
            let code = Some((format!("declared with the path `{declared}`"), self.code.span));
            let account = Some((format!("here with the path `{actual}`"), self.actual.span));
            self.out.push(Difference::new(What::Path, Tri::Yes, text, code, account));
        }
    }

    fn policies_of(&mut self) {
        let (code, actual) = (self.code, self.actual);
        let extra: Vec<(&PolicyKey, &Held<'_>)> =
            actual.policies.iter().filter(|(key, _)| !code.policies.contains_key(key)).collect();
        for (key, held) in &code.policies {
            match actual.policies.get(key) {
                Some(there) => self.document(key, held, there, What::Changed),
                None => self.missing(held, actual.may_have_more(held.inline)),
            }
        }
        for held in &code.unnamed {
            // It may be any of those that no name in the code explains.
            if !extra.iter().any(|(_, there)| there.inline == held.inline) {
                self.missing(held, actual.may_have_more(held.inline));
            } else if held.holds == Tri::Yes {
                let reason = format!("the name of policy `{}` is not known", held.label);
                self.unsettled.push(Unknown::new(reason, Some(held.span)));
            }
        }
        // One that means what a declared one means whose name is not known may well be that.
        let is_that = |held: &Held<'_>| {
            let same_sort = code.unnamed.iter().filter(|h| h.inline == held.inline);
            same_sort
                .into_iter()
                .any(|h| compare(h, held, self.home, difference::identity) == (None, Vec::new()))
        };
        let unexplained: Vec<&Held<'_>> =
            extra.iter().map(|(_, held)| *held).filter(|held| code.declared && !is_that(held)).collect();
        for held in unexplained {
            let doubt = code.may_have_more(held.inline);
            let verb = if held.inline { "embedded" } else { "attached" };
            let text = format!("no code declares that policy `{}` is {verb}", held.label);
            let place = Some((format!("`{}` {verb} here", held.label), held.span));
            let holds = held.holds & if doubt { Tri::Maybe } else { Tri::Yes };
            let grants = weight(held, grants_all, |s| s.effect != Ok(Effect::Deny));
            let weakens = if grants == Weight::No { Weight::No } else { Weight::Light };
            let difference = Difference::new(What::Policy, holds, text, None, place);
            self.out.push(difference.weighing(weakens, grants));
        }
    }

    /// A policy that is in the code only.
    fn missing(&mut self, held: &Held<'_>, doubt: bool) {
        if held.holds != Tri::Yes {
            return;
        }
        let verb = if held.inline { "embedded" } else { "attached" };
        if doubt {
            return self.unread(&format!("whether policy `{}` is {verb}", held.label), held.span);
        }
        let text = format!("policy `{}` is not {verb}", held.label);
        let place = Some((format!("`{}` {verb} here", held.label), held.span));
        let weakens = weight(held, about_mfa, |s| s.effect != Ok(Effect::Allow));
        let grants = weight(held, |_| false, |s| s.effect != Ok(Effect::Allow));
        self.out.push(Difference::new(What::Policy, Tri::Yes, text, place, None).weighing(weakens, grants));
    }

    /// Something of the account that cannot be told, because not all of it was read.
    fn unread(&mut self, what: &str, declared: Span) {
        let reason = format!("{what} was not read in the account");
        self.unsettled.push(Unknown::new(reason, Some(declared)));
    }

    /// A policy that is on both sides. AWS changes its own whenever it likes.
    fn document(&mut self, key: &PolicyKey, held: &Held<'_>, there: &Held<'_>, what: What) {
        if matches!(key, PolicyKey::Aws(_)) {
            return;
        }
        if !held.documents.is_empty() && there.documents.is_empty() {
            return self.unread(&format!("the text of policy `{}`", held.label), held.span);
        }
        let (change, unknown) = compare(held, there, self.home, difference::identity);
        self.unsettled.extend(unknown);
        let Some(change) = change else { return };
        let words = change.in_words("action");
        let text = format!("policy `{}` means something else: {words}", held.label);
        let code = Some((format!("`{}` in the code", held.label), place_of(held)));
        let account = Some((format!("`{}` in the account", held.label), place_of(there)));
        let opens = change.opened.count > 0;
        let without_mfa = change.opened.without_mfa + change.moved.without_mfa > 0;
        let weakens = match (without_mfa, opens) {
            (true, _) => weight(held, about_mfa, |_| true),
            (false, true) => Weight::Light,
            (false, false) => Weight::No,
        };
        // Administrators are those who may do everything with MFA: what is said about MFA makes nobody one.
        let of_rights = |s: &Statement| s.effect != Ok(Effect::Deny) || !about_mfa(s);
        let rights = [held, there].into_iter().map(|side| weight(side, of_rights, |_| false)).max();
        let grants = if opens && rights == Some(Weight::Heavy) { Weight::Heavy } else { Weight::Light };
        let difference = Difference::new(what, held.holds, text, code, account).weighing(weakens, grants);
        let managed = what == What::Changed && !held.inline;
        self.out.push(Difference { policy: managed.then(|| held.label.clone()), ..difference });
    }

    fn groups(&mut self) {
        let (code, actual) = (self.code, self.actual);
        for (lower, (name, holds, span)) in &code.groups {
            if actual.groups.contains_key(lower) || *holds != Tri::Yes {
                continue;
            }
            if !actual.open.groups.is_empty() {
                self.unread(&format!("whether it is in group `{name}`"), *span);
                continue;
            }
            let text = format!("it is not in group `{name}`");
            let place = Some((format!("member of `{name}` here"), *span));
            self.membership(lower, Difference::new(What::Group, Tri::Yes, text, place, None));
        }
        for (lower, (name, holds, span)) in actual.groups.iter().filter(|_| code.declared) {
            if code.groups.contains_key(lower) {
                continue;
            }
            let doubt = if code.open.groups.is_empty() { Tri::Yes } else { Tri::Maybe };
            let text = format!("no code declares that it is in group `{name}`");
            let place = Some((format!("member of `{name}` here"), *span));
            self.membership(lower, Difference::new(What::Group, *holds & doubt, text, None, place));
        }
    }

    fn membership(&mut self, group: &str, difference: Difference) {
        let difference = difference.weighing(Weight::Light, Weight::Light);
        self.out.push(Difference { group: Some((PrincipalKind::Group, group.to_owned())), ..difference });
    }

    fn boundary(&mut self) {
        let (code, actual) = (self.code, self.actual);
        if !code.declared || !code.open.boundary.is_empty() {
            return;
        }
        if !actual.open.boundary.is_empty() {
            return self.unread("its permissions boundary", code.span);
        }
        // A boundary that depends on a choice is one of several.
        let certain = code.boundary.values().all(|h| h.holds == Tri::Yes);
        let before = code.boundary.iter().next();
        match (before, actual.boundary.iter().next()) {
            (None, None) => {}
            (Some((_, held)), None) if certain => {
                let text = format!("its permissions boundary `{}` is missing", held.label);
                let place = Some((format!("boundary `{}` here", held.label), held.span));
                let weakens = weight(held, about_mfa, |_| true);
                let difference = Difference::new(What::Boundary, Tri::Yes, text, place, None);
                self.out.push(difference.weighing(weakens, Weight::Heavy));
            }
            (None, Some((_, there))) => {
                let text = format!("no code declares its permissions boundary `{}`", there.label);
                let place = Some((format!("boundary `{}` here", there.label), there.span));
                self.out.push(Difference::new(What::Boundary, Tri::Yes, text, None, place));
            }
            (Some((_, held)), Some((key, there))) => match code.boundary.get(key) {
                Some(same) => self.document(key, same, there, What::Boundary),
                None if certain => {
                    let text = format!("its permissions boundary is `{}`, not `{}`", there.label, held.label);
                    let code = Some((format!("boundary `{}` here", held.label), held.span));
                    let account = Some((format!("boundary `{}` here", there.label), there.span));
                    let weakens = weight(held, about_mfa, |_| true);
                    let difference = Difference::new(What::Boundary, Tri::Yes, text, code, account);
                    self.out.push(difference.weighing(weakens, Weight::Heavy));
                }
                None => {}
            },
            (Some(_), None) => {}
        }
    }

    fn trust(&mut self) {
        if self.kind != PrincipalKind::Role || !self.code.declared {
            return;
        }
        let (before, after) = (texts(&self.code.trust), texts(&self.actual.trust));
        let (change, unknown) = of_documents(&before, &after, self.home, difference::entrants);
        self.unsettled.extend(unknown);
        let Some(change) = change else { return };
        let say = |part: &difference::Part, verb: &str, gains: bool| {
            let rest = if part.count > part.names.len() { " and others" } else { "" };
            let without = if part.without_mfa > 0 && gains { ", also without MFA" } else { "" };
            (part.count > 0).then(|| format!("{}{rest} {verb}{without}", part.names.join(", ")))
        };
        let parts = [
            say(&change.opened, "may assume it now", true),
            say(&change.closed, "may not any more", false),
            say(&change.moved, "may under other conditions", true),
        ];
        let parts: Vec<String> = parts.into_iter().flatten().collect();
        let text = format!("its trust policy means something else: {}", parts.join("; "));
        let place = |of: &[&Document], or: Span| of.iter().find_map(|d| d.span).unwrap_or(or);
        let code = Some(("trust policy in the code".to_owned(), place(&before, self.code.span)));
        let account = Some(("trust policy in the account".to_owned(), place(&after, self.actual.span)));
        self.out.push(Difference::new(What::Trust, Tri::Yes, text, code, account));
    }

    /// Passwords and devices, which only users have.
    fn password(&mut self) {
        let Some(user) = self.user else { return };
        let there = Some((format!("user `{}` in the account", user.name), user.span));
        let declared =
            self.code.password_span.map(|span| ("console password declared here".to_owned(), span));
        match (self.code.password, user.console.value) {
            (Tri::No, Tri::Yes) => {
                // Somebody whom the code only refers to may have one that is declared elsewhere.
                let holds = if self.code.declared { Tri::Yes } else { Tri::Maybe };
                let text = format!("it has a console password that no code declares{}", device(user));
                self.out.push(Difference::new(What::Password, holds, text, None, there));
            }
            (Tri::Yes, Tri::No) => {
                let text = "its declared console password is not in the account".to_owned();
                self.out.push(Difference::new(What::NoPassword, Tri::Yes, text, declared, there));
            }
            (Tri::Yes | Tri::Maybe, Tri::Yes) if !user.mfa.value.is_yes() => {
                let perhaps = if user.mfa.value.is_no() { "" } else { "perhaps " };
                let text = format!("it has a console password and {perhaps}no MFA device");
                self.out.push(Difference::new(What::NoDevice, !user.mfa.value, text, declared, there));
            }
            (Tri::No, Tri::No | Tri::Maybe)
            | (Tri::Yes, Tri::Yes | Tri::Maybe)
            | (Tri::Maybe, Tri::Yes | Tri::No | Tri::Maybe) => {}
        }
    }
}

/// ", and no MFA device" when that is known.
pub(super) fn device(user: &User) -> &'static str {
    match user.mfa.value {
        Tri::No => ", and no MFA device",
        Tri::Yes | Tri::Maybe => "",
    }
}

/// What changes from one policy to another one of the same name.
fn compare(
    held: &Held<'_>,
    there: &Held<'_>,
    home: Home<'_>,
    how: fn(&Document, &Document, Home<'_>) -> Compared,
) -> (Option<Change>, Vec<Unknown>) {
    let same = held.documents.iter().any(|a| there.documents.iter().any(|b| Arc::ptr_eq(a, b)));
    if same {
        return (None, Vec::new());
    }
    of_documents(&texts(&held.documents), &texts(&there.documents), home, how)
}

fn texts<'d>(parsed: &[&'d Arc<Parsed>]) -> Vec<&'d Document> {
    parsed.iter().map(|p| &p.document).collect()
}

/// Documents of which one holds in each possible world: they are the same when any is, and nothing is said when
/// there is none.
fn of_documents(
    before: &[&Document],
    after: &[&Document],
    home: Home<'_>,
    how: fn(&Document, &Document, Home<'_>) -> Compared,
) -> (Option<Change>, Vec<Unknown>) {
    let (mut changed, mut unknown) = (None, Vec::new());
    for (a, b) in before.iter().flat_map(|a| after.iter().map(move |b| (*a, *b))) {
        match how(a, b, home) {
            Compared::Same => return (None, Vec::new()),
            Compared::Changed(change) => changed = changed.or(Some(change)),
            Compared::Unsettled(why) => unknown.extend(why),
        }
    }
    if unknown.is_empty() { (changed, unknown) } else { (None, unknown) }
}

fn place_of(held: &Held<'_>) -> Span {
    held.documents.iter().find_map(|p| p.document.span).unwrap_or(held.span)
}

/// How much a policy weighs: heavy when a statement is of one sort, light when one is of another, or when its text is
/// not known.
fn weight(held: &Held<'_>, heavy: impl Fn(&Statement) -> bool, light: impl Fn(&Statement) -> bool) -> Weight {
    let statements = || held.documents.iter().flat_map(|p| &p.document.statements);
    let open = held.documents.is_empty() || held.documents.iter().any(|p| p.document.more.is_some());
    if statements().any(heavy) {
        Weight::Heavy
    } else if open || statements().any(light) {
        Weight::Light
    } else {
        Weight::No
    }
}

/// Whether a statement asks for MFA.
pub(super) fn about_mfa(statement: &Statement) -> bool {
    statement.condition.iter().any(mfa_use::names_mfa)
}

fn grants_all(s: &Statement) -> bool {
    let everything = s.action.items.iter().any(|i| Pattern::of(&i.text).is_everything());
    s.effect == Ok(Effect::Allow) && !s.action.negated && everything
}

/// The memberships of a side by group.
pub(super) fn members<'m>(principals: &BTreeMap<Key, Says<'m>>) -> BTreeMap<Key, Vec<Key>> {
    let mut out: BTreeMap<Key, Vec<Key>> = BTreeMap::new();
    for (key, says) in principals {
        for group in says.groups.keys() {
            out.entry((PrincipalKind::Group, group.clone())).or_default().push(key.clone());
        }
    }
    out
}
