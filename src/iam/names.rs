//! What a value names: principals by name or reference, policies by ARN; known, open or not known.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::facts::{Fact, PrincipalKind};
use super::model::{PolicyId, PrincipalId, VirtualDevice};
use crate::source::Span;
use crate::value::{Kind, Text, Unknown, Value, When};

/// What is declared, by scope, kind and name. Names compare without case.
pub(super) struct ByName<K, Id> {
    declared: BTreeMap<(usize, K, String), Vec<Through<Id>>>,
}

/// What is declared, and the provider that it is managed through.
type Through<Id> = (Arc<str>, Id);

/// Principals by name.
pub(super) type Principals = ByName<PrincipalKind, PrincipalId>;

/// Policies by name.
pub(super) type Policies = ByName<(), PolicyId>;

impl<K, Id> Default for ByName<K, Id> {
    fn default() -> Self {
        Self { declared: BTreeMap::new() }
    }
}

impl<K: Copy + Ord, Id: Copy> ByName<K, Id> {
    /// Adds what is declared through a provider.
    pub(super) fn add(&mut self, scope: usize, kind: K, name: &str, provider: &Arc<str>, id: Id) {
        let key = (scope, kind, name.to_ascii_lowercase());
        self.declared.entry(key).or_default().push((Arc::clone(provider), id));
    }

    /// What a name means to something that is managed through a provider. An account has one of a name: of several, it
    /// is what is managed through the same.
    pub(super) fn find(&self, scope: usize, kind: K, name: &str, provider: &Arc<str>) -> Option<Vec<Id>> {
        let all = self.declared.get(&(scope, kind, name.to_ascii_lowercase()))?;
        let same = all.iter().any(|(through, _)| through == provider);
        Some(all.iter().filter(|(through, _)| !same || through == provider).map(|&(_, id)| id).collect())
    }
}

/// A device with what is known of its name and of the users it is for.
pub(super) fn device(fact: &Fact, when: When, name: &Value, users: &Value) -> VirtualDevice {
    let named = |(_, target): (When, Target<'_>)| match target {
        Target::Named(_, name) => Some(name),
        Target::Reference(_) | Target::Unknown(_) => None,
    };
    VirtualDevice {
        address: fact.address.clone(),
        name: name.as_str().map(str::to_owned),
        users: targets(users).into_iter().filter_map(named).collect(),
        when,
        span: fact.span,
        unit: fact.unit,
    }
}

/// One settled element of a value that names something.
pub(super) enum Target<'a> {
    /// A known string, perhaps also a reference.
    Named(&'a Value, String),
    /// A reference whose text is not known.
    Reference(&'a Value),
    /// Nothing to go by.
    Unknown(Unknown),
}

impl Target<'_> {
    /// What is known of the name.
    pub(super) fn text(&self) -> Text {
        match self {
            Self::Named(_, name) => Text::new(name.as_str()),
            Self::Reference(v) => open_text(v),
            Self::Unknown(u) => Text::hole(u.clone()),
        }
    }

    /// Where it is written, when that is in the declaration that needs it; else that declaration.
    pub(super) fn written(&self, declaration: Span) -> Span {
        let at = match self {
            Self::Named(v, _) | Self::Reference(v) => v.span,
            Self::Unknown(_) => None,
        };
        let inside = |s: &Span| {
            s.source == declaration.source && s.start >= declaration.start && s.end <= declaration.end
        };
        at.filter(inside).unwrap_or(declaration)
    }
}

/// Takes lists and open choices apart. Nulls name nothing.
pub(super) fn targets(value: &Value) -> Vec<(When, Target<'_>)> {
    let mut out = Vec::new();
    collect_targets(value, &When::always(), 0, &mut out);
    out
}

fn collect_targets<'a>(value: &'a Value, when: &When, depth: usize, out: &mut Vec<(When, Target<'a>)>) {
    if depth > crate::limits::DEPTH {
        let deep = Unknown::new("it is nested too deeply", value.span);
        return out.push((when.clone(), Target::Unknown(deep)));
    }
    match &value.kind {
        Kind::Null => {}
        Kind::List(l) | Kind::Set(l) => {
            l.iter().for_each(|v| collect_targets(v, when, depth + 1, out));
        }
        Kind::OneOf(o) => {
            for (answer, arm) in o.arms.iter().enumerate() {
                if let Some(w) = when.and(o.choice, answer) {
                    collect_targets(arm, &w, depth + 1, out);
                }
            }
        }
        Kind::String(t) => match t.known() {
            Some(s) => out.push((when.clone(), Target::Named(value, s.to_owned()))),
            None => out.push((when.clone(), Target::Reference(value))),
        },
        Kind::Unknown(u) => {
            value.sure().iter().for_each(|v| collect_targets(v, when, depth + 1, out));
            let rest = match value.refer {
                None => Target::Unknown(u.clone()),
                Some(_) => Target::Reference(value),
            };
            out.push((when.clone(), rest));
        }
        Kind::Bool(_) | Kind::Number(_) | Kind::Map(_) => {
            let wrong = Unknown::new("it is not a name or an ARN", value.span);
            out.push((when.clone(), Target::Unknown(wrong)));
        }
    }
}

/// Why a value is not known: its first unknown part.
pub(super) fn first_unknown(value: &Value) -> Unknown {
    match &value.kind {
        Kind::Unknown(u) => u.clone(),
        Kind::String(t) => match t.holes().first() {
            Some(h) => h.unknown.clone(),
            None => Unknown::new("it refers to nothing that is declared here", value.span),
        },
        Kind::Null
        | Kind::Bool(_)
        | Kind::Number(_)
        | Kind::List(_)
        | Kind::Set(_)
        | Kind::Map(_)
        | Kind::OneOf(_) => Unknown::new("it refers to nothing that is declared here", value.span),
    }
}

/// A name as a text with holes.
fn open_text(value: &Value) -> Text {
    match &value.kind {
        Kind::String(t) => t.clone(),
        Kind::Unknown(u) => Text::hole(u.clone()),
        Kind::Null
        | Kind::Bool(_)
        | Kind::Number(_)
        | Kind::List(_)
        | Kind::Set(_)
        | Kind::Map(_)
        | Kind::OneOf(_) => Text::hole(Unknown::new("it is not a string", value.span)),
    }
}

/// Whether a declared name and a name that is not known may turn out the same: what is known of their beginnings
/// and ends does not differ.
pub(super) fn may_be_equal(declared: &Value, name: &Text) -> bool {
    let name = ends(name);
    declared.alternatives().iter().any(|(_, v)| {
        let declared = ends(&open_text(v));
        let agree = |a: &str, b: &str| a.bytes().zip(b.bytes()).all(|(a, b)| a.eq_ignore_ascii_case(&b));
        let reversed = |s: &str| s.chars().rev().collect::<String>();
        agree(&declared.0, &name.0) && agree(&reversed(&declared.1), &reversed(&name.1))
    })
}

/// What stands before the first hole, and after the last one; twice the whole of a known text.
fn ends(text: &Text) -> (String, String) {
    let known = text.visible();
    match (text.holes().first(), text.holes().last()) {
        (Some(first), Some(last)) => (
            known.get(..first.at).unwrap_or_default().to_owned(),
            known.get(last.at..).unwrap_or_default().to_owned(),
        ),
        (None, _) | (_, None) => (known.to_owned(), known.to_owned()),
    }
}

/// Name of the policy in an ARN that may have holes for partition and account:
/// `arn:aws:iam::123456789012:policy/path/Name`.
pub(super) fn policy_name(arn: &Text) -> Option<&str> {
    let (before, resource) = arn.visible().split_once(":policy/")?;
    let settled = arn.holes().iter().all(|h| h.at <= before.len());
    resource.rsplit('/').next().filter(|n| settled && !n.is_empty())
}

/// All known strings a value may be (arms of open choices).
pub(super) fn known_names(value: &Value) -> Vec<String> {
    let mut names: Vec<String> =
        value.alternatives().into_iter().filter_map(|(_, v)| v.as_str().map(str::to_owned)).collect();
    names.sort();
    names.dedup();
    names
}

pub(super) fn only(names: Vec<String>) -> Option<String> {
    let mut names = names.into_iter();
    names.next().filter(|_| names.next().is_none())
}
