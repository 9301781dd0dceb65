//! What code declares beside what an account has, and what the differences come to.
//!
//! Models are compared, never text: principals by kind and name, rights as sets, policies by what they mean. A
//! difference is told once, as the worst it leads to ([`Kind`]): a gate that is detached is a missing gate for those it
//! concerns, and no attachment that is missing as well. What the code does not settle, or the account did not tell, is
//! never taken for a difference.

mod consequences;
mod devices;
mod differences;
mod side;
mod telling;

use std::collections::BTreeMap;

use crate::account::{Account, Source};
use crate::analysis::Judge;
use crate::iam::facts::PrincipalKind;
use crate::iam::model::PrincipalId;
use crate::iam::pattern::PrincipalPattern;
use crate::policy::difference::Home;
use crate::source::Span;
use crate::tri::Tri;
use crate::value::Unknown;
use consequences::Story;
use side::{Key, Side};

/// A kind of drift. Each has a rule of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A console password that no code declares.
    UndeclaredConsoleUser,
    /// A principal that no code declares.
    UndeclaredUser,
    /// A principal or a password that is declared and not there.
    Missing,
    /// Administrator rights that no code declares.
    UndeclaredAdmin,
    /// A membership, or a policy that somebody has, in the code only or in the account only.
    Membership,
    /// The code enforces MFA, the account does not.
    GateMissing,
    /// A policy means something else.
    PolicyChanged,
    /// A declared device that nobody has enabled.
    DeviceNotEnabled,
    /// A declared user with a password and no device.
    NoDevice,
    /// Another permissions boundary.
    Boundary,
    /// Another trust policy.
    Trust,
    /// The code does not settle it.
    NotComparable,
}

/// What a difference is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    /// A user, group or role.
    Principal(PrincipalKind),
    /// A managed policy, whoever has it.
    Policy,
    /// A virtual device of which nobody says for whom it is.
    Device,
}

/// Somebody or something as both sides know it: by kind and name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Who {
    /// Which kind.
    pub kind: Subject,
    /// Its name; the address of a declaration whose name is not known.
    pub name: String,
}

impl Who {
    fn new(kind: PrincipalKind, name: &str) -> Self {
        Self { kind: Subject::Principal(kind), name: name.to_owned() }
    }

    /// The kind of a principal.
    pub fn principal(&self) -> Option<PrincipalKind> {
        match self.kind {
            Subject::Principal(kind) => Some(kind),
            Subject::Policy | Subject::Device => None,
        }
    }

    /// The word of the JSON report.
    pub fn word(&self) -> &'static str {
        match self.kind {
            Subject::Principal(kind) => kind.as_str(),
            Subject::Policy => "policy",
            Subject::Device => "device",
        }
    }

    /// "user alice": the subject of a finding.
    pub fn subject(&self) -> String {
        format!("{} {}", self.word(), self.name)
    }

    /// "user `alice`": in a sentence.
    pub fn quoted(&self) -> String {
        format!("{} `{}`", self.word(), self.name)
    }
}

/// One thing that differs, with the places that say so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cause {
    /// What differs, as part of a sentence.
    pub text: String,
    /// What the code says, and where.
    pub declared: Option<(String, Span)>,
    /// What the account says, and where.
    pub actual: Option<(String, Span)>,
}

/// Something to tell.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// What it is.
    pub kind: Kind,
    /// Whom it is about.
    pub who: Who,
    /// Whether it is so.
    pub holds: Tri,
    /// What differs.
    pub causes: Vec<Cause>,
    /// Who else loses or gains by it.
    pub concerns: Vec<Who>,
    /// Users and roles that can act, or be assumed, without MFA because of it.
    pub without_mfa: Vec<Who>,
    /// Whether it is, or makes, an administrator.
    pub admin: Tri,
    /// The place in the code that is most to the point.
    pub declared: Option<Span>,
    /// The place in the answers of AWS.
    pub actual: Option<Span>,
    /// Which answer of AWS says so.
    pub source: Option<Source>,
    /// What is not settled.
    pub unknown: Vec<Unknown>,
}

/// A principal on both sides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pair {
    /// Who.
    pub who: Who,
    /// In the model of the code.
    pub declared: Option<PrincipalId>,
    /// In the model of the account.
    pub actual: Option<PrincipalId>,
    /// Why it is not compared: it is managed elsewhere, or AWS's own.
    pub elsewhere: Option<String>,
}

/// Everything that came of comparing code with an account.
#[derive(Debug, Clone, Default)]
pub struct Drift {
    /// All principals, by kind and name.
    pub pairs: Vec<Pair>,
    /// What differs, by principal.
    pub changes: Vec<Change>,
    /// Which of the patterns of what is managed elsewhere met nobody, by number.
    pub idle: Vec<usize>,
}

/// Principals that no code given here is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Elsewhere {
    /// Which.
    pub who: PrincipalPattern,
    /// Why.
    pub reason: String,
}

/// Compares what the code declares for an account with what the account has.
pub fn drift(declared: &Judge<'_>, actual: &Judge<'_>, account: &Account, elsewhere: &[Elsewhere]) -> Drift {
    let (code, reality) = (Side::new(declared), Side::new(actual));
    let mut keys: BTreeMap<&Key, Option<String>> = BTreeMap::new();
    for key in code.principals.keys().chain(reality.principals.keys()) {
        keys.entry(key).or_insert_with(|| left_out(key, &code, &reality, elsewhere));
    }
    let met = |e: &Elsewhere| keys.keys().any(|(kind, name)| e.who.holds(*kind, name));
    let idle = elsewhere.iter().enumerate().filter(|(_, e)| !met(e)).map(|(i, _)| i).collect();
    let pairs: Vec<Pair> = keys.into_iter().map(|(key, why)| pair(key, why, &code, &reality)).collect();
    let home = Home { account: &account.id, partition: &account.partition };
    let mut story = Story::new(&pairs, &code, &reality, account, home);
    story.follow();
    let mut changes = telling::changes(&story);
    changes.extend(telling::nameless(&code));
    devices::add(&code, account, &mut changes);
    changes.sort_by(|a, b| (&a.who, a.kind).cmp(&(&b.who, b.kind)));
    Drift { pairs, changes, idle }
}

fn pair(key: &Key, elsewhere: Option<String>, code: &Side<'_>, reality: &Side<'_>) -> Pair {
    let (declared, actual) = (code.principals.get(key), reality.principals.get(key));
    let name = [actual, declared].into_iter().flatten().map(|s| s.name).next().unwrap_or(&key.1);
    Pair {
        who: Who::new(key.0, name),
        declared: declared.and_then(|s| s.ids.first().copied()),
        actual: actual.and_then(|s| s.ids.first().copied()),
        elsewhere,
    }
}

/// Why a principal is not compared.
fn left_out(key: &Key, code: &Side<'_>, reality: &Side<'_>, elsewhere: &[Elsewhere]) -> Option<String> {
    let (kind, name) = key;
    if let Some(e) = elsewhere.iter().find(|e| e.who.holds(*kind, name)) {
        return Some(e.reason.clone());
    }
    let path = reality.principals.get(key).and_then(|s| s.path).unwrap_or_default();
    let declared = code.principals.get(key).is_some_and(|s| s.declared);
    let of_aws = *kind == PrincipalKind::Role && !declared;
    let within = |prefix: &str| of_aws && path.starts_with(prefix);
    if within("/aws-service-role/") {
        Some("a service of AWS made it for itself".to_owned())
    } else if within("/aws-reserved/") {
        Some("Identity Center made it for a permission set".to_owned())
    } else {
        None
    }
}
