//! JSON, read strictly (RFC 8259), with the byte range of every value.

use std::ops::Range;

use jsonc_parser::ast::{ObjectProp, Value};
use jsonc_parser::{CollectOptions, CommentCollectionStrategy, ParseOptions};

/// Everything that is not JSON is refused.
const STRICT: ParseOptions = ParseOptions {
    allow_comments: false,
    allow_loose_object_property_names: false,
    allow_trailing_commas: false,
    allow_missing_commas: false,
    allow_single_quoted_strings: false,
    allow_hexadecimal_numbers: false,
    allow_unary_plus_numbers: false,
    allow_bare_decimal_point_numbers: false,
    allow_non_finite_numbers: false,
    allow_extended_string_escapes: false,
};

/// Why a text is no JSON.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}{message}", if *.too_many { "" } else { "not valid JSON: " })]
pub struct JsonError {
    /// Nothing is wrong but that there is too much of it.
    pub too_many: bool,
    /// What is wrong, in lower case.
    pub message: String,
    /// Where, in bytes.
    pub range: Range<usize>,
}

/// Parses a text. `None` when there is nothing in it. Nesting is bounded by the parser.
///
/// # Errors
/// When it is not JSON, or nests too deeply.
pub fn parse(text: &str) -> Result<Option<Value<'_>>, JsonError> {
    let collect = CollectOptions { comments: CommentCollectionStrategy::Off, tokens: false };
    match jsonc_parser::parse_to_ast(text, &collect, &STRICT) {
        Ok(parsed) => Ok(parsed.value),
        Err(e) => {
            let range = e.range();
            let message = lower_first(&e.kind().to_string());
            Err(JsonError { too_many: false, message, range: range.start..range.end })
        }
    }
}

/// Parses a text of at most so many values.
///
/// # Errors
/// When it is not JSON, nests too deeply, or holds more.
pub fn parse_up_to(text: &str, most: usize) -> Result<Option<Value<'_>>, JsonError> {
    match many(text.as_bytes(), most) {
        Some(at) => {
            let message = format!("the file holds more than {most} values");
            Err(JsonError { too_many: true, message, range: at..at + 1 })
        }
        None => parse(text),
    }
}

/// Where the first value stands that is one too many. The parser would make a tree of all of them before they can be
/// counted.
fn many(text: &[u8], most: usize) -> Option<usize> {
    let (mut values, mut at) = (0, 0);
    while let Some(&b) = text.get(at) {
        match b {
            b'"' => at = end_of_string(text, at),
            // One value stands behind each of them, as far as there is one.
            b',' | b'[' | b'{' => values += 1,
            _ => {}
        }
        if values > most {
            return Some(at);
        }
        at += 1;
    }
    None
}

/// Where the quotes are that end the string that begins at an offset.
fn end_of_string(text: &[u8], from: usize) -> usize {
    let mut at = from + 1;
    loop {
        match text.get(at..).and_then(|rest| memchr::memchr2(b'"', b'\\', rest)) {
            Some(n) if text.get(at + n) == Some(&b'"') => return at + n,
            Some(n) => at += n + 2,
            None => return text.len(),
        }
    }
}

/// The value of a property of an object; of several with the same name the last.
pub fn member<'v, 't>(value: &'v Value<'t>, name: &str) -> Option<&'v Value<'t>> {
    value.as_object()?.properties.iter().rev().find(|p| p.name.as_str() == name).map(|p| &p.value)
}

/// The elements of an array; nothing for anything else.
pub fn elements<'v, 't>(value: Option<&'v Value<'t>>) -> &'v [Value<'t>] {
    value.and_then(Value::as_array).map_or(&[], |a| &a.elements)
}

/// The properties of an object; nothing for anything else.
pub fn properties<'v, 't>(value: Option<&'v Value<'t>>) -> &'v [ObjectProp<'t>] {
    value.and_then(Value::as_object).map_or(&[], |o| &o.properties)
}

/// The text of a string.
pub fn text<'v>(value: Option<&'v Value<'_>>) -> Option<&'v str> {
    value.and_then(Value::as_string_lit).map(|s| s.value.as_ref())
}

/// A message as all of them are: beginning in lower case.
pub fn lower_first(s: &str) -> String {
    let mut chars = s.chars();
    chars.next().map_or_else(String::new, |c| c.to_lowercase().chain(chars).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_lenient_is_taken() {
        for text in ["{\"a\": 1,}", "{a: 1}", "// c\n{}", "{'a': 1}", "[0x1]", "[+1]", "[1 2]", "[NaN]"] {
            assert!(parse(text).is_err(), "{text}");
        }
        assert!(parse("").unwrap().is_none());
        assert!(parse("{\"a\": [1, true, null, \"\\u00e9\"]}").unwrap().is_some());
        assert_eq!(parse("[1,,2]").unwrap_err().range.start, 3);
        assert!(parse(&"[".repeat(100_000)).is_err());
    }

    #[test]
    fn too_many_values_are_not_parsed() {
        let list = |n: usize| format!("[{}\"a,\\\",[\"]", "1,".repeat(n));
        assert!(parse_up_to(&list(8), 9).unwrap().is_some());
        let error = parse_up_to(&list(9), 9).unwrap_err();
        assert!(error.too_many, "{error}");
        assert_eq!(error.to_string(), "the file holds more than 9 values");
        assert!(!parse_up_to("[\"", 9).unwrap_err().too_many);
    }
}
