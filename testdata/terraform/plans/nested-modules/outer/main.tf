variable "label" {
  type = string
}

module "inner" {
  source = "../inner"
  name   = upper(var.label)
  tags   = { from = var.label }
}

output "inner" {
  value = module.inner
}
