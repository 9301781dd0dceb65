variable "secret" {
  type      = string
  default   = "hidden"
  sensitive = true
}

resource "aws_iam_user" "u" {
  name = "u-${nonsensitive(var.secret)}"
  tags = { secret = var.secret }
}

output "secret" {
  value     = var.secret
  sensitive = true
}

output "length" {
  value     = length(var.secret)
  sensitive = true
}
