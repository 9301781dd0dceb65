//! `format` and `formatlist` ("format Function" in the Terraform documentation).

use unicode_segmentation::UnicodeSegmentation as _;

use super::{Call, json, string::as_text};
use crate::frontend::terraform::types::Type;
use crate::frontend::terraform::types::convert::{convert, settled};
use crate::source::Span;
use crate::value::{Kind, Number, Shape, Text, Unknown, Value};

type Answer = Result<Value, String>;

/// One `%` sequence.
#[derive(Debug, Default)]
struct Verb {
    plus: bool,
    minus: bool,
    sharp: bool,
    space: bool,
    zero: bool,
    width: Option<usize>,
    precision: Option<usize>,
    /// Number of the argument, from 0, when it is given as `%[n]`.
    argument: Option<usize>,
    verb: char,
}

/// A piece of a format string.
enum Piece {
    Literal(usize, usize),
    Verb(Verb),
}

fn parse(s: &str) -> Result<Vec<Piece>, String> {
    let (mut out, mut rest) = (Vec::new(), s);
    while let Some(at) = rest.find('%') {
        let from = s.len() - rest.len();
        let after = rest.get(at + 1..).unwrap_or("");
        if let Some(more) = after.strip_prefix('%') {
            out.push(Piece::Literal(from, from + at + 1));
            rest = more;
            continue;
        }
        out.push(Piece::Literal(from, from + at));
        let (verb, more) = parse_verb(after)?;
        out.push(Piece::Verb(verb));
        rest = more;
    }
    out.push(Piece::Literal(s.len() - rest.len(), s.len()));
    Ok(out)
}

fn parse_verb(s: &str) -> Result<(Verb, &str), String> {
    let (mut verb, mut rest) = (Verb::default(), s);
    let end = || "the format string ends in a sequence".to_owned();
    loop {
        let ch = rest.chars().next().ok_or_else(end)?;
        match ch {
            '+' => verb.plus = true,
            '-' => verb.minus = true,
            '#' => verb.sharp = true,
            ' ' => verb.space = true,
            '0' => verb.zero = true,
            _ => break,
        }
        rest = rest.get(1..).unwrap_or("");
    }
    let digits = |s: &str| s.find(|c: char| !c.is_ascii_digit()).unwrap_or(s.len());
    let number = |s: &str| s.parse::<usize>().ok().filter(|&n| n <= 10_000);
    loop {
        let ch = rest.chars().next().ok_or_else(end)?;
        match ch {
            '1'..='9' => {
                let n = digits(rest);
                verb.width = Some(rest.get(..n).and_then(number).ok_or("a width is too large")?);
                rest = rest.get(n..).unwrap_or("");
            }
            '.' => {
                rest = rest.get(1..).unwrap_or("");
                let n = digits(rest);
                verb.precision = Some(
                    rest.get(..n)
                        .and_then(|s| number(if s.is_empty() { "0" } else { s }))
                        .ok_or("a precision is too large")?,
                );
                rest = rest.get(n..).unwrap_or("");
            }
            '[' => {
                let (index, more) = rest.get(1..).unwrap_or("").split_once(']').ok_or_else(end)?;
                let n = number(index).and_then(|n| n.checked_sub(1));
                verb.argument = Some(n.ok_or("an argument number is not valid")?);
                rest = more;
            }
            _ => {
                verb.verb = ch;
                return Ok((verb, rest.get(ch.len_utf8()..).unwrap_or("")));
            }
        }
    }
}

pub(super) fn format(c: &mut Call<'_, '_, '_>) -> Answer {
    let pattern = c.text(0)?;
    if c.args.iter().any(|v| v.is_null() && v.of == Shape::Any) {
        return Ok(Value::unknown("a null without a type is not formatted", Some(c.span)));
    }
    render(&pattern, c.args.get(1..).unwrap_or_default(), c.span)
}

fn render(pattern: &Text, args: &[Value], span: Span) -> Answer {
    if let Err(u) = settled(pattern) {
        return Ok(Value::new(Kind::Unknown(u), Some(span)));
    }
    let (mut out, mut next, mut used) = (Vec::new(), 0, 0);
    for piece in parse(pattern.visible())? {
        match piece {
            Piece::Literal(from, to) => out.push(pattern.slice(from, to)),
            Piece::Verb(verb) => {
                let i = verb.argument.unwrap_or(next);
                next = i + 1;
                used = used.max(next);
                let arg =
                    args.get(i).ok_or_else(|| format!("argument {} of the format is missing", i + 1))?;
                out.push(one(&verb, arg, span)?);
            }
        }
    }
    if used < args.len() && !pattern.visible().contains("%[") {
        return Err(format!("{} arguments are given and {used} are used", args.len()));
    }
    let text = Text::concat(&out).ok_or("the text is too long")?;
    Ok(Value::text(text, Some(span)))
}

fn one(verb: &Verb, arg: &Value, span: Span) -> Result<Text, String> {
    let place = arg.span.unwrap_or(span);
    if let Some(u) = arg.as_unknown() {
        return Ok(Text::hole(u.clone()));
    }
    let text = match (verb.verb, &arg.kind) {
        ('v', Kind::String(_)) if !verb.sharp => as_text(arg)?,
        ('v', Kind::Bool(_)) if !verb.sharp => as_text(arg)?,
        ('v', Kind::Number(n)) if !verb.sharp => Text::at(n.to_general(None, 'e'), place, false),
        ('v', _) => json::plain(arg, span)?,
        (_, Kind::Null) => return Err(format!("`%{}` cannot show null", verb.verb)),
        ('s', _) => as_text(arg)?,
        ('q', _) => json::plain(&Value::text(cut(verb, as_text(arg)?), arg.span), span)?,
        ('t', _) => match convert(arg, &Type::Bool).map_err(|e| e.0)?.kind {
            Kind::Bool(b) => Text::at(b.to_string(), place, false),
            Kind::Unknown(u) => Text::hole(u),
            _ => return Err("`%t` shows a bool".into()),
        },
        ('b' | 'd' | 'o' | 'x' | 'X' | 'e' | 'E' | 'f' | 'g' | 'G', _) => match convert(arg, &Type::Number) {
            Ok(Value { kind: Kind::Number(n), .. }) => Text::at(number(verb, &n)?, place, false),
            Ok(Value { kind: Kind::Unknown(u), .. }) => Text::hole(u),
            Ok(_) | Err(_) => return Err(format!("`%{}` shows a number", verb.verb)),
        },
        (other, _) => return Err(format!("`%{other}` is not a format")),
    };
    padded(verb, text, place)
}

fn number(verb: &Verb, n: &Number) -> Result<String, String> {
    let whole = |radix: u32, prefix: &str| {
        if !n.is_integer() {
            return Err(format!("`%{}` shows a whole number", verb.verb));
        }
        let digits = n.trunc().to_str_radix(radix);
        let (sign, prefix) =
            (if n.is_negative() && !n.is_zero() { "-" } else { "" }, if verb.sharp { prefix } else { "" });
        Ok(format!("{sign}{prefix}{digits:0>width$}", width = verb.precision.unwrap_or(0)))
    };
    let shown = match verb.verb {
        'd' => whole(10, "")?,
        'b' => whole(2, "0b")?,
        'o' => whole(8, "0")?,
        'x' => whole(16, "0x")?,
        'X' => whole(16, "0x")?.to_uppercase(),
        'e' | 'E' => n.to_scientific(verb.precision.unwrap_or(6), verb.verb),
        'g' => n.to_general(verb.precision, 'e'),
        'G' => n.to_general(verb.precision, 'E'),
        _ => n.to_fixed(Some(verb.precision.unwrap_or(6))),
    };
    let size = shown.strip_prefix('+').unwrap_or(&shown);
    Ok(match (shown.starts_with('-'), verb.plus || size != shown, verb.space) {
        (false, _, true) => format!(" {size}"),
        (false, true, false) => format!("+{size}"),
        (true, _, _) | (false, false, false) => shown,
    })
}

/// At most as many characters as the precision of a text says.
fn cut(verb: &Verb, text: Text) -> Text {
    let end = |n: usize| text.visible().grapheme_indices(true).nth(n).map(|(at, _)| at);
    match (verb.precision, text.holes().first()) {
        (Some(_), Some(h)) => Text::hole(h.unknown.clone()),
        (Some(n), None) => end(n).map(|end| text.slice(0, end)).unwrap_or(text),
        (None, _) => text,
    }
}

fn padded(verb: &Verb, text: Text, place: Span) -> Result<Text, String> {
    let numeric = !matches!(verb.verb, 's' | 'v' | 'q' | 't');
    let text = if numeric || verb.verb == 'q' { text } else { cut(verb, text) };
    let Some(width) = verb.width.filter(|_| verb.verb != 't') else { return Ok(text) };
    if let Some(h) = text.holes().first() {
        return Ok(Text::hole(Unknown::new(h.unknown.reason(), h.unknown.span())));
    }
    let missing = width.saturating_sub(text.visible().graphemes(true).count());
    let fill = |s: &str| Text::at(s.repeat(missing), place, false);
    let parts = match (verb.minus, verb.zero) {
        (true, _) => vec![text, fill(" ")],
        (false, true) if !text.visible().ends_with("Inf") => {
            let sign = usize::from(numeric && text.visible().starts_with(['-', '+']));
            vec![text.slice(0, sign), fill("0"), text.slice(sign, text.visible().len())]
        }
        (false, true | false) => vec![fill(" "), text],
    };
    Text::concat(&parts).ok_or_else(|| "the text is too long".into())
}

/// `format` for every index of the lists among the arguments; other arguments are the same every time.
pub(super) fn formatlist(c: &mut Call<'_, '_, '_>) -> Answer {
    let pattern = c.text(0)?;
    let args = c.args.get(1..).unwrap_or_default();
    let mut length: Option<usize> = None;
    for v in args {
        // Whether it is a list, and how long, is not known.
        if let Some(u) = v.as_unknown().filter(|_| v.refer.is_none()) {
            return Ok(c.unknown(u.clone()));
        }
        if let Some(l) = v.as_list() {
            if length.is_some_and(|n| n != l.len()) {
                return Err("the lists must have the same length".into());
            }
            length = Some(l.len());
        }
    }
    let row = |i: usize| -> Vec<Value> {
        let nth = |v: &Value| v.as_list().map_or_else(|| Some(v.clone()), |l| l.get(i).cloned());
        args.iter().filter_map(nth).collect()
    };
    let rows: Result<Vec<_>, _> =
        (0..length.unwrap_or(1)).map(|i| render(&pattern, &row(i), c.span)).collect();
    Ok(c.list_result(rows?))
}
