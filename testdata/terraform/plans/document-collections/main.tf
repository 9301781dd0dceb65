locals {
  buckets = ["b", "a", "b"]
}

data "aws_iam_policy_document" "d" {
  for_each = { read = "s3:Get*", write = "s3:Put*" }
  statement {
    sid       = title(each.key)
    actions   = [each.value]
    resources = [for b in local.buckets : "arn:aws:s3:::${b}/*"]
  }
  statement {
    actions   = toset(["s3:ListBucket", "s3:GetBucketLocation"])
    resources = formatlist("arn:aws:s3:::%s", local.buckets)
  }
}

resource "aws_iam_policy" "p" {
  for_each = data.aws_iam_policy_document.d
  name     = "p-${each.key}"
  policy   = each.value.json
}

data "aws_iam_policy_document" "numbered" {
  count = 2
  statement {
    actions   = ["x:${count.index}"]
    resources = ["*"]
  }
}

data "aws_iam_policy_document" "all" {
  source_policy_documents = data.aws_iam_policy_document.numbered[*].json
}

output "all" {
  value = data.aws_iam_policy_document.all.json
}
