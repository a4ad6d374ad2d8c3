"""What a release left on topics, in the register and on disk is read by this version, as docs/upgrading.md says."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from indexing.schema.reading import template_version
from indexing.worker.batches import Message
from indexing.worker.writer import article_of, verdict_of
from producers.feeds.store import store
from streams.dedup.register import Register
from streams.records import Article, Page, Verdict
from streams.topics import topics
from streams.workers.deduplicator import read_notice
from streams.workers.splitter import records_for_pages
from tests.unit.upgrade.record import message

ROOT = Path(__file__).parents[3]
LEFT = sorted(Path(__file__).parent.glob("release-*.json"))


@pytest.fixture(params=LEFT, ids=lambda path: path.stem)
def left(request: pytest.FixtureRequest) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(request.param.read_text(encoding="utf-8"))
    return found


def headers(told: list[list[str]]) -> tuple[tuple[str, bytes], ...]:
    return tuple((name, bytes.fromhex(data)) for name, data in told)


def articles_of(left: dict[str, Any]) -> list[Any]:
    """The messages of articles that the release sent, from the offset 1."""
    return [
        message("news.articles", offset, bytes.fromhex(each["value"]), headers(each["headers"]), bytes.fromhex(each["key"]))
        for offset, each in enumerate(left["articles"], 1)
    ]


def test_pages_that_wait_become_articles_of_the_same_pages(left: dict[str, Any]) -> None:
    names = topics()
    for offset, value in enumerate(map(bytes.fromhex, left["pages"])):
        (sent,) = records_for_pages([message(names.pages.name, offset, value)], names, lambda: "2026-11-22T18:25:43Z")

        assert {each.topic for each in sent} == {names.articles.name}
        assert Article.from_bytes(sent[0].value or b"").page_id == Page.from_bytes(value).id


def test_articles_that_wait_get_their_verdicts(left: dict[str, Any]) -> None:
    register, judged = Register({}), []
    for waiting in articles_of(left):
        notice = read_notice(waiting)
        judged.append(register.judge(notice, waiting.offset))

    assert len([verdict for verdict in judged if verdict]) == len(left["verdicts"])


def test_a_register_of_the_release_knows_its_articles_again(left: dict[str, Any]) -> None:
    entries = {bytes.fromhex(key): bytes.fromhex(entry) for key, entry in left["register"].items()}
    register = Register(entries)
    for _ in register.rebuild():
        pass

    assert len(register) == len(entries)
    known = {(verdict.kind, verdict.doc_id) for verdict in verdicts_of(left)}
    again = [register.judge(read_notice(waiting), waiting.offset + 1_000) for waiting in articles_of(left)]
    assert {(verdict.kind, verdict.doc_id) for verdict in again if verdict and verdict.kind != "unchanged"} <= known


def verdicts_of(left: dict[str, Any]) -> list[Verdict]:
    return [verdict_of(Message("", 0, 0, b"", b"", headers(told))) for told in left["verdicts"]]


def test_verdicts_that_wait_are_read_with_their_articles(left: dict[str, Any]) -> None:
    for article, told in zip(left["articles"], left["verdicts"], strict=True):
        assert verdict_of(Message("", 0, 0, b"", b"", headers(told))).content_hash
        waiting = Message("", 0, 0, bytes.fromhex(article["key"]), bytes.fromhex(article["value"]), headers(told))
        assert article_of(waiting).id == article["key"]


def test_no_topic_changes_its_number_of_partitions(left: dict[str, Any]) -> None:
    assert {topic.name: topic.partitions for topic in topics().all()} == left["topics"]


def test_another_template_is_said_to_need_a_reindex(left: dict[str, Any]) -> None:
    unreleased = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8").split("\n## ")[1]

    assert left["template"] == template_version() or "rafid reindex" in unreleased


def test_the_state_of_feeds_is_followed_on(left: dict[str, Any], tmp_path: Path) -> None:
    path = tmp_path / "feeds.sqlite"
    connection = sqlite3.connect(path)
    connection.executescript("\n".join(left["feeds"]))
    connection.close()

    with store(path) as kept:
        assert [row.url for row in kept.feeds()] == ["https://one.example/rss.xml"]
