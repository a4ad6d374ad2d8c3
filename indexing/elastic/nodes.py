"""The nodes of a cluster that requests are sent to, for several threads."""

from __future__ import annotations

import threading
from typing import Any

from elastic_transport import BaseNode, NodePool


class SharedNodePool(NodePool):
    """The client's own pool, with a lock around it.

    elastic-transport 9 goes through the nodes that are alive while another thread may be marking one of them dead, and raises
    "dictionary changed size during iteration": an index worker ended by it when nodes were killed.
    """

    def __init__(self, *arguments: Any, **settings: Any) -> None:
        self._lock = threading.RLock()
        super().__init__(*arguments, **settings)

    def get(self) -> BaseNode:
        """Returns the node whose turn it is."""
        with self._lock:
            return super().get()

    def mark_dead(self, node: BaseNode, _now: float | None = None) -> None:
        """Leaves the node out for a while, longer each time."""
        with self._lock:
            super().mark_dead(node, _now)

    def mark_live(self, node: BaseNode) -> None:
        """Takes the node in again, since it has answered."""
        with self._lock:
            super().mark_live(node)
