//! Parameters: the value that was given, the default, one of a few allowed values, or unknown.

use super::stack::Stack;
use super::text;
use super::tree::{Node, Pair};
use crate::limits;
use crate::source::Span;
use crate::value::{Kind, Text, Unknown, Value};

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
        let template = self.template();
        let allowed = declared.get("AllowedValues").and_then(Node::items);
        let allowed = allowed.or_else(|| template.asserted.get(name).map(Vec::as_slice)).unwrap_or_default();
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
        Kind::String(text) => split_commas(text, v.span),
        Kind::Null
        | Kind::Bool(_)
        | Kind::Number(_)
        | Kind::List(_)
        | Kind::Set(_)
        | Kind::Map(_)
        | Kind::OneOf(_)
        | Kind::Unknown(_) => v.clone(),
    })
}

fn split_commas(text: &Text, span: Option<Span>) -> Value {
    if text.known().is_some_and(|known| known.trim().is_empty()) {
        return Value::list(Vec::new(), span);
    }
    let items = text::parts(text, ",", span).into_iter().map(|part| match &part.kind {
        Kind::String(written) => {
            let (whole, trimmed) = (written.visible(), written.visible().trim());
            let start = whole.len() - whole.trim_start().len();
            let place = written.span_of(start, start + trimmed.len()).or(part.span);
            text::alone(written.slice(start, start + trimmed.len()), place)
        }
        Kind::Null
        | Kind::Bool(_)
        | Kind::Number(_)
        | Kind::List(_)
        | Kind::Set(_)
        | Kind::Map(_)
        | Kind::OneOf(_)
        | Kind::Unknown(_) => part,
    });
    Value::list(items.collect(), span)
}
