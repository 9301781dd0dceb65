//! Every judgement about principals, each answer with its evidence.
//!
//! A principal is judged in every possible world (one answer to each open choice that bears on it). Where all
//! worlds agree the answer is known; where they do not, it is unknown and the choices that matter are named.

mod combine;
mod door;
mod effective;
pub mod live;
mod memo;
mod person;
pub mod policies;
mod proof;
mod role;
pub mod verdict;
mod world;

use std::sync::OnceLock;

use rayon::prelude::*;

use crate::distinct::Distinct;
use crate::iam::facts::PrincipalKind;
use crate::iam::model::{IamModel, PrincipalId};
use crate::limits;
use crate::source::Span;
use door::Door;
use memo::Memo;
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
    /// Of a role: all of these are roles.
    pub opened_by_roles: bool,
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
        let mut out = out.into_vec();
        out.truncate(limits::LISTED);
        out
    }
}

/// Judges every principal of a unit, in the order of the model.
pub fn judge(model: &IamModel) -> Vec<Judged> {
    Judge::new(model).into_all()
}

/// Judges principals when they are asked for, each once.
pub struct Judge<'m> {
    model: &'m IamModel,
    /// What an open administrator role is worth to a user, the user's verdict says too.
    doors: Vec<Door<'m>>,
    /// The verdicts, by number.
    known: Vec<OnceLock<Judged>>,
    memo: Memo,
}

impl<'m> Judge<'m> {
    /// Judges the roles of a unit, on which other verdicts depend.
    pub fn new(model: &'m IamModel) -> Self {
        let principals = model.principals.par_iter().enumerate();
        let known: Vec<OnceLock<Judged>> = principals
            .map(|(i, p)| match p.kind {
                PrincipalKind::Role => OnceLock::from(role::judge(model, PrincipalId(i), p)),
                PrincipalKind::User | PrincipalKind::Group => OnceLock::new(),
            })
            .collect();
        let doors = known.iter().filter_map(|role| Door::of(model, role.get()?)).collect();
        Self { model, doors, known, memo: Memo::default() }
    }

    /// The model that is judged.
    pub fn model(&self) -> &'m IamModel {
        self.model
    }

    /// A principal with its verdict.
    pub fn of(&self, id: PrincipalId) -> Option<&Judged> {
        let principal = self.model.principal(id)?;
        let judged = || person::judge(self.model, id, principal, &self.doors, &self.memo);
        self.known.get(id.0).map(|cell| cell.get_or_init(judged))
    }

    /// All of them, by number.
    pub fn all(&self) -> Vec<&Judged> {
        let ids = (0..self.known.len()).into_par_iter();
        ids.filter_map(|i| self.of(PrincipalId(i))).collect()
    }

    fn into_all(self) -> Vec<Judged> {
        self.all();
        self.known.into_iter().filter_map(OnceLock::into_inner).collect()
    }
}
