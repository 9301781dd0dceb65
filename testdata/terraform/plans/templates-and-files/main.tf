locals {
  files = { for f in fileset(path.module, "policies/*.json") : trimsuffix(basename(f), ".json") => file("${path.module}/${f}") }
}

resource "aws_iam_policy" "files" {
  for_each = local.files
  name     = each.key
  policy   = each.value
}

resource "aws_iam_policy" "rendered" {
  name   = "rendered"
  policy = templatefile("${path.module}/policy.json.tftpl", { buckets = ["a", "b"], mfa = true })
}

resource "aws_iam_group_policy" "heredoc" {
  group = "g"
  name  = "heredoc"
  policy = <<-EOT
    {
      "Version": "2012-10-17",
      "Statement": [{"Effect": "Allow", "Action": "${"s3"}:*", "Resource": "arn:aws:s3:::$${aws:username}"}]
    }
  EOT
}

output "path" {
  value = path.module
}

output "yaml" {
  value = yamldecode(file("${path.root}/users.yaml")).users[*].name
}

output "csv" {
  value = [for r in csvdecode(file("users.csv")) : "${r.name}:${r.group}"]
}

output "template" {
  value = templatestring(local.template, { name = "x" })
}

locals {
  template = "hello $${name}"
}
