"""Rankings for measurement: many queries in, a TREC run out, so that others' tools can score them."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson
from elasticsearch import ApiError, Elasticsearch, TransportError

from indexing.search.query import SearchRequest
from indexing.search.query import query as query_clauses
from indexing.search.query_text import query_text
from streams.errors import RafidError

BATCH = 100


@dataclasses.dataclass(frozen=True, slots=True)
class Query:
    """One query of a run."""

    id: str
    text: str


def read_queries(path: Path) -> Iterator[Query]:
    """Yields the queries of a JSON Lines file with `id` and `query`. Raises RafidError with the number of any other line."""
    with path.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                fields = orjson.loads(line)
                query = Query(str(fields["id"]), fields["query"])
            except (orjson.JSONDecodeError, KeyError, TypeError):
                raise RafidError(f"{path}:{number}: an object with `id` and `query` was expected") from None
            if not isinstance(query.text, str) or not query.id or any(char.isspace() for char in query.id):
                raise RafidError(f"{path}:{number}: `query` is a text, and `id` has no spaces in a TREC run")
            yield query


def write_run(client: Elasticsearch, index: str, queries: Path, run: Path, depth: int = 100) -> int:
    """Writes the run of all queries of a file and returns the count of queries.

    Raises RafidError when a line is no query, and when the server cannot answer.
    """
    asked = list(read_queries(queries))
    with run.open("w", encoding="utf-8") as out:
        for line in run_lines(client, index, asked, depth):
            out.write(line + "\n")
    return len(asked)


def run_lines(client: Elasticsearch, index: str, asked: Iterable[Query], depth: int = 100, tag: str = "rafid") -> Iterator[str]:
    """Yields `query_id Q0 doc_id rank score tag` for the first `depth` documents of every query, ranked as `rafid search` ranks.

    Documents are not collapsed to stories, because a judged collection names documents. A query without a word gives no line.
    Raises RafidError when the server cannot answer.
    """
    batch: list[Query] = []
    for query in asked:
        if query_text(query.text).empty:
            continue
        batch.append(query)
        if len(batch) == BATCH:
            yield from _ranked(client, index, batch, depth, tag)
            batch = []
    if batch:
        yield from _ranked(client, index, batch, depth, tag)


def _ranked(client: Elasticsearch, index: str, batch: list[Query], depth: int, tag: str) -> Iterator[str]:
    searches: list[dict[str, Any]] = []
    for query in batch:
        searches += [{}, {"query": query_clauses(SearchRequest(text=query.text)), "size": depth, "_source": False}]
    for query, response in zip(batch, responses(client, index, searches, [query.id for query in batch]), strict=True):
        for rank, hit in enumerate(response["hits"]["hits"], 1):
            yield f"{query.id} Q0 {hit['_id']} {rank} {hit['_score']:.6f} {tag}"


def responses(
    client: Elasticsearch, index: str, searches: Sequence[Mapping[str, Any]], query_ids: Sequence[str]
) -> list[dict[str, Any]]:
    """Returns the response to each of several searches in one request. Raises RafidError with the id of a query that failed."""
    try:
        found: list[dict[str, Any]] = client.msearch(index=index, searches=searches)["responses"]
    except ApiError as exc:
        raise RafidError(f"Elasticsearch cannot answer: {exc.message}") from None
    except TransportError as exc:
        raise RafidError(f"Elasticsearch is out of reach: {exc.message}") from None
    for query_id, response in zip(query_ids, found, strict=True):
        if "error" in response:
            raise RafidError(f"query {query_id} failed: {response['error'].get('reason', response['error'])}")
    return found
