resource "aws_iam_user" "alice" {
  name = "alice"
}

resource "aws_iam_user_login_profile" "alice" {
  user = aws_iam_user.alice.name
}

resource "aws_iam_user_policy" "alice" {
  name = "inline"
  user = aws_iam_user.alice.name
  policy = jsonencode({
    Version = "2012-10-17"
  })
}
