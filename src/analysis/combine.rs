//! From the answers in every possible world to one verdict.

use super::verdict::{Enforcement, Instances, Open, Verdict};
use super::{Judged, Proof};
use crate::distinct::Distinct;
use crate::iam::model::{IamModel, Principal, PrincipalId};
use crate::limits;
use crate::tri::Tri;
use crate::value::{ChoiceId, Unknown, When};

/// The answers in one world.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Answers {
    pub(super) console: Tri,
    pub(super) keys: Tri,
    pub(super) admin: Tri,
    pub(super) mfa: Enforcement,
    pub(super) mfa_keys: Enforcement,
    pub(super) open: Open,
    pub(super) proof: Proof,
    /// What in this world's documents is not settled and bears on the answer.
    pub(super) unknown: Vec<Unknown>,
}

impl Answers {
    /// What has to agree for an answer to be known.
    fn key(&self) -> (Tri, Tri, Enforcement, Enforcement) {
        (self.console, self.admin, self.mfa, self.mfa_keys)
    }

    fn is_settled(&self) -> bool {
        self.console != Tri::Maybe
            && self.admin != Tri::Maybe
            && self.mfa != Enforcement::Unknown
            && self.mfa_keys != Enforcement::Unknown
    }

    /// How bad the world is: the proof that is shown is that of the worst.
    fn badness(&self) -> (u8, Tri, Tri) {
        let rank = |m: Enforcement| match m {
            Enforcement::NotEnforced => 4,
            Enforcement::Partial => 3,
            Enforcement::Unknown => 2,
            Enforcement::Enforced => 1,
            Enforcement::NotApplicable => 0,
        };
        (rank(self.mfa).max(rank(self.mfa_keys)), self.admin, self.console)
    }
}

/// One verdict from the answers of all worlds (same order as `worlds`).
pub(super) fn combine(
    model: &IamModel,
    id: PrincipalId,
    principal: &Principal,
    worlds: &[When],
    answers: &[Answers],
) -> Judged {
    let agree = |field: fn(&Answers) -> Enforcement| {
        answers
            .iter()
            .map(field)
            .reduce(|a, b| if a == b { a } else { Enforcement::Unknown })
            .unwrap_or(Enforcement::Unknown)
    };
    let tri = |field: fn(&Answers) -> Tri| Tri::agree(answers.iter().map(field)).unwrap_or(Tri::Maybe);
    // The first of the worst, so that the proof does not depend on how many worlds there are.
    let worst = answers.iter().reduce(|a, b| if b.badness() > a.badness() { b } else { a });
    let (open, proof) = worst.map(|a| (a.open.clone(), a.proof.clone())).unwrap_or_default();
    let verdict = Verdict {
        kind: principal.kind,
        address: principal.address.clone(),
        path: principal.path.clone(),
        name: principal.name.clone(),
        span: Some(principal.span),
        console: tri(|a| a.console),
        keys: tri(|a| a.keys),
        admin: tri(|a| a.admin),
        mfa: agree(|a| a.mfa),
        mfa_keys: agree(|a| a.mfa_keys),
        open,
        evidence: proof.evidence(),
        unknown: reasons(model, worlds, answers),
        instances: if principal.uncertain.is_some() || !principal.whens.iter().any(When::is_always) {
            Instances::Unknown
        } else {
            Instances::One
        },
    };
    Judged { principal: id, span: principal.span, verdict, proof }
}

/// What could change an answer: the choices on which the worlds differ, and what is unknown inside a world.
fn reasons(model: &IamModel, worlds: &[When], answers: &[Answers]) -> Vec<Unknown> {
    let mut out = Distinct::default();
    for choice in deciding(worlds, answers) {
        if let Some(c) = model.choices.get(choice) {
            out.push(&explain(c, choice, worlds, answers));
        }
    }
    answers.iter().filter(|a| !a.is_settled()).flat_map(|a| &a.unknown).for_each(|u| out.push(u));
    listed(out.into_vec())
}

/// As many of the reasons as are listed, and the number of the others.
pub(super) fn listed(mut reasons: Vec<Unknown>) -> Vec<Unknown> {
    let rest = reasons.len().saturating_sub(limits::LISTED);
    if rest > 0 {
        reasons.truncate(limits::LISTED);
        reasons.push(Unknown::new(format!("{rest} more are not listed"), None));
    }
    reasons
}

/// The choices of which some answer, all others being equal, changes the verdict.
fn deciding(worlds: &[When], answers: &[Answers]) -> Vec<ChoiceId> {
    let choices: Vec<ChoiceId> =
        worlds.first().map(|w| w.answers().iter().map(|&(c, _)| c).collect()).unwrap_or_default();
    let rest = |w: &When, without: ChoiceId| -> Vec<(ChoiceId, usize)> {
        w.answers().iter().copied().filter(|&(c, _)| c != without).collect()
    };
    let pairs = || worlds.iter().zip(answers);
    let mut out = Vec::new();
    for choice in choices {
        let mut seen = std::collections::BTreeMap::new();
        let decides =
            pairs().any(|(w, a)| *seen.entry(rest(w, choice)).or_insert_with(|| a.key()) != a.key());
        if decides {
            out.push(choice);
        }
    }
    out
}

/// Names the answer of a choice that is bad in every world, when there is one.
fn explain(choice: &crate::value::Choice, id: ChoiceId, worlds: &[When], answers: &[Answers]) -> Unknown {
    let weak = |a: &Answers| {
        [a.mfa, a.mfa_keys].iter().any(|m| matches!(m, Enforcement::NotEnforced | Enforcement::Partial))
    };
    let all_weak = |answer: usize| {
        let mut of = worlds.iter().zip(answers).filter(|(w, _)| w.answer(id) == Some(answer)).peekable();
        of.peek().is_some() && of.all(|(_, a)| weak(a))
    };
    let bad: Vec<&str> =
        choice.labels.iter().enumerate().filter(|&(i, _)| all_weak(i)).map(|(_, l)| l.as_str()).collect();
    let reason = choice.unknown.reason();
    if bad.is_empty() || bad.len() == choice.labels.len() {
        return choice.unknown.clone();
    }
    let bad = bad.iter().map(|b| format!("`{b}`")).collect::<Vec<_>>().join(" or ");
    Unknown::new(format!("{reason}; with {bad} MFA is not enforced"), choice.unknown.span())
}
