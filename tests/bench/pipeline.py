"""The whole pipeline as its users run it: a producer and workers as processes, between a real broker and a real server."""

from __future__ import annotations

import contextlib
import gzip
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Iterator, Sequence
from itertools import cycle, islice
from pathlib import Path
from typing import Any, NamedTuple

import orjson
import psutil
from elasticsearch import Elasticsearch

from deploy.local import stack
from indexing.elastic.settings import ElasticSettings
from indexing.generations.names import names
from indexing.generations.provision import put_template
from indexing.generations.state import ensure_index, read_generations
from streams.connect import provision
from streams.connect.kafka import KafkaSettings
from tests.conftest import SHARED
from tests.support import news
from tests.support.servers import ROOT, Worker, wait_until, workers

MONTHS = ("2026-09", "2026-10", "2026-11")  # as in daily work; the corpus itself spans 69
STAGES = ("split", "dedup", "index")
TAKEN_IN = {"split": "pages", "dedup": "articles", "index": "verdicts"}
DEADLINE_S = 600.0
PAGES_PER_S = 20.0  # of a pipeline that something else is measured beside
MOST_FED = 5_000  # different pages; then they come again
REPORT_EVERY = "0.1"  # seconds: how late an end is noticed


class Servers(NamedTuple):
    """A broker and a server, and the ids of their processes."""

    kafka: str
    elastic: ElasticSettings
    broker_pid: int
    server_pid: int


class Passage(NamedTuple):
    """What one passage of the pages through the pipeline took: articles, seconds by the clock, CPU seconds by process."""

    articles: int
    wall_s: float
    cpu_s: dict[str, float]

    @property
    def own_cpu_s(self) -> float:
        """Seconds of CPU time of rafid's own processes."""
        return sum(spent for name, spent in self.cpu_s.items() if name in ("produce", *STAGES))


def servers() -> Servers:
    """The stack for tests, started if it is not up."""
    name = os.environ.get("RAFID_TEST_STACK", "test")
    addresses = stack.up(name)
    broker, server = (max(found.pids, key=cpu_s_of) for found in stack.status(name))
    return Servers(addresses.kafka, ElasticSettings(addresses.elasticsearch), broker, server)


def cpu_s_of(pid: int) -> float:
    """Seconds of CPU time that a process took so far."""
    times = psutil.Process(pid).cpu_times()
    return float(times.user + times.system)


def page_lines(count: int) -> list[bytes]:
    """Lines of pages, of the corpus where there is one and evenly over it, else invented; their ids are their numbers."""
    files = sorted((SHARED / "corpus").glob("*.jsonl.gz"))
    if files:
        every = [line for file in files for line in gzip.decompress(file.read_bytes()).splitlines()]
        found = (orjson.loads(every[number * len(every) // count % len(every)]) for number in range(count))
    else:
        found = (page.to_dict() for page in islice(news.pages(count), count))
    return [_line(number, fields) for number, fields in enumerate(found)]


def _line(number: int, fields: dict[str, Any]) -> bytes:
    kept = {name: fields[name] for name in ("title", "text", "source") if fields.get(name)}
    published = f"{MONTHS[number % len(MONTHS)]}-{1 + number % 28:02d}T{number % 24:02d}:00:00Z"
    url = f"https://{fields.get('source') or 'site.example'}/bench/{number}"
    return orjson.dumps(kept | {"id": str(number), "url": url, "published_at": published}) + b"\n"


@contextlib.contextmanager
def namespace(at: Servers, refresh: str | None = None) -> Iterator[KafkaSettings]:
    """Topics, a template and the months of a namespace of its own, all removed afterwards."""
    kafka = KafkaSettings(at.kafka, namespace=f"bench{uuid.uuid4().hex[:8]}")
    provision.provision(kafka)
    with at.elastic.client() as client:
        try:
            prepare_months(client, kafka.namespace, refresh)
            yield kafka
        finally:
            provision.remove(kafka)
            remove_months(client, kafka.namespace)


def prepare_months(client: Elasticsearch, name: str, refresh: str | None = None) -> None:
    """The indices of the months are there, and empty; refreshed every `refresh`, or as the template has it."""
    target = names(name)
    put_template(client, target)
    state = read_generations(client, name)
    for month in MONTHS:
        ensure_index(client, state, target, month)
    if refresh:
        client.indices.put_settings(index=target.everything, settings={"index.refresh_interval": refresh})


def remove_months(client: Elasticsearch, name: str) -> None:
    """No index and no template of the namespace."""
    target = names(name)
    if indices := sorted(read_generations(client, name).indices):
        client.indices.delete(index=indices)
    client.options(ignore_status=404).indices.delete_index_template(name=target.template)


class Pipeline:
    """A producer that waits for lines and `count` workers a stage, ready to work; of the checkout at `checkout`."""

    def __init__(
        self, at: Servers, kafka: KafkaSettings, folder: Path, running: list[Worker], count: int, checkout: Path
    ) -> None:
        elastic = at.elastic.urls
        self._at = at
        self.workers = [
            Worker(stage, kafka, folder, checkout=checkout, RAFID_REPORT_EVERY=REPORT_EVERY, RAFID_ELASTICSEARCH=elastic)
            for stage in STAGES
            for _ in range(count)
        ]
        running.extend(self.workers)
        self._lines = folder / "pages.jsonl"
        os.mkfifo(self._lines)
        self._producer = subprocess.Popen(
            [sys.executable, "-m", "rafid", "produce", "files", str(self._lines)],
            cwd=checkout,
            env=os.environ | {"RAFID_KAFKA": kafka.servers, "RAFID_NAMESPACE": kafka.namespace},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
        )
        for worker in self.workers:
            worker.ready()

    @contextlib.contextmanager
    def lines(self) -> Iterator[Any]:
        """Where the producer reads its lines: opened when it has connected, and read to its end when the block ends."""
        with self._lines.open("wb", buffering=0) as lines:
            yield lines
        assert self._producer.wait(DEADLINE_S) == 0

    def spent(self) -> dict[str, float]:
        """Seconds of CPU time so far, by stage, of the broker and of the server; of a producer only while it runs."""
        found = dict.fromkeys(STAGES, 0.0) | {"Kafka": cpu_s_of(self._at.broker_pid)}
        found["Elasticsearch"] = cpu_s_of(self._at.server_pid)
        for worker in self.workers:
            found[worker.stage] += cpu_s_of(worker.process.pid)
        if self._producer.poll() is None:
            found["produce"] = cpu_s_of(self._producer.pid)
        return found

    def wait_for(self, stage: str, count: int) -> None:
        """The workers of a stage have done with so many items together."""

        def done() -> bool:
            assert all(worker.process.poll() is None for worker in self.workers), "a worker has ended"
            return sum(self._told(stage, rf"([\d,]+) {TAKEN_IN[stage]}:")) >= count

        wait_until(done, f"{count:,} {TAKEN_IN[stage]} through {stage}", DEADLINE_S)

    def articles_made(self) -> int:
        """Articles that the split workers have made."""
        return sum(self._told("split", r".*; ([\d,]+) articles"))

    def _told(self, stage: str, pattern: str) -> Iterator[int]:
        for worker in self.workers:
            if worker.stage == stage and (found := re.findall(rf"since the start {pattern}", worker.said())):
                yield int(found[-1].replace(",", ""))


@contextlib.contextmanager
def pipeline(at: Servers, kafka: KafkaSettings, count: int = 1, checkout: Path = ROOT) -> Iterator[Pipeline]:
    """A pipeline that is ready; its processes end with the block."""
    with tempfile.TemporaryDirectory() as folder, workers() as running:
        started = Pipeline(at, kafka, Path(folder), running, count, checkout)
        yield started
        for worker in started.workers:
            assert worker.stop() == 0, worker.said()


@contextlib.contextmanager
def fed(at: Servers, pages_per_s: float) -> Iterator[None]:
    """A pipeline in a namespace of its own, which takes in pages at this rate while the block runs."""
    stopping = threading.Event()
    pages = cycle(page_lines(MOST_FED))

    def feed(out: Any) -> None:
        while not stopping.wait(1 / pages_per_s):
            out.write(next(pages))

    with namespace(at) as kafka, pipeline(at, kafka) as running, running.lines() as out:
        feeding = threading.Thread(target=feed, args=(out,))
        feeding.start()
        try:
            yield
        finally:
            stopping.set()
            feeding.join()


def passage(at: Servers, kafka: KafkaSettings, lines: Sequence[bytes], count: int = 1, checkout: Path = ROOT) -> Passage:
    """All lines from the producer's hand into the index, by `count` workers a stage."""
    with pipeline(at, kafka, count, checkout) as running:
        with running.lines() as out:
            before, began = running.spent(), time.perf_counter()
            children = os.times().children_user + os.times().children_system
            for start in range(0, len(lines), 100):
                out.write(b"".join(lines[start : start + 100]))
        produced = os.times().children_user + os.times().children_system - children
        running.wait_for("split", len(lines))
        articles = running.articles_made()
        running.wait_for("index", articles)
        wall_s, after = time.perf_counter() - began, running.spent()
    cpu_s = {name: spent - before[name] for name, spent in after.items()}
    return Passage(articles, wall_s, {"produce": produced - before["produce"]} | cpu_s)
