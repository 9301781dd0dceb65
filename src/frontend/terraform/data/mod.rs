//! Data sources: what can be known of them without asking AWS.

mod iam;
mod local;

use super::document;
use super::refs::Site;
use super::world::World;
use crate::value::Value;

/// Gives one attribute of a data source; `None` when nothing is known about it.
type Lookup = fn(&mut World<'_>, &Site, &str) -> Option<Value>;

/// A data source that is understood.
struct Source {
    name: &'static str,
    /// Attributes that are not arguments.
    attributes: &'static [&'static str],
    lookup: Lookup,
}

/// The data sources that are understood. Attributes of all others are unknown.
static SOURCES: &[Source] = &[
    Source {
        name: "aws_caller_identity",
        attributes: &["account_id", "arn", "id", "user_id"],
        lookup: iam::caller_identity,
    },
    Source { name: "aws_iam_group", attributes: &["arn", "id"], lookup: iam::group },
    Source { name: "aws_iam_policy", attributes: &["arn", "id", "name", "policy"], lookup: iam::policy },
    Source { name: "aws_iam_policy_document", attributes: &["json"], lookup: policy_document },
    Source { name: "aws_iam_role", attributes: &["arn", "id"], lookup: iam::role },
    Source { name: "aws_iam_user", attributes: &["arn", "id"], lookup: iam::user },
    Source { name: "aws_partition", attributes: &["id", "partition"], lookup: iam::partition },
    Source { name: "local_file", attributes: &["content"], lookup: local::file },
    Source { name: "null_data_source", attributes: &["outputs"], lookup: local::outputs },
    Source { name: "template_file", attributes: &["rendered"], lookup: local::template },
];

/// An attribute of a data source.
pub(crate) fn attribute(world: &mut World<'_>, site: &Site, name: &str) -> Value {
    let source = SOURCES.iter().find(|s| s.name == site.def.label(0));
    if let Some(value) = source.and_then(|s| (s.lookup)(world, site, name)) {
        return value.refers(&site.address, name);
    }
    let written = world.argument(site, name);
    if written.is_null() {
        return Value::unknown(
            format!("`{name}` of {} is known only when Terraform runs", site.address),
            Some(site.def.span),
        );
    }
    written
}

/// Attributes of a data source that are not arguments.
pub(crate) fn attributes(kind: &str) -> &'static [&'static str] {
    SOURCES.iter().find(|s| s.name == kind).map_or(&[], |s| s.attributes)
}

fn policy_document(world: &mut World<'_>, site: &Site, name: &str) -> Option<Value> {
    matches!(name, "json" | "minified_json").then(|| document::rendered(world, site))
}
