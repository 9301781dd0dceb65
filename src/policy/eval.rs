//! Evaluates policies over slices of requests: all actions on one resource at once, as bit sets.
//!
//! Follows "Policy evaluation logic": an explicit Deny anywhere wins; otherwise an identity policy must allow,
//! and the permissions boundary, and every level of service control policies.

use super::arn;
use super::bits::BitSet;
use super::classes::{Classes, Whose};
use super::condition::{self, Context, Holds, World};
use super::document::{Document, Effect, Elements, Statement, Version};
use super::pattern::Pattern;
use super::truth::Truth;
use super::universe::{ActionTable, Mask};

/// The policies of a principal.
#[derive(Debug, Clone, Default)]
pub struct Grants<'a> {
    /// Policies attached to or embedded in the principal and its groups.
    pub identity: Vec<&'a Document>,
    /// The permissions boundary; empty when there is none.
    pub boundary: Vec<&'a Document>,
    /// Service control policies by level; empty when there are none.
    pub scps: Vec<Vec<&'a Document>>,
}

/// Which of the [`Grants`] a document is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// An identity policy.
    Identity,
    /// The permissions boundary.
    Boundary,
    /// A service control policy of this level.
    Scp(usize),
}

/// A document of the [`Grants`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DocumentRef {
    /// Which part.
    pub part: Part,
    /// Index in that part.
    pub document: usize,
}

/// A statement of the [`Grants`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StatementRef {
    /// The document.
    pub document: DocumentRef,
    /// Index of the statement.
    pub statement: usize,
}

/// All requests on one resource.
#[derive(Debug, Clone)]
pub struct Slice {
    /// The resource; `*` for requests without one.
    pub resource: String,
    /// Whose it is.
    pub whose: Whose,
    /// The actions that are asked about.
    pub members: BitSet,
    /// Those that count: neither harmless nor only worth a warning.
    pub counted: BitSet,
    /// Those that are a takeover when open.
    pub takeover: BitSet,
    /// True when it stands for all resources of its kind, false for one that a policy names.
    pub general: bool,
}

impl Slice {
    /// The requests for `members` on a resource.
    pub fn new(classes: &Classes, resource: String, whose: Whose, members: &BitSet, general: bool) -> Self {
        let members = members.trimmed();
        let mut counted = members.clone();
        counted.remove(classes.out());
        let mut takeover = members.clone();
        takeover.keep(classes.takeover(whose));
        Self { resource, whose, members, counted, takeover, general }
    }

    /// Also asks about these actions.
    pub fn extend(&mut self, classes: &Classes, more: &BitSet) {
        let members = self.members.union(more);
        *self = Self::new(classes, std::mem::take(&mut self.resource), self.whose, &members, self.general);
    }
}

/// A statement with the actions it covers.
#[derive(Debug)]
pub struct Compiled<'a> {
    /// Which one it is.
    pub at: StatementRef,
    /// The statement.
    pub statement: &'a Statement,
    /// The version of its document.
    pub version: Version,
    /// The actions it covers.
    pub mask: Mask,
}

/// Of how many documents of a part the text that is not known is looked at. It may grant, and it may be a gate: what more
/// of them may say together, two may say.
const ASSUMED: usize = 2;

/// All statements of the grants, compiled for a table, and the documents of which something is not known.
#[derive(Debug)]
pub struct Program<'a> {
    /// The statements.
    pub statements: Vec<Compiled<'a>>,
    /// Documents that may hold more than their statements: of each part as many as make a difference.
    pub open: Vec<(DocumentRef, &'a Document)>,
    /// True when there is a boundary.
    pub boundary: bool,
    /// Number of levels of service control policies.
    pub scps: usize,
    /// Number of actions of the table.
    pub actions: usize,
}

impl<'a> Grants<'a> {
    /// All documents.
    pub fn documents(&self) -> impl Iterator<Item = (DocumentRef, &'a Document)> {
        fn of<'a>(part: Part, list: &[&'a Document]) -> impl Iterator<Item = (DocumentRef, &'a Document)> {
            list.iter().enumerate().map(move |(document, d)| (DocumentRef { part, document }, *d))
        }
        of(Part::Identity, &self.identity)
            .chain(of(Part::Boundary, &self.boundary))
            .chain(self.scps.iter().enumerate().flat_map(|(level, list)| of(Part::Scp(level), list)))
    }

    /// Compiles the statements for a table.
    pub fn compile(&self, table: &ActionTable) -> Program<'a> {
        let (mut statements, mut open) = (Vec::new(), Vec::new());
        for (document_ref, document) in self.documents() {
            let alike = |(at, _): &&(DocumentRef, &Document)| at.part == document_ref.part;
            if document.more.is_some() && open.iter().filter(alike).count() < ASSUMED {
                open.push((document_ref, document));
            }
            for (i, statement) in document.statements.iter().enumerate() {
                statements.push(Compiled {
                    at: StatementRef { document: document_ref, statement: i },
                    statement,
                    version: document.version,
                    mask: table.mask(&statement.action),
                });
            }
        }
        let (boundary, scps, actions) = (!self.boundary.is_empty(), self.scps.len(), table.len());
        Program { statements, open, boundary, scps, actions }
    }
}

/// What a statement says where: of each slice whether its resource matches, in each world whether its condition
/// holds.
#[derive(Debug, Clone)]
pub struct Scope {
    /// By slice.
    pub resource: Vec<Truth>,
    /// By world, in the order of [`World::ALL`].
    pub condition: [Holds; 3],
}

/// How a statement is read when the code leaves parts of it open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Take {
    /// Its effect; `None`: as if it were not there.
    pub effect: Option<Effect>,
    /// How the open parts resolve in each world.
    pub code: [bool; 3],
}

/// What is assumed of the part of a document that is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Assume {
    /// It says nothing.
    Nothing,
    /// It allows everything.
    Everything,
    /// It is a perfect gate: it takes away all that counts. That it does not with MFA changes nothing, because nothing
    /// being open without is the first rule of the verdict.
    Gate,
}

/// One way to read all that the code leaves open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// By statement.
    pub takes: Vec<Take>,
    /// By open document.
    pub assumed: Vec<Assume>,
}

/// A program applied to slices and worlds.
#[derive(Debug)]
pub struct Engine<'p, 'a> {
    /// The program.
    pub program: &'p Program<'a>,
    /// The slices.
    pub slices: &'p [Slice],
    /// By statement.
    pub scopes: Vec<Scope>,
}

/// The patterns of a resource element, ready to be matched; variables without a value match nothing.
fn resource_patterns(elements: &Elements, version: Version, context: &Context) -> Vec<Pattern> {
    let tokens = elements.items.iter().filter_map(|i| condition::resolve(&i.text, version, context, true));
    tokens.map(|t| Pattern::new(if context.is_local() { arn::localise(&t) } else { t })).collect()
}

fn scope(compiled: &Compiled<'_>, slices: &[Slice], contexts: &[Context; 3]) -> Scope {
    let [first, _, _] = contexts;
    let resource = match &compiled.statement.resource {
        None => vec![Truth::YES; slices.len()],
        Some(elements) => {
            let patterns = resource_patterns(elements, compiled.version, first);
            let more = if elements.more.is_some() { Truth::CODE } else { Truth::NO };
            let one = |s: &Slice| {
                let any = more | Truth::any(patterns.iter().map(|p| p.matches(&s.resource)));
                if elements.negated { !any } else { any }
            };
            slices.iter().map(one).collect()
        }
    };
    let condition = std::array::from_fn(|w| match contexts.get(w) {
        Some(context) => condition::holds(compiled.statement, compiled.version, context),
        None => Holds { truth: Truth::NO, mfa_open: false },
    });
    Scope { resource, condition }
}

impl<'p, 'a> Engine<'p, 'a> {
    /// Applies a program to slices, with the context of each world in the order of [`World::ALL`].
    pub fn new(program: &'p Program<'a>, slices: &'p [Slice], contexts: &[Context; 3]) -> Self {
        let scopes = program.statements.iter().map(|c| scope(c, slices, contexts)).collect();
        Self { program, slices, scopes }
    }

    /// The reading in which every open part is left out: what is certain. Caps of which something is not known
    /// allow everything.
    pub fn certain(&self) -> Reading {
        let assume = |(at, _): &(DocumentRef, &Document)| match at.part {
            Part::Identity => Assume::Nothing,
            Part::Boundary | Part::Scp(_) => Assume::Everything,
        };
        let take =
            |c: &Compiled<'_>| Take { effect: c.statement.effect.as_ref().ok().copied(), code: [false; 3] };
        Reading {
            takes: self.program.statements.iter().map(take).collect(),
            assumed: self.program.open.iter().map(assume).collect(),
        }
    }

    /// Whether a statement applies to a slice in a world, actions left aside.
    pub fn truth(&self, statement: usize, slice: usize, world: World) -> Truth {
        let Some(scope) = self.scopes.get(statement) else { return Truth::NO };
        let resource = scope.resource.get(slice).copied().unwrap_or(Truth::NO);
        resource & scope.condition.get(world as usize).map_or(Truth::NO, |h| h.truth)
    }

    /// Calls `found` with sets of actions that statements with an effect cover in a slice, in a world, when the
    /// caller's maybes resolve so. `parts`: which documents are looked at.
    fn cover(
        &self,
        ask: &Ask<'_>,
        effect: Effect,
        caller: bool,
        parts: impl Fn(Part) -> bool,
        mut found: impl FnMut(&BitSet),
    ) {
        let world = ask.world as usize;
        for (i, (compiled, take)) in self.program.statements.iter().zip(&ask.reading.takes).enumerate() {
            let code = take.code.get(world).copied().unwrap_or(false);
            if take.effect == Some(effect)
                && parts(compiled.at.document.part)
                && self.truth(i, ask.slice, ask.world).at(caller, code)
            {
                found(compiled.mask.at(code));
            }
        }
        for ((at, _), assume) in self.program.open.iter().zip(&ask.reading.assumed) {
            if !parts(at.part) {
                continue;
            }
            let Some(slice) = self.slices.get(ask.slice) else { continue };
            match (assume, effect) {
                (Assume::Everything, Effect::Allow) => found(&slice.members),
                (Assume::Gate, Effect::Deny) => found(&slice.counted),
                (Assume::Nothing, Effect::Allow | Effect::Deny)
                | (Assume::Everything, Effect::Deny)
                | (Assume::Gate, Effect::Allow) => {}
            }
        }
    }

    /// What the identity policies allow, before anything takes it away.
    pub fn identity_allows(&self, ask: &Ask<'_>, caller: bool) -> BitSet {
        let Some(slice) = self.slices.get(ask.slice) else { return BitSet::default() };
        let mut set = slice.members.cleared();
        self.cover(ask, Effect::Allow, caller, |p| p == Part::Identity, |mask| set.add(mask));
        set.keep(&slice.members);
        set
    }

    /// The empty set, with room for every action.
    pub fn none(&self) -> BitSet {
        BitSet::empty(self.program.actions)
    }

    /// Keeps what the boundary and every level of service control policies allow too.
    pub fn keep_caps(&self, ask: &Ask<'_>, caller: bool, set: &mut BitSet) {
        let levels = (0..self.program.scps).map(Part::Scp);
        for part in self.program.boundary.then_some(Part::Boundary).into_iter().chain(levels) {
            let mut allowed = set.cleared();
            self.cover(ask, Effect::Allow, caller, |p| p == part, |mask| allowed.add(mask));
            set.keep(&allowed);
        }
    }

    /// Takes away what a Deny of any policy covers.
    pub fn remove_denied(&self, ask: &Ask<'_>, caller: bool, set: &mut BitSet) {
        self.cover(ask, Effect::Deny, !caller, |_| true, |mask| set.remove(mask));
    }

    /// The requests of a slice that are allowed. With `caller`: that the caller can make allowed by choosing
    /// well; without: that are allowed whatever the caller chooses.
    pub fn allowed(&self, ask: &Ask<'_>, caller: bool) -> BitSet {
        let mut set = self.identity_allows(ask, caller);
        if !set.is_empty() {
            self.keep_caps(ask, caller, &mut set);
            self.remove_denied(ask, caller, &mut set);
        }
        set
    }
}

/// What is asked: one slice in one world under one reading.
#[derive(Debug, Clone, Copy)]
pub struct Ask<'r> {
    /// The reading.
    pub reading: &'r Reading,
    /// Index of the slice.
    pub slice: usize,
    /// The world.
    pub world: World,
}
