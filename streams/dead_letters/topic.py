"""The dead-letters topic: what lies there is read, picked, and sent again."""

from __future__ import annotations

import dataclasses
import hashlib
import time
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any, NamedTuple

from kafka import KafkaConsumer, TopicPartition
from kafka.errors import AuthorizationError, KafkaError

from streams.connect import clients
from streams.connect.kafka import KafkaSettings
from streams.dead_letters.envelope import Headers, Incomplete, NotReplayable, OutgoingMessage, letter_of, original_message, replay
from streams.errors import RafidError
from streams.records import DeadLetter, MalformedRecord
from streams.topics import topics

POLL_MS = 500
# Sent again and not yet known to be delivered; bounds the memory of a replay of a whole topic.
UNDELIVERED = 100
DELIVERY_TIMEOUT_S = 120
READ_TIMEOUT_S = 30.0


class StoredLetter(NamedTuple):
    """A dead letter where it lies; `letter` is None when the message is none."""

    partition: int
    offset: int
    letter: DeadLetter | None
    key: bytes | None
    value: bytes | None
    headers: Headers

    @property
    def position(self) -> str:
        """`PARTITION:OFFSET`, as the commands take it."""
        return f"{self.partition}:{self.offset}"

    @property
    def order(self) -> tuple[datetime, int, int]:
        """Sorts by the moment of the failure, and those of one moment as they lie; what is no dead letter comes first."""
        failed_at = datetime.fromisoformat(self.letter.failed_at) if self.letter else datetime.min.replace(tzinfo=UTC)
        return failed_at, self.offset, self.partition


@dataclasses.dataclass(frozen=True, slots=True)
class Selection:
    """Which dead letters are meant: those at `positions` (partition, offset), or those that pass every filter that is set."""

    positions: frozenset[tuple[int, int]] = frozenset()
    stage: str | None = None
    reason: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    def takes(self, stored: StoredLetter) -> bool:
        """Tells whether this letter is chosen; what is no dead letter is only ever chosen by its position."""
        if self.positions:
            return (stored.partition, stored.offset) in self.positions
        letter = stored.letter
        if letter is None:
            return False
        failed_at = datetime.fromisoformat(letter.failed_at)
        return (
            self.stage in (None, letter.stage)
            and self.reason in (None, letter.reason)
            and (self.since is None or failed_at >= self.since)
            and (self.until is None or failed_at < self.until)
        )


@dataclasses.dataclass(slots=True)
class Replayed:
    """What became of a replay: records by topic, and the letters that could not be sent again, with the reason."""

    sent: dict[str, int] = dataclasses.field(default_factory=dict)
    not_sent: list[tuple[StoredLetter, str]] = dataclasses.field(default_factory=list)


def read_letters(kafka: KafkaSettings, selection: Selection, *, newest: int | None = None) -> Iterator[StoredLetter]:
    """Yields the chosen dead letters that lie there at the time of the call, a partition's in its order. Raises RafidError.

    With `newest` only so many messages at the end of the topic are looked at, as many of each partition.
    """
    name = topics(kafka.namespace).dead_letters.name
    with clients.open_consumer(kafka) as consumer:
        partitions = [TopicPartition(name, number) for number in sorted(_partitions(consumer, name))]
        begins, ends = consumer.beginning_offsets(partitions), consumer.end_offsets(partitions)
        for number, offset in sorted(selection.positions):
            partition = TopicPartition(name, number)
            if not begins.get(partition, 0) <= offset < ends.get(partition, 0):
                raise RafidError(f"there is no dead letter {number}:{offset}: see `rafid dead-letters list`")
        for partition in partitions:
            wanted = sorted(offset for number, offset in selection.positions if number == partition.partition)
            first = begins[partition] if newest is None else max(begins[partition], ends[partition] - newest // len(partitions))
            starts = wanted or ([] if selection.positions else [first])
            for start in starts:
                stored = _from(consumer, partition, start, start + 1 if selection.positions else ends[partition])
                yield from filter(selection.takes, stored)


def send_again(kafka: KafkaSettings, letters: Iterable[StoredLetter], *, dry_run: bool = False) -> Replayed:
    """Sends each letter's message to the topic that it came from, and waits until it is there.

    Returns what was sent; `not_sent` names what cannot be. A letter that holds only a part of its message is completed from its
    topic, while it is retained there. A dry run does everything but send. Raises RafidError when Kafka takes none: then a part
    may have been sent.
    """
    done = Replayed()
    ours = {topic.name for topic in topics(kafka.namespace).all()}
    producer = None if dry_run else clients.producer(kafka, delivery_timeout_s=DELIVERY_TIMEOUT_S)
    undelivered: list[Any] = []
    try:
        for stored in letters:
            try:
                topic, partition, message = _message(kafka, stored, ours)
                if producer is not None:
                    undelivered.append(producer.send(topic, message.value, message.key, list(message.headers), partition))
            except (NotReplayable, MalformedRecord, ValueError, TypeError) as exc:  # the last two: the client will not take it
                done.not_sent.append((stored, str(exc)))
                continue
            if len(undelivered) >= UNDELIVERED:
                _flush(undelivered)
            done.sent[topic] = done.sent.get(topic, 0) + 1
        _flush(undelivered)
    except KafkaError as exc:
        raise RafidError(f"the replay stopped, Kafka refused a record ({type(exc).__name__}: {exc}); start it again") from exc
    finally:
        if producer is not None:
            producer.close(timeout=DELIVERY_TIMEOUT_S)
    return done


def _flush(undelivered: list[Any]) -> None:
    for future in undelivered:
        future.get(timeout=DELIVERY_TIMEOUT_S)
    undelivered.clear()


def _message(kafka: KafkaSettings, stored: StoredLetter, ours: set[str]) -> tuple[str, int | None, OutgoingMessage]:
    letter = letter_of(stored.headers)
    if letter.topic is not None and letter.topic not in ours:
        raise NotReplayable(f"it came from {letter.topic}, which is no topic of this namespace")
    try:
        topic, message = replay(stored.key, stored.value, stored.headers)
    except Incomplete as exc:
        try:
            topic, message = str(letter.topic), original_message(letter, *_original(kafka, letter, str(exc)))
        except clients.NoKafka as refused:
            if not isinstance(refused.__cause__, AuthorizationError):
                raise
            raise NotReplayable(f"{exc}, and the whole may not be read: {refused}") from None  # it keeps no other from going
    # With a key the partition follows from it; without one it went where it lay.
    return topic, letter.partition if message.key is None else None, message.for_kafka_python()


def _original(kafka: KafkaSettings, letter: DeadLetter, why: str) -> tuple[bytes | None, bytes | None, Headers]:
    if letter.topic is None or letter.partition is None or letter.offset is None:
        raise NotReplayable(f"{why}, and does not say where the whole is")
    partition = TopicPartition(letter.topic, letter.partition)
    with clients.open_consumer(kafka) as consumer:
        begin, end = consumer.beginning_offsets([partition])[partition], consumer.end_offsets([partition])[partition]
        gone = NotReplayable(f"{why}, and the whole is no longer on {letter.topic}")
        if not begin <= letter.offset < end:
            raise gone
        for stored in _from(consumer, partition, letter.offset, letter.offset + 1):
            whole = letter.sha256 is None or hashlib.sha256(stored.value or b"").hexdigest() == letter.sha256
            if not whole:
                raise NotReplayable(f"{why}, and {letter.topic} has something else where it was")
            return stored.key, stored.value, stored.headers
        raise gone


def _from(consumer: KafkaConsumer, partition: TopicPartition, start: int, end: int) -> Iterator[StoredLetter]:
    """Yields the messages from offset `start` to before `end`; a compacted or expired offset is passed over.

    Raises RafidError when for half a minute nothing comes.
    """
    consumer.assign([partition])
    consumer.seek(partition, start)
    here, ends = start, time.monotonic() + READ_TIMEOUT_S
    while (position := consumer.position(partition)) < end:
        if position != here:
            here, ends = position, time.monotonic() + READ_TIMEOUT_S
        elif time.monotonic() > ends:
            raise RafidError(f"Kafka gave nothing of {partition.topic} for {READ_TIMEOUT_S:g} s: is it up?")
        for message in consumer.poll(timeout_ms=POLL_MS).get(partition, ()):
            if message.offset >= end:
                return
            headers = tuple(message.headers)
            try:
                letter = letter_of(headers)
            except MalformedRecord:
                letter = None
            yield StoredLetter(message.partition, message.offset, letter, message.key, message.value, headers)


def _partitions(consumer: KafkaConsumer, name: str) -> set[int]:
    found: set[int] | None = consumer.partitions_for_topic(name)
    if not found:
        raise RafidError(f"there is no topic {name}: run `rafid provision`")
    return found
