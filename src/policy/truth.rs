//! Truth when two kinds of things are open: what the caller chooses, and what the code does not settle.

use std::ops::{BitAnd, BitOr, Not};

/// The outcome of a question under each resolution of the two kinds of maybe. A kind resolves low (every maybe
/// of it is no) or high (every maybe of it is yes), so there are four outcomes, one bit each.
///
/// Negation looks at the opposite resolution: what is denied when the maybes hold is left when they do not.
/// Therefore every outcome grows from low to high.
///
/// ```
/// use mfaguard::policy::truth::Truth;
/// assert_eq!(Truth::CALLER & Truth::NO, Truth::NO);
/// assert_eq!(!Truth::CALLER, Truth::CALLER);
/// assert!((Truth::CALLER | Truth::CODE).at(true, false));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Truth(u8);

const fn bit(caller: bool, code: bool) -> u8 {
    1 << ((caller as u8) | (code as u8) << 1)
}

impl Truth {
    /// Never.
    pub const NO: Self = Self(0b0000);
    /// Always.
    pub const YES: Self = Self(0b1111);
    /// The caller of the API chooses.
    pub const CALLER: Self = Self(bit(true, false) | bit(true, true));
    /// The code does not settle it.
    pub const CODE: Self = Self(bit(false, true) | bit(true, true));

    /// `YES` for true, `NO` for false.
    pub fn from_bool(b: bool) -> Self {
        if b { Self::YES } else { Self::NO }
    }

    /// The outcome when the caller's and the code's maybes resolve so.
    pub fn at(self, caller: bool, code: bool) -> bool {
        self.0 & bit(caller, code) != 0
    }

    /// True when the code's maybes change the outcome.
    pub fn depends_on_code(self) -> bool {
        self.at(false, false) != self.at(false, true) || self.at(true, false) != self.at(true, true)
    }

    /// True when it never holds, however the maybes resolve.
    pub fn is_no(self) -> bool {
        self == Self::NO
    }

    /// True when it always holds, however the maybes resolve.
    pub fn is_yes(self) -> bool {
        self == Self::YES
    }

    /// Yes when any of them is.
    pub fn any(truths: impl IntoIterator<Item = Self>) -> Self {
        let mut out = Self::NO;
        for t in truths {
            out = out | t;
            if out.is_yes() {
                break;
            }
        }
        out
    }

    /// Yes when all of them are.
    pub fn all(truths: impl IntoIterator<Item = Self>) -> Self {
        let mut out = Self::YES;
        for t in truths {
            out = out & t;
            if out.is_no() {
                break;
            }
        }
        out
    }
}

impl BitAnd for Truth {
    type Output = Self;
    fn bitand(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }
}

impl BitOr for Truth {
    type Output = Self;
    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl Not for Truth {
    type Output = Self;
    fn not(self) -> Self {
        // The opposite resolution of bit r is bit 3 - r.
        Self(!(self.0.reverse_bits() >> 4) & 0b1111)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn truth() -> impl Strategy<Value = Truth> {
        let leaf = prop_oneof![Just(Truth::NO), Just(Truth::YES), Just(Truth::CALLER), Just(Truth::CODE)];
        leaf.prop_recursive(4, 16, 2, |inner| {
            prop_oneof![
                (inner.clone(), inner.clone()).prop_map(|(a, b)| a & b),
                (inner.clone(), inner.clone()).prop_map(|(a, b)| a | b),
                inner.prop_map(|a| !a),
            ]
        })
    }

    fn monotone(t: Truth) -> bool {
        (!t.at(false, false) || t.at(true, false) && t.at(false, true))
            && (!(t.at(true, false) || t.at(false, true)) || t.at(true, true))
    }

    proptest! {
        #[test]
        fn laws(a in truth(), b in truth()) {
            prop_assert_eq!(!!a, a);
            prop_assert_eq!(!(a & b), !a | !b);
            prop_assert_eq!(a & b, b & a);
            prop_assert_eq!(a & (a | b), a);
            prop_assert!(monotone(a));
            prop_assert_eq!((!a).at(true, false), !a.at(false, true));
        }
    }

    #[test]
    fn maybes_of_one_kind_do_not_touch_the_other() {
        assert!(!Truth::CALLER.depends_on_code());
        assert!(Truth::CODE.depends_on_code());
        assert!(Truth::CALLER.at(true, false) && !Truth::CALLER.at(false, true));
        assert_eq!(Truth::any([Truth::NO, Truth::YES]), Truth::YES);
        assert_eq!(Truth::all([Truth::YES, Truth::NO]), Truth::NO);
    }
}
