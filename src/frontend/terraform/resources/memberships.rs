//! Users in groups.

use crate::frontend::terraform::refs::Site;
use crate::frontend::terraform::world::World;
use crate::iam::facts::What;

/// `aws_iam_user_group_membership`: the groups of a user.
pub(super) fn of_user(world: &mut World<'_>, site: &Site) -> Vec<What> {
    membership(world, site, "user", "groups")
}

/// `aws_iam_group_membership`: the users of a group.
pub(super) fn of_group(world: &mut World<'_>, site: &Site) -> Vec<What> {
    membership(world, site, "users", "group")
}

fn membership(world: &mut World<'_>, site: &Site, users: &str, groups: &str) -> Vec<What> {
    let (users, groups) = (world.argument(site, users), world.argument(site, groups));
    if users.is_null() || groups.is_null() { Vec::new() } else { vec![What::Membership { users, groups }] }
}
