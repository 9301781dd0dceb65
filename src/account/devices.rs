//! MFA devices, and who has them.

use std::collections::BTreeMap;

use super::pages::{self, Pages, items, text};
use super::time::Time;
use crate::diagnostic::Diagnostic;
use crate::policy::arn::Arn;
use crate::source::{Source, Span};
use crate::value::Value;

/// Kind of a device, the best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum DeviceKind {
    /// A security key or a passkey; whether it is attested is not known.
    Fido,
    /// A token that shows codes.
    HardwareTotp,
    /// An app that shows codes.
    Virtual,
    /// Text messages.
    Sms,
    /// Something else.
    Other,
}

impl DeviceKind {
    /// The word of the JSON report.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Fido => "fido",
            Self::HardwareTotp => "hardware-totp",
            Self::Virtual => "virtual",
            Self::Sms => "sms",
            Self::Other => "other",
        }
    }

    /// The kind that a serial number tells.
    pub(crate) fn of(serial: &str) -> Self {
        let Some(arn) = Arn::parse(serial) else {
            // Tokens have the number that is printed on them.
            let printed = !serial.is_empty() && serial.bytes().all(|b| b.is_ascii_alphanumeric());
            return if printed { Self::HardwareTotp } else { Self::Other };
        };
        match arn.resource.split('/').next() {
            Some("mfa") => Self::Virtual,
            Some("u2f") => Self::Fido,
            Some("sms-mfa") => Self::Sms,
            Some(_) | None => Self::Other,
        }
    }
}

/// A device of a user.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Device {
    /// Its kind.
    pub kind: DeviceKind,
    /// Since when it is enabled.
    pub enabled: Option<Time>,
    /// Whether a FIDO certification tells that it is a security key and no synced passkey (GetMFADevice,
    /// `Certifications`), when that was asked for.
    pub attested: Option<bool>,
    /// Its serial number; tells devices apart and is in no report.
    serial: String,
}

impl Device {
    fn read(value: &Value) -> Option<Self> {
        let serial = text(value, "SerialNumber")?.to_owned();
        let enabled = text(value, "EnableDate").and_then(Time::parse);
        let certifications = value.get("Certifications").and_then(Value::as_map);
        let attested = certifications.map(|by| by.keys().any(|name| name.starts_with("FIDO")));
        Some(Self { kind: DeviceKind::of(&serial), enabled, attested, serial })
    }
}

/// The answers of ListMFADevices: all devices of each user who was asked for.
pub(super) fn of_users(pages: &[Value]) -> BTreeMap<String, Vec<Device>> {
    let mut out: BTreeMap<String, Vec<Device>> = BTreeMap::new();
    for page in pages {
        // As `aws iam list-mfa-devices --user-name …` prints it: an empty list alone says nothing of anybody.
        if page.get("MFADevices").and_then(Value::as_list).is_some() {
            if let Some(user) = text(page, "UserName") {
                out.entry(user.to_owned()).or_default();
            }
            for device in items(page, "MFADevices") {
                let user = text(device, "UserName").or_else(|| text(page, "UserName"));
                if let (Some(user), Some(device)) = (user, Device::read(device)) {
                    out.entry(user.to_owned()).or_default().push(device);
                }
            }
            continue;
        }
        // User by user.
        for (user, entry) in page.as_map().into_iter().flatten() {
            let list = entry.value.as_list().or_else(|| entry.value.get("MFADevices")?.as_list());
            if let Some(list) = list {
                out.entry(user.to_string()).or_default().extend(list.iter().filter_map(Device::read));
            }
        }
    }
    out.values_mut().for_each(|d| d.sort());
    out
}

/// A virtual device of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VirtualDevice {
    /// Its name.
    pub name: String,
    /// Who has enabled it: the name of a user, or `root`.
    pub user: Option<String>,
    /// The place that speaks of it.
    pub span: Option<Span>,
}

/// Who has a device.
fn holder(user: &Value) -> Option<String> {
    let arn = text(user, "Arn").and_then(Arn::parse);
    let named = text(user, "UserName").filter(|n| !n.is_empty());
    match arn {
        Some(a) if a.resource == "root" => Some("root".to_owned()),
        _ => named.or_else(|| arn?.resource.strip_prefix("user/")?.rsplit('/').next()).map(str::to_owned),
    }
}

/// The virtual devices of an account.
#[derive(Debug, Default)]
pub(super) struct Virtual {
    /// All of them.
    pub(super) all: Vec<VirtualDevice>,
    /// Those that users use.
    pub(super) users: BTreeMap<String, Vec<Device>>,
    /// Those that the root user uses.
    pub(super) root: Vec<Device>,
}

impl Virtual {
    /// Reads the answer of ListVirtualMFADevices device by device. Returns its documents, too, without them.
    pub(super) fn read(source: &Source, problems: &mut Vec<Diagnostic>) -> (Pages, Self) {
        let mut out = Self::default();
        let lists = ["VirtualMFADevices"];
        let pages = pages::read_in_parts(source, problems, &lists, &mut |_, device| out.add(&device));
        (pages, out)
    }

    /// A device that is assigned to nobody, or was never enabled, protects nobody.
    fn add(&mut self, value: &Value) {
        let Some(device) = Device::read(value) else { return };
        let owner = value.get("User").filter(|_| device.enabled.is_some());
        let user = owner.and_then(holder);
        let name = device.serial.rsplit('/').next().unwrap_or(&device.serial).to_owned();
        self.all.push(VirtualDevice { name, user: user.clone(), span: value.span });
        let is_root =
            |user: &Value| text(user, "Arn").and_then(Arn::parse).is_some_and(|a| a.resource == "root");
        match user {
            Some(_) if owner.is_some_and(is_root) => self.root.push(device),
            Some(name) => self.users.entry(name).or_default().push(device),
            None => {}
        }
    }
}

/// The devices of two lists, each once, the best first.
pub(super) fn union(a: &[Device], b: &[Device]) -> Vec<Device> {
    // The first list may say more about a device.
    let mut out = a.to_vec();
    out.extend(b.iter().filter(|d| !a.iter().any(|k| k.serial == d.serial)).cloned());
    out.sort();
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn serial_numbers_tell_the_kind() {
        for (serial, kind) in [
            ("arn:aws:iam::111122223333:mfa/bob", DeviceKind::Virtual),
            ("arn:aws-cn:iam::111122223333:mfa/path/bob", DeviceKind::Virtual),
            ("arn:aws:iam::111122223333:u2f/user/bob/key-ABC", DeviceKind::Fido),
            ("arn:aws-us-gov:iam::111122223333:u2f/root/key-ABC", DeviceKind::Fido),
            ("arn:aws:iam::111122223333:sms-mfa/bob", DeviceKind::Sms),
            ("arn:aws:iam::111122223333:new-thing/bob", DeviceKind::Other),
            ("GAHT12345678", DeviceKind::HardwareTotp),
            ("123456789", DeviceKind::HardwareTotp),
            ("", DeviceKind::Other),
            ("<b>", DeviceKind::Other),
        ] {
            assert_eq!(DeviceKind::of(serial), kind, "{serial}");
        }
    }
}
