"""A whole index worker in the test's own process, with real Kafka and Elasticsearch on either side."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from elasticsearch import Elasticsearch
from kafka import KafkaConsumer, KafkaProducer, TopicPartition

from indexing.elastic.settings import ElasticSettings
from indexing.generations.names import names
from indexing.generations.provision import provision
from indexing.worker.batches import Limits
from indexing.worker.dead_letters import DeadLetters
from indexing.worker.loop import IndexerSettings
from indexing.worker.process import connect, indexer
from streams.connect.kafka import KafkaSettings
from streams.dead_letters.envelope import letter_of
from streams.records import Article, DeadLetter, Verdict
from streams.topics import group, topics

DEADLINE_S = 60.0
SETTINGS = IndexerSettings(limits=Limits(messages=50, age_s=0.05))


class Document(NamedTuple):
    stored_in: str
    version: int
    source: dict[str, Any]


def eventually(condition: Callable[[], bool], what: str, deadline_s: float = DEADLINE_S) -> None:
    """Returns once the condition holds; fails after the deadline."""
    end = time.monotonic() + deadline_s
    while not condition():
        assert time.monotonic() < end, f"not within {deadline_s} s: {what}"
        time.sleep(0.02)


class Sink:
    def __init__(self, kafka: KafkaSettings, elastic: ElasticSettings) -> None:
        self.kafka = kafka
        self.elastic = elastic
        self.client: Elasticsearch = elastic.client()
        self.names = names(kafka.namespace)
        self.topics = topics(kafka.namespace)

    def feed(self, *pairs: tuple[Article, Verdict]) -> None:
        """These articles and verdicts are on the topic."""
        self.send(*((bytes.fromhex(a.id), a.to_bytes(), v.to_bytes()) for a, v in pairs))

    def send(self, *messages: tuple[bytes, bytes, bytes | None]) -> None:
        """Messages of these keys, values and `verdict` headers are on the topic."""
        producer = KafkaProducer(**self.kafka.client(), linger_ms=20)
        for key, value, verdict in messages:
            headers = [] if verdict is None else [("verdict", verdict)]
            producer.send(self.topics.deduplicated.name, key=key, value=value, headers=headers)
        producer.flush()
        producer.close()

    @contextmanager
    def worker(
        self, settings: IndexerSettings = SETTINGS, client: Elasticsearch | None = None, **consumer: Any
    ) -> Iterator[Worker]:
        """A worker that runs until the block ends; what it raised is raised there. It ends its client."""
        running = Worker(self.kafka, client or self.elastic.client(), settings, consumer)
        running.start()
        try:
            yield running
        finally:
            running.stop()
        running.check()

    def index(self, settings: IndexerSettings = SETTINGS, client: Elasticsearch | None = None) -> Counter[str]:
        """What is on the topic is indexed and committed; what became of the messages."""
        with self.worker(settings, client) as worker:
            eventually(lambda: not worker.is_alive() or self.lag() == 0, "the worker catches up")
        return worker.counts

    def lag(self) -> int:
        """Messages of the topic that the group has not committed."""
        return sum(self.ends().values()) - sum(self.committed().values())

    def ends(self) -> dict[int, int]:
        return {p.partition: offset for p, offset in self._ask(lambda c, ps: c.end_offsets(ps)).items()}

    def committed(self) -> dict[int, int]:
        return {p.partition: offset or 0 for p, offset in self._ask(lambda c, ps: {p: c.committed(p) for p in ps}).items()}

    def _ask(self, question: Callable[[Any, list[TopicPartition]], dict[TopicPartition, int]]) -> dict[TopicPartition, int]:
        topic = self.topics.deduplicated
        consumer = KafkaConsumer(**self.kafka.client(), group_id=group("index", self.kafka.namespace), enable_auto_commit=False)
        try:
            return question(consumer, [TopicPartition(topic.name, n) for n in range(topic.partitions)])
        finally:
            consumer.close(autocommit=False)

    def documents(self, alias: str | None = None) -> dict[str, Document]:
        """Every document that a search of the alias (default: all) finds, by id; an id in two indices fails."""
        target = alias or self.names.everything
        self.client.indices.refresh(index=target)
        found: dict[str, Document] = {}
        after: list[Any] | None = None
        pit = self.client.open_point_in_time(index=target, keep_alive="1m")["id"]
        try:
            while True:
                answer = self.client.search(
                    pit={"id": pit}, size=1_000, version=True, sort=["_shard_doc"], search_after=after, track_total_hits=False
                )
                hits = answer["hits"]["hits"]
                if not hits:
                    return found
                for hit in hits:
                    assert hit["_id"] not in found, f"{hit['_id']} is in {found[hit['_id']].index} and {hit['_index']}"
                    found[hit["_id"]] = Document(hit["_index"], hit["_version"], hit["_source"])
                after = hits[-1]["sort"]
        finally:
            self.client.close_point_in_time(id=pit)

    def ends_of_index(self) -> int:
        """Writes that the indices have taken so far: each document counts once for each of its versions."""
        stats = self.client.indices.stats(index=self.names.all_generations, level="shards").body["indices"]
        return sum(
            shard["seq_no"]["max_seq_no"] + 1
            for index in stats.values()
            for shards in index["shards"].values()
            for shard in shards
            if shard["routing"]["primary"]
        )

    def dead_letters(self) -> list[tuple[bytes | None, bytes | None, DeadLetter]]:
        """Every dead letter of the namespace."""
        topic = self.topics.dead_letters
        consumer = KafkaConsumer(**self.kafka.client(), enable_auto_commit=False)
        try:
            partitions = [TopicPartition(topic.name, n) for n in range(topic.partitions)]
            consumer.assign(partitions)
            consumer.seek_to_beginning(*partitions)
            ends = consumer.end_offsets(partitions)
            found = []
            while any(consumer.position(p) < ends[p] for p in partitions):
                for records in consumer.poll(timeout_ms=200).values():
                    found += [(r.key, r.value, letter_of(r.headers)) for r in records]
            return found
        finally:
            consumer.close(autocommit=False)


class Worker(threading.Thread):
    """`rafid worker index` as a thread; what ends it is kept for `check`."""

    def __init__(self, kafka: KafkaSettings, client: Elasticsearch, settings: IndexerSettings, consumer: dict[str, Any]) -> None:
        super().__init__(daemon=True)
        self.stopping = threading.Event()
        self.error: BaseException | None = None
        self.counts: Counter[str] = Counter()
        self._kafka, self._client, self._settings, self._consumer = kafka, client, settings, consumer

    def run(self) -> None:
        dead_letters = DeadLetters(self._kafka)
        consumer = connect(self._kafka, self._settings, **self._consumer)
        try:
            worker = indexer(
                self._kafka.namespace,
                client=self._client,
                consumer=consumer,
                dead_letters=dead_letters,
                settings=self._settings,
                stopping=self.stopping,
            )
            self.counts = worker.counts
            worker.run()
        except BaseException as exc:
            self.error = exc
        finally:
            dead_letters.close()
            consumer.close(autocommit=False, timeout_ms=2_000)
            self._client.close()

    def stop(self) -> None:
        """It has ended, in order."""
        self.stopping.set()
        self.join(DEADLINE_S)
        assert not self.is_alive(), "the worker does not stop"

    def check(self) -> None:
        """Raises what ended it."""
        if self.error is not None:
            raise self.error


def prepared(kafka: KafkaSettings, elastic: ElasticSettings) -> Sink:
    """A sink whose template is installed."""
    sink = Sink(kafka, elastic)
    provision(sink.client, kafka.namespace)
    return sink
