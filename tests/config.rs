//! `mfaguard.toml`, found, read and refused, by the binary as users run it.

#[cfg(test)]
#[path = "common/repository.rs"]
mod repository;

#[cfg(test)]
mod tests {
    use std::process::Output;

    use crate::repository::{repository, run};

    fn units(output: &Output) -> Vec<String> {
        let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        let list = report["units"].as_array().unwrap();
        list.iter().map(|u| u["path"].as_str().unwrap().to_owned()).collect()
    }

    fn verdicts(output: &Output) -> Vec<String> {
        let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        let one =
            |p: &serde_json::Value| format!("{} {}", p["unit"].as_str().unwrap(), p["mfa"].as_str().unwrap());
        report["principals"].as_array().unwrap().iter().map(one).collect()
    }

    const GROUP: &str = r#"
resource "aws_iam_group" "staff" {
  name = "staff"
}
resource "aws_iam_group_policy" "gate" {
  group = aws_iam_group.staff.name
  policy = jsonencode({
    Statement = [{
      Effect    = "Deny"
      NotAction = ["iam:CreateVirtualMFADevice", "iam:EnableMFADevice"]
      Resource  = "*"
      Condition = { BoolIfExists = { "aws:MultiFactorAuthPresent" = "false" } }
    }]
  })
}
"#;
    const USER: &str = r#"
resource "aws_iam_user" "alice" {
  name = "alice"
}
resource "aws_iam_user_group_membership" "alice" {
  user   = aws_iam_user.alice.name
  groups = ["staff"]
}
"#;

    #[test]
    fn the_units_of_an_account_are_joined_from_wherever_one_stands() {
        let config = "[[account]]\nname = \"prod\"\npaths = [\"iam/groups\", \"iam/users\"]\n";
        let files = [("mfaguard.toml", config), ("iam/groups/main.tf", GROUP), ("iam/users/main.tf", USER)];
        let dir = repository(&files);
        let json = ["check", "--format", "json", "--exit-zero"];
        for (below, path, unit) in [
            ("", "iam/users", "iam/users"),
            ("", "iam/users/main.tf", "iam/users"),
            ("iam", "users", "users"),
            ("iam/users", ".", "."),
            ("iam/users", "main.tf", "."),
        ] {
            let output = run(&dir.path().join(below), &[&json[..], &[path]].concat());
            assert_eq!(verdicts(&output), [format!("{unit} enforced")], "{below} {path}");
            assert_eq!(output.status.code(), Some(0), "{below} {path}");
        }
        // Above the repository nothing is looked for.
        std::fs::remove_file(dir.path().join("mfaguard.toml")).unwrap();
        let alone = run(&dir.path().join("iam/users"), &[&json[..], &["."]].concat());
        assert!(verdicts(&alone).contains(&". unknown".to_owned()), "{:?}", verdicts(&alone));
    }

    #[test]
    fn a_module_is_judged_through_its_callers_in_the_working_directory() {
        let call = "module \"users\" {\n  source = \"../modules/users\"\n}\n";
        let files = [("dev/main.tf", call), ("prod/main.tf", call), ("modules/users/main.tf", USER)];
        let dir = repository(&files);
        let json = ["check", "--format", "json", "--exit-zero"];
        let named = run(dir.path(), &[&json[..], &["modules/users/main.tf"]].concat());
        assert_eq!(units(&named), ["dev", "prod"]);
        let changed =
            run(dir.path(), &[&json[..], &["--changed", "modules/users/main.tf", "README.md"]].concat());
        assert_eq!(units(&changed), ["dev", "prod"]);
        let none = run(dir.path(), &[&json[..], &["--changed", "README.md"]].concat());
        assert_eq!((units(&none), none.status.code()), (Vec::new(), Some(0)));
    }

    /// As programs that run hooks do it: the files stand behind everything else.
    #[test]
    fn the_changed_files_may_be_the_paths() {
        let call = "module \"users\" {\n  source = \"../modules/users\"\n}\n";
        let files = [
            ("a dev/main.tf", call),
            ("prod/main.tf", call),
            ("modules/users/main.tf", USER),
            ("-x/main.tf", "# nothing\n"),
            ("mfaguard.toml", ""),
        ];
        let dir = repository(&files);
        let hook = |more: &[&str]| {
            let out =
                run(dir.path(), &[&["check", "--format", "json", "--exit-zero", "--changed"], more].concat());
            assert_eq!(out.status.code(), Some(0), "{more:?}: {}", String::from_utf8_lossy(&out.stderr));
            units(&out)
        };
        assert_eq!(hook(&["--fail-on", "low", "modules/users/deleted.tf", "notes.txt"]), ["a dev", "prod"]);
        assert_eq!(hook(&["--", "a dev/values.auto.tfvars", "nowhere/x.tf"]), ["a dev"]);
        assert_eq!(hook(&["--", "-x/main.tf"]), ["-x"]);
        assert_eq!(hook(&["--", "mfaguard.toml"]), ["-x", "a dev", "prod"]);
        run(dir.path(), &["check", "--write-baseline", "accepted.json"]);
        assert_eq!(hook(&["--baseline", "accepted.json", "--", "accepted.json"]), ["-x", "a dev", "prod"]);
        assert!(hook(&[]).is_empty() && hook(&["--"]).is_empty() && hook(&["--", "README.md"]).is_empty());
    }

    #[test]
    fn mistakes_are_named_with_their_place() {
        for (config, want) in [
            (
                "[[acount]]\npaths = [\"a\"]\n",
                "mfaguard.toml:1:3: unknown field `acount`, expected one of `fail-on`, `unknown`, `select`",
            ),
            ("[[account]]\nname = \"x\"\npath = [\"a\"]\n", "mfaguard.toml:3:1: unknown field `path`"),
            (
                "[[account]]\npaths = \"a\"\n",
                "mfaguard.toml:2:9: invalid type: string \"a\", expected a sequence",
            ),
            ("[[account]]\nname = \"x\"\n", "mfaguard.toml:1:1: missing field `paths`"),
            ("[[account]\n", "mfaguard.toml:1:"),
            ("[[account]]\nname = \"x\"\npaths = []\n", "account `x` has no paths"),
            ("[[account]]\npaths = [\"nowhere\"]\n", "`nowhere` of account number 1 does not exist"),
        ] {
            let dir = repository(&[("mfaguard.toml", config), ("main.tf", USER)]);
            let output = run(dir.path(), &["check"]);
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            assert_eq!((output.status.code(), output.stdout.is_empty()), (Some(2), true), "{config}: {said}");
            assert!(said.contains(want), "{config}: {said}");
        }
        let missing = run(repository(&[]).path(), &["check", "--config", "other.toml"]);
        assert_eq!(missing.status.code(), Some(2));
        assert!(String::from_utf8_lossy(&missing.stderr).contains("`other.toml` does not exist"));
    }
}
