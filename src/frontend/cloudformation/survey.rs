//! What the text of a template tells before it is parsed. Most templates of a repository declare nothing about
//! principals: of those it is enough to know that they are there.

use std::sync::LazyLock;

use memchr::memmem::Finder;
use memchr::{memchr_iter, memchr2, memmem};

/// True when the bytes look like a CloudFormation template: cheap enough for every YAML and JSON file of a
/// repository, and wrong only on the side of reading too much.
pub fn looks_like_template(bytes: &[u8]) -> bool {
    let declared = has(bytes, "AWSTemplateFormatVersion");
    let by_words =
        has(bytes, "Resources") && (declared || has(bytes, "AWS::")) || declared && includes(bytes);
    by_words && has_sections(bytes)
}

/// Whether an object in JSON has a section of a template at its top; true for all that is not certainly JSON. Logs and
/// inventories speak of resources of AWS as well, further in.
fn has_sections(bytes: &[u8]) -> bool {
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    if text.trim_ascii_start().first() != Some(&b'{') {
        return true;
    }
    let (mut depth, mut at) = (0usize, 0);
    while let Some(byte) = text.get(at) {
        at += 1;
        match byte {
            b'"' => {
                let Some(end) = end_of_string(text, at) else { return true };
                let string = text.get(at..end).filter(|_| depth == 1).unwrap_or_default();
                // An escape may stand for a letter.
                if matches!(string, b"Resources" | b"AWSTemplateFormatVersion") || string.contains(&b'\\') {
                    return true;
                }
                at = end + 1;
            }
            b'{' | b'[' => depth += 1,
            b'}' | b']' => match depth.checked_sub(1) {
                Some(less) => depth = less,
                None => return true,
            },
            b',' | b':' | b'+' | b'-' | b'.' | b'0'..=b'9' | b'a'..=b'z' | b'E' => {}
            _ if byte.is_ascii_whitespace() => {}
            // Comments, other quotes, tags: not JSON.
            _ => return true,
        }
    }
    depth != 0
}

/// Where the quote is that ends a string.
fn end_of_string(text: &[u8], from: usize) -> Option<usize> {
    let mut at = from;
    loop {
        at += memchr2(b'"', b'\\', text.get(at..)?)?;
        if text.get(at) == Some(&b'"') {
            return Some(at);
        }
        at += 2;
    }
}

/// True when a template may have to do with others: nest them, or export something that they import.
pub fn may_concern_others(bytes: &[u8]) -> bool {
    nests(bytes) || exports(bytes)
}

/// True when a template may nest others.
fn nests(bytes: &[u8]) -> bool {
    has(bytes, "AWS::CloudFormation::Stack") || has(bytes, "AWS::Serverless::Application")
}

/// True when sections of a template may be in other files.
fn includes(bytes: &[u8]) -> bool {
    has(bytes, "AWS::Include")
}

/// True when a template may export something.
pub fn exports(bytes: &[u8]) -> bool {
    has(bytes, "Export") || includes(bytes)
}

/// True when a template, or one that it nests or includes, may import something.
pub fn may_import(bytes: &[u8]) -> bool {
    has(bytes, "ImportValue") || nests(bytes) || includes(bytes) || is_escaped(bytes)
}

/// True when a template may say something about principals, or holds a suppression. Wrong only on the side of reading
/// too much: a template that is rewritten before it is used may say anything, and so may one whose words are escaped.
pub fn may_bear(bytes: &[u8]) -> bool {
    static WORDS: LazyLock<Vec<Finder<'static>>> =
        LazyLock::new(|| FAMILIES.iter().chain(REWRITTEN).map(|word| Finder::new(*word)).collect());
    WORDS.iter().any(|word| word.find(bytes).is_some()) || is_escaped(bytes) || is_rendered(bytes)
}

/// True for what is a template by its words, whether it can be parsed or not.
pub fn is_template_by_words(text: &str) -> bool {
    let all = |words: &[&str]| words.iter().all(|word| has(text.as_bytes(), word));
    if text.trim_start_matches('\u{feff}').trim_start().starts_with('{') {
        return all(&["AWSTemplateFormatVersion"]) || all(&["\"Resources\"", "\"Type\"", "\"AWS::"]);
    }
    // The sections of a template begin at the left; what is further in is a part of something else.
    let quotes = ['"', '\'', '\u{feff}'];
    let begins =
        |section: &str| text.lines().any(|line| line.trim_start_matches(quotes).starts_with(section));
    let declares = |line: &str| line.contains("Type") && line.contains("AWS::");
    begins("AWSTemplateFormatVersion") || begins("Resources") && text.lines().any(declares)
}

/// What the names of the resources begin with that are lowered or told about.
const FAMILIES: &[&str] =
    &["AWS::CloudFormation::", "AWS::IAM::", "AWS::Organizations::", "AWS::SSO::", "AWS::Serverless::"];

/// Macros, loops, files that are included, modules of a registry; our own name.
const REWRITTEN: &[&str] = &["Transform", "Fn::ForEach", "AWS::Include", "::MODULE", "mfaguard"];

fn has(bytes: &[u8], word: &str) -> bool {
    memmem::find(bytes, word.as_bytes()).is_some()
}

/// Escapes that may stand for letters, or join lines.
fn is_escaped(bytes: &[u8]) -> bool {
    memchr_iter(b'\\', bytes).any(|i| matches!(bytes.get(i + 1), Some(b'u' | b'U' | b'x' | b'\n' | b'\r')))
}

/// Blocks and placeholders of a template engine. Dynamic references look like the latter.
fn is_rendered(bytes: &[u8]) -> bool {
    let placeholder = |i: usize| !bytes.get(i..).is_some_and(|rest| rest.starts_with(b"{{resolve:"));
    has(bytes, "{%") || memmem::find_iter(bytes, "{{").any(placeholder)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frontend::cloudformation::resources::RESOURCES;

    #[test]
    fn every_resource_is_of_a_family() {
        for (kind, _) in RESOURCES {
            assert!(FAMILIES.iter().any(|family| kind.starts_with(family)), "{kind}");
        }
    }

    #[test]
    fn what_only_speaks_of_resources_is_no_template() {
        let inner =
            r#"{"Resources": {"Q": {"Type": "AWS::SQS::Queue"}}, "AWSTemplateFormatVersion": "\"{["}"#;
        assert!(looks_like_template(inner.as_bytes()));
        for other in [r#"{"Records": [BODY], "n": -1.5E+3, "ok": true}"#, r#" {"a": {"b": BODY}, "}": null}"#]
        {
            assert!(!looks_like_template(other.replace("BODY", inner).as_bytes()), "{other}");
        }
        // Escaped, not closed, closed too often, not JSON: somebody else has to look.
        for open in [
            r#"{"Resource\u0073": BODY}"#,
            r#"{"a": BODY"#,
            r#"{"a": BODY}}"#,
            r#"{"a": [BODY, "]}"#,
            r#"{"a": BODY /* Resources: */}"#,
            r#"{'Resources': BODY}"#,
            r#"{"a": BODY, Resources: {}}"#,
            r#"{"Resources" BODY}"#,
            r#"a: BODY"#,
            "\u{feff}{\"Resources\": BODY}",
        ] {
            assert!(looks_like_template(open.replace("BODY", inner).as_bytes()), "{open}");
        }
    }

    #[test]
    fn only_what_is_certain_is_skipped() {
        let queue = "Resources:\n  Q:\n    Type: AWS::SQS::Queue\n    Properties:\n      QueueName: '{{resolve:ssm:q}}'\n";
        assert!(!may_bear(queue.as_bytes()) && is_template_by_words(queue));
        for more in [
            "AWS::IAM::User",
            "\"AWS::\\u0049AM::User\"",
            "\"AWS::I\\\n  AM::User\"",
            "{% include 'users' %}",
            "AWS::{{ service }}::User",
            "Fn::ForEach::Users",
            "Transform: [Mine]",
            "Type: My::Team::Users::MODULE",
            "# mfaguard: ignore[MFA001] nobody",
        ] {
            assert!(may_bear(format!("{queue}{more}").as_bytes()), "{more}");
        }
        for more in
            ["!ImportValue x", "\"Fn::Import\\u0056alue\"", "AWS::CloudFormation::StackSet", "AWS::Include"]
        {
            assert!(may_import(format!("{queue}{more}").as_bytes()), "{more}");
        }
        assert!(!may_import(queue.as_bytes()));
        assert!(is_template_by_words("{\"Resources\": {\"Q\": {\n \"Type\" : \"AWS::SQS::Queue\"}}}"));
        assert!(!is_template_by_words("{\"Resources\": \"AWS::SQS::Queue\"}"));
        assert!(is_template_by_words("Resources: {Q: {Type: AWS::SQS::Queue}}"));
        let test = queue.replace('\n', "\n    ");
        assert!(!is_template_by_words(&format!("- name: a queue\n  input:\n    {test}")));
    }
}
