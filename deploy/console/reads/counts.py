"""What a search page counts over all that matches: documents, stories, facets, days."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from deploy.console.reads.answers import Count
from deploy.console.reads.index import Index
from indexing.search.query import FACETS

MOST_VALUES: Final = 10


class Counts(NamedTuple):
    """The counts of all that matches a query; `stories` is approximate above 10,000."""

    documents: int
    stories: int
    facets: dict[str, tuple[Count, ...]]
    days: tuple[Count, ...]


def counts(index: Index, query: Mapping[str, Any]) -> Counts:
    """Returns the counts of what matches a `bool` query, at most five seconds old. Raises SearchFailed.

    They are asked for apart from the hits, without scores: so the hits need not score all that matches, and a next page, another
    order or another reader costs no counting.
    """
    body = {
        "query": unscored(query),
        "size": 0,
        "track_total_hits": True,
        "aggs": {
            "stories": {"cardinality": {"field": "story_id", "precision_threshold": 10_000}},
            "day": {"date_histogram": {"field": "@timestamp", "calendar_interval": "day", "min_doc_count": 1}},
            **{name: {"terms": {"field": name, "size": MOST_VALUES}} for name in FACETS},
        },
    }
    response = index.ask_kept(index.names.articles, body)
    found = response["aggregations"]
    return Counts(
        documents=response["hits"]["total"]["value"],
        stories=found["stories"]["value"],
        facets={name: _counts(found[name]["buckets"], "key") for name in FACETS},
        days=_counts(found["day"]["buckets"], "key_as_string", len("2026-11-22")),
    )


def unscored(query: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the query for the same documents, with no score: what ranks only is left out."""
    clauses = query["bool"]
    if not clauses.get("must") and not clauses.get("filter") and clauses.get("should"):
        return {"bool": {"filter": [{"bool": dict(clauses)}]}}  # then one of what ranks must match
    kept = {"filter": [*clauses.get("must", ()), *clauses.get("filter", ())], "must_not": list(clauses.get("must_not", ()))}
    return {"bool": {name: clause for name, clause in kept.items() if clause}}


def _counts(buckets: list[Mapping[str, Any]], key: str, letters: int = 256) -> tuple[Count, ...]:
    return tuple(Count(value=str(bucket[key])[:letters], count=bucket["doc_count"]) for bucket in buckets)
