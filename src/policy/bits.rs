//! Sets of actions as bit sets.

use std::ops::Range;

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
    pub fn insert_range(&mut self, range: Range<usize>) {
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

#[cfg(test)]
mod tests {
    use super::*;

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
}
