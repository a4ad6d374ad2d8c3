"""The commands of the runbook: each of rafid's, with the container that it is run in."""

from __future__ import annotations

import re
import shlex
from typing import Any, NamedTuple

import yaml

from tests.support.servers import ROOT

COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "deploy/compose/compose.yaml").read_text())["services"]
_EXEC = re.compile(r"docker compose exec (?:-T )?(?P<service>\S+) (?:env (?P<own>\S+=\S+) )?rafid (?P<words>.*)")
_RUN = re.compile(r"docker compose run --rm (?P<service>\S+) ?(?P<words>.*)")


class Row(NamedTuple):
    """A line of the table: what it is for, and its two columns."""

    task: str
    compose: str
    kubernetes: str


class Called(NamedTuple):
    """A call of rafid in a service's container: its arguments, and a variable that it has of its own, or none."""

    service: str
    arguments: list[str]
    own: dict[str, str]

    @property
    def principal(self) -> str:
        """Whose certificate lies in the container."""
        (folder,) = [volume for volume in COMPOSE[self.service]["volumes"] if volume.endswith(":/tls:ro")]
        return str(folder.split(":")[0].removeprefix("tls-"))


def page() -> str:
    """The runbook."""
    return (ROOT / "docs/runbook.md").read_text(encoding="utf-8")


def rows() -> list[Row]:
    """The lines of its table of commands."""
    lines = [line.strip("|").split(" | ") for line in page().splitlines() if "`docker compose" in line and line.startswith("|")]
    return [Row(task.strip(), compose.strip(" `"), kubernetes.strip(" `|")) for task, compose, kubernetes in lines]


def called(compose: str) -> Called | None:
    """The call of rafid that a command of compose makes; None for a command that is not rafid's."""
    found = _EXEC.fullmatch(compose) or _RUN.fullmatch(compose)
    if found is None:
        return None
    given = found.groupdict()
    words = shlex.split(given["words"].partition(" < ")[0]) or list(COMPOSE[given["service"]]["command"])
    own = dict([given["own"].split("=", 1)]) if given.get("own") else {}
    return Called(given["service"], words, own)
