variable "name" {
  type = string
}

variable "console" {
  type = bool
}

variable "groups" {
  type = list(string)
}

variable "policies" {
  type = map(string)
}

resource "aws_iam_user" "this" {
  name = var.name
}

resource "aws_iam_user_login_profile" "this" {
  count = var.console ? 1 : 0
  user  = aws_iam_user.this.name
}

resource "aws_iam_access_key" "this" {
  user = aws_iam_user.this.name
}

resource "aws_iam_user_group_membership" "this" {
  user   = aws_iam_user.this.name
  groups = var.groups
}

resource "aws_iam_user_policy_attachment" "this" {
  for_each   = var.policies
  user       = aws_iam_user.this.name
  policy_arn = each.value
}
