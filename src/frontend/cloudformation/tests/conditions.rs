//! Conditions, and that they never contradict each other.

use super::*;

const SECTIONS: &str = r#"
Parameters:
  Env: {Type: String, AllowedValues: [dev, qa, prod]}
  Free: {Type: String}
  Flag: {Type: String, AllowedValues: [yes, no], Default: no}
  Plain: {Type: String, Default: yes}
  Off: {Type: String, Default: "false"}
  List: {Type: CommaDelimitedList}
Conditions:
  Prod: !Equals [!Ref Env, prod]
  NotProd: !Not [!Condition Prod]
  AnyTest: !Or [!Equals [!Ref Env, dev], !Equals [!Ref Env, qa]]
  Never: !And [!Condition Prod, !Condition AnyTest]
  FreeOne: !Equals [!Ref Free, one]
  FreeTwo: !Equals [two, !Ref Free]
  NoFree: !Equals [!Ref Free, ""]
  FlagOn: !Equals [!Ref Flag, "yes"]
  FlagPlain: !Equals [!Ref Flag, no]
  QuotedYes: !Equals [!Ref Plain, "yes"]
  QuotedTrue: !Equals [!Ref Plain, "true"]
  QuotedNo: !Equals [!Ref Plain, "no"]
  OffOn: !Equals [!Ref Off, true]
  Region: !Equals [!Ref "AWS::Region", us-east-1]
  Opaque: !Equals [!Join ["", !Ref List], ""]
  Prefixed: !Equals [!Sub "x-${Free}", "y-1"]
  Mixed: !And [!Condition Prod, !Condition Opaque]
  Short: !And [!Condition OffOn, !Condition Opaque]
  Loop: !Not [!Condition Loop]
"#;

/// The answers under which a name is `yes`.
fn holds(condition: &str) -> Vec<String> {
    let text = format!(
        "{SECTIONS}\nResources:\n  G:\n    Type: AWS::IAM::Group\n    Condition: {condition}\n    Properties: {{GroupName: g}}\n"
    );
    Run::of(&text).shown().into_iter().map(|s| s.replace("G is group g", "").trim().to_owned()).collect()
}

#[test]
fn resources_exist_under_the_answers_of_their_condition() {
    let table: [(&str, &[&str]); 20] = [
        ("Prod", &["if Env=prod"]),
        ("NotProd", &["if Env=dev", "if Env=qa"]),
        ("AnyTest", &["if Env=dev", "if Env=qa"]),
        ("Never", &[]),
        ("FreeOne", &["if Free=one"]),
        ("FreeTwo", &["if Free=two"]),
        ("NoFree", &["if Free="]),
        ("FlagOn", &[]),
        ("FlagPlain", &[""]),
        ("QuotedYes", &[""]),
        ("QuotedTrue", &[""]),
        ("QuotedNo", &[]),
        ("OffOn", &[]),
        ("Region", &["if AWS::Region=us-east-1"]),
        ("Opaque", &["if Opaque=true"]),
        ("Prefixed", &[]),
        ("Mixed", &["if Env=prod if Opaque=true"]),
        ("Short", &[]),
        ("Loop", &["if Loop=true"]),
        ("Missing", &["if Missing=true"]),
    ];
    for (condition, expected) in table {
        assert_eq!(holds(condition), expected, "{condition}");
    }
}

#[test]
fn one_condition_has_one_answer_everywhere() {
    let text = format!(
        "{SECTIONS}
Resources:
  U:
    Type: AWS::IAM::User
    Condition: Prod
    Properties:
      UserName: !If [Prod, p, q]
      LoginProfile: !If [NotProd, {{Password: x}}, !Ref 'AWS::NoValue']
      Groups: [!If [Prod, a, b], !If [NotProd, never, !Ref 'AWS::NoValue'], always]
"
    );
    assert_eq!(
        Run::of(&text).shown(),
        [
            "U is user q|q|p if Env=prod",
            "U puts q|q|p in [always] if Env=prod",
            "U puts q|q|p in [a] if Env=prod",
        ]
    );
}

#[test]
fn given_parameters_settle_conditions() {
    let text = format!(
        "{SECTIONS}\nResources:\n  G:\n    Type: AWS::IAM::Group\n    Condition: Prod\n    Properties:\n      GroupName: !Select [1, !Ref List]\n"
    );
    let run = |env| Run::files(&[("t.yaml", &text)], &[("Env", env), ("List", "a, b")]).shown();
    assert_eq!(run("prod"), ["G is group b"]);
    assert_eq!(run("dev"), [""; 0]);
}

#[test]
fn a_cycle_of_conditions_is_reported() {
    let (run, _) = value_in(SECTIONS, "!If [Loop, a, b]");
    assert!(
        run.problems().iter().any(|p| p.2 == "condition `Loop` refers to itself"),
        "{:?}",
        run.problems()
    );
}
