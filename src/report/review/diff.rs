//! Which lines a diff shows: the only ones that a review may comment.
//!
//! What `git diff` prints, also for many files at once: no crate reads the quoted paths of it.

use std::collections::BTreeMap;

/// The lines that a unified diff shows of files as they are after it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Diff {
    files: BTreeMap<String, Vec<Hunk>>,
}

/// Lines that stand together: the number of the first, and their texts.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Hunk {
    first: u32,
    lines: Vec<String>,
}

impl Diff {
    /// Reads a diff. What is none shows no lines.
    pub fn parse(text: &str) -> Self {
        let mut out = Self::default();
        let mut path: Option<String> = None;
        let mut lines = text.split('\n');
        while let Some(line) = lines.next() {
            if let Some(name) = line.strip_prefix("+++ ") {
                path = named(name);
            } else if let Some((old, first, new)) = head(line) {
                let shown = body(&mut lines, old, new);
                if let Some(path) = &path {
                    out.files.entry(path.clone()).or_default().push(Hunk { first, lines: shown });
                }
            }
        }
        out
    }

    /// Whether these lines of a file stand together in it, with the same texts.
    pub(super) fn shows(&self, path: &str, first: u32, lines: &[&str]) -> bool {
        self.files.get(path).into_iter().flatten().any(|hunk| {
            let from = first.checked_sub(hunk.first).map(|skip| skip as usize);
            let shown = from.and_then(|from| hunk.lines.get(from..from.checked_add(lines.len())?));
            shown.is_some_and(|shown| shown.iter().zip(lines).all(|(a, b)| bare(a) == bare(b)))
        })
    }
}

/// A line without what is left of its end.
fn bare(line: &str) -> &str {
    line.strip_suffix('\r').unwrap_or(line)
}

/// The head of a hunk: how many old lines, the number of the first new one, and how many of those.
fn head(line: &str) -> Option<(u32, u32, u32)> {
    let (old, rest) = line.strip_prefix("@@ -")?.split_once(" +")?;
    let (new, _) = rest.split_once(" @@")?;
    let range = |text: &str| match text.split_once(',') {
        Some((first, count)) => Some((first.parse().ok()?, count.parse().ok()?)),
        None => Some((text.parse().ok()?, 1)),
    };
    let ((_, old), (first, new)): ((u32, u32), (u32, u32)) = (range(old)?, range(new)?);
    Some((old, first, new))
}

/// The new lines of a hunk. Only counting tells where it ends: a removed line may read like the head of a file.
fn body<'t>(lines: &mut impl Iterator<Item = &'t str>, mut old: u32, mut new: u32) -> Vec<String> {
    let mut out = Vec::new();
    while old > 0 || new > 0 {
        let Some(line) = lines.next() else { break };
        match line.split_at_checked(1) {
            Some(("+", text)) => {
                new = new.saturating_sub(1);
                out.push(text.to_owned());
            }
            Some(("-", _)) => old = old.saturating_sub(1),
            // "\ No newline at end of file"
            Some(("\\", _)) => {}
            Some((_, text)) => {
                (old, new) = (old.saturating_sub(1), new.saturating_sub(1));
                out.push(text.to_owned());
            }
            // A context line that lost its space.
            None => {
                (old, new) = (old.saturating_sub(1), new.saturating_sub(1));
                out.push(String::new());
            }
        }
    }
    out
}

/// The path in the head of a file; none for one that is gone.
fn named(text: &str) -> Option<String> {
    let text = bare(text);
    let path = match text.strip_prefix('"') {
        Some(quoted) => unquoted(quoted),
        // Behind a name with a space Git writes a tab, and others the time.
        None => text.split('\t').next().unwrap_or(text).to_owned(),
    };
    (path != "/dev/null").then(|| path.strip_prefix("b/").unwrap_or(&path).to_owned())
}

/// A path as Git quotes it, from behind the first quote to the last one.
fn unquoted(text: &str) -> String {
    let mut out: Vec<u8> = Vec::new();
    let mut rest = text.bytes().peekable();
    while let Some(byte) = rest.next().filter(|b| *b != b'"') {
        let escaped = if byte == b'\\' { rest.next() } else { None };
        out.push(match escaped {
            None => byte,
            Some(b'a') => 7,
            Some(b'b') => 8,
            Some(b't') => b'\t',
            Some(b'n') => b'\n',
            Some(b'v') => 11,
            Some(b'f') => 12,
            Some(b'r') => b'\r',
            Some(first @ b'0'..=b'7') => {
                let mut digits = first - b'0';
                for _ in 0..2 {
                    let next = rest.next_if(|d| (b'0'..=b'7').contains(d)).unwrap_or(b'0');
                    digits = digits.wrapping_mul(8).wrapping_add(next - b'0');
                }
                digits
            }
            Some(other) => other,
        });
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const DIFF: &str = "\
diff --git a/main.tf b/main.tf
index 1..2 100644
--- a/main.tf
+++ b/main.tf
@@ -1,3 +1,4 @@ resource \"x\" \"y\" {
 one
--- a/other.tf
+++ b/other.tf
+@@ -1 +1 @@
 four
@@ -20 +21 @@
-old
+new\r
\\ No newline at end of file
diff --git a/gone.tf b/gone.tf
--- a/gone.tf
+++ /dev/null
@@ -1 +0,0 @@
-x
diff --git \"a/\\303\\251 \\\"\\t.tf\" \"b/\\303\\251 \\\"\\t.tf\"
--- /dev/null
+++ \"b/\\303\\251 \\\"\\t.tf\"
@@ -0,0 +1,2 @@
+a

diff --git a/a b.tf b/a b.tf
--- a/a b.tf\t
+++ b/a b.tf\t
@@ -1 +1 @@
-a
+b
";

    #[test]
    fn lines_are_those_of_the_new_side() {
        let diff = Diff::parse(DIFF);
        let files: Vec<&str> = diff.files.keys().map(String::as_str).collect();
        assert_eq!(files, ["a b.tf", "main.tf", "é \"\t.tf"]);
        assert!(diff.shows("main.tf", 1, &["one", "++ b/other.tf", "@@ -1 +1 @@", "four"]));
        assert!(diff.shows("main.tf", 4, &["four"]) && diff.shows("main.tf", 21, &["new"]));
        assert!(diff.shows("é \"\t.tf", 1, &["a", ""]) && diff.shows("a b.tf", 1, &["b"]));
    }

    #[test]
    fn others_are_not_shown() {
        let diff = Diff::parse(DIFF);
        assert!(!diff.shows("main.tf", 4, &["four", ""]), "behind the hunk");
        assert!(!diff.shows("main.tf", 0, &["one"]), "before it");
        assert!(!diff.shows("main.tf", 4, &["five"]), "another text");
        assert!(!diff.shows("main.tf", u32::MAX, &["four"]) && !diff.shows("x.tf", 1, &["one"]));
    }

    #[test]
    fn what_is_no_diff_shows_nothing() {
        let ends = ["", "+++", "@@", "@@ -1 +1", "@@ -1 +1 @@", "+++ b/a\n@@ -1,9 +1,99999999999 @@\n+a\n"];
        for text in ends {
            assert_eq!(Diff::parse(text), Diff::default(), "{text:?}");
        }
        let cut = Diff::parse("+++ b/a\n@@ -1,9 +1,4294967295 @@\n+a\n+é");
        assert!(cut.shows("a", 1, &["a", "é"]));
        assert_eq!(unquoted("\\"), "\\");
    }
}
