//! Every intrinsic function, in both forms.

use super::*;

const SECTIONS: &str = r#"
Parameters:
  Team: {Type: String, Default: ops}
  Free: {Type: String}
  Env: {Type: String, AllowedValues: [dev, prod]}
  Names: {Type: CommaDelimitedList, Default: "a, b ,c"}
  None: {Type: CommaDelimitedList, Default: ""}
  Stored: {Type: "AWS::SSM::Parameter::Value<String>", Default: /x}
  Ruled: {Type: String}
  Fixed: {Type: String}
  Perhaps: {Type: String}
Rules:
  Colour: {Assertions: [{Assert: !Contains [[red, blue], !Ref Ruled]}, {Assert: !Equals [!Ref Fixed, one]}]}
  Sometimes: {RuleCondition: !Equals [!Ref Env, dev], Assertions: [{Assert: !Contains [[a], !Ref Perhaps]}]}
Conditions:
  Prod: !Equals [!Ref Env, prod]
Mappings:
  M: {dev: {name: sam, list: [x, y]}, prod: {name: pat, list: [z]}}
"#;

#[test]
fn functions_give_what_cloudformation_gives() {
    let table = [
        // Ref, parameters and pseudo parameters
        ("!Ref Team", "ops"),
        ("{Ref: Team}", "ops"),
        ("!Ref Free", "*U"),
        ("!Ref Env", "dev|prod"),
        ("!Ref Names", "[a, b, c]"),
        ("!Ref None", "[]"),
        ("!Ref Ruled", "red|blue"),
        ("!Ref Fixed", "one"),
        ("!Ref Perhaps", "*U"),
        ("!Ref Stored", "*U"),
        ("!Ref AWS::AccountId", "?"),
        ("!Ref Nowhere", "*U"),
        // Sub
        ("!Sub '${Team}-x'", "ops-x"),
        ("{'Fn::Sub': 'x-${Team}'}", "x-ops"),
        ("!Sub 'arn:${AWS::Partition}:iam'", "arn:?:iam"),
        ("!Sub ['${A}${Team}', {A: !Ref Env}]", "devops|prodops"),
        ("!Sub '${!aws:username}/${Team}'", "${aws:username}/ops"),
        ("!Sub '${Free}-x'", "?-x"),
        ("!Sub 'a${}b${'", "a${}b${"),
        ("!Sub no variables", "no variables"),
        // Join, Split, Select, Length
        ("!Join ['-', [a, !Ref Team, b]]", "a-ops-b"),
        ("!Join ['', !Ref Names]", "abc"),
        ("!Join ['-', [a, !Ref Env]]", "a-dev|a-prod"),
        ("!Join ['-', [a, !Ref 'AWS::NoValue', b]]", "a-b"),
        ("!Join ['-', [a, !If [Prod, x, !Ref 'AWS::NoValue'], b]]", "a-b|a-x-b"),
        ("!Join ['-', []]", ""),
        ("!Split [',', 'a,b,,c']", "[a, b, , c]"),
        ("!Select [1, !Split [':', 'a:b:c']]", "b"),
        ("!Select ['2', !Ref Names]", "c"),
        ("!Select [0, !GetAZs '']", "??"),
        ("!Select [1, !GetAZs eu-west-1]", "eu-west-1?"),
        ("!Select [5, !GetAZs {Ref: 'AWS::Region'}]", "*U"),
        ("{'Fn::Length': !GetAZs ''}", "*U"),
        ("!Select [1, !Cidr [10.0.0.0/16, 2, 8]]", "?"),
        ("{'Fn::Length': !Cidr [!Ref Free, '3']}", "3"),
        ("!Select [0, !Cidr [10.0.0.0/16, !Ref Free]]", "*U"),
        ("!Cidr [10.0.0.0/16, 1000]", "*U"),
        ("!Select [7, !Ref Names]", "*U"),
        ("!Select [0, !Split ['-', !Sub '${Free}-x']]", "*U"),
        ("!Select [1, !Split ['-', !Sub 'a-b-${Free}-x']]", "b"),
        ("!Select [2, !Split ['-', !Sub 'a-b-c${Free}']]", "*U"),
        ("!Select [3, !Split ['-', !Sub 'a-b-${Free}']]", "*U"),
        ("!Select [1, !Split [/, !Sub 'arn:aws:iam::${AWS::AccountId}:role/r']]", "r"),
        ("!Select [4, !Split [':', !Sub 'arn:aws:iam::${AWS::AccountId}:root']]", "?"),
        ("!Select [1, !Split [/, !Sub '${AWS::StackId}/x']]", "*U"),
        ("!Join [':', !Split ['-', !Sub 'a-b-${Free}']]", "a:b:?"),
        ("{'Fn::Length': !Split ['-', !Sub 'a-b-${Free}']}", "*U"),
        ("{'Fn::Length': !Ref Names}", "3"),
        // If, FindInMap
        ("!If [Prod, x, y]", "y|x"),
        ("!If [Prod, !Ref Env, !Ref Env]", "dev|prod"),
        ("!FindInMap [M, dev, name]", "sam"),
        ("!FindInMap [M, !Ref Env, name]", "sam|pat"),
        ("!Select [0, !FindInMap [M, !Ref Env, list]]", "x|z"),
        ("!FindInMap [M, qa, name, {DefaultValue: kim}]", "kim"),
        ("!FindInMap [M, qa, name]", "*U"),
        ("!FindInMap [M, !Ref 'AWS::Region', name]", "sam|pat"),
        ("!FindInMap [M, !Ref Free, name, {DefaultValue: kim}]", "sam|pat|kim"),
        ("!FindInMap [M, !Ref Free, color]", "*U"),
        ("!FindInMap [M, dev, !Ref Free]", "sam|[x, y]"),
        ("!FindInMap [M, !Ref Free, !Ref Free]", "*U"),
        ("!FindInMap [!Ref Free, dev, name]", "*U"),
        // What only AWS knows, and what is not CloudFormation at all
        ("!ImportValue other-name", "*U"),
        ("{'Fn::Base64': iam}", "aWFt"),
        ("!Base64 {'Fn::Sub': 'x-${Env}'}", "eC1kZXY=|eC1wcm9k"),
        ("!Base64 {'Fn::Sub': 'x-${Free}'}", "?"),
        ("!Base64 [x]", "?"),
        ("{'Fn::Transform': {Name: M}}", "*U"),
        ("!GetAWSAccount x", "*U"),
        ("{'Fn::Unheard': x}", "*U"),
        ("Fn::EnumTargetAccounts X '${account}'", "*U"),
        ("!Sub '{{resolve:ssm:${Team}:1}}-x'", "?-x"),
        ("'a{{resolve:ssm:b}}c{{ jinja }}'", "a?c?"),
        ("{'Fn::ToJsonString': {a: [b, !Ref Team]}}", "{a: [b, ops]}"),
        // Wrong arguments are unknown, not nothing
        ("!Join x", "*U"),
        ("!Select [x, !Ref Names]", "*U"),
        ("!If [Prod]", "*U"),
        ("!Sub {a: b}", "*U"),
    ];
    for (expression, expected) in table {
        let (_, value) = value_in(SECTIONS, expression);
        assert_eq!(show(&value), expected, "{expression}");
    }
}

#[test]
fn unknowns_say_why_and_where() {
    let table = [
        ("!Ref Free", "parameter `Free` has no default", "4:3-4:7"),
        ("!Ref Stored", "parameter `Stored` is read from the Parameter Store", "8:3-8:68"),
        ("!ImportValue other-name", "the export `other-name` of another stack is not known", "24:17-24:40"),
        ("!Sub '${Free}'", "parameter `Free` has no default", "4:3-4:7"),
        ("!Ref Nowhere", "`Nowhere` is neither a parameter nor a resource of the template", "24:17-24:29"),
    ];
    for (expression, reason, place) in table {
        let (run, value) = value_in(SECTIONS, expression);
        let unknown = value.as_unknown().unwrap();
        assert_eq!(unknown.reason(), reason, "{expression}");
        assert_eq!(run.place(unknown.span()), place, "{expression}");
    }
}

#[test]
fn references_to_resources_are_names_and_arns() {
    let resources = r#"
Resources:
  Plain: {Type: AWS::IAM::Group}
  Known: {Type: AWS::IAM::Group, Properties: {GroupName: known, Path: /a/}}
  Gate: {Type: AWS::IAM::ManagedPolicy, Properties: {ManagedPolicyName: gate, PolicyDocument: {}}}
  Bucket: {Type: AWS::S3::Bucket}
  U:
    Type: AWS::IAM::User
    Properties:
      Groups: [!Ref Plain, !Ref Known, !Sub "${Known}", !GetAtt Known.Arn, !GetAtt [Plain, Arn]]
      ManagedPolicyArns: [!Ref Gate, !GetAtt Gate.PolicyArn, !Sub "${Gate.PolicyArn}", !Ref Bucket]
"#;
    let run = Run::of(resources);
    let refer = |v: &Value| v.refer.as_ref().map(|r| format!("{}.{}", r.address, r.attribute));
    let mut seen = Vec::new();
    for fact in run.facts() {
        let list = match &fact.what {
            What::Membership { groups, .. } => groups,
            What::Attachment { policies, .. } => policies,
            _ => continue,
        };
        for v in list.as_list().unwrap() {
            seen.push((show(v), refer(v).unwrap()));
        }
    }
    let expected = [
        ("arn:?:iam::?:policy/gate", "Gate.Ref"),
        ("arn:?:iam::?:policy/gate", "Gate.PolicyArn"),
        ("arn:?:iam::?:policy/gate", "Gate.PolicyArn"),
        ("*Bucket", "Bucket.Ref"),
        ("*Plain", "Plain.Ref"),
        ("known", "Known.Ref"),
        ("known", "Known.Ref"),
        ("arn:?:iam::?:group/a/known", "Known.Arn"),
        ("arn:?:iam::?:group/?", "Plain.Arn"),
    ];
    let seen: Vec<(&str, &str)> = seen.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
    assert_eq!(seen, expected);
}

#[test]
fn a_name_that_refers_to_itself_is_unknown() {
    let (run, value) = value_in("", "!Sub '${U}-x'");
    assert_eq!(show(&value), "?-x");
    assert_eq!(run.problems()[0].0, Code::BadReference);
}

#[test]
fn a_policy_variable_without_its_mark_is_reported() {
    let (run, value) = value_in("", "!Sub 'a/${aws:username}'");
    assert_eq!(show(&value), "a/${aws:username}");
    assert!(run.problems()[0].2.contains("write `${!aws:username}`"), "{:?}", run.problems());
}

#[test]
fn equal_questions_about_a_mapping_are_one_choice() {
    let (run, value) = value_in(
        SECTIONS,
        "!Sub ['${A}-${B}', {A: !FindInMap [M, !Ref Free, name], B: !Select [0, !FindInMap [M, !Ref Free, list]]}]",
    );
    assert_eq!(show(&value), "sam-x|pat-z");
    let Kind::OneOf(open) = &value.kind else { panic!("{value:?}") };
    let choice = run.lowered().facts.choices.get(open.choice).unwrap();
    assert_eq!(choice.unknown.reason(), "a key of mapping `M` is open: parameter `Free` has no default");
    assert_eq!(choice.labels, ["dev", "prod"]);
}
