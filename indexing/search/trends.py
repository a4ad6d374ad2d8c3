"""What stands out now: words of the last hours against the time before, as the articles spell them."""

from __future__ import annotations

import dataclasses
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise
from operator import attrgetter
from typing import Any, Final

from elasticsearch import Elasticsearch

from indexing.schema.reading import folded, stop_words
from indexing.schema.stemming import stem
from indexing.search.search import execute
from indexing.search.spelling import as_written, example, with_each_word
from indexing.search.word_rows import Rising, WordRow, word_rows
from streams.runtime.time_expressions import age

SAMPLE: Final = 1000  # articles a shard, taken at random; each is analyzed again for its words
SAMPLE_IN_ALL: Final = 5000  # articles of a period of many months, each of which is a shard
LEAST_SAMPLE: Final = 50  # articles a shard all the same: months may be few in a long period
# Words that are counted exactly, to show ten or fifteen: inflections of one word are one trend. A shard tells nothing of the
# background of words that none of its articles in the period has: early in a month, as of all that were published before.
CANDIDATES: Final = 300
TITLES: Final = 500  # of articles of the period, taken at random, whose words are candidates too
LEAST: Final = 3  # articles
RISE: Final = 1.5  # times as frequent as in the background: of fewer it cannot be said that they stand out (chosen by reading)
BEFORE: Final = 30  # the background is this many periods before
STEPS: Final = 12  # of the history of one period
PAIRED: Final = 5  # times the rows that are asked for: so many words are looked at for what they share
MOST_TOGETHER: Final = 4  # words named beside the one that a row is about
_LETTERS = re.compile(r"[^\W\d_]{3,}")


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Trend:
    """A word that stands out: how often now, in how many sources, how often at each step of the period before and this one.

    `together` holds other words that stand out by the same articles, at most four.
    """

    word: str
    articles: int
    sources: int
    score: float
    history: tuple[int, ...]
    headline: str
    id: str
    together: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Returns the trend for a program."""
        return dataclasses.asdict(self)


@dataclasses.dataclass(frozen=True, slots=True)
class Period:
    """A time that is looked at: it ends at `end` and lasts `length`. Said in instants: a background filter knows no `now`."""

    end: datetime
    length: timedelta

    @property
    def begin(self) -> datetime:
        """The first instant of the period."""
        return self.end - self.length

    @property
    def before(self) -> Period:
        """The period of the same length that ends where this one begins."""
        return Period(self.begin, self.length)

    def range(self, periods: int = 1) -> dict[str, Any]:
        """Returns the query for what was published in this period and the ones before it, `periods` in all."""
        bounds = {"gte": (self.end - periods * self.length).isoformat(), "lte": self.end.isoformat()}
        return {"range": {"@timestamp": bounds}}

    def steps(self) -> list[dict[str, str]]:
        """Returns the twelve steps of the period's history, as ranges of an aggregation."""
        instants = [self.begin + self.length * step / STEPS for step in range(STEPS + 1)]
        return [{"from": begin.isoformat(), "to": end.isoformat(), "key": begin.isoformat()} for begin, end in pairwise(instants)]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Among:
    """The articles that are looked at: those of these sources and countries, all where none is named."""

    sources: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()

    def filters(self) -> list[dict[str, Any]]:
        """Returns the clauses of a query for these articles, none for all."""
        named = {"source": self.sources, "country": self.countries}
        return [{"terms": {field: list(values)}} for field, values in named.items() if values]


def trends(client: Elasticsearch, index: str, since: str = "24h", sources: tuple[str, ...] = (), size: int = 10) -> list[Trend]:
    """Returns the words that stand out among the articles of the last `since` (an age such as 24h), best first.

    Inflections are one trend, and so are words that the same articles have.

    Raises ValueError for an age that is none, RafidError when the server cannot answer.
    """
    length = age(since)
    if length is None:
        raise ValueError(f"{since!r} is no age: give minutes, hours, days or weeks, such as 90m, 24h, 7d or 2w")
    return standing_out(client, index, Period(datetime.now(UTC), length), among=Among(sources=sources), size=size)


def standing_out(
    client: Elasticsearch, index: str, period: Period, against: Period | None = None, *, among: Among, size: int = 10
) -> list[Trend]:
    """Returns the words that stand out in a period against another, or against the thirty periods before it; best first.

    The history of each begins with the other period, or the one just before. Raises RafidError when the server cannot answer.
    """
    found = execute(client, index, significant_words_request(period, against, among))
    candidates = _candidates(found)
    if not candidates:
        return []
    counted = execute(client, index, counts_request(period, against, among, candidates))
    rising = list(islice(_one_of_each_stem(_rising(counted)), PAIRED * size))
    if not rising:
        return []
    pairs = execute(client, index, pairs_request(period, among, [each.word for each in rising]))
    rows = word_rows(rising, _shared(pairs))[:size]
    words = [word for row in rows for word in (row.word, *row.together[:MOST_TOGETHER])]
    body = details_request(period, against or period.before, among, [row.word for row in rows], words)
    details = execute(client, index, body)["aggregations"]["word"]["buckets"]
    return [_trend(row, details[row.word]) for row in rows]


def _candidates(found: Mapping[str, Any]) -> list[str]:
    """Returns the words to count: those that the server finds significant, then the most frequent ones of titles.

    The server compares within an index. While that of a new month holds nothing but the period, it finds nothing there.
    """
    buckets = found["aggregations"]["sample"]["words"]["buckets"]
    significant = [bucket["key"] for bucket in buckets if _LETTERS.fullmatch(bucket["key"])]
    titles = Counter[str]()
    for hit in found["hits"]["hits"]:
        titles.update({*_LETTERS.findall(folded(hit["_source"].get("title") or ""))} - stop_words())
    frequent = [word for word, count in titles.most_common(CANDIDATES) if count >= LEAST]
    return list(dict.fromkeys((*significant, *frequent)))[:CANDIDATES]


def significant_words_request(period: Period, against: Period | None, among: Among) -> dict[str, Any]:
    """Returns the request for candidates.

    They are words that seem more frequent in this period than in the background, and words of some titles.
    """
    words = {
        "field": "body.norm",
        "source_fields": ["body"],  # what the background counts, and nothing else
        "filter_duplicate_text": True,
        "background_filter": _background(period, against),
        "min_doc_count": LEAST,
        "size": CANDIDATES,
    }
    # A sample is of the best scores, and of equal ones of what was written first: of a busy day, the morning.
    chance = {"random_score": {"seed": 1, "field": "_seq_no"}, "boost_mode": "replace"}
    at_random = {"function_score": {"query": _articles(period, among)} | chance}
    return {
        "size": TITLES,
        "_source": ["title"],
        "track_total_hits": False,
        "query": at_random,
        "aggs": {"sample": {"sampler": {"shard_size": _sample(period)}, "aggs": {"words": {"significant_text": words}}}},
    }


def _sample(period: Period) -> int:
    """Returns how many articles of each month are looked at for candidates, which are counted over all articles then."""
    months = period.length // timedelta(days=30) + 1
    return max(LEAST_SAMPLE, min(SAMPLE, SAMPLE_IN_ALL // months))


def counts_request(period: Period, against: Period | None, among: Among, words: list[str]) -> dict[str, Any]:
    """Returns the request for the exact numbers of articles with each word, in the background and in the period."""
    of_each = {"word": _of_each(words)}
    return {
        "size": 0,
        "track_total_hits": True,
        "query": {"bool": {"filter": [_background(period, against)]}},
        "aggs": of_each | {"now": {"filter": _articles(period, among), "aggs": of_each}},
    }


def _background(period: Period, against: Period | None) -> dict[str, Any]:
    """Returns the query for this period and the other one, or the thirty before."""
    return _any_of(period, against) if against else period.range(BEFORE + 1)


def _articles(period: Period, among: Among) -> dict[str, Any]:
    return {"bool": {"filter": [period.range(), *among.filters()]}}


def pairs_request(period: Period, among: Among, words: list[str]) -> dict[str, Any]:
    """Returns the request for the numbers of articles of the period that have two of the words."""
    return {
        "size": 0,
        "track_total_hits": False,
        "query": _articles(period, among),
        "aggs": {"word": _of_each(words) | {"aggs": {"other": _of_each(words)}}},
    }


def _shared(pairs: Mapping[str, Any]) -> Callable[[str, str], int]:
    """Returns what tells how many articles have both of two words."""
    buckets = pairs["aggregations"]["word"]["buckets"]
    return lambda one, other: int(buckets[one]["other"]["buckets"][other]["doc_count"])


def _of_each(words: list[str]) -> dict[str, Any]:
    return {"filters": {"filters": {word: {"term": {"body.norm": word}} for word in words}}}


def _rising(counted: Mapping[str, Any]) -> list[Rising]:
    """Returns the words that rise and their scores, best first: JLH, the absolute times the relative rise of their share."""
    now, rising = counted["aggregations"]["now"], list[Rising]()
    articles, background = max(now["doc_count"], 1), max(counted["hits"]["total"]["value"], 1)
    for word, bucket in counted["aggregations"]["word"]["buckets"].items():
        count, usual = now["word"]["buckets"][word]["doc_count"], bucket["doc_count"] / background
        share, least = count / articles, max(LEAST, RISE * usual * articles)
        if usual and count >= least:
            rising.append(Rising(word, (share - usual) * share / usual, count, least))
    return sorted(rising, key=attrgetter("score"), reverse=True)


def details_request(period: Period, other: Period, among: Among, words: list[str], marked: list[str]) -> dict[str, Any]:
    """Returns the request for counts, sources, history and an example of each word.

    The `marked` words are marked in the examples.
    """
    history = {"field": "@timestamp"}
    now = {
        "filter": period.range(),
        "aggs": {"sources": {"cardinality": {"field": "source"}}, "example": example(marked)},
    }
    of_each = {
        "now": now,
        "other": {"date_range": history | {"ranges": other.steps()}},
        "history": {"date_range": history | {"ranges": period.steps()}},
    }
    return {
        "size": 0,
        "query": {"bool": {"filter": [_any_of(period, other), *among.filters()]}},
        "aggs": {"word": with_each_word(words) | {"aggs": of_each}},
    }


def _any_of(*periods: Period) -> dict[str, Any]:
    return {"bool": {"should": [period.range() for period in periods]}}


def _one_of_each_stem(rising: Iterable[Rising]) -> Iterator[Rising]:
    """Yields the best word of each stem."""
    seen: set[str] = set()
    for each in rising:
        if (root := stem(each.word)) not in seen:
            seen.add(root)
            yield each


def _trend(row: WordRow, bucket: Mapping[str, Any]) -> Trend:
    now = bucket["now"]
    hits = now["example"]["hits"]["hits"]
    hit = hits[0] if hits else None
    return Trend(
        word=as_written(row.word, hits),
        articles=now["doc_count"],
        sources=now["sources"]["value"],
        score=round(row.score, 4),
        history=tuple(step["doc_count"] for part in ("other", "history") for step in bucket[part]["buckets"]),
        headline=(hit["_source"].get("title") or "") if hit else "",
        id=hit["_id"] if hit else "",
        together=tuple(as_written(word, hits) for word in row.together[:MOST_TOGETHER]),
    )
