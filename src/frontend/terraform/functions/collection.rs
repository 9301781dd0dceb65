//! Functions on collections of any kind.

use unicode_segmentation::UnicodeSegmentation as _;

use super::Call;
use crate::frontend::terraform::eval::equality::equal;
use crate::frontend::terraform::types::Type;
use crate::frontend::terraform::types::convert::convert;
use crate::value::{Kind, Shape, Value};

type Answer = Result<Value, String>;

pub(super) fn length(c: &mut Call<'_, '_, '_>) -> Answer {
    let v = c.given(0)?;
    match &v.kind {
        Kind::Unknown(u) => match &v.of {
            Shape::Tuple(types) => Ok(c.count(types.len())),
            Shape::Object(attributes) => Ok(c.count(attributes.len())),
            Shape::Bool | Shape::Number => Err("a collection or a string is required".into()),
            Shape::Any | Shape::String | Shape::List(_) | Shape::Set(_) | Shape::Map(_) => {
                Ok(c.unknown(u.clone()))
            }
        },
        Kind::List(l) => Ok(c.count(l.len())),
        // Elements that are not settled may turn out to be the same.
        Kind::Set(l) => match l.iter().find(|v| !v.is_settled()).filter(|_| l.len() > 1) {
            Some(open) => Ok(super::first_unknown(open).map_or_else(|| c.count(l.len()), |u| c.unknown(u))),
            None => Ok(c.count(l.len())),
        },
        Kind::Map(m) => match &v.refer {
            Some(r) => {
                Ok(Value::unknown(format!("all of `{}` is known only after apply", r.address), v.span))
            }
            None => Ok(c.count(m.len())),
        },
        Kind::String(t) => {
            let mut count = t.visible().graphemes(true).count();
            for hole in t.holes() {
                match hole.unknown.chars() {
                    Some(chars) => count += chars,
                    None => return Ok(c.unknown(hole.unknown.clone())),
                }
            }
            Ok(c.count(count))
        }
        Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::OneOf(_) => {
            Err("a collection or a string is required".into())
        }
    }
}

pub(super) fn contains(c: &mut Call<'_, '_, '_>) -> Answer {
    let (all, wanted) = (c.given(0)?, c.given(1)?);
    if let Some(u) = all.as_unknown() {
        return Ok(c.unknown(u.clone()));
    }
    let mut open = None;
    for item in c.list(0)? {
        match equal(item, wanted) {
            Ok(true) => return Ok(c.bool_result(true)),
            Ok(false) => {}
            Err(u) => open = open.or(Some(u)),
        }
    }
    Ok(open.map_or_else(|| c.bool_result(false), |u| c.unknown(u)))
}

pub(super) fn alltrue(c: &mut Call<'_, '_, '_>) -> Answer {
    settles(c, false)
}

pub(super) fn anytrue(c: &mut Call<'_, '_, '_>) -> Answer {
    settles(c, true)
}

/// True or false as soon as one element is `winner`, the opposite when none is. Null is false.
fn settles(c: &Call<'_, '_, '_>, winner: bool) -> Answer {
    if let Some(u) = c.arg(0)?.as_unknown() {
        return Ok(c.unknown(u.clone()));
    }
    let mut open = None;
    for item in c.list(0)? {
        match convert(item, &Type::Bool).map_err(|e| e.0)?.kind {
            Kind::Bool(b) if b == winner => return Ok(c.bool_result(winner)),
            Kind::Null if !winner => return Ok(c.bool_result(false)),
            Kind::Unknown(u) => open = open.or(Some(u)),
            Kind::Bool(_)
            | Kind::Null
            | Kind::Number(_)
            | Kind::String(_)
            | Kind::List(_)
            | Kind::Set(_)
            | Kind::Map(_)
            | Kind::OneOf(_) => {}
        }
    }
    Ok(open.map_or_else(|| c.bool_result(!winner), |u| c.unknown(u)))
}

/// The first argument that is neither null nor an empty string.
pub(super) fn coalesce(c: &mut Call<'_, '_, '_>) -> Answer {
    let text = c
        .args
        .iter()
        .any(|v| matches!((&v.kind, &v.of), (Kind::String(_), _) | (Kind::Unknown(_), Shape::String)));
    let mut families = c.args.iter().filter_map(Value::family);
    if families.next().is_some_and(|first| families.any(|family| family != first)) {
        return Err("all arguments must have one type".into());
    }
    for v in c.args {
        let blank = match &v.kind {
            Kind::Null => true,
            Kind::String(t) if t.visible().is_empty() => match t.holes().first() {
                Some(hole) => return Ok(c.unknown(hole.unknown.clone())),
                None => true,
            },
            Kind::Bool(_)
            | Kind::Number(_)
            | Kind::String(_)
            | Kind::List(_)
            | Kind::Set(_)
            | Kind::Map(_)
            | Kind::OneOf(_)
            | Kind::Unknown(_) => false,
        };
        if !blank {
            let scalar = matches!(v.kind, Kind::Number(_) | Kind::Bool(_));
            return if text && scalar { convert(v, &Type::String).map_err(|e| e.0) } else { Ok(v.clone()) };
        }
    }
    Err("every argument is null or empty".into())
}

pub(super) fn coalescelist(c: &mut Call<'_, '_, '_>) -> Answer {
    let wrong = |v: &Value| v.is_null() && v.of == Shape::Any || matches!(v.kind, Kind::Set(_));
    if c.args.iter().any(wrong) {
        return Err("every argument must be a list".into());
    }
    let filled = |v: &&Value| v.as_unknown().is_some() || v.as_list().is_some_and(|l| !l.is_empty());
    c.args.iter().find(filled).cloned().ok_or_else(|| "every argument is null or empty".into())
}

pub(super) fn one(c: &mut Call<'_, '_, '_>) -> Answer {
    if let Some(u) = c.given(0)?.as_unknown() {
        return match &c.given(0)?.of {
            Shape::Tuple(types) if types.len() > 1 => Err("the list has more than one element".into()),
            _ => Ok(c.unknown(u.clone())),
        };
    }
    match c.list(0)? {
        [] => Ok(Value::null(Some(c.span))),
        [only] => Ok(only.clone()),
        [_, ..] => Err("the list has more than one element".into()),
    }
}
