//! What an account itself says: its saved answers lowered to the same facts as code, and what only an account has:
//! who has a password, a device, a key, and the root user.
//!
//! Every answer keeps where it comes from and its time; of two answers the newer one counts (`reconcile`).

mod access;
mod details;
mod devices;
mod pages;
mod reconcile;
mod report;
mod root;
mod saved;
mod snapshot;
#[cfg(test)]
mod tests;
pub mod time;

use std::collections::BTreeSet;

use crate::diagnostic::Diagnostic;
use crate::iam::facts::{Facts, PrincipalKind};
use crate::source::Span;
use crate::tri::Tri;

pub use access::{ACTIONS, Action, Subject, callers, of_one_account, of_organisation};
pub use devices::{Device, DeviceKind, VirtualDevice};
pub use root::Root;
pub use saved::Saved;
#[cfg(feature = "live")]
pub(crate) use snapshot::META;
pub use snapshot::{is_whole, read, read_all, read_report, snapshots};
use time::Time;

/// Which answer of AWS says something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    /// GetCredentialReport.
    CredentialReport,
    /// GetAccountAuthorizationDetails.
    AuthorizationDetails,
    /// GetAccountSummary.
    AccountSummary,
    /// ListMFADevices, user by user.
    MfaDevices,
    /// ListVirtualMFADevices.
    VirtualMfaDevices,
    /// GetLoginProfile, user by user.
    LoginProfiles,
}

impl Origin {
    /// The word of the JSON report.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::CredentialReport => "credential-report",
            Self::AuthorizationDetails => "authorization-details",
            Self::AccountSummary => "account-summary",
            Self::MfaDevices => "mfa-devices",
            Self::VirtualMfaDevices => "virtual-mfa-devices",
            Self::LoginProfiles => "login-profiles",
        }
    }

    /// The name of its file in a snapshot, without the extension.
    pub(crate) fn file(self) -> &'static str {
        match self {
            Self::CredentialReport => "credential_report",
            Self::AuthorizationDetails => "account_authorization_details",
            Self::AccountSummary => "account_summary",
            Self::MfaDevices => "mfa_devices",
            Self::VirtualMfaDevices => "virtual_mfa_devices",
            Self::LoginProfiles => "login_profiles",
        }
    }
}

/// Where an answer comes from, and its time when that is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Source {
    /// Which answer of AWS.
    pub from: Origin,
    /// When AWS gave it.
    pub at: Option<Time>,
}

/// Something that an answer of AWS says; without a source nothing does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sourced<T> {
    /// What it says.
    pub value: T,
    /// Which answer.
    pub source: Option<Source>,
}

impl<T> Sourced<T> {
    fn new(value: T, source: Source) -> Self {
        Self { value, source: Some(source) }
    }

    /// What nothing says.
    fn unsaid(value: T) -> Self {
        Self { value, source: None }
    }
}

/// A user of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Its name.
    pub name: String,
    /// Its ARN; empty when nothing says it.
    pub arn: String,
    /// The place that speaks of it.
    pub span: Span,
    /// Whether it has a console password.
    pub console: Sourced<Tri>,
    /// When the password was last used.
    pub last_used: Option<Time>,
    /// Whether it has an MFA device.
    pub mfa: Sourced<Tri>,
    /// The devices that are known, the best first.
    pub devices: Sourced<Vec<Device>>,
    /// How many access keys are active.
    pub keys: Sourced<Option<usize>>,
}

impl User {
    /// Whether it has an active access key.
    pub fn has_keys(&self) -> Tri {
        self.keys.value.map_or(Tri::Maybe, |n| Tri::from_bool(n > 0))
    }
}

/// An account as its saved answers show it.
#[derive(Debug)]
pub struct Account {
    /// Its number; the path of the answers when they do not say it.
    pub id: String,
    /// `aws`, `aws-cn`, `aws-us-gov`, …
    pub partition: String,
    /// Its alias.
    pub alias: Option<String>,
    /// The path of its organisational unit.
    pub ou: Option<String>,
    /// Its users, by name.
    pub users: Vec<User>,
    /// Its root user.
    pub root: Root,
    /// The kinds of principals of which all are known.
    pub listed: BTreeSet<PrincipalKind>,
    /// Its virtual devices, those that nobody uses too; `None` when they were not read.
    pub virtual_devices: Option<Vec<VirtualDevice>>,
    /// Principals and policies.
    pub facts: Facts,
    /// Which answer says what principals may do; without one nothing does.
    pub policies: Option<Source>,
    /// Whether anything of it could be read.
    pub scanned: bool,
    /// When the credential report was made.
    pub report_at: Option<Time>,
    /// How many calls AWS was asked with.
    pub calls: Option<u64>,
    /// How many files were read.
    pub files: usize,
    /// What could not be read or does not fit.
    pub diagnostics: Vec<Diagnostic>,
}
