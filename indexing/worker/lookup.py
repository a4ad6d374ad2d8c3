"""What the index already holds of the documents that are about to be written."""

from __future__ import annotations

from collections.abc import Sequence

from elasticsearch import Elasticsearch

from indexing.elastic.requests import translate_errors
from indexing.generations.names import period_of
from indexing.generations.state import Generations
from indexing.worker.documents import StoredDocument

# The client's answers are filtered to what is read of them.
FILTER = "timed_out,_shards.failed,hits.hits._id,hits.hits._index,hits.hits._version,hits.hits._source"


def stored(client: Elasticsearch, state: Generations, doc_ids: Sequence[str]) -> dict[str, StoredDocument]:
    """Returns the documents that a search finds in the live generation, by id: one request over all its indices.

    A search sees what was refreshed: a write of the last seconds may be missing, or there with an older version.
    Raises what `requests.translate_errors` raises; a part of an answer is no answer.
    """
    live = state.live
    if not doc_ids or not state.periods(live):
        return {}
    answer = translate_errors(
        lambda: client.search(
            index=live.pattern,  # not by an alias: another namespace may have it, after a rebuild
            query={"ids": {"values": list(doc_ids)}},
            size=min(2 * len(doc_ids), 10_000),  # an id in two indices would be a fault, and must not hide another id
            source_includes=["content_hash", "first_seen"],
            version=True,
            track_total_hits=False,
            allow_partial_search_results=False,
            filter_path=FILTER,
        )
    )
    found: dict[str, StoredDocument] = {}
    for hit in answer.body.get("hits", {}).get("hits", ()):
        period = period_of(hit["_index"], live.namespace)  # of the next generation, when it was swapped in just now
        before = found.get(hit["_id"])
        if period and (before is None or hit["_version"] > before.version):
            source = hit.get("_source", {})
            found[hit["_id"]] = StoredDocument(period, hit["_version"], source.get("content_hash"), source.get("first_seen"))
    return found
