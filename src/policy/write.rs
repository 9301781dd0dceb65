//! A document written out: as JSON, and in the languages it is kept in.
//!
//! Unknown parts have no text; they are left out. Documents that are written are made here and hold none.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::Serialize;

use super::document::{Document, Effect, Elements, Statement, Version};

/// A language that a policy is kept in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Language {
    /// The document itself.
    Json,
    /// A data source `aws_iam_policy_document` and the resource that uses it.
    Terraform,
    /// A template with one resource, in YAML.
    CloudFormation,
}

/// The resource around a document.
#[derive(Debug, Clone, Copy)]
pub struct Resource<'a> {
    /// Name in AWS, in `kebab-case`; the names in the code are made from it.
    pub name: &'a str,
    /// What it does, in lines without marks of a comment.
    pub comment: &'a [String],
    /// What the document is in it.
    pub kind: Kind<'a>,
}

/// What a document is in its resource.
#[derive(Debug, Clone, Copy)]
pub enum Kind<'a> {
    /// A managed policy, to be attached to users, groups and roles.
    Managed,
    /// A service control policy.
    Scp,
    /// The permissions of a role that this document lets callers assume.
    Role(&'a Document),
}

/// Writes a document in a language, with a line break at its end. Of a role, whose permissions are a document of their
/// own, JSON is the document of its callers.
///
/// # Errors
/// Never for the documents that this crate makes; serialisation may fail in principle.
pub fn write(document: &Document, resource: &Resource<'_>, language: Language) -> serde_json::Result<String> {
    let policy = Policy::of(document);
    match language {
        Language::Json => {
            let alone = if let Kind::Role(trust) = resource.kind { trust } else { document };
            json(alone).map(|text| text + "\n")
        }
        Language::Terraform => Ok(terraform(&policy, resource)),
        Language::CloudFormation => Ok(cloudformation(&policy, resource)),
    }
}

/// A data source `aws_iam_policy_document`, in HCL.
pub fn data_source(document: &Document, label: &str) -> String {
    let mut out = String::new();
    hcl_document(&Policy::of(document), label, &mut out);
    out
}

/// A document as JSON.
///
/// # Errors
/// As [`write()`].
pub fn json(document: &Document) -> serde_json::Result<String> {
    serde_json::to_string_pretty(&Policy::of(document))
}

/// The document in the order in which people write it.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Policy {
    version: &'static str,
    statement: Vec<Entry>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Entry {
    #[serde(skip_serializing_if = "Option::is_none")]
    sid: Option<String>,
    effect: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    principal: Option<Accounts>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    action: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    not_action: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    resource: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    not_resource: Vec<String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    condition: BTreeMap<String, BTreeMap<String, Vec<String>>>,
}

/// The callers of a role.
#[derive(Serialize)]
struct Accounts {
    #[serde(rename = "AWS")]
    aws: Vec<String>,
}

impl Policy {
    fn of(document: &Document) -> Self {
        let version = match document.version {
            Version::V2008 => "2008-10-17",
            Version::V2012 => "2012-10-17",
        };
        Self { version, statement: document.statements.iter().map(Entry::of).collect() }
    }
}

impl Entry {
    fn of(statement: &Statement) -> Self {
        let effect = match statement.effect {
            Ok(Effect::Allow) => "Allow",
            Ok(Effect::Deny) | Err(_) => "Deny",
        };
        let list = |elements: Option<&Elements>, negated: bool| match elements {
            Some(e) if e.negated == negated => e.items.iter().map(|i| i.text.visible().to_owned()).collect(),
            Some(_) | None => Vec::new(),
        };
        let (action, resource) = (Some(&statement.action), statement.resource.as_ref());
        let mut condition: BTreeMap<String, BTreeMap<String, Vec<String>>> = BTreeMap::new();
        for test in &statement.condition {
            let values = test.values.iter().map(|v| v.text.visible().to_owned()).collect();
            let keys = condition.entry(test.operator.visible().to_owned()).or_default();
            keys.insert(test.key.visible().to_owned(), values);
        }
        Self {
            sid: statement.sid.clone(),
            effect,
            principal: statement.principal.as_ref().map(|p| Accounts {
                aws: p.items.iter().map(|i| i.item.text.visible().to_owned()).collect(),
            }),
            action: list(action, false),
            not_action: list(action, true),
            resource: list(resource, false),
            not_resource: list(resource, true),
            condition,
        }
    }

    /// The lists that are not empty: their names in JSON and in Terraform, and what is in them.
    fn lists(&self) -> impl Iterator<Item = (&'static str, &'static str, &[String])> {
        let all: [(_, _, &[String]); 4] = [
            ("Action", "actions", &self.action),
            ("NotAction", "not_actions", &self.not_action),
            ("Resource", "resources", &self.resource),
            ("NotResource", "not_resources", &self.not_resource),
        ];
        all.into_iter().filter(|(_, _, list)| !list.is_empty())
    }

    /// Every test with its operator and key.
    fn tests(&self) -> impl Iterator<Item = (&str, &str, &[String])> {
        self.condition.iter().flat_map(|(operator, keys)| {
            keys.iter().map(move |(key, values)| (operator.as_str(), key.as_str(), values.as_slice()))
        })
    }
}

/// A string of JSON, which YAML reads as well.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// A string of Terraform. In `aws_iam_policy_document` the variables of policies are written with `&`, so that
/// Terraform does not take them for its own.
fn hcl(text: &str) -> String {
    quoted(text).replace("${", "&{").replace("%{", "%%{")
}

fn comment(resource: &Resource<'_>) -> String {
    resource.comment.iter().map(|line| format!("# {line}\n")).collect()
}

fn terraform(policy: &Policy, resource: &Resource<'_>) -> String {
    let label = resource.name.replace('-', "_");
    let mut out = comment(resource);
    hcl_document(policy, &label, &mut out);
    let name = quoted(resource.name);
    // Writing to a string does not fail.
    let _ = match resource.kind {
        Kind::Managed => write!(
            out,
            "\nresource \"aws_iam_policy\" \"{label}\" {{\n  name   = {name}\n  policy = data.aws_iam_policy_document.{label}.json\n}}\n",
        ),
        Kind::Scp => write!(
            out,
            "\nresource \"aws_organizations_policy\" \"{label}\" {{\n  name    = {name}\n  type    = \"SERVICE_CONTROL_POLICY\"\n  content = data.aws_iam_policy_document.{label}.json\n}}\n",
        ),
        Kind::Role(trust) => {
            out.push('\n');
            hcl_document(&Policy::of(trust), &format!("{label}_callers"), &mut out);
            write!(
                out,
                "\nresource \"aws_iam_role\" \"{label}\" {{\n  name               = {name}\n  assume_role_policy = data.aws_iam_policy_document.{label}_callers.json\n}}\n\n\
                 resource \"aws_iam_role_policy\" \"{label}\" {{\n  name   = {name}\n  role   = aws_iam_role.{label}.name\n  policy = data.aws_iam_policy_document.{label}.json\n}}\n",
            )
        }
    };
    out
}

fn hcl_document(policy: &Policy, label: &str, out: &mut String) {
    let _ = writeln!(out, "data \"aws_iam_policy_document\" \"{label}\" {{");
    for (i, statement) in policy.statement.iter().enumerate() {
        if i > 0 {
            out.push('\n');
        }
        hcl_statement(statement, out);
    }
    out.push_str("}\n");
}

fn hcl_statement(statement: &Entry, out: &mut String) {
    let _ = writeln!(out, "  statement {{");
    if let Some(sid) = &statement.sid {
        let _ = writeln!(out, "    sid    = {}", hcl(sid));
    }
    let _ = writeln!(out, "    effect = {}", quoted(statement.effect));
    for (_, name, list) in statement.lists() {
        let items: String = list.iter().map(|i| format!("      {},\n", hcl(i))).collect();
        let _ = write!(out, "    {name} = [\n{items}    ]\n");
    }
    if let Some(Accounts { aws }) = &statement.principal {
        let names: Vec<String> = aws.iter().map(|a| hcl(a)).collect();
        let _ = write!(
            out,
            "\n    principals {{\n      type        = \"AWS\"\n      identifiers = [{}]\n    }}\n",
            names.join(", ")
        );
    }
    for (operator, key, values) in statement.tests() {
        let values: Vec<String> = values.iter().map(|v| hcl(v)).collect();
        let _ = write!(
            out,
            "\n    condition {{\n      test     = {}\n      variable = {}\n      values   = [{}]\n    }}\n",
            hcl(operator),
            hcl(key),
            values.join(", ")
        );
    }
    let _ = writeln!(out, "  }}");
}

fn cloudformation(policy: &Policy, resource: &Resource<'_>) -> String {
    let id: String =
        resource.name.split(|c: char| !c.is_ascii_alphanumeric()).flat_map(capitalised).collect();
    let mut out = comment(resource);
    let (name, start) = (quoted(resource.name), "AWSTemplateFormatVersion: \"2010-09-09\"\nResources:");
    let _ = match resource.kind {
        Kind::Managed => write!(
            out,
            "{start}\n  {id}:\n    Type: AWS::IAM::ManagedPolicy\n    Properties:\n      ManagedPolicyName: {name}\n      PolicyDocument:\n"
        ),
        Kind::Scp => write!(
            out,
            "{start}\n  {id}:\n    Type: AWS::Organizations::Policy\n    Properties:\n      Name: {name}\n      Type: SERVICE_CONTROL_POLICY\n      Content:\n"
        ),
        Kind::Role(trust) => {
            let _ = write!(
                out,
                "{start}\n  {id}:\n    Type: AWS::IAM::Role\n    Properties:\n      RoleName: {name}\n      AssumeRolePolicyDocument:\n"
            );
            yaml_document(&Policy::of(trust), "        ", &mut out);
            let _ = write!(out, "      Policies:\n        - PolicyName: {name}\n          PolicyDocument:\n");
            yaml_document(policy, "            ", &mut out);
            return out;
        }
    };
    yaml_document(policy, "        ", &mut out);
    out
}

fn yaml_document(policy: &Policy, indent: &str, out: &mut String) {
    let mut lines = format!("Version: {}\nStatement:\n", quoted(policy.version));
    policy.statement.iter().for_each(|s| yaml_statement(s, &mut lines));
    lines.lines().for_each(|line| {
        let _ = writeln!(out, "{indent}{line}");
    });
}

fn yaml_statement(statement: &Entry, out: &mut String) {
    let _ = writeln!(out, "  - Effect: {}", statement.effect);
    if let Some(sid) = &statement.sid {
        let _ = writeln!(out, "    Sid: {sid}");
    }
    if let Some(Accounts { aws }) = &statement.principal {
        let names: Vec<String> = aws.iter().map(|a| quoted(a)).collect();
        let _ = writeln!(out, "    Principal:\n      AWS: [{}]", names.join(", "));
    }
    for (name, _, list) in statement.lists() {
        let _ = writeln!(out, "    {name}:");
        list.iter().for_each(|item| {
            let _ = writeln!(out, "      - {}", quoted(item));
        });
    }
    if !statement.condition.is_empty() {
        let _ = writeln!(out, "    Condition:");
    }
    for (operator, keys) in &statement.condition {
        let _ = writeln!(out, "      {operator}:");
        for (key, values) in keys {
            let values: Vec<String> = values.iter().map(|v| quoted(v)).collect();
            let _ = writeln!(out, "        {key}: [{}]", values.join(", "));
        }
    }
}

fn capitalised(word: &str) -> impl Iterator<Item = char> {
    word.chars().enumerate().map(|(i, c)| if i == 0 { c.to_ascii_uppercase() } else { c })
}
