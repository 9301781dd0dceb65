//! `mfaguard drift` as a user runs it. `UPDATE=1 cargo test` rewrites the golden files.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use mfaguard::report::drift::REPORTERS;
use serde_json::{Value, json};

use crate::world::{ACCOUNT, World, aws, group, user};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn drift(dir: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_mfaguard"))
        .current_dir(dir)
        .env_clear()
        .arg("drift")
        .args(args)
        .output()
        .unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[test]
fn every_format_of_one_account() {
    for reporter in REPORTERS {
        let args = ["code", "--from", "account", "--no-timing", "--format", reporter.name];
        let out = drift(&root().join("testdata/drift"), &args);
        assert_eq!(out.status.code(), Some(1), "{}: {}", reporter.name, text(&out.stderr));
        let golden = root().join(format!("tests/golden/drift.{}", reporter.name));
        if std::env::var_os("UPDATE").is_some() {
            std::fs::write(&golden, &out.stdout).unwrap();
        }
        let wanted = std::fs::read_to_string(&golden).unwrap().replace("\r\n", "\n");
        assert_eq!(text(&out.stdout), wanted, "{}", reporter.name);
    }
}

#[test]
fn exit_codes() {
    let scratch = tempfile::tempdir().unwrap();
    let dir = scratch.path();
    World::new().save(&dir.join("same"));
    let mut other = World::new();
    other.groups("carol", &["admins"]);
    other.save(&dir.join("other"));
    let mut low = World::new();
    low.has("user", user("dave"));
    low.save(&dir.join("low"));
    let mut open = World::new();
    open.add("variable \"a\" {}\nresource \"aws_iam_user_policy_attachment\" \"c\" {\n  user = \"carol\"\n  policy_arn = var.a\n}\n");
    open.attach("user", "carol", aws("ReadOnlyAccess")).save(&dir.join("open"));
    let mut denied = World::new();
    denied.meta = json!({"account": ACCOUNT, "denied": ["iam:GetAccountSummary"]});
    denied.save(&dir.join("denied"));
    for (args, code) in [
        (vec!["same/code", "--from", "same/account"], 0),
        (vec!["same/code", "--credential-report", "same/account/credential_report.csv"], 0),
        (vec!["other/code", "--from", "other/account"], 1),
        (vec!["other/code", "--from", "other/account", "--exit-zero"], 0),
        (vec!["other/code", "--from", "other/account", "--fail-on", "never"], 0),
        (vec!["other/code", "--from", "other/account", "--ignore", "undeclared-admin"], 0),
        (vec!["low/code", "--from", "low/account"], 0),
        (vec!["low/code", "--from", "low/account", "--fail-on", "low"], 1),
        (vec!["open/code", "--from", "open/account"], 0),
        (vec!["open/code", "--from", "open/account", "--unknown", "fail"], 1),
        (vec!["open/code", "--from", "open/account", "--var", "a=arn:aws:iam::aws:policy/ReadOnlyAccess"], 0),
        (vec!["denied/code", "--from", "denied/account"], 2),
        (vec!["nowhere", "--from", "same/account"], 2),
        (vec!["same/code", "--from", "nowhere"], 2),
        (vec!["same/code", "--from", "same/account", "--from", "other/account"], 2),
        (vec!["same/code"], 2),
    ] {
        let out = drift(dir, &args);
        assert_eq!(out.status.code(), Some(code), "{args:?}\n{}{}", text(&out.stdout), text(&out.stderr));
    }
}

/// What a second account of the same code looks like.
fn of_another_account(world: &World, dir: &Path, id: &str) {
    for (path, text) in world.files() {
        let path = dir.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text.replace(ACCOUNT, id)).unwrap();
    }
}

#[test]
fn a_configuration_says_which_code_is_for_which_account() {
    let scratch = tempfile::tempdir().unwrap();
    let dir = scratch.path();
    World::new().save(&dir.join("dev"));
    let mut prod = World::new();
    prod.groups("carol", &["admins"]);
    of_another_account(&prod, &dir.join("prod"), "444455556666");
    let config = "[[account]]\nname = \"dev\"\nid = \"111122223333\"\npaths = [\"dev/code\"]\n\
                  [[account]]\nid = \"444455556666\"\npaths = [\"prod/code\"]\n";
    std::fs::write(dir.join("mfaguard.toml"), config).unwrap();
    let json = |args: &[&str]| {
        let out = drift(dir, &[args, &["--format", "json", "--no-timing"]].concat());
        let report: Value = serde_json::from_slice(&out.stdout).unwrap();
        let found: Vec<String> = report["findings"]
            .as_array()
            .unwrap()
            .iter()
            .map(|f| {
                format!(
                    "{} {} {}",
                    f["account"].as_str().unwrap(),
                    f["rule"].as_str().unwrap(),
                    f["subject"].as_str().unwrap()
                )
            })
            .collect();
        (found, out.status.code(), text(&out.stderr) + &report["diagnostics"].to_string())
    };
    let (found, code, _) = json(&["--from", "dev/account", "--from", "prod/account"]);
    assert_eq!((found, code), (vec!["444455556666 MFA304 user carol".to_owned()], Some(1)));
    let (found, code, said) = json(&["--from", "dev/account"]);
    assert_eq!((found, code), (Vec::new(), Some(0)), "{said}");
    // Code of an account that was not given is not taken for another one.
    let (found, code, said) = json(&["prod/code", "--from", "dev/account"]);
    assert_eq!((found, code), (Vec::new(), Some(2)), "{said}");
    assert!(
        said.contains("account 111122223333 is none of those in mfaguard.toml that have code here"),
        "{said}"
    );
    let elsewhere =
        "[[managed-elsewhere]]\nkind = \"group\"\nname = \"adm*\"\nreason = \"by the platform team\"\n";
    std::fs::write(dir.join("mfaguard.toml"), format!("{config}{elsewhere}")).unwrap();
    let (found, code, said) = json(&["--from", "dev/account", "--from", "prod/account"]);
    assert_eq!((found, code), (Vec::new(), Some(0)), "{said}");
    for (wrong, want) in [
        (
            "[[managed-elsewhere]]\nkind = \"group\"\nname = \"a\"\nreason = \" \"\n",
            "mfaguard.toml:4:10: a reason is required",
        ),
        (
            "[[managed-elsewhere]]\nkind = \"team\"\nname = \"a\"\nreason = \"b\"\n",
            "mfaguard.toml:2:8: `kind` is",
        ),
        (
            "[[managed-elsewhere]]\nkind = \"group\"\nname = \"\"\nreason = \"b\"\n",
            "mfaguard.toml:3:8: `name` is",
        ),
        (
            "[[managed-elsewhere]]\nkind = \"group\"\nname = \"a\"\n",
            "mfaguard.toml:1:1: missing field `reason`",
        ),
        ("[[account]]\nid = \"1234\"\npaths = [\"dev/code\"]\n", "mfaguard.toml:2:6: the `id` of an account"),
    ] {
        std::fs::write(dir.join("mfaguard.toml"), wrong).unwrap();
        let out = drift(dir, &["--from", "dev/account"]);
        assert_eq!(out.status.code(), Some(2), "{wrong}");
        assert!(text(&out.stderr).contains(want), "{wrong}: {}", text(&out.stderr));
    }
}

/// The first screen of a bad day fits on one.
#[test]
fn the_first_screen_answers() {
    let scratch = tempfile::tempdir().unwrap();
    let mut world = World::new();
    world.detach("group", "staff", "gate").row("carol", "true", "false");
    for n in 0..40 {
        world.has("group", group(&format!("extra-{n}")));
    }
    world.save(scratch.path());
    let out = drift(scratch.path(), &["code", "--from", "account", "--no-timing"]);
    let screen: Vec<String> = text(&out.stdout).lines().take(24).map(str::to_owned).collect();
    let screen = screen.join("\n");
    for want in [
        "account 111122223333: 42 differences from the code",
        "can act without MFA because of them: user `alice`",
        "critical[MFA306]: code enforces MFA for group `staff`, user `alice` and user `bob`, the account does not: policy `gate` is not attached",
        "code: code/main.tf:16:1: `gate` attached here",
        "to do: apply the code",
        "high[MFA301]: user `carol`: it has a console password that no code declares, and no MFA device",
        "and 40 MFA302; -v shows all",
    ] {
        assert!(screen.contains(want), "{want}\n{screen}");
    }
}
