//! Console passwords and access keys.

use crate::frontend::terraform::attributes::Attributes;
use crate::iam::facts::{Kept, What};
use crate::value::{Kind, Unknown, Value};

/// `aws_iam_user_login_profile`. Without a PGP key the password that AWS makes is written into the state.
pub(super) fn login_profile(of: &mut dyn Attributes) -> Vec<What> {
    let (user, key) = (of.argument("user"), of.argument("pgp_key"));
    let kept = match &key.kind {
        Kind::Null => Kept::State,
        Kind::String(t) if t.known() == Some("") => Kept::State,
        Kind::Unknown(u) => Kept::Unknown(u.clone()),
        Kind::OneOf(_) => Kept::Unknown(Unknown::new("`pgp_key` depends on a choice that is open", key.span)),
        Kind::Bool(_) | Kind::Number(_) | Kind::String(_) | Kind::List(_) | Kind::Set(_) | Kind::Map(_) => {
            Kept::Safe
        }
    };
    if user.is_null() { Vec::new() } else { vec![What::LoginProfile { user, kept }] }
}

/// `aws_iam_virtual_mfa_device`, whose seed is an attribute. For whom it is nothing says.
pub(super) fn virtual_device(of: &mut dyn Attributes) -> Vec<What> {
    let name = of.argument("virtual_mfa_device_name");
    vec![What::VirtualDevice { name, users: Value::null(None), kept: Kept::State }]
}

/// `aws_iam_access_key`. One that is declared inactive opens nothing.
pub(super) fn access_key(of: &mut dyn Attributes) -> Vec<What> {
    let user = of.argument("user");
    let inactive = of.argument("status").as_str() == Some("Inactive");
    if user.is_null() || inactive { Vec::new() } else { vec![What::AccessKey { user }] }
}
