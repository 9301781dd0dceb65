//! Modules whose code is not on this machine: what they may do to the principals they are given.

use super::body::Body;
use super::discover::Def;
use super::expand::Instance;
use super::module::Ctx;
use super::world::{ModuleId, World};
use crate::iam::facts::{PrincipalKind, What};
use crate::value::{Kind, Unknown, Value};

/// Arguments of a module call that are no inputs.
pub(crate) const META: [&str; 6] = ["source", "version", "count", "for_each", "providers", "depends_on"];

impl World<'_> {
    /// Policies of which nothing is known, attached to every declared principal that the call passes on.
    pub(crate) fn remote_attachments(
        &mut self,
        id: ModuleId,
        def: &Def,
        instance: &Instance,
        why: &Unknown,
    ) -> Vec<What> {
        let body = self.body(def);
        let mut found: Vec<(PrincipalKind, Value)> = Vec::new();
        for value in self.inputs(id, &body, instance) {
            self.collect_principals(&value, &mut found);
        }
        let policies = Value::new(Kind::Unknown(why.clone()), why.span());
        let mut out = Vec::new();
        for (i, (kind, principal)) in found.iter().enumerate() {
            let address = |v: &Value| v.refer.as_ref().map(|r| r.address.clone());
            let earlier = found.get(..i).unwrap_or_default();
            if !earlier.iter().any(|(_, p)| address(p) == address(principal)) {
                let (kind, principals) = (*kind, principal.clone());
                out.push(What::Attachment { kind, principals, policies: policies.clone() });
            }
        }
        out
    }

    fn inputs(&mut self, id: ModuleId, body: &Body, instance: &Instance) -> Vec<Value> {
        let inputs = body.arguments().into_iter().filter(|a| !META.contains(&a.name.as_str()));
        inputs.map(|a| a.expr.eval(&mut Ctx { world: self, module: id }, &instance.locals)).collect()
    }

    /// Values that name a declared principal, anywhere in `value`.
    fn collect_principals(&self, value: &Value, found: &mut Vec<(PrincipalKind, Value)>) {
        let names = ["", "name", "id", "arn", "unique_id"];
        if let Some(r) = value.refer.as_ref().filter(|r| names.contains(&r.attribute.as_str()))
            && let Some(&kind) = self.principals.get(&r.address)
        {
            found.push((kind, value.clone()));
            return;
        }
        match &value.kind {
            Kind::List(l) | Kind::Set(l) => l.iter().for_each(|v| self.collect_principals(v, found)),
            Kind::Map(m) => m.values().for_each(|e| self.collect_principals(&e.value, found)),
            Kind::OneOf(o) => o.arms.iter().for_each(|v| self.collect_principals(v, found)),
            Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::String(_) | Kind::Unknown(_) => {}
        }
    }
}
