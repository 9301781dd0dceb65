//! Type conversion and marks.

use super::Call;
use crate::frontend::terraform::types::Type;
use crate::frontend::terraform::types::convert::convert;
use crate::value::Value;

type Answer = Result<Value, String>;

fn to(c: &Call<'_, '_, '_>, t: &Type) -> Answer {
    convert(c.arg(0)?, t).map_err(|e| e.0)
}

pub(super) fn tobool(c: &mut Call<'_, '_, '_>) -> Answer {
    to(c, &Type::Bool)
}

pub(super) fn tonumber(c: &mut Call<'_, '_, '_>) -> Answer {
    to(c, &Type::Number)
}

pub(super) fn tostring(c: &mut Call<'_, '_, '_>) -> Answer {
    to(c, &Type::String)
}

pub(super) fn tolist(c: &mut Call<'_, '_, '_>) -> Answer {
    to(c, &Type::List(Box::new(Type::Any)))
}

pub(super) fn toset(c: &mut Call<'_, '_, '_>) -> Answer {
    to(c, &Type::Set(Box::new(Type::Any)))
}

pub(super) fn tomap(c: &mut Call<'_, '_, '_>) -> Answer {
    to(c, &Type::Map(Box::new(Type::Any)))
}

pub(super) fn same(c: &mut Call<'_, '_, '_>) -> Answer {
    c.arg(0).cloned()
}

pub(super) fn sensitive(c: &mut Call<'_, '_, '_>) -> Answer {
    Ok(Value { sensitive: true, ..c.arg(0)?.clone() })
}

pub(super) fn nonsensitive(c: &mut Call<'_, '_, '_>) -> Answer {
    Ok(Value { sensitive: false, ..c.arg(0)?.clone() })
}

pub(super) fn issensitive(c: &mut Call<'_, '_, '_>) -> Answer {
    let value = c.arg(0)?;
    match value.as_unknown().filter(|_| !value.sensitive) {
        Some(u) => Ok(c.unknown(u.clone())),
        None => Ok(c.bool_result(value.sensitive)),
    }
}
