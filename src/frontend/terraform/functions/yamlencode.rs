//! `yamlencode`: the block style that Terraform writes, with every string in quotes or as a literal block.

use super::Call;
use crate::limits;
use crate::value::{Kind, Value};

type Answer = Result<Value, String>;

/// Columns after which a string in quotes goes on in the next line, at a space.
const WIDTH: usize = 80;

pub(super) fn yamlencode(c: &mut Call<'_, '_, '_>) -> Answer {
    let value = c.arg(0)?;
    let mut out = Writer { text: String::new(), column: 0 };
    out.node(value, 0, 0)?;
    if !out.text.ends_with('\n') {
        out.text.push('\n');
    }
    if matches!(value.kind, Kind::Null | Kind::Bool(_) | Kind::Number(_)) {
        out.text.push_str("...\n");
    }
    Ok(c.string_result(out.text))
}

struct Writer {
    text: String,
    column: usize,
}

impl Writer {
    fn put(&mut self, s: &str) {
        self.text.push_str(s);
        self.column += s.chars().count();
    }

    fn line(&mut self, indent: usize) {
        if !self.text.is_empty() && !self.text.ends_with('\n') {
            self.text.push('\n');
        }
        self.text.push_str(&" ".repeat(indent));
        self.column = indent;
    }

    /// A value behind `- ` or at the start of a line, where the cursor stands at `indent`.
    fn node(&mut self, v: &Value, indent: usize, depth: usize) -> Result<(), String> {
        if depth > limits::DEPTH {
            return Err(format!("the value is nested more than {} levels deep", limits::DEPTH));
        }
        match &v.kind {
            Kind::List(l) | Kind::Set(l) if !l.is_empty() => {
                for (i, item) in l.iter().enumerate() {
                    if i > 0 {
                        self.line(indent);
                    }
                    self.put("- ");
                    self.node(item, indent + 2, depth + 1)?;
                }
            }
            Kind::Map(m) if !m.is_empty() => {
                for (i, (key, e)) in m.iter().enumerate() {
                    if key.contains('\n') || key.len() > 128 {
                        return Err("a key is too long to stand in one line".into());
                    }
                    if i > 0 {
                        self.line(indent);
                    }
                    self.quoted(key, None);
                    self.put(":");
                    match &e.value.kind {
                        Kind::Map(m) if !m.is_empty() => self.line(indent + 2),
                        Kind::List(l) | Kind::Set(l) if !l.is_empty() => self.line(indent),
                        _ => self.put(" "),
                    }
                    let inner = if e.value.as_list().is_some() { indent } else { indent + 2 };
                    self.node(&e.value, inner, depth + 1)?;
                }
            }
            Kind::List(_) | Kind::Set(_) => self.put("[]"),
            Kind::Map(_) => self.put("{}"),
            Kind::Null | Kind::Unknown(_) | Kind::OneOf(_) => self.put("null"),
            Kind::Bool(b) => self.put(&b.to_string()),
            Kind::Number(n) => self.put(&n.to_string()),
            // The lines of a text stand two columns behind what it belongs to.
            Kind::String(t) => self.string(t.visible(), if depth == 0 { 2 } else { indent }),
        }
        Ok(())
    }

    fn string(&mut self, s: &str, indent: usize) {
        let blank_before_break = s.contains(" \n") || s.ends_with(' ');
        if s.contains('\n') && !blank_before_break && s.chars().all(|c| c == '\n' || printable(c)) {
            self.literal(s, indent);
        } else {
            self.quoted(s, Some(indent));
        }
    }

    fn literal(&mut self, s: &str, indent: usize) {
        self.put("|");
        if s.starts_with([' ', '\n']) {
            self.put("2");
        }
        if !s.ends_with('\n') {
            self.put("-");
        } else if s == "\n" || s.ends_with("\n\n") {
            self.put("+");
        }
        self.text.push('\n');
        for line in s.split_inclusive('\n') {
            if line != "\n" {
                self.text.push_str(&" ".repeat(indent));
            }
            self.text.push_str(line);
        }
    }

    /// In quotes; folded when it may be, with the next line so far in.
    fn quoted(&mut self, s: &str, fold: Option<usize>) {
        self.put("\"");
        let mut chars = s.chars().enumerate().peekable();
        let (mut after_space, last) = (false, s.chars().count().saturating_sub(1));
        while let Some((i, ch)) = chars.next() {
            match (ch, fold) {
                (' ', Some(indent)) if !after_space && self.column > WIDTH && i > 0 && i < last => {
                    self.line(indent);
                    if chars.peek().is_some_and(|&(_, next)| next == ' ') {
                        self.put("\\");
                    }
                }
                ('"' | '\\', _) => self.put(&format!("\\{ch}")),
                (_, _) if printable(ch) => self.put(&ch.to_string()),
                (_, _) => self.put(&escape(ch)),
            }
            after_space = ch == ' ';
        }
        self.put("\"");
    }
}

/// What stands in YAML as it is.
fn printable(ch: char) -> bool {
    matches!(ch, ' '..='~' | '\u{a0}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}')
        && !matches!(ch, '\u{2028}' | '\u{2029}' | '\u{feff}')
}

fn escape(ch: char) -> String {
    match ch {
        '\0' => "\\0".into(),
        '\u{7}' => "\\a".into(),
        '\u{8}' => "\\b".into(),
        '\t' => "\\t".into(),
        '\n' => "\\n".into(),
        '\u{b}' => "\\v".into(),
        '\u{c}' => "\\f".into(),
        '\r' => "\\r".into(),
        '\u{1b}' => "\\e".into(),
        '\u{85}' => "\\N".into(),
        '\u{2028}' => "\\L".into(),
        '\u{2029}' => "\\P".into(),
        _ => match u32::from(ch) {
            n @ ..0x100 => format!("\\x{n:02X}"),
            n @ ..0x1_0000 => format!("\\u{n:04X}"),
            n => format!("\\U{n:08X}"),
        },
    }
}
