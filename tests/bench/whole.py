"""The whole pipeline against `_bulk` alone, on the same documents in the same run, and how old a page is when it is found.

Each round is the pipeline, then `_bulk` alone by two threads with the documents that the pipeline has just written; the servers
are warm, and every process is ready before its clock starts. Ratios are medians of the rounds', CPU is a stage's median.
RAFID_BENCH_WORKERS sets the workers a stage; RAFID_BENCH_BEFORE names another checkout, whose pipeline has a place in every
round, so that a change is compared with what was there before it.
"""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import orjson
from elasticsearch import Elasticsearch
from elasticsearch.helpers import scan

from indexing.elastic.writes import Write, action
from indexing.generations.names import names
from streams.connect.kafka import KafkaSettings
from tests.bench.ages import ages
from tests.bench.pipeline import (
    STAGES,
    Passage,
    Servers,
    cpu_s_of,
    namespace,
    page_lines,
    passage,
    prepare_months,
    remove_months,
    servers,
)
from tests.bench.report import Row, paired
from tests.support.servers import ROOT

PAGES = int(os.environ.get("RAFID_BENCH_PAGES", "7500"))
ROUNDS = int(os.environ.get("RAFID_BENCH_ROUNDS", "5"))
WORKERS = int(os.environ.get("RAFID_BENCH_WORKERS", "1"))
BEFORE = os.environ.get("RAFID_BENCH_BEFORE")
RATES = tuple(filter(None, os.environ.get("RAFID_BENCH_RATES", "50").split(",")))  # pages a second; `80%` of the capacity
BULK_DOCUMENTS = 1_000
STAGE = "whole"
ALONE = "Elasticsearch's CPU alone"


class Alone(NamedTuple):
    """One round of `_bulk` alone: documents, seconds by the clock, CPU seconds of the server."""

    documents: int
    wall_s: float
    cpu_s: float


def measure() -> Iterator[Row]:
    """Rates and CPU of the rounds, then ages."""
    at = servers()
    lines = page_lines(PAGES)
    one_round(at, lines, ROOT)  # warms the servers
    ours: list[Passage] = []
    before: list[Passage] = []
    alone: list[Alone] = []
    for number in range(ROUNDS):
        checkouts = [(ROOT, ours), *([(Path(BEFORE), before)] if BEFORE else [])]
        for checkout, passages in checkouts[:: -1 if number % 2 else 1]:
            through, straight = one_round(at, lines, checkout)
            passages.append(through)
            if checkout is ROOT:
                alone.append(straight)
    yield from rates(ours, alone)
    yield from costs(ours, alone)
    if BEFORE:
        yield from gains(ours, before)
    capacity = PAGES / statistics.median(through.wall_s for through in ours)
    for rate in RATES:
        pages_per_s = capacity * float(rate[:-1]) / 100 if rate.endswith("%") else float(rate)
        yield ages(at, pages_per_s, WORKERS)


def one_round(at: Servers, lines: Sequence[bytes], checkout: Path) -> tuple[Passage, Alone]:
    """The pages through the pipeline, and the documents that are there then posted again by `_bulk` alone."""
    with namespace(at) as kafka, at.elastic.client() as client:
        through = passage(at, kafka, lines, WORKERS, checkout)
        writes = documents(client, kafka)
        return through, straight(at, client, f"{kafka.namespace}alone", writes)


def documents(client: Elasticsearch, kafka: KafkaSettings) -> list[Write]:
    """What the pipeline wrote, in the order of the pages."""
    target = names(kafka.namespace)
    client.indices.refresh(index=target.everything)
    found = list(scan(client, index=target.everything, version=True, size=2_000))
    found.sort(key=lambda hit: hit["_version"])
    return [Write(hit["_id"], target.period(hit["_index"]) or "", hit["_version"], orjson.dumps(hit["_source"])) for hit in found]


def straight(at: Servers, client: Elasticsearch, name: str, writes: Sequence[Write]) -> Alone:
    """The documents into empty indices of the same months, by two threads."""
    prepare_months(client, name)
    target = names(name)
    lines = [part for write in writes for part in (action(write, target.index(write.period)), write.body)]
    requests = [lines[start : start + 2 * BULK_DOCUMENTS] for start in range(0, len(lines), 2 * BULK_DOCUMENTS)]
    began, spent = time.perf_counter(), cpu_s_of(at.server_pid)
    with ThreadPoolExecutor(2) as threads:
        answers = list(threads.map(lambda operations: client.bulk(operations=operations, filter_path="errors"), requests))
    found = Alone(len(writes), time.perf_counter() - began, cpu_s_of(at.server_pid) - spent)
    assert not any(answer["errors"] for answer in answers)
    remove_months(client, name)
    return found


def rates(ours: Sequence[Passage], alone: Sequence[Alone]) -> Iterator[Row]:
    """`_bulk` alone with the server's CPU, and the pipeline with its ratio to that and the CPU of all its processes."""
    best = min(alone, key=lambda each: each.wall_s)
    yield Row(STAGE, "_bulk alone, 2 threads", best.documents, best.wall_s, statistics.median(a.cpu_s for a in alone))
    limits = [each.wall_s / each.documents for each in alone]
    ratio = paired(limits, [each.wall_s / each.articles for each in ours])
    fastest = min(ours, key=lambda each: each.wall_s)
    spent = statistics.median(each.own_cpu_s for each in ours)
    yield Row(STAGE, f"pipeline, {WORKERS} a stage", fastest.articles, fastest.wall_s, spent, ratio, "_bulk alone")


def costs(ours: Sequence[Passage], alone: Sequence[Alone]) -> Iterator[Row]:
    """The CPU of each process, the ratio being its share of what the server takes for the same documents alone."""

    def row(what: str, spent: Sequence[float]) -> Row:
        share = statistics.median(s / through.articles / (a.cpu_s / a.documents) for s, through, a in zip(spent, ours, alone))  # noqa: B905
        wall_s = statistics.median(through.wall_s for through in ours)
        return Row(STAGE, what, ours[0].articles, wall_s, statistics.median(spent), share, ALONE)

    for name in ("produce", *STAGES, "Kafka", "Elasticsearch"):
        yield row(f"CPU of {name}", [through.cpu_s[name] for through in ours])
    yield row("CPU of rafid", [through.own_cpu_s for through in ours])


def gains(ours: Sequence[Passage], before: Sequence[Passage]) -> Iterator[Row]:
    """The CPU of each of our processes in terms of what it took before, and the rate."""
    for name in ("produce", *STAGES):
        shares = [now.cpu_s[name] / then.cpu_s[name] for now, then in zip(ours, before, strict=True)]
        spent = statistics.median(now.cpu_s[name] for now in ours)
        yield Row(STAGE, f"{name}, CPU", ours[0].articles, 0.0, spent, statistics.median(shares), "before")
    ratio = paired([then.wall_s for then in before], [now.wall_s for now in ours])
    fastest = min(ours, key=lambda each: each.wall_s)
    yield Row(STAGE, "pipeline, rate", fastest.articles, fastest.wall_s, fastest.own_cpu_s, ratio, "before")
