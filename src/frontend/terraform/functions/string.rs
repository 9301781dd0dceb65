//! Functions on strings.

use unicode_segmentation::UnicodeSegmentation as _;

use super::{Call, changed};
use crate::frontend::terraform::eval::equality::{head, last};
use crate::frontend::terraform::types::Type;
use crate::frontend::terraform::types::convert::{convert, settled};
use crate::value::{Kind, Text, Value};

type Answer = Result<Value, String>;

const TOO_LONG: &str = "the text is too long";

/// Applies a function to every known run; what is unknown is another unknown afterwards.
fn each_run(c: &Call<'_, '_, '_>, how: &str, f: impl Fn(&str) -> String) -> Answer {
    if let Some(u) = c.arg(0)?.as_unknown() {
        return Ok(c.unknown(changed(u, how)));
    }
    let text = c.text(0)?;
    let place = c.arg(0)?.span.unwrap_or(c.span);
    let runs: Vec<Text> = text
        .pieces()
        .map(|p| match p {
            Ok(s) => Text::at(f(s), place, false),
            Err(u) => Text::hole(changed(u, how)),
        })
        .collect();
    Ok(c.text_result(Text::concat(&runs).ok_or(TOO_LONG)?))
}

/// Go maps a character to one character or leaves it.
fn single(ch: char, mut mapped: impl ExactSizeIterator<Item = char>) -> char {
    match (ch, mapped.len()) {
        ('İ', 2) | (_, 1) => mapped.next().unwrap_or(ch),
        (_, _) => ch,
    }
}

pub(super) fn lower(c: &mut Call<'_, '_, '_>) -> Answer {
    each_run(c, "in lower case", |s| s.chars().map(|ch| single(ch, ch.to_lowercase())).collect())
}

pub(super) fn upper(c: &mut Call<'_, '_, '_>) -> Answer {
    each_run(c, "in upper case", |s| s.chars().map(|ch| single(ch, ch.to_uppercase())).collect())
}

pub(super) fn indent(c: &mut Call<'_, '_, '_>) -> Answer {
    if c.arg(0)?.as_unknown().is_some() {
        return Ok(c.arg(0)?.clone());
    }
    let spaces = format!("\n{}", " ".repeat(c.size(0)?.min(10_000)));
    let text = c.text(1)?;
    replaced(&text, "\n", &Text::new(spaces)).map(|t| c.text_result(t)).ok_or_else(|| TOO_LONG.to_owned())
}

pub(super) fn title(c: &mut Call<'_, '_, '_>) -> Answer {
    let (mut out, mut inside) = (String::new(), false);
    for ch in c.str(0)?.chars() {
        if inside {
            out.push(ch);
        } else {
            out.extend(ch.to_uppercase());
        }
        inside = ch.is_alphanumeric() || ch == '_';
    }
    Ok(c.string_result(out))
}

pub(super) fn strrev(c: &mut Call<'_, '_, '_>) -> Answer {
    Ok(c.string_result(c.str(0)?.graphemes(true).rev().collect::<String>()))
}

pub(super) fn chomp(c: &mut Call<'_, '_, '_>) -> Answer {
    let text = c.text(0)?;
    Ok(c.text_result(text.slice(0, text.visible().trim_end_matches(['\r', '\n']).len())))
}

pub(super) fn trim(c: &mut Call<'_, '_, '_>) -> Answer {
    let (text, set) = (c.text(0)?, c.str(1)?);
    let cut = |ch: char| set.contains(ch);
    let start = text.visible().len() - text.visible().trim_start_matches(cut).len();
    let end = text.visible().trim_end_matches(cut).len();
    Ok(c.text_result(text.slice(start, end.max(start))))
}

pub(super) fn trimspace(c: &mut Call<'_, '_, '_>) -> Answer {
    if c.arg(0)?.as_unknown().is_some() {
        return Ok(c.unknown_of(0));
    }
    let text = c.text(0)?;
    let all = text.visible().len();
    // White space beside a hole is inside the text or at its end: trimming stops at the hole.
    let start = head(&text).len() - head(&text).trim_start().len();
    let end = all - (last(&text).len() - last(&text).trim_end().len());
    Ok(c.text_result(text.slice(start, end.max(start))))
}

pub(super) fn trimprefix(c: &mut Call<'_, '_, '_>) -> Answer {
    affix(c, |text, prefix| {
        let cut = head(text).strip_prefix(prefix).map(|rest| head(text).len() - rest.len());
        match cut {
            Some(n) => Some(text.slice(n, text.visible().len())),
            None if text.holes().is_empty() || apart(head(text).bytes(), prefix.bytes()) => {
                Some(text.clone())
            }
            None => None,
        }
    })
}

pub(super) fn trimsuffix(c: &mut Call<'_, '_, '_>) -> Answer {
    affix(c, |text, suffix| {
        if last(text).ends_with(suffix) {
            return Some(text.slice(0, text.visible().len() - suffix.len()));
        }
        let differs = apart(last(text).bytes().rev(), suffix.bytes().rev());
        (text.holes().is_empty() || differs).then(|| text.clone())
    })
}

/// A function of a text, possibly with holes, and a known affix. `None` when a hole decides.
fn affix(c: &Call<'_, '_, '_>, f: impl Fn(&Text, &str) -> Option<Text>) -> Answer {
    let (text, affix) = (c.text(0)?, c.text(1)?);
    let affix = match settled(&affix) {
        Ok(s) => s,
        Err(u) => return Ok(c.unknown(u)),
    };
    Ok(match (f(&text, affix), text.holes().first()) {
        (Some(t), _) => c.text_result(t),
        (None, Some(hole)) => c.unknown(hole.unknown.clone()),
        (None, None) => c.text_result(text),
    })
}

fn apart(a: impl Iterator<Item = u8>, b: impl Iterator<Item = u8>) -> bool {
    a.zip(b).any(|(x, y)| x != y)
}

/// Whether a text has a property, of which the known part may already decide.
fn property(c: &Call<'_, '_, '_>, f: impl Fn(&Text, &str) -> Option<bool>) -> Answer {
    let (text, part) = (c.text(0)?, c.text(1)?);
    let part = match settled(&part) {
        Ok(s) => s,
        Err(u) => return Ok(c.unknown(u)),
    };
    Ok(match (f(&text, part), text.holes().first()) {
        (Some(b), _) => c.bool_result(b),
        (None, Some(hole)) => c.unknown(hole.unknown.clone()),
        (None, None) => c.bool_result(false),
    })
}

pub(super) fn startswith(c: &mut Call<'_, '_, '_>) -> Answer {
    property(c, |text, prefix| {
        if head(text).starts_with(prefix) {
            return Some(true);
        }
        apart(head(text).bytes(), prefix.bytes()).then_some(false)
    })
}

pub(super) fn endswith(c: &mut Call<'_, '_, '_>) -> Answer {
    property(c, |text, suffix| {
        if last(text).ends_with(suffix) {
            return Some(true);
        }
        apart(last(text).bytes().rev(), suffix.bytes().rev()).then_some(false)
    })
}

pub(super) fn strcontains(c: &mut Call<'_, '_, '_>) -> Answer {
    property(c, |text, part| {
        let here = part.is_empty() || text.pieces().any(|p| p.is_ok_and(|s| s.contains(part)));
        here.then_some(true)
    })
}

pub(super) fn substr(c: &mut Call<'_, '_, '_>) -> Answer {
    let (text, offset, length) = (c.text(0)?, c.integer(1)?, c.integer(2)?);
    let starts: Vec<usize> = text.visible().grapheme_indices(true).map(|(at, _)| at).collect();
    let all = i64::try_from(starts.len()).unwrap_or(i64::MAX);
    let start = if offset < 0 { (all + offset).max(0) } else { offset.min(all) };
    let end = if length < 0 { all } else { start.saturating_add(length).min(all) };
    let byte = |n: i64| {
        let n = usize::try_from(n).unwrap_or(usize::MAX);
        starts.get(n).copied().unwrap_or(text.visible().len())
    };
    Ok(c.text_result(text.slice(byte(start), byte(end))))
}

pub(super) fn split(c: &mut Call<'_, '_, '_>) -> Answer {
    let (separator, text) = (c.text(0)?, c.text(1)?);
    if let Some(hole) = separator.holes().first().or(text.holes().first()) {
        return Ok(c.unknown(hole.unknown.clone()));
    }
    let s = text.visible();
    if s.is_empty() && separator.visible().is_empty() {
        return Ok(c.list_result(Vec::new()));
    }
    let part = |start: usize, end: usize| Value::text(text.slice(start, end), text.span_of(start, end));
    let parts = match separator.visible() {
        "" => s.char_indices().map(|(i, ch)| part(i, i + ch.len_utf8())).collect(),
        separator => {
            let (mut from, mut parts) = (0, Vec::new());
            for (at, found) in s.match_indices(separator) {
                parts.push(part(from, at));
                from = at + found.len();
            }
            parts.push(part(from, s.len()));
            parts
        }
    };
    Ok(c.list_result(parts))
}

pub(super) fn join(c: &mut Call<'_, '_, '_>) -> Answer {
    let separator = c.text(0)?;
    let mut texts = Vec::new();
    for i in 1..c.args.len() {
        if let Some(u) = c.arg(i)?.as_unknown() {
            return Ok(c.unknown(u.clone()));
        }
        for item in c.list(i)? {
            if !texts.is_empty() {
                texts.push(separator.clone());
            }
            texts.push(as_text(item)?);
        }
    }
    Ok(c.text_result(Text::concat(&texts).ok_or(TOO_LONG)?))
}

/// An element as text; what is unknown is a hole.
pub(super) fn as_text(v: &Value) -> Result<Text, String> {
    match convert(v, &Type::String).map_err(|e| e.0)?.kind {
        Kind::String(t) => Ok(t),
        Kind::Unknown(u) => Ok(Text::hole(u)),
        Kind::Null => Err("an element is null".into()),
        Kind::Bool(_) | Kind::Number(_) | Kind::List(_) | Kind::Set(_) | Kind::Map(_) | Kind::OneOf(_) => {
            Err("an element is not a string".into())
        }
    }
}

pub(super) fn replace(c: &mut Call<'_, '_, '_>) -> Answer {
    let (text, search, with) = (c.text(0)?, c.text(1)?, c.text(2)?);
    let search = match settled(&search) {
        Ok(s) => s,
        Err(u) => return Ok(c.unknown(u)),
    };
    let pattern = search.strip_prefix('/').and_then(|s| s.strip_suffix('/')).filter(|_| search.len() > 1);
    if let Some(pattern) = pattern {
        return match (settled(&text), settled(&with)) {
            (Ok(text), Ok(with)) => {
                let re = super::regex::pattern(pattern)?;
                Ok(c.string_result(re.replace_all(text, with)))
            }
            (Err(u), _) | (_, Err(u)) => Ok(c.unknown(u)),
        };
    }
    if let Some(hole) = text.holes().first().filter(|_| may_straddle(&text, search)) {
        return Ok(c.unknown(hole.unknown.clone()));
    }
    replaced(&text, search, &with).map(|t| c.text_result(t)).ok_or_else(|| TOO_LONG.to_owned())
}

/// True when a match could begin in a known run and end in a hole, or the other way round.
fn may_straddle(text: &Text, search: &str) -> bool {
    if search.is_empty() {
        return true;
    }
    let cuts = || search.char_indices().map(|(i, _)| i).skip(1);
    text.pieces().filter_map(Result::ok).any(|run| {
        let starts = cuts().any(|i| search.get(..i).is_some_and(|s| run.ends_with(s)));
        let ends = cuts().any(|i| search.get(i..).is_some_and(|s| run.starts_with(s)));
        starts || ends || (run.len() < search.len() && search.contains(run))
    })
}

/// The text with every known match replaced; what stays keeps its place. `None` when it gets too long.
fn replaced(text: &Text, search: &str, with: &Text) -> Option<Text> {
    let (s, mut from, mut parts) = (text.visible(), 0, Vec::new());
    for (at, found) in s.match_indices(search) {
        let end = at + found.len();
        // Two known runs with a hole between are not one run.
        if text.holes().iter().any(|h| at < h.at && h.at < end) {
            continue;
        }
        parts.push(text.slice(from, at));
        parts.push(with.clone());
        from = end;
    }
    parts.push(text.slice(from, s.len()));
    Text::concat(&parts)
}
