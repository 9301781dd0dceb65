//! Managed and inline policies.

use crate::frontend::terraform::attributes::{Attributes, iam_name};
use crate::iam::facts::{PrincipalKind, What};

/// `aws_iam_policy`.
pub(super) fn managed(of: &mut dyn Attributes) -> Vec<What> {
    vec![What::ManagedPolicy { name: iam_name(of), document: of.argument("policy") }]
}

/// `aws_iam_user_policy`, `aws_iam_group_policy`, `aws_iam_role_policy`.
pub(super) fn inline(of: &mut dyn Attributes, kind: PrincipalKind) -> Vec<What> {
    let principals = of.argument(kind.as_str());
    if principals.is_null() {
        return Vec::new();
    }
    let (name, document) = (iam_name(of), of.argument("policy"));
    vec![What::InlinePolicy { kind, principals, name, document }]
}
