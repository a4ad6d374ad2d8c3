"""The workflows of the repository's host: valid by its schema, and of targets that there are."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]
WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))


def test_they_follow_the_schema_of_workflows() -> None:
    check = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.github-workflows"]
    checked = subprocess.run([*check, *WORKFLOWS], capture_output=True, text=True, check=False)

    assert checked.returncode == 0, checked.stdout


def test_they_make_targets_that_there_are() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    made = {
        target
        for path in WORKFLOWS
        for line in re.findall(r"run: make ([a-z -]+)$", path.read_text(), re.MULTILINE)
        for target in line.split()
    }

    assert made
    assert made <= targets
