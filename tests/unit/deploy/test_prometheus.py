"""The alert rules: taken and tested by promtool, on metrics that there are, each with a section of the runbook."""

from __future__ import annotations

import re
import subprocess
from typing import Any

import pytest
import yaml

import rafid
from streams.dead_letters.envelope import Reason
from streams.runtime.fates import STAGES
from streams.runtime.metrics import sample_names
from tests.support.prometheus import FOLDER, ROOT, program

RULES: list[dict[str, Any]] = yaml.safe_load((FOLDER / "alerts.yaml").read_text())["groups"][0]["rules"]
RUNBOOK = (ROOT / "docs/runbook.md").read_text()
ALERTS = {rule["alert"] for rule in RULES}
OF_PROMETHEUS = {"up", "process_start_time_seconds"}


@pytest.mark.parametrize(
    "words", [("check", "rules", "alerts.yaml"), ("check", "config", "prometheus.yml"), ("test", "rules", "alerts_test.yaml")]
)
def test_promtool_takes_it(words: tuple[str, ...]) -> None:
    done = subprocess.run([program("promtool"), *words], cwd=FOLDER, capture_output=True, text=True, check=False, timeout=60)

    assert done.returncode == 0, done.stdout + done.stderr


def test_every_alert_is_seen_to_fire_and_to_be_quiet() -> None:
    cases = [
        case for test in yaml.safe_load((FOLDER / "alerts_test.yaml").read_text())["tests"] for case in test["alert_rule_test"]
    ]

    assert {case["alertname"] for case in cases if case.get("exp_alerts")} == ALERTS
    assert {case["alertname"] for case in cases if not case.get("exp_alerts")} == ALERTS


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_a_rule_reads_metrics_reasons_and_stages_that_there_are(rule: dict[str, Any]) -> None:
    expression = rule["expr"]

    named = set(re.findall(r"\b(?:rafid_\w+|up|process_\w+)\b", re.sub(r'"[^"]*"', "", expression)))
    assert named
    assert named <= sample_names() | OF_PROMETHEUS
    for reasons in re.findall(r'reason=~?"([^"]+)"', expression):
        assert set(reasons.split("|")) <= set(Reason)
    assert set(re.findall(r'stage="(\w+)"', expression)) <= set(STAGES)


def test_every_alert_has_its_section_and_every_section_its_alert() -> None:
    sections = [section for section in re.split(r"^## ", RUNBOOK, flags=re.MULTILINE)[1:] if section.startswith("Rafid")]

    assert [section.splitlines()[0] for section in sections] == list(dict.fromkeys(rule["alert"] for rule in RULES))
    for section in sections:
        assert re.findall(r"^- \*\*([^*]+)\*\*: \S", section, re.MULTILINE) == ["Means", "Look at", "Do", "Heals by itself"]
    for rule in RULES:
        assert rule["annotations"]["runbook"] == f"docs/runbook.md#{rule['alert'].lower()}"
        assert rule["labels"]["severity"] in ("warning", "critical")


def test_the_commands_that_the_runbook_names_exist() -> None:
    for words in re.findall(r"`rafid ([a-z-]+)", RUNBOOK):
        assert words in rafid.COMMANDS
