//! `try` and `can`, where an error is an answer.

use hcl_edit::expr::{Expression, FuncCall};

use super::{EvalError, Evaluated, Evaluator, Locals, condition, open};
use crate::source::Span;
use crate::value::{Kind, Value};

impl Evaluator<'_, '_> {
    /// Takes down that something is done with a value that may fail when it is known.
    pub(super) fn doubt(&mut self, value: &Value) {
        if self.is_guarded() && self.doubt.is_none() {
            self.doubt = condition::first_unknown(value);
        }
    }

    /// True inside `try` and `can`, where an error is an answer.
    pub(crate) fn is_guarded(&self) -> bool {
        self.guarded > 0
    }

    /// `try`: the first argument that does not fail. What is not known as a whole may be the result of any.
    pub(super) fn first_that_works(&mut self, call: &FuncCall, span: Span, locals: &Locals) -> Evaluated {
        let args: Vec<&Expression> = call.args.iter().collect();
        self.first_of(&args, span, locals)
    }

    fn first_of(&mut self, args: &[&Expression], span: Span, locals: &Locals) -> Evaluated {
        let Some((first, rest)) = args.split_first() else {
            return Err(EvalError::new(span, "no argument of `try` has a value"));
        };
        let earlier = self.doubt.take();
        let value = self.trying(first, locals);
        let doubt = std::mem::replace(&mut self.doubt, earlier);
        let value = match value {
            Ok(v) if !open::has_failed(&v) => match doubt {
                Some(doubt) if !rest.is_empty() && says_something(&v) => {
                    let otherwise = self.otherwise(rest, span, locals);
                    return Ok(self.whether_it_works(first, doubt, locals, [v, otherwise]));
                }
                // Whoever tries the whole has the same doubt.
                doubt => {
                    self.doubt = self.doubt.take().or(doubt);
                    return Ok(v);
                }
            },
            Ok(v) => v,
            Err(e) if rest.is_empty() || e.is_static() => return Err(e),
            Err(_) => return self.first_of(rest, span, locals),
        };
        // It fails under some answers of open choices: there the next argument counts.
        let otherwise = self.otherwise(rest, span, locals);
        open::distribute(&[value, otherwise], &[open::Lift::Deep, open::Lift::No], &mut |v| match v {
            [value, otherwise] if open::has_failed(value) => Ok(otherwise.clone()),
            [value, ..] => Ok(value.clone()),
            [] => Err(EvalError::new(span, "`try` takes at least one argument")),
        })
    }

    /// What `try` gives when its first argument fails.
    fn otherwise(&mut self, rest: &[&Expression], span: Span, locals: &Locals) -> Value {
        self.first_of(rest, span, locals).unwrap_or_else(|e| open::failed(&e.message, Some(span)))
    }

    fn trying(&mut self, expr: &Expression, locals: &Locals) -> Evaluated {
        self.trying += 1;
        self.guarded += 1;
        let result = self.expr(expr, locals);
        self.guarded -= 1;
        self.trying -= 1;
        result
    }

    pub(super) fn works(&mut self, call: &FuncCall, span: Span, locals: &Locals) -> Evaluated {
        let (Some(arg), 1) = (call.args.get(0), call.args.len()) else {
            return Err(EvalError::new(span, "`can` takes one argument"));
        };
        let value = match self.trying(arg, locals) {
            Ok(v) => v,
            Err(e) if e.is_static() => return Err(e),
            Err(_) => return Ok(Value::bool(false, Some(span))),
        };
        open::distribute(&[value], &[open::Lift::Deep], &mut |v| {
            Ok(match v.first() {
                Some(v) if open::has_failed(v) => Value::bool(false, Some(span)),
                Some(Value { kind: Kind::Unknown(u), span, .. }) => {
                    Value::new(Kind::Unknown(u.clone()), *span)
                }
                Some(_) | None => Value::bool(true, Some(span)),
            })
        })
    }
}

/// False for a value of which nothing is known, or only that it is a text.
fn says_something(v: &Value) -> bool {
    match &v.kind {
        Kind::Unknown(_) => false,
        Kind::String(t) => t.known().is_some() || !t.visible().is_empty(),
        Kind::Null
        | Kind::Bool(_)
        | Kind::Number(_)
        | Kind::List(_)
        | Kind::Set(_)
        | Kind::Map(_)
        | Kind::OneOf(_) => true,
    }
}
