# People from a module, a gate from another one: names are known before apply, ARNs are not.
variable "people" {
  type = map(object({ admin = bool, console = optional(bool, true) }))
  default = {
    alice = { admin = true }
    bob   = { admin = false }
    bot   = { admin = false, console = false }
  }
}

module "gate" {
  source = "./gate"
  bucket = "arn:aws:s3:::logs-${terraform_data.suffix.id}"
}

module "people" {
  source   = "./member"
  for_each = var.people

  name     = each.key
  console  = each.value.console
  groups   = each.value.admin ? [aws_iam_group.admins.name, module.gate.group] : [module.gate.group]
  policies = { gate = module.gate.policy_arn }
}

resource "terraform_data" "suffix" {}

resource "aws_iam_group" "admins" {
  name = "admins"
}

resource "aws_iam_group_policy_attachment" "admins" {
  group      = aws_iam_group.admins.id
  policy_arn = "arn:aws:iam::aws:policy/AdministratorAccess"
}
