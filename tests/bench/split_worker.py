"""What the split worker costs on a real broker, against splitting alone in the same run."""

from __future__ import annotations

import gzip
import os
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import orjson

from producers.page_fields import page_of_fields
from producers.values.defaults import Defaults
from streams.dedup.notice import notice
from streams.records import Page
from streams.split.splitter import split
from streams.split.stories import articles
from streams.topics import topics
from tests.bench.dedup_worker import DEADLINE_S, broker, cpu_s
from tests.bench.report import Row
from tests.conftest import SHARED
from tests.support import news
from tests.support.servers import Worker, send_pages, wait_for_all, workers

PAGES = int(os.environ.get("RAFID_BENCH_PAGES", "20000"))
ROUNDS = int(os.environ.get("RAFID_BENCH_ROUNDS", "3"))
STAGE = "split"


def measure() -> Iterator[Row]:
    """Splitting and sketching alone, then the worker, from being ready to having told of all; of each the best round."""
    pages = list(some_pages())
    alone = min((splitting(pages) for _ in range(ROUNDS)), key=lambda row: row.wall_s)
    yield alone
    wall_s, spent = min(worker(pages) for _ in range(ROUNDS))
    rate = alone.count / wall_s
    yield Row(STAGE, "worker", alone.count, wall_s, spent, rate / alone.rate, alone.what)


def worker(pages: list[Page]) -> tuple[float, float]:
    """Seconds by the clock, and of CPU time, that a worker takes for the pages on a topic of its own."""
    with broker() as kafka, tempfile.TemporaryDirectory() as folder, workers() as running:
        send_pages(kafka, pages)
        split_worker = Worker("split", kafka, Path(folder), RAFID_REPORT_EVERY="0.2")
        running.append(split_worker)
        split_worker.ready()
        began, spent = time.monotonic(), cpu_s(split_worker)
        split_worker.wait_for(f"since the start {PAGES:,} pages:", DEADLINE_S)
        wall_s, spent = time.monotonic() - began, cpu_s(split_worker) - spent
        wait_for_all(kafka, "split", topics(kafka.namespace).pages.name)
        assert split_worker.stop() == 0
    return wall_s, spent


def splitting(pages: list[Page]) -> Row:
    """Pages cut into articles and sketched, by this process alone; counted in articles."""
    split(pages[0])
    began, spent, count = time.monotonic(), time.process_time(), 0
    for number, page in enumerate(pages):
        for article in articles(split(Page.from_bytes(page.to_bytes()))):
            article.to_bytes()
            notice(article, 0, (0, number)).to_bytes()
            count += 1
    return Row(STAGE, "split and sketch in memory", count, time.monotonic() - began, time.process_time() - spent)


def some_pages() -> Iterator[Page]:
    """Real pages where there are any, again and again; else invented ones."""
    source = SHARED / "corpus" / "hespress.jsonl.gz"
    if not source.exists():
        yield from news.pages(PAGES)
        return
    with gzip.open(source) as lines:
        now = datetime.now(UTC)
        real = [page_of_fields(orjson.loads(line), Defaults(), now) for line in lines]
    yield from (real[number % len(real)] for number in range(PAGES))
