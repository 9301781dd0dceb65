# terraform-aws-modules/iam/aws//modules/iam-read-only-policy, a policy to read some services.
# Checked for versions 4.8.0 to 6.8.0 on 2026-11-22.
#
# In version 6 the name is a prefix unless the call says otherwise.

variable "since_6_0_0" {}

variable "name" {
  type    = string
  default = null
}
variable "name_prefix" {
  type    = string
  default = null
}
variable "path" {}
variable "description" {}
variable "tags" {}
variable "create" {
  type    = bool
  default = true
}
variable "create_policy" {
  type    = bool
  default = true
}
variable "use_name_prefix" {
  type    = bool
  default = true
}
variable "allowed_services" {
  type    = list(string)
  default = []
}
variable "additional_policy_json" {
  type    = string
  default = "{}"
}
variable "allow_cloudwatch_logs_query" {
  type    = bool
  default = true
}
variable "allow_predefined_sts_actions" {
  type    = bool
  default = true
}
variable "allow_web_console_services" {
  type    = bool
  default = true
}
variable "web_console_services" {
  type    = list(string)
  default = ["resource-groups", "tag", "health", "ce"]
}
variable "source_inline_policy_documents" {
  type    = list(string)
  default = []
}
variable "override_inline_policy_documents" {
  type    = list(string)
  default = []
}

locals {
  prefixed = var.since_6_0_0 && var.use_name_prefix
  services = distinct(concat(var.allowed_services, var.allow_web_console_services ? var.web_console_services : []))
}

data "aws_iam_policy_document" "all" {
  source_policy_documents   = concat([var.additional_policy_json], var.source_inline_policy_documents)
  override_policy_documents = var.override_inline_policy_documents
  statement {
    actions = concat(
      [for p in setproduct(local.services, ["List*", "Get*", "BatchGet*", "Describe*", "View*"]) : "${p[0]}:${p[1]}"],
      var.allow_predefined_sts_actions ? ["sts:GetAccessKeyInfo", "sts:GetCallerIdentity", "sts:GetSessionToken"] : [],
      var.allow_cloudwatch_logs_query ? ["logs:FilterLogEvents", "logs:StartQuery", "logs:StopQuery"] : [],
    )
    resources = ["*"]
  }
}

resource "aws_iam_policy" "policy" {
  count       = var.create_policy && var.create ? 1 : 0
  name        = local.prefixed ? null : var.name
  name_prefix = local.prefixed ? "${var.name}-" : var.name_prefix
  policy      = data.aws_iam_policy_document.all.json
}

output "id" { value = try(aws_iam_policy.policy[0].id, "") }
output "arn" { value = try(aws_iam_policy.policy[0].arn, "") }
output "name" { value = try(aws_iam_policy.policy[0].name, "") }
output "policy" { value = try(aws_iam_policy.policy[0].policy, "") }
output "description" { value = var.description }
output "path" { value = var.path }
output "policy_json" { value = data.aws_iam_policy_document.all.json }
