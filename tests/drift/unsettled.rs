//! What the code does not settle, and what the account did not tell, is never taken for a difference.

use serde_json::json;

use crate::scenarios::check;
use crate::world::{ACCOUNT, World, aws, document, gate, user};

#[test]
fn names_and_numbers() {
    check(&[
        (
            "a name without value",
            |w| {
                w.add("variable \"who\" {}\nresource \"aws_iam_user\" \"x\" {\n  name = var.who\n}\n");
            },
            &["MFA399 user aws_iam_user.x"],
        ),
        (
            "a name without value may be anybody's",
            |w| {
                w.add("variable \"who\" {}\nresource \"aws_iam_user\" \"x\" {\n  name = var.who\n}\n");
                w.has("user", user("dave"));
            },
            &["MFA302? user dave", "MFA399 user aws_iam_user.x"],
        ),
        (
            "but not of another beginning",
            |w| {
                w.add("variable \"who\" {}\nresource \"aws_iam_user\" \"x\" {\n  name = \"svc-${var.who}\"\n}\n");
                w.has("user", user("dave")).has("user", user("svc-a"));
            },
            &["MFA302 user dave", "MFA302? user svc-a", "MFA399 user aws_iam_user.x"],
        ),
        (
            "nor of another kind",
            |w| {
                w.add("resource \"aws_iam_role\" \"x\" {\n  name_prefix = \"x\"\n  assume_role_policy = \"{}\"\n}\n");
                w.has("user", user("dave"));
            },
            &["MFA302 user dave", "MFA399 role aws_iam_role.x"],
        ),
        (
            "a count without value",
            |w| {
                w.add("variable \"n\" {}\nresource \"aws_iam_user\" \"x\" {\n  count = var.n\n  name = \"svc-${count.index}\"\n}\n");
                w.has("user", user("svc-0"));
            },
            &["MFA302? user svc-0", "MFA399 user aws_iam_user.x"],
        ),
        (
            "perhaps there, and not there",
            |w| {
                w.add("variable \"make\" {\n  type = bool\n}\nresource \"aws_iam_user\" \"x\" {\n  count = var.make ? 1 : 0\n  name = \"dave\"\n}\n");
            },
            &["MFA399 user dave"],
        ),
        (
            "perhaps there, and there",
            |w| {
                w.add("variable \"make\" {\n  type = bool\n}\nresource \"aws_iam_user\" \"x\" {\n  count = var.make ? 1 : 0\n  name = \"dave\"\n}\n");
                w.has("user", user("dave"));
            },
            &[],
        ),
        (
            "a device",
            |w| {
                w.add("variable \"who\" {}\nresource \"aws_iam_virtual_mfa_device\" \"d\" {\n  virtual_mfa_device_name = var.who\n}\n");
                w.devices = Some(json!({"VirtualMFADevices": []}));
            },
            &["MFA399 device aws_iam_virtual_mfa_device.d"],
        ),
    ]);
}

/// A stack set may be deployed to this account, or not.
#[test]
fn stack_sets() {
    const SET: &str = "Resources:\n  Set:\n    Type: AWS::CloudFormation::StackSet\n    Properties:\n      TemplateBody: |\n        Resources:\n          U: {Type: AWS::IAM::User, Properties: {UserName: dave}}\n";
    check(&[
        (
            "deployed here",
            |w| {
                w.template = SET.into();
                w.has("user", user("dave"));
            },
            &[],
        ),
        ("not deployed here", |w| w.template = SET.into(), &["MFA399 user dave"]),
    ]);
}

#[test]
fn rights() {
    const OPEN: &str = "variable \"arn\" {}\nresource \"aws_iam_user_policy_attachment\" \"c\" {\n  user = \"carol\"\n  policy_arn = var.arn\n}\n";
    check(&[
        (
            "a policy without value",
            |w| {
                w.add(OPEN);
            },
            &["MFA399 user carol"],
        ),
        (
            "a policy without value may be any",
            |w| {
                w.add(OPEN).attach("user", "carol", aws("ReadOnlyAccess"));
            },
            &["MFA305? user carol", "MFA399 user carol"],
        ),
        (
            "a group without value may be any",
            |w| {
                w.add("variable \"g\" {}\nresource \"aws_iam_user_group_membership\" \"c\" {\n  user = \"carol\"\n  groups = [var.g]\n}\n");
                w.groups("carol", &["staff"]);
            },
            &["MFA305? user carol", "MFA399 user carol"],
        ),
        (
            "an attachment that may be",
            |w| {
                w.add("variable \"on\" {\n  type = bool\n}\nresource \"aws_iam_user_policy_attachment\" \"c\" {\n  count = var.on ? 1 : 0\n  user = \"carol\"\n  policy_arn = \"arn:aws:iam::aws:policy/ReadOnlyAccess\"\n}\n");
            },
            &[],
        ),
        (
            "a part of a document that fits",
            |w| {
                w.edit("arn:aws:s3:::logs/*", "arn:aws:s3:::${var.bucket}/*").add("variable \"bucket\" {}\n");
            },
            &[],
        ),
        (
            "a part of a document that does not fit",
            |w| {
                w.edit("arn:aws:s3:::logs/*", "arn:aws:s3:::${var.bucket}/x/*")
                    .add("variable \"bucket\" {}\n");
            },
            &["MFA399 user bob"],
        ),
        (
            "a document without value",
            |w| {
                w.add("variable \"doc\" {}\nresource \"aws_iam_user_policy\" \"c\" {\n  name = \"own\"\n  user = \"carol\"\n  policy = var.doc\n}\n");
                w.embed(
                    "user",
                    "carol",
                    "own",
                    json!({"Effect": "Allow", "Action": "s3:*", "Resource": "*"}),
                );
            },
            &["MFA399 user carol"],
        ),
        (
            "a policy whose name AWS chooses",
            |w| {
                w.edit("name = \"gate\"", "name_prefix = \"gate-\"");
            },
            &["MFA399 group staff"],
        ),
        (
            "a policy whose name AWS chooses, and one is there that means something else",
            |w| {
                w.edit("name = \"gate\"", "name_prefix = \"gate-\"");
                let mut other = gate();
                other["NotAction"] = json!("iam:EnableMFADevice");
                w.means("gate", &document(other));
            },
            &["MFA305? group staff", "MFA399 group staff"],
        ),
        (
            "a policy whose name AWS chooses, and none is there",
            |w| {
                w.edit("name = \"gate\"", "name_prefix = \"gate-\"").detach("group", "staff", "gate");
            },
            &["MFA306 group staff"],
        ),
        (
            "the number of the account",
            |w| {
                w.edit("{ AWS = \"arn:aws:iam::111122223333:root\" }",
                   "{ AWS = \"arn:${data.aws_partition.p.partition}:iam::${data.aws_caller_identity.me.account_id}:root\" }");
                w.add("data \"aws_caller_identity\" \"me\" {}\ndata \"aws_partition\" \"p\" {}\n");
            },
            &[],
        ),
    ]);
}

#[test]
fn what_was_not_read() {
    check(&[
        (
            "no policies",
            |w| {
                w.with_details = false;
                w.row("carol", "true", "true");
            },
            &["MFA301 user carol"],
        ),
        (
            "no passwords",
            |w| {
                w.report = false;
                w.detach("group", "staff", "gate");
            },
            &["MFA306 group staff"],
        ),
        (
            "a password that the report does not know",
            |w| {
                w.row("carol", "N/A", "false").row("alice", "N/A", "N/A");
            },
            &[],
        ),
        (
            "a list that is none",
            |w| {
                w.of("group", "staff")["AttachedManagedPolicies"] = json!("?");
                w.of("user", "bob")["GroupList"] = json!("?");
            },
            &["MFA399 group staff", "MFA399 user bob"],
        ),
        (
            "no roles",
            |w| {
                w.details.as_object_mut().unwrap().remove("RoleDetailList");
            },
            &[],
        ),
        (
            "no groups",
            |w| {
                w.details.as_object_mut().unwrap().remove("GroupDetailList");
            },
            &[],
        ),
        (
            "no documents",
            |w| {
                w.details["Policies"] = json!([]);
            },
            &["MFA399 group staff", "MFA399 user bob"],
        ),
        (
            "a trust policy",
            |w| {
                w.of("role", "deploy")["AssumeRolePolicyDocument"] = json!(null);
            },
            &["MFA399 role deploy"],
        ),
        (
            "a page is missing",
            |w| {
                w.details["IsTruncated"] = json!(true);
                w.lacks("role", "deploy").lacks("user", "bob");
            },
            &["MFA303 user bob"],
        ),
    ]);
}

#[test]
fn what_code_only_refers_to() {
    const ZOE: &str =
        "resource \"aws_iam_user_group_membership\" \"z\" {\n  user = \"zoe\"\n  groups = [\"staff\"]\n}\n";
    check(&[
        (
            "is there",
            |w| {
                w.add(ZOE)
                    .has("user", user("zoe"))
                    .groups("zoe", &["staff", "admins"])
                    .row("zoe", "false", "false");
            },
            &[],
        ),
        (
            "has a password",
            |w| {
                w.add(ZOE).has("user", user("zoe")).groups("zoe", &["staff"]).row("zoe", "true", "true");
            },
            &["MFA301? user zoe"],
        ),
        (
            "lacks what code gives it",
            |w| {
                w.add(ZOE).has("user", user("zoe"));
            },
            &["MFA306 user zoe"],
        ),
        (
            "is not there",
            |w| {
                w.add(ZOE);
            },
            &["MFA303 user zoe"],
        ),
    ]);
}

#[test]
fn what_could_not_be_compared_is_said() {
    let said = |edit: fn(&mut World)| {
        let mut world = World::new();
        edit(&mut world);
        let all = world.drift().diagnostics;
        all.into_iter().map(|d| format!("{} {}", d.code.as_str(), d.message)).collect::<Vec<_>>().join("\n")
    };
    assert_eq!(said(|_| ()), "");
    for (edit, want) in [
        (
            (|w| w.with_details = false) as fn(&mut World),
            "E025 the authorization details of account 111122223333",
        ),
        (
            |w| {
                w.details.as_object_mut().unwrap().remove("RoleDetailList");
            },
            "E025 no list of roles of account 111122223333 was read",
        ),
        (|w| w.report = false, "E025 whether 3 users of account 111122223333 have a password was not read"),
        (
            |w| {
                w.add(
                    "resource \"aws_iam_virtual_mfa_device\" \"d\" {\n  virtual_mfa_device_name = \"d\"\n}\n",
                );
            },
            "E025 the virtual devices of account 111122223333 were not read",
        ),
        (
            |w| {
                w.add("resource \"aws_iam_user_policy_attachment\" \"c\" {\n  user = \"carol\"\n  policy_arn = \"arn:aws:iam::444455556666:policy/x\"\n}\n");
            },
            "E025 `aws_iam_user_policy_attachment.c` names a policy of account 444455556666, but the account is 111122223333",
        ),
        (
            |w| {
                let kind = mfaguard::iam::facts::PrincipalKind::Role;
                w.elsewhere = vec![mfaguard::drift::Elsewhere {
                    who: mfaguard::iam::pattern::PrincipalPattern { kind, name: "z*".into() },
                    reason: "x".into(),
                }];
            },
            "E025 `[[managed-elsewhere]]` with the name `z*` meets no role",
        ),
        (
            |w| w.meta["denied"] = json!(["iam:ListVirtualMFADevices"]),
            "E022 `iam:ListVirtualMFADevices` was not permitted",
        ),
    ] {
        let said = said(edit);
        assert!(said.contains(want), "{want}\n{said}");
    }
}

#[test]
fn messages_say_what_opened_and_where() {
    let mut world = World::new();
    let mut loose = gate();
    loose["NotAction"] =
        json!(["iam:CreateVirtualMFADevice", "iam:EnableMFADevice", "iam:AttachUserPolicy", "s3:GetObject"]);
    world.means("gate", &document(loose));
    world
        .has("user", user("dave"))
        .attach("user", "dave", aws("AdministratorAccess"))
        .row("dave", "true", "false");
    world.meta =
        json!({"account": ACCOUNT, "times": {"account_authorization_details": "2026-11-22T08:00:00Z"}});
    let outcome = world.drift();
    let messages: Vec<&str> = outcome.findings.iter().map(|(_, f)| f.message.as_str()).collect();
    assert_eq!(
        messages,
        [
            "no code declares user `dave`; it has a console password, and no MFA device; it is an administrator \
             (credential-report)",
            "policy `gate` means something else: 2 actions opened (`iam:AttachUserPolicy`, `s3:GetObject`), also without \
             MFA; it concerns group `staff`, user `alice` and user `bob` (authorization-details of 2026-11-22T08:00:00Z)",
        ]
    );
    let severities: Vec<&str> = outcome.findings.iter().map(|(_, f)| f.severity.as_str()).collect();
    assert_eq!(severities, ["critical", "high"]);
    let without: Vec<String> =
        outcome.changes.iter().flat_map(|c| &c.without_mfa).map(|w| w.subject()).collect();
    assert_eq!(without, ["user dave", "user alice"]);
}
