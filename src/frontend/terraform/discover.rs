//! The configuration of one directory: which files count, and the blocks they hold.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use super::body::Body;
use super::index;
use super::json::{self, Json, Property};
use crate::diagnostic::{Code, Diagnostic, Level};
use crate::fs::FsError;
use crate::source::{Source, Span};

/// A block of a directory, with what override files lay over it. Parsed when it is asked for.
#[derive(Debug)]
pub(crate) struct Def {
    /// `resource`, `data`, `module`, `variable`, `output` or `locals`.
    pub(crate) kind: String,
    /// Its labels.
    pub(crate) labels: Vec<String>,
    /// The whole block.
    pub(crate) span: Span,
    parts: Vec<Part>,
    parsed: OnceLock<(Arc<Body>, Vec<Diagnostic>)>,
}

#[derive(Debug)]
enum Part {
    Hcl(Arc<Source>, Span),
    Json(Arc<Source>, Arc<Json>),
}

impl Def {
    /// What is inside, and the problems there.
    pub(crate) fn body(&self) -> &(Arc<Body>, Vec<Diagnostic>) {
        self.parsed.get_or_init(|| {
            let (mut body, mut report) = (Body::default(), Vec::new());
            for part in &self.parts {
                body.lay(match part {
                    Part::Hcl(source, span) => Body::parse(source, *span, &mut report),
                    Part::Json(source, json) => Body::json(Arc::clone(json), Arc::clone(source)),
                });
            }
            (Arc::new(body), report)
        })
    }

    /// The type of a resource or data source, or the name of another block.
    pub(crate) fn label(&self, n: usize) -> &str {
        self.labels.get(n).map_or("", String::as_str)
    }
}

/// The blocks of one directory.
#[derive(Debug, Default)]
pub(crate) struct Dir {
    /// Blocks by kind and labels: `variable.a`, `resource.aws_iam_user.b`.
    pub(crate) blocks: BTreeMap<String, Arc<Def>>,
    /// Keys of resources and module calls in order of declaration.
    pub(crate) order: Vec<String>,
    /// The `locals` blocks; those of override files last.
    pub(crate) locals: Vec<Arc<Def>>,
    /// Providers that have a configuration here.
    pub(crate) providers: BTreeSet<String>,
    /// What could not be read.
    pub(crate) problems: Vec<Diagnostic>,
    /// Files of which nothing could be read: whatever they declare is not known.
    pub(crate) lost: Vec<Diagnostic>,
    /// The files, as they are shown.
    pub(crate) files: Vec<PathBuf>,
    /// Their texts.
    pub(crate) sources: Vec<Arc<Source>>,
    /// True for a model, which has not all outputs of the module it stands for.
    pub(crate) model: bool,
}

/// The diagnostic for a file that could not be had.
pub(crate) fn file_problem(e: &FsError, path: &Path) -> Diagnostic {
    let (code, level) = match e {
        FsError::NotFound(_) | FsError::NotAFile(_) | FsError::NotLeftOut(..) | FsError::Io(..) => {
            (Code::Unreadable, Level::Error)
        }
        FsError::Outside(_) => (Code::OutsideRoot, Level::Warning),
        FsError::TooLarge(..) => (Code::TooLarge, Level::Error),
        FsError::NotUtf8(_) | FsError::Archive(_) => (Code::NotUtf8, Level::Error),
        FsError::LinkLoop(..) => (Code::LinkLoop, Level::Error),
    };
    Diagnostic::path(code, level, path.to_string_lossy().replace('\\', "/"), e.to_string())
}

/// True for a file that makes its directory a Terraform or OpenTofu configuration.
pub fn is_configuration(name: &str) -> bool {
    stem(name).is_some()
}

/// True for a file of a configuration: the code, or values of variables.
pub fn is_part(name: &str) -> bool {
    is_configuration(name) || name.ends_with(".tfvars") || name.ends_with(".tfvars.json")
}

fn stem(name: &str) -> Option<(&str, bool)> {
    if name.starts_with(['.', '#']) || name.ends_with('~') {
        return None;
    }
    let tofu = |s| name.strip_suffix(s).map(|n| (n, true));
    let terraform = |s| name.strip_suffix(s).map(|n| (n, false));
    tofu(".tofu")
        .or_else(|| terraform(".tf"))
        .or_else(|| tofu(".tofu.json"))
        .or_else(|| terraform(".tf.json"))
}

/// The files that count, in order, each with whether it is an override file. A `.tofu` file hides the `.tf` file
/// of the same name, as OpenTofu has it; override files come last.
pub(crate) fn configuration_files(names: &[String]) -> Vec<(&str, bool)> {
    let all: BTreeSet<&str> = names.iter().map(String::as_str).collect();
    let mut out = Vec::new();
    for &name in &all {
        let Some((stem, tofu)) = stem(name) else { continue };
        let twin = if name.ends_with(".json") { format!("{stem}.tofu.json") } else { format!("{stem}.tofu") };
        let hidden = !tofu && all.contains(twin.as_str());
        if !hidden {
            out.push((name, stem == "override" || stem.ends_with("_override")));
        }
    }
    out.sort_by_key(|&(_, over)| over);
    out
}

struct Builder<'d> {
    dir: &'d mut Dir,
    building: BTreeMap<String, Def>,
    over: bool,
}

impl Dir {
    /// The configuration that these files make, in order, each with whether it is an override file, or why there is
    /// nothing of it.
    pub(crate) fn of(files: impl IntoIterator<Item = (bool, Result<Configuration, Diagnostic>)>) -> Self {
        let mut dir = Self::default();
        let mut builder = Builder { dir: &mut dir, building: BTreeMap::new(), over: false };
        for (over, file) in files {
            builder.over = over;
            match file {
                Ok((source, problem)) => {
                    builder.dir.problems.extend(problem);
                    builder.file(&source);
                }
                Err(problem) => builder.lose(problem),
            }
        }
        builder.finish();
        dir
    }

    /// A module that is built in.
    pub(crate) fn model(source: &Arc<Source>) -> Self {
        let mut dir = Self { model: true, ..Self::default() };
        let mut builder = Builder { dir: &mut dir, building: BTreeMap::new(), over: false };
        builder.hcl(source);
        builder.finish();
        dir
    }
}

/// A file of configuration, and what is wrong with its text.
pub(crate) type Configuration = (Arc<Source>, Option<Diagnostic>);

impl Builder<'_> {
    /// A file of which nothing is known.
    fn lose(&mut self, problem: Diagnostic) {
        self.dir.lost.push(problem.clone());
        self.dir.problems.push(problem);
    }

    fn file(&mut self, source: &Arc<Source>) {
        self.dir.files.push(PathBuf::from(&**source.shown()));
        self.dir.sources.push(Arc::clone(source));
        if source.shown().ends_with(".json") {
            match json::parse(source) {
                Ok(tree) => self.json(source, &tree),
                Err(d) => self.lose(d),
            }
            return;
        }
        self.hcl(source);
    }

    fn hcl(&mut self, source: &Arc<Source>) {
        let scan = index::scan(source.text());
        for lost in scan.lost {
            let span = Span::new(source.id(), lost.span.start, lost.span.end);
            self.dir.problems.push(Diagnostic::at(Code::HclSyntax, Level::Error, span, lost.message));
        }
        for b in scan.blocks {
            let span = Span::new(source.id(), b.span.start, b.span.end);
            let part = Part::Hcl(Arc::clone(source), span);
            let header = Span::new(source.id(), b.header.start, b.header.end);
            let labels = b.labels.into_iter().map(str::to_owned).collect();
            self.add(b.kind, labels, span, header, part);
        }
    }

    fn json(&mut self, source: &Arc<Source>, tree: &Arc<Json>) {
        for top in Json::elements(tree) {
            for p in top.properties() {
                let depth = match p.name.as_str() {
                    "resource" | "data" => 2,
                    "variable" | "output" | "module" => 1,
                    "locals" => 0,
                    _ => continue,
                };
                self.json_blocks(source, p, &p.name, Vec::new(), depth);
            }
        }
    }

    /// Follows the properties that stand for labels. At most two deep.
    fn json_blocks(
        &mut self,
        source: &Arc<Source>,
        at: &Property,
        kind: &str,
        labels: Vec<String>,
        depth: usize,
    ) {
        for value in Json::elements(&at.value) {
            if depth == 0 {
                let span = at.name_span.to(value.span);
                let part = Part::Json(Arc::clone(source), value);
                self.add(kind, labels.clone(), span, at.name_span, part);
                continue;
            }
            for p in value.properties().iter().filter(|p| p.name != "//") {
                let mut labels = labels.clone();
                labels.push(p.name.clone());
                self.json_blocks(source, p, kind, labels, depth - 1);
            }
        }
    }

    fn add(&mut self, kind: &str, labels: Vec<String>, span: Span, header: Span, part: Part) {
        let wanted = match kind {
            "resource" | "data" => 2,
            "variable" | "output" | "module" => 1,
            "locals" => 0,
            "provider" => return self.dir.providers.extend(labels),
            _ => return,
        };
        if labels.len() != wanted {
            let message = format!("a `{kind}` block has {wanted} labels, this one has {}", labels.len());
            self.dir.problems.push(Diagnostic::at(Code::BadBlock, Level::Error, header, message));
            return;
        }
        let key =
            std::iter::once(kind).chain(labels.iter().map(String::as_str)).collect::<Vec<_>>().join(".");
        let def =
            |part| Def { kind: kind.to_owned(), labels, span, parts: vec![part], parsed: OnceLock::new() };
        if kind == "locals" {
            self.dir.locals.push(Arc::new(def(part)));
            return;
        }
        match self.building.get_mut(&key) {
            Some(earlier) if self.over => earlier.parts.push(part),
            Some(_) => {
                // Of IAM resources something may be lost that a verdict needs.
                let level = if key.contains(".aws_iam_") { Level::Error } else { Level::Warning };
                let message = format!("`{key}` is declared twice; the first one counts");
                self.dir.problems.push(Diagnostic::at(Code::BadBlock, level, header, message));
            }
            None => {
                if matches!(kind, "resource" | "module") {
                    self.dir.order.push(key.clone());
                }
                self.building.insert(key, def(part));
            }
        }
    }

    fn finish(self) {
        self.dir.blocks = self.building.into_iter().map(|(k, d)| (k, Arc::new(d))).collect();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frontend::terraform::load::Loader;
    use crate::fs::MemFs;
    use crate::source::SourceMap;

    fn load(files: &[(&str, &str)]) -> Arc<Dir> {
        let fs = files.iter().fold(MemFs::new(), |fs, (p, t)| fs.with(*p, *t));
        let sources = SourceMap::new();
        Loader::new(&sources).dir(&fs, Path::new("."))
    }

    #[test]
    fn tofu_files_hide_their_twins_and_overrides_come_last() {
        let names =
            ["a.tf", "a.tofu", "b.tf.json", "b.tf", "x_override.tf", "z.tf", ".hidden.tf", "z.tfvars"];
        let names: Vec<String> = names.iter().map(|&s| s.to_owned()).collect();
        let files: Vec<&str> = configuration_files(&names).into_iter().map(|(n, _)| n).collect();
        assert_eq!(files, ["a.tofu", "b.tf", "b.tf.json", "z.tf", "x_override.tf"]);
    }

    #[test]
    fn json_and_hcl_are_one_module() {
        let dir = load(&[
            ("a.tf", "resource \"aws_iam_user\" \"a\" {}\nlocals {}\n"),
            (
                "b.tf.json",
                r#"{"//": "x", "resource": [{"aws_iam_user": {"b": {"name": "b"}, "c": [{}]}}], "locals": {"x": 1}}"#,
            ),
        ]);
        assert_eq!(
            dir.order,
            ["resource.aws_iam_user.a", "resource.aws_iam_user.b", "resource.aws_iam_user.c"]
        );
        assert_eq!(dir.locals.len(), 2);
        assert!(dir.problems.is_empty());
    }

    #[test]
    fn overrides_replace_arguments() {
        let dir = load(&[
            ("main.tf", "variable \"a\" {\n type = string\n default = 1\n}\n"),
            ("override.tf", "variable \"a\" {\n default = 2\n}\n"),
        ]);
        let body = &dir.blocks["variable.a"].body().0;
        assert!(body.argument("type").is_some());
        let default = body.argument("default").unwrap();
        assert_ne!(default.name_span.source, body.argument("type").unwrap().name_span.source);
    }

    #[test]
    fn a_second_declaration_is_a_problem() {
        let dir = load(&[("main.tf", "output \"a\" {\n}\noutput \"a\" {\n}\nresource \"x\" {\n}")]);
        let codes: Vec<Code> = dir.problems.iter().map(|d| d.code).collect();
        assert_eq!(codes, [Code::BadBlock, Code::BadBlock]);
    }
}
