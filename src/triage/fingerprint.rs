//! A name for a finding that survives edits elsewhere in the file.

use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};

use crate::finding::Finding;
use crate::source::SourceMap;

/// Bytes of the digest that are kept; the text is twice as long.
const BYTES: usize = 16;

/// Longest line that tells places apart, in bytes.
const LONG: usize = 1000;

/// 32 hexadecimal digits over the rule, the path of the unit, the subject and the text of the first line of the primary
/// place. Line numbers are left out: a finding keeps its fingerprint when code above it grows.
pub fn of(sources: &SourceMap, unit: &str, finding: &Finding) -> String {
    let span = sources.shown_as(finding.span);
    let line = sources.get(span.source).map(|source| {
        let (line, _) = source.line_column(span.start);
        // A line that holds a whole file, as a plan does, changes with everything else.
        let range = source.line_range(line);
        if range.len() > LONG { String::new() } else { source.shown_text(range).trim().to_owned() }
    });
    let mut hash = Sha256::new();
    for part in [finding.rule.code, unit, &finding.subject, &line.unwrap_or_default()] {
        hash.update(part.as_bytes());
        hash.update([0]);
    }
    hash.finalize().iter().take(BYTES).fold(String::new(), |mut hex, byte| {
        // Writing into a string cannot fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules;
    use crate::source::Span;

    fn at(text: &str, needle: &str, subject: &str) -> String {
        let sources = SourceMap::new();
        let source = sources.add("a.tf", "a.tf", text);
        let start = text.find(needle).unwrap();
        let span = Span::new(source.id(), start, start + needle.len());
        let info = rules::find("MFA001").unwrap().info;
        let f = Finding::new(info, span, crate::tri::Tri::Yes, subject, "x").unwrap();
        of(&sources, "a", &f)
    }

    #[test]
    fn survives_lines_above_and_indentation_and_line_ends() {
        let name = at("resource x\n", "resource x", "x");
        assert_eq!(name.len(), 32);
        assert_eq!(name, at("# new\n\n  resource x\n", "resource x", "x"));
        assert_eq!(name, at("resource x\r\nmore", "resource x", "x"));
        assert_eq!(name, at("resource x", "resource x", "x"));
    }

    #[test]
    fn differs_by_subject_and_by_text() {
        let name = at("resource x\n", "resource x", "x");
        assert_ne!(name, at("resource x\n", "resource x", "y"));
        assert_ne!(name, at("resource y\n", "resource y", "x"));
    }
}
