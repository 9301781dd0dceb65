//! Documents that are made here, not read.

use super::document::{
    Document, Effect, Elements, Item, PrincipalItem, PrincipalType, Principals, Statement, Test, Version,
};
use crate::value::Text;

/// A document of these statements.
pub(crate) fn document(statements: Vec<Statement>) -> Document {
    Document { version: Version::V2012, statements, more: None, span: None }
}

/// An account, as the principal of a trust policy.
pub(crate) fn account(id: &str) -> Principals {
    let one = PrincipalItem { kind: Some(PrincipalType::Aws), item: item(id), refer: None };
    Principals { negated: false, items: vec![one], more: None, span: None }
}

/// An `Allow` of all of the actions on the resources.
pub(crate) fn allow(sid: &str, actions: &[&[&str]], resources: &[&str]) -> Statement {
    Statement {
        sid: Some(sid.to_owned()),
        effect: Ok(Effect::Allow),
        action: elements(actions),
        resource: Some(elements(&[resources])),
        principal: None,
        condition: Vec::new(),
        more_conditions: None,
        span: None,
    }
}

/// All of the lists, sorted.
pub(crate) fn elements(lists: &[&[&str]]) -> Elements {
    let mut texts: Vec<&str> = lists.iter().flat_map(|l| l.iter().copied()).collect();
    texts.sort_unstable();
    Elements::new(false, texts.into_iter().map(item).collect(), None, None)
}

/// Everything but all of the lists.
pub(crate) fn except(lists: &[&[&str]]) -> Elements {
    Elements { negated: true, ..elements(lists) }
}

/// A string.
pub(crate) fn item(text: &str) -> Item {
    Item { text: Text::new(text), span: None }
}

/// A test with one value.
pub(crate) fn test(operator: &str, key: &str, value: &str) -> Test {
    Test {
        operator: Text::new(operator),
        operator_span: None,
        key: Text::new(key),
        key_span: None,
        values: vec![item(value)],
        more: None,
    }
}
