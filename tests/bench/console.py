"""How fast the console's search page comes on the whole corpus by year: one reader to fifty, alone and beside a running pipeline.

RAFID_BENCH_BEFORE names another checkout, whose console is asked for the same texts in turns, over the same index.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
from elasticsearch import Elasticsearch
from elasticsearch.helpers import parallel_bulk

from indexing.generations.names import names
from indexing.generations.state import ensure_index, read_generations
from indexing.search.collection import documents
from streams.connect.kafka import KafkaSettings
from streams.errors import RafidError
from tests.bench.pipeline import PAGES_PER_S, Servers, cpu_s_of, fed, namespace, servers
from tests.bench.report import Row
from tests.bench.search import headlines, joined, percentiles
from tests.conftest import SHARED
from tests.support.servers import ROOT, wait_until

TEXTS = int(os.environ.get("RAFID_BENCH_QUESTIONS", "200"))
BEFORE = os.environ.get("RAFID_BENCH_BEFORE")
YEARS = range(2013, 2021)
LEAST_BATCH = 20
PATIENCE_S = 60.0
STAGE = "console"
NOW = "search page"


def measure() -> Iterator[Row]:
    """Yield the pages of 1, 8, 10 and 50 readers, and of 8 and 50 beside a pipeline."""
    if not (SHARED / "corpus").exists():
        raise RafidError(f"nothing to search: there is no corpus in {SHARED}")
    at = servers()
    with contextlib.ExitStack() as until:
        folder = Path(until.enter_context(tempfile.TemporaryDirectory()))
        kafka, client = until.enter_context(namespace(at)), until.enter_context(at.elastic.client())
        corpus = joined(folder / "corpus.jsonl.gz")
        load(client, kafka.namespace, corpus)
        checkouts = {NOW: ROOT, **({"before": Path(BEFORE)} if BEFORE else {})}
        consoles = {name: until.enter_context(serving(at, kafka, checkout, folder)) for name, checkout in checkouts.items()}
        texts = list(itertools.islice(headlines(corpus), TEXTS))
        for readers in (1, 8, 10, 50):
            yield from pages(at, kafka.namespace, consoles, texts, readers)
        with fed(at, PAGES_PER_S):
            for readers in (8, 50):
                yield from pages(at, kafka.namespace, consoles, texts, readers, ", beside a pipeline")


def load(client: Elasticsearch, namespace_: str, corpus: Path) -> None:
    """The corpus lies in an index for each of eight years, each merged as months at rest are."""
    target, state = names(namespace_), read_generations(client, namespace_)
    for year in YEARS:
        ensure_index(client, state, target, str(year))
    actions = (
        {"_index": target.index(str(year)), "_id": doc_id, "_source": fields | {"kind": "new", "@timestamp": when}}
        for number, (doc_id, fields) in enumerate(documents(corpus))
        for year in [YEARS[number % len(YEARS)]]
        for when in [f"{year}-{1 + number % 12:02d}-{1 + number % 28:02d}T{number % 24:02d}:00:00Z"]
    )
    for done, item in parallel_bulk(client, actions, thread_count=2):
        assert done, item
    client.indices.refresh(index=target.everything)
    client.options(request_timeout=300).indices.forcemerge(index=target.everything, max_num_segments=1)


class Asked:
    """What the pages of one console took: each by the clock, and in all by the clock and of the server's CPU."""

    def __init__(self) -> None:
        self.took_ms: list[float] = []
        self.wall_s = self.cpu_s = 0.0
        self.unanswered = 0


def pages(at: Servers, index: str, consoles: dict[str, str], texts: list[str], readers: int, beside: str = "") -> Iterator[Row]:
    """Each batch of texts is asked of each console, one after the other; counts that one left in the server help no other."""
    found = {name: Asked() for name in consoles}
    size = max(readers, LEAST_BATCH)
    with ThreadPoolExecutor(readers) as pool, httpx.Client(timeout=PATIENCE_S) as browser, at.elastic.client() as client:
        for number, start in enumerate(range(0, len(texts), size)):
            for name, address in list(consoles.items())[:: -1 if number % 2 else 1]:
                client.indices.clear_cache(index=index, request=True)
                began, spent = time.perf_counter(), cpu_s_of(at.server_pid)
                answers = list(pool.map(page, itertools.repeat(browser), itertools.repeat(address), texts[start : start + size]))
                so_far = found[name]
                so_far.wall_s += time.perf_counter() - began
                so_far.cpu_s += cpu_s_of(at.server_pid) - spent
                so_far.took_ms += [took for took, _ in answers]
                so_far.unanswered += sum(not answered for _, answered in answers)
    now = found[NOW].cpu_s
    for name, asked in found.items():
        what = f"{name}, {readers} reader{'s' * (readers > 1)}{beside}: {percentiles(asked.took_ms)}"
        what += f", {asked.unanswered} without an answer" if asked.unanswered else ""
        shown = (None, "") if name == NOW else (asked.cpu_s / now, f"{NOW}, CPU")
        yield Row(STAGE, what, len(asked.took_ms), asked.wall_s, asked.cpu_s, *shown)


def page(browser: httpx.Client, address: str, text: str) -> tuple[float, bool]:
    """Milliseconds until the whole page was there, and whether it has results or says that there are none."""
    began = time.perf_counter()
    answer = browser.get(address, params={"q": text})
    return 1_000 * (time.perf_counter() - began), 'class="results"' in answer.text


@contextlib.contextmanager
def serving(at: Servers, kafka: KafkaSettings, checkout: Path, folder: Path) -> Iterator[str]:
    """The address of the console of a checkout, which ends with the block."""
    log = folder / f"{checkout.name}.log"
    servers_ = {"RAFID_KAFKA": kafka.servers, "RAFID_NAMESPACE": kafka.namespace, "RAFID_ELASTICSEARCH": at.elastic.urls}
    command = [sys.executable, "-m", "rafid", "console", "--port", "0", "--rate", "0"]
    with (
        log.open("wb") as errors,
        subprocess.Popen(command, cwd=checkout, env=os.environ | servers_, stderr=errors) as process,
    ):
        try:
            yield wait_until(lambda: _address(log, process), "the console's address")
        finally:
            process.terminate()


def _address(log: Path, process: subprocess.Popen[bytes]) -> str:
    assert process.poll() is None, log.read_text()
    found = re.search(r"console at (\S+)\n", log.read_text())
    return found[1] if found else ""
