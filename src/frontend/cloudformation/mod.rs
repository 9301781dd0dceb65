//! CloudFormation templates, YAML and JSON, as facts.
//!
//! ```text
//! text ─► yaml | json ─► tree ─► template ─► stack (parameters, conditions, intrinsics) ─► resources ─► facts
//! ```
//!
//! Everything is evaluated on demand, beginning with the resources that declare principals. What the template
//! does not settle stays open: a condition is one choice, a value keeps its reason.

mod choice;
mod conditions;
mod exports;
mod foreach;
mod include;
mod intrinsics;
mod json;
mod mappings;
mod nested;
mod network;
mod parameter_file;
mod params;
mod places;
mod references;
mod remarks;
mod resources;
mod serverless;
mod sound;
mod stack;
mod survey;
mod template;
mod text;
mod tree;
mod yaml;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use memchr::memmem;

pub use parameter_file::parse_parameters;
pub(crate) use remarks::remarks;
pub use sound::is_sound;
pub use survey::{
    exports, is_template_by_words, looks_like_template, may_bear, may_concern_others, may_import,
};

use self::stack::{Env, Shared, Stack};
use self::template::Template;
use self::tree::{Builder, Node, Problem};
use super::Lowered;
use crate::diagnostic::{Code, Diagnostic, Level};
use crate::fs::FileSystem;
use crate::iam::facts::Facts;
use crate::source::{Source, SourceMap};
use crate::value::{Value, When};

/// What the user says about templates.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Values of parameters, by name (see [`parse_parameters`]).
    pub parameters: BTreeMap<String, String>,
}

/// Parses and lowers one template, `path` being where `source` was read. `None` without a word for a file that
/// turns out to be something else.
pub fn lower(
    path: &Path,
    source: &Arc<Source>,
    fs: Arc<dyn FileSystem>,
    sources: &SourceMap,
    options: &Options,
) -> Option<Lowered> {
    let Parsed { template, diagnostics } = parse(source);
    let shown = Path::new(&**source.shown()).to_path_buf();
    let Some(template) = template else {
        let silent = diagnostics.is_empty();
        return (!silent).then(|| Lowered { diagnostics, files: vec![shown], ..Lowered::default() });
    };
    let given =
        options.parameters.iter().map(|(k, v)| (k.clone(), Value::string(v.as_str(), None))).collect();
    let shared = Shared { diagnostics, files: vec![shown], ..Shared::default() };
    let place = (String::new(), vec![fs.identity(path)]);
    let env = Env { fs, sources };
    let mut stack = Stack::new(env, template, place, given, shared);
    stack.report_macros();
    stack.lower_resources(&[When::always()], None);
    let shared = stack.finish();
    let Shared { facts, sets, choices, imports, .. } = shared;
    Some(Lowered {
        sets,
        facts: Facts { facts, choices, exports: exports::by_name(shared.exports), imports },
        diagnostics: shared.diagnostics,
        files: shared.files,
    })
}

/// A template, or why there is none; nothing at all for other files.
struct Parsed {
    template: Option<Template>,
    diagnostics: Vec<Diagnostic>,
}

fn parse(source: &Arc<Source>) -> Parsed {
    let mut builder = Builder::default();
    let none = |diagnostics| Parsed { template: None, diagnostics };
    match read(source, &mut builder) {
        Ok(Some(root)) => match Template::of(Arc::clone(source), root) {
            Some(template) if has_template_blocks(source) => {
                let span = template.root.span;
                none(vec![Diagnostic::at(Code::YamlSyntax, Level::Warning, span, ENGINE)])
            }
            Some(template) => Parsed { template: Some(template), diagnostics: builder.diagnostics },
            None => none(Vec::new()),
        },
        Ok(None) => none(Vec::new()),
        Err(problem) => none(refusal(source, &problem)),
    }
}

const ENGINE: &str = "the file is a template of a template engine and was not analysed; render it first";

/// JSON when it begins like it, and YAML, of which JSON is nearly a part.
fn read(source: &Source, builder: &mut Builder) -> Result<Option<Node>, Problem> {
    let text = source.text().trim_start_matches('\u{feff}').trim_start();
    if !text.starts_with('{') {
        return yaml::read(source, builder);
    }
    match json::read(source, builder) {
        Ok(node) => Ok(node),
        Err(problem) if problem.code == Code::Limit => Err(problem),
        Err(problem) => yaml::read(source, builder).map_err(|_| problem),
    }
}

/// What to say about a text without a tree: nothing unless it is a template by its words, which something else that
/// speaks of AWS resources somewhere is not.
fn refusal(source: &Source, problem: &Problem) -> Vec<Diagnostic> {
    let text = source.text();
    let has_principals = memmem::find(text.as_bytes(), b"AWS::IAM::").is_some();
    if !has_principals && !is_template_by_words(text) {
        return Vec::new();
    }
    let code = problem.code;
    if has_template_blocks(source) || has_placeholders(source) {
        return vec![Diagnostic::at(code, Level::Warning, problem.span, ENGINE)];
    }
    vec![Diagnostic::at(code, Level::Error, problem.span, problem.message.clone())]
}

/// Blocks of Jinja and its kin at the beginning of a line.
fn has_template_blocks(source: &Source) -> bool {
    memmem::find_iter(source.text().as_bytes(), b"{%").any(|i| {
        let before = source.text().get(..i).unwrap_or_default();
        before.rsplit('\n').next().is_some_and(|line| line.trim().is_empty())
    })
}

/// `{{ name }}` that is not a dynamic reference of CloudFormation.
fn has_placeholders(source: &Source) -> bool {
    let text = source.text();
    memmem::find_iter(text.as_bytes(), b"{{")
        .any(|i| !text.get(i..).is_some_and(|t| t.starts_with("{{resolve:")))
}

impl Stack<'_> {
    /// Macros of one's own may rewrite the whole template; those of AWS that are known do not touch principals.
    fn report_macros(&mut self) {
        for item in include::transforms(&self.template().root).iter().filter(|item| !include::is_file(item)) {
            let name = item.text().or_else(|| item.get("Name").and_then(Node::text)).unwrap_or("?");
            if !name.starts_with("AWS::") || name == "AWS::Include" {
                let message = format!("macro `{name}` is not run; what it changes is not judged");
                self.report(Code::BadExpression, Level::Warning, item.span, message);
            }
        }
    }
}
