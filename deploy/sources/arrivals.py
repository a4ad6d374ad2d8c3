"""What came of each source by the hour: documents of the index, and dead letters from their index or their topic."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from elasticsearch import ApiError, Elasticsearch, TransportError

from deploy.kibana.dead_letters import index_name, source_of
from deploy.sources.emptiness import BOUNDS
from deploy.sources.judgement import Arrivals, Hour
from deploy.sources.rhythm import PAST_H
from indexing.generations.names import names
from indexing.search.search import execute
from streams.connect.kafka import KafkaSettings
from streams.dead_letters.topic import Selection, read_letters
from streams.errors import RafidError, one_line
from streams.records import SIGHTINGS

WINDOW_H: Final = 2 * PAST_H  # hours: a rhythm of four weeks, and four weeks in which it is missed
BUCKETS: Final = 5_000  # of one request; each has a few below it
HOUR_MS: Final = 3_600_000

Refused = Mapping[str, Mapping[int, int]]  # source -> hour since 1970 -> dead letters


def hour_of(at: datetime) -> float:
    """Returns a time in hours since 1970."""
    return at.timestamp() / 3600


def time_of(hours: float) -> datetime:
    """Returns the time of hours since 1970."""
    return datetime.fromtimestamp(hours * 3600, UTC)


def read_arrivals(client: Elasticsearch, kafka: KafkaSettings, now: float) -> list[Arrivals]:
    """Returns what came of every source in the eight weeks before `now`, in hours since 1970, by the names of the sources.

    Raises RafidError when a server cannot answer.
    """
    begin = math.floor(now) - WINDOW_H
    refused = _refused(client, kafka, begin)
    found = {source: _Found() for source in refused}
    for bucket in _buckets(client, names(kafka.namespace).everything, begin):
        found.setdefault(bucket["key"]["source"], _Found()).add(bucket)
    return [each.arrivals(source, refused.get(source, {})) for source, each in sorted(found.items())]


class _Found:
    """What the index says of one source."""

    def __init__(self) -> None:
        self.by_hour: dict[int, Hour] = {}
        self.last_page = self.last_story = 0.0

    def add(self, bucket: Mapping[str, Any]) -> None:
        """Takes in the documents of one hour."""
        shorter = tuple(each["doc_count"] for each in bucket["words"]["buckets"])
        copies = bucket["copies"]["doc_count"]
        self.by_hour[bucket["key"]["hour"] // HOUR_MS] = Hour(bucket["doc_count"], copies, 0, shorter)
        self.last_page = max(self.last_page, bucket["newest"]["value"] / HOUR_MS)
        self.last_story = max(self.last_story, (bucket["stories"]["newest"]["value"] or 0) / HOUR_MS)

    def arrivals(self, source: str, refused: Mapping[int, int]) -> Arrivals:
        """Joins the dead letters; of those the hour alone is known, and the last came at its end, or now."""
        by_hour = dict(self.by_hour)
        for hour, number in refused.items():
            by_hour[hour] = by_hour.get(hour, Hour())._replace(refused=number)
        last_page = max(self.last_page, max(refused, default=0))
        return Arrivals(source, by_hour, last_page, self.last_story or None)


def _buckets(client: Elasticsearch, alias: str, begin: int) -> Iterator[dict[str, Any]]:
    """Yields the hours of all sources in which the main article of a page was first seen, a request for each few thousand."""
    body: dict[str, Any] = {
        "size": 0,
        "query": {"bool": {"filter": [{"term": {"role": "main"}}, {"range": {"first_seen": {"gte": begin * HOUR_MS}}}]}},
        "aggs": {"hours": {"composite": _composite(), "aggs": _of_an_hour()}},
    }
    composite = body["aggs"]["hours"]["composite"]
    while True:
        answer = execute(client, alias, body)["aggregations"]["hours"]
        yield from answer["buckets"]
        if "after_key" not in answer:
            return
        composite["after"] = answer["after_key"]


def _composite() -> dict[str, Any]:
    by_hour = {"field": "first_seen", "fixed_interval": "1h"}
    return {"size": BUCKETS, "sources": [{"source": {"terms": {"field": "source"}}}, {"hour": {"date_histogram": by_hour}}]}


def _of_an_hour() -> dict[str, Any]:
    newest = {"newest": {"max": {"field": "first_seen"}}}
    copies = {"terms": {"kind": sorted(SIGHTINGS)}}
    return {
        **newest,
        "copies": {"filter": copies},
        "stories": {"filter": {"bool": {"must_not": [copies]}}, "aggs": newest},
        "words": {"range": {"field": "word_count", "ranges": [{"to": bound} for bound in BOUNDS]}},
    }


def _refused(client: Elasticsearch, kafka: KafkaSettings, begin: int) -> Refused:
    """Returns the dead letters that name their source: from their index where there is one, else from the topic itself."""
    index = index_name(kafka.namespace)
    try:
        is_there = bool(client.indices.exists(index=index))
    except (ApiError, TransportError) as exc:
        raise RafidError(f"Elasticsearch cannot answer: {one_line(exc)[:300]}") from None
    return _refused_in_index(client, index, begin) if is_there else _refused_on_topic(kafka, begin)


def _refused_in_index(client: Elasticsearch, index: str, begin: int) -> Refused:
    by_hour = {"date_histogram": {"field": "failed_at", "fixed_interval": "1h"}}
    composite: dict[str, Any] = {
        "size": BUCKETS,
        "sources": [{"source": {"terms": {"field": "source"}}}, {"hour": by_hour}],
    }
    body = {
        "size": 0,
        "query": {"range": {"failed_at": {"gte": begin * HOUR_MS}}},
        "aggs": {"hours": {"composite": composite}},
    }
    found: dict[str, Counter[int]] = {}
    while True:
        answer = execute(client, index, body)["aggregations"]["hours"]
        for bucket in answer["buckets"]:
            found.setdefault(bucket["key"]["source"], Counter())[bucket["key"]["hour"] // HOUR_MS] += bucket["doc_count"]
        if "after_key" not in answer:
            return found
        composite["after"] = answer["after_key"]


def _refused_on_topic(kafka: KafkaSettings, begin: int) -> Refused:
    found: dict[str, Counter[int]] = {}
    for stored in read_letters(kafka, Selection(since=time_of(begin))):
        source = source_of(stored.value)
        if source is not None and stored.letter is not None:
            failed_at = datetime.fromisoformat(stored.letter.failed_at)
            found.setdefault(source, Counter())[math.floor(hour_of(failed_at))] += 1
    return found
