"""The index worker: verdicts from Kafka into Elasticsearch, an offset committed only after its effect is durable.

Main thread: poll, batch, hand over, settle, commit; it never waits for Elasticsearch, so the group never waits for it.
Other threads: look up, write, dead-letter, tidy; a batch is looked up while the one before it is written.
"""

from __future__ import annotations

import dataclasses
import logging
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import Any, NamedTuple

from kafka import ConsumerRebalanceListener, KafkaConsumer, OffsetAndMetadata, TopicPartition
from kafka.errors import KafkaError

from indexing.elastic.requests import Stopping
from indexing.worker.batches import Accumulator, Batch, Limits, Message, Progress, Span
from indexing.worker.lag import Lag
from indexing.worker.resting import LOOK_EVERY_S, Resting
from indexing.worker.writer import Writer, Written
from streams.errors import RafidError
from streams.runtime.lifecycle import Process
from streams.runtime.vitals import Distribution

log = logging.getLogger("rafid.index")

COMMIT_EVERY_S = 1.0
IDLE_POLL_MS = 100
BUSY_POLL_MS = 40  # a batch that settles meanwhile is noticed this much later
COMMITTED_MS = 30_000
AGE_S = (1, 2, 5, 10, 30, 60, 300, 900, 3_600, 21_600, 86_400)


@dataclasses.dataclass(frozen=True, slots=True)
class IndexerSettings:
    """The bounds of a worker: of its batches, of the bulk requests at a time, and of its last seconds."""

    limits: Limits = dataclasses.field(default_factory=Limits)
    in_flight: int = 3  # one is sent while two are written: with two, a core of the server waits for our sending (measured)
    drain_s: float = 30.0
    look_every_s: float = LOOK_EVERY_S  # for months that nothing was written to since the last look


class Rebalances(ConsumerRebalanceListener):  # type: ignore[misc]
    """Counts the rebalances. It is called on the consumer's own thread, but only while the main thread polls."""

    def __init__(self) -> None:
        self.count = 0
        self.is_joining = False

    def on_partitions_revoked(self, revoked: object) -> None:
        """Notes that what is in hand belongs to the assignment before."""
        self.count += 1
        self.is_joining = True

    def on_partitions_assigned(self, assigned: object) -> None:
        """Notes that what comes from now on belongs to this assignment."""
        self.count += 1
        self.is_joining = False

    def on_partitions_lost(self, lost: object) -> None:
        """Notes that others may have what is in hand already."""
        self.count += 1

    def hindrance(self) -> str:
        """Returns why the worker cannot say that it has its partitions; empty when it can."""
        return "the group shares out its partitions" if self.is_joining else ""


class UnderWay(NamedTuple):
    """A batch that was handed over: the spans that it settles, its messages, and since when (by the loop's clock)."""

    spans: tuple[Span, ...]
    messages: int
    since_s: float


class Indexer:
    """One worker of the group that indexes; `run` until it is stopped."""

    def __init__(
        self,
        consumer: KafkaConsumer,
        topic: str,
        writer: Writer,
        resting: Resting,
        settings: IndexerSettings,
        *,
        stopping: threading.Event,
        process: Process,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._consumer = consumer
        self._writer = writer
        self._resting = resting
        self._settings = settings
        self._stopping = stopping
        self._clock = clock
        self._process = process
        self._lag = Lag(consumer, process.vitals, clock)
        self._ages = Distribution(AGE_S)
        process.vitals.distributions["rafid_page_age_seconds"] = self._ages
        self._rebalances = Rebalances()
        process.vitals.hindrances.append(self._rebalances.hindrance)
        self._seen_rebalances = 0
        self._accumulator = Accumulator(settings.limits)
        self._progress = Progress()
        # Beside those that write, one looks up.
        self._threads = ThreadPoolExecutor(settings.in_flight + 1, thread_name_prefix="index")
        self._on_their_way: dict[Future[Written], UnderWay] = {}
        self._must_refresh = True
        self._refreshing: Future[None] | None = None
        self._looking: Future[None] | None = None
        self._looked_at = clock() - settings.look_every_s
        self._durable: dict[TopicPartition, int] = {}
        self._uncommitted = threading.Event()
        self._committed_at = clock()
        consumer.subscribe([topic], listener=self._rebalances)
        # Asked for after subscribing: a group joined without knowing the topic's partitions would be joined again at once.
        check_topic(consumer, topic)

    def run(self) -> Counter[str]:
        """Works until `stopping` is set, then finishes what is on its way and commits it; returns what became of the messages.

        Raises ElasticsearchRefused or RafidError when Elasticsearch, or the dead letters, will not have it; then nothing that
        is not durable was committed, and another start goes on from there.
        """
        try:
            while not self._stopping.is_set():
                # 1. Poll: always, also when there is no room, because that is what tells the group that we live.
                self._poll()
                # 2. Batch: by count, bytes and age, or nothing more comes and none is on its way.
                # 3. Hand over: to the threads that look up and write.
                self._hand_over()
                # 4. Settle: what is durable moves the offsets of its partitions.
                self._settle()
                # 5. Commit: the ends of the unbroken runs of settled messages.
                self._commit()
                # 6. Tidy: months that nobody writes to any more are merged.
                self._tidy()
                self._lag.measure(self._durable)
                self._process.report()
            self._drain()
        finally:
            self._stopping.set()
            self._threads.shutdown(wait=True, cancel_futures=True)
        return self.counts

    @property
    def counts(self) -> Counter[str]:
        """What became of the messages that are durable so far, by the values of Fate."""
        return self._process.counts.fates

    @property
    def _has_room(self) -> bool:
        return len(self._on_their_way) <= self._settings.in_flight and not self._must_refresh

    def _poll(self) -> None:
        if self._rebalances.is_joining:
            # kafka-python 3.0.12 forgets a join that outlasts a poll when changed metadata caused it, and would wait for
            # ever with nothing assigned; as long as a rejoin is requested, it looks at the join again.
            self._consumer._coordinator.request_rejoin()  # noqa: SLF001
            poll_ms = IDLE_POLL_MS
        elif self._has_room:
            self._consumer.resume(*self._consumer.paused())
            poll_ms = BUSY_POLL_MS if self._on_their_way else IDLE_POLL_MS
        else:
            self._consumer.pause(*self._consumer.assignment())
            poll_ms = 0
            self._rest()
        records = self._consumer.poll(timeout_ms=poll_ms, max_records=self._settings.limits.messages)
        if self._seen_rebalances != self._rebalances.count:
            self._start_over()
            return
        now = self._clock()
        for batch_of_partition in records.values():
            for record in batch_of_partition:
                message = Message(record.topic, record.partition, record.offset, record.key, record.value, tuple(record.headers))
                self._begin(self._accumulator.add(message, now))
        if not records and not self._on_their_way and self._has_room:
            # With nothing more to read there is nothing to wait for. While a batch is on its way, what trickles in gathers for
            # the next one (as RFC 896 has it for segments): a server pays for each request. The age bounds it.
            self._begin(self._accumulator.flush())

    def _rest(self) -> None:
        """Waits a moment for something to settle."""
        pending: list[Future[Any]] = [*self._on_their_way]
        if self._refreshing is not None:
            pending.append(self._refreshing)
        wait(pending, timeout=IDLE_POLL_MS / 1000, return_when=FIRST_COMPLETED)

    def _start_over(self) -> None:
        """Starts over after a rebalance: what was not committed is read again, by whoever has its partition now."""
        self._seen_rebalances = self._rebalances.count
        self._accumulator.flush()
        self._progress = Progress()
        self._durable.clear()
        # What another worker wrote a moment ago must be visible to the first look-up.
        self._must_refresh = True
        starts = {tp: self._consumer.committed(tp, timeout_ms=COMMITTED_MS) for tp in self._consumer.assignment()}
        for partition, committed in starts.items():
            if committed is None:
                self._consumer.seek_to_beginning(partition)
            else:
                self._consumer.seek(partition, committed)
        self._lag.begin(starts)
        if not self._rebalances.is_joining and not self._process.is_started.is_set():
            self._process.ready()

    def _hand_over(self) -> None:
        if self._has_room:
            self._begin(self._accumulator.due(self._clock()))
        if self._writer.wants_refresh:
            self._must_refresh = True
        if self._must_refresh and self._refreshing is None and not self._on_their_way:
            self._refreshing = self._threads.submit(self._writer.refresh)

    def _begin(self, batch: Batch | None) -> None:
        if batch is not None:
            decoded = self._writer.decode(batch)
            under_way = UnderWay(self._progress.begin(batch), len(batch.messages), self._clock())
            self._on_their_way[self._threads.submit(self._writer.write, decoded)] = under_way

    def _settle(self) -> None:
        if self._refreshing is not None and self._refreshing.done():
            self._refreshing.result()
            self._refreshing = None
            self._must_refresh = False
        for future in [future for future in self._on_their_way if future.done()]:
            batch = self._on_their_way.pop(future)
            try:
                written = future.result()
            except Stopping:  # given up because the process ends: the next start reads it again
                continue
            self._note(batch, written)
            for (topic, partition), offset in self._progress.settle(batch.spans).items():
                self._durable[TopicPartition(topic, partition)] = offset
                self._uncommitted.set()

    def _note(self, batch: UnderWay, written: Written) -> None:
        for fate, number in written.fates.items():
            self._process.counts.add(fate, number)
        for message, reason, error in written.rejections:
            self._process.note_dead_letter(message, reason, error)
        for age_s in written.ages_s:
            self._ages.observe(age_s)
        self._process.vitals.settle_batch(batch.messages, self._clock() - batch.since_s)

    def _commit(self) -> None:
        due = not self._on_their_way or self._clock() - self._committed_at >= COMMIT_EVERY_S
        if due and self._uncommitted.is_set():
            self._committed_at = self._clock()
            self._uncommitted.clear()
            self._consumer.commit_async(self._offsets(), callback=self._note_commit)

    def _tidy(self) -> None:
        """Looks after the months at rest, in the one worker of the group that has the first partition."""
        if self._looking is not None and self._looking.done():
            self._looking.result()
            self._looking = None
        is_due = self._clock() - self._looked_at >= self._settings.look_every_s
        if is_due and self._looking is None and any(each.partition == 0 for each in self._consumer.assignment()):
            self._looked_at = self._clock()
            self._looking = self._threads.submit(self._resting.look)

    def _note_commit(self, offsets: object, response: object) -> None:
        if isinstance(response, Exception):
            # Nothing is lost: they are committed again, or whoever has the partitions now reads on from before.
            log.warning("offsets not committed (%s): trying again", response)
            self._uncommitted.set()

    def _offsets(self) -> dict[TopicPartition, OffsetAndMetadata]:
        return {partition: OffsetAndMetadata(offset, "", -1) for partition, offset in self._durable.items()}

    def _drain(self) -> None:
        """Finishes and commits, within `drain_s`, what is being written; what waits for a retry is left to the next start."""
        wait(self._on_their_way, timeout=self._settings.drain_s)
        self._refreshing = None
        self._settle()
        if self._uncommitted.is_set():
            try:
                self._consumer.commit(self._offsets(), timeout_ms=10_000)
            except KafkaError as exc:  # such as a rebalance meanwhile: whoever has the partitions now reads on from before
                log.warning("offsets not committed (%s): the next start writes the same again", exc)


def check_topic(consumer: KafkaConsumer, topic: str) -> None:
    """Raises RafidError when there is no such topic."""
    if topic not in consumer.topics():
        raise RafidError(f"there is no topic {topic}: run `rafid provision`")
