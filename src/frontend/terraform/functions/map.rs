//! Functions on maps and objects.

use std::sync::Arc;

use super::Call;
use crate::frontend::terraform::types::Type;
use crate::frontend::terraform::types::convert::{convert, known_after_apply, settled};
use crate::value::{Entries, Entry, Shape, Value};

type Answer = Result<Value, String>;

/// Later maps win; null arguments count as empty.
pub(super) fn merge(c: &mut Call<'_, '_, '_>) -> Answer {
    let mut out = Entries::new();
    for (i, v) in c.args.iter().enumerate() {
        if !v.is_null() {
            out.extend(c.map(i)?.iter().map(|(k, e)| (Arc::clone(k), e.clone())));
        }
    }
    let merged = c.map_result(out);
    if c.args.iter().all(|a| a.typed) && !c.args.is_empty() {
        return convert(&merged, &Type::Map(Box::new(Type::Any))).map_err(|e| e.0);
    }
    Ok(merged)
}

/// Attributes of a resource that are not set have names, too: which, the configuration does not say.
fn whole<'a>(c: &'a Call<'_, '_, '_>) -> Result<Result<&'a Entries, Value>, String> {
    let v = c.arg(0)?;
    Ok(match &v.refer {
        Some(r) => Err(Value::unknown(format!("all of `{}` is known only after apply", r.address), v.span)),
        None => Ok(c.map(0)?),
    })
}

pub(super) fn keys(c: &mut Call<'_, '_, '_>) -> Answer {
    if let (Some(u), Shape::Object(attributes)) = (c.arg(0)?.as_unknown(), &c.arg(0)?.of) {
        return Ok(c.list_result(attributes.keys().map(|k| Value::string(Arc::clone(k), u.span())).collect()));
    }
    if let Some(u) = c.arg(0)?.as_unknown() {
        return Ok(c.unknown(u.clone()));
    }
    let name = |(k, e): (&Arc<str>, &Entry)| Value::string(Arc::clone(k), e.key_span.or(e.value.span));
    Ok(match whole(c)? {
        Ok(m) => c.list_result(m.iter().map(name).collect()),
        Err(unknown) => unknown,
    })
}

pub(super) fn values(c: &mut Call<'_, '_, '_>) -> Answer {
    Ok(match whole(c)? {
        Ok(m) => c.list_result(m.values().map(|e| e.value.clone()).collect()),
        Err(unknown) => unknown,
    })
}

pub(super) fn lookup(c: &mut Call<'_, '_, '_>) -> Answer {
    if c.arg(0)?.as_unknown().is_some() {
        return Ok(c.unknown_of(0));
    }
    let (map, key) = (c.map(0)?, c.text(1)?);
    let key = match settled(&key) {
        Ok(key) => key,
        Err(u) => return Ok(c.unknown(u)),
    };
    let whole = c.arg(0)?;
    match (map.get(key), c.args.get(2), &whole.refer) {
        (Some(e), _, _) => Ok(e.value.clone()),
        (None, _, Some(r)) => Ok(known_after_apply(key, &r.address, whole)),
        // A map has elements of one type.
        (None, Some(default), None) if whole.typed => {
            let all = map.values().map(|e| e.value.clone()).chain([default.clone()]).collect();
            Ok(super::one_type(all)?.pop().unwrap_or_else(|| default.clone()))
        }
        (None, Some(default), None) => Ok(default.clone()),
        (None, None, None) => Err(format!("the map has no key `{key}`")),
    }
}

pub(super) fn zipmap(c: &mut Call<'_, '_, '_>) -> Answer {
    if let Some(u) = c.args.iter().find_map(Value::as_unknown) {
        return Ok(c.unknown(u.clone()));
    }
    let (keys, values) = (c.list(0)?, c.sequence(1)?);
    if keys.len() != values.len() {
        return Err("the lists of keys and values must have the same length".into());
    }
    let mut out = Entries::new();
    for (key, value) in keys.iter().zip(values) {
        let name = super::string::as_text(key)?;
        match settled(&name) {
            Ok(s) => out.insert(s.into(), Entry { key_span: key.span, value: value.clone() }),
            Err(u) => return Ok(c.unknown(u)),
        };
    }
    Ok(c.map_result(out))
}

/// A map of lists of strings turned round.
pub(super) fn transpose(c: &mut Call<'_, '_, '_>) -> Answer {
    let mut out: std::collections::BTreeMap<Arc<str>, Vec<Value>> = Default::default();
    let lists = Type::Map(Box::new(Type::List(Box::new(Type::String))));
    let lists = c.converted(0, &lists)?;
    if let Some(u) = super::first_unknown(&lists) {
        return Ok(c.unknown(u));
    }
    for (key, e) in lists.as_map().into_iter().flatten() {
        let items = e.value.as_list().ok_or("every value must be a list of strings")?;
        for item in items {
            let name = super::string::as_text(item)?;
            let list = out.entry(name.visible().into()).or_default();
            list.push(Value::string(Arc::clone(key), e.key_span));
        }
    }
    let entry = |(k, l)| (k, Entry { key_span: None, value: c.list_result(l) });
    Ok(c.map_result(out.into_iter().map(entry).collect()))
}
