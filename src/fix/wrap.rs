//! Mending a document that AWS refuses: the missing `Statement` around its elements, misspelt operators.

use super::Edit;
use super::page::Page;
use super::syntax::{Kind, Node, Style};
use crate::policy::misspelt;
use crate::source::Span;

/// What a statement is made of.
const ELEMENTS: [&str; 9] = [
    "Sid",
    "Effect",
    "Principal",
    "NotPrincipal",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Condition",
];

/// Puts `Statement` around the elements of a statement that stand where a document is expected.
pub(super) fn wrap(page: &Page, span: Span) -> Option<Vec<Edit>> {
    let node = page.object(span)?;
    match &node.kind {
        Kind::Map(_) => wrap_elements(page, &node),
        Kind::List(items) if !items.is_empty() && items.iter().all(is_statement) => wrap_list(page, &node),
        Kind::List(_) | Kind::Leaf => None,
    }
}

fn is_statement(node: &Node) -> bool {
    let known = |name: &str| ELEMENTS.iter().any(|e| e.eq_ignore_ascii_case(name));
    node.member(&["Effect"]).is_some() && node.members().iter().all(|m| known(&m.name))
}

fn wrap_elements(page: &Page, node: &Node) -> Option<Vec<Edit>> {
    let of_document = |name: &str| ["Version", "Id"].iter().any(|e| e.eq_ignore_ascii_case(name));
    let split = node.members().iter().take_while(|m| of_document(&m.name)).count();
    let (head, rest) = node.members().split_at_checked(split)?;
    let statement = Node { kind: Kind::Map(rest.to_vec()), ..node.clone() };
    let (first, last) = (rest.first()?, rest.last()?);
    if !is_statement(&statement) || node.style == Style::Block {
        return None;
    }
    let text = page.text().get(first.start..last.value.span.end)?;
    // Lines of a text inside would be moved as well.
    if text.contains("<<") || text.contains(": |") || text.contains(": >") {
        return None;
    }
    let has_version = head.iter().any(|m| m.name.eq_ignore_ascii_case("Version"));
    let newline = page.newline();
    let (key, version) = match node.style {
        Style::Json => ("\"Statement\": ", "\"Version\": \"2012-10-17\","),
        Style::Hcl | Style::Block => ("Statement = ", "Version = \"2012-10-17\""),
        Style::Yaml => ("Statement:", "Version: \"2012-10-17\""),
    };
    let version = if has_version { "" } else { version };
    if node.style != Style::Yaml && !page.text().get(node.span.clone())?.contains('\n') {
        let (version, space) = match (version, node.style) {
            ("", Style::Json) => (String::new(), ""),
            ("", _) => (String::new(), " "),
            (version, Style::Json) => (format!("{version} "), ""),
            (version, _) => (format!("{version}, "), " "),
        };
        let open = format!("{version}{key}[{{{space}");
        return Some(vec![
            page.edit(first.start..first.start, open),
            page.edit(last.value.span.end..last.value.span.end, format!("{space}}}]")),
        ]);
    }
    let indent = page.column_of(first.start)?;
    let unit = match node.style {
        Style::Yaml => page.dash(),
        Style::Json | Style::Hcl | Style::Block => {
            indent.strip_prefix(page.indent(node.span.start))?.to_owned()
        }
    };
    let version = if version.is_empty() { String::new() } else { format!("{version}{newline}{indent}") };
    let end = last.value.span.end;
    if node.style == Style::Yaml {
        let open = format!("{version}{key}{newline}{indent}{unit}- ");
        let shift = page.shift(first.start..end, &format!("{unit}  "));
        return Some(std::iter::once(page.edit(first.start..first.start, open)).chain(shift).collect());
    }
    let open = format!("{version}{key}[{newline}{indent}{unit}{{{newline}{indent}{unit}{unit}");
    let close = format!("{newline}{indent}{unit}}}{newline}{indent}]");
    let at = page.after_line(end, node.span.end);
    let edits = std::iter::once(page.edit(first.start..first.start, open));
    let shift = page.shift(first.start..end, &format!("{unit}{unit}"));
    Some(edits.chain(shift).chain([page.edit(at..at, close)]).collect())
}

/// A list of statements without the object around it.
fn wrap_list(page: &Page, node: &Node) -> Option<Vec<Edit>> {
    let (open, close) = match node.style {
        Style::Json => ("{\"Version\": \"2012-10-17\", \"Statement\": ", "}"),
        Style::Hcl => ("{ Version = \"2012-10-17\", Statement = ", " }"),
        Style::Block | Style::Yaml => return None,
    };
    let (start, end) = (node.span.start, node.span.end);
    Some(vec![page.edit(start..start, open), page.edit(end..end, close)])
}

/// Writes the operator or key that is meant where one stands that does not exist.
pub(super) fn respell(page: &Page, span: Span) -> Option<(String, Vec<Edit>)> {
    let written = page.text().get(span.start as usize..span.end as usize)?;
    let name = written.trim_matches(['"', '\'']);
    let meant = misspelt::meant_operator(name)?;
    let edit = page.replace_text(span, name, &meant)?;
    Some((format!("write `{meant}` instead of `{name}`"), vec![edit]))
}
