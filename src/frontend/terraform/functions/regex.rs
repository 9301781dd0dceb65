//! Regular expressions: Terraform's are RE2, as here.

use ::regex::{Captures, Regex, RegexBuilder};
use regex_syntax::ast::parse::Parser;
use regex_syntax::ast::{Ast, Visitor, visit};

use super::Call;
use crate::value::{Entries, Entry, Text, Value};

type Answer = Result<Value, String>;

/// What the crate accepts and RE2 does not: a repetition that is repeated without a group around it.
struct Repeated;

impl Visitor for Repeated {
    type Output = ();
    type Err = ();

    fn finish(self) -> Result<(), ()> {
        Ok(())
    }

    fn visit_pre(&mut self, ast: &Ast) -> Result<(), ()> {
        match ast {
            Ast::Repetition(outer) if matches!(*outer.ast, Ast::Repetition(_)) => Err(()),
            _ => Ok(()),
        }
    }
}

/// A pattern that RE2 accepts, too.
pub(super) fn pattern(text: &str) -> Result<Regex, String> {
    let wrong = || format!("`{text}` is not a valid regular expression");
    let ast = Parser::new().parse(text).map_err(|_| wrong())?;
    visit(&ast, Repeated).map_err(|()| wrong())?;
    RegexBuilder::new(text).size_limit(1 << 20).build().map_err(|_| wrong())
}

fn compiled(text: &str) -> Result<Regex, String> {
    let re = pattern(text)?;
    let named = re.capture_names().skip(1).filter(Option::is_some).count();
    if named > 0 && named + 1 < re.captures_len() {
        return Err(format!("`{text}` has groups with names and groups without"));
    }
    Ok(re)
}

/// What a match gives: the whole without groups, a list of unnamed groups, an object of named ones.
fn captured(c: &Call<'_, '_, '_>, re: &Regex, text: &Text, found: &Captures<'_>) -> Value {
    let group = |i: usize| match found.get(i) {
        Some(m) => {
            Value::text(text.slice(m.start(), m.end()), text.span_of(m.start(), m.end()).or(Some(c.span)))
        }
        None => Value::null(Some(c.span)),
    };
    let named: Entries = re
        .capture_names()
        .enumerate()
        .filter_map(|(i, name)| Some((name?.into(), Entry { key_span: None, value: group(i) })))
        .collect();
    if !named.is_empty() {
        return c.map_result(named);
    }
    match re.captures_len() {
        1 => group(0),
        groups => c.list_result((1..groups).map(group).collect()),
    }
}

pub(super) fn regex(c: &mut Call<'_, '_, '_>) -> Answer {
    let (re, text) = (compiled(&c.str(0)?)?, c.text(1)?);
    match re.captures(text.visible()) {
        Some(found) => Ok(captured(c, &re, &text, &found)),
        None => Err("the pattern matches nothing".into()),
    }
}

pub(super) fn regexall(c: &mut Call<'_, '_, '_>) -> Answer {
    let (re, text) = (compiled(&c.str(0)?)?, c.text(1)?);
    Ok(c.list_result(re.captures_iter(text.visible()).map(|found| captured(c, &re, &text, &found)).collect()))
}
