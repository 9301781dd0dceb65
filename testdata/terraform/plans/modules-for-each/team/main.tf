variable "name" {}

variable "members" {
  type = set(string)
}

resource "aws_iam_group" "this" {
  name = "${var.name}-team"
}

resource "aws_iam_user" "this" {
  for_each = var.members
  name     = "${each.key}@${var.name}"
}

resource "aws_iam_user_group_membership" "this" {
  for_each = aws_iam_user.this
  user     = each.value.name
  groups   = [aws_iam_group.this.name]
}

output "users" {
  value = [for u in aws_iam_user.this : u.name]
}

output "group" {
  value = aws_iam_group.this.name
}
