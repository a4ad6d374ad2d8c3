"""What must have become of every page and article, by the pure functions over the logs, and what has."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from streams.connect.kafka import KafkaSettings
from streams.dedup.notice import MalformedNotice, Notice
from streams.dedup.register import Register
from streams.records import Verdict
from streams.topics import topics
from streams.workers.deduplicator import headers
from streams.workers.outbox import OutgoingRecord
from streams.workers.splitter import records_for_pages
from tests.support.servers import Message, read_all

Origin = tuple[int, int]
Fate = tuple[bytes, Origin]


def outcomes(kafka: KafkaSettings, page: Message) -> list[OutgoingRecord]:
    """What the split worker sends of this message on the topic of pages."""
    names = topics(kafka.namespace)
    return records_for_pages([as_consumed(names.pages.name, page)], names, lambda: "2026-11-22T18:25:43Z")[0]


def expected_articles(kafka: KafkaSettings) -> dict[Fate, bytes]:
    """Each article that the pages on their topic have, by id and origin."""
    names = topics(kafka.namespace)
    found: dict[Fate, bytes] = {}
    for message in read_all(kafka, names.pages.name):
        for sending in outcomes(kafka, message):
            if sending.topic == names.articles.name:
                assert sending.key is not None
                assert sending.value is not None
                found[sending.key, (message.partition, message.offset)] = sending.value
    return found


def sent_articles(kafka: KafkaSettings) -> dict[Fate, bytes]:
    """Each article that was sent, by id and origin; what was sent twice must have been the same."""
    found: dict[Fate, bytes] = {}
    for message in read_all(kafka, topics(kafka.namespace).articles.name):
        assert message.key is not None
        assert message.value is not None
        fate = message.key, Notice.from_bytes(message.headers["notice"]).origin
        before = found.setdefault(fate, message.value)
        assert before == message.value, f"sent as {before.decode()} and as {message.value.decode()}"
    return found


def expected_verdicts(kafka: KafkaSettings) -> dict[Fate, set[bytes]]:
    """The verdict that an undisturbed register gives each article of the log, by id and origin."""
    register = Register({})
    found: dict[Fate, set[bytes]] = {}
    for message in read_all(kafka, topics(kafka.namespace).articles.name):
        try:
            notice = Notice.from_bytes(message.headers.get("notice", b""))
        except MalformedNotice:
            continue
        if notice.id != message.key or message.value is None:
            continue
        verdict = register.judge(notice, message.offset)
        if verdict is not None:
            found.setdefault((notice.id, notice.origin), set()).add(dict(headers(notice, verdict))["verdict"])
    return found


def judged(kafka: KafkaSettings) -> dict[Fate, set[bytes]]:
    """The verdicts that were sent, by id and origin."""
    found: dict[Fate, set[bytes]] = {}
    for message in read_all(kafka, topics(kafka.namespace).deduplicated.name):
        assert message.key is not None
        Verdict.from_bytes(message.headers["verdict"])
        partition, _, offset = message.headers["origin"].partition(b":")
        found.setdefault((message.key, (int(partition), int(offset))), set()).add(message.headers["verdict"])
    return found


def as_consumed(topic: str, message: Message) -> Any:
    """The message as a worker gets it."""
    return SimpleNamespace(topic=topic, **message._asdict() | {"headers": tuple(message.headers.items())})
