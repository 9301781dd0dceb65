//! Functions on lists.

use super::{Call, changed};
use crate::frontend::terraform::eval::equality::equal;
use crate::frontend::terraform::eval::open::{Lift, distribute};
use crate::frontend::terraform::types::Type;
use crate::frontend::terraform::types::convert::convert;
use crate::limits;
use crate::value::{Family, Kind, Number, Shape, Unknown, Value};

type Answer = Result<Value, String>;

const TOO_MANY: &str = "the result has too many elements";

pub(super) fn concat(c: &mut Call<'_, '_, '_>) -> Answer {
    let mut out = Vec::new();
    for i in 0..c.args.len() {
        out.extend_from_slice(c.sequence(i)?);
        if out.len() > limits::ELEMENTS {
            return Err(TOO_MANY.into());
        }
    }
    let typed = c.args.iter().all(|a| a.typed);
    Ok(c.list_result(if typed { super::one_type(out)? } else { out }))
}

pub(super) fn element(c: &mut Call<'_, '_, '_>) -> Answer {
    let (items, index) = (c.sequence(0)?, c.integer(1)?);
    let len = i64::try_from(items.len()).unwrap_or(i64::MAX);
    if len == 0 {
        return Err("the list is empty".into());
    }
    if index < 0 {
        return Err("the index must not be negative".into());
    }
    let at = usize::try_from(index % len).unwrap_or(0);
    items.get(at).cloned().ok_or_else(|| "the list is empty".into())
}

pub(super) fn slice(c: &mut Call<'_, '_, '_>) -> Answer {
    let (start, end) = (c.size(1)?, c.size(2)?);
    let part = c.sequence(0)?.get(start..end).ok_or("the start and the end must be in the list, in order")?;
    Ok(c.list_result(part.to_vec()))
}

pub(super) fn reverse(c: &mut Call<'_, '_, '_>) -> Answer {
    Ok(c.list_result(c.list(0)?.iter().rev().cloned().collect()))
}

pub(super) fn chunklist(c: &mut Call<'_, '_, '_>) -> Answer {
    let (items, size) = (super::one_type(c.list(0)?.to_vec())?, c.size(1)?);
    let size = if size == 0 { items.len().max(1) } else { size };
    Ok(c.list_result(items.chunks(size).map(|part| c.list_result(part.to_vec())).collect()))
}

/// Drops nulls and empty strings. An element that may be empty leaves open how many there are.
pub(super) fn compact(c: &mut Call<'_, '_, '_>) -> Answer {
    if c.arg(0)?.as_unknown().is_some() {
        return Ok(c.unknown_of(0));
    }
    let mut out = Vec::new();
    for v in c.list(0)? {
        match &v.kind {
            Kind::Null => {}
            Kind::String(t) if t.visible().is_empty() => {
                if let Some(hole) = t.holes().first() {
                    return Ok(c.unknown(hole.unknown.clone()));
                }
            }
            // An attribute of a resource that is made is never empty.
            Kind::Unknown(u) if !is_attribute(v) => return Ok(c.unknown(u.clone())),
            Kind::String(_) | Kind::Unknown(_) => out.push(v.clone()),
            Kind::Number(_) | Kind::Bool(_) => out.push(convert(v, &Type::String).map_err(|e| e.0)?),
            Kind::List(_) | Kind::Set(_) | Kind::Map(_) | Kind::OneOf(_) => {
                return Err("every element must be a string".into());
            }
        }
    }
    Ok(c.list_result(out))
}

/// Keeps the first of equal elements.
pub(super) fn distinct(c: &mut Call<'_, '_, '_>) -> Answer {
    if c.arg(0)?.as_unknown().is_some() {
        return Ok(c.unknown_of(0));
    }
    let mut seen = std::collections::BTreeSet::new();
    let items = super::one_type(c.list(0)?.to_vec())?.into_iter();
    let fresh = items.filter(|v| seen.insert(crate::frontend::terraform::types::convert::shape(v)));
    Ok(c.list_result(fresh.collect()))
}

pub(super) fn flatten(c: &mut Call<'_, '_, '_>) -> Answer {
    let arg = c.arg(0)?;
    let flat = |v: &Value| match flat_items(v) {
        Ok(items) => Ok(c.list_result(items)),
        Err(Flat::Open(u)) => Ok(c.unknown(u)),
        Err(Flat::Wrong(message)) => Err(message),
    };
    // An element that may be one list or another has to be settled first; one string or another need not.
    let lift = if open_lists(arg) { Lift::Deep } else { Lift::No };
    distribute(std::slice::from_ref(arg), &[lift], &mut |args| args.first().map_or_else(|| flat(arg), flat))
}

/// What stands for sure in a flat list of an element.
pub(super) fn flattened(v: &Value, depth: usize, out: &mut Vec<Value>) {
    if depth > limits::DEPTH {
        return;
    }
    let plain = match v.family() {
        Some(Family::Plain | Family::Mapping) => true,
        Some(Family::Sequence) => false,
        None => is_attribute(v),
    };
    if plain {
        return out.push(v.clone());
    }
    v.sure().iter().for_each(|v| flattened(v, depth + 1, out));
}

enum Flat {
    Open(Unknown),
    Wrong(String),
}

fn open_lists(v: &Value) -> bool {
    match &v.kind {
        Kind::OneOf(o) => {
            o.arms.iter().any(|a| matches!(a.kind, Kind::List(_) | Kind::Set(_) | Kind::OneOf(_)))
        }
        Kind::List(l) | Kind::Set(l) => l.iter().any(open_lists),
        Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::String(_) | Kind::Map(_) | Kind::Unknown(_) => {
            false
        }
    }
}

/// True for an attribute of a resource, and not for a variable.
fn is_attribute(v: &Value) -> bool {
    v.refer.as_ref().is_some_and(|r| !r.attribute.is_empty())
}

fn may_be_list(v: &Value) -> bool {
    match v.of.family() {
        Some(Family::Plain | Family::Mapping) => false,
        Some(Family::Sequence) => true,
        None => !is_attribute(v),
    }
}

fn flat_items(v: &Value) -> Result<Vec<Value>, Flat> {
    let mut out = Vec::new();
    let items = match &v.kind {
        Kind::Unknown(u) => return Err(Flat::Open(u.clone())),
        Kind::List(l) | Kind::Set(l) => l,
        Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::String(_) | Kind::Map(_) | Kind::OneOf(_) => {
            return Err(Flat::Wrong("argument 1 must be a list or a set".into()));
        }
    };
    let mut stack: Vec<&Value> = items.iter().rev().collect();
    while let Some(v) = stack.pop() {
        match &v.kind {
            Kind::List(l) | Kind::Set(l) => stack.extend(l.iter().rev()),
            // It may be a list: how many elements there are is not known. An attribute of a resource is one.
            Kind::Unknown(u) if may_be_list(v) => return Err(Flat::Open(u.clone())),
            Kind::Null
            | Kind::Bool(_)
            | Kind::Number(_)
            | Kind::String(_)
            | Kind::Map(_)
            | Kind::OneOf(_)
            | Kind::Unknown(_) => out.push(v.clone()),
        }
        if out.len() > limits::ELEMENTS {
            return Err(Flat::Wrong(TOO_MANY.into()));
        }
    }
    Ok(out)
}

pub(super) fn index(c: &mut Call<'_, '_, '_>) -> Answer {
    if c.arg(0)?.as_unknown().is_some() {
        return Ok(c.unknown_of(0));
    }
    for (i, item) in c.sequence(0)?.iter().enumerate() {
        match equal(item, c.arg(1)?) {
            Ok(true) => return Ok(c.count(i)),
            Ok(false) => {}
            Err(u) => return Ok(c.unknown(u)),
        }
    }
    Err("the list does not have this element".into())
}

pub(super) fn matchkeys(c: &mut Call<'_, '_, '_>) -> Answer {
    if let Some(u) = c.args.iter().find_map(Value::as_unknown) {
        return Ok(c.unknown(u.clone()));
    }
    let values = c.list(0)?;
    let both = c.unified(1)?;
    let [keys, wanted] = both.as_slice() else { return Err("three lists are required".into()) };
    if values.len() != keys.len() {
        return Err("the lists of values and keys must have the same length".into());
    }
    let mut out = Vec::new();
    for (value, key) in values.iter().zip(keys) {
        for w in wanted {
            match equal(key, w) {
                Ok(true) => {
                    out.push(value.clone());
                    break;
                }
                Ok(false) => {}
                Err(u) => return Ok(c.unknown(u)),
            }
        }
    }
    Ok(c.list_result(out))
}

pub(super) fn sort(c: &mut Call<'_, '_, '_>) -> Answer {
    // Where an element comes to stand is not known when one is not.
    if let Some(u) = super::first_unknown(c.arg(0)?) {
        let one = |i: usize| {
            let element = changed(&u, &format!("element {i} of what is sorted"));
            c.unknown(element).of(Shape::String)
        };
        return Ok(c.list_result((0..c.list(0)?.len()).map(one).collect()));
    }
    let texts: Result<Vec<_>, _> = c.list(0)?.iter().map(|v| Ok((super::string::as_text(v)?, v))).collect();
    let mut texts: Vec<_> = texts.map_err(|e: String| e)?;
    texts.sort_by(|(a, _), (b, _)| a.visible().cmp(b.visible()));
    let values = texts.into_iter().map(|(t, v)| Value { kind: Kind::String(t), ..v.clone() });
    Ok(c.list_result(values.collect()))
}

pub(super) fn range(c: &mut Call<'_, '_, '_>) -> Answer {
    let zero = || Number::from(0);
    let (start, end) = if c.args.len() == 1 { (zero(), c.number(0)?) } else { (c.number(0)?, c.number(1)?) };
    let step = match c.args.len() {
        3 => c.number(2)?,
        _ => Number::from(if start <= end { 1 } else { -1 }),
    };
    let up = step > zero();
    if step == zero() || (up && start > end) || (!up && start < end) {
        return Err("the step must lead from the start to the end".into());
    }
    let (mut at, mut out) = (start, Vec::new());
    while (up && at < end) || (!up && at > end) {
        // Terraform's own bound.
        if out.len() >= 1024 {
            return Err("more than 1024 elements".into());
        }
        let next = at.add(&step).ok_or("the number is out of bounds")?;
        out.push(c.number_result(at));
        at = next;
    }
    Ok(c.list_result(out))
}
