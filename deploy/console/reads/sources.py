"""The sources for the console: each as `rafid sources status` judges it, beside its documents and its last stories."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any, Final

from deploy.console.reads.answers import Completion, Sources, SourceState
from deploy.console.reads.index import Index
from deploy.console.reads.kept import Kept
from deploy.sources.arrivals import time_of
from deploy.sources.judgement import DAYS_SHOWN, ODD, Judgement
from deploy.sources.rhythm import DAY_H, WEEK_H
from deploy.sources.status import SourcesStatus, sources_status
from streams.connect.kafka import KafkaSettings
from streams.times import rfc_3339

MOST_SOURCES: Final = 500
JUDGED_S: Final = 60.0  # a judgement looks at eight weeks of all sources, and may be this old
Judged = Kept[SourcesStatus]


def sources(index: Index, kafka: KafkaSettings, judged: Judged) -> Sources:
    """Returns every source that the index has, odd ones first and then those with most documents. Raises RafidError."""
    buckets = {bucket["key"]: bucket for bucket in _buckets(index)}
    found = judged.get(b"", lambda: sources_status(index.client, kafka, time.time() / 3600))
    judgements = {each.source: each for each in found.judgements}
    names = dict.fromkeys((*buckets, *judgements))  # a source whose every page was refused has no document
    states = [_state(name, buckets.get(name), judgements.get(name), found) for name in names]
    states.sort(key=lambda state: (state.state not in ODD, -state.documents))
    return Sources(known_until=_written(found.known_until), behind=found.behind, sources=tuple(states))


def values(index: Index, field: str) -> tuple[str, ...]:
    """Returns the values of a keyword field over all documents, in their own order; at most 500."""
    body = {"size": 0, "aggs": {"value": {"terms": {"field": field, "size": MOST_SOURCES}}}}
    found = index.ask_kept(index.names.everything, body)["aggregations"]["value"]["buckets"]
    return tuple(sorted(bucket["key"] for bucket in found))


def _buckets(index: Index) -> list[dict[str, Any]]:
    latest = {"size": 2, "sort": [{"@timestamp": "desc"}], "_source": ["title", "copy_title"]}
    body = {
        "size": 0,
        "aggs": {
            "source": {"terms": {"field": "source", "size": MOST_SOURCES}, "aggs": {"latest": {"top_hits": latest}}},
        },
    }
    found: list[dict[str, Any]] = index.ask_kept(index.names.everything, body)["aggregations"]["source"]["buckets"]
    return found


def _state(name: str, bucket: Mapping[str, Any] | None, each: Judgement | None, found: SourcesStatus) -> SourceState:
    """Returns the state of a source, of which what came before the eight weeks that are judged is gone."""
    rhythm = each.rhythm if each else None
    silent_from = each.silent_from if each else None
    return SourceState(
        source=name,
        state=each.state if each else "gone",
        documents=bucket["doc_count"] if bucket else 0,
        copies_share=each.copies_share if each else 0.0,
        refused_share=each.refused_share if each else 0.0,
        poor_share=each.poor_share if each else 0.0,
        poor_share_today=each.poor_share_today if each else 0.0,
        last_page=_written(each.last_page) if each else None,
        silence_s=3600 * max(0.0, found.known_until - each.last_page) if each else None,
        silent_after_s=3600 * (silent_from - each.last_page) if each and silent_from is not None else None,
        longest_quiet_s=3600 * rhythm.longest_quiet_h if rhythm else None,
        pages_a_day=float(rhythm.rates.sum()) * DAY_H / WEEK_H if rhythm else None,
        days=found.by_day.get(name, (0,) * DAYS_SHOWN),
        latest=tuple(
            Completion(id=hit["_id"], title=hit["_source"].get("title") or hit["_source"].get("copy_title") or "")
            for hit in (bucket["latest"]["hits"]["hits"] if bucket else ())
        ),
    )


def _written(at: float) -> str:
    return rfc_3339(time_of(at).replace(microsecond=0))
