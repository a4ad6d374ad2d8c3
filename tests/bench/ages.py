"""How old a page is when a search finds it: from its line in the producer's hand, at a steady rate, refreshed every second."""

from __future__ import annotations

import threading
import time
from typing import Any

from elasticsearch import Elasticsearch

from indexing.generations.names import names
from tests.bench.pipeline import Servers, namespace, page_lines, pipeline
from tests.bench.report import Row
from tests.support.servers import wait_until

REFRESH = "1s"
LOOK_EVERY_S = 0.05
WARM_UP_S, DURATION_S = 5.0, 30.0
TICK_S = 0.02


def ages(at: Servers, pages_per_s: float, count: int) -> Row:
    """The ages of pages that come at this rate, as p50 and p99; those of the first five seconds do not count."""
    lines = page_lines(int(pages_per_s * (WARM_UP_S + DURATION_S)))
    with namespace(at, REFRESH) as kafka, pipeline(at, kafka, count) as running, at.elastic.client() as client:
        written: dict[int, float] = {}
        found: dict[int, float] = {}
        stopping = threading.Event()
        looking = threading.Thread(target=look, args=(client, kafka.namespace, found, stopping))
        looking.start()
        try:
            with running.lines() as out:
                began, before = time.monotonic(), running.spent()
                while len(written) < len(lines):
                    now = time.monotonic()
                    due = min(len(lines), int((now - began) * pages_per_s))
                    if due > len(written):
                        out.write(b"".join(lines[len(written) : due]))
                        written.update(dict.fromkeys(range(len(written), due), now))
                    time.sleep(TICK_S)
                wall_s, after = time.monotonic() - began, running.spent()
            wait_until(lambda: len(found) == len(written), f"{len(written):,} pages found, of which {len(found):,} are")
        finally:
            stopping.set()
            looking.join()
    counted = sorted(found[number] - at_s for number, at_s in written.items() if at_s >= began + WARM_UP_S)
    p50, p99 = (counted[int(share * (len(counted) - 1))] for share in (0.5, 0.99))
    spent = sum(after[name] - before[name] for name in ("produce", "split", "dedup", "index"))
    return Row("whole", f"found at {pages_per_s:.0f} pages/s: p50 {p50:.2f} s, p99 {p99:.2f} s", len(lines), wall_s, spent)


def look(client: Elasticsearch, namespace_: str, found: dict[int, float], stopping: threading.Event) -> None:
    """Notes when a search first finds each page, by the number that its line had as its id."""
    seen: dict[str, int] = {}
    while not stopping.wait(LOOK_EVERY_S):
        for month in client.indices.get_alias(index=names(namespace_).everything):
            query: dict[str, Any] = {"range": {"_seq_no": {"gt": seen.get(month, -1)}}}
            answer = client.search(
                index=month, query=query, sort=["_seq_no"], size=10_000, source_includes=["source_id"], seq_no_primary_term=True
            )
            hits = answer["hits"]["hits"]
            now = time.monotonic()
            for hit in hits:
                seen[month] = hit["_seq_no"]
                if "source_id" in hit["_source"]:
                    found.setdefault(int(hit["_source"]["source_id"]), now)
