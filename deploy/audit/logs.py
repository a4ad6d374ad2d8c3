"""Where the topics stand, and their messages, read beside live traffic: in no group, nothing committed, nothing changed."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Iterator, Mapping
from typing import Any

from kafka import KafkaAdminClient, KafkaConsumer, TopicPartition
from kafka.admin import ConfigResource, ConfigResourceType

from deploy.status import while_groups_are_set_up
from streams.errors import RafidError
from streams.topics import Topic

SILENCE_S = 30.0
POLL_MESSAGES = 4_000
CONSUMER: dict[str, Any] = {
    "auto_offset_reset": "none",  # a beginning that is removed meanwhile is an error, never a smaller answer
    "fetch_max_bytes": 8 * 1024 * 1024,
}

Offsets = dict[int, int]  # by partition


@dataclasses.dataclass(frozen=True, slots=True)
class Span:
    """What is read of a topic: by partition from `first` to before `end`."""

    topic: str
    first: Offsets
    end: Offsets

    def __len__(self) -> int:
        """Return the number of offsets."""
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


def offsets_at(consumer: KafkaConsumer, topic: Topic, time_ms: int, beyond: Mapping[int, int]) -> Offsets:
    """Returns the first offset of each partition whose message was appended at `time_ms` or later; else that of `beyond`."""
    found = consumer.offsets_for_times(dict.fromkeys(partitions(consumer, topic), time_ms))
    return {each.partition: at.offset if at else beyond[each.partition] for each, at in found.items()}


def retained_since_ms(consumer: KafkaConsumer, admin: KafkaAdminClient, topic: Topic, *, is_sparse: bool = False) -> int:
    """Returns the time from which the topic holds every message; 0 when nothing was ever removed.

    That of the first message that is left in each partition. Of a partition that lost all, and of a sparse topic, whose first
    message may be much younger, retention is known to remove only what is older than its time.
    """
    removed = {number for number, offset in beginnings(consumer, topic).items() if offset}
    if not removed:
        return 0
    first = consumer.offsets_for_times(dict.fromkeys(partitions(consumer, topic), 0))
    times: list[int] = [at.timestamp for each, at in first.items() if at and each.partition in removed]
    if is_sparse or len(times) < len(removed):
        times = ([] if is_sparse else times) + [_oldest_kept_ms(admin, topic)]
    return max(times)


def _oldest_kept_ms(admin: KafkaAdminClient, topic: Topic) -> int:
    described = admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, topic.name)], config_filter="all")
    retention_ms = int(described["topic"][topic.name]["retention.ms"]["value"])
    return max(0, time.time_ns() // 1_000_000 - retention_ms) if retention_ms >= 0 else 0


@while_groups_are_set_up
def committed(admin: KafkaAdminClient, group: str, topic: str, of: Mapping[int, int]) -> Offsets:
    """Returns what the group has committed of these partitions; of a partition without a commit nothing is returned."""
    wanted = [TopicPartition(topic, number) for number in of]
    found = admin.list_group_offsets({group: wanted})[group]
    return {each.partition: entry.offset for each, entry in found.items() if entry.offset >= 0}


def messages(consumer: KafkaConsumer, span: Span) -> Iterator[Any]:
    """Yields every message of the span as kafka-python has it; raises RafidError when for half a minute nothing comes."""
    waiting = {TopicPartition(span.topic, number): end for number, end in span.end.items() if span.first.get(number, 0) < end}
    consumer.assign(list(waiting))
    for partition in waiting:
        consumer.seek(partition, span.first[partition.partition])
    silent_at = time.monotonic() + SILENCE_S
    while waiting:
        polled = consumer.poll(timeout_ms=500, max_records=POLL_MESSAGES)
        for partition, records in polled.items():
            end = waiting[partition]
            yield from (record for record in records if record.offset < end)
        for partition in [each for each, end in waiting.items() if consumer.position(each) >= end]:
            del waiting[partition]
            consumer.pause(partition)
        if polled:
            silent_at = time.monotonic() + SILENCE_S
        elif waiting and time.monotonic() > silent_at:
            raise RafidError(f"Kafka gave nothing of {span.topic} for {SILENCE_S:g} s: is it up?")


def present(consumer: KafkaConsumer, topic: str, partition: int, offsets: list[int]) -> list[int]:
    """Returns those of some offsets, in their order, where a message lies: a transaction's marker takes up an offset, too."""
    if not offsets:
        return []
    span = Span(topic, {partition: offsets[0]}, {partition: offsets[-1] + 1})
    there = {record.offset for record in messages(consumer, span)}
    return [offset for offset in offsets if offset in there]


def _by_number(offsets: Mapping[TopicPartition, int]) -> Offsets:
    return {partition.partition: offset for partition, offset in offsets.items()}
