"""How far a rebuild is: whether all that had arrived at one moment went through its three workers."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator

from kafka import KafkaAdminClient, KafkaConsumer

from deploy.audit import logs
from streams.connect import clients, reading
from streams.connect.kafka import KafkaSettings
from streams.errors import RafidError
from streams.topics import Topic, Topics, group

POLL_S = 0.5


class Progress:
    """The positions of a rebuild's workers on their topics, asked for again and again."""

    def __init__(self, our_topics: Topics, consumer: KafkaConsumer, admin: KafkaAdminClient) -> None:
        self._our_topics, self._consumer, self._admin = our_topics, consumer, admin

    def behind(self) -> dict[str, int]:
        """Returns how many messages each worker has yet to do."""
        return {worker: self._left(worker, topic, reading.ends(self._consumer, topic)) for worker, topic in self._stages()}

    def wait(self, timeout_s: float, waiting: Callable[[str, int], None] = lambda _worker, _left: None) -> None:
        """Returns when all pages that are on their topic now are documents of the rebuild, whatever comes meanwhile.

        Raises RafidError when a stage has made no progress for `timeout_s`.
        """
        for worker, topic in self._stages():  # what a stage has committed lies on the topic of the next
            ends = reading.ends(self._consumer, topic)
            least, since = None, time.monotonic()
            while left := self._left(worker, topic, ends):
                waiting(worker, left)
                if least is None or left < least:
                    least, since = left, time.monotonic()
                elif time.monotonic() - since > timeout_s:
                    raise RafidError(
                        f"{left:,} messages wait for the {worker} worker of {self._our_topics.namespace}: does it run?"
                    )
                time.sleep(POLL_S)

    def _stages(self) -> Iterator[tuple[str, Topic]]:
        yield from {
            "split": self._our_topics.pages,
            "dedup": self._our_topics.articles,
            "index": self._our_topics.deduplicated,
        }.items()

    def _left(self, worker: str, topic: Topic, ends: reading.Offsets) -> int:
        begin = reading.beginnings(self._consumer, topic)
        done = begin | logs.committed(self._admin, group(worker, self._our_topics.namespace), topic.name, begin)
        return sum(max(0, end - max(done[number], begin[number])) for number, end in ends.items())


@contextlib.contextmanager
def positions(kafka: KafkaSettings, our_topics: Topics) -> Iterator[Progress]:
    """Yields the Progress of the rebuild into `our_topics`; raises NoKafka, also for what fails in the block."""
    with clients.open_consumer(kafka, **logs.CONSUMER) as consumer, clients.admin(kafka) as admin:
        yield Progress(our_topics, consumer, admin)
