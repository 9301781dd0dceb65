# terraform-aws-modules/iam/aws//modules/iam-assumable-roles, three roles that principals may assume, with MFA unless the call says otherwise.
# Checked for versions 2.0.0 to 5.60.0 on 2026-11-22.

variable "trusted_role_actions" {
  type    = list(string)
  default = []
}
variable "trusted_role_arns" {
  type    = list(string)
  default = []
}
variable "trusted_role_services" {
  type    = list(string)
  default = []
}
variable "trust_policy_conditions" {
  type    = list(object({ test = string, variable = string, values = list(string) }))
  default = []
}
variable "mfa_age" { default = 86400 }
variable "allow_self_assume_role" {
  type    = bool
  default = false
}
variable "max_session_duration" {}
variable "force_detach_policies" {}
variable "create_admin_role" {
  type    = bool
  default = false
}
variable "admin_role_name" {
  type    = string
  default = "admin"
}
variable "admin_role_path" {
  type    = string
  default = "/"
}
variable "admin_role_policy_arns" {
  type    = list(string)
  default = ["arn:aws:iam::aws:policy/AdministratorAccess"]
}
variable "admin_role_permissions_boundary_arn" {
  type    = string
  default = ""
}
variable "admin_role_tags" {}
variable "admin_role_requires_mfa" {
  type    = bool
  default = true
}
variable "create_poweruser_role" {
  type    = bool
  default = false
}
variable "poweruser_role_name" {
  type    = string
  default = "poweruser"
}
variable "poweruser_role_path" {
  type    = string
  default = "/"
}
variable "poweruser_role_policy_arns" {
  type    = list(string)
  default = ["arn:aws:iam::aws:policy/PowerUserAccess"]
}
variable "poweruser_role_permissions_boundary_arn" {
  type    = string
  default = ""
}
variable "poweruser_role_tags" {}
variable "poweruser_role_requires_mfa" {
  type    = bool
  default = true
}
variable "create_readonly_role" {
  type    = bool
  default = false
}
variable "readonly_role_name" {
  type    = string
  default = "readonly"
}
variable "readonly_role_path" {
  type    = string
  default = "/"
}
variable "readonly_role_policy_arns" {
  type    = list(string)
  default = ["arn:aws:iam::aws:policy/ReadOnlyAccess"]
}
variable "readonly_role_permissions_boundary_arn" {
  type    = string
  default = ""
}
variable "readonly_role_tags" {}
variable "readonly_role_requires_mfa" {
  type    = bool
  default = true
}

data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}

data "aws_iam_policy_document" "trust" {
  # The roles may assume themselves.
  dynamic "statement" {
    for_each = var.allow_self_assume_role ? concat(
      var.create_admin_role ? ["${var.admin_role_path}${var.admin_role_name}"] : [],
      var.create_poweruser_role ? ["${var.poweruser_role_path}${var.poweruser_role_name}"] : [],
      var.create_readonly_role ? ["${var.readonly_role_path}${var.readonly_role_name}"] : [],
    ) : []
    content {
      actions = ["sts:AssumeRole"]
      principals {
        type        = "AWS"
        identifiers = ["*"]
      }
      condition {
        test     = "ArnLike"
        variable = "aws:PrincipalArn"
        values   = ["arn:${data.aws_partition.current.partition}:iam::${data.aws_caller_identity.current.account_id}:role${statement.value}"]
      }
    }
  }
  statement {
    actions = distinct(concat(["sts:AssumeRole"], var.trusted_role_actions))
    principals {
      type        = "AWS"
      identifiers = var.trusted_role_arns
    }
    principals {
      type        = "Service"
      identifiers = var.trusted_role_services
    }
    dynamic "condition" {
      for_each = var.trust_policy_conditions
      content {
        test     = condition.value.test
        variable = condition.value.variable
        values   = condition.value.values
      }
    }
  }
}

data "aws_iam_policy_document" "trust_with_mfa" {
  # The roles may assume themselves.
  dynamic "statement" {
    for_each = var.allow_self_assume_role ? concat(
      var.create_admin_role ? ["${var.admin_role_path}${var.admin_role_name}"] : [],
      var.create_poweruser_role ? ["${var.poweruser_role_path}${var.poweruser_role_name}"] : [],
      var.create_readonly_role ? ["${var.readonly_role_path}${var.readonly_role_name}"] : [],
    ) : []
    content {
      actions = ["sts:AssumeRole"]
      principals {
        type        = "AWS"
        identifiers = ["*"]
      }
      condition {
        test     = "ArnLike"
        variable = "aws:PrincipalArn"
        values   = ["arn:${data.aws_partition.current.partition}:iam::${data.aws_caller_identity.current.account_id}:role${statement.value}"]
      }
    }
  }
  statement {
    actions = distinct(concat(["sts:AssumeRole"], var.trusted_role_actions))
    principals {
      type        = "AWS"
      identifiers = var.trusted_role_arns
    }
    principals {
      type        = "Service"
      identifiers = var.trusted_role_services
    }
    dynamic "condition" {
      for_each = [["Bool", "aws:MultiFactorAuthPresent", "true"], ["NumericLessThan", "aws:MultiFactorAuthAge", var.mfa_age]]
      content {
        test     = condition.value[0]
        variable = condition.value[1]
        values   = [condition.value[2]]
      }
    }
    dynamic "condition" {
      for_each = var.trust_policy_conditions
      content {
        test     = condition.value.test
        variable = condition.value.variable
        values   = condition.value.values
      }
    }
  }
}

resource "aws_iam_role" "admin" {
  count                = var.create_admin_role ? 1 : 0
  name                 = var.admin_role_name
  path                 = var.admin_role_path
  permissions_boundary = var.admin_role_permissions_boundary_arn
  assume_role_policy   = var.admin_role_requires_mfa ? data.aws_iam_policy_document.trust_with_mfa.json : data.aws_iam_policy_document.trust.json
}

resource "aws_iam_role_policy_attachment" "admin" {
  count      = var.create_admin_role ? length(var.admin_role_policy_arns) : 0
  role       = aws_iam_role.admin[0].name
  policy_arn = var.admin_role_policy_arns[count.index]
}

resource "aws_iam_role" "poweruser" {
  count                = var.create_poweruser_role ? 1 : 0
  name                 = var.poweruser_role_name
  path                 = var.poweruser_role_path
  permissions_boundary = var.poweruser_role_permissions_boundary_arn
  assume_role_policy   = var.poweruser_role_requires_mfa ? data.aws_iam_policy_document.trust_with_mfa.json : data.aws_iam_policy_document.trust.json
}

resource "aws_iam_role_policy_attachment" "poweruser" {
  count      = var.create_poweruser_role ? length(var.poweruser_role_policy_arns) : 0
  role       = aws_iam_role.poweruser[0].name
  policy_arn = var.poweruser_role_policy_arns[count.index]
}

resource "aws_iam_role" "readonly" {
  count                = var.create_readonly_role ? 1 : 0
  name                 = var.readonly_role_name
  path                 = var.readonly_role_path
  permissions_boundary = var.readonly_role_permissions_boundary_arn
  assume_role_policy   = var.readonly_role_requires_mfa ? data.aws_iam_policy_document.trust_with_mfa.json : data.aws_iam_policy_document.trust.json
}

resource "aws_iam_role_policy_attachment" "readonly" {
  count      = var.create_readonly_role ? length(var.readonly_role_policy_arns) : 0
  role       = aws_iam_role.readonly[0].name
  policy_arn = var.readonly_role_policy_arns[count.index]
}

output "admin_iam_role_arn" { value = try(aws_iam_role.admin[0].arn, "") }
output "admin_iam_role_name" { value = try(aws_iam_role.admin[0].name, "") }
output "admin_iam_role_path" { value = try(aws_iam_role.admin[0].path, "") }
output "admin_iam_role_unique_id" { value = try(aws_iam_role.admin[0].unique_id, "") }
output "admin_iam_role_requires_mfa" { value = var.admin_role_requires_mfa }
output "poweruser_iam_role_arn" { value = try(aws_iam_role.poweruser[0].arn, "") }
output "poweruser_iam_role_name" { value = try(aws_iam_role.poweruser[0].name, "") }
output "poweruser_iam_role_path" { value = try(aws_iam_role.poweruser[0].path, "") }
output "poweruser_iam_role_unique_id" { value = try(aws_iam_role.poweruser[0].unique_id, "") }
output "poweruser_iam_role_requires_mfa" { value = var.poweruser_role_requires_mfa }
output "readonly_iam_role_arn" { value = try(aws_iam_role.readonly[0].arn, "") }
output "readonly_iam_role_name" { value = try(aws_iam_role.readonly[0].name, "") }
output "readonly_iam_role_path" { value = try(aws_iam_role.readonly[0].path, "") }
output "readonly_iam_role_unique_id" { value = try(aws_iam_role.readonly[0].unique_id, "") }
output "readonly_iam_role_requires_mfa" { value = var.readonly_role_requires_mfa }
