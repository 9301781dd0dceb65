# What is there before the plan.
resource "aws_iam_user" "kept" {
  name = "kept"
}

resource "aws_iam_user" "gone" {
  name = "gone"
}

resource "aws_iam_user" "renamed" {
  name = "before"
}

resource "aws_iam_user_login_profile" "kept" {
  user = aws_iam_user.kept.name
}

resource "aws_iam_user_policy_attachment" "kept" {
  user       = aws_iam_user.kept.name
  policy_arn = "arn:aws:iam::aws:policy/AdministratorAccess"
}

resource "aws_iam_role" "job" {
  name = "job"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { AWS = "arn:aws:iam::123456789012:root" } }]
  })
}

resource "aws_iam_role_policy_attachment" "job" {
  role       = aws_iam_role.job.name
  policy_arn = "arn:aws:iam::aws:policy/AdministratorAccess"
}

resource "aws_iam_role_policy" "job" {
  name = "read"
  role = aws_iam_role.job.id
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "s3:*", Resource = "*" }]
  })
}
