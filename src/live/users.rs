//! Users, asked for one by one.

use std::collections::BTreeMap;

use aws_sdk_iam::Client;
use aws_sdk_iam::types::MfaDevice;
use futures_util::StreamExt as _;
use serde::Serialize;

use super::answers::{Device, Profile};
use super::calls::{Calls, pages};
use crate::status::Question;

/// How many users are asked for at a time.
const USERS: usize = 4;

const PASSWORD: &str = "iam:GetLoginProfile";
const DEVICES: &str = "iam:ListMFADevices";
const DEVICE: &str = "iam:GetMFADevice";

/// What was said about users, by name, in the form of the snapshot.
#[derive(Default)]
pub(super) struct Users {
    /// The login profile, null where there is none.
    pub(super) passwords: BTreeMap<String, Option<Profile>>,
    pub(super) devices: BTreeMap<String, Vec<Device>>,
}

#[derive(Serialize)]
struct OfProfile<'a> {
    #[serde(rename = "LoginProfile")]
    profile: &'a Profile,
}

impl Users {
    /// `login_profiles.json`.
    pub(super) fn passwords_json(&self) -> Option<Vec<u8>> {
        let all: BTreeMap<&String, Option<OfProfile<'_>>> = self
            .passwords
            .iter()
            .map(|(user, p)| (user, p.as_ref().map(|profile| OfProfile { profile })))
            .collect();
        (!all.is_empty()).then(|| serde_json::to_vec(&all).unwrap_or_default())
    }

    /// `mfa_devices.json`.
    pub(super) fn devices_json(&self) -> Option<Vec<u8>> {
        (!self.devices.is_empty()).then(|| serde_json::to_vec(&self.devices).unwrap_or_default())
    }
}

/// Asks the questions, a few at a time. An action that is not permitted is not tried again.
pub(super) async fn ask(iam: &Client, calls: &Calls, questions: Vec<Question>) -> Users {
    let mut all = Users::default();
    let asking = questions.into_iter().map(|question| one(iam, calls, question));
    let mut asking = futures_util::stream::iter(asking).buffer_unordered(USERS);
    while let Some((user, password, devices)) = asking.next().await {
        if let Some(password) = password {
            all.passwords.insert(user.clone(), password);
        }
        if let Some(devices) = devices {
            all.devices.insert(user, devices);
        }
    }
    all
}

async fn one(
    iam: &Client,
    calls: &Calls,
    question: Question,
) -> (String, Option<Option<Profile>>, Option<Vec<Device>>) {
    let Question { user, password, devices, certificates } = question;
    let password = if password { self::password(iam, calls, &user).await } else { None };
    let devices = if devices { self::devices(iam, calls, &user, certificates).await } else { None };
    (user, password, devices)
}

async fn password(iam: &Client, calls: &Calls, user: &str) -> Option<Option<Profile>> {
    if calls.is_denied(PASSWORD) {
        return None;
    }
    match calls.ask(PASSWORD, iam.get_login_profile().user_name(user).send()).await {
        Ok(answer) => answer.login_profile.map(|profile| Some(Profile::of(&profile))),
        Err(why) if why.is("NoSuchEntity") => Some(None),
        Err(why) => {
            calls.missed(PASSWORD, why);
            None
        }
    }
}

async fn devices(iam: &Client, calls: &Calls, user: &str, certificates: bool) -> Option<Vec<Device>> {
    if calls.is_denied(DEVICES) {
        return None;
    }
    let page = async |at| {
        let call = iam.list_mfa_devices().user_name(user).set_marker(at);
        let page = calls.ask(DEVICES, call.send()).await?;
        Ok((page.mfa_devices, page.is_truncated, page.marker))
    };
    match pages(page).await {
        Ok(all) => {
            let mut out = Vec::with_capacity(all.len());
            for device in &all {
                out.push(self::device(iam, calls, device, certificates).await);
            }
            Some(out)
        }
        // The user is gone.
        Err(why) if why.is("NoSuchEntity") => None,
        Err(why) => {
            calls.missed(DEVICES, why);
            None
        }
    }
}

async fn device(iam: &Client, calls: &Calls, device: &MfaDevice, certificates: bool) -> Device {
    let kept = Device::of(device);
    if !(certificates && kept.may_be_certified()) || calls.is_denied(DEVICE) {
        return kept;
    }
    let call = iam.get_mfa_device().serial_number(&device.serial_number).user_name(&device.user_name);
    match calls.ask(DEVICE, call.send()).await {
        Ok(answer) => kept.certified(answer.certifications.unwrap_or_default()),
        Err(why) => {
            calls.missed(DEVICE, why);
            kept
        }
    }
}
