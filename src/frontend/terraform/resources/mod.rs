//! Resources that say something about principals and policies, lowered to facts.

mod attachments;
mod credentials;
mod memberships;
mod policies;
mod principals;

use super::attributes::Attributes;
use crate::frontend::{ORGANIZATION_POLICY, PERMISSION_SET};
use crate::iam::facts::{PrincipalKind, What};

/// Lowers one instance of a resource.
pub(crate) type Lower = fn(&mut dyn Attributes) -> Vec<What>;

/// A resource type and how it is lowered.
pub(crate) struct Resource {
    /// The type.
    pub(crate) name: &'static str,
    /// How one instance is lowered.
    pub(crate) lower: Lower,
}

/// All resource types that are lowered, by name.
pub(crate) static RESOURCES: &[Resource] = &[
    Resource { name: "aws_iam_access_key", lower: credentials::access_key },
    Resource { name: "aws_iam_group", lower: |of| principals::principal(of, PrincipalKind::Group) },
    Resource { name: "aws_iam_group_membership", lower: memberships::of_group },
    Resource { name: "aws_iam_group_policy", lower: |of| policies::inline(of, PrincipalKind::Group) },
    Resource {
        name: "aws_iam_group_policy_attachment",
        lower: |of| attachments::single(of, PrincipalKind::Group),
    },
    Resource {
        name: "aws_iam_group_policy_attachments_exclusive",
        lower: |of| attachments::exclusive(of, PrincipalKind::Group),
    },
    Resource { name: "aws_iam_policy", lower: policies::managed },
    Resource { name: "aws_iam_policy_attachment", lower: attachments::many },
    Resource { name: "aws_iam_role", lower: principals::role },
    Resource { name: "aws_iam_role_policy", lower: |of| policies::inline(of, PrincipalKind::Role) },
    Resource {
        name: "aws_iam_role_policy_attachment",
        lower: |of| attachments::single(of, PrincipalKind::Role),
    },
    Resource {
        name: "aws_iam_role_policy_attachments_exclusive",
        lower: |of| attachments::exclusive(of, PrincipalKind::Role),
    },
    Resource { name: "aws_iam_user", lower: |of| principals::principal(of, PrincipalKind::User) },
    Resource { name: "aws_iam_user_group_membership", lower: memberships::of_user },
    Resource { name: "aws_iam_user_login_profile", lower: credentials::login_profile },
    Resource { name: "aws_iam_user_policy", lower: |of| policies::inline(of, PrincipalKind::User) },
    Resource {
        name: "aws_iam_user_policy_attachment",
        lower: |of| attachments::single(of, PrincipalKind::User),
    },
    Resource {
        name: "aws_iam_user_policy_attachments_exclusive",
        lower: |of| attachments::exclusive(of, PrincipalKind::User),
    },
    Resource { name: "aws_iam_virtual_mfa_device", lower: credentials::virtual_device },
];

/// Resources that bear on people in a way that code does not show, and why they are not judged.
static ELSEWHERE: [(&str, &str); 4] = [
    ("aws_organizations_policy", ORGANIZATION_POLICY),
    ("aws_ssoadmin_customer_managed_policy_attachment", PERMISSION_SET),
    ("aws_ssoadmin_managed_policy_attachment", PERMISSION_SET),
    ("aws_ssoadmin_permission_set", PERMISSION_SET),
];

/// Why a resource type that bears on people is not judged.
pub(crate) fn elsewhere(name: &str) -> Option<&'static str> {
    ELSEWHERE.iter().find(|(kind, _)| *kind == name).map(|(_, why)| *why)
}

/// How a resource type is lowered; `None` for those that have nothing to do with principals.
pub(crate) fn find(name: &str) -> Option<&'static Resource> {
    RESOURCES.binary_search_by(|r| r.name.cmp(name)).ok().and_then(|i| RESOURCES.get(i))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_registry_is_sorted() {
        assert!(RESOURCES.is_sorted_by(|a, b| a.name < b.name));
        assert!(find("aws_iam_user").is_some() && find("aws_s3_bucket").is_none());
    }
}
