"""A probe: `python -m deploy.image.connected PORT` exits 0 while this container holds a connection to that port.

Workers hold connections to their broker for as long as they work, heartbeats keep them open. A worker that lost its broker
for good, or never reached it, has none.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable

import psutil


def is_connected(port: int, remote_ports: Iterable[int]) -> bool:
    """Returns whether one of the connections leads to the port."""
    return port in set(remote_ports)


def established() -> list[int]:
    """Returns the remote port of each established connection that may be seen from here."""
    every = psutil.net_connections("tcp")
    return [each.raddr.port for each in every if each.status == psutil.CONN_ESTABLISHED and each.raddr]


if __name__ == "__main__":
    sys.exit(0 if is_connected(int(sys.argv[1]), established()) else 1)
