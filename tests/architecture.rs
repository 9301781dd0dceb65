//! The layering and the house rules that a compiler does not hold.

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    const ROOT: &str = env!("CARGO_MANIFEST_DIR");

    /// Longest file that is not a table, in lines.
    const LINES: usize = 500;

    /// First line of a file that is a table and may be longer.
    const TABLE: &str = "//! Table: ";

    struct File {
        /// Path below `src`, with `/`.
        path: String,
        text: String,
    }

    impl File {
        /// Name of the top module: `report` for `report/json.rs`, `fs` for `fs.rs`.
        fn module(&self) -> &str {
            let first = self.path.split('/').next().unwrap();
            first.strip_suffix(".rs").unwrap_or(first)
        }

        /// The code that ships: no comments, nothing below the tests.
        fn code(&self) -> impl Iterator<Item = (usize, &str)> {
            let tests = ["#[cfg(test)]\nmod tests {", "#[cfg(test)]\r\nmod tests {"];
            let end = tests.iter().filter_map(|t| self.text.find(t)).min().unwrap_or(self.text.len());
            let lines = self.text[..end].lines().enumerate().map(|(i, l)| (i + 1, l));
            lines.filter(|(_, l)| !l.trim_start().starts_with("//"))
        }
    }

    fn collect(dir: &Path, out: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                collect(&path, out);
            } else if path.extension().is_some_and(|e| e == "rs") {
                out.push(path);
            }
        }
    }

    fn files() -> Vec<File> {
        let src = Path::new(ROOT).join("src");
        let mut paths = Vec::new();
        collect(&src, &mut paths);
        paths.sort();
        let read = |p: &PathBuf| File {
            path: p.strip_prefix(&src).unwrap().to_string_lossy().replace('\\', "/"),
            text: std::fs::read_to_string(p).unwrap(),
        };
        paths.iter().map(read).collect()
    }

    /// The layers from the bottom: the order of the modules in lib.rs.
    fn layers(files: &[File]) -> Vec<String> {
        let lib = files.iter().find(|f| f.path == "lib.rs").unwrap();
        let names = lib.text.lines().filter_map(|l| l.strip_prefix("pub mod ")?.strip_suffix(';'));
        names.map(str::to_owned).collect()
    }

    /// Every module named by `crate::x` or in `crate::{x, y::z}`.
    fn used(line: &str) -> Vec<String> {
        let word = |s: &str| s.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
        let mut out = Vec::new();
        for (at, _) in line.match_indices("crate::") {
            let rest = &line[at + "crate::".len()..];
            match rest.strip_prefix('{') {
                Some(list) => {
                    let (mut depth, mut item) = (0, true);
                    for (i, c) in list.char_indices() {
                        match c {
                            '{' => depth += 1,
                            '}' if depth == 0 => break,
                            '}' => depth -= 1,
                            ',' if depth == 0 => item = true,
                            c if item && !c.is_whitespace() => {
                                out.push(word(&list[i..]));
                                item = false;
                            }
                            _ => {}
                        }
                    }
                }
                None => out.push(word(rest)),
            }
        }
        out
    }

    #[test]
    fn a_module_uses_only_modules_above_it() {
        let files = files();
        let layers = layers(&files);
        let rank = |name: &str| layers.iter().position(|l| l == name);
        assert!(layers.len() > 10, "lib.rs lists the modules: {layers:?}");
        let mut wrong = Vec::new();
        for file in files.iter().filter(|f| f.path != "lib.rs" && f.path != "main.rs") {
            let own =
                rank(file.module()).unwrap_or_else(|| panic!("{} belongs to no module of lib.rs", file.path));
            for (line, text) in file.code() {
                for name in used(text) {
                    // A macro or an item of lib.rs has no rank; there are none.
                    let other =
                        rank(&name).unwrap_or_else(|| panic!("{}:{line}: `crate::{name}`?", file.path));
                    if other > own {
                        wrong.push(format!(
                            "{}:{line}: {} uses {name}, which is above it",
                            file.path,
                            file.module()
                        ));
                    }
                }
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    #[test]
    fn uses_are_found() {
        assert_eq!(used("use crate::source::{Span, Origin};"), ["source"]);
        assert_eq!(used("use crate::{fs::{self, OsFs}, tri};"), ["fs", "tri"]);
        assert_eq!(used("fn f(x: crate::tri::Tri) -> crate::value::Value"), ["tri", "value"]);
        assert!(used("use super::x;").is_empty());
    }

    #[test]
    fn files_are_short_unless_they_are_tables() {
        let long: Vec<String> = files()
            .iter()
            .filter(|f| f.text.lines().count() > LINES && !f.text.starts_with(TABLE))
            .map(|f| format!("src/{} has {} lines, at most {LINES}", f.path, f.text.lines().count()))
            .collect();
        assert!(long.is_empty(), "{}", long.join("\n"));
    }

    #[test]
    fn every_rule_is_registered() {
        let files = files();
        let registry = &files.iter().find(|f| f.path == "rules/mod.rs").unwrap().text;
        let rules: Vec<&File> = files
            .iter()
            .filter(|f| f.path.starts_with("rules/") && f.text.contains("static RULE: Rule"))
            .collect();
        assert!(!rules.is_empty());
        for file in &rules {
            let name = file.path.trim_start_matches("rules/").trim_end_matches(".rs");
            assert!(registry.contains(&format!("&{name}::RULE,")), "src/{} is not in RULES", file.path);
        }
        assert_eq!(rules.len(), mfaguard::rules::RULES.len());
    }

    /// What only one module may do.
    #[test]
    fn disk_environment_clock_and_output_stay_in_their_place() {
        let only: &[(&[&str], &[&str])] = &[
            (&["fs"], &["std::fs", "use std::fs", "ignore::Walk", ".canonicalize()"]),
            // What AWS is asked takes time, and what it answers has one.
            (&["cli", "live"], &["Instant::now", "SystemTime"]),
            (
                &["cli"],
                &["std::env", "println!", "eprint", "print!(", "std::process", "stdout()", "stderr()"],
            ),
        ];
        let mut wrong = Vec::new();
        for file in files().iter().filter(|f| f.path != "main.rs") {
            for (line, text) in file.code() {
                for (modules, words) in only.iter().filter(|(m, _)| !m.contains(&file.module())) {
                    for word in words.iter().filter(|w| text.contains(**w)) {
                        let modules = modules.join(" or ");
                        wrong.push(format!("src/{}:{line}: `{word}` belongs in {modules}", file.path));
                    }
                }
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    #[test]
    fn the_binary_is_thin() {
        let main = std::fs::read_to_string(Path::new(ROOT).join("src/main.rs")).unwrap();
        assert!(main.lines().count() < 60);
    }
}
