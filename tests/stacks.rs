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
