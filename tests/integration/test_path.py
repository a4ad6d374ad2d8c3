"""One page from the command line to a search hit: producer, split, dedup, index as processes on real servers."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from indexing.elastic.settings import ElasticSettings
from indexing.generations.names import names
from indexing.generations.provision import provision
from streams.connect.kafka import KafkaSettings
from streams.topics import topics
from tests.conftest import SHARED
from tests.support.servers import ROOT, Worker, wait_for_all, workers

SEEDS = sorted((SHARED / "seeds").glob("*.txt"))
TELLS_APART = {"main": "body", "read_also": "read_also_body"}

pytestmark = pytest.mark.skipif(not SEEDS, reason="the seed pages are not beside the checkout")


def gold(seed: Path) -> dict[str, Any]:
    """The labelled form of a seed."""
    with (SHARED / "readalso/dev.jsonl").open(encoding="utf-8") as lines:
        return next(page for page in map(json.loads, lines) if page["id"] == f"seed-{seed.stem}")


def part(page: dict[str, Any], kind: str) -> list[str]:
    """The texts of the segments of this kind."""
    return [page["text"][s["start"] : s["end"]] for s in page["segments"] if s["kind"] == kind]


def rafid(*arguments: str, kafka: KafkaSettings, elastic: ElasticSettings) -> str:
    """What the command prints; it must succeed."""
    settings = {"RAFID_KAFKA": kafka.servers, "RAFID_NAMESPACE": kafka.namespace, "RAFID_ELASTICSEARCH": elastic.urls}
    done = subprocess.run(
        [sys.executable, "-m", "rafid", *arguments],
        cwd=ROOT,
        env=os.environ | settings,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def documents(kafka: KafkaSettings, elastic: ElasticSettings, tmp_path: Path) -> list[dict[str, Any]]:
    """Every document in the index after both seeds, and a copy of the first in another spelling, went the whole way."""
    copy = tmp_path / "copy.txt"
    body = "\n".join(part(gold(SEEDS[0]), "body"))
    copy.write_text(body.translate(str.maketrans("أإآةىي", "اااهيی")), encoding="utf-8")
    with elastic.client() as client, workers() as started:
        provision(client, kafka.namespace)
        for stage in ("split", "dedup", "index"):
            started.append(Worker(stage, kafka, tmp_path, RAFID_ELASTICSEARCH=elastic.urls))
        rafid("produce", "files", *map(str, SEEDS), "--source", "seeds.example", kafka=kafka, elastic=elastic)
        for worker, topic in zip(("split", "dedup", "index"), topics(kafka.namespace).all()[:3], strict=True):
            wait_for_all(kafka, worker, topic.name)
        rafid("produce", "files", str(copy), "--source", "copies.example", kafka=kafka, elastic=elastic)
        for worker, topic in zip(("split", "dedup", "index"), topics(kafka.namespace).all()[:3], strict=True):
            wait_for_all(kafka, worker, topic.name)
        every = names(kafka.namespace).everything
        client.indices.refresh(index=every)
        return [hit["_source"] | {"_id": hit["_id"]} for hit in client.search(index=every, size=100)["hits"]["hits"]]


def test_the_seeds_become_stories_that_are_found(
    documents: list[dict[str, Any]], kafka: KafkaSettings, elastic: ElasticSettings
) -> None:
    seeds = [document for document in documents if document["source"] == "seeds.example"]
    pages = [gold(seed) for seed in SEEDS]

    # Both bodies, and both appended stories, word for word and with nothing else in them.
    for role, kind in TELLS_APART.items():
        expected = sorted(" ".join(part(page, kind)).split() for page in pages)
        assert sorted(d["body"].split() for d in seeds if d["role"] == role) == expected

    # The same story in another spelling is a sighting of the first, with its text.
    (copy,) = [document for document in documents if document["source"] == "copies.example"]
    first = next(d for d in seeds if d["role"] == "main" and d["story_id"] == copy["story_id"])
    assert copy["kind"] == "copy"
    assert len(copy["copy_body"].split()) == len(first["body"].split())

    # The story is found once, by words in other forms than its own, and says how many carried it.
    found = json.loads(rafid("search", "بلينكن يلتقي هنغبي", "--json", kafka=kafka, elastic=elastic))
    assert found["hits"][0]["id"] == first["_id"]
    assert found["hits"][0]["other_sources"] == ["copies.example"]
