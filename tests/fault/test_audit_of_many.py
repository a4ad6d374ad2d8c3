"""An audit of as many articles as a busy week brings: it needs no more memory than a small one, but for a byte a message."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.producer.message_accumulator import BatchBuilder
from elasticsearch import Elasticsearch

from indexing.elastic.settings import ElasticSettings
from indexing.generations.names import names as index_names
from indexing.generations.provision import provision
from indexing.generations.targets import WriteTargets
from streams.connect.kafka import KafkaSettings
from streams.dedup.entry import rfc3339_of_ms
from streams.dedup.notice import HEADER, month_number
from streams.records import Verdict
from streams.topics import topics
from tests.support.history import commit
from tests.support.news import story
from tests.support.servers import ROOT

ARTICLES = int(os.environ.get("SOAK_ARTICLES", "1000000"))
BOUND_MIB = 300
REPORT = Path(os.environ.get("SOAK_AUDIT_REPORT", "soak-audit.json"))
MONTH, VERSION, PAGES_PARTITIONS = "2026-11", 1_795_000_000_000, 12
BULK = 10_000
BODIES = [json.dumps({"role": "main", "body": story(number)[1]}, ensure_ascii=False).encode() for number in range(200)]


def _id(number: int) -> bytes:
    return hashlib.blake2b(str(number).encode(), digest_size=16).digest()


def _origin(number: int) -> tuple[int, int]:
    return number % PAGES_PARTITIONS, number // PAGES_PARTITIONS


def _index(client: Elasticsearch, index: str) -> None:
    """A document for each article is in the index."""
    for start in range(0, ARTICLES, BULK):
        lines: list[Any] = [
            b'{"index":{"_id":"%s","version":%d,"version_type":"external"}}\n{"kind":"new"}\n'
            % (_id(number).hex().encode(), VERSION + number)
            for number in range(start, min(start + BULK, ARTICLES))
        ]
        assert not client.bulk(index=index, operations=lines, filter_path="errors")["errors"]


def _records(kafka: KafkaSettings, number: int) -> Iterator[tuple[str, int, bytes, list[tuple[str, bytes]]]]:
    """Topic, partition, value and headers of a page of one article, of that article, and of its verdict `new`."""
    called, id_, (partition, offset) = topics(kafka.namespace), _id(number), _origin(number)
    body, version = BODIES[number % len(BODIES)], VERSION + number
    told = HEADER.pack(2, 0, 0, id_, id_, version, partition, offset, month_number(MONTH), id_[:8], id_) + bytes(100)
    hexadecimal, seen = id_.hex(), rfc3339_of_ms(version)
    verdict = Verdict(kind="new", doc_id=hexadecimal, story_id=hexadecimal, version=version, month=MONTH, first_seen=seen)
    judged = [("verdict", verdict.to_bytes()), ("origin", b"%d:%d" % (partition, offset))]
    yield called.pages.name, partition, b"{}", []
    yield called.articles.name, 0, body, [("notice", told)]
    yield called.deduplicated.name, partition, body, judged


async def _produce(kafka: KafkaSettings) -> None:
    """The topics hold all of it, in whole record batches: record by record it would take ten times as long."""
    producer = AIOKafkaProducer(bootstrap_servers=kafka.servers, max_batch_size=512 * 1024, compression_type="zstd")
    await producer.start()
    batches: dict[tuple[str, int], BatchBuilder] = {}
    try:
        for number in range(ARTICLES):
            for topic, partition, value, headers in _records(kafka, number):
                record: dict[str, Any] = {"timestamp": None, "key": _id(number), "value": value, "headers": headers}
                place = topic, partition
                batch = batches.get(place)
                if batch is None or batch.append(**record) is None:
                    if batch is not None:
                        await (await producer.send_batch(batch, topic, partition=partition))
                    batches[place] = producer.create_batch()
                    assert batches[place].append(**record) is not None
        for (topic, partition), batch in batches.items():
            await (await producer.send_batch(batch, topic, partition=partition))
    finally:
        await producer.stop()


@pytest.mark.soak
@pytest.mark.timeout(2 * 3600)
def test_an_audit_of_a_million_articles_is_clean_and_stays_small(
    kafka: KafkaSettings, elastic: ElasticSettings, tmp_path: Path
) -> None:
    asyncio.run(_produce(kafka))
    called = topics(kafka.namespace)
    for worker, its_input in (("split", called.pages), ("dedup", called.articles), ("index", called.deduplicated)):
        commit(kafka, worker, its_input)
    with elastic.client() as client:
        provision(client, kafka.namespace)
        WriteTargets(client, kafka.namespace).prepare([MONTH])
        index = index_names(kafka.namespace).index(MONTH)
        _index(client, index)
        client.indices.refresh(index=index)

    command = [sys.executable, "-m", "rafid", "audit", "--json", "--scratch", str(tmp_path), "--kafka", kafka.servers]
    command += ["--namespace", kafka.namespace, "--elasticsearch", elastic.urls]
    began_s = time.monotonic()
    with (tmp_path / "audit.json").open("wb") as out:
        process = subprocess.Popen(command, cwd=ROOT, stdout=out)
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    took_s = time.monotonic() - began_s
    report = json.loads((tmp_path / "audit.json").read_text())
    mib = used.ru_maxrss / 1024
    figures = {"articles": ARTICLES, "wall_s": took_s, "cpu_s": used.ru_utime + used.ru_stime, "memory_mib": mib}
    REPORT.write_text(json.dumps(figures) + "\n")

    assert (process.returncode, report["faults"], report["read"]["documents"]) == (0, {}, ARTICLES)
    assert mib < BOUND_MIB
