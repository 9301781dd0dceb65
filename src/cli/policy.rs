//! `mfaguard policy`.

use super::args::{Policy, PolicyFormat};
use super::{Exit, output};
use crate::account::{self, ACTIONS, Subject};
use crate::policy::document::Document;
use crate::policy::gate::Gate;
use crate::policy::write::{Kind, Language, Resource, write};

/// What the identity policy is, for its reader.
const IDENTITY: &[&str] = &[
    "Denies everything but enrolling an MFA device to callers without MFA, access keys included.",
    "Attach it to every user, or to a group that every user is in.",
];

/// What the service control policy is, for its reader.
const SCP: &[&str] = &[
    "Denies IAM users everything but enrolling an MFA device without MFA, access keys included.",
    "Covers no roles, services and identity providers, whose sessions never say whether there was MFA, no root user,",
    "and nobody in the management account. It allows nothing: users still need the permissions to enrol a device.",
];

/// What the policy for one account is.
const READ: &[&str] =
    &["What `mfaguard status` and `mfaguard snapshot` need to read an account, and nothing more:"];

/// What the policy of a management account is.
const READ_ORGANISATION: &[&str] =
    &["What `mfaguard status --org` needs in the management account, and nothing more:"];

/// What the role in each account is.
const ROLE: &[&str] = &[
    "The role through which `mfaguard status --org` reads an account. Users of the trusted account need MFA for it; so do",
    "people who come through a role there, when that role or their identity provider asks for it.",
    "As a StackSet it goes to all accounts of an organisation but the management account (CAPABILITY_NAMED_IAM).",
    "It may do:",
];

/// Prints the policy that enforces MFA, or what reading accounts needs.
pub(super) fn run(args: &Policy) -> anyhow::Result<Exit> {
    let language = match args.format {
        PolicyFormat::Json => Language::Json,
        PolicyFormat::Terraform => Language::Terraform,
        PolicyFormat::CloudFormation => Language::CloudFormation,
    };
    let role = &args.role_name;
    let text = match (args.enforce, &args.trust) {
        (true, _) if args.scp => {
            let resource = resource("require-mfa-of-users", SCP, &[], Kind::Scp);
            resource.print(&Gate::Scp.document(), language)
        }
        (true, _) => {
            let resource = resource("require-mfa", IDENTITY, &[], Kind::Managed);
            resource.print(&Gate::Identity.document(), language)
        }
        (false, Some(trusted)) => {
            let callers = account::callers(trusted, args.external_id.as_deref());
            let resource = resource(role, ROLE, &[Subject::Account, Subject::User], Kind::Role(&callers));
            resource.print(&account::of_one_account(), language)
        }
        (false, None) if args.org => {
            let about = [Subject::Account, Subject::User, Subject::Organization, Subject::Role];
            let resource =
                resource("read-mfa-status-of-organization", READ_ORGANISATION, &about, Kind::Managed);
            resource.print(&account::of_organisation(role), language)
        }
        (false, None) => {
            let about = [Subject::Account, Subject::User];
            let resource = resource("read-mfa-status", READ, &about, Kind::Managed);
            resource.print(&account::of_one_account(), language)
        }
    };
    output::print(text?.as_bytes())?;
    Ok(Exit::Clean)
}

/// What is printed of a document, apart from the document.
struct Printed<'a> {
    name: &'a str,
    comment: Vec<String>,
    kind: Kind<'a>,
}

/// A resource with its comment; the actions about some things are in it, each with its reason.
fn resource<'a>(name: &'a str, comment: &[&str], about: &[Subject], kind: Kind<'a>) -> Printed<'a> {
    let actions = ACTIONS.iter().filter(|a| about.contains(&a.about));
    let reasons = actions.map(|a| format!("- {}: {}", a.name, a.reason));
    Printed { name, comment: comment.iter().map(|line| (*line).to_owned()).chain(reasons).collect(), kind }
}

impl Printed<'_> {
    fn print(&self, document: &Document, language: Language) -> serde_json::Result<String> {
        let Self { name, comment, kind } = self;
        write(document, &Resource { name, comment, kind: *kind }, language)
    }
}
