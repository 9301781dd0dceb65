//! Object constructors and `for` expressions.

use std::sync::Arc;

use hcl_edit::expr::{ForExpr, Object, ObjectKey};

use super::open::{Lift, distribute};
use super::{EvalError, Evaluated, Evaluator, Locals};
use crate::frontend::terraform::types::Type;
use crate::frontend::terraform::types::convert::{convert, settled};
use crate::limits;
use crate::source::Span;
use crate::value::{Entries, Entry, Family, Kind, Shape, Unknown, Value};

/// One result of a `for`: whether it is in (a bool, or open), its key in an object, its value.
struct Item {
    present: Value,
    key: Value,
    value: Value,
}

impl Evaluator<'_, '_> {
    pub(super) fn object(&mut self, o: &Object, span: Span, locals: &Locals) -> Evaluated {
        let mut items = Vec::with_capacity(o.len());
        for (key, value) in o.iter() {
            let key = match key {
                ObjectKey::Ident(name) => Value::string(name.as_str(), Some(self.span(key))),
                ObjectKey::Expression(e) => self.expr(e, locals)?.at(Some(self.span(e))),
            };
            let value = self.part(value.expr(), locals)?;
            items.push(Item { present: Value::bool(true, None), key, value });
        }
        assemble(items, span, &mut |items| object_of(items, span, Repeated::Replaces))
    }

    pub(super) fn for_expr(&mut self, f: &ForExpr, span: Span, locals: &Locals) -> Evaluated {
        let collection = self.expr(&f.intro.collection_expr, locals)?;
        let sensitive = collection.sensitive;
        let result = distribute(&[collection], &[Lift::Top], &mut |args| match args.first() {
            Some(collection) => self.for_over(f, collection, span, locals),
            None => Err(EvalError::new(span, "nothing to go over")),
        })?;
        Ok(Value { sensitive: sensitive || result.sensitive, ..result })
    }

    fn for_over(&mut self, f: &ForExpr, collection: &Value, span: Span, locals: &Locals) -> Evaluated {
        if let Some(u) = collection.as_unknown().filter(|_| collection.family() != Some(Family::Plain)) {
            let whole = Value::new(Kind::Unknown(u.clone()), Some(span));
            return Ok(whole.holding(self.for_sure(f, collection, locals)?));
        }
        let pairs = pairs(collection).ok_or_else(|| {
            EvalError::new(span, "`for` goes over a list, a set, a map or an object, and not over null")
        })?;
        let mut items = Vec::new();
        for (key, value) in pairs {
            if items.len() >= limits::ELEMENTS {
                return Err(EvalError::new(span, "the result has too many elements"));
            }
            if let Err(unknown) = self.spend(ELEMENT_STEPS, span) {
                return Ok(unknown);
            }
            let mut inner = locals.bind(f.intro.value_var.as_str(), value);
            if let Some(name) = &f.intro.key_var {
                inner = inner.bind(name.as_str(), key);
            }
            let present = match &f.cond {
                None => Value::bool(true, None),
                Some(cond) => self.condition(&cond.expr, &inner)?,
            };
            match present.kind {
                Kind::Bool(false) => continue,
                Kind::Null => {
                    return Err(EvalError::new(span, "a condition must be true or false, not null"));
                }
                _ => {}
            }
            let key = match &f.key_expr {
                None => Value::null(None),
                Some(key) => self.expr(key, &inner)?,
            };
            items.push(Item { present, key, value: self.expr(&f.value_expr, &inner)? });
        }
        assemble(items, span, &mut |items| match (&f.key_expr, f.grouping) {
            (None, _) => list_of(items, span),
            (Some(_), true) => object_of(items, span, Repeated::Groups),
            (Some(_), false) => object_of(items, span, Repeated::Fails),
        })
    }
}

impl Evaluator<'_, '_> {
    /// What a `for` makes for sure of a collection that is not known as a whole.
    fn for_sure(
        &mut self,
        f: &ForExpr,
        collection: &Value,
        locals: &Locals,
    ) -> Result<Vec<Value>, EvalError> {
        let mut out = Vec::new();
        let elements = if f.key_expr.is_some() { &[] } else { collection.sure() };
        for element in elements {
            let mut inner = locals.bind(f.intro.value_var.as_str(), element.clone());
            if let Some(name) = &f.intro.key_var {
                inner = inner.bind(name.as_str(), collection.clone().holding([]).of(Shape::Any));
            }
            let present = match &f.cond {
                None => true,
                Some(cond) => matches!(self.condition(&cond.expr, &inner)?.kind, Kind::Bool(true)),
            };
            if present {
                out.push(self.expr(&f.value_expr, &inner)?);
            }
        }
        Ok(out)
    }
}

/// What an element of a `for` costs: it takes room as well as time.
const ELEMENT_STEPS: u64 = 40;

/// Keys and values of what a `for` goes over, in Terraform's order.
pub(super) fn pairs(collection: &Value) -> Option<Vec<(Value, Value)>> {
    let taint = |v: &Value| Value { sensitive: collection.sensitive || v.sensitive, ..v.clone() };
    match &collection.kind {
        Kind::List(l) => {
            let index = |i: usize| Value::number(i64::try_from(i).unwrap_or(i64::MAX), None);
            Some(l.iter().enumerate().map(|(i, v)| (index(i), taint(v))).collect())
        }
        Kind::Set(l) => Some(l.iter().map(|v| (taint(v), taint(v))).collect()),
        Kind::Map(m) => {
            let pair = |(k, e): (&Arc<str>, &Entry)| {
                (Value::string(Arc::clone(k), e.key_span.or(e.value.span)), taint(&e.value))
            };
            Some(m.iter().map(pair).collect())
        }
        Kind::Null
        | Kind::Bool(_)
        | Kind::Number(_)
        | Kind::String(_)
        | Kind::OneOf(_)
        | Kind::Unknown(_) => None,
    }
}

/// Builds a collection of items once their presence and keys are settled.
fn assemble(items: Vec<Item>, span: Span, build: &mut dyn FnMut(&[Item]) -> Evaluated) -> Evaluated {
    let open = |v: &Value| matches!(v.kind, Kind::OneOf(_));
    if !items.iter().any(|i| open(&i.present) || open(&i.key)) {
        return build(&items);
    }
    let mut columns: [Vec<Value>; 3] = Default::default();
    for Item { present, key, value } in items {
        let [presents, keys, values] = &mut columns;
        presents.push(present);
        keys.push(key);
        values.push(value);
    }
    let columns = columns.map(|c| Value::list(c, Some(span)));
    distribute(&columns, &[Lift::Deep, Lift::Deep, Lift::No], &mut |args| {
        let column = |i: usize| args.get(i).and_then(Value::as_list).unwrap_or_default();
        let rows = column(0).iter().zip(column(1)).zip(column(2));
        let items: Vec<Item> =
            rows.map(|((p, k), v)| Item { present: p.clone(), key: k.clone(), value: v.clone() }).collect();
        build(&items)
    })
}

/// The items that are in, or why that is not known.
fn present(items: &[Item]) -> Result<Vec<&Item>, Unknown> {
    let mut out = Vec::with_capacity(items.len());
    for item in items {
        match &item.present.kind {
            Kind::Bool(true) => out.push(item),
            Kind::Unknown(u) => return Err(u.clone()),
            Kind::Bool(false)
            | Kind::Null
            | Kind::Number(_)
            | Kind::String(_)
            | Kind::List(_)
            | Kind::Set(_)
            | Kind::Map(_)
            | Kind::OneOf(_) => {}
        }
    }
    Ok(out)
}

fn list_of(items: &[Item], span: Span) -> Evaluated {
    Ok(match present(items) {
        Ok(present) => {
            let list = Value::list(present.into_iter().map(|i| i.value.clone()).collect(), Some(span));
            Value { sensitive: sensitive(items), ..list }
        }
        Err(u) => Value::new(Kind::Unknown(u), Some(span)),
    })
}

/// What an object does with a key that it already has.
#[derive(Clone, Copy)]
enum Repeated {
    Replaces,
    Groups,
    Fails,
}

/// What is made of items whose keys or conditions are secret is one.
fn sensitive(items: &[Item]) -> bool {
    items.iter().any(|i| i.present.sensitive || i.key.sensitive)
}

fn object_of(items: &[Item], span: Span, repeated: Repeated) -> Evaluated {
    let secret = sensitive(items);
    let items = match present(items) {
        Ok(items) => items,
        Err(u) => return Ok(Value::new(Kind::Unknown(u), Some(span))),
    };
    let mut entries = Entries::new();
    let mut groups: std::collections::BTreeMap<Arc<str>, Vec<Value>> = Default::default();
    for item in items {
        let key = convert(&item.key, &Type::String).map_err(|e| EvalError::new(span, format!("key: {e}")))?;
        let name: Arc<str> = match &key.kind {
            Kind::String(t) => match settled(t) {
                Ok(s) => s.into(),
                Err(u) => return Ok(Value::new(Kind::Unknown(u), Some(span))),
            },
            Kind::Unknown(u) => return Ok(Value::new(Kind::Unknown(u.clone()), Some(span))),
            Kind::Null
            | Kind::Bool(_)
            | Kind::Number(_)
            | Kind::List(_)
            | Kind::Set(_)
            | Kind::Map(_)
            | Kind::OneOf(_) => return Err(EvalError::new(span, "a key must not be null")),
        };
        match repeated {
            Repeated::Groups => {
                let group = groups.entry(Arc::clone(&name)).or_default();
                group.push(item.value.clone());
                if group.len() > 1 {
                    continue;
                }
            }
            Repeated::Fails if entries.contains_key(&name) => {
                return Err(EvalError::new(span, format!("two items have the key `{name}`")));
            }
            Repeated::Fails | Repeated::Replaces => {}
        }
        entries.insert(name, Entry { key_span: key.span, value: item.value.clone() });
    }
    for (name, group) in groups {
        if let Some(entry) = entries.get_mut(&name) {
            entry.value = Value::list(group, Some(span));
        }
    }
    Ok(Value { sensitive: secret, ..Value::map(entries, Some(span)) })
}
