"""Our processes: started to outlive us, and found again by a mark on their command line.

A remembered pid says little: after a reboot it belongs to someone else, and start times move when the clock of a resumed
virtual machine jumps. So each process carries `rafid.stack=<random id of the stack>/<what it is>` on its command line, which
the process table shows for as long as it lives, to any later call, even when the one that started it was killed on the way.
"""

from __future__ import annotations

import contextlib
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import psutil

from deploy.local.resources import not_allowed
from streams.errors import RafidError

# Kept so that they can be reaped, and so that their end does not come as a warning of the interpreter.
_children: dict[int, subprocess.Popen[bytes]] = {}


def mark(stack: str, what: str = "") -> str:
    """Returns what the processes of a stack carry on their command line: those of one kind, or the common beginning of all."""
    return f"rafid.stack={stack}/{what}"


def find(wanted: str) -> list[psutil.Process]:
    """Returns the live processes with this mark as an argument (Java: a property), oldest first. A stack's mark finds all."""
    for child in _children.values():
        child.poll()
    found = [
        process
        for process in psutil.process_iter(["cmdline"])
        if any(_bears(argument.removeprefix("-D"), wanted) for argument in process.info["cmdline"] or ())
    ]
    return sorted((process for process in found if process.is_running()), key=lambda process: process.create_time())


def _bears(argument: str, wanted: str) -> bool:
    return argument.startswith(wanted) if wanted.endswith("/") else argument == wanted


def mentioned(text: str) -> bool:
    """Tells whether a live process, of whatever user, has this text in an argument of its command line."""
    table = psutil.process_iter(["cmdline"])
    return any(text in argument for process in table for argument in process.info["cmdline"] or ())


def start(
    command: Sequence[str],
    *,
    log: Path,
    directory: Path,
    environment: Mapping[str, str],
    as_user: tuple[int, int] | None = None,
) -> subprocess.Popen[bytes]:
    """Starts the command in a session of its own, so it survives us and our terminal; its output goes to `log`.

    It runs as us, or as the (uid, gid) given. The log of the run before is kept beside it as `<log>.1`.
    """
    if log.exists():
        log.replace(log.with_name(log.name + ".1"))
    with log.open("wb") as output, _allowed():
        child = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=directory,
            env=environment,
            start_new_session=True,
            **_identity(as_user),
        )
    _children[child.pid] = child
    return child


def run(
    command: Sequence[str], *, directory: Path, environment: Mapping[str, str], as_user: tuple[int, int] | None = None
) -> subprocess.CompletedProcess[str]:
    """Runs the command to its end and returns its exit code, whatever that is, its output and errors."""
    with _allowed():
        return subprocess.run(
            command, cwd=directory, env=environment, capture_output=True, text=True, check=False, **_identity(as_user)
        )


def _identity(as_user: tuple[int, int] | None) -> dict[str, Any]:
    return {} if as_user is None else {"user": as_user[0], "group": as_user[1], "extra_groups": []}


@contextlib.contextmanager
def _allowed() -> Iterator[None]:
    try:
        yield
    except PermissionError as exc:
        raise not_allowed(exc) from exc


def stop(processes: Sequence[psutil.Process], seconds: float = 30) -> None:
    """Ends the processes: asks them to (SIGTERM), and kills those for which `seconds` were not enough."""
    for process in processes:
        try:
            process.terminate()  # psutil refuses when the pid has meanwhile gone to another process
        except psutil.NoSuchProcess:
            continue
        except psutil.AccessDenied as exc:
            raise RafidError(f"process {process.pid} belongs to another user: end it as that user") from exc
    _, alive = psutil.wait_procs(processes, timeout=seconds)
    for process in alive:
        process.kill()
    psutil.wait_procs(alive, timeout=10)
    for process in processes:
        if child := _children.pop(process.pid, None):
            child.wait()
