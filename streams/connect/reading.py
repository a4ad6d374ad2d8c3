"""What a topic holds between two offsets, read beside live traffic: in no group, nothing committed, nothing changed."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Iterator, Mapping
from typing import Any

from kafka import KafkaConsumer, TopicPartition

from streams.errors import RafidError
from streams.topics import Topic

READ_TIMEOUT_S = 30.0
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
    """Returns the oldest offset of each partition."""
    return _by_number(consumer.beginning_offsets(partitions(consumer, topic)))


def ends(consumer: KafkaConsumer, topic: Topic) -> Offsets:
    """Returns the next offset of each partition."""
    return _by_number(consumer.end_offsets(partitions(consumer, topic)))


def messages(consumer: KafkaConsumer, span: Span) -> Iterator[Any]:
    """Yields every message of the span as kafka-python has it; raises RafidError when for half a minute nothing comes."""
    waiting = {TopicPartition(span.topic, number): end for number, end in span.end.items() if span.first.get(number, 0) < end}
    consumer.assign(list(waiting))
    for partition in waiting:
        consumer.seek(partition, span.first[partition.partition])
    deadline = time.monotonic() + READ_TIMEOUT_S
    while waiting:
        polled = consumer.poll(timeout_ms=500, max_records=POLL_MESSAGES)
        for partition, records in polled.items():
            end = waiting[partition]
            yield from (record for record in records if record.offset < end)
        for partition in [each for each, end in waiting.items() if consumer.position(each) >= end]:
            del waiting[partition]
            consumer.pause(partition)
        if polled:
            deadline = time.monotonic() + READ_TIMEOUT_S
        elif waiting and time.monotonic() > deadline:
            raise RafidError(f"Kafka gave nothing of {span.topic} for {READ_TIMEOUT_S:g} s: is it up?")


def _by_number(offsets: Mapping[TopicPartition, int]) -> Offsets:
    return {partition.partition: offset for partition, offset in offsets.items()}
