# Two teams from one module. The analysts may do nothing without MFA; nobody thought of the administrators.

module "admins" {
  source = "./modules/team"

  name     = "admins"
  members  = ["alice"]
  policies = ["arn:aws:iam::aws:policy/AdministratorAccess"]
}

module "analysts" {
  source = "./modules/team"

  name     = "analysts"
  members  = ["bob"]
  policies = ["arn:aws:iam::aws:policy/ReadOnlyAccess"]
}

# No explicit deny reaches a request with MFA; every other request meets this one.
data "aws_iam_policy_document" "require_mfa" {
  statement {
    sid    = "DenyEverythingButEnrolmentWithoutMfa"
    effect = "Deny"
    not_actions = [
      "iam:CreateVirtualMFADevice",
      "iam:EnableMFADevice",
      "iam:GetUser",
      "iam:ListMFADevices",
      "iam:ListVirtualMFADevices",
      "iam:ResyncMFADevice",
      "sts:GetSessionToken",
    ]
    resources = ["*"]

    condition {
      test     = "BoolIfExists"
      variable = "aws:MultiFactorAuthPresent"
      values   = ["false"]
    }
  }
}

resource "aws_iam_group_policy" "analysts_mfa" {
  name   = "require-mfa"
  group  = module.analysts.group
  policy = data.aws_iam_policy_document.require_mfa.json
}
