terraform {
  required_providers {
    aws = {
      source                = "hashicorp/aws"
      configuration_aliases = [aws.there]
    }
  }
}

variable "name" {}

resource "aws_iam_group" "g" {
  provider = aws.there
  name     = "g-${var.name}"
}

output "name" {
  value = aws_iam_group.g.name
}
