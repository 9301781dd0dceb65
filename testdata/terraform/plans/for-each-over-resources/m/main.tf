variable "group" {
  type = object({ name = string })
}

output "name" {
  value = var.group.name
}
