//! What the policies of a unit say about MFA, whoever has them. AWS's own policies say nothing about it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rayon::prelude::*;

use super::combine::listed;
use super::verdict::Evidence;
use super::world::{holds, worlds_of};
use crate::distinct::Distinct;
use crate::iam::facts::PrincipalKind;
use crate::iam::model::{IamModel, Policy, PolicyId, PolicyOrigin, Principal, PrincipalId};
use crate::policy::classes::Classes;
use crate::policy::document::{Effect, Parsed, Problem, Statement, Test, Version};
use crate::policy::judge::of_statement;
use crate::policy::lockout::{self, Lockout};
use crate::policy::mfa_use::{self, MfaUse};
use crate::policy::universe::ActionTable;
use crate::source::Span;
use crate::tri::Tri;
use crate::value::{Unknown, When};

/// A policy with what it says about MFA. Each part says whether it holds in every possible world.
#[derive(Debug, Clone)]
pub struct JudgedPolicy {
    /// Address of the declaration; of a trust policy that of the role.
    pub address: String,
    /// Where it is declared.
    pub span: Span,
    /// Number of the unit that declares it.
    pub unit: usize,
    /// Who has it: users, groups without members here, roles.
    pub holders: Vec<PrincipalId>,
    /// Whether it is a customer managed policy with a gate, attached to nobody.
    pub unattached: Tri,
    /// Why it may be attached although that cannot be seen.
    pub perhaps: Vec<Unknown>,
    /// Statements with a condition on MFA.
    pub statements: Vec<(MfaStatement, Tri)>,
    /// How it locks its holders out.
    pub lockout: Option<(Lockout, Tri)>,
    /// What is wrong with its text.
    pub problems: Vec<(Problem, Tri)>,
}

/// A statement with a condition on MFA.
#[derive(Debug, Clone, PartialEq)]
pub struct MfaStatement {
    /// Its `Sid`.
    pub sid: Option<String>,
    /// Its effect, when it is known.
    pub effect: Option<Effect>,
    /// What the condition achieves.
    pub usage: MfaUse,
    /// Whether it rewards the absence of MFA with something that counts.
    pub inverted: Tri,
    /// The place of the statement.
    pub span: Span,
    /// The tests on MFA.
    pub tests: Vec<Evidence>,
    /// What of it is not known.
    pub unknown: Vec<Unknown>,
}

impl MfaStatement {
    /// True for a Deny that keeps sessions without MFA out, at least of one kind.
    pub fn is_gate(&self) -> bool {
        let closes = match self.usage {
            MfaUse::Enforces | MfaUse::KeysEscape | MfaUse::ConsoleEscapes => true,
            MfaUse::Inverted | MfaUse::Dead | MfaUse::Stale | MfaUse::Always | MfaUse::Unsettled => false,
        };
        closes && self.effect == Some(Effect::Deny)
    }
}

/// Judges every policy that the unit declares, trust policies last.
pub fn judge(model: &IamModel) -> Vec<JudgedPolicy> {
    let attachments = Attachments::new(model);
    let policies = model.policies.par_iter().enumerate();
    let declared = policies.filter_map(|(i, p)| of_policy(model, &attachments, PolicyId(i), p));
    let roles = model.principals.par_iter().enumerate();
    declared.chain(roles.filter_map(|(i, p)| of_trust(PrincipalId(i), p))).collect()
}

fn of_policy(
    model: &IamModel,
    attachments: &Attachments<'_>,
    id: PolicyId,
    policy: &Policy,
) -> Option<JudgedPolicy> {
    let mut out = match policy.origin {
        PolicyOrigin::Customer | PolicyOrigin::Inline => {
            of_documents(policy.address.clone()?, policy.span?, policy.unit, &policy.documents)
        }
        PolicyOrigin::Aws => return None,
    };
    out.holders = attachments.holders(id);
    if policy.origin == PolicyOrigin::Customer && out.statements.iter().any(|(s, _)| s.is_gate()) {
        (out.unattached, out.perhaps) = attachments.lacking(model, id, policy);
    }
    let is_role = |&h: &PrincipalId| model.principal(h).is_some_and(|p| p.kind == PrincipalKind::Role);
    // A role enrols no devices.
    let of_people = out.holders.is_empty() || !out.holders.iter().all(is_role);
    if of_people && out.statements.iter().any(|(s, _)| s.effect == Some(Effect::Deny)) {
        out.lockout = agreed(&policy.documents);
    }
    Some(out)
}

fn of_trust(id: PrincipalId, role: &Principal) -> Option<JudgedPolicy> {
    let address = role.address.clone().filter(|_| !role.trust.is_empty())?;
    Some(JudgedPolicy { holders: vec![id], ..of_documents(address, role.span, role.unit, &role.trust) })
}

fn of_documents(address: String, span: Span, unit: usize, documents: &[(When, Arc<Parsed>)]) -> JudgedPolicy {
    JudgedPolicy {
        address,
        span,
        unit,
        holders: Vec::new(),
        unattached: Tri::No,
        perhaps: Vec::new(),
        statements: over_worlds(documents, |p| statements(p, span)),
        lockout: None,
        problems: over_worlds(documents, |p| p.problems.clone()),
    }
}

/// What is found in the documents of all worlds, in order; certain is what is found in each of them.
fn over_worlds<T: PartialEq>(
    documents: &[(When, Arc<Parsed>)],
    find: impl Fn(&Parsed) -> Vec<T>,
) -> Vec<(T, Tri)> {
    let mut out: Vec<(T, usize)> = Vec::new();
    for (_, parsed) in documents {
        for item in find(parsed) {
            match out.iter_mut().find(|(known, _)| *known == item) {
                Some((_, times)) => *times += 1,
                None => out.push((item, 1)),
            }
        }
    }
    let certain = |times| if times >= documents.len() { Tri::Yes } else { Tri::Maybe };
    out.into_iter().map(|(item, times)| (item, certain(times))).collect()
}

fn statements(parsed: &Parsed, place: Span) -> Vec<MfaStatement> {
    let document = &parsed.document;
    let of = |s: &Statement| mfa_statement(s, document.version, s.span.or(document.span).unwrap_or(place));
    document.statements.iter().filter_map(of).collect()
}

fn mfa_statement(statement: &Statement, version: Version, span: Span) -> Option<MfaStatement> {
    let usage = match &statement.effect {
        Ok(_) => mfa_use::mfa_use(statement, version)?,
        Err(_) => mfa_use::mfa_truth(statement, version).map(|_| MfaUse::Unsettled)?,
    };
    let inverted = match usage {
        MfaUse::Inverted => Tri::Yes,
        MfaUse::Unsettled => {
            if mfa_use::may_be_inverted(statement, version) {
                Tri::Maybe
            } else {
                Tri::No
            }
        }
        MfaUse::Enforces
        | MfaUse::KeysEscape
        | MfaUse::ConsoleEscapes
        | MfaUse::Dead
        | MfaUse::Stale
        | MfaUse::Always => Tri::No,
    };
    let mut unknown = Vec::new();
    of_statement(statement, &mut |u| unknown.push(u.clone()));
    Some(MfaStatement {
        sid: statement.sid.clone(),
        effect: statement.effect.as_ref().ok().copied(),
        usage,
        inverted: if inverted.is_no() || grants_only_harmless(statement) { Tri::No } else { inverted },
        span,
        tests: statement.condition.iter().filter(|t| mfa_use::names_mfa(t)).map(test).collect(),
        unknown,
    })
}

/// True for an Allow of nothing but what enrolling a device takes: that may well be for sessions without MFA only.
fn grants_only_harmless(statement: &Statement) -> bool {
    if statement.effect != Ok(Effect::Allow) {
        return false;
    }
    let table = ActionTable::with_elements([&statement.action]);
    table.mask(&statement.action).at(true).is_subset(Classes::of(&table).out())
}

fn test(test: &Test) -> Evidence {
    let values = test.values.iter().map(|v| format!("`{}`", v.text.visible())).collect::<Vec<_>>().join(", ");
    let (operator, key) = (test.operator.visible(), test.key.visible());
    Evidence {
        text: format!("`{operator}` of `{key}` with {values}"),
        span: test.operator_span.or(test.key_span),
    }
}

/// The lockout of the documents, certain when it is so in every world.
fn agreed(documents: &[(When, Arc<Parsed>)]) -> Option<(Lockout, Tri)> {
    let found: Vec<_> = documents.iter().map(|(_, parsed)| lockout::lockout(&parsed.document)).collect();
    let (kind, first) = found.iter().flatten().next().copied()?;
    let same =
        |f: &Option<(Lockout, Tri)>| f.map_or(Tri::Maybe, |(k, t)| if k == kind { t } else { Tri::Maybe });
    Some((kind, found.iter().map(same).fold(first, |a, b| a & b)))
}

/// Who has which policy.
#[derive(Default)]
struct Attachments<'m> {
    /// The grants of each policy, boundaries too.
    of: BTreeMap<PolicyId, Vec<(PrincipalId, &'m When)>>,
    /// The members of each group.
    members: BTreeMap<PrincipalId, Vec<PrincipalId>>,
    /// Why it is not known which policies are attached.
    unknown: Vec<Unknown>,
}

impl<'m> Attachments<'m> {
    fn new(model: &'m IamModel) -> Self {
        let (mut out, mut unknown) = (Self::default(), Distinct::default());
        for (i, principal) in model.principals.iter().enumerate() {
            let id = PrincipalId(i);
            for grant in principal.grants.iter().chain(&principal.boundaries) {
                match &grant.policy {
                    Ok(policy) => out.of.entry(*policy).or_default().push((id, &grant.when)),
                    Err(_) if grant.elsewhere => {}
                    Err(u) => unknown.push(u),
                }
            }
            for group in principal.memberships.iter().filter_map(|m| m.group.as_ref().ok()) {
                out.members.entry(*group).or_default().push(id);
            }
        }
        out.unknown = unknown.into_vec();
        out
    }

    fn of(&self, id: PolicyId) -> &[(PrincipalId, &'m When)] {
        self.of.get(&id).map_or(&[], Vec::as_slice)
    }

    /// Who has a policy, groups replaced by their members.
    fn holders(&self, id: PolicyId) -> Vec<PrincipalId> {
        let mut out = BTreeSet::new();
        for (holder, _) in self.of(id) {
            match self.members.get(holder) {
                Some(members) => out.extend(members),
                None => out.extend([holder]),
            }
        }
        out.into_iter().copied().collect()
    }

    /// Whether a managed policy is attached to nobody, and why that cannot be told.
    fn lacking(&self, model: &IamModel, id: PolicyId, policy: &Policy) -> (Tri, Vec<Unknown>) {
        let whens: Vec<&When> = self.of(id).iter().map(|&(_, when)| when).collect();
        let answers = whens.iter().copied().chain(&policy.whens).flat_map(|w| w.answers());
        let worlds = worlds_of(model, answers.map(|&(c, _)| c).collect(), &policy.whens);
        let in_world = |world| whens.iter().map(|w| holds(w, world)).fold(Tri::No, |a, b| a | b);
        let attached = Tri::agree(worlds.iter().map(in_world)).unwrap_or(Tri::Maybe);
        if attached.is_yes() {
            return (Tri::No, Vec::new());
        }
        let mut unknown = Distinct::default();
        let choices = whens.iter().flat_map(|w| w.answers()).filter_map(|&(c, _)| model.choices.get(c));
        let why = choices.map(|c| &c.unknown).chain(&policy.perhaps).chain(&self.unknown);
        why.for_each(|u| unknown.push(u));
        let unknown = listed(unknown.into_vec());
        (if unknown.is_empty() { !attached } else { Tri::Maybe }, unknown)
    }
}
