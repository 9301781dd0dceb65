data "aws_iam_policy_document" "conditions" {
  source_policy_documents = [<<E
{
  "Version": "2012-10-17",
  "Statement": [
    {"Sid": "A", "Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {"Bool": {"aws:MultiFactorAuthPresent": true}}},
    {"Sid": "B", "Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {"NumericLessThan": {"aws:MultiFactorAuthAge": 3600}}},
    {"Sid": "C", "Effect": "Allow", "Action": [], "Resource": "*", "Condition": {}},
    {"Sid": "D", "Effect": "Deny", "NotAction": ["a:B"], "NotResource": ["x", "y"], "Condition": {"StringEquals": {"a": ["x", "y"], "b": "z"}, "Null": {"k": "true"}}},
    {"Effect": "Allow", "Action": "x:y", "Resource": "*", "Unknown": "element"}
  ]
}
E
  ]
}

data "aws_iam_policy_document" "principals" {
  override_policy_documents = [<<E
{
  "Statement": [
    {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": "*"}},
    {"Effect": "Allow", "Action": "sts:AssumeRole", "NotPrincipal": {"AWS": ["b", "a"]}},
    {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"*": "*"}},
    {"Action": "sts:TagSession", "Principal": {"Federated": ["f"], "AWS": []}}
  ]
}
E
  ]
}

data "aws_iam_policy_document" "sids" {
  override_policy_documents = [
    jsonencode({ Version = "2012-10-17", Statement = [{ Sid = "One", Effect = "Deny", Action = "z", Resource = "*" }, { Sid = "New", Effect = "Deny", Action = "z", Resource = "*" }] }),
    jsonencode({ Version = "2012-10-17", Statement = [{ Sid = "New", Effect = "Allow", Action = "y", Resource = "*" }] }),
  ]
  statement {
    sid       = "One"
    actions   = ["a"]
    resources = ["*"]
  }
  statement {
    sid       = "Two"
    actions   = ["b"]
    resources = ["*"]
  }
}

output "conditions" {
  value = data.aws_iam_policy_document.conditions.json
}

output "principals" {
  value = data.aws_iam_policy_document.principals.json
}

output "sids" {
  value = data.aws_iam_policy_document.sids.json
}
