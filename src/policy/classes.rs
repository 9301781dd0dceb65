//! What it means when an action is open without MFA.

use super::universe::{ActionTable, BitSet};

/// Whose resource a request is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Whose {
    /// The principal's own user or MFA device.
    Own,
    /// Another user or MFA device.
    Other,
    /// Some other resource.
    Generic,
    /// No resource.
    None,
}

/// Opening these is needed to enrol a device, or gives nothing away.
const HARMLESS: &[&str] = &[
    "iam:ChangePassword",
    "iam:CreateVirtualMFADevice",
    "iam:GetAccessKeyLastUsed",
    "iam:GetAccountPasswordPolicy",
    "iam:GetAccountSummary",
    "iam:GetLoginProfile",
    "iam:GetMFADevice",
    "iam:GetSSHPublicKey",
    "iam:GetUser",
    "iam:ListAccessKeys",
    "iam:ListAccountAliases",
    "iam:ListMFADevices",
    "iam:ListSSHPublicKeys",
    "iam:ListServiceSpecificCredentials",
    "iam:ListSigningCertificates",
    "iam:ListUsers",
    "iam:ListVirtualMFADevices",
    "signin:AuthorizeOAuth2Access",
    "signin:CreateOAuth2Token",
    "sts:GetCallerIdentity",
    "sts:GetSessionToken",
];

/// Harmless on oneself; on others worth a warning that changes no verdict.
const ENROL: &[&str] = &["iam:EnableMFADevice", "iam:ResyncMFADevice"];

/// Worth a warning that changes no verdict: only devices that are assigned to nobody can be deleted.
const WARN: &[&str] = &["iam:DeleteVirtualMFADevice"];

/// Lets the caller remove the gate or become someone else.
const TAKEOVER: &[&str] = &[
    "iam:AddUserToGroup",
    "iam:AttachGroupPolicy",
    "iam:AttachRolePolicy",
    "iam:AttachUserPolicy",
    "iam:CreatePolicyVersion",
    "iam:PutGroupPolicy",
    "iam:PutRolePolicy",
    "iam:PutUserPolicy",
    "iam:SetDefaultPolicyVersion",
    "iam:UpdateAssumeRolePolicy",
];

/// Takeover too, through what else is around: they remove a gate that sits in a group or a boundary. Looked at
/// among all AWS actions only, because a list of requests says little about what is around.
const INDIRECT: &[&str] = &[
    "iam:DeleteGroupPolicy",
    "iam:DeleteUserPermissionsBoundary",
    "iam:DetachGroupPolicy",
    "iam:PutUserPermissionsBoundary",
    "iam:RemoveUserFromGroup",
];

/// Takeover only on others: on oneself they change the caller's own credentials.
const TAKEOVER_OF_OTHERS: &[&str] =
    &["iam:CreateAccessKey", "iam:CreateLoginProfile", "iam:UpdateLoginProfile"];

/// Takeover only on oneself: they remove a gate that is a policy of the user.
const TAKEOVER_OF_ONESELF: &[&str] = &["iam:DeleteUserPolicy", "iam:DetachUserPolicy"];

/// Takeover together with [`PASS_ROLE`]: they run code with the role that is passed.
const COMPUTE: &[&str] = &[
    "cloudformation:CreateStack",
    "codebuild:CreateProject",
    "datapipeline:CreatePipeline",
    "ec2:RunInstances",
    "ecs:RegisterTaskDefinition",
    "ecs:RunTask",
    "glue:CreateDevEndpoint",
    "glue:CreateJob",
    "lambda:CreateFunction",
    "sagemaker:CreateNotebookInstance",
    "sagemaker:CreateProcessingJob",
    "sagemaker:CreateTrainingJob",
];

/// Hand a role to a service.
const PASS_ROLE: &[&str] = &["iam:PassRole"];

fn bits(table: &ActionTable, lists: &[&[&str]]) -> BitSet {
    let mut set = table.empty();
    for action in lists.iter().flat_map(|l| l.iter()) {
        if let Some(bit) = table.find(action) {
            set.insert(bit);
        }
    }
    set
}

/// The actions that do not count when they are open: harmless ones and those that only deserve a warning.
pub fn out(table: &ActionTable) -> BitSet {
    bits(table, &[HARMLESS, ENROL, WARN])
}

/// The actions that deserve a warning when they are open on such a resource.
pub fn warn(table: &ActionTable, whose: Whose) -> BitSet {
    match whose {
        Whose::Own => bits(table, &[WARN]),
        Whose::Other | Whose::Generic | Whose::None => bits(table, &[WARN, ENROL]),
    }
}

/// The actions that are a takeover when they are open on such a resource.
pub fn takeover(table: &ActionTable, whose: Whose) -> BitSet {
    let mut set = match whose {
        Whose::Own => bits(table, &[TAKEOVER, TAKEOVER_OF_ONESELF]),
        Whose::Other | Whose::Generic | Whose::None => bits(table, &[TAKEOVER, TAKEOVER_OF_OTHERS]),
    };
    if table.is_complete() {
        set.add(&bits(table, &[INDIRECT]));
    }
    set
}

/// The actions of `open` that hand a role to a service, when others of `open` run code with it.
pub fn passed_roles(table: &ActionTable, open: &BitSet) -> BitSet {
    let mut compute = bits(table, &[COMPUTE]);
    compute.keep(open);
    let mut pass =
        if table.is_complete() && !compute.is_empty() { bits(table, &[PASS_ROLE]) } else { table.empty() };
    pass.keep(open);
    pass
}
