variable "enabled" {
  default = false
}

variable "extra" {
  type    = bool
  default = true
}

resource "aws_iam_user" "off" {
  count = var.enabled ? 1 : 0
  name  = "off"
}

resource "aws_iam_user" "on" {
  count = var.extra && !var.enabled ? 1 : 0
  name  = "on"
}

output "off" {
  value = one(aws_iam_user.off[*].name)
}

output "on" {
  value = try(aws_iam_user.on[0].name, "none")
}

output "joined" {
  value = join("", concat(aws_iam_user.off[*].name, aws_iam_user.on[*].name))
}

output "element" {
  value = element(concat(aws_iam_user.off[*].name, ["default"]), 0)
}
