"""The units: what systemd says of them, and that they call commands that exist."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from pathlib import Path

import click
import pytest
import yaml

import rafid

UNITS = sorted(Path(__file__).parents[3].glob("deploy/systemd/*.service"))
BOUND = 30  # tenths: the highest exposure that is taken


def tool() -> str:
    found = shutil.which("systemd-analyze")
    if not found:
        pytest.skip("NOT TESTED: there is no systemd-analyze")
    return found


def with_program(unit: Path, folder: Path) -> Path:
    """A copy of the unit whose program exists; an instance, when it is a template."""
    text = unit.read_text().replace("/opt/rafid/bin/rafid", "/bin/true")
    copy = folder / unit.name.replace("@.", "@1.")
    copy.write_text(text)
    return copy


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_systemd_finds_nothing_wrong(unit: Path, tmp_path: Path) -> None:
    copy = with_program(unit, tmp_path)
    shutil.copy(unit.parent / "rafid.target", tmp_path)

    verified = subprocess.run([tool(), "verify", "--man=no", copy], capture_output=True, text=True, check=False)

    ours = [line for line in (verified.stdout + verified.stderr).splitlines() if str(tmp_path) in line or "rafid" in line]
    assert ours == []


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_a_unit_is_exposed_below_three(unit: Path, tmp_path: Path) -> None:
    copy = with_program(unit, tmp_path)

    rated = subprocess.run(
        [tool(), "security", "--no-pager", "--offline=true", f"--threshold={BOUND}", copy],
        capture_output=True,
        text=True,
        check=False,
    )

    assert rated.returncode == 0, rated.stdout[-600:] + rated.stderr


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_a_unit_calls_a_command_with_variables_that_it_reads(unit: Path) -> None:
    text = unit.read_text()
    (line,) = re.findall(r"^ExecStart=(.*)$", text, re.MULTILINE)
    command: click.Command | None = rafid.cli
    words = shlex.split(line)[1:]
    while isinstance(command, click.Group):
        command = command.get_command(click.Context(command), words.pop(0))
    assert command is not None
    known = {option.envvar for option in command.params}
    options = {opt for option in command.params for opt in option.opts}
    assert {word for word in words if word.startswith("--")} <= options
    assert set(re.findall(r"^Environment=(\w+)=", text, re.MULTILINE)) <= known


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_a_unit_comes_back_and_is_no_root(unit: Path) -> None:
    text = unit.read_text()

    assert "\nRestart=on-failure\n" in text
    assert "\nUser=rafid\n" in text
    assert "\nStateDirectory=rafid\n" in text
    assert "\nMemoryMax=" in text


def test_prometheus_asks_the_ports_that_the_units_open() -> None:
    targets = yaml.safe_load((UNITS[0].parents[1] / "prometheus/targets.yaml").read_text(encoding="utf-8"))
    for group in targets:
        name = group["labels"]["job"]
        (unit,) = (unit for unit in UNITS if unit.name in (f"{name}@.service", f"{name}.service"))
        (port,) = re.findall(r"^Environment=RAFID_METRICS_PORT=(\d+)(?:%i)?$", unit.read_text(), re.M)
        digits = port + (r"\d" if "@" in unit.name else "")
        assert all(re.fullmatch(rf"127\.0\.0\.1:{digits}", target) for target in group["targets"])
