#!/usr/bin/env python3
"""Writes an account of 5,000 users and 2,000 roles as AWS prints it, and the 500 Terraform files it was made from.

    scripts/large-account.py DIR
    time mfaguard drift DIR/code --from DIR/account

Nothing differs but what DIFFERENT names, so that the answer can be checked.
"""

import json
import pathlib
import sys

ACCOUNT = "111122223333"
ROOTS, FILES, USERS, ROLES, GROUPS = 20, 25, 10, 4, 40
ALLOW = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
GATE = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Deny",
            "NotAction": ["iam:CreateVirtualMFADevice", "iam:EnableMFADevice", "sts:GetSessionToken"],
            "Resource": "*",
            "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}},
        }
    ],
}
# A password, a membership and a trust policy that no code knows.
DIFFERENT = {"password": "user-3-4-5", "admin": "user-6-7-8", "trust": "role-1-2-3"}


def arn(kind, name):
    return f"arn:aws:iam::{ACCOUNT}:{kind}/{name}"


def document(statement):
    return {"Version": "2012-10-17", "Statement": [statement]}


def hcl(value):
    return f"jsonencode({json.dumps(value)})"


def own(n):
    return document({**ALLOW, "Resource": f"arn:aws:s3:::bucket-{n}/*"})


def trust(principal):
    return document({"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"})


def groups_code():
    yield f'resource "aws_iam_policy" "gate" {{\n  name   = "gate"\n  policy = {hcl(GATE)}\n}}\n'
    for g in range(GROUPS):
        policy = "AdministratorAccess" if g == 0 else "ReadOnlyAccess"
        yield (
            f'resource "aws_iam_group" "g{g}" {{\n  name = "group-{g}"\n}}\n'
            f'resource "aws_iam_group_policy_attachment" "g{g}" {{\n  group      = aws_iam_group.g{g}.name\n'
            f'  policy_arn = "arn:aws:iam::aws:policy/{policy}"\n}}\n'
            f'resource "aws_iam_group_policy_attachment" "gate{g}" {{\n  group      = aws_iam_group.g{g}.name\n'
            f"  policy_arn = aws_iam_policy.gate.arn\n}}\n"
        )


def user_code(name, n):
    yield (
        f'resource "aws_iam_user" "{name}" {{\n  name = "{name}"\n}}\n'
        f'resource "aws_iam_user_group_membership" "{name}" {{\n  user   = aws_iam_user.{name}.name\n'
        f'  groups = ["group-{1 + n % (GROUPS - 1)}"]\n}}\n'
        f'resource "aws_iam_user_policy" "{name}" {{\n  name   = "own"\n  user   = aws_iam_user.{name}.name\n'
        f"  policy = {hcl(own(n))}\n}}\n"
    )
    if n % 2 == 0:
        yield f'resource "aws_iam_user_login_profile" "{name}" {{\n  user = aws_iam_user.{name}.name\n}}\n'


def role_code(name, n):
    yield (
        f'resource "aws_iam_role" "{name}" {{\n  name               = "{name}"\n'
        f'  assume_role_policy = {hcl(trust({"Service": "lambda.amazonaws.com"}))}\n}}\n'
        f'resource "aws_iam_role_policy" "{name}" {{\n  name   = "own"\n  role   = aws_iam_role.{name}.name\n'
        f"  policy = {hcl(own(n))}\n}}\n"
    )


def main(base):
    users, roles, rows = [], [], ["user,arn,password_enabled,mfa_active,access_key_1_active,access_key_2_active"]
    shared = base / "code" / "groups"
    shared.mkdir(parents=True, exist_ok=True)
    (shared / "main.tf").write_text("\n".join(groups_code()))
    for root in range(ROOTS):
        folder = base / "code" / f"team-{root}"
        folder.mkdir(parents=True, exist_ok=True)
        for file in range(FILES):
            text = []
            for i in range(USERS):
                name, n = f"user-{root}-{file}-{i}", len(users)
                text.extend(user_code(name, n))
                password = n % 2 == 0 or name == DIFFERENT["password"]
                groups = [f"group-{1 + n % (GROUPS - 1)}"] + ["group-0"] * (name == DIFFERENT["admin"])
                users.append(
                    {
                        "UserName": name,
                        "Arn": arn("user", name),
                        "Path": "/",
                        "GroupList": groups,
                        "UserPolicyList": [{"PolicyName": "own", "PolicyDocument": own(n)}],
                        "AttachedManagedPolicies": [],
                    }
                )
                answer = "true" if password else "false"
                rows.append(f"{name},{arn('user', name)},{answer},{answer},false,false")
            for i in range(ROLES):
                name, n = f"role-{root}-{file}-{i}", len(roles)
                text.extend(role_code(name, n))
                principal = {"AWS": "*"} if name == DIFFERENT["trust"] else {"Service": "lambda.amazonaws.com"}
                roles.append(
                    {
                        "RoleName": name,
                        "Arn": arn("role", name),
                        "Path": "/",
                        "AssumeRolePolicyDocument": trust(principal),
                        "RolePolicyList": [{"PolicyName": "own", "PolicyDocument": own(n)}],
                        "AttachedManagedPolicies": [],
                    }
                )
            (folder / f"part-{file}.tf").write_text("\n".join(text))
    attached = lambda name, arn: {"PolicyName": name, "PolicyArn": arn}
    groups = [
        {
            "GroupName": f"group-{g}",
            "Arn": arn("group", f"group-{g}"),
            "Path": "/",
            "GroupPolicyList": [],
            "AttachedManagedPolicies": [
                attached(policy, f"arn:aws:iam::aws:policy/{policy}"),
                attached("gate", arn("policy", "gate")),
            ],
        }
        for g in range(GROUPS)
        for policy in ["AdministratorAccess" if g == 0 else "ReadOnlyAccess"]
    ]
    gate = {
        "PolicyName": "gate",
        "Arn": arn("policy", "gate"),
        "DefaultVersionId": "v1",
        "PolicyVersionList": [{"VersionId": "v1", "IsDefaultVersion": True, "Document": GATE}],
    }
    account = base / "account"
    account.mkdir(parents=True, exist_ok=True)
    details = {"UserDetailList": users, "GroupDetailList": groups, "RoleDetailList": roles, "Policies": [gate]}
    (account / "account_authorization_details.json").write_text(json.dumps(details, indent=1))
    (account / "credential_report.csv").write_text("\n".join(rows) + "\n")
    print(f"{len(users)} users, {len(roles)} roles, {ROOTS * FILES} files; different: {', '.join(DIFFERENT.values())}")


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
