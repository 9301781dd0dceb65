//! The judgement of a principal by its policies: whether MFA is enforced, what is open, and why.

use super::bits::BitSet;
use super::classes::{Classes, Whose};
use super::condition::{self, World};
use super::document::{Document, Effect, Elements, Statement};
use super::eval::{Compiled, Engine, Grants, StatementRef};
use super::mfa_use::{self, MfaUse};
use super::slices::{self, Subject};
use super::universe::ActionTable;
use super::verdict::{OpenActions, Ruling, Sets};
use crate::distinct::Distinct;
use crate::limits;
use crate::source::Span;
use crate::tri::Tri;
use crate::value::Unknown;

/// What the policies of a principal amount to.
#[derive(Debug, Clone, PartialEq)]
pub struct Judgement {
    /// Whether console sessions need MFA.
    pub mfa: Ruling,
    /// Whether long-term access keys need MFA.
    pub mfa_keys: Ruling,
    /// What is open without MFA, by what is certain.
    pub open: OpenActions,
    /// Whether action `*` on resource `*` is allowed with MFA.
    pub admin: Tri,
    /// Whether a user may create access keys for itself, with MFA or without, by what is certain.
    pub creates_own_keys: bool,
    /// Those of [`Subject::roles`] that it may assume without MFA, by what is certain.
    pub roles: Vec<String>,
    /// Whether anything that counts is allowed at all, by what is certain.
    pub grants_anything: bool,
    /// Statements that keep sessions without MFA out, as far as they go.
    pub gates: Vec<StatementRef>,
    /// Statements that allow what is open without MFA.
    pub opened_by: Vec<StatementRef>,
    /// What leaves the gates open.
    pub holes: Vec<Hole>,
    /// What the code leaves open; set when an answer depends on it.
    pub unknowns: Vec<Unknown>,
}

/// How a gate is left open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum HoleKind {
    /// An item of `NotAction` exempts actions.
    NotAction,
    /// The list of actions is short.
    Action,
    /// Resources are left out.
    Resource,
    /// The operator lets sessions pass that have no such key: `Bool` where `BoolIfExists` is meant.
    Operator,
    /// A further test, which the caller can choose not to meet.
    Condition,
}

/// An element that leaves a gate open.
#[derive(Debug, Clone, PartialEq)]
pub struct Hole {
    /// The gate.
    pub statement: StatementRef,
    /// How.
    pub kind: HoleKind,
    /// What stands there: the item, the operator, the key.
    pub text: String,
    /// The place.
    pub span: Option<Span>,
    /// How many actions are open through it.
    pub count: usize,
    /// Some of them, takeovers first.
    pub actions: Vec<String>,
}

/// How many actions a hole names.
const NAMED: usize = 10;

/// Judges a principal by its policies.
pub fn judge(grants: &Grants<'_>, subject: &Subject) -> Judgement {
    with_engine(grants, subject, |engine, table, classes, complete| {
        let sets = engine.sets(&engine.certain());
        let [mfa, mfa_keys] = engine.settled_rulings(&sets).map(|r| r.of(complete));
        let admin = engine.admin();
        let unsettled = mfa == Ruling::Unsettled || mfa_keys == Ruling::Unsettled || admin == Tri::Maybe;
        let why = Why::new(engine, table, &sets);
        Judgement {
            mfa,
            mfa_keys,
            open: engine.open(table, classes, &sets),
            admin,
            creates_own_keys: creates_own_keys(engine, table, &sets),
            roles: why.roles(subject),
            grants_anything: why.grants_anything(),
            gates: why.gates().map(|(_, c)| c.at).collect(),
            opened_by: why.opened_by(),
            holes: why.holes(),
            unknowns: if unsettled { unknowns(grants, subject, complete) } else { Vec::new() },
        }
    })
}

/// Whether action `*` on resource `*` is allowed, and what the code leaves open when it depends on that: the part of
/// [`judge`] that says something about a role.
pub fn judge_admin(grants: &Grants<'_>, subject: &Subject) -> (Tri, Vec<Unknown>) {
    with_engine(grants, subject, |engine, _, _, complete| match engine.admin() {
        Tri::Maybe => (Tri::Maybe, unknowns(grants, subject, complete)),
        answer @ (Tri::Yes | Tri::No) => (answer, Vec::new()),
    })
}

/// Makes the engine for a principal; the last argument is whether all resources are looked at.
fn with_engine<T>(
    grants: &Grants<'_>,
    subject: &Subject,
    ask: impl FnOnce(&Engine<'_, '_>, &ActionTable, &Classes, bool) -> T,
) -> T {
    let documents = grants.documents().flat_map(|(_, d)| &d.statements);
    let table = ActionTable::with_elements(documents.map(|s| &s.action));
    let program = grants.compile(&table);
    let classes = Classes::of(&table);
    let (slices, complete) = slices::slices(subject, &program, &table, &classes);
    ask(&Engine::new(&program, &slices, &subject.contexts()), &table, &classes, complete)
}

fn creates_own_keys(engine: &Engine<'_, '_>, table: &ActionTable, sets: &Sets) -> bool {
    let Some(create) = table.find("iam:CreateAccessKey") else { return false };
    let allowed = |world| engine.slices.iter().zip(sets.may(world));
    World::ALL.iter().any(|&w| allowed(w).any(|(s, set)| s.whose == Whose::Own && set.contains(create)))
}

/// What is open, and what the statements have to do with it.
struct Why<'e, 'p, 'a> {
    engine: &'e Engine<'p, 'a>,
    table: &'e ActionTable,
    /// What is open, by slice, in the worlds `console` and `keys`.
    open: [&'e [BitSet]; 2],
    takeover: BitSet,
    granted: bool,
}

const WITHOUT_MFA: [World; 2] = [World::Console, World::Keys];

impl<'e, 'p, 'a> Why<'e, 'p, 'a> {
    fn new(engine: &'e Engine<'p, 'a>, table: &'e ActionTable, sets: &'e Sets) -> Self {
        let open = WITHOUT_MFA.map(|w| sets.may(w));
        let mut takeover = table.empty();
        engine.slices.iter().for_each(|s| takeover.add(&s.takeover));
        let granted = World::ALL.iter().any(|&w| sets.may(w).iter().any(|s| !s.is_empty()));
        Self { engine, table, open, takeover, granted }
    }

    fn grants_anything(&self) -> bool {
        self.granted
    }

    /// Statements with a condition on MFA that keeps some sessions without MFA out.
    fn gates(&self) -> impl Iterator<Item = (usize, &'p Compiled<'a>)> {
        self.engine.program.statements.iter().enumerate().filter(|(_, c)| {
            match mfa_use::mfa_use(c.statement, c.version) {
                Some(MfaUse::Enforces | MfaUse::KeysEscape | MfaUse::ConsoleEscapes) => true,
                Some(
                    MfaUse::Inverted | MfaUse::Dead | MfaUse::Stale | MfaUse::Always | MfaUse::Unsettled,
                )
                | None => false,
            }
        })
    }

    /// The open actions of each slice in one world of [`WITHOUT_MFA`].
    fn open_in(&self, world: usize) -> impl Iterator<Item = (usize, &BitSet)> {
        self.open
            .get(world)
            .copied()
            .unwrap_or_default()
            .iter()
            .enumerate()
            .filter(|(_, set)| !set.is_empty())
    }

    /// The administrator roles that are open.
    fn roles(&self, subject: &Subject) -> Vec<String> {
        let open = |arn: String| {
            let is_open = |(slice, _): (usize, &BitSet)| {
                self.engine.slices.get(slice).is_some_and(|s| !s.takeover.is_empty() && s.resource == arn)
            };
            (0..WITHOUT_MFA.len()).any(|w| self.open_in(w).any(is_open))
        };
        subject.roles.iter().filter(|r| open(subject.role_arn(r))).cloned().collect()
    }

    /// Allow statements that cover something open.
    fn opened_by(&self) -> Vec<StatementRef> {
        let statements = self.engine.program.statements.iter().enumerate();
        let opens = |(i, c): &(usize, &Compiled<'_>)| {
            c.statement.effect == Ok(Effect::Allow)
                && c.at.document.part == super::eval::Part::Identity
                && WITHOUT_MFA.iter().enumerate().any(|(w, &world)| {
                    self.open_in(w).any(|(slice, set)| {
                        self.engine.truth(*i, slice, world).at(true, false) && set.meets(c.mask.at(false))
                    })
                })
        };
        statements.filter(opens).map(|(_, c)| c.at).collect()
    }

    fn holes(&self) -> Vec<Hole> {
        let mut out = Vec::new();
        for (i, compiled) in self.gates() {
            if compiled.statement.effect == Ok(Effect::Deny) {
                self.holes_of(i, compiled, &mut out);
            } else {
                self.operator_holes(i, compiled, &mut out);
            }
        }
        out
    }

    fn holes_of(&self, index: usize, gate: &Compiled<'_>, out: &mut Vec<Hole>) {
        let (mut by_action, mut by_resource) = (self.table.empty(), self.table.empty());
        for (w, &world) in WITHOUT_MFA.iter().enumerate() {
            let Some(scope) = self.engine.scopes.get(index) else { return };
            // What is exempt is open also where the gate applies at the caller's choice.
            if !scope.condition.get(world as usize).is_some_and(|h| h.truth.at(true, false)) {
                continue;
            }
            for (slice, set) in self.open_in(w) {
                if scope.resource.get(slice).is_some_and(|t| t.at(false, false)) {
                    by_action.add(set);
                } else {
                    by_resource.add(set);
                }
            }
        }
        by_action.remove(gate.mask.at(false));
        let action = &gate.statement.action;
        if action.negated {
            for item in &action.items {
                let mut exempt = self.table.matching(&item.text);
                exempt.keep(&by_action);
                self.hole(gate, HoleKind::NotAction, item.text.visible(), item.span, &exempt, out);
            }
        } else {
            self.hole(gate, HoleKind::Action, "Action", action.span, &by_action, out);
        }
        if let Some(resource) = &gate.statement.resource {
            let text = if resource.negated { "NotResource" } else { "Resource" };
            self.hole(gate, HoleKind::Resource, text, resource.span, &by_resource, out);
        }
        self.operator_holes(index, gate, out);
    }

    /// Tests of a gate that let sessions without MFA pass.
    fn operator_holes(&self, index: usize, gate: &Compiled<'_>, out: &mut Vec<Hole>) {
        let Some(scope) = self.engine.scopes.get(index) else { return };
        let Some(mfa) = mfa_use::mfa_truth(gate.statement, gate.version) else { return };
        let deny = gate.statement.effect == Ok(Effect::Deny);
        let (mut by_operator, mut by_condition) = (self.table.empty(), self.table.empty());
        for (w, &world) in WITHOUT_MFA.iter().enumerate() {
            let Some(holds) = scope.condition.get(world as usize) else { continue };
            // A Deny gates where it holds for certain, an Allow where it cannot hold.
            let (kept_out, by_mfa) = match mfa.get(world as usize) {
                Some(t) if deny => (holds.truth.at(false, false), t.is_yes()),
                Some(t) => (!holds.truth.at(true, true), t.is_no()),
                None => continue,
            };
            if kept_out {
                continue;
            }
            let blame = if by_mfa { &mut by_condition } else { &mut by_operator };
            for (slice, set) in self.open_in(w) {
                if scope.resource.get(slice).is_some_and(|t| t.at(true, true)) {
                    blame.add(set);
                }
            }
        }
        by_operator.keep(gate.mask.at(true));
        by_condition.keep(gate.mask.at(true));
        for test in &gate.statement.condition {
            if mfa_use::names_mfa(test) {
                self.hole(
                    gate,
                    HoleKind::Operator,
                    test.operator.visible(),
                    test.operator_span,
                    &by_operator,
                    out,
                );
            } else {
                self.hole(gate, HoleKind::Condition, test.key.visible(), test.key_span, &by_condition, out);
            }
        }
    }

    fn hole(
        &self,
        gate: &Compiled<'_>,
        kind: HoleKind,
        text: &str,
        span: Option<Span>,
        open: &BitSet,
        out: &mut Vec<Hole>,
    ) {
        if open.is_empty() {
            return;
        }
        let (mut first, mut rest) = (open.clone(), open.clone());
        first.keep(&self.takeover);
        rest.remove(&self.takeover);
        let actions = first.iter().chain(rest.iter()).take(NAMED).map(|b| self.table.name(b)).collect();
        out.push(Hole {
            statement: gate.at,
            kind,
            text: text.to_owned(),
            span,
            count: open.count(),
            actions,
        });
    }
}

/// Everything that is not known in the documents, each cause once.
fn unknowns(grants: &Grants<'_>, subject: &Subject, complete: bool) -> Vec<Unknown> {
    let mut out = Distinct::default();
    if !complete {
        let place = grants.identity.iter().find_map(|d| d.span);
        let reason = format!("the policies name more than {} resources", limits::WITNESSES);
        out.push(&Unknown::new(reason, place));
    }
    let mut tests = grants.documents().flat_map(|(_, d)| &d.statements).flat_map(|s| &s.condition);
    if tests.any(condition::concerns_name) {
        subject.nameless.iter().chain(&subject.pathless).for_each(|u| out.push(u));
    }
    for (_, document) in grants.documents() {
        of_document(document, &mut |u| out.push(u));
    }
    out.into_vec()
}

/// Calls `found` with everything that is not known in a document.
pub fn of_document(document: &Document, found: &mut impl FnMut(&Unknown)) {
    document.more.iter().for_each(&mut *found);
    document.statements.iter().for_each(|s| of_statement(s, found));
}

/// Calls `found` with everything that is not known in a statement.
pub fn of_statement(statement: &Statement, found: &mut impl FnMut(&Unknown)) {
    let of_elements = |e: &Elements, found: &mut dyn FnMut(&Unknown)| {
        e.more.iter().for_each(&mut *found);
        e.items.iter().flat_map(|i| i.text.holes()).for_each(|h| found(&h.unknown));
    };
    if let Err(unknown) = &statement.effect {
        found(unknown);
    }
    of_elements(&statement.action, found);
    statement.resource.iter().for_each(|r| of_elements(r, found));
    if let Some(principals) = &statement.principal {
        principals.more.iter().for_each(&mut *found);
        principals.items.iter().flat_map(|i| i.item.text.holes()).for_each(|h| found(&h.unknown));
    }
    statement.more_conditions.iter().for_each(&mut *found);
    for test in &statement.condition {
        test.more.iter().for_each(&mut *found);
        let texts = [&test.operator, &test.key].into_iter().chain(test.values.iter().map(|v| &v.text));
        texts.flat_map(|t| t.holes()).for_each(|h| found(&h.unknown));
    }
}
