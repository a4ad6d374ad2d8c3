"""How far the index worker is behind: what its partitions hold beyond what is durable."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Mapping

from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError

from streams.runtime.vitals import Vitals

log = logging.getLogger("rafid.index")

MEASURE_EVERY_S = 5.0
# The loop waits for the broker's answer, so briefly that the group does not notice.
TIMEOUT_MS = 2_000


class Lag:
    """The lag of one assignment. `clock` gives seconds, as `time.monotonic` does."""

    def __init__(self, consumer: KafkaConsumer, vitals: Vitals, clock: Callable[[], float] = time.monotonic) -> None:
        self._consumer, self._vitals, self._clock = consumer, vitals, clock
        self._starts: dict[TopicPartition, int | None] = {}
        self._measured_at = clock()
        vitals.must_catch_up()

    def begin(self, starts: Mapping[TopicPartition, int | None]) -> None:
        """Begins an assignment: these partitions from these offsets, None for their first."""
        self._starts = dict(starts)
        self._vitals.backlog.begin()
        self._measured_at = self._clock() - MEASURE_EVERY_S

    def measure(self, durable: Mapping[TopicPartition, int]) -> None:
        """Asks the broker, every five seconds, where the partitions end; `durable` has the next offset to read of some."""
        now = self._clock()
        if now - self._measured_at < MEASURE_EVERY_S:
            return
        self._measured_at = now
        try:
            unknown = [partition for partition, start in self._starts.items() if start is None]
            if unknown:
                self._starts |= self._consumer.beginning_offsets(unknown, timeout_ms=TIMEOUT_MS)
            ends = self._consumer.end_offsets([*self._starts], timeout_ms=TIMEOUT_MS) if self._starts else {}
        except KafkaError as exc:
            log.debug("lag not measured: %s", exc)  # the numbers of before stand, and what needs the broker says so itself
            return
        settled = {partition: start or 0 for partition, start in self._starts.items()} | dict(durable)
        self._vitals.backlog.measure(dict(_named(ends)), dict(_named(settled)), now)


def _named(offsets: Mapping[TopicPartition, int]) -> Iterator[tuple[tuple[str, int], int]]:
    return (((tp.topic, tp.partition), offset) for tp, offset in offsets.items())
