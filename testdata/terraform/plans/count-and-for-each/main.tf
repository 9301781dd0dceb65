locals {
  people = {
    ana = { admin = true, groups = ["ops", "dev"] }
    ben = { admin = false, groups = ["dev"] }
    eva = { admin = true, groups = [] }
  }
  groups = toset(flatten([for p in local.people : p.groups]))
}

resource "aws_iam_user" "people" {
  for_each = local.people
  name     = "u-${each.key}"
  path     = each.value.admin ? "/admins/" : "/"
}

resource "aws_iam_group" "groups" {
  for_each = local.groups
  name     = each.value
}

resource "aws_iam_group_membership" "members" {
  for_each = aws_iam_group.groups
  name     = each.key
  group    = each.value.name
  users    = [for n, p in local.people : aws_iam_user.people[n].name if contains(p.groups, each.key)]
}

resource "aws_iam_user" "numbered" {
  count = 3
  name  = format("bot-%02d", count.index + 1)
}

resource "aws_iam_access_key" "admins" {
  for_each = toset([for n, p in local.people : n if p.admin])
  user     = aws_iam_user.people[each.value].name
}

output "names" {
  value = [for u in aws_iam_user.people : u.name]
}

output "bots" {
  value = aws_iam_user.numbered[*].name
}

output "last_bot" {
  value = aws_iam_user.numbered[length(aws_iam_user.numbered) - 1].name
}

output "by_key" {
  value = { for k, u in aws_iam_user.people : k => u.path }
}
