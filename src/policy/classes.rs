//! What it means when an action is open without MFA.

use std::sync::OnceLock;

use super::bits::BitSet;
use super::universe::ActionTable;

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

/// The classes of the actions of one table.
#[derive(Debug, Clone)]
pub struct Classes {
    out: BitSet,
    takeover: BitSet,
    takeover_of_oneself: BitSet,
    compute: BitSet,
    pass_role: BitSet,
}

impl Classes {
    /// The classes of the actions of a table.
    pub fn of(table: &ActionTable) -> Self {
        static LISTED: OnceLock<Classes> = OnceLock::new();
        if table.is_complete() {
            // All names are in the list, so that what else the table holds makes no difference.
            return LISTED.get_or_init(|| Self::found_in(table)).clone();
        }
        Self::found_in(table)
    }

    fn found_in(table: &ActionTable) -> Self {
        let complete = table.is_complete();
        let indirect: &[&str] = if complete { INDIRECT } else { &[] };
        let pass_role: &[&str] = if complete { PASS_ROLE } else { &[] };
        let bits = |lists: &[&[&str]]| bits(table, lists).trimmed();
        Self {
            out: bits(&[HARMLESS, ENROL, WARN]),
            takeover: bits(&[TAKEOVER, TAKEOVER_OF_OTHERS, indirect]),
            takeover_of_oneself: bits(&[TAKEOVER, TAKEOVER_OF_ONESELF, indirect]),
            compute: bits(&[COMPUTE]),
            pass_role: bits(&[pass_role]),
        }
    }

    /// The actions that do not count when they are open: harmless ones and those that only deserve a warning.
    pub fn out(&self) -> &BitSet {
        &self.out
    }

    /// The actions that are a takeover when they are open on such a resource.
    pub fn takeover(&self, whose: Whose) -> &BitSet {
        match whose {
            Whose::Own => &self.takeover_of_oneself,
            Whose::Other | Whose::Generic | Whose::None => &self.takeover,
        }
    }

    /// The actions of `open` that hand a role to a service, when others of `open` run code with it.
    pub fn passed_roles(&self, open: &BitSet) -> BitSet {
        let mut pass = self.pass_role.clone();
        if self.compute.meets(open) {
            pass.keep(open);
        } else {
            pass.clear();
        }
        pass
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::actions::Names;

    #[test]
    fn every_named_action_exists() {
        let lists = [
            HARMLESS,
            ENROL,
            WARN,
            TAKEOVER,
            TAKEOVER_OF_OTHERS,
            TAKEOVER_OF_ONESELF,
            INDIRECT,
            COMPUTE,
            PASS_ROLE,
        ];
        for action in lists.into_iter().flatten() {
            assert!(Names::embedded().find(action).is_some(), "{action}");
        }
    }

    #[test]
    fn passing_a_role_needs_something_that_runs_it() {
        let table = ActionTable::with_elements([]);
        let classes = Classes::of(&table);
        let mut open = table.empty();
        open.insert(table.find("iam:PassRole").unwrap());
        assert!(classes.passed_roles(&open).is_empty());
        open.insert(table.find("lambda:CreateFunction").unwrap());
        assert_eq!(classes.passed_roles(&open).count(), 1);
    }

    #[test]
    fn whose_resource_it_is_matters() {
        let table = ActionTable::with_elements([]);
        let classes = Classes::of(&table);
        let create = table.find("iam:CreateAccessKey").unwrap();
        let detach = table.find("iam:DetachUserPolicy").unwrap();
        assert!(
            !classes.takeover(Whose::Own).contains(create) && classes.takeover(Whose::Other).contains(create)
        );
        assert!(
            classes.takeover(Whose::Own).contains(detach) && !classes.takeover(Whose::Other).contains(detach)
        );
    }
}
