"""Messages on their way to Kafka: every delivery checked, failed ones sent again in order, memory bounded.

kafka-python buffers without bound, its `flush` does not raise what failed, and when the broker moves its producer epoch it
drops what was in flight: so each message is kept here until it is acknowledged.
"""

from __future__ import annotations

import collections
import contextlib
import functools
import threading
from collections.abc import Callable, Iterator, Sequence
from types import TracebackType
from typing import Any, Self

import msgspec
from kafka import errors as kafka_errors

from streams.connect import clients
from streams.connect.kafka import KafkaSettings
from streams.errors import RafidError, one_line

WINDOW_BYTES = 64 * 1024 * 1024  # unacknowledged at once: some 15,000 pages, seconds of a broker's work
LINGER_MS = 250  # over 12 partitions; with 100 ms a batch holds a third as many pages, and the broker pays for each batch
ATTEMPTS = 3
DELIVERY_TIMEOUT_S = 300.0  # a broker that restarts, or a leader that moves, is back within it
_GRACE_S = 30.0  # beyond DELIVERY_TIMEOUT_S the client itself must have given up
CLOSE_TIMEOUT_S = 10.0
# What no second try can mend. A timeout is here because the client has tried for DELIVERY_TIMEOUT_S already.
_FINAL = (
    kafka_errors.AuthorizationError,
    kafka_errors.InvalidRecordError,
    kafka_errors.InvalidTopicError,
    kafka_errors.KafkaTimeoutError,
    kafka_errors.MessageSizeTooLargeError,
    kafka_errors.RecordListTooLargeError,
    kafka_errors.SaslAuthenticationFailedError,
)


class NotDelivered(RafidError):
    """Kafka did not take a message; what was delivered before stays delivered."""


class _Message(msgspec.Struct, eq=False):
    topic: str
    key: bytes | None
    value: bytes | None
    headers: list[tuple[str, bytes]]
    identity: object  # of the messages that stay in order
    size_bytes: int
    arrived: Callable[[], None] | None
    attempts: int = 0
    is_done: bool = False
    error: Exception | None = None


class Publisher:
    """Sends through one kafka-python producer; used by one thread.

    Holds at most `window_bytes` of unacknowledged messages (or one larger message): `send` waits for room. Messages of one
    key arrive in the order they were sent, also when some had to be sent again; they may then arrive twice.
    """

    def __init__(self, producer: Any, *, window_bytes: int = WINDOW_BYTES, timeout_s: float = DELIVERY_TIMEOUT_S) -> None:
        self.delivered: collections.Counter[str] = collections.Counter()
        self._producer = producer
        self._window_bytes = window_bytes
        self._timeout_s = timeout_s
        self._changed = threading.Condition()
        # Key -> its messages from the first unacknowledged one on, in order; what is behind it waits although acknowledged.
        self._held: dict[object, list[_Message]] = {}
        self._held_bytes = 0
        self._in_flight = 0
        self._answered = 0
        self._failed = 0
        self._is_awaited = False

    def send(
        self,
        topic: str,
        key: bytes | None,
        value: bytes | None,
        headers: Sequence[tuple[str, bytes]] = (),
        arrived: Callable[[], None] | None = None,
    ) -> None:
        """Hands over the message: `flush` waits for its arrival. Raises NotDelivered for this or an earlier one.

        `arrived` is called once, on the client's thread, when the brokers have acknowledged this message and all before it
        of its key. It must not wait, raise, or call this publisher.
        """
        size = len(key or b"") + len(value or b"") + sum(len(name) + len(data) for name, data in headers)
        identity = object() if key is None else (topic, key)  # nothing has to stay in order with no key
        message = _Message(topic, key, value, list(headers), identity, size, arrived)
        if self._failed or self._held_bytes + size > self._window_bytes:
            self._wait(lambda: self._held_bytes == 0 or self._held_bytes + size <= self._window_bytes)
        with self._changed:
            if identity in self._held:
                self._held[identity].append(message)
            else:
                self._held[identity] = [message]
            self._held_bytes += size
        self._hand_over(message)

    def flush(self) -> None:
        """Waits until the brokers have acknowledged all that was sent; raises NotDelivered."""
        while self._held:
            self._flush_client()
            self._wait(lambda: not self._in_flight)

    def close(self) -> None:
        """Closes the client; what is still on its way has ten seconds to arrive."""
        with contextlib.suppress(kafka_errors.KafkaTimeoutError):
            self._producer.close(CLOSE_TIMEOUT_S)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        try:
            if kind is None:
                self.flush()
        finally:
            self.close()

    def _hand_over(self, message: _Message) -> None:
        message.attempts += 1
        message.error = None
        message.is_done = False
        with self._changed:
            self._in_flight += 1
        try:
            future = self._producer.send(message.topic, key=message.key, value=message.value, headers=message.headers)
        except kafka_errors.KafkaError as exc:
            self._on_failure(message, exc)
            return
        future.add_callback(functools.partial(self._on_success, message))
        future.add_errback(functools.partial(self._on_failure, message))

    def _on_success(self, message: _Message, _metadata: object) -> None:
        """Runs on the client's thread, as `_on_failure` does: it never waits."""
        with self._changed:
            self._in_flight -= 1
            self._answered += 1
            message.is_done = True
            held = self._held[message.identity]
            through = next((number for number, one in enumerate(held) if not one.is_done), len(held))
            arrived, held[:] = held[:through], held[through:]
            for one in arrived:
                self._held_bytes -= one.size_bytes
                self.delivered[one.topic] += 1
            if not held:
                del self._held[message.identity]
            if self._is_awaited:
                self._changed.notify()
        for one in arrived:
            if one.arrived:
                one.arrived()

    def _on_failure(self, message: _Message, error: Exception) -> None:
        with self._changed:
            self._in_flight -= 1
            self._answered += 1
            self._failed += 1
            message.error = error
            self._changed.notify()

    def _wait(self, is_met: Callable[[], bool]) -> None:
        """Returns when `is_met`, having sent again what failed meanwhile."""
        while True:
            self._await(lambda: bool(self._failed) or is_met())
            if not self._failed:
                return
            self._resend_failed()

    def _await(self, is_met: Callable[[], bool]) -> None:
        """Returns when `is_met`; raises NotDelivered when for longer than the client's own patience nothing is answered."""
        with self._changed:
            answered = -1
            self._is_awaited = True
            try:
                while not self._changed.wait_for(is_met, self._timeout_s + _GRACE_S if answered >= 0 else 0):
                    if answered == self._answered:
                        raise NotDelivered(f"Kafka has answered nothing for {self._timeout_s + _GRACE_S:.0f} s: is it running?")
                    answered = self._answered
            finally:
                self._is_awaited = False

    def _resend_failed(self) -> None:
        """Hands over again what failed, and all later messages of its key, so that they end in their order."""
        self._flush_client()
        self._await(lambda: not self._in_flight)
        with self._changed:
            self._failed = 0
            again = [message for held in self._held.values() for message in _from_first_failure(held)]
        for message in again:
            if message.error and (isinstance(message.error, _FINAL) or message.attempts >= ATTEMPTS):
                raise NotDelivered(f"Kafka did not take a message for {message.topic} ({one_line(message.error)})")
        for message in again:
            self._hand_over(message)
        self._flush_client()

    def _flush_client(self) -> None:
        # Batches go out without lingering. The client's own word on what became of them is not relied on.
        with contextlib.suppress(kafka_errors.KafkaTimeoutError):
            self._producer.flush(self._timeout_s + _GRACE_S)


def _from_first_failure(held: list[_Message]) -> list[_Message]:
    first = next((index for index, message in enumerate(held) if message.error), len(held))
    return held[first:]


@contextlib.contextmanager
def publisher(settings: KafkaSettings, topics: Sequence[str], *, linger_ms: int = LINGER_MS) -> Iterator[Publisher]:
    """Yields a Publisher for these topics, which exist; all that was sent in the block is delivered when it ends without error.

    Raises RafidError when no broker answers within five seconds, or when a topic is missing: none is ever made by sending.
    """
    require_topics(settings, topics)
    producer = clients.producer(
        settings, delivery_timeout_s=DELIVERY_TIMEOUT_S, batch_size=512 * 1024, linger_ms=linger_ms, max_block_ms=60_000
    )
    with Publisher(producer) as messages:
        yield messages


def require_topics(settings: KafkaSettings, topics: Sequence[str]) -> None:
    """Raises RafidError when no broker answers within five seconds, or when a topic is missing or not for this client."""
    with clients.admin(settings) as admin:
        clients.require_topics(admin, settings, sorted(set(topics)))
