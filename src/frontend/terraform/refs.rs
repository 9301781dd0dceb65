//! Resources and data sources as values: their instances, arguments, and what is known of the rest.

use std::sync::Arc;

use super::attributes::{Written, computed};
use super::body::Body;
use super::data;
use super::discover::Def;
use super::eval::{Locals, Step};
use super::expand::{Expansion, Instance, Selected};
use super::module::Ctx;
use super::types::Type;
use super::types::convert::convert;
use super::world::{ModuleId, World};
use crate::iam::facts::PrincipalKind;
use crate::source::Span;
use crate::value::{Entries, Entry, Kind, OneOf, Text, Unknown, Value};

/// One instance of a resource or data source, where it stands.
#[derive(Clone)]
pub(crate) struct Site {
    pub(crate) module: ModuleId,
    pub(crate) def: Arc<Def>,
    pub(crate) body: Arc<Body>,
    /// `resource.aws_iam_user.x`, without the instance.
    pub(crate) key: String,
    /// Number of the instance.
    pub(crate) number: usize,
    /// `each` or `count`.
    pub(crate) locals: Locals,
    /// Address of the instance.
    pub(crate) address: String,
}

/// What ARNs of a resource type have before the path, and its kind when it is a principal.
pub(crate) struct IamType {
    pub(crate) name: &'static str,
    pub(crate) arn: &'static str,
    pub(crate) kind: Option<PrincipalKind>,
}

pub(crate) const IAM_TYPES: [IamType; 4] = [
    IamType { name: "aws_iam_user", arn: "user", kind: Some(PrincipalKind::User) },
    IamType { name: "aws_iam_group", arn: "group", kind: Some(PrincipalKind::Group) },
    IamType { name: "aws_iam_role", arn: "role", kind: Some(PrincipalKind::Role) },
    IamType { name: "aws_iam_policy", arn: "policy", kind: None },
];

/// Arguments that say how Terraform treats a block, and are no attributes of it.
const META: [&str; 7] =
    ["count", "for_each", "provider", "depends_on", "lifecycle", "connection", "provisioner"];

impl World<'_> {
    /// A resource or data source with the steps that follow its name. `None` when there is none.
    pub(crate) fn resource(
        &mut self,
        id: ModuleId,
        key: &str,
        steps: &[Step],
        guarded: bool,
    ) -> Option<(Value, usize)> {
        let def = self.def(id, key)?;
        let expansion = self.expand(id, key, &def);
        Some(match expansion.select(steps, guarded) {
            Selected::One(i, used) => {
                let site = self.site(id, key, &def, &expansion, i);
                match steps.get(used) {
                    Some(Step::Attr { name, span }) => (self.attribute(&site, name, *span), used + 1),
                    Some(Step::Index { .. }) | None => (self.object(&site), used),
                }
            }
            Selected::Whole => {
                // Once: each of many instances may refer to all instances of another resource.
                let whole = self.once(id, &format!("{key}[*]"), def.span, |world| {
                    expansion.whole(&mut |i| {
                        let site = world.site(id, key, &def, &expansion, i);
                        world.object(&site)
                    })
                });
                (whole, 0)
            }
            Selected::Unknown(why) => (Value::new(Kind::Unknown(why.clone()), why.span()), steps.len()),
        })
    }

    /// An instance where it stands.
    pub(crate) fn site(
        &mut self,
        module: ModuleId,
        key: &str,
        def: &Arc<Def>,
        expansion: &Expansion,
        number: usize,
    ) -> Site {
        let instance: Option<&Instance> = expansion.instances.get(number);
        let name = key.strip_prefix("resource.").unwrap_or(key);
        let suffix = instance.map_or("", |i| i.suffix.as_str());
        Site {
            module,
            def: Arc::clone(def),
            body: self.body(def),
            key: key.to_owned(),
            number,
            locals: instance.map(|i| i.locals.clone()).unwrap_or_default(),
            address: self.address(module, &format!("{name}{suffix}")),
        }
    }

    /// An argument as it is written; null when it is not.
    pub(crate) fn argument(&mut self, site: &Site, name: &str) -> Value {
        let Some(a) = site.body.argument(name) else { return Value::null(None) };
        let (module, locals) = (site.module, site.locals.clone());
        let key = format!("{}#{}.={name}", site.key, site.number);
        self.once(module, &key, a.name_span, |world| a.expr.eval(&mut Ctx { world, module }, &locals))
    }

    /// An attribute of an instance.
    pub(crate) fn attribute(&mut self, site: &Site, name: &str, span: Span) -> Value {
        if site.def.kind == "data" {
            let key = format!("{}#{}.{name}", site.key, site.number);
            return self.once(site.module, &key, span, |world| data::attribute(world, site, name));
        }
        let iam = IAM_TYPES.iter().find(|t| t.name == site.def.label(0));
        if let Some(kind) = iam.and_then(|t| t.kind) {
            self.principals.insert(site.address.clone(), kind);
        }
        if let Some(value) = computed(&mut Written { world: self, site }, site.def.label(0), name) {
            return refer(value, &site.address, name);
        }
        match (iam, name) {
            (Some(_), "path") => match self.argument(site, "path") {
                v if v.is_null() => Value::string("/", None),
                v => v,
            },
            (Some(_), "unique_id") => refer(known_after_apply(site, name), &site.address, name),
            (None, "output") if site.def.label(0) == "terraform_data" => self.argument(site, "input"),
            (iam, _) => self.plain_attribute(site, name, iam.is_some() && name == "permissions_boundary"),
        }
    }

    fn plain_attribute(&mut self, site: &Site, name: &str, null_when_absent: bool) -> Value {
        let value = self.argument(site, name);
        if name == "tags" {
            // A map of strings, whatever was written.
            return convert(&value, &Type::Map(Box::new(Type::String))).unwrap_or(value);
        }
        if value.is_null() && !null_when_absent && site.body.argument(name).is_none() {
            return known_after_apply(site, name);
        }
        value
    }

    /// An instance as an object that knows its address.
    pub(crate) fn object(&mut self, site: &Site) -> Value {
        let mut names: Vec<(String, Span)> =
            site.body.arguments().into_iter().map(|a| (a.name, a.name_span)).collect();
        names.retain(|(n, _)| !META.contains(&n.as_str()));
        let computed: &[&str] = if site.def.kind == "data" {
            data::attributes(site.def.label(0))
        } else if IAM_TYPES.iter().any(|t| t.name == site.def.label(0)) {
            &["arn", "id", "name", "unique_id"]
        } else {
            &[]
        };
        names.extend(computed.iter().map(|&n| (n.to_owned(), site.def.span)));
        let mut entries = Entries::new();
        for (name, span) in names {
            let value = self.attribute(site, &name, span);
            entries.insert(name.into(), Entry { key_span: Some(span), value });
        }
        refer(Value::map(entries, Some(site.def.span)), &site.address, "")
    }
}

/// The unknown of an attribute that only AWS gives.
pub(crate) fn known_after_apply(site: &Site, name: &str) -> Value {
    Value::unknown(format!("`{name}` of {} is known only after apply", site.address), Some(site.def.span))
}

/// Makes a value, and every arm of an open one, an attribute of an instance.
pub(crate) fn refer(value: Value, address: &str, attribute: &str) -> Value {
    let value = match &value.kind {
        Kind::OneOf(o) => {
            let arms = o.arms.iter().map(|a| refer(a.clone(), address, attribute)).collect();
            Value { kind: Kind::OneOf(Arc::new(OneOf { choice: o.choice, arms })), ..value }
        }
        Kind::Null
        | Kind::Bool(_)
        | Kind::Number(_)
        | Kind::String(_)
        | Kind::List(_)
        | Kind::Set(_)
        | Kind::Map(_)
        | Kind::Unknown(_) => value,
    };
    value.refers(address, attribute)
}

/// A value as part of a string; `None` for what has no text.
pub(crate) fn text_of(value: &Value) -> Option<Text> {
    match &value.kind {
        Kind::String(t) => Some(t.clone()),
        Kind::Number(n) => Some(Text::new(n.to_string())),
        Kind::Bool(b) => Some(Text::new(b.to_string())),
        Kind::Unknown(u) => Some(Text::hole(u.clone())),
        Kind::Null | Kind::List(_) | Kind::Set(_) | Kind::Map(_) | Kind::OneOf(_) => None,
    }
}

/// The ARN of a user, group, role or policy: partition and account are known only to AWS.
pub(crate) fn arn(kind: &str, name: &Value, path: &Value, at: Span) -> Value {
    let partition = Text::hole(Unknown::own_partition("the AWS partition is known only to AWS", None));
    let account = Text::hole(Unknown::own_account("the AWS account is known only to AWS", None));
    name.map_arms(&mut |name| {
        path.map_arms(&mut |path| {
            let path = text_of(path).unwrap_or_else(|| Text::new("/"));
            let parts = [
                &Text::new("arn:"),
                &partition,
                &Text::new(":iam::"),
                &account,
                &Text::new(format!(":{kind}")),
                &path,
                &text_of(name)
                    .unwrap_or_else(|| Text::hole(Unknown::new("the name is not a string", name.span))),
            ];
            match Text::concat(parts) {
                Some(text) => Value::text(text, name.span.or(Some(at))),
                None => Value::unknown("the ARN is too long", Some(at)),
            }
        })
    })
}

/// The ARN of something that is declared elsewhere and has this name.
pub(crate) fn arn_of_name(kind: &str, name: &Value, at: Span) -> Value {
    let path = Text::hole(Unknown::new("the path is known only to AWS", None));
    let path = Text::concat([&Text::new("/"), &path]).unwrap_or_default();
    arn(kind, name, &Value::text(path, None), at)
}
