//! Expressions: from syntax to a [`Value`] with places, unknown parts and open choices.

mod locals;

use std::sync::Arc;

use hcl_edit::Span as _;
use hcl_edit::expr::Expression;

pub use locals::Locals;

use crate::diagnostic::Diagnostic;
use crate::source::{Source, Span};
use crate::value::{Choices, Unknown, Value};

/// What surrounds an expression. Implemented by the module loader.
pub trait Scope {
    /// The value of a reference. `steps` are the steps after the root name (`var.a["b"].c`: root `var`, steps
    /// attribute a, index "b", attribute c). Returns the value and how many steps it used; the evaluator
    /// applies the rest. `None`: there is no such name; the evaluator reports it and yields unknown.
    fn lookup(&mut self, root: &str, steps: &[Step], span: Span) -> Option<(Value, usize)>;

    /// The open choices of the unit.
    fn choices(&mut self) -> &mut Choices;

    /// What makes keys of choices unique per module instance (`module.a[0].`).
    fn choice_prefix(&self) -> String;

    /// Takes a problem with the input.
    fn report(&mut self, d: Diagnostic);

    /// Reads a file for `file()` and its family. The path is relative to Terraform's working directory (the
    /// root module). An error is an unknown with its reason.
    fn read_file(&mut self, path: &str, span: Span) -> Result<Arc<Source>, Unknown>;

    /// Whether a file exists, for `fileexists()`.
    fn file_exists(&mut self, path: &str, span: Span) -> Result<bool, Unknown>;

    /// The files below `dir` that match `pattern`, sorted, for `fileset()`.
    fn fileset(&mut self, dir: &str, pattern: &str, span: Span) -> Result<Vec<String>, Unknown>;

    /// Takes `n` steps from the budget. False when it is used up; the evaluator then yields unknown.
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
    let _ = (scope, locals, expr.span());
    Value::unknown("not evaluated", Some(code.span(expr)))
}

/// Evaluates a template given as text: strings of `.tf.json`, contents for `templatefile()`. `text` stands at
/// `code.base` of the source.
pub fn eval_template(text: &str, code: Code<'_>, scope: &mut dyn Scope, locals: &Locals) -> Value {
    let _ = (text, scope, locals);
    Value::unknown("not evaluated", Some(code.source.span()))
}
