//! Which parts of a policy document are not settled.

use crate::policy::document::{Document, Elements, Item, Principals, Statement};
use crate::value::{Text, Unknown};

/// Adds every unknown of a document once, in order of place.
pub(super) fn of_document(document: &Document, out: &mut Vec<Unknown>) {
    add(document.more.as_ref(), out);
    document.statements.iter().for_each(|s| of_statement(s, out));
}

fn of_statement(s: &Statement, out: &mut Vec<Unknown>) {
    add(s.effect.as_ref().err(), out);
    of_elements(&s.action, out);
    s.resource.iter().for_each(|r| of_elements(r, out));
    s.principal.iter().for_each(|p| of_principals(p, out));
    for test in &s.condition {
        of_text(&test.operator, out);
        of_text(&test.key, out);
        of_items(&test.values, out);
        add(test.more.as_ref(), out);
    }
    add(s.more_conditions.as_ref(), out);
}

fn of_elements(e: &Elements, out: &mut Vec<Unknown>) {
    of_items(&e.items, out);
    add(e.more.as_ref(), out);
}

fn of_principals(p: &Principals, out: &mut Vec<Unknown>) {
    p.items.iter().for_each(|i| of_text(&i.item.text, out));
    add(p.more.as_ref(), out);
}

fn of_items(items: &[Item], out: &mut Vec<Unknown>) {
    items.iter().for_each(|i| of_text(&i.text, out));
}

fn of_text(text: &Text, out: &mut Vec<Unknown>) {
    text.holes().iter().for_each(|h| add(Some(&h.unknown), out));
}

fn add(unknown: Option<&Unknown>, out: &mut Vec<Unknown>) {
    if let Some(u) = unknown
        && !out.contains(u)
    {
        out.push(u.clone());
    }
}
