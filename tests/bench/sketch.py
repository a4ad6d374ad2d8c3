"""How fast bodies become sketches, on one core, against cutting the same bodies into words in Python.

Each round takes all bodies by both ways; of each the best round counts: what disturbs a round only slows it.
"""

from __future__ import annotations

import gzip
import random
import re
import time
from collections.abc import Callable, Iterator

import orjson

from streams.dedup.sketch import sketch
from tests.bench.report import Row
from tests.conftest import SHARED
from tests.support.news import WORDS

CORPUS = SHARED / "dedup/saudinewsnet.jsonl.gz"
BODIES = 300
ROUNDS = 12
STAGE = "sketch"


def measure() -> Iterator[Row]:
    """The sketch of bodies of 3,500 characters: on real news where it is there, else on invented words."""
    some = list(bodies())
    what = f"bodies of {sum(map(len, some)) / len(some):,.0f} characters"
    plain, whole = best(re.compile(r"\w+").findall, some), best(sketch, some)
    yield Row(STAGE, "only words, by re", len(some), *plain)
    yield Row(STAGE, what, len(some), *whole, plain[1] / whole[1], "only words, by re")


def bodies() -> Iterator[str]:
    """Bodies of 3,200 to 3,800 characters."""
    if CORPUS.exists():
        with gzip.open(CORPUS) as lines:
            found = (orjson.loads(line)["content"] or "" for line in lines)
            yield from [body for body in found if 3_200 <= len(body) <= 3_800][:BODIES]
        return
    chance = random.Random(1)
    for _ in range(BODIES):
        yield " ".join(chance.choices(WORDS, k=chance.randint(520, 620)))


def best(call: Callable[[str], object], some: list[str]) -> tuple[float, float]:
    """Seconds by the clock and of CPU time for all of them, in the best round."""
    rounds = []
    for _ in range(ROUNDS):
        wall, cpu = time.perf_counter(), time.process_time()
        for body in some:
            call(body)
        rounds.append((time.perf_counter() - wall, time.process_time() - cpu))
    return min(wall for wall, _ in rounds), min(cpu for _, cpu in rounds)
