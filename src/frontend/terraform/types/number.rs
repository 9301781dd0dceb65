//! Numbers with Terraform's precision and within bounds.

use bigdecimal::{BigDecimal, Zero as _};

use crate::value::Number;

/// Decimal digits kept: those of the 512 bits Terraform computes with.
const DIGITS: u64 = 155;

/// Largest power of ten that is followed: a number is written out in full when it becomes text.
const EXPONENT: i64 = 4_096;

/// Reads a number as Terraform does when it converts a string. `None` when it is not one.
pub(crate) fn parse(s: &str) -> Option<Number> {
    let digits = s.strip_prefix(['-', '+']).unwrap_or(s);
    let first = digits.bytes().next()?;
    let plain = s.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'e' | b'E' | b'+' | b'-'));
    if s.len() > 8_192 || !plain || !(first.is_ascii_digit() || first == b'.') {
        return None;
    }
    s.parse::<BigDecimal>().ok().and_then(bounded)
}

/// A result of arithmetic, cut to the precision that is kept. `None` when it is out of bounds.
pub(crate) fn bounded(n: BigDecimal) -> Option<Number> {
    if n.is_zero() {
        return Some(Number(BigDecimal::zero()));
    }
    let n = if n.digits() > DIGITS { n.with_prec(DIGITS) } else { n };
    let (_, scale) = n.as_bigint_and_exponent();
    (-EXPONENT..=EXPONENT).contains(&scale).then_some(Number(n))
}

/// The quotient. `None` when `b` is zero.
pub(crate) fn divide(a: &Number, b: &Number) -> Option<Number> {
    if b.0.is_zero() { None } else { bounded(&a.0 / &b.0) }
}

/// The remainder with the sign of `a`. `None` when `b` is zero.
pub(crate) fn remainder(a: &Number, b: &Number) -> Option<Number> {
    if b.0.is_zero() { None } else { bounded(&a.0 % &b.0) }
}
