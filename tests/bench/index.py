"""How fast the index worker fills Elasticsearch, against the same bodies posted straight to `_bulk` in the same run.

The server is warm before the first round, and each has indices of its own. The worker's rounds stand between those of `_bulk`:
each is compared with the mean of the two around it, which takes out a machine's drift. Rates are those of the best round, the
ratio is the median of the rounds'.
"""

from __future__ import annotations

import asyncio
import gzip
import itertools
import os
import threading
import time
import uuid
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any, NamedTuple

import orjson
from aiokafka import AIOKafkaProducer
from elasticsearch import Elasticsearch

from deploy.local import stack
from indexing.elastic.settings import ElasticSettings
from indexing.elastic.writes import action
from indexing.generations.names import names
from indexing.generations.provision import put_template
from indexing.generations.state import ensure_index, read_generations
from indexing.worker.dead_letters import DeadLetters
from indexing.worker.documents import measure_article, plan_write
from indexing.worker.loop import IndexerSettings
from indexing.worker.process import connect, indexer
from producers.page_fields import page_of_fields
from producers.values.defaults import Defaults
from streams.connect import provision
from streams.connect.kafka import KafkaSettings
from streams.dedup.notice import notice
from streams.records import METADATA_FIELDS, Article, Verdict
from streams.runtime.garbage import collect_rarely
from streams.topics import topics
from streams.workers.deduplicator import headers
from streams.workers.outbox import Outbox, OutgoingRecord
from tests.bench.report import Row, paired
from tests.conftest import SHARED
from tests.unit.indexing.stories import article, verdict

DOCUMENTS = int(os.environ.get("RAFID_BENCH_DOCUMENTS", "20000"))
ROUNDS = int(os.environ.get("RAFID_BENCH_ROUNDS", "9"))
WARM_UP = 4_000
RECORD_BATCH = 17  # messages, of a dedup worker with a backlog (measured)
MONTHS = ("2026-09", "2026-10", "2026-11")  # as in daily work; the corpus itself spans 69
SETTINGS = IndexerSettings()
STAGE = "index"


class Round(NamedTuple):
    """One run over all documents: seconds by the clock, and seconds of CPU time of this process."""

    wall_s: float
    cpu_s: float


def measure() -> Iterator[Row]:
    """The rate of `_bulk` alone, and that of the worker with its ratio to it."""
    name = os.environ.get("RAFID_TEST_STACK", "test")
    addresses = stack.up(name)
    kafka = KafkaSettings(addresses.kafka, namespace=f"bench{uuid.uuid4().hex[:8]}")
    elastic = ElasticSettings(addresses.elasticsearch)
    provision.provision(kafka)
    pairs = list(some_articles())
    collect_rarely()  # as in the worker's own process, where these articles are not
    try:
        with elastic.client() as client:
            feed(kafka, pairs)
            straight(client, kafka.namespace + "warm", pairs[:WARM_UP])
            alone, sink = [straight(client, kafka.namespace + "alone", pairs)], []
            for _ in range(ROUNDS):
                sink.append(through_the_worker(client, kafka, elastic, pairs))
                alone.append(straight(client, kafka.namespace + "alone", pairs))
    finally:
        provision.remove(kafka)
    yield Row(STAGE, "_bulk alone, 2 threads", len(pairs), *min(alone))
    around = [(before.wall_s + after.wall_s) / 2 for before, after in itertools.pairwise(alone)]
    ratio = paired(around, [r.wall_s for r in sink])
    yield Row(STAGE, "index worker", len(pairs), *min(sink), ratio, "_bulk alone")


def some_articles() -> Iterator[tuple[Article, Verdict]]:
    """Articles of the corpus with the verdict `new`, at most DOCUMENTS; invented ones where there is no corpus."""
    files = sorted((SHARED / "corpus").glob("*.jsonl.gz"))
    if not files:
        yield from ((a, verdict(a)) for a in (article(f"bench-{n}", body=article().body * 20) for n in range(DOCUMENTS)))
        return
    lines = (line for file in files for line in gzip.decompress(file.read_bytes()).splitlines())
    share = 20_120 / DOCUMENTS
    now = datetime.now(UTC)
    taken = 0
    for number, line in enumerate(lines):
        if number < taken * share or taken >= DOCUMENTS:
            continue
        taken += 1
        page = page_of_fields(orjson.loads(line), Defaults(), now)
        fields = {field: getattr(page, field) for field in METADATA_FIELDS}
        of = Article(id=page.id, page_id=page.id, role="main", title=page.title, body=page.text, **fields)
        yield of, verdict(of, month=MONTHS[taken % len(MONTHS)])


def feed(kafka: KafkaSettings, pairs: Sequence[tuple[Article, Verdict]]) -> None:
    """The articles and verdicts are on the topic, in record batches as large as a busy dedup worker's."""
    asyncio.run(_feed(kafka, pairs))


async def _feed(kafka: KafkaSettings, pairs: Sequence[tuple[Article, Verdict]]) -> None:
    topic = topics(kafka.namespace).deduplicated
    producer = AIOKafkaProducer(bootstrap_servers=kafka.servers, compression_type="zstd", max_batch_size=512 * 1024)
    outbox = Outbox(lambda: producer)
    async with producer:
        at_once = RECORD_BATCH * topic.partitions
        for start in range(0, len(pairs), at_once):
            for of, by in pairs[start : start + at_once]:
                told = headers(notice(of, 0, (0, 0)), by)
                outbox.add(OutgoingRecord(topic.name, bytes.fromhex(of.id), of.to_bytes(), told))
            await outbox.flush()


def prepared(client: Elasticsearch, namespace: str, pairs: Sequence[tuple[Article, Verdict]]) -> None:
    """Template and months are there, and empty, and are not refreshed within a round.

    A refresh every five seconds costs a tenth of a round, and whether a round of ten seconds has one or two of them is chance.
    """
    empty(client, namespace)
    target = names(namespace)
    put_template(client, target)
    state = read_generations(client, namespace)
    for month in sorted({by.month for _, by in pairs}):
        ensure_index(client, state, target, month)
    client.indices.put_settings(index=target.everything, settings={"index.refresh_interval": "10m"})


def empty(client: Elasticsearch, namespace: str) -> None:
    """No index and no template of the namespace."""
    target = names(namespace)
    if indices := sorted(read_generations(client, namespace).indices):
        for start in range(0, len(indices), 50):
            client.indices.delete(index=indices[start : start + 50])
    client.options(ignore_status=404).indices.delete_index_template(name=target.template)


def straight(client: Elasticsearch, namespace: str, pairs: Sequence[tuple[Article, Verdict]]) -> Round:
    """The bodies that the worker would send, made before the clock starts, from two threads."""
    prepared(client, namespace, pairs)
    target = names(namespace)
    lines: list[bytes] = []
    for of, by in pairs:
        write = plan_write(of, by, None, indexed_at="2026-11-22T12:00:00Z", content=measure_article(of))
        assert write is not None
        lines += (action(write, target.index(write.period)), write.body)
    size = 2 * SETTINGS.limits.messages
    requests = [lines[start : start + size] for start in range(0, len(lines), size)]
    started, cpu = time.perf_counter(), time.process_time()
    with ThreadPoolExecutor(2) as threads:
        answers = list(threads.map(lambda operations: client.bulk(operations=operations, filter_path="errors"), requests))
    result = Round(time.perf_counter() - started, time.process_time() - cpu)
    assert not any(answer["errors"] for answer in answers)
    empty(client, namespace)
    return result


def through_the_worker(
    client: Elasticsearch, kafka: KafkaSettings, elastic: ElasticSettings, pairs: Sequence[tuple[Article, Verdict]]
) -> Round:
    """A worker with a group of its own, from its first message to its last effect.

    What the poll that ends a rebalance brings is read again from where the group is, so it is the second that counts.
    """
    prepared(client, kafka.namespace, pairs)
    stopping = threading.Event()
    dead_letters = DeadLetters(kafka)
    consumer = connect(kafka, SETTINGS, group_id=f"{kafka.namespace}-{uuid.uuid4().hex[:8]}")
    begun, poll, polls = threading.Event(), consumer.poll, itertools.count(1)

    def watched(**settings: Any) -> Any:
        """A poll that says when the first message has come."""
        records = poll(**settings)
        if records and next(polls) == 2:
            begun.set()
        return records

    consumer.poll = watched
    own = elastic.client()
    worker = indexer(
        kafka.namespace, client=own, consumer=consumer, dead_letters=dead_letters, settings=SETTINGS, stopping=stopping
    )
    thread = threading.Thread(target=worker.run)
    thread.start()
    begun.wait()
    started, cpu = time.perf_counter(), time.process_time()
    while thread.is_alive() and worker.counts.total() < len(pairs):
        time.sleep(0.02)  # seldom enough to cost nothing, often enough for a figure of ten seconds
    result = Round(time.perf_counter() - started, time.process_time() - cpu)
    stopping.set()
    thread.join()
    consumer.close(autocommit=False)
    own.close()
    assert worker.counts == {"indexed": len(pairs)}, worker.counts
    empty(client, kafka.namespace)
    return result
