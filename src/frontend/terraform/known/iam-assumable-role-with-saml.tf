# terraform-aws-modules/iam/aws//modules/iam-assumable-role-with-saml, a role for users of a SAML provider.
# Checked for versions 3.12.0 to 5.60.0 on 2026-11-22.

variable "create_role" {
  type    = bool
  default = false
}
variable "role_name" {
  type    = string
  default = null
}
variable "role_name_prefix" {
  type    = string
  default = null
}
variable "role_description" {}
variable "role_path" {
  type    = string
  default = "/"
}
variable "role_permissions_boundary_arn" {
  type    = string
  default = ""
}
variable "max_session_duration" {}
variable "force_detach_policies" {}
variable "tags" {}
variable "allow_self_assume_role" {
  type    = bool
  default = false
}
variable "provider_id" {
  type    = string
  default = ""
}
variable "provider_ids" {
  type    = list(string)
  default = []
}
variable "aws_saml_endpoint" {
  type    = string
  default = "https://signin.aws.amazon.com/saml"
}
variable "trusted_role_actions" {
  type    = list(string)
  default = []
}
variable "role_policy_arns" {
  type    = list(string)
  default = []
}
variable "number_of_role_policy_arns" {
  type    = number
  default = null
}

data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}

data "aws_iam_policy_document" "trust" {
  # The role may assume itself.
  dynamic "statement" {
    for_each = var.allow_self_assume_role ? [1] : []
    content {
      actions = ["sts:AssumeRole"]
      principals {
        type        = "AWS"
        identifiers = ["*"]
      }
      condition {
        test     = "ArnLike"
        variable = "aws:PrincipalArn"
        values   = ["arn:${data.aws_partition.current.partition}:iam::${data.aws_caller_identity.current.account_id}:role${var.role_path}${var.role_name == null ? "${var.role_name_prefix}*" : var.role_name}"]
      }
    }
  }
  statement {
    actions = distinct(concat(["sts:AssumeRoleWithSAML"], var.trusted_role_actions))
    principals {
      type        = "Federated"
      identifiers = compact(distinct(concat(var.provider_ids, [var.provider_id])))
    }
    condition {
      test     = "StringEquals"
      variable = "SAML:aud"
      values   = [var.aws_saml_endpoint]
    }
  }
}

resource "aws_iam_role" "this" {
  count                = var.create_role ? 1 : 0
  name                 = var.role_name
  name_prefix          = var.role_name_prefix
  path                 = var.role_path
  permissions_boundary = var.role_permissions_boundary_arn
  assume_role_policy   = data.aws_iam_policy_document.trust.json
}

resource "aws_iam_role_policy_attachment" "custom" {
  count      = var.create_role ? coalesce(var.number_of_role_policy_arns, length(var.role_policy_arns)) : 0
  role       = aws_iam_role.this[0].name
  policy_arn = var.role_policy_arns[count.index]
}

output "iam_role_arn" { value = try(aws_iam_role.this[0].arn, "") }
output "iam_role_name" { value = try(aws_iam_role.this[0].name, "") }
output "iam_role_path" { value = try(aws_iam_role.this[0].path, "") }
output "iam_role_unique_id" { value = try(aws_iam_role.this[0].unique_id, "") }
