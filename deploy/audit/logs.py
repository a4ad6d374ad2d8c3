"""Where the topics stand, and their messages, read beside live traffic: in no group, nothing committed, nothing changed."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from kafka import KafkaAdminClient, KafkaConsumer, TopicPartition
from kafka.admin import ConfigResource, ConfigResourceType

from streams.connect.offsets import committed_offsets
from streams.connect.reading import Offsets, Span, beginnings, messages, partitions
from streams.errors import RafidError
from streams.topics import Topic

CONSUMER: dict[str, Any] = {
    "auto_offset_reset": "none",  # a beginning that is removed meanwhile is an error, never a smaller answer
    "fetch_max_bytes": 8 * 1024 * 1024,
}


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
    settings = described["topic"][topic.name]  # empty where they are refused: kafka-python does not say so
    if "retention.ms" not in settings:
        raise RafidError(f"Kafka does not tell how long {topic.name} keeps its messages: grant DescribeConfigs on it")
    retention_ms = int(settings["retention.ms"]["value"])
    return max(0, time.time_ns() // 1_000_000 - retention_ms) if retention_ms >= 0 else 0


def committed(admin: KafkaAdminClient, group: str, topic: str, of: Mapping[int, int]) -> Offsets:
    """Returns what the group has committed of these partitions; of a partition without a commit nothing is returned."""
    found = committed_offsets(admin, group, [TopicPartition(topic, number) for number in of])
    return {each.partition: offset for each, offset in found.items()}


def present(consumer: KafkaConsumer, topic: str, partition: int, offsets: list[int]) -> list[int]:
    """Returns those of some offsets, in their order, where a message lies: a transaction's marker takes up an offset, too."""
    if not offsets:
        return []
    span = Span(topic, {partition: offsets[0]}, {partition: offsets[-1] + 1})
    there = {record.offset for record in messages(consumer, span)}
    return [offset for offset in offsets if offset in there]
