#!/usr/bin/env python3
"""Records what Terraform says of the expressions in expressions.txt.

Reads the file named on the command line: one expression a line, `expression  =>  answer`; whatever stands behind
`=>` is replaced by Terraform's answer as JSON, or by ERROR. Needs `terraform` in PATH; the tests do not.
"""
import base64
import json
import os
import subprocess
import sys
import tempfile

path = sys.argv[1]
lines = [line.rstrip("\n") for line in open(path)]
with tempfile.TemporaryDirectory() as home:
    rc = os.path.join(home, "empty.rc")
    open(rc, "w").close()
    env = {"PATH": os.environ["PATH"], "HOME": home, "TF_CLI_CONFIG_FILE": rc}

    def ask(expression):
        done = subprocess.run(["terraform", "console"], input=expression + "\n", capture_output=True, text=True, cwd=home, env=env)
        if done.returncode != 0 or not done.stdout.startswith('"'):
            print(expression, done.stdout, done.stderr, sep="\n", file=sys.stderr)
            return None
        return json.loads(base64.b64decode(json.loads(done.stdout)))

    out = []
    for line in lines:
        if not line.strip() or line.startswith("#"):
            out.append(line)
            continue
        expression = line.split("  =>  ")[0].rstrip()
        answer = ask(f"base64encode(jsonencode([{expression}]))")
        shown = "ERROR" if answer is None else json.dumps(answer[0], ensure_ascii=False, sort_keys=True)
        out.append(f"{expression}  =>  {shown}")
open(path, "w").write("\n".join(out) + "\n")
