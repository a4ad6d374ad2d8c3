"""What the dedup worker costs on a real broker with its table on disk, what its disk holds, and how soon it works again."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import psutil

from deploy.local import stack
from streams.connect import provision
from streams.connect.kafka import KafkaSettings
from streams.dedup.notice import Notice, notice
from streams.dedup.register import Register
from streams.records import METADATA_FIELDS, Article
from streams.topics import topics
from tests.bench.report import Row
from tests.support.news import pages
from tests.support.servers import Worker, send, workers

ARTICLES = int(os.environ.get("RAFID_BENCH_ARTICLES", "100000"))
FIRST_AT = 1_763_836_123_000
# Two thousand a minute: all of them are live.
STEP_MS = 30
DEADLINE_S = 900
STAGE = "dedup"


def measure() -> Iterator[Row]:
    """The worker from nothing, against the register alone in memory; then restarts with and without its disk."""
    with broker() as kafka, tempfile.TemporaryDirectory() as folder, workers() as running:
        names = topics(kafka.namespace)
        notices: list[Notice] = []
        send(kafka, names.articles.name, records(notices))
        alone = judging(notices)
        yield alone

        worker = Worker("dedup", kafka, Path(folder), RAFID_REPORT_EVERY="0.2")
        running.append(worker)
        row = working(worker, f"{ARTICLES:,} articles:", "worker, table on disk", alone)
        assert worker.stop() == 0
        size = sum(file.stat().st_size for file in (Path(folder) / "state").rglob("*") if file.is_file())
        yield Row(row.stage, f"{row.what}: {size / ARTICLES:.0f} B an article", *row_figures(row))

        for what in ("restart, disk kept", "restart, disk lost"):
            if what.endswith("lost"):
                shutil.rmtree(Path(folder) / "state")
            began = time.monotonic()
            worker = Worker("dedup", kafka, Path(folder))
            running.append(worker)
            worker.wait_for(r"register of [\d,]+ entries rebuilt", DEADLINE_S)
            worker.ready()
            wall_s, spent = time.monotonic() - began, cpu_s(worker)
            assert worker.stop() == 0
            yield Row(STAGE, f"{what}: ready after {wall_s:.1f} s", ARTICLES, wall_s, spent)
        yield takeover(kafka, Path(folder), running)


def takeover(kafka: KafkaSettings, folder: Path, running: list[Worker]) -> Row:
    """From the kill of a worker to when another, which stood by with an empty disk, has the whole register."""
    first = Worker("dedup", kafka, folder, state=folder / "first").ready()
    running.append(first)
    second = Worker("dedup", kafka, folder, state=folder / "second")
    running.append(second)
    second.wait_for("standing by", DEADLINE_S)
    began, spent = time.monotonic(), cpu_s(second)
    first.kill()
    second.wait_for(r"register of [1-9][\d,]* entries rebuilt", DEADLINE_S)
    wall_s, spent = time.monotonic() - began, cpu_s(second) - spent
    assert second.stop() == 0
    return Row(STAGE, f"idle worker after a kill: ready after {wall_s:.1f} s", ARTICLES, wall_s, spent)


def working(worker: Worker, all_of_it: str, what: str, alone: Row) -> Row:
    """What the worker takes from being ready to having told of all."""
    worker.ready()
    began, spent = time.monotonic(), cpu_s(worker)
    worker.wait_for(f"since the start {all_of_it}", DEADLINE_S)
    wall_s, spent = time.monotonic() - began, cpu_s(worker) - spent
    rate = ARTICLES / wall_s
    return Row(STAGE, what, ARTICLES, wall_s, spent, rate / alone.rate, alone.what)


def row_figures(row: Row) -> tuple[int, float, float, float | None, str]:
    """All but its names."""
    return row.count, row.wall_s, row.cpu_s, row.ratio, row.against


def judging(notices: list[Notice]) -> Row:
    """The register alone, in memory, over the same articles."""
    register = Register({})
    began, spent = time.monotonic(), time.process_time()
    for offset, told in enumerate(notices):
        register.judge(told, offset)
    return Row(STAGE, "judge in memory", len(notices), time.monotonic() - began, time.process_time() - spent)


def records(notices: list[Notice]) -> Iterator[tuple[bytes, bytes, dict[str, bytes]]]:
    """Articles as the split worker sends them, their notices kept beside."""
    for number, page in enumerate(pages(ARTICLES)):
        fields = {name: getattr(page, name) for name in METADATA_FIELDS}
        article = Article(id=page.id, page_id=page.id, role="main", title=page.title, body=page.text, **fields)
        told = notice(article, FIRST_AT + STEP_MS * number, (number % 12, number // 12))
        notices.append(told)
        yield told.id, article.to_bytes(), {"notice": told.to_bytes()}


def cpu_s(worker: Worker) -> float:
    """Seconds of CPU time that the worker's process took so far."""
    times = psutil.Process(worker.process.pid).cpu_times()
    return float(times.user + times.system)


@contextlib.contextmanager
def broker() -> Iterator[KafkaSettings]:
    """The stack's Kafka with the topics of a namespace of its own, removed afterwards."""
    addresses = stack.up(os.environ.get("RAFID_TEST_STACK", "test"))
    kafka = KafkaSettings(addresses.kafka, namespace=f"bench{uuid.uuid4().hex[:8]}")
    provision.provision(kafka)
    try:
        yield kafka
    finally:
        provision.remove(kafka)
