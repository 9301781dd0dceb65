//! Users in groups.

use crate::frontend::terraform::attributes::Attributes;
use crate::iam::facts::What;

/// `aws_iam_user_group_membership`: the groups of a user.
pub(super) fn of_user(of: &mut dyn Attributes) -> Vec<What> {
    membership(of, "user", "groups")
}

/// `aws_iam_group_membership`: the users of a group.
pub(super) fn of_group(of: &mut dyn Attributes) -> Vec<What> {
    membership(of, "users", "group")
}

fn membership(of: &mut dyn Attributes, users: &str, groups: &str) -> Vec<What> {
    let (users, groups) = (of.argument(users), of.argument(groups));
    if users.is_null() || groups.is_null() { Vec::new() } else { vec![What::Membership { users, groups }] }
}
