//! Attachments and gates in CloudFormation: a reference at the principal or at the policy, and a resource behind that of
//! the principal.

use super::Edit;
use super::attach::NAME;
use super::page::Page;
use super::propose::Place;
use super::syntax::{self, Member, Node};
use super::tree::Tree;
use crate::iam::facts::PrincipalKind;
use crate::iam::model::{Policy, Principal};
use crate::json;
use crate::policy::gate::Gate;
use crate::policy::write;

/// Where a policy says whom it is attached to.
const HOLDERS: [&str; 3] = ["Groups", "Roles", "Users"];

/// Attaches a gate to a user or a group, or a new one.
pub(super) fn attach(
    place: &Place<'_>,
    page: &Page,
    principal: &Principal,
    gate: Option<&Policy>,
) -> Option<Vec<Edit>> {
    let root = syntax::document(page.text())?;
    let resources = root.at(&["Resources"])?;
    let address = principal.address.as_deref()?;
    let id = address.rsplit('/').next()?;
    let declared = resources.members().iter().find(|m| m.name == id)?;
    let Some(gate) = gate else {
        let gate = free(resources)?;
        let mut edits = attach_to(page, &declared.value, &gate)?;
        edits.push(declare(page, resources, declared, &gate)?);
        return Some(edits);
    };
    let sources = place.bench.sources;
    let home = sources.get(gate.span?.source)?;
    let gate_address = gate.address.as_deref()?;
    let same_stack =
        address.strip_suffix(id)? == gate_address.strip_suffix(gate_address.rsplit('/').next()?)?;
    let gate_id = gate_address.rsplit('/').next()?;
    let policy = resources.at(&[gate_id]).filter(|_| same_stack && home.shown().as_ref() == page.path())?;
    let conditional = |node: &Node| node.at(&["Condition"]).is_some();
    if conditional(policy) {
        return None;
    }
    let properties = policy.at(&["Properties"])?;
    // Neither of two resources may need the other one first.
    let mentions = |node: &Node, id: &str| page.text().get(node.span.clone()).is_none_or(|t| t.contains(id));
    // A policy that names its holders must not be named by them.
    if HOLDERS.iter().any(|name| properties.at(&[name]).is_some()) {
        if conditional(&declared.value) || mentions(&declared.value, gate_id) {
            return None;
        }
        let name = if principal.kind == PrincipalKind::Group { "Groups" } else { "Users" };
        return refer(page, properties, name, id);
    }
    if mentions(policy, id) { None } else { attach_to(page, &declared.value, gate_id) }
}

fn attach_to(page: &Page, resource: &Node, gate: &str) -> Option<Vec<Edit>> {
    match resource.at(&["Properties"]) {
        Some(properties) => refer(page, properties, "ManagedPolicyArns", gate),
        None => {
            let list = Tree::List(vec![reference(page, gate)]);
            page.add(resource, "Properties", &Tree::map([("ManagedPolicyArns", list)]))
        }
    }
}

/// Adds a reference to a list of the properties.
fn refer(page: &Page, properties: &Node, name: &str, id: &str) -> Option<Vec<Edit>> {
    let reference = reference(page, id);
    match properties.at(&[name]) {
        Some(list) => page.push(list, &reference),
        None => page.add(properties, name, &Tree::List(vec![reference])),
    }
}

/// A reference to a resource: in YAML in the short form, unless the file has the long one.
fn reference(page: &Page, id: &str) -> Tree {
    let has = |form: &str| page.text().contains(form);
    let is_json = page.text().trim_start().starts_with('{');
    if is_json || has("Ref: ") && !has("!Ref ") {
        return Tree::map([("Ref", Tree::text(id))]);
    }
    Tree::Ref(id.to_owned())
}

/// A logical id that is free.
fn free(resources: &Node) -> Option<String> {
    let capitalised = |word: &str| {
        let (first, rest) = word.split_at_checked(1).unwrap_or((word, ""));
        first.to_ascii_uppercase() + rest
    };
    let wanted: String = NAME.split('-').map(capitalised).collect();
    let numbered = (2..100).map(|n| format!("{wanted}{n}"));
    let taken = |id: &String| resources.members().iter().any(|m| m.name == *id);
    std::iter::once(wanted.clone()).chain(numbered).find(|id| !taken(id))
}

/// The resource of a new gate behind another resource.
fn declare(page: &Page, resources: &Node, after: &Member, id: &str) -> Option<Edit> {
    let text = write::json(&Gate::Identity.document()).ok()?;
    let document = Tree::of(&json::parse(&text).ok()??);
    let properties = Tree::map([
        ("Description", Tree::text("Denies everything but enrolling an MFA device without MFA")),
        ("PolicyDocument", document),
    ]);
    let resource = Tree::map([("Type", Tree::text("AWS::IAM::ManagedPolicy")), ("Properties", properties)]);
    page.add_behind(resources, after, id, &resource)
}
