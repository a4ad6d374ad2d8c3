"""Pairs of invented articles, each one story or two, and what the register makes of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import orjson

from streams.trials.try_dedup import judged
from tests.quality.invented import read, stories

START = datetime(2026, 11, 9, 6, tzinfo=UTC)
TOKEN = re.compile(r"\{(\d+)\.([t0-3])\}")


class Pair(NamedTuple):
    """Two articles as JSON objects, and whether they tell one story."""

    name: str
    is_held: bool
    is_same: bool
    articles: tuple[dict[str, str], ...]


def pairs(file: str = "fresh_copies") -> Iterator[Pair]:
    """Yields the pairs of a file."""
    for head, lines in read(file):
        name, _, label = head.partition(" | ")
        parts = "\n".join(lines).split("@ ")[1:]
        articles = tuple(_article(part, place) for place, part in enumerate(parts))
        yield Pair(name, label.endswith("@held"), label.startswith("same"), articles)


def _article(part: str, place: int) -> dict[str, str]:
    head, _, body = part.partition("\n")
    where, _, title = head.partition(" | ")
    source, minutes, *address = where.split()
    return {
        "url": address[0] if address else f"https://{source}/story/{place}-{minutes}",
        "source": source,
        "title": TOKEN.sub(_piece, title),
        "content": TOKEN.sub(_piece, body.rstrip()),
        "fetched_at": (START + timedelta(minutes=int(minutes))).isoformat(),
    }


def _piece(found: re.Match[str]) -> str:
    story = stories("fresh")[int(found[1])]
    return story.title if found[2] == "t" else story.paragraphs[int(found[2])]


def is_joined(pair: Pair) -> bool:
    """Tells whether a fresh register makes one story of the pair."""
    first, second = judged(map(orjson.dumps, pair.articles))
    return first.canonical == second.canonical
