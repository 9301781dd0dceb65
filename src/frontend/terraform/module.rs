//! References and module calls: what the names in an expression stand for.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::body::Body;
use super::discover::{Def, Dir, file_problem};
use super::eval::{Locals, Scope, Step};
use super::expand::{Expansion, Instance, Key, Selected};
use super::glob;
use super::survey;
use super::world::{ModuleId, Start, World};
use crate::diagnostic::{Code, Diagnostic, Level};
use crate::fs::{FileSystem, FsError, normalize};
use crate::iam::facts::Each;
use crate::limits;
use crate::source::{Source, Span};
use crate::value::{Choices, Entries, Entry, Kind, Unknown, Value, When};

/// A module instance as the surroundings of an expression.
pub(crate) struct Ctx<'w, 'a> {
    pub(crate) world: &'w mut World<'a>,
    pub(crate) module: ModuleId,
}

/// A module call: its instances, and where they lead.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) expansion: Arc<Expansion>,
    pub(crate) target: Target,
}

/// Where a module call leads.
#[derive(Debug)]
pub(crate) enum Target {
    /// To these module instances, one for each instance of the call.
    Here(Vec<ModuleId>),
    /// To code that is not on this machine.
    Remote(Unknown),
    /// Nowhere that can be followed.
    Broken(Unknown),
}

/// The code that a call leads to.
pub(crate) struct Found {
    pub(crate) dir: Arc<Dir>,
    /// What it may read.
    pub(crate) fs: Arc<dyn FileSystem>,
    /// Its `path.module`.
    pub(crate) rel: PathBuf,
    /// Variables that the version of the module answers.
    pub(crate) answers: Vec<(String, Value)>,
}

impl Call {
    /// A call that cannot be followed.
    pub(crate) fn unknown(why: Unknown) -> Self {
        Self { expansion: Arc::new(Expansion::open(why.clone(), true)), target: Target::Broken(why) }
    }

    /// A call from a module that does not exist.
    pub(crate) fn nowhere(span: Span) -> Self {
        Self::unknown(Unknown::new("no such module", Some(span)))
    }
}

impl Scope for Ctx<'_, '_> {
    fn lookup(&mut self, root: &str, steps: &[Step], span: Span, guarded: bool) -> Option<(Value, usize)> {
        let name = |n: usize| match steps.get(n) {
            Some(Step::Attr { name, .. }) => Some(name.as_str()),
            Some(Step::Index { .. }) | None => None,
        };
        match root {
            "var" => Some((self.world.variable(self.module, name(0)?)?, 1)),
            "local" => Some((self.local(name(0)?)?, 1)),
            "module" => {
                let (value, used) = self.module_output(name(0)?, steps.get(1..).unwrap_or(&[]), guarded)?;
                Some((value, used + 1))
            }
            "data" => {
                let key = format!("data.{}.{}", name(0)?, name(1)?);
                let (value, used) =
                    self.world.resource(self.module, &key, steps.get(2..).unwrap_or(&[]), guarded)?;
                Some((value, used + 2))
            }
            "path" => {
                let rel = match name(0)? {
                    "module" => self.world.module(self.module)?.rel.to_string_lossy().replace('\\', "/"),
                    "root" | "cwd" => ".".to_owned(),
                    _ => return None,
                };
                Some((Value::string(rel, Some(span)), 1))
            }
            "terraform" | "tofu" if name(0)? == "workspace" => {
                let workspace = self.world.options.workspace.as_deref().unwrap_or("default");
                Some((Value::string(workspace, Some(span)), 1))
            }
            _ => {
                let key = format!("resource.{root}.{}", name(0)?);
                let (value, used) =
                    self.world.resource(self.module, &key, steps.get(1..).unwrap_or(&[]), guarded)?;
                Some((value, used + 1))
            }
        }
    }

    fn choices(&mut self) -> &mut Choices {
        &mut self.world.choices
    }

    fn choice_prefix(&self) -> String {
        self.world.address(self.module, "")
    }

    fn report(&mut self, d: Diagnostic) {
        self.world.report(d);
    }

    fn read_file(&mut self, path: &str, span: Span) -> Result<Arc<Source>, Unknown> {
        let full = self.world.root.join(path);
        let result = match self.world.module(self.module) {
            Some(m) => self.world.loader.file(&*m.fs, &full),
            None => Err(FsError::NotFound(path.to_owned())),
        };
        result.map_err(|e| {
            let mut d = file_problem(&e, &full);
            (d.level, d.span) = (Level::Warning, Some(span));
            self.world.report(d);
            Unknown::new(e.to_string(), Some(span))
        })
    }

    fn file_exists(&mut self, path: &str) -> Option<bool> {
        let full = normalize(&self.world.root.join(path));
        let Some(m) = self.world.module(self.module) else { return Some(false) };
        (!m.fs.is_dir(&full)).then(|| m.fs.is_file(&full))
    }

    fn fileset(&mut self, dir: &str, pattern: &str, span: Span) -> Result<Vec<String>, Unknown> {
        let full = self.world.root.join(dir);
        let Some(m) = self.world.module(self.module) else { return Ok(Vec::new()) };
        glob::files(&*m.fs, &full, pattern).map_err(|reason| Unknown::new(reason, Some(span)))
    }

    fn spend(&mut self, n: u64) -> bool {
        self.world.spend(n)
    }
}

impl Ctx<'_, '_> {
    fn local(&mut self, name: &str) -> Option<Value> {
        let Some(argument) = self.world.locals(self.module).get(name).cloned() else {
            return self.world.lost_local(self.module);
        };
        let module = self.module;
        Some(self.world.once(module, &format!("local.{name}"), argument.name_span, |world| {
            argument.expr.eval(&mut Ctx { world, module }, &Locals::default())
        }))
    }

    /// `module.name` with the steps that follow.
    fn module_output(&mut self, name: &str, steps: &[Step], guarded: bool) -> Option<(Value, usize)> {
        let def = self.world.def(self.module, &format!("module.{name}"))?;
        let call = self.world.call(self.module, name, &def);
        let ids = match &call.target {
            Target::Here(ids) => ids,
            Target::Remote(why) | Target::Broken(why) => {
                return Some((Value::new(Kind::Unknown(why.clone()), why.span()), steps.len()));
            }
        };
        Some(match call.expansion.select(steps, guarded) {
            Selected::One(i, used) => match (ids.get(i), steps.get(used)) {
                (Some(&id), Some(Step::Attr { name, span })) => {
                    (self.world.output(id, name, *span), used + 1)
                }
                (Some(&id), Some(Step::Index { .. }) | None) => (self.world.outputs(id), used),
                (None, _) => (Value::unknown("this module instance does not exist", Some(def.span)), used),
            },
            Selected::Whole => {
                let whole = self.world.once(self.module, &format!("module.{name}[*]"), def.span, |world| {
                    call.expansion.whole(&mut |i| match ids.get(i) {
                        Some(&id) => world.outputs(id),
                        None => Value::unknown("this module instance does not exist", Some(def.span)),
                    })
                });
                (whole, 0)
            }
            Selected::Unknown(why) => (Value::new(Kind::Unknown(why.clone()), why.span()), steps.len()),
        })
    }
}

impl World<'_> {
    /// An output of a module instance.
    fn output(&mut self, id: ModuleId, name: &str, span: Span) -> Value {
        let Some(def) = self.def(id, &format!("output.{name}")) else {
            if self.module(id).is_some_and(|m| m.dir.model) {
                return Value::unknown(
                    format!("output `{name}` is known only when Terraform runs"),
                    Some(span),
                );
            }
            let reason = format!("this module has no output `{name}`");
            self.report(Diagnostic::at(Code::BadReference, Level::Error, span, reason.clone()));
            return Value::unknown(reason, Some(span));
        };
        self.once(id, &format!("output.{name}"), def.span, |world| {
            let body = world.body(&def);
            match body.argument("value") {
                Some(a) => {
                    let value = a.expr.eval(&mut Ctx { world, module: id }, &Locals::default());
                    let sensitive = world.flag(id, &body, "sensitive") == Some(true);
                    Value { sensitive: value.sensitive || sensitive, ..value }
                }
                None => Value::unknown(format!("output `{name}` has no value"), Some(def.span)),
            }
        })
    }

    /// All outputs of a module instance as an object.
    pub(crate) fn outputs(&mut self, id: ModuleId) -> Value {
        let names: Vec<(String, Span)> = match self.module(id) {
            Some(m) => m
                .dir
                .blocks
                .values()
                .filter(|d| d.kind == "output")
                .map(|d| (d.label(0).to_owned(), d.span))
                .collect(),
            None => Vec::new(),
        };
        let mut entries = Entries::new();
        for (name, span) in names {
            let value = self.output(id, &name, span);
            entries.insert(name.into(), Entry { key_span: Some(span), value });
        }
        Value::map(entries, None)
    }

    /// A module call, followed once.
    pub(crate) fn call(&mut self, id: ModuleId, name: &str, def: &Arc<Def>) -> Arc<Call> {
        let def = Arc::clone(def);
        self.once_called(id, name, def.span, |world| world.follow(id, &def))
    }

    /// True when nothing that a call leads to is about principals: nobody needs to know how many instances of it
    /// there are.
    pub(crate) fn leads_nowhere(&mut self, id: ModuleId, def: &Arc<Def>) -> bool {
        let body = self.body(def);
        let source = body.argument("source").and_then(|a| a.expr.word()).map(PathBuf::from);
        if let (Some(m), Some(source)) = (self.module(id), source.filter(|s| survey::is_local(s))) {
            let path = normalize(&self.root.join(&m.rel).join(source));
            if m.fs.is_dir(&path) && !survey::may_bear(self.loader, &*m.fs, &path) {
                return true;
            }
        }
        self.resolve(id, def, &body).is_ok_and(|found| !super::lower::matters(&found.dir))
    }

    fn follow(&mut self, id: ModuleId, def: &Arc<Def>) -> Call {
        let body = self.body(def);
        let Found { dir, fs, rel, answers } = match self.resolve(id, def, &body) {
            Ok(found) => found,
            Err(target) => {
                let expansion = self.expand(id, &format!("module.{}", def.label(0)), def);
                return Call { expansion, target };
            }
        };
        let expansion = self.expand(id, &format!("module.{}", def.label(0)), def);
        if !self.may_enter() {
            let reason = format!(
                "there are more than {} module instances; this call is not followed",
                limits::MODULES
            );
            self.report(Diagnostic::at(Code::Limit, Level::Error, def.span, reason.clone()));
            return Call { expansion, target: Target::Broken(Unknown::new(reason, Some(def.span))) };
        }
        let mut ids = Vec::with_capacity(expansion.instances.len());
        for instance in &expansion.instances {
            let Some(m) = self.module(id) else { continue };
            let start = Start {
                prefix: format!("{}module.{}{}.", m.prefix, def.label(0), instance.suffix),
                path: m.path.iter().cloned().chain([def.label(0).to_owned()]).collect(),
                rel: rel.clone(),
                dir: Arc::clone(&dir),
                fs: Arc::clone(&fs),
                caller: Some((id, Arc::clone(def), instance.locals.clone())),
                whens: both(&m.whens, &instance.whens),
                uncertain: m.uncertain.clone().or_else(|| instance.uncertain.clone()),
                each: self.each(id, def, instance),
            };
            let entered = self.enter(start);
            answers.iter().for_each(|(name, value)| self.settle(entered, name, value));
            ids.push(entered);
        }
        Call { expansion, target: Target::Here(ids) }
    }

    /// The code that a call leads to.
    fn resolve(&mut self, id: ModuleId, def: &Arc<Def>, body: &Body) -> Result<Found, Target> {
        let name = def.label(0).to_owned();
        let broken = |reason: String, span: Span| Target::Broken(Unknown::new(reason, Some(span)));
        let Some(argument) = body.argument("source") else {
            self.report(Diagnostic::at(
                Code::BadBlock,
                Level::Error,
                def.span,
                "a module call needs a `source`",
            ));
            return Err(broken(format!("module `{name}` has no source"), def.span));
        };
        let span = argument.expr.span;
        let value = argument.expr.eval(&mut Ctx { world: self, module: id }, &Locals::default());
        let Some(source) = value.as_str().map(str::to_owned) else {
            return Err(broken(format!("the source of module `{name}` is not known"), span));
        };
        let Some(m) = self.module(id) else { return Err(broken("no such module".to_owned(), span)) };
        let (fs, mut rel) = (Arc::clone(&m.fs), m.rel.clone());
        let from = normalize(&self.root.join(&rel));
        let call_path =
            m.path.iter().map(String::as_str).chain([name.as_str()]).collect::<Vec<_>>().join(".");
        let local = survey::is_local(Path::new(&source));
        if Path::new(&source).is_absolute() {
            let reason = format!("module `{name}` is given by an absolute path, which is not followed");
            self.report(Diagnostic::at(Code::OutsideRoot, Level::Warning, span, reason.clone()));
            return Err(broken(reason, span));
        }
        let admitted = if local {
            rel = normalize(&rel.join(&source));
            fs.admit(&from, Path::new(&source))
        } else if let Some(dir) = self.manifest.get(&call_path).filter(|d| fs.is_dir(&self.root.join(d))) {
            rel = dir.clone();
            Ok(Arc::clone(&fs))
        } else if fs.is_dir(&from.join(&source)) {
            let message = format!("Terraform takes `{source}` for a registry module; write `./{source}`");
            self.report(Diagnostic::at(Code::BadBlock, Level::Warning, span, message));
            rel = normalize(&rel.join(&source));
            fs.admit(&from, Path::new(&source))
        } else {
            return self.known(id, def, body, (&source, span)).map_err(|why| {
                let reason =
                    format!("module `{name}` ({source}) is not on this machine; run `terraform init`{why}");
                Target::Remote(Unknown::new(reason, Some(span)))
            });
        };
        let path = normalize(&self.root.join(&rel));
        let fs = match admitted {
            Ok(fs) => fs,
            Err(e) => return Err(self.no_such_module(&name, &source, span, &e)),
        };
        let dir = self.loader.called(&*fs, &from, &path);
        if self.calls_itself(id, &dir) {
            let reason = format!("module `{name}` calls itself");
            self.report(Diagnostic::at(Code::ModuleCycle, Level::Error, span, reason.clone()));
            return Err(broken(reason, span));
        }
        if dir.files.is_empty() {
            return Err(self.no_such_module(&name, &source, span, &FsError::NotFound(source.clone())));
        }
        Ok(Found { dir, fs, rel, answers: Vec::new() })
    }

    fn no_such_module(&mut self, name: &str, source: &str, span: Span, e: &FsError) -> Target {
        let (code, level, reason) = match e {
            FsError::Outside(_) => (
                Code::OutsideRoot,
                Level::Warning,
                format!("module `{name}` ({source}) is outside the directory that is analysed"),
            ),
            FsError::NotFound(_)
            | FsError::TooLarge(..)
            | FsError::NotUtf8(_)
            | FsError::Archive(_)
            | FsError::NotAFile(_)
            | FsError::LinkLoop(..)
            | FsError::NotLeftOut(..)
            | FsError::Io(..) => (
                Code::NoSuchModule,
                Level::Error,
                format!("module `{name}`: there is no configuration in `{source}`"),
            ),
        };
        self.report(Diagnostic::at(code, level, span, reason.clone()));
        Target::Broken(Unknown::new(reason, Some(span)))
    }

    fn calls_itself(&self, id: ModuleId, dir: &Arc<Dir>) -> bool {
        let mut at = Some(id);
        for _ in 0..limits::MODULE_DEPTH {
            let Some(m) = at.and_then(|id| self.module(id)) else { return false };
            if Arc::ptr_eq(&m.dir, dir) {
                return true;
            }
            at = m.caller.as_ref().map(|&(id, _, _)| id);
        }
        true
    }

    /// The instances of a resource, a data source or a module call.
    pub(crate) fn expand(&mut self, id: ModuleId, key: &str, def: &Arc<Def>) -> Arc<Expansion> {
        let def = Arc::clone(def);
        self.once_expanded(id, key, def.span, |world| {
            let body = world.body(&def);
            let (argument, for_each) = match (body.lost(), body.argument("for_each"), body.argument("count"))
            {
                (Some(why), _, _) => return Expansion::open(why.clone(), true),
                (None, Some(a), _) => (a, true),
                (None, None, Some(a)) => (a, false),
                (None, None, None) => return Expansion::single(),
            };
            let value = argument.expr.eval(&mut Ctx { world, module: id }, &Locals::default());
            let made = if for_each { Expansion::by_for_each(&value) } else { Expansion::by_count(&value) };
            let refused = match made {
                Ok(e) if world.spend_instances(e.instances.len()) => {
                    return match world.one_of_all(id, &def, argument.expr.span).filter(|_| e.is_open()) {
                        Some(value) => e.over_each(&value),
                        None => e,
                    };
                }
                Ok(_) => (Code::Limit, "there are more instances than are followed".to_owned()),
                Err(r) => (Code::BadExpression, r.message),
            };
            let span = argument.expr.span;
            world.report(Diagnostic::at(refused.0, Level::Error, span, refused.1.clone()));
            Expansion::open(Unknown::new(refused.1, Some(span)), for_each)
        })
    }
}

impl World<'_> {
    /// The instance that stands for all of the resource that a `for_each` goes over, when nobody counts them.
    fn one_of_all(&mut self, id: ModuleId, def: &Def, over: Span) -> Option<Value> {
        let (key, other) = self.gone_over(id, def, &self.loader.written(over))?;
        let expansion = self.expand(id, &key, &other);
        if !expansion.is_open() {
            return None;
        }
        let site = self.site(id, &key, &other, &expansion, 0);
        Some(self.object(&site))
    }

    /// The resource or data source that a `for_each` in these words goes over.
    fn gone_over(&self, id: ModuleId, def: &Def, words: &str) -> Option<(String, Arc<Def>)> {
        let key = match words.trim() {
            data if data.starts_with("data.") => data.to_owned(),
            resource => format!("resource.{resource}"),
        };
        let other = self.def(id, &key).filter(|other| other.span != def.span)?;
        Some((key, other))
    }

    /// The words of a `for_each`, and of those that it leads to: there is one instance for each of them.
    fn over(&mut self, id: ModuleId, def: &Def) -> Vec<String> {
        let mut out: Vec<String> = Vec::new();
        let mut at = self.body(def).argument("for_each").map(|a| self.loader.written(a.expr.span));
        // The same words mean the same everywhere in a module. How many there are of something does not say which.
        while let Some(words) = at.filter(|w| !w.trim().is_empty() && !out.iter().any(|o| o == w.trim())) {
            let next = self.gone_over(id, def, &words);
            out.push(words.trim().to_owned());
            let body = next.map(|(_, other)| self.body(&other));
            at = body.and_then(|b| b.argument("for_each")).map(|a| self.loader.written(a.expr.span));
        }
        out
    }

    /// The blocks whose instances nobody counts that an instance of a block is of: those of its module, and it.
    pub(crate) fn each(&mut self, id: ModuleId, def: &Def, instance: &Instance) -> Vec<Each> {
        let Some(m) = self.module(id) else { return Vec::new() };
        let mut out = m.each.clone();
        if matches!(instance.key, Key::Hidden(_)) {
            let prefix = m.prefix.clone();
            let own = |name: &str| format!("{prefix}{name}");
            let over = self.over(id, def).iter().map(|words| own(words)).collect();
            let block = match def.kind.as_str() {
                "module" => own(&format!("module.{}", def.label(0))),
                _ => own(&format!("{}.{}", def.label(0), def.label(1))),
            };
            out.push(Each { block, over });
        }
        out
    }
}

/// Answers under which both hold.
pub(crate) fn both(a: &[When], b: &[When]) -> Vec<When> {
    a.iter().flat_map(|x| b.iter().filter_map(|y| x.and_all(y))).collect()
}
