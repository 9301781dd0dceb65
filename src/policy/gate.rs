//! The policy that enforces MFA, in the form that the engine judges `enforced`.
//!
//! Follows "AWS: Allows MFA-authenticated IAM users to manage their own credentials on the Security credentials
//! page" of the IAM User Guide, and closes what that leaves open: an administrator without MFA cannot enrol a
//! device for somebody else.

use super::compose::{allow, document, elements, except, test};
use super::document::{Document, Effect, Elements, Statement};

/// Where the policy is attached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Gate {
    /// To users, or to a group that all of them are in. It also allows everybody to enrol their own device.
    Identity,
    /// To an account, an organisational unit or the root of an organisation, as a service control policy.
    ///
    /// It covers IAM users: with a password, with access keys, and with sessions of `GetSessionToken`. It leaves
    /// alone the sessions of roles, services, identity providers and Identity Center, which never carry
    /// `aws:MultiFactorAuthPresent` and which `BoolIfExists` would lock out for good, and the account's root user.
    /// It allows nothing: enrolling a device needs [`Gate::Identity`] as well.
    Scp,
}

/// Looking is on `*`: the console asks for the whole list and for the rules of passwords.
const LOOK: &[&str] = &["iam:GetAccountPasswordPolicy", "iam:ListVirtualMFADevices"];

/// A device may have any name, and one that is assigned to nobody opens nothing.
const CREATE: &[&str] = &["iam:CreateVirtualMFADevice"];

/// On oneself only. A first sign-in that asks for a new password comes before there can be a device.
const ENROL: &[&str] = &[
    "iam:ChangePassword",
    "iam:EnableMFADevice",
    "iam:GetMFADevice",
    "iam:GetUser",
    "iam:ListMFADevices",
    "iam:ResyncMFADevice",
];

/// How the command line asks for a session with MFA.
const SESSION: &[&str] = &["sts:GetSessionToken"];

/// On oneself, and only with MFA: to replace a device.
const REPLACE: &[&str] = &["iam:DeactivateMFADevice"];

/// The caller, also with a path. Names are unique in an account whatever the path ("IAM identifiers"), and hold no
/// slash. Every partition.
const ONESELF: &[&str] = &["arn:*:iam::*:user/${aws:username}", "arn:*:iam::*:user/*/${aws:username}"];

/// Any MFA device.
const DEVICES: &[&str] = &["arn:*:iam::*:mfa/*"];

impl Gate {
    /// The policy.
    ///
    /// ```
    /// use mfaguard::policy::gate::Gate;
    /// use mfaguard::policy::judge::judge;
    /// use mfaguard::policy::eval::Grants;
    /// use mfaguard::policy::verdict::Ruling;
    ///
    /// let gate = Gate::Identity.document();
    /// let grants = Grants { identity: vec![&gate], ..Grants::default() };
    /// assert_eq!(judge(&grants, &Default::default()).mfa, Ruling::Enforced);
    /// ```
    pub fn document(self) -> Document {
        let statements = match self {
            Self::Identity => vec![
                allow("LookAtWhatEnrollingNeeds", &[LOOK], &["*"]),
                allow("CreateDevice", &[CREATE], DEVICES),
                allow("ManageOwnDevices", &[ENROL, REPLACE], ONESELF),
                Statement { action: all_but_enrolling(), ..without_mfa("DenyAllButEnrollingWithoutMfa") },
                // `NotAction` cannot say whose device is enrolled.
                Statement {
                    action: elements(&[&["iam:EnableMFADevice", "iam:ResyncMFADevice"]]),
                    resource: Some(except(&[ONESELF])),
                    ..without_mfa("DenyDevicesOfOthersWithoutMfa")
                },
            ],
            Self::Scp => {
                let mut deny = Statement {
                    action: all_but_enrolling(),
                    ..without_mfa("DenyUsersAllButEnrollingWithoutMfa")
                };
                deny.condition.push(test("StringEquals", "aws:PrincipalType", "User"));
                vec![deny]
            }
        };
        document(statements)
    }
}

/// Every action but those that enrolling a device needs: what a gate denies without MFA.
pub fn all_but_enrolling() -> Elements {
    except(&[LOOK, CREATE, ENROL, SESSION])
}

/// A `Deny` of everything to callers without MFA.
fn without_mfa(sid: &str) -> Statement {
    Statement {
        effect: Ok(Effect::Deny),
        condition: vec![
            // Requests signed with long-term keys do not carry this key at all; `Bool` would let them through.
            test("BoolIfExists", "aws:MultiFactorAuthPresent", "false"),
            // Requests that a service makes for a caller do not carry it either. The caller's own request, which
            // started it, did ("AWS global condition context keys: aws:ViaAWSService").
            test("BoolIfExists", "aws:ViaAWSService", "false"),
        ],
        ..allow(sid, &[], &["*"])
    }
}
