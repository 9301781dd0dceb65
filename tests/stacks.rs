//! Templates that have to do with each other.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::path::PathBuf;
use std::sync::Arc;

use mfaguard::fs::MemFs;
use mfaguard::scan;
use mfaguard::source::SourceMap;

/// Unit, address and verdict of every principal.
fn principals(files: &[(&str, &str)]) -> Vec<String> {
    let fs = files.iter().fold(MemFs::new(), |fs, (path, text)| fs.with(path, *text));
    let request = scan::Request::new(vec![PathBuf::from(".")], Arc::new(fs));
    let outcome = scan::check(&request, &SourceMap::new());
    let line = |(unit, v): &(usize, mfaguard::analysis::verdict::Verdict)| {
        let unit = &outcome.units[*unit].path;
        format!("{unit} {} {}", v.address.as_deref().unwrap_or("-"), v.mfa.as_str())
    };
    outcome.verdicts.iter().map(line).collect()
}

const GROUP: &str = "
Parameters:
  Gate: {Type: String, Default: 'no'}
Conditions:
  Gated: !Equals [!Ref Gate, 'yes']
Resources:
  Team:
    Type: AWS::IAM::Group
    Properties:
      ManagedPolicyArns: [arn:aws:iam::aws:policy/PowerUserAccess, !If [Gated, !Ref Mfa, !Ref 'AWS::NoValue']]
  Mfa:
    Type: AWS::IAM::ManagedPolicy
    Condition: Gated
    Properties:
      PolicyDocument:
        Statement:
          Effect: Deny
          Action: '*'
          Resource: '*'
          Condition: {BoolIfExists: {aws:MultiFactorAuthPresent: false}}
Outputs:
  Team: {Value: !Ref Team, Export: {Name: team}}
";

#[test]
fn a_template_that_another_one_nests_is_judged_through_it_only() {
    let outer = "
Resources:
  Inner:
    Type: AWS::CloudFormation::Stack
    Properties: {TemplateURL: parts/team.yaml, Parameters: {Gate: 'yes'}}
";
    assert_eq!(
        principals(&[("main.yaml", outer), ("parts/team.yaml", GROUP)]),
        ["main.yaml Inner/Team enforced"]
    );
    assert_eq!(principals(&[("parts/team.yaml", GROUP)]), ["parts/team.yaml Team not-enforced"]);
}

#[test]
fn of_templates_that_nest_each_other_one_is_judged() {
    let nests = |other: &str| {
        format!(
            "Resources:\n  U: {{Type: AWS::IAM::User}}\n  Other:\n    Type: AWS::CloudFormation::Stack\n    \
             Properties: {{TemplateURL: {other}}}\n"
        )
    };
    assert_eq!(
        principals(&[("a.yaml", &nests("b.yaml")), ("b.yaml", &nests("a.yaml"))]),
        ["a.yaml U not-enforced", "a.yaml Other/U not-enforced"]
    );
}

/// A gate that another template exports in every way there is, a group, and a role that trusts itself.
const EXPORTS: &str = "
Resources:
  Team:
    Type: AWS::IAM::Group
  Gate:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument:
        Statement:
          Effect: Deny
          Action: '*'
          Resource: '*'
          Condition: {BoolIfExists: {aws:MultiFactorAuthPresent: false}}
  Role:
    Type: AWS::IAM::Role
    Properties: {RoleName: other, AssumeRolePolicyDocument: {Statement: []}}
Outputs:
  Team: {Value: !Ref Team, Export: {Name: team}}
  Gate: {Value: !Ref Gate, Export: {Name: !Join ['-', [the, gate]]}}
  Prefix: {Value: arn:aws:iam::aws, Export: {Name: prefix}}
  Role: {Value: !GetAtt Role.Arn, Export: {Name: role}}
  Unnamed: {Value: x, Export: {Name: !Sub '${AWS::StackName}-x'}}
";

const IMPORTS: &str = "
Parameters:
  What: {Type: String, Default: the}
Resources:
  Alice:
    Type: AWS::IAM::User
    Properties:
      LoginProfile: {Password: !Ref What}
      Groups: [!ImportValue team]
  Bob:
    Type: AWS::IAM::User
    Properties: {ManagedPolicyArns: [!ImportValue {'Fn::Sub': '${What}-gate'}]}
  Carol:
    Type: AWS::IAM::User
    Properties: {ManagedPolicyArns: [!Sub ['${P}:policy/AdministratorAccess', {P: !ImportValue prefix}]]}
  AddGate:
    Type: AWS::IAM::GroupPolicy
    Properties:
      GroupName: !ImportValue team
      PolicyDocument:
        Statement:
          Effect: Deny
          Action: '*'
          Resource: '*'
          Condition: {BoolIfExists: {aws:MultiFactorAuthPresent: false}}
  Role:
    Type: AWS::IAM::Role
    Properties:
      RoleName: own
      AssumeRolePolicyDocument:
        Statement: {Effect: Allow, Action: 'sts:AssumeRole', Principal: {AWS: !ImportValue role}}
";

#[test]
fn what_one_template_exports_another_imports() {
    assert_eq!(
        principals(&[("a.yaml", EXPORTS), ("b/importing.yaml", IMPORTS)]),
        [
            "a.yaml Team enforced",
            "a.yaml Role not-applicable",
            "b/importing.yaml Alice enforced",
            "b/importing.yaml Bob enforced",
            "b/importing.yaml Carol not-enforced",
            // A role of the same logical id in another template is not the role itself.
            "b/importing.yaml Role not-enforced",
        ]
    );
}

#[test]
fn what_nobody_or_more_than_one_exports_is_unknown() {
    let unknown = [
        "b/importing.yaml Alice unknown",
        "b/importing.yaml Bob unknown",
        "b/importing.yaml Carol unknown",
        "b/importing.yaml Role not-enforced",
    ];
    assert_eq!(principals(&[("b/importing.yaml", IMPORTS)]), unknown);
    let all = principals(&[("a.yaml", EXPORTS), ("b/importing.yaml", IMPORTS), ("c.yaml", EXPORTS)]);
    assert_eq!(all[2..6], unknown);
    let twice = EXPORTS.replace("{Name: role}", "{Name: prefix}");
    let all = principals(&[("a.yaml", &twice), ("b/importing.yaml", IMPORTS)]);
    assert_eq!(all[2..4], ["b/importing.yaml Alice enforced", "b/importing.yaml Bob enforced"]);
    assert_eq!(all[4], "b/importing.yaml Carol unknown");
}

/// A template with an administrator of this name and a gate from this import.
fn gated(user: &str, import: &str) -> String {
    format!(
        "
Parameters:
  Base: {{Type: String}}
  Env: {{Type: String, AllowedValues: [dev, prod]}}
Resources:
  {user}:
    Type: AWS::IAM::User
    Properties: {{ManagedPolicyArns: [arn:aws:iam::aws:policy/AdministratorAccess, !ImportValue {import}]}}
"
    )
}

/// A template that exports a gate and something else under these names.
fn exporting(gate: &str, other: &str) -> String {
    format!(
        "
Parameters:
  Env: {{Type: String, AllowedValues: [dev, prod]}}
Conditions:
  Prod: !Equals [!Ref Env, prod]
  Dev: !Not [!Condition Prod]
Resources:
  Gate:
    Type: AWS::IAM::ManagedPolicy
    Condition: Prod
    Properties:
      PolicyDocument:
        Statement:
          Effect: Deny
          NotAction: ['iam:CreateVirtualMFADevice', 'iam:EnableMFADevice']
          Resource: '*'
          Condition: {{BoolIfExists: {{aws:MultiFactorAuthPresent: false}}}}
  Harmless:
    Type: AWS::IAM::ManagedPolicy
    Properties: {{PolicyDocument: {{Statement: {{Effect: Deny, Action: 's3:*', Resource: '*'}}}}}}
Outputs:
  Gate: {{Condition: Prod, Value: !Ref Gate, Export: {{Name: {gate}}}}}
  Other: {{Value: !Ref Harmless, Export: {{Name: {other}}}}}
"
    )
}

/// Names that fit are no proof: another stack, which is not given, may have an export that fits as well.
#[test]
fn an_import_is_an_export_of_exactly_that_name() {
    let base = exporting("!Sub '${AWS::StackName}-gate'", "base-other");
    let all = [
        ("a.yaml", base.as_str()),
        ("b.yaml", &gated("Open", "{'Fn::Sub': '${Base}-gate'}")),
        ("c.yaml", &gated("Known", "base-gate")),
        ("f.yaml", &gated("Anything", "{Ref: Base}")),
        ("g.yaml", &gated("Other", "base-other")),
    ];
    assert_eq!(
        principals(&all),
        [
            "b.yaml Open unknown",
            "c.yaml Known unknown",
            "f.yaml Anything unknown",
            "g.yaml Other not-enforced",
        ]
    );
    let exact = exporting("base-gate", "x");
    let both = [all[0], all[2], ("z.yaml", &exact)];
    assert_eq!(principals(&both), ["c.yaml Known enforced"]);
    // The same name from two is none.
    let two = [all[2], ("y.yaml", exact.as_str()), ("z.yaml", &exact)];
    assert_eq!(principals(&two), ["c.yaml Known unknown"]);
}

#[test]
fn an_export_is_what_it_is_where_it_exists() {
    // The same name from one of two outputs: which one, is open.
    let either = exporting("base", "base").replace("Other: {Value", "Other: {Condition: Dev, Value");
    let import = gated("Ann", "base");
    let all = principals(&[("a.yaml", &either), ("b.yaml", &import)]);
    assert_eq!(all, ["b.yaml Ann unknown"]);
    let twice = exporting("base", "base");
    assert_eq!(principals(&[("a.yaml", &twice), ("b.yaml", &import)]), ["b.yaml Ann unknown"]);
    // A name that says for which environment it is.
    let named = exporting("!Sub '${Env}-gate'", "!Sub '${Env}-other'");
    let all = [
        ("a.yaml", named.as_str()),
        ("b.yaml", &gated("Prod", "prod-gate")),
        ("c.yaml", &gated("Either", "{'Fn::Sub': '${Env}-other'}")),
    ];
    assert_eq!(principals(&all), ["b.yaml Prod enforced", "c.yaml Either not-enforced"]);
}

#[test]
fn what_is_imported_may_be_exported_again() {
    let pass = |from: &str, to: &str| {
        format!(
            "Resources: {{P: {{Type: AWS::IAM::Group}}}}\nOutputs:\n  O: {{Value: !ImportValue {from}, Export: {{Name: {to}}}}}\n"
        )
    };
    let last = gated("Ann", "s5");
    let links: Vec<(String, String)> =
        (1..6).map(|i| (format!("s{i}.yaml"), pass(&format!("s{}", i - 1), &format!("s{i}")))).collect();
    let mut all: Vec<(&str, &str)> =
        links.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    all.push(("z.yaml", &last));
    let ann = |all: &[(&str, &str)]| principals(all).into_iter().find(|line| line.contains("Ann")).unwrap();
    assert_eq!(ann(&all), "z.yaml Ann unknown");
    let first = exporting("s0", "x");
    all.push(("s0.yaml", &first));
    assert_eq!(ann(&all), "z.yaml Ann enforced");
    // One that goes in a circle is not known.
    let circle = pass("s5", "s0");
    all.pop();
    all.push(("s0.yaml", &circle));
    assert_eq!(ann(&all), "z.yaml Ann unknown");
}

#[test]
fn stacks_that_import_from_one_template_may_be_of_two_accounts() {
    let shared = "
Resources:
  Base:
    Type: AWS::IAM::ManagedPolicy
    Properties: {PolicyDocument: {Statement: {Effect: Allow, Action: 's3:*', Resource: '*'}}}
Outputs:
  Base: {Value: !Ref Base, Export: {Name: base}}
";
    let user = "
Resources:
  Staff:
    Type: AWS::IAM::Group
    Properties: {GroupName: staff, ManagedPolicyArns: [!ImportValue base]}
  Alice:
    Type: AWS::IAM::User
    Properties: {UserName: alice, Groups: [staff]}
";
    let gate = "
  Gate:
    Type: AWS::IAM::Policy
    Properties:
      PolicyName: gate
      Groups: [staff]
      PolicyDocument:
        Statement:
          Effect: Deny
          Action: '*'
          Resource: '*'
          Condition: {BoolIfExists: {aws:MultiFactorAuthPresent: false}}
";
    let (dev, prod) = (format!("{user}{gate}"), user);
    assert_eq!(
        principals(&[("dev.yaml", &dev), ("prod.yaml", prod), ("shared.yaml", shared)]),
        [
            "dev.yaml Staff enforced",
            "dev.yaml Alice enforced",
            "prod.yaml Staff not-enforced",
            "prod.yaml Alice not-enforced",
        ]
    );
}

#[test]
fn of_changed_templates_the_exports_of_others_are_known() {
    let fs = MemFs::new().with("a.yaml", EXPORTS).with("b.yaml", IMPORTS).with("c.yaml", GROUP);
    let mut request = scan::Request::new(vec![PathBuf::from(".")], Arc::new(fs));
    request.changed = Some(vec![PathBuf::from("b.yaml")]);
    let outcome = scan::check(&request, &SourceMap::new());
    // `c.yaml` exports a team as well.
    let lines = outcome.verdicts.iter().map(|(_, v)| format!("{:?} {}", v.address, v.mfa.as_str()));
    let lines: Vec<String> = lines.collect();
    assert_eq!(outcome.units.len(), 1);
    assert!(lines.contains(&"Some(\"Bob\") enforced".to_owned()), "{lines:?}");
    assert!(lines.contains(&"Some(\"Alice\") unknown".to_owned()), "{lines:?}");
}

#[test]
fn what_the_cdk_names_goes_by_its_path() {
    let template = r#"{"Resources": {"Ann0A1B": {
      "Type": "AWS::IAM::User",
      "Properties": {"ManagedPolicyArns": ["arn:aws:iam::aws:policy/AdministratorAccess"]},
      "Metadata": {"aws:cdk:path": "Main/Ann/Resource"}}}}"#;
    let fs = MemFs::new().with("cdk.out/assembly-Main/Main.template.json", template);
    let request = scan::Request::new(vec![PathBuf::from(".")], Arc::new(fs));
    let outcome = scan::check(&request, &SourceMap::new());
    let [(_, finding)] = outcome.findings.as_slice() else { panic!("{:?}", outcome.findings) };
    assert!(finding.message.starts_with("user `Main/Ann` has"), "{}", finding.message);
    // What other programs join by stays what CloudFormation calls it.
    assert_eq!(finding.subject, "Ann0A1B");
    assert_eq!(outcome.verdicts[0].1.name, None);
}

#[test]
fn a_role_that_the_serverless_model_makes_is_a_role_of_a_service() {
    let template = "
Transform: AWS::Serverless-2016-10-31
Resources:
  Run: {Type: AWS::Serverless::Function, Properties: {Policies: [AdministratorAccess]}}
  Open:
    Type: AWS::Serverless::Function
    Properties:
      Policies: [AdministratorAccess]
      AssumeRolePolicyDocument:
        Statement: {Effect: Allow, Action: 'sts:AssumeRole', Principal: {AWS: !Ref 'AWS::AccountId'}}
";
    assert_eq!(
        principals(&[("template.yaml", template)]),
        ["template.yaml RunRole not-applicable", "template.yaml OpenRole not-enforced"]
    );
}

#[test]
fn a_password_in_a_template_inside_a_template_is_in_no_report() {
    let template = "
Resources:
  Set:
    Type: AWS::CloudFormation::StackSet
    Properties:
      TemplateBody: |
        Resources:
          U: {Type: AWS::IAM::User, Properties: {LoginProfile: {Password: canary}}}
";
    let request =
        scan::Request::new(vec![PathBuf::from(".")], Arc::new(MemFs::new().with("set.yaml", template)));
    let sources = SourceMap::new();
    let outcome = scan::check(&request, &sources);
    let (_, finding) = outcome.findings.iter().find(|(_, f)| f.rule.code == "MFA107").unwrap();
    let at = sources.locate(finding.span).unwrap();
    assert_eq!(&*at.path, "set.yaml");
    let source = sources.get(sources.shown_as(finding.span).source).unwrap();
    for line in at.line..=at.end_line {
        assert!(!source.shown_text(source.line_range(line)).contains("canary"));
    }
}

#[test]
fn the_instances_of_a_stack_set_are_in_other_accounts() {
    let template = "
Resources:
  Gate:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      Groups: [staff]
      PolicyDocument: {Statement: {Effect: Deny, Action: '*', Resource: '*',
        Condition: {BoolIfExists: {aws:MultiFactorAuthPresent: false}}}}
  Ann: {Type: AWS::IAM::User, Properties: {ManagedPolicyArns: [!Ref Gate, arn:aws:iam::aws:policy/PowerUserAccess]}}
  Door:
    Type: AWS::IAM::Role
    Properties:
      RoleName: door
      ManagedPolicyArns: [arn:aws:iam::aws:policy/AdministratorAccess]
      AssumeRolePolicyDocument: {Statement: {Effect: Allow, Action: 'sts:AssumeRole', Principal: {AWS: !Ref AWS::AccountId}}}
  Set:
    Type: AWS::CloudFormation::StackSet
    Properties:
      Parameters:
        - {ParameterKey: Gate, ParameterValue: !Ref Gate}
        - {ParameterKey: Trusted, ParameterValue: !Ref AWS::AccountId}
      TemplateBody: |
        Parameters: {Gate: {Type: String}, Trusted: {Type: String}}
        Resources:
          Staff:
            Type: AWS::IAM::Group
            Properties: {GroupName: staff, ManagedPolicyArns: [arn:aws:iam::aws:policy/PowerUserAccess]}
          Bob: {Type: AWS::IAM::User, Properties: {Groups: [!Ref Staff]}}
          Carol: {Type: AWS::IAM::User, Properties: {Groups: [!Ref Staff], ManagedPolicyArns: [!Ref Gate]}}
          Admin:
            Type: AWS::IAM::Role
            Properties:
              RoleName: admin
              ManagedPolicyArns: [arn:aws:iam::aws:policy/AdministratorAccess]
              AssumeRolePolicyDocument: {Statement: {Effect: Allow, Action: 'sts:AssumeRole', Principal: {AWS: !Ref Trusted}}}
        Outputs:
          Gate: {Value: !Ref Staff, Export: {Name: team}}
";
    let importing = "Resources: {Zoe: {Type: AWS::IAM::User, Properties: {Groups: [!ImportValue team]}}}";
    assert_eq!(
        principals(&[("a.yaml", template), ("b.yaml", importing)]),
        [
            "a.yaml Set/Staff not-enforced",
            "a.yaml Set/Bob not-enforced",
            // A policy of another account cannot be attached; nobody knows what stands there.
            "a.yaml Set/Carol unknown",
            "a.yaml Set/Admin not-enforced",
            "a.yaml Ann enforced",
            "a.yaml Door not-enforced",
            // The group `staff` of the template's own account, which is declared elsewhere.
            "a.yaml - enforced",
            "b.yaml Zoe unknown",
        ]
    );
}

#[test]
fn a_key_that_is_known_in_part_says_what_it_says() {
    let template = r#"
Parameters: {Issuer: {Type: String}, Tag: {Type: String}}
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      ManagedPolicyArns: [arn:aws:iam::aws:policy/AdministratorAccess]
      AssumeRolePolicyDocument: !Sub |
        {"Statement": [
          {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": "arn:aws:iam::111122223333:root"},
           "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}, "StringEquals": {"aws:PrincipalTag/${Tag}": "x"}}},
          {"Effect": "Allow", "Action": "sts:AssumeRoleWithWebIdentity", "Principal": {"Federated": "${Issuer}"},
           "Condition": {"StringEquals": {"${Issuer}:aud": "sts.amazonaws.com"}}}]}
  Tagged:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument: !Sub |
        {"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*",
         "Condition": {"StringEquals": {"aws:ResourceTag/${Tag}": "x"}}}}
  Gate:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument: !Sub |
        {"Statement": {"Effect": "Deny", "Action": "*", "Resource": "*",
         "Condition": {"Bool": {"${Tag}": "false"}}}}
  Ann: {Type: AWS::IAM::User, Properties: {ManagedPolicyArns: [!Ref Tagged]}}
  Bob: {Type: AWS::IAM::User, Properties: {ManagedPolicyArns: [!Ref Tagged, !Ref Gate]}}
"#;
    assert_eq!(
        principals(&[("a.yaml", template)]),
        ["a.yaml Role enforced", "a.yaml Ann not-enforced", "a.yaml Bob unknown"]
    );
}

/// What a mapping holds under a key that is not known: the same for the same key, and only for that.
#[test]
fn a_key_of_a_mapping_that_is_not_known_is_one_question() {
    let ann = |effect: &str, flag: &str| {
        format!(
            "
Parameters: {{Env: {{Type: String}}}}
Mappings:
  Of:
    dev-a: {{Effect: Deny, Flag: 'false'}}
    dev-b: {{Effect: Allow, Flag: 'true'}}
Resources:
  Ann:
    Type: AWS::IAM::User
    Properties:
      Policies:
        - PolicyName: own
          PolicyDocument:
            Statement:
              Effect: !FindInMap [Of, {effect}, Effect]
              Action: '*'
              Resource: '*'
              Condition: {{BoolIfExists: {{aws:MultiFactorAuthPresent: !FindInMap [Of, {flag}, Flag]}}}}
"
        )
    };
    let one = |effect: &str, flag: &str| principals(&[("a.yaml", &ann(effect, flag))]);
    assert_eq!(one("!Ref Env", "!Ref Env"), ["a.yaml Ann enforced"]);
    assert_eq!(one("!Sub '${Env}-a'", "!Sub '${Env}-a'"), ["a.yaml Ann enforced"]);
    assert_eq!(one("!Sub '${Env}-a'", "!Sub '${Env}-b'"), ["a.yaml Ann unknown"]);
}

/// A gate holds whatever is attached beside it; of all others nobody knows what a file that is not here gives them.
#[test]
fn what_is_included_from_elsewhere_settles_nothing() {
    let resources = |more: &str| {
        let admin = "arn:aws:iam::aws:policy/AdministratorAccess";
        format!(
            "
Resources:
  {more}
  Gated: {{Type: AWS::IAM::User, Properties: {{ManagedPolicyArns: [{admin}, !Ref Mfa]}}}}
  Admin: {{Type: AWS::IAM::User, Properties: {{ManagedPolicyArns: [{admin}]}}}}
  Mfa:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument:
        Statement: {{Effect: Deny, Action: '*', Resource: '*', Condition: {{BoolIfExists: {{aws:MultiFactorAuthPresent: false}}}}}}
"
        )
    };
    let include = |location: &str| format!("{{Name: AWS::Include, Parameters: {{Location: '{location}'}}}}");
    let at_the_top = |location: &str| format!("Transform: {}{}", include(location), resources(""));
    let among = |location: &str| resources(&format!("Fn::Transform: {}", include(location)));
    let part = "Resources: {More: {Type: AWS::IAM::UserToGroupAddition, Properties: {GroupName: {Ref: G}, Users: [{Ref: Admin}]}}, G: {Type: AWS::IAM::Group, Properties: {ManagedPolicyArns: [{Ref: Mfa}]}}}";
    for template in [at_the_top("s3://bucket/part.yaml"), among("s3://bucket/part.yaml")] {
        assert_eq!(principals(&[("t.yaml", &template)]), ["t.yaml Gated enforced", "t.yaml Admin unknown"]);
    }
    let all = principals(&[("t.yaml", &at_the_top("part.yaml")), ("part.yaml", part)]);
    assert_eq!(all, ["t.yaml Gated enforced", "t.yaml Admin enforced", "t.yaml G enforced"]);
    let nothing = principals(&[("t.yaml", &resources(""))]);
    assert_eq!(nothing, ["t.yaml Gated enforced", "t.yaml Admin not-enforced"]);
}

/// A stack that is not here may give rights to those whom it is told of; the instances of a set are elsewhere.
#[test]
fn stacks_that_are_not_here_may_attach_to_whom_they_are_told() {
    let template = |kind: &str, parameters: &str| {
        format!(
            "
Resources:
  More: {{Type: AWS::CloudFormation::{kind}, Properties: {{TemplateURL: 'https://bucket/t.yaml', Parameters: {parameters}}}}}
  Told: {{Type: AWS::IAM::User, Properties: {{ManagedPolicyArns: [arn:aws:iam::aws:policy/AdministratorAccess]}}}}
  Other: {{Type: AWS::IAM::User, Properties: {{ManagedPolicyArns: [arn:aws:iam::aws:policy/AdministratorAccess]}}}}
"
        )
    };
    let of = |kind: &str, parameters: &str| principals(&[("t.yaml", &template(kind, parameters))]);
    assert_eq!(of("Stack", "{Who: !Ref Told}"), ["t.yaml Told unknown", "t.yaml Other not-enforced"]);
    assert_eq!(of("Stack", "{Who: nobody}"), ["t.yaml Told not-enforced", "t.yaml Other not-enforced"]);
    let set = of("StackSet", "[{ParameterKey: Who, ParameterValue: !Ref Told}]");
    assert_eq!(set, ["t.yaml Told not-enforced", "t.yaml Other not-enforced"]);
}

/// What a loop makes beyond what is known of it may be anything that its body says.
#[test]
fn loops_that_are_not_followed_settle_nothing() {
    let deny = "Effect: Deny, NotAction: 'iam:EnableMFADevice', Resource: '*'";
    let gate = format!(
        "PolicyDocument: {{Version: 2012-10-17, Statement: {{{deny}, Condition: {{BoolIfExists: {{aws:MultiFactorAuthPresent: false}}}}}}}}"
    );
    let of = |resources: &str, user: &str| {
        let text = format!(
            "
Transform: AWS::LanguageExtensions
Parameters: {{L: {{Type: CommaDelimitedList}}, P: {{Type: String}}}}
Resources:
  {resources}
  U: {{Type: AWS::IAM::User, Properties: {{UserName: u, ManagedPolicyArns: [arn:aws:iam::aws:policy/AdministratorAccess]{user}}}}}
"
        );
        let mut all = principals(&[("t.yaml", &text)]);
        all.retain(|line| line.contains(" U "));
        all
    };
    let looped = |over: &str, kind: &str, properties: &str| {
        format!(
            "'Fn::ForEach::M': [N, {over}, {{'M${{N}}': {{Type: '{kind}', Properties: {{{properties}}}}}}}]"
        )
    };
    let policy = |over: &str| {
        looped(over, "AWS::IAM::UserPolicy", &format!("UserName: '${{N}}', PolicyName: g, {gate}"))
    };
    assert_eq!(of(&policy("!Ref L"), ""), ["t.yaml U unknown"]);
    assert_eq!(of(&policy("[x, !Ref P]"), ""), ["t.yaml U unknown"]);
    assert_eq!(of(&policy("[u, !Ref P]"), ""), ["t.yaml U enforced"]);
    for (kind, properties, u) in [
        ("AWS::SQS::Queue", "", "not-enforced"),
        ("AWS::IAM::User", "", "not-enforced"),
        ("AWS::IAM::ManagedPolicy", &*gate, "not-enforced"),
        ("AWS::IAM::ManagedPolicy", &*format!("Users: ['${{N}}'], {gate}"), "unknown"),
        ("AWS::IAM::${N}", "", "unknown"),
    ] {
        let all = of(&looped("!Ref L", kind, properties), "");
        assert_eq!(all, [format!("t.yaml U {u}")], "{kind} {properties}");
    }
    let more =
        |of: &str| format!("'Fn::ForEach::C': [N, {of}, {{'${{N}}': {{'aws:SourceIp': 10.0.0.0/8}}}}]");
    let denied = |of: &str| {
        let test = format!("BoolIfExists: {{'aws:MultiFactorAuthPresent': false}}, {}", more(of));
        format!(
            ", Policies: [{{PolicyName: g, PolicyDocument: {{Version: 2012-10-17, Statement: {{{deny}, Condition: {{{test}}}}}}}}}]"
        )
    };
    assert_eq!(of("Q: {Type: 'AWS::SQS::Queue'}", &denied("[]")), ["t.yaml U enforced"]);
    assert_eq!(of("Q: {Type: 'AWS::SQS::Queue'}", &denied("[IpAddress]")), ["t.yaml U partial"]);
    assert_eq!(of("Q: {Type: 'AWS::SQS::Queue'}", &denied("!Ref L")), ["t.yaml U unknown"]);
    let properties = format!(", 'Fn::ForEach::P': [N, !Ref L, {{'${{N}}': [{{PolicyName: g, {gate}}}]}}]");
    assert_eq!(of("Q: {Type: 'AWS::SQS::Queue'}", &properties), ["t.yaml U unknown"]);
}
