# terraform-aws-modules/iam/aws//modules/iam-group, a group, its members and its policy.
# Checked for versions 6.0.0 to 6.8.0 on 2026-11-22.
#
# The switch of the gate is misspelt until 6.2.0.

variable "create" {
  type    = bool
  default = true
}
variable "name" {
  type    = string
  default = ""
}
variable "path" {}
variable "tags" {}
variable "users" {
  type    = list(string)
  default = []
}
variable "create_policy" {
  type    = bool
  default = true
}
variable "enable_self_management_permissions" {
  type    = bool
  default = true
}
variable "enable_mfa_enforcement" {
  type    = bool
  default = true
}
variable "enable_mfa_enforcment" {
  type    = bool
  default = true
}
variable "permissions" {
  type = map(object({
    sid            = optional(string)
    effect         = optional(string, "Allow")
    actions        = optional(list(string))
    not_actions    = optional(list(string))
    resources      = optional(list(string))
    not_resources  = optional(list(string))
    principals     = optional(list(object({ type = string, identifiers = list(string) })))
    not_principals = optional(list(object({ type = string, identifiers = list(string) })))
    condition      = optional(list(object({ test = string, variable = string, values = list(string) })))
  }))
  default = null
}
variable "policy_name" {
  type    = string
  default = null
}
variable "policy_use_name_prefix" {
  type    = bool
  default = true
}
variable "policy_description" {}
variable "policy_path" {}
variable "policies" {
  type    = map(string)
  default = {}
}
variable "users_account_id" {
  type    = string
  default = null
}

data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}

locals {
  account     = var.users_account_id == null ? data.aws_caller_identity.current.account_id : var.users_account_id
  iam         = "arn:${data.aws_partition.current.partition}:iam::${local.account}"
  users       = ["${local.iam}:user/$${aws:username}", "${local.iam}:user/*/$${aws:username}"]
  permissions = var.permissions == null ? {} : var.permissions
  policy      = var.create && var.create_policy && (var.enable_self_management_permissions || var.permissions != null)
  policy_name = var.policy_name == null ? var.name : var.policy_name

  self = concat(
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
          "iam:ChangePassword", "iam:CreateAccessKey", "iam:DeleteAccessKey", "iam:GetAccessKeyLastUsed",
          "iam:GetLoginProfile", "iam:GetUser", "iam:ListAccessKeys", "iam:ListUserTags", "iam:TagUser",
          "iam:UntagUser", "iam:UpdateAccessKey", "iam:UpdateLoginProfile", "iam:DeleteSigningCertificate",
          "iam:ListSigningCertificates", "iam:UpdateSigningCertificate", "iam:UploadSigningCertificate",
          "iam:DeleteSSHPublicKey", "iam:GetSSHPublicKey", "iam:ListSSHPublicKeys", "iam:UpdateSSHPublicKey",
          "iam:UploadSSHPublicKey", "iam:CreateServiceSpecificCredential",
          "iam:DeleteServiceSpecificCredential", "iam:ListServiceSpecificCredentials",
          "iam:ResetServiceSpecificCredential", "iam:UpdateServiceSpecificCredential",
          "iam:DeactivateMFADevice", "iam:EnableMFADevice", "iam:ListMFADevices", "iam:ResyncMFADevice",
        ]
        Resource = local.users
      },
      { Effect = "Allow", Action = ["iam:CreateVirtualMFADevice"], Resource = ["${local.iam}:mfa/*"] },
    ],
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
}

data "aws_iam_policy_document" "this" {
  source_policy_documents = var.enable_self_management_permissions ? [
    jsonencode({ Version = "2012-10-17", Statement = local.self })
  ] : []
  dynamic "statement" {
    for_each = local.permissions
    content {
      effect        = statement.value.effect
      actions       = statement.value.actions
      not_actions   = statement.value.not_actions
      resources     = statement.value.resources
      not_resources = statement.value.not_resources
      dynamic "principals" {
        for_each = statement.value.principals == null ? [] : statement.value.principals
        content {
          type        = principals.value.type
          identifiers = principals.value.identifiers
        }
      }
      dynamic "not_principals" {
        for_each = statement.value.not_principals == null ? [] : statement.value.not_principals
        content {
          type        = not_principals.value.type
          identifiers = not_principals.value.identifiers
        }
      }
      dynamic "condition" {
        for_each = statement.value.condition == null ? [] : statement.value.condition
        content {
          test     = condition.value.test
          variable = condition.value.variable
          values   = condition.value.values
        }
      }
    }
  }
}

resource "aws_iam_group" "this" {
  count = var.create ? 1 : 0
  name  = var.name
}

resource "aws_iam_group_membership" "this" {
  count = var.create && length(var.users) > 0 ? 1 : 0
  name  = var.name
  group = aws_iam_group.this[0].id
  users = var.users
}

resource "aws_iam_policy" "this" {
  count       = local.policy ? 1 : 0
  name        = var.policy_use_name_prefix ? null : local.policy_name
  name_prefix = var.policy_use_name_prefix ? "${local.policy_name}-" : null
  policy      = data.aws_iam_policy_document.this.json
}

resource "aws_iam_group_policy_attachment" "this" {
  count      = local.policy ? 1 : 0
  group      = aws_iam_group.this[0].id
  policy_arn = aws_iam_policy.this[0].arn
}

resource "aws_iam_group_policy_attachment" "additional" {
  for_each   = { for name, arn in var.policies : name => arn if var.create }
  group      = aws_iam_group.this[0].id
  policy_arn = each.value
}

output "id" { value = try(aws_iam_group.this[0].id, null) }
output "arn" { value = try(aws_iam_group.this[0].arn, null) }
output "name" { value = try(aws_iam_group.this[0].name, null) }
output "unique_id" { value = try(aws_iam_group.this[0].unique_id, null) }
output "users" { value = var.users }
output "policy_arn" { value = try(aws_iam_policy.this[0].arn, null) }
output "policy_name" { value = try(aws_iam_policy.this[0].name, null) }
output "policy_id" { value = try(aws_iam_policy.this[0].id, null) }
