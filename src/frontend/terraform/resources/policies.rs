//! Managed and inline policies.

use crate::frontend::terraform::refs::Site;
use crate::frontend::terraform::world::World;
use crate::iam::facts::{PrincipalKind, What};

/// `aws_iam_policy`.
pub(super) fn managed(world: &mut World<'_>, site: &Site) -> Vec<What> {
    vec![What::ManagedPolicy { name: world.iam_name(site), document: world.argument(site, "policy") }]
}

/// `aws_iam_user_policy`, `aws_iam_group_policy`, `aws_iam_role_policy`.
pub(super) fn inline(world: &mut World<'_>, site: &Site, kind: PrincipalKind) -> Vec<What> {
    let principals = world.argument(site, kind.as_str());
    if principals.is_null() {
        return Vec::new();
    }
    let (name, document) = (world.iam_name(site), world.argument(site, "policy"));
    vec![What::InlinePolicy { kind, principals, name, document }]
}
