//! Managed policies attached to users, groups and roles.

use crate::frontend::terraform::refs::Site;
use crate::frontend::terraform::world::World;
use crate::iam::facts::{PrincipalKind, What};

/// `aws_iam_user_policy_attachment` and its siblings: one policy, one principal.
pub(super) fn single(world: &mut World<'_>, site: &Site, kind: PrincipalKind) -> Vec<What> {
    attach(world, site, kind, kind.as_str(), "policy_arn")
}

/// `aws_iam_user_policy_attachments_exclusive` and its siblings: all policies of one principal.
pub(super) fn exclusive(world: &mut World<'_>, site: &Site, kind: PrincipalKind) -> Vec<What> {
    attach(world, site, kind, &format!("{}_name", kind.as_str()), "policy_arns")
}

/// `aws_iam_policy_attachment`: one policy, any principals.
pub(super) fn many(world: &mut World<'_>, site: &Site) -> Vec<What> {
    [PrincipalKind::User, PrincipalKind::Group, PrincipalKind::Role]
        .into_iter()
        .flat_map(|kind| attach(world, site, kind, &format!("{}s", kind.as_str()), "policy_arn"))
        .collect()
}

fn attach(world: &mut World<'_>, site: &Site, kind: PrincipalKind, to: &str, what: &str) -> Vec<What> {
    let (principals, policies) = (world.argument(site, to), world.argument(site, what));
    if principals.is_null() || policies.is_null() {
        return Vec::new();
    }
    vec![What::Attachment { kind, principals, policies }]
}
