"""What a topic holds between two offsets, read beside live traffic: in no group, nothing committed, nothing changed."""

from __future__ import annotations

import contextlib
import dataclasses
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, TypeVar

from kafka import KafkaConsumer, TopicPartition
from kafka.errors import RetriableError

from streams.errors import RafidError
from streams.topics import Topic

Told = TypeVar("Told")

# A broker that was killed is back within it; on two busy cores that took 50 to 171 s (measured), of which others lead for most.
PATIENCE_S = 120.0
ASK_MS, ASK_ONE_MS = 10_000, 1_000
POLL_MESSAGES = 4_000

Offsets = dict[int, int]  # by partition


@dataclasses.dataclass(frozen=True, slots=True)
class Span:
    """What is read of a topic: by partition from `first` to before `end`."""

    topic: str
    first: Offsets
    end: Offsets

    def __len__(self) -> int:
        """Returns the number of offsets."""
        return sum(end - self.first[partition] for partition, end in self.end.items())


def partitions(consumer: KafkaConsumer, topic: Topic) -> list[TopicPartition]:
    """Returns the partitions that the topic has; raises RafidError when there is none."""
    numbers = consumer.partitions_for_topic(topic.name)
    if not numbers:
        raise RafidError(f"there is no topic {topic.name}: run `rafid provision`")
    return [TopicPartition(topic.name, number) for number in sorted(numbers)]


def beginnings(consumer: KafkaConsumer, topic: Topic) -> Offsets:
    """Returns the oldest offset of each partition; raises RafidError as `told` does."""
    return _by_number(told(consumer, partitions(consumer, topic), consumer.beginning_offsets))


def ends(consumer: KafkaConsumer, topic: Topic) -> Offsets:
    """Returns the next offset of each partition; raises RafidError as `told` does."""
    return _by_number(told(consumer, partitions(consumer, topic), consumer.end_offsets))


def told(
    consumer: KafkaConsumer,
    asked: Iterable[TopicPartition],
    ask: Callable[..., Mapping[TopicPartition, Told]],
    patience_s: float = PATIENCE_S,
) -> dict[TopicPartition, Told]:
    """Returns what `ask(partitions, timeout_ms=...)` tells of each partition.

    Partitions of a broker that is away are asked for again, for `patience_s` seconds from the start; then RafidError names them.
    """
    found: dict[TopicPartition, Told] = {}
    missing, deadline = list(asked), time.monotonic() + patience_s
    groups = [missing]
    while missing:
        for group in groups:
            timeout_ms = ASK_ONE_MS if len(group) == 1 else ASK_MS
            with contextlib.suppress(RetriableError):  # each by itself from now on: one broker must not hide what others tell
                found |= ask(group, timeout_ms=timeout_ms)
        missing = [partition for partition in missing if partition not in found]
        if missing and time.monotonic() > deadline:
            raise RafidError(f"{silent(consumer, missing)} told no offset for {patience_s:g} s")
        groups = [[partition] for partition in missing]
    return found


def silent(consumer: KafkaConsumer, waiting: Iterable[TopicPartition]) -> str:
    """Returns the brokers that lead these partitions, as far as the consumer knows, each with its partitions."""
    cluster = consumer._cluster  # noqa: SLF001 - a consumer says of no partition who leads it
    led: dict[str, list[str]] = {}
    for partition in sorted(waiting):
        broker = cluster.broker_metadata(cluster.leader_for_partition(partition))
        name = f"Kafka's broker {broker.node_id} at {broker.host}:{broker.port}" if broker else "a broker that nobody knows"
        led.setdefault(name, []).append(f"{partition.topic}/{partition.partition}")
    return " and ".join(f"{broker} (leads {', '.join(names)})" for broker, names in led.items())


def messages(consumer: KafkaConsumer, span: Span) -> Iterator[Any]:
    """Yields every message of the span as kafka-python has it; raises RafidError when nothing comes for PATIENCE_S."""
    waiting = {TopicPartition(span.topic, number): end for number, end in span.end.items() if span.first.get(number, 0) < end}
    consumer.assign(list(waiting))
    for partition in waiting:
        consumer.seek(partition, span.first[partition.partition])
    deadline = time.monotonic() + PATIENCE_S
    while waiting:
        polled = consumer.poll(timeout_ms=500, max_records=POLL_MESSAGES)
        for partition, records in polled.items():
            end = waiting[partition]
            yield from (record for record in records if record.offset < end)
        for partition in [each for each, end in waiting.items() if consumer.position(each) >= end]:
            del waiting[partition]
            consumer.pause(partition)
        if polled:
            deadline = time.monotonic() + PATIENCE_S
        elif waiting and time.monotonic() > deadline:
            raise RafidError(f"{silent(consumer, waiting)} gave no message for {PATIENCE_S:g} s: is it up?")


def _by_number(offsets: Mapping[TopicPartition, int]) -> Offsets:
    return {partition.partition: offset for partition, offset in offsets.items()}
