//! The answer about one principal, with its proof.

use crate::iam::facts::PrincipalKind;
use crate::source::Span;
use crate::tri::Tri;
use crate::value::Unknown;

/// Whether MFA is enforced (design of the verdicts: ARCHITECTURE.md, "When is MFA enforced").
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Enforcement {
    /// Nothing that matters can be done without MFA.
    Enforced,
    /// Some of it can.
    Partial,
    /// MFA adds nothing.
    NotEnforced,
    /// The code does not settle it.
    Unknown,
    /// No IAM principal is concerned (a role for a service or an identity provider).
    NotApplicable,
}

impl Enforcement {
    /// The word of the JSON report.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Enforced => "enforced",
            Self::Partial => "partial",
            Self::NotEnforced => "not-enforced",
            Self::Unknown => "unknown",
            Self::NotApplicable => "not-applicable",
        }
    }
}

/// One step of a proof.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Evidence {
    /// What stands there: "member of group `admins`", "`AdministratorAccess` attached here".
    pub text: String,
    /// The place.
    pub span: Option<Span>,
}

/// What can be done without MFA (console or keys), harmless actions left out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Open {
    /// How many AWS actions.
    pub actions: usize,
    /// Those that let the caller remove the gate or become someone else, sorted.
    pub takeover: Vec<String>,
    /// A few of the others, the worst first.
    pub worst: Vec<String>,
}

/// How many instances a declaration has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Instances {
    /// Exactly one (every instance of a counted resource is its own principal).
    One,
    /// The count is not known.
    Unknown,
}

impl Instances {
    /// The word of the JSON report.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::One => "one",
            Self::Unknown => "unknown",
        }
    }
}

impl Verdict {
    /// What to call it in a message: its name, else its path or address.
    pub fn label(&self) -> &str {
        [&self.name, &self.path, &self.address].into_iter().find_map(Option::as_deref).unwrap_or("?")
    }

    /// Every place that it names.
    pub fn places(&self) -> impl Iterator<Item = Span> {
        let proof = self.evidence.iter().filter_map(|step| step.span);
        self.span.into_iter().chain(proof).chain(self.unknown.iter().filter_map(Unknown::span))
    }
}

/// The verdict about one principal.
#[derive(Debug, Clone, PartialEq)]
pub struct Verdict {
    /// User, group or role.
    pub kind: PrincipalKind,
    /// Address; `None` for one that the unit only refers to by name.
    pub address: Option<String>,
    /// What people call it when the address is made by a program: the construct path of the CDK.
    pub path: Option<String>,
    /// IAM name when it is known.
    pub name: Option<String>,
    /// Where it is declared, or first referred to.
    pub span: Option<Span>,
    /// Has a console password.
    pub console: Tri,
    /// Has, or may create for itself, long-term access keys.
    pub keys: Tri,
    /// May do everything when signed in with MFA.
    pub admin: Tri,
    /// Whether console sessions need MFA.
    pub mfa: Enforcement,
    /// Whether long-term access keys need MFA.
    pub mfa_keys: Enforcement,
    /// What is open without MFA.
    pub open: Open,
    /// The proof: how it gets what it has, what gates it, what opens the gate.
    pub evidence: Vec<Evidence>,
    /// What is not settled and could change an answer.
    pub unknown: Vec<Unknown>,
    /// How many there are.
    pub instances: Instances,
}
