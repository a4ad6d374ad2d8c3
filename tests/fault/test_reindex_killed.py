"""A reindexing that is killed while the worker goes on writing: started again it finishes, and nothing is missing."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest

from indexing.elastic.settings import ElasticSettings
from indexing.generations.names import names
from streams.connect.kafka import KafkaSettings
from tests.integration.indexing.sink import Sink, eventually, prepared
from tests.unit.indexing.stories import article, verdict

ROOT = Path(__file__).parents[2]


@pytest.fixture
def sink(kafka: KafkaSettings, elastic: ElasticSettings) -> Iterator[Sink]:
    sink = prepared(kafka, elastic)
    yield sink
    sink.client.close()


def reindex(sink: Sink, log: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "rafid", "reindex", "--again", "--delete-old", "--json"]
    environment = os.environ | {"RAFID_NAMESPACE": sink.kafka.namespace, "RAFID_ELASTICSEARCH": sink.elastic.urls}
    with log.open("ab") as err:
        return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=err)


@pytest.mark.soak
def test_a_killed_reindexing_is_finished_by_the_next(sink: Sink, tmp_path: Path) -> None:
    first = [article(f"story-{n}", published_at=f"2026-{10 + n % 2}-05T10:00:00Z") for n in range(2_000)]
    changed = [article(f"story-{n}", published_at=first[n].published_at, body=f"تحديث للخبر {n}") for n in range(0, 2_000, 4)]
    log = [
        *((a, verdict(a, version=1_000 + n)) for n, a in enumerate(first)),
        *((a, verdict(a, kind="update", known=True, version=1_000_000 + n)) for n, a in enumerate(changed)),
    ]
    building = names(sink.kafka.namespace, 2)
    sink.feed(*log[:2_000])

    with sink.worker():
        eventually(lambda: sink.lag() == 0, "the first stories are there")
        killed = reindex(sink, tmp_path / "reindex.log")
        eventually(lambda: bool(sink.client.indices.exists(index=building.index("2026-11"))), "the building begins")
        sink.feed(*log[2_000:2_250])
        eventually(lambda: written(sink, building.pattern) >= 500, "some of it is copied")
        killed.kill()
        killed.communicate()
        sink.feed(*log[2_250:])
        second = reindex(sink, tmp_path / "reindex.log")
        out, _ = second.communicate(timeout=120)
        assert second.returncode == 0, (tmp_path / "reindex.log").read_text()
        eventually(lambda: sink.lag() == 0, "all updates are there")

    documents = sink.documents()
    assert {i: (d.version, d.source["body"]) for i, d in documents.items()} == {v.doc_id: (v.version, a.body) for a, v in log}
    assert {d.stored_in.split("-")[1] for d in documents.values()} == {"g2"}
    assert orjson.loads(out) == {"before": 1, "after": 2, "months": 2, "documents": 2_000, "deleted_indices": 2}
    assert sink.dead_letters() == []


def written(sink: Sink, pattern: str) -> int:
    """Documents that the indices hold, refreshed or not."""
    stats = sink.client.indices.stats(index=pattern, level="shards").body["indices"]
    return sum(
        shard["seq_no"]["max_seq_no"] + 1 for index in stats.values() for shards in index["shards"].values() for shard in shards
    )
