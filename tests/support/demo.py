"""The demonstration on a stack of this test run's own."""

from __future__ import annotations

import os
import subprocess
import sys

NAME = f"demo-{os.getpid()}"


def rafid_demo(*arguments: str, stack: str = NAME, **variables: str) -> subprocess.CompletedProcess[str]:
    """`rafid demo` on that stack."""
    command = [sys.executable, "-m", "rafid", "demo", "--stack", stack, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=280, env={**os.environ, **variables})


def followed_dead_letters() -> None:
    """Brings that stack's dead letters into their index."""
    command = [sys.executable, "-m", "rafid", "dashboards", "dead-letters", "--once"]
    subprocess.run(command, env=os.environ | {"RAFID_STACK": NAME}, check=True, timeout=60)
