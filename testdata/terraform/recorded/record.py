#!/usr/bin/env python3
"""Makes the plans and states below this directory with real Terraform and the real AWS provider.

usage: record.py --plugins PLUGIN_DIR [NAME…]

Each NAME/code is planned (NAME/plan.json) and applied (NAME/terraform.tfstate as it is kept, NAME/state.json as
`terraform show -json` prints it) against a moto server on loopback; NAME/earlier, if there is one, is applied
before. Nothing leaves the machine. Secrets that the server makes are replaced by words that the tests look for.
"""

import argparse
import json
import os
import pathlib
import re
import shutil
import socket
import subprocess
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent

PROVIDER = """provider "aws" {{
  region                      = "us-east-1"
  access_key                  = "test"
  secret_key                  = "test"
  skip_credentials_validation = true
  skip_requesting_account_id  = true
  skip_metadata_api_check     = true
  endpoints {{
    iam = "{url}"
    sts = "{url}"
  }}
}}
"""

SECRETS = ["password", "secret", "ses_smtp_password_v4", "base_32_string_seed", "qr_code_png"]


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def canaries(value):
    """The document with every secret replaced by a word that says whose it was."""
    if isinstance(value, dict):
        return {
            k: f"CANARY-{k}" if k in SECRETS and isinstance(v, str) and v else canaries(v)
            for k, v in value.items()
        }
    return [canaries(v) for v in value] if isinstance(value, list) else value


def record(name, plugins):
    work = pathlib.Path(tempfile.mkdtemp())
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    (work / "rc").write_text("")
    env = dict(
        os.environ,
        MOTO_IAM_LOAD_MANAGED_POLICIES="true",
        TF_IN_AUTOMATION="1",
        TF_INPUT="0",
        TF_CLI_CONFIG_FILE=str(work / "rc"),
        AWS_ACCESS_KEY_ID="test",
        AWS_SECRET_ACCESS_KEY="test",
        AWS_REGION="us-east-1",
    )
    root = work / "root"

    def terraform(*args):
        run = subprocess.run(["terraform", *args], cwd=root, env=env, capture_output=True, text=True, timeout=120)
        if run.returncode:
            raise SystemExit(f"{name}: terraform {args[0]}: {run.stderr or run.stdout}")
        return run.stdout

    def lay_out(directory):
        for old in root.glob("*.tf"):
            old.unlink()
        shutil.copytree(directory, root, dirs_exist_ok=True)
        (root / "zz_provider.tf").write_text(PROVIDER.format(url=url))
        terraform("init", f"-plugin-dir={plugins}", "-no-color")

    def keep(file, text):
        text = re.sub(r"http://127\.0\.0\.1:\d+", "http://127.0.0.1", text)
        indent = 2 if file.endswith("state") else None
        text = json.dumps(canaries(json.loads(text)), indent=indent, ensure_ascii=False)
        text = re.sub(r'("timestamp": ?)"[^"]*"', r'\1"2026-01-01T00:00:00Z"', text)
        (HERE / name / file).write_text(text + "\n")

    server = subprocess.Popen(
        ["moto_server", "-H", "127.0.0.1", "-p", str(port)],
        env=env,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        for _ in range(60):
            with socket.socket() as s:
                if s.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.5)
        if (HERE / name / "earlier").is_dir():
            lay_out(HERE / name / "earlier")
            terraform("apply", "-no-color", "-auto-approve")
        lay_out(HERE / name / "code")
        terraform("plan", "-out=plan", "-no-color")
        keep("plan.json", terraform("show", "-json", "plan"))
        terraform("apply", "-no-color", "plan")
        # What the provider computes of a role shows up when it is read again.
        terraform("apply", "-refresh-only", "-no-color", "-auto-approve")
        keep("state.json", terraform("show", "-json"))
        keep("terraform.tfstate", (root / "terraform.tfstate").read_text())
    finally:
        server.terminate()
        server.wait(20)
        shutil.rmtree(work)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--plugins", required=True, help="Terraform plugin folder that holds hashicorp/aws")
    parser.add_argument("names", nargs="*")
    args = parser.parse_args()
    for name in args.names or sorted(d.name for d in HERE.iterdir() if (d / "code").is_dir()):
        record(name, args.plugins)


if __name__ == "__main__":
    main()
