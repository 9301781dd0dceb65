module "iam" {
  source = "./iam"
  users = {
    ana = { groups = ["admins"], mfa = true }
    ben = {}
  }
  policies = [for s in ["s3", "sqs"] : { name = s, actions = ["${s}:*"] }]
}

module "off" {
  source = "./iam"
  count  = 0
  users  = {}
}

locals {
  everybody = concat(module.iam.user_names, flatten(module.off[*].user_names))
}

resource "aws_iam_group_membership" "all" {
  name  = "all"
  group = "everybody"
  users = local.everybody
}

output "everybody" {
  value = local.everybody
}

output "documents" {
  value = module.iam.documents
}

output "strict" {
  value = module.iam.strict
}
