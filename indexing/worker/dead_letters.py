"""Messages that cannot become documents, on their way to the dead letters."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from typing import NamedTuple

from kafka import KafkaProducer
from kafka.errors import KafkaError

from indexing.worker.batches import Message
from streams.connect import clients
from streams.connect.kafka import KafkaSettings
from streams.dead_letters.envelope import Reason, dead_letter_for
from streams.errors import RafidError
from streams.topics import topics

DELIVERY_TIMEOUT_S = 120


class Rejection(NamedTuple):
    """A message, and why it cannot go on."""

    message: Message
    reason: Reason
    error: str


class DeadLetters:
    """Delivers rejections to the dead-letters topic of a namespace; connects at the first one. For many threads."""

    def __init__(self, settings: KafkaSettings) -> None:
        self._settings = settings
        self._topic = topics(settings.namespace).dead_letters.name
        self._producer: KafkaProducer | None = None
        self._connecting = threading.Lock()

    def deliver(self, rejections: Iterable[Rejection], failed_at: str) -> None:
        """Delivers every rejection to the topic, acknowledged by its in-sync replicas; raises RafidError when one is not."""
        letters = [
            dead_letter_for(message, "index", reason, error, failed_at).for_kafka_python()
            for message, reason, error in rejections
        ]
        if not letters:
            return
        try:
            producer = self._connected()
            futures = [producer.send(self._topic, letter.value, letter.key, list(letter.headers)) for letter in letters]
            for future in futures:
                future.get(timeout=DELIVERY_TIMEOUT_S + 10)
        except (KafkaError, clients.NoKafka) as exc:
            raise RafidError(f"a dead letter could not be delivered to {self._topic} ({exc}): nothing was committed") from exc

    def close(self) -> None:
        """Closes the connections; what was delivered stays delivered."""
        if self._producer is not None:
            self._producer.close(timeout=5)

    def _connected(self) -> KafkaProducer:
        with self._connecting:
            if self._producer is None:
                self._producer = clients.producer(self._settings, delivery_timeout_s=DELIVERY_TIMEOUT_S, linger_ms=5)
            return self._producer
