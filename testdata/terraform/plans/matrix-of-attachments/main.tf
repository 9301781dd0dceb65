locals {
  users    = ["ana", "ben"]
  policies = { read = "arn:aws:iam::aws:policy/ReadOnlyAccess", admin = "arn:aws:iam::aws:policy/AdministratorAccess" }
  pairs    = { for p in setproduct(local.users, keys(local.policies)) : "${p[0]}-${p[1]}" => { user = p[0], policy = local.policies[p[1]] } }
  by_user  = { for p in local.pairs : p.user => p.policy... }
}

resource "aws_iam_user" "u" {
  for_each = toset(local.users)
  name     = each.key
}

resource "aws_iam_user_policy_attachment" "a" {
  for_each   = local.pairs
  user       = aws_iam_user.u[each.value.user].name
  policy_arn = each.value.policy
}

resource "aws_iam_policy_attachment" "all" {
  name       = "all"
  users      = [for u in aws_iam_user.u : u.name]
  policy_arn = local.policies.read
}

output "by_user" {
  value = local.by_user
}
