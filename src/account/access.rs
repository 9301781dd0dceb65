//! What reading accounts needs to be permitted: [`ACTIONS`] is the only list.

use crate::policy::compose::{account, allow, document, test};
use crate::policy::document::{Document, Statement};

/// An action, and why it is needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Action {
    /// Its name.
    pub name: &'static str,
    /// What it is asked for.
    pub reason: &'static str,
    /// What it is asked about.
    pub about: Subject,
}

/// What an action is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Subject {
    /// An account as a whole: such an action has no resource.
    Account,
    /// A user.
    User,
    /// The organisation, from its management account.
    Organization,
    /// The role in each account of the organisation.
    Role,
}

/// Every action that is used, by what it is about.
pub static ACTIONS: &[Action] = &[
    of_account("sts:GetCallerIdentity", "which account it is, and of which partition"),
    of_account("iam:ListAccountAliases", "the name of the account"),
    of_account("iam:GenerateCredentialReport", "a fresh credential report"),
    of_account("iam:GetCredentialReport", "who has a password, a device, keys"),
    of_account("iam:GetAccountAuthorizationDetails", "who may do what, by which policies"),
    of_account("iam:GetAccountSummary", "whether root has credentials and a device"),
    of_account("iam:ListVirtualMFADevices", "whose device is an app, and that of root"),
    of_user("iam:GetLoginProfile", "whether a user has a password, where the report is older"),
    of_user("iam:ListMFADevices", "which devices a user has"),
    of_user("iam:GetMFADevice", "of which make a security key is"),
    of_organization("organizations:ListAccounts", "which accounts there are"),
    of_organization("organizations:ListRoots", "where the organisational units begin"),
    of_organization("organizations:ListOrganizationalUnitsForParent", "which organisational units there are"),
    of_organization("organizations:ListChildren", "in which organisational unit an account is"),
    Action { name: "sts:AssumeRole", reason: "to read each account through its role", about: Subject::Role },
];

const fn of_account(name: &'static str, reason: &'static str) -> Action {
    Action { name, reason, about: Subject::Account }
}

const fn of_user(name: &'static str, reason: &'static str) -> Action {
    Action { name, reason, about: Subject::User }
}

const fn of_organization(name: &'static str, reason: &'static str) -> Action {
    Action { name, reason, about: Subject::Organization }
}

/// What reading one account needs.
pub fn of_one_account() -> Document {
    document(reading())
}

/// What reading an organisation needs in its management account: the accounts, and the role of this name in each.
pub fn of_organisation(role: &str) -> Document {
    let mut statements = reading();
    statements.push(granted("ReadOrganization", Subject::Organization, "*"));
    statements.push(granted("AssumeRoleInAccounts", Subject::Role, &format!("arn:*:iam::*:role/{role}")));
    document(statements)
}

/// Who may assume the role in an account: users of another account with MFA, and roles of it. The sessions of roles
/// never say whether there was MFA; people who come through one were asked for it there, or by their identity provider.
pub fn callers(trusted: &str, external_id: Option<&str>) -> Document {
    let statement = |sid: &str, kind: &str| {
        let mut statement =
            Statement { principal: Some(account(trusted)), ..allow(sid, &[&["sts:AssumeRole"]], &[]) };
        statement.resource = None;
        statement.condition.push(test("StringEquals", "aws:PrincipalType", kind));
        statement.condition.extend(external_id.map(|id| test("StringEquals", "sts:ExternalId", id)));
        statement
    };
    let mut users = statement("UsersWithMfa", "User");
    users.condition.push(test("Bool", "aws:MultiFactorAuthPresent", "true"));
    document(vec![users, statement("Roles", "AssumedRole")])
}

fn reading() -> Vec<Statement> {
    vec![
        granted("ReadAccount", Subject::Account, "*"),
        granted("ReadUsers", Subject::User, "arn:*:iam::*:user/*"),
    ]
}

fn granted(sid: &str, about: Subject, resource: &str) -> Statement {
    let names: Vec<&str> = ACTIONS.iter().filter(|a| a.about == about).map(|a| a.name).collect();
    allow(sid, &[&names], &[resource])
}
