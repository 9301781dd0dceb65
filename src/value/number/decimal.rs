//! Numbers as decimal text: all digits, or the fewest that stand for this number and no other of its precision.

use num_bigint::BigUint;

use super::Number;

/// `0.DIGITS * 10^point`, without zeros at either end.
struct Decimal {
    digits: Vec<u8>,
    point: i64,
}

impl Decimal {
    /// All digits of `mantissa * 2^exponent`.
    fn of(mantissa: &BigUint, exponent: i64) -> Self {
        let below = exponent.min(0).unsigned_abs();
        let fives = BigUint::from(5_u8).pow(u32::try_from(below).unwrap_or(u32::MAX));
        let text = ((mantissa << exponent.max(0)) * fives).to_string();
        let point = i64::try_from(text.len()).unwrap_or(i64::MAX).saturating_sub_unsigned(below);
        let mut out = Self { digits: text.into_bytes(), point };
        out.cut(usize::MAX);
        out
    }

    fn at(&self, i: usize) -> u8 {
        self.digits.get(i).copied().unwrap_or(b'0')
    }

    /// The digit so many places after the point.
    fn behind_point(&self, i: usize) -> u8 {
        let i = i64::try_from(i).unwrap_or(i64::MAX).saturating_add(self.point);
        usize::try_from(i).map_or(b'0', |i| self.at(i))
    }

    /// How many of the first so many digits stand behind the point.
    fn digits_behind(&self, n: usize) -> usize {
        let behind = i64::try_from(n).unwrap_or(i64::MAX).saturating_sub(self.point);
        usize::try_from(behind).unwrap_or(0)
    }

    /// Leaves so many digits, without zeros at the end.
    fn cut(&mut self, n: usize) {
        self.digits.truncate(n);
        while self.digits.last() == Some(&b'0') {
            self.digits.pop();
        }
        if self.digits.is_empty() {
            self.point = 0;
        }
    }

    fn round_up(&mut self, n: usize) {
        self.digits.truncate(n);
        while self.digits.last() == Some(&b'9') {
            self.digits.pop();
        }
        match self.digits.last_mut() {
            Some(last) => *last += 1,
            None => {
                self.digits.push(b'1');
                self.point += 1;
            }
        }
    }

    /// The nearest of so many digits, the even one of two.
    fn round(&mut self, n: usize) {
        if n >= self.digits.len() {
            return;
        }
        let tie = self.at(n) == b'5' && n + 1 == self.digits.len();
        let odd = n > 0 && self.at(n - 1) % 2 == 1;
        if if tie { odd } else { self.at(n) >= b'5' } { self.round_up(n) } else { self.cut(n) }
    }

    /// The fewest digits that are nearer to this number than to its neighbours of the same precision.
    fn shortest(n: &Number) -> Self {
        let mut all = n.decimal();
        if n.is_zero() {
            return all;
        }
        // One bit more than the number has: one is half of what is between neighbours.
        let shift = (n.precision + 1).saturating_sub(n.mantissa.bits());
        let (mantissa, exponent) = (&n.mantissa << shift, n.exponent.saturating_sub_unsigned(shift));
        let even = !mantissa.bit(1);
        let lower = Self::of(&(&mantissa - 1_u8), exponent);
        let upper = Self::of(&(&mantissa + 1_u8), exponent);
        for i in 0..all.digits.len() {
            let (here, low, high) = (all.at(i), lower.at(i), upper.at(i));
            let down = low != here || even && i + 1 == lower.digits.len();
            let up = here != high && (even || here + 1 < high || i + 1 < upper.digits.len());
            match (down, up) {
                (true, true) => all.round(i + 1),
                (true, false) => all.cut(i + 1),
                (false, true) => all.round_up(i + 1),
                (false, false) => continue,
            }
            break;
        }
        all
    }

    /// With so many digits behind the point.
    fn fixed(&self, behind: usize) -> String {
        let whole = usize::try_from(self.point).unwrap_or(0);
        let mut out: String = (0..whole).map(|i| char::from(self.at(i))).collect();
        if whole == 0 {
            out.push('0');
        }
        if behind > 0 {
            out.push('.');
            out.extend((0..behind).map(|i| char::from(self.behind_point(i))));
        }
        out
    }

    /// In scientific notation with so many digits behind the point.
    fn scientific(&self, behind: usize, letter: char) -> String {
        let mut out = char::from(self.at(0)).to_string();
        if behind > 0 {
            out.push('.');
            out.extend((1..=behind).map(|i| char::from(self.at(i))));
        }
        let power = if self.digits.is_empty() { 0 } else { self.point - 1 };
        let sign = if power < 0 { '-' } else { '+' };
        format!("{out}{letter}{sign}{:02}", power.abs())
    }
}

impl Number {
    fn signed_text(&self, size: impl FnOnce() -> String) -> String {
        match (self.is_infinite(), self.negative) {
            (true, true) => "-Inf".to_owned(),
            (true, false) => "+Inf".to_owned(),
            (false, true) => format!("-{}", size()),
            (false, false) => size(),
        }
    }

    fn decimal(&self) -> Decimal {
        Decimal::of(&self.mantissa, self.exponent)
    }

    /// Without an exponent, with so many digits behind the point, or as few as there can be.
    pub fn to_fixed(&self, behind: Option<usize>) -> String {
        self.signed_text(|| match behind {
            // A whole number of which all bits are known has the digits it has.
            None if self.is_integer() && self.top().unsigned_abs() <= self.precision => {
                self.trunc().to_string()
            }
            None => {
                let d = Decimal::shortest(self);
                d.fixed(d.digits_behind(d.digits.len()))
            }
            Some(behind) => {
                let mut d = self.decimal();
                let place = d.point.saturating_add(i64::try_from(behind).unwrap_or(i64::MAX));
                if let Ok(place) = usize::try_from(place) {
                    d.round(place);
                }
                d.fixed(behind)
            }
        })
    }

    /// In scientific notation, with so many digits behind the point.
    pub fn to_scientific(&self, behind: usize, letter: char) -> String {
        self.signed_text(|| {
            let mut d = self.decimal();
            d.round(behind.saturating_add(1));
            d.scientific(behind, letter)
        })
    }

    /// With so many digits, or as few as there can be; in scientific notation when it is large or small.
    pub fn to_general(&self, digits: Option<usize>, letter: char) -> String {
        self.signed_text(|| {
            let d = match digits {
                Some(n) => {
                    let mut d = self.decimal();
                    d.round(n.max(1));
                    d
                }
                None => Decimal::shortest(self),
            };
            let len = d.digits.len();
            let given = digits.map_or(len, |n| n.max(1));
            let reaches = |n: usize| i64::try_from(n).is_ok_and(|n| n >= d.point);
            let most = match digits {
                None => 6,
                Some(_) if given > len && reaches(len) => len,
                Some(_) => given,
            };
            if d.point <= -4 || !reaches(most) {
                return d.scientific(given.min(len).saturating_sub(1), letter);
            }
            d.fixed(d.digits_behind(if reaches(given.saturating_sub(1)) { len } else { given }))
        })
    }
}
