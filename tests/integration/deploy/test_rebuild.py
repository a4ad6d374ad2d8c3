"""A rule is undone on real servers: pages again beside the live index, compared, swapped in, and back."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from kafka import TopicPartition

from deploy.local.stack import Addresses
from indexing.elastic.settings import ElasticSettings
from indexing.generations.names import names
from indexing.generations.provision import provision
from streams.connect import reading
from streams.connect.clients import admin, open_consumer
from streams.connect.kafka import KafkaSettings
from streams.identity import canonical_url, digest
from streams.records import Page
from streams.topics import topics
from tests.conftest import fresh_indices, fresh_namespace, fresh_topics
from tests.support.servers import ROOT, Worker, send_pages, wait_until, workers

OFFER = "حمل تطبيق الساحل مجانا"
RULES = f'[sources."sahel.example"]\nlines = ["{OFFER}"]\n'
TOWNS = ("صور", "بيروت", "صيدا", "طرابلس", "جبيل", "زحلة")
GONE = "النبطية"


class Newsroom(NamedTuple):
    """A live namespace with three workers, and how a rebuild of it is commanded."""

    kafka: KafkaSettings
    elastic: ElasticSettings
    folder: Path

    @property
    def into(self) -> str:
        return f"{self.kafka.namespace}-rebuild"

    def rafid(self, *arguments: str, code: int = 0) -> str:
        """What the command prints on standard output; it ends with this exit code."""
        variables = {
            "RAFID_KAFKA": self.kafka.servers,
            "RAFID_NAMESPACE": self.kafka.namespace,
            "RAFID_ELASTICSEARCH": self.elastic.urls,
            "RAFID_STATE": str(self.folder / "rebuild"),
            "RAFID_SPLIT_RULES": str(self.folder / "rules.toml"),
        }
        command = [sys.executable, "-m", "rafid", *arguments]
        ended = subprocess.run(
            command, check=False, cwd=ROOT, env=os.environ | variables, capture_output=True, text=True, timeout=300
        )
        assert ended.returncode == code, ended.stdout + ended.stderr
        return ended.stdout if code == 0 else ended.stderr

    def remove_pages(self) -> None:
        """The topic of pages keeps none of those that it has, as when their time has passed."""
        topic = topics(self.kafka.namespace).pages
        with open_consumer(self.kafka) as consumer, admin(self.kafka) as client:
            ends = reading.ends(consumer, topic)
            client.delete_records({TopicPartition(topic.name, number): end for number, end in ends.items()})

    def found(self, text: str) -> int:
        """How many articles searches of the live namespace find with this phrase."""
        with self.elastic.client() as client:
            client.indices.refresh(index=f"{self.kafka.namespace}-*")
            query = {"match_phrase": {"body": text}}
            return int(client.count(index=names(self.kafka.namespace).articles, query=query)["count"])

    def bring(self, pages: Sequence[Page]) -> None:
        """The pages are sent, and searchable in whatever the live workers write."""
        send_pages(self.kafka, pages)
        ids = [page.id for page in pages]
        with self.elastic.client() as client:
            pattern = names(self.kafka.namespace).pattern

            def there() -> bool:
                client.indices.refresh(index=pattern, ignore_unavailable=True)
                # While an index is being made it cannot be counted: 503.
                counted = client.options(ignore_status=503).count(index=pattern, query={"ids": {"values": ids}}).body
                return bool(counted.get("count") == len(ids))

            wait_until(there, f"{len(ids)} pages are documents", 150)


def page(town: str) -> Page:
    url = f"https://sahel.example/{town}"
    text = (
        f"قال رئيس بلدية {town} إن سوق {town} القديمة ستفتح أبوابها من جديد بعد ترميم استمر عامين.\n{OFFER}\n"
        f"وأضاف رئيس بلدية {town} أن التجار سيعودون إلى محالهم في {town} قبل نهاية الشهر."
    )
    return Page(
        id=digest("url", canonical_url(url)),
        source="sahel.example",
        url=url,
        title=f"سوق {town} القديمة تفتح أبوابها",
        text=text,
        fetched_at="2026-11-22T10:00:00Z",
    )


@pytest.fixture(scope="module")
def newsroom(stack: Addresses, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Newsroom]:
    namespace, folder = fresh_namespace(), tmp_path_factory.mktemp("rebuild")
    (folder / "rules.toml").write_text(RULES, encoding="utf-8")
    with (
        fresh_topics(stack, namespace) as kafka,
        fresh_indices(stack, namespace) as elastic,
        fresh_topics(stack, f"{namespace}-rebuild"),
        fresh_indices(stack, f"{namespace}-rebuild"),
        workers() as started,
    ):
        with elastic.client() as client:
            provision(client, namespace)
        for stage in ("split", "dedup", "index"):
            started.append(Worker(stage, kafka, folder, RAFID_ELASTICSEARCH=elastic.urls))
        yield Newsroom(kafka, elastic, folder)


def test_a_rule_is_tried_on_all_pages_swapped_in_and_undone(newsroom: Newsroom) -> None:
    earlier, later = [page(town) for town in TOWNS[:4]], [page(town) for town in TOWNS[4:]]
    newsroom.bring([page(GONE)])
    newsroom.remove_pages()  # its document can be rebuilt from no page any more
    newsroom.bring(earlier)

    newsroom.rafid("rebuild", "run", "--until-through")
    compared: dict[str, Any] = json.loads(newsroom.rafid("rebuild", "compare", "--json"))

    assert compared["documents"] | {"verdict": 0} == dict.fromkeys(compared["documents"], 0) | {"text": 4, "older": 1}
    ((rule, lines),) = compared["lines_by_rule"].items()
    assert (lines, rule.startswith("other_boilerplate: ")) == (4, True)
    assert {line for example in compared["examples"] for line, _ in example["gone"]} == {OFFER}

    # Pages that come meanwhile: none is left out of what searches will find.
    newsroom.bring(later)
    refused = newsroom.rafid("rebuild", "swap", "--patience", "1", code=1)
    assert "2 messages wait for the split worker" in refused
    assert newsroom.found(OFFER) == 7

    newsroom.rafid("rebuild", "run", "--until-through")
    swapped = json.loads(newsroom.rafid("rebuild", "swap", "--json"))
    assert (swapped["before"], swapped["after"]) == (newsroom.kafka.namespace, newsroom.into)
    assert swapped["carried_over"] == 1
    assert (newsroom.found(OFFER), newsroom.found(f"قال رئيس بلدية {GONE}"), newsroom.found("قال رئيس بلدية")) == (1, 1, 7)
    assert "searches of" in newsroom.rafid("rebuild", "drop", "--yes", code=1)

    # The live workers go on beside it; their index is found again at once.
    newsroom.bring([page("بعلبك")])
    newsroom.rafid("rebuild", "back")
    assert newsroom.found(OFFER) == 8
    newsroom.rafid("rebuild", "drop", "--yes")
    with newsroom.elastic.client() as client:
        assert not client.indices.get(index=names(newsroom.into).all_generations).body
