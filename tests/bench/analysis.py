"""How fast documents are indexed under our analysis, against the chain that it was made from, in the same run.

Both are posted to `_bulk` by two threads, in rounds that alternate, into a warm server. Rates and CPU times are those of the best
round, ratios the median of the rounds'.
"""

from __future__ import annotations

import gzip
import os
import time
import uuid
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import orjson
import psutil
from elasticsearch import Elasticsearch

from deploy.local import stack
from indexing.elastic.settings import ElasticSettings
from indexing.generations.template import plain_index
from streams.errors import RafidError
from tests.bench.report import Row, paired
from tests.conftest import SHARED

ROUNDS = int(os.environ.get("RAFID_BENCH_ROUNDS", "5"))
BULK_BYTES = 2_000_000
THREADS = 2
STAGE = "analysis"
TEXT = {"type": "text", "analyzer": "arabic"}


class Round(NamedTuple):
    """One run over the corpus: seconds by the clock, the server's CPU seconds, bytes in the index."""

    wall_s: float
    cpu_s: float
    stored: int


def measure() -> Iterator[Row]:
    """The rates of the stock analyzer, of the chain as given and of ours, and the size of the index by the size of the texts."""
    files = sorted((SHARED / "corpus").glob("*.jsonl.gz"))
    if not files:
        raise RafidError(f"nothing to index: there is no corpus in {SHARED / 'corpus'}")
    addresses = stack.up(os.environ.get("RAFID_TEST_STACK", "test"))
    documents = [orjson.loads(line) for file in files for line in gzip.decompress(file.read_bytes()).splitlines()]
    size = sum(len((fields.get("title") or "").encode()) + len(fields["text"].encode()) for fields in documents)
    bulks = list(requests(documents))
    systems = {"stock `arabic`, one field each": stock(), "chain as given": as_given(), "rafid": ours()}
    rounds: dict[str, list[Round]] = {name: [] for name in systems}
    with ElasticSettings(addresses.elasticsearch).client() as client:
        for body in systems.values():
            loaded(client, body, bulks[: len(bulks) // 4])
        for number in range(ROUNDS):
            for name in sorted(systems, reverse=number % 2 == 1):
                rounds[name].append(loaded(client, systems[name], bulks))
    given, own = rounds["chain as given"], rounds["rafid"]
    for name, done in rounds.items():
        ratio = paired([r.wall_s for r in given], [r.wall_s for r in done])
        yield Row(STAGE, name, len(documents), *least(done), ratio, "chain as given")
    cpu = paired([r.cpu_s for r in given], [r.cpu_s for r in own])
    yield Row(STAGE, "rafid, by CPU time", len(documents), *least(own), cpu, "chain as given")
    stored = min(r.stored for r in own)
    yield Row(
        STAGE, f"rafid, index of {stored / 1e6:.1f} MB", len(documents), 0.0, 0.0, stored / size, f"{size / 1e6:.1f} MB of text"
    )


def least(rounds: Sequence[Round]) -> tuple[float, float]:
    """The least time by the clock, and the least CPU time: what disturbs a round only adds to both."""
    return min(r.wall_s for r in rounds), min(r.cpu_s for r in rounds)


def requests(documents: list[dict[str, Any]]) -> Iterator[list[bytes]]:
    """The lines of bulk requests of about BULK_BYTES."""
    lines: list[bytes] = []
    size = 0
    for number, fields in enumerate(documents):
        lines.append(b'{"index":{"_id":"%d"}}' % number)
        lines.append(orjson.dumps({"title": fields.get("title"), "body": fields["text"]}))
        size += len(lines[-1])
        if size > BULK_BYTES:
            yield lines
            lines, size = [], 0
    if lines:
        yield lines


def ours() -> dict[str, Any]:
    """An index under the template, without a refresh in the middle of a round."""
    body = plain_index()
    body["settings"]["index"] |= {"refresh_interval": "60s"}
    return body


def as_given() -> dict[str, Any]:
    """The chain that ours was made from, with regular expressions and all, and its mapping less what the local server lacks."""
    body: dict[str, Any] = orjson.loads((SHARED / "search/analysis/index_settings.json").read_bytes())
    body["settings"]["index"]["refresh_interval"] = "60s"
    del body["mappings"]["properties"]["title"]["fields"]["suggest"]
    return body


def stock() -> dict[str, Any]:
    """Elasticsearch's own Arabic analyzer, title and body."""
    index = {"number_of_shards": 1, "number_of_replicas": 0, "codec": "best_compression", "refresh_interval": "60s"}
    return {"settings": {"index": index}, "mappings": {"dynamic": False, "properties": {"title": TEXT, "body": TEXT}}}


def loaded(client: Elasticsearch, body: dict[str, Any], bulks: list[list[bytes]]) -> Round:
    """One round: a fresh index, filled, refreshed, measured and deleted."""
    index = f"bench-{uuid.uuid4().hex[:8]}"
    client.indices.create(index=index, **body)
    started, cpu = time.perf_counter(), server_cpu(client)
    with ThreadPoolExecutor(THREADS) as threads:
        answers = list(threads.map(lambda lines: client.bulk(index=index, operations=lines, filter_path="errors"), bulks))
    wall, used = time.perf_counter() - started, server_cpu(client) - cpu
    assert not any(answer["errors"] for answer in answers)
    client.indices.flush(index=index)
    client.indices.forcemerge(index=index, max_num_segments=1)
    client.indices.refresh(index=index)
    stored = segment_bytes(client, index)
    client.indices.delete(index=index)
    return Round(wall, used, stored)


def segment_bytes(client: Elasticsearch, index: str) -> int:
    """The bytes of the segments that a search reads; the statistics of the store are up to ten seconds old."""
    ((shard,),) = client.indices.segments(index=index)["indices"][index]["shards"].values()
    return sum(segment["size_in_bytes"] for segment in shard["segments"].values() if segment["search"])


def server_cpu(client: Elasticsearch) -> float:
    """CPU seconds that the server's process has used so far."""
    (node,) = client.nodes.info(metric="process")["nodes"].values()
    times = psutil.Process(node["process"]["id"]).cpu_times()
    return times.user + times.system
