"""A local stack: real Kafka and Elasticsearch on this machine, under one name, with data of their own.

`stack_directory(name)` holds all of it: state.json (the stack's id and ports), addresses.json (while it is up),
kafka/, elasticsearch/ and logs/. One process at a time changes a stack; others wait.
"""

from __future__ import annotations

import contextlib
import dataclasses
import errno
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import filelock
from rich.console import Console

from deploy.local import processes
from deploy.local.admission import admit
from deploy.local.resources import MIB, enterable, no_space, require_disk, require_memory, service_user
from deploy.local.security import Security
from deploy.local.servers import MEMORY, SERVERS, Server, ServerFiles, failure, tls_address
from deploy.local.state import choose_ports, read_state, write_whole
from streams.connect.local_stack import stack_directory
from streams.errors import RafidError

START_SECONDS = 180  # ten times what it takes, for a machine that has other things to do
DATA_BYTES = 2048 * MIB
ADDRESS_IN_USE = "Address already in use"  # the C library's words, which Java passes on, whoever holds the port by now


@dataclasses.dataclass(frozen=True, slots=True)
class Addresses:
    """Where the servers of a stack listen."""

    kafka: str
    elasticsearch: str


@dataclasses.dataclass(frozen=True, slots=True)
class ServerStatus:
    """One server as it is now; `state` is `up`, `down`, or `not answering`."""

    title: str
    state: str
    address: str
    pids: tuple[int, ...]
    log: Path


def up(name: str, console: Console | None = None, *, disposable: bool = False, secure: bool = False) -> Addresses:
    """Both servers of the stack run and answer, with the data they had; what runs already is left alone.

    With `disposable` a new stack is marked as one whose data nobody misses, and one that is there must bear that mark. With
    `secure` a new stack lets nobody in without a login, and gives each process a user with the least rights; it stays so.
    RafidError when something is missing (network, disk, memory, rights) or a server does not come up; its log is named.
    """
    console = console or Console(stderr=True)
    with _changing(name, console) as directory:
        if disposable:
            _require_disposable(name, directory)
        if secure:
            _require_secured(name, directory)
        state = read_state(directory) | ({"disposable": True} if disposable else {}) | ({"secure": True} if secure else {})
        try:
            _start_missing(directory, state, console)
        except OSError as exc:
            if exc.errno == errno.ENOSPC:
                raise no_space(directory) from exc
            raise
        found = {server.name: server.address(_place(directory, server, state), state["ports"]) for server in SERVERS}
        addresses = Addresses(**found)
        if security := _security(directory, state):
            admit(security, found | {"kafka_tls": tls_address(state["ports"])})
        write_whole(directory / "addresses.json", dataclasses.asdict(addresses))
    return addresses


def down(name: str, console: Console | None = None) -> bool:
    """No process of this stack runs, workers beside it included, and its data is kept; whether there was one."""
    directory = stack_directory(name)
    if not (directory / "state.json").exists():
        return False
    with _changing(name, console or Console(stderr=True)):
        return _stop(directory)


def reset(name: str, console: Console | None = None, *, only_disposable: bool = False) -> None:
    """The stack is down and its data, ports and logs are gone.

    RafidError, and nothing has been touched, when `only_disposable` and the stack was not started as such.
    """
    directory = stack_directory(name)
    if not directory.exists():
        return
    with _changing(name, console or Console(stderr=True)):
        if only_disposable:
            _require_disposable(name, directory)
        _stop(directory)
        for path in sorted(_contents(directory), key=lambda path: path.name == "state.json"):  # its mark goes last
            shutil.rmtree(path) if path.is_dir() else path.unlink()


def status(name: str) -> list[ServerStatus]:
    """The servers of the stack as they are now; empty when it was never started."""
    directory = stack_directory(name)
    if not (directory / "state.json").exists():
        return []
    state = read_state(directory)
    found = []
    for server in SERVERS:
        place = _place(directory, server, state)
        pids = tuple(process.pid for process in processes.find(place.mark))
        well = len(pids) >= server.processes and server.answers(place, state["ports"])
        condition = "up" if well else "not answering" if pids else "down"
        found.append(ServerStatus(server.title, condition, server.address(place, state["ports"]), pids, place.log))
    return found


def start_beside(name: str, what: str, command: Sequence[str], environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
    """A process of ours, named `what`, belongs to the stack from now on: it ends with it, and logs where it does.

    `command` is for this Python: `["-m", "rafid", ...]`.
    """
    directory = stack_directory(name)
    mark = processes.mark(read_state(directory)["id"], what)
    full = [sys.executable, "-X", mark, *command]
    return processes.start(full, log=log_path(directory, what), directory=directory, environment=environment)


def beside(name: str) -> dict[str, tuple[int, ...]]:
    """The processes that `start_beside` started and that still run, as name -> pids."""
    directory = stack_directory(name)
    logs = (directory / "logs").glob("*.log")
    named = {log.stem for log in logs} - {server.name for server in SERVERS}
    stack = read_state(directory)["id"]
    found = {what: tuple(process.pid for process in processes.find(processes.mark(stack, what))) for what in sorted(named)}
    return {what: pids for what, pids in found.items() if pids}


def log_path(directory: Path, what: str) -> Path:
    """Where a server or process of the stack in this folder logs."""
    return directory / "logs" / f"{what}.log"


@contextlib.contextmanager
def _changing(name: str, console: Console) -> Iterator[Path]:
    """The stack's folder, made if need be, with its lock held."""
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
    """What lies in the stack's folder but its lock, which is held, and which another process may wait on."""
    return [path for path in directory.iterdir() if path.name != "lock"]


def _require_disposable(name: str, directory: Path) -> None:
    if _contents(directory) and not read_state(directory).get("disposable"):
        raise RafidError(
            f"the stack {name} was not made by `rafid demo`, which deletes what it finds: give --stack another name, "
            f"or delete the stack's data with `rafid local reset --stack {name}`"
        )


def _require_secured(name: str, directory: Path) -> None:
    if _contents(directory) and not read_state(directory).get("secure"):
        raise RafidError(
            f"the stack {name} was not made with --secure: give --stack another name, "
            f"or delete the stack's data with `rafid local reset --stack {name}`"
        )


def _security(directory: Path, state: Mapping[str, Any]) -> Security | None:
    return Security(directory / "security") if state.get("secure") else None


def _start_missing(directory: Path, state: dict[str, Any], console: Console) -> None:
    places = {server: _place(directory, server, state) for server in SERVERS}
    missing = [server for server, place in places.items() if not _runs(server, place, state["ports"])]
    if not missing:
        return
    if not enterable(directory):
        raise RafidError(
            f"the servers run as nobody when root starts them, and nobody cannot enter {directory}: "
            "open the folders above it (chmod o+x), or set RAFID_DATA_DIR to another place"
        )
    require_disk(directory, DATA_BYTES, "for the servers' data")
    require_memory(sum(MEMORY[server.name] for server in missing), " and ".join(server.title for server in missing))
    for server in missing:
        server.fetch(console)
    try:
        children = {server: _launch(directory, server, state, console) for server in missing}
        for server, child in children.items():
            _await(directory, server, child, state, console)
    except BaseException:
        for server in missing:  # what came up beside the one that failed is not left behind as half a stack
            processes.stop(processes.find(places[server].mark))
        raise


def _runs(server: Server, place: ServerFiles, ports_: dict[str, int]) -> bool:
    """Whether the server is up; one that a killed `up` left starting is waited for, remains of a dead one are ended."""
    deadline = time.monotonic() + START_SECONDS
    while found := processes.find(place.mark):
        if server.answers(place, ports_) and len(processes.find(place.mark)) >= server.processes:
            return True
        if time.monotonic() > deadline:
            raise failure(server, place, f"runs (pid {found[0].pid}) and does not answer; `rafid local down` ends it")
        if len(found) < server.processes and time.time() - found[0].create_time() > START_SECONDS / 4:
            processes.stop(found)
        time.sleep(0.2)
    return False


def _launch(
    directory: Path, server: Server, state: dict[str, Any], console: Console, *, clashed: bool = False
) -> subprocess.Popen[bytes]:
    place = _place(directory, server, state)
    for folder in (place.directory, place.log.parent):
        folder.mkdir(exist_ok=True, mode=0o755)
    console.print(f"starting {server.title}")
    choose_ports(directory, server, state, clashed=clashed)
    launch = server.configure(place, state["ports"], console)
    return processes.start(
        launch.command,
        log=place.log,
        directory=launch.directory,
        environment=launch.environment,
        as_user=service_user(),
    )


def _await(directory: Path, server: Server, child: subprocess.Popen[bytes], state: dict[str, Any], console: Console) -> None:
    place, deadline = _place(directory, server, state), time.monotonic() + START_SECONDS
    while not server.answers(place, state["ports"]):
        if child.poll() is not None:
            if ADDRESS_IN_USE not in place.log.read_text(errors="replace"):
                raise failure(server, place, f"ended while starting (exit code {child.returncode})")
            console.print("a port was taken meanwhile by another process: trying others")
            child = _launch(directory, server, state, console, clashed=True)
        if time.monotonic() > deadline:
            raise failure(server, place, f"did not answer within {START_SECONDS} s")
        time.sleep(0.1)


def _stop(directory: Path) -> bool:
    (directory / "addresses.json").unlink(missing_ok=True)
    mark = processes.mark(read_state(directory)["id"])
    running = processes.find(mark)
    servers = [process for server in SERVERS for process in processes.find(mark + server.name)]
    processes.stop([process for process in running if process not in servers])  # they have something to say to the servers
    processes.stop(servers)
    return bool(running)


def _place(directory: Path, server: Server, state: dict[str, Any]) -> ServerFiles:
    mark = processes.mark(state["id"], server.name)
    return ServerFiles(server.name, directory / server.name, log_path(directory, server.name), mark, _security(directory, state))
