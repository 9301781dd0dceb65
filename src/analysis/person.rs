//! Users and groups: what their policies allow with and without MFA.

use std::collections::BTreeMap;

use super::combine::{Answers, combine};
use super::door::{Door, Way};
use super::effective::{Holdings, holdings};
use super::verdict::{Enforcement, Open};
use super::world::worlds;
use super::{Judged, proof};
use crate::iam::facts::PrincipalKind;
use crate::iam::model::{IamModel, Principal, PrincipalId};
use crate::policy::document::Document;
use crate::policy::judge::{self, Judgement};
use crate::policy::slices::Subject;
use crate::policy::verdict::Ruling;
use crate::tri::Tri;
use crate::value::Unknown;

/// The verdict about a user or a group.
pub(super) fn judge(model: &IamModel, id: PrincipalId, principal: &Principal, doors: &[Door<'_>]) -> Judged {
    let worlds = worlds(model, principal);
    let doors: Vec<Way<'_>> = doors.iter().filter_map(|d| d.admits(principal)).collect();
    let mut known = BTreeMap::new();
    let answers: Vec<Answers> = worlds
        .iter()
        .map(|world| {
            let holdings = holdings(model, principal, world);
            let judgement = known
                .entry(documents(&holdings))
                .or_insert_with(|| judge_holdings(principal, &holdings, &doors))
                .clone();
            answers(principal, &holdings, &judgement, &doors)
        })
        .collect();
    combine(model, id, principal, &worlds, &answers)
}

/// Which documents a judgement is about: worlds that differ in nothing else share it.
fn documents(holdings: &Holdings) -> (Vec<usize>, Vec<usize>) {
    let address = |held: &super::effective::Held| std::ptr::from_ref::<Document>(held.document()).addr();
    (holdings.identity.iter().map(address).collect(), holdings.boundary.iter().map(address).collect())
}

/// What the policies amount to, for this principal.
fn judge_holdings(principal: &Principal, holdings: &Holdings, doors: &[Way<'_>]) -> Judgement {
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
    judge::judge(&holdings.grants(), &Subject { name, arn, nameless, roles })
}

fn answers(principal: &Principal, holdings: &Holdings, judgement: &Judgement, doors: &[Way<'_>]) -> Answers {
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
        unknown: judgement.unknowns.clone(),
    }
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
