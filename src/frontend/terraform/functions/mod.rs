//! Terraform's built-in functions ("Built-in Functions" in the Terraform documentation).
//!
//! [`FUNCTIONS`] is the only registry: a function is one line there and its implementation in the file of its
//! family. What is not in it is unknown, with its name as the reason.

mod charset;
mod collection;
mod crypto;
mod encoding;
mod filesystem;
mod format;
pub(crate) mod json;
mod list;
mod map;
mod network;
mod numeric;
mod provider;
mod regex;
mod set;
mod string;
mod table;
mod time;
mod r#type;
mod unsettled;
mod yaml;
mod yamlencode;

pub use table::FUNCTIONS;

use super::eval::Evaluator;
use super::eval::open::{Lift, distribute};
use super::types::convert::{convert, settled};
use super::types::{ConvertError, Type};
use crate::diagnostic::{Code, Diagnostic, Level};
use crate::source::Span;
use crate::value::{Entries, Family, Kind, Number, Text, Unknown, Value};

/// What a function needs to know of its arguments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Needs {
    /// Every argument as a whole; what stands in it may be unknown or open.
    Outline,
    /// Everything: any unknown part makes the result unknown.
    All,
    /// It looks after unknowns itself; open choices are taken out of the arguments.
    Own,
    /// The same, and open choices are also taken out of what stands in the arguments.
    OwnDeep,
}

/// A built-in function.
#[derive(Clone, Copy)]
pub struct Function {
    /// Its name.
    pub name: &'static str,
    /// Fewest arguments.
    pub min: usize,
    /// Most arguments.
    pub max: usize,
    /// What its arguments are, the last one being all that follow: plain, a sequence, a mapping, or any.
    takes: &'static str,
    needs: Needs,
    run: Run,
}

type Run = fn(&mut Call<'_, '_, '_>) -> Result<Value, String>;

/// A call under way: its arguments, as settled as the function asked for.
pub(crate) struct Call<'c, 'a, 's> {
    args: &'c [Value],
    /// The place of the call.
    span: Span,
    evaluator: &'c mut Evaluator<'a, 's>,
}

/// True when Terraform has this function.
#[cfg(test)]
pub(crate) fn exists(name: &str) -> bool {
    let form = matches!(name, "can" | "templatestring" | "try");
    form || FUNCTIONS.iter().any(|f| f.name == name)
}

/// Calls a function. An error is what Terraform would complain about.
pub(crate) fn call(
    evaluator: &mut Evaluator<'_, '_>,
    name: &str,
    args: &[Value],
    span: Span,
) -> Result<Value, String> {
    let Ok(i) = FUNCTIONS.binary_search_by(|f| f.name.cmp(name)) else {
        return missing(evaluator, name, span);
    };
    let Some(function) = FUNCTIONS.get(i) else {
        return missing(evaluator, name, span);
    };
    if args.len() < function.min || args.len() > function.max {
        return Err(format!("`{name}` takes {}, not {}", arity(function), args.len()));
    }
    let cost: usize = args.iter().map(size).sum();
    if let Err(unknown) = evaluator.spend(u64::try_from(cost).unwrap_or(u64::MAX), span) {
        return Ok(unknown);
    }
    let lift = match function.needs {
        Needs::Outline | Needs::Own => Lift::Top,
        Needs::All | Needs::OwnDeep => Lift::Deep,
    };
    let result = distribute(args, &[lift], &mut |args| run(function, args, span, evaluator))?;
    if matches!(name, "nonsensitive" | "issensitive") {
        return Ok(result);
    }
    let sensitive = result.sensitive || marks(name, args);
    Ok(Value { sensitive, typed: result.typed || gives_typed(name, args), ..result })
}

/// True when what the function gives is a secret as a whole. Some only move what stands in their arguments, and a
/// secret is one wherever it goes; what others give is as secret as anything that stands in an argument.
fn marks(name: &str, args: &[Value]) -> bool {
    let whole = |v: &Value| v.sensitive;
    match (name, args) {
        (
            "chunklist" | "concat" | "element" | "keys" | "length" | "merge" | "reverse" | "setproduct"
            | "slice" | "tolist" | "tomap" | "values",
            _,
        ) => args.iter().any(whole),
        ("lookup", [map, key, ..]) => whole(map) || whole(key),
        ("zipmap", [keys, values, ..]) => is_sensitive(keys) || whole(values),
        ("flatten", [list, ..]) => list_is_sensitive(list),
        _ => args.iter().any(is_sensitive),
    }
}

/// True when a list or one that stands in it is a secret as a whole.
fn list_is_sensitive(v: &Value) -> bool {
    let inner = |v: &Value| v.as_list().is_some() && list_is_sensitive(v);
    v.sensitive || v.as_list().is_some_and(|l| l.iter().any(inner))
}

/// True when what the function gives is a list or a map, not a tuple or an object.
fn gives_typed(name: &str, args: &[Value]) -> bool {
    match name {
        "chunklist" | "cidrsubnets" | "compact" | "csvdecode" | "distinct" | "formatlist" | "matchkeys"
        | "range" | "regexall" | "setproduct" | "sort" | "split" | "transpose" => true,
        "concat" | "keys" | "merge" | "reverse" | "slice" | "values" => {
            args.iter().filter(|a| a.as_list().is_some() || a.as_map().is_some()).all(|a| a.typed)
        }
        "zipmap" => args.get(1).is_some_and(|values| values.typed),
        _ => false,
    }
}

/// What looking at an argument costs, in steps.
fn size(v: &Value) -> usize {
    match &v.kind {
        Kind::List(l) | Kind::Set(l) => l.len(),
        Kind::Map(m) => m.len(),
        Kind::String(t) => t.visible().len() / 256,
        Kind::OneOf(o) => o.arms.iter().map(size).sum(),
        Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::Unknown(_) => 0,
    }
}

fn run(
    function: &Function,
    args: &[Value],
    span: Span,
    evaluator: &mut Evaluator<'_, '_>,
) -> Result<Value, String> {
    for (i, arg) in args.iter().enumerate() {
        let takes = function.takes.as_bytes();
        let taken = match takes.get(i).or(takes.last()) {
            Some(b'p') => "a string, a number or a bool",
            Some(b's') => "a list or a set",
            Some(b'm') => "a map or an object",
            Some(_) | None => continue,
        };
        let of = match arg.family() {
            None => continue,
            Some(Family::Plain) => "a string, a number or a bool",
            Some(Family::Sequence) => "a list or a set",
            Some(Family::Mapping) => "a map or an object",
        };
        if of != taken {
            return Err(format!("`{}`: argument {} must be {taken}", function.name, i + 1));
        }
    }
    let open = match function.needs {
        Needs::Outline => args.iter().find_map(|a| a.as_unknown().cloned()),
        Needs::All => args.iter().find_map(first_unknown),
        Needs::Own | Needs::OwnDeep => None,
    };
    match open {
        Some(unknown) => {
            Ok(Value::new(Kind::Unknown(unknown), Some(span)).holding(kept(function.name, args, evaluator)))
        }
        None => {
            let result = (function.run)(&mut Call { args, span, evaluator });
            let result = result.map_err(|message| format!("`{}`: {message}", function.name))?;
            Ok(match result.kind {
                Kind::String(t) => Value { kind: Kind::String(t.normalized()), ..result },
                Kind::Unknown(_) => result.holding(kept(function.name, args, evaluator)),
                _ => result,
            })
        }
    }
}

/// The elements that the result of a function has for sure when the whole of it is not known. Where an error is an answer
/// there are none: what is not known may be null, which a function refuses, and then something else counts.
fn kept(name: &str, args: &[Value], evaluator: &Evaluator<'_, '_>) -> Vec<Value> {
    if evaluator.is_guarded() {
        return Vec::new();
    }
    let sure = || args.iter().flat_map(Value::sure).cloned();
    match name {
        "concat" | "distinct" | "reverse" | "setunion" | "tolist" | "toset" | "values" => sure().collect(),
        // Null and the empty text are dropped.
        "compact" => sure().filter(|v| v.as_str().is_some_and(|s| !s.is_empty())).collect(),
        "flatten" => {
            let mut out = Vec::new();
            sure().for_each(|v| list::flattened(&v, 0, &mut out));
            out
        }
        _ => Vec::new(),
    }
}

fn missing(evaluator: &mut Evaluator<'_, '_>, name: &str, span: Span) -> Result<Value, String> {
    if !name.starts_with("provider::") {
        return Err(format!("there is no function `{name}`"));
    }
    // It may be there all the same, in a version that is not known here: to `try`, that is no answer.
    let message = format!("function `{name}` of a provider is not supported");
    evaluator.scope.report(Diagnostic::at(Code::BadExpression, Level::Warning, span, message.clone()));
    Ok(Value::unknown(message, Some(span)))
}

fn arity(f: &Function) -> String {
    match (f.min, f.max) {
        (min, usize::MAX) => format!("at least {min} arguments"),
        (1, 1) => "1 argument".into(),
        (min, max) if min == max => format!("{min} arguments"),
        (min, max) => format!("{min} to {max} arguments"),
    }
}

pub(crate) fn is_sensitive(v: &Value) -> bool {
    v.sensitive
        || match &v.kind {
            Kind::List(l) | Kind::Set(l) => l.iter().any(is_sensitive),
            Kind::Map(m) => m.values().any(|e| is_sensitive(&e.value)),
            Kind::OneOf(o) => o.arms.iter().any(is_sensitive),
            Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::String(_) | Kind::Unknown(_) => false,
        }
}

/// What is unknown anywhere in a value.
fn first_unknown(v: &Value) -> Option<Unknown> {
    match &v.kind {
        Kind::Unknown(u) => Some(u.clone()),
        Kind::String(t) => t.holes().first().map(|h| h.unknown.clone()),
        Kind::List(l) | Kind::Set(l) => l.iter().find_map(first_unknown),
        Kind::Map(m) => m.values().find_map(|e| first_unknown(&e.value)),
        Kind::OneOf(o) => o.arms.iter().find_map(first_unknown),
        Kind::Null | Kind::Bool(_) | Kind::Number(_) => None,
    }
}

impl Call<'_, '_, '_> {
    fn arg(&self, i: usize) -> Result<&Value, String> {
        self.args.get(i).ok_or_else(|| format!("argument {} is missing", i + 1))
    }

    /// An argument that must not be null.
    fn given(&self, i: usize) -> Result<&Value, String> {
        let v = self.arg(i)?;
        if v.is_null() { Err(format!("argument {} must not be null", i + 1)) } else { Ok(v) }
    }

    fn converted(&self, i: usize, to: &Type) -> Result<Value, String> {
        convert(self.given(i)?, to).map_err(|e| wrong(i, &e))
    }

    /// An argument as text, possibly with holes.
    fn text(&self, i: usize) -> Result<Text, String> {
        match self.converted(i, &Type::String)?.kind {
            Kind::String(t) => Ok(t),
            Kind::Unknown(u) => Ok(Text::hole(u)),
            Kind::Null
            | Kind::Bool(_)
            | Kind::Number(_)
            | Kind::List(_)
            | Kind::Set(_)
            | Kind::Map(_)
            | Kind::OneOf(_) => Err(format!("argument {} must be a string", i + 1)),
        }
    }

    /// An argument as a known string. Only for functions that need all of it.
    fn str(&self, i: usize) -> Result<String, String> {
        let text = self.text(i)?;
        settled(&text).map(str::to_owned).map_err(|u| u.reason().to_owned())
    }

    fn number(&self, i: usize) -> Result<Number, String> {
        match self.converted(i, &Type::Number)?.kind {
            Kind::Number(n) => Ok(n),
            Kind::Null
            | Kind::Bool(_)
            | Kind::String(_)
            | Kind::List(_)
            | Kind::Set(_)
            | Kind::Map(_)
            | Kind::OneOf(_)
            | Kind::Unknown(_) => Err(format!("argument {} must be a number", i + 1)),
        }
    }

    fn integer(&self, i: usize) -> Result<i64, String> {
        self.number(i)?.as_i64().ok_or_else(|| format!("argument {} must be a whole number", i + 1))
    }

    fn size(&self, i: usize) -> Result<usize, String> {
        let n = self.number(i)?;
        n.as_usize().ok_or_else(|| format!("argument {} must be a whole number of at least 0", i + 1))
    }

    /// An argument as a list or set.
    fn list(&self, i: usize) -> Result<&[Value], String> {
        self.given(i)?.as_list().ok_or_else(|| format!("argument {} must be a list or a set", i + 1))
    }

    /// An argument as a list or tuple: a set has no order.
    fn sequence(&self, i: usize) -> Result<&[Value], String> {
        match &self.given(i)?.kind {
            Kind::Set(_) => Err(format!("argument {} must be a list, not a set", i + 1)),
            _ => self.list(i),
        }
    }

    /// The arguments from one on, which are lists or sets, with elements of one type.
    fn unified(&self, from: usize) -> Result<Vec<Vec<Value>>, String> {
        let lists: Result<Vec<&[Value]>, String> = (from..self.args.len()).map(|i| self.list(i)).collect();
        let lists = lists?;
        let all = one_type(lists.concat())?;
        let mut rest = all.as_slice();
        let part = |l: &&[Value]| {
            let (part, after) = rest.split_at_checked(l.len()).unwrap_or((rest, &[]));
            rest = after;
            part.to_vec()
        };
        Ok(lists.iter().map(part).collect())
    }

    /// An argument as a map or object.
    fn map(&self, i: usize) -> Result<&Entries, String> {
        self.given(i)?.as_map().ok_or_else(|| format!("argument {} must be a map or an object", i + 1))
    }

    fn string_result(&self, s: impl Into<std::sync::Arc<str>>) -> Value {
        Value::string(s, Some(self.span))
    }

    fn text_result(&self, t: Text) -> Value {
        Value::text(t, Some(self.span))
    }

    fn bool_result(&self, b: bool) -> Value {
        Value::bool(b, Some(self.span))
    }

    fn number_result(&self, n: Number) -> Value {
        Value::new(Kind::Number(n), Some(self.span))
    }

    fn count(&self, n: usize) -> Value {
        Value::number(i64::try_from(n).unwrap_or(i64::MAX), Some(self.span))
    }

    fn list_result(&self, items: Vec<Value>) -> Value {
        Value::list(items, Some(self.span))
    }

    fn set_result(&self, items: Vec<Value>) -> Value {
        let set = super::types::convert::set_of(items);
        Value::new(Kind::Set(std::sync::Arc::new(set)), Some(self.span))
    }

    fn map_result(&self, entries: Entries) -> Value {
        Value::map(entries, Some(self.span))
    }

    /// An unknown argument as the result.
    fn unknown_of(&self, i: usize) -> Value {
        let arg = self.args.get(i).cloned().unwrap_or_else(|| Value::null(None));
        Value { refer: None, ..arg }
    }

    fn unknown(&self, u: Unknown) -> Value {
        Value::new(Kind::Unknown(u), Some(self.span))
    }
}

/// Elements as those of a list: all of one type.
fn one_type(items: Vec<Value>) -> Result<Vec<Value>, String> {
    let list = convert(&Value::list(items, None), &Type::List(Box::new(Type::Any))).map_err(|e| e.0)?;
    Ok(list.as_list().unwrap_or_default().to_vec())
}

fn wrong(i: usize, e: &ConvertError) -> String {
    format!("argument {}: {e}", i + 1)
}

/// An unknown text that an operation changed: no longer the same unknown.
fn changed(u: &Unknown, how: &str) -> Unknown {
    Unknown::new(format!("{} ({how})", u.reason()), u.span())
}
