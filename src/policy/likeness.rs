//! Whether two documents say the same in the same words, and whether one of which something is not known may turn
//! out to be the other.

use super::difference::unknowns;
use super::document::{Document, Elements, Item, Principals, Statement, Test};
use crate::value::{Text, Unknown};

/// A document with what it does not settle taken from another one that it fits: statement by statement. Nothing when
/// that leaves no difference.
///
/// # Errors
/// When something is not known that does not fit.
pub(super) fn settle(before: &Document, after: &Document) -> Result<Option<Document>, Vec<Unknown>> {
    let open = unknowns(after);
    if !open.is_empty() {
        return Err(open);
    }
    if before.more.is_some() {
        return Err(unknowns(before));
    }
    let mut left: Vec<&Statement> = after.statements.iter().collect();
    let mut statements = Vec::with_capacity(before.statements.len());
    let mut alike = before.version == after.version;
    for statement in &before.statements {
        let found = left.iter().position(|other| may_be(statement, other));
        alike &= found.is_some();
        match found.map(|at| left.remove(at)) {
            Some(same) => statements.push(same.clone()),
            None if is_settled(statement) => statements.push(statement.clone()),
            None => return Err(unknowns(before)),
        }
    }
    if alike && left.is_empty() {
        return Ok(None);
    }
    Ok(Some(Document { statements, ..before.clone() }))
}

fn is_settled(statement: &Statement) -> bool {
    let mut settled = true;
    super::judge::of_statement(statement, &mut |_| settled = false);
    settled
}

fn may_be(a: &Statement, b: &Statement) -> bool {
    let effect = a.effect.is_err() || a.effect == b.effect;
    effect
        && elements(&a.action, &b.action, true)
        && both(a.resource.as_ref(), b.resource.as_ref(), |a, b| elements(a, b, false))
        && both(a.principal.as_ref(), b.principal.as_ref(), principals)
        && tests(a, b)
}

fn both<T>(a: Option<&T>, b: Option<&T>, same: impl Fn(&T, &T) -> bool) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => same(a, b),
        (None, None) => true,
        (Some(_), None) | (None, Some(_)) => false,
    }
}

fn elements(a: &Elements, b: &Elements, any_case: bool) -> bool {
    a.negated == b.negated && items(&a.items, &b.items, a.more.is_some(), any_case)
}

/// Whether every item of one list may be one of the other, and the other way round unless there may be `more`.
fn items(a: &[Item], b: &[Item], more: bool, any_case: bool) -> bool {
    a.iter().all(|a| b.iter().any(|b| text(&a.text, &b.text, any_case)))
        && (more || b.iter().all(|b| a.iter().any(|a| text(&a.text, &b.text, any_case))))
}

fn principals(a: &Principals, b: &Principals) -> bool {
    let same = |a: &super::document::PrincipalItem, b: &super::document::PrincipalItem| {
        (a.kind.is_none() || a.kind == b.kind) && text(&a.item.text, &b.item.text, false)
    };
    a.negated == b.negated
        && a.items.iter().all(|a| b.items.iter().any(|b| same(a, b)))
        && (a.more.is_some() || b.items.iter().all(|b| a.items.iter().any(|a| same(a, b))))
}

fn tests(a: &Statement, b: &Statement) -> bool {
    let same = |a: &Test, b: &Test| {
        text(&a.operator, &b.operator, true)
            && text(&a.key, &b.key, true)
            && items(&a.values, &b.values, a.more.is_some(), false)
    };
    a.condition.iter().all(|a| b.condition.iter().any(|b| same(a, b)))
        && (a.more_conditions.is_some() || b.condition.iter().all(|b| a.condition.iter().any(|a| same(a, b))))
}

/// Whether a text may be another one that is known: what stands between its holes comes in the same order.
fn text(a: &Text, b: &Text, any_case: bool) -> bool {
    let Some(b) = b.known() else { return false };
    if let Some(a) = a.known() {
        return if any_case { a.eq_ignore_ascii_case(b) } else { a == b };
    }
    let (mut rest, mut open) = (b, false);
    let mut pieces = a.pieces().peekable();
    while let Some(piece) = pieces.next() {
        match piece {
            Err(_) => open = true,
            Ok(known) if !open => match rest.strip_prefix(known) {
                Some(left) => rest = left,
                None => return false,
            },
            Ok(known) if pieces.peek().is_none() => return rest.ends_with(known),
            Ok(known) => match rest.find(known) {
                Some(at) => rest = rest.get(at + known.len()..).unwrap_or_default(),
                None => return false,
            },
        }
    }
    open || rest.is_empty()
}
