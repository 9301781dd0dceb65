# terraform-aws-modules/iam/aws//modules/iam-group-with-assumable-roles-policy, a group whose members may assume roles.
# Checked for versions 2.0.0 to 5.60.0 on 2026-11-22.

variable "name" {}
variable "path" {}
variable "tags" {}
variable "assumable_roles" {
  type    = list(string)
  default = []
}
variable "assumable_roles_policy_name_suffix" {
  type    = string
  default = ""
}
variable "group_users" {
  type    = list(string)
  default = []
}

resource "aws_iam_policy" "this" {
  name = "${var.name}${var.assumable_roles_policy_name_suffix}"
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = { Effect = "Allow", Action = "sts:AssumeRole", Resource = var.assumable_roles }
  })
}

resource "aws_iam_group" "this" {
  name = var.name
}

resource "aws_iam_group_policy_attachment" "this" {
  group      = aws_iam_group.this.id
  policy_arn = aws_iam_policy.this.id
}

resource "aws_iam_group_membership" "this" {
  count = length(var.group_users) > 0 ? 1 : 0
  name  = var.name
  group = aws_iam_group.this.id
  users = var.group_users
}

output "group_users" { value = var.group_users }
output "assumable_roles" { value = var.assumable_roles }
output "policy_arn" { value = aws_iam_policy.this.arn }
output "group_name" { value = aws_iam_group.this.name }
output "group_arn" { value = aws_iam_group.this.arn }
output "this_policy_arn" { value = aws_iam_policy.this.arn }
output "this_group_users" { value = var.group_users }
output "this_assumable_roles" { value = var.assumable_roles }
