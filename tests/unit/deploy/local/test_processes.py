"""A process is ours by its mark, whatever its pid, and nothing else is ever ended."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from deploy.local import processes

SLEEP = "import time; time.sleep(600)"
STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('ready', flush=True); time.sleep(600)"


@pytest.fixture
def stack() -> Iterator[str]:
    """The id of a stack, none of whose processes is left in the end."""
    stack_id = uuid.uuid4().hex
    yield stack_id
    processes.stop(processes.find(processes.mark(stack_id)), seconds=0)


def start(stack: str, what: str, tmp_path: Path, code: str = SLEEP) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-X", processes.mark(stack, what), "-c", code]
    child = processes.start(command, log=tmp_path / f"{what}.log", directory=tmp_path, environment=dict(os.environ))
    deadline = time.monotonic() + 10
    while child.pid not in pids(processes.mark(stack, what)):
        assert time.monotonic() < deadline
    return child


def pids(mark: str) -> list[int]:
    return [process.pid for process in processes.find(mark)]


def test_processes_are_found_by_what_they_are_or_all_together(stack: str, tmp_path: Path) -> None:
    one, two = start(stack, "one", tmp_path), start(stack, "two", tmp_path)
    assert pids(processes.mark(stack, "two")) == [two.pid]
    assert set(pids(processes.mark(stack))) == {one.pid, two.pid}


def test_the_process_of_another_stack_is_not_ours(stack: str, tmp_path: Path) -> None:
    start(stack, "one", tmp_path)
    assert pids(processes.mark(uuid.uuid4().hex)) == []


def test_a_process_that_only_speaks_of_the_mark_is_not_ours(stack: str) -> None:
    reader = subprocess.Popen([sys.executable, "-c", SLEEP, f"grep {processes.mark(stack)}"])
    try:
        assert pids(processes.mark(stack)) == []
    finally:
        reader.kill()
        reader.wait()


def test_a_process_that_was_killed_is_not_found_although_nobody_reaped_it(stack: str, tmp_path: Path) -> None:
    child = start(stack, "one", tmp_path)
    os.kill(child.pid, signal.SIGKILL)
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert pids(processes.mark(stack)) == []


def test_a_process_runs_in_a_session_of_its_own(stack: str, tmp_path: Path) -> None:
    child = start(stack, "one", tmp_path)
    assert os.getsid(child.pid) == child.pid != os.getsid(0)


def test_one_that_does_not_listen_is_killed(stack: str, tmp_path: Path) -> None:
    child = start(stack, "one", tmp_path, STUBBORN)
    deadline = time.monotonic() + 10
    while b"ready" not in (tmp_path / "one.log").read_bytes():
        assert time.monotonic() < deadline
    processes.stop(processes.find(processes.mark(stack)), seconds=0.2)
    assert not psutil.pid_exists(child.pid)


def test_the_log_of_the_run_before_is_kept(stack: str, tmp_path: Path) -> None:
    for run in ("first", "second"):
        child = start(stack, "one", tmp_path, f"print('{run}', flush=True); {SLEEP}")
        deadline = time.monotonic() + 10
        while f"{run}\n".encode() not in (tmp_path / "one.log").read_bytes():
            assert time.monotonic() < deadline
        processes.stop([psutil.Process(child.pid)], seconds=0)
    assert (tmp_path / "one.log.1").read_text() == "first\n"
    assert (tmp_path / "one.log").read_text() == "second\n"


def test_the_second_of_a_kind_is_not_taken_for_the_first(stack: str, tmp_path: Path) -> None:
    one, two = start(stack, "kafka", tmp_path), start(stack, "kafka-2", tmp_path)
    assert pids(processes.mark(stack, "kafka")) == [one.pid]
    assert pids(processes.mark(stack, "kafka-2")) == [two.pid]
