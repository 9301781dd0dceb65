//! What the policies of an account and the devices of its users come to together.

use super::Judged;
use super::verdict::Enforcement;
use crate::account::{self, Origin, User};
use crate::tri::Tri;

/// Whether a user who signs in at the console has a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeviceVerdict {
    /// Has one.
    Ok,
    /// Has none.
    Fail,
    /// It is not known.
    Unknown,
    /// Has no console password.
    NotApplicable,
}

impl DeviceVerdict {
    /// The word of the JSON report.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Fail => "fail",
            Self::Unknown => "unknown",
            Self::NotApplicable => "not-applicable",
        }
    }
}

/// A user of an account with all that is to be said about it.
#[derive(Debug, Clone, Copy)]
pub struct LiveUser<'a> {
    /// What was read about it.
    pub user: &'a User,
    /// What its policies say; `None` when no policies were read.
    pub judged: Option<&'a Judged>,
}

impl LiveUser<'_> {
    /// Whether it has a password and no device.
    pub fn lacks_device(&self) -> Tri {
        self.user.console.value & !self.user.mfa.value
    }

    /// The verdict about its password.
    pub fn verdict(&self) -> DeviceVerdict {
        match (self.user.console.value, self.lacks_device()) {
            (Tri::No, _) => DeviceVerdict::NotApplicable,
            (_, Tri::Yes) => DeviceVerdict::Fail,
            (Tri::Yes | Tri::Maybe, Tri::Maybe) => DeviceVerdict::Unknown,
            (Tri::Yes | Tri::Maybe, Tri::No) => DeviceVerdict::Ok,
        }
    }

    /// What asking AWS for this user alone could change: whether it has a password, and which devices. The credential
    /// report may be hours old, and does not know users who are newer.
    pub fn open_questions(&self) -> (bool, bool) {
        let from_report =
            |source: Option<account::Source>| source.is_some_and(|s| s.from == Origin::CredentialReport);
        let reported = from_report(self.user.console.source);
        let suspicious = !self.lacks_device().is_no();
        let admin = self.judged.is_some_and(|j| !j.verdict.admin.is_no());
        let password = !reported || suspicious || admin && self.user.console.value.is_no();
        let devices = !reported || suspicious || admin;
        (password, devices)
    }

    /// Whether it is an administrator.
    pub fn admin(&self) -> Tri {
        self.judged.map_or(Tri::Maybe, |j| j.verdict.admin)
    }

    /// Whether it is an administrator who has a password or a key, and no device.
    pub fn is_admin_without_device(&self) -> Tri {
        self.admin() & (self.user.console.value | self.user.has_keys()) & !self.user.mfa.value
    }

    /// Whether policies ask a console session for MFA.
    pub fn mfa(&self) -> Enforcement {
        self.judged.map_or(Enforcement::Unknown, |j| j.verdict.mfa)
    }

    /// Whether policies ask access keys for MFA.
    pub fn mfa_keys(&self) -> Enforcement {
        self.judged.map_or(Enforcement::Unknown, |j| j.verdict.mfa_keys)
    }

    /// Whether a session without MFA is within reach: the password alone signs in only those who have no device, and
    /// with any key GetSessionToken makes one.
    pub fn reaches_console(&self) -> Tri {
        self.lacks_device() | self.user.has_keys()
    }

    /// Whether a long-term key is within reach.
    pub fn reaches_keys(&self) -> Tri {
        self.user.has_keys()
    }

    /// What is within reach without MFA, or cannot be ruled out, in the words of the JSON report.
    pub fn reachable(&self) -> Vec<&'static str> {
        [("console", self.reaches_console()), ("keys", self.reaches_keys())]
            .into_iter()
            .filter(|(_, within)| !within.is_no())
            .map(|(word, _)| word)
            .collect()
    }

    /// How it comes to administrator rights, in short.
    pub fn admin_way(&self) -> &[String] {
        self.judged.map_or(&[], |j| &j.proof.admin_way)
    }
}
