//! Comments and metadata of a template.
//!
//! Follows "Metadata" in the AWS CloudFormation user guide (a section of the template, an attribute of a resource).

use granit_parser::{Event, Parser};

use super::read;
use super::tree::{Builder, Node, Pair};
use crate::frontend::remarks::{Comment, Remark, Said, indentation, of_comments};
use crate::limits;
use crate::source::{Source, Span};

/// Where tools look for what is accepted: key of the metadata, key in it, key of the reason.
const PLACES: &[(&str, &str, &str)] = &[
    ("mfaguard", "ignore", "reason"),
    ("checkov", "skip", "comment"),
    ("cfn_nag", "rules_to_suppress", "reason"),
];

/// The comments of a template in YAML, and the metadata of any template.
pub(crate) fn remarks(source: &Source, wanted: &dyn Fn(&str) -> bool) -> Vec<Remark> {
    let text = &**source.text();
    let root = read(source, &mut Builder::default()).ok().flatten();
    let resources = root.as_ref().and_then(|r| r.get("Resources")?.pairs()).unwrap_or_default();
    let spans: Vec<Span> = resources.iter().map(Pair::span).collect();
    let within = |at: usize| {
        let bytes = |s: &Span| s.start as usize..s.end as usize;
        spans.iter().map(bytes).find(|r| r.contains(&at))
    };
    let mut out = of_comments(source, &comments(text), wanted, |at| end_of(text, at), within);
    if let Some(root) = &root {
        out.extend(entries(root, root.span));
    }
    out.extend(resources.iter().zip(&spans).flat_map(|(pair, span)| entries(&pair.value, *span)));
    out
}

/// The comments of a text in YAML, as far as it can be read.
fn comments(text: &str) -> Vec<Comment> {
    let body = text.strip_prefix('\u{feff}').unwrap_or(text);
    let base = text.len() - body.len();
    let options = granit_parser::options! {
        emit_comments: true,
        block_nesting_limit: limits::TEMPLATE_DEPTH + 1,
        flow_nesting_limit: limits::TEMPLATE_DEPTH + 1,
    };
    let events = Parser::new_from_str_with_options(body, options).map_while(Result::ok);
    let comment = |(event, span): (Event<'_>, granit_parser::Span)| match event {
        Event::Comment(..) => {
            let range = span.byte_range()?;
            Some(Comment { range: base + range.start..base + range.end, marks: ("#", "") })
        }
        _ => None,
    };
    events.filter_map(comment).collect()
}

/// Where what begins at an offset ends: before the next line that is not indented deeper. The elements of a list may
/// stand under its key without being indented.
fn end_of(text: &str, at: usize) -> usize {
    let start = text.get(..at).and_then(|t| t.rfind('\n')).map_or(0, |n| n + 1);
    let rest = text.get(start..).unwrap_or("");
    let depth = at - start;
    let (mut end, mut next) = (start, start);
    for (n, line) in rest.split_inclusive('\n').enumerate() {
        let content = line.trim();
        let deeper = indentation(line) > depth;
        let element =
            indentation(line) == depth && content.starts_with("- ") && !rest.trim_start().starts_with('-');
        if n > 0 && !content.is_empty() && !deeper && !element {
            break;
        }
        next += line.len();
        if !content.is_empty() {
            end = next;
        }
    }
    end
}

/// What the metadata of a resource or template says.
fn entries(of: &Node, covers: Span) -> Vec<Remark> {
    let Some(metadata) = of.get("Metadata") else { return Vec::new() };
    let list = |&(tool, key, why): &(&'static str, &str, &'static str)| {
        let items = metadata.get(tool).and_then(|m| m.get(key)?.items()).unwrap_or_default();
        items.iter().map(move |item| entry(tool, why, item, covers)).collect::<Vec<_>>()
    };
    PLACES.iter().flat_map(list).collect()
}

/// `{id, reason, until}`, or no more than the id.
fn entry(tool: &'static str, why: &str, item: &Node, covers: Span) -> Remark {
    let text = |key: &str| item.get(key).and_then(Node::text).map(str::to_owned);
    let ids = item.get("id").unwrap_or(item);
    let ids = ids.items().unwrap_or(std::slice::from_ref(ids)).iter();
    Remark {
        span: item.span,
        said: Said::Entry {
            tool,
            ids: ids.filter_map(|id| Some(id.text()?.to_owned())).collect(),
            reason: text(why),
            until: text("until"),
        },
        covers,
        within: Some(covers),
    }
}
