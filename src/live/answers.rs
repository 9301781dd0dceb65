//! Answers of the SDK in the form in which `aws iam` prints them.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_iam::operation::get_account_authorization_details::GetAccountAuthorizationDetailsOutput;
use aws_sdk_iam::primitives::{DateTime, DateTimeFormat};
use aws_sdk_iam::types;
use serde::Serialize;
use serde_json::value::RawValue;

use crate::account::DeviceKind;
use crate::policy::json::percent_decode;
use crate::value::Text;

/// A page of GetAccountAuthorizationDetails.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Details {
    user_detail_list: Vec<Principal>,
    group_detail_list: Vec<Principal>,
    role_detail_list: Vec<Principal>,
    policies: Vec<ManagedPolicy>,
    is_truncated: bool,
}

/// A user, a group or a role.
#[derive(Default, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Principal {
    #[serde(skip_serializing_if = "Option::is_none")]
    user_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    group_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    role_name: Option<String>,
    path: Option<String>,
    arn: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    create_date: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    assume_role_policy_document: Option<Document>,
    #[serde(skip_serializing_if = "Option::is_none")]
    group_list: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_policy_list: Option<Vec<InlinePolicy>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    group_policy_list: Option<Vec<InlinePolicy>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    role_policy_list: Option<Vec<InlinePolicy>>,
    attached_managed_policies: Vec<Attached>,
    #[serde(skip_serializing_if = "Option::is_none")]
    permissions_boundary: Option<Boundary>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct InlinePolicy {
    policy_name: Option<String>,
    policy_document: Option<Document>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Attached {
    policy_name: Option<String>,
    policy_arn: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Boundary {
    permissions_boundary_type: &'static str,
    permissions_boundary_arn: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct ManagedPolicy {
    policy_name: Option<String>,
    arn: Option<String>,
    path: Option<String>,
    default_version_id: Option<String>,
    attachment_count: Option<i32>,
    permissions_boundary_usage_count: Option<i32>,
    policy_version_list: Vec<Version>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Version {
    version_id: Option<String>,
    is_default_version: bool,
    document: Option<Document>,
}

/// A policy document: the JSON it is, as it was written, or the text that came when it is none.
#[derive(Serialize)]
#[serde(untagged)]
enum Document {
    Json(Box<RawValue>),
    Text(String),
}

impl Document {
    /// IAM sends policies percent-encoded (RFC 3986).
    fn of(encoded: String) -> Self {
        let decoded = percent_decode(&Text::new(encoded.as_str())).and_then(|t| t.known().map(str::to_owned));
        match decoded.map(RawValue::from_string) {
            Some(Ok(json)) => Self::Json(json),
            Some(Err(_)) | None => Self::Text(encoded),
        }
    }
}

impl Details {
    /// A page. A policy of AWS that is given to nobody says nothing about the account.
    pub(super) fn of(page: GetAccountAuthorizationDetailsOutput) -> Self {
        let in_use = |policy: &types::ManagedPolicyDetail| {
            let of_aws = policy.arn.as_deref().is_some_and(|arn| arn.contains(":iam::aws:"));
            let counts = [policy.attachment_count, policy.permissions_boundary_usage_count];
            !of_aws || counts.iter().any(|n| n.unwrap_or(1) > 0)
        };
        Self {
            user_detail_list: page.user_detail_list.unwrap_or_default().into_iter().map(user).collect(),
            group_detail_list: page.group_detail_list.unwrap_or_default().into_iter().map(group).collect(),
            role_detail_list: page.role_detail_list.unwrap_or_default().into_iter().map(role).collect(),
            policies: page.policies.unwrap_or_default().into_iter().filter(in_use).map(managed).collect(),
            is_truncated: false,
        }
    }

    /// The last page of an answer that went on.
    pub(super) fn cut() -> Self {
        let nothing = || Vec::new();
        Self {
            user_detail_list: nothing(),
            group_detail_list: nothing(),
            role_detail_list: nothing(),
            policies: Vec::new(),
            is_truncated: true,
        }
    }
}

fn user(user: types::UserDetail) -> Principal {
    Principal {
        user_name: user.user_name,
        path: user.path,
        arn: user.arn,
        create_date: user.create_date.as_ref().and_then(date),
        group_list: Some(user.group_list.unwrap_or_default()),
        user_policy_list: Some(inline(user.user_policy_list)),
        attached_managed_policies: attached(user.attached_managed_policies),
        permissions_boundary: user.permissions_boundary.map(boundary),
        ..Principal::default()
    }
}

fn group(group: types::GroupDetail) -> Principal {
    Principal {
        group_name: group.group_name,
        path: group.path,
        arn: group.arn,
        create_date: group.create_date.as_ref().and_then(date),
        group_policy_list: Some(inline(group.group_policy_list)),
        attached_managed_policies: attached(group.attached_managed_policies),
        ..Principal::default()
    }
}

fn role(role: types::RoleDetail) -> Principal {
    Principal {
        role_name: role.role_name,
        path: role.path,
        arn: role.arn,
        create_date: role.create_date.as_ref().and_then(date),
        assume_role_policy_document: role.assume_role_policy_document.map(Document::of),
        role_policy_list: Some(inline(role.role_policy_list)),
        attached_managed_policies: attached(role.attached_managed_policies),
        permissions_boundary: role.permissions_boundary.map(boundary),
        ..Principal::default()
    }
}

fn managed(policy: types::ManagedPolicyDetail) -> ManagedPolicy {
    let version = |version: types::PolicyVersion| Version {
        version_id: version.version_id,
        is_default_version: version.is_default_version,
        document: version.document.map(Document::of),
    };
    // The other versions mean nothing until somebody makes them the default one.
    let versions = policy.policy_version_list.unwrap_or_default().into_iter();
    ManagedPolicy {
        policy_name: policy.policy_name,
        arn: policy.arn,
        path: policy.path,
        default_version_id: policy.default_version_id,
        attachment_count: policy.attachment_count,
        permissions_boundary_usage_count: policy.permissions_boundary_usage_count,
        policy_version_list: versions.filter(|v| v.is_default_version).map(version).collect(),
    }
}

fn inline(policies: Option<Vec<types::PolicyDetail>>) -> Vec<InlinePolicy> {
    let one = |policy: types::PolicyDetail| InlinePolicy {
        policy_name: policy.policy_name,
        policy_document: policy.policy_document.map(Document::of),
    };
    policies.unwrap_or_default().into_iter().map(one).collect()
}

fn attached(policies: Option<Vec<types::AttachedPolicy>>) -> Vec<Attached> {
    let one = |policy: types::AttachedPolicy| Attached {
        policy_name: policy.policy_name,
        policy_arn: policy.policy_arn,
    };
    policies.unwrap_or_default().into_iter().map(one).collect()
}

fn boundary(boundary: types::AttachedPermissionsBoundary) -> Boundary {
    Boundary {
        permissions_boundary_type: "Policy",
        permissions_boundary_arn: boundary.permissions_boundary_arn,
    }
}

/// A date as AWS writes it.
fn date(date: &DateTime) -> Option<String> {
    date.fmt(DateTimeFormat::DateTime).ok()
}

/// The virtual devices of an account. What a device is set up with is not among it.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct VirtualDevices {
    #[serde(rename = "VirtualMFADevices")]
    devices: Vec<VirtualDevice>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct VirtualDevice {
    serial_number: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    user: Option<Owner>,
    #[serde(skip_serializing_if = "Option::is_none")]
    enable_date: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Owner {
    user_name: String,
    arn: String,
}

impl VirtualDevices {
    pub(super) fn of(devices: Vec<types::VirtualMfaDevice>) -> Self {
        let one = |device: types::VirtualMfaDevice| VirtualDevice {
            serial_number: device.serial_number,
            user: device.user.map(|user| Owner { user_name: user.user_name, arn: user.arn }),
            enable_date: device.enable_date.as_ref().and_then(date),
        };
        Self { devices: devices.into_iter().map(one).collect() }
    }
}

/// The numbers of GetAccountSummary.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Summary {
    summary_map: BTreeMap<String, i32>,
}

impl Summary {
    pub(super) fn of(map: HashMap<types::SummaryKeyType, i32>) -> Self {
        Self { summary_map: map.into_iter().map(|(key, n)| (key.as_str().to_owned(), n)).collect() }
    }
}

/// A login profile.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Profile {
    create_date: Option<String>,
    password_reset_required: bool,
}

impl Profile {
    pub(super) fn of(profile: &types::LoginProfile) -> Self {
        Self {
            create_date: date(&profile.create_date),
            password_reset_required: profile.password_reset_required,
        }
    }
}

/// A device of a user.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Device {
    serial_number: String,
    enable_date: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    certifications: Option<BTreeMap<String, String>>,
}

impl Device {
    pub(super) fn of(device: &types::MfaDevice) -> Self {
        Self {
            serial_number: device.serial_number.clone(),
            enable_date: date(&device.enable_date),
            certifications: None,
        }
    }

    /// Whether it is a security key or a passkey, of which only the first are certified.
    pub(super) fn may_be_certified(&self) -> bool {
        DeviceKind::of(&self.serial_number) == DeviceKind::Fido
    }

    pub(super) fn certified(self, by: HashMap<String, String>) -> Self {
        Self { certifications: Some(by.into_iter().collect()), ..self }
    }
}
