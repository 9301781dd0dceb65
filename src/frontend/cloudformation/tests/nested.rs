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
    assert_eq!(run.shown(), ["Set/G is group ops"]);
    assert_eq!(run.place(Some(run.facts()[0].span)), "8:9-10:73");
    assert_eq!(run.problems().len(), 1, "{:?}", run.problems());
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
        "RunRole inline policy in role *RunRole".to_owned(),
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
