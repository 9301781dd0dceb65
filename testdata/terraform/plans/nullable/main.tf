module "a" {
  source = "./m"
  strict = null
  loose  = null
}

module "b" {
  source = "./m"
  strict = "given"
}

output "a" {
  value = module.a
}

output "b" {
  value = module.b
}
