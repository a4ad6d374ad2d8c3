"""Pages as they came in: the one that a document was made of, found in its topic by key and time."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final, NamedTuple, TypeVar

from kafka import TopicPartition
from kafka.errors import KafkaError
from kafka.partitioner.default import murmur2

from streams.connect import clients
from streams.connect.kafka import KafkaSettings
from streams.records import MalformedRecord, Page
from streams.topics import topics

LOOK_S: Final = 2.0
TURN_S: Final = 3.0  # what a reader waits for another before it goes without
AWAY_S: Final = 30.0  # so long a broker that did not answer is not asked again: each try takes seconds of an answer's time
MOST_MESSAGES: Final = 2_000  # of one partition behind the moment that is looked at
Found = TypeVar("Found")


class Stored(NamedTuple):
    """A page, and when it was appended, in ms since 1970."""

    at_ms: int
    page: Page


class PageLog:
    """Reads single pages from the topic of pages; one reader at a time, because the client is not made for threads."""

    def __init__(self, kafka: KafkaSettings) -> None:
        self._kafka = kafka
        self._topic = topics(kafka.namespace).pages.name
        self._consumer: Any = None
        self._turn = threading.Lock()
        self._away_until_s = 0.0

    def find(self, page_id: str, appended_ms: int) -> Page | None:
        """Returns the page with this id that was appended at this time; None when its topic no longer has it, or does not answer.

        The reader of a story sees its body then, without what was taken out: a lesser page, and no failure.
        """
        found = self._looked_up(lambda: next(self._matching(page_id, appended_ms, None), None))
        return found.page if found else None

    def between(self, page_ids: Iterable[str], first_ms: int, last_ms: int) -> list[Stored]:
        """Returns the pages with these ids that were appended from the first time to the last, oldest first.

        The last is looked for by its time, those before it among the 2,000 messages after the first time.
        """

        def every() -> list[Stored]:
            found: dict[int, Stored] = {}
            for page_id in page_ids:
                for begin_ms in (first_ms, last_ms):
                    found |= {stored.at_ms: stored for stored in self._matching(page_id, begin_ms, last_ms)}
            return [found[at_ms] for at_ms in sorted(found)]

        return self._looked_up(every) or []

    def _looked_up(self, look: Callable[[], Found]) -> Found | None:
        if time.monotonic() < self._away_until_s or not self._turn.acquire(timeout=TURN_S):
            return None
        try:
            return look()
        except (clients.NoKafka, KafkaError):
            self._away_until_s = time.monotonic() + AWAY_S
            self.close()
            return None
        finally:
            self._turn.release()

    def close(self) -> None:
        """Closes the connection; the next reader opens another."""
        if self._consumer is not None:
            with contextlib.suppress(KafkaError):
                self._consumer.close()
            self._consumer = None

    def _matching(self, page_id: str, appended_ms: int, last_ms: int | None) -> Iterator[Stored]:
        consumer = self._connected()
        partitions = sorted(consumer.partitions_for_topic(self._topic) or ())
        if not partitions:
            return
        try:
            key = bytes.fromhex(page_id)
        except ValueError:  # an id that another program gave its document
            return
        # As every Kafka client places a key: no other partition can hold the page.
        partition = TopicPartition(self._topic, partitions[(murmur2(key) & 0x7FFFFFFF) % len(partitions)])
        start = consumer.offsets_for_times({partition: appended_ms})[partition]
        if start is None:
            return
        consumer.assign([partition])
        consumer.seek(partition, start.offset)
        end, deadline = consumer.end_offsets([partition])[partition], time.monotonic() + LOOK_S
        end = min(end, start.offset + MOST_MESSAGES)
        while consumer.position(partition) < end and time.monotonic() < deadline:
            for message in consumer.poll(timeout_ms=500, max_records=50).get(partition, ()):
                if last_ms is not None and message.timestamp > last_ms:
                    return
                if message.key == key and message.value is not None:
                    with contextlib.suppress(MalformedRecord):
                        yield Stored(message.timestamp, Page.from_bytes(message.value))

    def _connected(self) -> Any:
        if self._consumer is None:
            self._consumer = clients.consumer(self._kafka)
        return self._consumer
