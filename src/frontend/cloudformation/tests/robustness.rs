//! Files that are something else, broken, or made to hurt.

use super::*;

#[test]
fn other_files_are_none_of_our_business() {
    for text in [
        "",
        "a: [1, 2]",
        "Resources: text # AWS::",
        "Resources: {a: {Type: ConfigMap}} # AWS::",
        "resources: {Resources: {U: {Type: AWS::IAM::Role}}}",
        "Resources: [ # AWS::S3::Bucket",
        "[{\"Resources\": \"AWS::\"}]",
        "# Resources AWS::",
        "x: y: z # Resources AWS::S3::Bucket",
        "---\n---\n",
    ] {
        let run = Run::of(text);
        assert!(run.lowered.is_none(), "{text}");
    }
    assert!(looks_like_template(b"Resources:\n  A: {Type: AWS::IAM::User}"));
    assert!(looks_like_template(b"AWSTemplateFormatVersion: 1\nResources:\n  A: {Type: Custom::A}"));
    assert!(!looks_like_template(b"Resources:\n  A: {Type: ConfigMap}"));
    assert!(!looks_like_template(b"apiVersion: v1"));
}

#[test]
fn broken_templates_are_errors_with_their_place() {
    let table = [
        ("AWSTemplateFormatVersion: x\nResources:\n  A: b: c\n", Code::YamlSyntax, "3:7-3:7"),
        ("Resources:\n  A:\n    Type: AWS::IAM::User\n   B: c\n", Code::YamlSyntax, "4:4-4:4"),
        ("{\"Resources\": {\"A\": {\"Type\": \"AWS::IAM::User\" \"x\": 1}}}", Code::JsonSyntax, "1:46-1:46"),
        ("Resources: {A: {Type: AWS::IAM::User, ? [a] : b}}", Code::YamlSyntax, "1:41-1:44"),
        ("Resources: &r {A: {Type: AWS::IAM::User, B: *r}}", Code::YamlSyntax, "1:45-1:47"),
        ("Resources:\n  A:\n    Type: AWS::S3::Bucket: x\n", Code::YamlSyntax, "3:26-3:26"),
    ];
    for (text, code, place) in table {
        let run = Run::of(text);
        let [d] = run.lowered().diagnostics.as_slice() else { panic!("{text}: {:?}", run.problems()) };
        assert_eq!((d.code, d.level), (code, Level::Error), "{text}: {}", d.message);
        assert_eq!(run.place(d.span), place, "{text}: {}", d.message);
        assert!(run.facts().is_empty());
    }
}

#[test]
fn templates_of_template_engines_are_skipped_with_a_word() {
    for text in [
        "Resources:\n{% for u in users %}\n  U: {Type: AWS::IAM::User}\n{% endfor %}\n",
        "Resources:\n  U:\n    Type: AWS::IAM::User\n    Properties: {{ properties }}\n",
        "Resources:\n  # {% if x %}\n  {%- if x %}\n  U: {Type: AWS::IAM::User}\n",
    ] {
        let run = Run::of(text);
        assert_eq!(run.problems().len(), 1, "{text}");
        assert_eq!(run.problems()[0].1, Level::Warning);
        assert!(run.problems()[0].2.contains("template engine"), "{text}: {:?}", run.problems());
    }
    let run = Run::of("Resources: {U: {Type: AWS::IAM::User, Properties: {UserName: '{{ name }}'}}}");
    assert_eq!(run.shown(), ["U is user ?"]);
}

#[test]
fn lenient_json_is_read_as_yaml() {
    let run = Run::of("{\"Resources\": {\"U\": {\"Type\": \"AWS::IAM::User\",},}}");
    assert_eq!(run.shown(), ["U is user *U"]);
}

#[test]
fn a_second_document_does_not_hide_the_first() {
    let run = Run::of("--- \nResources: {U: {Type: AWS::IAM::User}}\n---\nother: x\n");
    assert_eq!(run.shown(), ["U is user *U"]);
}

#[test]
fn documents_that_grow_when_they_are_read_are_refused() {
    let mut text =
        String::from("Resources: {U: {Type: AWS::IAM::User}}\na0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for i in 1..12 {
        let list = vec![format!("*a{}", i - 1); 10].join(", ");
        text += &format!("a{i}: &a{i} [{list}]\n");
    }
    let run = Run::of(&text);
    assert_eq!((run.problems()[0].0, run.problems()[0].1), (Code::Limit, Level::Error));
}

#[test]
fn deep_nesting_is_refused() {
    let deep = |open: &str, close: &str, n: usize| {
        let (open, close) = (open.repeat(n), close.repeat(n));
        Run::of(&format!(
            "{{\"Resources\": {{\"U\": {{\"Type\": \"AWS::IAM::User\"}}}}, \"X\": {open}1{close}}}"
        ))
    };
    for n in [200, 600, 100_000] {
        for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
            let run = deep(open, close, n);
            assert_eq!(run.problems()[0].1, Level::Error, "{open} {n}");
        }
    }
    assert_eq!(deep("[", "]", 100).shown(), ["U is user *U"]);
    let mut text = String::from("Resources:\n  U: {Type: AWS::IAM::User}\nX:\n");
    (0..400).for_each(|i| text += &format!("{}a:\n", " ".repeat(i + 1)));
    assert_eq!(Run::of(&text).problems()[0].1, Level::Error);
}

#[test]
fn deep_values_and_long_chains_end() {
    let (open, close) = ("!Join ['', [".repeat(38), "]]".repeat(38));
    let (_, value) = value_in("", &format!("{open}x{close}"));
    assert_eq!(show(&value), "x");
    let mut conditions =
        String::from("Parameters: {P: {Type: String}}\nConditions:\n  C0: !Equals [!Ref P, x]\n");
    (1..3000).for_each(|i| conditions += &format!("  C{i}: !Not [!Condition C{}]\n", i - 1));
    // What nests too deep to be followed is open, and says so.
    let (run, value) = value_in(&conditions, "!If [C2999, a, b]");
    let Kind::OneOf(open) = &value.kind else { panic!("{value:?}") };
    let choice = run.lowered().facts.choices.get(open.choice).unwrap();
    assert!(choice.unknown.reason().ends_with("it nests too deep"), "{choice:?}");
}

#[test]
fn too_many_choices_are_unknown_not_a_hang() {
    let mut sections = String::from("Parameters:\n");
    (0..40).for_each(|i| sections += &format!("  P{i}: {{Type: String, AllowedValues: [a, b, c]}}\n"));
    let parts: Vec<String> = (0..40).map(|i| format!("!Ref P{i}")).collect();
    let (_, value) = value_in(&sections, &format!("!Join ['', [{}]]", parts.join(", ")));
    let arms: Vec<_> = value.alternatives();
    assert!(arms.iter().all(|(_, v)| v.as_unknown().is_some()), "{value:?}");
}

#[test]
fn work_is_bounded() {
    let list = vec!["x"; 2000].join(",");
    let mut body = String::from("{'U': {Type: AWS::IAM::User}}");
    for name in ["C", "B", "A"] {
        body = format!("{{'Fn::ForEach::{name}': [{name}, !Ref L, {body}]}}");
    }
    let run = Run::of(&format!(
        "Parameters: {{L: {{Type: CommaDelimitedList, Default: '{list}'}}}}\nResources: {body}\n"
    ));
    assert!(run.problems().iter().any(|p| p.0 == Code::Limit), "{:?}", run.problems());
}

#[test]
fn names_that_double_end() {
    let mut text = String::from("Parameters: {P: {Type: String}}\nResources:\n");
    let user = |i: usize, name: &str| {
        format!("  U{i}: {{Type: AWS::IAM::User, Properties: {{UserName: !Sub '{name}'}}}}\n")
    };
    (0..60).for_each(|i| text += &user(i, &format!("${{U{0}}}${{U{0}}}", i + 1)));
    for last in ["x", "${P}"] {
        let run = Run::of(&format!("{text}{}", user(60, last)));
        assert_eq!(run.facts().len(), 61);
    }
}
