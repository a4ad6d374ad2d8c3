"""What the machine must have before a server is started: disk, memory, and a user that may run it."""

from __future__ import annotations

import os
import pwd
import shutil
import stat
from pathlib import Path

import psutil

from streams.errors import RafidError

MIB = 1024 * 1024


def is_root() -> bool:
    """Tells whether we run as root, which Elasticsearch refuses to."""
    return os.geteuid() == 0


def service_user() -> tuple[int, int] | None:
    """Returns the (uid, gid) that the servers run under when we are root: nobody's; None = our own."""
    if not is_root():
        return None
    try:
        nobody = pwd.getpwnam("nobody")
    except KeyError:
        return 65534, 65534  # what nobody is on Linux
    return nobody.pw_uid, nobody.pw_gid


def not_allowed(exc: PermissionError) -> RafidError:
    """Returns the error for a root that may not do what root may: in a container without its capabilities."""
    return RafidError(
        f"Elasticsearch refuses to run as root, and this root may not use another user ({exc.strerror}): "
        "run rafid as an ordinary user, or give the container CAP_SETUID, CAP_SETGID and CAP_CHOWN"
    )


def enterable(path: Path) -> bool:
    """Tells whether the servers' user, when it is not ours, may pass through every folder down to `path` and read it."""
    if service_user() is None:
        return True
    open_ = stat.S_IROTH | stat.S_IXOTH
    through = all(folder.stat().st_mode & stat.S_IXOTH for folder in path.resolve().parents)
    return through and path.stat().st_mode & open_ == open_


def no_space(path: Path) -> RafidError:
    """Returns the error for a disk that ran full while `path` was written."""
    return RafidError(f"the disk of {path} is full: free some space, or set RAFID_DATA_DIR and RAFID_CACHE_DIR to another disk")


def require_disk(path: Path, needed: int, purpose: str) -> None:
    """Raises RafidError unless at least `needed` bytes are free where `path` is."""
    free = shutil.disk_usage(path).free
    if free < needed:
        raise RafidError(
            f"{path} has {free // MIB} MiB free and needs {needed // MIB} MiB {purpose}: "
            "free some space, or set RAFID_DATA_DIR and RAFID_CACHE_DIR to another disk"
        )


def require_memory(needed: int, what: str) -> None:
    """Raises RafidError unless at least `needed` bytes of memory are available to us."""
    available = available_memory()
    if available < needed:
        raise RafidError(
            f"{what} needs {needed // MIB} MiB of memory and {available // MIB} MiB are available: "
            "end something, or point RAFID_KAFKA and RAFID_ELASTICSEARCH to servers elsewhere"
        )


def available_memory(cgroup: Path = Path("/sys/fs/cgroup")) -> int:
    """Returns how many bytes can still be used: the machine's, or what is left of a container's limit when that is less."""
    available: int = psutil.virtual_memory().available
    try:
        limit = (cgroup / "memory.max").read_text().strip()
        if limit == "max":
            return available
        used = int((cgroup / "memory.current").read_text())
        cached = dict(line.split() for line in (cgroup / "memory.stat").read_text().splitlines())["inactive_file"]
    except (OSError, KeyError):
        return available  # no container, or one of an older kind
    return min(available, int(limit) - used + int(cached))
