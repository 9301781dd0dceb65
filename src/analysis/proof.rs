//! From a judgement about documents to places in the code.

use super::door::Way;
use super::effective::{Held, Holdings};
use super::verdict::Evidence;
use super::{Gap, Proof};
use crate::distinct::Distinct;
use crate::limits;
use crate::policy::document::{Effect, Item, Statement};
use crate::policy::eval::{Part, StatementRef};
use crate::policy::judge::{Hole, HoleKind, Judgement};
use crate::policy::pattern::Pattern;
use crate::tri::Tri;

/// How many statements that grant without MFA are shown.
const SHOWN: usize = 3;

/// The places behind a judgement.
pub(super) fn of(holdings: &Holdings<'_>, judgement: &Judgement, doors: &[Way<'_>]) -> Proof {
    let mut proof = Proof {
        console: holdings.console.evidence.clone(),
        keys: holdings.keys.evidence.clone(),
        ..Proof::default()
    };
    if judgement.admin != Tri::No {
        (proof.admin, proof.admin_way) = admin(holdings);
    }
    for &at in &judgement.gates {
        if let Some((held, statement)) = find(holdings, at) {
            let text = match statement.effect {
                Ok(Effect::Deny) => format!("{} denies without MFA here", held.label()),
                Ok(Effect::Allow) | Err(_) => format!("{} allows only with MFA here", held.label()),
            };
            proof.gate.push(Evidence { text, span: statement.span });
        }
    }
    proof.holes = judgement
        .holes
        .iter()
        .map(|h| Evidence {
            text: describe(h, &judgement.open.takeover),
            span: h.span.or_else(|| place(holdings, h.statement)),
        })
        .collect();
    let open = judgement.holes.iter().zip(&proof.holes);
    proof.gaps = open.filter_map(|(hole, evidence)| gap(holdings, hole, evidence)).collect();
    let entered = doors.iter().filter(|d| judgement.roles.iter().any(|r| r == d.role));
    proof.holes.extend(entered.take(SHOWN).map(Way::evidence));
    let opened_by = judgement.opened_by.iter().filter_map(|&at| find(holdings, at));
    // What makes an administrator is shown as such.
    let others = opened_by.filter(|(_, s)| proof.admin.is_empty() || !grants_all(s));
    for (held, statement) in others.take(SHOWN) {
        grant(held, statement, &mut proof.grants);
    }
    proof
}

/// The places behind the rights of a role.
pub(super) fn of_role(holdings: &Holdings<'_>, is_admin: Tri) -> Proof {
    match is_admin {
        Tri::No => Proof::default(),
        Tri::Yes | Tri::Maybe => {
            let (admin, admin_way) = admin(holdings);
            Proof { admin, admin_way, ..Proof::default() }
        }
    }
}

/// A hole that narrows the gate against its purpose. A short list of actions is a purpose, and the operator decides
/// for whom the gate is.
fn gap(holdings: &Holdings<'_>, hole: &Hole, evidence: &Evidence) -> Option<Gap> {
    match hole.kind {
        HoleKind::NotAction | HoleKind::Resource | HoleKind::Condition => {
            let statement = place(holdings, hole.statement)?;
            Some(Gap { statement, evidence: evidence.clone(), count: hole.count })
        }
        HoleKind::Action | HoleKind::Operator => None,
    }
}

fn grant(held: &Held<'_>, statement: &Statement, out: &mut Vec<Evidence>) {
    let mut add = |e: Evidence| {
        if !out.contains(&e) {
            out.push(e);
        }
    };
    held.path().into_iter().for_each(&mut add);
    if statement.span.is_some() {
        add(Evidence { text: format!("{} allows this without MFA", held.label()), span: statement.span });
    }
}

/// Whether a statement alone allows every action on something.
fn grants_all(s: &Statement) -> bool {
    s.effect == Ok(Effect::Allow) && !s.action.negated && everything(s).is_some()
}

/// The action that stands for all.
fn everything(s: &Statement) -> Option<&Item> {
    s.action.items.iter().find(|i| Pattern::of(&i.text).is_everything())
}

/// The documents that grant everything, or all that grant something when none does so alone; and the way to the first.
fn admin(holdings: &Holdings<'_>) -> (Vec<Evidence>, Vec<String>) {
    let alone: Vec<&Held<'_>> =
        holdings.identity.iter().filter(|h| h.document().statements.iter().any(grants_all)).collect();
    let together = || {
        let allows = |s: &Statement| s.effect == Ok(Effect::Allow);
        holdings
            .identity
            .iter()
            .filter(move |h| h.document().more.is_some() || h.document().statements.iter().any(allows))
            .collect()
    };
    let of: Vec<&Held<'_>> = if alone.is_empty() { together() } else { alone };
    let way = of.first().map(|held| held.way()).unwrap_or_default();
    let mut out = Distinct::default();
    for held in of.into_iter().take(limits::LISTED) {
        held.path().iter().for_each(|e| out.push(e));
        let statement = held.document().statements.iter().find(|&s| grants_all(s) && s.span.is_some());
        if let Some(s) = statement {
            out.push(&Evidence {
                text: "everything is allowed here".to_owned(),
                span: everything(s).and_then(|i| i.span).or(s.span),
            });
        }
    }
    (out.into_vec(), way)
}

fn find<'h>(holdings: &'h Holdings<'_>, at: StatementRef) -> Option<(&'h Held<'h>, &'h Statement)> {
    let list = match at.document.part {
        Part::Identity => &holdings.identity,
        Part::Boundary | Part::Scp(_) => &holdings.boundary,
    };
    let held = list.get(at.document.document)?;
    Some((held, held.document().statements.get(at.statement)?))
}

fn place(holdings: &Holdings<'_>, at: StatementRef) -> Option<crate::source::Span> {
    find(holdings, at).and_then(|(_, s)| s.span)
}

fn describe(hole: &Hole, takeover: &[String]) -> String {
    let takeover = hole.actions.first().is_some_and(|a| takeover.contains(a));
    let (text, count) = (&hole.text, hole.count);
    let first = hole.actions.first().map(|a| format!("`{a}`")).unwrap_or_default();
    let (actions, example) = match count {
        0 | 1 => (first, String::new()),
        // Takeovers come first; of the rest of many the first one says nothing.
        _ if takeover => (format!("{count} actions"), format!(", among them {first}")),
        _ => (format!("{count} actions"), String::new()),
    };
    match hole.kind {
        HoleKind::NotAction => format!("`{text}` in `NotAction` leaves {actions} open{example}"),
        HoleKind::Action => format!("this list of actions is short: it leaves {actions} open{example}"),
        HoleKind::Resource => format!("other resources than these stay open: {actions}{example}"),
        HoleKind::Operator => {
            format!(
                "`{text}` lets requests through that carry no MFA information (access keys): {actions}{example}"
            )
        }
        HoleKind::Condition => {
            format!(
                "this condition on `{text}` leaves requests that do not meet it outside of the gate: {actions}{example}"
            )
        }
    }
}
