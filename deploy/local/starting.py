"""What is missing of a stack is started, and waited for until it answers."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console

from deploy.local import processes
from deploy.local.resources import MIB, enterable, require_disk, require_memory, service_user
from deploy.local.servers import Server, ServerFiles, failure
from deploy.local.state import choose_ports, server_files, servers_of
from streams.errors import RafidError

START_S = 400  # twenty times what it takes, for a machine that has other things to do: 180 were once too few (load 40)
REMAINS_S = 45  # a launcher whose server is not there after so long has lost it
DATA_BYTES = 2048 * MIB
ADDRESS_IN_USE = "Address already in use"  # the C library's words, which Java passes on, whoever holds the port by now


def start_missing(directory: Path, state: dict[str, Any], console: Console) -> None:
    """Starts every server of the stack that does not run, and waits until it answers.

    Raises RafidError, having ended those that it started.
    """
    servers = servers_of(state)
    files_of = {server: server_files(directory, server, state) for server in servers}
    missing = [server for server, files in files_of.items() if not _lives(server, files)]
    if missing:
        _require_room(directory, missing)
    for server in missing:
        server.fetch(console)
    try:
        for server in missing:  # all of them first: each is told where the others of its kind are
            choose_ports(directory, server, state, clashed=False)
        children = {server: _launch(directory, server, state, console) for server in missing}
        for server in servers:  # also those that run: one of a cluster answers only when enough of the others do
            _await(directory, server, children.get(server), state, console)
    except BaseException:
        for server in missing:  # what came up beside the one that failed is not left behind as half a stack
            processes.stop(processes.find(files_of[server].mark))
        raise


def _require_room(directory: Path, missing: Sequence[Server]) -> None:
    if not enterable(directory):
        raise RafidError(
            f"the servers run as nobody when root starts them, and nobody cannot enter {directory}: "
            "open the folders above it (chmod o+x), or set RAFID_DATA_DIR to another place"
        )
    require_disk(directory, DATA_BYTES, "for the servers' data")
    require_memory(sum(server.memory for server in missing), " and ".join(server.title for server in missing))


def _lives(server: Server, files: ServerFiles) -> bool:
    """Tells whether all processes of the server are there; waits for those that a killed `up` left starting.

    What remains of a server whose other process is dead is ended.
    """
    while found := processes.find(files.mark):
        if len(found) >= server.processes:
            return True
        if time.time() - found[0].create_time() > REMAINS_S:
            processes.stop(found)
        time.sleep(0.2)
    return False


def _launch(
    directory: Path, server: Server, state: dict[str, Any], console: Console, *, clashed: bool = False
) -> subprocess.Popen[bytes]:
    files = server_files(directory, server, state)
    for folder in (files.directory, files.log.parent):
        folder.mkdir(exist_ok=True, mode=0o755)
    console.print(f"starting {server.title}")
    if clashed:
        choose_ports(directory, server, state, clashed=True)
    launch = server.configure(files, state["ports"], console)
    return processes.start(
        launch.command,
        log=files.log,
        directory=launch.directory,
        environment=launch.environment,
        as_user=service_user(),
    )


def _await(
    directory: Path, server: Server, child: subprocess.Popen[bytes] | None, state: dict[str, Any], console: Console
) -> None:
    """Waits until the server answers; `child` is its process, or None where another `up` started it."""
    files, deadline = server_files(directory, server, state), time.monotonic() + START_S
    while not server.answers(files, state["ports"]):
        if child is not None and child.poll() is not None:
            if server.of > 1 or ADDRESS_IN_USE not in files.log.read_text(errors="replace"):
                raise failure(server, files, f"ended while starting (exit code {child.returncode})")
            console.print("a port was taken meanwhile by another process: trying others")
            child = _launch(directory, server, state, console, clashed=True)
        if child is None and not processes.find(files.mark):  # whoever waits for us may be the one to start it again
            raise failure(server, files, "ended while it was waited for")
        if time.monotonic() > deadline and child is None:
            pids = ", ".join(str(process.pid) for process in processes.find(files.mark))
            raise failure(server, files, f"runs (pid {pids}) and does not answer; `rafid local down` ends it")
        if time.monotonic() > deadline:
            raise failure(server, files, f"did not answer within {START_S} s")
        time.sleep(0.1)
