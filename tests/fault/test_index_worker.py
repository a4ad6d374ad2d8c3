"""The index worker as a process: killed, ended, restarted and joined by others, it loses nothing and doubles nothing."""

from __future__ import annotations

import functools
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from indexing.elastic.settings import ElasticSettings
from streams.connect.kafka import KafkaSettings
from streams.records import Article, Verdict
from tests.integration.indexing.sink import Sink, eventually, prepared
from tests.unit.indexing.stories import article, verdict

ROOT = Path(__file__).parents[2]


@pytest.fixture
def sink(kafka: KafkaSettings, elastic: ElasticSettings) -> Iterator[Sink]:
    sink = prepared(kafka, elastic)
    yield sink
    sink.client.close()


@contextmanager
def worker(sink: Sink, log: Path, *options: str) -> Iterator[subprocess.Popen[bytes]]:
    """A worker process, with small batches so that there are many moments to die in; killed in the end if it is there."""
    command = [sys.executable, "-m", "rafid", "worker", "index", "--batch-messages", "50", "--batch-age", "0.05", *options]
    environment = os.environ | {
        "RAFID_KAFKA": sink.kafka.servers,
        "RAFID_NAMESPACE": sink.kafka.namespace,
        "RAFID_ELASTICSEARCH": sink.elastic.urls,
    }
    with log.open("ab") as out, subprocess.Popen(command, cwd=ROOT, env=environment, stdout=out, stderr=out) as process:
        try:
            yield process
        finally:
            process.kill()


def log_of_a_day(stories: int) -> list[tuple[Article, Verdict]]:
    """New stories, copies of some, and updates of others, in two months."""
    new = [article(f"story-{n}", published_at=f"2026-{10 + n % 2}-05T10:00:00Z") for n in range(stories)]
    copied = [article(f"copy-{n}", source="other.example") for n in range(0, stories, 10)]
    changed = [article(f"story-{n}", published_at=new[n].published_at, body=f"تحديث للخبر {n}") for n in range(0, stories, 5)]
    return [
        *((a, verdict(a, version=1_000 + n)) for n, a in enumerate(new)),
        *((a, verdict(a, kind="copy", story_id=new[0].id)) for a in copied),
        *((a, verdict(a, kind="update", known=True, version=1_000_000 + n)) for n, a in enumerate(changed)),
    ]


def expected(log: list[tuple[Article, Verdict]]) -> dict[str, tuple[str, int, str]]:
    """Of each document its kind, version and text in the end."""
    return {v.doc_id: (v.kind, v.version, a.body) for a, v in log}


def found(sink: Sink) -> dict[str, tuple[str, int, str]]:
    documents = sink.documents()
    return {
        doc_id: (d.source["kind"], d.version, d.source.get("body") or d.source["copy_body"]) for doc_id, d in documents.items()
    }


def kill_while_it_works(sink: Sink, tmp_path: Path, *, kills: int, per_life: int) -> None:
    """Each life indexes at least so many messages, so that it dies in the middle of its batches."""
    for life in range(kills):
        enough = sink.ends_of_index() + per_life
        with worker(sink, tmp_path / "worker.log", "--instance", "one") as process:
            eventually(functools.partial(has_written, sink, enough), f"life {life} gets on")
            process.kill()
            process.wait()


def has_written(sink: Sink, writes: int) -> bool:
    return sink.ends_of_index() >= writes or sink.lag() == 0


def test_killed_at_any_moment_it_neither_loses_nor_doubles(sink: Sink, tmp_path: Path) -> None:
    log = log_of_a_day(1_500)
    sink.feed(*log)

    kill_while_it_works(sink, tmp_path, kills=3, per_life=200)
    with worker(sink, tmp_path / "worker.log", "--instance", "one"):
        eventually(lambda: sink.lag() == 0, "the last one finishes")

    assert found(sink) == expected(log)
    assert sink.dead_letters() == []


@pytest.mark.soak
def test_killed_thirty_times_it_neither_loses_nor_doubles(sink: Sink, tmp_path: Path) -> None:
    log = log_of_a_day(20_000)
    sink.feed(*log)

    kill_while_it_works(sink, tmp_path, kills=30, per_life=300)
    with worker(sink, tmp_path / "worker.log", "--instance", "one"):
        eventually(lambda: sink.lag() == 0, "the last one finishes", deadline_s=600)

    assert found(sink) == expected(log)
    assert sink.dead_letters() == []


def test_ended_in_order_it_commits_what_it_did_and_leaves_at_once(sink: Sink, tmp_path: Path) -> None:
    log = log_of_a_day(2_000)[:2_200]  # without the updates: each message is one write
    sink.feed(*log)

    with worker(sink, tmp_path / "worker.log") as process:
        eventually(lambda: sink.ends_of_index() >= 300, "some of it")
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=40) == 0
    written, left = sink.ends_of_index(), sink.lag()
    assert written + left == len(log)  # every effect is committed, and nothing is committed without one

    with worker(sink, tmp_path / "worker.log"):
        eventually(lambda: sink.lag() == 0, "the next one goes on")
    assert sink.ends_of_index() == len(log)
    assert found(sink) == expected(log)


@pytest.mark.soak
def test_a_second_worker_that_comes_and_dies_changes_nothing(sink: Sink, tmp_path: Path) -> None:
    log = log_of_a_day(2_000)
    sink.feed(*log[:1_000])

    with worker(sink, tmp_path / "first.log"):
        eventually(lambda: sink.ends_of_index() >= 200, "the first works")
        with worker(sink, tmp_path / "second.log") as second:
            sink.feed(*log[1_000:])
            eventually(lambda: b"index: ready" in (tmp_path / "second.log").read_bytes(), "the second joins")
            eventually(lambda: sink.ends_of_index() >= 1_200, "both work")
            second.kill()
            second.wait()
        eventually(lambda: sink.lag() == 0, "the first finishes alone")

    assert found(sink) == expected(log)
    assert sink.dead_letters() == []


def test_it_says_in_one_line_what_is_missing_and_fails(sink: Sink, tmp_path: Path) -> None:
    log = tmp_path / "worker.log"
    with worker(sink, log, "--namespace", sink.kafka.namespace + "x") as process:
        assert process.wait(timeout=60) == 1

    last = log.read_text().splitlines()[-1]
    assert last == f"rafid: there is no topic {sink.kafka.namespace}x.deduplicated: run `rafid provision`"
    assert not sink.client.indices.exists_index_template(name=f"{sink.kafka.namespace}x-g1")  # a mistyped name leaves nothing
