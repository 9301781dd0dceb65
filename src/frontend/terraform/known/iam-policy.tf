# terraform-aws-modules/iam/aws//modules/iam-policy, a policy.
# Checked for versions 2.0.0 to 6.8.0 on 2026-11-22.

variable "name" {
  type    = string
  default = null
}
variable "name_prefix" {
  type    = string
  default = null
}
variable "path" {}
variable "description" {}
variable "tags" {}
variable "policy" {}
variable "create_policy" {
  type    = bool
  default = true
}
variable "create" {
  type    = bool
  default = true
}

resource "aws_iam_policy" "policy" {
  count       = var.create_policy && var.create ? 1 : 0
  name        = var.name
  name_prefix = var.name_prefix
  policy      = var.policy
}

output "id" { value = try(aws_iam_policy.policy[0].id, "") }
output "arn" { value = try(aws_iam_policy.policy[0].arn, "") }
output "name" { value = try(aws_iam_policy.policy[0].name, "") }
output "policy" { value = try(aws_iam_policy.policy[0].policy, "") }
output "description" { value = var.description }
output "path" { value = var.path }
