//! How fast the parts are that run over all of an input. To be compared on one machine; no test depends on it.

#![allow(clippy::unwrap_used, reason = "a benchmark fails by panicking")]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use divan::counter::{BytesCount, ItemsCount};
use divan::{Bencher, black_box};
use mfaguard::frontend::terraform::Terraform;
use mfaguard::fs::{FileSystem, MemFs, OsFs};
use mfaguard::policy::document::Parsed;
use mfaguard::policy::eval::Grants;
use mfaguard::policy::judge::judge;
use mfaguard::policy::managed::Managed;
use mfaguard::policy::parse::{DocumentKind, parse};
use mfaguard::policy::simulate::{Requests, Simulator};
use mfaguard::policy::slices::Subject;
use mfaguard::policy::universe::ActionTable;
use mfaguard::rules::Selection;
use mfaguard::scan;
use mfaguard::source::SourceMap;
use mfaguard::status;
use mfaguard::triage::Triage;
use mfaguard::value::Value;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    divan::main();
}

const GATE: &str = r#"{"Effect":"Deny","NotAction":["iam:CreateVirtualMFADevice","iam:EnableMFADevice","iam:List*",
    "sts:GetSessionToken"],"Resource":"*","Condition":{"BoolIfExists":{"aws:MultiFactorAuthPresent":"false"}}}"#;

/// Policies of different kinds: wide, gated, on many resources.
fn documents() -> Vec<String> {
    let buckets: Vec<String> = (0..20).map(|i| format!(r#""arn:aws:s3:::bucket-{i}/*""#)).collect();
    let statements = [
        r#"{"Effect":"Allow","Action":"*","Resource":"*"}"#.to_owned(),
        format!(r#"{{"Effect":"Allow","Action":"*","Resource":"*"}},{GATE}"#),
        format!(r#"{{"Effect":"Allow","Action":["s3:Get*","s3:Put*"],"Resource":[{}]}}"#, buckets.join(",")),
        r#"{"Effect":"Allow","Action":["iam:*Key*","iam:List*"],"Resource":"arn:aws:iam::*:user/${aws:username}"}"#
            .to_owned(),
    ];
    statements.iter().map(|s| format!(r#"{{"Version":"2012-10-17","Statement":[{s}]}}"#)).collect()
}

/// The names of every two-hundredth action.
fn requests() -> (Requests, usize) {
    let table = ActionTable::with_elements([]);
    let request = |bit: usize| {
        let action = table.name(bit);
        serde_json::json!({"label": action, "action": action, "resource": "*"})
    };
    let list: Vec<serde_json::Value> = (0..table.len()).step_by(200).map(request).collect();
    let count = list.len();
    let worlds = serde_json::json!({"mfa": {"aws:MultiFactorAuthPresent": "true"},
        "console": {"aws:MultiFactorAuthPresent": "false"}, "keys": {}});
    let text = serde_json::json!({"worlds": worlds, "requests": list}).to_string();
    (Requests::from_json(&text).unwrap(), count)
}

/// Decisions of `simulate`: cases times requests times three worlds.
#[divan::bench]
fn simulate(bencher: Bencher<'_, '_>) {
    let (requests, count) = requests();
    let principal = "arn:aws:iam::111122223333:user/alice";
    let case = |d: &String| format!(r#"{{"id":1,"principal":"{principal}","policies":[{d}]}}"#);
    let cases: Vec<String> = documents().iter().map(case).collect();
    let mut simulator = Simulator::new(requests);
    bencher.counter(ItemsCount::new(cases.len() * count * 3)).bench_local(|| {
        cases.iter().for_each(|c| _ = black_box(simulator.answer(c).unwrap()));
    });
}

/// Policy documents, from their text.
#[divan::bench]
fn parse_policies(bencher: Bencher<'_, '_>) {
    let values: Vec<Value> = documents().into_iter().map(|d| Value::string(d, None)).collect();
    let bytes: usize = values.iter().filter_map(Value::as_str).map(str::len).sum();
    bencher.counter(BytesCount::new(bytes)).bench(|| {
        values.iter().for_each(|v| _ = black_box(parse(v, DocumentKind::Identity)));
    });
}

/// Verdicts over all AWS actions.
#[divan::bench]
fn evaluate(bencher: Bencher<'_, '_>) {
    let values = documents().into_iter().map(|d| Value::string(d, None));
    let parsed: Vec<Parsed> = values.map(|v| parse(&v, DocumentKind::Identity)).collect();
    bencher.counter(ItemsCount::new(parsed.len())).bench(|| {
        for Parsed { document, .. } in &parsed {
            let grants = Grants { identity: vec![document], ..Grants::default() };
            black_box(judge(&grants, &Subject::default()));
        }
    });
}

/// A verdict about a principal with a policy of AWS that names two thousand actions, which was met before.
#[divan::bench]
fn evaluate_read_only_access(bencher: Bencher<'_, '_>) {
    let parsed = Managed::by_name("ReadOnlyAccess").unwrap().parsed();
    bencher.bench(|| {
        let grants = Grants { identity: vec![&parsed.document], ..Grants::default() };
        judge(&grants, &Subject::default())
    });
}

/// Users, each with a policy of its own.
const USERS: usize = 500;

/// From the text of one file to facts, without a verdict.
fn lower(bencher: Bencher<'_, '_>, name: &str, text: String) {
    let bytes = text.len();
    let request = scan::Request::new(vec![PathBuf::from(name)], Arc::new(MemFs::new().with(name, text)));
    let facts =
        |request| scan::declared(request, &SourceMap::new()).0.first().map_or(0, |d| d.facts.facts.len());
    assert_eq!(facts(&request), 2 * USERS);
    bencher.counter(BytesCount::new(bytes)).bench(|| facts(&request));
}

#[divan::bench]
fn parse_terraform(bencher: Bencher<'_, '_>) {
    let mut text = String::new();
    for i in 0..USERS {
        _ = write!(
            text,
            "resource \"aws_iam_user\" \"u{i}\" {{\n  name = \"user-{i}\"\n}}\n\
             resource \"aws_iam_user_policy\" \"u{i}\" {{\n  name = \"own\"\n  user = aws_iam_user.u{i}.name\n  \
             policy = jsonencode({{\n    Version = \"2012-10-17\"\n    Statement = [{{\n      Effect = \"Allow\"\n      \
             Action = [\"s3:GetObject\", \"s3:PutObject\"]\n      Resource = \"arn:aws:s3:::bucket-{i}/*\"\n    }}]\n  }})\n}}\n"
        );
    }
    lower(bencher, "main.tf", text);
}

#[divan::bench]
fn parse_yaml(bencher: Bencher<'_, '_>) {
    let mut text = "Resources:\n".to_owned();
    for i in 0..USERS {
        _ = write!(
            text,
            "  U{i}:\n    Type: AWS::IAM::User\n    Properties:\n      UserName: user-{i}\n      Policies:\n        \
             - PolicyName: own\n          PolicyDocument:\n            Version: '2012-10-17'\n            Statement:\n              \
             - Effect: Allow\n                Action: [s3:GetObject, s3:PutObject]\n                \
             Resource: !Sub arn:${{AWS::Partition}}:s3:::bucket-{i}/*\n"
        );
    }
    lower(bencher, "template.yaml", text);
}

#[divan::bench]
fn parse_json(bencher: Bencher<'_, '_>) {
    let user = |i| {
        let allow = serde_json::json!({"Effect": "Allow", "Action": ["s3:GetObject", "s3:PutObject"],
            "Resource": {"Fn::Sub": format!("arn:${{AWS::Partition}}:s3:::bucket-{i}/*")}});
        let own = serde_json::json!({"PolicyName": "own",
            "PolicyDocument": {"Version": "2012-10-17", "Statement": [allow]}});
        let properties = serde_json::json!({"UserName": format!("user-{i}"), "Policies": [own]});
        (format!("U{i}"), serde_json::json!({"Type": "AWS::IAM::User", "Properties": properties}))
    };
    let users: serde_json::Map<_, _> = (0..USERS).map(user).collect();
    lower(bencher, "template.json", serde_json::json!({"Resources": users}).to_string());
}

/// An account from its saved answers: every second user has a password, and a tenth of these no device.
#[divan::bench]
fn status(bencher: Bencher<'_, '_>) {
    let arn = |i| format!("arn:aws:iam::111122223333:user/user-{i}");
    let document = serde_json::json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]});
    let user = |i| {
        let (name, own) =
            (format!("user-{i}"), [serde_json::json!({"PolicyName": "own", "PolicyDocument": document})]);
        serde_json::json!({"UserName": name, "Arn": arn(i), "Path": "/", "GroupList": [], "UserPolicyList": own,
            "AttachedManagedPolicies": []})
    };
    let users: Vec<serde_json::Value> = (0..USERS).map(user).collect();
    let details = serde_json::json!({"UserDetailList": users, "GroupDetailList": [], "RoleDetailList": [],
        "Policies": [], "IsTruncated": false});
    let mut report =
        "user,arn,password_enabled,mfa_active,access_key_1_active,access_key_2_active\n".to_owned();
    for i in 0..USERS {
        let (password, device) = (i % 2 == 0, i % 20 != 0);
        _ = writeln!(report, "user-{i},{},{password},{device},false,false", arn(i));
    }
    let fs = MemFs::new()
        .with("a/account_authorization_details.json", details.to_string())
        .with("a/credential_report.csv", report);
    let (snapshots, rules, triage) = (vec![PathBuf::from("a")], Selection::default(), Triage::default());
    let request = status::Request { snapshots, reports: Vec::new(), fs: Arc::new(fs), rules, triage };
    bencher.counter(ItemsCount::new(USERS)).bench(|| {
        let outcome = status::status(&request, &SourceMap::new());
        assert_eq!(outcome.verdicts.len(), USERS);
        outcome.findings.len()
    });
}

/// Splitting Terraform that has nothing to do with IAM into blocks.
#[divan::bench]
fn terraform_index(bencher: Bencher<'_, '_>) {
    let mut text = String::new();
    for i in 0..20_000 {
        _ = write!(
            text,
            "# Bucket {i}\nresource \"aws_s3_bucket\" \"b{i}\" {{\n  bucket = \"logs-${{var.env}}-{i}\"\n  tags = {{\n    \
             Name = \"b{i}\" // {{\n  }}\n}}\n"
        );
    }
    let bytes = text.len();
    let fs: Arc<dyn FileSystem> = Arc::new(MemFs::new().with("main.tf", text));
    bencher.counter(BytesCount::new(bytes)).bench(|| {
        let sources = SourceMap::new();
        Terraform::new(Arc::clone(&fs), &sources).calls(&[PathBuf::from(".")]).roots()
    });
}

/// The whole pipeline on the demo.
#[divan::bench]
fn check_demo(bencher: Bencher<'_, '_>) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/demo");
    let request = scan::Request::new(vec![path.clone()], Arc::new(OsFs::for_paths([path.as_path()])));
    bencher.bench(|| scan::check(&request, &SourceMap::new()).findings.len());
}
