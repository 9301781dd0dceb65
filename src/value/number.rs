//! Numbers as Terraform has them: binary floating point, each with as many bits as it was made with.

mod decimal;

use std::cmp::Ordering;
use std::fmt;

use num_bigint::BigUint;

/// Bits of a number that is written, of a quotient and of a product.
const WRITTEN: u64 = 512;

/// Bits of a number that is counted.
const COUNTED: u64 = 64;

/// Bits of a 64 bit float.
const FLOAT: u64 = 53;

/// Largest power of two that is followed: a number is written out in full when it becomes text.
const POWER: i64 = 14_000;

/// Longest text that is read as a number, in bytes.
const TEXT_BYTES: usize = 8_192;

/// The exponent of infinity, whose mantissa is one.
const INFINITE: i64 = i64::MAX;

/// A number: `mantissa * 2^exponent`, rounded half to even when it was made. How precise it is matters for what is
/// computed with it and for how it is written, and not for what it is equal to.
#[derive(Debug, Clone)]
pub struct Number {
    negative: bool,
    /// Odd, or zero.
    mantissa: BigUint,
    exponent: i64,
    /// Bits that the mantissa may have.
    precision: u64,
}

impl Number {
    /// Reads a number as Terraform does when it converts a string. `None` when it is not one, or out of bounds.
    pub fn parse(s: &str) -> Option<Self> {
        let (negative, digits) = match s.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, s.strip_prefix('+').unwrap_or(s)),
        };
        let end = digits.find(['e', 'E', 'p', 'P']).unwrap_or(digits.len());
        let (digits, power) = digits.split_at_checked(end)?;
        let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
        let all = [whole, part].concat();
        if s.len() > TEXT_BYTES || all.is_empty() || !all.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        let binary = power.starts_with(['p', 'P']);
        let power: i64 = power.get(1..).map_or(Some(0), |p| p.parse().ok())?;
        let part = i64::try_from(part.len()).ok()?;
        let mantissa: BigUint = all.parse().ok()?;
        let (twos, fives) = if binary { (power, 0) } else { (power, power) };
        if power.abs() > POWER || mantissa.bits() == 0 {
            return (mantissa.bits() == 0).then(|| Self::rounded(negative, mantissa, 0, false, WRITTEN));
        }
        let (twos, fives) = (twos - part, fives - part);
        // As precise as the digits are.
        let exact = Self { negative, mantissa, exponent: twos, precision: WRITTEN };
        let power = Self::five_to(fives.unsigned_abs());
        let read = match fives.cmp(&0) {
            Ordering::Less => exact.quotient(&power, WRITTEN),
            Ordering::Equal | Ordering::Greater => exact.product(&power, WRITTEN),
        };
        read.bounded()
    }

    /// A power of five with some more bits than a number that is written.
    fn five_to(n: u64) -> Self {
        let (precision, most) = (WRITTEN + 64, 27);
        let first = BigUint::from(5_u8).pow(u32::try_from(n.min(most)).unwrap_or_default());
        let mut power = Self::rounded(false, first, 0, false, precision);
        let mut five = Self::rounded(false, BigUint::from(5_u8), 0, false, precision + 64);
        let mut left = n.saturating_sub(most);
        while left > 0 {
            if left & 1 == 1 {
                power = power.product(&five, precision);
            }
            five = five.product(&five, five.precision);
            left >>= 1;
        }
        power
    }

    /// The number nearest to `mantissa * 2^exponent`. `more`: the mantissa goes on after its last bit.
    fn rounded(negative: bool, mut mantissa: BigUint, mut exponent: i64, more: bool, precision: u64) -> Self {
        let cut = mantissa.bits().saturating_sub(precision);
        if cut > 0 {
            let half = mantissa.bit(cut - 1);
            let above = more || mantissa.trailing_zeros().is_some_and(|zeros| zeros < cut - 1);
            mantissa >>= cut;
            exponent = exponent.saturating_add_unsigned(cut);
            if half && (above || mantissa.bit(0)) {
                mantissa += 1_u8;
            }
        }
        match mantissa.trailing_zeros() {
            None => exponent = 0,
            Some(0) => {}
            Some(zeros) => {
                mantissa >>= zeros;
                exponent = exponent.saturating_add_unsigned(zeros);
            }
        }
        Self { negative, mantissa, exponent, precision }
    }

    /// The same number unless it is too large or too small to be followed.
    fn bounded(self) -> Option<Self> {
        let followed = self.is_infinite() || self.is_zero() || self.top().abs() <= POWER;
        followed.then_some(self)
    }

    fn infinite(negative: bool, precision: u64) -> Self {
        Self { negative, mantissa: BigUint::from(1_u8), exponent: INFINITE, precision }
    }

    /// A whole number with as many bits as it needs, and those of a number that is counted.
    pub fn whole(negative: bool, size: BigUint) -> Option<Self> {
        let precision = size.bits().max(COUNTED);
        Self::rounded(negative && size.bits() > 0, size, 0, false, precision).bounded()
    }

    /// The number that a float is. `None` when it is not a number.
    pub fn from_f64(n: f64) -> Option<Self> {
        if n.is_nan() {
            return None;
        }
        if n.is_infinite() {
            return Some(Self::infinite(n.is_sign_negative(), FLOAT));
        }
        let bits = n.to_bits();
        let (power, rest) = (bits >> 52 & 0x7ff, bits & ((1 << 52) - 1));
        let mantissa = if power == 0 { rest } else { rest | 1 << 52 };
        let exponent = i64::try_from(power.max(1)).ok()? - 1075;
        Some(Self::rounded(n.is_sign_negative(), mantissa.into(), exponent, false, FLOAT))
    }

    /// The float nearest to it; infinite when there is none.
    pub fn to_f64(&self) -> f64 {
        let sign = if self.negative { -1.0 } else { 1.0 };
        if self.is_zero() {
            return 0.0 * sign;
        }
        // Below the smallest normal float there are fewer bits.
        let least = self.top().saturating_add(1074);
        let bits = u64::try_from(least).unwrap_or(0).min(FLOAT);
        if bits == 0 || self.top() > 1024 {
            return if bits == 0 { 0.0 } else { f64::INFINITY } * sign;
        }
        let near = Self::rounded(false, self.mantissa.clone(), self.exponent, false, bits);
        let mantissa = u64::try_from(&near.mantissa).unwrap_or_default();
        sign * libm::ldexp(mantissa as f64, i32::try_from(near.exponent).unwrap_or_default())
    }

    /// True for zero, whatever its sign.
    pub fn is_zero(&self) -> bool {
        self.mantissa.bits() == 0
    }

    /// True when it is beyond all numbers.
    pub fn is_infinite(&self) -> bool {
        self.exponent == INFINITE
    }

    /// True when it is less than zero, or the zero that is.
    pub fn is_negative(&self) -> bool {
        self.negative
    }

    /// True for a whole number.
    pub fn is_integer(&self) -> bool {
        self.exponent >= 0 && !self.is_infinite()
    }

    /// The size without its sign and what stands behind the point. Of something infinite, nothing.
    pub fn trunc(&self) -> BigUint {
        if self.is_infinite() {
            return BigUint::ZERO;
        }
        match self.exponent {
            0.. => &self.mantissa << self.exponent,
            below => &self.mantissa >> below.unsigned_abs(),
        }
    }

    /// The nearest whole number that is not less (`up`), or not more.
    pub fn to_whole(&self, up: bool) -> Self {
        if self.is_infinite() {
            return self.clone();
        }
        let further = !self.is_integer() && self.negative != up;
        let size = self.trunc() + u8::from(further);
        Self::rounded(self.negative && size.bits() > 0, size, 0, false, self.precision)
    }

    /// As an index or a count: a whole number of at least 0 that fits.
    pub fn as_usize(&self) -> Option<usize> {
        usize::try_from(self.as_i64()?).ok()
    }

    /// As a whole number that fits.
    pub fn as_i64(&self) -> Option<i64> {
        if !self.is_integer() || self.top() > 64 {
            return None;
        }
        let size = i128::from(u64::try_from(self.trunc()).ok()?);
        i64::try_from(if self.negative { -size } else { size }).ok()
    }

    /// The power of two that is next above its size.
    fn top(&self) -> i64 {
        self.exponent.saturating_add_unsigned(self.mantissa.bits())
    }

    fn signed(self, negative: bool) -> Self {
        Self { negative, ..self }
    }

    /// The opposite number. Zero has one, too.
    pub fn neg(&self) -> Self {
        self.clone().signed(!self.negative)
    }

    /// The number without its sign.
    pub fn abs(&self) -> Self {
        self.clone().signed(false)
    }

    /// The sum. `None` when there is none that is followed.
    pub fn add(&self, other: &Self) -> Option<Self> {
        let precision = self.precision.max(other.precision);
        match (self.is_infinite(), other.is_infinite()) {
            (true, true) => return (self.negative == other.negative).then(|| self.clone()),
            (true, false) => return Some(self.clone()),
            (false, true) => return Some(other.clone()),
            (false, false) => {}
        }
        let exponent = match (self.is_zero(), other.is_zero()) {
            (true, _) => other.exponent,
            (_, true) => self.exponent,
            (false, false) => self.exponent.min(other.exponent),
        };
        let aligned = |n: &Self| &n.mantissa << n.exponent.saturating_sub(exponent).max(0);
        let (a, b) = (aligned(self), aligned(other));
        let (negative, size) = match (self.negative == other.negative, a.cmp(&b)) {
            (true, _) => (self.negative, a + b),
            (false, Ordering::Greater) => (self.negative, a - b),
            (false, Ordering::Less) => (other.negative, b - a),
            (false, Ordering::Equal) => (false, BigUint::ZERO),
        };
        Self::rounded(negative, size, exponent, false, precision).bounded()
    }

    /// The difference. `None` when there is none that is followed.
    pub fn sub(&self, other: &Self) -> Option<Self> {
        self.add(&other.neg())
    }

    fn product(&self, other: &Self, precision: u64) -> Self {
        let exponent = self.exponent.saturating_add(other.exponent);
        let mantissa = &self.mantissa * &other.mantissa;
        Self::rounded(self.negative != other.negative, mantissa, exponent, false, precision)
    }

    /// The product, which is as precise as both and has all bits it needs. `None` when there is none that is followed.
    pub fn mul(&self, other: &Self) -> Option<Self> {
        let precision = self.precision.max(other.precision);
        if self.is_infinite() || other.is_infinite() {
            let negative = self.negative != other.negative;
            return (!self.is_zero() && !other.is_zero()).then(|| Self::infinite(negative, precision));
        }
        let product = self.product(other, WRITTEN);
        let precision = precision.max(product.mantissa.bits());
        Self { precision, ..product }.bounded()
    }

    fn quotient(&self, other: &Self, precision: u64) -> Self {
        // Enough for the bit that decides on rounding; what is left over decides the rest.
        let shift = (precision + 2 + other.mantissa.bits()).saturating_sub(self.mantissa.bits());
        let dividend = &self.mantissa << shift;
        let quotient = &dividend / &other.mantissa;
        let more = &quotient * &other.mantissa != dividend;
        let exponent = self.exponent.saturating_sub(other.exponent).saturating_sub_unsigned(shift);
        Self::rounded(self.negative != other.negative, quotient, exponent, more, precision)
    }

    /// The quotient; of a division by zero it is infinite. `None` when there is none that is followed.
    pub fn div(&self, other: &Self) -> Option<Self> {
        let precision = self.precision.max(other.precision);
        let negative = self.negative != other.negative;
        match (self.is_infinite() || other.is_zero(), other.is_infinite() || self.is_zero()) {
            (true, true) => None,
            (true, false) => Some(Self::infinite(negative, precision)),
            (false, true) => Some(Self::rounded(negative, BigUint::ZERO, 0, false, precision)),
            (false, false) => self.quotient(other, precision).bounded(),
        }
    }

    /// The remainder with the sign of `self`, and `self` of a division by zero. `None` when there is none.
    pub fn rem(&self, other: &Self) -> Option<Self> {
        if self.is_infinite() || other.is_infinite() {
            return self.mul(other);
        }
        if other.is_zero() {
            return Some(self.clone());
        }
        let quotient = self.div(other)?;
        let precision = self.precision;
        let times = Self::rounded(quotient.negative, quotient.trunc(), 0, false, precision);
        self.sub(&times.product(other, precision))
    }
}

impl From<i64> for Number {
    fn from(n: i64) -> Self {
        Self::rounded(n < 0, n.unsigned_abs().into(), 0, false, COUNTED)
    }
}

impl Ord for Number {
    fn cmp(&self, other: &Self) -> Ordering {
        let sign = |n: &Self| match (n.is_zero(), n.negative) {
            (true, _) => 0,
            (false, negative) => 1 - 2 * i8::from(negative),
        };
        let size = || {
            let low = self.exponent.min(other.exponent);
            // Of the same top, so that what is shifted is no more than the bits of the other.
            let aligned = |n: &Self| &n.mantissa << n.exponent.saturating_sub(low);
            self.top().cmp(&other.top()).then_with(|| aligned(self).cmp(&aligned(other)))
        };
        sign(self).cmp(&sign(other)).then_with(|| match sign(self) {
            0 => Ordering::Equal,
            1 => size(),
            _ => size().reverse(),
        })
    }
}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Number {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Number {}

impl fmt::Display for Number {
    /// As Terraform turns a number into a string: no exponent, no trailing zeros.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_fixed(None))
    }
}
