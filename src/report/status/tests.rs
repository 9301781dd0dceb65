//! What every format says of one account, and what hostile names can do to it.

use std::path::PathBuf;
use std::sync::Arc;

use super::{REPORTERS, StatusReport};
use crate::fs::MemFs;
use crate::report::{Detail, Report, Style};
use crate::rules::Selection;
use crate::source::SourceMap;
use crate::status::{Request, status};

const HEAD: &str = "user,arn,password_enabled,mfa_active,access_key_1_active,access_key_2_active";

fn written(files: &[(&str, &str)], format: &str) -> String {
    let fs = files.iter().fold(MemFs::new(), |fs, (name, text)| fs.with(*name, *text));
    let request = Request {
        snapshots: vec![PathBuf::from(".")],
        reports: Vec::new(),
        fs: Arc::new(fs),
        rules: Selection::default(),
        triage: crate::triage::Triage::default(),
    };
    let sources = SourceMap::new();
    let outcome = status(&request, &sources);
    let report = Report {
        sources: &sources,
        units: &outcome.units,
        verdicts: &outcome.verdicts,
        findings: &outcome.findings,
        fixes: &[],
        review_of: None,
        diagnostics: &outcome.diagnostics,
        files: outcome.files,
        duration_ms: None,
    };
    let status = StatusReport { report, accounts: &outcome.accounts, now: None };
    let mut out = Vec::new();
    let reporter = REPORTERS.iter().find(|r| r.name == format).unwrap();
    (reporter.write)(&status, &mut out, &Style { color: false, detail: Detail::Verbose }).unwrap();
    String::from_utf8(out).unwrap()
}

fn rows(rows: &[&str]) -> String {
    format!("{HEAD}\n{}\n", rows.join("\n"))
}

#[test]
fn an_empty_account_divides_by_nothing() {
    let csv = rows(&[]);
    for reporter in REPORTERS {
        let text = written(&[("credential_report.csv", &csv)], reporter.name);
        // Where nothing is found there is nothing to annotate.
        assert_eq!(text.is_empty(), reporter.name == "github", "{}", reporter.name);
        assert!(!text.contains("NaN"), "{}", reporter.name);
    }
}

#[test]
fn hostile_names_are_inert() {
    let names = [
        "=cmd|' /C calc'!A0",
        "<img src=x onerror=alert(1)>",
        "a|b",
        "+1",
        "\x1b[2J",
        "[x](javascript:y)",
        "-x",
    ];
    let lines: Vec<String> = names
        .iter()
        .map(|n| format!("\"{n}\",arn:aws:iam::111122223333:user/x,true,false,true,false"))
        .collect();
    let csv = rows(&lines.iter().map(String::as_str).collect::<Vec<_>>());
    let meta = "{\"alias\": \"<script>|=1\", \"ou\": \"=Root/<b>|x\"}";
    let files = [("credential_report.csv", csv.as_str()), ("meta.json", meta)];
    let human = written(&files, "human");
    assert!(!human.contains('\x1b'));
    for quoted in
        ["--user-name '<img src=x onerror=alert(1)>'", "--user-name '-x'", "'=cmd|'\\'' /C calc'\\''!A0'"]
    {
        assert!(human.contains(quoted), "{quoted}\n{human}");
    }
    for format in ["csv", "csv-summary"] {
        let text = written(&files, format);
        let mut table = csv::Reader::from_reader(text.as_bytes());
        for cell in table.records().flat_map(|r| r.unwrap().iter().map(str::to_owned).collect::<Vec<_>>()) {
            assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r']), "{format}: {cell}");
        }
    }
    let html = written(&files, "html");
    assert!(
        !html.contains("<img") && !html.contains('\x1b') && !html.contains("alias\": \"<script"),
        "{html}"
    );
    assert_eq!(html.matches("<script").count(), 1);
    for text in [
        "title=\"arn:aws:iam::111122223333:user/x\">&lt;img src=x onerror=alert(1)&gt;</td>",
        "111122223333 (&lt;script&gt;|=1)",
        "<code>aws iam delete-login-profile --user-name &#39;&lt;img src=x onerror=alert(1)&gt;&#39;</code>",
    ] {
        assert!(html.contains(text), "{text}\n{html}");
    }
    let github = written(&files, "github");
    assert!(github.lines().all(|l| l.starts_with("::error title=MFA") || l.starts_with("::warning title=")));
    assert!(!github.contains('\x1b'), "{github}");
    let junit = written(&files, "junit");
    assert!(!junit.contains("<img") && !junit.contains('\x1b') && !junit.contains("<script"), "{junit}");
    assert_eq!(junit.matches("<failure type=\"MFA201\"").count(), names.len(), "{junit}");
    let markdown = written(&files, "markdown");
    assert!(
        markdown.contains("\n  aws iam delete-login-profile --user-name '<img src=x onerror=alert(1)>'\n")
    );
    assert!(!markdown.contains('\x1b'), "{markdown}");
    // What is in a fence is not read as anything.
    let markdown: String = markdown.split("  ```\n").step_by(2).collect();
    assert!(!markdown.contains(['<', '>', '\x1b']) && !markdown.contains("[x]"), "{markdown}");
    let columns = |l: &str| l.matches('|').count();
    let users: Vec<&str> = markdown.split("## Users").nth(1).unwrap().trim().lines().collect();
    assert!(users.iter().all(|l| columns(l) == columns(users[0])), "{markdown}");
}

/// What was not read is not fine: on a page nothing is green that is not certain.
#[test]
fn nothing_turns_green_by_absence() {
    let csv = rows(&["bob,arn:aws:iam::111122223333:user/bob,true,false,false,false"]);
    let html = written(&[("credential_report.csv", &csv)], "html");
    for tile in [
        "<dt>console users without MFA</dt><dd class=\"bad\">1 <small>of 1</small>",
        "<dt>administrators without MFA</dt><dd>0 <small>and perhaps 1 more</small>",
        "<dt>root users without MFA</dt><dd>0 <small>of 1</small>",
        "<dt>root users not known</dt><dd class=\"doubt\">1</dd>",
    ] {
        assert!(html.contains(tile), "{tile}\n{html}");
    }
    let html = written(&[("credential_report.csv", "user,arn\nbob,x\n")], "html");
    assert!(html.contains("No user with a console password was read. This is not all"), "{html}");
    assert!(!html.contains("<dd class=\"good\">"), "{html}");
    let good = rows(&[
        "<root_account>,arn:aws:iam::111122223333:root,true,true,false,false",
        "bob,arn:aws:iam::111122223333:user/bob,true,true,false,false",
    ]);
    let html = written(&[("credential_report.csv", &good)], "html");
    assert_eq!(html.matches("<dd class=\"good\">").count(), 3, "{html}");
}

#[test]
fn organisational_units_and_all_accounts_are_summed() {
    let one = |n: u8| {
        let arn = format!("arn:aws:iam::11112222333{n}:user");
        rows(&[
            &format!("a,{arn}/a,true,true,false,false"),
            &format!("b,{arn}/b,true,false,false,false"),
            &format!("c,{arn}/c,false,false,true,false"),
        ])
    };
    let (a, b, c) = (one(1), one(2), one(3));
    let text = written(
        &[
            ("1/credential_report.csv", &a),
            ("1/meta.json", "{\"ou\": \"Root/Prod\"}"),
            ("2/credential_report.csv", &b),
            ("2/meta.json", "{\"ou\": \"Root/Prod\"}"),
            ("3/credential_report.csv", &c),
        ],
        "csv-summary",
    );
    let line = |start: &str| text.lines().find(|l| l.starts_with(start)).unwrap().to_owned();
    assert!(line("account,111122223331,").contains(",3,2,1,1,0,50,1,"), "{text}");
    assert!(line("ou,Root/Prod,").contains(",6,4,2,2,0,50,2,"), "{text}");
    assert!(line("all,").contains(",9,6,3,3,0,50,3,"), "{text}");
}

#[test]
fn a_report_alone_says_nothing_about_policies() {
    let csv = rows(&["bob,arn:aws:iam::111122223333:user/bob,true,false,false,false"]);
    let text = written(&[("credential_report.csv", &csv)], "json");
    let json: serde_json::Value = serde_json::from_str(&text).unwrap();
    let bob = &json["users"][0];
    assert_eq!(
        (&bob["verdict"], &bob["admin"], &bob["mfa"]),
        (&"fail".into(), &"unknown".into(), &"unknown".into())
    );
    let found: Vec<&str> =
        json["findings"].as_array().unwrap().iter().map(|f| f["rule"].as_str().unwrap()).collect();
    assert_eq!(found, ["MFA201"]);
    assert_eq!(json["principals"][0]["address"], serde_json::Value::Null);
    assert_eq!(json["principals"][0]["account"], "111122223333");
}
