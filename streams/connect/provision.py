"""The topics exist as the table says."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from typing import Any

from kafka import KafkaAdminClient
from kafka.admin import ConfigResource, ConfigResourceType
from kafka.errors import AuthorizationError, KafkaConnectionError, KafkaError, TopicAlreadyExistsError

from streams.connect import clients
from streams.connect.kafka import KafkaSettings
from streams.connect.replication import Replication, brokers_of, replication
from streams.errors import RafidError
from streams.topics import Topic, topics

_READY_MS = 30_000


def provision(settings: KafkaSettings, *, factor: int | None = None, in_sync: int | None = None) -> list[str]:
    """Makes every topic of the namespace exist with its partitions and settings; returns what had to be changed, a line each.

    New topics have `factor` replicas, by default as many as there are brokers, three at most; `in_sync` of them, by default
    all but one, must have a message before it is acknowledged. Topics that are there keep their replicas; their `in_sync`
    becomes what is given. Settings that neither the table nor an argument names are left alone. RafidError when Kafka refuses
    or cannot be reached, and when a topic has another number of partitions: adding some would move keys to other partitions,
    so nothing is changed then.
    """
    with clients.admin(settings) as admin:
        try:
            wanted = replication(brokers_of(admin), factor, in_sync)
            return _create(admin, settings, wanted) + _configure(admin, settings, wanted.config() if in_sync else {})
        except (AuthorizationError, KafkaConnectionError):
            raise
        except KafkaError as exc:
            raise RafidError(f"Kafka at {settings.servers} refused to make the topics: {exc}") from exc


def remove(settings: KafkaSettings) -> None:
    """Deletes every topic of the namespace, and what was in them."""
    with clients.admin(settings) as admin:
        there = set(admin.list_topics())
        if names := [topic.name for topic in topics(settings.namespace).all() if topic.name in there]:
            admin.delete_topics(names)


def drift(wanted: Mapping[str, str], found: Mapping[str, Mapping[str, Any]]) -> dict[str, tuple[str | None, str]]:
    """Returns the settings that differ, as name -> (value found, value wanted); `found` is what Kafka describes."""
    values = {name: found[name]["value"] if name in found else None for name in wanted}
    return {name: (values[name], value) for name, value in wanted.items() if values[name] != value}


def _create(admin: KafkaAdminClient, settings: KafkaSettings, replicas: Replication) -> list[str]:
    there = {topic["name"]: len(topic["partitions"]) for topic in admin.describe_topics()}
    wanted = topics(settings.namespace).all()
    for topic in wanted:
        if there.get(topic.name, topic.partitions) != topic.partitions:
            raise RafidError(
                f"topic {topic.name} has {there[topic.name]} partitions and needs {topic.partitions}: delete it when empty, "
                "or take another --namespace (RAFID_NAMESPACE)"
            )
    missing = [topic for topic in wanted if topic.name not in there]
    if missing:
        # The client repeats a request that timed out: it, or another `provision`, may have made them already.
        with contextlib.suppress(TopicAlreadyExistsError):
            admin.create_topics(
                {topic.name: _as_new(topic, replicas) for topic in missing},
                timeout_ms=_READY_MS,
            )
        admin.wait_for_topics([topic.name for topic in missing], timeout_ms=_READY_MS)
    return [f"topic {topic.name}: created, {topic.partitions} partitions" for topic in missing]


def _as_new(topic: Topic, replicas: Replication) -> dict[str, Any]:
    configs = topic.config | replicas.config()
    return {"num_partitions": topic.partitions, "replication_factor": replicas.factor, "configs": configs}


def _configure(admin: KafkaAdminClient, settings: KafkaSettings, also: dict[str, str]) -> list[str]:
    wanted = topics(settings.namespace).all()
    described = admin.describe_configs([_resource(topic) for topic in wanted], config_filter="all")["topic"]
    changes = []
    for topic in wanted:
        differs = drift(topic.config | also, described[topic.name])
        if not differs:
            continue
        answer = admin.alter_configs([_resource(topic, {name: value for name, (_, value) in differs.items()})])
        if (outcome := answer["topic"][topic.name]) != "OK":
            raise RafidError(f"topic {topic.name} cannot be configured: {outcome}")
        changes += [f"topic {topic.name}: {name} {found} -> {value}" for name, (found, value) in differs.items()]
    return changes


def _resource(topic: Topic, values: dict[str, str] | None = None) -> ConfigResource:
    return ConfigResource(ConfigResourceType.TOPIC, topic.name, configs=values)
