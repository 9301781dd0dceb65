locals {
  prefix = "over"
}

variable "who" {
  default = "overridden"
}

resource "aws_iam_user" "u" {
  path = "/over/"
}
