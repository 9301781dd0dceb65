//! Functions on sets.

use super::Call;
use crate::frontend::terraform::eval::equality::equal;
use crate::limits;
use crate::value::{Unknown, Value};

type Answer = Result<Value, String>;

fn open(c: &Call<'_, '_, '_>) -> Option<Value> {
    c.args.iter().find_map(Value::as_unknown).map(|u| c.unknown(u.clone()))
}

/// Whether one of `items` equals `v`; the reason when that is not known.
fn holds(items: &[Value], v: &Value) -> Result<bool, Unknown> {
    let mut unknown = None;
    for item in items {
        match equal(item, v) {
            Ok(true) => return Ok(true),
            Ok(false) => {}
            Err(u) => unknown = Some(u),
        }
    }
    unknown.map_or(Ok(false), Err)
}

/// The elements of the first set that are, or are not, in another.
fn filtered(c: &Call<'_, '_, '_>, items: &[Value], other: &[Value], keep: bool) -> Result<Vec<Value>, Value> {
    let mut out = Vec::new();
    for v in items {
        match holds(other, v) {
            Ok(found) if found == keep => out.push(v.clone()),
            Ok(_) => {}
            Err(u) => return Err(c.unknown(u)),
        }
    }
    Ok(out)
}

pub(super) fn setunion(c: &mut Call<'_, '_, '_>) -> Answer {
    if let Some(unknown) = open(c) {
        return Ok(unknown);
    }
    Ok(c.set_result(c.unified(0)?.concat()))
}

pub(super) fn setintersection(c: &mut Call<'_, '_, '_>) -> Answer {
    if let Some(unknown) = open(c) {
        return Ok(unknown);
    }
    let mut lists = c.unified(0)?.into_iter();
    let mut common = lists.next().unwrap_or_default();
    for other in lists {
        common = match filtered(c, &common, &other, true) {
            Ok(items) => items,
            Err(unknown) => return Ok(unknown),
        };
    }
    Ok(c.set_result(common))
}

pub(super) fn setsubtract(c: &mut Call<'_, '_, '_>) -> Answer {
    if let Some(unknown) = open(c) {
        return Ok(unknown);
    }
    let lists = c.unified(0)?;
    let [items, other] = lists.as_slice() else { return Err("two sets are required".into()) };
    Ok(match filtered(c, items, other, false) {
        Ok(items) => c.set_result(items),
        Err(unknown) => unknown,
    })
}

pub(super) fn setproduct(c: &mut Call<'_, '_, '_>) -> Answer {
    let mut rows: Vec<Vec<Value>> = vec![Vec::new()];
    let mut sets = false;
    for i in 0..c.args.len() {
        let items = super::one_type(c.list(i)?.to_vec())?;
        sets |= matches!(c.arg(i)?.kind, crate::value::Kind::Set(_));
        if rows.len().saturating_mul(items.len()) > limits::ELEMENTS {
            return Err("the result has too many elements".into());
        }
        let longer = |row: &Vec<Value>, v: &Value| row.iter().chain([v]).cloned().collect();
        rows = rows.iter().flat_map(|row| items.iter().map(|v| longer(row, v)).collect::<Vec<_>>()).collect();
    }
    let rows: Vec<Value> = rows.into_iter().map(|row| c.list_result(row)).collect();
    Ok(if sets { c.set_result(rows) } else { c.list_result(rows) })
}
