"""A wheel in an environment of its own, far from the checkout: what a release gives who installs it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local import stack as stacks
from streams.connect.local_stack import stack_directory
from tests.support.servers import ROOT

pytestmark = [pytest.mark.timeout(1_800), pytest.mark.soak]  # an installation and a whole demonstration
STACK = f"wheel-{os.getpid()}"


def done(*command: str | Path, cwd: Path = ROOT, **environment: str) -> subprocess.CompletedProcess[str]:
    """A command that has ended, with nothing of this environment but where programs and caches are."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("RAFID_", "PYTHON", "VIRTUAL_ENV"))}
    return subprocess.run(
        list(map(str, command)), cwd=cwd, env=kept | environment, capture_output=True, text=True, check=False, timeout=900
    )


def installed(wheel: Path, folder: Path, extras: str) -> Path:
    """The command of an environment that has the wheel alone."""
    base = Path(sys.base_prefix) / "bin" / f"python{sys.version_info.major}.{sys.version_info.minor}"
    made = done(base, "-m", "venv", folder)
    assert made.returncode == 0, made.stderr
    put = done(
        folder / "bin/pip", "install", "-q", "--disable-pip-version-check", "-c", ROOT / "constraints.txt", f"{wheel}{extras}"
    )
    assert put.returncode == 0, put.stderr
    return folder / "bin/rafid"


@pytest.fixture(scope="module")
def rafid(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The command with all that it can do."""
    return installed(wheel, tmp_path_factory.mktemp("environment"), "[all]")


@pytest.fixture
def stack() -> Iterator[str]:
    """The name of a stack that is gone afterwards."""
    try:
        yield STACK
    finally:
        stacks.reset(STACK)
        (stack_directory(STACK) / "lock").unlink()
        stack_directory(STACK).rmdir()


def test_the_demonstration_runs_to_its_end_from_an_empty_folder(rafid: Path, stack: str, tmp_path: Path) -> None:
    shown = done(rafid, "demo", "--stack", stack, "--json", "--still", cwd=tmp_path)

    assert shown.returncode == 0, shown.stderr
    counts = json.loads(shown.stdout)
    assert counts["faults"] == {}
    assert counts["pages"] == counts["articles"]["main"] + counts["dead_letters"]
    assert list(tmp_path.iterdir()) == []  # it leaves nothing where one happens to stand
    assert done(rafid, "demo", "--stack", stack, "--down", cwd=tmp_path).returncode == 0


def test_without_its_extras_a_wheel_says_what_to_install(wheel: Path, tmp_path: Path) -> None:
    plain = installed(wheel, tmp_path / "environment", "")

    shown = done(plain, "demo", cwd=tmp_path)

    assert shown.returncode == 1
    assert "install rafid's wheel with [" in shown.stderr
    assert "Traceback" not in shown.stderr
