"""Pages as they came in: the one that a document was made of, found in its topic by key and time."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator
from typing import Any, Final

from kafka import TopicPartition
from kafka.errors import KafkaError
from kafka.partitioner.default import murmur2

from streams.connect import clients
from streams.connect.kafka import KafkaSettings
from streams.records import MalformedRecord, Page
from streams.topics import topics

LOOK_S: Final = 2.0
MOST_MESSAGES: Final = 2_000  # of one partition behind the moment that is looked at


class PageLog:
    """Reads single pages from the topic of pages; one reader at a time, because the client is not made for threads."""

    def __init__(self, kafka: KafkaSettings) -> None:
        self._kafka = kafka
        self._topic = topics(kafka.namespace).pages.name
        self._consumer: Any = None
        self._turn = threading.Lock()

    def find(self, page_id: str, appended_ms: int) -> Page | None:
        """The page with this id that was appended at this time; None when the topic no longer has it, or cannot be asked.

        The reader of a story sees its body then, without what was taken out: a lesser page, and no failure.
        """
        with self._turn:
            try:
                return next(self._matching(page_id, appended_ms), None)
            except (clients.NoKafka, KafkaError):
                self.close()
                return None

    def close(self) -> None:
        """The connection is closed; the next reader opens another."""
        if self._consumer is not None:
            with contextlib.suppress(KafkaError):
                self._consumer.close()
            self._consumer = None

    def _matching(self, page_id: str, appended_ms: int) -> Iterator[Page]:
        consumer = self._connected()
        partitions = sorted(consumer.partitions_for_topic(self._topic) or ())
        if not partitions:
            return
        key = bytes.fromhex(page_id)
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
                if message.key == key and message.value is not None:
                    with contextlib.suppress(MalformedRecord):
                        yield Page.from_bytes(message.value)

    def _connected(self) -> Any:
        if self._consumer is None:
            self._consumer = clients.consumer(self._kafka)
        return self._consumer
