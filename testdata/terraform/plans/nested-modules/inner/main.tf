variable "name" {
  type = string
}

variable "tags" {
  type    = map(string)
  default = {}
}

resource "aws_iam_user" "this" {
  name = var.name
  tags = merge({ by = "terraform" }, var.tags)
}

output "name" {
  value = aws_iam_user.this.name
}

output "tags" {
  value = aws_iam_user.this.tags
}
