//! Roles: what they may do, and who may assume them without MFA.

use super::combine::{Answers, combine};
use super::effective::holdings;
use super::person;
use super::verdict::{Enforcement, Evidence, Open};
use super::world::{holds, open_choice, worlds};
use super::{Judged, proof};
use crate::distinct::Distinct;
use crate::iam::model::{IamModel, Principal, PrincipalId};
use crate::policy::arn::Arn;
use crate::policy::document::Document;
use crate::policy::judge::judge_admin;
use crate::policy::slices::Subject;
use crate::policy::trust::{Entry, TrustSubject, trust};
use crate::tri::Tri;
use crate::value::{Unknown, When};

/// The verdict about a role.
pub(super) fn judge(model: &IamModel, id: PrincipalId, principal: &Principal) -> Judged {
    let worlds = worlds(model, principal);
    let answers: Vec<Answers> = worlds.iter().map(|w| answers(model, principal, w)).collect();
    combine(model, id, principal, &worlds, &answers)
}

fn answers(model: &IamModel, principal: &Principal, world: &When) -> Answers {
    let holdings = holdings(model, principal, world);
    let (admin, unknowns) = judge_admin(&holdings.grants(), &Subject::default());
    let document = trust_policy(model, principal, world);
    let subject = subject(principal);
    let judgement = trust(&document, subject);
    let mut proof = proof::of_role(&holdings, admin);
    let mut openers = Distinct::default();
    let entries = localised(judgement.entries, principal);
    let mut open = entries.iter().filter(|e| e.console || e.keys).peekable();
    proof.opened_by_roles =
        open.peek().is_some() && open.all(|e| model.is_role(e.refer.as_ref(), &e.principal));
    for entry in &entries {
        let who = describe(model, entry);
        if !entry.console && !entry.keys {
            proof
                .gate
                .push(Evidence { text: format!("{who} may assume it only with MFA"), span: entry.span });
            continue;
        }
        proof.holes.push(Evidence { text: format!("{who} may assume it without MFA"), span: entry.span });
        openers.push(&who);
    }
    proof.openers = openers.into_vec();
    let mfa = person::enforcement(judgement.ruling);
    let mut unknown = if mfa == Enforcement::Unknown { judgement.unknowns } else { Vec::new() };
    unknown.extend(unknowns);
    Answers {
        console: Tri::No,
        keys: Tri::No,
        admin,
        mfa,
        mfa_keys: mfa,
        open: Open::default(),
        proof,
        unknown,
    }
}

fn subject(principal: &Principal) -> TrustSubject<'_> {
    let Principal { name, address, unit, .. } = principal;
    TrustSubject { name: name.as_deref(), address: address.as_deref(), unit: *unit }
}

/// Those who get in without MFA, whatever world it is.
pub(super) fn open_entries(model: &IamModel, principal: &Principal) -> Vec<Entry> {
    let subject = subject(principal);
    let in_world = |world: &When| {
        let entries = trust(&trust_policy(model, principal, world), subject).entries;
        let mut entries = localised(entries, principal);
        entries.retain(|e| e.console || e.keys);
        entries
    };
    let worlds = worlds(model, principal);
    let all = worlds.iter().map(in_world).reduce(|mut all, next| {
        all.retain(|e| next.contains(e));
        all
    });
    all.unwrap_or_default()
}

/// Says of entries that name the account of the role by its number, when that is known, that it is the own one.
fn localised(mut entries: Vec<Entry>, principal: &Principal) -> Vec<Entry> {
    let Some(own) = principal.arn() else { return entries };
    for entry in &mut entries {
        let of_arn = Arn::parse(&entry.principal).filter(|a| a.resource == "root").map(|a| a.account);
        entry.own_account |= of_arn.unwrap_or(&entry.principal) == own.account;
    }
    entries
}

/// The trust policy in a world; one of which nothing is known when the code does not settle it.
fn trust_policy(model: &IamModel, principal: &Principal, world: &When) -> Document {
    for (when, parsed) in &principal.trust {
        match holds(when, world) {
            Tri::No => {}
            Tri::Maybe => return Document::unknown(open_choice(when, world, &model.choices)),
            Tri::Yes => return parsed.document.clone(),
        }
    }
    let reason = match principal.address {
        Some(_) => "the role has no trust policy here".to_owned(),
        None => format!("role `{}` is not declared here", principal.label()),
    };
    Document::unknown(Unknown::new(reason, Some(principal.span)))
}

/// Someone who gets in, in words.
fn describe(model: &IamModel, entry: &Entry) -> String {
    let declared = entry.refer.as_ref().and_then(|r| model.principals.iter().find(|p| p.is(r)));
    if let Some(p) = declared {
        return format!("{} `{}`", p.kind.as_str(), p.label());
    }
    match entry.principal.as_str() {
        _ if entry.own_account => "every principal of its own account".to_owned(),
        "" => "a principal that is not known".to_owned(),
        "*" => "everybody".to_owned(),
        arn => match arn.strip_suffix(":root").unwrap_or(arn).rsplit("::").next() {
            Some(account) if account.len() == 12 && account.bytes().all(|b| b.is_ascii_digit()) => {
                format!("account {account}")
            }
            Some(_) | None => format!("`{arn}`"),
        },
    }
}
