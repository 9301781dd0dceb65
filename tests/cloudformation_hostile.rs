//! Templates written to cost time and memory: bounded, said, and the rest is judged.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod common;

use std::fmt::Write as _;

/// An administrator without MFA, who is to be judged whatever lies beside.
const ALICE: &str = "
Resources:
  Alice:
    Type: AWS::IAM::User
    Properties: {UserName: alice, ManagedPolicyArns: [arn:aws:iam::aws:policy/AdministratorAccess]}
";

/// What it is called, its files, and the code that says it was stopped; none when it is within the limits.
type Bomb = (&'static str, Vec<(String, String)>, &'static str);

fn one(text: String) -> Vec<(String, String)> {
    vec![("bomb.yaml".to_owned(), text)]
}

/// A template with a user, and these other sections and properties of it.
fn user(sections: &str, properties: &str) -> String {
    format!("{sections}\nResources:\n  U:\n    Type: AWS::IAM::User\n    Properties: {{{properties}}}\n")
}

fn lines(n: usize, line: impl Fn(usize) -> String) -> String {
    (0..n).fold(String::new(), |mut out, i| {
        let _ = writeln!(out, "{}", line(i));
        out
    })
}

fn files(n: usize, file: impl Fn(usize) -> (String, String)) -> Vec<(String, String)> {
    (0..n).map(file).collect()
}

fn of_text() -> Vec<Bomb> {
    let aliases = lines(12, |i| match i {
        0 => "a0: &a0 [x, x, x, x, x, x, x, x, x, x]".to_owned(),
        i => format!("a{i}: &a{i} [{}]", vec![format!("*a{}", i - 1); 10].join(", ")),
    });
    let merges = lines(20, |i| match i {
        0 => "m0: &m0 {k: v}".to_owned(),
        i => format!("m{i}: &m{i} {{<<: [*m{0}, *m{0}], k{i}: *m{0}}}", i - 1),
    });
    let deep = |open: &str, close: &str| format!("X: {}x{}", open.repeat(100_000), close.repeat(100_000));
    vec![
        ("aliases", one(user(&aliases, "UserName: u")), "E015"),
        ("merge keys", one(user(&merges, "UserName: u, Tags: *m19")), "E015"),
        ("an alias in itself", one(user("A: &a [*a]", "UserName: u")), "E006"),
        ("sequences", one(user(&deep("- ", "").replace("X: ", "X:\n  "), "UserName: u")), "E006"),
        ("brackets", one(user(&deep("[", "]"), "UserName: u")), "E006"),
        ("braces", one(user(&deep("{a: ", "}"), "UserName: u")), "E006"),
        ("brackets without end", one(user(&deep("[", ""), "UserName: u")), "E006"),
        (
            "brackets in JSON",
            one(format!(
                "{{\"Resources\": {{\"U\": {{\"Type\": \"AWS::IAM::User\"}}}}, \"X\": {}",
                "[".repeat(100_000)
            )),
            "E007",
        ),
        (
            "a long scalar",
            one(user(&format!("Description: {}", "x".repeat(50 << 20)), "UserName: u")),
            "E003",
        ),
        (
            "a long key",
            one(user(&format!("{}: x", "k".repeat(2 << 20)), "UserName: u, Groups: !Ref 1")),
            "E006",
        ),
    ]
}

fn of_evaluation() -> Vec<Bomb> {
    let conditions = |n: usize| {
        let or = |i: usize| format!("  C{i}: !Or [!Condition C{}, !Condition C{}]", (i + 1) % n, (i + 7) % n);
        one(user(&format!("Conditions:\n{}", lines(n, or)), "UserName: !If [C0, a, b]"))
    };
    let names = |n: usize| {
        let user = |i: usize| {
            let name = format!("${{U{0}}}${{U{0}}}", (i + 1) % n);
            format!("  U{i}: {{Type: AWS::IAM::User, Properties: {{UserName: !Sub '{name}'}}}}")
        };
        one(format!("Resources:\n{}", lines(n, user)))
    };
    let list = vec!["x"; 2000].join(",");
    let loops = ["C", "B", "A"].iter().fold("{'U': {Type: AWS::IAM::User}}".to_owned(), |body, name| {
        format!("{{'Fn::ForEach::{name}': [{name}, !Ref L, {body}]}}")
    });
    let loops =
        format!("Parameters: {{L: {{Type: CommaDelimitedList, Default: '{list}'}}}}\nResources: {loops}\n");
    let open = format!(
        "Parameters: {{L: {{Type: CommaDelimitedList, Default: '{list}'}}, P: {{Type: CommaDelimitedList}}}}\nResources:\n  Fn::ForEach::A: [A, !Ref L, {{'Fn::ForEach::B': [B, !Ref P, {{'U': {{Type: AWS::IAM::UserPolicy}}}}]}}]\n{}",
        lines(1000, |i| format!("  V{i}: {{Type: AWS::IAM::User}}"))
    );
    let texts = lines(40, |i| match i {
        0 => "Mappings:\n  M:\n    k0: {v: xxxxxxxxxxxxxxxx}".to_owned(),
        i => {
            let half = format!("!FindInMap [M, k{}, v]", i - 1);
            format!("    k{i}: {{v: !Join ['', [{half}, {half}]]}}")
        }
    });
    vec![
        ("conditions in a circle", conditions(20), "E013"),
        ("conditions in a long circle", conditions(300), "E015"),
        ("names in a circle", names(20), "E013"),
        ("names in a long circle", names(300), "E015"),
        ("loops in loops", one(loops), "E015"),
        ("loops that are not followed", one(open), "E014"),
        ("texts of texts", one(user(&texts, "UserName: !FindInMap [M, k39, v]")), "E015"),
    ]
}

fn of_files() -> Vec<Bomb> {
    let nests = |others: &[String]| {
        let nest = |(i, other): (usize, &String)| {
            format!("  S{i}: {{Type: AWS::CloudFormation::Stack, Properties: {{TemplateURL: {other}}}}}\n")
        };
        format!("Resources:\n{}", others.iter().enumerate().map(nest).collect::<String>())
    };
    let stack = |i: usize| format!("s{i}.yaml");
    let include = "{'Fn::Transform': {Name: AWS::Include, Parameters: {Location: part.json}}}";
    let set = |body: &str| {
        format!(
            "Parameters: {{L: {{Type: CommaDelimitedList, Default: '{}'}}}}\nResources:\n  Fn::ForEach::Sets:\n    - N\n    - !Ref L\n    - Set&{{N}}:\n        Type: AWS::CloudFormation::StackSet\n        Properties: {{TemplateBody: '{body}'}}\n",
            (0..3000).map(|i| i.to_string()).collect::<Vec<_>>().join(",")
        )
    };
    let body = format!(
        "{{\"Resources\": {{\"U\": {{\"Type\": \"AWS::IAM::User\"}}}}, \"X\": \"{}\"}}",
        "x".repeat(100_000)
    );
    vec![
        ("a stack in itself", vec![(stack(0), nests(&[stack(0), stack(0)]))], "E010"),
        (
            "stacks in each other",
            files(3, |i| (stack(i), nests(&[stack((i + 1) % 3), stack((i + 2) % 3)]))),
            "E010",
        ),
        (
            "stacks that multiply",
            files(14, |i| {
                (stack(i), if i < 13 { nests(&vec![stack(i + 1); 3]) } else { ALICE.replace("alice", "u") })
            }),
            "E015",
        ),
        (
            "a file in itself",
            vec![
                ("bomb.yaml".to_owned(), user("", &format!("Tags: {include}, Policies: {include}"))),
                (
                    "part.json".to_owned(),
                    format!("{{\"a\": [{0}, {0}], \"b\": {0}}}", include.replace('\'', "\"")),
                ),
            ],
            "E015",
        ),
        ("sets in a loop", one(set(&body)), "E015"),
    ]
}

fn of_exports() -> Vec<Bomb> {
    let export =
        |name: &str, value: &str| format!("Outputs: {{O: {{Value: {value}, Export: {{Name: {name}}}}}}}\n");
    let link = |i: usize| {
        let value = format!("!If [C, !ImportValue e{0}, !Sub ['x${{A}}', {{A: !ImportValue e{0}}}]]", i + 1);
        let open = "Parameters: {P: {Type: String}}\nConditions: {C: !Equals [!Ref P, x]}\n";
        format!(
            "{open}{}{}",
            user("", &format!("Groups: [!ImportValue e{i}]")),
            export(&format!("e{i}"), &value)
        )
    };
    let open = |i: usize| {
        let (name, other) = (format!("!Sub '${{AWS::StackName}}-a{i}-x'"), format!("!Sub '${{P}}-b{i}-x'"));
        let import =
            format!("Groups: [!ImportValue {{'Fn::Sub': '${{P}}-a{i}-${{P}}'}}, !ImportValue {other}]");
        format!(
            "{}{}",
            user(
                "Parameters: {P: {Type: String}}",
                &import.replace("!ImportValue !Sub", "!ImportValue {'Fn::Sub':").replace("-x']", "-x'}]")
            ),
            export(&name, "x")
        )
    };
    vec![
        ("imports in a chain that doubles", files(60, |i| (format!("e{i}.yaml"), link(i))), ""),
        ("names that are not known", files(600, |i| (format!("o{i}.yaml"), open(i))), ""),
    ]
}

#[test]
fn bombs_end_with_a_diagnostic() {
    let bombs: Vec<Bomb> = [of_text(), of_evaluation(), of_files(), of_exports()].concat();
    std::thread::scope(|scope| {
        for (name, files, code) in &bombs {
            scope.spawn(move || ends(name, files, code));
        }
    });
}

fn ends(name: &str, files: &[(String, String)], code: &str) {
    let dir = tempfile::tempdir().unwrap();
    common::write(dir.path(), files);
    common::write(dir.path(), &[("alice.yaml".to_owned(), ALICE.to_owned())]);
    let (report, _) = common::run_bounded(dir.path());
    let codes = common::codes(&report);
    assert!(if code.is_empty() { codes.is_empty() } else { codes.contains(&code) }, "{name}: {codes:?}");
    let alice = report["principals"].as_array().unwrap().iter().find(|p| p["name"] == "alice");
    assert_eq!(alice.unwrap_or_else(|| panic!("{name}"))["admin"], "yes", "{name}");
}

/// All of them bear on the answer, and some are listed.
#[test]
fn of_many_reasons_a_few_are_listed() {
    let dir = tempfile::tempdir().unwrap();
    let arns = |n: usize, arn: &str| {
        let lines = lines(n, |i| format!("        - {arn}{i}"));
        format!(
            "Resources:\n  U:\n    Type: AWS::IAM::User\n    Properties:\n      ManagedPolicyArns:\n{lines}"
        )
    };
    let policies = arns(10_000, "arn:aws:iam::123456789012:policy/p");
    common::write(dir.path(), &[("policies.yaml".to_owned(), policies)]);
    common::write(dir.path(), &files(20, |i| (format!("{i}.yaml"), arns(10_000, "!ImportValue e"))));
    let (report, _) = common::run_bounded(dir.path());
    let users = report["principals"].as_array().unwrap();
    assert_eq!(users.len(), 21);
    for user in users {
        assert_eq!((&user["mfa"], &user["admin"]), (&"unknown".into(), &"unknown".into()));
        let listed = user["unknown"].as_array().unwrap();
        assert_eq!(listed.len(), 201);
        assert!(listed[200].to_string().contains("9800 more are not listed"), "{}", listed[200]);
        assert_eq!(user["evidence"].as_array().unwrap().len(), 200);
    }
    let finding = &report["findings"][0];
    assert_eq!(finding["related"].as_array().map_or(0, Vec::len), 200, "{finding}");
    assert!(finding["message"].as_str().unwrap().ends_with("(and many more)"), "{}", finding["message"]);
}

#[test]
fn many_imports_of_many_exports_cost_what_they_are() {
    let dir = tempfile::tempdir().unwrap();
    let exports = lines(500, |i| format!("  O{i}: {{Value: !Ref Gate, Export: {{Name: e{i}}}}}"));
    let imports = lines(500, |i| format!("        - !ImportValue e{i}"));
    let gate = "
  Gate:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument:
        Statement:
          Effect: Deny
          NotAction: ['iam:CreateVirtualMFADevice', 'iam:EnableMFADevice']
          Resource: '*'
          Condition: {BoolIfExists: {aws:MultiFactorAuthPresent: false}}
";
    common::write(dir.path(), &[("exports.yaml".to_owned(), format!("Resources:{gate}Outputs:\n{exports}"))]);
    common::write(
        dir.path(),
        &files(100, |i| {
            let arns = format!(
                "      ManagedPolicyArns:\n        - arn:aws:iam::aws:policy/AdministratorAccess\n{imports}"
            );
            (
                format!("{i}.yaml"),
                format!("Resources:\n  U:\n    Type: AWS::IAM::User\n    Properties:\n{arns}"),
            )
        }),
    );
    let (report, _) = common::run_bounded(dir.path());
    let users = report["principals"].as_array().unwrap();
    assert_eq!(users.len(), 100);
    assert!(users.iter().all(|u| u["mfa"] == "enforced"), "{}", users[0]);
}
