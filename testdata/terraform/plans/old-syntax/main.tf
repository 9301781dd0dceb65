variable "name" {
  type    = string
  default = "legacy"
}

variable "list" {
  type    = list
  default = ["a", "b"]
}

resource "aws_iam_user" "u" {
  count = "${length(var.list)}"
  name  = "${element(var.list, count.index)}-${var.name}"
}

resource "aws_iam_user" "v" {
  count = "1"
  name  = "${aws_iam_user.u.0.name}-v"
  path  = "${"/x/"}"
}

output "names" {
  value = "${aws_iam_user.u.*.name}"
}

output "joined" {
  value = "${join(",", aws_iam_user.u.*.name)}"
}
