"""The vital signs of a process, as plain numbers: its own threads write them, a scrape reads them.

Nothing here knows of Prometheus, so the hot path pays for an addition and no more.
"""

from __future__ import annotations

import threading
import time
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterator, Mapping

from streams.runtime.backlog import Backlog
from streams.runtime.fates import Counts

BATCH_MESSAGES = (1, 10, 50, 100, 250, 500, 1_000)
BATCH_S = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)


class Distribution:
    """Counts values by the bucket that they fall into. One thread observes; any thread may read."""

    def __init__(self, bounds: tuple[float, ...]) -> None:
        self.bounds = bounds
        self.total = 0.0
        self._numbers = [0] * (len(bounds) + 1)

    def observe(self, value: float) -> None:
        """Counts a value under the first bound that is not below it."""
        self._numbers[bisect_left(self.bounds, value)] += 1
        self.total += value

    def cumulative(self) -> Iterator[tuple[str, int]]:
        """Yields each bound as Prometheus writes it, the last one `+Inf`, and how many values are not above it."""
        seen = 0
        for bound, number in zip((*map(str, map(float, self.bounds)), "+Inf"), self._numbers, strict=True):
            seen += number
            yield bound, seen


class Vitals:
    """What a process says of itself beside its counts.

    `turned_at` is when its loop last turned (`time.monotonic`), `succeeded_at` when a batch was last durable (seconds since
    1970, 0 before the first). Each of `hindrances` says why the process is not ready, in a few words, or nothing.
    """

    def __init__(self, counts: Counts, silent_after_s: float) -> None:
        self.counts = counts
        self.is_started = threading.Event()
        self.silent_after_s = silent_after_s
        self.turned_at = time.monotonic()
        self.succeeded_at = 0.0
        self.retries: Counter[str] = Counter()  # by what was tried again, a closed list of each stage
        self.backlog = Backlog()
        self.hindrances: list[Callable[[], str]] = []
        self.batch_messages = Distribution(BATCH_MESSAGES)
        self.batch_s = Distribution(BATCH_S)
        self.distributions: dict[str, Distribution] = {}  # of one kind of process, by their names in `metrics.METRICS`
        self.gauges: dict[str, Callable[[], float]] = {}  # likewise, and how to read each now
        self.labelled: dict[str, Callable[[], Mapping[tuple[str, ...], float]]] = {}  # likewise, by the values of labels
        self._retrying = threading.Lock()

    def count_retry(self, operation: str) -> None:
        """Counts one more try of an operation; for many threads."""
        with self._retrying:
            self.retries[operation] += 1

    def turn(self) -> None:
        """Notes that the loop turns."""
        self.turned_at = time.monotonic()

    def settle_batch(self, messages: int, duration_s: float) -> None:
        """Notes that a batch is durable, how many messages it had and how long it took."""
        self.succeeded_at = time.time()
        self.batch_messages.observe(messages)
        self.batch_s.observe(duration_s)

    @property
    def is_alive(self) -> bool:
        """Whether the loop has turned lately. A process that still starts is alive: it may wait for a server for hours."""
        return not self.is_started.is_set() or time.monotonic() - self.turned_at < self.silent_after_s

    @property
    def hindrance(self) -> str:
        """Why the process is not ready: it has not started, its loop stands, or the first of `hindrances`; empty when it is."""
        if not self.is_started.is_set():
            return "not started"
        if not self.is_alive:
            return f"the loop has not turned for {time.monotonic() - self.turned_at:.0f} s"
        return next(filter(None, (says() for says in self.hindrances)), "")

    def must_catch_up(self) -> None:
        """Makes what is overdue a hindrance, for a process that consumes."""
        self.hindrances.append(lambda: self.backlog.hindrance(time.monotonic()))
