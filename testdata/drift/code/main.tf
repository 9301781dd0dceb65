# A team that may do nothing without MFA, a deployer whom a session with MFA may take over, and a robot.

resource "aws_iam_policy" "require_mfa" {
  name = "require-mfa"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Deny"
      NotAction = ["iam:CreateVirtualMFADevice", "iam:EnableMFADevice", "iam:ListMFADevices"]
      Resource  = "*"
      Condition = { BoolIfExists = { "aws:MultiFactorAuthPresent" = "false" } }
    }]
  })
}

resource "aws_iam_group" "team" {
  for_each = toset(["analysts", "admins", "support"])
  name     = each.key
}

resource "aws_iam_group_policy_attachment" "gate" {
  for_each   = aws_iam_group.team
  group      = each.value.name
  policy_arn = aws_iam_policy.require_mfa.arn
}

resource "aws_iam_group_policy_attachment" "rights" {
  for_each = {
    analysts = "ReadOnlyAccess"
    admins   = "AdministratorAccess"
    support  = "job-function/SupportUser"
  }
  group      = aws_iam_group.team[each.key].name
  policy_arn = "arn:aws:iam::aws:policy/${each.value}"
}

resource "aws_iam_user" "people" {
  for_each = toset(["alice", "bob", "carol"])
  name     = each.key
}

resource "aws_iam_user_login_profile" "people" {
  for_each = aws_iam_user.people
  user     = each.value.name
  pgp_key  = "keybase:team"
}

resource "aws_iam_user_group_membership" "people" {
  for_each = { alice = "admins", bob = "analysts", carol = "support" }
  user     = aws_iam_user.people[each.key].name
  groups   = [aws_iam_group.team[each.value].name]
}

resource "aws_iam_user" "robot" {
  name = "robot"
}

resource "aws_iam_user_policy" "robot" {
  name = "keys"
  user = aws_iam_user.robot.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = "kms:Decrypt"
      Resource = "arn:aws:kms:*:*:key/*"
    }]
  })
}

variable "auditor" {
  type = string
}

resource "aws_iam_user" "auditor" {
  name = "audit-${var.auditor}"
}

data "aws_caller_identity" "current" {}

resource "aws_iam_role" "deploy" {
  name = "deploy"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = "arn:aws:iam::${data.aws_caller_identity.current.account_id}:root" }
      Action    = "sts:AssumeRole"
      Condition = { Bool = { "aws:MultiFactorAuthPresent" = "true" } }
    }]
  })
}
