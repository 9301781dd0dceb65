//! Conversion of values to types, by the rules of "Type Constraints" in the Terraform documentation.

use std::sync::Arc;

use super::{Attribute, ConvertError, Type};
use crate::value::{Entries, Entry, Family, Kind, Number, OneOf, Shape, Text, Unknown, Value};

/// Converts a value as Terraform converts an argument to its type. Unknowns stay what they are.
pub fn convert(value: &Value, to: &Type) -> Result<Value, ConvertError> {
    let kind = match (&value.kind, to) {
        (_, Type::Any) => return Ok(value.clone()),
        (Kind::Null, _) => return Ok(value.clone().of(to.shape())),
        (Kind::Unknown(_), _) => return Ok(value.clone().of(fit(&value.of, to)?)),
        (Kind::OneOf(o), _) => return each_arm(value, o, to),
        (_, Type::String) => to_string(value)?,
        (_, Type::Number) => to_number(value)?,
        (_, Type::Bool) => to_bool(value)?,
        (Kind::List(l) | Kind::Set(l), Type::List(of)) => Kind::List(Arc::new(elements(l, of)?)),
        (Kind::List(l) | Kind::Set(l), Type::Set(of)) => Kind::Set(Arc::new(set_of(elements(l, of)?))),
        (Kind::List(l) | Kind::Set(l), Type::Tuple(types)) => {
            if l.len() != types.len() {
                return Err(ConvertError(format!("a tuple of {} elements is required", types.len())));
            }
            let converted: Result<_, _> = l.iter().zip(types).map(|(v, t)| convert(v, t)).collect();
            Kind::List(Arc::new(converted?))
        }
        (Kind::Map(m), Type::Map(of)) => Kind::Map(Arc::new(map_of(m, of)?)),
        (Kind::Map(m), Type::Object(attributes)) => Kind::Map(Arc::new(object_of(m, attributes, value)?)),
        (
            Kind::Bool(_) | Kind::Number(_) | Kind::String(_) | Kind::List(_) | Kind::Set(_) | Kind::Map(_),
            Type::List(_) | Type::Set(_) | Type::Map(_) | Type::Tuple(_) | Type::Object(_),
        ) => return Err(ConvertError(format!("{to} is required"))),
    };
    // A set does not tell which of its elements is the secret one.
    let secret = matches!(&kind, Kind::Set(l) if l.iter().any(|v| v.sensitive));
    let typed = matches!(to, Type::List(_) | Type::Map(_));
    Ok(Value { kind, typed, sensitive: value.sensitive || secret, ..value.clone() })
}

/// What is known of an unknown value that is converted.
fn fit(of: &Shape, to: &Type) -> Result<Shape, ConvertError> {
    let wrong = || ConvertError(format!("{to} is required"));
    let one = |of: &Shape, to: &Type| fit(of, to).map(Arc::new);
    // Elements that may differ: all of them have to fit.
    let all = |types: &mut dyn Iterator<Item = &Shape>, to: &Type| {
        for of in types {
            fit(of, to)?;
        }
        Ok(Arc::new(to.shape()))
    };
    Ok(match (of, to) {
        (_, Type::Any) => of.clone(),
        (Shape::Any, _) => to.shape(),
        (Shape::Bool | Shape::Number | Shape::String, Type::String) => Shape::String,
        (Shape::Number | Shape::String, Type::Number) => Shape::Number,
        (Shape::Bool | Shape::String, Type::Bool) => Shape::Bool,
        (Shape::List(of) | Shape::Set(of), Type::List(to)) => Shape::List(one(of, to)?),
        (Shape::List(of) | Shape::Set(of), Type::Set(to)) => Shape::Set(one(of, to)?),
        (Shape::Tuple(types), Type::List(to)) => Shape::List(all(&mut types.iter(), to)?),
        (Shape::Tuple(types), Type::Set(to)) => Shape::Set(all(&mut types.iter(), to)?),
        (Shape::Map(of), Type::Map(to)) => Shape::Map(one(of, to)?),
        (Shape::Object(attributes), Type::Map(to)) => Shape::Map(all(&mut attributes.values(), to)?),
        (_, Type::Tuple(_) | Type::Object(_)) if of.family() == to.shape().family() => to.shape(),
        (
            Shape::Bool
            | Shape::Number
            | Shape::String
            | Shape::List(_)
            | Shape::Set(_)
            | Shape::Map(_)
            | Shape::Tuple(_)
            | Shape::Object(_),
            _,
        ) => return Err(wrong()),
    })
}

fn each_arm(value: &Value, one: &OneOf, to: &Type) -> Result<Value, ConvertError> {
    let converted: Vec<_> = one.arms.iter().map(|a| (a.span, convert(a, to))).collect();
    if let Some((_, Err(e))) = converted.first()
        && converted.iter().all(|(_, c)| c.is_err())
    {
        return Err(e.clone());
    }
    let arms = converted.into_iter().map(|(span, c)| c.unwrap_or_else(|e| Value::unknown(e.0, span)));
    Ok(Value { sensitive: value.sensitive, ..Value::one_of(one.choice, arms.collect(), value.span) })
}

fn to_string(v: &Value) -> Result<Kind, ConvertError> {
    let text = match &v.kind {
        Kind::String(_) => return Ok(v.kind.clone()),
        Kind::Number(n) => n.to_string(),
        Kind::Bool(b) => b.to_string(),
        Kind::Null | Kind::List(_) | Kind::Set(_) | Kind::Map(_) | Kind::OneOf(_) | Kind::Unknown(_) => {
            return Err(ConvertError("a string is required".into()));
        }
    };
    Ok(Value::string(text, v.span).kind)
}

fn to_number(v: &Value) -> Result<Kind, ConvertError> {
    let wrong = || ConvertError("a number is required".into());
    match &v.kind {
        Kind::Number(_) => Ok(v.kind.clone()),
        Kind::String(t) => match settled(t) {
            Ok(s) => Number::parse(s).map(Kind::Number).ok_or_else(wrong),
            Err(u) => Ok(Kind::Unknown(u)),
        },
        Kind::Null
        | Kind::Bool(_)
        | Kind::List(_)
        | Kind::Set(_)
        | Kind::Map(_)
        | Kind::OneOf(_)
        | Kind::Unknown(_) => Err(wrong()),
    }
}

fn to_bool(v: &Value) -> Result<Kind, ConvertError> {
    let wrong = || ConvertError("a bool is required".into());
    match &v.kind {
        Kind::Bool(_) => Ok(v.kind.clone()),
        Kind::String(t) => match settled(t) {
            Ok("true" | "1") => Ok(Kind::Bool(true)),
            Ok("false" | "0") => Ok(Kind::Bool(false)),
            Ok(_) => Err(wrong()),
            Err(u) => Ok(Kind::Unknown(u)),
        },
        Kind::Null
        | Kind::Number(_)
        | Kind::List(_)
        | Kind::Set(_)
        | Kind::Map(_)
        | Kind::OneOf(_)
        | Kind::Unknown(_) => Err(wrong()),
    }
}

/// The text when all of it is known, otherwise what its first hole is.
pub(crate) fn settled(t: &Text) -> Result<&str, Unknown> {
    match t.holes().first() {
        None => Ok(t.visible()),
        Some(h) => Err(h.unknown.clone()),
    }
}

fn elements(items: &[Value], of: &Type) -> Result<Vec<Value>, ConvertError> {
    let of = common(of, &items.iter().collect::<Vec<_>>())?;
    items.iter().map(|v| convert(v, &of)).collect()
}

fn map_of(m: &Entries, of: &Type) -> Result<Entries, ConvertError> {
    let of = common(of, &m.values().map(|e| &e.value).collect::<Vec<_>>())?;
    let entry = |(k, e): (&Arc<str>, &Entry)| {
        Ok((Arc::clone(k), Entry { key_span: e.key_span, value: convert(&e.value, &of)? }))
    };
    m.iter().map(entry).collect()
}

/// The type `any` stands for as an element type: strings when numbers or booleans stand beside strings.
fn common(of: &Type, items: &[&Value]) -> Result<Type, ConvertError> {
    if *of != Type::Any {
        return Ok(of.clone());
    }
    let (mut strings, mut numbers, mut bools, mut others) = (false, false, false, false);
    let mut parted = None;
    let (mut lists, mut maps): (Vec<&[Value]>, Vec<&Entries>) = Default::default();
    for v in items.iter().copied() {
        match &v.kind {
            Kind::String(_) => strings = true,
            Kind::Number(_) => numbers = true,
            Kind::Bool(_) => bools = true,
            Kind::List(l) => lists.push(l.as_slice()),
            Kind::Map(m) if v.refer.is_none() => maps.push(m),
            Kind::Set(_) | Kind::Map(_) => others = true,
            Kind::Unknown(_) => match &v.of {
                Shape::String => strings = true,
                Shape::Number => numbers = true,
                Shape::Bool => bools = true,
                Shape::Any => {}
                Shape::List(_) | Shape::Set(_) | Shape::Map(_) | Shape::Tuple(_) | Shape::Object(_) => {
                    parted = v.family();
                }
            },
            Kind::Null | Kind::OneOf(_) => {}
        }
    }
    let scalars = strings || numbers || bools;
    let clash = match parted {
        Some(Family::Sequence) => scalars || !maps.is_empty(),
        Some(Family::Mapping) => scalars || !lists.is_empty(),
        Some(Family::Plain) | None => false,
    };
    if clash
        || scalars && (others || !lists.is_empty() || !maps.is_empty())
        || !lists.is_empty() && !maps.is_empty()
    {
        return Err(ConvertError("all elements must have one type".into()));
    }
    if others || parted.is_some() {
        return Ok(Type::Any);
    }
    match (lists.first(), maps.first()) {
        (Some(_), None) => {
            let inner: Vec<&Value> = lists.into_iter().flatten().collect();
            return Ok(Type::List(Box::new(common(of, &inner)?)));
        }
        (None, Some(first)) => return common_object(first, &maps),
        (Some(_) | None, Some(_) | None) => {}
    }
    match (strings, numbers, bools) {
        (false, true, true) => Err(ConvertError("all elements must have one type".into())),
        (true, true, _) | (true, _, true) => Ok(Type::String),
        (true, false, false) | (false, _, _) => Ok(Type::Any),
    }
}

/// Objects with the same attributes: each attribute has one type.
fn common_object(first: &Entries, maps: &[&Entries]) -> Result<Type, ConvertError> {
    if maps.iter().any(|m| !m.keys().eq(first.keys())) {
        return Ok(Type::Any);
    }
    let attribute = |name: &Arc<str>| {
        let values: Vec<&Value> = maps.iter().filter_map(|m| m.get(name)).map(|e| &e.value).collect();
        let of = common(&Type::Any, &values).unwrap_or(Type::Any);
        Attribute { name: Arc::clone(name), of, optional: false, default: None }
    };
    Ok(Type::Object(first.keys().map(attribute).collect()))
}

fn object_of(m: &Entries, attributes: &[Attribute], whole: &Value) -> Result<Entries, ConvertError> {
    let mut out = Entries::new();
    for a in attributes {
        let given = m.get(&a.name);
        let (key_span, value) = match (given, &a.default) {
            (Some(e), Some(default)) if e.value.is_null() => (e.key_span, default.clone()),
            (Some(e), _) => {
                let value = convert(&e.value, &a.of)
                    .map_err(|ConvertError(m)| ConvertError(format!("attribute `{}`: {m}", a.name)))?;
                (e.key_span, value)
            }
            (None, Some(default)) => (None, default.clone()),
            (None, None) if a.optional => (None, Value::null(whole.span)),
            (None, None) => match &whole.refer {
                Some(r) => (None, known_after_apply(&a.name, &r.address, whole)),
                None => return Err(ConvertError(format!("attribute `{}` is required", a.name))),
            },
        };
        out.insert(Arc::clone(&a.name), Entry { key_span, value });
    }
    Ok(out)
}

/// What an attribute of a resource is that the configuration does not set.
pub(crate) fn known_after_apply(attribute: &str, address: &str, whole: &Value) -> Value {
    Value::unknown(format!("`{attribute}` of `{address}` is known only after apply"), whole.span)
}

/// Elements as a set: without duplicates, in Terraform's iteration order. Elements that are not settled come
/// last and are never taken for duplicates, unless they are the same unknown.
pub(crate) fn set_of(items: Vec<Value>) -> Vec<Value> {
    let mut keyed: Vec<(SetKey, Value)> = items.into_iter().map(|v| (set_key(&v), v)).collect();
    keyed.sort_by(|a, b| a.0.cmp(&b.0));
    keyed.dedup_by(|a, b| a.0 == b.0);
    keyed.into_iter().map(|(_, v)| v).collect()
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum SetKey {
    Bool(bool),
    Number(Number),
    String(Arc<str>),
    Structure(String),
    Null,
    Open(String),
}

fn set_key(v: &Value) -> SetKey {
    match &v.kind {
        Kind::Null => SetKey::Null,
        Kind::Bool(b) => SetKey::Bool(*b),
        Kind::Number(n) => SetKey::Number(n.clone()),
        Kind::String(t) => match t.known() {
            Some(s) => SetKey::String(s.into()),
            None => SetKey::Open(shape(v)),
        },
        Kind::List(_) | Kind::Set(_) | Kind::Map(_) if v.is_settled() => SetKey::Structure(shape(v)),
        Kind::List(_) | Kind::Set(_) | Kind::Map(_) | Kind::OneOf(_) | Kind::Unknown(_) => {
            SetKey::Open(shape(v))
        }
    }
}

/// One text for equal values, whatever their places.
pub(crate) fn shape(v: &Value) -> String {
    let list = |l: &[Value]| l.iter().map(shape).collect::<Vec<_>>().join(",");
    let refer = v.refer.as_ref().map(|r| format!("@{}.{}", r.address, r.attribute)).unwrap_or_default();
    match &v.kind {
        Kind::Null => "null".into(),
        Kind::Bool(b) => b.to_string(),
        Kind::Number(n) => n.to_string(),
        Kind::String(t) => {
            let piece = |p: Result<&str, &Unknown>| match p {
                Ok(s) => format!("{s:?}"),
                Err(u) => format!("{u:?}{:?}", u.span()),
            };
            t.pieces().map(piece).collect()
        }
        Kind::List(l) | Kind::Set(l) => format!("[{}]", list(l)),
        Kind::Map(m) => {
            let entries: Vec<String> = m.iter().map(|(k, e)| format!("{k:?}:{}", shape(&e.value))).collect();
            format!("{{{}}}", entries.join(","))
        }
        Kind::OneOf(o) => format!("?{}({})", o.choice.0, list(&o.arms)),
        Kind::Unknown(u) => format!("{u:?}{:?}{refer}", u.span()),
    }
}
