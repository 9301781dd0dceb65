//! Well-known modules that are not downloaded, through the whole pipeline.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::path::PathBuf;
use std::sync::Arc;

use mfaguard::fs::MemFs;
use mfaguard::scan::{self, Outcome};
use mfaguard::source::SourceMap;

const IAM: &str = "terraform-aws-modules/iam/aws//modules";
const ADMIN: &str = "\"arn:aws:iam::aws:policy/AdministratorAccess\"";
const ACCOUNT: &str = "\"arn:aws:iam::111122223333:root\"";

fn check(code: &str) -> Outcome {
    let request = scan::Request::new(vec![PathBuf::from(".")], Arc::new(MemFs::new().with("main.tf", code)));
    scan::check(&request, &SourceMap::new())
}

/// Principals in one line each: address or name, console, admin, verdicts.
fn principals(code: &str) -> Vec<String> {
    let line = |(_, v): (usize, mfaguard::analysis::verdict::Verdict)| {
        let who = v.address.or(v.name).unwrap();
        let (mfa, keys) = (v.mfa.as_str(), v.mfa_keys.as_str());
        let verdict = if mfa == keys { mfa.to_owned() } else { format!("{mfa}/{keys}") };
        format!("{who} console={} admin={} {verdict}", v.console, v.admin)
    };
    check(code).verdicts.into_iter().map(line).collect()
}

fn call(module: &str, version: &str, inputs: &str) -> Vec<String> {
    principals(&format!(
        "module \"m\" {{\n  source  = \"{IAM}/{module}\"\n  version = \"{version}\"\n{inputs}\n}}\n"
    ))
}

#[test]
fn users() {
    for version in ["2.9.0", "~> 4.0", "5.60.0"] {
        let got = call("iam-user", version, "  name = \"ann\"");
        assert_eq!(got, ["module.m.aws_iam_user.this[0] console=yes admin=no not-enforced"], "{version}");
        let got = call("iam-user", version, "  name = \"ann\"\n  create_iam_user_login_profile = false");
        assert_eq!(got, ["module.m.aws_iam_user.this[0] console=no admin=no not-enforced"], "{version}");
    }
    let six = format!("  name = \"ann\"\n  create_login_profile = false\n  policies = {{ a = {ADMIN} }}");
    assert_eq!(
        call("iam-user", "~> 6.0", &six),
        ["module.m.aws_iam_user.this[0] console=no admin=yes not-enforced"]
    );
    // Each of the versions has its own switch for the password.
    let any = call("iam-user", ">= 2.0", "  name = \"ann\"\n  create_login_profile = false");
    assert_eq!(any, ["module.m.aws_iam_user.this[0] console=unknown admin=no not-enforced"]);
    let none = call("iam-user", "5.0.0", "  name = \"ann\"\n  create_user = false");
    assert!(none.is_empty());
}

#[test]
fn calls_have_instances_and_outputs() {
    let got = principals(&format!(
        r#"
module "people" {{
  for_each                      = toset(["ann", "bob"])
  source                        = "git::https://github.com/terraform-aws-modules/terraform-aws-iam.git//modules/iam-user?ref=v5.30.0"
  name                          = each.key
  create_iam_user_login_profile = each.key == "ann"
}}
module "devs" {{
  count                    = 1
  source                   = "{IAM}/iam-group-with-policies"
  version                  = "5.60.0"
  name                     = "devs"
  group_users              = [module.people["ann"].iam_user_name]
  custom_group_policy_arns = [{ADMIN}]
}}
resource "aws_iam_group_policy_attachment" "more" {{
  group      = module.devs[0].group_name
  policy_arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"
}}
"#
    ));
    assert_eq!(
        got,
        [
            "module.people[\"ann\"].aws_iam_user.this[0] console=yes admin=yes enforced",
            "module.people[\"bob\"].aws_iam_user.this[0] console=no admin=no not-enforced",
            "module.devs[0].aws_iam_group.this[0] console=no admin=yes enforced",
        ]
    );
}

#[test]
fn the_gate_of_a_group_came_with_a_version() {
    let inputs = format!("  name = \"g\"\n  custom_group_policy_arns = [{ADMIN}]");
    let group = |module, version, more: &str| {
        call(module, version, &format!("{inputs}\n{more}"))
            .join("")
            .split(' ')
            .next_back()
            .unwrap()
            .to_owned()
    };
    let old = "iam-group-with-policies";
    assert_eq!(group(old, "2.0.0", ""), "not-enforced");
    assert_eq!(group(old, "~> 5.10.0", ""), "not-enforced");
    assert_eq!(group(old, "5.11.0", ""), "enforced");
    assert_eq!(group(old, "~> 5.30", ""), "enforced");
    assert_eq!(group(old, "~> 5.0", ""), "unknown");
    assert_eq!(group(old, "~> 5.30", "  enable_mfa_enforcement = false"), "not-enforced");
    assert_eq!(group(old, "5.20.0", "  enable_mfa_enforcment = false"), "not-enforced");
    assert_eq!(group(old, "~> 5.0", "  attach_iam_self_management_policy = false"), "not-enforced");
    let six = format!("  name = \"g\"\n  policies = {{ a = {ADMIN} }}");
    assert_eq!(
        call("iam-group", "~> 6.0", &six),
        ["module.m.aws_iam_group.this[0] console=no admin=yes enforced"]
    );
    let off = format!("{six}\n  enable_mfa_enforcement = false");
    assert_eq!(
        call("iam-group", "~> 6.0", &off),
        ["module.m.aws_iam_group.this[0] console=no admin=yes not-enforced"]
    );
}

#[test]
fn a_group_that_may_assume_roles() {
    let got = call(
        "iam-group-with-assumable-roles-policy",
        "~> 4.0",
        "  name = \"g\"\n  assumable_roles = [\"arn:aws:iam::1:role/x\"]\n  group_users = [\"ann\"]",
    );
    assert_eq!(
        got,
        [
            "module.m.aws_iam_group.this console=no admin=no not-enforced",
            "ann console=unknown admin=unknown unknown"
        ]
    );
}

#[test]
fn roles_need_mfa_unless_the_call_says_otherwise() {
    let inputs = format!(
        "  create_role = true\n  role_name = \"r\"\n  trusted_role_arns = [{ACCOUNT}]\n  attach_admin_policy = true"
    );
    for version in ["2.0.0", "~> 4.0", "~> 5.0"] {
        let role = "module.m.aws_iam_role.this[0] console=no admin=yes";
        assert_eq!(call("iam-assumable-role", version, &inputs), [format!("{role} enforced")], "{version}");
        let open = format!("{inputs}\n  role_requires_mfa = false");
        assert_eq!(call("iam-assumable-role", version, &open), [format!("{role} not-enforced")], "{version}");
    }
    let custom = format!(
        "{inputs}\n  custom_role_trust_policy = jsonencode({{ Statement = {{ Effect = \"Allow\", Action = \"sts:AssumeRole\", \
         Principal = {{ AWS = {ACCOUNT} }} }} }})"
    );
    let verdict = |version| call("iam-assumable-role", version, &custom).join("");
    assert!(verdict("5.29.0").ends_with("admin=yes not-enforced"));
    assert!(verdict("5.30.0").ends_with("admin=yes enforced"));
    assert!(verdict("~> 5.0").ends_with("admin=yes unknown"));
    let three = format!(
        "  create_admin_role = true\n  create_readonly_role = true\n  readonly_role_requires_mfa = false\n  trusted_role_arns = [{ACCOUNT}]"
    );
    assert_eq!(
        call("iam-assumable-roles", "~> 5.0", &three),
        [
            "module.m.aws_iam_role.admin[0] console=no admin=yes enforced",
            "module.m.aws_iam_role.readonly[0] console=no admin=no not-enforced"
        ]
    );
}

#[test]
fn federated_roles_are_not_applicable_and_others_are() {
    let role = "module.m.aws_iam_role.this[0] console=no admin=yes";
    let with = |provider: &str| {
        format!("  create_role = true\n  role_name = \"r\"\n  role_policy_arns = [{ADMIN}]\n  {provider}")
    };
    let saml = with("provider_id = \"arn:aws:iam::1:saml-provider/x\"");
    assert_eq!(call("iam-assumable-role-with-saml", "~> 5.0", &saml), [format!("{role} not-applicable")]);
    let oidc = with("provider_url = \"https://oidc.example.com\"");
    assert_eq!(call("iam-assumable-role-with-oidc", "~> 5.0", &oidc), [format!("{role} not-applicable")]);
    let three = call(
        "iam-assumable-roles-with-saml",
        "~> 5.0",
        "  create_admin_role = true\n  provider_id = \"arn:aws:iam::1:saml-provider/x\"",
    );
    assert_eq!(three, ["module.m.aws_iam_role.admin[0] console=no admin=yes not-applicable"]);
    let six = format!("  name = \"r\"\n  policies = {{ a = {ADMIN} }}");
    let github = format!("{six}\n  enable_github_oidc = true\n  oidc_subjects = [\"a/b:*\"]");
    assert_eq!(call("iam-role", "~> 6.0", &github), [format!("{role} not-applicable")]);
    let trusted = |condition: &str| {
        format!(
            "{six}\n  trust_policy_permissions = {{ x = {{ actions = [\"sts:AssumeRole\"], principals = [{{ type = \"AWS\", \
             identifiers = [{ACCOUNT}] }}]{condition} }} }}"
        )
    };
    let mfa =
        ", condition = [{ test = \"Bool\", variable = \"aws:MultiFactorAuthPresent\", values = [\"true\"] }]";
    assert_eq!(call("iam-role", "~> 6.0", &trusted("")), [format!("{role} not-enforced")]);
    assert_eq!(call("iam-role", "~> 6.0", &trusted(mfa)), [format!("{role} enforced")]);
    let both = format!("{}\n  enable_github_oidc = true", trusted(""));
    assert_eq!(call("iam-role", "~> 6.0", &both), [format!("{role} not-enforced")]);
}

#[test]
fn policies_are_joined_by_their_outputs() {
    for (version, id) in [("~> 5.0", "arn"), ("~> 6.0", "arn"), ("5.0.0", "id")] {
        let got = principals(&format!(
            r#"
module "admin" {{
  source  = "{IAM}/iam-policy"
  version = "{version}"
  name    = "all"
  policy  = jsonencode({{ Version = "2012-10-17", Statement = {{ Effect = "Allow", Action = "*", Resource = "*" }} }})
}}
module "read" {{
  source           = "{IAM}/iam-read-only-policy"
  version          = "{version}"
  name             = "read"
  allowed_services = ["s3"]
}}
resource "aws_iam_group" "a" {{ name = "a" }}
resource "aws_iam_group" "b" {{ name = "b" }}
resource "aws_iam_group_policy_attachment" "a" {{
  group      = aws_iam_group.a.name
  policy_arn = module.admin.{id}
}}
resource "aws_iam_group_policy_attachment" "b" {{
  group      = aws_iam_group.b.name
  policy_arn = module.read.{id}
}}
"#
        ));
        let wanted = [
            "aws_iam_group.a console=no admin=yes not-enforced",
            "aws_iam_group.b console=no admin=no not-enforced",
        ];
        assert_eq!(got, wanted, "{version}");
    }
}

#[test]
fn the_module_called_enforce_mfa_once_did() {
    let group = |version: &str, more: &str| {
        let got = principals(&format!(
            "resource \"aws_iam_group\" \"g\" {{ name = \"g\" }}\nmodule \"m\" {{\n  source = \
             \"terraform-module/enforce-mfa/aws\"\n{version}\n  groups = [aws_iam_group.g.name]\n{more}\n}}\n"
        ));
        assert_eq!(got.len(), 1);
        got[0].split(' ').next_back().unwrap().to_owned()
    };
    let version = |v: &str| format!("  version = \"{v}\"");
    assert_eq!(group(&version("0.12.0"), ""), "enforced");
    assert_eq!(group(&version("<= 0.12.2"), ""), "enforced");
    assert_eq!(group(&version("0.13.0"), ""), "partial");
    assert_eq!(group(&version("~> 1.0"), ""), "partial");
    assert_eq!(group(&version(">= 0.13"), ""), "partial");
    assert_eq!(group(&version("~> 1.0"), "  manage_explicit_deny = true"), "enforced");
    // In these versions the switch denies what enrols a device.
    assert_ne!(group(&version("0.12.5"), "  manage_explicit_deny = true"), "enforced");
    assert_eq!(group(&version(">= 0.12"), ""), "unknown");
    assert_eq!(group("", ""), "unknown");
    assert_eq!(group(&version("~> 2.0"), ""), "unknown");
}

#[test]
fn a_version_that_is_not_settled_is_named_at_its_place() {
    let code = "resource \"aws_iam_group\" \"g\" { name = \"g\" }\nmodule \"m\" {\n  source  = \"terraform-module/enforce-mfa/aws\"\n  \
                version = \">= 0.12\"\n  groups  = [aws_iam_group.g.name]\n}\n";
    let outcome = check(code);
    let unknown = &outcome.verdicts[0].1.unknown;
    let reason = "the version of module `m` is not settled (`>= 0.12`), and it changed in 0.12.3; with `since 0.12.3` MFA is \
                  not enforced";
    assert!(unknown.iter().any(|u| u.reason() == reason), "{unknown:?}");
}

#[test]
fn users_of_cloudposse_are_called_what_the_call_says() {
    let got = principals(
        r#"
module "ann" {
  source    = "cloudposse/iam-user/aws"
  version   = "0.9.0"
  namespace = "eg"
  name      = "label"
  user_name = "ann@example.com"
  pgp_key   = "keybase:ann"
  groups    = [aws_iam_group.admins.name]
}
module "off" {
  source    = "git::https://github.com/cloudposse/terraform-aws-iam-user.git?ref=tags/0.8.4"
  user_name = "off"
  pgp_key   = "keybase:off"
  context   = { enabled = false }
}
resource "aws_iam_group" "admins" { name = "admins" }
resource "aws_iam_group_policy_attachment" "admins" {
  group      = aws_iam_group.admins.name
  policy_arn = "arn:aws:iam::aws:policy/AdministratorAccess"
}
"#,
    );
    assert_eq!(
        got,
        [
            "module.ann.aws_iam_user.default[0] console=yes admin=yes not-enforced",
            "aws_iam_group.admins console=no admin=yes not-enforced"
        ]
    );
}

#[test]
fn what_is_downloaded_wins() {
    let manifest = r#"{"Modules": [{"Key": "", "Dir": "."}, {"Key": "m", "Dir": ".terraform/modules/m/modules/iam-user"}]}"#;
    let fs = MemFs::new()
        .with("main.tf", format!("module \"m\" {{\n  source = \"{IAM}/iam-user\"\n}}\n"))
        .with(".terraform/modules/modules.json", manifest)
        .with(
            ".terraform/modules/m/modules/iam-user/main.tf",
            "resource \"aws_iam_user\" \"own\" { name = \"n\" }\n",
        );
    let request = scan::Request::new(vec![PathBuf::from(".")], Arc::new(fs));
    let outcome = scan::check(&request, &SourceMap::new());
    assert_eq!(outcome.verdicts[0].1.address.as_deref(), Some("module.m.aws_iam_user.own"));
}
