//! Functions on numbers.

use num_bigint::BigUint;

use super::Call;
use crate::frontend::terraform::types::Type;
use crate::frontend::terraform::types::convert::convert;
use crate::value::{Kind, Number, Value};

type Answer = Result<Value, String>;

const OUT_OF_BOUNDS: &str = "the number is out of bounds";

fn result(c: &Call<'_, '_, '_>, n: Option<Number>) -> Answer {
    n.map(|n| c.number_result(n)).ok_or_else(|| OUT_OF_BOUNDS.into())
}

/// An argument of a function that Terraform computes with 64 bit floats.
fn float(c: &Call<'_, '_, '_>, i: usize) -> Result<f64, String> {
    let n = c.number(i)?.to_f64();
    if n.is_finite() { Ok(n) } else { Err(OUT_OF_BOUNDS.into()) }
}

pub(super) fn abs(c: &mut Call<'_, '_, '_>) -> Answer {
    Ok(c.number_result(c.number(0)?.abs()))
}

pub(super) fn ceil(c: &mut Call<'_, '_, '_>) -> Answer {
    Ok(c.number_result(c.number(0)?.to_whole(true)))
}

pub(super) fn floor(c: &mut Call<'_, '_, '_>) -> Answer {
    Ok(c.number_result(c.number(0)?.to_whole(false)))
}

pub(super) fn signum(c: &mut Call<'_, '_, '_>) -> Answer {
    Ok(c.number_result(Number::from(c.integer(0)?.signum())))
}

pub(super) fn log(c: &mut Call<'_, '_, '_>) -> Answer {
    result(c, Number::from_f64(libm::log(float(c, 0)?) / libm::log(float(c, 1)?)))
}

pub(super) fn pow(c: &mut Call<'_, '_, '_>) -> Answer {
    result(c, Number::from_f64(power(float(c, 0)?, float(c, 1)?)))
}

/// A power as Go computes it: by squares of the mantissa, rounded every time.
fn power(n: f64, exponent: f64) -> f64 {
    let special = n == 0.0 || n == 1.0 || exponent == 0.0 || exponent == 1.0 || exponent.abs() == 0.5;
    let (mut whole, mut part) = (exponent.abs().trunc(), exponent.abs().fract());
    // Beyond these every power is 0, infinite, or that of an even number.
    if special || whole >= 1e15 || (part != 0.0 && n < 0.0) {
        let root = if exponent < 0.0 { 1.0 / n.sqrt() } else { n.sqrt() };
        return if exponent.abs() == 0.5 { root } else { n.powf(exponent) };
    }
    let (mut result, mut twos) = (1.0, 0);
    if part > 0.5 {
        (whole, part) = (whole + 1.0, part - 1.0);
    }
    if part != 0.0 {
        result = libm::exp(part * libm::log(n));
    }
    let (mut square, mut square_twos) = libm::frexp(n);
    let mut left = whole as u64;
    while left > 0 {
        if square_twos.abs() > 1 << 12 {
            twos += square_twos;
            break;
        }
        if left & 1 == 1 {
            result *= square;
            twos += square_twos;
        }
        square *= square;
        square_twos *= 2;
        if square < 0.5 {
            square += square;
            square_twos -= 1;
        }
        left >>= 1;
    }
    if exponent < 0.0 {
        (result, twos) = (1.0 / result, -twos);
    }
    libm::ldexp(result, twos)
}

fn numbers(c: &Call<'_, '_, '_>) -> Result<Vec<Number>, String> {
    (0..c.args.len()).map(|i| c.number(i)).collect()
}

pub(super) fn max(c: &mut Call<'_, '_, '_>) -> Answer {
    let most = numbers(c)?.into_iter().max();
    most.map(|n| c.number_result(n)).ok_or_else(|| "no number is given".into())
}

pub(super) fn min(c: &mut Call<'_, '_, '_>) -> Answer {
    let least = numbers(c)?.into_iter().min();
    least.map(|n| c.number_result(n)).ok_or_else(|| "no number is given".into())
}

pub(super) fn sum(c: &mut Call<'_, '_, '_>) -> Answer {
    let items = c.list(0)?;
    if items.is_empty() {
        return Err("the sum of no elements".into());
    }
    let mut total = Number::from(0);
    for item in items {
        match convert(item, &Type::Number).map_err(|e| e.0)?.kind {
            Kind::Number(n) => total = total.add(&n).ok_or(OUT_OF_BOUNDS)?,
            Kind::Null
            | Kind::Bool(_)
            | Kind::String(_)
            | Kind::List(_)
            | Kind::Set(_)
            | Kind::Map(_)
            | Kind::OneOf(_)
            | Kind::Unknown(_) => return Err("every element must be a number".into()),
        }
    }
    Ok(c.number_result(total))
}

pub(super) fn parseint(c: &mut Call<'_, '_, '_>) -> Answer {
    let base = c.size(1)?;
    let Some(text) = c.given(0)?.as_str() else { return Err("argument 1 must be a string".into()) };
    let wrong = || format!("`{text}` is not a whole number in base {base}");
    let radix = u32::try_from(base).ok().filter(|b| (2..=62).contains(b)).ok_or_else(wrong)?;
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    if digits.is_empty() || digits.len() > 1_000 {
        return Err(wrong());
    }
    let mut n = BigUint::ZERO;
    for digit in digits.bytes() {
        let value = match digit {
            b'0'..=b'9' => digit - b'0',
            b'a'..=b'z' => digit - b'a' + 10,
            // Above base 36 capital letters are digits of their own.
            b'A'..=b'Z' if radix <= 36 => digit - b'A' + 10,
            b'A'..=b'Z' => digit - b'A' + 36,
            _ => return Err(wrong()),
        };
        if u32::from(value) >= radix {
            return Err(wrong());
        }
        n = n * radix + value;
    }
    result(c, Number::whole(text.starts_with('-'), n))
}
