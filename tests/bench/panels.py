"""How fast every panel of the Kibana dashboards answers on the whole corpus: alone, and all of a dashboard at once as it opens.

The corpus comes through the pipeline into the indices that `rafid provision` chooses, so copies, editions and years are as they
fall. A panel's searches are derived from its saved object; the dashboard shows all times, with nothing in its bar and with two
common words. Nothing is answered from the server's cache of requests, which a dashboard whose times move seldom meets.
"""

from __future__ import annotations

import contextlib
import gzip
import itertools
import os
import statistics
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from elasticsearch import Elasticsearch

from deploy.kibana.dead_letters import index_name
from deploy.kibana.pack import saved_objects
from indexing.generations.provision import provision as provision_index
from streams.connect import provision
from streams.connect.kafka import KafkaSettings
from streams.errors import RafidError
from streams.topics import topics
from tests.bench.pipeline import DEADLINE_S, STAGES, Servers, cpu_s_of, pipeline, remove_months, servers
from tests.bench.report import Row
from tests.conftest import SHARED
from tests.support.panels import Panel, Request, Span, panels, requests
from tests.support.servers import ROOT, wait_for_all

ROUNDS = int(os.environ.get("RAFID_BENCH_ROUNDS", "5"))
LIMIT_S = 2.0
BARS = ("", "وزير الخارجية")
ALL_TIMES = Span(datetime(2000, 1, 1, tzinfo=UTC), datetime.now(UTC) + timedelta(days=1))
NO_PAGE = b'{"source": "nowhere.example"}\n'  # for the panels of dead letters
PART = "panels"


class Asked(NamedTuple):
    """A panel, and the searches that it sends."""

    panel: Panel
    requests: list[Request]


def measure() -> Iterator[Row]:
    """Yield of each dashboard its slowest panel, and the time until the last of all its panels has answered."""
    at = servers()
    with corpus(at) as name, at.elastic.client() as client:
        for bar in BARS:
            for dashboard, asked in itertools.groupby(searches(name, bar), key=lambda each: each.panel.dashboard):
                shown = f"{dashboard.removeprefix(f'rafid-{name}-')}{f', {bar}' if bar else ''}"
                yield from opened(at, client, shown, list(asked))


@contextlib.contextmanager
def corpus(at: Servers) -> Iterator[str]:
    """A namespace that holds the whole corpus and a dead letter, until the block ends."""
    files = sorted((SHARED / "corpus").glob("*.jsonl.gz"))
    if not files:
        raise RafidError(f"nothing to show: there is no corpus in {SHARED}")
    kafka = KafkaSettings(at.kafka, namespace=f"bench{uuid.uuid4().hex[:8]}")
    provision.provision(kafka)
    with at.elastic.client() as client:
        try:
            provision_index(client, kafka.namespace)
            with pipeline(at, kafka) as running:
                with running.lines() as out:
                    for file in files:
                        out.write(gzip.decompress(file.read_bytes()))
                    out.write(NO_PAGE)
                table = topics(kafka.namespace)
                for worker, topic in zip(STAGES, (table.pages, table.articles, table.deduplicated), strict=True):
                    wait_for_all(kafka, worker, topic.name, DEADLINE_S)
            yield settled(at, client, kafka)
        finally:
            provision.remove(kafka)
            remove_months(client, kafka.namespace)
            client.indices.delete(index=index_name(kafka.namespace), ignore_unavailable=True)


def settled(at: Servers, client: Elasticsearch, kafka: KafkaSettings) -> str:
    """The name of the namespace, whose documents and dead letters can be searched."""
    environment = {"RAFID_KAFKA": kafka.servers, "RAFID_NAMESPACE": kafka.namespace, "RAFID_ELASTICSEARCH": at.elastic.urls}
    follow = [sys.executable, "-m", "rafid", "dashboards", "dead-letters", "--once"]
    subprocess.run(follow, cwd=ROOT, env=os.environ | environment, check=True, timeout=DEADLINE_S)
    client.indices.refresh(index=f"{kafka.namespace}*")
    return kafka.namespace


def searches(name: str, bar: str = "") -> Iterator[Asked]:
    """Every panel of a namespace's dashboards with its searches over all times."""
    objects = saved_objects("en", name)
    views = {saved["id"]: saved["attributes"] for saved in objects if saved["type"] == "index-pattern"}
    views["rafid-articles"] = views[f"rafid-{name}-articles"]
    for panel in panels(objects):
        yield Asked(panel, requests(panel, views, ALL_TIMES, bar))


def opened(at: Servers, client: Elasticsearch, shown: str, asked: Sequence[Asked]) -> Iterator[Row]:
    """The slowest panel alone, and all at once; the ratio is to the limit of two seconds."""
    for each in asked:
        answer(client, each)  # its fields' values are in memory from now on, as they are for the second reader
    alone = {each.panel.name: [answer(client, each) for _ in range(ROUNDS)] for each in asked}
    slowest = max(alone, key=lambda name: statistics.median(alone[name]))
    took_s = statistics.median(alone[slowest])
    what = f"{shown}: slowest of {len(asked)}, {slowest}, {took_s:.2f} s"
    yield Row(PART, what, ROUNDS, sum(alone[slowest]), 0.0, LIMIT_S / took_s, "2 s")
    together: list[float] = []
    before = cpu_s_of(at.server_pid)
    with ThreadPoolExecutor(len(asked)) as browser:
        for _ in range(ROUNDS):
            began = time.perf_counter()
            list(browser.map(answer, itertools.repeat(client), asked))
            together.append(time.perf_counter() - began)
    spent, last_s = cpu_s_of(at.server_pid) - before, statistics.median(together)
    what = f"{shown}: all {len(asked)} at once, {last_s:.2f} s"
    yield Row(PART, what, ROUNDS, sum(together), spent, LIMIT_S / last_s, "2 s")


def answer(client: Elasticsearch, asked: Asked) -> float:
    """Seconds until the last of a panel's searches, sent at once, was answered by every shard."""
    with ThreadPoolExecutor(len(asked.requests)) as connections:
        return max(connections.map(lambda each: took(client, each), asked.requests))


def took(client: Elasticsearch, request: Request) -> float:
    """Seconds until the search was answered, by the clock of the one who asks."""
    began = time.perf_counter()
    found = client.options(request_timeout=60).search(index=request.target, body=request.body, request_cache=False).body
    assert found["_shards"]["failed"] == 0, found["_shards"]
    assert not found["timed_out"]
    return time.perf_counter() - began
