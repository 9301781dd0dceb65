//! From an evaluated root module to facts.

use std::sync::Arc;

use super::attributes::Written;
use super::discover::{Def, Dir};
use super::expand::{Instance, Key};
use super::module::{Call, Target, both};
use super::resources::{self, Resource};
use super::world::{ModuleId, World};
use crate::diagnostic::{Code, Diagnostic, Level};
use crate::iam::facts::{Fact, PrincipalKind, What};
use crate::value::{Unknown, Value, When};

/// True when the directory itself may say something about principals: it has IAM resources, or calls modules.
pub(crate) fn matters(dir: &Dir) -> bool {
    dir.order.iter().any(|key| key.starts_with("module.") || resource_of(key).is_some())
}

fn resource_of(key: &str) -> Option<&'static Resource> {
    key.strip_prefix("resource.")?.split('.').next().and_then(resources::find)
}

impl World<'_> {
    /// The facts of a module instance and of all that it calls. As deep as calls go, which is bounded.
    pub(crate) fn lower_module(&mut self, id: ModuleId, facts: &mut Vec<Fact>) {
        let Some(dir) = self.module(id).map(|m| Arc::clone(&m.dir)) else { return };
        self.lower_lost(id, &dir, facts);
        for key in &dir.order {
            let Some(def) = dir.blocks.get(key) else { continue };
            if def.kind == "module" {
                self.lower_call(id, def, facts);
            } else if let Some(resource) = resource_of(key) {
                self.lower_resource(id, key, def, resource, facts);
            } else if let Some(why) = resources::elsewhere(def.label(0)).filter(|_| def.kind == "resource") {
                let message = format!("`{}.{}` is not judged: {why}", def.label(0), def.label(1));
                self.report(Diagnostic::at(Code::NotJudged, Level::Note, def.span, message));
            }
        }
    }

    /// Files that could not be read may give anybody anything.
    fn lower_lost(&mut self, id: ModuleId, dir: &Dir, facts: &mut Vec<Fact>) {
        let Some(m) = self.module(id) else { return };
        let span = dir.blocks.values().map(|def| def.span).min();
        for problem in &dir.lost {
            let Some(span) = problem.span.or(span) else { continue };
            let address = problem.path.clone().unwrap_or_else(|| self.address(id, "locals"));
            let why = Value::unknown(problem.message.clone(), Some(span));
            for kind in [PrincipalKind::User, PrincipalKind::Group, PrincipalKind::Role] {
                facts.push(Fact {
                    what: What::Attachment { kind, principals: why.clone(), policies: why.clone() },
                    when: When::always(),
                    uncertain: m.uncertain.clone(),
                    each: m.each.clone(),
                    address: address.clone(),
                    span,
                    path: None,
                    unit: 0,
                    provider: Arc::default(),
                });
            }
        }
    }

    fn lower_call(&mut self, id: ModuleId, def: &Arc<Def>, facts: &mut Vec<Fact>) {
        if self.leads_nowhere(id, def) {
            return;
        }
        let call = self.call(id, def.label(0), def);
        match &call.target {
            Target::Here(ids) => ids.iter().for_each(|&id| self.lower_module(id, facts)),
            Target::Remote(why) => {
                let level = match self.lower_unseen(id, def, &call, why, facts) {
                    true => Level::Warning,
                    // Nobody whom a verdict is about is handed to it.
                    false => Level::Note,
                };
                let span = why.span().unwrap_or(def.span);
                self.report(Diagnostic::at(Code::RemoteModule, level, span, why.reason()));
            }
            Target::Broken(why) => {
                self.lower_unseen(id, def, &call, why, facts);
            }
        }
    }

    /// What a call that cannot be followed may do to the principals it gets; false when it gets none.
    fn lower_unseen(
        &mut self,
        id: ModuleId,
        def: &Arc<Def>,
        call: &Call,
        why: &Unknown,
        facts: &mut Vec<Fact>,
    ) -> bool {
        let before = facts.len();
        for instance in &call.expansion.instances {
            let whats = self.remote_attachments(id, def, instance, why);
            let address = self.address(id, &format!("module.{}{}", def.label(0), instance.suffix));
            self.add(id, def, instance, &address, whats, facts);
        }
        facts.len() > before
    }

    fn lower_resource(
        &mut self,
        id: ModuleId,
        key: &str,
        def: &Arc<Def>,
        resource: &Resource,
        facts: &mut Vec<Fact>,
    ) {
        let expansion = self.expand(id, key, def);
        for (i, instance) in expansion.instances.iter().enumerate() {
            let site = self.site(id, key, def, &expansion, i);
            let whats = (resource.lower)(&mut Written { world: self, site: &site });
            self.add(id, def, instance, &site.address, whats, facts);
        }
    }

    /// Adds what an instance declares: once for each set of answers under which it exists.
    fn add(
        &mut self,
        id: ModuleId,
        def: &Def,
        instance: &Instance,
        address: &str,
        whats: Vec<What>,
        facts: &mut Vec<Fact>,
    ) {
        let each = self.each(id, def, instance);
        let provider = self.provider(id, def, instance);
        let Some(m) = self.module(id) else { return };
        let whens = both(&m.whens, &instance.whens);
        let nameless = matches!(instance.key, Key::Unnamed(_));
        for what in whats {
            // Of an instance whose key is not known only the address is not certain, which principals go by.
            let own =
                instance.uncertain.as_ref().filter(|_| !nameless || matches!(what, What::Principal { .. }));
            let uncertain = m.uncertain.as_ref().or(own);
            facts.extend(whens.iter().map(|when| Fact {
                what: what.clone(),
                when: when.clone(),
                uncertain: uncertain.cloned(),
                each: each.clone(),
                address: address.to_owned(),
                span: self.loader.shown_as(def.span),
                path: None,
                unit: 0,
                provider: Arc::clone(&provider),
            }));
        }
    }
}
