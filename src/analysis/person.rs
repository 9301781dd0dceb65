//! Users and groups: what their policies allow with and without MFA.

use std::sync::Arc;

use super::combine::{Answers, combine};
use super::door::{Door, Way};
use super::effective::{Held, Holdings, holdings};
use super::memo::Memo;
use super::verdict::{Enforcement, Open};
use super::world::worlds;
use super::{Judged, proof};
use crate::iam::facts::PrincipalKind;
use crate::iam::model::{IamModel, Principal, PrincipalId};
use crate::policy::judge::Judgement;
use crate::policy::slices::Subject;
use crate::policy::verdict::Ruling;
use crate::tri::Tri;
use crate::value::Unknown;

/// The verdict about a user or a group.
pub(super) fn judge(
    model: &IamModel,
    id: PrincipalId,
    principal: &Principal,
    doors: &[Door<'_>],
    memo: &Memo,
) -> Judged {
    let worlds = worlds(model, principal);
    let doors: Vec<Way<'_>> = doors.iter().filter_map(|d| d.admits(principal)).collect();
    let mut known: Vec<(Holdings<'_>, Arc<Judgement>)> = Vec::new();
    let answers: Vec<Answers> = worlds
        .iter()
        .map(|world| {
            let holdings = holdings(model, principal, world);
            let found = known.iter().find(|(same, _)| are_same(same, &holdings));
            let judgement = match found {
                Some((_, judgement)) => Arc::clone(judgement),
                None => memo.judge(&holdings, &subject(principal, &doors)),
            };
            let answers = answers(principal, &holdings, &judgement, &doors);
            if found.is_none() {
                known.push((holdings, judgement));
            }
            answers
        })
        .collect();
    combine(model, id, principal, &worlds, &answers)
}

/// Whether worlds differ in no document: they share their judgement.
fn are_same(one: &Holdings<'_>, other: &Holdings<'_>) -> bool {
    let same =
        |a: &[Held<'_>], b: &[Held<'_>]| a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.is_same(b));
    same(&one.identity, &other.identity) && same(&one.boundary, &other.boundary)
}

/// Who is judged, as the policy engine takes it.
fn subject(principal: &Principal, doors: &[Way<'_>]) -> Subject {
    let (name, nameless) = match (principal.kind, &principal.name) {
        (PrincipalKind::User, Some(name)) => (Some(name.clone()), None),
        (PrincipalKind::User, None) => {
            (None, Some(Unknown::new("the name of the user is not known", Some(principal.span))))
        }
        (PrincipalKind::Group | PrincipalKind::Role, _) => (None, None),
    };
    let roles = doors.iter().map(|d| d.role.to_owned()).collect();
    // The members of a group have ARNs of their own.
    let arn = principal
        .address
        .clone()
        .filter(|_| principal.kind == PrincipalKind::User && principal.arn().is_some());
    let elsewhere = || {
        let reason = format!("user `{}` is not declared here; its path is not known", principal.label());
        principal.address.is_none().then(|| Unknown::new(reason, Some(principal.span)))
    };
    let (path, pathless) = match principal.kind {
        PrincipalKind::User => (principal.iam_path.clone(), principal.pathless.clone().or_else(elsewhere)),
        PrincipalKind::Group | PrincipalKind::Role => (None, None),
    };
    Subject { name, arn, path, nameless, pathless, roles }
}

fn answers(
    principal: &Principal,
    holdings: &Holdings<'_>,
    judgement: &Judgement,
    doors: &[Way<'_>],
) -> Answers {
    let declared = principal.address.is_some();
    let elsewhere = |answer: Tri| if declared { answer } else { answer | Tri::Maybe };
    let (console, keys) = match principal.kind {
        PrincipalKind::User => {
            let may_create = Tri::from_bool(judgement.creates_own_keys);
            (elsewhere(holdings.console.answer), elsewhere(holdings.keys.answer) | may_create)
        }
        PrincipalKind::Group | PrincipalKind::Role => (Tri::No, Tri::No),
    };
    Answers {
        console,
        keys,
        admin: judgement.admin,
        mfa: enforcement(judgement.mfa),
        mfa_keys: enforcement(judgement.mfa_keys),
        open: Open {
            actions: judgement.open.count,
            takeover: judgement.open.takeover.clone(),
            worst: judgement.open.worst.clone(),
        },
        proof: proof::of(holdings, judgement, doors),
        unknown: judgement.unknowns.iter().cloned().chain(password_elsewhere(principal, judgement)).collect(),
    }
}

/// Why the console is not known of somebody who is declared elsewhere, unless it is said why nothing is.
fn password_elsewhere(principal: &Principal, judgement: &Judgement) -> Option<Unknown> {
    let said = judgement.unknowns.iter().any(|u| u.span() == Some(principal.span));
    let user = principal.kind == PrincipalKind::User && principal.address.is_none();
    (user && !said).then(|| {
        let reason = format!(
            "user `{}` is not declared here; whether it has a password is not known",
            principal.label()
        );
        Unknown::new(reason, Some(principal.span))
    })
}

/// A ruling of the policy engine as a verdict.
pub(super) fn enforcement(ruling: Ruling) -> Enforcement {
    match ruling {
        Ruling::Enforced => Enforcement::Enforced,
        Ruling::Partial => Enforcement::Partial,
        Ruling::NotEnforced => Enforcement::NotEnforced,
        Ruling::NotApplicable => Enforcement::NotApplicable,
        Ruling::Unsettled => Enforcement::Unknown,
    }
}
