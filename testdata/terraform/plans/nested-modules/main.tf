module "outer" {
  source = "./outer"
  count  = 2
  label  = "l${count.index}"
}

output "deep" {
  value = module.outer[*].inner
}

output "first" {
  value = module.outer[0].inner.name
}
