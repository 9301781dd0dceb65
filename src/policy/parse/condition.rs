//! The `Condition` element.

use super::super::condition::{PRESENT, is_mfa};
use super::super::document::{Item, Problem, Test};
use super::super::misspelt::is_misspelt_mfa;
use super::super::operators::Operator;
use super::{Parser, element, open};
use crate::source::Span;
use crate::value::{Entries, Kind, Text, Unknown};

impl Parser {
    /// A test that is meant to be about MFA and cannot work.
    fn no_gate(&mut self, refused: bool, message: String, span: Option<Span>) {
        self.problems.push(Problem { refused, gate: true, message, span });
    }

    /// The tests of a condition, and why there may be more.
    pub(super) fn condition(&mut self, entries: &Entries) -> (Vec<Test>, Option<Unknown>) {
        let (mut tests, mut more) = (Vec::new(), None);
        let Some(value) = element(entries, "Condition") else { return (tests, more) };
        let Kind::Map(operators) = &value.kind else {
            more = open(value);
            if more.is_none() {
                self.refuse("`Condition` is an object of operators", value.span);
            }
            return (tests, more);
        };
        more = self.open_key(operators);
        for (operator, entry) in operators.iter() {
            let at = entry.key_span.or(entry.value.span);
            if self.open.contains_key(&**operator) {
                continue;
            }
            if Operator::parse(operator).is_none() {
                let message = format!("there is no condition operator `{operator}`");
                match entry.value.as_map() {
                    Some(keys) if keys.keys().any(|k| is_mfa(k) || is_misspelt_mfa(k)) => {
                        self.no_gate(true, message, at);
                    }
                    Some(_) | None => self.refuse(message, at),
                }
            }
            let Kind::Map(keys) = &entry.value.kind else {
                match open(&entry.value) {
                    Some(u) => more = Some(u),
                    None => self.refuse(format!("`{operator}` is an object of condition keys"), at),
                }
                continue;
            };
            for (key, entry) in keys.iter() {
                let (values, more_values) = self.strings(&entry.value, "a value of a condition", true);
                let key_span = entry.key_span.or(entry.value.span);
                let name = self.open.get(&**key).cloned().unwrap_or_else(|| Text::new(&**key));
                let key = name.visible();
                if is_misspelt_mfa(key) {
                    let message = format!(
                        "there is no condition key `{key}`, write `aws:MultiFactorAuthPresent` or `aws:MultiFactorAuthAge`"
                    );
                    self.no_gate(false, message, key_span);
                }
                if key.eq_ignore_ascii_case(PRESENT) && holds_both(&values) {
                    let message =
                        "`true` and `false` in one list match with MFA and without, write one of them";
                    self.warn(message, key_span);
                }
                tests.push(Test {
                    operator: Text::new(&**operator),
                    operator_span: at,
                    key: name,
                    key_span,
                    values,
                    more: more_values,
                });
            }
        }
        (tests, more)
    }
}

/// True when both booleans are among the values.
fn holds_both(values: &[Item]) -> bool {
    let has = |b: &str| values.iter().any(|v| v.text.known().is_some_and(|t| t.eq_ignore_ascii_case(b)));
    has("true") && has("false")
}
