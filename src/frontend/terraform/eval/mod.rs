//! Expressions: from syntax to a [`Value`] with places, unknown parts and open choices.

mod attempt;
mod collection;
mod condition;
pub(crate) mod equality;
mod locals;
pub(crate) mod open;
mod operator;
mod template;
mod traversal;

#[cfg(test)]
pub(crate) mod tests;

use std::sync::Arc;

use hcl_edit::expr::{Expression, FuncCall};

pub use locals::Locals;

use super::functions;
use super::parse;
use crate::diagnostic::{Code as DiagnosticCode, Diagnostic, Level};
use crate::limits;
use crate::source::{Source, Span};
use crate::value::{Choices, Kind, Number, Unknown, Value};

/// What surrounds an expression. Implemented by the module loader.
pub trait Scope {
    /// The value of a reference. `steps` are the steps after the root name (`var.a["b"].c`: root `var`, steps
    /// attribute a, index "b", attribute c). Returns the value and how many steps it used; the evaluator
    /// applies the rest. `None`: there is no such name; the evaluator reports it and yields unknown. `guarded`: an
    /// error is an answer, so that what may not exist must not be taken to exist.
    fn lookup(&mut self, root: &str, steps: &[Step], span: Span, guarded: bool) -> Option<(Value, usize)>;

    /// The open choices of the unit.
    fn choices(&mut self) -> &mut Choices;

    /// What makes keys of choices unique per module instance (`module.a[0].`).
    fn choice_prefix(&self) -> String;

    /// Takes a problem with the input.
    fn report(&mut self, d: Diagnostic);

    /// Reads a file for `file()` and its family. The path is relative to Terraform's working directory (the
    /// root module). An error is an unknown with its reason.
    fn read_file(&mut self, path: &str, span: Span) -> Result<Arc<Source>, Unknown>;

    /// Whether a file exists, for `fileexists()`. `None` for a directory.
    fn file_exists(&mut self, path: &str) -> Option<bool>;

    /// The files below `dir` that match `pattern`, sorted, for `fileset()`.
    fn fileset(&mut self, dir: &str, pattern: &str, span: Span) -> Result<Vec<String>, Unknown>;

    /// Takes `n` steps from the budget. False when it is used up; the evaluator then yields unknown and reports
    /// the limit once an evaluation.
    fn spend(&mut self, n: u64) -> bool;
}

/// One step of a traversal.
#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    /// `.name`
    Attr {
        /// The name.
        name: String,
        /// Where it is written.
        span: Span,
    },
    /// `[value]`, or the old form `.0`.
    Index {
        /// The evaluated index.
        value: Value,
        /// Where it is written.
        span: Span,
    },
}

/// The text an expression was parsed from.
#[derive(Debug, Clone, Copy)]
pub struct Code<'a> {
    /// The source that holds it.
    pub source: &'a Arc<Source>,
    /// Offset of the parsed slice in the source: the parser counts from the start of its slice.
    pub base: usize,
}

impl Code<'_> {
    /// The place of a parsed node.
    pub fn span(&self, node: &dyn hcl_edit::Span) -> Span {
        let range = node.span().unwrap_or(0..0);
        Span::new(self.source.id(), self.base + range.start, self.base + range.end)
    }
}

/// Evaluates an expression. Errors are reported to the scope and give an unknown.
pub fn eval(expr: &Expression, code: Code<'_>, scope: &mut dyn Scope) -> Value {
    eval_with(expr, code, scope, &Locals::default())
}

/// The same with extra names bound: `each`, `self`, iterators of dynamic blocks, template variables.
pub fn eval_with(expr: &Expression, code: Code<'_>, scope: &mut dyn Scope, locals: &Locals) -> Value {
    let source = Arc::clone(code.source);
    let text = source.text().get(code.base..).unwrap_or("");
    let mut evaluator = Evaluator::new(code, text, None, scope);
    let result = evaluator.expr(expr, locals);
    evaluator.settle(result)
}

/// Evaluates a template given as text: strings of `.tf.json`, contents for `templatefile()`. `text` stands at
/// `code.base` of the source; when the source has other bytes there (escapes of JSON), places are those of
/// the whole text.
pub fn eval_template(text: &str, code: Code<'_>, scope: &mut dyn Scope, locals: &Locals) -> Value {
    let exact = code.source.text().get(code.base..).is_some_and(|rest| rest.starts_with(text));
    let whole = Span::new(code.source.id(), code.base, code.base + text.len());
    let mut evaluator = Evaluator::new(code, text, (!exact).then_some(whole), scope);
    let result = evaluator.template_text(locals);
    evaluator.settle(result)
}

/// Why an expression has no value, as Terraform would say it.
#[derive(Debug, Clone)]
pub(crate) struct EvalError {
    code: DiagnosticCode,
    message: String,
    span: Span,
}

impl std::fmt::Display for EvalError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl EvalError {
    fn new(span: Span, message: impl Into<String>) -> Self {
        Self { code: DiagnosticCode::BadExpression, message: message.into(), span }
    }

    /// True for what Terraform finds before it evaluates anything: to `try` and `can`, too, it is an error.
    fn is_static(&self) -> bool {
        self.code == DiagnosticCode::BadReference
    }
}

/// How many parts of a value are looked at in one step.
const PARTS_A_STEP: u64 = 8;

/// Takes the parts of a value from `left`; false when they are more.
fn fits(value: &Value, left: &mut usize) -> bool {
    let parts = match &value.kind {
        Kind::List(l) | Kind::Set(l) => l.len(),
        Kind::Map(m) => m.len(),
        Kind::OneOf(o) => o.arms.len(),
        Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::String(_) | Kind::Unknown(_) => return true,
    };
    *left = match left.checked_sub(parts) {
        Some(left) => left,
        None => return false,
    };
    match &value.kind {
        Kind::List(l) | Kind::Set(l) => l.iter().all(|v| fits(v, left)),
        Kind::Map(m) => m.values().all(|e| fits(&e.value, left)),
        Kind::OneOf(o) => o.arms.iter().all(|v| fits(v, left)),
        Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::String(_) | Kind::Unknown(_) => true,
    }
}

type Evaluated = Result<Value, EvalError>;

/// The evaluation of one expression. Its recursion is bounded by the parser, which refuses deep nesting and
/// long chains of operators.
pub(crate) struct Evaluator<'a, 's> {
    code: Code<'a>,
    /// The parsed slice.
    text: &'a str,
    /// The place of everything, when `text` is not what the source holds at `code.base`.
    elsewhere: Option<Span>,
    pub(crate) scope: &'s mut dyn Scope,
    /// Over zero inside `try` and `can`, where an error is an answer.
    trying: usize,
    /// Over zero inside `try` and `can` only: an arm of a conditional is not there to find out what exists.
    guarded: usize,
    /// Something that is not known, of which a part was taken or which was given to a function inside `try`: once it is
    /// known, that may fail.
    doubt: Option<Unknown>,
    /// True in a template file, which must not render another one.
    in_template: bool,
    exhausted: bool,
    /// How many parts of one conditional were put aside to get here.
    rests: usize,
}

impl<'a, 's> Evaluator<'a, 's> {
    fn new(code: Code<'a>, text: &'a str, elsewhere: Option<Span>, scope: &'s mut dyn Scope) -> Self {
        Self {
            code,
            text,
            elsewhere,
            scope,
            trying: 0,
            guarded: 0,
            doubt: None,
            in_template: false,
            exhausted: false,
            rests: 0,
        }
    }

    /// Renders a template file, which sees only the names it is given. Its errors are reported where they are
    /// in that file.
    pub(crate) fn template_file(&mut self, source: &Arc<Source>, locals: &Locals) -> Evaluated {
        self.template(Code { source, base: 0 }, source.text(), None, locals)
    }

    fn template(&mut self, code: Code<'_>, text: &str, place: Option<Span>, locals: &Locals) -> Evaluated {
        if self.in_template {
            return Err(EvalError::new(self.whole(), "a template must not render another one"));
        }
        let mut inner = Evaluator::new(code, text, place, &mut *self.scope);
        inner.in_template = true;
        inner.trying = self.trying;
        inner.guarded = self.guarded;
        match inner.template_text(locals) {
            Err(e) if self.trying == 0 => Ok(self.settle(Err(e))),
            other => other,
        }
    }

    /// `templatestring`: a template that something else holds, with the entries of a map as names.
    fn template_string(&mut self, call: &FuncCall, span: Span, locals: &Locals) -> Evaluated {
        let (Some(template), Some(vars), 2) = (call.args.get(0), call.args.get(1), call.args.len()) else {
            return Err(EvalError::new(span, "`templatestring` takes 2 arguments"));
        };
        if !matches!(template, Expression::Variable(_) | Expression::Traversal(_)) {
            return Err(EvalError::new(span, "the template must be a reference to something that holds it"));
        }
        let args = [self.expr(template, locals)?, self.expr(vars, locals)?];
        let code = self.code;
        open::distribute(&args, &[open::Lift::Top], &mut |args| {
            let unknown = |v: &Value| match &v.kind {
                Kind::String(t) => t.holes().first().map(|h| h.unknown.clone()),
                _ => v.as_unknown().cloned(),
            };
            if let Some(u) = args.iter().find_map(unknown) {
                return Ok(Value::new(Kind::Unknown(u), Some(span)));
            }
            let (Some(text), Some(vars)) =
                (args.first().and_then(Value::as_str), args.get(1).and_then(Value::as_map))
            else {
                return Err(EvalError::new(span, "`templatestring` takes a string and a map"));
            };
            let place = args.first().and_then(|t| t.span).unwrap_or(span);
            self.template(code, text, Some(place), &Locals::of(vars))
        })
    }

    /// The place of a node; of the whole text when the source has other bytes.
    pub(crate) fn span(&self, node: &dyn hcl_edit::Span) -> Span {
        self.elsewhere.unwrap_or_else(|| self.code.span(node))
    }

    fn whole(&self) -> Span {
        self.place(0, self.text.len())
    }

    fn place(&self, start: usize, end: usize) -> Span {
        let exact = || Span::new(self.code.source.id(), self.code.base + start, self.code.base + end);
        self.elsewhere.unwrap_or_else(exact)
    }

    /// The text of a node.
    fn written(&self, node: &dyn hcl_edit::Span) -> &'a str {
        node.span().and_then(|r| self.text.get(r)).unwrap_or("")
    }

    /// Turns an error into a diagnostic and an unknown.
    pub(crate) fn settle(&mut self, result: Evaluated) -> Value {
        result.unwrap_or_else(|e| {
            self.scope.report(Diagnostic::at(e.code, Level::Warning, e.span, e.message.clone()));
            Value::unknown(e.message, Some(e.span))
        })
    }

    /// Evaluates a part of something larger. Outside `try` an error costs only the part.
    fn part(&mut self, expr: &Expression, locals: &Locals) -> Evaluated {
        match self.expr(expr, locals) {
            Err(e) if self.trying == 0 => Ok(self.settle(Err(e))),
            other => other,
        }
    }

    /// Takes steps from the budget; the unknown to yield when it is used up.
    pub(crate) fn spend(&mut self, steps: u64, span: Span) -> Result<(), Value> {
        if !self.exhausted && self.scope.spend(steps) {
            return Ok(());
        }
        let message = "evaluation takes too many steps";
        if !self.exhausted {
            self.exhausted = true;
            self.scope.report(Diagnostic::at(DiagnosticCode::Limit, Level::Warning, span, message));
        }
        Err(Value::unknown(message, Some(span)))
    }

    pub(crate) fn expr(&mut self, expr: &Expression, locals: &Locals) -> Evaluated {
        let span = self.span(expr);
        if let Err(unknown) = self.spend(1, span) {
            return Ok(unknown);
        }
        match expr {
            Expression::Null(_) => Ok(Value::null(Some(span))),
            Expression::Bool(b) => Ok(Value::bool(*b.value(), Some(span))),
            Expression::Number(_) => self.number(expr, span),
            Expression::String(_) => Ok(self.quoted(expr)),
            Expression::StringTemplate(t) => self.string_template(t, span, locals),
            Expression::HeredocTemplate(t) => self.heredoc(t, span, locals),
            Expression::Array(a) => {
                let items: Result<Vec<_>, _> = a.iter().map(|e| self.part(e, locals)).collect();
                self.weighed(Value::list(items?, Some(span)), span)
            }
            Expression::Object(o) => {
                let object = self.object(o, span, locals)?;
                self.weighed(object, span)
            }
            Expression::Parenthesis(p) => self.expr(p.inner(), locals),
            Expression::Variable(v) => match parse::stands_for(v.as_str()) {
                Some(range) => self.rest(range, locals),
                None => self.reference(v.as_str(), &[], span, locals),
            },
            Expression::Traversal(t) => self.traversal(t, span, locals),
            Expression::FuncCall(call) => {
                let result = self.call(call, span, locals)?;
                self.weighed(result, span)
            }
            Expression::Conditional(c) => self.conditional(c, span, locals),
            Expression::UnaryOp(op) => self.unary(op, span, locals),
            Expression::BinaryOp(op) => self.binary(op, span, locals),
            Expression::ForExpr(f) => {
                let result = self.for_expr(f, span, locals)?;
                self.weighed(result, span)
            }
        }
    }

    /// A value that was put together, when it is not larger than anybody means it to be: lists of lists of lists that
    /// share their parts take no room, and for ever to look at.
    fn weighed(&mut self, value: Value, span: Span) -> Evaluated {
        let mut left = limits::PARTS;
        if !fits(&value, &mut left) {
            return Err(EvalError::new(span, format!("this holds more than {} values", limits::PARTS)));
        }
        let parts = (limits::PARTS - left) as u64;
        Ok(self.spend(parts / PARTS_A_STEP, span).err().unwrap_or(value))
    }

    /// The rest of a conditional that was put aside. `range`: of the parsed slice.
    fn rest(&mut self, range: std::ops::Range<usize>, locals: &Locals) -> Evaluated {
        let (code, text) = (self.code, self.text);
        let (start, rest) = (range.start, text.get(range).filter(|_| self.rests < limits::DEPTH));
        let Some((rest, expr)) = rest.and_then(|rest| Some((rest, parse::rest(rest)?))) else {
            return Err(EvalError::new(self.whole(), "the conditional has too many arms"));
        };
        (self.code, self.text) = (Code { base: code.base + start, ..code }, rest);
        self.rests += 1;
        let result = self.expr(&expr, locals);
        self.rests -= 1;
        (self.code, self.text) = (code, text);
        result
    }

    fn number(&self, expr: &Expression, span: Span) -> Evaluated {
        // The parser keeps 64 bits; the text has all digits.
        let n = Number::parse(self.written(expr))
            .ok_or_else(|| EvalError::new(span, "the number is out of bounds"))?;
        Ok(Value::new(Kind::Number(n), Some(span)))
    }

    fn call(&mut self, call: &FuncCall, span: Span, locals: &Locals) -> Evaluated {
        let parts = call.name.namespace.iter().chain([&call.name.name]).map(|n| n.as_str());
        let name = parts.collect::<Vec<_>>().join("::");
        let name = name.strip_prefix("core::").unwrap_or(&name);
        match name {
            "try" => return self.first_that_works(call, span, locals),
            "can" => return self.works(call, span, locals),
            "templatestring" => return self.template_string(call, span, locals),
            _ => {}
        }
        let mut args = Vec::with_capacity(call.args.len());
        for (i, arg) in call.args.iter().enumerate() {
            let value = self.expr(arg, locals)?;
            if i + 1 < call.args.len() || !call.args.expand_final() {
                args.push(value);
                continue;
            }
            match &value.kind {
                Kind::List(l) | Kind::Set(l) => args.extend(l.iter().cloned()),
                // What it has for sure is in the arguments, not in the result.
                Kind::Unknown(_) => return Ok(Value { refer: None, ..value }.holding([])),
                Kind::OneOf(_) => {
                    let fixed = args;
                    return open::distribute(&[value], &[open::Lift::Top], &mut |v| {
                        let Some(Some(last)) = v.first().map(Value::as_list) else {
                            return Err(EvalError::new(span, "`...` follows something that is not a list"));
                        };
                        let all: Vec<Value> = fixed.iter().chain(last).cloned().collect();
                        functions::call(self, name, &all, span).map_err(|m| EvalError::new(span, m))
                    });
                }
                Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::String(_) | Kind::Map(_) => {
                    return Err(EvalError::new(span, "`...` follows something that is not a list"));
                }
            }
        }
        args.iter().for_each(|arg| self.doubt(arg));
        functions::call(self, name, &args, span).map_err(|m| EvalError::new(span, m))
    }
}
