"""How far a worker is behind: messages that its partitions hold and it has not settled, and those of them that are overdue. Pure.

A message is overdue when it was on its topic a minute ago, or when the assignment began, and is not settled. So a worker that
keeps up under load is caught up, whatever comes meanwhile, and one that works off what piled up is not until it is through.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping

Partition = tuple[str, int]  # topic and number

# Chosen by reading: a page takes seconds to become searchable, and twice the 30 s that a retry may wait is no fault yet.
DUE_AFTER_S = 60.0
# The broker is asked every five seconds: an answer that is older says that it does not answer.
STALE_AFTER_S = 30.0


class Backlog:
    """What was last measured, by partition. One thread measures; any thread may read. Times are those of `time.monotonic`."""

    def __init__(self) -> None:
        self.lag: dict[Partition, int] = {}
        self.overdue: dict[Partition, int] = {}
        self._measured_at: float | None = None
        self._ends: deque[tuple[float, Mapping[Partition, int]]] = deque()

    def begin(self) -> None:
        """Forgets what was measured: an assignment begins."""
        self.lag, self.overdue, self._measured_at = {}, {}, None
        self._ends.clear()

    def measure(self, ends: Mapping[Partition, int], settled: Mapping[Partition, int], now_s: float) -> None:
        """Notes where the assigned partitions end, and the offset behind the last settled message of each."""
        self._ends.append((now_s, dict(ends)))
        while len(self._ends) > 1 and self._ends[1][0] <= now_s - DUE_AFTER_S:
            self._ends.popleft()
        self.lag = {partition: max(0, end - settled[partition]) for partition, end in ends.items()}
        self.overdue = {partition: max(0, self._due(partition) - settled[partition]) for partition in ends}
        self._measured_at = now_s

    def hindrance(self, now_s: float) -> str:
        """Returns why the worker is not caught up; empty when it is."""
        if self._measured_at is None:
            return "where the partitions end is not known yet"
        if (silent_s := now_s - self._measured_at) > STALE_AFTER_S:
            return f"where the partitions end is not known for {silent_s:.0f} s: Kafka does not answer"
        overdue = sum(self.overdue.copy().values())
        return f"{overdue:,} messages are overdue" if overdue else ""

    def _due(self, partition: Partition) -> int:
        """Returns where the partition ended when the oldest answer that is kept came, or the first one about it."""
        return next(ends[partition] for _, ends in self._ends if partition in ends)
