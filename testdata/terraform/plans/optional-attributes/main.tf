variable "users" {
  type = map(object({
    name   = optional(string)
    path   = optional(string, "/")
    groups = optional(list(string), ["everyone"])
    console = optional(object({
      enabled = optional(bool, true)
      reset   = optional(bool)
    }), {})
  }))
  default = {
    a = {}
    b = { name = "bee", path = null, groups = [] }
    c = { path = "/c/", console = { enabled = false } }
    d = { groups = null, console = null, other = "dropped" }
  }
}

resource "aws_iam_user" "this" {
  for_each = var.users
  name     = coalesce(each.value.name, each.key)
  path     = each.value.path
}

output "users" {
  value = var.users
}

output "enabled" {
  value = [for k, u in var.users : k if u.console.enabled]
}
