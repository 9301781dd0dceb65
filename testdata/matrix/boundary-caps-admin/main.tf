resource "aws_iam_user" "alice" {
  name                 = "alice"
  permissions_boundary = "arn:aws:iam::aws:policy/PowerUserAccess"
}

resource "aws_iam_user_login_profile" "alice" {
  user = "alice"
}

resource "aws_iam_user_policy" "alice" {
  name   = "everything"
  user   = "ALICE"
  policy = jsonencode({
    Statement = {
      Effect = "Allow"
      Action = [
        "*",
      ]
      Resource = [
        "*",
      ]
    }
  })
}
