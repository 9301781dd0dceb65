//! `status` and `snapshot` against an AWS on loopback: what is asked, what comes of the answers, and of their absence.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

#[path = "live/aws.rs"]
mod aws;

use std::collections::{BTreeMap, BTreeSet};
use std::process::Output;
use std::time::Duration;

use aws::{Account, Aws, OWN, Reply, Running, SECRETS, refuse, user};
use mfaguard::account::ACTIONS;
use serde_json::Value;

/// What is called for one account, and what it is called in policies.
const CALLS: [(&str, &str); 8] = [
    ("GenerateCredentialReport", "iam:GenerateCredentialReport"),
    ("GetCredentialReport", "iam:GetCredentialReport"),
    ("GetAccountAuthorizationDetails", "iam:GetAccountAuthorizationDetails"),
    ("GetAccountSummary", "iam:GetAccountSummary"),
    ("ListVirtualMFADevices", "iam:ListVirtualMFADevices"),
    ("ListAccountAliases", "iam:ListAccountAliases"),
    ("GetLoginProfile", "iam:GetLoginProfile"),
    ("ListMFADevices", "iam:ListMFADevices"),
];

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// What `status` says in JSON, and how it ended. No secret is ever in what it writes.
fn status(aws: &Running, args: &[&str]) -> (Value, i32) {
    let out = aws.run(&[&["status", "--format", "json", "-vv"], args].concat());
    (json(&out), out.status.code().unwrap())
}

fn json(out: &Output) -> Value {
    for secret in SECRETS.iter().chain(&["ASIASESSION", "CANARY-message-of-aws"]) {
        assert!(!text(&out.stdout).contains(secret) && !text(&out.stderr).contains(secret), "{secret}");
    }
    serde_json::from_slice(&out.stdout).unwrap_or_else(|e| panic!("{e}: {}", text(&out.stderr)))
}

fn of_user<'v>(report: &'v Value, name: &str) -> &'v Value {
    let users = report["users"].as_array().unwrap();
    users.iter().find(|u| u["user"] == name).unwrap_or_else(|| panic!("no user {name}: {report:#}"))
}

fn verdicts(report: &Value) -> BTreeMap<String, String> {
    let users = report["users"].as_array().unwrap();
    users
        .iter()
        .map(|u| (u["user"].as_str().unwrap().to_owned(), u["verdict"].as_str().unwrap().to_owned()))
        .collect()
}

fn messages(report: &Value) -> String {
    let all = report["diagnostics"].as_array().unwrap();
    all.iter().map(|d| d["message"].as_str().unwrap()).collect::<Vec<_>>().join("\n")
}

/// Five users of whom everything is different.
fn small() -> Account {
    let mut sms = user("sms").console();
    sms.devices.push((format!("arn:aws:iam::{OWN}:sms-mfa/sms"), "2020-01-01T00:00:00Z".to_owned()));
    sms.report = Some((true, true));
    Account::new(vec![
        user("good").console().device(),
        user("bad").console(),
        user("keys").admin(),
        user("boss").console().device().admin(),
        sms.admin(),
    ])
}

#[test]
fn what_aws_says_is_what_is_shown() {
    let mut account = small();
    account.alias = Some("prod|=cmd<b>".to_owned());
    account.users[2].keys = 1;
    let aws = Aws::of(account).start();
    let (report, code) = status(&aws, &[]);
    assert_eq!(code, 1, "{report:#}");
    let found = verdicts(&report);
    let of = |name: &str| found[name].as_str();
    assert_eq!(
        (of("good"), of("bad"), of("keys"), of("boss"), of("sms")),
        ("ok", "fail", "not-applicable", "ok", "ok")
    );
    assert_eq!(of_user(&report, "sms")["devices"][0]["kind"], "sms");
    assert_eq!(of_user(&report, "bad")["sources"]["mfa_active"]["from"], "mfa-devices");
    assert_eq!(of_user(&report, "good")["sources"]["console"]["from"], "credential-report");
    assert_eq!(report["accounts"][0]["alias"], "prod|=cmd<b>");
    assert_eq!(report["accounts"][0]["root"]["mfa"], "yes");
    // Every request is counted but the one that asks whose the credentials are.
    assert_eq!(report["accounts"][0]["calls"], aws.asked().len() as u64 - 1);
    assert!(report["diagnostics"].as_array().unwrap().is_empty(), "{}", messages(&report));
    // Nobody is asked for whose answer would change nothing.
    let asked = |user: &str| aws.asked().iter().any(|a| a.user() == user);
    assert!(!asked("good") && asked("bad") && asked("boss") && asked("keys"));
    // Certifications are asked for with --fresh only.
    assert_eq!(aws.count("GetMFADevice"), 0);
}

#[test]
fn fresh_asks_for_everybody() {
    let mut fido = user("fido").console();
    fido.devices
        .push((format!("arn:aws:iam::{OWN}:u2f/user/fido/key-ABC"), "2020-01-01T00:00:00Z".to_owned()));
    fido.report = Some((true, true));
    let aws = Aws::of(Account::new(vec![user("good").console().device(), fido])).start();
    let (report, code) = status(&aws, &["--fresh"]);
    assert_eq!(code, 0);
    assert_eq!(
        (aws.count("ListMFADevices"), aws.count("GetLoginProfile"), aws.count("GetMFADevice")),
        (2, 2, 1)
    );
    let device = &of_user(&report, "fido")["devices"][0];
    assert_eq!((&device["kind"], &device["attested"]), (&"fido".into(), &true.into()));
    assert_eq!(of_user(&report, "good")["sources"]["mfa_active"]["from"], "mfa-devices");
}

/// 1,000 users of whom 20 are suspicious, over 11 pages of which one is empty: at most 60 calls.
#[test]
fn calls_grow_with_what_is_suspicious_and_not_with_users() {
    let mut users: Vec<_> = (0..980).map(|n| user(&format!("good{n}")).console().device()).collect();
    users.extend((0..20).map(|n| user(&format!("bad{n}")).console()));
    let mut account = Account::new(users);
    account.page = 100;
    let empty = |asked: &aws::Asked, before: usize| {
        let marker = asked.parameters.get("Marker").cloned().unwrap_or_default();
        (before == 5).then(|| Reply {
            status: 200,
            body: format!(
                "<GetAccountAuthorizationDetailsResponse><GetAccountAuthorizationDetailsResult>\
                 <IsTruncated>true</IsTruncated><Marker>0{marker}</Marker><UserDetailList/>\
                 </GetAccountAuthorizationDetailsResult></GetAccountAuthorizationDetailsResponse>"
            ),
            delay: Duration::ZERO,
        })
    };
    let aws = Aws::of(account).on("GetAccountAuthorizationDetails", empty).start();
    let (report, code) = status(&aws, &[]);
    assert_eq!((code, aws.count("GetAccountAuthorizationDetails")), (1, 11));
    assert_eq!(report["summary"]["users"], 1000);
    assert_eq!(report["summary"]["without_mfa"], 20);
    assert!(aws.asked().len() <= 60, "{} calls", aws.asked().len());
    assert!(messages(&report).is_empty(), "{}", messages(&report));
}

/// Every action that is not permitted is named, and nothing is better for it.
#[test]
fn a_missing_permission_turns_nothing_green() {
    let whole = Aws::of(small()).start();
    let (before, _) = status(&whole, &[]);
    for (action, name) in CALLS {
        let aws = Aws::of(small()).refuses(action, 403, "AccessDenied").start();
        let (report, code) = status(&aws, &[]);
        assert_eq!(code, 2, "{name}");
        assert!(
            messages(&report).contains(&format!("`{name}` was not permitted")),
            "{name}: {}",
            messages(&report)
        );
        // What is not permitted is not asked for every user; four are asked for at a time.
        assert!(aws.count(action) <= 4, "{name}: {} times", aws.count(action));
        for (user, verdict) in verdicts(&report) {
            let was = verdicts(&before)[&user].clone();
            assert!(verdict == was || verdict == "unknown", "{name}: {user} was {was}, is {verdict}");
        }
        let cells = |report: &Value| {
            let user = of_user(report, "boss").clone();
            (user["admin"].clone(), user["mfa"].clone(), report["accounts"][0]["root"].clone())
        };
        match action {
            "GetAccountAuthorizationDetails" => {
                assert_eq!(of_user(&report, "boss")["admin"], "unknown");
                assert_eq!(of_user(&report, "boss")["mfa"], "unknown");
            }
            "GetAccountSummary" => assert_eq!(report["accounts"][0]["root"]["mfa"], "unknown"),
            // Which devices of root are virtual.
            "ListVirtualMFADevices" => assert_eq!(report["accounts"][0]["root"]["kind"], Value::Null),
            "GetCredentialReport" => assert_eq!(of_user(&report, "keys")["access_keys"], Value::Null),
            _ => assert_eq!(cells(&report), cells(&before), "{name}"),
        }
    }
}

/// A report that is not ready, ran out, or cannot be made.
#[test]
fn the_credential_report_has_its_ways() {
    let state = |state: &str| Reply {
        status: 200,
        body: format!(
            "<GenerateCredentialReportResponse><GenerateCredentialReportResult><State>{state}</State>\
             </GenerateCredentialReportResult></GenerateCredentialReportResponse>"
        ),
        delay: Duration::ZERO,
    };
    let slowly = move |_: &aws::Asked, before: usize| match before {
        0 => Some(state("STARTED")),
        1 => Some(state("INPROGRESS")),
        _ => None,
    };
    let aws = Aws::of(small()).on("GenerateCredentialReport", slowly).start();
    let (report, code) = status(&aws, &[]);
    assert_eq!((code, aws.count("GenerateCredentialReport")), (1, 3), "{}", messages(&report));

    for (status_code, error) in [(410, "ReportExpired"), (410, "ReportNotPresent"), (404, "ReportInProgress")]
    {
        let once = move |_: &aws::Asked, before: usize| (before == 0).then(|| refuse(status_code, error));
        let aws = Aws::of(small()).on("GetCredentialReport", once).start();
        let (report, code) = status(&aws, &[]);
        assert_eq!((code, aws.count("GetCredentialReport")), (1, 2), "{error}: {}", messages(&report));
    }
    for (status_code, error, times) in [
        (410, "ReportExpired", 2),
        (410, "ReportNotPresent", 2),
        (500, "ServiceFailure", 2),
        (400, "Throttling", 2),
    ] {
        let aws = Aws::of(small()).refuses("GetCredentialReport", status_code, error).start();
        let (report, code) = status(&aws, &[]);
        assert_eq!((code, aws.count("GetCredentialReport")), (2, times), "{error}");
        assert!(messages(&report).contains("`iam:GetCredentialReport`"), "{error}: {}", messages(&report));
        // Users are asked for one by one instead.
        assert_eq!(verdicts(&report)["bad"], "fail", "{error}");
        assert_eq!(verdicts(&report)["good"], "ok", "{error}");
    }
    // It never is ready: the deadline ends that.
    let aws = Aws::of(small()).refuses("GetCredentialReport", 404, "ReportInProgress").start();
    let (report, code) = status(&aws, &["--deadline", "2"]);
    assert_eq!(code, 2);
    assert!(messages(&report).contains("no answer in time"), "{}", messages(&report));
}

/// No new report can be made: the old one is taken, with its age.
#[test]
fn an_old_report_is_better_than_none() {
    for (code, error, exit) in [(403, "AccessDenied", 2), (409, "LimitExceeded", 1)] {
        let aws = Aws::of(small()).refuses("GenerateCredentialReport", code, error).start();
        let (report, ended) = status(&aws, &[]);
        assert_eq!(ended, exit, "{error}: {}", messages(&report));
        assert_eq!(of_user(&report, "good")["sources"]["console"]["at"], "2026-01-01T00:00:00Z");
        let people = aws.run(&["status"]);
        assert!(text(&people.stdout).contains("credential report of 2026-01-01T00:00:00Z, "), "{error}");
    }
    let aws = Aws::of(small())
        .refuses("GenerateCredentialReport", 409, "LimitExceeded")
        .refuses("GetCredentialReport", 410, "ReportNotPresent")
        .start();
    let (report, code) = status(&aws, &[]);
    assert_eq!(code, 2);
    assert!(messages(&report).contains("`iam:GenerateCredentialReport`: AWS refused with `LimitExceeded`"));
    assert_eq!((verdicts(&report)["bad"].as_str(), verdicts(&report)["good"].as_str()), ("fail", "ok"));
}

/// Answers that are none, and credentials that run out.
#[test]
fn what_is_no_answer_is_told() {
    let html = || Reply {
        status: 500,
        body: "<html>CANARY-message-of-aws</html>".to_owned(),
        delay: Duration::ZERO,
    };
    for (action, name) in CALLS {
        let aws = Aws::of(small()).on(action, move |_, _| Some(html())).start();
        let (report, code) = status(&aws, &[]);
        if action != "GenerateCredentialReport" {
            assert_eq!(code, 2, "{name}");
            assert!(messages(&report).contains(&format!("`{name}`: ")), "{name}: {}", messages(&report));
        }
    }
    let aws = Aws::of(small()).refuses("GetAccountSummary", 403, "ExpiredToken").start();
    let (report, code) = status(&aws, &[]);
    assert_eq!(code, 2);
    assert!(messages(&report).contains("the credentials are expired"), "{}", messages(&report));

    let aws = Aws::of(small()).refuses("GetCallerIdentity", 403, "InvalidClientTokenId").start();
    let out = aws.run(&["status"]);
    assert_eq!((out.status.code(), out.stdout.len()), (Some(2), 0));
    assert!(text(&out.stderr).contains("the credentials are expired or not valid"), "{}", text(&out.stderr));
}

#[test]
fn an_answer_that_never_ends_is_cut() {
    let same = |_: &aws::Asked, _: usize| {
        Some(Reply {
            status: 200,
            body: "<GetAccountAuthorizationDetailsResponse><GetAccountAuthorizationDetailsResult>\
                   <IsTruncated>true</IsTruncated><Marker>again</Marker></GetAccountAuthorizationDetailsResult>\
                   </GetAccountAuthorizationDetailsResponse>"
                .to_owned(),
            delay: Duration::ZERO,
        })
    };
    let aws = Aws::of(small()).on("GetAccountAuthorizationDetails", same).start();
    let (report, code) = status(&aws, &[]);
    assert_eq!((code, aws.count("GetAccountAuthorizationDetails")), (2, 2), "{}", messages(&report));
    assert_eq!(verdicts(&report)["bad"], "fail");
}

/// Of two answers the newer one counts.
#[test]
fn answers_are_reconciled() {
    let mut enrolled = user("enrolled").console();
    enrolled.devices.push((format!("arn:aws:iam::{OWN}:mfa/enrolled"), "2026-02-01T00:00:00Z".to_owned()));
    let mut lost = user("lost").console().admin();
    lost.report = Some((true, true));
    let mut newer = user("newer");
    (newer.report, newer.password) = (None, true);
    let mut gone = user("gone").console();
    gone.gone = true;
    let aws = Aws::of(Account::new(vec![
        enrolled,
        lost,
        newer,
        gone,
        user("Smith,John").console().device(),
        user("o'neil;$(id)").console(),
    ]))
    .start();
    let (report, code) = status(&aws, &[]);
    assert_eq!(code, 1);
    let found = verdicts(&report);
    assert_eq!(found["enrolled"], "ok");
    assert_eq!(found["lost"], "fail");
    assert_eq!(found["newer"], "fail");
    assert_eq!(of_user(&report, "newer")["sources"]["console"]["from"], "login-profiles");
    assert!(!found.contains_key("gone") && messages(&report).contains("user `gone`"));
    assert_eq!(found["Smith,John"], "ok");
    assert_eq!(found["o'neil;$(id)"], "fail");
}

/// Administrators by a group, by an inline policy and by a customer policy whose third version is the default one; one
/// that a boundary caps is none.
#[test]
fn administrators_by_every_way() {
    let all =
        r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}"#;
    let read = r#"{"Statement": [{"Effect": "Allow", "Action": "s3:Get*", "Resource": "*"}]}"#;
    let customer = |name: &str| format!("arn:aws:iam::{OWN}:policy/{name}");
    let (mut group, mut inline, mut own, mut capped) =
        (user("group"), user("inline"), user("own"), user("capped").admin());
    group.groups.push("admins".to_owned());
    inline.inline.push(("all".to_owned(), all.to_owned()));
    own.attached.push(customer("all"));
    capped.boundary = Some(customer("read"));
    let mut account = Account::new(vec![group, inline, own, capped]);
    account
        .groups
        .push(("admins".to_owned(), vec!["arn:aws:iam::aws:policy/AdministratorAccess".to_owned()]));
    account.policies = vec![("all".to_owned(), all.to_owned()), ("read".to_owned(), read.to_owned())];
    let aws = Aws::of(account).start();
    let (report, _) = status(&aws, &[]);
    for (name, admin) in [("group", "yes"), ("inline", "yes"), ("own", "yes"), ("capped", "no")] {
        assert_eq!(of_user(&report, name)["admin"], admin, "{name}");
    }
}

/// 45 accounts on three pages: one is suspended, one does not let us in, one never answers.
#[test]
fn an_organisation_is_read_as_far_as_it_lets_us() {
    let number = |n: usize| format!("2000000000{n:02}");
    let mut aws = Aws::of(small());
    let mut list = vec![(OWN.to_owned(), "ACTIVE".to_owned())];
    for n in 1..45 {
        let state = if n == 7 { "SUSPENDED" } else { "ACTIVE" };
        list.push((number(n), state.to_owned()));
        if n != 8 {
            aws = aws.with(&number(n), Account::new(vec![user("good").console().device()]));
        }
    }
    let late = number(9);
    let never = move |asked: &aws::Asked, _: usize| {
        (asked.account == late)
            .then(|| Reply { delay: Duration::from_secs(60), ..refuse(500, "ServiceFailure") })
    };
    let aws = aws.organization(list).on("GetAccountSummary", never).start();
    let (report, code) = status(&aws, &["--org", "--role-name", "auditor", "--deadline", "4"]);
    assert_eq!(code, 2);
    let accounts = report["accounts"].as_array().unwrap();
    assert_eq!((accounts.len(), aws.count("ListAccounts")), (45, 3));
    let of = |n: usize| accounts.iter().find(|a| a["account"] == number(n)).unwrap();
    assert_eq!(
        (&of(7)["scanned"], &of(8)["scanned"], &of(9)["scanned"]),
        (&false.into(), &false.into(), &true.into())
    );
    assert_eq!(of(7)["error"], Value::Null, "a suspended account is no failure");
    assert!(of(8)["error"].as_str().unwrap().contains("role/auditor` cannot be assumed"), "{}", of(8));
    assert!(of(9)["error"].as_str().unwrap().contains("no answer in time"), "{}", of(9));
    assert_eq!(of(9)["root"]["mfa"], "unknown");
    assert_eq!(of(1)["ou"], "Root/Prod|=1+1<b>");
    assert_eq!(report["summary"]["scanned"], 43);
    // The own account needs no role.
    let roles = aws.asked().into_iter().filter(|a| a.action == "AssumeRole");
    assert!(roles.map(|a| a.parameters["RoleArn"].clone()).all(|arn| !arn.contains(OWN)));
    let people = aws.run(&["status", "--org", "--role-name", "auditor", "--deadline", "4"]);
    assert!(text(&people.stdout).contains("43 of 45 accounts scanned"), "{}", text(&people.stdout));
}

/// `mfaguard policy` prints exactly what is called.
#[test]
fn everything_that_is_called_is_in_the_policy() {
    let mut account = small();
    account.users[0].devices[0].0 = format!("arn:aws:iam::{OWN}:u2f/user/good/key-A");
    let members = [OWN, "200000000001"].map(|id| (id.to_owned(), "ACTIVE".to_owned()));
    let aws = Aws::of(account).with("200000000001", small()).organization(members.to_vec()).start();
    status(&aws, &["--org", "--fresh"]);
    let called: BTreeSet<String> = aws.asked().into_iter().map(|a| a.action).collect();
    let listed = ACTIONS.iter().filter_map(|a| a.name.split_once(':')).map(|(_, name)| name.to_owned());
    assert_eq!(called, listed.collect::<BTreeSet<String>>());
}

/// Where accounts are is told to be missing, once, and the accounts are read.
#[test]
fn organisational_units_that_cannot_be_read_are_told() {
    for action in ["ListRoots", "ListChildren", "ListOrganizationalUnitsForParent"] {
        let members = [OWN, "200000000001"].map(|id| (id.to_owned(), "ACTIVE".to_owned()));
        let denied = |_: &aws::Asked, _: usize| {
            let body = r#"{"__type": "AccessDeniedException"}"#.to_owned();
            Some(Reply { status: 400, body, delay: Duration::ZERO })
        };
        let aws = Aws::of(small()).with("200000000001", small()).organization(members.to_vec());
        let aws = aws.on(action, denied).start();
        let (report, code) = status(&aws, &["--org"]);
        assert_eq!((code, report["summary"]["scanned"].as_u64()), (2, Some(2)), "{action}");
        assert_eq!(report["diagnostics"].as_array().unwrap().len(), 1, "{action}: {}", messages(&report));
        let told = format!("`organizations:{action}` was not permitted");
        assert!(messages(&report).contains(&told), "{action}: {}", messages(&report));
    }
}

#[test]
fn who_may_not_read_the_organisation_is_told_so() {
    let aws = Aws::of(small()).on("ListAccounts", |_, _| {
        Some(Reply {
            status: 400,
            body: r#"{"__type": "AccessDeniedException", "Message": "CANARY-message-of-aws"}"#.to_owned(),
            delay: Duration::ZERO,
        })
    });
    let aws = aws.start();
    let out = aws.run(&["status", "--org"]);
    assert_eq!(out.status.code(), Some(2));
    assert!(
        text(&out.stderr).contains("`organizations:ListAccounts` is not permitted"),
        "{}",
        text(&out.stderr)
    );
}

#[test]
fn partitions_are_those_of_the_caller() {
    for partition in ["aws-us-gov", "aws-cn"] {
        let account = || Account { partition, ..Account::new(vec![user("bad").console()]) };
        let aws = Aws::of(account()).with("200000000001", account()).start();
        let (report, code) =
            status(&aws, &["--accounts", &format!("200000000001,{OWN}"), "--external-id", "x-1"]);
        assert_eq!((code, report["accounts"].as_array().unwrap().len()), (1, 2), "{}", messages(&report));
        let asked = aws.asked();
        let role = &asked.iter().find(|a| a.action == "AssumeRole").unwrap().parameters;
        assert_eq!(role["RoleArn"], format!("arn:{partition}:iam::200000000001:role/mfaguard-read"));
        assert_eq!(role["ExternalId"], "x-1");
    }
}

#[test]
fn nobody_is_in_an_empty_account() {
    let aws = Aws::of(Account::new(Vec::new())).start();
    let (report, code) = status(&aws, &[]);
    assert_eq!((code, report["summary"]["users"].as_u64()), (0, Some(0)));
    assert_eq!(aws.run(&["status"]).status.code(), Some(0));
}

/// A snapshot says the same as asking, and an interrupted one goes on.
#[cfg(unix)]
#[test]
fn what_is_saved_can_be_read_later() {
    use std::os::unix::fs::PermissionsExt as _;
    let dir = tempfile::tempdir().unwrap();
    let to = dir.path().join("deep/er").display().to_string();
    let aws = Aws::of(small()).with("200000000001", small()).start();
    let accounts = format!("{OWN},200000000001,200000000002");
    let out = aws.run(&["snapshot", &to, "--accounts", &accounts, "-vv"]);
    assert_eq!(out.status.code(), Some(2), "{}", text(&out.stderr));
    assert!(text(&out.stderr).contains("account 200000000002 could not be read"), "{}", text(&out.stderr));
    assert!(text(&out.stderr).contains("2 of 3 accounts were read to the end"), "{}", text(&out.stderr));
    for secret in SECRETS {
        assert!(!text(&out.stderr).contains(secret), "{secret}");
    }
    for file in walk(dir.path()) {
        let mode = std::fs::metadata(&file).unwrap().permissions().mode() & 0o777;
        assert!(mode & 0o077 == 0, "{}: {mode:o}", file.display());
        let bytes = text(&std::fs::read(&file).unwrap_or_default());
        assert!(SECRETS.iter().all(|s| !bytes.contains(s)), "{}", file.display());
    }
    let (live, _) = status(&aws, &["--no-timing"]);
    let from = format!("{to}/{OWN}");
    let saved = json(&aws.run(&["status", "--from", &from, "--format", "json", "--no-timing"]));
    assert_eq!(verdicts(&live), verdicts(&saved));

    let before = aws.asked().len();
    let out = aws.run(&["snapshot", &to, "--accounts", &accounts, "--resume"]);
    assert_eq!(out.status.code(), Some(2));
    let asked = aws.asked().split_off(before);
    assert!(asked.iter().all(|a| a.action == "GetCallerIdentity" || a.action == "AssumeRole"), "{asked:?}");
    // Without it everything is read again, and takes the place of what was there.
    let out = aws.run(&["snapshot", &to, "--accounts", OWN]);
    assert_eq!(out.status.code(), Some(0), "{}", text(&out.stderr));
    assert_eq!(std::fs::read_dir(&to).unwrap().count(), 3);
}

#[cfg(unix)]
fn walk(dir: &std::path::Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(dir).unwrap().map(|e| e.unwrap().path());
    entries.flat_map(|p| if p.is_dir() { [vec![p.clone()], walk(&p)].concat() } else { vec![p] }).collect()
}

/// Credentials of a profile, also when the environment holds others.
#[test]
fn profiles_are_those_that_were_asked_for() {
    let aws =
        Aws::of(small()).with("200000000001", Account::new(vec![user("other").console().device()])).start();
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("credentials");
    let key = "AKIAOTHER200000000001";
    let text_of = format!("[other]\naws_access_key_id = {key}\naws_secret_access_key = x\n");
    std::fs::write(&file, text_of).unwrap();
    let run = |args: &[&str]| {
        aws.command(&[&["status", "--format", "json"], args].concat())
            .env("AWS_SHARED_CREDENTIALS_FILE", &file)
            .output()
            .unwrap()
    };
    let report = json(&run(&["--profile", "other"]));
    assert_eq!(report["accounts"][0]["account"], "200000000001");
    let out = run(&["--profile", "nosuch"]);
    assert_eq!(out.status.code(), Some(2));
    assert!(text(&out.stderr).contains("no AWS credentials of profile `nosuch`"), "{}", text(&out.stderr));
    let out = aws.command(&["status"]).env_remove("AWS_ACCESS_KEY_ID").output().unwrap();
    assert_eq!(out.status.code(), Some(2));
    assert!(text(&out.stderr).starts_with("error: there are no AWS credentials; "), "{}", text(&out.stderr));
}

/// Nothing listens there.
#[test]
fn no_connection_is_told() {
    let aws = Aws::of(small()).start();
    let out = aws.command(&["status"]).env("AWS_ENDPOINT_URL", "http://127.0.0.1:9").output().unwrap();
    assert_eq!(out.status.code(), Some(2));
    assert!(text(&out.stderr).contains("no connection to AWS"), "{}", text(&out.stderr));
    assert!(aws.asked().is_empty() && !aws.uri().is_empty());
}
