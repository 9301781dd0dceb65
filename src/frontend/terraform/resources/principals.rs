//! Users, groups and roles.

use crate::frontend::terraform::attributes::{Attributes, iam_name};
use crate::frontend::terraform::refs::refer;
use crate::iam::facts::{PrincipalKind, What};
use crate::value::{Entries, Entry, Kind, Value};

/// `aws_iam_user`, `aws_iam_group`.
pub(super) fn principal(of: &mut dyn Attributes, kind: PrincipalKind) -> Vec<What> {
    vec![What::Principal {
        kind,
        name: iam_name(of),
        boundary: boundary(of),
        trust: Value::null(None),
        path: of.argument("path"),
    }]
}

/// `aws_iam_role`, with the policies that stand in it.
pub(super) fn role(of: &mut dyn Attributes) -> Vec<What> {
    let kind = PrincipalKind::Role;
    let mut out = vec![What::Principal {
        kind,
        name: iam_name(of),
        boundary: boundary(of),
        trust: of.argument("assume_role_policy"),
        path: of.argument("path"),
    }];
    let this = refer(iam_name(of), of.address(), "name");
    let attached = of.argument("managed_policy_arns");
    if !attached.is_null() {
        out.push(What::Attachment { kind, principals: this.clone(), policies: attached });
    }
    let blocks = of.blocks("inline_policy", &["name", "policy"]);
    for b in blocks.as_list().unwrap_or_default() {
        // An empty block means that there shall be none.
        if b.get("policy").is_some_and(Value::is_null) {
            continue;
        }
        for (name, document) in inline_policies(b) {
            out.push(What::InlinePolicy { kind, principals: this.clone(), name, document });
        }
    }
    out
}

/// The permissions boundary; the provider takes an empty text for none.
fn boundary(of: &mut dyn Attributes) -> Value {
    of.argument("permissions_boundary").map_arms(&mut |v| {
        if v.as_str() == Some("") { Value::null(v.span) } else { v.clone() }
    })
}

/// Name and document of an `inline_policy` block. A `dynamic` block over an open choice is a choice of lists:
/// the documents at each place of the lists become a choice of documents.
fn inline_policies(block: &Value) -> Vec<(Value, Value)> {
    let part = |v: &Value, name: &str| v.get(name).cloned().unwrap_or_else(|| v.clone());
    let Kind::OneOf(open) = &block.kind else { return vec![(part(block, "name"), part(block, "policy"))] };
    let flat: Vec<Vec<(Value, Value)>> = open
        .arms
        .iter()
        .map(|arm| match arm.as_list() {
            Some(items) => items.iter().flat_map(inline_policies).collect(),
            None => inline_policies(arm),
        })
        .collect();
    let most = flat.iter().map(Vec::len).max().unwrap_or(0);
    let none = || (Value::null(block.span), no_policy(block));
    (0..most)
        .map(|i| {
            let at = |arm: &Vec<(Value, Value)>| arm.get(i).cloned().unwrap_or_else(none);
            let (names, documents) = flat.iter().map(at).unzip();
            let choice = |arms| Value::one_of(open.choice, arms, block.span);
            (choice(names), choice(documents))
        })
        .collect()
}

/// A document that says nothing: what an alternative without the block amounts to.
fn no_policy(block: &Value) -> Value {
    let entry = |value| Entry { key_span: None, value };
    let mut entries = Entries::new();
    entries.insert("Version".into(), entry(Value::string("2012-10-17", None)));
    entries.insert("Statement".into(), entry(Value::list(Vec::new(), block.span)));
    Value::map(entries, block.span)
}
