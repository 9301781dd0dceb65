//! Resources as facts. [`RESOURCES`] is the only list of the types that are understood.
//!
//! Follows the resource type reference of the CloudFormation Template Reference (`AWS::IAM::*`).

use std::collections::BTreeMap;

use super::choice::worlds;
use super::foreach::is_loop;
use super::references::elements;
use super::stack::{Resource, Site, Stack};
use super::tree::{Node, NodeKind};
use crate::diagnostic::{Code, Level};
use crate::frontend::{ORGANIZATION_POLICY, PERMISSION_SET};
use crate::iam::facts::{Kept, PrincipalKind, What};
use crate::source::Span;
use crate::value::{Kind, Unknown, Value, When};

/// Turns a resource into facts.
type Lower = fn(&mut Stack<'_>, &Resource, &Site);

/// The resource types that declare something about principals.
pub(super) const RESOURCES: &[(&str, Lower)] = &[
    ("AWS::CloudFormation::Stack", |stack, resource, site| stack.lower_nested(resource, site)),
    ("AWS::CloudFormation::StackSet", |stack, resource, site| stack.lower_set(resource, site)),
    ("AWS::IAM::AccessKey", access_key),
    ("AWS::IAM::Group", group),
    ("AWS::IAM::GroupPolicy", group_policy),
    ("AWS::IAM::ManagedPolicy", managed_policy),
    ("AWS::IAM::Policy", policy),
    ("AWS::IAM::Role", role),
    ("AWS::IAM::RolePolicy", role_policy),
    ("AWS::IAM::User", user),
    ("AWS::IAM::UserPolicy", user_policy),
    ("AWS::IAM::UserToGroupAddition", addition),
    ("AWS::IAM::VirtualMFADevice", virtual_device),
    ("AWS::Organizations::Policy", |stack, resource, _| stack.elsewhere(resource, ORGANIZATION_POLICY)),
    ("AWS::SSO::Assignment", |stack, resource, _| stack.elsewhere(resource, PERMISSION_SET)),
    ("AWS::SSO::PermissionSet", |stack, resource, _| stack.elsewhere(resource, PERMISSION_SET)),
    ("AWS::Serverless::Application", |stack, resource, site| stack.lower_nested(resource, site)),
];

/// Lists of principals in policies.
const TARGETS: [(&str, PrincipalKind); 3] =
    [("Users", PrincipalKind::User), ("Groups", PrincipalKind::Group), ("Roles", PrincipalKind::Role)];

impl Stack<'_> {
    /// Emits the facts of every resource that exists under `base`, and notes the exports.
    pub(super) fn lower_resources(&mut self, base: &[When], uncertain: Option<&Unknown>) {
        self.lower_exports();
        for resource in self.resources().iter() {
            let Some((_, lower)) = RESOURCES.iter().find(|(kind, _)| *kind == &*resource.kind) else {
                continue;
            };
            let site = Site {
                address: self.address(&resource.id),
                path: resource.path(),
                span: resource.span,
                whens: self.exists_when(resource, base),
                uncertain: uncertain.cloned(),
            };
            if !site.whens.is_empty() {
                lower(self, resource, &site);
            }
        }
        self.lower_unseen(base);
    }

    /// Notes that what a resource does to people is not judged here.
    fn elsewhere(&mut self, resource: &Resource, why: &str) {
        let message = format!("`{}` is not judged: {why}", resource.id);
        self.report(Code::NotJudged, Level::Note, resource.span, message);
    }

    fn exists_when(&mut self, resource: &Resource, base: &[When]) -> Vec<When> {
        let own = match resource.node.get("Condition") {
            None => return base.to_vec(),
            Some(node) => match node.text() {
                Some(name) => self.holds_when(name, node.span),
                None => {
                    self.malformed("Condition", node.span);
                    return base.to_vec();
                }
            },
        };
        base.iter().flat_map(|b| own.iter().filter_map(|o| b.and_all(o))).collect()
    }

    fn property(&mut self, resource: &Resource, name: &str) -> Value {
        match resource.property(name) {
            Some(node) => self.eval(node),
            None => match self.hidden(resource) {
                Some(u) => Value::unknown(u.reason(), u.span()),
                None => Value::null(None),
            },
        }
    }

    /// Why a resource may have more properties than are written: a macro that adds to them.
    fn hidden(&mut self, resource: &Resource) -> Option<Unknown> {
        let properties = resource.node.get("Properties")?;
        let at = properties.pairs()?.iter().find(|p| p.key.starts_with("Fn::") || p.key.starts_with('!'))?;
        let why = if is_loop(at) { self.left_open(at) } else { format!("`{}` may add properties", at.key) };
        Some(Unknown::new(why, Some(at.span())))
    }

    /// The elements of a list property with the answers each needs, those of the same answers together.
    fn members(&mut self, resource: &Resource, name: &str) -> Vec<(When, Vec<Value>)> {
        let values: Vec<Value> = match resource.property(name).map(|n| &n.kind) {
            // Element by element, so that many conditional elements stay one choice each.
            Some(NodeKind::Seq(items)) => items.iter().map(|n| self.eval(n)).collect(),
            Some(NodeKind::Null | NodeKind::Scalar(_) | NodeKind::Map(_)) | None => {
                vec![self.property(resource, name)]
            }
        };
        let mut out: BTreeMap<When, Vec<Value>> = BTreeMap::new();
        for (when, value) in values.iter().flat_map(worlds) {
            let items = elements(&value);
            if !items.is_empty() {
                out.entry(when).or_default().extend(items);
            }
        }
        out.into_iter().collect()
    }

    fn document(&mut self, resource: &Resource) -> Value {
        let document = self.property(resource, "PolicyDocument");
        if document.is_null() {
            let message = format!("`{}` has no `PolicyDocument`", resource.id);
            self.report(Code::BadBlock, Level::Warning, resource.span, message);
        }
        document
    }

    /// The parts that users, groups and roles have in common.
    fn principal(&mut self, kind: PrincipalKind, resource: &Resource, site: &Site, trust: Value) {
        let name = self.name_of(resource);
        let boundary = match kind {
            PrincipalKind::User | PrincipalKind::Role => self.property(resource, "PermissionsBoundary"),
            PrincipalKind::Group => Value::null(None),
        };
        let path = self.property(resource, "Path");
        let always = When::always();
        let declared = What::Principal { kind, name: name.clone(), boundary, trust, path };
        self.emit(site, &always, None, &declared);
        for (when, policies) in self.members(resource, "ManagedPolicyArns") {
            let policies = Value::list(policies, None);
            self.emit(site, &when, None, &What::Attachment { kind, principals: name.clone(), policies });
        }
        for (when, policies) in self.members(resource, "Policies") {
            for policy in policies {
                let what = embedded(kind, name.clone(), &policy);
                self.emit(site, &when, None, &what);
            }
        }
    }

    /// Attaches a policy document to the principals that a list property names.
    fn inline_for(
        &mut self,
        resource: &Resource,
        site: &Site,
        kind: PrincipalKind,
        property: &str,
        document: &Value,
    ) {
        let name = self.property(resource, "PolicyName");
        for (when, principals) in self.members(resource, property) {
            let what = What::InlinePolicy {
                kind,
                principals: Value::list(principals, None),
                name: name.clone(),
                document: document.clone(),
            };
            self.emit(site, &when, None, &what);
        }
    }
}

/// One element of `Policies`.
fn embedded(kind: PrincipalKind, principals: Value, policy: &Value) -> What {
    let part = |name: &str| match (&policy.kind, policy.get(name)) {
        (_, Some(v)) => v.clone(),
        (Kind::Unknown(u), None) => Value::unknown(u.reason(), u.span()),
        (
            Kind::Null
            | Kind::Bool(_)
            | Kind::Number(_)
            | Kind::String(_)
            | Kind::List(_)
            | Kind::Set(_)
            | Kind::Map(_)
            | Kind::OneOf(_),
            None,
        ) => Value::null(policy.span),
    };
    What::InlinePolicy { kind, principals, name: part("PolicyName"), document: part("PolicyDocument") }
}

fn user(stack: &mut Stack<'_>, resource: &Resource, site: &Site) {
    stack.principal(PrincipalKind::User, resource, site, Value::null(None));
    login_profile(stack, resource, site);
    let user = stack.name_of(resource);
    for (when, groups) in stack.members(resource, "Groups") {
        let groups = Value::list(groups, None);
        stack.emit(site, &when, None, &What::Membership { users: user.clone(), groups });
    }
}

/// A login profile is a console password whatever the password is: a parameter, a dynamic reference, or missing.
fn login_profile(stack: &mut Stack<'_>, resource: &Resource, site: &Site) {
    let user = stack.name_of(resource);
    let span = resource.property_span("LoginProfile").unwrap_or(site.span);
    let site = &Site { span, ..site.clone() };
    let value = match resource.property("LoginProfile") {
        Some(node @ Node { kind: NodeKind::Null, .. }) => {
            let message =
                "`LoginProfile` is empty; CloudFormation refuses that, give it a password or remove it";
            stack.report(Code::BadBlock, Level::Warning, node.span, message);
            Value::map(BTreeMap::new(), Some(node.span))
        }
        Some(_) | None => stack.property(resource, "LoginProfile"),
    };
    for (when, profile) in worlds(&value) {
        let password = plain_password(&profile);
        if let Some(span) = password {
            stack.env.sources.hide(span);
        }
        let kept = if password.is_some() { Kept::Code } else { Kept::Safe };
        let what = What::LoginProfile { user: user.clone(), kept };
        match &profile.kind {
            Kind::Null => {}
            Kind::Unknown(u) => stack.emit(site, &when, Some(u), &what),
            Kind::Bool(_)
            | Kind::Number(_)
            | Kind::String(_)
            | Kind::List(_)
            | Kind::Set(_)
            | Kind::Map(_)
            | Kind::OneOf(_) => stack.emit(site, &when, None, &what),
        }
    }
}

/// Where a password is written in the template, also as the default of a parameter. Given parameters and secret
/// stores have no place.
fn plain_password(profile: &Value) -> Option<Span> {
    match profile.get("Password").map(|password| &password.kind) {
        Some(Kind::String(text)) => {
            let known = text.known().filter(|known| !known.is_empty())?;
            text.span_of(0, known.len())
        }
        Some(
            Kind::Null
            | Kind::Bool(_)
            | Kind::Number(_)
            | Kind::List(_)
            | Kind::Set(_)
            | Kind::Map(_)
            | Kind::OneOf(_)
            | Kind::Unknown(_),
        )
        | None => None,
    }
}

fn group(stack: &mut Stack<'_>, resource: &Resource, site: &Site) {
    stack.principal(PrincipalKind::Group, resource, site, Value::null(None));
}

fn role(stack: &mut Stack<'_>, resource: &Resource, site: &Site) {
    let trust = stack.property(resource, "AssumeRolePolicyDocument");
    stack.principal(PrincipalKind::Role, resource, site, trust);
}

fn managed_policy(stack: &mut Stack<'_>, resource: &Resource, site: &Site) {
    let name = stack.name_of(resource);
    let document = stack.document(resource);
    stack.emit(site, &When::always(), None, &What::ManagedPolicy { name, document });
    let arn = stack.arn_of(resource, "Ref");
    for (property, kind) in TARGETS {
        for (when, principals) in stack.members(resource, property) {
            let principals = Value::list(principals, None);
            let what = What::Attachment { kind, principals, policies: arn.clone() };
            stack.emit(site, &when, None, &what);
        }
    }
}

fn policy(stack: &mut Stack<'_>, resource: &Resource, site: &Site) {
    let document = stack.document(resource);
    for (property, kind) in TARGETS {
        stack.inline_for(resource, site, kind, property, &document);
    }
}

fn user_policy(stack: &mut Stack<'_>, resource: &Resource, site: &Site) {
    let document = stack.document(resource);
    stack.inline_for(resource, site, PrincipalKind::User, "UserName", &document);
}

fn group_policy(stack: &mut Stack<'_>, resource: &Resource, site: &Site) {
    let document = stack.document(resource);
    stack.inline_for(resource, site, PrincipalKind::Group, "GroupName", &document);
}

fn role_policy(stack: &mut Stack<'_>, resource: &Resource, site: &Site) {
    let document = stack.document(resource);
    stack.inline_for(resource, site, PrincipalKind::Role, "RoleName", &document);
}

fn addition(stack: &mut Stack<'_>, resource: &Resource, site: &Site) {
    let groups = stack.property(resource, "GroupName");
    for (when, users) in stack.members(resource, "Users") {
        let users = Value::list(users, None);
        stack.emit(site, &when, None, &What::Membership { users, groups: groups.clone() });
    }
}

/// CloudFormation does not give the seed away.
fn virtual_device(stack: &mut Stack<'_>, resource: &Resource, site: &Site) {
    let (name, users) = (stack.property(resource, "VirtualMfaDeviceName"), stack.property(resource, "Users"));
    stack.emit(site, &When::always(), None, &What::VirtualDevice { name, users, kept: Kept::Safe });
}

fn access_key(stack: &mut Stack<'_>, resource: &Resource, site: &Site) {
    let user = stack.property(resource, "UserName");
    // One that is declared inactive opens nothing.
    if stack.property(resource, "Status").as_str() != Some("Inactive") {
        stack.emit(site, &When::always(), None, &What::AccessKey { user });
    }
}
