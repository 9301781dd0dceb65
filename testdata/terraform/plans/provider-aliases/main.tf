provider "aws" {
  alias                       = "eu"
  region                      = "eu-west-1"
  skip_credentials_validation = true
  skip_requesting_account_id  = true
  skip_metadata_api_check     = true
}

module "m" {
  source    = "./m"
  providers = { aws.there = aws.eu }
  name      = "x"
}

resource "aws_iam_user" "u" {
  provider   = aws.eu
  name       = "u"
  depends_on = [module.m]
  lifecycle {
    create_before_destroy = true
    ignore_changes        = [tags]
  }
}

output "name" {
  value = module.m.name
}
