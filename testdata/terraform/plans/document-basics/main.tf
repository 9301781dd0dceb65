data "aws_iam_policy_document" "empty" {
}

data "aws_iam_policy_document" "one" {
  version   = "2008-10-17"
  policy_id = "the-id"
  statement {
    actions   = ["s3:GetObject"]
    resources = ["*"]
  }
}

data "aws_iam_policy_document" "order" {
  statement {
    sid           = "Order"
    effect        = "Deny"
    not_actions   = ["b:B", "a:A", "b:B"]
    not_resources = ["arn:aws:s3:::b", "arn:aws:s3:::a"]
  }
  statement {
    sid       = ""
    actions   = []
    resources = ["*"]
  }
  statement {
    actions   = ["sts:*"]
    resources = null
    effect    = null
  }
}

data "aws_iam_policy_document" "variables" {
  statement {
    actions   = ["iam:*"]
    resources = ["arn:aws:iam::*:user/&{aws:username}", "arn:aws:iam::*:mfa/$${aws:username}"]
    condition {
      test     = "StringLike"
      variable = "s3:prefix"
      values   = ["home/&{aws:username}/*", "", "home/"]
    }
    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = [true]
    }
    condition {
      test     = "NumericLessThan"
      variable = "aws:MultiFactorAuthAge"
      values   = [3600]
    }
  }
}

resource "aws_iam_policy" "p" {
  name   = "p"
  policy = data.aws_iam_policy_document.variables.json
}

output "empty" {
  value = data.aws_iam_policy_document.empty.json
}

output "one" {
  value = data.aws_iam_policy_document.one.json
}

output "order" {
  value = data.aws_iam_policy_document.order.json
}

output "minified" {
  value = data.aws_iam_policy_document.one.minified_json
}
