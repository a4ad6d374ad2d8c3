"""`rafid audit` on real servers: a history that adds up is clean, and whatever is taken from it or put into it is named."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from click.testing import CliRunner
from elasticsearch import Elasticsearch
from kafka import TopicPartition

import rafid
from deploy.audit.answers import index_name, last
from indexing.elastic.settings import ElasticSettings
from indexing.generations.names import names
from producers.page_fields import page_of_line
from producers.values.defaults import Defaults
from streams.connect import clients
from streams.connect.kafka import KafkaSettings
from streams.dedup.notice import Notice
from streams.records import Page, Verdict
from streams.topics import topics
from tests.support.history import invent
from tests.support.news import WORDS, pages
from tests.support.servers import ROOT, Message, read_all, send, send_pages

PAGES = 40


def audit(kafka: KafkaSettings, elastic: ElasticSettings, *options: str) -> tuple[int, dict[str, Any]]:
    servers = ("--kafka", kafka.servers, "--namespace", kafka.namespace, "--elasticsearch", elastic.urls)
    ended = CliRunner().invoke(rafid.cli, ["audit", "--json", *servers, *options], catch_exceptions=False)
    assert ended.exit_code in (0, 1), ended.output
    return ended.exit_code, json.loads(ended.stdout)


def findings(kafka: KafkaSettings, elastic: ElasticSettings) -> set[tuple[str, str | None]]:
    """The faults that an audit names, each with its id or, for a page, its origin."""
    code, report = audit(kafka, elastic)
    assert (code == 0) is report["clean"] is (report["findings"] == [])
    assert sum(report["faults"].values()) == len(report["findings"])
    return {(finding["fault"], finding.get("id", finding.get("page"))) for finding in report["findings"]}


@pytest.fixture
def client(elastic: ElasticSettings) -> Iterator[Elasticsearch]:
    with elastic.client() as made:
        yield made


def changed_pages() -> list[Page]:
    """Pages, and the first of them once more with one more sentence in its own story."""
    made = list(pages(PAGES))
    first, rest = made[0].text.split("\n", 1)
    return [*made, msgspec.structs.replace(made[0], text=f"{first}\n{' '.join(WORDS[:15])}.\n{rest}")]


def page_with_another_story() -> Page:
    """A page of the demonstration that appends a story."""
    with (ROOT / "deploy/demo/pages.jsonl").open("rb") as lines:
        return page_of_line(list(lines)[2], Defaults(), datetime(2026, 11, 22, tzinfo=UTC))


def kind_of(message: Message) -> str:
    return Verdict.from_bytes(message.headers["verdict"]).kind


def test_what_adds_up_is_clean_and_what_is_changed_in_the_index_is_named(
    kafka: KafkaSettings, elastic: ElasticSettings, client: Elasticsearch
) -> None:
    send(kafka, topics(kafka.namespace).pages.name, [(b"x", b"no page", {})])
    invent(kafka, elastic, pages(PAGES))
    code, report = audit(kafka, elastic)  # at once: most of the documents are not visible to a search yet
    assert (code, report["faults"], report["notes"]) == (0, {}, [])
    assert report["under_way"] == {"pages": 0, "articles": 0, "verdicts": 0}
    assert (report["read"]["pages"], report["read"]["dead_letters"]) == (PAGES + 1, 1)
    assert report["read"]["articles"] == report["read"]["verdicts"] >= PAGES

    called = names(kafka.namespace)
    client.indices.refresh(index=called.everything)
    lost, doubled, newer, *_ = client.search(index=called.everything, size=3, version=True)["hits"]["hits"]
    client.delete(index=lost["_index"], id=lost["_id"])
    client.index(index=called.index("2013"), id=doubled["_id"], document=doubled["_source"])
    at = {"version": newer["_version"] + 1, "version_type": "external"}
    client.index(index=newer["_index"], id=newer["_id"], document=newer["_source"], **at)
    for strange in ("f" * 32, "strange"):
        client.index(index=called.index("2026-11"), id=strange, document={"kind": "new"})
    client.indices.refresh(index=called.everything)
    assert findings(kafka, elastic) == {
        ("verdict_without_document", lost["_id"]),
        ("document_in_two_indices", doubled["_id"]),
        ("document_of_other_version", newer["_id"]),
        ("document_without_verdict", "f" * 32),
        ("document_without_verdict", "strange"),
    }


def test_what_was_lost_on_the_way_is_named_with_its_id(kafka: KafkaSettings, elastic: ElasticSettings) -> None:
    left_out: dict[str, Any] = {}

    def once(what: str, message: Any, *, is_it: bool = True) -> bool:
        return is_it and left_out.setdefault(what, message) is message

    invent(
        kafka,
        elastic,
        [*changed_pages(), page_with_another_story()],
        unsplit=lambda number, page: number >= 30 and once("page", page),
        unsent=lambda _, sending: once("appended", sending, is_it=b'"role":"read_also"' in sending.value),
        unjudged=lambda number, article: number >= 20 and once("article", article),
        unwritten=lambda _, verdict: once("verdict", verdict, is_it=kind_of(verdict) == "update"),
    )
    page, article, verdict = left_out["page"], left_out["article"], left_out["verdict"]
    appended = Notice.from_bytes(dict(left_out["appended"].headers)["notice"]).origin
    assert article.key is not None
    assert findings(kafka, elastic) == {
        ("page_without_article", f"{page.partition}:{page.offset}"),
        ("page_with_fewer_articles", "{}:{}".format(*appended)),
        ("article_without_verdict", article.key.hex()),
        ("document_behind_verdict", Verdict.from_bytes(verdict.headers["verdict"]).doc_id),
    }


def test_what_no_group_has_committed_is_under_way(kafka: KafkaSettings, elastic: ElasticSettings) -> None:
    invent(kafka, elastic, pages(PAGES))
    send_pages(kafka, pages(3, seed=2))
    code, report = audit(kafka, elastic)
    assert (code, report["under_way"]) == (0, {"pages": 3, "articles": 0, "verdicts": 0})


def test_an_answer_that_is_kept_is_the_last_one(kafka: KafkaSettings, elastic: ElasticSettings, client: Elasticsearch) -> None:
    assert last(client, kafka.namespace) is None
    for more in range(2):
        send_pages(kafka, pages(3, seed=2 + more))
        audit(kafka, elastic, "--keep")

    kept = last(client, kafka.namespace)
    client.indices.delete(index=index_name(kafka.namespace))

    assert kept is not None
    assert (kept["clean"], kept["read"]["pages"]) == (True, 6)


def test_what_retention_removed_is_no_loss(kafka: KafkaSettings, elastic: ElasticSettings) -> None:
    called = topics(kafka.namespace)
    invent(kafka, elastic, pages(PAGES))
    last = read_all(kafka, called.articles.name)[-1]
    with clients.admin(kafka) as admin:
        admin.delete_records({TopicPartition(called.articles.name, 0): last.offset})
    code, report = audit(kafka, elastic)
    assert (code, len(report["notes"])) == (0, 1)
    assert report["notes"][0].startswith(f"{called.articles.name} begins at 20")
    assert report["read"]["articles"] == 1


def test_a_window_that_ends_before_it_begins_is_wrong_usage(kafka: KafkaSettings, elastic: ElasticSettings) -> None:
    servers = ("--kafka", kafka.servers, "--namespace", kafka.namespace, "--elasticsearch", elastic.urls)
    ended = CliRunner().invoke(rafid.cli, ["audit", *servers, "--since", "1h", "--until", "2h"])
    assert (ended.exit_code, "--since is not before --until" in ended.output) == (2, True)
