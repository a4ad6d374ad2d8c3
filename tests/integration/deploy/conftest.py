"""The demonstration, run once for the tests of this folder that look at it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from deploy.local import stack as stacks
from streams.connect.local_stack import stack_directory
from tests.support.demo import NAME, rafid_demo


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
