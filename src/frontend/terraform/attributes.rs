//! What a resource says of itself, whether it is written in configuration or recorded in a plan or a state.

use super::blocks::Block;
use super::refs::text_of;
use super::refs::{IAM_TYPES, Site, arn};
use super::world::World;
use crate::source::Span;
use crate::value::{Kind, Text, Unknown, Value};

/// The attributes of one instance of a resource.
pub(crate) trait Attributes {
    /// Address of the instance.
    fn address(&self) -> &str;

    /// Where it is declared.
    fn span(&self) -> Span;

    /// An argument as it is given; null when it is not.
    fn argument(&mut self, name: &str) -> Value;

    /// The nested blocks of a type: a list of objects of the named arguments.
    fn blocks(&mut self, kind: &str, names: &[&str]) -> Value;
}

/// An instance that is written in configuration.
pub(crate) struct Written<'w, 'a> {
    pub(crate) world: &'w mut World<'a>,
    pub(crate) site: &'w Site,
}

impl Attributes for Written<'_, '_> {
    fn address(&self) -> &str {
        &self.site.address
    }

    fn span(&self) -> Span {
        self.site.def.span
    }

    fn argument(&mut self, name: &str) -> Value {
        self.world.argument(self.site, name)
    }

    fn blocks(&mut self, kind: &str, names: &[&str]) -> Value {
        let Site { module, body, locals, def, .. } = self.site;
        let block = Block { module: *module, body, locals, span: def.span };
        self.world.blocks(&block, kind, &mut |world, inner| {
            Value::map(world.arguments(inner, names), Some(inner.span))
        })
    }
}

/// The IAM name of a user, group, role or policy.
pub(crate) fn iam_name(of: &mut dyn Attributes) -> Value {
    let name = of.argument("name");
    if !name.is_null() {
        return name.map_arms(&mut |v| match &v.kind {
            Kind::Number(_) | Kind::Bool(_) => Value::text(text_of(v).unwrap_or_default(), v.span),
            _ => v.clone(),
        });
    }
    let span = of.span();
    let chosen = Unknown::new(format!("AWS chooses the name of {}", of.address()), Some(span));
    let prefix = of.argument("name_prefix");
    prefix.map_arms(&mut |p| match text_of(p) {
        Some(text) => match Text::concat([&text, &Text::hole(chosen.clone())]) {
            Some(text) => Value::text(text, p.span),
            None => Value::new(Kind::Unknown(chosen.clone()), p.span),
        },
        None => Value::new(Kind::Unknown(chosen.clone()), Some(span)),
    })
}

/// An attribute of a user, group, role or policy that follows from its arguments; `None` for all others.
pub(crate) fn computed(of: &mut dyn Attributes, resource: &str, attribute: &str) -> Option<Value> {
    let iam = IAM_TYPES.iter().find(|t| t.name == resource)?;
    Some(match attribute {
        "name" => iam_name(of),
        "id" if iam.kind.is_some() => iam_name(of),
        "arn" | "id" => {
            let (name, path) = (iam_name(of), of.argument("path"));
            arn(iam.arn, &name, &path, of.span())
        }
        _ => return None,
    })
}
