resource "terraform_data" "input" {
  input = { names = ["a", "b"] }
}

resource "terraform_data" "keys" {
  for_each = toset(["x", "y"])
  input    = upper(each.key)
}

resource "aws_iam_user" "u" {
  for_each = toset(terraform_data.input.input.names)
  name     = each.key
}

output "input" {
  value = terraform_data.input.input
}

output "output" {
  value = terraform_data.input.output
}

output "keys" {
  value = { for k, d in terraform_data.keys : k => d.input }
}
