//! Console passwords and access keys.

use crate::frontend::terraform::refs::Site;
use crate::frontend::terraform::world::World;
use crate::iam::facts::What;

/// `aws_iam_user_login_profile`.
pub(super) fn login_profile(world: &mut World<'_>, site: &Site) -> Vec<What> {
    let user = world.argument(site, "user");
    if user.is_null() { Vec::new() } else { vec![What::LoginProfile { user }] }
}

/// `aws_iam_access_key`. One that is declared inactive opens nothing.
pub(super) fn access_key(world: &mut World<'_>, site: &Site) -> Vec<What> {
    let user = world.argument(site, "user");
    let inactive = world.argument(site, "status").as_str() == Some("Inactive");
    if user.is_null() || inactive { Vec::new() } else { vec![What::AccessKey { user }] }
}
