# cloudposse/iam-user/aws, a user, its console password and its groups.
# Checked for versions 0.3.0 to 0.9.0 on 2026-11-22.
#
# The naming inputs of this family of modules make tags only: the user is called what the call says.

variable "enabled" {
  type    = bool
  default = null
}
variable "context" { default = {} }
variable "user_name" {}
variable "path" { default = "/" }
variable "groups" {
  type    = list(string)
  default = []
}
variable "login_profile_enabled" {
  type    = bool
  default = true
}
variable "permissions_boundary" {
  type    = string
  default = ""
}
variable "force_destroy" {}
variable "pgp_key" {
  type    = string
  default = ""
}
variable "password_reset_required" {}
variable "password_length" {}
variable "additional_tag_map" {}
variable "attributes" {}
variable "delimiter" {}
variable "descriptor_formats" {}
variable "environment" {}
variable "id_length_limit" {}
variable "label_key_case" {}
variable "label_order" {}
variable "label_value_case" {}
variable "labels_as_tags" {}
variable "name" {}
variable "namespace" {}
variable "regex_replace_chars" {}
variable "stage" {}
variable "tags" {}
variable "tenant" {}

locals {
  inherited = try(var.context.enabled, null) == null ? true : var.context.enabled
  enabled   = var.enabled == null ? local.inherited : var.enabled
}

resource "aws_iam_user" "default" {
  count                = local.enabled ? 1 : 0
  name                 = var.user_name
  path                 = var.path
  permissions_boundary = var.permissions_boundary
}

resource "aws_iam_user_login_profile" "default" {
  count   = local.enabled && var.login_profile_enabled ? 1 : 0
  user    = aws_iam_user.default[0].name
  pgp_key = var.pgp_key
}

resource "aws_iam_user_group_membership" "default" {
  count  = local.enabled && length(var.groups) > 0 ? 1 : 0
  user   = aws_iam_user.default[0].name
  groups = var.groups
}

output "user_name" { value = try(aws_iam_user.default[0].name, "") }
output "user_arn" { value = try(aws_iam_user.default[0].arn, "") }
output "user_unique_id" { value = try(aws_iam_user.default[0].unique_id, "") }
output "pgp_key" { value = var.pgp_key }
