//! `mfaguard policy`.

use super::args::{Policy, PolicyFormat};
use super::{Exit, output};
use crate::policy::gate::Gate;
use crate::policy::write::{Language, Resource, write};

/// What the identity policy is, for its reader.
const IDENTITY: Resource<'static> = Resource {
    name: "require-mfa",
    comment: &[
        "Denies everything but enrolling an MFA device to callers without MFA, access keys included.",
        "Attach it to every user, or to a group that every user is in.",
    ],
    scp: false,
};

/// What the service control policy is, for its reader.
const SCP: Resource<'static> = Resource {
    name: "require-mfa-of-users",
    comment: &[
        "Denies IAM users everything but enrolling an MFA device without MFA, access keys included.",
        "Covers no roles, services and identity providers, whose sessions never say whether there was MFA, no root user,",
        "and nobody in the management account. It allows nothing: users still need the permissions to enrol a device.",
    ],
    scp: true,
};

/// Prints the policy that enforces MFA.
pub(super) fn run(args: &Policy) -> anyhow::Result<Exit> {
    let (gate, resource) = if args.scp { (Gate::Scp, SCP) } else { (Gate::Identity, IDENTITY) };
    let language = match args.format {
        PolicyFormat::Json => Language::Json,
        PolicyFormat::Terraform => Language::Terraform,
        PolicyFormat::CloudFormation => Language::CloudFormation,
    };
    output::print(write(&gate.document(), &resource, language)?.as_bytes())?;
    Ok(Exit::Clean)
}
