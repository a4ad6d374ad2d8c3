"""The index worker's process: from the command to a clean stop, or to an end that commits nothing."""

from __future__ import annotations

import contextlib
import logging
import threading
from typing import Any

from elasticsearch import Elasticsearch
from kafka import KafkaConsumer

from indexing.elastic.requests import Stopping, retry_while_unavailable, translate_errors
from indexing.elastic.settings import ElasticSettings
from indexing.generations.provision import provision
from indexing.generations.targets import WriteTargets
from indexing.worker.dead_letters import DeadLetters
from indexing.worker.loop import Indexer, IndexerSettings, check_topic
from indexing.worker.resting import Resting
from indexing.worker.writer import OPERATIONS, Writer
from streams.clock import now
from streams.connect import clients
from streams.connect.kafka import KafkaSettings
from streams.runtime.garbage import collect_rarely
from streams.runtime.lifecycle import Process, stopped_by_signals
from streams.runtime.settings import ShellSettings
from streams.topics import group, topics

log = logging.getLogger("rafid.index")

# Ten polls a second are usual; this long without one and the group takes the partitions away.
MAX_POLL_INTERVAL_MS = 300_000
# A killed worker's partitions wait this long for another; heartbeats come every three seconds, from a thread of their own.
SESSION_MS = 10_000
# A worker may be started together with its broker, which is up within this.
STARTING_BROKER_MS = 30_000
FETCH_BYTES = 8 * 1024 * 1024


def run_index_worker(
    kafka: KafkaSettings,
    elastic: ElasticSettings,
    settings: IndexerSettings,
    process: Process,
    *,
    instance: str | None = None,
) -> None:
    """Indexes until SIGTERM or SIGINT, then finishes what is on its way, commits it and leaves the group.

    Waits for an Elasticsearch that does not answer yet. Raises RafidError when there is no topic, when the index belongs to
    another version of the template, or when Elasticsearch refuses to be written to.
    """
    stopping = threading.Event()
    client = elastic.client(connections_per_node=settings.in_flight + 2)
    dead_letters = DeadLetters(kafka)
    consumer: KafkaConsumer | None = None
    try:
        with stopped_by_signals(process, stopping), contextlib.suppress(Stopping):
            consumer = connect(kafka, settings, group_instance_id=instance)
            # Before the template: a namespace that is none, or a mistyped one, leaves nothing behind in Elasticsearch.
            check_topic(consumer, topics(kafka.namespace).deduplicated.name)
            for change in retry_while_unavailable(
                lambda: translate_errors(lambda: provision(client, kafka.namespace)), stopping, "looking at the index"
            ):
                log.info("%s", change)
            collect_rarely()
            work = indexer(
                kafka.namespace,
                client=client,
                consumer=consumer,
                dead_letters=dead_letters,
                settings=settings,
                stopping=stopping,
                process=process,
            )
            work.run()
    finally:
        dead_letters.close()
        if consumer is not None:
            consumer.close(autocommit=False, timeout_ms=5_000)
        client.close()


def indexer(
    namespace: str,
    *,
    client: Elasticsearch,
    consumer: KafkaConsumer,
    dead_letters: DeadLetters,
    settings: IndexerSettings,
    stopping: threading.Event,
    process: Process | None = None,
) -> Indexer:
    """Returns a worker made of these clients, which it leaves open."""
    process = process or Process("index", ShellSettings())
    process.vitals.retries.update(dict.fromkeys(OPERATIONS, 0))
    targets = WriteTargets(client, namespace)
    writer = Writer(
        client,
        targets,
        dead_letters,
        in_flight=settings.in_flight,
        stopping=stopping,
        now=now,
        retried=process.vitals.count_retry,
    )
    topic = topics(namespace).deduplicated.name
    return Indexer(consumer, topic, writer, Resting(client, targets), settings, stopping=stopping, process=process)


def connect(kafka: KafkaSettings, settings: IndexerSettings, **overrides: Any) -> KafkaConsumer:
    """Returns a consumer of the index group that commits nothing by itself; raises NoKafka."""
    options: dict[str, Any] = {
        "group_id": group("index", kafka.namespace),
        "enable_auto_commit": False,
        "auto_offset_reset": "earliest",
        "bootstrap_timeout_ms": STARTING_BROKER_MS,
        "max_poll_interval_ms": MAX_POLL_INTERVAL_MS,
        "session_timeout_ms": SESSION_MS,
        "max_poll_records": settings.limits.messages,
        "max_partition_fetch_bytes": FETCH_BYTES,
        "fetch_min_bytes": 1,
    }
    return clients.consumer(kafka, **(options | overrides))
