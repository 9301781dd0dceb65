//! What differs, and what is told: each difference once, as the worst it leads to.

use mfaguard::drift::Elsewhere;
use mfaguard::iam::facts::PrincipalKind;
use mfaguard::iam::pattern::PrincipalPattern;
use serde_json::json;

use crate::world::{ACCOUNT, World, aws, document, gate, group, own, policy, role, trust, user};

type Edit = fn(&mut World);

/// What a scenario is called, what it changes, and what is told of it.
pub(crate) type Scenario = (&'static str, Edit, &'static [&'static str]);

pub(crate) fn check(scenarios: &[Scenario]) {
    let mut wrong = Vec::new();
    for (name, edit, want) in scenarios {
        let mut world = World::new();
        edit(&mut world);
        let told = world.told();
        if told != *want {
            wrong.push(format!("{name}: told {told:?}, not {want:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

const READERS: &str = r#"
resource "aws_iam_group" "readers" {
  name = "readers"
}
"#;

#[test]
fn principals_and_passwords() {
    check(&[
        ("nothing", |_| (), &[]),
        (
            "a password",
            |w| {
                w.row("carol", "true", "true");
            },
            &["MFA301 user carol"],
        ),
        (
            "a password without device",
            |w| {
                w.row("carol", "true", "false");
            },
            &["MFA301 user carol"],
        ),
        (
            "a user with a password",
            |w| {
                w.has("user", user("dave")).row("dave", "true", "true");
            },
            &["MFA301 user dave"],
        ),
        (
            "a user",
            |w| {
                w.has("user", user("dave")).row("dave", "false", "false");
            },
            &["MFA302 user dave"],
        ),
        (
            "an administrator without password",
            |w| {
                w.has("user", user("dave")).attach("user", "dave", aws("AdministratorAccess"));
            },
            &["MFA304 user dave"],
        ),
        (
            "an administrator with a password",
            |w| {
                w.has("user", user("dave")).attach("user", "dave", aws("AdministratorAccess"));
                w.row("dave", "true", "false");
            },
            &["MFA301 user dave"],
        ),
        (
            "a user is missing",
            |w| {
                w.lacks("user", "carol");
            },
            &["MFA303 user carol"],
        ),
        (
            "a user with a password is missing",
            |w| {
                w.lacks("user", "alice");
            },
            &["MFA303 user alice"],
        ),
        (
            "a password is missing",
            |w| {
                w.row("alice", "false", "false");
            },
            &["MFA303 user alice"],
        ),
        (
            "a device is missing",
            |w| {
                w.row("alice", "true", "false");
            },
            &["MFA309 user alice"],
        ),
        (
            "names in other case",
            |w| {
                w.of("user", "carol")["UserName"] = json!("Carol");
                w.rows.retain(|r| r.0 != "carol");
                w.row("Carol", "false", "false");
            },
            &[],
        ),
        (
            "another path",
            |w| {
                w.edit("name = \"carol\"", "name = \"carol\"\n  path = \"/people/\"");
            },
            &["MFA303 user carol"],
        ),
        (
            "a path that no code speaks of",
            |w| {
                w.of("user", "carol")["Path"] = json!("/people/");
                w.of("user", "carol")["Arn"] = json!(format!("arn:aws:iam::{ACCOUNT}:user/people/carol"));
            },
            &[],
        ),
        (
            "a group",
            |w| {
                w.has("group", group("extra"));
            },
            &["MFA302 group extra"],
        ),
        (
            "a group is missing",
            |w| {
                w.lacks("group", "admins");
            },
            &["MFA303 group admins"],
        ),
        (
            "a role is missing",
            |w| {
                w.lacks("role", "deploy");
            },
            &["MFA303 role deploy"],
        ),
        (
            "a role",
            |w| {
                w.has("role", role("extra", "/", &trust(json!({"Service": "ec2.amazonaws.com"}))));
            },
            &["MFA302 role extra"],
        ),
        (
            "an administrator role",
            |w| {
                w.has("role", role("extra", "/", &trust(json!({"Service": "ec2.amazonaws.com"}))));
                w.attach("role", "extra", aws("AdministratorAccess"));
            },
            &["MFA304 role extra"],
        ),
        (
            "roles that AWS makes for itself",
            |w| {
                let service = trust(json!({"Service": "support.amazonaws.com"}));
                w.has(
                    "role",
                    role("AWSServiceRoleForSupport", "/aws-service-role/support.amazonaws.com/", &service),
                );
                w.has("role", role("AWSReservedSSO_Admin_1", "/aws-reserved/sso.amazonaws.com/", &service));
                w.attach("role", "AWSReservedSSO_Admin_1", aws("AdministratorAccess"));
            },
            &[],
        ),
    ]);
}

#[test]
fn memberships() {
    check(&[
        (
            "into the administrators",
            |w| {
                w.groups("carol", &["admins"]);
            },
            &["MFA304 user carol"],
        ),
        (
            "into an undeclared group of administrators",
            |w| {
                w.has("group", group("root")).attach("group", "root", aws("AdministratorAccess"));
                w.groups("carol", &["root"]);
            },
            &["MFA304 group root"],
        ),
        (
            "into an undeclared group without rights",
            |w| {
                w.has("group", group("extra")).groups("carol", &["extra"]);
            },
            &["MFA302 group extra"],
        ),
        (
            "into another group",
            |w| {
                w.add(READERS).has("group", group("readers")).groups("carol", &["readers"]);
            },
            &["MFA305 user carol"],
        ),
        (
            "out of the gate",
            |w| {
                w.groups("alice", &[]);
            },
            &["MFA306 user alice"],
        ),
        (
            "out of another group",
            |w| {
                w.add(READERS).has("group", group("readers"));
                w.add("resource \"aws_iam_user_group_membership\" \"carol\" {\n  user = \"carol\"\n  groups = [\"readers\"]\n}\n");
            },
            &["MFA305 user carol"],
        ),
        (
            "out of a group that lists its members",
            |w| {
                w.add(READERS).has("group", group("readers")).groups("alice", &["staff", "readers"]);
                w.add("resource \"aws_iam_group_membership\" \"readers\" {\n  name = \"r\"\n  group = \"readers\"\n  users = [\"alice\", aws_iam_user.carol.name]\n}\n");
            },
            &["MFA305 user carol"],
        ),
        (
            "the group with the gate is gone",
            |w| {
                w.lacks("group", "staff").groups("alice", &[]).groups("bob", &[]);
            },
            &["MFA306 group staff"],
        ),
    ]);
}

#[test]
fn attachments() {
    check(&[
        (
            "one more",
            |w| {
                w.attach("user", "carol", aws("ReadOnlyAccess"));
            },
            &["MFA305 user carol"],
        ),
        (
            "one more that makes an administrator",
            |w| {
                w.attach("user", "carol", aws("AdministratorAccess"));
            },
            &["MFA304 user carol"],
        ),
        (
            "one of a role less",
            |w| {
                w.detach("role", "deploy", "ReadOnlyAccess");
            },
            &["MFA305 role deploy"],
        ),
        (
            "one of a role more",
            |w| {
                w.attach("role", "deploy", aws("AmazonS3FullAccess"));
            },
            &["MFA305 role deploy"],
        ),
        (
            "one of a group less",
            |w| {
                w.detach("group", "staff", "PowerUserAccess");
            },
            &["MFA305 group staff"],
        ),
        (
            "an inline policy more",
            |w| {
                w.embed(
                    "user",
                    "carol",
                    "own",
                    json!({"Effect": "Allow", "Action": "s3:*", "Resource": "*"}),
                );
            },
            &["MFA305 user carol"],
        ),
        (
            "an inline policy less",
            |w| {
                w.of("user", "bob")["UserPolicyList"] = json!([]);
            },
            &["MFA305 user bob"],
        ),
        (
            "an inline policy that makes administrators",
            |w| {
                w.embed("group", "staff", "all", json!({"Effect": "Allow", "Action": "*", "Resource": "*"}));
            },
            &["MFA304 group staff"],
        ),
        (
            "one more than an exclusive list",
            |w| {
                w.add("resource \"aws_iam_user_policy_attachments_exclusive\" \"c\" {\n  user_name = \"carol\"\n  policy_arns = [\"arn:aws:iam::aws:policy/ReadOnlyAccess\"]\n}\n");
                w.attach("user", "carol", aws("ReadOnlyAccess")).attach(
                    "user",
                    "carol",
                    aws("IAMReadOnlyAccess"),
                );
            },
            &["MFA305 user carol"],
        ),
        (
            "one of several that a list names",
            |w| {
                w.add("resource \"aws_iam_policy_attachment\" \"many\" {\n  name = \"m\"\n  users = [\"carol\", \"bob\"]\n  roles = [\"deploy\"]\n  policy_arn = \"arn:aws:iam::aws:policy/IAMReadOnlyAccess\"\n}\n");
                w.attach("user", "carol", aws("IAMReadOnlyAccess"));
                w.attach("role", "deploy", aws("IAMReadOnlyAccess"));
            },
            &["MFA305 user bob"],
        ),
        (
            "a policy of the same name that is not AWS's",
            |w| {
                w.detach("role", "deploy", "ReadOnlyAccess").attach("role", "deploy", own("ReadOnlyAccess"));
            },
            &["MFA305 role deploy", "MFA305 role deploy"],
        ),
    ]);
}

#[test]
fn gates() {
    check(&[
        (
            "detached",
            |w| {
                w.detach("group", "staff", "gate");
            },
            &["MFA306 group staff"],
        ),
        (
            "detached from five users",
            |w| {
                for user in ["u1", "u2", "u3", "u4", "u5"] {
                    w.has("user", crate::world::user(user)).attach("user", user, aws("PowerUserAccess"));
                    w.add(&format!("resource \"aws_iam_user\" \"{user}\" {{\n  name = \"{user}\"\n}}\n"));
                    w.add(&format!("resource \"aws_iam_user_policy_attachment\" \"{user}\" {{\n  user = \"{user}\"\n  policy_arn = \"arn:aws:iam::aws:policy/PowerUserAccess\"\n}}\n"));
                }
                w.add("resource \"aws_iam_policy_attachment\" \"many\" {\n  name = \"m\"\n  users = [\"u1\", \"u2\", \"u3\", \"u4\", \"u5\"]\n  policy_arn = aws_iam_policy.gate.arn\n}\n");
            },
            &["MFA306 user u1", "MFA306 user u2", "MFA306 user u3", "MFA306 user u4", "MFA306 user u5"],
        ),
        (
            "detached where another one holds",
            |w| {
                w.add("resource \"aws_iam_user_policy_attachment\" \"c\" {\n  user = \"carol\"\n  policy_arn = aws_iam_policy.gate.arn\n}\n");
                w.add("resource \"aws_iam_user_policy\" \"c\" {\n  name = \"own-gate\"\n  user = \"carol\"\n  policy = aws_iam_policy.gate.policy\n}\n");
                w.attach("user", "carol", own("gate"));
            },
            &["MFA305 user carol"],
        ),
        (
            "leaves more open",
            |w| {
                let mut gate = gate();
                gate["NotAction"] = json!(["iam:CreateVirtualMFADevice", "iam:EnableMFADevice", "s3:*"]);
                w.means("gate", &document(gate));
            },
            &["MFA306 group staff"],
        ),
        (
            "leaves open what removes it",
            |w| {
                w.edit("policy/PowerUserAccess", "policy/IAMFullAccess");
                w.detach("group", "staff", "PowerUserAccess").attach("group", "staff", aws("IAMFullAccess"));
                let mut gate = gate();
                gate["NotAction"] = json!(["iam:EnableMFADevice", "iam:AttachUserPolicy"]);
                w.means("gate", &document(gate));
            },
            &["MFA306 group staff"],
        ),
        (
            "leaves more open to several groups",
            |w| {
                w.add("resource \"aws_iam_group_policy_attachment\" \"a\" {\n  group = \"admins\"\n  policy_arn = aws_iam_policy.gate.arn\n}\n");
                w.attach("group", "admins", own("gate"));
                let mut gate = gate();
                gate["NotAction"] =
                    json!(["iam:CreateVirtualMFADevice", "iam:EnableMFADevice", "ec2:DescribeInstances"]);
                w.means("gate", &document(gate));
            },
            &["MFA307 policy gate"],
        ),
        (
            "leaves something harmless open",
            |w| {
                let mut gate = gate();
                gate["NotAction"] =
                    json!(["iam:CreateVirtualMFADevice", "iam:EnableMFADevice", "iam:ListMFADevices"]);
                w.means("gate", &document(gate));
            },
            &["MFA307 policy gate"],
        ),
        (
            "leaves less open",
            |w| {
                let mut gate = gate();
                gate["NotAction"] = json!("iam:EnableMFADevice");
                w.means("gate", &document(gate));
            },
            &["MFA307 policy gate"],
        ),
        (
            "lets access keys escape",
            |w| {
                let mut gate = gate();
                gate["Condition"] = json!({"Bool": {"aws:MultiFactorAuthPresent": "false"}});
                w.means("gate", &document(gate));
            },
            &["MFA306 group staff"],
        ),
        (
            "has another default version",
            |w| {
                let mut changed = policy("gate", &document(gate()));
                changed["DefaultVersionId"] = json!("v2");
                changed["PolicyVersionList"][0]["IsDefaultVersion"] = json!(false);
                let allow = document(json!({"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "*"}));
                changed["PolicyVersionList"]
                    .as_array_mut()
                    .unwrap()
                    .push(json!({"VersionId": "v2", "IsDefaultVersion": true, "Document": allow}));
                *w.of("policy", "gate") = changed;
            },
            &["MFA306 group staff"],
        ),
        (
            "written in other words",
            |w| {
                w.means(
                    "gate",
                    &json!({"Version": "2012-10-17", "Id": "x", "Statement": {
                        "Sid": "Gate", "Effect": "Deny", "Resource": ["*"],
                        "NotAction": ["IAM:EnableMFADevice", "iam:CreateVirtualMFADevice"],
                        "Condition": {"StringNotEquals": {"AWS:multifactorauthpresent": ["true"]}},
                    }}),
                );
            },
            &[],
        ),
        (
            "split into two statements",
            |w| {
                let (mut one, mut two) = (gate(), gate());
                one["Condition"] = json!({"Bool": {"aws:MultiFactorAuthPresent": "false"}});
                two["Condition"] = json!({"Null": {"aws:MultiFactorAuthPresent": "true"}});
                w.means("gate", &json!({"Version": "2012-10-17", "Statement": [one, two]}));
            },
            &[],
        ),
        (
            "detached, and administrators made",
            |w| {
                w.detach("group", "staff", "gate").attach("group", "staff", aws("AdministratorAccess"));
            },
            &["MFA304 group staff", "MFA306 group staff"],
        ),
        (
            "a grant around an Allow that asks for MFA",
            |w| {
                let allow = r#"{ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "*", Resource = "*",
                Condition = { Bool = { "aws:MultiFactorAuthPresent" = "true" } } }] }"#;
                w.add(&format!("resource \"aws_iam_user_policy\" \"c\" {{\n  name = \"work\"\n  user = \"carol\"\n  policy = jsonencode({allow})\n}}\n"));
                w.embed(
                    "user",
                    "carol",
                    "work",
                    json!({"Effect": "Allow", "Action": "*", "Resource": "*",
                "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}),
                );
                w.attach("user", "carol", aws("PowerUserAccess"));
            },
            &["MFA306 user carol"],
        ),
    ]);
}

#[test]
fn policies() {
    check(&[
        (
            "allows more",
            |w| {
                bob_reads(
                    w,
                    json!({"Effect": "Allow", "Action": ["s3:GetObject", "s3:ListBucket", "s3:PutObject"],
                                "Resource": "arn:aws:s3:::logs/*"}),
                );
            },
            &["MFA307 user bob"],
        ),
        (
            "allows less",
            |w| {
                bob_reads(
                    w,
                    json!({"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::logs/*"}),
                );
            },
            &["MFA307 user bob"],
        ),
        (
            "on another resource",
            |w| {
                bob_reads(
                    w,
                    json!({"Effect": "Allow", "Action": ["s3:GetObject", "s3:ListBucket"],
                                "Resource": "arn:aws:s3:::log/*"}),
                );
            },
            &["MFA307 user bob"],
        ),
        (
            "on part of the resource",
            |w| {
                bob_reads(
                    w,
                    json!({"Effect": "Allow", "Action": ["s3:GetObject", "s3:ListBucket"],
                                "Resource": "arn:aws:s3:::logs/2026/*"}),
                );
            },
            &["MFA307 user bob"],
        ),
        (
            "from one address only",
            |w| {
                bob_reads(
                    w,
                    json!({"Effect": "Allow", "Action": ["s3:GetObject", "s3:ListBucket"],
                                "Resource": "arn:aws:s3:::logs/*",
                                "Condition": {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}}),
                );
            },
            &["MFA307 user bob"],
        ),
        (
            "in other words",
            |w| {
                bob_reads(
                    w,
                    json!({"Effect": "Allow", "Action": ["S3:ListBucket", "s3:GetObject", "s3:GetObject"],
                                "Resource": ["arn:aws:s3:::logs/*", "arn:aws:s3:::logs/2026/*"]}),
                );
            },
            &[],
        ),
        (
            "a condition that makes no difference",
            |w| {
                w.of("user", "bob")["UserPolicyList"] = json!([]);
                w.embed(
                    "user",
                    "bob",
                    "reads",
                    json!({"Effect": "Allow", "Action": ["s3:GetObject", "s3:ListBucket"],
                                                   "Resource": "arn:aws:s3:::logs/*"}),
                );
                let list = &mut w.of("user", "bob")["UserPolicyList"][0]["PolicyDocument"]["Statement"];
                list.as_array_mut().unwrap().push(json!({"Effect": "Allow", "Action": "s3:GetObject",
                "Resource": "arn:aws:s3:::logs/*", "Condition": {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}}));
            },
            &[],
        ),
        (
            "of a role, and makes it an administrator",
            |w| {
                w.add("resource \"aws_iam_role_policy_attachment\" \"cap\" {\n  role = \"deploy\"\n  policy_arn = aws_iam_policy.cap.arn\n}\n");
                w.attach("role", "deploy", own("cap"));
                w.of("user", "bob").as_object_mut().unwrap().remove("PermissionsBoundary");
                w.edit("  permissions_boundary = aws_iam_policy.cap.arn\n", "");
                w.means("cap", &document(json!({"Effect": "Allow", "Action": "*", "Resource": "*"})));
            },
            &["MFA304 role deploy"],
        ),
        (
            "of AWS, which changes its own",
            |w| {
                let read = json!({"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"});
                let mut of_aws = policy("ReadOnlyAccess", &document(read));
                of_aws["Arn"] = json!("arn:aws:iam::aws:policy/ReadOnlyAccess");
                w.has("policy", of_aws);
            },
            &[],
        ),
        (
            "its name in other case",
            |w| {
                w.of("policy", "gate")["PolicyName"] = json!("Gate");
                w.of("policy", "Gate")["Arn"] = json!(format!("arn:aws:iam::{ACCOUNT}:policy/Gate"));
                w.detach("group", "staff", "gate").attach("group", "staff", own("Gate"));
            },
            &[],
        ),
    ]);
}

fn bob_reads(world: &mut World, statement: serde_json::Value) {
    world.of("user", "bob")["UserPolicyList"] = json!([]);
    world.embed("user", "bob", "reads", statement);
}

#[test]
fn boundaries() {
    check(&[
        (
            "missing",
            |w| {
                w.of("user", "bob").as_object_mut().unwrap().remove("PermissionsBoundary");
            },
            &["MFA310 user bob"],
        ),
        (
            "undeclared",
            |w| {
                w.of("user", "carol")["PermissionsBoundary"] =
                    json!({"PermissionsBoundaryArn": format!("arn:aws:iam::{ACCOUNT}:policy/cap")});
            },
            &["MFA310 user carol"],
        ),
        (
            "another one",
            |w| {
                w.of("user", "bob")["PermissionsBoundary"] =
                    json!({"PermissionsBoundaryArn": "arn:aws:iam::aws:policy/PowerUserAccess"});
            },
            &["MFA310 user bob"],
        ),
        (
            "changed",
            |w| {
                w.means(
                    "cap",
                    &document(json!({"Effect": "Allow", "Action": ["s3:*", "sqs:*"], "Resource": "*"})),
                );
            },
            &["MFA310 user bob"],
        ),
        (
            "missing, and there is an administrator",
            |w| {
                w.edit(
                    "name = \"carol\"",
                    "name = \"carol\"\n  permissions_boundary = aws_iam_policy.cap.arn",
                );
                w.add("resource \"aws_iam_user_policy_attachment\" \"c\" {\n  user = \"carol\"\n  policy_arn = \"arn:aws:iam::aws:policy/AdministratorAccess\"\n}\n");
                w.attach("user", "carol", aws("AdministratorAccess"));
            },
            &["MFA304 user carol"],
        ),
        (
            "missing, and it was the gate",
            |w| {
                w.edit(
                    "name = \"carol\"",
                    "name = \"carol\"\n  permissions_boundary = aws_iam_policy.only.arn",
                );
                w.add("resource \"aws_iam_policy\" \"only\" {\n  name = \"only\"\n  policy = jsonencode({ Version = \"2012-10-17\", Statement = [{ Effect = \"Allow\", Action = \"*\", Resource = \"*\", Condition = { Bool = { \"aws:MultiFactorAuthPresent\" = \"true\" } } }] })\n}\n");
                w.add("resource \"aws_iam_user_policy_attachment\" \"c\" {\n  user = \"carol\"\n  policy_arn = \"arn:aws:iam::aws:policy/PowerUserAccess\"\n}\n");
                w.attach("user", "carol", aws("PowerUserAccess"));
            },
            &["MFA306 user carol"],
        ),
    ]);
}

#[test]
fn trust_policies() {
    let with_mfa = |principal| {
        document(json!({"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole",
                        "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}))
    };
    let root = json!({"AWS": format!("arn:aws:iam::{ACCOUNT}:root")});
    let mut wrong = Vec::new();
    for (name, policy, differs) in [
        ("without MFA", trust(root.clone()), true),
        ("for everybody", trust(json!({"AWS": "*"})), true),
        (
            "for another account too",
            with_mfa(json!({"AWS": [format!("arn:aws:iam::{ACCOUNT}:root"), "444455556666"]})),
            true,
        ),
        ("for one user", with_mfa(json!({"AWS": format!("arn:aws:iam::{ACCOUNT}:user/alice")})), true),
        (
            "for a service",
            with_mfa(json!({"AWS": format!("arn:aws:iam::{ACCOUNT}:root"), "Service": "ec2.amazonaws.com"})),
            true,
        ),
        ("for nobody", json!({"Version": "2012-10-17", "Statement": []}), true),
        ("by its number", with_mfa(json!({"AWS": ACCOUNT})), false),
        ("in a list", with_mfa(json!({"AWS": [ACCOUNT]})), false),
    ] {
        let mut world = World::new();
        world.trusts("deploy", &policy);
        let want: &[&str] = if differs { &["MFA311 role deploy"] } else { &[] };
        if world.told() != want {
            wrong.push(format!("{name}: {:?}", world.told()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

const DEVICE: &str =
    "resource \"aws_iam_virtual_mfa_device\" \"d\" {\n  virtual_mfa_device_name = \"alice\"\n}\n";

fn device(name: &str, user: Option<&str>) -> serde_json::Value {
    let mut device = json!({"SerialNumber": format!("arn:aws:iam::{ACCOUNT}:mfa/{name}")});
    if let Some(user) = user {
        device["EnableDate"] = json!("2026-01-01T00:00:00Z");
        device["User"] = json!({"UserName": user, "Arn": format!("arn:aws:iam::{ACCOUNT}:user/{user}")});
    }
    json!({"VirtualMFADevices": [device]})
}

#[test]
fn devices() {
    check(&[
        (
            "enabled",
            |w| {
                w.add(DEVICE).devices = Some(device("alice", Some("alice")));
            },
            &[],
        ),
        (
            "not enabled",
            |w| {
                w.add(DEVICE).devices = Some(device("alice", None));
            },
            &["MFA308 user alice"],
        ),
        (
            "not there",
            |w| {
                w.add(DEVICE).devices = Some(json!({"VirtualMFADevices": []}));
            },
            &["MFA308 user alice"],
        ),
        (
            "not read",
            |w| {
                w.add(DEVICE);
            },
            &[],
        ),
        (
            "of nobody",
            |w| {
                w.add(&DEVICE.replace("\"alice\"", "\"spare\"")).devices = Some(device("spare", None));
            },
            &["MFA308 device spare"],
        ),
        (
            "of another user than in the template",
            |w| {
                w.template = "Resources:\n  D:\n    Type: AWS::IAM::VirtualMFADevice\n    Properties:\n      VirtualMfaDeviceName: phone\n      Users: [alice]\n".to_owned();
                w.devices = Some(device("phone", Some("bob")));
            },
            &["MFA308 user alice"],
        ),
        (
            "not enabled, and there is no other",
            |w| {
                w.add(DEVICE).row("alice", "true", "false").devices = Some(device("alice", None));
            },
            &["MFA309 user alice"],
        ),
    ]);
}

const OPS: &str = r#"
resource "aws_iam_group" "ops" {
  name = "ops"
}
resource "aws_iam_group_policy" "ops" {
  name   = "own-gate"
  group  = aws_iam_group.ops.name
  policy = aws_iam_policy.gate.policy
}
resource "aws_iam_group_policy_attachment" "ops" {
  group      = aws_iam_group.ops.name
  policy_arn = "arn:aws:iam::aws:policy/PowerUserAccess"
}
"#;

#[test]
fn mixtures() {
    check(&[
        (
            "five at once",
            |w| {
                w.row("carol", "true", "true").groups("carol", &["admins"]);
                w.detach("group", "staff", "gate");
                w.trusts("deploy", &trust(json!({"AWS": "*"})));
                w.means(
                    "cap",
                    &document(json!({"Effect": "Allow", "Action": ["s3:*", "sqs:*"], "Resource": "*"})),
                );
            },
            &[
                "MFA301 user carol",
                "MFA304 user carol",
                "MFA306 group staff",
                "MFA310 user bob",
                "MFA311 role deploy",
            ],
        ),
        (
            "a membership makes an administrator, the text of the gate of her other group does not",
            |w| {
                w.groups("alice", &["staff", "admins"]);
                w.means(
                    "gate",
                    &document(json!({
                        "Effect": "Deny",
                        "NotAction": ["iam:CreateVirtualMFADevice", "iam:EnableMFADevice", "ec2:DescribeInstances"],
                        "Resource": "*",
                        "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}
                    })),
                );
            },
            &["MFA304 user alice", "MFA307 policy gate"],
        ),
        (
            "five changes by hand: a password, a membership, a gate, the text of another one, a trust policy",
            |w| {
                w.add(OPS).has("group", group("ops")).embed("group", "ops", "own-gate", gate());
                w.attach("group", "ops", aws("PowerUserAccess"));
                w.row("bob", "true", "true").groups("carol", &["admins"]);
                w.detach("group", "staff", "gate").trusts("deploy", &trust(json!({"AWS": "*"})));
                let open =
                    json!(["iam:CreateVirtualMFADevice", "iam:EnableMFADevice", "iam:DeactivateMFADevice"]);
                w.of("group", "ops")["GroupPolicyList"][0]["PolicyDocument"]["Statement"][0]["NotAction"] =
                    open;
            },
            &[
                "MFA301 user bob",
                "MFA304 user carol",
                "MFA306 group staff",
                "MFA307 group ops",
                "MFA311 role deploy",
            ],
        ),
        (
            "managed elsewhere",
            |w| {
                w.has("user", user("dave"))
                    .attach("user", "dave", aws("AdministratorAccess"))
                    .row("dave", "true", "false");
                w.has("group", group("x-admins")).attach("group", "x-admins", aws("AdministratorAccess"));
                w.groups("carol", &["x-admins"]);
                let all = [(PrincipalKind::User, "D*"), (PrincipalKind::Group, "x-?dmins")];
                w.elsewhere = all
                    .map(|(kind, name)| Elsewhere {
                        who: PrincipalPattern { kind, name: name.into() },
                        reason: "by hand".into(),
                    })
                    .to_vec();
            },
            &[],
        ),
        (
            "a user of a template",
            |w| {
                w.template = "Resources:\n  U:\n    Type: AWS::IAM::User\n    Properties: {UserName: dave, Groups: [staff]}\n".to_owned();
                w.has("user", user("dave")).groups("dave", &["staff"]);
            },
            &[],
        ),
        (
            "a user of a template without its group",
            |w| {
                w.template = "Resources:\n  U:\n    Type: AWS::IAM::User\n    Properties: {UserName: dave, Groups: [staff]}\n".to_owned();
                w.has("user", user("dave"));
            },
            &["MFA306 user dave"],
        ),
        (
            "no code at all",
            |w| {
                w.code = "locals {}\n".into();
            },
            &[
                "MFA301 user alice",
                "MFA302 group staff",
                "MFA302 role deploy",
                "MFA302 user bob",
                "MFA302 user carol",
                "MFA304 group admins",
            ],
        ),
        (
            "no account at all",
            |w| {
                for (kind, names) in [
                    ("user", &["alice", "bob", "carol"][..]),
                    ("group", &["staff", "admins"]),
                    ("role", &["deploy"]),
                ] {
                    names.iter().for_each(|name| {
                        w.lacks(kind, name);
                    });
                }
            },
            &[
                "MFA303 group admins",
                "MFA303 group staff",
                "MFA303 role deploy",
                "MFA303 user alice",
                "MFA303 user bob",
                "MFA303 user carol",
            ],
        ),
    ]);
}
