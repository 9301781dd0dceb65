//! Inputs of every format that are made to cost time, memory or a terminal: the binary ends in time, within 300 MB, says
//! what it did not read, and never panics.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Command, Stdio};

#[path = "common/peak.rs"]
mod peak;

/// Seconds of processor time. What is not optimised takes twenty times as long.
const SECONDS: u32 = if cfg!(debug_assertions) { 40 } else { 2 };
/// The most megabytes that may be taken.
const MEGABYTES: u64 = 300;

const USER: &str = "resource \"aws_iam_user\" \"alice\" {\n  name = \"alice\"\n}\n";
const TEMPLATE: &str = "Parameters: {A: {Type: String}}\nResources:\n  Alice: {Type: AWS::IAM::User, Properties: {UserName: !Ref A}}\n";

/// What is beside the bomb, the name of the bomb, and what is run.
#[derive(Clone, Copy)]
struct Format {
    beside: &'static [(&'static str, &'static str)],
    file: &'static str,
    args: &'static [&'static str],
}

const CHECK: &[&str] = &["check", ".", "--format", "json", "--exit-zero"];
const BESIDE: &[(&str, &str)] = &[("main.tf", USER)];

const HCL: Format = Format { beside: BESIDE, file: "bomb.tf", args: CHECK };
const TF_JSON: Format = Format { beside: BESIDE, file: "bomb.tf.json", args: CHECK };
const TFVARS: Format = Format { beside: BESIDE, file: "terraform.tfvars", args: CHECK };
const PLAN: Format = Format {
    beside: &[],
    file: "plan.json",
    args: &["check", "plan.json", "--format", "json", "--exit-zero"],
};
const STATE: Format = Format {
    beside: &[],
    file: "terraform.tfstate",
    args: &["check", "terraform.tfstate", "--format", "json", "--exit-zero"],
};
const YAML: Format = Format { beside: BESIDE, file: "bomb.yaml", args: CHECK };
const JSON: Format = Format { beside: BESIDE, file: "bomb.json", args: CHECK };
const PARAMETERS: Format = Format {
    beside: &[("t.yaml", TEMPLATE)],
    file: "p.json",
    args: &["check", "t.yaml", "--parameters", "p.json", "--format", "json", "--exit-zero"],
};
const SNAPSHOT: Format = Format {
    beside: &[],
    file: "account_authorization_details.json",
    args: &["status", "--from", ".", "--format", "json", "--exit-zero"],
};
const REPORT: Format = Format {
    beside: &[],
    file: "r.csv",
    args: &["status", "--credential-report", "r.csv", "--format", "json", "--exit-zero"],
};
const CONFIG: Format = Format { beside: BESIDE, file: "mfaguard.toml", args: CHECK };
const BASELINE: Format = Format {
    beside: BESIDE,
    file: "b.json",
    args: &["check", ".", "--baseline", "b.json", "--format", "json", "--exit-zero"],
};
const CASES: Format = Format { beside: &[], file: "c.jsonl", args: &["simulate", "c.jsonl"] };
const LEFT_OUT: Format =
    Format { beside: &[("main.tf", USER), (".git/HEAD", "")], file: ".gitignore", args: CHECK };
const MODULES: Format = Format { beside: BESIDE, file: ".terraform/modules/modules.json", args: CHECK };

const FORMATS: &[Format] = &[
    HCL, TF_JSON, TFVARS, PLAN, STATE, YAML, JSON, PARAMETERS, SNAPSHOT, REPORT, CONFIG, BASELINE, CASES,
    LEFT_OUT, MODULES,
];

/// Runs the binary; gives its exit code and all that it printed.
fn run(dir: &Path, args: &[&str], what: &str) -> (i32, String) {
    let (out, err) = (dir.join("../out"), dir.join("../err"));
    let child = Command::new("sh")
        .args(["-c", &format!("ulimit -t {SECONDS} && exec \"$0\" \"$@\""), env!("CARGO_BIN_EXE_mfaguard")])
        .args(args)
        .current_dir(dir)
        .stdin(Stdio::null())
        .stdout(fs::File::create(&out).unwrap())
        .stderr(fs::File::create(&err).unwrap())
        .spawn()
        .unwrap();
    // What waits takes no time of the processor: a file that never ends is met by the tests' own patience.
    let (status, peak) = peak::peak(child);
    let read = |path| String::from_utf8_lossy(&fs::read(path).unwrap()).into_owned();
    let all = format!("{}{}", read(out), read(err));
    let code = status.code().unwrap_or_else(|| panic!("{what}: {status}, {peak:?} MB: {:.300}", all));
    assert!((0..=2).contains(&code) && !all.contains("panicked"), "{what}: {code}: {all:.500}");
    assert!(peak.is_none_or(|mb| mb <= MEGABYTES), "{what}: {peak:?} MB");
    (code, all)
}

fn tree(format: Format) -> (tempfile::TempDir, std::path::PathBuf) {
    let top = tempfile::tempdir().unwrap();
    let dir = top.path().join("in");
    for (name, text) in format.beside {
        fs::create_dir_all(dir.join(name).parent().unwrap()).unwrap();
        fs::write(dir.join(name), text).unwrap();
    }
    fs::create_dir_all(dir.join(format.file).parent().unwrap()).unwrap();
    (top, dir)
}

fn bomb(format: Format, what: &str, text: &[u8]) -> (i32, String) {
    let (_top, dir) = tree(format);
    fs::write(dir.join(format.file), text).unwrap();
    run(&dir, format.args, &format!("{what} in {}", format.file))
}

/// Something that every format may be: it is read or refused, and what lies beside is judged when it lies beside.
#[test]
fn bytes_of_any_kind_in_every_format() {
    let nested =
        |open: &str, close: &str| format!("{}1{}", open.repeat(100_000), close.repeat(100_000)).into_bytes();
    let texts: Vec<(&str, Vec<u8>)> = vec![
        ("nothing", Vec::new()),
        ("brackets", nested("[", "]")),
        ("braces", nested("{\"a\":", "}")),
        ("brackets without end", b"[".repeat(1 << 20)),
        ("braces without end", b"{a,".repeat(1 << 18)),
        ("quotes", b"\"".repeat((1 << 20) + 1)),
        ("no text", b"\xff\xfe\xc0\x80".repeat(1000)),
        ("NUL", vec![0; 1 << 20]),
        ("a long line", b"a".repeat(4 << 20)),
        ("empty lines", b"\n".repeat(1 << 20)),
    ];
    for format in FORMATS {
        for (what, text) in &texts {
            let (code, said) = bomb(*format, what, text);
            let (json, beside) = (said.starts_with('{'), format.beside == BESIDE && format.args == CHECK);
            assert!(
                code == 2 || json || format.file == CASES.file && said.is_empty(),
                "{what} in {}",
                format.file
            );
            if beside && json {
                assert!(
                    said.contains("\"alice\"") || said.contains("E0"),
                    "{what} in {}: {said:.300}",
                    format.file
                );
            }
        }
    }
}

/// A hole of a hundred gigabytes takes no space on the disk, and a pipe never ends.
#[test]
fn files_that_cannot_be_read_whole_in_every_format() {
    for format in FORMATS.iter().filter(|f| f.file != CASES.file) {
        let (_top, dir) = tree(*format);
        let file = dir.join(format.file);
        fs::File::create(&file).unwrap().set_len(100 << 30).unwrap();
        let (code, said) = run(&dir, format.args, "a hole");
        assert!(code == 2 || said.contains("\"E0"), "{}: {code} {said:.300}", format.file);
        fs::remove_file(&file).unwrap();
        assert!(Command::new("mkfifo").arg(&file).status().unwrap().success());
        run(&dir, format.args, "a pipe");
        fs::remove_file(&file).unwrap();
        symlink("/dev/zero", &file).unwrap();
        run(&dir, format.args, "a device");
    }
}

fn lines(n: usize, line: impl Fn(usize) -> String) -> Vec<u8> {
    (0..n).map(|i| line(i) + "\n").collect::<String>().into_bytes()
}

/// What each format repeats. With the code that says that something was not read, unless it is all read.
#[test]
fn much_of_the_same() {
    let users = |open: &str, user: &dyn Fn(usize) -> String, close: &str| {
        let users: Vec<String> = (0..22_000).map(user).collect();
        format!("{open}{}{close}", users.join(",")).into_bytes()
    };
    let ones = |open: &str, close: &str| format!("{open}{}1{close}", "1,".repeat(4 << 20)).into_bytes();
    let rows: Vec<(Format, &str, Vec<u8>, &str)> = vec![
        (HCL, "blocks", b"a {}\n".repeat(1_000_000), ""),
        (
            HCL,
            "arguments",
            [
                b"resource \"aws_iam_user\" \"b\" {\n".to_vec(),
                lines(900_000, |i| format!("a{i}=1")),
                b"}\n".to_vec(),
            ]
            .concat(),
            "E015",
        ),
        (HCL, "comments", b"# mfaguard: ignore[MFA001] x\n".repeat(100_000), "MFA901"),
        (
            HCL,
            "indices",
            format!("resource \"aws_iam_user\" \"b\" {{\n name = local.a{}\n}}\n", "[0]".repeat(900_000))
                .into_bytes(),
            "E015",
        ),
        (TFVARS, "variables", lines(900_000, |i| format!("x{i}=1")), "E015"),
        (TFVARS, "elements", ones("x=[", "]\n"), "E015"),
        (TF_JSON, "values", ones("{\"locals\":{\"x\":[", "]}}"), "E015"),
        (JSON, "values", ones("{\"Resources\":{\"U\":{\"Type\":\"AWS::IAM::User\"}},\"X\":[", "]}"), "E015"),
        (
            YAML,
            "comments",
            [
                b"Resources:\n  U: {Type: AWS::IAM::User}\n".to_vec(),
                b"# mfaguard: ignore[MFA001] x\n".repeat(50_000),
            ]
            .concat(),
            "MFA901",
        ),
        (
            JSON,
            "users",
            users("{\"Resources\":{", &|i| format!("\"U{i}\":{{\"Type\":\"AWS::IAM::User\"}}"), "}}"),
            "E015",
        ),
        (CONFIG, "patterns", lines(100_000, |i| format!("exclude{i} = [\"**/a{i}*/**\"]")), "larger than"),
        (
            CONFIG,
            "one pattern",
            format!("exclude = [\"{}\"]", "{a,".repeat(1000) + &"}".repeat(1000)).into_bytes(),
            "too long or nested too deep",
        ),
        (LEFT_OUT, "patterns", lines(100_000, |i| format!("a{i}*/**/b")), "\"E002\""),
        (LEFT_OUT, "one pattern", b"*a".repeat(5000), "\"E002\""),
        (LEFT_OUT, "braces", format!("{}{}", "{a,".repeat(1000), "}".repeat(1000)).into_bytes(), "\"E002\""),
    ];
    for (format, what, text, told) in rows {
        let (_, said) = bomb(format, what, &text);
        assert!(said.contains(told), "{what} in {}: {said:.500}", format.file);
    }
}

/// What a list that cannot be taken would leave out is analysed.
#[test]
fn a_bad_list_leaves_nothing_out() {
    let (_top, dir) = tree(LEFT_OUT);
    for (list, user) in [("good", "bob"), ("bad", "carl")] {
        fs::create_dir_all(dir.join(list).join("deep")).unwrap();
        fs::write(dir.join(list).join("deep/main.tf"), USER.replace("alice", user)).unwrap();
    }
    fs::write(dir.join("good/.gitignore"), "deep/\n").unwrap();
    fs::write(dir.join("bad/.gitignore"), format!("deep/\n{}", "{".repeat(1000))).unwrap();
    let (code, said) = run(&dir, CHECK, "lists");
    let report: serde_json::Value = serde_json::from_str(&said).unwrap();
    let names: Vec<&str> =
        report["principals"].as_array().unwrap().iter().map(|p| p["name"].as_str().unwrap()).collect();
    assert_eq!((code, names), (0, vec!["carl", "alice"]), "{said}");
    let told: Vec<&str> = report["diagnostics"]
        .as_array()
        .unwrap()
        .iter()
        .map(|d| d["location"]["path"].as_str().unwrap())
        .collect();
    assert_eq!(told, ["bad/.gitignore"], "{said}");
    // Also from within the directory that it is about.
    let (_, said) = run(&dir.join("bad/deep"), CHECK, "from within");
    assert!(said.contains("\"carl\""), "{said}");
}

/// Names that would write on a terminal, end a line or are no text.
#[test]
fn names_are_inert_in_every_report() {
    let (_top, dir) = tree(HCL);
    let names: [&[u8]; 4] =
        [b"e\x1b[31m\x1b]0;x\x07.tf", b"n\n::error::x\n.tf", b"\xff\xfe.tf", b"r\rx\xe2\x80\xae.yaml"];
    for name in names {
        fs::write(
            dir.join(OsStr::from_bytes(name)),
            "resource \"aws_iam_user\" \"b\" {\n name = = 1\n}\nResources: [\n",
        )
        .unwrap();
    }
    let sub = dir.join(OsStr::from_bytes(b"d\x1b[2J\n::warning::x"));
    fs::create_dir(&sub).unwrap();
    fs::write(sub.join("main.tf"), USER.replace("alice", "a\\u001b[31m")).unwrap();
    for format in ["human", "markdown", "github", "junit", "html", "sarif", "gitlab", "json"] {
        let (_, said) = run(&dir, &["check", ".", "--format", format, "-v"], format);
        let control = |c: char| c.is_control() && !matches!(c, '\n' | '\t');
        assert!(!said.contains(control), "{format}: {:?}", said.chars().find(|c| control(*c)));
        let command = |l: &str| l.starts_with("::error::x") || l.starts_with("::warning::x");
        assert!(!said.lines().any(command), "{format}: {said}");
    }
}

#[test]
fn a_tree_full_of_traps() {
    let (_top, dir) = tree(HCL);
    for (name, target) in
        [("device.tf", "/dev/zero"), ("device.yaml", "/dev/zero"), ("loop.tf", "loop.tf"), ("up", ".")]
    {
        symlink(target, dir.join(name)).unwrap();
    }
    for pipe in ["pipe.tf", "pipe.json", "pipe.auto.tfvars"] {
        assert!(Command::new("mkfifo").arg(dir.join(pipe)).status().unwrap().success());
    }
    let closed = dir.join("closed");
    fs::create_dir(&closed).unwrap();
    fs::set_permissions(&closed, std::os::unix::fs::PermissionsExt::from_mode(0o000)).unwrap();
    let (_, said) = run(&dir, CHECK, "traps");
    // Somebody who may read everything can look into what is closed.
    let is_closed = fs::read_dir(&closed).is_err();
    fs::set_permissions(&closed, std::os::unix::fs::PermissionsExt::from_mode(0o700)).unwrap();
    assert!(said.contains("\"alice\""), "{said}");
    for name in ["loop.tf", "up"] {
        assert!(said.contains(name), "{name}: {said}");
    }
    assert!(!is_closed || said.contains("closed"), "{said}");
}

/// One file grows and another one is cut and written again, all the time.
#[test]
fn files_that_change_while_they_are_read() {
    let (_top, dir) = tree(HCL);
    let (grows, cut) = (dir.join("grows.tf"), dir.join("cut.yaml"));
    let done = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            use std::io::Write as _;
            let mut file = fs::File::create(&grows).unwrap();
            while !done.load(std::sync::atomic::Ordering::Relaxed) {
                file.write_all(b"# more\n").unwrap();
                fs::write(&cut, TEMPLATE.repeat(50)).unwrap();
            }
        });
        for n in 0..5 {
            let result = std::panic::catch_unwind(|| run(&dir, CHECK, &format!("run {n}")));
            if n == 4 || result.is_err() {
                done.store(true, std::sync::atomic::Ordering::Relaxed);
            }
            let (_, said) = result.unwrap();
            assert!(said.contains("\"alice\""), "{said:.300}");
        }
    });
}
