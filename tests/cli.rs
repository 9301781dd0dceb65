//! The binary as users run it, with a scrubbed environment.

#[cfg(test)]
mod tests {
    use std::io::Read as _;
    use std::path::{Path, PathBuf};
    use std::process::{Command, Output, Stdio};

    use mfaguard::report::REPORTERS;
    use mfaguard::rules::RULES;

    fn root(path: &str) -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
    }

    /// The binary, without any variable of this machine, in the demo.
    fn mfaguard(args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_mfaguard"));
        command.args(args).env_clear().current_dir(root("testdata/demo")).stdin(Stdio::null());
        command
    }

    fn run(args: &[&str]) -> Output {
        mfaguard(args).output().unwrap()
    }

    fn stdout(output: &Output) -> &str {
        std::str::from_utf8(&output.stdout).unwrap()
    }

    fn stderr(output: &Output) -> &str {
        std::str::from_utf8(&output.stderr).unwrap()
    }

    fn code(args: &[&str]) -> i32 {
        run(args).status.code().unwrap()
    }

    /// A directory with one Terraform file.
    fn scratch(text: &str) -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("main.tf"), text).unwrap();
        dir
    }

    #[test]
    fn every_format_of_the_demo_is_the_golden_one() {
        for reporter in REPORTERS {
            let output = run(&["check", "--no-timing", "--format", reporter.name]);
            assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
            let golden = root(&format!("tests/golden/demo.{}", reporter.name));
            if std::env::var_os("UPDATE").is_some() {
                std::fs::write(&golden, &output.stdout).unwrap();
            }
            let wanted = std::fs::read_to_string(&golden).unwrap_or_default().replace("\r\n", "\n");
            assert_eq!(stdout(&output), wanted, "{} differs; run UPDATE=1 cargo test", golden.display());
        }
    }

    #[test]
    fn two_runs_give_the_same_bytes() {
        let args = ["check", "--no-timing", "--format", "json"];
        assert_eq!(run(&args).stdout, run(&args).stdout);
    }

    #[test]
    fn exit_codes_are_those_of_the_contract() {
        let clean = scratch("resource \"aws_s3_bucket\" \"x\" {}\n");
        let broken = scratch("resource \"aws_iam_user\" \"x\" {\n  name = (\n}\n");
        let at = |dir: &tempfile::TempDir| dir.path().to_str().unwrap().to_owned();
        let wanted: &[(&[&str], i32)] = &[
            (&["check"], 1),
            (&["check", "--exit-zero"], 0),
            (&["check", "--fail-on", "never"], 0),
            (&["check", "--fail-on", "critical"], 1),
            (&["check", "--format", "sarif"], 1),
            (&["check", &at(&clean)], 0),
            (&["check", &at(&broken)], 2),
            (&["check", &at(&broken), "--exit-zero"], 2),
            (&["check", "no-such-directory"], 2),
            (&["check", "--select", "MFA999"], 2),
            (&["check", "--format", "xml"], 2),
            (&["check", "--format", "json", "--format", "human"], 2),
            (&["check", "--var", "novalue"], 2),
            (&["check", "--quiet", "--verbose"], 2),
            (&["frobnicate"], 2),
            (&[], 2),
            (&["--version"], 0),
            (&["--help"], 0),
            (&["check", "--help"], 0),
            (&["rules"], 0),
            (&["explain", "mfa001"], 0),
            (&["policy", "--enforce"], 0),
            (&["policy", "--enforce", "--scp", "--format", "cloudformation"], 0),
            (&["policy"], 0),
            (&["policy", "--scp"], 2),
            (&["policy", "--enforce", "--org"], 2),
            (&["policy", "--trust", "12"], 2),
            (&["policy", "--trust", "111122223333", "--role-name", "a b"], 2),
            (&["policy", "--external-id", "x1"], 2),
            (&["explain", "MFA999"], 2),
        ];
        for (args, want) in wanted {
            assert_eq!(code(args), *want, "{args:?}");
        }
    }

    #[test]
    fn standard_output_is_the_report_and_nothing_else() {
        let broken = scratch("resource \"aws_iam_user\" \"x\" {\n  name = (\n}\n");
        let output = run(&["check", broken.path().to_str().unwrap(), "--format", "json"]);
        let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(json["version"], 1);
        assert!(json["diagnostics"].as_array().is_some_and(|d| !d.is_empty()));
        assert!(stderr(&output).starts_with("error[E005]: "), "{}", stderr(&output));
    }

    #[test]
    fn one_run_writes_several_formats() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("out.sarif");
        let format = format!("sarif={}", file.display());
        let output = run(&["check", "--format", "human", "--format", &format, "--color", "always"]);
        assert!(stdout(&output).contains("MFA002"));
        let sarif = std::fs::read_to_string(&file).unwrap();
        assert!(!sarif.contains('\x1b'));
        let sarif: serde_json::Value = serde_json::from_str(&sarif).unwrap();
        assert_eq!(sarif["version"], "2.1.0");

        let missing = format!("json={}", dir.path().join("no/such/dir/out.json").display());
        let output = run(&["check", "--format", &missing]);
        assert_eq!(output.status.code(), Some(2));
        assert!(stderr(&output).contains("cannot be written"), "{}", stderr(&output));
    }

    #[test]
    fn a_closed_pipe_is_not_an_error() {
        for args in [&["check"][..], &["rules"], &["explain", "MFA001"], &["--help"]] {
            let mut child = mfaguard(args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
            drop(child.stdout.take());
            let mut text = String::new();
            child.stderr.take().unwrap().read_to_string(&mut text).unwrap();
            let code = child.wait().unwrap().code().unwrap();
            assert_eq!(code, i32::from(args == ["check"]), "{args:?}: {text}");
            assert!(!text.contains("panicked") && !text.contains("error"), "{args:?}: {text}");
        }
    }

    #[test]
    fn colours_are_asked_for_or_for_a_terminal() {
        let colored = |args: &[&str], no_color: Option<&str>| {
            let mut command = mfaguard(args);
            if let Some(value) = no_color {
                command.env("NO_COLOR", value);
            }
            command.output().unwrap().stdout.contains(&b'\x1b')
        };
        assert!(!colored(&["check"], None));
        assert!(!colored(&["check", "--color", "never"], None));
        assert!(colored(&["check", "--color", "always"], None));
        assert!(colored(&["check", "--color", "always"], Some("1")));
        assert!(!colored(&["check"], Some("1")));
    }

    #[test]
    fn select_and_ignore_choose_rules() {
        let rules = |args: &[&str]| {
            let output = run(&[&["check", "--format", "json"], args].concat());
            let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
            let findings = json["findings"].as_array().unwrap().clone();
            findings.iter().map(|f| f["rule"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        let only = rules(&["--select", "admin-user-without-mfa"]);
        assert!(!only.is_empty() && only.iter().all(|r| r == "MFA002"), "{only:?}");
        let without = rules(&["--ignore", "MFA002,mfa003"]);
        assert!(!without.is_empty() && without.iter().all(|r| r != "MFA002" && r != "MFA003"), "{without:?}");
    }

    #[test]
    fn rules_lists_every_rule() {
        let text = run(&["rules"]);
        let json: serde_json::Value =
            serde_json::from_slice(&run(&["rules", "--format", "json"]).stdout).unwrap();
        assert_eq!(json["rules"].as_array().unwrap().len(), RULES.len());
        for rule in RULES {
            assert!(stdout(&text).contains(rule.info.name));
        }
    }

    #[test]
    fn another_list_of_actions_is_judged_by() {
        let dir = scratch("");
        let (list, case) = (dir.path().join("actions.txt"), dir.path().join("case.jsonl"));
        std::fs::write(&list, "s3 RrGetObject WrPutObject\niam WuCreateAccessKey\n").unwrap();
        let policy = r#"{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}"#;
        let row = format!(
            r#"{{"id": 1, "principal": "arn:aws:iam::111122223333:user/a", "policies": [{policy}]}}"#
        );
        std::fs::write(&case, row).unwrap();
        let paths = [&list, &case].map(|p| p.to_str().unwrap());
        let output = run(&["simulate", paths[1], "--actions-file", paths[0]]);
        let answer: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        let all = serde_json::json!(["iam:CreateAccessKey", "s3:GetObject", "s3:PutObject"]);
        assert_eq!(answer["allowed"]["keys"], all, "{}", stderr(&output));
        std::fs::write(&list, "s3 GetObject\n").unwrap();
        let refused = run(&["check", "--actions-file", paths[0]]);
        assert_eq!(refused.status.code(), Some(2));
        assert!(stderr(&refused).contains("line 1: `GetObject` is no action"), "{}", stderr(&refused));
    }

    #[test]
    fn explain_prints_the_page() {
        for name in ["MFA001", "mfa001", "console-user-without-mfa"] {
            let output = run(&["explain", name]);
            assert!(stdout(&output).starts_with("# MFA001: console-user-without-mfa"), "{name}");
            assert!(!stdout(&output).contains("expect:"), "marks for the tests are not for people");
        }
        assert!(stderr(&run(&["explain", "MFA01"])).contains("did you mean `MFA001`"));
    }

    #[test]
    fn completions_and_the_manual_know_every_command() {
        let help = run(&["--help"]);
        let commands: Vec<&str> = stdout(&help)
            .lines()
            .skip_while(|l| *l != "Commands:")
            .skip(1)
            .map_while(|l| l.strip_prefix("  "))
            // Descriptions go on below themselves.
            .filter(|l| !l.starts_with(' '))
            .filter_map(|l| l.split_whitespace().next())
            .collect();
        assert!(commands.contains(&"check") && commands.contains(&"drift"), "{commands:?}");
        for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
            let output = run(&["completions", shell]);
            assert_eq!(output.status.code(), Some(0), "{shell}");
            assert!(commands.iter().all(|c| stdout(&output).contains(c)), "{shell}");
        }
        let man = run(&["man"]);
        assert!(stdout(&man).contains(".TH mfaguard 1"), "{}", stdout(&man));
        for command in commands.iter().filter(|c| **c != "help") {
            assert!(stdout(&man).contains(&format!(".SH MFAGUARD {}", command.to_uppercase())), "{command}");
        }
        assert_eq!(code(&["completions", "cmd"]), 2);
    }

    #[test]
    fn help_names_every_format() {
        let help = run(&["check", "--help"]);
        for reporter in REPORTERS {
            assert!(stdout(&help).contains(reporter.name) && stdout(&help).contains("Exit codes"));
        }
    }
}
