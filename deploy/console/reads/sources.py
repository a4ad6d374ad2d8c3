"""The sources for the console: what each brings, how much of it is copied, and which has fallen silent."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from deploy.console.reads.answers import Completion, SourceState
from deploy.console.reads.index import Index
from streams.records import SIGHTINGS

MOST_SOURCES: Final = 200
DAYS: Final = 14
# Chosen by reading: newsrooms pause overnight, so a silence of five usual gaps, and of no less than half a day, is odd.
ODD_GAPS, SHORTEST_ODD_S = 5, 12 * 3600.0


def sources(index: Index, now: datetime | None = None) -> tuple[SourceState, ...]:
    """Every source with documents, those with most first, at most 200. Raises RafidError when the server cannot answer."""
    at = now or datetime.now(UTC)
    buckets = index.ask(index.names.everything, _request(at))["aggregations"]["source"]["buckets"]
    return tuple(_state(bucket, at) for bucket in buckets)


def _request(at: datetime) -> dict[str, Any]:
    begin = (at - timedelta(days=DAYS - 1)).date()
    days = [
        {
            "from": (begin + timedelta(days=day)).isoformat(),
            "to": (begin + timedelta(days=day + 1)).isoformat(),
            "key": f"{day:02}",
        }
        for day in range(DAYS)
    ]
    latest = {"size": 3, "sort": [{"@timestamp": "desc"}], "_source": ["title", "copy_title"]}
    return {
        "size": 0,
        "aggs": {
            "source": {
                "terms": {"field": "source", "size": MOST_SOURCES},
                "aggs": {
                    "copies": {"filter": {"terms": {"kind": sorted(SIGHTINGS)}}},
                    "newest": {"max": {"field": "@timestamp"}},
                    "seen": {"max": {"field": "first_seen"}},
                    "days": {"date_range": {"field": "first_seen", "ranges": days}},
                    "latest": {"top_hits": latest},
                },
            }
        },
    }


def _state(bucket: Mapping[str, Any], at: datetime) -> SourceState:
    seen = _time(bucket["seen"]["value"])
    days = tuple(day["doc_count"] for day in bucket["days"]["buckets"])
    silence_s = max(0.0, (at - seen).total_seconds()) if seen else None
    rhythm_s = DAYS * 86_400 / sum(days) if sum(days) > 1 else None
    return SourceState(
        source=bucket["key"],
        documents=bucket["doc_count"],
        copies_share=bucket["copies"]["doc_count"] / bucket["doc_count"],
        newest=_written(_time(bucket["newest"]["value"])),
        last_seen=_written(seen),
        silence_s=silence_s,
        rhythm_s=rhythm_s,
        silent=bool(silence_s and rhythm_s and silence_s > max(ODD_GAPS * rhythm_s, SHORTEST_ODD_S)),
        days=days,
        latest=tuple(
            Completion(id=hit["_id"], title=hit["_source"].get("title") or hit["_source"].get("copy_title") or "")
            for hit in bucket["latest"]["hits"]["hits"]
        ),
    )


def _time(ms: float | None) -> datetime | None:
    return datetime.fromtimestamp(ms / 1000, UTC) if ms is not None else None


def _written(at: datetime | None) -> str | None:
    return at.isoformat(timespec="seconds").replace("+00:00", "Z") if at else None
