#!/usr/bin/env python3
"""Records what Terraform itself says of the expressions and configurations below this directory.

    python3 testdata/terraform/record.py            everything
    python3 testdata/terraform/record.py strings    only what has this in its name

expressions/*.txt: one row a line, `expression  =>  answer`. The answer is replaced by what a plan of Terraform says:
JSON, ERROR, or with `<unknown>` for what is known only after apply; `<set>` begins a set, `<number>` a number of many
digits. `⏎` is a line end. `variables.tf` declares the variables, all of them unknown; `files/` is what can be read.
Behind the answer may stand `  ~~  reason`: the difference to our own answer that is accepted there.
Behind the answer may also stand `  <~  answer  <~  answer`: Terraform's answers when the variables have the first and
the second of the values below. Either we know the answer before, and it is these two; or Terraform says that it knows
the answer, we say that it depends on the variables, and these two differ.

plans/NAME/: expected.json is written from a plan with the real AWS provider: root outputs, and the attributes of
IAM resources. differences.txt lists accepted differences, `what  ~~  difference: reason`.

Needs `terraform` 1.11 in PATH, and the AWS provider 5.100 in a plugin directory (TF_PLUGINS, /opt/tf-plugins).
The tests that read what is recorded need neither.
"""
import concurrent.futures
import glob
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
PLUGINS = os.environ.get("TF_PLUGINS", "/opt/tf-plugins")
PROVIDER = """provider "aws" {
  region                      = "us-east-1"
  skip_credentials_validation = true
  skip_requesting_account_id  = true
  skip_metadata_api_check     = true
}
"""
# What the variables of variables.tf may be.
VALUES = [
    {
        "string": '"x"', "number": "1", "bool": "true", "list": 'tolist(["x"])', "set": 'toset(["x"])',
        "map": 'tomap({ a = "x" })', "object": '{ a = "x", b = 1 }', "tuple": '["x", 1]', "numbers": "tolist([1])",
        "any": '"x"',
    },
    {
        "string": '"b/yz"', "number": "20", "bool": "false", "list": "tolist([])", "set": 'toset(["x", "y"])',
        "map": "tomap({})", "object": '{ a = "", b = 0 }', "tuple": '["b", 2]', "numbers": "tolist([3, 2])",
        "any": "[]",
    },
]
# What they are set to: values that exist only after apply.
UNKNOWNS = {
    **{name: f"terraform_data.{name}.output" for name in VALUES[0]}, "any": "jsondecode(terraform_data.string.output)"
}


class Number(str):
    """A number as Terraform wrote it."""


def load(text):
    return json.loads(text, parse_int=Number, parse_float=Number)


class Terraform:
    def __init__(self, home):
        self.home = home
        rc = os.path.join(home, "empty.rc")
        open(rc, "w").close()
        self.env = {
            "PATH": os.environ["PATH"], "HOME": home, "TF_CLI_CONFIG_FILE": rc, "CHECKPOINT_DISABLE": "1",
            "AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x", "AWS_EC2_METADATA_DISABLED": "true",
        }

    def run(self, cwd, *arguments):
        return subprocess.run(["terraform", *arguments], cwd=cwd, env=self.env, capture_output=True, text=True)

    def must(self, cwd, *arguments):
        done = self.run(cwd, *arguments)
        if done.returncode:
            sys.exit(f"{cwd}: terraform {' '.join(arguments)}\n{done.stdout}{done.stderr}")
        return done.stdout


def shown(value, unknown=False, kind=None):
    """A value of a plan in the notation of the rows."""
    if unknown is True:
        return "<unknown>"
    inner = kind[1] if isinstance(kind, list) else None
    if isinstance(value, Number):
        return json.loads(value) if len(value) <= 15 else f"<number>{value}"
    if isinstance(value, list):
        many = kind is not None and kind[0] == "tuple"
        items = [
            shown(v, unknown[i] if isinstance(unknown, list) and i < len(unknown) else False, inner[i] if many else inner)
            for i, v in enumerate(value)
        ]
        if isinstance(unknown, list):
            items += ["<unknown>" for u in unknown[len(value):] if u]
        return ["<set>", *items] if kind is not None and kind[0] == "set" else items
    if isinstance(value, dict) or isinstance(unknown, dict):
        value, unknown = value or {}, unknown if isinstance(unknown, dict) else {}
        each = kind is not None and kind[0] == "object"
        names = list(value) + [k for k in unknown if k not in value and unknown[k]]
        return {k: shown(value.get(k), unknown.get(k, False), inner[k] if each else inner) for k in names}
    return value


def split(line):
    row, _, reason = line.partition("  ~~  ")
    return row.split("  =>  ")[0].rstrip(), reason.strip(), "  <~  " in row


def answers(terraform, expressions, variables=UNKNOWNS):
    """What Terraform answers, in a tuple, one for each expression; None for an error."""
    top = tempfile.mkdtemp(dir=terraform.home)
    module = os.path.join(top, "m")
    shutil.copytree(os.path.join(HERE, "expressions", "files"), os.path.join(top, "files"))
    os.mkdir(module)
    shutil.copy(os.path.join(HERE, "expressions", "variables.tf"), module)
    with open(os.path.join(top, "main.tf"), "w") as f:
        f.write("module \"m\" {\n  source = \"./m\"\n")
        f.writelines(f"  {name} = {value}\n" for name, value in variables.items())
        f.write("}\n")
        f.writelines(f"resource \"terraform_data\" \"{n}\" {{\n  input = {v}\n}}\n" for n, v in VALUES[0].items())
    shutil.copy(os.path.join(HERE, "expressions", "provider.tf"), module)
    terraform.must(top, "init", f"-plugin-dir={PLUGINS}")
    left = dict(enumerate(expressions))
    for i, e in left.items():
        with open(os.path.join(module, f"row{i}.tf"), "w") as f:
            e = e.replace("⏎", "\n")
            f.write(f"output \"row{i}\" {{\n  sensitive = true\n  value = [\n{e}\n  ]\n}}\n")
    for command in (["validate", "-json"], ["plan", "-json", "-out=plan"]):
        while True:
            with open(os.path.join(top, "outputs.tf"), "w") as f:
                f.writelines(f"output \"row{i}\" {{\n  sensitive = true\n  value = module.m.row{i}\n}}\n" for i in left)
            done = terraform.run(top, *command)
            # The second: infinity, which no plan can hold.
            found = re.findall(r'"filename": ?"m/row(\d+)\.tf"|output value \\"row(\d+)\\"', done.stdout)
            if done.returncode == 0:
                break
            if not found:
                sys.exit(done.stdout + done.stderr)
            for i in {int(a or b) for a, b in found} & set(left):
                del left[i]
                os.remove(os.path.join(module, f"row{i}.tf"))
    plan = load(terraform.must(top, "show", "-json", "plan"))
    out = [None] * len(expressions)
    for i in left:
        change, planned = plan["output_changes"][f"row{i}"], plan["planned_values"]["outputs"][f"row{i}"]
        whole = shown(change.get("after"), change["after_unknown"], planned.get("type"))
        out[i] = (whole if whole == "<unknown>" else whole[0],)
    return out


def record_expressions(terraform, wanted):
    files = [f for f in sorted(glob.glob(os.path.join(HERE, "expressions", "*.txt"))) if wanted in f]
    tables = {f: open(f).read().splitlines() for f in files}
    is_row = lambda line: line.strip() and not line.startswith("#")
    rows = [split(line) for f in files for line in tables[f] if is_row(line)]
    recorded = iter(zip(rows, answers(terraform, [e for e, _, _ in rows])))
    settled = [e for e, _, settles in rows if settles]
    completed = iter(zip(*(answers(terraform, settled, values) for values in VALUES)))
    shown_answer = lambda a: "ERROR" if a is None else json.dumps(a[0], ensure_ascii=False, sort_keys=True)
    for f in files:
        with open(f, "w") as out:
            for line in tables[f]:
                if is_row(line):
                    (expression, reason, settles), answer = next(recorded)
                    line = f"{expression}  =>  {shown_answer(answer)}" + (f"  ~~  {reason}" if reason else "")
                    if settles:
                        line += "".join(f"  <~  {shown_answer(a)}" for a in next(completed))
                out.write(line + "\n")


def resources(module):
    yield from module.get("resources", [])
    for child in module.get("child_modules", []):
        yield from resources(child)


def record_plan(terraform, case):
    top = os.path.join(terraform.home, "plans", os.path.basename(case))
    shutil.copytree(case, top)
    with open(os.path.join(top, "provider_for_the_plan.tf"), "w") as f:
        f.write(PROVIDER)
    terraform.must(top, "init", f"-plugin-dir={PLUGINS}")
    terraform.must(top, "plan", "-out=plan", "-input=false")
    plan = load(terraform.must(top, "show", "-json", "plan"))
    outputs = {}
    for name, change in plan.get("output_changes", {}).items():
        kind = plan["planned_values"]["outputs"].get(name, {}).get("type")
        outputs[name] = shown(change.get("after"), change["after_unknown"], kind)
    iam = {}
    for change in plan.get("resource_changes", []):
        if change["mode"] == "managed" and change["type"].startswith("aws_iam_"):
            after = shown(change["change"]["after"], change["change"]["after_unknown"])
            iam[change["address"]] = {k: v for k, v in after.items() if v is not None}
    with open(os.path.join(case, "expected.json"), "w") as f:
        json.dump({"outputs": outputs, "resources": iam}, f, ensure_ascii=False, indent=1, sort_keys=True)
        f.write("\n")


def main():
    wanted = sys.argv[1] if len(sys.argv) > 1 else ""
    with tempfile.TemporaryDirectory() as home:
        terraform = Terraform(home)
        if any(wanted in f for f in glob.glob(os.path.join(HERE, "expressions", "*.txt"))):
            record_expressions(terraform, wanted)
        cases = [c.rstrip("/") for c in sorted(glob.glob(os.path.join(HERE, "plans", "*", ""))) if wanted in c]
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            list(pool.map(lambda case: record_plan(terraform, case), cases))
        if not wanted:
            listed = json.loads(terraform.must(home, "metadata", "functions", "-json"))["function_signatures"]
            with open(os.path.join(HERE, "functions.txt"), "w") as f:
                f.writelines(f"{name}\n" for name in sorted(listed) if "::" not in name)


main()
