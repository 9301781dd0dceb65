//! Accounts that one root module is about, each through a configuration of the provider: a name means something else in
//! each.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use mfaguard::analysis::verdict::Enforcement::{self, Enforced, NotEnforced};
use mfaguard::fs::MemFs;
use mfaguard::scan;
use mfaguard::source::SourceMap;

use super::GATE;

/// A group of a name, with a gate of that name where `strict` is.
const TEAM: &str = r#"
variable "strict" {
  default = false
}
resource "aws_iam_group" "this" {
  name = "admins"
}
resource "aws_iam_group_policy_attachment" "admin" {
  group      = "admins"
  policy_arn = "arn:aws:iam::aws:policy/AdministratorAccess"
}
resource "aws_iam_group_policy" "gate" {
  count  = var.strict ? 1 : 0
  group  = "admins"
  policy = data.aws_iam_policy_document.gate.json
}
"#;

fn verdicts(path: &str, files: &[(&str, &str)]) -> BTreeMap<String, Enforcement> {
    let team = ("team/main.tf", format!("{GATE}{TEAM}"));
    let files = files.iter().map(|(path, text)| (*path, (*text).to_owned())).chain([team]);
    let fs = files.fold(MemFs::new(), |fs, (path, text)| fs.with(path, text));
    let request = scan::Request::new(vec![PathBuf::from(path)], Arc::new(fs));
    let outcome = scan::check(&request, &SourceMap::new());
    outcome.verdicts.into_iter().map(|(_, v)| (v.address.unwrap(), v.mfa)).collect()
}

/// The verdicts about the team of the module `dev`, and about that of `prod`, which is the strict one.
fn of_both(path: &str, files: &[(&str, &str)]) -> (Enforcement, Enforcement) {
    let all = verdicts(path, files);
    let of = |call: &str| *all.iter().find(|(address, _)| address.contains(call)).unwrap().1;
    (of("dev"), of("prod"))
}

#[test]
fn a_name_is_that_of_the_account_in_which_it_is_said() {
    let calls = [
        // Passed on by a call.
        "provider aws {\n  alias = \"b\"\n}\nmodule dev {\n  source = \"./team\"\n}\nmodule prod {\n  source = \"./team\"\n  strict = true\n  providers = {\n    aws = aws.b # the other one\n  }\n}",
        // By a call of many instances, each with its own.
        "module team {\n  for_each = { dev = false, prod = true }\n  source = \"./team\"\n  strict = each.value\n  providers = { aws = aws.by[each.key] }\n}",
    ];
    for call in calls {
        assert_eq!(of_both(".", &[("main.tf", call)]), (NotEnforced, Enforced), "{call}");
    }
    let json = r#"{"module": {
        "dev": {"source": "./team", "providers": {"aws": "aws.a"}},
        "prod": {"source": "./team", "providers": {"aws": "${aws.b}"}, "strict": true}
    }}"#;
    assert_eq!(of_both(".", &[("main.tf.json", json)]), (NotEnforced, Enforced));
}

#[test]
fn a_module_may_configure_its_provider_itself() {
    let calls =
        "module dev {\n  source = \"./own\"\n}\nmodule prod {\n  source = \"./own\"\n  strict = true\n}";
    let own = format!("variable role {{\n}}\nprovider aws {{\n  region = var.role\n}}\n{GATE}{TEAM}");
    assert_eq!(of_both(".", &[("main.tf", calls), ("own/main.tf", &own)]), (NotEnforced, Enforced));
}

#[test]
fn a_call_within_a_call_hands_on_what_it_got() {
    let calls = "module dev {\n  source = \"./outer\"\n}\nmodule prod {\n  source = \"./outer\"\n  strict = true\n  providers = { aws = aws.b }\n}";
    let outer = "variable strict {\n  default = false\n}\nmodule group {\n  source = \"../group\"\n}\nmodule gate {\n  source = \"../gate\"\n  strict = var.strict\n  providers = { aws.target = aws }\n}";
    let group = "resource aws_iam_group g {\n  name = \"admins\"\n}\nresource aws_iam_group_policy_attachment g {\n  group = \"admins\"\n  policy_arn = \"arn:aws:iam::aws:policy/AdministratorAccess\"\n}";
    let gate = format!(
        "{GATE}variable strict {{\n}}\nresource aws_iam_group_policy g {{\n  provider = aws.target\n  count = var.strict ? 1 : 0\n  group = \"admins\"\n  policy = data.aws_iam_policy_document.gate.json\n}}"
    );
    let files =
        [("main.tf", calls), ("outer/main.tf", outer), ("group/main.tf", group), ("gate/main.tf", &gate)];
    assert_eq!(of_both(".", &files), (NotEnforced, Enforced));
}

/// Regions have providers of their own as well: what is declared once is meant, whatever it is managed through.
#[test]
fn what_is_declared_once_is_meant_everywhere() {
    let code = format!(
        "{GATE}resource aws_iam_group g {{\n  name = \"admins\"\n}}\nresource aws_iam_group_policy g {{\n  provider = aws.virginia\n  group = \"admins\"\n  policy = data.aws_iam_policy_document.gate.json\n}}"
    );
    assert_eq!(verdicts(".", &[("main.tf", &code)])["aws_iam_group.g"], Enforced);
}

#[test]
fn states_say_what_resources_are_managed_through() {
    let provider = |alias: &str| format!("provider[\\\"registry.terraform.io/hashicorp/aws\\\"]{alias}");
    let resource = |kind: &str, name: &str, alias: &str, attributes: &str| {
        format!(
            r#"{{"mode": "managed", "type": "{kind}", "name": "{name}", "provider": "{}", "instances": [{{"attributes": {{{attributes}}}}}]}}"#,
            provider(alias)
        )
    };
    let gate = r#"{\"Statement\": [{\"Effect\": \"Deny\", \"Action\": \"*\", \"Resource\": \"*\", \"Condition\": {\"BoolIfExists\": {\"aws:MultiFactorAuthPresent\": \"false\"}}}]}"#;
    let resources = [
        resource("aws_iam_group", "dev", "", r#""name": "admins""#),
        resource("aws_iam_group", "prod", ".b", r#""name": "admins""#),
        resource("aws_iam_group_policy", "g", ".b", &format!(r#""group": "admins", "policy": "{gate}""#)),
    ];
    let state =
        format!(r#"{{"version": 4, "serial": 1, "lineage": "x", "resources": [{}]}}"#, resources.join(","));
    assert_eq!(of_both("terraform.tfstate", &[("terraform.tfstate", &state)]), (NotEnforced, Enforced));
}
