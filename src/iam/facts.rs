//! What a source declares, one fact a declaration, before names and ARNs are joined.
//!
//! Frontends emit facts and never judge. Every field that the code gives is a [`Value`]: it may be unknown,
//! have holes, hold a list, or be open ([`crate::value::Kind::OneOf`]); [`super::build`] takes that apart.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::exports::Imports;
use crate::source::Span;
use crate::value::{Choices, Unknown, Value, When};

/// Kind of principal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PrincipalKind {
    /// An IAM user.
    User,
    /// An IAM group.
    Group,
    /// An IAM role.
    Role,
}

impl PrincipalKind {
    /// The word of the JSON report: `user`, `group`, `role`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Group => "group",
            Self::Role => "role",
        }
    }
}

/// One declared fact: what, under which answers of open choices, and where.
#[derive(Debug, Clone, PartialEq)]
pub struct Fact {
    /// What is declared.
    pub what: What,
    /// Under which answers it exists.
    pub when: When,
    /// Set when it is not certain that it exists, or how often, and no choice stands for that: `count` or
    /// `for_each` of a value that is not known.
    pub uncertain: Option<Unknown>,
    /// The blocks whose instances nobody counts that it is of, from the outermost.
    pub each: Vec<Each>,
    /// Address of the declaring resource instance: `module.a.aws_iam_user.b["c"]`, or the logical id.
    pub address: String,
    /// What people call the declaration when the address is made by a program: the construct path of the CDK.
    pub path: Option<String>,
    /// Place of the declaration (block header or logical id up to the end of the block).
    pub span: Span,
    /// Number of its unit among those that are joined. Addresses and references are those of the unit.
    pub unit: usize,
    /// What it is managed through: a configuration of Terraform's provider, by its name. One unit may be about several
    /// accounts, one for each.
    pub provider: Arc<str>,
}

/// A block whose instances nobody counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Each {
    /// Its address.
    pub block: String,
    /// What it goes over, in words that mean the same wherever they are the same; when that is a resource, what that
    /// goes over as well.
    pub over: Vec<String>,
}

impl Each {
    /// True when there is an instance of it for every one of the other.
    fn goes_with(&self, other: &Self) -> bool {
        self.block == other.block || self.over.iter().any(|o| other.over.contains(o) || *o == other.block)
    }

    /// True when what is of all of `these` exists wherever something exists that is of all of `others`.
    pub fn together(these: &[Self], others: &[Self]) -> bool {
        these.iter().all(|e| others.iter().any(|o| e.goes_with(o)))
    }
}

/// How a secret is kept. The secret itself is never part of a fact.
#[derive(Debug, Clone, PartialEq)]
pub enum Kept {
    /// Encrypted, or somewhere else: a parameter, a secret store.
    Safe,
    /// In the state, in plain text.
    State,
    /// In the code, in plain text.
    Code,
    /// The code does not settle it.
    Unknown(Unknown),
}

/// What is declared.
#[derive(Debug, Clone, PartialEq)]
pub enum What {
    /// A user, group or role.
    Principal {
        /// Which kind.
        kind: PrincipalKind,
        /// Its IAM name; unknown when AWS or an unset variable chooses it.
        name: Value,
        /// ARN of its permissions boundary; null when there is none.
        boundary: Value,
        /// Trust policy of a role; null for others.
        trust: Value,
        /// Its path; null when nothing says it.
        path: Value,
    },
    /// A customer managed policy.
    ManagedPolicy {
        /// Its name.
        name: Value,
        /// Its document.
        document: Value,
    },
    /// A policy embedded in principals.
    InlinePolicy {
        /// Kind of the principals.
        kind: PrincipalKind,
        /// The principal, or a list of them: names, or references.
        principals: Value,
        /// Name of the policy.
        name: Value,
        /// Its document.
        document: Value,
    },
    /// Managed policies attached to principals.
    Attachment {
        /// Kind of the principals.
        kind: PrincipalKind,
        /// The principal, or a list of them: names, or references.
        principals: Value,
        /// ARN of the policy, or a list of ARNs.
        policies: Value,
    },
    /// Users that are members of groups (every user of every group).
    Membership {
        /// The user, or a list of them.
        users: Value,
        /// The group, or a list of them.
        groups: Value,
    },
    /// A console password.
    LoginProfile {
        /// The user.
        user: Value,
        /// How the password is kept.
        kept: Kept,
    },
    /// A virtual MFA device.
    VirtualDevice {
        /// Its name.
        name: Value,
        /// The users it is for; null when nothing says it.
        users: Value,
        /// How its seed is kept.
        kept: Kept,
    },
    /// A long-term access key.
    AccessKey {
        /// The user.
        user: Value,
    },
}

/// Everything one unit declares.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    /// The facts, in order of declaration.
    pub facts: Vec<Fact>,
    /// The open choices that `when`s and values speak of.
    pub choices: Choices,
    /// What the unit exports, by name (see `iam::exports`). No name stands here twice.
    pub exports: BTreeMap<String, Value>,
    /// Names of the exports that its values are made of.
    pub imports: BTreeSet<Arc<str>>,
}

impl Facts {
    /// The facts of several units of one account. Frontends number every unit 0; here they get the numbers of their
    /// order, and what one exports is filled in where another imports it.
    pub fn join(units: Vec<Self>) -> Self {
        let mut out = Self::default();
        let mut importing = BTreeSet::new();
        for (unit, Self { facts, choices, exports, imports }) in units.into_iter().enumerate() {
            if !imports.is_empty() {
                importing.insert(unit);
            }
            if unit == 0 {
                out = Self { facts, choices, exports, imports };
                continue;
            }
            let by = out.choices.append(choices, unit);
            out.facts.extend(facts.into_iter().map(|mut fact| {
                fact.unit = unit;
                fact.when = fact.when.renumbered(by);
                fact.what.values_mut().into_iter().for_each(|v| *v = v.renumbered(unit, by));
                fact
            }));
            out.exports.extend(exports.into_iter().map(|(name, v)| (name, v.renumbered(unit, by))));
            out.imports.extend(imports);
        }
        let imports = Imports::new(&out.exports);
        for fact in out.facts.iter_mut().filter(|fact| importing.contains(&fact.unit)) {
            fact.what.values_mut().into_iter().for_each(|v| *v = v.filled(&|u| imports.value(u)));
        }
        out
    }

    /// Says which account the code is for: what it writes of its own number and partition is known then.
    pub fn of_account(&mut self, id: &str, partition: &str) {
        let known = |u: &Unknown| {
            let text = match (u.is_own_account(), u.is_own_partition()) {
                (true, _) => id,
                (false, true) => partition,
                (false, false) => return None,
            };
            Some(Value::string(text, None))
        };
        for fact in &mut self.facts {
            fact.what.values_mut().into_iter().for_each(|v| *v = v.filled(&known));
        }
    }
}

impl What {
    fn values_mut(&mut self) -> Vec<&mut Value> {
        match self {
            Self::Principal { kind: _, name, boundary, trust, path } => vec![name, boundary, trust, path],
            Self::ManagedPolicy { name, document } => vec![name, document],
            Self::InlinePolicy { kind: _, principals, name, document } => vec![principals, name, document],
            Self::Attachment { kind: _, principals, policies } => vec![principals, policies],
            Self::Membership { users, groups } => vec![users, groups],
            Self::LoginProfile { user, kept: _ } | Self::AccessKey { user } => vec![user],
            Self::VirtualDevice { name, users, kept: _ } => vec![name, users],
        }
    }
}
