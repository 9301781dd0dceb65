//! References, attribute and index access, splats.

use hcl_edit::expr::{Expression, Traversal, TraversalOperator};

use super::open::{Lift, distribute};
use super::{EvalError, Evaluated, Evaluator, Locals, Step};
use crate::diagnostic::Code as DiagnosticCode;
use crate::frontend::terraform::types::Type;
use crate::frontend::terraform::types::convert::{convert, known_after_apply, settled};
use crate::source::Span;
use crate::value::{Family, Kind, NoSuchPart, Shape, Value};

/// What follows a root, each with its place.
enum Operator {
    Step(Step),
    /// `.0`, an index in the form of an attribute.
    Legacy(Step),
    /// `.*`: attributes that follow are taken of every element.
    Attributes,
    /// `[*]`: everything that follows is taken of every element.
    Everything,
}

impl Evaluator<'_, '_> {
    pub(super) fn traversal(&mut self, t: &Traversal, span: Span, locals: &Locals) -> Evaluated {
        let mut operators = Vec::with_capacity(t.operators.len());
        for op in &t.operators {
            let at = self.span(op);
            operators.push(match op.value() {
                TraversalOperator::AttrSplat(_) => Operator::Attributes,
                TraversalOperator::FullSplat(_) => Operator::Everything,
                TraversalOperator::GetAttr(name) => {
                    Operator::Step(Step::Attr { name: name.as_str().to_owned(), span: at })
                }
                TraversalOperator::Index(e) => {
                    Operator::Step(Step::Index { value: self.expr(e, locals)?, span: at })
                }
                TraversalOperator::LegacyIndex(n) => {
                    let number = i64::try_from(*n.value()).unwrap_or(i64::MAX);
                    Operator::Legacy(Step::Index { value: Value::number(number, Some(at)), span: at })
                }
            });
        }
        let Expression::Variable(root) = &t.expr else {
            let value = self.expr(&t.expr, locals)?;
            self.doubt(&value);
            return follow(value, &operators, span);
        };
        let steps: Vec<Step> = operators
            .iter()
            .map_while(|op| match op {
                Operator::Step(s) | Operator::Legacy(s) => Some(s.clone()),
                Operator::Attributes | Operator::Everything => None,
            })
            .collect();
        let value = self.reference(root.as_str(), &steps, span, locals)?;
        let rest = operators.get(steps.len()..).unwrap_or_default();
        if !rest.is_empty() {
            self.doubt(&value);
        }
        follow(value, rest, span)
    }

    /// The value of a name and the steps after it.
    pub(super) fn reference(&mut self, root: &str, steps: &[Step], span: Span, locals: &Locals) -> Evaluated {
        if let Some(bound) = locals.get(root) {
            return self.part_of(bound.clone(), steps);
        }
        let found =
            if self.in_template { None } else { self.scope.lookup(root, steps, span, self.is_guarded()) };
        let Some((value, used)) = found else {
            let message = format!("`{root}{}` refers to nothing", attributes(steps));
            return Err(EvalError { code: DiagnosticCode::BadReference, message, span });
        };
        self.part_of(value, steps.get(used..).unwrap_or_default())
    }

    fn part_of(&mut self, value: Value, steps: &[Step]) -> Evaluated {
        steps.iter().try_fold(value, |value, step| {
            self.doubt(&value);
            if let Step::Index { value: index, .. } = step {
                self.doubt(index);
            }
            take_step(value, step)
        })
    }
}

/// Leading attribute steps as they are written.
fn attributes(steps: &[Step]) -> String {
    let names = steps.iter().map_while(|s| match s {
        Step::Attr { name, .. } => Some(format!(".{name}")),
        Step::Index { .. } => None,
    });
    names.collect()
}

fn follow(mut value: Value, operators: &[Operator], span: Span) -> Evaluated {
    let mut rest = operators;
    while let Some((op, after)) = rest.split_first() {
        rest = after;
        match op {
            Operator::Step(step) | Operator::Legacy(step) => value = take_step(value, step)?,
            Operator::Everything => return splat(value, after, span),
            Operator::Attributes => {
                let attribute =
                    |op: &&Operator| matches!(op, Operator::Step(Step::Attr { .. }) | Operator::Legacy(_));
                let (of_each, others) = after.split_at(after.iter().take_while(attribute).count());
                value = splat(value, of_each, span)?;
                rest = others;
            }
        }
    }
    Ok(value)
}

/// Follows `operators` from every element. Null has no elements; what is not a list or set is one element.
fn splat(value: Value, operators: &[Operator], span: Span) -> Evaluated {
    distribute(&[value], &[Lift::Top], &mut |args| {
        let Some(value) = args.first() else {
            return Err(EvalError::new(span, "nothing to take the elements of"));
        };
        let items: Vec<Value> = match &value.kind {
            Kind::Unknown(u) => {
                let types: &[Shape] = match &value.of {
                    Shape::List(of) | Shape::Set(of) => std::slice::from_ref(of),
                    Shape::Tuple(types) => types,
                    Shape::Any
                    | Shape::Bool
                    | Shape::Number
                    | Shape::String
                    | Shape::Map(_)
                    | Shape::Object(_) => &[],
                };
                // What an element lacks is an error however many there are.
                for of in types {
                    let element = Value::new(Kind::Unknown(u.clone()), value.span).of(of.clone());
                    follow(element, operators, span)?;
                }
                let sure = value.sure().iter().map(|v| follow(v.clone(), operators, span));
                let sure: Vec<Value> = sure.collect::<Result<_, _>>()?;
                return Ok(Value::new(Kind::Unknown(u.clone()), value.span).holding(sure));
            }
            Kind::Null => Vec::new(),
            Kind::List(l) | Kind::Set(l) => l.to_vec(),
            Kind::Bool(_) | Kind::Number(_) | Kind::String(_) | Kind::Map(_) | Kind::OneOf(_) => {
                vec![value.clone()]
            }
        };
        let items: Result<Vec<_>, _> = items.into_iter().map(|v| follow(v, operators, span)).collect();
        Ok(Value { sensitive: value.sensitive, typed: value.typed, ..Value::list(items?, value.span) })
    })
}

/// One attribute or element of a value.
fn take_step(value: Value, step: &Step) -> Evaluated {
    match step {
        Step::Attr { name, span } => distribute(&[value], &[Lift::Top], &mut |args| match args {
            [value, ..] => attribute(value, name, *span),
            [] => Err(EvalError::new(*span, "nothing to take an attribute of")),
        }),
        Step::Index { value: index, span } => {
            distribute(&[value, index.clone()], &[Lift::Top], &mut |args| match args {
                [value, index, ..] => {
                    let part = element(value, index, *span)?;
                    Ok(Value { sensitive: part.sensitive || index.sensitive, ..part })
                }
                [_] | [] => Err(EvalError::new(*span, "nothing to take an element of")),
            })
        }
    }
}

/// What is taken out of something sensitive is sensitive.
fn out_of(whole: &Value, part: &Value) -> Value {
    Value { sensitive: whole.sensitive || part.sensitive, ..part.clone() }
}

pub(super) fn attribute(value: &Value, name: &str, span: Span) -> Evaluated {
    match &value.kind {
        Kind::Unknown(u) => match value.of.attribute(name) {
            Ok(of) => {
                let part = Value::new(Kind::Unknown(u.clone()), value.span).of(of);
                // An attribute of a variable is the same one everywhere, too.
                Ok(match &value.refer {
                    Some(r) if r.attribute.is_empty() => part.refers(format!("{}.{name}", r.address), ""),
                    Some(_) | None => part,
                })
            }
            Err(NoSuchPart) => Err(EvalError::new(span, format!("the value has no attribute `{name}`"))),
        },
        Kind::Map(m) => match (m.get(name), &value.refer) {
            (Some(e), _) => Ok(out_of(value, &e.value)),
            (None, Some(r)) => Ok(known_after_apply(name, &r.address, value)),
            (None, None) => Err(EvalError::new(span, format!("the object has no attribute `{name}`"))),
        },
        Kind::Null => Err(EvalError::new(span, format!("null has no attribute `{name}`"))),
        Kind::List(_) | Kind::Set(_) => {
            Err(EvalError::new(span, format!("a list has no attribute `{name}`: take an element first")))
        }
        Kind::Bool(_) | Kind::Number(_) | Kind::String(_) | Kind::OneOf(_) => {
            Err(EvalError::new(span, format!("the value has no attribute `{name}`")))
        }
    }
}

/// What is known of an element of a value of which only the type is known.
fn unknown_element(of: &Shape, index: &Value, span: Span) -> Result<Shape, EvalError> {
    let key = if of.family() == Some(Family::Sequence) { Type::Number } else { Type::String };
    let index = convert(index, &key).map_err(|e| EvalError::new(span, e.0))?;
    if index.is_null() {
        return Err(EvalError::new(span, "the index must not be null"));
    }
    let part = match (&index.kind, of) {
        (Kind::String(t), Shape::Object(_)) if t.known().is_some() => of.attribute(t.visible()),
        (Kind::Number(n), Shape::Tuple(_)) => of.element(Some(n.as_usize().unwrap_or(usize::MAX))),
        _ => of.element(None),
    };
    part.map_err(|NoSuchPart| EvalError::new(span, "the value has no such element"))
}

pub(super) fn element(value: &Value, index: &Value, span: Span) -> Evaluated {
    let wrong = |message: &str| Err(EvalError::new(span, message));
    if let Some(u) = value.as_unknown() {
        return Ok(
            Value::new(Kind::Unknown(u.clone()), value.span).of(unknown_element(&value.of, index, span)?)
        );
    }
    if let Some(u) = index.as_unknown() {
        return Ok(Value::new(Kind::Unknown(u.clone()), value.span));
    }
    match &value.kind {
        Kind::List(l) => {
            let index = convert(index, &Type::Number).map_err(|e| EvalError::new(span, e.0))?;
            let item = match &index.kind {
                Kind::Number(n) => n.as_usize().and_then(|n| l.get(n)),
                Kind::Unknown(u) => return Ok(Value::new(Kind::Unknown(u.clone()), value.span)),
                Kind::Null
                | Kind::Bool(_)
                | Kind::String(_)
                | Kind::List(_)
                | Kind::Set(_)
                | Kind::Map(_)
                | Kind::OneOf(_) => return wrong("a number is required as an index"),
            };
            match item {
                Some(item) => Ok(out_of(value, item)),
                None => wrong(&format!("the index is out of range: the list has {} elements", l.len())),
            }
        }
        Kind::Map(_) => {
            let key = convert(index, &Type::String).map_err(|e| EvalError::new(span, e.0))?;
            match &key.kind {
                Kind::String(t) => match settled(t) {
                    Ok(key) => attribute(value, key, span),
                    Err(u) => Ok(Value::new(Kind::Unknown(u), value.span)),
                },
                Kind::Unknown(u) => Ok(Value::new(Kind::Unknown(u.clone()), value.span)),
                Kind::Null
                | Kind::Bool(_)
                | Kind::Number(_)
                | Kind::List(_)
                | Kind::Set(_)
                | Kind::Map(_)
                | Kind::OneOf(_) => wrong("a string is required as a key"),
            }
        }
        Kind::Set(_) => wrong("elements of a set have no index"),
        Kind::Null => wrong("null has no elements"),
        Kind::Bool(_) | Kind::Number(_) | Kind::String(_) | Kind::OneOf(_) | Kind::Unknown(_) => {
            wrong("the value has no elements")
        }
    }
}
