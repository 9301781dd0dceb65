//! Type constraints ("Type Constraints" in the Terraform documentation) and conversion to them.

pub(crate) mod convert;

#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::Arc;

use hcl_edit::expr::{Expression, FuncCall, Object, ObjectKey};

pub use convert::convert;

use super::eval::{Code, Scope, eval};
use crate::source::Span;
use crate::value::{Shape, Value};

/// A type constraint, as in `variable` blocks.
#[derive(Debug, Clone, PartialEq)]
pub enum Type {
    /// Anything.
    Any,
    /// A boolean.
    Bool,
    /// A number.
    Number,
    /// A string.
    String,
    /// A list of one element type.
    List(Box<Self>),
    /// A set of one element type.
    Set(Box<Self>),
    /// A map of one element type.
    Map(Box<Self>),
    /// A tuple.
    Tuple(Vec<Self>),
    /// An object, its attributes as written.
    Object(Vec<Attribute>),
}

impl Type {
    /// What is known of a value of this type.
    pub(crate) fn shape(&self) -> Shape {
        let one = |of: &Self| Arc::new(of.shape());
        match self {
            Self::Any => Shape::Any,
            Self::Bool => Shape::Bool,
            Self::Number => Shape::Number,
            Self::String => Shape::String,
            Self::List(of) => Shape::List(one(of)),
            Self::Set(of) => Shape::Set(one(of)),
            Self::Map(of) => Shape::Map(one(of)),
            Self::Tuple(types) => Shape::Tuple(types.iter().map(Self::shape).collect()),
            Self::Object(attributes) => Shape::Object(Arc::new(
                attributes.iter().map(|a| (Arc::clone(&a.name), a.of.shape())).collect(),
            )),
        }
    }
}

impl From<&Shape> for Type {
    fn from(of: &Shape) -> Self {
        let one = |of: &Shape| Box::new(Self::from(of));
        let attribute = |(name, of): (&Arc<str>, &Shape)| Attribute {
            name: Arc::clone(name),
            of: Self::from(of),
            optional: false,
            default: None,
        };
        match of {
            Shape::Any => Self::Any,
            Shape::Bool => Self::Bool,
            Shape::Number => Self::Number,
            Shape::String => Self::String,
            Shape::List(of) => Self::List(one(of)),
            Shape::Set(of) => Self::Set(one(of)),
            Shape::Map(of) => Self::Map(one(of)),
            Shape::Tuple(types) => Self::Tuple(types.iter().map(Self::from).collect()),
            Shape::Object(attributes) => Self::Object(attributes.iter().map(attribute).collect()),
        }
    }
}

/// An attribute of an object type.
#[derive(Debug, Clone, PartialEq)]
pub struct Attribute {
    /// Its name.
    pub name: Arc<str>,
    /// Its type.
    pub of: Type,
    /// True when it may be left out.
    pub optional: bool,
    /// The value it has when it is left out or null; already of its type.
    pub default: Option<Value>,
}

/// Why a value does not fit a type.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ConvertError(pub String);

impl fmt::Display for Type {
    /// As error messages name it: `a list of string`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let article = |t: &Self| t.to_string().trim_start_matches("a ").to_owned();
        match self {
            Self::Any => f.write_str("any value"),
            Self::Bool => f.write_str("a bool"),
            Self::Number => f.write_str("a number"),
            Self::String => f.write_str("a string"),
            Self::List(t) => write!(f, "a list of {}", article(t)),
            Self::Set(t) => write!(f, "a set of {}", article(t)),
            Self::Map(t) => write!(f, "a map of {}", article(t)),
            Self::Tuple(_) => f.write_str("a tuple"),
            Self::Object(_) => f.write_str("an object"),
        }
    }
}

/// Reads a type constraint. Defaults of `optional()` are evaluated in `scope`.
/// Errors are the message and the place of what is not a type.
pub fn parse_type(expr: &Expression, code: Code<'_>, scope: &mut dyn Scope) -> Result<Type, (String, Span)> {
    let any = || Box::new(Type::Any);
    let word = match expr {
        Expression::Variable(v) => v.as_str(),
        // Before 0.12 types were written as strings.
        Expression::String(s) => s.as_str(),
        Expression::Parenthesis(p) => return parse_type(p.inner(), code, scope),
        Expression::FuncCall(call) => return constructed(call, expr, code, scope),
        Expression::Null(_)
        | Expression::Bool(_)
        | Expression::Number(_)
        | Expression::Array(_)
        | Expression::Object(_)
        | Expression::StringTemplate(_)
        | Expression::HeredocTemplate(_)
        | Expression::Conditional(_)
        | Expression::Traversal(_)
        | Expression::UnaryOp(_)
        | Expression::BinaryOp(_)
        | Expression::ForExpr(_) => {
            return Err(("a type is required, such as `list(string)`".into(), code.span(expr)));
        }
    };
    match word {
        "any" => Ok(Type::Any),
        "bool" => Ok(Type::Bool),
        "number" => Ok(Type::Number),
        "string" => Ok(Type::String),
        "list" => Ok(Type::List(any())),
        "set" => Ok(Type::Set(any())),
        "map" => Ok(Type::Map(any())),
        _ => Err((format!("`{word}` is not a type"), code.span(expr))),
    }
}

fn constructed(
    call: &FuncCall,
    expr: &Expression,
    code: Code<'_>,
    scope: &mut dyn Scope,
) -> Result<Type, (String, Span)> {
    let name = call.name.name.as_str();
    let argument = match (call.args.get(0), call.args.len()) {
        (Some(a), 1) => a,
        (Some(_) | None, _) => return Err((format!("`{name}` takes one argument"), code.span(expr))),
    };
    match (name, argument) {
        ("list", t) => Ok(Type::List(Box::new(parse_type(t, code, scope)?))),
        ("set", t) => Ok(Type::Set(Box::new(parse_type(t, code, scope)?))),
        ("map", t) => Ok(Type::Map(Box::new(parse_type(t, code, scope)?))),
        ("tuple", Expression::Array(items)) => {
            let types: Result<_, _> = items.iter().map(|t| parse_type(t, code, scope)).collect();
            Ok(Type::Tuple(types?))
        }
        ("object", Expression::Object(o)) => object(o, code, scope),
        ("tuple" | "object", _) => {
            Err((format!("`{name}` takes its parts in brackets"), code.span(argument)))
        }
        _ => Err((format!("`{name}` is not a type constructor"), code.span(expr))),
    }
}

fn object(object: &Object, code: Code<'_>, scope: &mut dyn Scope) -> Result<Type, (String, Span)> {
    let mut attributes = Vec::with_capacity(object.len());
    for (key, value) in object.iter() {
        let name = match key {
            ObjectKey::Ident(i) => i.as_str(),
            ObjectKey::Expression(Expression::String(s)) => s.as_str(),
            ObjectKey::Expression(e) => {
                return Err(("the name of an attribute is required".into(), code.span(e)));
            }
        };
        attributes.push(attribute(name, value.expr(), code, scope)?);
    }
    Ok(Type::Object(attributes))
}

fn attribute(
    name: &str,
    expr: &Expression,
    code: Code<'_>,
    scope: &mut dyn Scope,
) -> Result<Attribute, (String, Span)> {
    let plain = |of| Attribute { name: name.into(), of, optional: false, default: None };
    let Expression::FuncCall(call) = expr else {
        return Ok(plain(parse_type(expr, code, scope)?));
    };
    if call.name.name.as_str() != "optional" {
        return Ok(plain(parse_type(expr, code, scope)?));
    }
    let Some(of) = call.args.get(0) else {
        return Err(("`optional` takes a type".into(), code.span(expr)));
    };
    let of = parse_type(of, code, scope)?;
    let default = match call.args.get(1) {
        None => None,
        Some(e) => {
            let given = eval(e, code, scope);
            Some(convert(&given, &of).map_err(|e| (format!("default of `{name}`: {e}"), code.span(expr)))?)
        }
    };
    Ok(Attribute { optional: true, default, ..plain(of) })
}
