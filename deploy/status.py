"""What runs, how far each worker is, and what is down: read from the servers, never from what was once started."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NotRequired, TypedDict

from elasticsearch import ApiError, Elasticsearch, TransportError
from kafka import KafkaAdminClient, TopicPartition
from kafka.errors import KafkaError

from indexing.elastic.settings import ElasticSettings
from indexing.generations.names import names
from streams.connect import clients
from streams.connect.kafka import KafkaSettings
from streams.connect.offsets import committed_offsets, held_offsets
from streams.errors import one_line
from streams.topics import group, topics

ANSWER_MS = 5_000
MAX_INDICES = 10_000  # months of all generations: eight centuries of them


class TopicStatus(TypedDict):
    """What a topic holds."""

    partitions: int
    messages: int  # that it still holds
    end_offset: int  # the sum over the partitions


class WorkerStatus(TypedDict):
    """How far the workers of a stage are."""

    group: str
    topic: str  # that they read
    members: int  # processes
    lag: int  # messages that they have yet to take


class KafkaStatus(TypedDict):
    """What Kafka says; one that is down has an `error`, and nothing of its topics and workers."""

    address: str
    up: bool
    error: NotRequired[str]
    topics: NotRequired[dict[str, TopicStatus]]  # by their names
    workers: NotRequired[dict[str, WorkerStatus]]  # of `split`, `dedup`, `index`


class ElasticsearchStatus(TypedDict):
    """What Elasticsearch says; one that is down has an `error`, and nothing of its indices."""

    address: str
    up: bool
    error: NotRequired[str]
    health: NotRequired[str]  # green, yellow or red
    aliases: NotRequired[dict[str, int]]  # documents, by the name
    indices: NotRequired[dict[str, int]]  # likewise


class DeploymentStatus(TypedDict):
    """The state of a deployment, as `rafid status --json` prints it."""

    namespace: str
    kafka: KafkaStatus
    elasticsearch: ElasticsearchStatus
    dead_letters: int | None  # None where Kafka or their topic is not there
    down: list[str]  # a line for each thing that is not well


class _TopicsAndWorkers(TypedDict):
    topics: dict[str, TopicStatus]
    workers: dict[str, WorkerStatus]


def status(kafka: KafkaSettings, elastic: ElasticSettings) -> DeploymentStatus:
    """Returns the state of a deployment as its servers tell it now; raises nothing for a server that is down."""
    log = kafka_status(kafka)
    index = elasticsearch_status(elastic, kafka.namespace)
    letters = log["topics"].get(topics(kafka.namespace).dead_letters.name) if log["up"] else None
    return {
        "namespace": kafka.namespace,
        "kafka": log,
        "elasticsearch": index,
        "dead_letters": letters["messages"] if letters else None,
        "down": down_lines(log, index, kafka.namespace),
    }


def kafka_status(settings: KafkaSettings) -> KafkaStatus:
    """Returns the topics of the namespace that exist, with what they hold, and the lag of each worker's group."""
    try:
        with clients.admin(settings) as admin:
            found = topics_and_workers(admin, settings.namespace)
            return {"address": settings.servers, "up": True, "topics": found["topics"], "workers": found["workers"]}
    except clients.NoKafka as exc:
        return {"address": settings.servers, "up": False, "error": str(exc)}
    except KafkaError as exc:
        return {"address": settings.servers, "up": False, "error": one_line(exc)[:300]}


def elasticsearch_status(settings: ElasticSettings, namespace: str) -> ElasticsearchStatus:
    """Returns the documents under each alias and in each index of the namespace, as far as searches see them."""
    try:
        with settings.client(request_timeout=ANSWER_MS / 1000) as client:
            return _with_indices(client, namespace, settings.urls)
    except (ApiError, TransportError) as exc:
        return {"address": settings.urls, "up": False, "error": one_line(exc)[:300]}


def lag(committed: Mapping[Any, int], held: Mapping[Any, tuple[int, int]]) -> int:
    """Returns how many messages a group has yet to take.

    A partition holds the offsets from `held[partition][0]` up to `[1]`. It goes on from its committed offset, or from the
    oldest message where it has none or that one is gone.
    """
    return sum(max(0, end - max(committed.get(partition, 0), oldest)) for partition, (oldest, end) in held.items())


def topics_and_workers(admin: KafkaAdminClient, namespace: str) -> _TopicsAndWorkers:
    """Returns the topics that exist and the workers that read them; raises what kafka-python raises."""
    table = topics(namespace)
    there = {topic["name"]: len(topic["partitions"]) for topic in admin.describe_topics()}
    held = {topic.name: held_offsets(admin, topic.name, there[topic.name]) for topic in table.all() if topic.name in there}
    found: dict[str, TopicStatus] = {
        name: {
            "partitions": len(each),
            "messages": sum(end - oldest for oldest, end in each.values()),
            "end_offset": sum(end for _, end in each.values()),
        }
        for name, each in held.items()
    }
    reads = {"split": table.pages.name, "dedup": table.articles.name, "index": table.deduplicated.name}
    workers = {
        worker: _worker(admin, group(worker, namespace), name, held[name]) for worker, name in reads.items() if name in held
    }
    return {"topics": found, "workers": workers}


def _worker(admin: KafkaAdminClient, name: str, topic: str, held: Mapping[TopicPartition, tuple[int, int]]) -> WorkerStatus:
    at = committed_offsets(admin, name, held)
    members = len(admin.describe_groups([name])[name]["members"])
    return {"group": name, "topic": topic, "members": members, "lag": lag(at, held)}


def _with_indices(client: Elasticsearch, namespace: str, address: str) -> ElasticsearchStatus:
    """Returns the indices with their documents, by three requests however many months there are: the console asks each second."""
    called = names(namespace)
    health = client.cluster.health(filter_path="status").body["status"]
    indices = client.indices.get(index=called.all_generations, filter_path="*.settings.index.uuid").body
    aliases = (called.everything, called.articles, called.sightings)
    total, by_index = {"size": 0, "track_total_hits": True}, {"index": {"terms": {"field": "_index", "size": MAX_INDICES}}}
    searches = [part for alias in aliases for part in ({"index": alias}, total)]
    answer = client.msearch(searches=[*searches, {"index": called.all_generations}, {"size": 0, "aggs": by_index}])
    *of_aliases, of_indices = answer.body["responses"]
    for found in answer.body["responses"]:
        if found["status"] not in (200, 404):  # 404: an alias that no index has yet
            raise ApiError(found["error"]["type"], answer.meta, found)
    counted = {
        bucket["key"]: bucket["doc_count"] for bucket in of_indices.get("aggregations", {}).get("index", {}).get("buckets", ())
    }
    return {
        "address": address,
        "up": True,
        "health": health,
        "aliases": {
            alias: found["hits"]["total"]["value"]
            for alias, found in zip(aliases, of_aliases, strict=True)
            if found["status"] == 200
        },
        "indices": {index: counted.get(index, 0) for index in sorted(indices)},
    }


def down_lines(log: KafkaStatus, index: ElasticsearchStatus, namespace: str) -> list[str]:
    """Returns a line for each thing that is not well in what `kafka_status` and `elasticsearch_status` found."""
    return [*_down_in_kafka(log, namespace), *_down_in_elasticsearch(index)]


def _down_in_kafka(log: KafkaStatus, namespace: str) -> list[str]:
    if not log["up"]:
        return [f"Kafka does not answer at {log['address']}: {log['error']}"]
    missing = [topic.name for topic in topics(namespace).all() if topic.name not in log["topics"]]
    lines = [f"no topic {', '.join(missing)}: `rafid provision` makes it"] if missing else []
    for worker, entry in log["workers"].items():
        if not entry["members"] and entry["lag"]:
            lines.append(f"no {worker} worker runs, and {entry['lag']:,} messages wait: `rafid worker {worker}`")
    return lines


def _down_in_elasticsearch(index: ElasticsearchStatus) -> list[str]:
    if not index["up"]:
        return [f"Elasticsearch does not answer at {index['address']}: {index['error']}"]
    if index["health"] == "red":
        return [f"Elasticsearch at {index['address']} is red: some shards are missing, see its log"]
    return []
