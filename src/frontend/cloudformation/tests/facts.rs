//! Resources as facts.

use super::*;

#[test]
fn every_resource_type() {
    let text = r#"
Resources:
  U:
    Type: AWS::IAM::User
    Properties:
      UserName: u
      PermissionsBoundary: arn:aws:iam::aws:policy/B
      LoginProfile: {PasswordResetRequired: true}
      Groups: [!Ref G]
      ManagedPolicyArns: [arn:aws:iam::aws:policy/A]
      Policies: [{PolicyName: p, PolicyDocument: {Statement: []}}]
  G: {Type: AWS::IAM::Group, Properties: {Policies: [{PolicyName: q, PolicyDocument: {}}]}}
  R: {Type: AWS::IAM::Role, Properties: {RoleName: r, AssumeRolePolicyDocument: {Version: "2012-10-17"}}}
  M:
    Type: AWS::IAM::ManagedPolicy
    Properties: {ManagedPolicyName: m, PolicyDocument: {}, Users: [!Ref U, v], Groups: [!Ref G], Roles: [r]}
  P: {Type: AWS::IAM::Policy, Properties: {PolicyName: p, PolicyDocument: {}, Users: [v], Roles: [!Ref R]}}
  UP: {Type: AWS::IAM::UserPolicy, Properties: {PolicyName: up, PolicyDocument: {}, UserName: !Ref U}}
  GP: {Type: AWS::IAM::GroupPolicy, Properties: {PolicyName: gp, PolicyDocument: {}, GroupName: !Ref G}}
  RP: {Type: AWS::IAM::RolePolicy, Properties: {PolicyName: rp, PolicyDocument: {}, RoleName: r}}
  Add: {Type: AWS::IAM::UserToGroupAddition, Properties: {GroupName: !Ref G, Users: [u, v]}}
  Key: {Type: AWS::IAM::AccessKey, Properties: {UserName: !Ref U}}
  Off: {Type: AWS::IAM::AccessKey, Properties: {UserName: !Ref U, Status: Inactive}}
  Mfa: {Type: AWS::IAM::VirtualMFADevice, Properties: {Users: [!Ref U]}}
  Fn: {Type: AWS::Serverless::Function, Properties: {Policies: [AdministratorAccess]}}
"#;
    let run = Run::of(text);
    assert_eq!(
        run.shown(),
        [
            "U is user u within arn:aws:iam::aws:policy/B",
            "U attach [arn:aws:iam::aws:policy/A] to user u",
            "U inline p in user u",
            "U lets u sign in",
            "U puts u in [*G]",
            "G is group *G",
            "G inline q in group *G",
            "R is role r",
            "M is policy m",
            "M attach arn:?:iam::?:policy/m to user [u, v]",
            "M attach arn:?:iam::?:policy/m to group [*G]",
            "M attach arn:?:iam::?:policy/m to role [r]",
            "P inline p in user [v]",
            "P inline p in role [r]",
            "UP inline up in user [u]",
            "GP inline gp in group [*G]",
            "RP inline rp in role [r]",
            "Add puts [u, v] in *G",
            "Key gives u a key",
            "Mfa virtual device",
            "FnRole is role *FnRole",
            "FnRole attach [arn:aws:iam::aws:policy/AdministratorAccess] to role *FnRole",
        ]
    );
    assert!(run.problems().is_empty(), "{:?}", run.problems());
}

#[test]
fn login_profiles() {
    let table: [(&str, &[&str]); 9] = [
        ("{Password: x}", &["U lets *U sign in"]),
        ("{}", &["U lets *U sign in"]),
        ("{Password: !Ref P}", &["U lets *U sign in"]),
        ("", &["U lets *U sign in"]),
        ("!Ref AWS::NoValue", &[]),
        ("!If [C, {Password: x}, !Ref 'AWS::NoValue']", &["U lets *U sign in if P=on"]),
        ("!If [C, !Ref 'AWS::NoValue', {Password: x}]", &["U lets *U sign in if P=another value"]),
        (
            "!If [C, {Password: x}, {Password: y}]",
            &["U lets *U sign in if P=on", "U lets *U sign in if P=another value"],
        ),
        (
            "{'Fn::Transform': {Name: X}}",
            &["U lets *U sign in perhaps: what macro `X` makes is known only when the stack is deployed"],
        ),
    ];
    for (profile, expected) in table {
        let text = format!(
            "Parameters: {{P: {{Type: String}}}}\nConditions: {{C: !Equals [!Ref P, 'on']}}\nResources:\n  U:\n    Type: AWS::IAM::User\n    Properties:\n      LoginProfile: {profile}\n"
        );
        let run = Run::of(&text);
        assert_eq!(run.shown()[1..], *expected, "{profile}");
    }
}

#[test]
fn conditional_elements_stay_one_choice_each() {
    let mut text = String::from("Parameters:\n");
    (0..12).for_each(|i| text += &format!("  P{i}: {{Type: String}}\n"));
    text += "Conditions:\n";
    (0..12).for_each(|i| text += &format!("  C{i}: !Equals [!Ref P{i}, x]\n"));
    text += "Resources:\n  G:\n    Type: AWS::IAM::Group\n    Properties:\n      Policies:\n";
    (0..12).for_each(|i| {
        text +=
            &format!("      - !If [C{i}, {{PolicyName: p{i}, PolicyDocument: {{}}}}, !Ref 'AWS::NoValue']\n");
    });
    let shown = Run::of(&text).shown();
    assert_eq!(shown.len(), 13);
    assert_eq!(shown[12], "G inline p11 in group *G if P11=x");
}

#[test]
fn unknown_properties_are_unknown_facts() {
    let text = r#"
Parameters: {Arns: {Type: CommaDelimitedList}, Doc: {Type: String}}
Resources:
  G:
    Type: AWS::IAM::Group
    Properties: {ManagedPolicyArns: !Ref Arns, Policies: [!Ref Doc]}
  H: {Type: AWS::IAM::Group, Properties: {GroupName: h, "Fn::Transform": {Name: "AWS::Include"}}}
"#;
    assert_eq!(
        Run::of(text).shown(),
        [
            "G is group *G",
            "G attach [?] to group *G",
            "G inline ? in group *G",
            "H is group h",
            "H attach [?] to group h",
            "H inline ? in group h",
        ]
    );
}

#[test]
fn facts_reach_from_the_logical_id_to_the_end_of_the_resource() {
    let text = "Resources:\n  A:\n    Type: AWS::IAM::User\n    Properties:\n      UserName: ü\n\n  # note\n  B: {Type: AWS::IAM::Group}\n  C:\n    Type: AWS::IAM::ManagedPolicy\n    Properties:\n      PolicyDocument: |\n        {}\n\nOutputs: {}\n";
    for text in [text.to_owned(), text.replace('\n', "\r\n"), format!("\u{feff}{text}")] {
        let run = Run::of(&text);
        let places: Vec<String> = run.facts().iter().map(|f| run.place(Some(f.span))).collect();
        assert_eq!(places, ["2:3-5:18", "8:3-8:29", "9:3-13:11"], "{text:?}");
    }
    let json = r#"{"Resources": {"A": {"Type": "AWS::IAM::User"},
  "B": {"Type": "AWS::IAM::Group"}}}"#;
    let run = Run::of(json);
    let places: Vec<String> = run.facts().iter().map(|f| run.place(Some(f.span))).collect();
    assert_eq!(places, ["1:16-1:47", "2:3-2:35"]);
}

#[test]
fn loops_are_unrolled() {
    let text = r#"
Transform: AWS::LanguageExtensions
Parameters: {Teams: {Type: CommaDelimitedList, Default: "ops,dev-x"}}
Resources:
  Fn::ForEach::Teams:
    - Team
    - !Ref Teams
    - "Group&{Team}":
        Type: AWS::IAM::Group
        Properties: {GroupName: !Sub "g-${Team}"}
      "Fn::ForEach::Users":
        - N
        - ["1", "2"]
        - "User${N}&{Team}":
            Type: AWS::IAM::User
            Properties: {UserName: !Ref N, Groups: [!Ref "Group&{Team}"]}
  Fn::ForEach::Unknown: [X, !Ref "AWS::NotificationARNs", {}]
"#;
    let run = Run::of(text);
    assert_eq!(
        run.shown(),
        [
            "Groupops is group g-ops",
            "User1ops is user 1",
            "User1ops puts 1 in [g-ops]",
            "User2ops is user 2",
            "User2ops puts 2 in [g-ops]",
            "Groupdevx is group g-dev-x",
            "User1devx is user 1",
            "User1devx puts 1 in [g-dev-x]",
            "User2devx is user 2",
            "User2devx puts 2 in [g-dev-x]",
        ]
    );
    assert!(run.problems()[0].2.starts_with("`Fn::ForEach::Unknown` is not followed"));
}
