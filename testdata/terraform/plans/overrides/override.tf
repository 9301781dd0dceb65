output "out" {
  value = local.kept
}

resource "aws_iam_role" "r" {
  inline_policy {
    name   = "over"
    policy = jsonencode({ Version = "2012-10-17", Statement = [] })
  }
}
