# terraform-aws-modules/iam/aws//modules/iam-user, a user, its console password and its access key.
# Checked for versions 2.0.0 to 6.8.0 on 2026-11-22.
#
# Version 6 calls the inputs and outputs by other names, and adds an inline policy. In 6.0 the policies are for a role of
# the same name, which fails where there is none; here they are always for the user.

variable "since_6_0_0" {}

variable "name" {}
variable "path" { default = "/" }
variable "force_destroy" {}
variable "tags" {}
variable "permissions_boundary" {
  type    = string
  default = ""
}
variable "pgp_key" {
  type    = string
  default = ""
}
variable "password_length" {}
variable "password_reset_required" {}
variable "upload_iam_user_ssh_key" {}
variable "ssh_key_encoding" {}
variable "ssh_public_key" {}

# Until version 5.
variable "create_user" {
  type    = bool
  default = true
}
variable "create_iam_user_login_profile" {
  type    = bool
  default = true
}
variable "create_iam_access_key" {
  type    = bool
  default = true
}
variable "iam_access_key_status" { default = null }
variable "policy_arns" {
  type    = list(string)
  default = []
}

# Since version 6.
variable "create" {
  type    = bool
  default = true
}
variable "create_login_profile" {
  type    = bool
  default = true
}
variable "create_access_key" {
  type    = bool
  default = true
}
variable "access_key_status" { default = null }
variable "policies" {
  type    = map(string)
  default = {}
}
variable "create_ssh_key" {}
variable "create_inline_policy" {
  type    = bool
  default = false
}
variable "source_inline_policy_documents" {
  type    = list(string)
  default = []
}
variable "override_inline_policy_documents" {
  type    = list(string)
  default = []
}
variable "inline_policy_permissions" {
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
  default = {}
}

locals {
  create  = var.since_6_0_0 ? var.create : var.create_user
  console = var.since_6_0_0 ? var.create_login_profile : var.create_iam_user_login_profile
  key     = var.since_6_0_0 ? var.create_access_key : var.create_iam_access_key
  status  = var.since_6_0_0 ? var.access_key_status : var.iam_access_key_status
  pgp_key = var.pgp_key == null ? "" : var.pgp_key
}

resource "aws_iam_user" "this" {
  count                = local.create ? 1 : 0
  name                 = var.name
  path                 = var.path
  permissions_boundary = var.permissions_boundary
}

resource "aws_iam_user_login_profile" "this" {
  count   = local.create && local.console ? 1 : 0
  user    = aws_iam_user.this[0].name
  pgp_key = local.pgp_key
}

resource "aws_iam_access_key" "this" {
  count   = local.create && local.key && (var.since_6_0_0 || local.pgp_key != "") ? 1 : 0
  user    = aws_iam_user.this[0].name
  pgp_key = local.pgp_key
  status  = local.status
}

resource "aws_iam_access_key" "this_no_pgp" {
  count  = local.create && local.key && !var.since_6_0_0 && local.pgp_key == "" ? 1 : 0
  user   = aws_iam_user.this[0].name
  status = local.status
}

resource "aws_iam_user_policy_attachment" "this" {
  for_each   = { for i, arn in var.policy_arns : i => arn if local.create }
  user       = aws_iam_user.this[0].name
  policy_arn = each.value
}

resource "aws_iam_user_policy_attachment" "additional" {
  for_each   = { for name, arn in var.policies : name => arn if local.create }
  user       = aws_iam_user.this[0].name
  policy_arn = each.value
}

data "aws_iam_policy_document" "inline" {
  source_policy_documents   = var.source_inline_policy_documents
  override_policy_documents = var.override_inline_policy_documents
  dynamic "statement" {
    for_each = var.inline_policy_permissions == null ? {} : var.inline_policy_permissions
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

resource "aws_iam_user_policy" "inline" {
  count  = local.create && var.create_inline_policy ? 1 : 0
  user   = aws_iam_user.this[0].name
  name   = var.name
  policy = data.aws_iam_policy_document.inline.json
}

output "iam_user_name" { value = try(aws_iam_user.this[0].name, "") }
output "iam_user_arn" { value = try(aws_iam_user.this[0].arn, "") }
output "iam_user_unique_id" { value = try(aws_iam_user.this[0].unique_id, "") }
output "name" { value = try(aws_iam_user.this[0].name, "") }
output "arn" { value = try(aws_iam_user.this[0].arn, "") }
output "unique_id" { value = try(aws_iam_user.this[0].unique_id, "") }
