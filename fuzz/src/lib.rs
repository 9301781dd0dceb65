//! What is done with texts that come from outside, one function for each kind of text. libFuzzer calls these functions,
//! and so do the tests (`tests/fuzz.rs`), with what the seeds are and deterministic changes of them.

use std::io::{BufReader, Cursor};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use mfaguard::account::{self, Saved};
use mfaguard::compare;
use mfaguard::diagnostic::Level;
use mfaguard::fix;
use mfaguard::frontend::cloudformation::parse_parameters;
use mfaguard::frontend::terraform::Terraform;
use mfaguard::fs::MemFs;
use mfaguard::policy::difference::{self, Compared, Home};
use mfaguard::policy::eval::Grants;
use mfaguard::policy::judge::judge;
use mfaguard::policy::parse::{DocumentKind, parse};
use mfaguard::policy::slices::Subject;
use mfaguard::policy::trust::{TrustSubject, trust};
use mfaguard::rules::Selection;
use mfaguard::scan::{self, Outcome, Request};
use mfaguard::source::SourceMap;
use mfaguard::status;
use mfaguard::triage::baseline::Baseline;
use mfaguard::triage::{Comments, Triage};
use mfaguard::value::Value;

/// A kind of text, what is done with it, and where texts of it are to begin with.
pub struct Target {
    /// Its name, which is that of the file in `fuzz_targets`.
    pub name: &'static str,
    /// Does everything with a text that the program does.
    pub run: fn(&[u8]),
    /// Files below `testdata`: a directory, and how their names end. Of several endings each directory gives one text,
    /// of the files with these names behind each other.
    pub seeds: (&'static str, &'static [&'static str]),
    /// Other texts to begin with.
    pub texts: &'static [&'static str],
}

/// What stands between the files of one text.
pub const BETWEEN: u8 = 0x1e;

/// The files of a snapshot.
pub const SNAPSHOT: &[&str] = &[
    "account_authorization_details.json",
    "credential_report.csv",
    "mfa_devices.json",
    "virtual_mfa_devices.json",
    "login_profiles.json",
    "account_summary.json",
    "meta.json",
];

/// A file of code, and the account beside it.
const CODE_AND_ACCOUNT: &[&str] = &[
    "main.tf",
    "../account/account_authorization_details.json",
    "../account/credential_report.csv",
    "../account/meta.json",
];

/// All kinds.
pub const TARGETS: &[Target] = &[
    Target { name: "index", run: index, seeds: ("matrix", &[".tf"]), texts: &[] },
    Target { name: "terraform", run: terraform, seeds: ("", &[".tf"]), texts: &[] },
    Target { name: "terraform_json", run: terraform_json, seeds: ("", &[".tf.json"]), texts: &[] },
    Target { name: "variables", run: variables, seeds: ("", &[".tfvars"]), texts: &[] },
    Target { name: "recorded", run: recorded, seeds: ("terraform/recorded", &["plan.json"]), texts: &[] },
    Target { name: "state", run: state, seeds: ("terraform/recorded", &[".tfstate"]), texts: &[] },
    Target {
        name: "modules",
        run: modules,
        seeds: ("", &[]),
        texts: &[
            "{\"Modules\":[{\"Key\":\"\",\"Source\":\"\",\"Dir\":\".\"},{\"Key\":\"m\",\"Source\":\"a/b/c\",\"Dir\":\"m\"}]}",
        ],
    },
    Target { name: "yaml", run: yaml, seeds: ("", &[".yaml"]), texts: &[] },
    Target { name: "json", run: json, seeds: ("", &["template.json"]), texts: &[] },
    Target {
        name: "parameters",
        run: parameters,
        seeds: ("", &[]),
        texts: &[
            "[{\"ParameterKey\":\"A\",\"ParameterValue\":\"b\"},\"C=d\"]",
            "{\"Parameters\":{\"A\":\"b\",\"L\":[\"x\",1]}}",
            "A=b\n# c\nD=e\n",
        ],
    },
    Target { name: "policy", run: policy, seeds: ("terraform", &["one.json"]), texts: &[] },
    Target {
        name: "change",
        run: change,
        seeds: ("", &[]),
        texts: &[
            "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":[\"s3:Get*\",\"iam:*\"],\"Resource\":\"*\"},{\"Effect\":\"Deny\",\"NotAction\":\"iam:*MFA*\",\"Resource\":\"*\",\"Condition\":{\"BoolIfExists\":{\"aws:MultiFactorAuthPresent\":\"false\"}}}]}\u{1e}\
             {\"Statement\":{\"Effect\":\"Allow\",\"Action\":\"iam:*\",\"Resource\":[\"arn:aws:iam::*:user/${aws:username}\",\"*\"],\"Condition\":{\"IpAddress\":{\"aws:SourceIp\":\"10.0.0.0/8\"}}}}",
            "{\"Statement\":{\"Effect\":\"Allow\",\"Action\":\"sts:AssumeRole\",\"Principal\":{\"AWS\":[\"111122223333\",\"*\"]}}}\u{1e}\
             {\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"sts:*\",\"Principal\":\"*\",\"Condition\":{\"Bool\":{\"aws:MultiFactorAuthPresent\":\"true\"}}}]}",
        ],
    },
    Target { name: "account", run: account, seeds: ("", SNAPSHOT), texts: &[] },
    Target {
        name: "answer",
        run: answer,
        seeds: ("account", &[".json"]),
        texts: &[
            "{\"Content\":\"dXNlcixhcm4scGFzc3dvcmRfZW5hYmxlZAphbGljZSxhcm46YXdzOmlhbTo6MTExMTIyMjIzMzMzOnVzZXIvYWxpY2UsdHJ1ZQo=\",\"ReportFormat\":\"text/csv\",\"GeneratedTime\":\"2026-01-31T10:00:00+00:00\"}",
        ],
    },
    Target { name: "report", run: report, seeds: ("", &["credential_report.csv"]), texts: &[] },
    Target { name: "drift", run: drift, seeds: ("drift", CODE_AND_ACCOUNT), texts: &[] },
    Target {
        name: "config",
        run: config,
        seeds: ("", &[]),
        texts: &[
            "fail-on = \"high\"\nunknown = \"fail\"\nexclude = [\"a/**\", \"!b\"]\nselect = [\"MFA001\"]\n[severity]\nMFA002 = \"low\"\n",
            "[[allow]]\nkind = \"user\"\nname = \"a*\"\nreason = \"r\"\nuntil = 2027-01-31\n[[managed-elsewhere]]\nkind = \"role\"\nname = \"b\"\nreason = \"r\"\n[[account]]\nname = \"x\"\nid = \"111122223333\"\npaths = [\"src\"]\n",
        ],
    },
    Target {
        name: "baseline",
        run: baseline,
        seeds: ("", &[]),
        texts: &[
            "{\"version\":1,\"findings\":[{\"unit\":\".\",\"rule\":\"MFA002\",\"subject\":\"aws_iam_user.alice\",\"fingerprint\":\"0\",\"content\":\"0\"}]}",
        ],
    },
    Target { name: "fix_terraform", run: fix_terraform, seeds: ("matrix", &[".tf"]), texts: &[] },
    Target { name: "fix_yaml", run: fix_yaml, seeds: ("matrix", &[".yaml"]), texts: &[] },
    Target { name: "fix_json", run: fix_json, seeds: ("matrix", &["template.json"]), texts: &[] },
    Target { name: "editor", run: editor, seeds: ("matrix", &[".tf"]), texts: &[] },
];

/// Does what is done with a kind of text.
pub fn run(name: &str, data: &[u8]) {
    TARGETS.iter().filter(|t| t.name == name).for_each(|t| (t.run)(data));
}

fn text(data: &[u8]) -> String {
    String::from_utf8_lossy(data).into_owned()
}

/// One file.
fn request(name: &str, data: &[u8]) -> Request {
    Request::new(vec![PathBuf::from(name)], Arc::new(MemFs::new().with(name, data.to_vec())))
}

/// All suppressions count, also those for other programs.
fn foreign(request: Request) -> Request {
    Request { triage: Triage { comments: Comments::Foreign, ..Triage::default() }, ..request }
}

fn check(name: &str, data: &[u8]) {
    scan::check(&foreign(request(name, data)), &SourceMap::new());
}

/// A Terraform file, split into blocks; of its blocks only module calls are parsed.
fn index(data: &[u8]) {
    let sources = SourceMap::new();
    let fs = Arc::new(MemFs::new().with("main.tf", data.to_vec()));
    Terraform::new(fs, &sources).calls(&[PathBuf::from(".")]).roots();
}

/// A Terraform file, evaluated and judged.
fn terraform(data: &[u8]) {
    check("main.tf", data);
}

/// The same in JSON.
fn terraform_json(data: &[u8]) {
    check("main.tf.json", data);
}

/// A project whose names come from a file.
fn project(path: &str, data: &[u8]) {
    let main = "variable \"names\" {}\nvariable \"x\" {\n  type = map(object({ a = list(string) }))\n}\n\
                module \"m\" {\n  source = \"a/b/c\"\n}\n\
                resource \"aws_iam_user\" \"u\" {\n  for_each = toset(var.names)\n  name = each.key\n}\n";
    let fs = MemFs::new().with("main.tf", main).with("m/main.tf", main).with(path, data.to_vec());
    scan::check(&Request::new(vec![PathBuf::from(".")], Arc::new(fs)), &SourceMap::new());
}

/// Values of variables.
fn variables(data: &[u8]) {
    project("terraform.tfvars", data);
}

/// The list of downloaded modules.
fn modules(data: &[u8]) {
    project(".terraform/modules/modules.json", data);
}

/// A plan in JSON.
fn recorded(data: &[u8]) {
    check("plan.json", data);
}

/// A state.
fn state(data: &[u8]) {
    check("terraform.tfstate", data);
}

/// A CloudFormation template in YAML, evaluated and judged.
fn yaml(data: &[u8]) {
    check("template.yaml", data);
}

/// A CloudFormation template in JSON, evaluated and judged.
fn json(data: &[u8]) {
    check("template.json", data);
}

/// A file of parameter values.
fn parameters(data: &[u8]) {
    _ = parse_parameters(&text(data));
}

/// A policy document, read as both kinds and judged.
fn policy(data: &[u8]) {
    let value = Value::string(text(data), None);
    let parsed = parse(&value, DocumentKind::Identity);
    let grants = Grants { identity: vec![&parsed.document], ..Grants::default() };
    judge(&grants, &Subject { name: Some("alice".to_owned()), ..Subject::default() });
    let parsed = parse(&value, DocumentKind::Trust);
    trust(&parsed.document, TrustSubject { name: Some("role"), ..TrustSubject::default() });
}

/// Two documents. One that takes the place of another changes something when the other way round does, and none does
/// anything by taking its own place.
fn change(data: &[u8]) {
    let text = text(data);
    let (before, after) = text.split_once(char::from(BETWEEN)).unwrap_or((&text, &text));
    let home = Home { account: "111122223333", partition: "aws" };
    let changed = |compared: Compared| matches!(compared, Compared::Changed(_));
    for (kind, compare) in [
        (DocumentKind::Identity, difference::identity as fn(&_, &_, Home<'_>) -> Compared),
        (DocumentKind::Trust, difference::entrants),
    ] {
        let [before, after] = [before, after].map(|t| parse(&Value::string(t, None), kind).document);
        assert!(!changed(compare(&before, &before, home)));
        assert_eq!(changed(compare(&before, &after, home)), changed(compare(&after, &before, home)));
    }
}

fn status(fs: MemFs, snapshots: Vec<PathBuf>, reports: Vec<PathBuf>) {
    let (rules, triage) = (Selection::default(), Triage::default());
    let request = status::Request { snapshots, reports, fs: Arc::new(fs), rules, triage };
    status::status(&request, &SourceMap::new());
}

/// The files of a snapshot, put together and judged.
fn account(data: &[u8]) {
    let files = SNAPSHOT.iter().zip(data.split(|b| *b == BETWEEN));
    let fs = files.fold(MemFs::new(), |fs, (name, bytes)| fs.with(format!("a/{name}"), bytes.to_vec()));
    status(fs, vec![PathBuf::from("a")], Vec::new());
}

/// One file of a snapshot, alone under each name: as a saved account, and as what AWS has answered so far.
fn answer(data: &[u8]) {
    for name in SNAPSHOT.iter().copied().chain(["credential_report.json"]) {
        status(MemFs::new().with(format!("a/{name}"), data.to_vec()), vec![PathBuf::from("a")], Vec::new());
        let saved = || Saved { files: [(name.to_owned(), data.to_vec())].into(), ..Saved::default() };
        let (some, all) = (status::questions(saved(), false), status::questions(saved(), true));
        assert!(some.len() <= all.len());
    }
}

/// A credential report alone.
fn report(data: &[u8]) {
    status(MemFs::new().with("r.csv", data.to_vec()), Vec::new(), vec![PathBuf::from("r.csv")]);
}

/// Code and an account, compared.
fn drift(data: &[u8]) {
    let mut parts = data.split(|b| *b == BETWEEN);
    let code = parts.next().unwrap_or_default();
    let fs = MemFs::new().with("code/main.tf", code.to_vec());
    let files =
        ["account_authorization_details.json", "credential_report.csv", "meta.json"].iter().zip(parts);
    let fs = files.fold(fs, |fs, (name, bytes)| fs.with(format!("a/{name}"), bytes.to_vec()));
    let (fs, sources) = (Arc::new(fs), SourceMap::new());
    let (accounts, _) = account::read_all(&[PathBuf::from("a")], &[], fs.as_ref(), &sources);
    let code = scan::Request::new(vec![PathBuf::from("code")], fs);
    compare::drift(&compare::Request { code, elsewhere: Vec::new(), whole: true }, accounts, &sources);
}

/// A configuration.
fn config(data: &[u8]) {
    _ = mfaguard::cli::wrong_with_configuration(&text(data));
}

/// A user without MFA, in two findings.
const ALICE: &str = "resource \"aws_iam_user\" \"alice\" {\n  name = \"alice\"\n}\n\
    resource \"aws_iam_user_policy_attachment\" \"alice\" {\n  user = aws_iam_user.alice.name\n  \
    policy_arn = \"arn:aws:iam::aws:policy/AdministratorAccess\"\n}\n";

/// A baseline, and findings that it may hold.
fn baseline(data: &[u8]) {
    let Ok(baseline) = Baseline::parse(&text(data)) else { return };
    assert_eq!(Baseline::parse(&baseline.text()).as_ref(), Ok(&baseline));
    let triage = Triage { baseline: Some(baseline), ..Triage::default() };
    scan::check(&Request { triage, ..request("main.tf", ALICE.as_bytes()) }, &SourceMap::new());
}

/// Fixes what can be fixed: what comes out can be read as well as what was there, and has less findings.
fn mended(name: &str, data: &[u8]) {
    let before = request(name, data);
    let mended = fix::mend(&before, |f| f.suppressed.is_none());
    let count = |outcome: &Outcome, level| outcome.diagnostics.iter().filter(|d| d.level == level).count();
    for file in &mended.files {
        assert_ne!(file.old, file.new);
        let after = scan::check(&request(name, file.new.as_bytes()), &SourceMap::new());
        let before = scan::check(&before, &SourceMap::new());
        assert!(count(&after, Level::Error) <= count(&before, Level::Error), "{}", file.new);
        assert!(after.findings.len() <= before.findings.len(), "{}", file.new);
    }
}

/// A Terraform file that is fixed.
fn fix_terraform(data: &[u8]) {
    mended("main.tf", data);
}

/// A template in YAML that is fixed.
fn fix_yaml(data: &[u8]) {
    mended("template.yaml", data);
}

/// A template in JSON that is fixed.
fn fix_json(data: &[u8]) {
    mended("template.json", data);
}

/// What an editor says: the text as it is, as the body of a message, and as the text of an open file that is asked about.
fn editor(data: &[u8]) {
    let open = serde_json::json!({"method": "textDocument/didOpen", "params": {"textDocument": {
        "uri": "file:///p/main.tf", "languageId": "terraform", "version": 1, "text": text(data)}}});
    let at = serde_json::json!({"id": 3, "method": "textDocument/hover", "params": {
        "textDocument": {"uri": "file:///p/main.tf"}, "position": {"line": 1, "character": 12}}});
    let initialize = br#"{"id":1,"method":"initialize","params":{"capabilities":{}}}"#;
    let (open, at) = (open.to_string().into_bytes(), at.to_string().into_bytes());
    let mut input = Vec::new();
    for body in [initialize, br#"{"method":"initialized","params":{}}"#.as_slice(), data, &open, &at] {
        input.extend(format!("Content-Length: {}\r\n\r\n", body.len()).bytes());
        input.extend(body);
    }
    input.extend(data);
    let requests = |folder: &Path| Ok(Request::new(vec![folder.to_path_buf()], Arc::new(MemFs::new())));
    _ = mfaguard::lsp::serve(BufReader::new(Cursor::new(input)), &mut Vec::new(), Arc::new(requests));
}
