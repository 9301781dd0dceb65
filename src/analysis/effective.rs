//! What a principal has in one possible world: every document that bears on it, with the way it comes.

use std::sync::Arc;

use super::verdict::Evidence;
use super::world::{holds, open_choice};
use crate::iam::model::{Credential, Grant, IamModel, PolicyOrigin, Principal};
use crate::policy::document::{Document, Parsed};
use crate::policy::eval::Grants;
use crate::tri::Tri;
use crate::value::{Unknown, When};

/// A document that bears on a principal.
#[derive(Debug, Clone)]
pub(super) struct Held {
    /// The document, with what is wrong with it.
    pub(super) parsed: Arc<Parsed>,
    /// What the policy is called: "`AdministratorAccess`", "inline policy `gate`".
    pub(super) label: String,
    /// The same in short: `group admins`, `AdministratorAccess`.
    pub(super) way: Vec<String>,
    /// From the principal to the document: memberships, the attachment, the policy.
    pub(super) path: Vec<Evidence>,
}

impl Held {
    /// The document itself.
    pub(super) fn document(&self) -> &Document {
        &self.parsed.document
    }
}

/// Everything a principal has in one world.
#[derive(Debug, Default)]
pub(super) struct Holdings {
    /// Identity policies: own ones, then those of the groups.
    pub(super) identity: Vec<Held>,
    /// The permissions boundary.
    pub(super) boundary: Vec<Held>,
    /// Whether there is a console password.
    pub(super) console: Tri3,
    /// Whether there is an access key.
    pub(super) keys: Tri3,
}

impl Holdings {
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
pub(super) fn holdings(model: &IamModel, principal: &Principal, world: &When) -> Holdings {
    let mut out = Holdings {
        console: credentials(&principal.login_profiles, world, "console password declared here"),
        keys: credentials(&principal.access_keys, world, "access key declared here"),
        ..Holdings::default()
    };
    collect(model, principal, &[], world, &mut out.identity);
    for grant in &principal.boundaries {
        out.boundary.extend(held(model, grant, "permissions boundary", &[], world));
    }
    for m in &principal.memberships {
        match (holds(&m.when, world), &m.group) {
            (Tri::No, _) => {}
            (Tri::Maybe, _) => {
                out.identity.push(unknown_document(open_choice(&m.when, world, &model.choices)))
            }
            (Tri::Yes, Err(u)) => out.identity.push(unknown_document(u.clone())),
            (Tri::Yes, Ok(id)) => {
                if let Some(group) = model.principal(*id) {
                    let step =
                        Evidence { text: format!("member of group `{}`", group.label()), span: Some(m.span) };
                    collect(model, group, &[step], world, &mut out.identity);
                }
            }
        }
    }
    out
}

fn collect(model: &IamModel, holder: &Principal, path: &[Evidence], world: &When, out: &mut Vec<Held>) {
    for grant in &holder.grants {
        let to = if path.is_empty() { String::new() } else { format!(" to group `{}`", holder.label()) };
        let way = path.first().map(|_| format!("group {}", holder.label()));
        let held = held(model, grant, &format!("attached{to}"), path, world);
        out.extend(held.into_iter().map(|h| Held { way: way.iter().cloned().chain(h.way).collect(), ..h }));
    }
    if holder.address.is_none() {
        let reason = format!(
            "{} `{}` is not declared here; what else it has is not known",
            holder.kind.as_str(),
            holder.label()
        );
        out.push(unknown_document(Unknown::new(reason, Some(holder.span))));
    }
}

fn held(model: &IamModel, grant: &Grant, how: &str, path: &[Evidence], world: &When) -> Vec<Held> {
    match holds(&grant.when, world) {
        Tri::No => return Vec::new(),
        Tri::Maybe => return vec![unknown_document(open_choice(&grant.when, world, &model.choices))],
        Tri::Yes => {}
    }
    let policy = match &grant.policy {
        Err(u) => return vec![unknown_document(u.clone())],
        Ok(id) => match model.policy(*id) {
            Some(policy) => policy,
            None => return vec![unknown_document(Unknown::new("it is not in the model", Some(grant.span)))],
        },
    };
    let name = policy.name.as_deref().or(policy.address.as_deref()).unwrap_or("?");
    let label = match policy.origin {
        PolicyOrigin::Inline => format!("inline policy `{name}`"),
        PolicyOrigin::Customer | PolicyOrigin::Aws => format!("`{name}`"),
    };
    let text = match policy.origin {
        PolicyOrigin::Inline => label.clone(),
        PolicyOrigin::Customer | PolicyOrigin::Aws => format!("{label} {how}"),
    };
    let mut steps = path.to_vec();
    steps.push(Evidence { text, span: Some(grant.span) });
    if policy.origin == PolicyOrigin::Customer && policy.span != Some(grant.span) {
        steps.push(Evidence { text: format!("{label} declared here"), span: policy.span });
    }
    let mut out = Vec::new();
    for (when, parsed) in &policy.documents {
        match holds(when, world) {
            Tri::No => {}
            Tri::Maybe => out.push(unknown_document(open_choice(when, world, &model.choices))),
            Tri::Yes => {
                let way = vec![name.to_owned()];
                out.push(Held { parsed: Arc::clone(parsed), label: label.clone(), way, path: steps.clone() })
            }
        }
    }
    out
}

fn unknown_document(unknown: Unknown) -> Held {
    let step = Evidence { text: format!("not settled: {}", unknown.reason()), span: unknown.span() };
    let parsed = Parsed { document: Document::unknown(unknown), problems: Vec::new() };
    Held {
        parsed: Arc::new(parsed),
        label: "a policy that is not known".to_owned(),
        way: Vec::new(),
        path: vec![step],
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
