//! From a judgement about documents to places in the code.

use super::effective::{Held, Holdings};
use super::verdict::Evidence;
use super::{Gap, Proof};
use crate::policy::document::{Effect, Statement};
use crate::policy::eval::{Part, StatementRef};
use crate::policy::judge::{Hole, HoleKind, Judgement};
use crate::policy::pattern::Pattern;
use crate::tri::Tri;

/// How many statements that grant without MFA are shown.
const SHOWN: usize = 3;

/// The places behind a judgement.
pub(super) fn of(holdings: &Holdings, judgement: &Judgement) -> Proof {
    let mut proof = Proof {
        console: holdings.console.evidence.clone(),
        keys: holdings.keys.evidence.clone(),
        ..Proof::default()
    };
    if judgement.admin != Tri::No {
        proof.admin = admin(holdings);
    }
    for &at in &judgement.gates {
        if let Some((held, statement)) = find(holdings, at) {
            let text = match statement.effect {
                Ok(Effect::Deny) => format!("{} denies without MFA here", held.label),
                Ok(Effect::Allow) | Err(_) => format!("{} allows only with MFA here", held.label),
            };
            proof.gate.push(Evidence { text, span: statement.span });
        }
    }
    proof.holes = judgement
        .holes
        .iter()
        .map(|h| Evidence { text: describe(h), span: h.span.or_else(|| place(holdings, h.statement)) })
        .collect();
    let open = judgement.holes.iter().zip(&proof.holes);
    proof.gaps = open.filter_map(|(hole, evidence)| gap(holdings, hole, evidence)).collect();
    for &at in judgement.opened_by.iter().take(SHOWN) {
        if let Some((held, statement)) = find(holdings, at) {
            grant(held, statement, &mut proof.grants);
        }
    }
    proof
}

/// The places behind the rights of a role.
pub(super) fn of_role(holdings: &Holdings, is_admin: Tri) -> Proof {
    match is_admin {
        Tri::No => Proof::default(),
        Tri::Yes | Tri::Maybe => Proof { admin: admin(holdings), ..Proof::default() },
    }
}

/// A hole that narrows the gate against its purpose. A short list of actions is a purpose, and the operator decides
/// for whom the gate is.
fn gap(holdings: &Holdings, hole: &Hole, evidence: &Evidence) -> Option<Gap> {
    match hole.kind {
        HoleKind::NotAction | HoleKind::Resource | HoleKind::Condition => {
            let statement = place(holdings, hole.statement)?;
            Some(Gap { statement, evidence: evidence.clone(), count: hole.count })
        }
        HoleKind::Action | HoleKind::Operator => None,
    }
}

fn grant(held: &Held, statement: &Statement, out: &mut Vec<Evidence>) {
    let mut add = |e: Evidence| {
        if !out.contains(&e) {
            out.push(e);
        }
    };
    held.path.iter().cloned().for_each(&mut add);
    if statement.span.is_some() {
        add(Evidence { text: format!("{} allows this without MFA", held.label), span: statement.span });
    }
}

/// The documents that grant everything, or all that grant something when none does so alone.
fn admin(holdings: &Holdings) -> Vec<Evidence> {
    let grants_all = |s: &Statement| {
        s.effect == Ok(Effect::Allow)
            && !s.action.negated
            && s.action.items.iter().any(|i| Pattern::of(&i.text).is_everything())
    };
    let alone: Vec<&Held> =
        holdings.identity.iter().filter(|h| h.document().statements.iter().any(grants_all)).collect();
    let together = || {
        let allows = |s: &Statement| s.effect == Ok(Effect::Allow);
        holdings
            .identity
            .iter()
            .filter(move |h| h.document().more.is_some() || h.document().statements.iter().any(allows))
            .collect()
    };
    let of: Vec<&Held> = if alone.is_empty() { together() } else { alone };
    let mut out = Vec::new();
    for held in of {
        for e in &held.path {
            if !out.contains(e) {
                out.push(e.clone());
            }
        }
        let statement = held.document().statements.iter().find(|s| grants_all(s) && s.span.is_some());
        if let Some(s) = statement {
            out.push(Evidence {
                text: "everything is allowed here".to_owned(),
                span: s.action.span.or(s.span),
            });
        }
    }
    out
}

fn find(holdings: &Holdings, at: StatementRef) -> Option<(&Held, &Statement)> {
    let list = match at.document.part {
        Part::Identity => &holdings.identity,
        Part::Boundary | Part::Scp(_) => &holdings.boundary,
    };
    let held = list.get(at.document.document)?;
    Some((held, held.document().statements.get(at.statement)?))
}

fn place(holdings: &Holdings, at: StatementRef) -> Option<crate::source::Span> {
    find(holdings, at).and_then(|(_, s)| s.span)
}

fn describe(hole: &Hole) -> String {
    let (text, count) = (&hole.text, hole.count);
    let example = hole.actions.first().map(|a| format!(", among them `{a}`")).unwrap_or_default();
    let actions = if count == 1 { "1 action".to_owned() } else { format!("{count} actions{example}") };
    match hole.kind {
        HoleKind::NotAction => format!("`{text}` in `NotAction` leaves {actions} open"),
        HoleKind::Action => format!("this list of actions is short: it leaves {actions} open"),
        HoleKind::Resource => format!("other resources than these stay open: {actions}"),
        HoleKind::Operator => {
            format!("`{text}` lets requests through that carry no MFA information (access keys): {actions}")
        }
        HoleKind::Condition => {
            format!("this condition on `{text}` switches the gate off when the caller avoids it: {actions}")
        }
    }
}
