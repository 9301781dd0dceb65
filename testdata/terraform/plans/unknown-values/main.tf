locals {
  trust = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = { Service = "ec2.amazonaws.com" }, Action = "sts:AssumeRole" }] })
}

resource "aws_iam_role" "generated" {
  assume_role_policy = local.trust
}

resource "aws_iam_role" "prefixed" {
  name_prefix        = "p-"
  assume_role_policy = local.trust
}

resource "aws_iam_policy" "p" {
  name   = "p"
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "*", Resource = aws_iam_role.prefixed.arn }] })
}

resource "aws_iam_role_policy_attachment" "a" {
  role       = aws_iam_role.generated.name
  policy_arn = aws_iam_policy.p.arn
}

data "aws_iam_policy_document" "d" {
  statement {
    actions   = ["iam:*"]
    resources = [aws_iam_role.prefixed.arn, "x"]
  }
}

resource "aws_iam_role_policy" "inline" {
  name   = "inline"
  role   = aws_iam_role.prefixed.id
  policy = data.aws_iam_policy_document.d.json
}

output "arn" {
  value = aws_iam_policy.p.arn
}

output "names" {
  value = [aws_iam_role.generated.name, "fixed", aws_iam_policy.p.name]
}

output "text" {
  value = "${aws_iam_policy.p.name}/${aws_iam_role.prefixed.unique_id}"
}

output "count" {
  value = length([aws_iam_role.generated.name, aws_iam_role.prefixed.name])
}
