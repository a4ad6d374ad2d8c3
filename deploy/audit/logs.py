"""Where the topics stand, and their messages, read beside live traffic: in no group, nothing committed, nothing changed."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import tenacity
from kafka import KafkaAdminClient, KafkaConsumer, TopicPartition
from kafka.admin import ConfigResource, ConfigResourceType
from kafka.errors import RetriableError

from streams.connect.offsets import committed_offsets
from streams.connect.reading import PATIENCE_S, Offsets, Span, beginnings, messages, partitions, told
from streams.errors import RafidError
from streams.topics import Topic

_while_a_broker_is_away = tenacity.Retrying(
    retry=tenacity.retry_if_exception_type(RetriableError),
    stop=tenacity.stop_after_delay(PATIENCE_S),
    wait=tenacity.wait_fixed(1.0),
    reraise=True,
)
CONSUMER: dict[str, Any] = {
    "auto_offset_reset": "none",  # a beginning that is removed meanwhile is an error, never a smaller answer
    "fetch_max_bytes": 8 * 1024 * 1024,
}


def offsets_at(consumer: KafkaConsumer, topic: Topic, time_ms: int, beyond: Mapping[int, int]) -> Offsets:
    """Returns the first offset of each partition whose message was appended at `time_ms` or later; else that of `beyond`."""
    found = _at(consumer, topic, time_ms)
    return {each.partition: at.offset if at else beyond[each.partition] for each, at in found.items()}


def _at(consumer: KafkaConsumer, topic: Topic, time_ms: int) -> dict[TopicPartition, Any]:
    def ask(wanted: list[TopicPartition], *, timeout_ms: int) -> dict[TopicPartition, Any]:
        found: dict[TopicPartition, Any] = consumer.offsets_for_times(dict.fromkeys(wanted, time_ms), timeout_ms)
        return found

    return told(consumer, partitions(consumer, topic), ask)


def retained_since_ms(consumer: KafkaConsumer, admin: KafkaAdminClient, topic: Topic, *, is_sparse: bool = False) -> int:
    """Returns the time from which the topic holds every message; 0 when nothing was ever removed.

    That of the first message that is left in each partition. Of a partition that lost all, and of a sparse topic, whose first
    message may be much younger, retention is known to remove only what is older than its time.
    """
    removed = {number for number, offset in beginnings(consumer, topic).items() if offset}
    if not removed:
        return 0
    first = _at(consumer, topic, 0)
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
    """Returns what the group has committed of these partitions; of a partition without a commit nothing is returned.

    A broker that is away is asked again for PATIENCE_S; RafidError names the group that it keeps the offsets of.
    """
    try:
        found = _while_a_broker_is_away(committed_offsets, admin, group, [TopicPartition(topic, number) for number in of])
    except RetriableError as exc:
        told_nothing = f"the broker that keeps the offsets of {group} on {topic} told none for {PATIENCE_S:g} s"
        raise RafidError(f"{told_nothing} ({type(exc).__name__})") from exc
    return {each.partition: offset for each, offset in found.items()}


def present(consumer: KafkaConsumer, topic: str, partition: int, offsets: list[int]) -> list[int]:
    """Returns those of some offsets, in their order, where a message lies: a transaction's marker takes up an offset, too."""
    if not offsets:
        return []
    span = Span(topic, {partition: offsets[0]}, {partition: offsets[-1] + 1})
    there = {record.offset for record in messages(consumer, span)}
    return [offset for offset in offsets if offset in there]
