//! Data sources that look IAM things up by name or ARN.

use crate::frontend::terraform::refs::{Site, arn, arn_of_name};
use crate::frontend::terraform::world::World;
use crate::policy::managed::Managed;
use crate::value::{Kind, Text, Unknown, Value};

/// `aws_caller_identity`: of another provider configuration it may be another account.
pub(super) fn caller_identity(_: &mut World<'_>, site: &Site, attribute: &str) -> Option<Value> {
    let account = matches!(attribute, "account_id" | "id") && site.body.argument("provider").is_none();
    let reason = || format!("`{attribute}` of {} is known only when Terraform runs", site.address);
    account.then(|| {
        Value::new(Kind::Unknown(Unknown::own_account(reason(), Some(site.def.span))), Some(site.def.span))
    })
}

/// `aws_partition`: of another provider configuration it may be another one.
pub(super) fn partition(_: &mut World<'_>, site: &Site, attribute: &str) -> Option<Value> {
    let own = matches!(attribute, "partition" | "id") && site.body.argument("provider").is_none();
    let reason = || format!("`{attribute}` of {} is known only when Terraform runs", site.address);
    own.then(|| {
        Value::new(Kind::Unknown(Unknown::own_partition(reason(), Some(site.def.span))), Some(site.def.span))
    })
}

/// `aws_iam_policy`: by ARN, or by name.
pub(super) fn policy(world: &mut World<'_>, site: &Site, attribute: &str) -> Option<Value> {
    let (arn, name) = (world.argument(site, "arn"), world.argument(site, "name"));
    match attribute {
        "arn" | "id" if !arn.is_null() => Some(arn),
        "arn" | "id" if !name.is_null() => Some(arn_of_policy(&name, site)),
        "name" if name.is_null() && !arn.is_null() => Some(arn.map_arms(&mut |arn| match arn.as_str() {
            Some(s) => Value::string(s.rsplit('/').next().unwrap_or(s), arn.span),
            None => Value::unknown("the ARN of the policy is not known", arn.span),
        })),
        "policy" => {
            Some(document_of_aws(&if arn.is_null() { arn_of_policy(&name, site) } else { arn }, site))
        }
        _ => None,
    }
}

/// The document of one of AWS's.
fn document_of_aws(arn: &Value, site: &Site) -> Value {
    let span = Some(site.def.span);
    let found = |arn: &Value| match &arn.kind {
        Kind::String(t) => Managed::by_arn(t),
        _ => None,
    };
    arn.map_arms(&mut |arn| match found(arn) {
        Some(managed) => Value::string(managed.text(), span),
        None => {
            Value::unknown(format!("`policy` of {} is known only when Terraform runs", site.address), span)
        }
    })
}

/// AWS looks among its own policies and those of the account, whose names are unique whatever their paths.
fn arn_of_policy(name: &Value, site: &Site) -> Value {
    let customer = |name: &Value| arn("policy", name, &Value::string("/", None), site.def.span);
    name.map_arms(&mut |name| {
        let Some(managed) = name.as_str().and_then(Managed::by_name) else {
            return customer(name);
        };
        let partition = Text::hole(Unknown::own_partition("the AWS partition is known only to AWS", None));
        let rest = Text::new(format!(":iam::aws:policy{}{}", managed.path, managed.name));
        match Text::concat([&Text::new("arn:"), &partition, &rest]) {
            Some(text) => Value::text(text, name.span),
            None => customer(name),
        }
    })
}

/// `aws_iam_user`.
pub(super) fn user(world: &mut World<'_>, site: &Site, attribute: &str) -> Option<Value> {
    by_name(world, site, attribute, "user_name", "user")
}

/// `aws_iam_group`.
pub(super) fn group(world: &mut World<'_>, site: &Site, attribute: &str) -> Option<Value> {
    by_name(world, site, attribute, "group_name", "group")
}

/// `aws_iam_role`.
pub(super) fn role(world: &mut World<'_>, site: &Site, attribute: &str) -> Option<Value> {
    match attribute {
        "id" => Some(world.argument(site, "name")),
        _ => by_name(world, site, attribute, "name", "role"),
    }
}

fn by_name(world: &mut World<'_>, site: &Site, attribute: &str, argument: &str, kind: &str) -> Option<Value> {
    let name = world.argument(site, argument);
    match attribute {
        "name" => Some(name),
        "arn" => Some(arn_of_name(kind, &name, site.def.span)),
        a if a == argument => Some(name),
        _ => None,
    }
}
