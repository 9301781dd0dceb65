//! From text to syntax: what Terraform accepts and the parser alone does not.
//!
//! - Of several equal keys of an object Terraform takes the last: the earlier ones are blanked out.
//! - A conditional may have any number of arms (`a ? x : b ? y : …`), the parser follows so many: the rest of a long one
//!   is put aside, and parsed when the evaluator comes to it. What stands in for it has the same length, so that all
//!   places stay what they are.

use std::ops::Range;
use std::sync::Arc;

use hcl_edit::expr::Expression;
use hcl_edit::parser::{Error, parse_body, parse_expr};
use hcl_edit::structure::Body;

use super::index;
use crate::diagnostic::{Code, Diagnostic, Level};
use crate::limits;
use crate::source::{Source, Span};

/// Parses the inside of a file or one block that stands at `base` of the source.
pub(crate) fn body(
    source: &Arc<Source>,
    text: &str,
    base: usize,
    report: &mut Vec<Diagnostic>,
) -> Result<Body, Diagnostic> {
    let place = |range: Range<usize>| Span::new(source.id(), base + range.start, base + range.end);
    patched(text, parse_body, |key| {
        let message = "the same key stands again below; the last one counts, as in Terraform";
        report.push(Diagnostic::at(Code::BadBlock, Level::Note, place(key), message));
    })
    .map_err(|Refused { code, at, message }| Diagnostic::at(code, Level::Error, place(at), message))
}

/// Parses the rest of a conditional that was put aside. Its errors were reported with the block.
pub(crate) fn rest(text: &str) -> Option<Expression> {
    patched(text, |text| parse_expr(text.trim_end()), |_| {}).ok()
}

/// Why a text is not parsed, and where.
struct Refused {
    code: Code,
    at: Range<usize>,
    message: String,
}

fn patched<T>(
    text: &str,
    parse: impl Fn(&str) -> Result<T, Error>,
    mut doubled: impl FnMut(Range<usize>),
) -> Result<T, Refused> {
    if let Some(at) = too_many_signs(text) {
        let message = format!("more than {} brackets, operators and lines are not parsed", limits::SIGNS);
        return Err(Refused { code: Code::Limit, at: at..at + 1, message });
    }
    let mut current = text.to_owned();
    for _ in 0..limits::DEPTH {
        let error = match parse(&current) {
            Ok(parsed) => return Ok(parsed),
            Err(e) => e,
        };
        let at = error.location().offset();
        let (too_deep, too_long) =
            (error.message().contains("nesting depth"), error.message().contains("operator"));
        if error.message().contains("redefined object key")
            && let Some(earlier) = earlier_item(&current, at)
        {
            let blank = |b: u8| if b == b'\n' { '\n' } else { ' ' };
            let blank: String = current.get(earlier.clone()).unwrap_or("").bytes().map(blank).collect();
            doubled(earlier.clone());
            current.replace_range(earlier, &blank);
        } else if too_deep && let Some(range) = index::rest_of_conditional(&current, at) {
            let marker = format!("{REST}{}_{}", range.start, range.end);
            let padding = " ".repeat(range.len().saturating_sub(marker.len()));
            current.replace_range(range, &(marker + &padding));
        } else {
            let code = if too_deep || too_long { Code::Limit } else { Code::HclSyntax };
            let message = error.message().split_whitespace().collect::<Vec<_>>().join(" ");
            return Err(Refused { code, at: at..at + 1, message });
        }
    }
    let message = "too many keys stand twice in one block, or a conditional has too many arms".to_owned();
    Err(Refused { code: Code::Limit, at: 0..text.len(), message })
}

/// Where the first sign stands that is one too many.
fn too_many_signs(text: &str) -> Option<usize> {
    let is_sign = |b: &u8| matches!(b, b'\n' | b',' | b'.' | b'(' | b'[' | b'{' | b'?' | b'!' | b'$');
    // Most texts are shorter than the bound.
    let mut signs = text.bytes().enumerate().filter(|(_, b)| is_sign(b));
    (text.len() > limits::SIGNS).then(|| signs.nth(limits::SIGNS)).flatten().map(|(at, _)| at)
}

/// What a name that stands in for the rest of a conditional starts with.
const REST: &str = "rest_of_conditional_";

/// The bytes that a name stands in for.
pub(crate) fn stands_for(name: &str) -> Option<Range<usize>> {
    let (start, end) = name.strip_prefix(REST)?.split_once('_')?;
    Some(start.parse().ok()?..end.parse().ok()?)
}

/// The element before offset `at` of the same object that has the same key, with its comma.
fn earlier_item(text: &str, at: usize) -> Option<Range<usize>> {
    let key = |start: usize| {
        let item = text.get(start..index::item_end(text, start))?;
        let end = item.find(['=', ':'])?;
        Some(item.get(..end)?.trim().trim_matches('"').to_owned())
    };
    let wanted = key(at)?;
    let mut from = index::enclosing_brace(text, at)? + 1;
    while let Some(start) = index::next_item(text, from).filter(|&s| s < at) {
        from = index::item_end(text, start);
        if key(start).as_ref() == Some(&wanted) {
            let comma = usize::from(text.as_bytes().get(from) == Some(&b','));
            return Some(start..from + comma);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A conditional with so many arms, between brackets.
    fn chain(arms: usize, open: &str, between: &str, close: &str) -> String {
        let arms: String =
            (0..arms).map(|i| format!("c{i} == \"? : ,\" ? [a{i}, {{ x = 1 }}] :{between}")).collect();
        format!("{open}{arms}last{close}")
    }

    #[test]
    fn conditionals_may_have_any_number_of_arms() {
        for (open, between, close) in [
            ("x {\n  a = ", " ", "\n  b = 1\n}\n"),
            ("x {\n  a = (", "\n  # ? :\n  ", ")\n}\n"),
            ("x {\n  a = [1, ", "\n", ", c ? d : e]\n}\n"),
            ("x {\n  a = { k = ", " ", "\n l = 2 }\n}\n"),
            ("x {\n  a = \"${", " ", "~} t\"\n}\n"),
            ("x {\n  a = f(", " ", ", 2)\n}\n"),
        ] {
            let text = chain(300, open, between, close);
            let parsed = patched(&text, parse_body, |_| {});
            assert!(parsed.is_ok(), "{:?}", parsed.map_err(|e| (e.message, e.at)).err());
        }
        assert!(rest(&chain(300, "", " ", "")).is_some());
        assert!(
            patched(&format!("a = {}1{}\n", "(".repeat(100_000), ")".repeat(100_000)), parse_body, |_| {})
                .is_err()
        );
    }
}
