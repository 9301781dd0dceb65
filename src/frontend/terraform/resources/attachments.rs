//! Managed policies attached to users, groups and roles.

use crate::frontend::terraform::attributes::Attributes;
use crate::iam::facts::{PrincipalKind, What};

/// `aws_iam_user_policy_attachment` and its siblings: one policy, one principal.
pub(super) fn single(of: &mut dyn Attributes, kind: PrincipalKind) -> Vec<What> {
    attach(of, kind, kind.as_str(), "policy_arn")
}

/// `aws_iam_user_policy_attachments_exclusive` and its siblings: all policies of one principal.
pub(super) fn exclusive(of: &mut dyn Attributes, kind: PrincipalKind) -> Vec<What> {
    attach(of, kind, &format!("{}_name", kind.as_str()), "policy_arns")
}

/// `aws_iam_policy_attachment`: one policy, any principals.
pub(super) fn many(of: &mut dyn Attributes) -> Vec<What> {
    [PrincipalKind::User, PrincipalKind::Group, PrincipalKind::Role]
        .into_iter()
        .flat_map(|kind| attach(of, kind, &format!("{}s", kind.as_str()), "policy_arn"))
        .collect()
}

fn attach(of: &mut dyn Attributes, kind: PrincipalKind, to: &str, what: &str) -> Vec<What> {
    let (principals, policies) = (of.argument(to), of.argument(what));
    if principals.is_null() || policies.is_null() {
        return Vec::new();
    }
    vec![What::Attachment { kind, principals, policies }]
}
