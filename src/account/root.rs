//! The root user of an account.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::devices::DeviceKind;
use super::report::Row;
use super::{Source, Sourced};
use crate::source::Span;
use crate::tri::Tri;

/// The root user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Root {
    /// The place that speaks of it.
    pub span: Span,
    /// Whether it has a password, a key or a certificate. Without any MFA is not applicable.
    pub credentials: Sourced<Tri>,
    /// Whether it has an MFA device.
    pub mfa: Sourced<Tri>,
    /// The best kind of its devices, when that is known. `Other` stands for any that is not virtual.
    pub kind: Option<DeviceKind>,
    /// Whether it is known to have a virtual device.
    pub has_virtual: bool,
    /// Whether all its devices are virtual.
    pub only_virtual: Tri,
}

/// What bears on the root user.
pub(super) struct Answers<'a> {
    pub(super) row: Option<(&'a Row, Source)>,
    /// The numbers of the account summary.
    pub(super) summary: &'a BTreeMap<Arc<str>, u64>,
    pub(super) summary_source: Source,
    /// How many virtual devices it has, when those were listed.
    pub(super) virtual_devices: Option<usize>,
    /// How many devices all users have, when that is known.
    pub(super) of_users: Option<u64>,
}

impl Answers<'_> {
    pub(super) fn root(&self, span: Span) -> Root {
        let mfa = self.answer("AccountMFAEnabled", |row| row.mfa);
        let parts = [
            self.answer("AccountPasswordPresent", |row| row.password),
            self.answer("AccountAccessKeysPresent", |row| {
                row.keys.map_or(Tri::Maybe, |n| Tri::from_bool(n > 0))
            }),
            self.answer("AccountSigningCertificatesPresent", |row| row.certificates),
        ];
        let credentials = Sourced {
            value: parts.iter().fold(Tri::No, |all, part| all | part.value),
            source: parts.iter().find_map(|p| p.source),
        };
        let (kind, only_virtual) = self.devices(mfa.value);
        let has_virtual = self.virtual_devices.is_some_and(|n| n > 0);
        Root {
            span: self.row.map_or(span, |(row, _)| row.span),
            credentials,
            mfa,
            kind,
            has_virtual,
            only_virtual,
        }
    }

    /// The summary is asked for when the snapshot is made, the report may be hours older. A number that is missing is
    /// not zero.
    fn answer(&self, name: &str, of_row: impl Fn(&Row) -> Tri) -> Sourced<Tri> {
        if let Some(n) = self.summary.get(name) {
            return Sourced::new(Tri::from_bool(*n > 0), self.summary_source);
        }
        match self.row.map(|(row, source)| (of_row(row), source)) {
            Some((value @ (Tri::Yes | Tri::No), source)) => Sourced::new(value, source),
            Some((Tri::Maybe, _)) | None => Sourced::unsaid(Tri::Maybe),
        }
    }

    /// The devices in use that no user has are those of root.
    fn devices(&self, mfa: Tri) -> (Option<DeviceKind>, Tri) {
        match mfa {
            Tri::Yes => {}
            Tri::No => return (None, Tri::No),
            Tri::Maybe => return (None, Tri::Maybe),
        }
        let virtual_devices = self.virtual_devices.map(|n| n as u64);
        let in_use = self.summary.get("MFADevicesInUse").zip(self.of_users);
        let all = in_use.and_then(|(all, of_users)| all.checked_sub(of_users)).filter(|n| *n > 0);
        match (virtual_devices, all) {
            (Some(0), _) => (Some(DeviceKind::Other), Tri::No),
            (Some(n), Some(all)) if all > n => (Some(DeviceKind::Other), Tri::No),
            (Some(n), Some(all)) if all == n => (Some(DeviceKind::Virtual), Tri::Yes),
            (Some(_), _) => (None, Tri::Maybe),
            (None, _) => (None, Tri::Maybe),
        }
    }
}
