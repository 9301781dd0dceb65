//! How fast the parts are that run over all of an input. To be compared on one machine; no test depends on it.

#![allow(clippy::unwrap_used, reason = "a benchmark fails by panicking")]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use divan::counter::{BytesCount, ItemsCount};
use divan::{Bencher, black_box};
use mfaguard::frontend::terraform::Terraform;
use mfaguard::fs::{FileSystem, MemFs, OsFs};
use mfaguard::policy::eval::Grants;
use mfaguard::policy::judge::judge;
use mfaguard::policy::managed::Managed;
use mfaguard::policy::parse::{DocumentKind, parse};
use mfaguard::policy::simulate::{Requests, Simulator};
use mfaguard::policy::slices::Subject;
use mfaguard::policy::universe::ActionTable;
use mfaguard::scan;
use mfaguard::source::SourceMap;
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

/// Verdicts over all AWS actions, documents parsed each time.
#[divan::bench]
fn judge_all_actions(bencher: Bencher<'_, '_>) {
    let values: Vec<Value> = documents().into_iter().map(|d| Value::string(d, None)).collect();
    bencher.counter(ItemsCount::new(values.len())).bench(|| {
        for value in &values {
            let parsed = parse(value, DocumentKind::Identity);
            let grants = Grants { identity: vec![&parsed.document], ..Grants::default() };
            black_box(judge(&grants, &Subject::default()));
        }
    });
}

/// A verdict about a principal with a policy of AWS that names two thousand actions, which was met before.
#[divan::bench]
fn judge_read_only_access(bencher: Bencher<'_, '_>) {
    let parsed = Managed::by_name("ReadOnlyAccess").unwrap().parsed();
    bencher.bench(|| {
        let grants = Grants { identity: vec![&parsed.document], ..Grants::default() };
        judge(&grants, &Subject::default())
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
