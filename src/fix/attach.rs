//! Giving a principal a policy that enforces MFA: one that is declared, or a new one.

use super::propose::Place;
use super::{Fix, template, terraform};
use crate::iam::facts::PrincipalKind;
use crate::iam::model::{Policy, PolicyId, Principal};

/// What a new gate is called, in `kebab-case`.
pub(super) const NAME: &str = "require-mfa";

/// Gives a principal this gate, or a new one.
pub(super) fn attach(
    place: &Place<'_>,
    principal: &Principal,
    gate: Option<(PolicyId, &Policy)>,
) -> Option<Fix> {
    // Code that a program makes is made again.
    if principal.path.is_some() || principal.address.is_none() {
        return None;
    }
    let who = format!("{} `{}`", principal.kind.as_str(), principal.label());
    let title = match gate {
        Some((_, gate)) => {
            let name = gate.name.as_deref().or(gate.address.as_deref())?;
            format!("attach `{name}` to {who}")
        }
        None => format!("attach a new policy that enforces MFA to {who}"),
    };
    let page = place.page(principal.span)?;
    let is_terraform = page.path().ends_with(".tf.json")
        || page.path().ends_with(".tofu.json")
        || super::syntax::is_hcl(page.path());
    let edits = match (principal.kind, is_terraform) {
        (PrincipalKind::Role, _) => None,
        (_, true) => terraform::attach(place, &page, principal, gate),
        (_, false) => template::attach(place, &page, principal, gate.map(|(_, gate)| gate)),
    }?;
    place.fix(title, edits)
}
