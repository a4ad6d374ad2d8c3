"""Dead letters as documents, so that a dashboard can chart them: the topic is followed into an index of its own."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterable
from typing import Any, Final

import orjson
from elasticsearch import Elasticsearch
from kafka import KafkaConsumer

from indexing.elastic.small_index import ensure_index
from streams.connect.clients import open_consumer
from streams.connect.kafka import KafkaSettings
from streams.dead_letters.envelope import letter_of
from streams.errors import RafidError
from streams.records import MalformedRecord
from streams.runtime.fates import Fate
from streams.runtime.lifecycle import Process
from streams.topics import group, topics

BATCH: Final = 500
POLL_MS: Final = 1_000
_KEYWORD = {"type": "keyword", "ignore_above": 512}
MAPPINGS: Final = {
    "dynamic": False,
    "properties": {
        **dict.fromkeys(("stage", "reason", "topic", "source"), _KEYWORD),
        "error": {"type": "keyword", "ignore_above": 4096},
        "failed_at": {"type": "date"},
        "attempts": {"type": "integer"},
        "partition": {"type": "integer"},
        "offset": {"type": "long"},
    },
}


def index_name(namespace: str) -> str:
    """Returns the name of the index of dead letters."""
    return f"{namespace}-dead-letters"


def follow(
    kafka: KafkaSettings, client: Elasticsearch, process: Process, stopping: threading.Event, *, until_end: bool = False
) -> None:
    """Brings dead letters into their index until `stopping` is set, or with `until_end` until none waits; `process` counts.

    An offset is committed after its document is there, and a document's id is the letter's position: what comes again
    after a crash is written again, and counted once. Raises RafidError when a server refuses.
    """
    topic, index = topics(kafka.namespace).dead_letters.name, index_name(kafka.namespace)
    ensure_index(client, index, MAPPINGS)
    settings = {"group_id": group("dead-letters", kafka.namespace), "enable_auto_commit": False, "auto_offset_reset": "earliest"}
    with open_consumer(kafka, **settings) as consumer:
        consumer.subscribe([topic])
        process.ready()
        while not stopping.is_set():
            process.report()
            batch = [message for part in consumer.poll(timeout_ms=POLL_MS, max_records=BATCH).values() for message in part]
            began = time.monotonic()
            if batch:
                _write(client, index, batch)
                consumer.commit()
                process.counts.add(Fate.INDEXED, len(batch))
                process.vitals.settle_batch(len(batch), time.monotonic() - began)
            elif until_end and consumer.assignment() and _is_at_end(consumer):
                break


def document(message: Any) -> dict[str, Any]:
    """Returns what the index keeps of a dead letter; a message that is none keeps its position and says so."""
    kept: dict[str, Any] = {"partition": message.partition, "offset": message.offset}
    headers = tuple((name, data or b"") for name, data in message.headers)
    try:
        letter = letter_of(headers)
    except MalformedRecord as exc:
        failed_at = {"failed_at": message.timestamp}
        return kept | failed_at | {"stage": "unknown", "reason": "no_dead_letter", "error": str(exc)[:1000]}
    fields = {name: getattr(letter, name) for name in ("stage", "reason", "error", "attempts", "topic", "failed_at")}
    known = {name: value for name, value in fields.items() if value is not None}
    source = source_of(message.value)
    return kept | known | ({"source": source} if source else {})


def source_of(value: bytes | None) -> str | None:
    """Returns the source that the message behind a dead letter names, or None when it can be read no more."""
    with contextlib.suppress(orjson.JSONDecodeError):
        fields = orjson.loads(value or b"")
        if isinstance(fields, dict) and isinstance(fields.get("source"), str):
            return str(fields["source"])
    return None


def _write(client: Elasticsearch, index: str, batch: Iterable[Any]) -> None:
    operations: list[dict[str, Any]] = []
    for message in batch:
        operations += ({"index": {"_id": f"{message.partition}:{message.offset}"}}, document(message))
    answer = client.bulk(index=index, operations=operations).body
    if answer["errors"]:
        first = next(item["index"]["error"] for item in answer["items"] if "error" in item["index"])
        raise RafidError(f"Elasticsearch did not take a dead letter: {first.get('reason', first)}")


def _is_at_end(consumer: KafkaConsumer) -> bool:
    ends = consumer.end_offsets(list(consumer.assignment()))
    return all(consumer.position(partition) >= end for partition, end in ends.items())
