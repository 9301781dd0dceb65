data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::111122223333:root"]
    }
    condition {
      test     = "Bool"
      variable = "aws:MultiFactorAuthPresent"
      values   = ["true"]
    }
  }
}

resource "aws_iam_role" "r" {
  for_each             = { admin = 3600, read = 7200 }
  name                 = "r-${each.key}"
  path                 = "/roles/"
  max_session_duration = each.value
  assume_role_policy   = data.aws_iam_policy_document.trust.json
  permissions_boundary = each.key == "admin" ? null : "arn:aws:iam::aws:policy/ReadOnlyAccess"
}

resource "aws_iam_role_policy" "p" {
  role = aws_iam_role.r["admin"].name
  name = "p"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [{ Sid = "A", Effect = "Allow", Action = ["s3:*"], Resource = "*" }],
      [for s in ["sqs", "sns"] : { Sid = upper(s), Effect = "Deny", Action = ["${s}:*"], Resource = "*" }],
    )
  })
}

resource "aws_iam_role_policy_attachment" "a" {
  for_each   = aws_iam_role.r
  role       = each.value.name
  policy_arn = "arn:aws:iam::aws:policy/${each.key == "admin" ? "AdministratorAccess" : "ReadOnlyAccess"}"
}

resource "aws_iam_instance_profile" "i" {
  name = "i"
  role = aws_iam_role.r["read"].name
}
