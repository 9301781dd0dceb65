//! Open choices inside values: functions are applied to every arm, and a choice is taken apart where facts need it.

use std::sync::Arc;

use crate::limits;
use crate::value::{ChoiceId, Entry, Kind, OneOf, Value, When};

/// Applies `f` to arguments without open choices: once for every answer of the choices that stand in them. The
/// result is open in the same choices. Beyond [`limits::ALTERNATIVES`] the result is unknown.
pub(super) fn lift(args: &[Value], f: &mut dyn FnMut(&[Value]) -> Value) -> Value {
    lift_within(args, limits::ALTERNATIVES, f)
}

fn lift_within(args: &[Value], budget: usize, f: &mut dyn FnMut(&[Value]) -> Value) -> Value {
    let Some((choice, arms)) = args.iter().find_map(first_choice) else { return f(args) };
    let span = args.first().and_then(|v| v.span);
    let share = budget / arms.max(1);
    if share == 0 {
        return Value::unknown("it depends on too many open choices", span);
    }
    let arms = (0..arms)
        .map(|answer| {
            let assumed: Vec<Value> = args.iter().map(|v| assume(v, choice, answer)).collect();
            lift_within(&assumed, share, f)
        })
        .collect();
    Value::one_of(choice, arms, span)
}

/// The first choice that stands anywhere in a value, with the number of its answers.
fn first_choice(v: &Value) -> Option<(ChoiceId, usize)> {
    match &v.kind {
        Kind::OneOf(o) => Some((o.choice, o.arms.len())),
        Kind::List(l) | Kind::Set(l) => l.iter().find_map(first_choice),
        Kind::Map(m) => m.values().find_map(|e| first_choice(&e.value)),
        Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::String(_) | Kind::Unknown(_) => None,
    }
}

/// The value when this choice has this answer; other choices stay open.
fn assume(v: &Value, choice: ChoiceId, answer: usize) -> Value {
    if !v.has_choice() {
        return v.clone();
    }
    let kind = match &v.kind {
        Kind::OneOf(o) if o.choice == choice => {
            return match o.arms.get(answer) {
                Some(arm) => assume(arm, choice, answer),
                None => Value::unknown("it depends on too many open choices", v.span),
            };
        }
        Kind::OneOf(o) => {
            let arms = o.arms.iter().map(|a| assume(a, choice, answer)).collect();
            Kind::OneOf(Arc::new(OneOf { choice: o.choice, arms }))
        }
        Kind::List(l) => Kind::List(Arc::new(l.iter().map(|e| assume(e, choice, answer)).collect())),
        Kind::Set(l) => Kind::Set(Arc::new(l.iter().map(|e| assume(e, choice, answer)).collect())),
        Kind::Map(m) => Kind::Map(Arc::new(
            m.iter()
                .map(|(k, e)| {
                    let value = assume(&e.value, choice, answer);
                    (Arc::clone(k), Entry { key_span: e.key_span, value })
                })
                .collect(),
        )),
        Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::String(_) | Kind::Unknown(_) => v.kind.clone(),
    };
    Value { kind, ..v.clone() }
}

/// The value under these answers; other choices stay open.
pub(super) fn assume_all(v: &Value, when: &When) -> Value {
    when.answers().iter().fold(v.clone(), |v, &(choice, answer)| assume(&v, choice, answer))
}

/// Hides the values that are certainly or possibly nothing (`AWS::NoValue`): `f` gets the parts with the nothings
/// settled, so that it can leave them out.
pub(super) fn without_nothing(parts: Vec<Value>, f: &mut dyn FnMut(&[Value]) -> Value) -> Value {
    settle_nothing(&parts, limits::ALTERNATIVES, f)
}

fn settle_nothing(parts: &[Value], budget: usize, f: &mut dyn FnMut(&[Value]) -> Value) -> Value {
    let open = parts.iter().find_map(|v| match &v.kind {
        Kind::OneOf(o) if may_be_nothing(v) => Some((o.choice, o.arms.len())),
        _ => None,
    });
    let Some((choice, arms)) = open else { return f(parts) };
    let share = budget / arms.max(1);
    if share == 0 {
        return Value::unknown("it depends on too many open choices", None);
    }
    let arms = (0..arms)
        .map(|answer| {
            let assumed: Vec<Value> = parts.iter().map(|v| assume(v, choice, answer)).collect();
            settle_nothing(&assumed, share, f)
        })
        .collect();
    Value::one_of(choice, arms, None)
}

fn may_be_nothing(v: &Value) -> bool {
    match &v.kind {
        Kind::Null => true,
        Kind::OneOf(o) => o.arms.iter().any(may_be_nothing),
        Kind::Bool(_)
        | Kind::Number(_)
        | Kind::String(_)
        | Kind::List(_)
        | Kind::Set(_)
        | Kind::Map(_)
        | Kind::Unknown(_) => false,
    }
}

/// The arms of the choices at the top of a value, each with the answers it needs.
pub(super) fn worlds(v: &Value) -> Vec<(When, Value)> {
    let mut out = Vec::new();
    collect_worlds(v, &When::always(), &mut out);
    out
}

fn collect_worlds(v: &Value, when: &When, out: &mut Vec<(When, Value)>) {
    match &v.kind {
        Kind::OneOf(o) => {
            for (answer, arm) in o.arms.iter().enumerate() {
                if let Some(when) = when.and(o.choice, answer) {
                    collect_worlds(arm, &when, out);
                }
            }
        }
        Kind::Null
        | Kind::Bool(_)
        | Kind::Number(_)
        | Kind::String(_)
        | Kind::List(_)
        | Kind::Set(_)
        | Kind::Map(_)
        | Kind::Unknown(_) => out.push((when.clone(), v.clone())),
    }
}
