//! Open choices in operations: an operation on one of several values is one of several results.

use std::sync::Arc;

use crate::limits;
use crate::source::Span;
use crate::value::{ChoiceId, Entry, Kind, OneOf, Unknown, Value};

/// How far into an argument an operation must know the answers of open choices.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lift {
    /// Not at all: it only moves the value.
    No,
    /// Which value it is; what stands in it may stay open.
    Top,
    /// Also everything that stands in it.
    Deep,
}

/// How the reason of an alternative begins in which an operation fails: for `try`, that is an answer.
const FAILED: &str = "it fails in this case: ";

/// True when some part of the value is what an operation gives that fails.
pub(crate) fn has_failed(v: &Value) -> bool {
    let failed = |u: &Unknown| u.reason().starts_with(FAILED);
    match &v.kind {
        Kind::Unknown(u) => failed(u),
        Kind::String(t) => t.holes().iter().any(|h| failed(&h.unknown)),
        Kind::List(l) | Kind::Set(l) => l.iter().any(has_failed),
        Kind::Map(m) => m.values().any(|e| has_failed(&e.value)),
        Kind::OneOf(o) => o.arms.iter().any(has_failed),
        Kind::Null | Kind::Bool(_) | Kind::Number(_) => false,
    }
}

/// What stands for an alternative in which an operation fails.
pub(crate) fn failed(message: &str, span: Option<Span>) -> Value {
    Value::unknown(format!("{FAILED}{message}"), span)
}

/// Runs `f` on settled alternatives of `args` and makes one value of the results. The same choice has the
/// same answer in every argument. Alternatives in which `f` fails are unknown, unless it fails in all.
pub(crate) fn distribute<E: ToString>(
    args: &[Value],
    lift: &[Lift],
    f: &mut dyn FnMut(&[Value]) -> Result<Value, E>,
) -> Result<Value, E> {
    let mut budget = limits::ALTERNATIVES;
    spread(args, lift, &mut budget, f)
}

fn spread<E: ToString>(
    args: &[Value],
    lift: &[Lift],
    budget: &mut usize,
    f: &mut dyn FnMut(&[Value]) -> Result<Value, E>,
) -> Result<Value, E> {
    let lifts = || lift.iter().copied().chain(std::iter::repeat(lift.last().copied().unwrap_or(Lift::No)));
    let Some((choice, arms)) = args.iter().zip(lifts()).find_map(|(a, l)| first_choice(a, l)) else {
        return f(args);
    };
    if arms > *budget {
        let flat: Vec<Value> = args.iter().zip(lifts()).map(|(a, l)| give_up(a, l)).collect();
        return f(&flat);
    }
    *budget = (*budget / arms.max(1)).max(1);
    let (mut values, mut errors) = (Vec::with_capacity(arms), Vec::new());
    for arm in 0..arms {
        let given: Vec<Value> = args.iter().map(|a| restrict(a, choice, arm)).collect();
        let mut share = *budget;
        match spread(&given, lift, &mut share, f) {
            Ok(v) => values.push(v),
            Err(e) => {
                values.push(failed(&e.to_string(), given.iter().find_map(|a| a.span)));
                errors.push(e);
            }
        }
    }
    if errors.len() == arms
        && let Some(first) = errors.into_iter().next()
    {
        return Err(first);
    }
    let sensitive = values.iter().any(|v| v.sensitive);
    let mut out = Value::one_of(choice, values, args.iter().find_map(|a| a.span));
    out.sensitive |= sensitive;
    Ok(out)
}

fn first_choice(v: &Value, lift: Lift) -> Option<(ChoiceId, usize)> {
    match (&v.kind, lift) {
        (_, Lift::No) => None,
        (Kind::OneOf(o), Lift::Top | Lift::Deep) => Some((o.choice, o.arms.len())),
        (Kind::List(l) | Kind::Set(l), Lift::Deep) => l.iter().find_map(|v| first_choice(v, lift)),
        (Kind::Map(m), Lift::Deep) => m.values().find_map(|e| first_choice(&e.value, lift)),
        (Kind::List(_) | Kind::Set(_) | Kind::Map(_), Lift::Top) => None,
        (Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::String(_) | Kind::Unknown(_), _) => None,
    }
}

/// The value given one answer. Other choices stay open.
pub(crate) fn restrict(v: &Value, choice: ChoiceId, arm: usize) -> Value {
    rewrite(v, &mut |o, v| match o.arms.get(arm) {
        Some(a) if o.choice == choice => restrict(a, choice, arm),
        Some(_) | None => {
            let arms = o.arms.iter().map(|a| restrict(a, choice, arm)).collect();
            Value { kind: Kind::OneOf(Arc::new(OneOf { choice: o.choice, arms })), ..v.clone() }
        }
    })
}

/// Open choices, as deep as `lift` says, replaced by unknowns.
fn give_up(v: &Value, lift: Lift) -> Value {
    match lift {
        Lift::No => v.clone(),
        Lift::Top if !matches!(v.kind, Kind::OneOf(_)) => v.clone(),
        Lift::Top | Lift::Deep => {
            rewrite(v, &mut |_, v| Value::unknown("it depends on too many open choices", v.span))
        }
    }
}

/// The value with every outermost open choice in it replaced.
fn rewrite(v: &Value, f: &mut dyn FnMut(&OneOf, &Value) -> Value) -> Value {
    if !v.has_choice() {
        return v.clone();
    }
    let mut all = |l: &[Value]| Arc::new(l.iter().map(|v| rewrite(v, f)).collect::<Vec<_>>());
    let kind = match &v.kind {
        Kind::List(l) => Kind::List(all(l)),
        Kind::Set(l) => Kind::Set(all(l)),
        Kind::OneOf(o) => return f(o, v),
        Kind::Map(m) => {
            let entry = |(k, e): (&Arc<str>, &Entry)| {
                (Arc::clone(k), Entry { key_span: e.key_span, value: rewrite(&e.value, f) })
            };
            Kind::Map(Arc::new(m.iter().map(entry).collect()))
        }
        Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::String(_) | Kind::Unknown(_) => v.kind.clone(),
    };
    Value { kind, ..v.clone() }
}
