"""Ports that nobody uses."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Collection

from streams.errors import RafidError

STEP = 10
TRIES = 200


def is_free(port: int) -> bool:
    """Tells whether a server could listen on 127.0.0.1:`port` now."""
    with socket.socket() as probe:
        if os.name == "posix":
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as Java does: closing connections do not count
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def is_soon_free(port: int, seconds: float = 2) -> bool:
    """Tells whether a server could listen there now, or within `seconds`: a killed process keeps its port for a moment."""
    deadline = time.monotonic() + seconds
    while not is_free(port):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def choose(preferred: int, taken: Collection[int] = ()) -> int:
    """Returns the first port of `preferred`, `preferred` + 10, ... that is free and not in `taken`; RafidError without one.

    Not a port of the system's choosing: those lie where outgoing connections take theirs, so a remembered one is often gone.
    """
    for port in range(preferred, preferred + STEP * TRIES, STEP):
        if port not in taken and is_free(port):
            return port
    raise RafidError(f"no free port among {preferred}, {preferred + STEP}, ... {port}: end what listens there")
