//! The evaluation of one root module: its module instances, what was evaluated, and what went wrong.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::Options;
use super::body::Body;
use super::discover::{Def, Dir};
use super::eval::Locals;
use super::expand::Expansion;
use super::load::Loader;
use super::module::Call;
use super::vars::Given;
use crate::diagnostic::{Code, Diagnostic, Level};
use crate::fs::{FileSystem, normalize};
use crate::iam::facts::{Each, PrincipalKind};
use crate::limits;
use crate::source::Span;
use crate::value::{Choices, Unknown, Value, When};

/// Number of a module instance in its [`World`]; the root is 0.
pub(crate) type ModuleId = usize;

/// What is known about one thing that is evaluated once.
#[derive(Debug, Clone)]
enum Slot<T> {
    /// It is being evaluated: whoever asks again is part of a cycle.
    Busy,
    Done(T),
}

/// One module instance.
pub(crate) struct Module {
    /// What its addresses start with: nothing, or `module.a["b"].`.
    pub(crate) prefix: String,
    /// Names of the calls that lead here.
    pub(crate) path: Vec<String>,
    /// Its directory as `path.module` gives it: relative to the root module.
    pub(crate) rel: PathBuf,
    pub(crate) dir: Arc<Dir>,
    pub(crate) fs: Arc<dyn FileSystem>,
    /// The calling module, the call and its `each` or `count`.
    pub(crate) caller: Option<(ModuleId, Arc<Def>, Locals)>,
    /// Answers under any of which it exists.
    pub(crate) whens: Vec<When>,
    /// Set when it is not certain that it exists.
    pub(crate) uncertain: Option<Unknown>,
    /// The calls whose instances nobody counts that lead here.
    pub(crate) each: Vec<Each>,
    values: BTreeMap<String, Slot<Value>>,
    expansions: BTreeMap<String, Slot<Arc<Expansion>>>,
    calls: BTreeMap<String, Slot<Arc<Call>>>,
    locals: Option<Arc<BTreeMap<String, super::body::Argument>>>,
}

/// How a module instance comes to be.
pub(crate) struct Start {
    pub(crate) prefix: String,
    pub(crate) path: Vec<String>,
    pub(crate) rel: PathBuf,
    pub(crate) dir: Arc<Dir>,
    pub(crate) fs: Arc<dyn FileSystem>,
    pub(crate) caller: Option<(ModuleId, Arc<Def>, Locals)>,
    pub(crate) whens: Vec<When>,
    pub(crate) uncertain: Option<Unknown>,
    pub(crate) each: Vec<Each>,
}

/// Everything about one root module.
pub(crate) struct World<'a> {
    pub(crate) loader: &'a Loader<'a>,
    pub(crate) options: &'a Options,
    /// Directory of the root module.
    pub(crate) root: PathBuf,
    pub(crate) modules: Vec<Module>,
    pub(crate) choices: Choices,
    pub(crate) diagnostics: Vec<Diagnostic>,
    /// Values of root variables.
    pub(crate) given: BTreeMap<String, Given>,
    /// Directories of downloaded modules, by the names of the calls.
    pub(crate) manifest: BTreeMap<String, PathBuf>,
    /// Principals that something refers to, by address.
    pub(crate) principals: BTreeMap<String, PrincipalKind>,
    pub(crate) files: BTreeSet<PathBuf>,
    reported: BTreeSet<(Code, Option<Span>, String)>,
    steps: u64,
    depth: usize,
    instances: usize,
}

/// Deepest chain of references (a local that uses a local that uses an output …) that is followed.
const REFERENCE_DEPTH: usize = 200;

impl<'a> World<'a> {
    pub(crate) fn new(
        loader: &'a Loader<'a>,
        fs: Arc<dyn FileSystem>,
        root: &Path,
        options: &'a Options,
    ) -> Self {
        let root = normalize(root);
        let dir = loader.dir(&*fs, &root);
        let mut world = Self {
            loader,
            options,
            root,
            modules: Vec::new(),
            choices: Choices::default(),
            diagnostics: Vec::new(),
            given: BTreeMap::new(),
            manifest: BTreeMap::new(),
            principals: BTreeMap::new(),
            files: BTreeSet::new(),
            reported: BTreeSet::new(),
            steps: limits::STEPS,
            depth: 0,
            instances: 0,
        };
        world.enter(Start {
            prefix: String::new(),
            path: Vec::new(),
            rel: PathBuf::from("."),
            dir,
            fs,
            caller: None,
            whens: vec![When::always()],
            uncertain: None,
            each: Vec::new(),
        });
        world
    }

    /// Adds a module instance.
    pub(crate) fn enter(&mut self, start: Start) -> ModuleId {
        let Start { prefix, path, rel, dir, fs, caller, whens, uncertain, each } = start;
        for d in &dir.problems {
            self.report(d.clone());
        }
        self.files.extend(dir.files.iter().cloned());
        self.modules.push(Module {
            prefix,
            path,
            rel,
            dir,
            fs,
            caller,
            whens,
            uncertain,
            each,
            values: BTreeMap::new(),
            expansions: BTreeMap::new(),
            calls: BTreeMap::new(),
            locals: None,
        });
        self.modules.len() - 1
    }

    /// A module instance. Ids come from [`World::enter`] only, so that the root is never meant by mistake.
    pub(crate) fn module(&self, id: ModuleId) -> Option<&Module> {
        self.modules.get(id)
    }

    /// A block of a module by its key.
    pub(crate) fn def(&self, id: ModuleId, key: &str) -> Option<Arc<Def>> {
        self.module(id)?.dir.blocks.get(key).cloned()
    }

    /// The address of something in a module.
    pub(crate) fn address(&self, id: ModuleId, rest: &str) -> String {
        format!("{}{rest}", self.module(id).map_or("", |m| &m.prefix))
    }

    /// What is inside a block; its problems are reported.
    pub(crate) fn body(&mut self, def: &Def) -> Arc<Body> {
        let (body, problems) = def.body();
        for d in problems {
            self.report(d.clone());
        }
        Arc::clone(body)
    }

    /// Takes a problem, once.
    pub(crate) fn report(&mut self, d: Diagnostic) {
        if self.reported.insert((d.code, d.span, format!("{}{:?}", d.message, d.path))) {
            self.diagnostics.push(d);
        }
    }

    /// Takes steps from the budget.
    pub(crate) fn spend(&mut self, n: u64) -> bool {
        match self.steps.checked_sub(n) {
            Some(left) => {
                self.steps = left;
                true
            }
            None => false,
        }
    }

    /// Whether one more module instance may be followed.
    pub(crate) fn may_enter(&self) -> bool {
        self.modules.len() < limits::MODULES
    }

    /// Takes instances from the budget.
    pub(crate) fn spend_instances(&mut self, n: usize) -> bool {
        self.instances += n;
        self.instances <= limits::ELEMENTS
    }

    /// Gives a variable of a module instance its value.
    pub(crate) fn settle(&mut self, id: ModuleId, variable: &str, value: &Value) {
        if let Some(m) = self.modules.get_mut(id) {
            m.values.insert(format!("var.{variable}"), Slot::Done(value.clone()));
        }
    }

    /// Evaluates a value once. Asking for it while it is being evaluated is a cycle.
    pub(crate) fn once(
        &mut self,
        id: ModuleId,
        key: &str,
        span: Span,
        f: impl FnOnce(&mut Self) -> Value,
    ) -> Value {
        let Some(module) = self.modules.get_mut(id) else {
            return Value::unknown("no such module", Some(span));
        };
        match module.values.get(key) {
            Some(Slot::Done(v)) => return v.clone(),
            Some(Slot::Busy) => {
                return Value::new(crate::value::Kind::Unknown(self.cycle(id, key, span)), Some(span));
            }
            None => _ = module.values.insert(key.to_owned(), Slot::Busy),
        }
        let value = match self.descend(span, f) {
            Ok(v) => v,
            Err(u) => Value::new(crate::value::Kind::Unknown(u), Some(span)),
        };
        if let Some(module) = self.modules.get_mut(id) {
            module.values.insert(key.to_owned(), Slot::Done(value.clone()));
        }
        value
    }

    /// The same for the instances of a block.
    pub(crate) fn once_expanded(
        &mut self,
        id: ModuleId,
        key: &str,
        span: Span,
        f: impl FnOnce(&mut Self) -> Expansion,
    ) -> Arc<Expansion> {
        let Some(module) = self.modules.get_mut(id) else { return Arc::new(Expansion::single()) };
        match module.expansions.get(key) {
            Some(Slot::Done(e)) => return Arc::clone(e),
            Some(Slot::Busy) => return Arc::new(Expansion::open(self.cycle(id, key, span), true)),
            None => _ = module.expansions.insert(key.to_owned(), Slot::Busy),
        }
        let made = Arc::new(self.descend(span, f).unwrap_or_else(|u| Expansion::open(u, true)));
        if let Some(module) = self.modules.get_mut(id) {
            module.expansions.insert(key.to_owned(), Slot::Done(Arc::clone(&made)));
        }
        made
    }

    /// The same for a module call.
    pub(crate) fn once_called(
        &mut self,
        id: ModuleId,
        name: &str,
        span: Span,
        f: impl FnOnce(&mut Self) -> Call,
    ) -> Arc<Call> {
        let Some(module) = self.modules.get_mut(id) else { return Arc::new(Call::nowhere(span)) };
        match module.calls.get(name) {
            Some(Slot::Done(c)) => return Arc::clone(c),
            Some(Slot::Busy) => {
                return Arc::new(Call::unknown(self.cycle(id, &format!("module.{name}"), span)));
            }
            None => _ = module.calls.insert(name.to_owned(), Slot::Busy),
        }
        let made = Arc::new(self.descend(span, f).unwrap_or_else(Call::unknown));
        if let Some(module) = self.modules.get_mut(id) {
            module.calls.insert(name.to_owned(), Slot::Done(Arc::clone(&made)));
        }
        made
    }

    /// The arguments of all `locals` blocks of a module, by name.
    pub(crate) fn locals(&mut self, id: ModuleId) -> Arc<BTreeMap<String, super::body::Argument>> {
        if let Some(known) = self.module(id).and_then(|m| m.locals.clone()) {
            return known;
        }
        let defs = self.module(id).map(|m| m.dir.locals.clone()).unwrap_or_default();
        let mut all = BTreeMap::new();
        for def in &defs {
            for a in self.body(def).arguments() {
                all.insert(a.name.clone(), a);
            }
        }
        let all = Arc::new(all);
        if let Some(m) = self.modules.get_mut(id) {
            m.locals = Some(Arc::clone(&all));
        }
        all
    }

    /// A local that no block gives: perhaps one gives it that could not be read.
    pub(crate) fn lost_local(&mut self, id: ModuleId) -> Option<Value> {
        let dir = Arc::clone(&self.module(id)?.dir);
        let why = dir.locals.iter().find_map(|def| def.body().0.lost().cloned());
        why.map(|u| Value::new(crate::value::Kind::Unknown(u.clone()), u.span()))
    }

    fn descend<T>(&mut self, span: Span, f: impl FnOnce(&mut Self) -> T) -> Result<T, Unknown> {
        if self.depth >= REFERENCE_DEPTH {
            let reason = "the chain of references is too long to be followed";
            self.report(Diagnostic::at(Code::Limit, Level::Warning, span, reason));
            return Err(Unknown::new(reason, Some(span)));
        }
        self.depth += 1;
        let made = f(self);
        self.depth -= 1;
        Ok(made)
    }

    fn cycle(&mut self, id: ModuleId, key: &str, span: Span) -> Unknown {
        let name = key.strip_prefix("resource.").unwrap_or(key);
        let reason = format!("`{}` depends on itself", self.address(id, name));
        self.report(Diagnostic::at(Code::BadReference, Level::Error, span, reason.clone()));
        Unknown::new(reason, Some(span))
    }
}
