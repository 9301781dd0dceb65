variable "rules" {
  default = [
    { sid = "One", actions = ["s3:Get*", "s3:List*"], conditions = { "aws:SourceVpc" = ["vpc-1"], "aws:RequestedRegion" = ["eu-west-1", "eu-west-2"] } },
    { sid = "Two", actions = ["iam:*"], conditions = {} },
  ]
}

variable "principals" {
  default = { AWS = ["111122223333", "444455556666"], Service = ["ec2.amazonaws.com"] }
}

data "aws_iam_policy_document" "d" {
  dynamic "statement" {
    for_each = var.rules
    content {
      sid       = statement.value.sid
      effect    = statement.key == 0 ? "Allow" : "Deny"
      actions   = statement.value.actions
      resources = ["*"]
      dynamic "condition" {
        for_each = statement.value.conditions
        iterator = each_condition
        content {
          test     = "StringEquals"
          variable = each_condition.key
          values   = each_condition.value
        }
      }
    }
  }
}

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]
    dynamic "principals" {
      for_each = var.principals
      content {
        type        = principals.key
        identifiers = principals.value
      }
    }
  }
}

resource "aws_iam_role" "r" {
  name               = "r"
  assume_role_policy = data.aws_iam_policy_document.trust.json
  dynamic "inline_policy" {
    for_each = { a = "*", b = "arn:aws:s3:::b" }
    content {
      name   = inline_policy.key
      policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "s3:*", Resource = inline_policy.value }] })
    }
  }
}

output "d" {
  value = data.aws_iam_policy_document.d.json
}
