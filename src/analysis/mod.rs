//! Every judgement about principals, each answer with its evidence.
//!
//! A principal is judged in every possible world (one answer to each open choice that bears on it). Where all
//! worlds agree the answer is known; where they do not, it is unknown and the choices that matter are named.

mod combine;
mod door;
mod effective;
pub mod live;
mod person;
pub mod policies;
mod proof;
mod role;
pub mod verdict;
mod world;

use crate::distinct::Distinct;
use crate::iam::facts::PrincipalKind;
use crate::iam::model::{IamModel, PrincipalId};
use crate::source::Span;
use door::Door;
use verdict::{Evidence, Verdict};

/// A principal with its verdict and the proof, part by part.
#[derive(Debug, Clone)]
pub struct Judged {
    /// Which principal.
    pub principal: PrincipalId,
    /// Its primary place.
    pub span: Span,
    /// The verdict.
    pub verdict: Verdict,
    /// The proof.
    pub proof: Proof,
}

/// The places that prove a verdict, by what they prove.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Proof {
    /// How it comes to administrator rights.
    pub admin: Vec<Evidence>,
    /// The first way to them in short: `group admins`, `AdministratorAccess`.
    pub admin_way: Vec<String>,
    /// Where its console password is declared.
    pub console: Vec<Evidence>,
    /// Where its access keys are declared.
    pub keys: Vec<Evidence>,
    /// The statements that ask for MFA.
    pub gate: Vec<Evidence>,
    /// What opens the gate; of a role, what lets its callers in.
    pub holes: Vec<Evidence>,
    /// What opens the gate although it is meant to close, by statement.
    pub gaps: Vec<Gap>,
    /// What grants without MFA.
    pub grants: Vec<Evidence>,
    /// Who may assume a role without MFA.
    pub openers: Vec<String>,
}

/// A part of a gate that leaves something open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gap {
    /// The place of the statement.
    pub statement: Span,
    /// The part, and what it leaves open.
    pub evidence: Evidence,
    /// How many actions are open through it.
    pub count: usize,
}

impl Proof {
    /// Who may assume a role without MFA, in words.
    pub fn openers(&self) -> String {
        match self.openers.as_slice() {
            [] => "principals of its trust policy".to_owned(),
            [one] => one.clone(),
            [first, rest @ ..] if rest.len() == 1 => format!("{first} and {}", rest.join("")),
            [first, second, rest @ ..] => format!("{first}, {second} and {} more", rest.len()),
        }
    }

    /// All of it in the order a reader wants: what it has, how, what gates it, what opens the gate.
    fn evidence(&self) -> Vec<Evidence> {
        let mut out = Distinct::default();
        let parts = [&self.console, &self.keys, &self.admin, &self.gate, &self.holes, &self.grants];
        parts.into_iter().flatten().for_each(|e| out.push(e));
        out.into_vec()
    }
}

/// Judges every principal of a unit, in the order of the model.
pub fn judge(model: &IamModel) -> Vec<Judged> {
    let principals = || model.principals.iter().enumerate().map(|(i, p)| (PrincipalId(i), p));
    let (roles, people): (Vec<_>, Vec<_>) = principals().partition(|(_, p)| p.kind == PrincipalKind::Role);
    let roles: Vec<Judged> = roles.into_iter().map(|(id, p)| role::judge(model, id, p)).collect();
    // What an open administrator role is worth to a user, the user's verdict says too.
    let doors: Vec<Door<'_>> = roles.iter().filter_map(|judged| Door::of(model, judged)).collect();
    let people = people.into_iter().map(|(id, p)| person::judge(model, id, p, &doors));
    let mut out: Vec<Judged> = people.collect();
    out.extend(roles);
    out.sort_by_key(|judged| judged.principal);
    out
}
