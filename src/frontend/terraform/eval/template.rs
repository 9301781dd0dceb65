//! Templates: quoted strings, heredocs, template files. Every literal run keeps its place in the source.
//!
//! "Strings and Templates" in the Terraform documentation. Literals are read again from the source, because
//! the parser gives them unescaped and dedented, and their places would be lost.

use hcl_edit::Spanned;
use hcl_edit::expr::Expression;
use hcl_edit::template::{
    Directive, Element, ForTemplateExpr, HeredocTemplate, Interpolation, StringTemplate, Strip, Template,
};

use super::collection::pairs;
use super::open::{Lift, distribute};
use super::{EvalError, Evaluated, Evaluator, Locals};
use crate::diagnostic::Code as DiagnosticCode;
use crate::frontend::terraform::types::Type;
use crate::frontend::terraform::types::convert::convert;
use crate::limits;
use crate::source::Span;
use crate::value::{Kind, Text, Unknown, Value};

/// One piece of a template in the order it is written. Directives are flat, as Terraform's scanner has them:
/// trimming and dedenting look at neighbours, whatever block they are in.
enum Part<'t> {
    /// A literal; outside quotes at most one line.
    Literal(Text),
    Interpolation(&'t Interpolation),
    If(&'t Expression),
    Else,
    For(&'t ForTemplateExpr),
    End,
    /// A literal that follows loses the white space at its start.
    Trim,
}

impl Evaluator<'_, '_> {
    /// A quoted string without interpolation.
    pub(super) fn quoted(&self, expr: &Expression) -> Value {
        let range = hcl_edit::Span::span(expr).unwrap_or(0..0);
        let (start, end) = (range.start + 1, range.end.saturating_sub(1));
        Value::text(self.literal(start, end, true).normalized(), Some(self.span(expr)))
    }

    pub(super) fn string_template(&mut self, t: &StringTemplate, span: Span, locals: &Locals) -> Evaluated {
        let single = t.len() == 1;
        if let (true, Some(Element::Interpolation(i))) = (single, t.iter().next()) {
            return self.expr(&i.expr, locals);
        }
        let mut parts = Vec::new();
        t.iter().for_each(|e| self.flatten(e, true, &mut parts));
        self.render(&parts, span, locals)
    }

    pub(super) fn heredoc(&mut self, t: &HeredocTemplate, span: Span, locals: &Locals) -> Evaluated {
        let mut parts = Vec::new();
        t.template.iter().for_each(|e| self.flatten(e, false, &mut parts));
        if self.written(t).starts_with("<<-") {
            dedent(&mut parts);
        }
        self.render(&parts, span, locals)
    }

    /// The parsed slice as a whole is a template.
    pub(super) fn template_text(&mut self, locals: &Locals) -> Evaluated {
        let span = self.whole();
        if !self.text.contains("${") && !self.text.contains("%{") {
            return Ok(Value::text(self.literal(0, self.text.len(), false).normalized(), Some(span)));
        }
        let template: Template = self.text.parse().map_err(|e: hcl_edit::parser::Error| {
            let message = format!("the template cannot be parsed: {}", e.message());
            EvalError { code: DiagnosticCode::HclSyntax, message, span }
        })?;
        if let (1, Some(Element::Interpolation(i))) = (template.len(), template.iter().next()) {
            return self.expr(&i.expr, locals);
        }
        let mut parts = Vec::new();
        template.iter().for_each(|e| self.flatten(e, false, &mut parts));
        self.render(&parts, span, locals)
    }

    fn flatten<'t>(&self, element: &'t Element, quoted: bool, out: &mut Vec<Part<'t>>) {
        let all = |t: &'t Template, out: &mut Vec<Part<'t>>| {
            t.iter().for_each(|e| self.flatten(e, quoted, out));
        };
        match element {
            Element::Literal(l) => self.literals(l, quoted, out),
            Element::Interpolation(i) => marker(Part::Interpolation(i), i.strip, out),
            Element::Directive(d) => match &**d {
                Directive::If(d) => {
                    marker(Part::If(&d.if_expr.cond_expr), d.if_expr.strip, out);
                    all(&d.if_expr.template, out);
                    if let Some(e) = &d.else_expr {
                        marker(Part::Else, e.strip, out);
                        all(&e.template, out);
                    }
                    marker(Part::End, d.endif_expr.strip, out);
                }
                Directive::For(d) => {
                    marker(Part::For(&d.for_expr), d.for_expr.strip, out);
                    all(&d.for_expr.template, out);
                    marker(Part::End, d.endfor_expr.strip, out);
                }
            },
        }
    }

    fn literals<'t>(&self, literal: &Spanned<String>, quoted: bool, out: &mut Vec<Part<'t>>) {
        let range = hcl_edit::Span::span(literal).unwrap_or(0..0);
        let raw = self.text.get(range.clone()).unwrap_or("");
        if quoted {
            push_literal(self.literal(range.start, range.end, true), out);
            return;
        }
        let mut at = range.start;
        for line in raw.split_inclusive('\n') {
            push_literal(self.literal(at, at + line.len(), false), out);
            at += line.len();
        }
    }

    /// The text of a literal between two offsets of the slice. Backslashes escape in quotes only.
    fn literal(&self, start: usize, end: usize, quoted: bool) -> Text {
        let raw = self.text.get(start..end).unwrap_or("");
        let (mut runs, mut from, mut at) = (Vec::new(), 0, 0);
        let bytes = raw.as_bytes();
        while let Some(&b) = bytes.get(at) {
            let next = bytes.get(at + 1..).unwrap_or_default();
            let escape = match b {
                b'\\' if quoted => unescape(raw.get(at..).unwrap_or("")),
                b'$' | b'%' if next.starts_with(&[b, b'{']) => Some((char::from(b).to_string() + "{", 3)),
                _ => None,
            };
            let Some((text, len)) = escape else {
                at += 1;
                continue;
            };
            runs.push(self.run(raw, start, from, at));
            runs.push(Text::at(text, self.place(start + at, start + at + len), false));
            at += len;
            from = at;
        }
        if runs.is_empty() {
            return self.run(raw, start, 0, raw.len());
        }
        runs.push(self.run(raw, start, from, raw.len()));
        let too_long = || Text::hole(Unknown::new("the text is too long", Some(self.place(start, end))));
        Text::concat(&runs).unwrap_or_else(too_long)
    }

    fn run(&self, raw: &str, base: usize, from: usize, to: usize) -> Text {
        match raw.get(from..to) {
            Some(s) if !s.is_empty() => {
                Text::at(s, self.place(base + from, base + to), self.elsewhere.is_none())
            }
            Some(_) | None => Text::default(),
        }
    }

    fn render(&mut self, parts: &[Part<'_>], span: Span, locals: &Locals) -> Evaluated {
        let values = self.pieces(parts, span, locals)?;
        join(&values, span)
    }

    /// The values that the text is made of, in order.
    fn pieces(&mut self, parts: &[Part<'_>], span: Span, locals: &Locals) -> Result<Vec<Value>, EvalError> {
        let (mut out, mut rest) = (Vec::new(), parts);
        while let Some((part, after)) = rest.split_first() {
            rest = after;
            match part {
                Part::Literal(t) => out.push(Value::text(t.clone(), None)),
                Part::Interpolation(i) => {
                    let value = self.part(&i.expr, locals)?;
                    out.push(as_piece(&value, self.span(&i.expr))?);
                }
                Part::If(condition) => {
                    let (then, otherwise, after) = block(rest);
                    rest = after;
                    out.push(self.if_directive(condition, then, otherwise, span, locals)?);
                }
                Part::For(f) => {
                    let (body, _, after) = block(rest);
                    rest = after;
                    out.push(self.for_directive(f, body, span, locals)?);
                }
                Part::Else | Part::End | Part::Trim => {}
            }
        }
        Ok(out)
    }

    fn if_directive(
        &mut self,
        condition: &Expression,
        then: &[Part<'_>],
        otherwise: &[Part<'_>],
        span: Span,
        locals: &Locals,
    ) -> Evaluated {
        let condition = self.condition(condition, locals)?;
        let sensitive = condition.sensitive;
        let wrong = || EvalError::new(span, "a condition must be true or false, not null");
        let result = match condition.kind {
            Kind::Bool(true) => self.render(then, span, locals),
            Kind::Bool(false) => self.render(otherwise, span, locals),
            Kind::OneOf(_) => {
                let arms =
                    [condition, self.render(then, span, locals)?, self.render(otherwise, span, locals)?];
                distribute(&arms, &[Lift::Top, Lift::No], &mut |args| match args {
                    [Value { kind: Kind::Bool(true), .. }, then, ..] => Ok(then.clone()),
                    [Value { kind: Kind::Bool(false), .. }, _, otherwise] => Ok(otherwise.clone()),
                    _ => Err(wrong()),
                })
            }
            Kind::Unknown(_) => Ok(condition),
            Kind::Null | Kind::Number(_) | Kind::String(_) | Kind::List(_) | Kind::Set(_) | Kind::Map(_) => {
                Err(wrong())
            }
        }?;
        Ok(Value { sensitive: sensitive || result.sensitive, ..result })
    }

    fn for_directive(
        &mut self,
        f: &ForTemplateExpr,
        body: &[Part<'_>],
        span: Span,
        locals: &Locals,
    ) -> Evaluated {
        let collection = self.expr(&f.collection_expr, locals)?;
        let sensitive = collection.sensitive;
        let result = distribute(&[collection], &[Lift::Top], &mut |args| {
            let Some(collection) = args.first() else { return Ok(Value::string("", None)) };
            if collection.as_unknown().is_some() {
                return Ok(collection.clone());
            }
            let pairs = pairs(collection)
                .ok_or_else(|| EvalError::new(span, "`for` goes over a list, a set, a map or an object"))?;
            let mut out = Vec::new();
            for (key, value) in pairs {
                if let Err(unknown) = self.spend(1, span) {
                    return Ok(unknown);
                }
                let mut inner = locals.bind(f.value_var.as_str(), value);
                if let Some(name) = &f.key_var {
                    inner = inner.bind(name.as_str(), key);
                }
                out.extend(self.pieces(body, span, &inner)?);
                if out.len() > limits::ELEMENTS {
                    return Err(EvalError::new(span, "the template has too many parts"));
                }
            }
            join(&out, span)
        })?;
        Ok(Value { sensitive: sensitive || result.sensitive, ..result })
    }
}

/// The parts of a block up to `else`, those up to its end, and what follows.
fn block<'p, 't>(parts: &'p [Part<'t>]) -> (&'p [Part<'t>], &'p [Part<'t>], &'p [Part<'t>]) {
    let (mut depth, mut middle) = (0_usize, None);
    for (i, part) in parts.iter().enumerate() {
        match part {
            Part::If(_) | Part::For(_) => depth += 1,
            Part::Else if depth == 0 => middle = Some(i),
            Part::End if depth == 0 => {
                let cut = |from, to| parts.get(from..to).unwrap_or_default();
                let after = cut(i + 1, parts.len());
                return match middle {
                    Some(m) => (cut(0, m), cut(m + 1, i), after),
                    None => (cut(0, i), &[], after),
                };
            }
            Part::End => depth -= 1,
            Part::Else | Part::Literal(_) | Part::Interpolation(_) | Part::Trim => {}
        }
    }
    (parts, &[], &[])
}

/// A marker between parts: `~` trims the literal beside it.
fn marker<'t>(part: Part<'t>, strip: Strip, out: &mut Vec<Part<'t>>) {
    let (left, right) = match strip {
        Strip::None => (false, false),
        Strip::Start => (true, false),
        Strip::End => (false, true),
        Strip::Both => (true, true),
    };
    if let (true, Some(Part::Literal(t))) = (left, out.last_mut()) {
        *t = t.slice(0, t.visible().trim_end().len());
    }
    out.push(part);
    if right {
        out.push(Part::Trim);
    }
}

/// Adds a literal; after a marker with `~` without the white space at its start.
fn push_literal(text: Text, out: &mut Vec<Part<'_>>) {
    let trimmed = text.visible().len() - text.visible().trim_start().len();
    match out.last_mut() {
        Some(last @ Part::Trim) => *last = Part::Literal(text.slice(trimmed, text.visible().len())),
        Some(_) | None => out.push(Part::Literal(text)),
    }
}

/// Takes the common indentation off, as `<<-` does: counted at literals that begin a line, blank lines aside.
fn dedent(parts: &mut [Part<'_>]) {
    let indent = |t: &Text| t.visible().chars().take_while(|c| c.is_whitespace()).count();
    let (mut least, mut line_start, mut adjusted) = (usize::MAX, true, Vec::new());
    for (i, part) in parts.iter().enumerate() {
        if line_start {
            match part {
                Part::Literal(t) if t.visible().trim().is_empty() && t.visible().ends_with('\n') => {}
                Part::Literal(t) => {
                    least = least.min(indent(t));
                    adjusted.push(i);
                }
                Part::Interpolation(_) | Part::If(_) | Part::Else | Part::For(_) | Part::End => least = 0,
                Part::Trim => {}
            }
        }
        line_start = matches!(part, Part::Literal(t) if t.visible().ends_with('\n'));
    }
    for i in adjusted {
        if let Some(Part::Literal(t)) = parts.get_mut(i) {
            let cut = t.visible().char_indices().nth(least).map_or(t.visible().len(), |(at, _)| at);
            *t = t.slice(cut, t.visible().len());
        }
    }
}

/// An interpolated value as text; an unknown stays one.
fn as_piece(value: &Value, span: Span) -> Evaluated {
    if value.is_null() {
        return Err(EvalError::new(span, "null cannot stand in a template"));
    }
    if value.as_unknown().is_some() {
        return Ok(value.clone());
    }
    let converted = convert(value, &Type::String);
    converted.map_err(|_| EvalError::new(span, "only strings, numbers and bools can stand in a template"))
}

/// One text of many pieces. Unknown pieces are holes.
pub(crate) fn join(values: &[Value], span: Span) -> Evaluated {
    let sensitive = values.iter().any(|v| v.sensitive);
    let result = distribute(values, &[Lift::Top], &mut |values| {
        let texts: Vec<Text> = values
            .iter()
            .filter_map(|v| match &v.kind {
                Kind::String(t) => Some(t.clone()),
                Kind::Unknown(u) => Some(Text::hole(u.clone())),
                Kind::Null
                | Kind::Bool(_)
                | Kind::Number(_)
                | Kind::List(_)
                | Kind::Set(_)
                | Kind::Map(_)
                | Kind::OneOf(_) => None,
            })
            .collect();
        let text = Text::concat(&texts).ok_or_else(|| EvalError::new(span, "the text is too long"))?;
        Ok(Value::text(text.normalized(), Some(span)))
    })?;
    Ok(Value { sensitive: sensitive || result.sensitive, ..result })
}

/// The character an escape sequence at the start of `s` stands for, and its length.
fn unescape(s: &str) -> Option<(String, usize)> {
    let hex = |n: usize| {
        let code = u32::from_str_radix(s.get(2..2 + n)?, 16).ok()?;
        Some((char::from_u32(code)?.to_string(), 2 + n))
    };
    let plain = |c: &str| Some((c.to_owned(), 2));
    match s.as_bytes().get(1)? {
        b'n' => plain("\n"),
        b'r' => plain("\r"),
        b't' => plain("\t"),
        b'"' => plain("\""),
        b'\\' => plain("\\"),
        b'u' => hex(4),
        b'U' => hex(8),
        _ => None,
    }
}
