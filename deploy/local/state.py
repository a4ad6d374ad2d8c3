"""What a stack remembers of itself: its id, its ports, and what kind of stack it is."""

from __future__ import annotations

import json
import os
import secrets
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import filelock

from deploy.local import ports, processes
from deploy.local.elasticsearch_server import ElasticsearchServer
from deploy.local.kafka_server import KafkaServer
from deploy.local.security import Security
from deploy.local.servers import Server, ServerFiles


def read_state(directory: Path) -> dict[str, Any]:
    """Returns the stack's id, which its processes carry, its ports and its kind; made up when it is new."""
    path = directory / "state.json"
    if path.exists():
        state: dict[str, Any] = json.loads(path.read_text())
        return state
    return {"id": uuid.uuid4().hex, "ports": {}}


def servers_of(state: Mapping[str, Any]) -> list[Server]:
    """Returns the servers that the stack consists of: one of each kind where it was not asked for more."""
    brokers, nodes = state.get("brokers", 1), state.get("nodes", 1)
    kafka: list[Server] = [KafkaServer(number, brokers) for number in range(1, brokers + 1)]
    return [*kafka, *(ElasticsearchServer(number, nodes) for number in range(1, nodes + 1))]


def server_files(directory: Path, server: Server, state: Mapping[str, Any]) -> ServerFiles:
    """Returns where the server of the stack in this folder lives, and by which mark it is known."""
    mark = processes.mark(state["id"], server.name)
    log, security = log_path(directory, server.name), security_of(directory, state)
    return ServerFiles(server.name, directory / server.name, log, mark, state["id"], security)


def log_path(directory: Path, what: str) -> Path:
    """Returns where a server or process of the stack in this folder logs."""
    return directory / "logs" / f"{what}.log"


def security_of(directory: Path, state: Mapping[str, Any]) -> Security | None:
    """Returns whom the stack lets in; None = anybody."""
    return Security(directory / "security") if state.get("secure") else None


def choose_ports(directory: Path, server: Server, state: dict[str, Any], *, clashed: bool) -> None:
    """Chooses the ports that this server had, or others where one of them is taken now; remembers them before they are used.

    After a clash others by chance: who clashed with us, such as a stack of another user, looks for others at the same moment.
    """
    with filelock.FileLock(directory.parent / "ports.lock"):
        others = _ports_of_other_stacks(directory)
        for kind_of_use, preferred in server.uses.items():
            use = server.numbered(kind_of_use)
            known = state["ports"].get(use)
            if clashed or known is None or not ports.is_soon_free(known):
                first = preferred + ports.STEP * (1 + secrets.randbelow(ports.TRIES // 2)) if clashed else preferred
                state["ports"][use] = ports.choose(first, others | set(state["ports"].values()))
        write_whole(directory / "state.json", state)


def _ports_of_other_stacks(directory: Path) -> set[int]:
    others = (path for path in directory.parent.glob("*/state.json") if path.parent != directory)
    return {port for path in others for port in json.loads(path.read_text())["ports"].values()}


def write_whole(path: Path, content: Any) -> None:
    """Writes the content as JSON: the file is whole, whatever happens meanwhile."""
    scratch = path.with_name(path.name + ".new")
    with scratch.open("w") as file:
        json.dump(content, file)
        file.flush()
        os.fsync(file.fileno())
    scratch.replace(path)
