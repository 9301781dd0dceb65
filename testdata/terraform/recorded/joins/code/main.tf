# What a plan does not know and its configuration tells: which resource an ARN or an id is of.
variable "strict" {
  type    = bool
  default = true
}

locals {
  names = ["dora", "emil", "fay"]
}

resource "aws_iam_user" "u" {
  count = length(local.names)
  name  = local.names[count.index]
}

resource "aws_iam_user_login_profile" "u" {
  count = length(local.names)
  user  = aws_iam_user.u[count.index].id
}

resource "aws_iam_policy" "mine" {
  for_each = toset(["dora", "emil"])
  name     = "own-${each.key}"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = each.key == "dora" ? "*" : "s3:*"
      Resource = "*"
    }]
  })
}

resource "aws_iam_user_policy_attachment" "mine" {
  for_each   = aws_iam_policy.mine
  user       = each.key
  policy_arn = each.value.arn
}

data "aws_iam_policy_document" "gate" {
  statement {
    effect      = "Deny"
    not_actions = ["iam:CreateVirtualMFADevice", "iam:EnableMFADevice", "sts:GetSessionToken"]
    resources   = ["*"]
    condition {
      test     = "BoolIfExists"
      variable = "aws:MultiFactorAuthPresent"
      values   = ["false"]
    }
  }
}

resource "aws_iam_policy" "gate" {
  name   = "gate"
  policy = data.aws_iam_policy_document.gate.json
}

resource "aws_iam_policy" "weak" {
  name   = "weak"
  policy = replace(data.aws_iam_policy_document.gate.json, "BoolIfExists", "Bool")
}

resource "aws_iam_group" "named" {
  name = "named"
}

resource "aws_iam_group_membership" "named" {
  name  = "named"
  group = aws_iam_group.named.id
  users = aws_iam_user.u[*].id
}

resource "aws_iam_group_policy_attachment" "chosen" {
  group      = aws_iam_group.named.name
  policy_arn = var.strict ? aws_iam_policy.gate.arn : aws_iam_policy.weak.arn
}

resource "aws_iam_role" "ops" {
  name_prefix          = "ops-"
  permissions_boundary = aws_iam_policy.gate.arn
  assume_role_policy   = data.aws_iam_policy_document.trust.json
  managed_policy_arns  = [aws_iam_policy.mine["dora"].arn]

  inline_policy {
    name   = "gate"
    policy = data.aws_iam_policy_document.gate.json
  }
}

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "AWS"
      identifiers = [aws_iam_user.u[0].arn]
    }
    condition {
      test     = "Bool"
      variable = "aws:MultiFactorAuthPresent"
      values   = ["true"]
    }
  }
}

resource "aws_iam_role" "plain" {
  name               = "plain"
  assume_role_policy = data.aws_iam_policy_document.trust.json
}

resource "aws_iam_role_policy" "plain" {
  role = aws_iam_role.plain.id
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = { Effect = "Allow", Action = "*", Resource = "*" }
  })
}

resource "aws_iam_role_policy_attachment" "plain" {
  role       = aws_iam_role.plain.name
  policy_arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"
}

resource "aws_iam_policy_attachment" "both" {
  name       = "both"
  users      = [aws_iam_user.u[2].name]
  roles      = [aws_iam_role.plain.name, aws_iam_role.ops.name]
  policy_arn = aws_iam_policy.gate.arn
}
