//! Accounts in files: whose answer counts, and what broken files cost.

use std::path::Path;

use super::{Account, DeviceKind, Origin, User, read, read_report, snapshots};
use crate::diagnostic::{Code, Level};
use crate::fs::MemFs;
use crate::iam::facts::What;
use crate::source::SourceMap;
use crate::tri::Tri;

const GENERATED: &str = "2026-11-22T08:00:00Z";
const LATER: &str = "2026-11-22T09:00:00Z";
const EARLIER: &str = "2026-11-21T09:00:00Z";
const HEAD: &str =
    "user,arn,user_creation_time,password_enabled,mfa_active,access_key_1_active,access_key_2_active";

fn account(files: &[(&str, &str)]) -> Account {
    let fs = files.iter().fold(MemFs::new(), |fs, (name, text)| fs.with(format!("a/{name}"), *text));
    read(Path::new("a"), &fs, &SourceMap::new())
}

fn report(rows: &str) -> String {
    format!("{HEAD}\n{rows}\n")
}

fn row(name: &str, password: &str, mfa: &str) -> String {
    format!(
        "{name},arn:aws:iam::111122223333:user/{name},2024-01-01T00:00:00+00:00,{password},{mfa},false,false"
    )
}

fn user<'a>(account: &'a Account, name: &str) -> &'a User {
    account.users.iter().find(|u| u.name == name).unwrap_or_else(|| panic!("{name}: {:?}", account.users))
}

/// The report of [`GENERATED`] and other answers of another time, about `bob`.
fn bob(row: &str, others: &[(&str, &str)], at: &str) -> Account {
    let times: Vec<String> =
        ["mfa_devices", "virtual_mfa_devices", "login_profiles", "account_authorization_details"]
            .iter()
            .map(|n| format!("\"{n}\": \"{at}\""))
            .collect();
    let meta = format!("{{\"times\": {{\"credential_report\": \"{GENERATED}\", {}}}}}", times.join(", "));
    let csv = report(row);
    let mut files = vec![("credential_report.csv", csv.as_str()), ("meta.json", meta.as_str())];
    files.extend(others);
    account(&files)
}

fn device(kind: &str, enabled: &str) -> String {
    format!("{{\"SerialNumber\": \"arn:aws:iam::111122223333:{kind}/bob\", \"EnableDate\": \"{enabled}\"}}")
}

#[test]
fn the_newer_answer_counts() {
    let one = format!("{{\"bob\": [{}]}}", device("mfa", LATER));
    let old = format!("{{\"bob\": [{}]}}", device("mfa", EARLIER));
    let none = "{\"bob\": []}".to_owned();
    // What the report says, the list of devices, its time ("" for none); what is believed, from where.
    for (says, list, at, believed, from) in [
        ("false", &one, LATER, Tri::Yes, Origin::MfaDevices),
        ("false", &one, "", Tri::Yes, Origin::MfaDevices),
        ("false", &old, "", Tri::No, Origin::CredentialReport),
        ("false", &old, LATER, Tri::Yes, Origin::MfaDevices),
        ("true", &none, LATER, Tri::No, Origin::MfaDevices),
        ("true", &none, "", Tri::No, Origin::MfaDevices),
        ("true", &none, EARLIER, Tri::Yes, Origin::CredentialReport),
        ("N/A", &none, EARLIER, Tri::No, Origin::MfaDevices),
        ("TRUE", &one, LATER, Tri::Yes, Origin::MfaDevices),
    ] {
        let a = bob(&row("bob", "true", says), &[("mfa_devices.json", list)], at);
        let mfa = &user(&a, "bob").mfa;
        assert_eq!((mfa.value, mfa.source.unwrap().from), (believed, from), "{says} {list} {at}");
    }
}

#[test]
fn of_answers_without_time_only_the_worse_is_believed() {
    let list = "{\"bob\": [{\"SerialNumber\": \"GAHT1\"}]}";
    let csv = report(&row("bob", "true", "false"));
    let a = account(&[("credential_report.csv", &csv), ("mfa_devices.json", list)]);
    assert_eq!(user(&a, "bob").mfa.value, Tri::Maybe);
    assert!(a.diagnostics.iter().any(|d| d.code == Code::Contradiction && d.level == Level::Warning));
    let a = account(&[("credential_report.csv", &csv), ("login_profiles.json", "{\"bob\": null}")]);
    assert_eq!(user(&a, "bob").console.value, Tri::Maybe);
    let csv = report(&row("bob", "false", "false"));
    let profile = "{\"LoginProfile\": {\"UserName\": \"bob\"}}";
    let a = account(&[("credential_report.csv", &csv), ("login_profiles.json", profile)]);
    assert_eq!(user(&a, "bob").console.value, Tri::Yes);
}

#[test]
fn users_come_and_go() {
    let details =
        "{\"UserDetailList\": [{\"UserName\": \"new\", \"Arn\": \"arn:aws:iam::111122223333:user/new\"}]}";
    let others = [
        ("account_authorization_details.json", details),
        ("login_profiles.json", "{\"new\": {}}"),
        ("mfa_devices.json", "{\"new\": []}"),
    ];
    let a = bob(&row("gone", "true", "false"), &others, LATER);
    assert_eq!(a.users.len(), 1);
    assert!(a.diagnostics.iter().any(|d| d.message.contains("`gone`") && d.level == Level::Warning));
    let new = user(&a, "new");
    assert_eq!((new.console.value, new.mfa.value), (Tri::Yes, Tri::No));
    assert_eq!(new.console.source.unwrap().from, Origin::LoginProfiles);
    assert_eq!(new.has_keys(), Tri::Maybe);
    // Created after the list was made: it is not in it, and not gone.
    let young = row("young", "true", "false").replace("2024-01-01", "2026-11-22");
    assert_eq!(bob(&young, &others, EARLIER).users.len(), 2);
    // Part of a list says nothing about those who are not in it.
    let cut = details.replace("]}", "], \"IsTruncated\": true}");
    let a = bob(&row("gone", "true", "false"), &[("account_authorization_details.json", &cut)], LATER);
    assert_eq!(a.users.len(), 1 + usize::from(a.users.iter().any(|u| u.name == "new")));
    assert!(a.users.iter().any(|u| u.name == "gone"));
    assert!(a.diagnostics.iter().any(|d| d.level == Level::Error), "{:?}", a.diagnostics);
}

#[test]
fn pages_of_any_form_are_one_account() {
    let page = |n: usize, more: bool| {
        let users = (n * 100..n * 100 + 100)
            .map(|i| format!("{{\"UserName\": \"u{i}\", \"Arn\": \"arn:aws:iam::111122223333:user/u{i}\"}}"));
        let users = if n == 4 { String::new() } else { users.collect::<Vec<_>>().join(",") };
        format!("{{\"UserDetailList\": [{users}], \"IsTruncated\": {more}}}")
    };
    let pages: Vec<String> = (0..11).map(|n| page(n, n < 10)).collect();
    for text in [pages.join("\n"), format!("[{}]", pages.join(",")), format!("\u{feff}{}", pages.join(""))] {
        let a = account(&[("account_authorization_details.json", &text)]);
        assert_eq!((a.users.len(), a.diagnostics.len(), a.id.as_str()), (1000, 0, "111122223333"));
    }
}

#[test]
fn reports_of_all_times() {
    let old = "user,arn,user_creation_time,password_enabled,password_last_used,password_last_changed,\
               password_next_rotation,mfa_active,access_key_1_active,access_key_1_last_rotated,access_key_2_active,\
               access_key_2_last_rotated,cert_1_active,cert_1_last_rotated,cert_2_active,cert_2_last_rotated";
    let cells = "\"Smith,John\",arn:aws:iam::111122223333:user/x,2014-01-01T00:00:00Z,True,N/A,N/A,N/A,FALSE,true,N/A,false,N/A,false,N/A,false,N/A";
    let reordered = "mfa_active,extra,ARN,User,password_enabled";
    for text in [
        format!("{old}\r\n{cells}\r\n"),
        format!("\u{feff}{old}\n{cells}"),
        format!("{old},additional_credentials_info\n{cells},\"[{{\"\"a\"\": 1}}]\"\n"),
        format!("{reordered}\nfalse,?,arn:aws:iam::111122223333:user/x,\"Smith,John\",true"),
    ] {
        let a = account(&[("credential_report.csv", &text)]);
        let smith = user(&a, "Smith,John");
        assert_eq!((smith.console.value, smith.mfa.value), (Tri::Yes, Tri::No), "{text}");
        assert!(a.diagnostics.is_empty(), "{text}: {:?}", a.diagnostics);
    }
}

#[test]
fn the_report_as_aws_sends_it() {
    use base64::Engine as _;
    let content = base64::engine::general_purpose::STANDARD.encode(report(&row("bob", "true", "false")));
    let text = format!(
        "{{\"Content\": \"{content}\", \"ReportFormat\": \"text/csv\", \"GeneratedTime\": \"2026-11-22T08:00:00+00:00\"}}"
    );
    let fs = MemFs::new().with("r.json", text);
    let a = read_report(Path::new("r.json"), &fs, &SourceMap::new());
    assert_eq!(a.report_at.unwrap().to_string(), GENERATED);
    assert_eq!(user(&a, "bob").mfa.source.unwrap().at, a.report_at);
    assert!(a.diagnostics.is_empty() && a.policies.is_none());
}

#[test]
fn devices_are_those_that_are_assigned_and_enabled() {
    let list = "{\"VirtualMFADevices\": [
        {\"SerialNumber\": \"arn:aws:iam::111122223333:mfa/bob\"},
        {\"SerialNumber\": \"arn:aws:iam::111122223333:mfa/x\", \"User\": {\"UserName\": \"bob\"}},
        {\"SerialNumber\": \"arn:aws:iam::111122223333:mfa/g\", \"EnableDate\": \"2026-11-22T09:00:00Z\",
         \"User\": {\"UserName\": \"grootadmin\", \"Arn\": \"arn:aws:iam::111122223333:user/x/grootadmin\"}}]}";
    let rows = [row("bob", "true", "N/A"), row("grootadmin", "true", "false")].join("\n");
    let summary = "{\"AccountMFAEnabled\": 1, \"MFADevicesInUse\": 2, \"AccountPasswordPresent\": 1}";
    let files = [
        ("virtual_mfa_devices.json", list),
        ("account_summary.json", summary),
        ("mfa_devices.json", "{\"bob\": []}"),
    ];
    let a = bob(&rows, &files, LATER);
    assert_eq!(user(&a, "bob").mfa.value, Tri::No);
    assert_eq!(user(&a, "grootadmin").mfa.value, Tri::Yes);
    assert_eq!(user(&a, "grootadmin").devices.value[0].kind, DeviceKind::Virtual);
    // Its device is of a user, the device of root is a key.
    assert_eq!((a.root.kind, a.root.only_virtual), (Some(DeviceKind::Other), Tri::No));
}

#[test]
fn the_states_of_root() {
    let row = |password: &str, mfa: &str, key: &str| {
        format!(
            "<root_account>,arn:aws:iam::111122223333:root,2020-01-01T00:00:00Z,{password},{mfa},{key},false"
        )
    };
    let summary = |pairs: &[(&str, u8)]| {
        let list: Vec<String> = pairs.iter().map(|(n, v)| format!("\"{n}\": {v}")).collect();
        format!("{{\"SummaryMap\": {{{}}}}}", list.join(", "))
    };
    let (mfa, password, key, certificate) = (
        "AccountMFAEnabled",
        "AccountPasswordPresent",
        "AccountAccessKeysPresent",
        "AccountSigningCertificatesPresent",
    );
    for (row, numbers, credentials, has) in [
        // A member account without any credentials, and with one key.
        (
            row("false", "false", "false"),
            vec![(mfa, 0), (password, 0), (key, 0), (certificate, 0)],
            Tri::No,
            Tri::No,
        ),
        (
            row("false", "false", "false"),
            vec![(mfa, 0), (password, 0), (key, 1), (certificate, 0)],
            Tri::Yes,
            Tri::No,
        ),
        // The summary is newer.
        (row("true", "false", "false"), vec![(mfa, 1), (password, 1)], Tri::Yes, Tri::Yes),
        // A number that is missing is not zero.
        (row("not_supported", "true", "false"), vec![(mfa, 1), (key, 0)], Tri::Maybe, Tri::Yes),
        (row("not_supported", "false", "false"), vec![], Tri::Maybe, Tri::No),
        (row("true", "false", "false"), vec![], Tri::Yes, Tri::No),
        // China has no row.
        (String::new(), vec![], Tri::Maybe, Tri::Maybe),
        (String::new(), vec![(mfa, 1), (password, 1)], Tri::Yes, Tri::Yes),
    ] {
        let (csv, numbers) = (report(row.as_str()), summary(&numbers));
        let a = account(&[("credential_report.csv", csv.trim_end()), ("account_summary.json", &numbers)]);
        assert_eq!((a.root.credentials.value, a.root.mfa.value), (credentials, has), "{row} {numbers}");
    }
}

#[test]
fn of_too_many_principals_nothing_is_judged() {
    let limit = |a: &Account| a.diagnostics.iter().any(|d| (d.code, d.level) == (Code::Limit, Level::Error));
    // Also when they are one and the same: what stands behind them is not looked at.
    let one = r#"{"UserName": "bob", "Arn": "arn:aws:iam::111122223333:user/bob"}"#;
    let list = vec![one; crate::limits::PRINCIPALS + 1].join(",");
    let details = format!("{{\"UserDetailList\": [{list}]}}");
    let a = account(&[("account_authorization_details.json", &details)]);
    assert!(limit(&a) && a.facts.facts.iter().all(|f| !matches!(f.what, What::Principal { .. })));
    let rows: Vec<String> =
        (0..=crate::limits::PRINCIPALS).map(|n| row(&format!("u{n}"), "true", "false")).collect();
    assert!(limit(&account(&[("credential_report.csv", &report(&rows.join("\n")))])));
}

#[test]
fn broken_files_are_told_and_cost_nothing_else() {
    let good = report(&row("bob", "true", "false"));
    for (name, text) in [
        ("mfa_devices.json", "{\"bob\": "),
        ("account_authorization_details.json", "<html>500</html>"),
        ("account_authorization_details.json", "{\"Users\": []}"),
        ("account_authorization_details.json", "[]"),
        ("account_summary.json", ""),
        ("meta.json", "{\"denied\": [\"iam:ListVirtualMFADevices\"]}"),
        ("meta.json", "{\"account\": \"999999999999\"}"),
    ] {
        let a = account(&[("credential_report.csv", &good), (name, text)]);
        assert!(a.diagnostics.iter().any(|d| d.level == Level::Error), "{name}: {text}");
        assert_eq!(user(&a, "bob").mfa.value, Tri::No, "{name}: {text}");
    }
    for text in [
        String::new(),
        "user,arn\n".to_owned(),
        format!("{HEAD}\nbob,arn\n"),
        report(",arn,x,true,true,true,true"),
        format!("{good}{}\n", row("bob", "true", "true")),
        "{\"Content\": \"%%%\"}".to_owned(),
        "{\"ReportFormat\": \"text/csv\"}".to_owned(),
    ] {
        let a = account(&[("credential_report.csv", &text)]);
        assert!(a.diagnostics.iter().any(|d| d.level == Level::Error), "{text}");
    }
    let huge = report(&row(&"x".repeat(1 << 20), "true", "false"));
    assert_eq!(account(&[("credential_report.csv", &huge)]).users.len(), 1);
    let number = "{\"MFADevicesInUse\": 1e999999999, \"AccountMFAEnabled\": 1.5}";
    assert_eq!(account(&[("account_summary.json", number)]).root.mfa.value, Tri::Maybe);
}

#[test]
fn a_directory_may_hold_many_accounts() {
    let csv = report("");
    let fs = MemFs::new()
        .with("org/1/credential_report.csv", csv.as_str())
        .with("org/2/account_summary.json", "{}");
    let fs = fs.with("org/notes/readme.txt", "");
    let found = snapshots(Path::new("org"), &fs).unwrap();
    assert_eq!(found, [Path::new("org/1"), Path::new("org/2")]);
    assert!(snapshots(Path::new("org/notes"), &fs).is_err());
    assert!(snapshots(Path::new("nowhere"), &fs).is_err());
}

#[test]
fn partitions_are_told_by_arns() {
    for partition in ["aws", "aws-cn", "aws-us-gov"] {
        let rows = report(&row("bob", "true", "true").replace("arn:aws:", &format!("arn:{partition}:")));
        assert_eq!(account(&[("credential_report.csv", &rows)]).partition, partition);
    }
    let empty = account(&[("credential_report.csv", &report(""))]);
    assert_eq!((empty.users.len(), empty.id.as_str()), (0, "a"));
}

#[test]
fn what_cannot_be_read_is_not_an_empty_list() {
    let attached = |member: &str| {
        let user = format!("{{\"UserName\": \"a\", \"Arn\": \"arn:aws:iam::111122223333:user/a\"{member}}}");
        let details = format!("{{\"UserDetailList\": [{user}]}}");
        let a = account(&[("account_authorization_details.json", &details)]);
        let unread = |w: &What| matches!(w, What::Attachment { .. } | What::Membership { .. });
        a.facts.facts.iter().filter(|f| unread(&f.what)).count()
    };
    assert_eq!(attached(""), 0);
    assert_eq!(attached(", \"AttachedManagedPolicies\": [], \"GroupList\": null"), 0);
    for list in ["AttachedManagedPolicies", "GroupList", "UserPolicyList"] {
        assert_eq!(attached(&format!(", \"{list}\": \"redacted\"")), 1, "{list}");
    }
}

/// What a policy is called stands at the end of its ARN, also when an answer leaves the name out.
#[test]
fn a_policy_without_a_name_has_that_of_its_arn() {
    let policy = r#"{"Arn": "arn:aws:iam::111122223333:policy/path/gate", "PolicyName": null, "DefaultVersionId": "v1",
        "PolicyVersionList": [{"VersionId": "v1", "IsDefaultVersion": true, "Document": {"Statement": []}}]}"#;
    let details = format!(r#"{{"UserDetailList": [], "Policies": [{policy}]}}"#);
    let account = account(&[("account_authorization_details.json", &details)]);
    let names = account.facts.facts.iter().filter_map(|f| match &f.what {
        What::ManagedPolicy { name, .. } => name.as_str(),
        _ => None,
    });
    assert_eq!(names.collect::<Vec<_>>(), ["gate"]);
}
