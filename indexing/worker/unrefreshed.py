"""What was written since the index was last refreshed: a look-up is a search and may not see it."""

from __future__ import annotations

import threading
from collections.abc import Iterable


class UnrefreshedWrites:
    """The ids of the last writes and the period of each. Claimed in the order of the topic, settled by the threads that write.

    About 150 bytes an id. When it is full and no write is under way, the index is refreshed and the ids are forgotten: the
    look-up sees all of them then.
    """

    def __init__(self, limit: int = 250_000) -> None:
        self._limit = limit
        self._periods: dict[str, str | None] = {}
        self._lock = threading.Lock()

    @property
    def full(self) -> bool:
        """Whether it is time to refresh the index and clear this."""
        return len(self._periods) >= self._limit

    def claim(self, doc_ids: Iterable[str]) -> list[bool]:
        """Notes that these are about to be written; says of each whether it is the first time since the refresh."""
        with self._lock:
            first: list[bool] = []
            for doc_id in doc_ids:
                first.append(doc_id not in self._periods)
                self._periods.setdefault(doc_id, None)
            return first

    def period(self, doc_id: str, period: str) -> str:
        """Returns the period whose index this id is written to: the one that the first of its writes settled, perhaps this."""
        with self._lock:
            first = self._periods.get(doc_id) or period
            self._periods[doc_id] = first
            return first

    def clear(self) -> None:
        """Forgets all of it."""
        with self._lock:
            self._periods.clear()
