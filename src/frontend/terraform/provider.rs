//! Which configuration of a provider something is managed through. Accounts are told apart by that.

use std::sync::Arc;

use super::discover::Def;
use super::expand::Instance;
use super::world::{ModuleId, World};
use crate::limits;

impl World<'_> {
    /// The configuration of a provider that an instance is managed through: by its name in the root module, or by its
    /// address where a module has one itself.
    pub(crate) fn provider(&mut self, id: ModuleId, def: &Def, instance: &Instance) -> Arc<str> {
        let local = match def.kind.as_str() {
            "module" => self.passed(def, "aws").unwrap_or_else(|| "aws".to_owned()),
            _ => match self.body(def).argument("provider") {
                Some(a) => name(&self.loader.written(a.expr.span)),
                // What a type begins with.
                None => def.label(0).split('_').next().unwrap_or_default().to_owned(),
            },
        };
        let local = if is_by_instance(&local) { format!("{local}{}", instance.suffix) } else { local };
        self.configured(id, local).into()
    }

    /// The configuration that a module knows by a name, followed through the calls that pass it on.
    fn configured(&mut self, mut id: ModuleId, mut local: String) -> String {
        for _ in 0..limits::MODULE_DEPTH {
            let Some(m) = self.module(id) else { return local };
            let own = format!("{}{local}", m.prefix);
            let has = m.dir.providers.contains(&local);
            let Some((caller, call, _)) = m.caller.clone() else { return own };
            match self.passed(&call, &local) {
                Some(outer) if is_by_instance(&outer) => return format!("{own} = {outer}"),
                Some(outer) => local = outer,
                // One that has no alias is that of the caller.
                None if has || local.contains('.') => return own,
                None => {}
            }
            id = caller;
        }
        local
    }

    /// The name that the caller has for what it passes to a module under another.
    fn passed(&mut self, call: &Def, local: &str) -> Option<String> {
        let passed = self.body(call).argument("providers")?.expr.entries();
        passed.iter().find(|(inner, _)| name(inner) == local).map(|(_, outer)| name(outer))
    }
}

/// A name as it is written: in code, in a string, or in a template.
fn name(written: &str) -> String {
    written.trim_matches(|c: char| c.is_whitespace() || matches!(c, '"' | '$' | '{' | '}')).to_owned()
}

/// True when every instance has its own.
fn is_by_instance(name: &str) -> bool {
    name.contains("each.") || name.contains("count.")
}
