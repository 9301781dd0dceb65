//! Unary and binary operators with Terraform's coercions.

use hcl_edit::expr::{BinaryOp, BinaryOperator, Expression, UnaryOp, UnaryOperator};

use super::condition::of_values;
use super::equality::equal;
use super::open::{Lift, distribute};
use super::{EvalError, Evaluated, Evaluator, Locals};
use crate::frontend::terraform::functions::is_sensitive;
use crate::frontend::terraform::types::Type;
use crate::frontend::terraform::types::convert::convert;
use crate::source::Span;
use crate::value::{Kind, Number, Unknown, Value};

/// An operand after conversion.
enum Operand<T> {
    Known(T),
    Open(Unknown),
}

impl Evaluator<'_, '_> {
    pub(super) fn unary(&mut self, op: &UnaryOp, span: Span, locals: &Locals) -> Evaluated {
        let value = self.expr(&op.expr, locals)?;
        let operator = *op.operator.value();
        lifted(&[value], span, &mut |args| match (operator, args) {
            (UnaryOperator::Neg, [v, ..]) => match as_number(v, span)? {
                Operand::Known(n) => Ok(Value::number(n.neg(), Some(span))),
                Operand::Open(u) => Ok(Value::new(Kind::Unknown(u), Some(span))),
            },
            (UnaryOperator::Not, [v, ..]) => match as_bool(v, span)? {
                Operand::Known(b) => Ok(Value::bool(!b, Some(span))),
                Operand::Open(u) => Ok(Value::new(Kind::Unknown(u), Some(span))),
            },
            (UnaryOperator::Neg | UnaryOperator::Not, []) => Err(EvalError::new(span, "no operand")),
        })
    }

    /// The side of a logical operator on which nothing depends, and whether it is secret: what is no bool in any case is
    /// told, and costs nothing.
    fn operand(&mut self, expr: &Expression, span: Span, locals: &Locals) -> Result<bool, EvalError> {
        let right = if of_values(expr, locals) { self.arm(expr, locals) } else { Value::bool(true, None) };
        if !matches!(expr, Expression::Null(_)) && convert(&right, &Type::Bool).is_ok() {
            return Ok(right.sensitive);
        }
        let wrong = EvalError::new(span, "both sides must be true or false");
        if self.trying > 0 {
            return Err(wrong);
        }
        self.settle(Err(wrong));
        Ok(right.sensitive)
    }

    pub(super) fn binary(&mut self, op: &BinaryOp, span: Span, locals: &Locals) -> Evaluated {
        let operator = *op.operator.value();
        let left = self.expr(&op.lhs_expr, locals)?;
        // A settled answer is an answer: what the other side says does not matter.
        if matches!(
            (operator, &left.kind),
            (BinaryOperator::And, Kind::Bool(false)) | (BinaryOperator::Or, Kind::Bool(true))
        ) {
            let secret = self.operand(&op.rhs_expr, span, locals)?;
            return Ok(Value { sensitive: left.sensitive || secret, ..left.at(Some(span)) });
        }
        let right = self.expr(&op.rhs_expr, locals)?;
        lifted(&[left, right], span, &mut |args| match args {
            [a, b, ..] => apply(operator, a, b, span),
            [_] | [] => Err(EvalError::new(span, "an operand is missing")),
        })
    }
}

/// Runs an operation on settled operands; the result is as sensitive as they are.
fn lifted(args: &[Value], span: Span, f: &mut dyn FnMut(&[Value]) -> Evaluated) -> Evaluated {
    let sensitive = args.iter().any(is_sensitive);
    let result = distribute(args, &[Lift::Top], f)?;
    Ok(Value { sensitive: sensitive || result.sensitive, refer: None, span: Some(span), ..result })
}

fn apply(operator: BinaryOperator, a: &Value, b: &Value, span: Span) -> Evaluated {
    match operator {
        BinaryOperator::Eq | BinaryOperator::NotEq => {
            distribute(&[a.clone(), b.clone()], &[Lift::Deep], &mut |args| {
                let answer = match args {
                    [a, b, ..] => equal(a, b),
                    [_] | [] => Ok(false),
                };
                Ok(match answer {
                    Ok(same) => Value::bool(same == (operator == BinaryOperator::Eq), Some(span)),
                    Err(u) => Value::new(Kind::Unknown(u), Some(span)),
                })
            })
        }
        BinaryOperator::And | BinaryOperator::Or => logic(operator == BinaryOperator::Or, a, b, span),
        BinaryOperator::LessEq
        | BinaryOperator::GreaterEq
        | BinaryOperator::Less
        | BinaryOperator::Greater
        | BinaryOperator::Plus
        | BinaryOperator::Minus
        | BinaryOperator::Mul
        | BinaryOperator::Div
        | BinaryOperator::Mod => match (as_number(a, span)?, as_number(b, span)?) {
            (Operand::Known(a), Operand::Known(b)) => arithmetic(operator, &a, &b, span),
            (Operand::Open(u), _) | (_, Operand::Open(u)) => Ok(Value::new(Kind::Unknown(u), Some(span))),
        },
    }
}

/// `winner` is the answer that settles the operator alone: true for `||`, false for `&&`.
fn logic(winner: bool, a: &Value, b: &Value, span: Span) -> Evaluated {
    let (a, b) = (as_bool(a, span)?, as_bool(b, span)?);
    Ok(match (a, b) {
        (Operand::Known(x), _) | (_, Operand::Known(x)) if x == winner => Value::bool(winner, Some(span)),
        (Operand::Known(_), Operand::Known(_)) => Value::bool(!winner, Some(span)),
        (Operand::Open(u), _) | (_, Operand::Open(u)) => Value::new(Kind::Unknown(u), Some(span)),
    })
}

fn arithmetic(operator: BinaryOperator, a: &Number, b: &Number, span: Span) -> Evaluated {
    let compared = match operator {
        BinaryOperator::LessEq => Some(a <= b),
        BinaryOperator::GreaterEq => Some(a >= b),
        BinaryOperator::Less => Some(a < b),
        BinaryOperator::Greater => Some(a > b),
        BinaryOperator::Plus
        | BinaryOperator::Minus
        | BinaryOperator::Mul
        | BinaryOperator::Div
        | BinaryOperator::Mod
        | BinaryOperator::Eq
        | BinaryOperator::NotEq
        | BinaryOperator::And
        | BinaryOperator::Or => None,
    };
    if let Some(answer) = compared {
        return Ok(Value::bool(answer, Some(span)));
    }
    let result = match operator {
        BinaryOperator::Plus => a.add(b),
        BinaryOperator::Minus => a.sub(b),
        BinaryOperator::Mul => a.mul(b),
        BinaryOperator::Div => a.div(b),
        BinaryOperator::Mod => a.rem(b),
        BinaryOperator::LessEq
        | BinaryOperator::GreaterEq
        | BinaryOperator::Less
        | BinaryOperator::Greater
        | BinaryOperator::Eq
        | BinaryOperator::NotEq
        | BinaryOperator::And
        | BinaryOperator::Or => None,
    };
    let result = result.ok_or_else(|| EvalError::new(span, "the result is no number, or out of bounds"))?;
    Ok(Value::new(Kind::Number(result), Some(span)))
}

fn as_bool(v: &Value, span: Span) -> Result<Operand<bool>, EvalError> {
    let converted = convert(v, &Type::Bool).map_err(|e| EvalError::new(span, e.0))?;
    match converted.kind {
        Kind::Bool(b) => Ok(Operand::Known(b)),
        Kind::Unknown(u) => Ok(Operand::Open(u)),
        Kind::Null
        | Kind::Number(_)
        | Kind::String(_)
        | Kind::List(_)
        | Kind::Set(_)
        | Kind::Map(_)
        | Kind::OneOf(_) => Err(EvalError::new(span, "a bool is required, not null")),
    }
}

fn as_number(v: &Value, span: Span) -> Result<Operand<Number>, EvalError> {
    let converted = convert(v, &Type::Number).map_err(|e| EvalError::new(span, e.0))?;
    match converted.kind {
        Kind::Number(n) => Ok(Operand::Known(n)),
        Kind::Unknown(u) => Ok(Operand::Open(u)),
        Kind::Null
        | Kind::Bool(_)
        | Kind::String(_)
        | Kind::List(_)
        | Kind::Set(_)
        | Kind::Map(_)
        | Kind::OneOf(_) => Err(EvalError::new(span, "a number is required, not null")),
    }
}
