"""Where the partitions of a topic begin and end, and how far a group has come in them."""

from __future__ import annotations

from collections.abc import Iterable

import tenacity
from kafka import KafkaAdminClient, TopicPartition
from kafka.admin import OffsetSpec
from kafka.errors import CoordinatorLoadInProgressError, CoordinatorNotAvailableError, NotCoordinatorError

SET_UP_S = 10.0  # a broker that has just started has its topic of groups within it


def held_offsets(admin: KafkaAdminClient, topic: str, partitions: int) -> dict[TopicPartition, tuple[int, int]]:
    """Returns the oldest offset and the next one of each partition."""
    every = [TopicPartition(topic, partition) for partition in range(partitions)]
    oldest = admin.list_partition_offsets(dict.fromkeys(every, OffsetSpec.EARLIEST))
    end = admin.list_partition_offsets(dict.fromkeys(every, OffsetSpec.LATEST))
    return {partition: (oldest[partition].offset, end[partition].offset) for partition in every}


# The first question about a group makes the broker set up its topic of offsets: asked again until that is done.
while_groups_are_set_up = tenacity.retry(
    retry=tenacity.retry_if_exception_type((CoordinatorNotAvailableError, CoordinatorLoadInProgressError, NotCoordinatorError)),
    stop=tenacity.stop_after_delay(SET_UP_S),
    wait=tenacity.wait_fixed(0.2),
    reraise=True,
)


@while_groups_are_set_up
def committed_offsets(admin: KafkaAdminClient, name: str, partitions: Iterable[TopicPartition]) -> dict[TopicPartition, int]:
    """Returns the offsets that a group has committed, of those of the partitions where it has any."""
    committed = admin.list_group_offsets({name: list(partitions)})[name]
    return {partition: entry.offset for partition, entry in committed.items() if entry.offset >= 0}
