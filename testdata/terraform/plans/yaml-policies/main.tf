locals {
  config = yamldecode(<<-E
    defaults: &d
      path: /team/
      tags: {owner: ops}
    users:
      ana:
        <<: *d
        groups: [admins]
      ben:
        <<: *d
        path: /other/
        groups: []
  E
  )
}

resource "aws_iam_user" "u" {
  for_each = local.config.users
  name     = each.key
  path     = each.value.path
  tags     = each.value.tags
}

output "encoded" {
  value = yamlencode(local.config.users)
}

output "admins" {
  value = [for n, u in local.config.users : n if contains(u.groups, "admins")]
}
