module "team" {
  source   = "./team"
  for_each = { ops = ["ana", "ben"], dev = ["eva"] }
  name     = each.key
  members  = each.value
}

output "all" {
  value = { for k, t in module.team : k => t.users }
}

output "flat" {
  value = sort(flatten(values(module.team)[*].users))
}

output "ops" {
  value = module.team["ops"].group
}
