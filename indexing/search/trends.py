"""What stands out now: words of the last hours against the time before, as the articles spell them."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from elasticsearch import Elasticsearch

from indexing.schema.stemming import stem
from indexing.search.search import execute
from indexing.search.spelling import as_written, example, with_each_word
from streams.runtime.time_expressions import age

SAMPLE: Final = 2000  # articles a shard; each is analyzed again for its words
CANDIDATES: Final = 5  # words asked for each one shown: inflections of one word are one trend
BEFORE: Final = 30  # the background is this many periods before
BARS: Final = 24
_LETTERS = re.compile(r"[^\W\d_]{3,}")


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Trend:
    """A word that stands out: how often now, in how many sources, how often at each step of this period and the one before."""

    word: str
    articles: int
    sources: int
    score: float
    history: tuple[int, ...]
    headline: str
    id: str

    def as_json(self) -> dict[str, Any]:
        """The trend for a program."""
        return dataclasses.asdict(self)


@dataclasses.dataclass(frozen=True, slots=True)
class Period:
    """The time that is looked at: it ends at `end` and lasts `length`. Said in instants: a background filter knows no `now`."""

    end: datetime
    length: timedelta

    def range(self, periods: int = 1) -> dict[str, Any]:
        """The query for what was published in this period and the ones before it, `periods` in all."""
        bounds = {"gte": (self.end - periods * self.length).isoformat(), "lte": self.end.isoformat()}
        return {"range": {"@timestamp": bounds}}


def trends(client: Elasticsearch, index: str, since: str = "24h", sources: tuple[str, ...] = (), size: int = 10) -> list[Trend]:
    """The words that stand out among the articles of the last `since` (an age such as 24h), best first; inflections together.

    Raises ValueError for an age that is none, RafidError when the server cannot answer.
    """
    length = age(since)
    if length is None:
        raise ValueError(f"{since!r} is no age: give minutes, hours, days or weeks, such as 90m, 24h, 7d or 2w")
    period = Period(datetime.now(UTC), length)
    found = execute(client, index, significant_words_request(period, sources, size * CANDIDATES))
    buckets = found["aggregations"]["sample"]["words"]["buckets"]
    chosen = dict(list(_one_of_each_stem(buckets))[:size])
    if not chosen:
        return []
    details = execute(client, index, details_request(period, sources, list(chosen)))["aggregations"]["word"]["buckets"]
    return [_trend(word, score, details[word]) for word, score in chosen.items()]


def significant_words_request(period: Period, sources: tuple[str, ...], size: int) -> dict[str, Any]:
    """The request for words that are more frequent in this period than in it and the thirty before."""
    words = {
        "field": "body.norm",
        "source_fields": ["body"],  # what the background counts, and nothing else
        "filter_duplicate_text": True,
        "background_filter": period.range(BEFORE + 1),
        "min_doc_count": 3,
        "size": size,
    }
    return {
        "size": 0,
        "query": _articles(period, sources),
        "aggs": {"sample": {"sampler": {"shard_size": SAMPLE}, "aggs": {"words": {"significant_text": words}}}},
    }


def details_request(period: Period, sources: tuple[str, ...], words: list[str]) -> dict[str, Any]:
    """The request for counts, sources, history and an example of each word."""
    begin, step = period.end - 2 * period.length, 2 * period.length / BARS
    steps = [
        {"from": (begin + bar * step).isoformat(), "to": (begin + (bar + 1) * step).isoformat(), "key": f"{bar:02}"}
        for bar in range(BARS)
    ]
    history = {"field": "@timestamp", "ranges": steps}
    now = {
        "filter": _articles(period, ()),
        "aggs": {"sources": {"cardinality": {"field": "source"}}, "example": example(words)},
    }
    return {
        "size": 0,
        "query": _articles(period, sources, periods=2),
        "aggs": {"word": with_each_word(words) | {"aggs": {"now": now, "history": {"date_range": history}}}},
    }


def _articles(period: Period, sources: tuple[str, ...], periods: int = 1) -> dict[str, Any]:
    recent = [period.range(periods)]
    return {"bool": {"filter": recent + ([{"terms": {"source": list(sources)}}] if sources else [])}}


def _one_of_each_stem(buckets: list[Mapping[str, Any]]) -> Iterator[tuple[str, float]]:
    """The best word of each stem; numbers and words of two letters are no trends."""
    seen: set[str] = set()
    for bucket in buckets:
        word = bucket["key"]
        root = stem(word)
        if _LETTERS.fullmatch(word) and root not in seen:
            seen.add(root)
            yield word, bucket["score"]


def _trend(word: str, score: float, bucket: Mapping[str, Any]) -> Trend:
    now = bucket["now"]
    hits = now["example"]["hits"]["hits"]
    hit = hits[0] if hits else None
    return Trend(
        word=as_written(word, hits),
        articles=now["doc_count"],
        sources=now["sources"]["value"],
        score=round(score, 4),
        history=tuple(step["doc_count"] for step in bucket["history"]["buckets"]),
        headline=(hit["_source"].get("title") or "") if hit else "",
        id=hit["_id"] if hit else "",
    )
