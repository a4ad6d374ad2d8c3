"""The README and the commands agree."""

from __future__ import annotations

import re

import click

import rafid
from tests.unit.test_command import ROOT


def test_the_readme_names_every_command() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    rows = [re.split(r"(?<!\\)\|", line)[1] for line in readme.splitlines() if line.startswith("| `rafid ")]
    named = " ".join(rows)

    missing = [" ".join(path) for path, _ in rafid.leaves(rafid.cli) if not all(f"{word}" in named for word in path)]

    assert missing == []


def test_the_readme_names_no_command_that_is_none() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    rows = " ".join(re.split(r"(?<!\\)\|", line)[1] for line in readme.splitlines() if line.startswith("| `rafid "))
    first_words = {match.split()[0] for match in re.findall(r"`rafid ([a-z][a-z -]*)", rows)}

    assert first_words - set(rafid.cli.list_commands(click.Context(rafid.cli))) == set()
