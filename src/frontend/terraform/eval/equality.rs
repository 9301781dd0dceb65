//! When two values are equal, as far as they are known.

use crate::value::{Kind, Shape, Text, Unknown, Value};

/// Whether two values are equal by Terraform's `==`: values of different types are not. An error is the reason
/// it cannot be told. Open choices are taken out before.
pub(crate) fn equal(a: &Value, b: &Value) -> Result<bool, Unknown> {
    if a.refer.is_some() && a.refer == b.refer {
        return Ok(true);
    }
    match (&a.kind, &b.kind) {
        (Kind::Unknown(u), other) | (other, Kind::Unknown(u)) => {
            // Null is of every type.
            let null = matches!(other, Kind::Null);
            if !null && differ(a, b) { Ok(false) } else { Err(u.clone()) }
        }
        (Kind::OneOf(_), _) => Err(Unknown::new("it depends on an open choice", a.span)),
        (_, Kind::OneOf(_)) => Err(Unknown::new("it depends on an open choice", b.span)),
        (Kind::Null, Kind::Null) => Ok(true),
        (Kind::Bool(x), Kind::Bool(y)) => Ok(x == y),
        (Kind::Number(x), Kind::Number(y)) => Ok(x == y),
        (Kind::String(x), Kind::String(y)) => equal_texts(x, y),
        (Kind::List(_) | Kind::Map(_), Kind::List(_) | Kind::Map(_)) if a.typed != b.typed => Ok(false),
        (Kind::List(x), Kind::List(y)) | (Kind::Set(x), Kind::Set(y)) => {
            if x.len() != y.len() {
                return Ok(false);
            }
            all(x.iter().zip(y.iter()).map(|(a, b)| equal(a, b)))
        }
        (Kind::Map(x), Kind::Map(y)) => {
            if x.len() != y.len() || !x.keys().eq(y.keys()) {
                return Ok(false);
            }
            all(x.values().zip(y.values()).map(|(a, b)| equal(&a.value, &b.value)))
        }
        (
            Kind::Null
            | Kind::Bool(_)
            | Kind::Number(_)
            | Kind::String(_)
            | Kind::List(_)
            | Kind::Set(_)
            | Kind::Map(_),
            Kind::Null
            | Kind::Bool(_)
            | Kind::Number(_)
            | Kind::String(_)
            | Kind::List(_)
            | Kind::Set(_)
            | Kind::Map(_),
        ) => Ok(false),
    }
}

/// True when the types of two values are known, and not the same.
fn differ(a: &Value, b: &Value) -> bool {
    let open = |v: &Value| v.as_unknown().is_some() && v.of == Shape::Any;
    !open(a) && !open(b) && a.shape().differs(&b.shape())
}

fn all(answers: impl Iterator<Item = Result<bool, Unknown>>) -> Result<bool, Unknown> {
    let mut open = None;
    for answer in answers {
        match answer {
            Ok(true) => {}
            Ok(false) => return Ok(false),
            Err(u) => open = open.or(Some(u)),
        }
    }
    open.map_or(Ok(true), Err)
}

/// Texts with holes differ for sure when what is known before the first hole or after the last one differs.
fn equal_texts(a: &Text, b: &Text) -> Result<bool, Unknown> {
    let Some(hole) = a.holes().first().or(b.holes().first()) else {
        return Ok(a.visible() == b.visible());
    };
    let apart = head(a).bytes().zip(head(b).bytes()).any(|(x, y)| x != y)
        || last(a).bytes().rev().zip(last(b).bytes().rev()).any(|(x, y)| x != y)
        || (a.holes().is_empty() && a.visible().len() < b.visible().len())
        || (b.holes().is_empty() && b.visible().len() < a.visible().len());
    if apart { Ok(false) } else { Err(hole.unknown.clone()) }
}

/// What is known before the first hole.
pub(crate) fn head(t: &Text) -> &str {
    let end = t.holes().first().map_or(t.visible().len(), |h| h.at);
    t.visible().get(..end).unwrap_or("")
}

/// What is known after the last hole.
pub(crate) fn last(t: &Text) -> &str {
    let start = t.holes().last().map_or(0, |h| h.at);
    t.visible().get(start..).unwrap_or("")
}
