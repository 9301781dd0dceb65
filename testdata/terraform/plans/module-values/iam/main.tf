variable "users" {
  type = map(object({
    groups = optional(set(string), [])
    mfa    = optional(bool, false)
  }))
}

variable "policies" {
  type = list(object({
    name    = string
    actions = set(string)
    effect  = optional(string, "Allow")
  }))
  default = []
}

locals {
  members = transpose({ for n, u in var.users : n => u.groups })
}

resource "aws_iam_user" "this" {
  for_each = var.users
  name     = each.key
}

resource "aws_iam_group" "this" {
  for_each = local.members
  name     = each.key
}

resource "aws_iam_user_group_membership" "this" {
  for_each = { for n, u in var.users : n => u.groups if length(u.groups) > 0 }
  user     = aws_iam_user.this[each.key].name
  groups   = [for g in each.value : aws_iam_group.this[g].name]
}

data "aws_iam_policy_document" "this" {
  for_each = { for p in var.policies : p.name => p }
  statement {
    sid       = replace(title(each.key), "/[^A-Za-z0-9]/", "")
    effect    = each.value.effect
    actions   = each.value.actions
    resources = ["*"]
  }
}

resource "aws_iam_policy" "this" {
  for_each    = data.aws_iam_policy_document.this
  name_prefix = "${each.key}-"
  policy      = each.value.json
}

output "user_names" {
  value = values(aws_iam_user.this)[*].name
}

output "documents" {
  value = { for k, d in data.aws_iam_policy_document.this : k => jsondecode(d.json).Statement[0].Sid }
}

output "strict" {
  value = [for n, u in var.users : n if u.mfa]
}
