//! Sets of actions as bit sets, and tables that give each action its bit.

use super::actions::{Level, Names, On};
use super::document::Elements;
use super::pattern::{Pattern, Token};
use crate::value::Text;

/// A set of actions of one table. It has room for a range of them: what is about one service takes the few words of
/// that service, and is not compared with all of AWS.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BitSet {
    /// How many words there is no room for before the first.
    skipped: usize,
    words: Vec<u64>,
}

impl BitSet {
    /// The empty set with room for `len` bits.
    pub fn empty(len: usize) -> Self {
        Self { skipped: 0, words: vec![0; len.div_ceil(64)] }
    }

    /// The same set with room for `len` bits.
    pub fn resized(&self, len: usize) -> Self {
        let mut out = Self::empty(len);
        out.add(self);
        out
    }

    /// The same set with room for no more than what is in it.
    pub fn trimmed(&self) -> Self {
        let first = self.words.iter().position(|w| *w != 0).unwrap_or_default();
        let end = self.words.iter().rposition(|w| *w != 0).map_or(first, |last| last + 1);
        let words = self.words.get(first..end).unwrap_or_default().to_vec();
        Self { skipped: self.skipped + first, words }
    }

    /// The empty set with the same room.
    pub fn cleared(&self) -> Self {
        Self { skipped: self.skipped, words: vec![0; self.words.len()] }
    }

    /// All that is in either, with room for both.
    pub fn union(&self, other: &Self) -> Self {
        let end = (self.skipped + self.words.len()).max(other.skipped + other.words.len());
        let mut out = Self::empty(end * 64);
        out.add(self);
        out.add(other);
        out
    }

    /// Adds bits `range`, as far as there is room.
    pub fn insert_range(&mut self, range: std::ops::Range<usize>) {
        let skipped = self.skipped * 64;
        let (mut at, end) = (range.start.saturating_sub(skipped), range.end.saturating_sub(skipped));
        while at < end {
            let Some(word) = self.words.get_mut(at / 64) else { return };
            let stop = end.min((at / 64 + 1) * 64);
            let ones = u64::MAX >> (64 - (stop - at));
            *word |= ones << (at % 64);
            at = stop;
        }
    }

    /// Adds one bit, if there is room.
    pub fn insert(&mut self, bit: usize) {
        self.insert_range(bit..bit.saturating_add(1));
    }

    /// True when the bit is set.
    pub fn contains(&self, bit: usize) -> bool {
        let word = (bit / 64).checked_sub(self.skipped).and_then(|i| self.words.get(i));
        word.is_some_and(|w| w >> (bit % 64) & 1 == 1)
    }

    /// True when no bit is set.
    pub fn is_empty(&self) -> bool {
        self.words.iter().all(|w| *w == 0)
    }

    /// Number of set bits.
    pub fn count(&self) -> usize {
        self.words.iter().map(|w| w.count_ones() as usize).sum()
    }

    /// Takes all bits out.
    pub fn clear(&mut self) {
        self.words.fill(0);
    }

    /// The words before those for which both have room, those, and those after.
    fn split(&self, other: &Self) -> (&[u64], &[u64], &[u64]) {
        let (from, to) = self.shared(other);
        let (head, tail) = self.words.split_at(to);
        let (head, middle) = head.split_at(from);
        (head, middle, tail)
    }

    /// Which words are those for which both have room: from and to, in bounds.
    fn shared(&self, other: &Self) -> (usize, usize) {
        let len = self.words.len();
        let from = other.skipped.saturating_sub(self.skipped).min(len);
        let to = (other.skipped + other.words.len()).saturating_sub(self.skipped).min(len);
        (from, to.max(from))
    }

    /// Changes the words for which both have room.
    fn change(&mut self, other: &Self, change: impl Fn(&mut u64, u64)) {
        let (from, to) = self.shared(other);
        let (_, theirs, _) = other.split(self);
        let ours = self.words.get_mut(from..to).unwrap_or_default();
        ours.iter_mut().zip(theirs).for_each(|(a, b)| change(a, *b));
    }

    /// Adds all of `other`, as far as there is room.
    pub fn add(&mut self, other: &Self) {
        self.change(other, |a, b| *a |= b);
    }

    /// Takes away all of `other`.
    pub fn remove(&mut self, other: &Self) {
        self.change(other, |a, b| *a &= !b);
    }

    /// Keeps what is in `other` too.
    pub fn keep(&mut self, other: &Self) {
        let (from, to) = self.shared(other);
        self.words.get_mut(..from).unwrap_or_default().fill(0);
        self.words.get_mut(to..).unwrap_or_default().fill(0);
        self.change(other, |a, b| *a &= b);
    }

    /// True when all of it is in `other`.
    pub fn is_subset(&self, other: &Self) -> bool {
        let (before, ours, after) = self.split(other);
        let (_, theirs, _) = other.split(self);
        before.iter().chain(after).all(|w| *w == 0) && ours.iter().zip(theirs).all(|(a, b)| a & !b == 0)
    }

    /// True when both have a bit in common.
    pub fn meets(&self, other: &Self) -> bool {
        let ((_, ours, _), (_, theirs, _)) = (self.split(other), other.split(self));
        ours.iter().zip(theirs).any(|(a, b)| a & b != 0)
    }

    /// The set bits, in order.
    pub fn iter(&self) -> impl Iterator<Item = usize> + '_ {
        self.words.iter().enumerate().flat_map(move |(i, &word)| {
            std::iter::successors((word != 0).then_some(word), |w| Some(w & (w - 1)).filter(|w| *w != 0))
                .map(move |w| (self.skipped + i) * 64 + w.trailing_zeros() as usize)
        })
    }
}

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
        let all = Names::embedded();
        let texts = elements.into_iter().flat_map(|e| &e.items).filter_map(|i| i.text.known());
        let new = texts.filter(|t| !t.contains(['*', '?']) && all.find(t).is_none());
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
        let (mut low, mut open) = (self.empty(), None::<BitSet>);
        for item in &elements.items {
            let pattern = Pattern::of(&item.text);
            if pattern.has_hole() {
                self.add_matching(pattern.tokens(), open.get_or_insert_with(|| self.empty()));
            } else {
                self.add_matching(pattern.tokens(), &mut low);
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
        Elements {
            negated,
            items: items.iter().map(|t| Item { text: t.clone(), span: None }).collect(),
            more: more.then(|| Unknown::new("`var.x` has no value", None)),
            span: None,
        }
    }

    #[test]
    fn ranges_cross_words() {
        let mut s = BitSet::empty(200);
        s.insert_range(60..130);
        s.insert(199);
        s.insert(5000);
        assert_eq!(s.count(), 71);
        assert_eq!(s.iter().next(), Some(60));
        assert!(s.contains(129) && !s.contains(130) && s.contains(199));
        assert_eq!(s.iter().count(), 71);
    }

    /// Sets with different room behave like sets.
    #[test]
    fn room_does_not_matter() {
        let of = |bits: &[usize]| {
            let mut s = BitSet::empty(640);
            bits.iter().for_each(|&b| s.insert(b));
            s
        };
        let lists: &[&[usize]] =
            &[&[], &[0], &[70, 130, 200], &[130], &[129, 500], &[639], &[0, 639], &[65, 66]];
        let bits = |s: &BitSet| s.iter().collect::<Vec<_>>();
        for (a, b) in lists.iter().flat_map(|a| lists.iter().map(move |b| (of(a), of(b)))) {
            let after = |f: fn(&mut BitSet, &BitSet), x: &BitSet, y: &BitSet| {
                let mut x = x.clone();
                f(&mut x, y);
                bits(&x)
            };
            let (small_a, small_b) = (a.trimmed(), b.trimmed());
            assert_eq!(bits(&small_a), bits(&a));
            for f in [BitSet::remove, BitSet::keep] {
                assert_eq!(after(f, &small_a, &small_b), after(f, &a, &b), "{a:?} {b:?}");
            }
            assert_eq!(bits(&small_a.union(&small_b)), after(BitSet::add, &a, &b));
            assert_eq!(after(BitSet::add, &a, &small_b), after(BitSet::add, &a, &b));
            assert_eq!(small_a.is_subset(&small_b), a.is_subset(&b));
            assert_eq!(small_a.meets(&small_b), a.meets(&b));
            assert!((0..700).all(|bit| small_a.contains(bit) == a.contains(bit)));
            let mut cleared = small_a.cleared();
            cleared.insert_range(0..700);
            assert!(small_a.is_subset(&cleared) && cleared.count() == small_a.words.len() * 64);
        }
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
