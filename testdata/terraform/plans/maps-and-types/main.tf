variable "mixed" {
  type    = map(string)
  default = { a = 1, b = true, c = "x" }
}

variable "numbers" {
  type    = set(number)
  default = [3, "1", 2, 1]
}

variable "any_list" {
  type    = list(any)
  default = ["a", 1, true]
}

variable "any_map" {
  type    = map(any)
  default = { a = { x = 1 }, b = { x = "2" } }
}

variable "tuple" {
  type    = tuple([string, number, bool])
  default = [1, "2", "true"]
}

variable "nested" {
  type    = list(map(list(string)))
  default = [{ a = [1, 2] }, { b = [] }]
}

variable "anything" {
  type    = any
  default = { list = ["a", 1], obj = { x = null } }
}

resource "aws_iam_user" "u" {
  for_each = var.mixed
  name     = "${each.key}${each.value}"
}

resource "aws_iam_group" "g" {
  for_each = { for n in var.numbers : n => n * 2 }
  name     = "g${each.value}"
}

output "all" {
  value = [var.mixed, var.numbers, var.any_list, var.any_map, var.tuple, var.nested]
}

output "anything" {
  value = var.anything
}
