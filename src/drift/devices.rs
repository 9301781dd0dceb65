//! Virtual devices that code declares and nobody has enabled.

use super::side::Side;
use super::{Cause, Change, Kind, Subject, Who};
use crate::account::{Account, Origin, Source};
use crate::iam::facts::PrincipalKind;
use crate::iam::model::VirtualDevice;
use crate::tri::Tri;

/// Adds what is to be told of the declared devices. A user of whom it is told anyway that there is no device gets
/// no second word about it.
pub(super) fn add(code: &Side<'_>, account: &Account, changes: &mut Vec<Change>) {
    let Some(there) = &account.virtual_devices else { return };
    for device in &code.model.devices {
        let Some(name) = &device.name else {
            let cause = cause(device, "its name is not known".to_owned());
            let who = Who { kind: Subject::Device, name: device.address.clone() };
            changes.push(Change::new(Kind::NotComparable, who, Tri::Yes, vec![cause]));
            continue;
        };
        let enabled =
            there.iter().find(|d| d.name.eq_ignore_ascii_case(name)).and_then(|d| d.user.as_deref());
        for who in holders(device, name, code) {
            let own = who.principal().map(|_| who.name.as_str());
            let fits =
                |user: &str| device.users.is_empty() || own.is_some_and(|o| o.eq_ignore_ascii_case(user));
            match enabled {
                Some(user) if fits(user) => {}
                Some(user) => tell(device, who, format!("device `{name}` belongs to `{user}`"), changes),
                None => tell(device, who, format!("nobody has enabled device `{name}`"), changes),
            }
        }
    }
    let source = Some(Source { from: Origin::VirtualMfaDevices, at: None });
    let of_devices = changes.iter_mut().filter(|c| c.kind == Kind::DeviceNotEnabled);
    of_devices.for_each(|c| c.source = c.source.or(source));
}

/// Those a device is for: as it is declared, else the user of the same name.
fn holders(device: &VirtualDevice, name: &str, code: &Side<'_>) -> Vec<Who> {
    if !device.users.is_empty() {
        return device.users.iter().map(|u| Who::new(PrincipalKind::User, u)).collect();
    }
    match code.get(PrincipalKind::User, name) {
        Some(user) => vec![Who::new(PrincipalKind::User, user.name)],
        None => vec![Who { kind: Subject::Device, name: name.to_owned() }],
    }
}

fn tell(device: &VirtualDevice, who: Who, text: String, changes: &mut Vec<Change>) {
    let cause = cause(device, text);
    match changes.iter_mut().find(|c| c.kind == Kind::NoDevice && c.who == who) {
        Some(known) => known.causes.push(cause),
        None => {
            let holds = if device.when.is_always() { Tri::Yes } else { Tri::Maybe };
            changes.push(Change::new(Kind::DeviceNotEnabled, who, holds, vec![cause]));
        }
    }
}

fn cause(device: &VirtualDevice, text: String) -> Cause {
    Cause { text, declared: Some(("device declared here".to_owned(), device.span)), actual: None }
}
