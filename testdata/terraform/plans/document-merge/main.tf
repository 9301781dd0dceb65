data "aws_iam_policy_document" "base" {
  statement {
    sid       = "Read"
    actions   = ["s3:Get*"]
    resources = ["*"]
  }
  statement {
    actions   = ["s3:List*"]
    resources = ["*"]
  }
}

data "aws_iam_policy_document" "more" {
  version = "2012-10-17"
  statement {
    sid       = "Write"
    actions   = ["s3:Put*"]
    resources = ["*"]
  }
}

data "aws_iam_policy_document" "merged" {
  source_policy_documents = [data.aws_iam_policy_document.base.json, data.aws_iam_policy_document.more.json]
  statement {
    sid       = "Read"
    effect    = "Deny"
    actions   = ["s3:Get*"]
    resources = ["arn:aws:s3:::secret"]
  }
  statement {
    sid       = "Own"
    actions   = ["iam:Get*"]
    resources = ["*"]
  }
  override_policy_documents = [
    jsonencode({ Version = "2012-10-17", Statement = [{ Sid = "Write", Effect = "Deny", Action = "s3:Put*", Resource = "*" }] }),
    "",
    jsonencode({ Statement = [{ Effect = "Allow", Action = ["x:Y"], Resource = "*" }, { Sid = "Own", Effect = "Allow", NotAction = "iam:*", Resource = ["b", "a"] }] }),
  ]
}

data "aws_iam_policy_document" "principals" {
  source_policy_documents = [<<E
{
  "Version": "2008-10-17",
  "Id": "from-source",
  "Statement": [
    {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "*"},
    {"Effect": "Allow", "Principal": {"AWS": "111122223333", "Service": ["b", "a"]}, "Action": "sts:AssumeRole",
     "Condition": {"StringEquals": {"k": "v"}, "Bool": {"aws:MultiFactorAuthPresent": "true"}, "NumericLessThan": {"n": 5}}}
  ]
}
E
  ]
}

output "merged" {
  value = data.aws_iam_policy_document.merged.json
}

output "principals" {
  value = data.aws_iam_policy_document.principals.json
}

resource "aws_iam_policy" "p" {
  name   = "merged"
  path   = "/team/"
  policy = data.aws_iam_policy_document.merged.json
}
