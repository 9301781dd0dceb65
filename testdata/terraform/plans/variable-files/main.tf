variable "a" {}
variable "b" {}
variable "c" {}
variable "d" {
  type = number
}
variable "e" {
  type = list(number)
}
variable "f" {
  default = "f"
}

resource "aws_iam_user" "u" {
  name = "${var.a}-${var.b}-${var.c}-${var.f}"
}

output "d" {
  value = var.d + 1
}

output "e" {
  value = var.e
}
