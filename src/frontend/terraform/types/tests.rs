//! Constraints and conversions, as `variable` blocks have them.

use super::*;
use crate::frontend::terraform::eval::tests::{TestScope, shown, unknown};
use crate::source::Source;

fn parsed(scope: &mut TestScope, text: &str) -> Result<Type, String> {
    let source: Arc<Source> = scope.sources.add("t.tf", "t.tf", text);
    let expr: Expression = text.parse().unwrap();
    parse_type(&expr, Code { source: &source, base: 0 }, scope).map_err(|(message, _)| message)
}

#[test]
fn values_become_what_the_type_asks_for() {
    let object = "object({a = string, b = optional(number, 5), c = optional(list(string))})";
    let rows = [
        ("string", "1", r#""1""#),
        (r#""string""#, "true", r#""true""#),
        ("number", r#""2.50""#, "2.5"),
        ("bool", r#""true""#, "true"),
        ("any", "[1]", "[1]"),
        ("string", "null", "null"),
        ("string", "var.u", "?(no value)"),
        ("number", "\"${var.u}0\"", "?(no value)"),
        ("list(string)", "[1, \"a\", null, var.u]", r#"["1","a",null,?(no value)]"#),
        ("list", "[1, \"a\"]", r#"["1","a"]"#),
        ("set(string)", r#"["b", "a", "b", 1]"#, r#"set["1","a","b"]"#),
        ("set(number)", "[20, 3]", "set[3,20]"),
        ("map(string)", "{a = 1, b = var.u}", r#"{a="1",b=?(no value)}"#),
        ("map", "{a = 1, b = \"x\"}", r#"{a="1",b="x"}"#),
        ("tuple([string, number])", "[1, \"2\"]", r#"["1",2]"#),
        (object, "{a = 1, x = 2}", r#"{a="1",b=5,c=null}"#),
        (object, "{a = 1, b = null, c = [1]}", r#"{a="1",b=5,c=["1"]}"#),
        (
            "list(object({n = string, g = optional(list(string), [\"x\"])}))",
            "[{n = \"a\"}]",
            r#"[{g=["x"],n="a"}]"#,
        ),
        ("object({o = optional(object({p = optional(string, \"q\")}), {})})", "{}", r#"{o={p="q"}}"#),
        ("map(object({n = optional(bool, false)}))", "{k = {}}", "{k={n=false}}"),
        ("list(string)", "var.u ? [1] : []", r#"0(["1"],[])"#),
        // What does not fit.
        ("string", "[]", "a string is required"),
        ("number", "true", "a number is required"),
        ("bool", "1", "a bool is required"),
        ("list(string)", "\"a\"", "a list of string is required"),
        ("list(string)", "{}", "a list of string is required"),
        ("map(string)", "[]", "a map of string is required"),
        ("tuple([string])", "[]", "a tuple of 1 elements is required"),
        (object, "{}", "attribute `a` is required"),
        ("object({a = list(string)})", "{a = 1}", "attribute `a`: a list of string is required"),
    ];
    for (constraint, text, expected) in rows {
        let mut scope = TestScope::default().with("var.u", unknown("no value"));
        let to = parsed(&mut scope, constraint).unwrap();
        let value = scope.value(text);
        let converted = convert(&value, &to).map_or_else(|e| e.0, |v| shown(&v));
        assert_eq!(converted, expected, "{text} as {constraint}");
    }
}

#[test]
fn what_is_no_type_is_said() {
    let rows = [
        ("strin", "`strin` is not a type"),
        ("list()", "`list` takes one argument"),
        ("listt(string)", "`listt` is not a type constructor"),
        ("object([])", "`object` takes its parts in brackets"),
        ("[string]", "a type is required, such as `list(string)`"),
        ("object({a = optional(number, \"x\")})", "default of `a`: a number is required"),
    ];
    for (text, message) in rows {
        assert_eq!(parsed(&mut TestScope::default(), text), Err(message.to_owned()), "{text}");
    }
}
