"""How fast pages become stories, on one core: the news pages beside the checkout, and pages of the greatest size."""

from __future__ import annotations

import gzip
import json
import time
from collections.abc import Iterator
from itertools import islice
from typing import Any

from streams.records import Page
from streams.split.splitter import split
from streams.split.stories import articles
from tests.bench.report import Row
from tests.conftest import SHARED
from tests.support.news import pages

FETCHED = "2026-11-22T00:00:00Z"
LARGE = 900_000
WORST = {"markers": "إقرأ أيضاً:\n", "newlines": "\n", "one line": "كلمة ", "digits": "1"}


def corpus(count: int) -> list[Page]:
    """As many pages of the plain corpus as there are, at most `count`; invented ones where there is none."""
    found: list[Page] = []
    for file in sorted((SHARED / "corpus").glob("*.jsonl.gz")):
        with gzip.open(file, "rt", encoding="utf-8") as lines:
            found += [_page(json.loads(line)) for line in islice(lines, count - len(found))]
    return found or list(pages(count))


def _page(record: dict[str, Any]) -> Page:
    return Page(id="0" * 32, source=record["source"], text=record["text"], title=record["title"], fetched_at=FETCHED)


def measure() -> Iterator[Row]:
    """Split and stories over the corpus, then over single pages of 900,000 bytes."""
    yield _row("pages", corpus(20_120))
    for name, piece in WORST.items():
        text = "ا" + piece * (LARGE // len(piece.encode())) + "ب"
        yield _row(f"900,000 bytes of {name}", [Page(id="0" * 32, source="x", text=text, fetched_at=FETCHED)])


def _row(what: str, some: list[Page]) -> Row:
    wall, cpu = time.perf_counter(), time.process_time()
    for page in some:
        articles(split(page))
    return Row("split", what, len(some), time.perf_counter() - wall, time.process_time() - cpu)
