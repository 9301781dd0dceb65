//! Is MFA enforced? The rules of the verdict, as set algebra over all slices.
//!
//! The order of the rules: a gate that holds whatever is granted, nothing granted, nothing open without MFA, MFA adds
//! nothing, and otherwise a part. "Policy evaluation logic" says what is allowed under one reading of the policies;
//! where readings disagree the ruling is unsettled.

use super::actions::Level;
use super::bits::BitSet;
use super::classes::Classes;
use super::condition::{self, World};
use super::document::Effect;
use super::eval::{Ask, Assume, Compiled, Engine, Part, Reading, Slice, Take};
use super::universe::ActionTable;
use crate::limits;
use crate::tri::Tri;

/// Whether policies enforce MFA for sessions of one kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Ruling {
    /// Nothing that counts is open.
    Enforced,
    /// Some of what counts is open.
    Partial,
    /// MFA adds nothing.
    NotEnforced,
    /// No IAM principal is concerned.
    NotApplicable,
    /// It depends on what the code leaves open.
    Unsettled,
}

impl Ruling {
    /// The ruling when all resources were looked at, or not: what was not looked at may be open.
    pub fn of(self, complete: bool) -> Self {
        match self {
            Self::Enforced if !complete => Self::Unsettled,
            Self::Enforced | Self::Partial | Self::NotEnforced | Self::NotApplicable | Self::Unsettled => {
                self
            }
        }
    }

    /// The word of the JSON report.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Enforced => "enforced",
            Self::Partial => "partial",
            Self::NotEnforced => "not-enforced",
            Self::NotApplicable => "not-applicable",
            Self::Unsettled => "unknown",
        }
    }
}

/// What the caller can make allowed under one reading, harmless actions left out: by slice, for each world.
#[derive(Debug)]
pub struct Sets {
    may: [Vec<BitSet>; 3],
}

impl Sets {
    /// What can be done in a world, by slice.
    pub fn may(&self, world: World) -> &[BitSet] {
        self.may.get(world as usize).map_or(&[], Vec::as_slice)
    }
}

impl Engine<'_, '_> {
    fn counted(&self, reading: &Reading, world: World, caller: bool) -> Vec<BitSet> {
        let one = |(slice, s): (usize, &Slice)| {
            let mut set = self.allowed(&Ask { reading, slice, world }, caller);
            set.keep(&s.counted);
            set
        };
        self.slices.iter().enumerate().map(one).collect()
    }

    /// What is allowed under a reading.
    pub fn sets(&self, reading: &Reading) -> Sets {
        Sets { may: World::ALL.map(|w| self.counted(reading, w, true)) }
    }

    /// Rule 1: in this world nothing that counts would be open even if the identity policies allowed everything.
    pub fn closed_under_any_grant(&self, reading: &Reading, world: World) -> bool {
        self.slices.iter().enumerate().all(|(slice, s)| {
            let mut set = s.counted.clone();
            let ask = Ask { reading, slice, world };
            self.keep_caps(&ask, true, &mut set);
            self.remove_denied(&ask, true, &mut set);
            set.is_empty()
        })
    }

    /// Rules 1 to 5 for the worlds `console` and `keys` under one reading, for which `sets` are allowed.
    fn rulings(&self, reading: &Reading, sets: &Sets) -> [Ruling; 2] {
        [World::Console, World::Keys].map(|w| {
            if self.closed_under_any_grant(reading, w) {
                Ruling::Enforced
            } else {
                self.ruling(reading, sets, w)
            }
        })
    }

    /// Rules 2 to 5 for one world.
    fn ruling(&self, reading: &Reading, sets: &Sets, world: World) -> Ruling {
        let none = |list: &[BitSet]| list.iter().all(BitSet::is_empty);
        if World::ALL.iter().all(|&w| none(sets.may(w))) {
            return Ruling::NotEnforced;
        }
        if none(sets.may(world)) {
            return Ruling::Enforced;
        }
        let subset = |a: &[BitSet], b: &[BitSet]| a.iter().zip(b).all(|(a, b)| a.is_subset(b));
        let everything = World::ALL.iter().all(|&w| subset(sets.may(w), sets.may(world)));
        let must = |w| self.counted(reading, w, false);
        if everything && subset(&must(World::Mfa), &must(world)) {
            return Ruling::NotEnforced;
        }
        Ruling::Partial
    }

    /// Whether every reading gives the same rulings; [`Ruling::Unsettled`] where not. `certain`: what is allowed
    /// under the first of the readings.
    pub fn settled_rulings(&self, certain: &Sets) -> [Ruling; 2] {
        // A proven gate stays one, whatever else is not known.
        let worst = self.least_gated();
        let proven = [World::Console, World::Keys].map(|w| self.closed_under_any_grant(&worst, w));
        if proven == [true; 2] {
            return [Ruling::Enforced; 2];
        }
        let mut readings = self.readings().into_iter();
        let first = readings.next().unwrap_or_else(|| self.certain());
        // Of a statement whose effect is not known nothing is certain, though it has one.
        let mut out = if first == self.certain() {
            self.rulings(&first, certain)
        } else {
            self.rulings(&first, &self.sets(&first))
        };
        for reading in readings {
            let next = self.rulings(&reading, &self.sets(&reading));
            for (known, new) in out.iter_mut().zip(next) {
                *known = if *known == new { new } else { Ruling::Unsettled };
            }
            if out == [Ruling::Unsettled; 2] {
                break;
            }
        }
        for (ruling, proven) in out.iter_mut().zip(proven) {
            if proven {
                *ruling = Ruling::Enforced;
            }
        }
        out
    }

    /// The reading that gates least: open Denies out, open caps wide.
    fn least_gated(&self) -> Reading {
        let mut reading = self.certain();
        for (take, compiled) in reading.takes.iter_mut().zip(&self.program.statements) {
            match compiled.statement.effect {
                Ok(Effect::Deny) => {}
                Ok(Effect::Allow) => take.code = [true; 3],
                Err(_) => *take = Take { effect: Some(Effect::Allow), code: [true; 3] },
            }
        }
        reading
    }

    /// The ways to read one statement.
    fn takes(&self, index: usize, compiled: &Compiled<'_>) -> Vec<Take> {
        let Some(scope) = self.scopes.get(index) else { return Vec::new() };
        let mut codes = vec![[false; 3]];
        if scope.condition.iter().any(|h| h.truth.depends_on_code() && h.mfa_open) {
            // Open in what it says about MFA: also a gate one way or the other.
            codes.extend([
                [true, false, false],
                [false, true, true],
                [false, true, false],
                [false, false, true],
            ]);
        }
        let open = compiled.mask.is_open()
            || scope.condition.iter().any(|h| h.truth.depends_on_code())
            || scope.resource.iter().any(|t| t.depends_on_code());
        if open {
            codes.push([true; 3]);
        }
        let effects: &[Effect] = match compiled.statement.effect {
            Ok(Effect::Allow) => &[Effect::Allow],
            Ok(Effect::Deny) => &[Effect::Deny],
            Err(_) => &[Effect::Allow, Effect::Deny],
        };
        effects.iter().flat_map(|&e| codes.iter().map(move |&code| Take { effect: Some(e), code })).collect()
    }

    /// All ways to read what is open, what is certain first. When there are more than
    /// [`limits::ASSIGNMENTS`], the last open parts go together: all low, or all high.
    pub fn readings(&self) -> Vec<Reading> {
        // Of very large policies fewer readings are looked at, so that the work stays bounded.
        let size = (self.program.statements.len() * self.slices.len()).max(1);
        let most = limits::ASSIGNMENTS.min(limits::READING_STEPS / size).max(4);
        let mut out = vec![self.certain()];
        for (i, compiled) in self.program.statements.iter().enumerate() {
            let takes = self.takes(i, compiled);
            if let (Some(&first), Some(&last), true) = (takes.first(), takes.last(), takes.len() > 1) {
                out = product(out, most, &takes, &[first, last], |reading, take| {
                    if let Some(t) = reading.takes.get_mut(i) {
                        *t = take;
                    }
                });
            }
        }
        for (i, (at, _)) in self.program.open.iter().enumerate() {
            let all: &[Assume] = match at.part {
                Part::Identity => &[Assume::Nothing, Assume::Everything, Assume::Gate],
                Part::Boundary | Part::Scp(_) => &[Assume::Everything, Assume::Gate],
            };
            out = product(out, most, all, all, |reading, assume| {
                if let Some(a) = reading.assumed.get_mut(i) {
                    *a = assume;
                }
            });
        }
        out
    }

    /// Whether action `*` on resource `*` is allowed in some world, and what takes it away leaves the means to change
    /// permissions.
    pub fn admin(&self) -> Tri {
        let mut high = self.certain();
        for (take, compiled) in high.takes.iter_mut().zip(&self.program.statements) {
            match compiled.statement.effect {
                Ok(Effect::Allow) | Err(_) => *take = Take { effect: Some(Effect::Allow), code: [true; 3] },
                Ok(Effect::Deny) => {}
            }
        }
        high.assumed.iter_mut().for_each(|a| *a = Assume::Everything);
        // An inverted gate makes administrators of sessions without MFA only: administrators all the same.
        let under = |reading: &Reading| World::ALL.iter().any(|&w| self.admin_in(reading, w));
        match (self.least_granting().iter().all(under), under(&high)) {
            (true, _) => Tri::Yes,
            (false, true) => Tri::Maybe,
            (false, false) => Tri::No,
        }
    }

    /// The readings that grant least: open Allows out, open Denies in. One whose open part is on which side of MFA
    /// it stands does not stand on both.
    fn least_granting(&self) -> Vec<Reading> {
        let mut low = self.certain();
        low.assumed.iter_mut().for_each(|a| *a = Assume::Nothing);
        let mut sides = Vec::new();
        let statements = self.program.statements.iter().zip(&self.scopes).enumerate();
        for ((i, (compiled, scope)), take) in statements.zip(&mut low.takes) {
            match compiled.statement.effect {
                Ok(Effect::Allow) => continue,
                Ok(Effect::Deny) | Err(_) => *take = Take { effect: Some(Effect::Deny), code: [true; 3] },
            }
            let open = scope.condition.iter().any(|h| h.truth.depends_on_code());
            if open && compiled.statement.condition.iter().any(condition::takes_a_side) {
                sides.push(i);
            }
        }
        let mut out = vec![low];
        for i in sides {
            if out.len() * 2 > limits::ASSIGNMENTS {
                break;
            }
            let on = |reading: &Reading, code: [bool; 3]| {
                let mut reading = reading.clone();
                reading.takes.iter_mut().skip(i).take(1).for_each(|t| t.code = code);
                reading
            };
            out = out.iter().flat_map(|r| [on(r, [true, false, true]), on(r, [false, true, true])]).collect();
        }
        out
    }

    fn admin_in(&self, reading: &Reading, world: World) -> bool {
        let mut means = false;
        for (slice, s) in self.slices.iter().enumerate().filter(|(_, s)| s.general) {
            let ask = Ask { reading, slice, world };
            let mut allowed = self.identity_allows(&ask, true);
            self.keep_caps(&ask, true, &mut allowed);
            if !s.members.is_subset(&allowed) {
                return false;
            }
            self.remove_denied(&ask, true, &mut allowed);
            allowed.keep(&s.takeover);
            means |= !allowed.is_empty();
        }
        means
    }
}

/// Every reading with every option; when that is more than `most`, with the `few` options only for all at once.
fn product<T: Copy>(
    readings: Vec<Reading>,
    most: usize,
    options: &[T],
    few: &[T],
    set: impl Fn(&mut Reading, T),
) -> Vec<Reading> {
    let fits = |n: usize| readings.len() * n <= most;
    let options = if fits(options.len()) { options } else { few };
    if !fits(options.len()) {
        // Goes along with the reading it is in: the first half low, the second half high.
        let half = readings.len() / 2;
        let pick = |i: usize| if i < half { options.first() } else { options.last() };
        return readings
            .into_iter()
            .enumerate()
            .map(|(i, mut reading)| {
                if let Some(&option) = pick(i) {
                    set(&mut reading, option);
                }
                reading
            })
            .collect();
    }
    let mut out = Vec::with_capacity(readings.len() * options.len());
    for &option in options {
        for reading in &readings {
            let mut reading = reading.clone();
            set(&mut reading, option);
            out.push(reading);
        }
    }
    out
}

/// What is open without MFA.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OpenActions {
    /// How many actions (on whatever resource).
    pub count: usize,
    /// Those that let the caller remove the gate or become someone else, sorted.
    pub takeover: Vec<String>,
    /// Others, the worst first; at most [`WORST`].
    pub worst: Vec<String>,
}

/// How many of the worst open actions are named.
pub const WORST: usize = 10;

/// Services whose actions matter most when they are open.
const PRIVILEGE_SERVICES: &[&str] =
    &["iam", "sts", "organizations", "sso", "account", "kms", "secretsmanager"];

/// The worlds without MFA.
const WITHOUT_MFA: [World; 2] = [World::Console, World::Keys];

impl Engine<'_, '_> {
    /// What is open without MFA and lets the caller remove the gate or become someone else.
    pub fn takeover(&self, classes: &Classes, sets: &Sets) -> BitSet {
        let mut takeover = self.none();
        for world in WITHOUT_MFA {
            let mut in_world = self.none();
            for (slice, set) in self.slices.iter().zip(sets.may(world)) {
                in_world.add(set);
                let mut set = set.clone();
                set.keep(&slice.takeover);
                takeover.add(&set);
            }
            takeover.add(&classes.passed_roles(&in_world));
        }
        takeover
    }

    /// What is open without MFA.
    pub fn open(&self, table: &ActionTable, classes: &Classes, sets: &Sets) -> OpenActions {
        let mut all = table.empty();
        WITHOUT_MFA.iter().flat_map(|&w| sets.may(w)).for_each(|set| all.add(set));
        let count = all.count();
        let takeover = self.takeover(classes, sets);
        all.remove(&takeover);
        let mut worst = Vec::new();
        for service in PRIVILEGE_SERVICES {
            let mut of_service = table.service(service);
            of_service.keep(&all);
            worst.extend(of_service.iter());
            all.remove(&of_service);
        }
        worst.sort_by_key(|&b| table.level(b));
        worst.extend(
            Level::ALL.iter().flat_map(|&l| all.iter().filter(move |&b| table.level(b) == l)).take(WORST),
        );
        worst.truncate(WORST);
        let names = |bits: Vec<usize>| bits.into_iter().map(|b| table.name(b)).collect::<Vec<_>>();
        let mut takeover = names(takeover.iter().collect());
        takeover.sort();
        OpenActions { count, takeover, worst: names(worst) }
    }
}
