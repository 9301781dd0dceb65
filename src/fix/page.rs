//! Edits of one text in its own style: indentation, commas, line ends and comments stay as they are.

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use super::Edit;
use super::syntax::{self, Kind, Member, Node, Style};
use super::tree::{Layout, Tree};
use crate::source::{Source, Span};

/// A text that is edited.
pub(super) struct Page {
    source: Arc<Source>,
}

impl Page {
    /// The page of a source.
    pub(super) fn new(source: Arc<Source>) -> Self {
        Self { source }
    }

    /// All of the text.
    pub(super) fn text(&self) -> &str {
        self.source.text()
    }

    /// The path, as it is shown.
    pub(super) fn path(&self) -> &str {
        self.source.shown()
    }

    /// The directory that its file is in.
    pub(super) fn directory(&self) -> &Path {
        self.source.path().parent().unwrap_or(Path::new(""))
    }

    /// What lines end with.
    pub(super) fn newline(&self) -> &'static str {
        match self.text().find('\n') {
            Some(at) if self.text().get(..at).is_some_and(|t| t.ends_with('\r')) => "\r\n",
            Some(_) | None => "\n",
        }
    }

    /// The edit that writes something in place of these bytes.
    pub(super) fn edit(&self, range: Range<usize>, text: impl Into<String>) -> Edit {
        Edit { span: Span::new(self.source.id(), range.start, range.end), text: text.into() }
    }

    /// The object at a place.
    pub(super) fn object(&self, span: Span) -> Option<Node> {
        syntax::object(self.path(), self.text(), &range(span))
    }

    fn slice(&self, range: Range<usize>) -> &str {
        self.text().get(range).unwrap_or("")
    }

    fn line_start(&self, at: usize) -> usize {
        self.slice(0..at).rfind('\n').map_or(0, |n| n + 1)
    }

    /// The end of the line, before its line break.
    pub(super) fn line_end(&self, at: usize) -> usize {
        let rest = self.slice(at..self.text().len());
        let end = at + rest.find('\n').unwrap_or(rest.len());
        if self.slice(at..end).ends_with('\r') { end - 1 } else { end }
    }

    /// The white space that the line of a place begins with.
    pub(super) fn indent(&self, at: usize) -> &str {
        let line = self.slice(self.line_start(at)..self.line_end(at));
        line.get(..line.len() - line.trim_start_matches([' ', '\t']).len()).unwrap_or("")
    }

    /// The white space in front of a place, with as many spaces as there are characters after it.
    fn column(&self, at: usize) -> String {
        let before = self.slice(self.line_start(at)..at);
        before.chars().map(|c| if c == '\t' { '\t' } else { ' ' }).collect()
    }

    /// The white space in front of the first thing on a line.
    pub(super) fn column_of(&self, at: usize) -> Option<String> {
        let before = self.slice(self.line_start(at)..at);
        before.trim_start_matches("- ").trim().is_empty().then(|| self.column(at))
    }

    /// The end of the line of an element, when nothing but a comma or a comment follows it there.
    pub(super) fn after_line(&self, end: usize, limit: usize) -> usize {
        self.after(end, limit).0
    }

    /// Whether it has no line break inside.
    pub(super) fn is_one_line(&self, node: &Node) -> bool {
        !self.slice(node.span.clone()).contains('\n')
    }

    /// What one level is indented by: as in an object or list of several lines, in YAML as in the file.
    fn unit(&self, node: &Node) -> String {
        if node.style == Style::Yaml {
            return self.yaml_unit();
        }
        let first = match &node.kind {
            Kind::Map(members) => members.first().map(|m| m.start),
            Kind::List(items) => items.first().map(|n| n.span.start),
            Kind::Leaf => None,
        };
        let outer = self.indent(node.span.start);
        let inner = first.map_or("", |at| self.indent(at));
        match inner.strip_prefix(outer) {
            Some(unit) if !unit.is_empty() && !self.is_one_line(node) => unit.to_owned(),
            Some(_) | None => "  ".to_owned(),
        }
    }

    /// The lines of YAML that are not empty and no comments, with how deep they are.
    fn yaml_lines(&self) -> impl Iterator<Item = (usize, &str)> {
        let lines = self.text().lines().map(|line| (line, line.trim_start()));
        let lines = lines.filter(|(_, l)| !l.is_empty() && !l.starts_with('#'));
        lines.map(|(line, trimmed)| (line.len() - trimmed.len(), trimmed))
    }

    fn yaml_unit(&self) -> String {
        let first = self.yaml_lines().find(|(depth, line)| *depth > 0 && !line.starts_with('-'));
        " ".repeat(first.map_or(2, |(depth, _)| depth))
    }

    /// What stands before the dashes of a list in YAML, after the indentation of its key: as elsewhere in the file.
    pub(super) fn dash(&self) -> String {
        let keys = self.yaml_lines().zip(self.yaml_lines().skip(1));
        let is_list = |((_, key), (_, item)): &((_, &str), (_, &str))| {
            item.starts_with("- ") && !key.starts_with('-') && key.trim_end().ends_with(':')
        };
        let deeper = keys.into_iter().find(is_list).and_then(|((key, _), (item, _))| item.checked_sub(key));
        deeper.map_or_else(|| self.yaml_unit(), |n| " ".repeat(n))
    }

    /// How an entry of an object is laid out that begins its line with `indent`.
    fn layout<'a>(&self, map: &Node, indent: &'a str, unit: &'a str, dash: &'a str) -> Layout<'a> {
        Layout {
            style: map.style,
            indent,
            unit,
            newline: self.newline(),
            inline: map.style != Style::Yaml && self.is_one_line(map),
            dash,
        }
    }

    /// Writes something else in place of a string, within its quotes. Nothing when the string is written in another
    /// way.
    pub(super) fn replace_text(&self, span: Span, old: &str, new: &str) -> Option<Edit> {
        let inner = self.inner(range(span))?;
        if self.slice(inner.clone()) != old {
            return None;
        }
        Some(self.edit(inner, new))
    }

    /// A string without its quotes.
    fn inner(&self, at: Range<usize>) -> Option<Range<usize>> {
        let written = self.text().get(at.clone())?;
        let quote = written.chars().next().filter(|c| matches!(c, '"' | '\''));
        match quote {
            Some(quote) if written.len() > 1 && written.ends_with(quote) => Some(at.start + 1..at.end - 1),
            Some(_) => None,
            None => Some(at),
        }
    }

    /// Whether exactly this string is written there.
    pub(super) fn is_text(&self, at: Range<usize>, text: &str) -> bool {
        self.inner(at).is_some_and(|inner| self.slice(inner) == text)
    }

    /// Where something is to be added after an element: behind a comment on its line, and behind its comma.
    fn after(&self, end: usize, limit: usize) -> (usize, bool) {
        let rest = self.slice(end..self.line_end(end).min(limit));
        let trimmed = rest.trim_start();
        let comma = trimmed.starts_with(',');
        let behind = trimmed.strip_prefix(',').unwrap_or(trimmed).trim();
        let only_comment = behind.is_empty() || behind.starts_with('#') || behind.starts_with("//");
        if only_comment && self.line_end(end) < limit {
            (self.line_end(end), comma)
        } else {
            let comma_end = if comma { rest.len() - trimmed.len() + 1 } else { 0 };
            (end + comma_end, comma)
        }
    }

    /// Adds an entry at the end of an object.
    pub(super) fn add(&self, map: &Node, key: &str, value: &Tree) -> Option<Vec<Edit>> {
        let Kind::Map(members) = &map.kind else { return None };
        let unit = self.unit(map);
        let Some(last) = members.last() else { return self.fill(map, key, value, &unit) };
        let indent = self.column(last.start);
        let entry = Tree::entry(key, value, &self.layout(map, &indent, &unit, &self.dash()));
        if map.style == Style::Yaml {
            let at = self.line_end(last.value.span.end);
            return Some(vec![self.edit(at..at, format!("{}{indent}{entry}", self.newline()))]);
        }
        self.append(map, last.value.span.end, &indent, &entry, members.len())
    }

    /// Adds an entry behind another one of an object.
    pub(super) fn add_behind(&self, map: &Node, after: &Member, key: &str, value: &Tree) -> Option<Edit> {
        let unit = self.unit(map);
        let indent = self.column(after.start);
        let entry = Tree::entry(key, value, &self.layout(map, &indent, &unit, &self.dash()));
        let end = after.value.span.end;
        let newline = self.newline();
        if map.style == Style::Yaml {
            let at = self.line_end(end);
            // Where blank lines are between entries, one is here too.
            let blank = self.slice(at..self.text().len()).trim_start_matches('\r').starts_with("\n\r\n")
                || self.slice(at..self.text().len()).starts_with("\n\n")
                || self.slice(0..self.line_start(after.start)).ends_with(&newline.repeat(2));
            let gap = if blank { newline.repeat(2) } else { newline.to_owned() };
            return Some(self.edit(at..at, format!("{gap}{indent}{entry}")));
        }
        if self.is_one_line(map) {
            return Some(self.edit(end..end, format!(", {entry}")));
        }
        Some(self.edit(end..end, format!(",{newline}{indent}{entry}")))
    }

    fn fill(&self, map: &Node, key: &str, value: &Tree, unit: &str) -> Option<Vec<Edit>> {
        let inside = map.span.start + 1..map.span.end.checked_sub(1)?;
        if map.style == Style::Yaml || !self.slice(inside.clone()).trim().is_empty() {
            return None;
        }
        let outer = self.indent(map.span.start);
        let indent = format!("{outer}{unit}");
        let layout = Layout { inline: false, ..self.layout(map, &indent, unit, "") };
        let entry = Tree::entry(key, value, &layout);
        let newline = self.newline();
        Some(vec![self.edit(inside, format!("{newline}{indent}{entry}{newline}{outer}"))])
    }

    /// Adds an element to a list.
    pub(super) fn push(&self, list: &Node, value: &Tree) -> Option<Vec<Edit>> {
        let Kind::List(items) = &list.kind else { return None };
        let unit = self.unit(list);
        let Some(last) = items.last() else {
            let inside = list.span.start + 1..list.span.end.checked_sub(1)?;
            let layout = Layout { inline: true, ..self.layout(list, "", &unit, "") };
            let empty = self.slice(inside.clone()).trim().is_empty();
            return empty.then(|| vec![self.edit(inside, value.written(&layout))]);
        };
        let indent = self.indent(last.span.start).to_owned();
        let written = value.written(&self.layout(list, &indent, &unit, ""));
        if list.style == Style::Yaml {
            let at = self.line_end(last.span.end);
            let indent = self.column(items.first()?.span.start);
            let indent = indent.get(..indent.len().checked_sub(2)?)?;
            return Some(vec![self.edit(at..at, format!("{}{indent}- {written}", self.newline()))]);
        }
        self.append(list, last.span.end, &indent, &written, items.len())
    }

    /// Adds the text of an element after the last one of an object or list in brackets.
    fn append(&self, node: &Node, last: usize, indent: &str, text: &str, count: usize) -> Option<Vec<Edit>> {
        let limit = node.span.end;
        let (at, comma) = self.after(last, limit);
        if self.is_one_line(node) {
            let before = if comma { " " } else { ", " };
            return Some(vec![self.edit(at..at, format!("{before}{text}"))]);
        }
        let is_map = matches!(node.kind, Kind::Map(_));
        // Entries of an object in HCL need no commas; where they have them, the new one does too.
        let needs = node.style == Style::Json || !is_map || count > 1 && self.has_commas(node);
        let line = format!("{}{indent}{text}", self.newline());
        match (node.style, comma, needs && node.style != Style::Block) {
            (_, true, _) if node.style != Style::Json => Some(vec![self.edit(at..at, line + ",")]),
            (_, false, true) if at == last => Some(vec![self.edit(at..at, format!(",{line}"))]),
            (_, false, true) => Some(vec![self.edit(last..last, ","), self.edit(at..at, line)]),
            (_, _, _) => Some(vec![self.edit(at..at, line)]),
        }
    }

    fn has_commas(&self, node: &Node) -> bool {
        let first = node.members().first().map(|m| m.value.span.end);
        first.is_some_and(|end| self.slice(end..node.span.end).trim_start().starts_with(','))
    }

    /// Writes these strings in place of one element of a list. None of them takes it out, unless it is the only one.
    pub(super) fn replace_item(&self, list: &Node, number: usize, texts: &[&str]) -> Option<Vec<Edit>> {
        let Kind::List(items) = &list.kind else { return None };
        let item = items.get(number)?;
        let indent = self.indent(item.span.start).to_owned();
        let layout = self.layout(list, &indent, "", "");
        let written: Vec<String> = texts.iter().map(|t| Tree::text(t).written(&layout)).collect();
        if written.is_empty() {
            return self.remove(list, items, number);
        }
        let column = self.column(item.span.start);
        let alone = self.slice(self.line_start(item.span.start)..item.span.start).trim().is_empty();
        let between = match list.style {
            Style::Yaml => {
                format!("{}{}- ", self.newline(), column.get(..column.len().checked_sub(2)?)?)
            }
            Style::Json | Style::Hcl | Style::Block if alone => format!(",{}{indent}", self.newline()),
            Style::Json | Style::Hcl | Style::Block => ", ".to_owned(),
        };
        Some(vec![self.edit(item.span.clone(), written.join(&between))])
    }

    fn remove(&self, list: &Node, items: &[Node], number: usize) -> Option<Vec<Edit>> {
        let (item, last) = (items.get(number)?, number + 1 == items.len());
        if items.len() < 2 {
            return None;
        }
        let (start, end) = (self.line_start(item.span.start), self.line_end(item.span.end));
        let before = self.slice(start..item.span.start).trim();
        let behind = self.slice(item.span.end..end).trim().trim_start_matches(',').trim_start();
        let lead = if list.style == Style::Yaml { "-" } else { "" };
        let alone =
            before == lead && (behind.is_empty() || behind.starts_with('#') || behind.starts_with("//"));
        let next = self.slice(end..self.text().len()).find('\n').map_or(self.text().len(), |n| end + n + 1);
        if list.style == Style::Yaml {
            return alone.then(|| vec![self.edit(start..next, "")]);
        }
        let (_, comma) = self.after(item.span.end, list.span.end);
        let previous = number.checked_sub(1).and_then(|n| items.get(n));
        let following = items.get(number + 1).map(|n| n.span.start);
        match (alone, last, previous, following) {
            // The element before it is the last one now, and has a comma that JSON does not permit.
            (true, true, Some(previous), _) if !comma => {
                let at = previous.span.end;
                Some(vec![self.edit(at..at + 1, ""), self.edit(start..next, "")])
            }
            (true, ..) => Some(vec![self.edit(start..next, "")]),
            (false, true, Some(previous), _) => Some(vec![self.edit(previous.span.end..item.span.end, "")]),
            (false, _, _, Some(following)) => Some(vec![self.edit(item.span.start..following, "")]),
            (false, _, _, None) => None,
        }
    }

    /// Writes another value for an entry.
    pub(super) fn set(&self, map: &Node, member: &Member, value: &Tree) -> Option<Edit> {
        let unit = self.unit(map);
        let indent = self.column(member.start);
        let dash = self.dash();
        let layout = self.layout(map, &indent, &unit, &dash);
        let short = matches!(value, Tree::List(items) if items.len() < 4);
        let layout = Layout { inline: layout.inline || short && self.is_one_line(&member.value), ..layout };
        match (map.style, value) {
            (Style::Yaml, Tree::List(_)) => {
                let deeper = format!("{indent}{}", layout.dash);
                let written = value.written(&Layout { indent: &deeper, ..layout });
                let colon = self.slice(member.start..member.value.span.start).find(": ")? + member.start + 1;
                let text = format!("{}{deeper}{written}", self.newline());
                Some(self.edit(colon..member.value.span.end, text))
            }
            (_, _) => Some(self.edit(member.value.span.clone(), value.written(&layout))),
        }
    }

    /// Moves lines to the right: those that begin in a range.
    pub(super) fn shift(&self, lines: Range<usize>, by: &str) -> Vec<Edit> {
        let text = self.slice(lines.clone());
        let starts = text.match_indices('\n').map(|(i, _)| lines.start + i + 1);
        let filled =
            starts.filter(|&at| at < lines.end && !self.slice(at..self.line_end(at)).trim().is_empty());
        filled.map(|at| self.edit(at..at, by)).collect()
    }
}

/// The bytes of a span.
pub(super) fn range(span: Span) -> Range<usize> {
    span.start as usize..span.end as usize
}
