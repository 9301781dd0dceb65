//! Conventions about rules, pages, reporters and diagnostics. `UPDATE=1 cargo test` rewrites what is generated.

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::{Path, PathBuf};

    use mfaguard::diagnostic::Code;
    use mfaguard::report::{REPORTERS, drift, status};
    use mfaguard::rules::RULES;

    fn root(path: &str) -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
    }

    fn read(path: &str) -> String {
        std::fs::read_to_string(root(path)).unwrap_or_else(|e| panic!("{path}: {e}"))
    }

    /// The file holds what is generated; with `UPDATE=1` it is made so.
    fn generated(path: &str, text: &str) {
        if std::env::var_os("UPDATE").is_some() {
            std::fs::write(root(path), text).unwrap();
        }
        assert_eq!(read(path).replace("\r\n", "\n"), text, "{path} is out of date; run UPDATE=1 cargo test");
    }

    /// Codes and names are public and never reused: a change here is a change for users.
    #[test]
    fn rules_have_codes_and_names_that_stay() {
        let list: Vec<String> =
            RULES.iter().map(|r| format!("{} {} {}", r.info.code, r.info.name, r.info.severity)).collect();
        insta::assert_snapshot!(list.join("\n"));
        let codes: BTreeSet<&str> = RULES.iter().map(|r| r.info.code).collect();
        let names: BTreeSet<&str> = RULES.iter().map(|r| r.info.name).collect();
        assert_eq!((codes.len(), names.len()), (RULES.len(), RULES.len()));
        assert!(RULES.is_sorted_by_key(|r| r.info.code));
        for r in RULES {
            let digits = r.info.code.strip_prefix("MFA").unwrap();
            assert!(digits.len() == 3 && digits.bytes().all(|b| b.is_ascii_digit()), "{}", r.info.code);
            assert!(r.info.name.bytes().all(|b| b.is_ascii_lowercase() || b == b'-'), "{}", r.info.name);
        }
    }

    /// Messages: lower case, no full stop.
    #[test]
    fn rules_speak_the_same_way() {
        for r in RULES {
            for text in [r.info.summary, r.info.help] {
                assert!(!text.is_empty() && !text.ends_with('.'), "{}: {text}", r.info.code);
                assert!(!text.starts_with(char::is_uppercase), "{}: {text}", r.info.code);
            }
        }
    }

    #[test]
    fn every_rule_has_a_page_with_its_headings() {
        const HEADINGS: [&str; 6] = [
            "What it checks",
            "Why it matters",
            "Violating",
            "Compliant",
            "When it cannot tell",
            "Compliance",
        ];
        for r in RULES {
            let path = format!("docs/rules/{}.md", r.info.name);
            let page = read(&path);
            assert_eq!(page, r.info.page, "{path} is not the page of {}", r.info.code);
            assert!(page.starts_with(&format!("# {}: {}\n", r.info.code, r.info.name)), "{path}: title");
            assert!(page.contains(&format!("\nSeverity: {}\n", r.info.severity)), "{path}: severity");
            let headings: Vec<&str> = page.lines().filter_map(|l| l.strip_prefix("## ")).collect();
            assert_eq!(headings, HEADINGS, "{path}");
        }
        let pages = std::fs::read_dir(root("docs/rules")).unwrap().count();
        assert_eq!(pages, RULES.len(), "a page in docs/rules has no rule");
    }

    #[test]
    fn every_reporter_has_a_golden_file() {
        for r in REPORTERS {
            assert!(
                root(&format!("tests/golden/demo.{}", r.name)).is_file(),
                "tests/golden/demo.{} is missing",
                r.name
            );
        }
        for r in status::REPORTERS {
            let golden = format!("tests/golden/status.{}", r.name);
            assert!(root(&golden).is_file(), "{golden} is missing");
        }
        for r in drift::REPORTERS {
            let golden = format!("tests/golden/drift.{}", r.name);
            assert!(root(&golden).is_file(), "{golden} is missing");
        }
    }

    #[test]
    fn every_diagnostic_is_documented() {
        let codes: BTreeSet<&str> = Code::ALL.iter().map(|c| c.as_str()).collect();
        assert_eq!(codes.len(), Code::ALL.len(), "a code is used twice");
        // The first sentence of the doc comment is the meaning.
        let source = read("src/diagnostic.rs");
        let lines: Vec<&str> = source.lines().map(str::trim).collect();
        let meaning = |code: &str| {
            let at = lines.iter().position(|l| l.ends_with(&format!("= \"{code}\","))).unwrap();
            let docs: Vec<&str> = lines[..at].iter().rev().map_while(|l| l.strip_prefix("/// ")).collect();
            docs.into_iter().rev().collect::<Vec<_>>().join(" ")
        };
        let rows: String = codes.iter().map(|c| format!("| {c} | {} |\n", meaning(c))).collect();
        let text = format!(
            "# Diagnostics\n\n\
         A diagnostic is a problem with the input, not a finding. It never stops the run: whatever else could be read\n\
         is still judged. One of level *error* makes the exit code 2; a *warning* makes the verdicts it touches\n\
         `unknown`, with the reason; a *note* costs nothing (`-v` shows it).\n\n\
         | code | meaning |\n|---|---|\n{rows}"
        );
        generated("docs/diagnostics.md", &text);
    }

    /// What the README shows of the demo is what the demo shows.
    #[test]
    fn the_readme_shows_the_golden_report() {
        let golden = read("tests/golden/demo.human");
        let from = |start: &str| &golden[golden.find(start).unwrap()..];
        let finding = from("critical[MFA002]").split("\n\n").next().unwrap();
        let table = from("\nterraform (").trim();
        let readme = read("README.md");
        let (before, rest) = readme.split_once("<!-- demo").unwrap();
        let (mark, _) = rest.split_once('\n').unwrap();
        let (_, after) = rest.split_once("<!-- /demo -->").unwrap();
        let shown = format!("$ cd testdata/demo && mfaguard check --no-timing\n{finding}\n\n{table}\n");
        let text = format!("{before}<!-- demo{mark}\n```console\n{shown}```\n<!-- /demo -->{after}");
        generated("README.md", &text);
    }

    /// Commands of the README are real ones.
    #[test]
    fn the_readme_names_every_rule_and_format() {
        let readme = read("README.md");
        for r in RULES {
            assert!(readme.contains(r.info.code), "README.md does not name {}", r.info.code);
        }
        for r in REPORTERS {
            assert!(
                readme.contains(&format!("`{}`", r.name)),
                "README.md does not name the format {}",
                r.name
            );
        }
        for r in status::REPORTERS {
            assert!(
                readme.contains(&format!("`{}`", r.name)),
                "README.md does not name the format {}",
                r.name
            );
        }
    }
}
