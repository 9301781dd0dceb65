locals {
  prefix = "base"
  kept   = "kept"
}

variable "who" {
  type    = string
  default = "main"
}

resource "aws_iam_user" "u" {
  name = "${local.prefix}-${var.who}"
  path = "/base/"
}

resource "aws_iam_role" "r" {
  name = "r"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "ec2.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
  inline_policy {
    name   = "base"
    policy = jsonencode({ Version = "2012-10-17", Statement = [] })
  }
}

output "out" {
  value = "main"
}
