variable "env" {
  type    = string
  default = "dev"
}

locals {
  policies = { dev = "PowerUserAccess", prod = "ReadOnlyAccess" }
}

resource "aws_iam_user" "alice" {
  name = "alice"
}

resource "aws_iam_user_login_profile" "alice" {
  user = aws_iam_user.alice.name
}

resource "aws_iam_user_policy_attachment" "alice" {
  user       = aws_iam_user.alice.name
  policy_arn = "arn:aws:iam::aws:policy/${local.policies[var.env]}"
}
