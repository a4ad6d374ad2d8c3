"""How many brokers keep a topic, and how many of them must have a message before it is acknowledged."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from kafka import KafkaAdminClient
from kafka.admin import ConfigResource, ConfigResourceType

from streams.connect import clients
from streams.connect.kafka import KafkaSettings
from streams.errors import RafidError
from streams.topics import topics

IN_SYNC = "min.insync.replicas"
MOST_REPLICAS = 3  # one broker may be gone for an hour, and another die meanwhile


@dataclasses.dataclass(frozen=True, slots=True)
class Replication:
    """What new topics get: `factor` replicas, of which `in_sync` must have a message."""

    factor: int
    in_sync: int

    def config(self) -> dict[str, str]:
        """Returns the setting of a topic that follows; none where there is nothing to choose."""
        return {IN_SYNC: str(self.in_sync)} if self.factor > 1 else {}


def replication(brokers: int, factor: int | None = None, in_sync: int | None = None) -> Replication:
    """Returns the replication asked for, or the one that loses nothing with one broker gone: at most three, all but one in sync.

    Raises RafidError where no message would ever be acknowledged.
    """
    factor = factor or min(brokers, MOST_REPLICAS)
    in_sync = in_sync or max(1, factor - 1)
    if factor > brokers:
        raise RafidError(f"a replication factor of {factor} needs as many brokers, and this Kafka has {brokers}")
    if in_sync > factor:
        raise RafidError(f"{in_sync} replicas in sync are more than the {factor} that there are: nothing would be acknowledged")
    return Replication(factor, in_sync)


def brokers_of(admin: KafkaAdminClient) -> int:
    """Returns how many brokers the cluster has now."""
    return len(admin.describe_cluster()["brokers"])


def replicas_found(settings: KafkaSettings) -> list[str]:
    """Returns a line on the cluster, and one on each topic of the namespace that has fewer replicas than it could."""
    with clients.admin(settings) as admin:
        brokers = brokers_of(admin)
        names = [topic.name for topic in topics(settings.namespace).all()]
        described = {topic["name"]: topic for topic in admin.describe_topics(names)}
        resources = [ConfigResource(ConfigResourceType.TOPIC, name) for name in names]
        settings_of = admin.describe_configs(resources, config_filter="all")["topic"]
    found = {name: (_fewest(described[name]), int(settings_of[name][IN_SYNC]["value"])) for name in names}
    lines = [f"Kafka: {_count(brokers, 'broker')}; {_kept(*max(found.values()))}"]
    possible = min(brokers, MOST_REPLICAS)
    for name, (factor, in_sync) in found.items():
        if factor < possible:
            lines.append(f"topic {name} has {_count(factor, 'replica')}, and {possible} are possible: kafka-reassign-partitions")
        elif in_sync >= factor > 1:
            lines.append(f"topic {name} needs all of its {factor} replicas: one broker that is down stops it")
    return lines


def _fewest(topic: Mapping[str, Any]) -> int:
    return min(len(partition["replica_nodes"]) for partition in topic["partitions"])


def _kept(factor: int, in_sync: int) -> str:
    if factor == 1:
        return "a message is on one disk"
    return f"a message is on {factor} of them, and acknowledged when {in_sync} have it"


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
