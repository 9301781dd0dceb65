//! What a principal has in one possible world: every document that bears on it, with the way it comes.

use std::borrow::Cow;

use super::verdict::Evidence;
use super::world::{holds, open_choice};
use crate::iam::model::{Credential, Grant, IamModel, Membership, Policy, PolicyOrigin, Principal};
use crate::policy::document::Document;
use crate::policy::eval::Grants;
use crate::tri::Tri;
use crate::value::{Unknown, When};

/// A document that bears on a principal.
#[derive(Debug, Clone)]
pub(super) struct Held<'m> {
    document: Cow<'m, Document>,
    /// How it comes to its holder; nothing for what is not known.
    attachment: Option<Attachment<'m>>,
    /// The group it comes by.
    group: Option<(&'m Membership, &'m Principal)>,
}

/// How a policy comes to its holder.
#[derive(Debug, Clone, Copy)]
struct Attachment<'m> {
    grant: &'m Grant,
    policy: &'m Policy,
    /// As its permissions boundary.
    bounds: bool,
}

impl<'m> Held<'m> {
    /// The document itself.
    pub(super) fn document(&self) -> &Document {
        &self.document
    }

    /// True when both are one document of the model, or say the same of what is not known.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        match (&self.document, &other.document) {
            (Cow::Borrowed(a), Cow::Borrowed(b)) => std::ptr::eq(*a, *b),
            (Cow::Owned(a), Cow::Owned(b)) => a == b,
            (Cow::Borrowed(_), Cow::Owned(_)) | (Cow::Owned(_), Cow::Borrowed(_)) => false,
        }
    }

    /// What the policy is called: "`AdministratorAccess`", "inline policy `gate`".
    pub(super) fn label(&self) -> String {
        self.attachment.map_or_else(|| "a policy that is not known".to_owned(), |a| a.label())
    }

    /// How it comes in short: `group admins`, `AdministratorAccess`.
    pub(super) fn way(&self) -> Vec<String> {
        let group = self.group.map(|(_, group)| format!("group {}", group.label()));
        group.into_iter().chain(self.attachment.map(|a| a.name().to_owned())).collect()
    }

    /// From the principal to the document: memberships, the attachment, the policy.
    pub(super) fn path(&self) -> Vec<Evidence> {
        let Some(attachment) = self.attachment else {
            let not_settled =
                |u: &Unknown| Evidence { text: format!("not settled: {}", u.reason()), span: u.span() };
            return self.document.more.iter().map(not_settled).collect();
        };
        let mut out = Vec::new();
        if let Some((membership, group)) = self.group {
            let text = format!("member of group `{}`", group.label());
            out.push(Evidence { text, span: Some(membership.span) });
        }
        attachment.path(self.group.map(|(_, group)| group), &mut out);
        out
    }

    fn by_group(self, group: Option<(&'m Membership, &'m Principal)>) -> Self {
        Self { group, ..self }
    }

    fn unknown(unknown: Unknown) -> Self {
        Self { document: Cow::Owned(Document::unknown(unknown)), attachment: None, group: None }
    }
}

impl<'m> Attachment<'m> {
    fn name(&self) -> &'m str {
        self.policy.name.as_deref().or(self.policy.address.as_deref()).unwrap_or("?")
    }

    fn label(&self) -> String {
        match self.policy.origin {
            PolicyOrigin::Inline => format!("inline policy `{}`", self.name()),
            PolicyOrigin::Customer | PolicyOrigin::Aws => format!("`{}`", self.name()),
        }
    }

    fn path(&self, group: Option<&Principal>, out: &mut Vec<Evidence>) {
        let label = self.label();
        let text = match (self.policy.origin, group) {
            (PolicyOrigin::Inline, _) => label.clone(),
            (PolicyOrigin::Customer | PolicyOrigin::Aws, _) if self.bounds => {
                format!("{label} permissions boundary")
            }
            (PolicyOrigin::Customer | PolicyOrigin::Aws, None) => format!("{label} attached"),
            (PolicyOrigin::Customer | PolicyOrigin::Aws, Some(group)) => {
                format!("{label} attached to group `{}`", group.label())
            }
        };
        out.push(Evidence { text, span: Some(self.grant.span) });
        if self.policy.origin == PolicyOrigin::Customer && self.policy.span != Some(self.grant.span) {
            out.push(Evidence { text: format!("{label} declared here"), span: self.policy.span });
        }
    }
}

/// Everything a principal has in one world.
#[derive(Debug, Default)]
pub(super) struct Holdings<'m> {
    /// Identity policies: own ones, then those of the groups.
    pub(super) identity: Vec<Held<'m>>,
    /// The permissions boundary.
    pub(super) boundary: Vec<Held<'m>>,
    /// Whether there is a console password.
    pub(super) console: Tri3,
    /// Whether there is an access key.
    pub(super) keys: Tri3,
}

impl Holdings<'_> {
    /// Its documents as the policy engine takes them.
    pub(super) fn grants(&self) -> Grants<'_> {
        Grants {
            identity: self.identity.iter().map(Held::document).collect(),
            boundary: self.boundary.iter().map(Held::document).collect(),
            scps: Vec::new(),
        }
    }
}

/// A three-valued answer with the places that prove it.
#[derive(Debug)]
pub(super) struct Tri3 {
    pub(super) answer: Tri,
    pub(super) evidence: Vec<Evidence>,
}

impl Default for Tri3 {
    fn default() -> Self {
        Self { answer: Tri::No, evidence: Vec::new() }
    }
}

/// What the principal has in this world.
pub(super) fn holdings<'m>(model: &'m IamModel, principal: &'m Principal, world: &When) -> Holdings<'m> {
    let mut out = Holdings {
        console: credentials(&principal.login_profiles, world, "console password declared here"),
        keys: credentials(&principal.access_keys, world, "access key declared here"),
        ..Holdings::default()
    };
    collect(model, principal, None, world, &mut out.identity);
    for grant in &principal.boundaries {
        held(model, grant, true, None, world, &mut out.boundary);
    }
    for m in &principal.memberships {
        match (holds(&m.when, world), &m.group) {
            (Tri::No, _) => {}
            (Tri::Maybe, _) => out.identity.push(Held::unknown(open_choice(&m.when, world, &model.choices))),
            (Tri::Yes, Err(u)) => out.identity.push(Held::unknown(u.clone())),
            (Tri::Yes, Ok(id)) => {
                if let Some(group) = model.principal(*id) {
                    collect(model, group, Some((m, group)), world, &mut out.identity);
                }
            }
        }
    }
    out
}

/// What a principal has itself, or by a group.
fn collect<'m>(
    model: &'m IamModel,
    holder: &'m Principal,
    group: Option<(&'m Membership, &'m Principal)>,
    world: &When,
    out: &mut Vec<Held<'m>>,
) {
    for grant in &holder.grants {
        held(model, grant, false, group, world, out);
    }
    if holder.address.is_none() {
        let reason = format!(
            "{} `{}` is not declared here; what else it has is not known",
            holder.kind.as_str(),
            holder.label()
        );
        out.push(Held::unknown(Unknown::new(reason, Some(holder.span))));
    }
}

fn held<'m>(
    model: &'m IamModel,
    grant: &'m Grant,
    bounds: bool,
    group: Option<(&'m Membership, &'m Principal)>,
    world: &When,
    out: &mut Vec<Held<'m>>,
) {
    let mut unknown = |u: Unknown| out.push(Held::unknown(u).by_group(group));
    match holds(&grant.when, world) {
        Tri::No => return,
        Tri::Maybe => return unknown(open_choice(&grant.when, world, &model.choices)),
        Tri::Yes => {}
    }
    let policy = match &grant.policy {
        Err(u) => return unknown(u.clone()),
        Ok(id) => match model.policy(*id) {
            Some(policy) => policy,
            None => return unknown(Unknown::new("it is not in the model", Some(grant.span))),
        },
    };
    for (when, parsed) in &policy.documents {
        match holds(when, world) {
            Tri::No => {}
            Tri::Maybe => out.push(Held::unknown(open_choice(when, world, &model.choices)).by_group(group)),
            Tri::Yes => out.push(Held {
                document: Cow::Borrowed(&parsed.document),
                attachment: Some(Attachment { grant, policy, bounds }),
                group,
            }),
        }
    }
}

fn credentials(list: &[Credential], world: &When, text: &str) -> Tri3 {
    let mut out = Tri3::default();
    for c in list {
        let answer = holds(&c.when, world);
        out.answer = out.answer | answer;
        if !answer.is_no() {
            out.evidence.push(Evidence { text: text.to_owned(), span: Some(c.span) });
        }
    }
    out
}
