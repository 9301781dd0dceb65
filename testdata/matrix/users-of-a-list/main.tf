resource "aws_iam_user" "team" {
  for_each = toset(["alice", "bob"])
  name     = each.key
}

resource "aws_iam_user_login_profile" "team" {
  for_each = aws_iam_user.team
  user     = each.value.name
}

resource "aws_iam_user_policy_attachment" "team" {
  for_each   = aws_iam_user.team
  user       = each.value.name
  policy_arn = "arn:aws:iam::aws:policy/AdministratorAccess"
}
