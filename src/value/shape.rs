//! What is known of a value that is not known: its type.

use std::collections::BTreeMap;
use std::sync::Arc;

/// The type of a value, as far as it is known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Shape {
    /// It may be anything.
    #[default]
    Any,
    /// True or false.
    Bool,
    /// A number.
    Number,
    /// A string.
    String,
    /// A list of elements of one type.
    List(Arc<Self>),
    /// A set.
    Set(Arc<Self>),
    /// A map of values of one type.
    Map(Arc<Self>),
    /// A tuple.
    Tuple(Arc<[Self]>),
    /// An object with these attributes and no others.
    Object(Arc<BTreeMap<Arc<str>, Self>>),
}

/// Types between which nothing is converted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    /// Booleans, numbers and strings.
    Plain,
    /// Lists, sets and tuples.
    Sequence,
    /// Maps and objects.
    Mapping,
}

impl Shape {
    /// Its family. `None` when it may be anything.
    pub fn family(&self) -> Option<Family> {
        match self {
            Self::Any => None,
            Self::Bool | Self::Number | Self::String => Some(Family::Plain),
            Self::List(_) | Self::Set(_) | Self::Tuple(_) => Some(Family::Sequence),
            Self::Map(_) | Self::Object(_) => Some(Family::Mapping),
        }
    }

    /// True when no value is of both types.
    pub fn differs(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Any, _) | (_, Self::Any) => false,
            (Self::Bool, Self::Bool) | (Self::Number, Self::Number) | (Self::String, Self::String) => false,
            (Self::List(a), Self::List(b)) | (Self::Set(a), Self::Set(b)) | (Self::Map(a), Self::Map(b)) => {
                a.differs(b)
            }
            (Self::Tuple(a), Self::Tuple(b)) => {
                a.len() != b.len() || a.iter().zip(b.iter()).any(|(a, b)| a.differs(b))
            }
            (Self::Object(a), Self::Object(b)) => {
                !a.keys().eq(b.keys()) || a.values().zip(b.values()).any(|(a, b)| a.differs(b))
            }
            (
                Self::Bool
                | Self::Number
                | Self::String
                | Self::List(_)
                | Self::Set(_)
                | Self::Map(_)
                | Self::Tuple(_)
                | Self::Object(_),
                _,
            ) => true,
        }
    }

    fn all<'a>(types: impl Iterator<Item = &'a Self>) -> Option<Arc<Self>> {
        let mut types = types.filter(|of| **of != Self::Any);
        let first = types.next().cloned().unwrap_or_default();
        types.try_fold(first, |all, of| all.unify(of)).map(Arc::new)
    }

    /// The type that values of both are converted to where either may stand. `None` when there is none.
    pub fn unify(&self, other: &Self) -> Option<Self> {
        let both = |a: &Self, b: &Self| a.unify(b).map(Arc::new);
        Some(match (self, other) {
            (Self::Any, _) | (_, Self::Any) => Self::Any,
            (a, b) if a == b => a.clone(),
            (Self::String, Self::Bool | Self::Number) | (Self::Bool | Self::Number, Self::String) => {
                Self::String
            }
            (Self::List(a), Self::List(b)) => Self::List(both(a, b)?),
            (Self::Map(a), Self::Map(b)) => Self::Map(both(a, b)?),
            (Self::Set(a), Self::Set(b) | Self::List(b)) | (Self::List(a), Self::Set(b)) => {
                Self::Set(both(a, b)?)
            }
            (Self::Set(of), Self::Tuple(types)) | (Self::Tuple(types), Self::Set(of)) => {
                Self::Set(Self::all(types.iter().chain([&**of]))?)
            }
            (Self::List(of), Self::Tuple(types)) | (Self::Tuple(types), Self::List(of)) => {
                Self::List(Self::all(types.iter().chain([&**of]))?)
            }
            (Self::Map(of), Self::Object(types)) | (Self::Object(types), Self::Map(of)) => {
                Self::Map(Self::all(types.values().chain([&**of]))?)
            }
            (Self::Tuple(a), Self::Tuple(b)) if a.len() == b.len() => {
                Self::Tuple(a.iter().zip(b.iter()).map(|(a, b)| a.unify(b)).collect::<Option<_>>()?)
            }
            (Self::Tuple(a), Self::Tuple(b)) => Self::List(Self::all(a.iter().chain(b.iter()))?),
            (Self::Object(a), Self::Object(b)) if a.keys().eq(b.keys()) => {
                let attribute = |((k, a), b): ((&Arc<str>, &Self), &Self)| Some((Arc::clone(k), a.unify(b)?));
                let attributes: Option<_> = a.iter().zip(b.values()).map(attribute).collect();
                Self::Object(Arc::new(attributes?))
            }
            (Self::Object(a), Self::Object(b)) => Self::Map(Self::all(a.values().chain(b.values()))?),
            (
                Self::Bool
                | Self::Number
                | Self::String
                | Self::List(_)
                | Self::Set(_)
                | Self::Map(_)
                | Self::Tuple(_)
                | Self::Object(_),
                _,
            ) => return None,
        })
    }

    /// What an attribute of it is. An error when there is none.
    pub fn attribute(&self, name: &str) -> Result<Self, NoSuchPart> {
        match self {
            Self::Any => Ok(Self::Any),
            Self::Map(of) => Ok(Self::clone(of)),
            Self::Object(attributes) => attributes.get(name).cloned().ok_or(NoSuchPart),
            Self::Bool | Self::Number | Self::String | Self::List(_) | Self::Set(_) | Self::Tuple(_) => {
                Err(NoSuchPart)
            }
        }
    }

    /// What an element of it is, of which the index is known when `at` is given. An error when there is none.
    pub fn element(&self, at: Option<usize>) -> Result<Self, NoSuchPart> {
        match (self, at) {
            (Self::Any, _) => Ok(Self::Any),
            (Self::List(of) | Self::Map(of), _) => Ok(Self::clone(of)),
            (Self::Tuple(types), Some(at)) => types.get(at).cloned().ok_or(NoSuchPart),
            (Self::Tuple(_) | Self::Object(_), _) => Ok(Self::Any),
            (Self::Bool | Self::Number | Self::String | Self::Set(_), _) => Err(NoSuchPart),
        }
    }
}

/// A value of a type has no such attribute or element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoSuchPart;
