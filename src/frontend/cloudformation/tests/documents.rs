//! Policy documents: their structure, and where every part of them is written.

use super::*;

fn document(run: &Run) -> Value {
    run.facts()
        .iter()
        .find_map(|f| match &f.what {
            What::ManagedPolicy { document, .. } => Some(document.clone()),
            _ => None,
        })
        .unwrap()
}

fn policy(sections: &str, document: &str) -> Run {
    Run::of(&format!(
        "{sections}Resources:\n  P:\n    Type: AWS::IAM::ManagedPolicy\n    Properties:\n      PolicyDocument:{document}\n"
    ))
}

#[test]
fn scalars_keep_their_text() {
    let table = [
        ("2012-10-17", "2012-10-17"),
        ("\"2012-10-17\"", "2012-10-17"),
        ("true", "true"),
        ("False", "false"),
        ("no", "false"),
        ("\"no\"", "no"),
        ("!!str no", "no"),
        ("0012", "0012"),
        ("1e3", "1e3"),
        ("'it''s'", "it's"),
        ("\"a\\u0041\\n\"", "aA\n"),
        ("'*' # comment", "*"),
        ("y", "y"),
    ];
    for (written, text) in table {
        let run = policy("", &format!("\n        Version: {written}"));
        assert_eq!(document(&run).get("Version").unwrap().as_str(), Some(text), "{written}");
    }
}

#[test]
fn anchors_aliases_and_merge_keys() {
    let run = policy(
        "X: &base {Effect: Deny, Sid: a}\nY: &more {Sid: b, Action: '*'}\n",
        "\n        Statement:\n          - <<: *base\n            Sid: own\n          - <<: [*base, *more]\n          - *more",
    );
    assert_eq!(
        show(document(&run).get("Statement").unwrap()),
        "[{Effect: Deny, Sid: own}, {Action: *, Effect: Deny, Sid: a}, {Action: *, Sid: b}]"
    );
}

#[test]
fn the_last_of_duplicate_keys_counts() {
    let run = policy("", " {Version: a, Version: b}");
    assert_eq!(show(&document(&run)), "{Version: b}");
    let (code, level, message) = run.problems()[0];
    assert_eq!((code, level), (Code::BadBlock, Level::Warning));
    assert!(message.starts_with("`Version` is declared twice"), "{message}");
}

#[test]
fn no_value_takes_parts_away_in_every_world() {
    let run = policy(
        "Parameters: {P: {Type: String}}\nConditions: {C: !Equals [!Ref P, x]}\n",
        "\n        Statement:\n          - {Effect: Allow, Condition: !If [C, {Bool: {k: 'true'}}, !Ref 'AWS::NoValue']}\n          - !If [C, !Ref 'AWS::NoValue', {Effect: Deny}]\n          - !Ref AWS::NoValue",
    );
    let worlds: Vec<String> = document(&run).alternatives().iter().map(|(_, v)| show(v)).collect();
    assert_eq!(
        worlds,
        [
            "{Statement: [{Condition: {Bool: {k: true}}, Effect: Allow}]}",
            "{Statement: [{Effect: Allow}, {Effect: Deny}]}",
        ]
    );
}

#[test]
fn keys_and_values_have_places() {
    let run = policy(
        "",
        "\n        Statement:\n        - Action: [ 'iam:*' , \"sts:*\" ]\n          Resource: !Sub 'arn:${AWS::Partition}:x'",
    );
    let document = document(&run);
    let statement = &document.get("Statement").unwrap().as_list().unwrap()[0];
    let action = statement.get("Action").unwrap();
    let items = action.as_list().unwrap();
    assert_eq!(run.place(statement.as_map().unwrap()["Action"].key_span), "7:11-7:17");
    assert_eq!(run.place(action.span), "7:19-7:40");
    assert_eq!(run.place(items[0].span), "7:21-7:28");
    assert_eq!(run.place(items[1].span), "7:31-7:38");
    assert_eq!(run.place(statement.get("Resource").unwrap().span), "8:21-8:51");
    assert_eq!(run.place(statement.span), "7:11-8:51");
}

/// What stands in the source where the map of a text value says that `needle`, which the source has once, stands.
fn written_at(run: &Run, needle: &str) -> String {
    let value = document(run);
    let Kind::String(text) = &value.kind else { panic!("{value:?}") };
    let at = text.visible().find(needle).unwrap();
    run.sources.slice(text.span_of(at, at + needle.len()).unwrap())
}

#[test]
fn json_inside_text_has_exact_places() {
    let table = [
        // literal block, with and without a comment after its indicator
        " |\n        {\n          \"Action\": \"iam:*\"\n        }",
        " |- # why\n        {\n          \"Action\": \"iam:*\"\n        }",
        // folded block, plain over lines, quoted over lines
        " >-\n        {\"Effect\": \"Deny\",\n        \"Action\": \"iam:*\"}",
        " '{\"Effect\": \"Deny\",\n        \"Action\": \"iam:*\"}'",
        // escapes
        " \"{\\\"Action\\\": \\\"iam:*\\\"}\"",
        " '{\"Sid\": \"it''s\", \"Action\": \"iam:*\"}'",
        // through a substitution
        " !Sub |\n        {\"Resource\": \"${AWS::Region}\", \"Action\": \"iam:*\"}",
        " !Sub '{\"Resource\": \"${!aws:x}${AWS::Region}\", \"Action\": \"iam:*\"}'",
        " !Sub ['{\"Resource\": \"${A}é\", \"Action\": \"iam:*\"}', {A: b}]",
        " !Join ['', ['{\"Resource\": \"é', !Ref 'AWS::Region', '\", \"Action\": \"iam:*\"}']]",
        // with a hole
        " '{\"Resource\": \"{{resolve:ssm:x}}\", \"Action\": \"iam:*\"}'",
    ];
    for written in table {
        for written in [written.to_owned(), written.replace('\n', "\r\n")] {
            assert_eq!(written_at(&policy("", &written), "iam:*"), "iam:*", "{written:?}");
        }
    }
    let json = "{\"Resources\": {\"P\": {\"Type\": \"AWS::IAM::ManagedPolicy\", \"Properties\": {\"PolicyDocument\": \"{\\\"Action\\\": \\\"\\u0069am:*\\\"}\"}}}}";
    assert_eq!(written_at(&Run::of(json), "am:*"), "am:*");
}

#[test]
fn indentation_that_is_text_does_not_shift_places() {
    let run = policy("", " |\n        {\n\n          \"Action\":\n             \"iam:*\"}");
    assert_eq!(written_at(&run, "iam:*"), "iam:*");
    assert_eq!(written_at(&run, "  \"Action\""), "  \"Action\"");
    assert_eq!(written_at(&run, "   \"iam"), "   \"iam");
}
