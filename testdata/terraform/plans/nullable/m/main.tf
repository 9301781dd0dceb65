variable "strict" {
  type     = string
  default  = "default"
  nullable = false
}

variable "loose" {
  type    = string
  default = "default"
}

output "strict" {
  value = var.strict
}

output "loose" {
  value = var.loose == null ? "none" : var.loose
}
