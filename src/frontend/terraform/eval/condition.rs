//! Conditionals, and what makes two open conditions the same choice.

use hcl_edit::expr::{BinaryOperator, Conditional, Expression, UnaryOperator};
use hcl_edit::visit::{self, Visit};

use super::open::{Lift, distribute, failed};
use super::{EvalError, Evaluated, Evaluator, Locals, fits};
use crate::frontend::terraform::parse;
use crate::frontend::terraform::types::Type;
use crate::frontend::terraform::types::convert::{convert, shape};
use crate::source::Span;
use crate::value::{ChoiceId, Kind, Shape, Unknown, Value};

/// A condition that is not settled: the choice that stands for it.
pub(super) struct Open {
    choice: ChoiceId,
    /// True when the condition holds under the second answer of the choice.
    inverted: bool,
}

impl Open {
    /// The condition itself.
    pub(super) fn value(&self, span: Span) -> Value {
        let arm = |holds: bool| Value::bool(holds, Some(span));
        Value::one_of(self.choice, vec![arm(!self.inverted), arm(self.inverted)], Some(span))
    }
}

impl Evaluator<'_, '_> {
    pub(super) fn conditional(&mut self, c: &Conditional, span: Span, locals: &Locals) -> Evaluated {
        let condition = self.condition(&c.cond_expr, locals)?;
        let sensitive = condition.sensitive;
        let result = match &condition.kind {
            Kind::Bool(holds) => {
                let (taken, other) = match holds {
                    true => (&c.true_expr, &c.false_expr),
                    false => (&c.false_expr, &c.true_expr),
                };
                let taken = self.expr(taken, locals)?;
                // Whatever a text will be, it is one.
                let text = matches!(other, Expression::StringTemplate(_) | Expression::HeredocTemplate(_));
                let other = match of_values(other, locals) {
                    true => self.arm(other, locals),
                    false => Value::null(None).of(if text { Shape::String } else { Shape::Any }),
                };
                let secret = other.sensitive;
                let taken = unified(taken, other, span)?.0;
                Value { sensitive: taken.sensitive || secret, ..taken }
            }
            Kind::OneOf(_) => {
                let (yes, no) = (self.arm(&c.true_expr, locals), self.arm(&c.false_expr, locals));
                let (yes, no) = unified(yes, no, span)?;
                distribute(&[condition, yes, no], &[Lift::Top, Lift::No], &mut |args| match args {
                    [Value { kind: Kind::Bool(true), .. }, yes, ..] => Ok(yes.clone()),
                    [Value { kind: Kind::Bool(false), .. }, _, no, ..] => Ok(no.clone()),
                    [Value { kind: Kind::Unknown(u), .. }, ..] => {
                        Ok(Value::new(Kind::Unknown(u.clone()), Some(span)))
                    }
                    _ => Err(EvalError::new(span, "a condition must be true or false, not null")),
                })?
            }
            Kind::Unknown(u) => Value::new(Kind::Unknown(u.clone()), Some(span)),
            Kind::Null | Kind::Number(_) | Kind::String(_) | Kind::List(_) | Kind::Set(_) | Kind::Map(_) => {
                return Err(EvalError::new(span, "a condition must be true or false, not null"));
            }
        };
        Ok(Value { sensitive: sensitive || result.sensitive, ..result })
    }

    /// An arm that may not be taken: when it fails, that matters only where it is.
    pub(super) fn arm(&mut self, expr: &Expression, locals: &Locals) -> Value {
        self.trying += 1;
        let result = self.expr(expr, locals);
        self.trying -= 1;
        match result {
            Err(e) if e.is_static() => self.settle(Err(e)),
            Err(e) => failed(&e.message, Some(e.span)),
            Ok(v) => v,
        }
    }

    /// A condition as a bool: settled, or an open choice. Alternatives that are unknown become choices too.
    pub(super) fn condition(&mut self, expr: &Expression, locals: &Locals) -> Evaluated {
        let span = self.span(expr);
        let value = self.expr(expr, locals)?;
        let value = convert(&value, &Type::Bool).map_err(|e| EvalError::new(span, e.0))?;
        let open = match first_unknown(&value) {
            Some(unknown) => self.open(expr, unknown, locals).value(span),
            None => return Ok(value),
        };
        let sensitive = value.sensitive;
        let result = distribute(&[value, open], &[Lift::Top, Lift::No], &mut |args| match args {
            [value, open, ..] if value.as_unknown().is_some() => Ok(open.clone()),
            [value, ..] => Ok(value.clone()),
            [] => Err(EvalError::new(span, "a condition is missing")),
        })?;
        Ok(Value { sensitive, ..result })
    }

    /// The choice that stands for a condition that is not known. The same condition gives the same choice: it
    /// is known by its text and by the values of the names that are bound around it.
    fn open(&mut self, expr: &Expression, unknown: Unknown, locals: &Locals) -> Open {
        let (core, inverted) = positive(expr);
        let key = match core {
            Expression::BinaryOp(op)
                if matches!(op.operator.value(), BinaryOperator::Eq | BinaryOperator::NotEq) =>
            {
                format!("{} == {}", self.flat(&op.lhs_expr), self.flat(&op.rhs_expr))
            }
            other => self.flat(other),
        };
        let key = self.bound(key, core, locals);
        let choice = self.scope.choices().intern(&key, unknown, &["true", "false"]);
        Open { choice, inverted }
    }

    /// What `try` gives, by whether its first argument works, which is not known.
    pub(super) fn whether_it_works(
        &mut self,
        first: &Expression,
        doubt: Unknown,
        locals: &Locals,
        arms: [Value; 2],
    ) -> Value {
        let key = self.bound(format!("try {}", self.flat(first)), first, locals);
        let labels = ["the first argument of try works", "the first argument of try fails"];
        let choice = self.scope.choices().intern(&key, doubt, &labels);
        let span = arms.iter().find_map(|v| v.span);
        Value::one_of(choice, arms.into(), span)
    }

    /// The key of a choice: what it asks, and the values of the names that are bound around it.
    fn bound(&mut self, mut key: String, asked: &Expression, locals: &Locals) -> String {
        let mut names = Names::default();
        names.visit_expr(asked);
        names.0.sort();
        names.0.dedup();
        for name in names.0 {
            let bound = match (locals.get(&name), name.as_str()) {
                (Some(v), _) => Some(v.clone()),
                (None, "each" | "count" | "self") => {
                    self.scope.lookup(&name, &[], self.span(asked), false).map(|(v, _)| v)
                }
                (None, _) => None,
            };
            if let Some(v) = bound {
                key.push_str(&format!(" | {name} = {}", shape(&v)));
            }
        }
        self.scope.choice_prefix() + &key
    }

    /// The text of an expression with runs of white space as one space.
    fn flat(&self, expr: &Expression) -> String {
        self.written(expr).split_whitespace().collect::<Vec<_>>().join(" ")
    }
}

/// Takes parentheses and negations off. True when the rest is the opposite.
fn positive(expr: &Expression) -> (&Expression, bool) {
    match expr {
        Expression::Parenthesis(p) => positive(p.inner()),
        Expression::UnaryOp(op) if *op.operator.value() == UnaryOperator::Not => {
            let (core, inverted) = positive(&op.expr);
            (core, !inverted)
        }
        Expression::BinaryOp(op) if *op.operator.value() == BinaryOperator::NotEq => (expr, true),
        _ => (expr, false),
    }
}

/// Root names an expression refers to.
#[derive(Default)]
struct Names(Vec<String>);

impl Visit for Names {
    fn visit_expr(&mut self, expr: &Expression) {
        if let Expression::Variable(v) = expr {
            self.0.push(v.as_str().to_owned());
        }
        visit::visit_expr(self, expr);
    }
}

pub(super) fn first_unknown(v: &Value) -> Option<Unknown> {
    match &v.kind {
        Kind::Unknown(u) => Some(u.clone()),
        Kind::OneOf(o) => o.arms.iter().find_map(first_unknown),
        Kind::Null
        | Kind::Bool(_)
        | Kind::Number(_)
        | Kind::String(_)
        | Kind::List(_)
        | Kind::Set(_)
        | Kind::Map(_) => None,
    }
}

/// How many values are looked at for the type of an arm.
const TYPED_PARTS: usize = 1_000;

/// Both arms of a conditional have one type: a number or bool beside a string is a string.
fn unified(a: Value, b: Value, span: Span) -> Result<(Value, Value), EvalError> {
    let mut left = TYPED_PARTS;
    if !fits(&a, &mut left) || !fits(&b, &mut left) {
        return Ok((a, b));
    }
    let (of_a, of_b) = (a.shape(), b.shape());
    let both = of_a.unify(&of_b);
    let both = both.ok_or_else(|| EvalError::new(span, "the results of a conditional must have one type"))?;
    let to = Type::from(&both);
    let like = |v: Value, of: Shape| if of == both { v } else { convert(&v, &to).unwrap_or(v) };
    Ok((like(a, of_a), like(b, of_b)))
}

/// True for an expression that can be evaluated for its type alone: it asks for nothing but values of the module.
pub(super) fn of_values(expr: &Expression, locals: &Locals) -> bool {
    let mut roots = Roots { found_here: true, bound: Vec::new(), locals };
    roots.visit_expr(expr);
    roots.found_here
}

/// Looks for what an expression asks for that is found elsewhere.
struct Roots<'l> {
    found_here: bool,
    /// Names that the expression itself binds.
    bound: Vec<String>,
    locals: &'l Locals,
}

impl Visit for Roots<'_> {
    fn visit_expr(&mut self, expr: &Expression) {
        match expr {
            Expression::Variable(v) => self.found_here &= parse::stands_for(v.as_str()).is_none(),
            Expression::Traversal(t) => {
                let root = t.expr.as_variable().map(|v| v.as_str());
                self.found_here &= root.is_none_or(|name| {
                    let known = matches!(name, "var" | "local" | "each" | "count");
                    known || self.locals.get(name).is_some() || self.bound.iter().any(|b| b == name)
                });
            }
            Expression::FuncCall(call) => {
                let name = call.name.name.as_str();
                let reads = name.contains("file") || name.starts_with("template");
                self.found_here &= call.name.namespace.is_empty() && !reads;
            }
            Expression::ForExpr(f) => {
                let names = f.intro.key_var.iter().chain([&f.intro.value_var]);
                self.bound.extend(names.map(|n| n.as_str().to_owned()));
            }
            _ => {}
        }
        if self.found_here {
            visit::visit_expr(self, expr);
        }
    }
}
