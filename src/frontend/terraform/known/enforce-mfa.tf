# terraform-module/enforce-mfa/aws, a policy that is attached to groups.
# Checked for versions 0.0.2 to 1.2.0 on 2026-11-22.
#
# Until 0.12.2 the gate is always there. Since 0.12.3 it is asked for; until 0.12.6 it denies what enrols a device
# instead of everything else.

variable "since_0_12_3" {}
variable "since_0_13_0" {}

variable "policy_name" { default = "managed-force-mfa-policy" }
variable "path" { default = "/" }
variable "account_id" { default = "*" }
variable "groups" {
  type    = list(string)
  default = []
}
variable "manage_own_password_without_mfa" {
  type    = bool
  default = true
}
variable "manage_own_access_keys" {
  type    = bool
  default = false
}
variable "manage_own_signing_certificates" {
  type    = bool
  default = false
}
variable "manage_own_ssh_public_keys" {
  type    = bool
  default = false
}
variable "manage_own_git_credentials" {
  type    = bool
  default = false
}
variable "manage_explicit_deny" {
  type    = bool
  default = false
}

data "aws_partition" "current" {}

locals {
  iam    = "arn:${data.aws_partition.current.partition}:iam"
  user   = "${local.iam}::${var.account_id}:user/$${aws:username}"
  device = "${local.iam}::${var.account_id}:mfa/$${aws:username}"
  mfa    = { Bool = { "aws:MultiFactorAuthPresent" = "true" } }
  no_mfa = { BoolIfExists = { "aws:MultiFactorAuthPresent" = "false" } }

  enrol = ["iam:CreateVirtualMFADevice", "iam:DeleteVirtualMFADevice", "iam:EnableMFADevice", "iam:ResyncMFADevice"]

  # What both eras allow.
  own = concat(
    [
      { Effect = "Allow", Action = ["iam:CreateVirtualMFADevice"], Resource = [local.device] },
      { Effect = "Allow", Action = ["iam:DeleteVirtualMFADevice"], Resource = [local.device, local.user], Condition = local.mfa },
      { Effect = "Allow", Action = ["iam:GetUser", "iam:ListGroupsForUser"], Resource = [local.user] },
      { Effect = "Allow", Action = ["iam:ListGroups"], Resource = ["${local.iam}::${var.account_id}:group/"] },
      {
        Effect   = "Allow"
        Action   = ["iam:ListGroupPolicies", "iam:ListAttachedGroupPolicies"]
        Resource = ["${local.iam}::${var.account_id}:group/*"]
      },
      {
        Effect = "Allow"
        Action = [
          "iam:ChangePassword", "iam:GetLoginProfile", "iam:ListAccessKeys", "iam:ListAttachedUserPolicies",
          "iam:ListSSHPublicKeys", "iam:UpdateLoginProfile", "iam:UpdateUser",
        ]
        Resource = [local.user]
      },
      {
        Effect   = "Allow"
        Action   = ["iam:GetSSHPublicKey", "iam:ListSSHPublicKeys", "iam:ListSigningCertificates"]
        Resource = [local.user]
      },
      {
        Effect = "Allow"
        Action = [
          "iam:GenerateServiceLastAccessedDetails", "iam:GetGroup", "iam:GetUser", "iam:ListAttachedUserPolicies",
          "iam:ListGroupsForUser", "iam:ListPolicies", "iam:ListServiceSpecificCredentials", "iam:ListUserPolicies",
          "iam:ListUserTags",
        ]
        Resource  = ["*"]
        Condition = local.mfa
      },
    ],
    [for actions in concat(
      var.manage_own_access_keys ? [["iam:CreateAccessKey", "iam:DeleteAccessKey", "iam:ListAccessKeys", "iam:UpdateAccessKey"]] : [],
      var.manage_own_signing_certificates ? [["iam:DeleteSigningCertificate", "iam:ListSigningCertificates", "iam:UpdateSigningCertificate", "iam:UploadSigningCertificate"]] : [],
      var.manage_own_ssh_public_keys ? [["iam:DeleteSSHPublicKey", "iam:UpdateSSHPublicKey", "iam:UploadSSHPublicKey"]] : [],
      var.manage_own_git_credentials ? [["iam:CreateServiceSpecificCredential", "iam:DeleteServiceSpecificCredential", "iam:ListServiceSpecificCredentials", "iam:ResetServiceSpecificCredential", "iam:UpdateServiceSpecificCredential"]] : [],
      ) : {
      Effect    = "Allow"
      Action    = actions
      Resource  = [local.user]
      Condition = { BoolIfExists = { "aws:MultiFactorAuthPresent" = "true" } }
    }],
  )

  before_0_12_3 = concat(
    [
      { Effect = "Allow", Action = ["iam:DeactivateMFADevice"], Resource = [local.device, local.user], Condition = local.mfa },
      { Effect = "Allow", Action = local.enrol, Resource = [local.device, local.user] },
      { Effect = "Allow", Action = ["iam:ListMFADevices", "iam:ListVirtualMFADevices"], Resource = [local.user] },
      {
        Effect    = "Allow"
        Action    = ["iam:GetAccountSummary", "iam:ListAccountAliases", "iam:ListMFADevices", "iam:ListUsers", "iam:ListVirtualMFADevices"]
        Resource  = ["*"]
        Condition = local.mfa
      },
      {
        Effect = "Deny"
        NotAction = [
          "iam:CreateVirtualMFADevice", "iam:DeleteVirtualMFADevice", "iam:EnableMFADevice", "iam:GetAccountSummary",
          "iam:ListAccessKeys", "iam:ListAccountAliases", "iam:ListMFADevices", "iam:ListSSHPublicKeys",
          "iam:ListServiceSpecificCredentials", "iam:ListUsers", "iam:ListVirtualMFADevices", "iam:ResyncMFADevice",
          "sts:GetSessionToken",
        ]
        Resource  = ["*"]
        Condition = local.no_mfa
      },
      {
        Effect    = "Deny"
        Action    = ["iam:ListMFADevices", "iam:ListUsers", "iam:ListVirtualMFADevices"]
        Resource  = [for of in ["user/", "user/$${aws:username}", "mfa/", "mfa/$${aws:username}"] : "${local.iam}::${var.account_id}:${of}"]
        Condition = local.no_mfa
      },
    ],
    var.manage_own_password_without_mfa ? [] : [
      { Effect = "Deny", Action = ["iam:ChangePassword", "iam:CreateLoginProfile"], Resource = [local.user], Condition = local.no_mfa },
    ],
  )

  asked  = ["iam:CreateVirtualMFADevice", "iam:EnableMFADevice", "iam:GetUser", "iam:ListMFADevices", "iam:ListVirtualMFADevices", "iam:ResyncMFADevice", "sts:GetSessionToken"]
  gate   = { Effect = "Deny", NotAction = local.asked, Resource = ["*"], Condition = local.no_mfa }
  turned = { Effect = "Deny", Action = local.asked, Resource = ["*"], Condition = local.no_mfa }

  since_0_12_3 = concat(
    [
      {
        Effect   = "Allow"
        Action   = ["iam:GetAccountPasswordPolicy", "iam:GetAccountSummary", "iam:ListAccountAliases", "iam:ListUsers", "iam:ListVirtualMFADevices"]
        Resource = ["*"]
      },
      { Effect = "Allow", Action = ["iam:DeleteVirtualMFADevice"], Resource = [local.device] },
      { Effect = "Allow", Action = ["iam:ListMFADevices"], Resource = ["${local.iam}::*:mfa/*", "${local.iam}::*:user/$${aws:username}"] },
      { Effect = "Allow", Action = ["iam:CreateLoginProfile"], Resource = [local.user] },
      { Effect = "Allow", Action = local.enrol, Resource = ["${local.iam}::*:mfa/$${aws:username}", "${local.iam}::*:user/$${aws:username}"] },
      {
        Effect    = "Allow"
        Action    = ["iam:DeactivateMFADevice"]
        Resource  = ["${local.iam}::*:mfa/$${aws:username}", "${local.iam}::*:user/$${aws:username}"]
        Condition = local.mfa
      },
    ],
    [for s in [local.gate] : s if var.manage_explicit_deny && var.since_0_13_0],
    [for s in [local.turned] : s if var.manage_explicit_deny && !var.since_0_13_0],
  )

  document = jsonencode({
    Version   = "2012-10-17"
    Statement = concat(
      local.own,
      [for s in local.since_0_12_3 : s if var.since_0_12_3],
      [for s in local.before_0_12_3 : s if !var.since_0_12_3],
    )
  })
}

resource "aws_iam_policy" "this" {
  name   = var.policy_name
  path   = var.path
  policy = local.document
}

resource "aws_iam_group_policy_attachment" "to_groups" {
  count      = length(var.groups)
  group      = var.groups[count.index]
  policy_arn = aws_iam_policy.this.arn
}

output "id" { value = aws_iam_policy.this.id }
output "arn" { value = aws_iam_policy.this.arn }
output "groups" { value = length(var.groups) == 0 ? "" : var.groups[0] }
output "policy_json" {
  value     = local.document
  sensitive = true
}
