# terraform-aws-modules/iam/aws//modules/iam-role, a role of any trust.
# Checked for versions 6.0.0 to 6.8.0 on 2026-11-22.

variable "create" {
  type    = bool
  default = true
}
variable "name" {
  type    = string
  default = null
}
variable "use_name_prefix" {
  type    = bool
  default = true
}
variable "path" {}
variable "description" {}
variable "max_session_duration" {}
variable "permissions_boundary" {
  type    = string
  default = null
}
variable "tags" {}
variable "trust_policy_permissions" {
  type = map(object({
    sid            = optional(string)
    effect         = optional(string, "Allow")
    actions        = optional(list(string))
    not_actions    = optional(list(string))
    resources      = optional(list(string))
    not_resources  = optional(list(string))
    principals     = optional(list(object({ type = string, identifiers = list(string) })))
    not_principals = optional(list(object({ type = string, identifiers = list(string) })))
    condition      = optional(list(object({ test = string, variable = string, values = list(string) })))
  }))
  default = {}
}
variable "trust_policy_conditions" {
  type    = list(object({ test = string, variable = string, values = list(string) }))
  default = []
}
variable "source_trust_policy_documents" {
  type    = list(string)
  default = []
}
variable "override_trust_policy_documents" {
  type    = list(string)
  default = []
}
variable "policies" {
  type    = map(string)
  default = {}
}
variable "enable_oidc" {
  type    = bool
  default = false
}
variable "oidc_account_id" {
  type    = string
  default = null
}
variable "oidc_provider_urls" {
  type    = list(string)
  default = []
}
variable "oidc_subjects" {
  type    = list(string)
  default = []
}
variable "oidc_wildcard_subjects" {
  type    = list(string)
  default = []
}
variable "oidc_audiences" {
  type    = list(string)
  default = []
}
variable "enable_github_oidc" {
  type    = bool
  default = false
}
variable "github_provider" {
  type    = string
  default = "token.actions.githubusercontent.com"
}
variable "enable_bitbucket_oidc" {
  type    = bool
  default = false
}
variable "enable_saml" {
  type    = bool
  default = false
}
variable "saml_provider_ids" {
  type    = list(string)
  default = []
}
variable "saml_endpoints" {
  type    = list(string)
  default = ["https://signin.aws.amazon.com/saml"]
}
variable "saml_trust_actions" {
  type    = list(string)
  default = []
}
variable "create_inline_policy" {
  type    = bool
  default = false
}
variable "source_inline_policy_documents" {
  type    = list(string)
  default = []
}
variable "override_inline_policy_documents" {
  type    = list(string)
  default = []
}
variable "inline_policy_permissions" {
  type = map(object({
    sid            = optional(string)
    effect         = optional(string, "Allow")
    actions        = optional(list(string))
    not_actions    = optional(list(string))
    resources      = optional(list(string))
    not_resources  = optional(list(string))
    principals     = optional(list(object({ type = string, identifiers = list(string) })))
    not_principals = optional(list(object({ type = string, identifiers = list(string) })))
    condition      = optional(list(object({ test = string, variable = string, values = list(string) })))
  }))
  default = {}
}
variable "create_instance_profile" {
  type    = bool
  default = false
}

data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}

locals {
  account   = data.aws_caller_identity.current.account_id
  providers = [for url in var.oidc_provider_urls : replace(url, "https://", "")]
  strict    = "ForAllValues:StringEquals"
  github    = [for s in var.oidc_subjects : "repo:${trimprefix(s, "repo:")}"]
  likewise  = [for s in var.oidc_wildcard_subjects : "repo:${trimprefix(s, "repo:")}"]
  audiences = length(var.oidc_audiences) > 0 ? var.oidc_audiences : ["sts.amazonaws.com"]

  # Provider, account, and the conditions on its tokens.
  federated = concat(
    [for p in var.enable_oidc ? local.providers : [] : {
      provider = p
      account  = var.oidc_account_id == null ? local.account : var.oidc_account_id
      asked = [
        ["StringEquals", "sub", var.oidc_subjects],
        ["StringLike", "sub", var.oidc_wildcard_subjects],
        ["StringEquals", "aud", var.oidc_audiences],
      ]
    }],
    [for p in var.enable_github_oidc ? [var.github_provider] : [] : {
      provider = p
      account  = local.account
      asked = [
        [local.strict, "iss", ["https://${p}"]],
        [local.strict, "aud", local.audiences],
        ["StringEquals", "sub", local.github],
        ["StringLike", "sub", local.likewise],
      ]
    }],
    [for p in var.enable_bitbucket_oidc ? slice(local.providers, 0, min(1, length(local.providers))) : [] : {
      provider = p
      account  = local.account
      asked = [
        [local.strict, "aud", local.audiences],
        ["StringEquals", "sub", var.oidc_subjects],
        ["StringLike", "sub", var.oidc_wildcard_subjects],
      ]
    }],
  )
}

data "aws_iam_policy_document" "trust" {
  source_policy_documents   = var.source_trust_policy_documents
  override_policy_documents = var.override_trust_policy_documents
  dynamic "statement" {
    for_each = local.federated
    content {
      actions = ["sts:AssumeRoleWithWebIdentity", "sts:TagSession"]
      principals {
        type        = "Federated"
        identifiers = ["arn:${data.aws_partition.current.partition}:iam::${statement.value.account}:oidc-provider/${statement.value.provider}"]
      }
      dynamic "condition" {
        for_each = [for c in statement.value.asked : c if length(c[2]) > 0]
        content {
          test     = condition.value[0]
          variable = "${statement.value.provider}:${condition.value[1]}"
          values   = condition.value[2]
        }
      }
      dynamic "condition" {
        for_each = var.trust_policy_conditions
        content {
          test     = condition.value.test
          variable = condition.value.variable
          values   = condition.value.values
        }
      }
    }
  }
  dynamic "statement" {
    for_each = var.enable_saml ? [1] : []
    content {
      actions = distinct(concat(["sts:AssumeRoleWithSAML", "sts:TagSession"], var.saml_trust_actions))
      principals {
        type        = "Federated"
        identifiers = var.saml_provider_ids
      }
      condition {
        test     = "StringEquals"
        variable = "SAML:aud"
        values   = var.saml_endpoints
      }
      dynamic "condition" {
        for_each = var.trust_policy_conditions
        content {
          test     = condition.value.test
          variable = condition.value.variable
          values   = condition.value.values
        }
      }
    }
  }
  dynamic "statement" {
    for_each = var.trust_policy_permissions == null ? {} : var.trust_policy_permissions
    content {
      effect        = statement.value.effect
      actions       = statement.value.actions
      not_actions   = statement.value.not_actions
      resources     = statement.value.resources
      not_resources = statement.value.not_resources
      dynamic "principals" {
        for_each = statement.value.principals == null ? [] : statement.value.principals
        content {
          type        = principals.value.type
          identifiers = principals.value.identifiers
        }
      }
      dynamic "not_principals" {
        for_each = statement.value.not_principals == null ? [] : statement.value.not_principals
        content {
          type        = not_principals.value.type
          identifiers = not_principals.value.identifiers
        }
      }
      dynamic "condition" {
        for_each = statement.value.condition == null ? [] : statement.value.condition
        content {
          test     = condition.value.test
          variable = condition.value.variable
          values   = condition.value.values
        }
      }
    }
  }
}

resource "aws_iam_role" "this" {
  count                = var.create ? 1 : 0
  name                 = var.use_name_prefix ? null : var.name
  name_prefix          = var.use_name_prefix ? "${var.name}-" : null
  permissions_boundary = var.permissions_boundary
  assume_role_policy   = data.aws_iam_policy_document.trust.json
}

resource "aws_iam_role_policy_attachment" "this" {
  for_each   = { for name, arn in var.policies : name => arn if var.create }
  role       = aws_iam_role.this[0].name
  policy_arn = each.value
}

data "aws_iam_policy_document" "inline" {
  source_policy_documents   = var.source_inline_policy_documents
  override_policy_documents = var.override_inline_policy_documents
  dynamic "statement" {
    for_each = var.inline_policy_permissions == null ? {} : var.inline_policy_permissions
    content {
      effect        = statement.value.effect
      actions       = statement.value.actions
      not_actions   = statement.value.not_actions
      resources     = statement.value.resources
      not_resources = statement.value.not_resources
      dynamic "principals" {
        for_each = statement.value.principals == null ? [] : statement.value.principals
        content {
          type        = principals.value.type
          identifiers = principals.value.identifiers
        }
      }
      dynamic "not_principals" {
        for_each = statement.value.not_principals == null ? [] : statement.value.not_principals
        content {
          type        = not_principals.value.type
          identifiers = not_principals.value.identifiers
        }
      }
      dynamic "condition" {
        for_each = statement.value.condition == null ? [] : statement.value.condition
        content {
          test     = condition.value.test
          variable = condition.value.variable
          values   = condition.value.values
        }
      }
    }
  }
}

resource "aws_iam_role_policy" "inline" {
  count  = var.create && var.create_inline_policy ? 1 : 0
  role   = aws_iam_role.this[0].name
  policy = data.aws_iam_policy_document.inline.json
}

resource "aws_iam_instance_profile" "this" {
  count = var.create && var.create_instance_profile ? 1 : 0
  role  = aws_iam_role.this[0].name
}

output "name" { value = try(aws_iam_role.this[0].name, null) }
output "arn" { value = try(aws_iam_role.this[0].arn, null) }
output "unique_id" { value = try(aws_iam_role.this[0].unique_id, null) }
output "instance_profile_arn" { value = try(aws_iam_instance_profile.this[0].arn, null) }
output "instance_profile_id" { value = try(aws_iam_instance_profile.this[0].id, null) }
output "instance_profile_name" { value = try(aws_iam_instance_profile.this[0].name, null) }
output "instance_profile_unique_id" { value = try(aws_iam_instance_profile.this[0].unique_id, null) }
