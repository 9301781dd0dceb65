resource "aws_iam_group" "g" {
  for_each = toset(["x", "y"])
  name     = "g-${each.key}"
}

resource "aws_iam_group_policy" "p" {
  for_each = aws_iam_group.g
  group    = each.value.name
  name     = "${each.value.name}-policy"
  policy   = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Resource = "*" }] })
}

module "m" {
  source   = "./m"
  for_each = aws_iam_group.g
  group    = each.value
}

output "m" {
  value = { for k, v in module.m : k => v.name }
}
