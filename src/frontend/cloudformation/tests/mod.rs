//! Behaviour of the frontend as a whole: what templates become.

mod conditions;
mod documents;
mod facts;
mod intrinsics;
mod nested;
mod robustness;

use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;

use super::{Options, looks_like_template, lower};
use crate::diagnostic::{Code, Level};
use crate::frontend::Lowered;
use crate::fs::{FileSystem, MemFs};
use crate::iam::facts::{Fact, What};
use crate::source::{SourceMap, Span};
use crate::value::{ChoiceId, Kind, Text, Value};

/// A lowered template with its sources.
struct Run {
    sources: SourceMap,
    lowered: Option<Lowered>,
}

impl Run {
    fn files(files: &[(&str, &str)], parameters: &[(&str, &str)]) -> Self {
        let sources = SourceMap::new();
        let fs: MemFs = files.iter().fold(MemFs::new(), |fs, (path, text)| fs.with(*path, *text));
        let (path, text) = files[0];
        let source = sources.add(path, path, text);
        let options =
            Options { parameters: parameters.iter().map(|(k, v)| (k.to_string(), v.to_string())).collect() };
        let fs: Arc<dyn FileSystem> = Arc::new(fs);
        let lowered = lower(Path::new(path), &source, fs, &sources, &options);
        Self { sources, lowered }
    }

    fn of(text: &str) -> Self {
        Self::files(&[("t.yaml", text)], &[])
    }

    fn lowered(&self) -> &Lowered {
        self.lowered.as_ref().unwrap()
    }

    fn facts(&self) -> &[Fact] {
        &self.lowered().facts.facts
    }

    /// Code, level and message of every diagnostic.
    fn problems(&self) -> Vec<(Code, Level, &str)> {
        self.lowered().diagnostics.iter().map(|d| (d.code, d.level, d.message.as_str())).collect()
    }

    /// `line:column-line:column` of a span.
    fn place(&self, span: Option<Span>) -> String {
        let at = self.sources.locate(span.unwrap()).unwrap();
        format!("{}:{}-{}:{}", at.line, at.column, at.end_line, at.end_column)
    }

    /// Facts in one line each, with the conditions they exist under by their labels.
    fn shown(&self) -> Vec<String> {
        self.facts().iter().map(|f| self.show_fact(f)).collect()
    }

    fn show_fact(&self, fact: &Fact) -> String {
        let mut out = format!("{} ", fact.address);
        out += &match &fact.what {
            What::Principal { kind, name, boundary, .. } if boundary.is_null() => {
                format!("is {} {}", kind.as_str(), show(name))
            }
            What::Principal { kind, name, boundary, .. } => {
                format!("is {} {} within {}", kind.as_str(), show(name), show(boundary))
            }
            What::ManagedPolicy { name, .. } => format!("is policy {}", show(name)),
            What::InlinePolicy { kind, principals, name, .. } => {
                format!("inline {} in {} {}", show(name), kind.as_str(), show(principals))
            }
            What::Attachment { kind, principals, policies } => {
                format!("attach {} to {} {}", show(policies), kind.as_str(), show(principals))
            }
            What::Membership { users, groups } => format!("puts {} in {}", show(users), show(groups)),
            What::LoginProfile { user, .. } => format!("lets {} sign in", show(user)),
            What::VirtualDevice { .. } => "virtual device".to_owned(),
            What::AccessKey { user } => format!("gives {} a key", show(user)),
        };
        for &(choice, answer) in fact.when.answers() {
            let _ = write!(out, " if {}={}", self.question(choice), self.label(choice, answer));
        }
        if let Some(u) = &fact.uncertain {
            let _ = write!(out, " perhaps: {}", u.reason());
        }
        out
    }

    fn question(&self, choice: ChoiceId) -> String {
        let reason = self.lowered().facts.choices.get(choice).unwrap().unknown.reason();
        reason.split('`').nth(1).unwrap().to_owned()
    }

    fn label(&self, choice: ChoiceId, answer: usize) -> String {
        self.lowered().facts.choices.get(choice).unwrap().labels[answer].clone()
    }
}

/// A value in one line: `?` for what is unknown, `*X` for a resource whose name is not known, `a|b` for a choice.
fn show(v: &Value) -> String {
    match (&v.kind, &v.refer) {
        (Kind::Unknown(_), Some(r)) => format!("*{}", r.address),
        (Kind::Unknown(_), None) => "?".to_owned(),
        (Kind::Null, _) => "null".to_owned(),
        (Kind::Bool(b), _) => b.to_string(),
        (Kind::Number(n), _) => n.to_string(),
        (Kind::String(t), _) => show_text(t),
        (Kind::List(l) | Kind::Set(l), _) => {
            format!("[{}]", l.iter().map(show).collect::<Vec<_>>().join(", "))
        }
        (Kind::Map(m), _) => {
            let entries: Vec<_> = m.iter().map(|(k, e)| format!("{k}: {}", show(&e.value))).collect();
            format!("{{{}}}", entries.join(", "))
        }
        (Kind::OneOf(o), _) => o.arms.iter().map(show).collect::<Vec<_>>().join("|"),
    }
}

fn show_text(t: &Text) -> String {
    t.pieces().map(|p| p.unwrap_or("?")).collect()
}

/// The value of an expression, put where a user's name stands, in a template with these other sections.
fn value_in(sections: &str, expression: &str) -> (Run, Value) {
    let text = format!(
        "{sections}\nResources:\n  U:\n    Type: AWS::IAM::User\n    Properties:\n      UserName: {expression}\n"
    );
    let run = Run::of(&text);
    let name = run
        .facts()
        .iter()
        .find_map(|f| match &f.what {
            What::Principal { name, .. } if f.address == "U" => Some(name.clone()),
            _ => None,
        })
        .unwrap();
    (run, name)
}
