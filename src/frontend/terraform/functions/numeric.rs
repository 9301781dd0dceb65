//! Functions on numbers.

use bigdecimal::num_bigint::BigInt;
use bigdecimal::{BigDecimal, RoundingMode, Signed as _, ToPrimitive as _, Zero as _};

use super::Call;
use crate::frontend::terraform::types::Type;
use crate::frontend::terraform::types::convert::convert;
use crate::frontend::terraform::types::number::bounded;
use crate::value::{Kind, Number, Value};

type Answer = Result<Value, String>;

const OUT_OF_BOUNDS: &str = "the number is out of bounds";

fn result(c: &Call<'_, '_, '_>, n: BigDecimal) -> Answer {
    bounded(n).map(|n| c.number_result(n)).ok_or_else(|| OUT_OF_BOUNDS.into())
}

fn float(c: &Call<'_, '_, '_>, n: f64) -> Answer {
    use bigdecimal::FromPrimitive as _;
    // The shortest text that gives the same float is what Terraform prints.
    let exact = if n == n.trunc() { BigDecimal::from_f64(n) } else { n.to_string().parse().ok() };
    exact.map_or_else(|| Err(OUT_OF_BOUNDS.into()), |n| result(c, n))
}

pub(super) fn abs(c: &mut Call<'_, '_, '_>) -> Answer {
    result(c, c.number(0)?.0.abs())
}

pub(super) fn ceil(c: &mut Call<'_, '_, '_>) -> Answer {
    result(c, c.number(0)?.0.with_scale_round(0, RoundingMode::Ceiling))
}

pub(super) fn floor(c: &mut Call<'_, '_, '_>) -> Answer {
    result(c, c.number(0)?.0.with_scale_round(0, RoundingMode::Floor))
}

pub(super) fn signum(c: &mut Call<'_, '_, '_>) -> Answer {
    let n = c.number(0)?.0;
    if !n.is_integer() {
        return Err("argument 1 must be a whole number".into());
    }
    let sign = if n.is_zero() {
        0
    } else if n.is_positive() {
        1
    } else {
        -1
    };
    Ok(c.number_result(Number::from(sign)))
}

pub(super) fn log(c: &mut Call<'_, '_, '_>) -> Answer {
    let (n, base) = (c.number(0)?.0.to_f64().unwrap_or(0.0), c.number(1)?.0.to_f64().unwrap_or(0.0));
    float(c, n.ln() / base.ln())
}

pub(super) fn pow(c: &mut Call<'_, '_, '_>) -> Answer {
    let (n, power) = (c.number(0)?.0.to_f64().unwrap_or(0.0), c.number(1)?.0.to_f64().unwrap_or(0.0));
    float(c, n.powf(power))
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
    let mut total = BigDecimal::zero();
    for item in items {
        match convert(item, &Type::Number).map_err(|e| e.0)?.kind {
            Kind::Number(n) => total += n.0,
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
    result(c, total)
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
    let mut n = BigInt::zero();
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
    result(c, BigDecimal::from(if text.starts_with('-') { -n } else { n }))
}
