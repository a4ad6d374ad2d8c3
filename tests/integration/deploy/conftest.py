"""The demonstration, run once for the tests of this folder that look at it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from deploy.local import stack as stacks
from streams.connect.local_stack import stack_directory
from tests.support.demo import NAME, rafid_demo
from tests.support.servers import ROOT


@pytest.fixture(scope="package")
def shown() -> Iterator[dict[str, Any]]:
    """What the demonstration counted; it is up until the tests of this folder have looked at it."""
    try:
        ended = rafid_demo("--json", "--still")
        assert ended.returncode == 0, ended.stderr
        yield json.loads(ended.stdout)
    finally:
        down = rafid_demo("--down")
    assert down.returncode == 0, down.stderr
    assert {server.state for server in stacks.status(NAME)} <= {"down"}
    (stack_directory(NAME) / "lock").unlink()
    stack_directory(NAME).rmdir()


@pytest.fixture(scope="package")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout."""
    folder = tmp_path_factory.mktemp("dist")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("RAFID_", "PYTHON", "VIRTUAL_ENV"))}
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    built = subprocess.run(build, cwd=ROOT, env=kept, capture_output=True, text=True, check=False, timeout=300)
    assert built.returncode == 0, built.stderr
    (found,) = folder.glob("*.whl")
    return found
