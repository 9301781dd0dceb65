locals {
  a    = local.b["k"]
  b    = { k = local.c[1], l = local.c[0] }
  c    = [for x in local.d : "${x}@"]
  d    = split(",", local.e)
  e    = join(",", keys(local.f))
  f    = { x = 1, y = 2 }
  deep = { for k, v in local.b : k => { for i, c in local.c : i => "${v}${c}" } }
  list = tolist([local.a, local.e])
  env  = terraform.workspace == "default" ? "dev" : terraform.workspace
  conf = lookup({ dev = { users = ["a"] }, prod = { users = ["b"] } }, local.env, { users = [] })
}

resource "aws_iam_user" "u" {
  for_each = toset(local.conf.users)
  name     = "${each.key}-${local.a}"
}

output "all" {
  value = [local.a, local.b, local.c, local.d, local.e, local.deep]
}

output "list" {
  value = local.list
}
