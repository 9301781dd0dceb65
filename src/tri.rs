//! Three-valued logic: what is known, what is known not to be, and what the input does not settle.

use std::fmt;
use std::ops::{BitAnd, BitOr, Not};

/// Yes, no, or not settled by the input (Kleene's strong logic).
///
/// `Maybe` is never `No`: code that matches on a `Tri` writes all three arms out.
///
/// ```
/// use mfaguard::tri::Tri;
/// assert_eq!(Tri::No & Tri::Maybe, Tri::No);
/// assert_eq!(Tri::Yes & Tri::Maybe, Tri::Maybe);
/// assert_eq!(!Tri::Maybe, Tri::Maybe);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Tri {
    /// Certainly not.
    No,
    /// The input does not settle it.
    Maybe,
    /// Certainly.
    Yes,
}

impl Tri {
    /// `Yes` for true, `No` for false.
    pub fn from_bool(b: bool) -> Self {
        if b { Self::Yes } else { Self::No }
    }

    /// True only when certain.
    pub fn is_yes(self) -> bool {
        self == Self::Yes
    }

    /// True only when certainly not.
    pub fn is_no(self) -> bool {
        self == Self::No
    }

    /// The answer when every one of several possible worlds gave one: the common answer, or `Maybe`.
    /// `None` when there was no world at all.
    pub fn agree(answers: impl IntoIterator<Item = Self>) -> Option<Self> {
        answers.into_iter().reduce(|a, b| if a == b { a } else { Self::Maybe })
    }
}

impl BitAnd for Tri {
    type Output = Self;
    fn bitand(self, other: Self) -> Self {
        self.min(other)
    }
}

impl BitOr for Tri {
    type Output = Self;
    fn bitor(self, other: Self) -> Self {
        self.max(other)
    }
}

impl Not for Tri {
    type Output = Self;
    fn not(self) -> Self {
        match self {
            Self::Yes => Self::No,
            Self::No => Self::Yes,
            Self::Maybe => Self::Maybe,
        }
    }
}

impl fmt::Display for Tri {
    /// The words of the JSON report: `yes`, `no`, `unknown`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Yes => "yes",
            Self::No => "no",
            Self::Maybe => "unknown",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn tri() -> impl Strategy<Value = Tri> {
        prop_oneof![Just(Tri::No), Just(Tri::Maybe), Just(Tri::Yes)]
    }

    proptest! {
        #[test]
        fn laws(a in tri(), b in tri(), c in tri()) {
            prop_assert_eq!(a & b, b & a);
            prop_assert_eq!(a | b, b | a);
            prop_assert_eq!((a & b) & c, a & (b & c));
            prop_assert_eq!((a | b) | c, a | (b | c));
            prop_assert_eq!(a & (b | c), (a & b) | (a & c));
            prop_assert_eq!(!(a & b), !a | !b);
            prop_assert_eq!(!!a, a);
            prop_assert_eq!(a | (a & b), a);
        }

        /// Whatever a `Maybe` turns out to be, an answer that was settled with it stays.
        #[test]
        fn settling_a_maybe_never_changes_a_settled_answer(a in tri(), b in tri(), settled in any::<bool>()) {
            let settle = |t: Tri| if t == Tri::Maybe { Tri::from_bool(settled) } else { t };
            for (open, closed) in [(a & b, settle(a) & settle(b)), (a | b, settle(a) | settle(b)), (!a, !settle(a))] {
                prop_assert!(open == Tri::Maybe || open == closed);
            }
        }

        #[test]
        fn worlds_agree_or_nobody_knows(answers in prop::collection::vec(tri(), 1..6)) {
            let agreed = Tri::agree(answers.iter().copied());
            let same = answers.iter().all(|a| Some(a) == answers.first());
            prop_assert_eq!(agreed, if same { answers.first().copied() } else { Some(Tri::Maybe) });
        }
    }

    #[test]
    fn no_world_is_no_answer() {
        assert_eq!(Tri::agree([]), None);
    }
}
