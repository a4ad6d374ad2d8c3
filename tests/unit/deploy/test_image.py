"""The Dockerfile as data, and the probe."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.image.connected import established, is_connected

ROOT = Path(__file__).parents[3]
DOCKERFILE = ROOT / "deploy/image/Dockerfile"


def test_the_linter_has_nothing_to_say() -> None:
    hadolint = Path(sys.executable).with_name("hadolint")
    if not hadolint.exists() and not shutil.which("hadolint"):
        pytest.skip("NOT TESTED: hadolint is not installed")
    linted = subprocess.run([hadolint, DOCKERFILE], capture_output=True, text=True, check=False)

    assert (linted.returncode, linted.stdout) == (0, "")


def test_the_result_is_of_a_given_base_and_of_no_root() -> None:
    text = DOCKERFILE.read_text()
    last = text.split("\nFROM ")[-1]

    assert set(re.findall(r"^FROM (\S+)", text, re.MULTILINE)) == {"${PYTHON_IMAGE}"}
    assert re.search(r"^USER [1-9]\d+$", last, re.MULTILINE)
    assert not re.search(r"apt-get|gcc|build-essential|pip install", last)


def test_the_probe_sees_a_connection_and_its_end() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert not is_connected(port, established())
        with socket.create_connection(("127.0.0.1", port)):
            assert is_connected(port, established())
