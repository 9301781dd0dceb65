//! `fileset()`: patterns over the files of one directory.

use std::path::Path;

use regex::Regex;

use crate::fs::FileSystem;

/// The files below `dir` that match, relative to it. Patterns that look into directories they do not name are
/// not followed; the error says so.
pub(crate) fn files(fs: &dyn FileSystem, dir: &Path, pattern: &str) -> Result<Vec<String>, String> {
    let (folder, last) = pattern.rsplit_once('/').unwrap_or(("", pattern));
    if folder.contains(['*', '?', '[', '{']) || last.contains("**") {
        return Err(format!("the pattern `{pattern}` looks into several directories, which is not followed"));
    }
    let regex = translate(last).ok_or_else(|| format!("`{pattern}` is not a valid pattern"))?;
    let names = fs.files(&dir.join(folder)).unwrap_or_default();
    let matching = names.into_iter().filter(|n| regex.is_match(n));
    Ok(matching.map(|n| if folder.is_empty() { n } else { format!("{folder}/{n}") }).collect())
}

fn translate(pattern: &str) -> Option<Regex> {
    let mut out = String::from("^");
    let mut braces = 0usize;
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        match c {
            '*' => out.push_str("[^/]*"),
            '?' => out.push_str("[^/]"),
            '[' | ']' => out.push(c),
            '{' => {
                braces += 1;
                out.push_str("(?:");
            }
            '}' if braces > 0 => {
                braces -= 1;
                out.push(')');
            }
            ',' if braces > 0 => out.push('|'),
            '-' | '^' => out.push(c),
            '\\' => out.push_str(&regex::escape(&chars.next()?.to_string())),
            c => out.push_str(&regex::escape(&c.to_string())),
        }
    }
    out.push('$');
    Regex::new(&out).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fs::MemFs;

    #[test]
    fn matches_names_of_one_directory() {
        let fs =
            MemFs::new().with("p/a.json", "").with("p/b.json", "").with("p/c.txt", "").with("p/q/d.json", "");
        let got = |pattern| files(&fs, Path::new("p"), pattern);
        assert_eq!(got("*.json").unwrap(), ["a.json", "b.json"]);
        assert_eq!(got("{a,c}.*").unwrap(), ["a.json", "c.txt"]);
        assert_eq!(got("q/?.json").unwrap(), ["q/d.json"]);
        assert_eq!(got("[ab].json").unwrap(), ["a.json", "b.json"]);
        assert!(got("**/*.json").is_err());
    }
}
