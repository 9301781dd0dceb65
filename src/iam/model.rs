//! Principals with everything that bears on them, after names, references and ARNs are joined.

use std::sync::Arc;

use super::facts::{Each, Kept, PrincipalKind};
use super::names::may_be_equal;
use crate::policy::arn::Arn;
use crate::policy::document::Parsed;
use crate::source::Span;
use crate::value::{Choices, Reference, Text, Unknown, Value, When};

/// Number of a principal in its [`IamModel`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PrincipalId(pub usize);

/// Number of a policy in its [`IamModel`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PolicyId(pub usize);

/// Everything one unit, or the units of one account, say about IAM.
#[derive(Debug, Default)]
pub struct IamModel {
    /// Users, groups and roles: declared ones first, in order of declaration, then those only referred to.
    pub principals: Vec<Principal>,
    /// Policies: customer managed, inline, and the AWS managed ones that are attached.
    pub policies: Vec<Policy>,
    /// Secrets that the unit gives away, or may.
    pub secrets: Vec<Secret>,
    /// Virtual MFA devices.
    pub devices: Vec<VirtualDevice>,
    /// The open choices that `when`s speak of. Facts whose existence is not certain have a choice of their own.
    pub choices: Choices,
}

/// A user, group or role.
#[derive(Debug, Clone)]
pub struct Principal {
    /// Which kind.
    pub kind: PrincipalKind,
    /// Address of the declaration; `None` for one that is only referred to by name.
    pub address: Option<String>,
    /// What people call the declaration when the address is made by a program.
    pub path: Option<String>,
    /// Its name when it is known.
    pub name: Option<String>,
    /// Its name as it is declared, with what is not known of it.
    pub called: Value,
    /// Its IAM path when that is declared and known.
    pub iam_path: Option<String>,
    /// Why its IAM path is not known, when it is declared and not known.
    pub pathless: Option<Unknown>,
    /// Where it is declared, or first referred to.
    pub span: Span,
    /// Number of the unit that declares it, or first refers to it.
    pub unit: usize,
    /// It exists where one of these holds.
    pub whens: Vec<When>,
    /// Set when it is not certain how many of it there are.
    pub uncertain: Option<Unknown>,
    /// The blocks whose instances nobody counts that it is of.
    pub each: Vec<Each>,
    /// Its own policies, attached and inline.
    pub grants: Vec<Grant>,
    /// Permissions boundaries, at most one in every possible world.
    pub boundaries: Vec<Grant>,
    /// Trust policies of a role, one in every possible world.
    pub trust: Vec<(When, Arc<Parsed>)>,
    /// Groups a user is in.
    pub memberships: Vec<Membership>,
    /// Console passwords.
    pub login_profiles: Vec<Credential>,
    /// Long-term access keys.
    pub access_keys: Vec<Credential>,
}

/// A policy that a principal has.
#[derive(Debug, Clone)]
pub struct Grant {
    /// The policy; an unknown when the code does not settle which.
    pub policy: Result<PolicyId, Unknown>,
    /// True when the code says which policy it is, and that it is none of the unit's.
    pub elsewhere: bool,
    /// The ARN by which it is named, when that is known.
    pub arn: Option<String>,
    /// Under which answers.
    pub when: When,
    /// Where it is attached or embedded.
    pub span: Span,
}

/// A group a user is in.
#[derive(Debug, Clone)]
pub struct Membership {
    /// The group; an unknown when the code does not settle which.
    pub group: Result<PrincipalId, Unknown>,
    /// Under which answers.
    pub when: When,
    /// Where it is declared.
    pub span: Span,
}

/// A password or key.
#[derive(Debug, Clone)]
pub struct Credential {
    /// Under which answers it exists.
    pub when: When,
    /// Where it is declared.
    pub span: Span,
}

/// A virtual MFA device.
#[derive(Debug, Clone)]
pub struct VirtualDevice {
    /// Address of the declaration.
    pub address: String,
    /// Its name when it is known.
    pub name: Option<String>,
    /// The users it is for, as far as they are known.
    pub users: Vec<String>,
    /// Under which answers it exists.
    pub when: When,
    /// Where it is declared.
    pub span: Span,
    /// Number of the unit that declares it.
    pub unit: usize,
}

/// What a secret opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SecretKind {
    /// A console password.
    Password,
    /// The seed of a virtual MFA device, which makes its codes.
    Seed,
}

/// A password or a seed, and how it is kept.
#[derive(Debug, Clone)]
pub struct Secret {
    /// What it opens.
    pub kind: SecretKind,
    /// How it is kept.
    pub kept: Kept,
    /// Address of the declaration.
    pub address: String,
    /// Where it is declared.
    pub span: Span,
    /// Number of the unit that declares it.
    pub unit: usize,
}

/// Where a policy comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PolicyOrigin {
    /// A customer managed policy of the unit.
    Customer,
    /// Embedded in a principal.
    Inline,
    /// Managed by AWS; its text is built in.
    Aws,
}

/// A policy with the documents it has in the possible worlds.
#[derive(Debug, Clone)]
pub struct Policy {
    /// Where it comes from.
    pub origin: PolicyOrigin,
    /// Address of the declaration; `None` for AWS managed policies.
    pub address: Option<String>,
    /// Its name when it is known.
    pub name: Option<String>,
    /// Where it is declared; `None` for AWS managed policies.
    pub span: Option<Span>,
    /// Number of the unit that declares it.
    pub unit: usize,
    /// It exists where one of these holds.
    pub whens: Vec<When>,
    /// Its document, one in every possible world.
    pub documents: Vec<(When, Arc<Parsed>)>,
    /// Why it may be attached to a principal that is not known.
    pub perhaps: Vec<Unknown>,
}

impl IamModel {
    /// True when an ARN, or what it is a reference to, is a role or a session of one.
    pub fn is_role(&self, refer: Option<&Reference>, arn: &str) -> bool {
        match refer.and_then(|r| self.principals.iter().find(|p| p.is(r))) {
            Some(p) => p.kind == PrincipalKind::Role,
            None => [":role/", ":assumed-role/"].iter().any(|kind| arn.contains(kind)),
        }
    }

    /// The principal with this number.
    pub fn principal(&self, id: PrincipalId) -> Option<&Principal> {
        self.principals.get(id.0)
    }

    /// The policy with this number.
    pub fn policy(&self, id: PolicyId) -> Option<&Policy> {
        self.policies.get(id.0)
    }
}

impl Principal {
    /// One of which nothing is known but what it is called.
    pub(super) fn new(kind: PrincipalKind, called: Value, span: Span, unit: usize) -> Self {
        Self {
            kind,
            address: None,
            path: None,
            name: None,
            called,
            iam_path: None,
            pathless: None,
            span,
            unit,
            whens: vec![When::always()],
            uncertain: None,
            each: Vec::new(),
            grants: Vec::new(),
            boundaries: Vec::new(),
            trust: Vec::new(),
            memberships: Vec::new(),
            login_profiles: Vec::new(),
            access_keys: Vec::new(),
        }
    }

    /// Its ARN, when an account declares it: there the address of a declaration is its ARN.
    pub fn arn(&self) -> Option<Arn<'_>> {
        self.address.as_deref().and_then(Arn::parse)
    }

    /// Whether it may turn out to have this name, although that is not known.
    pub fn may_be_called(&self, name: &str) -> bool {
        may_be_equal(&self.called, &Text::new(name))
    }

    /// True for the declaration that a reference is about.
    pub fn is(&self, reference: &Reference) -> bool {
        self.unit == reference.unit && self.address.as_deref() == Some(reference.address.as_str())
    }

    /// What to call it in a message: its name, else its path or address.
    pub fn label(&self) -> &str {
        [&self.name, &self.path, &self.address].into_iter().find_map(Option::as_deref).unwrap_or("?")
    }
}
