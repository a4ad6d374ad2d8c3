"""A history of a namespace as its workers would have left it, made by their pure functions, with whatever is to be missing."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterable
from typing import Any

from kafka import KafkaConsumer, TopicPartition
from kafka.structs import OffsetAndMetadata

from indexing.elastic.settings import ElasticSettings
from indexing.generations.provision import provision
from indexing.generations.targets import WriteTargets
from indexing.worker import batches
from indexing.worker.dead_letters import DeadLetters
from indexing.worker.writer import Writer
from streams.connect.kafka import KafkaSettings
from streams.dedup.notice import Notice
from streams.dedup.register import Register
from streams.records import Page
from streams.topics import Topic, group, topics
from streams.workers.deduplicator import headers
from tests.support.accounts import outcomes
from tests.support.servers import Message, read_all, send, send_pages

Leave = Callable[[int, Any], bool]  # the number of a message and the message itself, or a record: whether it is left out


def nothing(_number: int, _message: Any) -> bool:
    """Leaves nothing out."""
    return False


def invent(
    kafka: KafkaSettings,
    elastic: ElasticSettings,
    pages: Iterable[Page],
    *,
    unsplit: Leave = nothing,
    unsent: Leave = nothing,
    unjudged: Leave = nothing,
    unwritten: Leave = nothing,
) -> None:
    """The pages are on their topic, and all that they lead to, but for what is left out, on the others and in the index.

    Every group has committed all of it; the index is not refreshed.
    """
    names = topics(kafka.namespace)
    send_pages(kafka, pages)
    split = [page for number, page in enumerate(read_all(kafka, names.pages.name)) if not unsplit(number, page)]
    made = (sending for page in split for sending in outcomes(kafka, page))
    sendings = [sending for number, sending in enumerate(made) if not unsent(number, sending)]
    for topic in (names.articles.name, names.dead_letters.name):
        send(kafka, topic, ((s.key, s.value, dict(s.headers)) for s in sendings if s.topic == topic))
    register = Register({})
    judged = []
    for number, article in enumerate(read_all(kafka, names.articles.name)):
        notice = Notice.from_bytes(article.headers["notice"])
        verdict = register.judge(notice, article.offset)
        if verdict is not None and not unjudged(number, article):
            judged.append((article.key, article.value, dict(headers(notice, verdict))))
    send(kafka, names.deduplicated.name, judged)
    write(kafka, elastic, (m for n, m in enumerate(read_all(kafka, names.deduplicated.name)) if not unwritten(n, m)))
    for worker, its_input in (("split", names.pages), ("dedup", names.articles), ("index", names.deduplicated)):
        commit(kafka, worker, its_input)


def write(kafka: KafkaSettings, elastic: ElasticSettings, messages: Iterable[Message]) -> None:
    """The messages with verdicts have had their effect in the index."""
    topic = topics(kafka.namespace).deduplicated.name
    batch = batches.Batch(
        tuple(batches.Message(topic, m.partition, m.offset, m.key, m.value, tuple(m.headers.items())) for m in messages), 0
    )
    with elastic.client() as client, contextlib.closing(DeadLetters(kafka)) as letters:
        provision(client, kafka.namespace)
        targets = WriteTargets(client, kafka.namespace)
        stopping = threading.Event()
        writer = Writer(client, targets, letters, in_flight=1, stopping=stopping, now=lambda: "2026-11-22T18:25:43Z")
        writer.write(writer.decode(batch))


def commit(kafka: KafkaSettings, worker: str, topic: Topic) -> None:
    """The worker's group has committed all that the topic holds."""
    partitions = [TopicPartition(topic.name, number) for number in range(topic.partitions)]
    name = group(worker, kafka.namespace)
    with contextlib.closing(KafkaConsumer(**kafka.client(), group_id=name, enable_auto_commit=False)) as consumer:
        consumer.assign(partitions)
        ends = consumer.end_offsets(partitions)
        consumer.commit({partition: OffsetAndMetadata(end, "", -1) for partition, end in ends.items()})
