"""Batches of messages: what came in, in its order, cut by count, bytes and age. Pure: the clock is the caller's."""

from __future__ import annotations

import dataclasses
from collections import deque
from typing import NamedTuple

Partition = tuple[str, int]


class Message(NamedTuple):
    """A message as it came: where it stood, and its bytes."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...]


@dataclasses.dataclass(frozen=True, slots=True)
class Batch:
    """Messages that go to the index in one request, in the order in which they came, and their bytes together."""

    messages: tuple[Message, ...]
    size_bytes: int


@dataclasses.dataclass(frozen=True, slots=True)
class Limits:
    """The bounds of a batch: messages, bytes of their values, and seconds since its first message."""

    messages: int = 1_000
    size_bytes: int = 5 * 1024 * 1024
    age_s: float = 0.5

    def __post_init__(self) -> None:
        if self.messages < 1 or self.size_bytes < 1 or self.age_s < 0:
            raise ValueError(f"a batch holds at least one message and one byte, and has no negative age: {self}")


class Accumulator:
    """Messages that wait for their batch to be full or old. A message larger than the limit is a batch of its own."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.messages: list[Message] = []
        self.size_bytes = 0
        self.since = 0.0

    def add(self, message: Message, now: float) -> Batch | None:
        """Takes the message; returns the batch that it closes, if any. With the limits of one message that is every time."""
        size = len(message.value or b"")
        closed = self.flush() if self.messages and self.size_bytes + size > self.limits.size_bytes else None
        if not self.messages:
            self.since = now
        self.messages.append(message)
        self.size_bytes += size
        if closed is None and len(self.messages) >= self.limits.messages:
            return self.flush()
        return closed

    def due(self, now: float) -> Batch | None:
        """Returns the batch that is full or has waited long enough by `now`."""
        full = len(self.messages) >= self.limits.messages or self.size_bytes >= self.limits.size_bytes
        if self.messages and (full or now - self.since >= self.limits.age_s):
            return self.flush()
        return None

    def flush(self) -> Batch | None:
        """Returns what is held, whatever its size; None when that is nothing."""
        if not self.messages:
            return None
        batch = Batch(tuple(self.messages), self.size_bytes)
        self.messages, self.size_bytes = [], 0
        return batch


class Progress:
    """Which offsets of each partition may be committed: the end of the unbroken run of settled messages.

    Batches settle in any order. It belongs to one assignment: what settles after a rebalance belongs to none.
    """

    def __init__(self) -> None:
        self._open: dict[Partition, deque[Span]] = {}

    def begin(self, batch: Batch) -> tuple[Span, ...]:
        """Counts the messages of a batch as on their way; the spans are its ticket for `settle`."""
        ends: dict[Partition, int] = {}
        for message in batch.messages:
            ends[message.topic, message.partition] = message.offset + 1
        spans = tuple(Span(partition, end) for partition, end in ends.items())
        for span in spans:
            self._open.setdefault(span.partition, deque()).append(span)
        return spans

    def settle(self, spans: tuple[Span, ...]) -> dict[Partition, int]:
        """Counts a batch as durable; returns the next offset to read of each partition that moved on."""
        moved: dict[Partition, int] = {}
        for span in spans:
            span.settled = True
            waiting = self._open.get(span.partition)
            while waiting and waiting[0].settled:
                moved[span.partition] = waiting.popleft().end
        return moved


@dataclasses.dataclass(slots=True, eq=False)
class Span:
    """The messages of one batch that stand on one partition: the offset behind the last, and whether they are settled."""

    partition: Partition
    end: int
    settled: bool = False
