//! Input variables: what gives them a value, and which type it is converted to.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::body::{Body, Expr};
use super::discover::{Def, file_problem};
use super::eval::{Locals, Scope as _};
use super::json;
use super::module::Ctx;
use super::types::{self, Type};
use super::world::{ModuleId, World};
use crate::diagnostic::{Code, Diagnostic, Level};
use crate::source::Source;
use crate::value::{Kind, Unknown, Value};

/// What a root variable is set to.
#[derive(Debug, Clone)]
pub(crate) enum Given {
    /// An argument of a file of variables.
    Expr(Expr),
    /// A text from the command line.
    Text(String),
}

impl World<'_> {
    /// Reads what gives root variables their values, later ones winning: `terraform.tfvars`,
    /// `terraform.tfvars.json`, `*.auto.tfvars` and `*.auto.tfvars.json` by name, then the files and values that
    /// were asked for ("Input Variables", "Variable Definition Precedence").
    pub(crate) fn read_given(&mut self) {
        let Some(fs) = self.module(0).map(|m| Arc::clone(&m.fs)) else { return };
        let names = fs.files(&self.root).unwrap_or_default();
        let mut files: Vec<PathBuf> = ["terraform.tfvars", "terraform.tfvars.json"]
            .iter()
            .filter(|&&n| names.iter().any(|m| m == n))
            .map(|n| self.root.join(n))
            .collect();
        let auto = |n: &&String| n.ends_with(".auto.tfvars") || n.ends_with(".auto.tfvars.json");
        files.extend(names.iter().filter(auto).map(|n| self.root.join(n)));
        files.extend(self.options.var_files.iter().cloned());
        for path in files {
            match self.loader.file(&*fs, &path) {
                Ok(source) => self.read_variables(&source),
                Err(e) => self.report(file_problem(&e, &path)),
            }
        }
        for (name, text) in &self.options.vars {
            self.given.insert(name.clone(), Given::Text(text.clone()));
        }
        self.read_manifest();
    }

    fn read_variables(&mut self, source: &Arc<Source>) {
        self.files.insert(PathBuf::from(&**source.shown()));
        let mut problems = Vec::new();
        let body = if source.shown().ends_with(".json") {
            match json::parse(source) {
                Ok(tree) => Body::json(tree, Arc::clone(source)),
                Err(d) => {
                    problems.push(d);
                    Body::default()
                }
            }
        } else {
            Body::parse_file(source, &mut problems)
        };
        for a in body.arguments() {
            self.given.insert(a.name, Given::Expr(a.expr));
        }
        problems.into_iter().for_each(|d| self.report(d));
    }

    /// Reads where `terraform init` put the modules it downloaded.
    fn read_manifest(&mut self) {
        let Some(fs) = self.module(0).map(|m| Arc::clone(&m.fs)) else { return };
        let path = self.root.join(".terraform/modules/modules.json");
        if !fs.is_file(&path) {
            return;
        }
        let tree = match self.loader.file(&*fs, &path).map(|s| json::parse(&s)) {
            Ok(Ok(tree)) => tree,
            Ok(Err(d)) => return self.report(Diagnostic { level: Level::Warning, ..d }),
            Err(e) => return self.report(file_problem(&e, &path)),
        };
        let modules = tree.get("Modules").map(|p| json::Json::elements(&p.value)).unwrap_or_default();
        for m in modules {
            let text = |name| m.get(name).and_then(|p| p.value.as_str());
            if let (Some(key), Some(dir)) = (text("Key"), text("Dir")) {
                // A directory elsewhere on the machine is not part of the configuration.
                if !key.is_empty() && Path::new(dir).is_relative() {
                    self.manifest.insert(key.to_owned(), crate::fs::normalize(Path::new(dir)));
                }
            }
        }
    }

    /// A variable of a module instance. `None` when the module has no such variable.
    pub(crate) fn variable(&mut self, id: ModuleId, name: &str) -> Option<Value> {
        let def = self.def(id, &format!("variable.{name}"))?;
        Some(self.once(id, &format!("var.{name}"), def.span, |world| world.evaluate_variable(id, &def)))
    }

    fn evaluate_variable(&mut self, id: ModuleId, def: &Def) -> Value {
        let body = self.body(def);
        let name = def.label(0);
        let ty = match body.argument("type") {
            Some(a) if body.lost().is_none() => a.expr.as_type(&mut Ctx { world: self, module: id }),
            Some(_) | None => Type::Any,
        };
        let nullable = self.flag(id, &body, "nullable") != Some(false);
        let given = self.given_value(id, name, &ty).filter(|v| nullable || !v.is_null());
        let default = |world: &mut Self| {
            let a = body.argument("default")?;
            Some(a.expr.eval(&mut Ctx { world, module: id }, &Locals::default()))
        };
        let value = match given.or_else(|| default(self)) {
            Some(v) => self.convert(v, &ty, name),
            None => self.unset(id, def, &ty),
        };
        let sensitive = self.flag(id, &body, "sensitive") == Some(true);
        Value { sensitive: value.sensitive || sensitive, ..value }
    }

    fn given_value(&mut self, id: ModuleId, name: &str, ty: &Type) -> Option<Value> {
        let caller = self.module(id).and_then(|m| m.caller.clone());
        if let Some((caller, call, locals)) = caller {
            let body = self.body(&call);
            let argument = body.argument(name)?;
            return Some(argument.expr.eval(&mut Ctx { world: self, module: caller }, &locals));
        }
        match self.given.get(name)?.clone() {
            Given::Expr(e) => Some(e.eval(&mut Ctx { world: self, module: id }, &Locals::default())),
            Given::Text(text) => Some(self.parse_text(name, &text, ty)),
        }
    }

    /// A value from the command line: the text itself for a primitive type, otherwise an expression.
    fn parse_text(&mut self, name: &str, text: &str, ty: &Type) -> Value {
        match ty {
            Type::Any | Type::Bool | Type::Number | Type::String => Value::string(text, None),
            Type::List(_) | Type::Set(_) | Type::Map(_) | Type::Tuple(_) | Type::Object(_) => {
                let source = self.loader.text(&format!("-var {name}"), &format!("{name} = {text}"));
                let mut problems = Vec::new();
                let body = Body::parse_file(&source, &mut problems);
                problems.into_iter().for_each(|d| self.report(d));
                match body.argument(name) {
                    Some(a) => a.expr.eval(&mut Ctx { world: self, module: 0 }, &Locals::default()),
                    None => Value::unknown(format!("the value given for `var.{name}` is not valid"), None),
                }
            }
        }
    }

    fn convert(&mut self, value: Value, ty: &Type, name: &str) -> Value {
        match types::convert(&value, ty) {
            Ok(v) => v,
            Err(e) => {
                let reason = format!("the value of `var.{name}` does not fit its type: {e}");
                if let Some(span) = value.span {
                    self.report(Diagnostic::at(Code::BadExpression, Level::Warning, span, reason.clone()));
                }
                Value::unknown(reason, value.span)
            }
        }
    }

    /// A variable that nobody sets. A switch is an open choice, so that both of its positions can be judged.
    fn unset(&mut self, id: ModuleId, def: &Def, ty: &Type) -> Value {
        let name = format!("var.{}", def.label(0));
        let unknown = Unknown::new(format!("`{name}` has no value"), Some(def.span));
        let key = format!("{}{name}", Ctx { world: self, module: id }.choice_prefix());
        match ty {
            Type::Bool => {
                let choice = self.choices.intern(&key, unknown, &["true", "false"]);
                let arms = [true, false].map(|b| Value::bool(b, Some(def.span)));
                Value::one_of(choice, arms.to_vec(), Some(def.span))
            }
            Type::Any
            | Type::Number
            | Type::String
            | Type::List(_)
            | Type::Set(_)
            | Type::Map(_)
            | Type::Tuple(_)
            // Whoever is called `var.x` here is the same one everywhere, whatever the name will be.
            | Type::Object(_) => {
                Value::new(Kind::Unknown(unknown), Some(def.span)).refers(key, "").of(ty.shape())
            }
        }
    }

    /// A literal switch of a block: `sensitive`, `nullable`.
    pub(crate) fn flag(&mut self, id: ModuleId, body: &Body, name: &str) -> Option<bool> {
        let a = body.argument(name)?;
        match a.expr.eval(&mut Ctx { world: self, module: id }, &Locals::default()).kind {
            Kind::Bool(b) => Some(b),
            _ => None,
        }
    }
}
