variable "name" {
  type = string
}

variable "members" {
  type = set(string)
}

variable "policies" {
  type    = list(string)
  default = []
}

resource "aws_iam_group" "this" {
  name = var.name
}

resource "aws_iam_group_policy_attachment" "this" {
  count = length(var.policies)

  group      = aws_iam_group.this.name
  policy_arn = var.policies[count.index]
}

resource "aws_iam_user" "this" {
  for_each = var.members

  name = each.key
}

resource "aws_iam_user_login_profile" "this" {
  for_each = var.members

  user    = aws_iam_user.this[each.key].name
  pgp_key = "keybase:${each.key}"
}

resource "aws_iam_user_group_membership" "this" {
  for_each = var.members

  user   = aws_iam_user.this[each.key].name
  groups = [aws_iam_group.this.name]
}

output "group" {
  value = aws_iam_group.this.name
}
