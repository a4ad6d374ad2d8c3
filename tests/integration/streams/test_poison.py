"""Hundreds of kinds of bad messages on every topic: the workers go on, each is accounted for, and all good ones arrive."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from deploy.audit.audit import Bounds, audit
from indexing.elastic.settings import ElasticSettings
from indexing.generations.names import names as index_names
from indexing.generations.provision import provision
from indexing.worker import batches, writer
from streams.connect.kafka import KafkaSettings
from streams.dead_letter_commands import dead_letters
from streams.dead_letters.envelope import letter_of
from streams.dedup.entry import Entry, MalformedEntry
from streams.records import MalformedRecord
from streams.topics import Topics, topics
from streams.workers import deduplicator
from streams.workers.rejections import Rejected
from tests.support.accounts import as_consumed, outcomes
from tests.support.news import pages
from tests.support.poison import BYTES, Poison, poisons
from tests.support.raw import send_all_raw
from tests.support.servers import Message, Worker, read_all, send_pages, wait_for_all, workers

AT_ONCE, PAGES_BETWEEN = 60, 5
Position = tuple[str, int, int]


def is_page(kafka: KafkaSettings, message: Message) -> bool:
    """Whether the split worker makes articles of it."""
    return outcomes(kafka, message)[0].topic == topics(kafka.namespace).articles.name


def is_article(kafka: KafkaSettings, message: Message) -> bool:
    """Whether the dedup worker judges it."""
    try:
        deduplicator.read_notice(as_consumed(topics(kafka.namespace).articles.name, message))
    except Rejected:
        return False
    return True


def is_judged(kafka: KafkaSettings, message: Message) -> bool:
    """Whether the index worker brings the index to its verdict."""
    fields = message._asdict() | {"headers": tuple(message.headers.items())}
    del fields["timestamp"]
    consumed = batches.Message(topics(kafka.namespace).deduplicated.name, **fields)
    try:
        verdict = writer.verdict_of(consumed)
        if verdict.kind != "unchanged":
            writer.content_of(consumed, verdict)
            writer.article_of(consumed)
    except MalformedRecord:
        return False
    return True


def is_counted(message: Message) -> bool:
    """Whether a message with a verdict says of which article and page it is."""
    return len(message.key or b"") == 16 and bool(re.fullmatch(rb"\d+:\d+", message.headers.get("origin") or b""))


def kinds(kafka: KafkaSettings) -> dict[str, list[Poison]]:
    """By topic all that is bad, made from what the first good page became."""
    names = topics(kafka.namespace)
    page = read_all(kafka, names.pages.name)[0]
    article = next(m for m in read_all(kafka, names.articles.name) if m.key == page.key)
    judged = next(m for m in read_all(kafka, names.deduplicated.name) if m.key == page.key)
    assert page.key
    assert page.value
    assert article.value
    headers = article.headers["notice"], judged.headers["verdict"], judged.headers["origin"]
    of_pages, of_articles = poisons(page.key, page.value, *headers), poisons(page.key, article.value, *headers)
    return {
        names.pages.name: of_pages,
        names.articles.name: of_articles,
        names.deduplicated.name: of_articles,
        names.dead_letters.name: of_pages,
    }


def lettered(kafka: KafkaSettings, names: Topics) -> set[Position]:
    """Where the messages lay that became dead letters; what is no dead letter on their topic tells of none."""
    found: set[Position] = set()
    for message in read_all(kafka, names.dead_letters.name):
        try:
            letter = letter_of(message.headers.items())
        except MalformedRecord:
            continue
        assert letter.topic is not None
        found.add((letter.topic, letter.partition or 0, letter.offset or 0))
    return found


def wait_until_done(kafka: KafkaSettings) -> None:
    names = topics(kafka.namespace)
    for stage, topic in (("split", names.pages), ("dedup", names.articles), ("index", names.deduplicated)):
        wait_for_all(kafka, stage, topic.name, 300)


@pytest.mark.timeout(900)
def test_every_kind_of_bad_message_is_accounted_for_and_all_good_ones_around_them_arrive(
    kafka: KafkaSettings, elastic: ElasticSettings, tmp_path: Path
) -> None:
    names = topics(kafka.namespace)
    news = pages(10_000, seed=5)
    with elastic.client() as client, workers() as running:
        provision(client, kafka.namespace)
        running += [Worker(stage, kafka, tmp_path, RAFID_ELASTICSEARCH=elastic.urls) for stage in ("split", "dedup", "index")]
        send_pages(kafka, itertools.islice(news, PAGES_BETWEEN))
        wait_until_done(kafka)
        bad = kinds(kafka)
        for batch in _in_turn(bad):
            for topic, partitions in ((t.name, t.partitions) for t in names.all() if t.name in batch):
                send_all_raw(kafka, topic, batch[topic], partitions)
            send_pages(kafka, itertools.islice(news, PAGES_BETWEEN))
        wait_until_done(kafka)
        assert [worker.stop() for worker in running] == [0, 0, 0]
        client.indices.refresh(index=index_names(kafka.namespace).everything)
        hits = client.search(index=index_names(kafka.namespace).everything, size=10_000)["hits"]["hits"]

    # Each bad message is refused by the rule of its stage, with a dead letter, or is none: then it had its effect.
    rules: dict[str, Callable[[KafkaSettings, Message], bool]]
    rules = {names.pages.name: is_page, names.articles.name: is_article, names.deduplicated.name: is_judged}
    lies = {topic: read_all(kafka, topic) for topic in rules}
    refused = {(topic, m.partition, m.offset) for topic, rule in rules.items() for m in lies[topic] if not rule(kafka, m)}
    assert lettered(kafka, names) == refused
    assert (
        min(sum(topic == name for topic, _, _ in refused) for name in rules) >= 75
    )  # the others have headers wrong that this stage does not read
    assert all(len({poison.name for poison in found}) >= 100 for found in bad.values())

    # All that was good is there: the documents are those that the articles' verdicts name, and no others.
    good = {message.key for message in lies[names.pages.name] if message.key and is_page(kafka, message)}
    assert {hit["_id"] for hit in hits} >= {
        page.id for page in _sent(len(bad[names.pages.name])) if bytes.fromhex(page.id) in good
    }
    uncounted = [m for m in lies[names.deduplicated.name] if is_judged(kafka, m) and not is_counted(m)]
    with audit(kafka, elastic, Bounds()) as report:
        # Forged, and named as that: a verdict under another's key, and one that differs from the one that dedup gave.
        forged = {"verdict_without_article": 1, "article_with_two_verdicts": 1}
        assert report.faults == forged | {"message_without_letter": len(uncounted)}
        assert report.under_way == {"pages": 0, "articles": 0, "verdicts": 0}
    environment = {"RAFID_KAFKA": kafka.servers, "RAFID_NAMESPACE": kafka.namespace}
    assert CliRunner().invoke(dead_letters, ["list", "--json"], env=environment).exit_code == 0


def _in_turn(bad: dict[str, list[Poison]]) -> Iterator[dict[str, list[Poison]]]:
    longest = max(map(len, bad.values()))
    for start in range(0, longest, AT_ONCE):
        yield {topic: found[start : start + AT_ONCE] for topic, found in bad.items()}


def _sent(kinds_of_pages: int) -> Iterator[Any]:
    return itertools.islice(pages(10_000, seed=5), PAGES_BETWEEN * (1 + -(-kinds_of_pages // AT_ONCE)))


@pytest.mark.parametrize("name", BYTES)
def test_no_bytes_are_taken_for_an_entry_of_the_register(name: str) -> None:
    with pytest.raises(MalformedEntry):
        Entry.from_bytes(bytes(16), BYTES[name] or b"")
