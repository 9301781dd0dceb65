# terraform-aws-modules/iam/aws//modules/iam-group-with-policies, a group, its members and its policies.
# Checked for versions 2.0.0 to 5.60.0 on 2026-11-22.
#
# Until 5.10 the policy for managing oneself has no gate. Since 5.11 it has one; since 5.14.3 it can be turned off, by
# an input whose name was first misspelt.

variable "since_5_5_3" {}
variable "since_5_11_0" {}
variable "since_5_31_0" {}
variable "since_5_35_0" {}

variable "name" {
  type    = string
  default = ""
}
variable "path" {}
variable "tags" {}
variable "create_group" {
  type    = bool
  default = true
}
variable "group_users" {
  type    = list(string)
  default = []
}
variable "custom_group_policy_arns" {
  type    = list(string)
  default = []
}
variable "custom_group_policies" {
  type    = list(map(string))
  default = []
}
variable "attach_iam_self_management_policy" {
  type    = bool
  default = true
}
variable "iam_self_management_policy_name_prefix" { default = "IAMSelfManagement-" }
variable "aws_account_id" {
  type    = string
  default = ""
}
variable "enable_mfa_enforcement" {
  type    = bool
  default = true
}
variable "enable_mfa_enforcment" {
  type    = bool
  default = true
}

data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}

locals {
  group   = var.create_group ? aws_iam_group.this[0].id : var.name
  account = var.aws_account_id != "" ? var.aws_account_id : data.aws_caller_identity.current.account_id
  iam     = "arn:${data.aws_partition.current.partition}:iam::${local.account}"
  users   = ["${local.iam}:user/$${aws:username}", "${local.iam}:user/*/$${aws:username}"]

  gated = concat(
    [
      {
        Effect = "Allow"
        Action = [
          "iam:GetAccountPasswordPolicy", "iam:GetAccountSummary", "iam:ListAccountAliases",
          "iam:ListVirtualMFADevices",
        ]
        Resource = ["*"]
      },
      {
        Effect = "Allow"
        Action = [
          "iam:ChangePassword", "iam:CreateAccessKey", "iam:DeleteAccessKey", "iam:GetUser",
          "iam:ListAccessKeys", "iam:UpdateAccessKey", "iam:GetAccessKeyLastUsed",
          "iam:DeleteSigningCertificate", "iam:ListSigningCertificates", "iam:UpdateSigningCertificate",
          "iam:UploadSigningCertificate", "iam:DeleteSSHPublicKey", "iam:GetSSHPublicKey",
          "iam:ListSSHPublicKeys", "iam:UpdateSSHPublicKey", "iam:UploadSSHPublicKey",
          "iam:CreateServiceSpecificCredential", "iam:DeleteServiceSpecificCredential",
          "iam:ListServiceSpecificCredentials", "iam:ResetServiceSpecificCredential",
          "iam:UpdateServiceSpecificCredential", "iam:DeactivateMFADevice", "iam:EnableMFADevice",
          "iam:ListMFADevices", "iam:ResyncMFADevice",
        ]
        Resource = local.users
      },
      { Effect = "Allow", Action = ["iam:CreateVirtualMFADevice"], Resource = ["${local.iam}:mfa/*"] },
    ],
    [for actions in concat(
      var.since_5_31_0 ? [["iam:GetLoginProfile", "iam:UpdateLoginProfile"]] : [],
      var.since_5_35_0 ? [["iam:ListUserTags", "iam:TagUser", "iam:UntagUser"]] : [],
    ) : { Effect = "Allow", Action = actions, Resource = local.users }],
    var.enable_mfa_enforcement && var.enable_mfa_enforcment ? [
      {
        Effect = "Deny"
        NotAction = [
          "iam:ChangePassword", "iam:CreateVirtualMFADevice", "iam:EnableMFADevice", "iam:GetMFADevice",
          "iam:GetUser", "iam:ListMFADevices", "iam:ListVirtualMFADevices", "iam:ResyncMFADevice", "sts:GetSessionToken",
        ]
        Resource  = ["*"]
        Condition = { BoolIfExists = { "aws:MultiFactorAuthPresent" = "false" } }
      },
    ] : [],
  )

  open = concat(var.since_5_5_3 ? [
    { Effect = "Allow", Action = ["iam:TagUser", "iam:UntagUser"], Resource = local.users },
    ] : [], [
    {
      Effect = "Allow"
      Action = [
        "iam:ChangePassword", "iam:CreateAccessKey", "iam:CreateLoginProfile", "iam:CreateVirtualMFADevice",
        "iam:DeleteAccessKey", "iam:DeleteLoginProfile", "iam:DeleteVirtualMFADevice", "iam:EnableMFADevice",
        "iam:GenerateCredentialReport", "iam:GenerateServiceLastAccessedDetails", "iam:Get*", "iam:List*",
        "iam:ResyncMFADevice", "iam:UpdateAccessKey", "iam:UpdateLoginProfile", "iam:UpdateUser",
        "iam:UploadSigningCertificate", "iam:UploadSSHPublicKey",
      ]
      Resource = concat(local.users, ["${local.iam}:mfa/$${aws:username}"])
    },
    { Effect = "Allow", Action = ["iam:Get*", "iam:List*"], Resource = ["*"] },
    {
      Effect   = "Allow"
      Action   = ["iam:DeactivateMFADevice"]
      Resource = concat(local.users, ["${local.iam}:mfa/$${aws:username}"])
      Condition = {
        Bool            = { "aws:MultiFactorAuthPresent" = "true" }
        NumericLessThan = { "aws:MultiFactorAuthAge" = "3600" }
      }
    },
  ])
}

resource "aws_iam_group" "this" {
  count = var.create_group ? 1 : 0
  name  = var.name
}

resource "aws_iam_group_membership" "this" {
  count = length(var.group_users) > 0 ? 1 : 0
  name  = var.name
  group = local.group
  users = var.group_users
}

resource "aws_iam_policy" "iam_self_management" {
  count       = var.attach_iam_self_management_policy ? 1 : 0
  name_prefix = var.iam_self_management_policy_name_prefix
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = concat(
      [for s in local.gated : s if var.since_5_11_0],
      [for s in local.open : s if !var.since_5_11_0],
    )
  })
}

resource "aws_iam_group_policy_attachment" "iam_self_management" {
  count      = var.attach_iam_self_management_policy ? 1 : 0
  group      = local.group
  policy_arn = aws_iam_policy.iam_self_management[0].arn
}

resource "aws_iam_policy" "custom" {
  count  = length(var.custom_group_policies)
  name   = var.custom_group_policies[count.index].name
  policy = var.custom_group_policies[count.index].policy
}

resource "aws_iam_group_policy_attachment" "custom" {
  count      = length(var.custom_group_policies)
  group      = local.group
  policy_arn = aws_iam_policy.custom[count.index].arn
}

resource "aws_iam_group_policy_attachment" "custom_arns" {
  count      = length(var.custom_group_policy_arns)
  group      = local.group
  policy_arn = var.custom_group_policy_arns[count.index]
}

output "aws_account_id" { value = local.account }
output "group_arn" { value = try(aws_iam_group.this[0].arn, "") }
output "group_name" { value = try(aws_iam_group.this[0].name, var.name) }
output "group_users" { value = var.group_users }
output "this_group_name" { value = try(aws_iam_group.this[0].name, var.name) }
