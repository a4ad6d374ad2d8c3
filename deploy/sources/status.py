"""The judgement of every source, up to the moment until which everything that came is in the index."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Mapping

from elasticsearch import Elasticsearch
from kafka import KafkaAdminClient, TopicPartition
from kafka.errors import KafkaError

from deploy.sources.arrivals import read_arrivals
from deploy.sources.judgement import Judgement, judge, pages_by_day
from streams.connect import clients
from streams.connect.kafka import KafkaSettings
from streams.connect.offsets import committed_offsets, held_offsets
from streams.errors import RafidError, one_line
from streams.topics import group, topics

ANSWER_S = 10.0


@dataclasses.dataclass(frozen=True, slots=True)
class SourcesStatus:
    """Every source, and the time to which they were judged, in hours since 1970; `behind` messages wait for workers.

    `by_day` counts the pages of each source in the last 14 days, oldest first.
    """

    known_until: float
    behind: int
    judgements: tuple[Judgement, ...]
    by_day: Mapping[str, tuple[int, ...]]


def sources_status(client: Elasticsearch, kafka: KafkaSettings, now: float) -> SourcesStatus:
    """Judges every source that came within eight weeks; `now` is in hours since 1970.

    What waits for a worker is not in the index: where something does, sources are judged up to the time of the oldest such
    message, so that a stopped worker makes no source silent. Raises RafidError when a server cannot answer.
    """
    behind, oldest = _waiting(kafka)
    known_until = min(now, oldest / 3_600_000) if oldest is not None else now
    found = read_arrivals(client, kafka, now)
    return SourcesStatus(
        known_until,
        behind,
        tuple(judge(arrivals, known_until) for arrivals in found),
        {arrivals.source: pages_by_day(arrivals, known_until) for arrivals in found},
    )


def _waiting(kafka: KafkaSettings) -> tuple[int, int | None]:
    """Returns how many messages wait for a worker, and the time of the oldest one in ms since 1970."""
    try:
        with clients.admin(kafka) as admin:
            next_ = _unsettled(admin, kafka.namespace)
        if not next_:
            return 0, None
        times = _times_at(kafka, {partition: offset for partition, (offset, _) in next_.items()})
    except KafkaError as exc:
        raise RafidError(f"Kafka at {kafka.servers} did not say how far the workers are: {one_line(exc)[:300]}") from exc
    return sum(waiting for _, waiting in next_.values()), min(times, default=None)


def _unsettled(admin: KafkaAdminClient, namespace: str) -> dict[TopicPartition, tuple[int, int]]:
    """Returns the partitions with messages that their group has not settled: the first of those, and how many there are."""
    table = topics(namespace)
    there = {topic["name"]: len(topic["partitions"]) for topic in admin.describe_topics()}
    found = {}
    for worker, topic in (("split", table.pages), ("dedup", table.articles), ("index", table.deduplicated)):
        if topic.name not in there:  # not made yet, or not for this user to see
            continue
        held = held_offsets(admin, topic.name, there[topic.name])
        committed = committed_offsets(admin, group(worker, namespace), held)
        for partition, (oldest, end) in held.items():
            next_ = max(committed.get(partition, 0), oldest)
            if next_ < end:
                found[partition] = next_, end - next_
    return found


def _times_at(kafka: KafkaSettings, offsets: dict[TopicPartition, int]) -> list[int]:
    """Returns the times of the messages at these offsets, in ms since 1970; of none that does not come within ten seconds."""
    times: dict[TopicPartition, int] = {}
    deadline = time.monotonic() + ANSWER_S
    with clients.open_consumer(kafka) as consumer:
        consumer.assign(list(offsets))
        for partition, offset in offsets.items():
            consumer.seek(partition, offset)
        while len(times) < len(offsets) and time.monotonic() < deadline:
            for partition, messages in consumer.poll(timeout_ms=500).items():
                times.setdefault(partition, messages[0].timestamp)
                consumer.pause(partition)
    return list(times.values())
