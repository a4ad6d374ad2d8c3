"""A local stack: real Kafka and Elasticsearch on this machine, under one name, with data of their own.

`stack_directory(name)` holds all of it: state.json (the stack's id and ports), addresses.json (while it is up),
kafka/, elasticsearch/ and logs/; in a cluster kafka-2/, elasticsearch-2/ and so on beside them. One process at a time changes
a stack; others wait.
"""

from __future__ import annotations

import contextlib
import dataclasses
import errno
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import filelock
from rich.console import Console

from deploy.local import processes
from deploy.local.admission import admit
from deploy.local.kafka_server import KafkaServer
from deploy.local.resources import no_space
from deploy.local.starting import start_missing
from deploy.local.state import log_path, read_state, security_of, server_files, servers_of, write_whole
from streams.connect.local_stack import stack_directory
from streams.errors import RafidError


@dataclasses.dataclass(frozen=True, slots=True)
class Addresses:
    """Where the servers of a stack listen; those of a cluster with commas between them."""

    kafka: str
    elasticsearch: str


@dataclasses.dataclass(frozen=True, slots=True)
class ServerStatus:
    """One server as it is now; `state` is `up`, `down`, or `not answering`."""

    name: str
    title: str
    state: str
    address: str
    pids: tuple[int, ...]
    log: Path


def up(
    name: str,
    console: Console | None = None,
    *,
    disposable: bool = False,
    secure: bool = False,
    brokers: int | None = None,
    nodes: int | None = None,
) -> Addresses:
    """Starts all servers of the stack that do not run, with the data they had; returns their addresses once all answer.

    With `disposable` a new stack is marked as one whose data nobody misses, and one that is there must bear that mark. With
    `secure` a new stack lets nobody in without a login, and gives each process a user with the least rights; it stays so.
    A new stack has `brokers` of Kafka and `nodes` of Elasticsearch, or one of each; it keeps that size.
    RafidError when something is missing (network, disk, memory, rights) or a server does not come up; its log is named.
    """
    console = console or Console(stderr=True)
    chosen = {"disposable": disposable, "secure": secure, "brokers": brokers, "nodes": nodes}
    asked = {what: value for what, value in chosen.items() if value}
    with _locked(name, console) as directory:
        _require_as_asked(name, directory, asked)
        state = read_state(directory) | asked
        try:
            start_missing(directory, state, console)
        except OSError as exc:
            if exc.errno == errno.ENOSPC:
                raise no_space(directory) from exc
            raise
        addresses = _addresses(directory, state)
        if security := security_of(directory, state):
            brokers_by_tls = [each.tls_address(state["ports"]) for each in servers_of(state) if isinstance(each, KafkaServer)]
            admit(security, dataclasses.asdict(addresses) | {"kafka_tls": ",".join(brokers_by_tls)})
        write_whole(directory / "addresses.json", dataclasses.asdict(addresses))
    return addresses


def _addresses(directory: Path, state: dict[str, Any]) -> Addresses:
    found: dict[str, list[str]] = {}
    for server in servers_of(state):
        found.setdefault(server.kind, []).append(server.address(server_files(directory, server, state), state["ports"]))
    return Addresses(**{kind: ",".join(each) for kind, each in found.items()})


def down(name: str, console: Console | None = None) -> bool:
    """Ends every process of this stack, workers beside it included, and keeps its data; tells whether there was one."""
    directory = stack_directory(name)
    if not (directory / "state.json").exists():
        return False
    with _locked(name, console or Console(stderr=True)):
        return _stop(directory)


def reset(name: str, console: Console | None = None, *, only_disposable: bool = False) -> None:
    """Ends the stack and deletes its data, ports and logs.

    RafidError, and nothing has been touched, when `only_disposable` and the stack was not started as such.
    """
    directory = stack_directory(name)
    if not directory.exists():
        return
    with _locked(name, console or Console(stderr=True)):
        if only_disposable:
            _require_as_asked(name, directory, {"disposable": True})
        _stop(directory)
        for path in sorted(_contents(directory), key=lambda path: path.name == "state.json"):  # its mark goes last
            shutil.rmtree(path) if path.is_dir() else path.unlink()


def status(name: str) -> list[ServerStatus]:
    """Returns the servers of the stack as they are now; empty when it was never started."""
    directory = stack_directory(name)
    if not (directory / "state.json").exists():
        return []
    state = read_state(directory)
    found = []
    for server in servers_of(state):
        files = server_files(directory, server, state)
        pids = tuple(process.pid for process in processes.find(files.mark))
        well = len(pids) >= server.processes and server.answers(files, state["ports"])
        condition = "up" if well else "not answering" if pids else "down"
        found.append(ServerStatus(server.name, server.title, condition, server.address(files, state["ports"]), pids, files.log))
    return found


def start_companion(name: str, what: str, command: Sequence[str], environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
    """Starts a process of ours, named `what`, that belongs to the stack: it ends with it, and logs where it does.

    `command` is for this Python: `["-m", "rafid", ...]`.
    """
    directory = stack_directory(name)
    mark = processes.mark(read_state(directory)["id"], what)
    full = [sys.executable, "-X", mark, *command]
    return processes.start(full, log=log_path(directory, what), directory=directory, environment=environment)


def companions(name: str) -> dict[str, tuple[int, ...]]:
    """Returns the processes that `start_companion` started and that still run, as name -> pids."""
    directory = stack_directory(name)
    logs = (directory / "logs").glob("*.log")
    state = read_state(directory)
    stack, named = state["id"], {log.stem for log in logs} - {server.name for server in servers_of(state)}
    found = {what: tuple(process.pid for process in processes.find(processes.mark(stack, what))) for what in sorted(named)}
    return {what: pids for what, pids in found.items() if pids}


@contextlib.contextmanager
def _locked(name: str, console: Console) -> Iterator[Path]:
    """Yields the stack's folder, made if need be, with its lock held."""
    directory = stack_directory(name)
    try:
        directory.mkdir(parents=True, exist_ok=True, mode=0o755)
    except OSError as exc:
        raise RafidError(
            f"cannot make {directory} ({exc.strerror}): set RAFID_DATA_DIR to a folder that you may write to"
        ) from exc
    lock = filelock.FileLock(directory / "lock")
    try:
        lock.acquire(timeout=0.5)
    except filelock.Timeout:
        console.print(f"waiting for another process that is changing the stack {name}")
        lock.acquire()
    try:
        yield directory
    finally:
        lock.release()


def _contents(directory: Path) -> list[Path]:
    """Returns what lies in the stack's folder but its lock, which is held, and which another process may wait on."""
    return [path for path in directory.iterdir() if path.name != "lock"]


def _require_as_asked(name: str, directory: Path, asked: Mapping[str, Any]) -> None:
    """Raises RafidError unless a stack that is there already was made as it is asked for."""
    if not _contents(directory):
        return
    state = {"brokers": 1, "nodes": 1} | read_state(directory)
    manner = {
        "disposable": "by `rafid demo`, which deletes what it finds",
        "secure": "with --secure",
        "brokers": f"with --brokers {asked.get('brokers')}",
        "nodes": f"with --nodes {asked.get('nodes')}",
    }
    for what, value in asked.items():
        if state.get(what) != value:
            raise RafidError(
                f"the stack {name} was not made {manner[what]}: give --stack another name, "
                f"or delete the stack's data with `rafid local reset --stack {name}`"
            )


def _stop(directory: Path) -> bool:
    (directory / "addresses.json").unlink(missing_ok=True)
    state = read_state(directory)
    running = processes.find(processes.mark(state["id"]))
    marks = [server_files(directory, server, state).mark for server in servers_of(state)]
    servers = [process for mark in marks for process in processes.find(mark)]
    processes.stop([process for process in running if process not in servers])  # they have something to say to the servers
    processes.stop(servers)
    return bool(running)
