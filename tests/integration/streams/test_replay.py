"""A dead letter of a page, sent again after newer pages came: the index keeps the newest, and nothing is missing from it."""

from __future__ import annotations

import itertools
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner
from msgspec.structs import replace

from deploy.audit.audit import Bounds, audit
from indexing.elastic.settings import ElasticSettings
from indexing.generations.names import names as index_names
from indexing.generations.provision import provision
from streams.connect.kafka import KafkaSettings
from streams.dead_letter_commands import dead_letters
from streams.records import Page
from streams.topics import topics
from streams.workers import splitter
from tests.support.history import commit
from tests.support.news import MARKER, pages, story
from tests.support.servers import Worker, read_all, send, send_pages, wait_for_all, wait_until, workers


def fail(kafka: KafkaSettings, page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    """The page lies on its topic, and became a dead letter by a splitter that is mended since."""
    names = topics(kafka.namespace)
    send_pages(kafka, [page])
    lies = next(message for message in read_all(kafka, names.pages.name) if message.key == bytes.fromhex(page.id))
    consumed: Any = SimpleNamespace(topic=names.pages.name, **lies._asdict() | {"headers": ()})
    with monkeypatch.context() as broken:
        broken.setattr(splitter, "split", lambda *_: 1 / 0)
        ((letter,),) = splitter.records_for_pages([consumed], names, lambda: "2026-11-22T18:25:43Z")
    assert letter.topic == names.dead_letters.name
    send(kafka, letter.topic, [(letter.key, letter.value, dict(letter.headers))])
    commit(kafka, "split", names.pages)


def wait_until_indexed(kafka: KafkaSettings, verdicts: int) -> None:
    topic = topics(kafka.namespace).deduplicated.name
    wait_until(lambda: len(read_all(kafka, topic)) == verdicts, "every article to be judged", 120)
    wait_for_all(kafka, "index", topic)


@pytest.mark.timeout(600)
def test_an_old_page_that_is_sent_again_replaces_no_newer_one_and_is_found_where_there_is_none(
    kafka: KafkaSettings, elastic: ElasticSettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    renewed, alone = itertools.islice((page for page in pages(20) if MARKER not in page.text), 2)
    newer = replace(renewed, text=story(77)[1])
    fail(kafka, renewed, monkeypatch)
    fail(kafka, alone, monkeypatch)
    with elastic.client() as client, workers() as running:
        provision(client, kafka.namespace)
        running += [Worker(stage, kafka, tmp_path, RAFID_ELASTICSEARCH=elastic.urls) for stage in ("split", "dedup", "index")]
        send_pages(kafka, [newer])
        wait_until_indexed(kafka, 1)

        environment = {"RAFID_KAFKA": kafka.servers, "RAFID_NAMESPACE": kafka.namespace}
        done = CliRunner().invoke(dead_letters, ["replay", "--all"], env=environment)
        assert (done.exit_code, done.stdout) == (0, f"2 went back to {topics(kafka.namespace).pages.name}\n")
        wait_until_indexed(kafka, 3)

        every = index_names(kafka.namespace).everything
        client.indices.refresh(index=every)
        hits = client.search(index=every, size=10)["hits"]["hits"]
    assert {hit["_id"]: hit["_source"]["body"] for hit in hits} == {renewed.id: newer.text, alone.id: alone.text}
    with audit(kafka, elastic, Bounds()) as report:
        assert report.findings.first == []
