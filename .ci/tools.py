"""Programs that checks need and that a machine may not have: from PyPI and npm, by name and version.

They are kept in `tools` beside what cargo builds; a version that changes is installed beside the old one.
"""

import os
import pathlib
import subprocess
import venv

ROOT = pathlib.Path(__file__).resolve().parent.parent
HOME = (ROOT / os.environ.get("CARGO_TARGET_DIR", "target") / "tools").resolve()


def installed(kind, packages, install):
    """The directory of these packages, complete before it has its name's mark."""
    home = HOME / "+".join([kind, *packages]).replace("/", "_")
    done = home / "complete"
    if not done.exists():
        home.mkdir(parents=True, exist_ok=True)
        install(home)
        done.touch()
    return home


def python(*packages):
    """The directory with the programs of these packages of PyPI, and a `python` that can import them."""

    def install(home):
        venv.create(home, with_pip=True)
        command = [home / "bin" / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*command, *packages], check=True)

    return installed("python", packages, install) / "bin"


def node(*packages):
    """The `node_modules` of these packages of npm."""

    def install(home):
        command = ["npm", "install", "--silent", "--no-fund", "--no-audit", "--ignore-scripts", "--prefix", home]
        subprocess.run([*command, *packages], check=True)

    return installed("node", packages, install) / "node_modules"


class Tally:
    """Counts what passed, and says what did not."""

    def __init__(self):
        self.passed = self.failed = 0

    def check(self, what, holds, details=""):
        if holds:
            self.passed += 1
        else:
            self.failed += 1
            print(f"FAILED {what}\n{details}".rstrip())

    def end(self):
        print(f"{self.passed} passed, {self.failed} failed")
        return int(self.failed > 0)
