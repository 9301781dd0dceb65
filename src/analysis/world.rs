//! Possible worlds: one answer to every open choice that bears on a principal.

use std::collections::BTreeSet;

use crate::iam::model::{IamModel, Policy, Principal};
use crate::limits;
use crate::tri::Tri;
use crate::value::{ChoiceId, Choices, Unknown, When};

/// Every combination of answers in which the principal exists. Choices that would make them too many stay open:
/// what depends on those is unknown.
pub(super) fn worlds(model: &IamModel, principal: &Principal) -> Vec<When> {
    worlds_of(model, involved(model, principal), &principal.whens)
}

/// Every combination of answers to these choices in which something exists.
pub(super) fn worlds_of(model: &IamModel, choices: BTreeSet<ChoiceId>, exists: &[When]) -> Vec<When> {
    let mut list = vec![When::always()];
    for choice in choices {
        let answers = model.choices.get(choice).map_or(0, |c| c.labels.len());
        if answers > 0 && list.len() * answers <= limits::ASSIGNMENTS {
            list = list.iter().flat_map(|w| (0..answers).filter_map(|a| w.and(choice, a))).collect();
        }
    }
    list.retain(|world| exists.iter().any(|when| !holds(when, world).is_no()));
    list
}

/// Whether something holds in a world. `Maybe` only for choices that were left out.
pub(super) fn holds(when: &When, world: &When) -> Tri {
    when.answers()
        .iter()
        .map(|&(choice, answer)| match world.answer(choice) {
            Some(a) => Tri::from_bool(a == answer),
            None => Tri::Maybe,
        })
        .fold(Tri::Yes, |a, b| a & b)
}

/// Why something that depends on choices that were left out is not known.
pub(super) fn open_choice(when: &When, world: &When, choices: &Choices) -> Unknown {
    when.answers()
        .iter()
        .filter(|&&(c, _)| world.answer(c).is_none())
        .find_map(|&(c, _)| choices.get(c))
        .map_or_else(|| Unknown::new("it depends on too many open choices", None), |c| c.unknown.clone())
}

/// Every choice that anything about the principal hangs on.
fn involved(model: &IamModel, principal: &Principal) -> BTreeSet<ChoiceId> {
    let mut out = BTreeSet::new();
    let mut add = |when: &When| out.extend(when.answers().iter().map(|&(c, _)| c));
    let groups = principal.memberships.iter().filter_map(|m| m.group.as_ref().ok());
    let holders = std::iter::once(principal).chain(groups.filter_map(|&g| model.principal(g)));
    for holder in holders {
        for grant in holder.grants.iter().chain(&holder.boundaries) {
            add(&grant.when);
            let policy: Option<&Policy> = grant.policy.as_ref().ok().and_then(|&id| model.policy(id));
            policy.into_iter().flat_map(|p| &p.documents).for_each(|(w, _)| add(w));
        }
    }
    principal.whens.iter().for_each(&mut add);
    principal.memberships.iter().for_each(|m| add(&m.when));
    principal.trust.iter().for_each(|(w, _)| add(w));
    principal.login_profiles.iter().chain(&principal.access_keys).for_each(|c| add(&c.when));
    out
}
