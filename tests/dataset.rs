//! `status --dataset`, read back as other programs read it.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Command;

use mfaguard::account::time::Time;
use mfaguard::report::dataset::{self, Record};
use parquet::file::reader::{FileReader as _, SerializedFileReader};
use parquet::record::Field;

type Row = BTreeMap<String, Field>;

fn rows(path: &Path) -> Vec<Row> {
    let reader = SerializedFileReader::new(File::open(path).unwrap()).unwrap();
    reader.get_row_iter(None).unwrap().map(|r| r.unwrap().into_columns().into_iter().collect()).collect()
}

fn files(dir: &Path, out: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { files(&path, out) } else { out.push(path) }
    }
}

fn written(from: &Path) -> (tempfile::TempDir, Vec<PathBuf>) {
    let dir = tempfile::tempdir().unwrap();
    let out = Command::new(env!("CARGO_BIN_EXE_mfaguard"))
        .args(["status", "--exit-zero", "--no-timing", "--format", "json"])
        .arg("--from")
        .arg(from)
        .arg("--dataset")
        .arg(dir.path().join("a/b"))
        .output()
        .unwrap();
    assert_eq!(out.status.code(), Some(0), "{}", String::from_utf8_lossy(&out.stderr));
    let mut all = Vec::new();
    files(&dir.path().join("a/b"), &mut all);
    let relative = all.iter().map(|p| p.strip_prefix(dir.path().join("a/b")).unwrap().to_owned());
    let paths = relative.collect();
    (dir, paths)
}

#[test]
fn the_users_of_an_account() {
    let (dir, paths) = written(&Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/account/mixed"));
    assert_eq!(paths, [PathBuf::from("account=111122223333/date=2026-11-22/users.parquet")]);
    let rows = rows(&dir.path().join("a/b").join(&paths[0]));
    assert_eq!(rows.len(), 6);
    let alice = &rows.iter().find(|r| r["user"] == Field::Str("alice".into())).unwrap();
    let last_used = Time::parse("2026-11-20T09:00:00Z").unwrap().milliseconds();
    for (column, value) in [
        ("ou", Field::Str("Root/Workloads/Prod".into())),
        ("console", Field::Bool(true)),
        ("mfa_active", Field::Bool(false)),
        ("password_last_used", Field::TimestampMillis(last_used)),
        ("admin_path", Field::Str("group admins > Everything".into())),
        ("access_keys", Field::Int(1)),
        ("devices", Field::Int(0)),
        ("best_device", Field::Null),
        ("verdict", Field::Str("fail".into())),
    ] {
        assert_eq!(alice[column], value, "{column}");
    }
    let newcomer = &rows.iter().find(|r| r["user"] == Field::Str("newcomer".into())).unwrap();
    assert_eq!(newcomer["access_keys"], Field::Null, "what is not known is null");
}

/// Nothing that an account is called leaves the directory.
#[test]
fn accounts_without_a_number_have_a_partition_of_their_own() {
    let from = tempfile::tempdir().unwrap();
    std::fs::write(
        from.path().join("credential_report.csv"),
        "user,arn,password_enabled,mfa_active\nbob,x,true,false\n",
    )
    .unwrap();
    let (_dir, paths) = written(from.path());
    let [path] = paths.as_slice() else { panic!("{paths:?}") };
    let parts: Vec<String> = path.iter().map(|p| p.to_string_lossy().into_owned()).collect();
    assert_eq!(parts.len(), 3, "{parts:?}");
    assert!(parts[0].starts_with("account=") && parts[1] == "date=__HIVE_DEFAULT_PARTITION__", "{parts:?}");
}

#[test]
fn rows_of_several_groups_come_back_in_order() {
    let path = tempfile::NamedTempFile::new().unwrap();
    let record = |n: i32| Record {
        user: format!("u{n}").into(),
        access_keys: (n % 2 == 0).then_some(n),
        ..Record::default()
    };
    dataset::write((0..120_000).map(record), File::create(path.path()).unwrap()).unwrap();
    let reader = SerializedFileReader::new(File::open(path.path()).unwrap()).unwrap();
    assert_eq!(reader.metadata().num_row_groups(), 3);
    for (n, row) in rows(path.path()).iter().enumerate() {
        assert_eq!(row["user"], Field::Str(format!("u{n}")));
        assert_eq!(row["access_keys"], if n % 2 == 0 { Field::Int(n as i32) } else { Field::Null });
    }
    dataset::write(std::iter::empty(), File::create(path.path()).unwrap()).unwrap();
    assert_eq!(rows(path.path()).len(), 0);
}
