"""What a server of a stack is: where it lives, how it is started, and how one knows that it answers."""

from __future__ import annotations

import abc
import dataclasses
import os
from pathlib import Path
from typing import ClassVar, NamedTuple

from rich.console import Console

from deploy.local.artifacts import artifacts
from deploy.local.resources import MIB, not_allowed, service_user
from deploy.local.security import Security
from streams.errors import RafidError

CONFIG = Path(__file__).with_name("config")


@dataclasses.dataclass(frozen=True, slots=True)
class ServerFiles:
    """Where one server of one stack lives, the mark that its processes are known by, and whom it lets in: None = anybody."""

    server: str
    directory: Path
    log: Path
    mark: str
    cluster: str  # the id of the cluster that it belongs to, the same for each of its kind
    security: Security | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class Launch:
    """How to start a server that is configured: its command, where, and the whole of its environment."""

    command: list[str]
    directory: Path
    environment: dict[str, str]


class Heaps(NamedTuple):
    """MiB of heap of a server that is alone and of one in a cluster, and what its runtime takes beside either."""

    alone: int
    in_cluster: int
    beside: int


@dataclasses.dataclass(frozen=True, slots=True)
class Server(abc.ABC):
    """One of the `of` servers of its kind in a stack, counted from 1."""

    number: int = 1
    of: int = 1

    kind: ClassVar[str]
    product: ClassVar[str]
    processes: ClassVar[int]  # how many processes it consists of when it is well
    heaps_mib: ClassVar[Heaps]
    uses: ClassVar[dict[str, int]]  # what it needs ports for, and the one that it would like for each

    @property
    def name(self) -> str:
        """What the stack calls it: its kind, with its number from the second on."""
        return self.numbered(self.kind)

    @property
    def title(self) -> str:
        """What people are told of it."""
        return f"{self.product}, {self.number} of {self.of}" if self.of > 1 else self.product

    def numbered(self, what: str) -> str:
        """Returns the name of something that each of its kind has."""
        return what if self.number == 1 else f"{what}-{self.number}"

    def port(self, taken: dict[str, int], use: str) -> int:
        """Returns the port that it has for this use."""
        return taken[self.numbered(use)]

    def peers(self) -> list[Server]:
        """Returns all of its kind, itself included, in their order."""
        return [type(self)(number, self.of) for number in range(1, self.of + 1)]

    @property
    def heap_mib(self) -> int:
        """MiB of its heap."""
        return self.heaps_mib.alone if self.of == 1 else self.heaps_mib.in_cluster

    @property
    def memory(self) -> int:
        """Bytes that it needs: its heap, and what the runtime takes beside it."""
        return (self.heap_mib + self.heaps_mib.beside) * MIB

    @abc.abstractmethod
    def fetch(self, console: Console) -> object:
        """Puts all that it is started from on this machine, unless it is there."""

    @abc.abstractmethod
    def configure(self, files: ServerFiles, taken: dict[str, int], console: Console) -> Launch:
        """Writes its configuration for these ports and returns how to start it; its data stays as it is."""

    @abc.abstractmethod
    def answers(self, files: ServerFiles, taken: dict[str, int]) -> bool:
        """Tells whether our server, and not another that took its port, does its work."""

    @abc.abstractmethod
    def address(self, files: ServerFiles, taken: dict[str, int]) -> str:
        """Returns what clients are given."""


def own(directory: Path) -> None:
    """Lets the servers' user write to the folder and to all in it that it does not own yet."""
    user = service_user()
    if user is None:
        return
    try:
        for path in (directory, *directory.rglob("*")):
            if path.lstat().st_uid != user[0]:
                os.chown(path, *user, follow_symlinks=False)
    except PermissionError as exc:
        raise not_allowed(exc) from exc


def failure(server: Server, files: ServerFiles, what: str) -> RafidError:
    """Returns the error for a server that did not come up: what it said last, and where the rest is."""
    return RafidError(f"{server.title} {what}: {last_line(files.log)}; the whole log is {files.log}")


def last_line(log: Path) -> str:
    """Returns what a log says last that tells of an error, else its last line."""
    lines = [line.strip() for line in log.read_text(errors="replace").splitlines() if line.strip()]
    telling = [line for line in lines if ("Exception" in line or "rror" in line) and not line.startswith("at ")]
    return (telling or lines or ["it said nothing"])[-1][:300]


def clean_environment() -> dict[str, str]:
    """Returns the path and no other variable of ours: a JAVA_TOOL_OPTIONS of the user's is meant for other servers."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LANG": "C.UTF-8"}


def version(role: str, name: str) -> str:
    """Returns the version of an artifact that is fetched."""
    return next(artifact.version for artifact in artifacts(role) if artifact.name == name)
