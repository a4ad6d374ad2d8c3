"""A key has the partition that every other client of Kafka gives it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from kafka.cluster import ClusterMetadata
from kafka.partitioner import DefaultPartitioner
from kafka.partitioner import murmur2 as clients_murmur2

from streams.connect.partitions import KeyPartitioner, murmur2


class Cluster(ClusterMetadata):  # type: ignore[misc]
    """Knows one topic, some of whose partitions may not be known yet."""

    def __init__(self, partitions: set[int]) -> None:
        self.numbers = partitions

    def topics(self, exclude_internal_topics: bool = True) -> set[str]:
        return {"pages"}

    def partitions_for_topic(self, _topic: str) -> set[int]:
        return self.numbers

    def available_partitions_for_topic(self, _topic: str) -> set[int]:
        return self.numbers


@given(st.binary(max_size=40))
def test_the_hash_is_the_clients_own(data: bytes) -> None:
    assert murmur2(data) == clients_murmur2(data)


@given(st.binary(max_size=20), st.sets(st.integers(0, 30), min_size=1))
def test_the_partition_is_the_clients_own(key: bytes, partitions: set[int]) -> None:
    given_to_both = ("pages", key, key, b"", b"", Cluster(partitions))

    assert KeyPartitioner().partition(*given_to_both) == DefaultPartitioner().partition(*given_to_both)


def test_without_a_key_it_is_any_that_there_is() -> None:
    assert KeyPartitioner().partition("pages", None, None, b"", b"", Cluster({3})) == 3
