//! What changes when one policy document takes the place of another: by meaning, not by text.
//!
//! A document is taken apart into what it allows and denies: on each kind of resource that either document tells
//! apart, in each world, under the conditions that the world does not settle. Documents that come to the same there
//! mean the same, however they are written.

use std::collections::{BTreeMap, BTreeSet};

use super::arn::{self, Arn};
use super::bits::BitSet;
use super::classes::Classes;
use super::condition::{self, Context, World};
use super::document::{Document, Effect, PrincipalItem, PrincipalType, Statement};
use super::eval::{Compiled, Engine, Grants, Slice};
use super::judge;
use super::likeness;
use super::slices::{self, Subject};
use super::trust;
use super::truth::Truth;
use super::universe::ActionTable;
use crate::limits;
use crate::value::Unknown;

/// What came of comparing two documents.
#[derive(Debug, Clone, PartialEq)]
pub enum Compared {
    /// They mean the same, or may: what the first does not settle fits the second.
    Same,
    /// They do not.
    Changed(Change),
    /// It depends on this.
    Unsettled(Vec<Unknown>),
}

/// What the second document does that the first does not.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Change {
    /// What is allowed now. Of a trust policy: who gets in.
    pub opened: Part,
    /// What is not allowed any more.
    pub closed: Part,
    /// What is allowed as before, but on other resources or under other conditions.
    pub moved: Part,
}

/// Some actions, or those whom a trust policy names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Part {
    /// How many.
    pub count: usize,
    /// How many of them without MFA.
    pub without_mfa: usize,
    /// The first few, the worst first.
    pub names: Vec<String>,
}

/// How many actions a part names.
const NAMED: usize = 3;

/// The account that both documents are of.
#[derive(Debug, Clone, Copy)]
pub struct Home<'a> {
    /// Its number.
    pub account: &'a str,
    /// Its partition.
    pub partition: &'a str,
}

/// Where a statement applies.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Cell {
    /// Under which conditions that the world does not settle; nothing: always.
    rest: String,
    deny: bool,
    /// Number of the slice of resources, or of the principal.
    place: usize,
    world: World,
}

/// What a document says.
#[derive(Default)]
struct Meaning(BTreeMap<Cell, BitSet>);

impl Meaning {
    fn add(&mut self, cell: Cell, set: BitSet) {
        if !set.is_empty() {
            self.0.entry(cell).and_modify(|known| known.add(&set)).or_insert(set);
        }
    }

    /// The same without what makes no difference: what is denied always is not allowed or denied under a condition
    /// as well, what is allowed always is not allowed under a condition as well.
    fn plain(mut self) -> Self {
        let always = |deny: bool| -> BTreeMap<(usize, World), BitSet> {
            let cells = self.0.iter().filter(|(c, _)| c.rest.is_empty() && c.deny == deny);
            cells.map(|(c, set)| ((c.place, c.world), set.clone())).collect()
        };
        let (denied, allowed) = (always(true), always(false));
        for (cell, set) in &mut self.0 {
            let at = (cell.place, cell.world);
            if !cell.deny || !cell.rest.is_empty() {
                denied.get(&at).into_iter().for_each(|d| set.remove(d));
            }
            if !cell.deny && !cell.rest.is_empty() {
                allowed.get(&at).into_iter().for_each(|a| set.remove(a));
            }
        }
        self.0.retain(|_, s| !s.is_empty());
        self
    }

    /// What is in one and not in the other, by cell.
    fn gained<'m>(&'m self, over: &'m Self) -> impl Iterator<Item = (&'m Cell, BitSet)> {
        self.0.iter().filter_map(|(cell, set)| {
            let mut set = set.clone();
            over.0.get(cell).into_iter().for_each(|known| set.remove(known));
            (!set.is_empty()).then_some((cell, set))
        })
    }
}

/// Compares what two identity policies, or two boundaries, allow.
pub fn identity(before: &Document, after: &Document, home: Home<'_>) -> Compared {
    let settled = match likeness::settle(before, after) {
        Ok(None) => return Compared::Same,
        Ok(Some(settled)) => settled,
        Err(unknown) => return Compared::Unsettled(unknown),
    };
    let elements = settled.statements.iter().chain(&after.statements).map(|s| &s.action);
    let table = ActionTable::with_elements(elements);
    let classes = Classes::of(&table);
    let arn = format!("arn:{}:iam::{}:user/{}", home.partition, home.account, slices::UNNAMED);
    let subject = Subject { arn: Some(arn), ..Subject::default() };
    let both = Grants { identity: vec![&settled, after], ..Grants::default() };
    let (witnesses, complete) = slices::witnesses(&subject, &both.compile(&table), &table, &classes);
    let statements = settled.statements.len() + after.statements.len();
    if statements.saturating_mul(witnesses.len()) > limits::COMPARED {
        let reason = "the policies are too large to be compared";
        return Compared::Unsettled(vec![Unknown::new(reason, before.span)]);
    }
    let contexts = subject.contexts();
    let [old, new] = [&settled, after].map(|document| {
        let grants = Grants { identity: vec![document], ..Grants::default() };
        let program = grants.compile(&table);
        of_identity(&Engine::new(&program, &witnesses, &contexts), &contexts).plain()
    });
    let mut takeover = table.empty();
    witnesses.iter().for_each(|s| takeover.add(&s.takeover));
    let change = change(&old, &new, &table, &takeover);
    match (change == Change::default(), complete) {
        (false, _) => Compared::Changed(change),
        (true, true) => Compared::Same,
        (true, false) => {
            let reason = format!("the policies name more than {} resources", limits::WITNESSES);
            Compared::Unsettled(vec![Unknown::new(reason, before.span)])
        }
    }
}

fn of_identity(engine: &Engine<'_, '_>, contexts: &[Context; 3]) -> Meaning {
    let mut out = Meaning::default();
    for (compiled, scope) in engine.program.statements.iter().zip(&engine.scopes) {
        for (world, context) in World::ALL.into_iter().zip(contexts) {
            let Some(rest) = rest(compiled.statement, compiled.version, context) else { continue };
            for (place, (slice, resource)) in engine.slices.iter().zip(&scope.resource).enumerate() {
                if resource.is_no() {
                    continue;
                }
                let mut rest = rest.clone();
                if !resource.is_yes() {
                    rest.push_str(&resources(compiled));
                }
                let deny = compiled.statement.effect == Ok(Effect::Deny);
                out.add(Cell { rest, deny, place, world }, covered(slice, compiled));
            }
        }
    }
    out
}

fn covered(slice: &Slice, compiled: &Compiled<'_>) -> BitSet {
    let mut set = slice.members.clone();
    set.keep(compiled.mask.at(false));
    set
}

/// The resources of a statement that depend on the caller.
fn resources(compiled: &Compiled<'_>) -> String {
    let mut texts: Vec<&str> =
        compiled.statement.resource.iter().flat_map(|r| &r.items).map(|i| i.text.visible()).collect();
    texts.sort_unstable();
    format!("on {} ", texts.join(" "))
}

/// The tests of a statement that a world does not settle, in a form that does not depend on how they are written;
/// `None` when the statement does not apply in that world.
fn rest(statement: &Statement, version: super::document::Version, context: &Context) -> Option<String> {
    let mut open = BTreeSet::new();
    for test in &statement.condition {
        let truth = condition::test_holds(test, version, context);
        if truth == Truth::NO {
            return None;
        }
        if truth != Truth::YES {
            let mut values: Vec<&str> = test.values.iter().map(|v| v.text.visible()).collect();
            values.sort_unstable();
            values.dedup();
            let (operator, key) = (test.operator.visible(), test.key.visible());
            open.insert(format!("{operator} {key} ").to_ascii_lowercase() + &values.join(" "));
        }
    }
    Some(open.into_iter().map(|test| test + "; ").collect())
}

/// What the cells of two meanings come to.
fn change(old: &Meaning, new: &Meaning, table: &ActionTable, takeover: &BitSet) -> Change {
    let none = || [table.empty(), table.empty()];
    let (mut opened, mut closed) = (none(), none());
    let mut note = |cell: &Cell, set: &BitSet, opens: bool| {
        let [all, without] = if opens { &mut opened } else { &mut closed };
        all.add(set);
        match cell.world {
            World::Mfa => {}
            World::Console | World::Keys => without.add(set),
        }
    };
    new.gained(old).for_each(|(cell, set)| note(cell, &set, !cell.deny));
    old.gained(new).for_each(|(cell, set)| note(cell, &set, cell.deny));
    let [mut opened, mut closed] = [opened, closed];
    let mut moved = opened.clone();
    moved.iter_mut().zip(&closed).for_each(|(m, c)| m.keep(c));
    let [all_moved, _] = &moved;
    let (all_moved, part) = (all_moved.clone(), |sets: &[BitSet; 2]| part(sets, table, takeover));
    opened.iter_mut().chain(&mut closed).for_each(|set| set.remove(&all_moved));
    Change { opened: part(&opened), closed: part(&closed), moved: part(&moved) }
}

fn part([all, without]: &[BitSet; 2], table: &ActionTable, takeover: &BitSet) -> Part {
    let (mut first, mut rest) = (all.clone(), all.clone());
    first.keep(takeover);
    rest.remove(takeover);
    let names = first.iter().chain(rest.iter()).take(NAMED).map(|bit| table.name(bit)).collect();
    Part { count: all.count(), without_mfa: without.count(), names }
}

/// What lets somebody into a role.
const ENTRIES: [&str; 5] = [
    "sts:AssumeRole",
    "sts:AssumeRoleWithSAML",
    "sts:AssumeRoleWithWebIdentity",
    "sts:SetSourceIdentity",
    "sts:TagSession",
];

/// Compares whom two trust policies let in. The parts of the change name principals.
pub fn entrants(before: &Document, after: &Document, home: Home<'_>) -> Compared {
    let settled = match likeness::settle(before, after) {
        Ok(None) => return Compared::Same,
        Ok(Some(settled)) => settled,
        Err(unknown) => return Compared::Unsettled(unknown),
    };
    let table = ActionTable::of(ENTRIES);
    let mut places: Vec<String> = Vec::new();
    let [old, new] = [&settled, after].map(|d| of_trust(d, home, &table, &mut places).plain());
    let (mut opened, mut closed) = (BTreeMap::new(), BTreeMap::new());
    let mut note = |cell: &Cell, opens: bool| {
        let part: &mut BTreeMap<usize, bool> = if opens { &mut opened } else { &mut closed };
        *part.entry(cell.place).or_default() |= cell.world != World::Mfa;
    };
    new.gained(&old).for_each(|(cell, _)| note(cell, !cell.deny));
    old.gained(&new).for_each(|(cell, _)| note(cell, cell.deny));
    let moved: BTreeMap<usize, bool> =
        opened.iter().filter(|(place, _)| closed.contains_key(place)).map(|(p, w)| (*p, *w)).collect();
    opened.retain(|place, _| !moved.contains_key(place));
    closed.retain(|place, _| !moved.contains_key(place));
    let part = |of: &BTreeMap<usize, bool>| Part {
        count: of.len(),
        without_mfa: of.values().filter(|without| **without).count(),
        names: of.keys().filter_map(|&p| places.get(p)).map(|p| in_words(p, home)).take(NAMED).collect(),
    };
    let change = Change { opened: part(&opened), closed: part(&closed), moved: part(&moved) };
    if change == Change::default() { Compared::Same } else { Compared::Changed(change) }
}

fn of_trust(document: &Document, home: Home<'_>, table: &ActionTable, places: &mut Vec<String>) -> Meaning {
    let mut out = Meaning::default();
    for statement in &document.statements {
        let set = table.mask(&statement.action).at(false).clone();
        let Some(principals) = &statement.principal else { continue };
        for item in &principals.items {
            let name = canonical(item, principals.negated, home);
            let place = places.iter().position(|p| *p == name).unwrap_or_else(|| {
                places.push(name);
                places.len() - 1
            });
            for world in World::ALL {
                let Some(rest) = rest(statement, document.version, &trust::context(world)) else { continue };
                let deny = statement.effect == Ok(Effect::Deny);
                out.add(Cell { rest, deny, place, world }, set.clone());
            }
        }
    }
    out
}

/// A principal in one of the ways in which it can be written.
fn canonical(item: &PrincipalItem, negated: bool, home: Home<'_>) -> String {
    let text = item.item.text.visible();
    let kind = match item.kind {
        Some(PrincipalType::Aws) | None => "AWS",
        Some(PrincipalType::Service) => "service",
        Some(PrincipalType::Federated) => "identity provider",
        Some(PrincipalType::CanonicalUser) => "canonical user",
    };
    let who = if kind == "AWS" && arn::is_account(text) {
        format!("arn:{}:iam::{text}:root", home.partition)
    } else {
        text.to_owned()
    };
    format!("{}{kind} {who}", if negated { "everybody but " } else { "" })
}

fn in_words(place: &str, home: Home<'_>) -> String {
    let Some(who) = place.strip_prefix("AWS ") else { return place.to_owned() };
    match Arn::parse(who) {
        Some(arn) if arn.resource == "root" && arn.account == home.account => {
            "every principal of its own account".to_owned()
        }
        Some(arn) if arn.resource == "root" => format!("account {}", arn.account),
        Some(_) => format!("`{who}`"),
        None if who == "*" => "everybody".to_owned(),
        None => format!("`{who}`"),
    }
}

impl Change {
    /// What changed, in words: "2 actions opened (`iam:AttachUserPolicy`, `s3:GetObject`), both without MFA".
    pub fn in_words(&self, of: &str) -> String {
        let parts = [("opened", &self.opened), ("closed", &self.closed)];
        let mut out: Vec<String> =
            parts.into_iter().filter(|(_, p)| p.count > 0).map(|(verb, p)| p.in_words(of, verb)).collect();
        if self.moved.count > 0 {
            out.push(self.moved.in_words(of, "as before, but on other resources or under other conditions"));
        }
        out.join("; ")
    }
}

impl Part {
    fn in_words(&self, of: &str, verb: &str) -> String {
        let plural = if self.count == 1 { "" } else { "s" };
        let quoted = |n: &String| if n.contains(['`', ' ']) { n.clone() } else { format!("`{n}`") };
        let names = self.names.iter().map(quoted).collect::<Vec<_>>().join(", ");
        let more = if self.count > self.names.len() { ", …" } else { "" };
        let without = match self.without_mfa {
            0 => String::new(),
            n if n == self.count => ", also without MFA".to_owned(),
            n => format!(", {n} also without MFA"),
        };
        format!("{} {of}{plural} {verb} ({names}{more}){without}", self.count)
    }
}

/// Everything that is not known in a document.
pub(super) fn unknowns(document: &Document) -> Vec<Unknown> {
    let mut out: Vec<Unknown> = Vec::new();
    judge::of_document(document, &mut |u| {
        if !out.iter().any(|o| o.same(u)) {
            out.push(u.clone());
        }
    });
    out
}
