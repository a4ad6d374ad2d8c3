"""What the processes of a failed test said: copied before the stack is deleted, to a folder that the failure names."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

import pytest

from deploy.local import stack as stacks
from streams.connect.local_stack import stack_directory
from tests.support.servers import ROOT

KEPT = ROOT / "failed-logs"
_FOLDERS: pytest.StashKey[list[Path]] = pytest.StashKey()


def own_stack(request: pytest.FixtureRequest, name: str) -> None:
    """The stack of this name is empty, the test's alone, and deleted after it; if that fails, its logs are kept."""
    stacks.reset(name)
    request.addfinalizer(lambda: stacks.reset(name))  # after a failure of the set-up, too, and after its logs were kept
    keep_when_failed(request, name)


def keep_when_failed(request: pytest.FixtureRequest, name: str) -> None:
    """The logs of this stack are kept if the test fails, or any test of the fixture's scope."""
    request.node.stash.setdefault(_FOLDERS, []).append(stack_directory(name) / "logs")


def keep_logs(item: pytest.Item) -> Path | None:
    """Returns the folder that now has the logs of the test's stacks and of its own folder; None where it has no stack."""
    folders = [folder for node in item.listchain() for folder in node.stash.get(_FOLDERS, [])]
    if not folders:
        return None
    kept = KEPT / f"{item.name}-{time.strftime('%Y%m%d-%H%M%S')}"
    own = getattr(item, "funcargs", {}).get("tmp_path")
    for folder in [*folders, *([own] if own else [])]:
        for log in folder.rglob("*.log*"):
            copy = kept / (folder.parent.name if folder in folders else "workers") / log.relative_to(folder)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(log, copy)
    return kept


def set_logs_aside(stack: str) -> None:
    """No log of the stack is overwritten by the next start of its server, which keeps that of one run before."""
    for log in (stack_directory(stack) / "logs").glob("*.log.1"):
        log.replace(log.with_name(f"{log.name}-{time.time_ns()}"))
