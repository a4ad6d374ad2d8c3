"""What the comparison reads: documents of both sides, and the pages of those that differ."""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Mapping, Sequence

from elasticsearch import Elasticsearch
from kafka import KafkaConsumer

from deploy.audit.documents import generations, scan
from deploy.rebuild.comparison import Snapshot
from indexing.generations.state import Generations
from streams.connect import reading
from streams.records import MalformedRecord, Page
from streams.topics import Topic

BODIES = 200  # documents asked for at once


def snapshots(client: Elasticsearch, namespace: str) -> dict[bytes, Snapshot]:
    """Returns what searches find in the live generation of a namespace, by id; some 300 bytes of memory a document."""
    state = generations(client, namespace)
    kinds: dict[str, str] = {}
    found: dict[bytes, Snapshot] = {}
    for hit in scan(client, state, ("kind", "story_id", "content_hash")):
        source = hit["_source"]
        kind = kinds.setdefault(source["kind"], source["kind"])
        content, story = bytes.fromhex(source.get("content_hash") or ""), bytes.fromhex(source["story_id"])
        found[bytes.fromhex(hit["_id"])] = Snapshot(hit["_version"], content, kind, story)
    return found


def bodies(client: Elasticsearch, state: Generations, ids: Sequence[bytes]) -> dict[bytes, str]:
    """Returns the texts of these documents, that of a copy too; an id without a document is left out."""
    found: dict[bytes, str] = {}
    for start in range(0, len(ids), BODIES):
        answer = client.search(
            index=state.live.pattern,
            query={"ids": {"values": [id_.hex() for id_ in ids[start : start + BODIES]]}},
            size=2 * BODIES,
            source_includes=["body", "copy_body"],
            track_total_hits=False,
            allow_partial_search_results=False,
        )
        for hit in answer["hits"]["hits"]:
            source = hit.get("_source", {})
            found[bytes.fromhex(hit["_id"])] = source.get("body") or source.get("copy_body") or ""
    return found


def last_pages(consumer: KafkaConsumer, topic: Topic, ids: Collection[bytes]) -> Mapping[bytes, Page]:
    """Returns the newest page of each of these ids that the topic holds, by its key; what is no page is left out."""
    wanted, found = frozenset(ids), dict[bytes, bytes]()
    span = reading.Span(topic.name, reading.beginnings(consumer, topic), reading.ends(consumer, topic))
    for message in reading.messages(consumer, span):
        if message.key in wanted and message.value is not None:
            found[message.key] = message.value
    pages: dict[bytes, Page] = {}
    for id_, value in found.items():
        with contextlib.suppress(MalformedRecord):  # such a message has its dead letter
            pages[id_] = Page.from_bytes(value)
    return pages
