//! One side of the comparison: what a model says about each principal, by kind and name.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::analysis::verdict::Verdict;
use crate::analysis::{Judge, Judged};
use crate::iam::facts::PrincipalKind;
use crate::iam::model::{Grant, IamModel, PolicyOrigin, Principal, PrincipalId};
use crate::policy::arn::Arn;
use crate::policy::document::Parsed;
use crate::source::Span;
use crate::tri::Tri;
use crate::value::{Unknown, When};

/// Kind and name in small letters.
pub(super) type Key = (PrincipalKind, String);

/// What tells policies apart that somebody has.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum PolicyKey {
    /// One of AWS's, by name in small letters.
    Aws(String),
    /// One of the account's.
    Customer(String),
    /// One that is embedded in its holder.
    Inline(String),
}

/// A policy that somebody has.
#[derive(Debug)]
pub(super) struct Held<'m> {
    /// What to call it.
    pub(super) label: String,
    pub(super) holds: Tri,
    /// Where it is attached or embedded.
    pub(super) span: Span,
    /// The documents that it may have; none when they are not known.
    pub(super) documents: Vec<&'m Arc<Parsed>>,
    pub(super) inline: bool,
}

/// Everything a model says about a principal.
#[derive(Debug)]
pub(super) struct Says<'m> {
    pub(super) ids: Vec<PrincipalId>,
    pub(super) name: &'m str,
    pub(super) span: Span,
    /// True for a declaration, false for one that is only referred to by name.
    pub(super) declared: bool,
    pub(super) exists: Tri,
    pub(super) path: Option<&'m str>,
    pub(super) policies: BTreeMap<PolicyKey, Held<'m>>,
    /// Policies whose names are not known.
    pub(super) unnamed: Vec<Held<'m>>,
    pub(super) boundary: BTreeMap<PolicyKey, Held<'m>>,
    /// The groups of a user by name in small letters, with the name and the place.
    pub(super) groups: BTreeMap<String, (&'m str, Tri, Span)>,
    pub(super) trust: Vec<&'m Arc<Parsed>>,
    pub(super) password: Tri,
    pub(super) password_span: Option<Span>,
    /// Why there may be more policies, groups, another boundary.
    pub(super) open: Open<'m>,
}

/// What of the rights of a principal is not known.
#[derive(Debug, Default)]
pub(super) struct Open<'m> {
    pub(super) policies: Vec<&'m Unknown>,
    pub(super) groups: Vec<&'m Unknown>,
    pub(super) boundary: Vec<&'m Unknown>,
    /// Why it may not exist, or how often it does.
    pub(super) existence: Option<&'m Unknown>,
}

impl<'m> Open<'m> {
    /// All of it.
    pub(super) fn all(&self) -> impl Iterator<Item = &'m Unknown> {
        self.policies.iter().chain(&self.groups).chain(&self.boundary).copied()
    }
}

/// A model by names.
pub(super) struct Side<'m> {
    pub(super) model: &'m IamModel,
    judge: &'m Judge<'m>,
    pub(super) principals: BTreeMap<Key, Says<'m>>,
    /// Declarations whose names are not known.
    pub(super) nameless: Vec<&'m Principal>,
}

impl<'m> Side<'m> {
    pub(super) fn new(judge: &'m Judge<'m>) -> Self {
        let model = judge.model();
        let mut out = Self { model, judge, principals: BTreeMap::new(), nameless: Vec::new() };
        for (i, principal) in model.principals.iter().enumerate() {
            match &principal.name {
                Some(name) => {
                    let key = (principal.kind, name.to_ascii_lowercase());
                    let says = out.principals.entry(key).or_insert_with(|| Says::new(name, principal));
                    says.add(model, PrincipalId(i), principal);
                }
                None => out.nameless.push(principal),
            }
        }
        out
    }

    /// The verdict about a principal.
    pub(super) fn judged(&self, says: &Says<'_>) -> Option<&'m Judged> {
        says.ids.first().and_then(|&id| self.judge.of(id))
    }

    /// The same without the proof.
    pub(super) fn verdict(&self, says: &Says<'_>) -> Option<&'m Verdict> {
        self.judged(says).map(|j| &j.verdict)
    }

    /// A principal by what it is called.
    pub(super) fn get(&self, kind: PrincipalKind, name: &str) -> Option<&Says<'m>> {
        self.principals.get(&(kind, name.to_ascii_lowercase()))
    }
}

impl<'m> Says<'m> {
    fn new(name: &'m str, principal: &Principal) -> Self {
        Self {
            ids: Vec::new(),
            name,
            span: principal.span,
            declared: false,
            exists: Tri::Maybe,
            path: None,
            policies: BTreeMap::new(),
            unnamed: Vec::new(),
            boundary: BTreeMap::new(),
            groups: BTreeMap::new(),
            trust: Vec::new(),
            password: Tri::No,
            password_span: None,
            open: Open::default(),
        }
    }

    /// Takes in what one declaration says. Of several of the same name all count.
    fn add(&mut self, model: &'m IamModel, id: PrincipalId, of: &'m Principal) {
        if of.address.is_some() && !self.declared {
            self.ids.insert(0, id);
            (self.declared, self.name, self.span) = (true, of.name.as_deref().unwrap_or(self.name), of.span);
        } else {
            self.ids.push(id);
        }
        let certain = of.address.is_some() && of.uncertain.is_none() && of.whens.iter().any(When::is_always);
        self.exists = if certain { Tri::Yes } else { self.exists };
        let choice = || of.whens.iter().flat_map(|w| w.answers()).next();
        let open = || choice().and_then(|&(c, _)| model.choices.get(c)).map(|c| &c.unknown);
        self.open.existence = self.open.existence.or(of.uncertain.as_ref()).or_else(open);
        self.path = self.path.or(of.iam_path.as_deref());
        let sure = |when: &When| match of.whens.iter().any(|w| given(w, when)) {
            true => Tri::Yes,
            false => Tri::Maybe,
        };
        for grant in &of.grants {
            add_grant(
                model,
                grant,
                sure(&grant.when),
                &mut self.policies,
                &mut self.unnamed,
                &mut self.open.policies,
            );
        }
        let mut nameless = Vec::new();
        for grant in &of.boundaries {
            add_grant(
                model,
                grant,
                sure(&grant.when),
                &mut self.boundary,
                &mut nameless,
                &mut self.open.boundary,
            );
        }
        self.unnamed.extend(nameless);
        for m in &of.memberships {
            match &m.group {
                Err(u) => self.open.groups.push(u),
                Ok(id) => {
                    let Some(group) = model.principal(*id) else { continue };
                    match &group.name {
                        Some(name) => add_group(&mut self.groups, name, sure(&m.when), m.span),
                        None => self.open.groups.extend(group.called.as_unknown()),
                    }
                }
            }
        }
        self.trust.extend(of.trust.iter().map(|(_, parsed)| parsed));
        for profile in &of.login_profiles {
            self.password = self.password | sure(&profile.when);
            self.password_span = self.password_span.or(Some(profile.span));
        }
    }

    /// Whether more policies may be attached than are known.
    pub(super) fn may_have_more(&self, inline: bool) -> bool {
        !self.open.policies.is_empty() || self.unnamed.iter().any(|h| h.inline == inline)
    }
}

fn add_group<'m>(groups: &mut BTreeMap<String, (&'m str, Tri, Span)>, name: &'m str, holds: Tri, span: Span) {
    let known = groups.entry(name.to_ascii_lowercase()).or_insert((name, holds, span));
    known.1 = known.1 | holds;
}

/// Whether something that holds under `when` holds wherever `exists` does.
fn given(exists: &When, when: &When) -> bool {
    when.answers().iter().all(|a| exists.answers().contains(a))
}

fn add_grant<'m>(
    model: &'m IamModel,
    grant: &'m Grant,
    holds: Tri,
    named: &mut BTreeMap<PolicyKey, Held<'m>>,
    unnamed: &mut Vec<Held<'m>>,
    open: &mut Vec<&'m Unknown>,
) {
    let held = |label: String, documents, inline| Held { label, holds, span: grant.span, documents, inline };
    let (key, held) = match &grant.policy {
        Ok(id) => {
            let Some(policy) = model.policy(*id) else { return };
            let documents = policy.documents.iter().map(|(_, parsed)| parsed).collect();
            let inline = policy.origin == PolicyOrigin::Inline;
            let Some(name) = &policy.name else {
                let label = policy.address.clone().unwrap_or_default();
                return unnamed.push(held(label, documents, inline));
            };
            let lower = name.to_ascii_lowercase();
            let key = match policy.origin {
                PolicyOrigin::Aws => PolicyKey::Aws(lower),
                // An account lists those of AWS that are attached among its own.
                PolicyOrigin::Customer => {
                    let of_arn = grant.arn.as_deref().and_then(of_arn);
                    of_arn.map_or(PolicyKey::Customer(lower), |(key, _)| key)
                }
                PolicyOrigin::Inline => PolicyKey::Inline(lower),
            };
            (key, held(name.clone(), documents, inline))
        }
        Err(unknown) => match grant.arn.as_deref().and_then(of_arn) {
            Some((key, name)) => (key, held(name.to_owned(), Vec::new(), false)),
            None => return open.push(unknown),
        },
    };
    match named.get_mut(&key) {
        Some(known) => {
            known.holds = known.holds | holds;
            known.documents.extend(held.documents);
        }
        None => {
            named.insert(key, held);
        }
    }
}

/// The policy that an ARN names.
fn of_arn(arn: &str) -> Option<(PolicyKey, &str)> {
    let parsed = Arn::parse(arn)?;
    let (_, name) =
        parsed.resource.strip_prefix("policy/").map(|path| ("", path.rsplit('/').next().unwrap_or(path)))?;
    let lower = name.to_ascii_lowercase();
    Some(match parsed.account {
        "aws" => (PolicyKey::Aws(lower), name),
        _ => (PolicyKey::Customer(lower), name),
    })
}
