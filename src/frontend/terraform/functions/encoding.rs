//! Encodings other than JSON and YAML.

use std::sync::Arc;

use super::Call;
use super::charset::Charset;
use crate::value::{Entries, Entry, Value};

type Answer = Result<Value, String>;

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Base64 with padding (RFC 4648, section 4).
pub(super) fn base64(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let byte = |i: usize| chunk.get(i).copied().map_or(0, u32::from);
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for i in 0..4 {
            let digit = ALPHABET.get((bits >> (18 - 6 * i) & 63) as usize).copied().unwrap_or(b'A');
            out.push(if i <= chunk.len() { char::from(digit) } else { '=' });
        }
    }
    out
}

pub(super) fn from_base64(s: &str) -> Option<Vec<u8>> {
    let s = s.replace(['\r', '\n'], "");
    let digits = s.trim_end_matches('=');
    if !s.len().is_multiple_of(4) || s.len() - digits.len() > 2 {
        return None;
    }
    let (mut out, mut bits, mut held) = (Vec::new(), 0_u32, 0);
    for b in digits.bytes() {
        let digit = ALPHABET.iter().position(|&a| a == b)?;
        bits = bits << 6 | u32::try_from(digit).ok()?;
        held += 6;
        if held >= 8 {
            held -= 8;
            out.push(u8::try_from(bits >> held & 255).ok()?);
        }
    }
    Some(out)
}

pub(super) fn base64encode(c: &mut Call<'_, '_, '_>) -> Answer {
    Ok(c.string_result(base64(c.str(0)?.as_bytes())))
}

pub(super) fn base64decode(c: &mut Call<'_, '_, '_>) -> Answer {
    let bytes = from_base64(&c.str(0)?).ok_or("the text is not base64")?;
    Ok(c.string_result(String::from_utf8(bytes).map_err(|_| "the result is not UTF-8")?))
}

pub(super) fn urlencode(c: &mut Call<'_, '_, '_>) -> Answer {
    let mut out = String::new();
    for b in c.str(0)?.bytes() {
        match b {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => out.push(char::from(b)),
            b' ' => out.push('+'),
            _ => out.push_str(&format!("%{b:02X}")),
        }
    }
    Ok(c.string_result(out))
}

/// A list of objects, one a record, with the names of the first record.
pub(super) fn csvdecode(c: &mut Call<'_, '_, '_>) -> Answer {
    let text = c.text(0)?;
    let mut records = records(text.visible())?.into_iter();
    let names = records.next().ok_or("the header is missing")?;
    let mut out = Vec::new();
    for record in records {
        if record.len() != names.len() {
            return Err(format!("a record has {} fields and the header {}", record.len(), names.len()));
        }
        let mut entries = Entries::new();
        for (name, field) in names.iter().zip(record) {
            let value = Value::string(field.text, text.span_of(field.start, field.end).or(Some(c.span)));
            let entry = Entry { key_span: text.span_of(name.start, name.end), value };
            if entries.insert(Arc::from(&*name.text), entry).is_some() {
                return Err(format!("two columns are called `{}`", name.text));
            }
        }
        out.push(c.map_result(entries));
    }
    Ok(c.list_result(out))
}

struct Field {
    text: String,
    start: usize,
    end: usize,
}

/// Records of comma-separated values (RFC 4180); empty lines are skipped.
fn records(s: &str) -> Result<Vec<Vec<Field>>, String> {
    let (mut out, mut record, mut chars) = (Vec::new(), Vec::new(), s.char_indices().peekable());
    let (mut text, mut start, mut quoted, mut was_quoted) = (String::new(), 0, false, false);
    loop {
        let next = chars.next();
        let at = next.map_or(s.len(), |(i, _)| i);
        match next.map(|(_, ch)| ch) {
            None if quoted => return Err("a quote is not closed".into()),
            Some('"') if quoted => match chars.peek() {
                Some((_, '"')) => {
                    chars.next();
                    text.push('"');
                }
                Some((_, ',' | '\n' | '\r')) | None => quoted = false,
                Some(_) => return Err("text follows a field in quotes".into()),
            },
            Some(ch) if quoted => text.push(ch),
            Some('"') if text.is_empty() && !was_quoted => (quoted, was_quoted) = (true, true),
            Some('"') => return Err("a quote stands in a field without quotes".into()),
            Some('\r') if matches!(chars.peek(), Some((_, '\n'))) => {}
            None | Some(',' | '\n') => {
                let blank = record.is_empty() && text.is_empty() && !was_quoted;
                let line_ends = next.is_none_or(|(_, ch)| ch == '\n');
                if !(blank && line_ends) {
                    record.push(Field { text: std::mem::take(&mut text), start, end: at });
                }
                (start, was_quoted) = (at + 1, false);
                if line_ends && !record.is_empty() {
                    out.push(std::mem::take(&mut record));
                }
                if next.is_none() {
                    return Ok(out);
                }
            }
            Some(ch) => text.push(ch),
        }
    }
}

/// Runs `f` on the encoding the second argument names.
fn with_charset(c: &Call<'_, '_, '_>, f: impl Fn(&Charset) -> Result<String, String>) -> Answer {
    let name = c.str(1)?;
    if Charset::is_missing(&name) {
        return Ok(Value::unknown(format!("the character encoding `{name}` is not supported"), Some(c.span)));
    }
    let charset = Charset::named(&name).ok_or_else(|| format!("`{name}` is not the name of an encoding"))?;
    Ok(c.string_result(f(&charset)?))
}

pub(super) fn textencodebase64(c: &mut Call<'_, '_, '_>) -> Answer {
    let text = c.str(0)?;
    with_charset(c, |charset| {
        let bytes = charset.encode(&text).ok_or("the text has characters that the encoding does not have")?;
        Ok(base64(&bytes))
    })
}

pub(super) fn textdecodebase64(c: &mut Call<'_, '_, '_>) -> Answer {
    let bytes = from_base64(&c.str(0)?).ok_or("the text is not base64")?;
    with_charset(c, |charset| {
        charset.decode(&bytes).ok_or_else(|| "the bytes are not valid in the encoding".to_owned())
    })
}
