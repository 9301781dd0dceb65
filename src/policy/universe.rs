//! Tables that give each action its bit, and what the elements of policies cover in them.

use std::ops::Range;
use std::sync::OnceLock;

use super::actions::{Level, Names, On};
use super::bits::BitSet;
use super::document::Elements;
use super::pattern::{Pattern, Token};
use crate::value::Text;

/// The actions a verdict is about, each with its bit: the embedded list if asked for, then others.
#[derive(Debug)]
pub struct ActionTable {
    embedded: bool,
    others: Names,
}

impl ActionTable {
    /// All AWS actions, and those that only the given elements name (an action that is not in the list still
    /// evaluates).
    pub fn with_elements<'a>(elements: impl IntoIterator<Item = &'a Elements>) -> Self {
        let new = elements
            .into_iter()
            .flat_map(|e| e.listed.of(e).unlisted.iter().filter_map(|&i| e.items.get(i)?.text.known()));
        Self { embedded: true, others: Names::of(new) }
    }

    /// These actions only.
    pub fn of<'a>(actions: impl IntoIterator<Item = &'a str>) -> Self {
        Self { embedded: false, others: Names::of(actions) }
    }

    /// True for a table of all AWS actions, false for one of a list of requests.
    pub fn is_complete(&self) -> bool {
        self.embedded
    }

    fn base(&self) -> usize {
        if self.embedded { Names::embedded().len() } else { 0 }
    }

    fn at(&self, bit: usize) -> (&Names, usize) {
        match bit.checked_sub(self.base()) {
            Some(i) => (&self.others, i),
            None => (Names::embedded(), bit),
        }
    }

    /// Number of bits.
    pub fn len(&self) -> usize {
        self.base() + self.others.len()
    }

    /// True when there is no action in it.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The empty set.
    pub fn empty(&self) -> BitSet {
        BitSet::empty(self.len())
    }

    /// The set of all actions.
    pub fn all(&self) -> BitSet {
        let mut set = self.empty();
        set.insert_range(0..self.len());
        set
    }

    /// The bit of an action (`service:Name`, any case).
    pub fn find(&self, action: &str) -> Option<usize> {
        let listed = if self.embedded { Names::embedded().find(action) } else { None };
        listed.or_else(|| self.others.find(action).map(|i| i + self.base()))
    }

    /// The action of a bit.
    pub fn name(&self, bit: usize) -> String {
        let (names, i) = self.at(bit);
        names.name(i).unwrap_or_default()
    }

    /// The level of an action.
    pub fn level(&self, bit: usize) -> Level {
        let (names, i) = self.at(bit);
        names.level(i)
    }

    /// What an action works on.
    pub fn on(&self, bit: usize) -> On {
        let (names, i) = self.at(bit);
        names.on(i)
    }

    /// The actions of a service.
    pub fn service(&self, service: &str) -> BitSet {
        let mut set = self.empty();
        if self.embedded {
            set.insert_range(Names::embedded().service(service));
        }
        let others = self.others.service(service);
        set.insert_range(others.start + self.base()..others.end + self.base());
        set
    }

    /// Adds the actions that a pattern matches, open parts standing for anything.
    pub fn add_matching(&self, tokens: &[Token], set: &mut BitSet) {
        if self.embedded {
            Names::embedded().matching(tokens, &mut |r| set.insert_range(r));
        }
        let base = self.base();
        self.others.matching(tokens, &mut |r| set.insert_range(r.start + base..r.end + base));
    }

    /// The actions that one written pattern matches.
    pub fn matching(&self, pattern: &Text) -> BitSet {
        let mut set = self.empty();
        self.add_matching(Pattern::of(pattern).tokens(), &mut set);
        set
    }

    /// What an `Action` or `NotAction` element covers.
    pub fn mask(&self, elements: &Elements) -> Mask {
        let (mut low, mut open) = if self.embedded {
            let listed = elements.listed.of(elements);
            (listed.low.resized(self.len()), listed.open.as_ref().map(|open| open.resized(self.len())))
        } else {
            (self.empty(), None)
        };
        if !self.others.is_empty() {
            let (more, more_open) = self.among_others(elements);
            low.add(&more);
            if let Some(more_open) = more_open {
                open.get_or_insert_with(|| self.empty()).add(&more_open);
            }
        }
        let mut high = match (&elements.more, open) {
            (Some(_), _) => Some(self.all()),
            (None, Some(mut open)) => {
                open.add(&low);
                Some(open)
            }
            (None, None) => None,
        };
        if elements.negated {
            let not = |s: &BitSet| {
                let mut all = self.all();
                all.remove(s);
                all
            };
            let not_low = not(&low);
            (low, high) = match high {
                Some(high) => (not(&high), Some(not_low)),
                None => (not_low, None),
            };
        }
        Mask { low: low.trimmed(), high: high.map(|h| h.trimmed()) }
    }
}

impl ActionTable {
    /// What the strings that are known match of the actions that are not in the embedded list, and those with holes.
    fn among_others(&self, elements: &Elements) -> (BitSet, Option<BitSet>) {
        let base = self.base();
        let shifted = |names: &[Range<usize>]| {
            let mut set = self.empty();
            names.iter().for_each(|r| set.insert_range(r.start + base..r.end + base));
            set
        };
        let of = |found: &Others| (shifted(&found.low), found.open.as_deref().map(shifted));
        if !self.embedded {
            let all: Vec<usize> = (0..elements.items.len()).collect();
            return of(&Others::matched(&self.others, elements, &all));
        }
        let listed = elements.listed.of(elements);
        let met = |names: &Names| Box::new((names.clone(), Others::matched(names, elements, &listed.loose)));
        // Who has the policy has mostly the same others, too.
        let (names, found) = &**listed.others.get_or_init(|| met(&self.others));
        if *names == self.others {
            of(found)
        } else {
            of(&Others::matched(&self.others, elements, &listed.loose))
        }
    }
}

/// What strings match of actions that are not in the embedded list, by number.
#[derive(Debug, Clone, Default)]
struct Others {
    low: Vec<Range<usize>>,
    open: Option<Vec<Range<usize>>>,
}

impl Others {
    fn matched(names: &Names, elements: &Elements, items: &[usize]) -> Self {
        let mut out = Self::default();
        for pattern in items.iter().filter_map(|&i| Some(Pattern::of(&elements.items.get(i)?.text))) {
            let ranges = if pattern.has_hole() { out.open.get_or_insert_default() } else { &mut out.low };
            names.matching(pattern.tokens(), &mut |range| ranges.push(range));
        }
        out
    }
}

fn each_pattern(elements: &Elements, found: impl FnMut(Pattern)) {
    elements.items.iter().map(|item| Pattern::of(&item.text)).for_each(found);
}

/// What the strings of an element match in the embedded list. Worked out once, however many principals have the
/// policy: those of AWS name thousands of actions.
#[derive(Debug, Clone, Default)]
pub struct Listed(OnceLock<Box<Matches>>);

#[derive(Debug, Clone)]
struct Matches {
    /// By strings that are known.
    low: BitSet,
    /// By strings with holes, if there are any.
    open: Option<BitSet>,
    /// Which strings name an action that is not in the list.
    unlisted: Vec<usize>,
    /// Which strings may match one that is not in the list: all but the names of those that are.
    loose: Vec<usize>,
    /// What they match of the others of the first table that asked.
    others: OnceLock<Box<(Names, Others)>>,
}

impl Listed {
    fn of(&self, elements: &Elements) -> &Matches {
        self.0.get_or_init(|| {
            let all = Names::embedded();
            let (mut low, mut open) = (BitSet::empty(all.len()), None);
            let (mut unlisted, mut loose, mut at) = (Vec::new(), Vec::new(), 0);
            each_pattern(elements, |pattern| {
                let none = || BitSet::empty(all.len());
                let set = if pattern.has_hole() { open.get_or_insert_with(none) } else { &mut low };
                let mut any = false;
                all.matching(pattern.tokens(), &mut |range| {
                    any |= !range.is_empty();
                    set.insert_range(range);
                });
                if !any && pattern.is_literal() {
                    unlisted.push(at);
                }
                if !any || !pattern.is_literal() {
                    loose.push(at);
                }
                at += 1;
            });
            let (low, open) = (low.trimmed(), open.map(|o| o.trimmed()));
            Box::new(Matches { low, open, unlisted, loose, others: OnceLock::new() })
        })
    }
}

/// It follows from the element it belongs to, so that it makes no difference between two of them.
impl PartialEq for Listed {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

/// The actions that an element covers for certain, and at most.
#[derive(Debug, Clone)]
pub struct Mask {
    low: BitSet,
    high: Option<BitSet>,
}

impl Mask {
    /// The actions when what the code leaves open resolves so.
    pub fn at(&self, code: bool) -> &BitSet {
        match &self.high {
            Some(high) if code => high,
            Some(_) | None => &self.low,
        }
    }

    /// True when the code leaves something open.
    pub fn is_open(&self) -> bool {
        self.high.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::document::Item;
    use crate::value::Unknown;

    fn elements(negated: bool, items: &[Text], more: bool) -> Elements {
        let items = items.iter().map(|t| Item { text: t.clone(), span: None }).collect();
        Elements::new(negated, items, more.then(|| Unknown::new("`var.x` has no value", None)), None)
    }

    #[test]
    fn unlisted_actions_get_bits() {
        let e = elements(false, &[Text::new("brandnew:DoIt"), Text::new("iam:GetUser")], false);
        let table = ActionTable::with_elements([&e]);
        assert_eq!(table.len(), Names::embedded().len() + 1);
        let mask = table.mask(&e);
        assert_eq!(mask.at(false).count(), 2);
        assert!(mask.at(false).contains(table.find("BRANDNEW:doit").unwrap()));
        assert_eq!(table.service("brandnew").count(), 1);
    }

    #[test]
    fn open_parts_widen_an_action_and_narrow_a_not_action() {
        let table = ActionTable::of(["s3:GetObject", "s3:PutObject", "ec2:RunInstances"]);
        let mut open = Text::new("s3:");
        open.push(&Text::hole(Unknown::new("`var.a` has no value", None))).unwrap();
        let texts = [open, Text::new("s3:Get*")];
        let mask = table.mask(&elements(false, &texts, false));
        assert_eq!((mask.at(false).count(), mask.at(true).count()), (1, 2));
        let not = table.mask(&elements(true, &texts, false));
        assert_eq!((not.at(false).count(), not.at(true).count()), (1, 2));
        let more = table.mask(&elements(true, &[], true));
        assert_eq!((more.at(false).count(), more.at(true).count()), (0, 3));
        assert_eq!(table.mask(&elements(true, &[], false)).at(false).count(), 3);
    }
}
