//! An account and the code for it, that agree until a scenario changes one of them.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use mfaguard::account;
use mfaguard::compare::{self, Outcome};
use mfaguard::drift::Elsewhere;
use mfaguard::finding::Certainty;
use mfaguard::fs::MemFs;
use mfaguard::scan;
use mfaguard::source::SourceMap;
use serde_json::{Value, json};

pub(crate) const ACCOUNT: &str = "111122223333";

/// The code. Alice may sign in, Bob has a boundary, Carol has nothing; both gates and a role that asks for MFA.
const CODE: &str = r#"
resource "aws_iam_policy" "gate" {
  name = "gate"
  policy = jsonencode({ Version = "2012-10-17", Statement = [{
    Effect = "Deny", NotAction = ["iam:CreateVirtualMFADevice", "iam:EnableMFADevice"], Resource = "*",
    Condition = { BoolIfExists = { "aws:MultiFactorAuthPresent" = "false" } }
  }] })
}
resource "aws_iam_policy" "cap" {
  name   = "cap"
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "s3:*", Resource = "*" }] })
}
resource "aws_iam_group" "staff" {
  name = "staff"
}
resource "aws_iam_group_policy_attachment" "gate" {
  group      = aws_iam_group.staff.name
  policy_arn = aws_iam_policy.gate.arn
}
resource "aws_iam_group_policy_attachment" "power" {
  group      = aws_iam_group.staff.name
  policy_arn = "arn:aws:iam::aws:policy/PowerUserAccess"
}
resource "aws_iam_group" "admins" {
  name = "admins"
}
resource "aws_iam_group_policy_attachment" "admins" {
  group      = aws_iam_group.admins.name
  policy_arn = "arn:aws:iam::aws:policy/AdministratorAccess"
}
resource "aws_iam_user" "alice" {
  name = "alice"
}
resource "aws_iam_user_login_profile" "alice" {
  user    = aws_iam_user.alice.name
  pgp_key = "keybase:someone"
}
resource "aws_iam_user" "bob" {
  name                 = "bob"
  permissions_boundary = aws_iam_policy.cap.arn
}
resource "aws_iam_user_policy" "bob" {
  name   = "reads"
  user   = aws_iam_user.bob.name
  policy = jsonencode({ Version = "2012-10-17", Statement = [{
    Effect = "Allow", Action = ["s3:GetObject", "s3:ListBucket"], Resource = "arn:aws:s3:::logs/*"
  }] })
}
resource "aws_iam_user" "carol" {
  name = "carol"
}
resource "aws_iam_user_group_membership" "staff" {
  for_each = toset(["alice", "bob"])
  user     = each.key
  groups   = [aws_iam_group.staff.name]
  depends_on = [aws_iam_user.alice, aws_iam_user.bob]
}
resource "aws_iam_role" "deploy" {
  name = "deploy"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{
    Effect = "Allow", Principal = { AWS = "arn:aws:iam::111122223333:root" }, Action = "sts:AssumeRole",
    Condition = { Bool = { "aws:MultiFactorAuthPresent" = "true" } }
  }] })
}
resource "aws_iam_role_policy_attachment" "deploy" {
  role       = aws_iam_role.deploy.name
  policy_arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"
}
"#;

pub(crate) struct World {
    pub(crate) code: String,
    pub(crate) template: String,
    pub(crate) details: Value,
    /// User, password, MFA.
    pub(crate) rows: Vec<(&'static str, &'static str, &'static str)>,
    pub(crate) report: bool,
    pub(crate) with_details: bool,
    pub(crate) devices: Option<Value>,
    pub(crate) elsewhere: Vec<Elsewhere>,
    pub(crate) meta: Value,
}

fn arn(rest: &str) -> String {
    format!("arn:aws:iam::{ACCOUNT}:{rest}")
}

pub(crate) fn aws(name: &str) -> Value {
    json!({"PolicyName": name, "PolicyArn": format!("arn:aws:iam::aws:policy/{name}")})
}

pub(crate) fn own(name: &str) -> Value {
    json!({"PolicyName": name, "PolicyArn": arn(&format!("policy/{name}"))})
}

pub(crate) fn document(statement: Value) -> Value {
    json!({"Version": "2012-10-17", "Statement": [statement]})
}

pub(crate) fn gate() -> Value {
    json!({"Effect": "Deny", "NotAction": ["iam:CreateVirtualMFADevice", "iam:EnableMFADevice"], "Resource": "*",
           "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}})
}

pub(crate) fn policy(name: &str, document: &Value) -> Value {
    json!({"PolicyName": name, "Arn": arn(&format!("policy/{name}")), "DefaultVersionId": "v1",
           "PolicyVersionList": [{"VersionId": "v1", "IsDefaultVersion": true, "Document": document}]})
}

pub(crate) fn user(name: &str) -> Value {
    json!({"UserName": name, "Path": "/", "Arn": arn(&format!("user/{name}")), "GroupList": [],
           "UserPolicyList": [], "AttachedManagedPolicies": []})
}

pub(crate) fn group(name: &str) -> Value {
    json!({"GroupName": name, "Path": "/", "Arn": arn(&format!("group/{name}")), "GroupPolicyList": [],
           "AttachedManagedPolicies": []})
}

pub(crate) fn role(name: &str, path: &str, trust: &Value) -> Value {
    json!({"RoleName": name, "Path": path, "Arn": arn(&format!("role{path}{name}")),
           "AssumeRolePolicyDocument": trust, "RolePolicyList": [], "AttachedManagedPolicies": []})
}

pub(crate) fn trust(principal: Value) -> Value {
    document(json!({"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}))
}

impl World {
    pub(crate) fn new() -> Self {
        let mut staff = group("staff");
        staff["AttachedManagedPolicies"] = json!([own("gate"), aws("PowerUserAccess")]);
        let mut admins = group("admins");
        admins["AttachedManagedPolicies"] = json!([aws("AdministratorAccess")]);
        let (mut alice, mut bob) = (user("alice"), user("bob"));
        alice["GroupList"] = json!(["staff"]);
        bob["GroupList"] = json!(["staff"]);
        bob["PermissionsBoundary"] =
            json!({"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": arn("policy/cap")});
        let reads = json!({"Effect": "Allow", "Action": ["s3:GetObject", "s3:ListBucket"],
                           "Resource": "arn:aws:s3:::logs/*"});
        bob["UserPolicyList"] = json!([{"PolicyName": "reads", "PolicyDocument": document(reads)}]);
        let with_mfa = json!({"Effect": "Allow", "Principal": {"AWS": arn("root")}, "Action": "sts:AssumeRole",
                              "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}});
        let mut deploy = role("deploy", "/", &document(with_mfa));
        deploy["AttachedManagedPolicies"] = json!([aws("ReadOnlyAccess")]);
        let cap = json!({"Effect": "Allow", "Action": "s3:*", "Resource": "*"});
        let policies = json!([policy("gate", &document(gate())), policy("cap", &document(cap))]);
        Self {
            code: CODE.to_owned(),
            template: String::new(),
            details: json!({"UserDetailList": [alice, bob, user("carol")], "GroupDetailList": [staff, admins],
                            "RoleDetailList": [deploy], "Policies": policies}),
            rows: vec![("alice", "true", "true"), ("bob", "false", "false"), ("carol", "false", "false")],
            report: true,
            with_details: true,
            devices: None,
            elsewhere: Vec::new(),
            meta: json!({"account": ACCOUNT}),
        }
    }

    /// A text of the code becomes another one.
    pub(crate) fn edit(&mut self, from: &str, to: &str) -> &mut Self {
        assert!(self.code.contains(from), "the code does not hold {from}");
        self.code = self.code.replace(from, to);
        self
    }

    pub(crate) fn add(&mut self, code: &str) -> &mut Self {
        self.code.push_str(code);
        self
    }

    fn list(&mut self, kind: &str) -> (&mut Vec<Value>, String) {
        let (list, member) = match kind {
            "user" => ("UserDetailList", "UserName"),
            "group" => ("GroupDetailList", "GroupName"),
            "role" => ("RoleDetailList", "RoleName"),
            _ => ("Policies", "PolicyName"),
        };
        (self.details[list].as_array_mut().unwrap(), member.to_owned())
    }

    /// A principal or policy of the account.
    pub(crate) fn of(&mut self, kind: &str, name: &str) -> &mut Value {
        let (list, member) = self.list(kind);
        list.iter_mut().find(|v| v[&member] == name).unwrap()
    }

    pub(crate) fn has(&mut self, kind: &str, what: Value) -> &mut Self {
        self.list(kind).0.push(what);
        self
    }

    pub(crate) fn lacks(&mut self, kind: &str, name: &str) -> &mut Self {
        let (list, member) = self.list(kind);
        list.retain(|v| v[&member] != name);
        self.rows.retain(|r| kind != "user" || r.0 != name);
        self
    }

    pub(crate) fn attach(&mut self, kind: &str, name: &str, policy: Value) -> &mut Self {
        self.of(kind, name)["AttachedManagedPolicies"].as_array_mut().unwrap().push(policy);
        self
    }

    pub(crate) fn detach(&mut self, kind: &str, name: &str, policy: &str) -> &mut Self {
        let list = self.of(kind, name)["AttachedManagedPolicies"].as_array_mut().unwrap();
        list.retain(|p| p["PolicyName"] != policy);
        self
    }

    pub(crate) fn groups(&mut self, user: &str, groups: &[&str]) -> &mut Self {
        self.of("user", user)["GroupList"] = json!(groups);
        self
    }

    pub(crate) fn embed(&mut self, kind: &str, name: &str, policy: &str, statement: Value) -> &mut Self {
        let list = match kind {
            "user" => "UserPolicyList",
            "group" => "GroupPolicyList",
            _ => "RolePolicyList",
        };
        let embedded = json!({"PolicyName": policy, "PolicyDocument": document(statement)});
        self.of(kind, name)[list].as_array_mut().unwrap().push(embedded);
        self
    }

    /// The document of a managed policy of the account.
    pub(crate) fn means(&mut self, name: &str, document: &Value) -> &mut Self {
        *self.of("policy", name) = policy(name, document);
        self
    }

    pub(crate) fn trusts(&mut self, role: &str, trust: &Value) -> &mut Self {
        self.of("role", role)["AssumeRolePolicyDocument"] = trust.clone();
        self
    }

    pub(crate) fn row(&mut self, user: &'static str, password: &'static str, mfa: &'static str) -> &mut Self {
        self.rows.retain(|r| r.0 != user);
        self.rows.push((user, password, mfa));
        self
    }

    pub(crate) fn files(&self) -> Vec<(PathBuf, String)> {
        let mut out = vec![
            (PathBuf::from("code/main.tf"), self.code.clone()),
            (PathBuf::from("account/meta.json"), self.meta.to_string()),
        ];
        if !self.template.is_empty() {
            out.push((PathBuf::from("code/template.yaml"), self.template.clone()));
        }
        if self.with_details {
            let path = "account/account_authorization_details.json";
            out.push((PathBuf::from(path), serde_json::to_string_pretty(&self.details).unwrap()));
        }
        if self.report {
            let mut csv = String::from(
                "user,arn,password_enabled,mfa_active,access_key_1_active,access_key_2_active\n",
            );
            for (user, password, mfa) in &self.rows {
                csv += &format!("{user},{},{password},{mfa},false,false\n", arn(&format!("user/{user}")));
            }
            out.push((PathBuf::from("account/credential_report.csv"), csv));
        }
        if let Some(devices) = &self.devices {
            out.push((PathBuf::from("account/virtual_mfa_devices.json"), devices.to_string()));
        }
        out
    }

    pub(crate) fn drift(&self) -> Outcome {
        let mut fs = MemFs::new();
        for (path, text) in self.files() {
            fs = fs.with(path, text);
        }
        let (fs, sources) = (Arc::new(fs), SourceMap::new());
        let (accounts, problems) = account::read_all(&[PathBuf::from("account")], &[], fs.as_ref(), &sources);
        assert!(problems.is_empty(), "{problems:?}");
        let code = scan::Request::new(vec![PathBuf::from("code")], fs);
        let request = compare::Request { code, elsewhere: self.elsewhere.clone(), whole: true };
        compare::drift(&request, accounts, &sources)
    }

    /// What is told: rule and subject, with a question mark for what is only possible.
    pub(crate) fn told(&self) -> Vec<String> {
        let outcome = self.drift();
        let mut out: Vec<String> = outcome
            .findings
            .iter()
            .map(|(_, f)| {
                let mark = if f.certainty == Certainty::Possible { "?" } else { "" };
                format!("{}{mark} {}", f.rule.code, f.subject)
            })
            .collect();
        out.sort();
        out
    }

    pub(crate) fn save(&self, dir: &Path) {
        for (path, text) in self.files() {
            let path = dir.join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
    }
}
