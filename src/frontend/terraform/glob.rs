//! `fileset()`: patterns over the files below a directory.

use std::path::Path;

use regex::Regex;

use crate::fs::{FileSystem, normalize};
use crate::limits;

/// True when a pattern can match anything.
pub(crate) fn is_valid(pattern: &str) -> bool {
    parts(pattern).is_some()
}

fn parts(pattern: &str) -> Option<Vec<Part>> {
    pattern.split('/').filter(|p| !p.is_empty() && *p != ".").map(part).collect()
}

/// The files below `dir` that match, relative to it. Directories are looked into as far as the pattern goes.
pub(crate) fn files(fs: &dyn FileSystem, dir: &Path, pattern: &str) -> Result<Vec<String>, String> {
    let wrong = || format!("`{pattern}` is not a valid pattern");
    let mut found = Search { fs, dir, out: Vec::new(), left: limits::ELEMENTS };
    if !found.below("", &parts(pattern).ok_or_else(wrong)?, 0) {
        return Err(format!("the pattern `{pattern}` looks into more directories than are followed"));
    }
    found.out = found.out.iter().map(|name| relative(dir, name)).collect();
    found.out.sort();
    found.out.dedup();
    Ok(found.out)
}

/// A name that may lead out of the directory and into it again, as short as it can be.
fn relative(dir: &Path, name: &str) -> String {
    if !name.contains("..") {
        return name.to_owned();
    }
    let (from, to) = (normalize(dir), normalize(&dir.join(name)));
    let (from, to): (Vec<_>, Vec<_>) = (from.components().collect(), to.components().collect());
    let same = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
    let up = std::iter::repeat_n("..".to_owned(), from.len() - same);
    let down = to.iter().skip(same).map(|part| part.as_os_str().to_string_lossy().into_owned());
    up.chain(down).collect::<Vec<_>>().join("/")
}

/// What one part of a pattern matches.
enum Part {
    /// `..`
    Up,
    /// Any number of directories.
    Any,
    Name(Regex),
}

fn part(part: &str) -> Option<Part> {
    match part {
        ".." => Some(Part::Up),
        "**" => Some(Part::Any),
        name => translate(name).map(Part::Name),
    }
}

struct Search<'a> {
    fs: &'a dyn FileSystem,
    dir: &'a Path,
    out: Vec<String>,
    /// How many more entries are looked at.
    left: usize,
}

impl Search<'_> {
    /// Collects what matches `parts` below a directory. False when there is too much to look at.
    fn below(&mut self, at: &str, parts: &[Part], depth: usize) -> bool {
        let Some((first, rest)) = parts.split_first() else { return true };
        let inside = |name: &str| if at.is_empty() { name.to_owned() } else { format!("{at}/{name}") };
        let here = self.dir.join(at);
        let names = if rest.is_empty() { self.fs.files(&here) } else { Ok(Vec::new()) }.unwrap_or_default();
        let dirs = if rest.is_empty() && !matches!(first, Part::Any) {
            Vec::new()
        } else {
            self.fs.dirs(&here).unwrap_or_default()
        };
        let Some(left) = self.left.checked_sub(names.len() + dirs.len() + 1) else { return false };
        self.left = left;
        if depth > limits::DEPTH {
            return false;
        }
        match first {
            Part::Up => self.below(&inside(".."), rest, depth + 1),
            Part::Any => {
                self.out.extend(names.iter().map(|n| inside(n)));
                self.below(at, rest, depth + 1)
                    && dirs.iter().all(|d| self.below(&inside(d), parts, depth + 1))
            }
            Part::Name(regex) => {
                self.out.extend(names.iter().filter(|n| regex.is_match(n)).map(|n| inside(n)));
                let mut matching = dirs.iter().filter(|d| regex.is_match(d));
                matching.all(|d| self.below(&inside(d), rest, depth + 1))
            }
        }
    }
}

fn translate(pattern: &str) -> Option<Regex> {
    let mut out = String::from("^");
    let mut braces = 0usize;
    let mut chars = pattern.chars().peekable();
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
    fn matches_names_and_directories() {
        let fs = MemFs::new()
            .with("p/a.json", "")
            .with("p/b.json", "")
            .with("p/c.txt", "")
            .with("p/q/r/d.json", "");
        let got = |pattern| files(&fs, Path::new("p"), pattern).unwrap();
        assert_eq!(got("*.json"), ["a.json", "b.json"]);
        assert_eq!(got("{a,c}.*"), ["a.json", "c.txt"]);
        assert_eq!(got("q/*/?.json"), ["q/r/d.json"]);
        assert_eq!(got("[^a].json"), ["b.json"]);
        assert_eq!(got("**/*.json"), ["a.json", "b.json", "q/r/d.json"]);
        assert_eq!(got("q/**"), ["q/r/d.json"]);
    }
}
