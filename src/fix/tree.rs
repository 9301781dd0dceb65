//! What a fix writes, as a tree that is written in the language and the style of its place.

use jsonc_parser::ast;

use super::syntax::Style;

/// A value to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Tree {
    /// A string.
    Text(String),
    /// A resource of a template in the short form of YAML, by its logical id.
    Ref(String),
    /// Code as it is: a reference in HCL.
    Code(String),
    /// A list.
    List(Vec<Self>),
    /// An object, in the order in which it is written.
    Map(Vec<(String, Self)>),
}

/// How a tree is laid out.
#[derive(Debug, Clone, Copy)]
pub(super) struct Layout<'a> {
    /// The language.
    pub(super) style: Style,
    /// What the line begins with that the tree begins on.
    pub(super) indent: &'a str,
    /// One level more.
    pub(super) unit: &'a str,
    /// What a line ends with.
    pub(super) newline: &'a str,
    /// All on one line.
    pub(super) inline: bool,
    /// In YAML: what stands before the dash of a list, after the indentation of its key.
    pub(super) dash: &'a str,
}

impl Tree {
    /// A string.
    pub(super) fn text(text: &str) -> Self {
        Self::Text(text.to_owned())
    }

    /// An object of entries.
    pub(super) fn map<const N: usize>(entries: [(&str, Self); N]) -> Self {
        Self::Map(entries.into_iter().map(|(k, v)| (k.to_owned(), v)).collect())
    }

    /// The same value as of JSON, without what is no string, list or object.
    pub(super) fn of(value: &ast::Value<'_>) -> Self {
        match value {
            ast::Value::Object(o) => Self::Map(
                o.properties.iter().map(|p| (p.name.as_str().to_owned(), Self::of(&p.value))).collect(),
            ),
            ast::Value::Array(a) => Self::List(a.elements.iter().map(Self::of).collect()),
            ast::Value::StringLit(s) => Self::text(&s.value),
            ast::Value::NumberLit(n) => Self::text(n.value),
            ast::Value::BooleanLit(b) => Self::Text(b.value.to_string()),
            ast::Value::NullKeyword(_) => Self::Text(String::new()),
        }
    }

    /// An entry of an object, its key and its value. The first line gets no indentation.
    pub(super) fn entry(key: &str, value: &Self, layout: &Layout<'_>) -> String {
        match layout.style {
            Style::Json => format!("{}: {}", quoted(key), value.written(layout)),
            Style::Hcl | Style::Block => format!("{} = {}", hcl_key(key), value.written(layout)),
            Style::Yaml => match value {
                Self::List(_) | Self::Map(_) => {
                    let deeper = match value {
                        Self::List(_) => format!("{}{}", layout.indent, layout.dash),
                        _ => format!("{}{}", layout.indent, layout.unit),
                    };
                    let inner = Layout { indent: &deeper, ..*layout };
                    format!("{}:{}{deeper}{}", yaml_text(key), layout.newline, value.written(&inner))
                }
                Self::Text(_) | Self::Ref(_) | Self::Code(_) => {
                    format!("{}: {}", yaml_text(key), value.written(layout))
                }
            },
        }
    }

    /// The value. The first line gets no indentation.
    pub(super) fn written(&self, layout: &Layout<'_>) -> String {
        match (self, layout.style) {
            (Self::Text(text), Style::Json) => quoted(text),
            (Self::Text(text), Style::Hcl | Style::Block) => hcl_text(text),
            (Self::Text(text), Style::Yaml) => yaml_text(text),
            (Self::Ref(id), _) => format!("!Ref {id}"),
            (Self::Code(code), Style::Json | Style::Yaml) => quoted(&format!("${{{code}}}")),
            (Self::Code(code), Style::Hcl | Style::Block) => code.clone(),
            (Self::List(items), Style::Yaml) => {
                let item = |tree: &Self| {
                    let deeper = format!("{}  ", layout.indent);
                    format!("- {}", tree.written(&Layout { indent: &deeper, ..*layout }))
                };
                let items: Vec<String> = items.iter().map(item).collect();
                items.join(&format!("{}{}", layout.newline, layout.indent))
            }
            (Self::Map(entries), Style::Yaml) => {
                let entries: Vec<String> = entries.iter().map(|(k, v)| Self::entry(k, v, layout)).collect();
                entries.join(&format!("{}{}", layout.newline, layout.indent))
            }
            (Self::List(items), Style::Json | Style::Hcl | Style::Block) => {
                let short = items.len() == 1 && matches!(items.first(), Some(Self::Text(_) | Self::Code(_)));
                let inner = Layout { inline: layout.inline || short, ..*layout };
                bracketed(
                    '[',
                    items.iter().map(|tree| move |l: &Layout<'_>| tree.written(l)),
                    ']',
                    &inner,
                    ",",
                )
            }
            (Self::Map(entries), style) => {
                let between = match style {
                    Style::Hcl | Style::Block if !layout.inline => "",
                    Style::Hcl | Style::Block | Style::Json | Style::Yaml => ",",
                };
                let is_reference = matches!(entries.as_slice(), [(key, Self::Text(_))] if key == "Ref");
                let layout = Layout { inline: layout.inline || is_reference, ..*layout };
                let entries = entries.iter().map(|(k, v)| move |l: &Layout<'_>| Self::entry(k, v, l));
                bracketed('{', entries, '}', &layout, between)
            }
        }
    }
}

fn bracketed<W: Fn(&Layout<'_>) -> String>(
    open: char,
    parts: impl Iterator<Item = W>,
    close: char,
    layout: &Layout<'_>,
    between: &str,
) -> String {
    let space = if layout.style != Style::Json && open == '{' { " " } else { "" };
    if layout.inline {
        let parts: Vec<String> = parts.map(|write| write(layout)).collect();
        return match parts.is_empty() {
            true => format!("{open}{close}"),
            false => format!("{open}{space}{}{space}{close}", parts.join(&format!("{between} "))),
        };
    }
    let deeper = format!("{}{}", layout.indent, layout.unit);
    let line = format!("{}{deeper}", layout.newline);
    let inner = Layout { indent: &deeper, ..*layout };
    let parts: Vec<String> = parts.map(|write| write(&inner)).collect();
    let parts = parts.join(&format!("{between}{line}"));
    format!("{open}{line}{parts}{}{}{close}", layout.newline, layout.indent)
}

/// A string of JSON.
pub(super) fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// A string of HCL, in which nothing is a template.
fn hcl_text(text: &str) -> String {
    quoted(text).replace("${", "$${").replace("%{", "%%{")
}

fn hcl_key(key: &str) -> String {
    let plain = key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if plain && key.starts_with(|c: char| c.is_ascii_alphabetic()) { key.to_owned() } else { hcl_text(key) }
}

/// A string of YAML: in quotes unless it can be nothing else.
fn yaml_text(text: &str) -> String {
    const OTHERS: [&str; 9] = ["true", "false", "yes", "no", "on", "off", "null", "y", "n"];
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-./:".contains(c);
    let is_plain = text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(plain)
        && !text.ends_with(':')
        && !OTHERS.iter().any(|o| text.eq_ignore_ascii_case(o));
    if is_plain { text.to_owned() } else { quoted(text) }
}
