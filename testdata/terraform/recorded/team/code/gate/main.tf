variable "bucket" {
  type = string
}

data "aws_iam_policy_document" "base" {
  statement {
    sid       = "Logs"
    actions   = ["s3:GetObject", "s3:ListBucket"]
    resources = [var.bucket, "${var.bucket}/*"]
  }
}

data "aws_iam_policy_document" "gate" {
  source_policy_documents = [data.aws_iam_policy_document.base.json]

  statement {
    sid    = "DenyWithoutMfa"
    effect = "Deny"
    not_actions = [
      "iam:CreateVirtualMFADevice",
      "iam:EnableMFADevice",
      "iam:ListMFADevices",
      "sts:GetSessionToken",
    ]
    resources = ["*"]

    dynamic "condition" {
      for_each = ["aws:MultiFactorAuthPresent"]
      content {
        test     = "BoolIfExists"
        variable = condition.value
        values   = ["false"]
      }
    }
  }
}

resource "aws_iam_policy" "gate" {
  name_prefix = "gate-"
  policy      = data.aws_iam_policy_document.gate.json
}

resource "aws_iam_group" "all" {
  name = "everyone"
}

output "group" {
  value = aws_iam_group.all.name
}

output "policy_arn" {
  value = aws_iam_policy.gate.arn
}
