//! Stacks in stacks, and what the CDK and the Serverless transform make.

use super::*;

const INNER: &str = r#"
Parameters: {Group: {Type: String}, Arn: {Type: String, Default: x}, Open: {Type: String}}
Conditions: {On: !Equals [!Ref Open, "on"]}
Resources:
  U: {Type: AWS::IAM::User, Condition: On, Properties: {UserName: u, Groups: [!Ref Group]}}
  P: {Type: AWS::IAM::ManagedPolicy, Properties: {PolicyDocument: {}}}
Outputs:
  Policy: {Value: !Ref P}
"#;

#[test]
fn nested_stacks_are_followed() {
    let outer = r#"
Resources:
  G: {Type: AWS::IAM::Group, Properties: {ManagedPolicyArns: [!GetAtt One.Outputs.Policy]}}
  One:
    Type: AWS::CloudFormation::Stack
    Properties: {TemplateURL: sub/inner.yaml, Parameters: {Group: !Ref G}}
  Two:
    Type: AWS::CloudFormation::Stack
    Properties: {TemplateURL: ./sub/inner.yaml, Parameters: {Group: other, Open: "on"}}
  Remote: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: "https://x/y.yaml"}}
  Gone: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: gone.yaml}}
"#;
    let run = Run::files(&[("d/outer.yaml", outer), ("d/sub/inner.yaml", INNER)], &[]);
    assert_eq!(
        run.shown(),
        [
            "G is group *G",
            "G attach [arn:?:iam::?:policy/?] to group *G",
            "One/U is user u if Open=on",
            "One/U puts u in [*G] if Open=on",
            "One/P is policy *One/P",
            "Two/U is user u",
            "Two/U puts u in [other]",
            "Two/P is policy *Two/P",
        ]
    );
    let refer = run.facts().iter().find_map(|f| match &f.what {
        What::Attachment { policies, .. } => policies.as_list().unwrap()[0].refer.clone(),
        _ => None,
    });
    assert_eq!(refer.unwrap().address, "One/P");
    let codes: Vec<Code> = run.problems().iter().map(|p| p.0).collect();
    assert_eq!(codes, [Code::RemoteModule, Code::RemoteModule]);
    let files: Vec<_> = run.lowered().files.iter().map(|f| f.to_string_lossy().into_owned()).collect();
    assert_eq!(files, ["d/outer.yaml", "d/sub/inner.yaml", "d/sub/inner.yaml"]);
}

#[test]
fn names_that_nobody_chose_go_through_lists() {
    let outer = r#"
Resources:
  A: {Type: AWS::IAM::Group}
  B: {Type: AWS::IAM::Group}
  Gate: {Type: AWS::IAM::ManagedPolicy, Properties: {Path: /x/, PolicyDocument: {}}}
  U:
    Type: AWS::CloudFormation::Stack
    Properties:
      TemplateURL: inner.yaml
      Parameters: {Groups: !Join [",", [!Ref A, !Ref B]], Arns: !Sub "arn:aws:iam::aws:policy/V, ${Gate}"}
  V: {Type: AWS::IAM::User, Properties: {Groups: !Split [",", !Sub "x-${A},${B}${A},${A}-${B},${B}"]}}
  W: {Type: AWS::IAM::User, Properties: {Groups: !Split ["-", !Sub "${A}-${B}"]}}
  Set:
    Type: AWS::CloudFormation::StackSet
    Properties:
      Parameters: [{ParameterKey: Groups, ParameterValue: !Join [",", [!Ref A, !Ref B]]}]
      TemplateBody: |
        Parameters: {Groups: {Type: CommaDelimitedList}}
        Resources:
          S:
            Type: AWS::IAM::User
            Properties: {Groups: !Ref Groups, LoginProfile: {Password: "{{resolve:ssm:x}}"}}
"#;
    let inner = r#"
Parameters: {Groups: {Type: CommaDelimitedList}, Arns: {Type: CommaDelimitedList}}
Resources:
  N: {Type: AWS::IAM::User, Properties: {Groups: !Ref Groups, ManagedPolicyArns: !Ref Arns}}
"#;
    let run = Run::files(&[("d/outer.yaml", outer), ("d/inner.yaml", inner)], &[]);
    let lists = |f: &Fact| match &f.what {
        What::Membership { groups: list, .. } | What::Attachment { policies: list, .. } => {
            let address = |v: &Value| v.refer.as_ref().map_or("?", |r| &r.address).to_owned();
            let all: Vec<String> = list.as_list().unwrap().iter().map(address).collect();
            Some(format!("{} {}", f.address, all.join(",")))
        }
        _ => None,
    };
    let of: Vec<String> = run.facts().iter().filter_map(lists).collect();
    assert_eq!(of, ["U/N ?,Gate", "U/N A,B", "V ?,?,?,B", "W ?"]);
    let of: Vec<String> = run.lowered().sets[0].iter().filter_map(lists).collect();
    assert_eq!(of, ["Set/S ?"]);
}

#[test]
fn a_stack_nested_in_itself_ends() {
    let text = "Resources:\n  S: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: a.yaml}}\n  T: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: a.yaml}}\n";
    let run = Run::files(&[("a.yaml", text)], &[]);
    assert_eq!(run.problems()[0].0, Code::ModuleCycle);
}

#[test]
fn assets_of_the_cdk_are_the_files_beside_the_template() {
    let outer = r#"{"Resources": {"Inner9F": {
      "Type": "AWS::CloudFormation::Stack",
      "Properties": {
        "TemplateURL": {"Fn::Join": ["", ["https://s3.", {"Ref": "AWS::Region"}, "/", "0123.json"]]},
        "Parameters": {"Group": "team"}},
      "Metadata": {
        "aws:cdk:path": "Main/Inner.NestedStack/Inner.NestedStackResource",
        "aws:asset:path": "MainInner.nested.template.json",
        "aws:asset:property": "TemplateURL"}}}}"#;
    let inner = r#"{"Parameters": {"Group": {"Type": "String"}}, "Resources": {"Ann0A1B": {
      "Type": "AWS::IAM::User",
      "Properties": {"Groups": [{"Ref": "Group"}]},
      "Metadata": {"aws:cdk:path": "Main/Inner/Ann/Resource"}}}}"#;
    let run = Run::files(
        &[("cdk.out/Main.template.json", outer), ("cdk.out/MainInner.nested.template.json", inner)],
        &[],
    );
    assert_eq!(
        run.shown(),
        ["Inner9F/Ann0A1B is user *Inner9F/Ann0A1B", "Inner9F/Ann0A1B puts *Inner9F/Ann0A1B in [team]"]
    );
    assert_eq!(run.facts()[0].path.as_deref(), Some("Main/Inner/Ann"));
    assert!(run.problems().is_empty(), "{:?}", run.problems());
}

#[test]
fn stack_sets_hold_their_template() {
    let run = Run::of(
        "Resources:\n  Set:\n    Type: AWS::CloudFormation::StackSet\n    Properties:\n      Parameters:\n      - {ParameterKey: Team, ParameterValue: ops}\n      TemplateBody: |\n        Parameters: {Team: {Type: String}}\n        Resources:\n          G: {Type: AWS::IAM::Group, Properties: {GroupName: !Ref Team}}\n  Other: {Type: AWS::CloudFormation::StackSet, Properties: {TemplateURL: 'https://x/y'}}\n",
    );
    let [set] = run.lowered().sets.as_slice() else { panic!("{:?}", run.lowered().sets) };
    assert_eq!(set.iter().map(|f| run.show_fact(f)).collect::<Vec<_>>(), ["Set/G is group ops"]);
    assert_eq!(run.place(Some(set[0].span)), "8:9-10:73");
    assert_eq!(run.facts(), []);
    assert_eq!(run.problems().len(), 1, "{:?}", run.problems());
}

#[test]
fn instances_of_a_stack_set_may_differ() {
    let text = r#"
Resources:
  Set:
    Type: AWS::CloudFormation::StackSet
    Properties:
      Parameters: [{ParameterKey: Team, ParameterValue: ops}, {ParameterKey: Kind, ParameterValue: x}]
      StackInstancesGroup:
        - ParameterOverrides: [{ParameterKey: Team, ParameterValue: dev}]
        - DeploymentTargets: {OrganizationalUnitIds: [ou-1]}
      TemplateBody: |
        Parameters: {Team: {Type: String}, Kind: {Type: String}}
        Resources:
          G: {Type: AWS::IAM::Group, Properties: {GroupName: !Sub '${Team}-${Kind}'}}
"#;
    let run = Run::of(text);
    assert_eq!(run.show_fact(&run.lowered().sets[0][0]), "Set/G is group dev-x|ops-x");
}

#[test]
fn functions_have_roles_of_their_own() {
    let text = r#"
Transform: AWS::Serverless-2016-10-31
Globals: {Function: {PermissionsBoundary: arn:aws:iam::aws:policy/B}}
Parameters: {P: {Type: String}}
Conditions: {C: !Equals [!Ref P, "on"]}
Resources:
  Run:
    Type: AWS::Serverless::Function
    Condition: C
    Properties:
      Policies:
        - AdministratorAccess
        - !Sub "arn:${AWS::Partition}:iam::aws:policy/A"
        - S3ReadPolicy: {BucketName: b}
        - {Version: "2012-10-17", Statement: []}
        - !If [C, PowerUserAccess, {Statement: []}]
        - !Ref AWS::NoValue
  One: {Type: AWS::Serverless::Function, Properties: {Policies: IAMFullAccess}}
  Given: {Type: AWS::Serverless::Function, Properties: {Role: !GetAtt RunRole.Arn}}
  Perhaps: {Type: AWS::Serverless::Function, Properties: {Role: !If [C, arn, !Ref "AWS::NoValue"]}}
  Steps: {Type: AWS::Serverless::StateMachine, Properties: {Policies: []}}
  OwnRole: {Type: AWS::IAM::Role, Properties: {RoleName: mine}}
  Own: {Type: AWS::Serverless::Function}
  G: {Type: AWS::IAM::ManagedPolicy, Properties: {ManagedPolicyName: g, PolicyDocument: {}, Roles: [!Ref OneRole]}}
  App: {Type: AWS::Serverless::Application, Properties: {Location: ./inner.yaml, Parameters: {Group: g}}}
"#;
    let run = Run::files(&[("t.yaml", text), ("inner.yaml", INNER)], &[("P", "on")]);
    let within = "within arn:aws:iam::aws:policy/B";
    let expected = [
        "OwnRole is role mine".to_owned(),
        "G is policy g".to_owned(),
        "G attach arn:?:iam::?:policy/g to role [*OneRole]".to_owned(),
        "App/U is user u if Open=on".to_owned(),
        "App/U puts u in [g] if Open=on".to_owned(),
        "App/P is policy *App/P".to_owned(),
        format!("RunRole is role *RunRole {within}"),
        "RunRole attach [arn:aws:iam::aws:policy/AdministratorAccess, arn:?:iam::aws:policy/A, arn:aws:iam::aws:policy/PowerUserAccess] to role *RunRole".to_owned(),
        "RunRole inline RunRolePolicy3 in role *RunRole".to_owned(),
        format!("OneRole is role *OneRole {within}"),
        "OneRole attach [arn:aws:iam::aws:policy/IAMFullAccess] to role *OneRole".to_owned(),
        format!("PerhapsRole is role *PerhapsRole {within}"),
        "StepsRole is role *StepsRole".to_owned(),
    ];
    assert_eq!(run.shown(), expected);
    assert!(run.problems().is_empty(), "{:?}", run.problems());
}

#[test]
fn what_is_decided_elsewhere_is_noted() {
    let run = Run::of(
        "Resources:\n  A: {Type: AWS::SSO::PermissionSet}\n  B: {Type: AWS::Organizations::Policy}\n",
    );
    let codes: Vec<(Code, Level)> = run.problems().iter().map(|p| (p.0, p.1)).collect();
    assert_eq!(codes, [(Code::NotJudged, Level::Note); 2]);
}

#[test]
fn lists_go_through_parameters_of_nested_stacks() {
    let inner = r#"
Parameters: {Names: {Type: CommaDelimitedList}, Zones: {Type: "List<AWS::EC2::AvailabilityZone::Name>"}}
Resources:
  U: {Type: AWS::IAM::User, Properties: {UserName: u, Groups: !Ref Names}}
"#;
    let outer = r#"
Parameters: {Free: {Type: String}}
Resources:
  S:
    Type: AWS::CloudFormation::Stack
    Properties:
      TemplateURL: inner.yaml
      Parameters: {Names: !Join [", ", [a, !Sub "b-${AWS::Region}", !Ref Free, c]], Zones: !GetAZs ""}
"#;
    let run = Run::files(&[("outer.yaml", outer), ("inner.yaml", inner)], &[]);
    assert_eq!(run.shown(), ["S/U is user u", "S/U puts u in [a, b-?, ?]"]);
}

#[test]
fn files_are_included_where_they_stand() {
    let outer = r#"
Resources:
  Fn::Transform: {Name: AWS::Include, Parameters: {Location: parts/users.yaml}}
  G:
    Type: AWS::IAM::Group
    Properties:
      Fn::Transform: {Name: AWS::Include, Parameters: {Location: parts/group.json}}
      GroupName: staff
  P:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument: {'Fn::Transform': {Name: AWS::Include, Parameters: {Location: parts/gate.yaml}}}
  Far: {Type: AWS::IAM::Group, Properties: {'Fn::Transform': {Name: AWS::Include, Parameters: {Location: "s3://b/k"}}}}
"#;
    let users = "Ann: {Type: AWS::IAM::User, Properties: {UserName: ann, Groups: [{Ref: G}]}}\n";
    let group = r#"{"ManagedPolicyArns": ["arn:aws:iam::aws:policy/ReadOnlyAccess"]}"#;
    let gate = "# the gate\nStatement: {Effect: Deny, Action: '*', Sid: no}\n";
    let files = [
        ("d/t.yaml", outer),
        ("d/parts/users.yaml", users),
        ("d/parts/group.json", group),
        ("d/parts/gate.yaml", gate),
    ];
    let run = Run::files(&files, &[]);
    assert_eq!(
        run.shown(),
        [
            "Ann is user ann",
            "Ann puts ann in [staff]",
            "G is group staff",
            "G attach [arn:aws:iam::aws:policy/ReadOnlyAccess] to group staff",
            "P is policy *P",
            "Far is group *Far",
            "Far attach [?] to group *Far",
            "Far inline ? in group *Far",
        ]
    );
    assert_eq!(run.problems(), []);
    let What::ManagedPolicy { document, .. } = &run.facts()[4].what else { panic!("{:?}", run.facts()[4]) };
    let statement = document.get("Statement").unwrap();
    assert_eq!(show(statement), "{Action: *, Effect: Deny, Sid: false}");
    assert_eq!(run.sources.slice(statement.get("Effect").unwrap().span.unwrap()), "Deny");
    assert_eq!(run.lowered().files.len(), 4);
}

#[test]
fn a_file_that_includes_itself_ends() {
    let include = "{'Fn::Transform': {Name: AWS::Include, Parameters: {Location: a.yaml}}}";
    let outer = format!(
        "Resources: {{P: {{Type: AWS::IAM::ManagedPolicy, Properties: {{PolicyDocument: {include}}}}}}}"
    );
    let run = Run::files(&[("t.yaml", &outer), ("a.yaml", &format!("Statement: {include}"))], &[]);
    assert_eq!(run.shown(), ["P is policy *P"]);
}

#[test]
fn loops_make_conditions_outputs_and_properties() {
    let text = r#"
Transform: AWS::LanguageExtensions
Parameters: {Env: {Type: String, Default: prod}, Teams: {Type: CommaDelimitedList, Default: "red,blue"}}
Conditions:
  Fn::ForEach::Tests: [Name, [dev, prod], {"Is${Name}": !Equals [!Ref Env, !Ref Name]}]
Resources:
  Fn::ForEach::Users:
    - Name
    - !Ref Teams
    - User${Name}:
        Type: AWS::IAM::User
        Condition: Isprod
        DeletionPolicy: Retain
        UpdateReplacePolicy: Retain
        Properties:
          UserName: !Sub "${Name}"
          Fn::ForEach::Groups: [Kind, [Groups], {"${Kind}": ["${Name}"]}]
  Other: {Type: AWS::IAM::User, Condition: Isdev}
Outputs:
  Fn::ForEach::Names:
    - Name
    - !Ref Teams
    - Out${Name}: {Value: !Ref {"Fn::Sub": "User${Name}"}, Export: {Name: !Sub "x-${Name}"}}
"#;
    let run = Run::of(text);
    let users = [
        "Userred is user red",
        "Userred puts red in [red]",
        "Userblue is user blue",
        "Userblue puts blue in [blue]",
    ];
    assert_eq!(run.shown(), users);
    let exports: Vec<&str> = run.lowered().facts.exports.keys().map(String::as_str).collect();
    assert_eq!(exports, ["x-blue", "x-red"]);
}

/// What the section `Transform` includes, one file or several, is part of the template: also when that has nothing else.
#[test]
fn sections_are_included_at_the_top() {
    let include = |file: &str| format!("{{Name: AWS::Include, Parameters: {{Location: {file}}}}}");
    let users = "Parameters: {Who: {Type: String, Default: ann}}\nResources:\n  Ann: {Type: AWS::IAM::User, Properties: {UserName: {Ref: Who}, Groups: [{Ref: G}]}}\n";
    let rest = r#"{"Mappings": {"M": {"k": {"v": "staff"}}}, "Outputs": {"O": {"Value": "x", "Export": {"Name": "e"}}},
        "Resources": {"H": {"Type": "AWS::IAM::Group", "Condition": "Never"}}, "Conditions": {"Never": {"Fn::Equals": ["a", "b"]}}}"#;
    let own = "Resources:\n  G: {Type: AWS::IAM::Group, Properties: {GroupName: !FindInMap [M, k, v]}}\n";
    let both = format!(
        "Transform: [AWS::Serverless-2016-10-31, {}, {}]\n{own}",
        include("parts/users.yaml"),
        include("parts/rest.json")
    );
    let files = [("d/t.yaml", both.as_str()), ("d/parts/users.yaml", users), ("d/parts/rest.json", rest)];
    let run = Run::files(&files, &[]);
    assert_eq!(run.shown(), ["G is group staff", "Ann is user ann", "Ann puts ann in [staff]"]);
    assert_eq!(run.problems(), []);
    assert_eq!(run.lowered().facts.exports.keys().collect::<Vec<_>>(), ["e"]);
    let only = format!("AWSTemplateFormatVersion: 2010-09-09\nTransform: {}\n", include("parts/users.yaml"));
    let run = Run::files(&[("d/t.yaml", &only), files[1]], &[]);
    assert_eq!(run.shown()[0], "Ann is user ann");
    let inner = format!("Transform: {}\nResources: {{G: {{Type: AWS::IAM::Group}}}}", include("users.yaml"));
    let outer =
        "Resources: {S: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: d/parts/inner.yaml}}}";
    let run = Run::files(&[("t.yaml", outer), ("d/parts/inner.yaml", &inner), files[1]], &[]);
    assert_eq!(run.shown()[1..], ["S/Ann is user ann", "S/Ann puts ann in [*S/G]"]);
}

/// What is included from elsewhere, or contradicts the template, may give rights to whoever is declared.
#[test]
fn resources_that_nobody_sees_may_attach() {
    let own = "Ann: {Type: AWS::IAM::User, Properties: {UserName: ann}}";
    let macros = "Fn::Transform: {Name: Own, Parameters: {Location: x}}";
    let here = [
        ("ann.yaml", "Resources: {Ann: {Type: AWS::IAM::Group}}"),
        ("list.yaml", "[x]"),
        ("bad.yaml", "a: ["),
    ];
    let at_the_top = |location: &str| {
        format!(
            "Transform: {{Name: AWS::Include, Parameters: {{Location: {location}}}}}\nResources: {{{own}}}"
        )
    };
    let cases = [
        (at_the_top("s3://b/k"), "not a local one"),
        (at_the_top("!Ref Somewhere"), "not a local one"),
        (at_the_top("none.yaml"), "none.yaml"),
        (at_the_top("../outside.yaml"), "outside"),
        (at_the_top("ann.yaml"), "declares `Ann` itself"),
        (at_the_top("list.yaml"), "holds no map"),
        (at_the_top("bad.yaml"), "bad.yaml"),
        (at_the_top("t.yaml"), "nested in itself"),
        (format!("Resources: {{{own}, {macros}}}"), "macro `Own`"),
    ];
    for (text, why) in &cases {
        let run = Run::files(&[&[("t.yaml", text.as_str())][..], &here].concat(), &[]);
        assert_eq!(run.shown().len(), 2, "{text}");
        assert_eq!(run.shown()[1], "Ann attach ? to user ann", "{text}");
        let problems = run.lowered().diagnostics.iter().map(|d| d.message.clone()).collect::<Vec<_>>();
        assert!(problems.iter().any(|p| p.contains(why) && p.contains("is not followed")), "{problems:?}");
    }
}

/// A module that is not here may give rights to those whom it is told of.
#[test]
fn modules_may_attach_to_whom_they_are_told() {
    let text = r#"
Resources:
  M: {Type: "My::Own::Thing::MODULE", Properties: {One: !Ref A, Two: [!Sub "x-${B}", !GetAtt C.Arn], Three: dave}}
  A: {Type: AWS::IAM::User, Properties: {UserName: a}}
  B: {Type: AWS::IAM::Group}
  C: {Type: AWS::IAM::Role}
  D: {Type: AWS::IAM::User, Properties: {UserName: dave}}
  E: {Type: AWS::IAM::User, Properties: {UserName: e}}
"#;
    let run = Run::of(text);
    let attached: Vec<String> = run.shown().into_iter().filter(|s| s.contains("attach ?")).collect();
    let of: Vec<&str> = attached.iter().map(|s| &s[..1]).collect();
    assert_eq!(of, ["A", "B", "C", "D"], "{attached:?}");
}
