"""What runs, how far each worker is, and what is down: read from the servers, never from what was once started."""

from __future__ import annotations

from typing import Any

import tenacity
from elasticsearch import ApiError, Elasticsearch, TransportError
from kafka import KafkaAdminClient, TopicPartition
from kafka.admin import OffsetSpec
from kafka.errors import CoordinatorLoadInProgressError, CoordinatorNotAvailableError, KafkaError, NotCoordinatorError

from indexing.elastic import ElasticSettings
from indexing.names import names
from streams.kafka import KafkaSettings
from streams.topics import Topic, group, topics

ANSWER_MS = 5_000


def status(kafka: KafkaSettings, elastic: ElasticSettings) -> dict[str, Any]:
    """The state of a deployment: `kafka`, `elasticsearch`, `dead_letters`, and `down`, a line for each thing that is not well.

    kafka = {address, up, topics: {name: {partitions, messages, end_offset}}, workers: {split | dedup | index: {group, topic,
    members, lag}}}; elasticsearch = {address, up, health, aliases: {name: documents}, indices: {name: documents}}. Offsets are
    sums over partitions, lag is in messages. A server that is down has `up` false and `error`, and nothing else.
    """
    log = kafka_status(kafka)
    index = elasticsearch_status(elastic, kafka.namespace)
    letters = log["topics"].get(topics(kafka.namespace).dead_letters.name) if log["up"] else None
    return {
        "namespace": kafka.namespace,
        "kafka": log,
        "elasticsearch": index,
        "dead_letters": letters["messages"] if letters else None,
        "down": [*_down_in_kafka(log, kafka.namespace), *_down_in_elasticsearch(index)],
    }


def kafka_status(settings: KafkaSettings) -> dict[str, Any]:
    """The topics of the namespace that exist, with what they hold, and the lag of each worker's group."""
    found: dict[str, Any] = {"address": settings.servers}
    try:
        admin = KafkaAdminClient(**settings.client(), bootstrap_timeout_ms=ANSWER_MS)
    except KafkaError as exc:
        return found | {"up": False, "error": _line(exc)}
    try:
        return found | {"up": True} | _topics_and_workers(admin, settings.namespace)
    except KafkaError as exc:
        return found | {"up": False, "error": _line(exc)}
    finally:
        admin.close()


def elasticsearch_status(settings: ElasticSettings, namespace: str) -> dict[str, Any]:
    """The documents under each alias and in each index of the namespace, as far as searches see them."""
    found: dict[str, Any] = {"address": settings.urls}
    try:
        with settings.client(request_timeout=ANSWER_MS / 1000) as client:
            return found | {"up": True} | _indices(client, namespace)
    except (ApiError, TransportError) as exc:
        return found | {"up": False, "error": _line(exc)}


def lag(committed: dict[int, int], earliest: dict[int, int], end: dict[int, int]) -> int:
    """Messages that a group has yet to take: from its offset on, or from the oldest where it has none or that one is gone."""
    return sum(max(0, end[part] - max(committed.get(part, 0), earliest[part])) for part in end)


def _topics_and_workers(admin: KafkaAdminClient, namespace: str) -> dict[str, Any]:
    table = topics(namespace)
    there = {topic["name"]: len(topic["partitions"]) for topic in admin.describe_topics()}
    wanted = [topic for topic in table.all() if topic.name in there]
    partitions = {topic.name: [TopicPartition(topic.name, part) for part in range(there[topic.name])] for topic in wanted}
    every = [partition for each in partitions.values() for partition in each]
    earliest = _offsets(admin, every, OffsetSpec.EARLIEST)
    end = _offsets(admin, every, OffsetSpec.LATEST)
    found = {
        name: {
            "partitions": len(each),
            "messages": sum(end[part] - earliest[part] for part in each),
            "end_offset": sum(end[part] for part in each),
        }
        for name, each in partitions.items()
    }
    reads = {"split": table.pages, "dedup": table.articles, "index": table.deduplicated}
    workers = {
        worker: _worker(admin, group(worker, namespace), topic, partitions[topic.name], earliest, end)
        for worker, topic in reads.items()
        if topic.name in partitions
    }
    return {"topics": found, "workers": workers}


def _offsets(admin: KafkaAdminClient, partitions: list[TopicPartition], which: OffsetSpec) -> dict[TopicPartition, int]:
    if not partitions:
        return {}
    found = admin.list_partition_offsets(dict.fromkeys(partitions, which))
    return {partition: entry.offset for partition, entry in found.items()}


@tenacity.retry(  # the first question about a group makes the broker set up its topic of offsets
    retry=tenacity.retry_if_exception_type((CoordinatorNotAvailableError, CoordinatorLoadInProgressError, NotCoordinatorError)),
    stop=tenacity.stop_after_delay(2 * ANSWER_MS / 1000),
    wait=tenacity.wait_fixed(0.2),
    reraise=True,
)
def _worker(
    admin: KafkaAdminClient,
    name: str,
    topic: Topic,
    partitions: list[TopicPartition],
    earliest: dict[TopicPartition, int],
    end: dict[TopicPartition, int],
) -> dict[str, Any]:
    committed = admin.list_group_offsets({name: partitions})[name]
    return {
        "group": name,
        "topic": topic.name,
        "members": len(admin.describe_groups([name])[name]["members"]),
        "lag": lag(
            {part.partition: entry.offset for part, entry in committed.items() if entry.offset >= 0},
            {part.partition: earliest[part] for part in partitions},
            {part.partition: end[part] for part in partitions},
        ),
    }


def _indices(client: Elasticsearch, namespace: str) -> dict[str, Any]:
    called = names(namespace)
    health = client.cluster.health(filter_path="status").body["status"]
    indices = client.indices.get(index=called.all_generations, filter_path="*.settings.index.uuid").body
    aliases = (called.everything, called.articles, called.sightings)
    there = [alias for alias in aliases if client.indices.exists_alias(name=alias)]
    return {
        "health": health,
        "aliases": {alias: client.count(index=alias).body["count"] for alias in there},
        "indices": {index: client.count(index=index).body["count"] for index in sorted(indices)},
    }


def _down_in_kafka(log: dict[str, Any], namespace: str) -> list[str]:
    if not log["up"]:
        return [f"Kafka does not answer at {log['address']}: {log['error']}"]
    missing = [topic.name for topic in topics(namespace).all() if topic.name not in log["topics"]]
    lines = [f"no topic {', '.join(missing)}: `rafid provision` makes it"] if missing else []
    for worker, entry in log["workers"].items():
        if not entry["members"] and entry["lag"]:
            lines.append(f"no {worker} worker runs, and {entry['lag']:,} messages wait: `rafid worker {worker}`")
    return lines


def _down_in_elasticsearch(index: dict[str, Any]) -> list[str]:
    if not index["up"]:
        return [f"Elasticsearch does not answer at {index['address']}: {index['error']}"]
    if index["health"] == "red":
        return [f"Elasticsearch at {index['address']} is red: some shards are missing, see its log"]
    return []


def _line(exc: BaseException) -> str:
    """The error's text on one line."""
    return " ".join(f"{type(exc).__name__}: {exc}".split())[:300]
