"""What the index holds, read in one moment of it, and single documents as they are now; nothing in it is changed."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from typing import Any

from elasticsearch import ApiError, Elasticsearch, TransportError

from deploy.audit.law import Document
from indexing.generations.names import names, period_of
from indexing.generations.state import Generations, interpret
from streams.errors import RafidError, one_line
from streams.records import KINDS

PAGE = 10_000  # what a search gives at most
KEEP_ALIVE = "5m"
GETS = 2_000  # of one request
_KINDS = {kind: number for number, kind in enumerate(KINDS)}
_NO_KIND = 255
_SCAN = (
    "pit_id,timed_out,_shards.failed,"
    "hits.hits._id,hits.hits._index,hits.hits._version,hits.hits.sort,hits.hits.fields,hits.hits._source"
)


class StrangeId(ValueError):
    """An `_id` that rafid never gives."""


@contextlib.contextmanager
def errors_as_one_line(urls: str) -> Iterator[None]:
    """Turns what Elasticsearch and its client raise into a RafidError."""
    try:
        yield
    except (ApiError, TransportError) as exc:
        raise RafidError(f"Elasticsearch at {urls} cannot be audited: {one_line(exc)[:300]}") from exc


def generations(client: Elasticsearch, namespace: str) -> Generations:
    """Returns the state of the generations, and puts nothing right in it."""
    answer = client.indices.get_alias(index=names(namespace).all_generations, expand_wildcards="all").body
    return interpret(namespace, {index: entry["aliases"] for index, entry in answer.items()})


def live_indices(state: Generations) -> list[str]:
    """Returns the indices of the live generation, oldest first."""
    return [state.live.index(period) for period in state.periods(state.live)]


def scan(client: Elasticsearch, state: Generations, fields: Sequence[str] = ()) -> Iterator[dict[str, Any]]:
    """Yields each document that searches see of the live generation, all of one moment, as hits with these fields as source."""
    if not live_indices(state):
        return
    pit = client.open_point_in_time(index=state.live.pattern, keep_alive=KEEP_ALIVE).body["id"]
    after: list[Any] | None = None
    try:
        while True:
            answer = client.search(
                pit={"id": pit, "keep_alive": KEEP_ALIVE},
                size=PAGE,
                sort="_shard_doc",
                search_after=after,
                source={"includes": list(fields)} if fields else False,
                docvalue_fields=[{"field": "kind"}],
                version=True,
                track_total_hits=False,
                filter_path=_SCAN,
            ).body
            if answer["timed_out"] or answer["_shards"]["failed"]:
                raise RafidError("Elasticsearch gave a part of an answer: some shards fail, see its log")
            hits = answer.get("hits", {}).get("hits", [])
            if not hits:
                return
            yield from hits
            pit, after = answer["pit_id"], hits[-1]["sort"]
    finally:
        client.close_point_in_time(id=pit)


def document_of(hit: dict[str, Any], namespace: str) -> Document:
    """Returns the document of a hit of `scan`; raises StrangeId."""
    kind = (hit.get("fields") or {}).get("kind", [None])[0]
    return Document(_id(hit), hit["_version"], _KINDS.get(kind, _NO_KIND), period_of(hit["_index"], namespace) or "")


def now(client: Elasticsearch, namespace: str, ids: Sequence[bytes]) -> Iterator[Document]:
    """Yields the documents of these ids as they are, also what no search sees yet; with the hash of their content."""
    indices = live_indices(generations(client, namespace))
    step = max(1, GETS // max(1, len(indices)))
    for start in range(0, len(ids), step):
        wanted: list[dict[str, Any]] = [
            {"_index": index, "_id": id_.hex()} for id_ in ids[start : start + step] for index in indices
        ]
        if not wanted:
            return
        answer = client.mget(docs=wanted, source_includes=["kind", "content_hash"], realtime=True).body
        for found in answer["docs"]:
            if found.get("error"):
                raise RafidError(f"Elasticsearch cannot give a document: {found['error'].get('reason')}")
            if found["found"]:
                source = found["_source"]
                content = bytes.fromhex(source["content_hash"]) if source.get("content_hash") else None
                kind = _KINDS.get(source.get("kind"), _NO_KIND)
                yield Document(_id(found), found["_version"], kind, period_of(found["_index"], namespace) or "", content)


def _id(hit: dict[str, Any]) -> bytes:
    with contextlib.suppress(ValueError):
        if len(id_ := bytes.fromhex(hit["_id"])) == 16 and id_.hex() == hit["_id"]:
            return id_
    raise StrangeId(hit["_id"])
