//! What ends on its line: words, strings in quotes, lists and maps in brackets.
//!
//! Every function takes the text from where a thing begins, and gives what follows it; `None` is for the parser.

use super::Keys;

/// Levels of brackets on one line.
const DEPTH: usize = 16;

/// The text behind a value in brackets.
pub(super) fn after_brackets<'t>(text: &'t str, keys: &mut Keys<'t>) -> Option<&'t str> {
    node(text, keys, 0)
}

/// A string in quotes without them, and what follows it. Escapes only where they are no letters.
pub(super) fn quoted(text: &str) -> Option<(&str, &str)> {
    let quote = *text.as_bytes().first()?;
    let body = text.get(1..)?;
    let mut bytes = body.bytes().enumerate().peekable();
    while let Some((at, byte)) = bytes.next() {
        if byte == quote {
            // In single quotes, two are one.
            if quote == b'\'' && bytes.next_if(|(_, b)| *b == quote).is_some() {
                continue;
            }
            return Some((body.get(..at)?, body.get(at + 1..)?));
        }
        if quote == b'"' && byte == b'\\' {
            bytes.next_if(|(_, b)| matches!(b, b'"' | b'\\' | b'n' | b't' | b'/'))?;
        }
    }
    None
}

/// A tag (`!Sub`) at the beginning, and what follows it.
pub(super) fn tag(text: &str) -> Option<&str> {
    let name = text.strip_prefix('!')?;
    let rest = name.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || c == ':');
    let is_named = rest.len() < name.len();
    (is_named && (rest.is_empty() || rest.starts_with(' '))).then(|| rest.trim_start_matches(' '))
}

fn node<'t>(text: &'t str, keys: &mut Keys<'t>, depth: usize) -> Option<&'t str> {
    let text = if text.starts_with('!') { tag(text)? } else { text };
    match text.as_bytes().first()? {
        _ if depth > DEPTH => None,
        b'[' => list(text.get(1..)?, keys, depth),
        b'{' => map(text.get(1..)?, keys, depth),
        b'"' | b'\'' => quoted(text).map(|(_, rest)| rest),
        _ => word(text).map(|(_, rest)| rest),
    }
}

fn list<'t>(text: &'t str, keys: &mut Keys<'t>, depth: usize) -> Option<&'t str> {
    let mut text = text.trim_start_matches(' ');
    if let Some(rest) = text.strip_prefix(']') {
        return Some(rest);
    }
    loop {
        text = node(text, keys, depth + 1)?.trim_start_matches(' ');
        match text.strip_prefix(',') {
            Some(rest) => text = rest.trim_start_matches(' '),
            None => return text.strip_prefix(']'),
        }
    }
}

fn map<'t>(text: &'t str, keys: &mut Keys<'t>, depth: usize) -> Option<&'t str> {
    let first = keys.0.len();
    let mut text = text.trim_start_matches(' ');
    if let Some(rest) = text.strip_prefix('}') {
        return Some(rest);
    }
    loop {
        let is_quoted = text.starts_with(['"', '\'']);
        let (key, rest) = if is_quoted { quoted(text)? } else { word(text)? };
        // An escape may stand for what is there.
        if key.contains(['\\', '\'']) {
            return None;
        }
        keys.add(first, key.into())?;
        let value = rest.strip_prefix(": ")?.trim_start_matches(' ');
        text = node(value, keys, depth + 1)?.trim_start_matches(' ');
        match text.strip_prefix(',') {
            Some(rest) => text = rest.trim_start_matches(' '),
            None => break,
        }
    }
    keys.0.truncate(first);
    text.strip_prefix('}')
}

/// Words without quotes: letters, digits and signs that mean nothing to YAML.
fn word(text: &str) -> Option<(&str, &str)> {
    let bytes = text.as_bytes();
    let is_first = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'/' | b'.' | b'$');
    let is_plain = |b: &u8| is_first(b) || matches!(b, b'-' | b'*' | b'+' | b'=' | b'@' | b'(' | b')');
    let signed = bytes.first() == Some(&b'-') && bytes.get(1).is_some_and(u8::is_ascii_alphanumeric);
    if !signed && !bytes.first().is_some_and(is_first) {
        return None;
    }
    let mut end = 1;
    while let Some(byte) = bytes.get(end) {
        let next = bytes.get(end + 1);
        let inside = match byte {
            b':' | b' ' => next.is_some_and(is_plain),
            _ => is_plain(byte),
        };
        if !inside {
            break;
        }
        end += 1;
    }
    Some((text.get(..end)?, text.get(end..)?))
}
