"""A plain collection under our template: JSON Lines in, an index with the same fields and analysis out."""

from __future__ import annotations

import contextlib
import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, cast

import orjson
from elasticsearch import ApiError, Elasticsearch, TransportError
from elasticsearch.helpers import parallel_bulk

from indexing.generations.template import plain_index
from indexing.schema.reading import mappings
from streams.errors import RafidError

THREADS = 2


def documents(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yields the id and the fields of each document of a JSON Lines file, gzipped where its name ends in `.gz`.

    A line holds `id`, `title`, `body` (or `text`) and any other field of the index. Raises RafidError with the number of the
    first line that is not such a document.
    """
    known = set(mappings()["properties"])
    with _opened(path) as lines:
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                fields = orjson.loads(line)
                doc_id = str(fields["id"])
            except (orjson.JSONDecodeError, KeyError, TypeError):
                raise RafidError(f"{path}:{number}: an object with `id` was expected") from None
            body = fields.get("body", fields.get("text"))
            if not isinstance(body, str) or not isinstance(fields.get("title") or "", str):
                raise RafidError(f"{path}:{number}: `text` (or `body`) is a text, and so is `title`")
            document = {name: value for name, value in fields.items() if name in known and value is not None}
            yield doc_id, {"story_id": doc_id} | document | {"body": body}


def index_file(client: Elasticsearch, path: Path, index: str) -> int:
    """Creates the index with every document of the file, ready for search, and returns their count.

    Raises RafidError when the index exists already, when a line is no document, and when the server refuses a document or is
    gone. An index that was begun is deleted then, if the server can still be asked to.
    """
    try:
        client.indices.create(index=index, **plain_index())
    except ApiError as exc:
        if exc.error == "resource_already_exists_exception":
            raise RafidError(f"the index {index} exists: give another --index, or delete it first") from None
        raise RafidError(f"cannot create the index {index}: {exc.error}") from None
    except TransportError as exc:
        raise RafidError(f"Elasticsearch is out of reach: {exc.message}") from None
    try:
        return _load(client, path, index)
    except BaseException as exc:
        with contextlib.suppress(ApiError, TransportError):
            client.indices.delete(index=index, ignore_unavailable=True)
        if isinstance(exc, (ApiError, TransportError)):
            raise RafidError(f"Elasticsearch failed while {path} was loaded: {exc.message}") from exc
        if isinstance(exc, (EOFError, gzip.BadGzipFile, zlib.error)):
            raise RafidError(f"{path} is no whole gzip file ({exc})") from exc
        raise


def _load(client: Elasticsearch, path: Path, index: str) -> int:
    actions = ({"_index": index, "_id": doc_id, "_source": document} for doc_id, document in documents(path))
    count = 0
    for done, item in parallel_bulk(client, actions, thread_count=THREADS, max_chunk_bytes=5 * 1024 * 1024, raise_on_error=False):
        if not done:
            result = item["index"]
            raise RafidError(f"document {result['_id']} was refused: {result['error']['reason']}")
        count += 1
    client.indices.refresh(index=index)
    return count


def _opened(path: Path) -> IO[bytes]:
    return cast("IO[bytes]", gzip.open(path)) if path.suffix == ".gz" else path.open("rb")
