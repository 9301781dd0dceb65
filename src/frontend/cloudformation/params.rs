//! Parameters: the value that was given, the default, one of a few allowed values, or unknown.

use std::collections::BTreeMap;

use super::stack::Stack;
use super::tree::{Node, Pair};
use crate::limits;
use crate::source::Span;
use crate::value::{Text, Unknown, Value};

/// Reads a file of parameter values: a JSON list of `ParameterKey`/`ParameterValue` (as of the command line
/// client) or of `Key=Value` strings, a JSON map (also below `Parameters`, as of CodePipeline), or lines of
/// `KEY=value`.
///
/// # Errors
/// What is wrong with the file, in words.
pub fn parse_parameters(text: &str) -> Result<BTreeMap<String, String>, String> {
    let text = text.trim_start_matches('\u{feff}');
    if !text.trim_start().starts_with(['{', '[']) {
        return lines(text);
    }
    let json: serde_json::Value = serde_json::from_str(text).map_err(|e| format!("not valid JSON: {e}"))?;
    let mut out = BTreeMap::new();
    match &json {
        serde_json::Value::Array(items) => {
            for item in items {
                let (key, value) = item_of(item)
                    .ok_or("a parameter is neither `ParameterKey` with `ParameterValue` nor `Key=Value`")?;
                out.insert(key, value);
            }
        }
        serde_json::Value::Object(map) => {
            let map = map.get("Parameters").and_then(serde_json::Value::as_object).unwrap_or(map);
            for (key, value) in map {
                let value = plain(value).ok_or_else(|| format!("the value of `{key}` is not a string"))?;
                out.insert(key.clone(), value);
            }
        }
        _ => return Err("neither a list nor a map of parameters".to_owned()),
    }
    Ok(out)
}

fn item_of(item: &serde_json::Value) -> Option<(String, String)> {
    if let Some((key, value)) = item.as_str().and_then(|s| s.split_once('=')) {
        return Some((key.trim().to_owned(), value.to_owned()));
    }
    Some((item.get("ParameterKey")?.as_str()?.to_owned(), plain(item.get("ParameterValue")?)?))
}

/// A value as text; a list as CloudFormation writes it, with commas.
fn plain(value: &serde_json::Value) -> Option<String> {
    match value {
        serde_json::Value::String(s) => Some(s.clone()),
        serde_json::Value::Number(n) => Some(n.to_string()),
        serde_json::Value::Bool(b) => Some(b.to_string()),
        serde_json::Value::Array(items) => {
            items.iter().map(plain).collect::<Option<Vec<_>>>().map(|l| l.join(","))
        }
        serde_json::Value::Null | serde_json::Value::Object(_) => None,
    }
}

fn lines(text: &str) -> Result<BTreeMap<String, String>, String> {
    let mut out = BTreeMap::new();
    for (n, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let (key, value) =
            line.split_once('=').ok_or_else(|| format!("line {} is not `KEY=value`", n + 1))?;
        let value = value.trim();
        let quoted = ['"', '\''].iter().find_map(|q| value.strip_prefix(*q)?.strip_suffix(*q));
        let key = key.trim();
        let key = key.strip_prefix("export ").map_or(key, str::trim);
        out.insert(key.to_owned(), quoted.unwrap_or(value).to_owned());
    }
    Ok(out)
}

impl Stack<'_> {
    /// The value of a parameter, if the template has it.
    pub(super) fn parameter(&mut self, name: &str) -> Option<Value> {
        if let Some(value) = self.parameters.get(name) {
            return Some(value.clone());
        }
        let template = self.template();
        let pair = template.parameters.get(name)?;
        let mut value = self.parameter_value(pair);
        value.sensitive = pair.value.get("NoEcho").and_then(Node::text).is_some_and(is_true);
        self.parameters.insert(name.to_owned(), value.clone());
        Some(value)
    }

    fn parameter_value(&mut self, pair: &Pair) -> Value {
        let (name, declared) = (&pair.key, &pair.value);
        let kind = declared.get("Type").and_then(Node::text).unwrap_or("String");
        let span = Some(pair.span());
        if kind.starts_with("AWS::SSM::Parameter::Value") {
            return Value::unknown(format!("parameter `{name}` is read from the Parameter Store"), span);
        }
        let list = kind == "CommaDelimitedList" || kind.starts_with("List<");
        if let Some(value) = self.given.get(&**name).cloned() {
            return typed(&value, list);
        }
        if let Some(default) = declared.get("Default") {
            let value = self.eval(default);
            return typed(&value, list);
        }
        let unknown = Unknown::new(format!("parameter `{name}` has no default"), Some(pair.key_span));
        let allowed = declared.get("AllowedValues").and_then(Node::items).unwrap_or_default();
        if list || allowed.is_empty() || allowed.len() > limits::ANSWERS {
            return Value::unknown(unknown.reason(), unknown.span());
        }
        let labels: Vec<&str> = allowed.iter().filter_map(Node::text).collect();
        let arms: Vec<Value> = allowed.iter().map(|n| self.eval(n)).collect();
        if labels.len() != arms.len() {
            return Value::unknown(unknown.reason(), unknown.span());
        }
        let key = format!("{}Parameter {name}", self.prefix);
        let choice = self.shared.choices.intern(&key, unknown, &labels);
        Value::one_of(choice, arms, span)
    }
}

/// `true` in the spellings that YAML and JSON have for it.
pub(super) fn is_true(text: &str) -> bool {
    matches!(text.to_ascii_lowercase().as_str(), "true" | "yes" | "on")
}

/// A value as the parameter's type has it: lists are split at commas.
fn typed(value: &Value, list: bool) -> Value {
    if !list {
        return value.clone();
    }
    value.map_arms(&mut |v| match &v.kind {
        crate::value::Kind::String(t) if t.holes().is_empty() => split_commas(t, v.span),
        crate::value::Kind::String(t) => {
            let reason = t.holes().first().map_or("it is not known", |h| h.unknown.reason());
            Value::unknown(reason, v.span)
        }
        crate::value::Kind::Null
        | crate::value::Kind::Bool(_)
        | crate::value::Kind::Number(_)
        | crate::value::Kind::List(_)
        | crate::value::Kind::Set(_)
        | crate::value::Kind::Map(_)
        | crate::value::Kind::OneOf(_)
        | crate::value::Kind::Unknown(_) => v.clone(),
    })
}

fn split_commas(text: &Text, span: Option<Span>) -> Value {
    let whole = text.visible();
    let mut items = Vec::new();
    let mut at = 0;
    for part in whole.split(',') {
        let start = at + (part.len() - part.trim_start().len());
        at += part.len() + 1;
        let trimmed = part.trim();
        if !(trimmed.is_empty() && whole.trim().is_empty()) {
            let end = start + trimmed.len();
            let place = text.span_of(start, end).or(span);
            items.push(Value::text(text.slice(start, end), place));
        }
    }
    Value::list(items, span)
}
