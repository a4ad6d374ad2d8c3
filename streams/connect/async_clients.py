"""Where aiokafka clients are made: for a process whose event loop sends, without a second thread to wake and wait for."""

from __future__ import annotations

from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.partitioner import DefaultPartitioner

from streams.connect.kafka import KafkaSettings
from streams.connect.partitions import murmur2
from streams.topics import MAX_MESSAGE_BYTES

# Room for the record's own frame beside what the broker allows, so that what the client takes the broker takes.
MAX_REQUEST_BYTES = MAX_MESSAGE_BYTES - 1024


def async_producer(settings: KafkaSettings, **options: Any) -> AIOKafkaProducer:
    """Returns an idempotent producer, not started, which is the caller's to start and stop within a running event loop.

    A record is acknowledged by all in-sync replicas; what can be mended by waiting is tried again without end, in order. One
    request at a time is under way to a broker, and what comes meanwhile goes into the next.
    """
    ours = {
        "acks": "all",
        "compression_type": "zstd",
        "enable_idempotence": True,
        "max_batch_size": 512 * 1024,
        "max_request_size": MAX_REQUEST_BYTES,
        "partitioner": _KeyPartitioner(),
    }
    return AIOKafkaProducer(**settings.client(), **(ours | options))


class _KeyPartitioner(DefaultPartitioner):  # type: ignore[misc]  # aiokafka's types are not followed
    """Chooses as aiokafka's own partitioner does, and finds the hash of a key in a quarter of its time."""

    def __call__(self, key: bytes | None, every: list[int], available: list[int]) -> int:
        """Returns the partition of the key; of a message without a key, one by chance."""
        if key is None:
            chosen: int = super().__call__(key, every, available)
            return chosen
        return every[(murmur2(key) & 0x7FFFFFFF) % len(every)]
