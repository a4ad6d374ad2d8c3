"""How fast the register judges with 100,000 live articles (RAFID_BENCH_LIVE), in memory, and how much memory they take.

The articles are those of a corpus of three weeks, several times over: each time in a world of its own, with the same lengths,
copies and boilerplate under other anchors and shingles. Rates are of the best two thousand messages in a row.
"""

from __future__ import annotations

import gzip
import os
import random
import sys
import time
from collections.abc import Iterator

import numpy as np
import orjson

from streams.dedup.notice import Notice
from streams.dedup.register import Register
from streams.dedup.sketch import HEADER, Sketch, sketch
from tests.bench.report import Row
from tests.conftest import SHARED
from tests.support.news import WORDS
from tests.unit.streams.dedup.messages import START, key

CORPUS = SHARED / "dedup/saudinewsnet.jsonl.gz"
LIVE = int(os.environ.get("RAFID_BENCH_LIVE", "100000"))
TIMED = 20_000
WINDOW = 2_000
SPAN_MS = 6 * 86_400_000
STAGE = "register"


def measure() -> Iterator[Row]:
    """Judging while 20,000 articles join those that are live; rebuilding; and what one article takes."""
    sketches = list(known())
    store: dict[bytes, bytes] = {}
    register = Register(store)
    messages = log(sketches)
    for offset in range(LIVE):
        register.judge(next(messages), offset)
    table = sys.getsizeof(store) + sum(sys.getsizeof(id_) + sys.getsizeof(entry) for id_, entry in store.items())
    rounds = []
    for first in range(LIVE, LIVE + TIMED, WINDOW):
        batch = [next(messages) for _ in range(WINDOW)]
        wall, cpu = time.perf_counter(), time.process_time()
        for offset, notice in enumerate(batch, first):
            register.judge(notice, offset)
        rounds.append((time.perf_counter() - wall, time.process_time() - cpu))
    beside = register.nbytes / len(register)
    size = f"{beside + table / LIVE:,.0f} bytes of memory each, {table / LIVE:,.0f} of them the table"
    what = f"judge at {LIVE:,} live articles, {size}"
    yield Row(STAGE, what, WINDOW, min(wall for wall, _ in rounds), min(cpu for _, cpu in rounds))
    wall, cpu = time.perf_counter(), time.process_time()
    for _ in register.rebuild():
        pass
    yield Row(STAGE, "rebuild from the table", len(store), time.perf_counter() - wall, time.process_time() - cpu)


def known() -> Iterator[Sketch]:
    """The sketches of the corpus in order of arrival, or of as many invented texts, one in four a copy."""
    if CORPUS.exists():
        with gzip.open(CORPUS) as lines:
            corpus = sorted(map(orjson.loads, lines), key=lambda article: str(article["date_extracted"]))
        yield from (sketch(article["content"] or "") for article in corpus)
        return
    chance = random.Random(1)
    texts: list[str] = []
    for _ in range(30_000):
        copied = bool(texts) and chance.random() < 0.25
        texts.append(chance.choice(texts) if copied else " ".join(chance.choices(WORDS, k=chance.randint(30, 500))))
        yield sketch(texts[-1])


def log(sketches: list[Sketch]) -> Iterator[Notice]:
    """Messages of one world after the other, evenly over six days."""
    total = LIVE + TIMED
    for number in range(total):
        world, place = divmod(number, len(sketches))
        id_ = key(number)
        yield Notice(
            id=id_,
            page_id=id_,
            role="main",
            has_url=True,
            at_ms=START + number * SPAN_MS // total,
            origin=(number % 12, number),
            month="2026-11",
            title_hash=id_[:8],
            content_hash=id_,
            sketch=elsewhere(sketches[place], world),
        )


def elsewhere(found: Sketch, world: int) -> Sketch:
    """The sketch that the same text would have if every shingle had another number."""
    head = bytearray(found.data[: HEADER.size])
    head[-8:] = key(f"{world} {found.body_hash.hex()}")[:8]
    anchors = np.array(found.anchors, "<u4") ^ np.uint32(world * 0x9E3779B9 & 0xFFFFFFFF)
    return Sketch(bytes(head) + anchors.tobytes() + found.slots.tobytes() + (found.shingles ^ np.uint16(world)).tobytes())
