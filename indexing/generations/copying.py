"""The documents of one index into another, under the same ids and versions, beside live writes.

Every operation on a shard has a sequence number (`_seq_no`), and a document carries that of its last one. So the documents are
copied in windows of these numbers, up to the checkpoint that the shard had before it was refreshed. A document that is written
meanwhile moves behind the checkpoint, where the next pass finds it; a pass that was cut short goes on from its last window. No
search context has to be kept, and no by-query call is made.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, NamedTuple, TypeVar

import orjson
from elasticsearch import Elasticsearch

from indexing.elastic.bulk import post
from indexing.elastic.outcomes import ItemResult, Outcome
from indexing.elastic.requests import RequestTooLarge, Unavailable, ending_error, retry_while_unavailable, translate_errors
from indexing.elastic.writes import Write
from streams.errors import RafidError

Result = TypeVar("Result")

WINDOW_SEQ_NOS = 500  # sequence numbers in a request: 5 MB of usual articles
REQUEST_BYTES = 5 * 1024 * 1024
THREADS = 2
SAVE_EVERY_S = 5.0


class Window(NamedTuple):
    """The operations of a shard behind `after`, up to and with `last`."""

    shard: int
    after: int
    last: int


class Copier:
    """Copies indices; asks again for as long as Elasticsearch is away, and stops at what it will not take."""

    def __init__(self, client: Elasticsearch, stopping: threading.Event) -> None:
        self._client = client
        self._stopping = stopping

    def catch_up(self, source: str, target: str, progress: Callable[[int], None]) -> int:
        """Copies to `target` every document that `source` holds, or a newer version of it; returns how many were written.

        `progress` is called with the number of documents of every window. How far it got is kept in the `_meta` of the target,
        by source: a year may have twelve. Raises RafidError when a document is refused, Stopping when the process ends.
        """
        checkpoints = self._patiently(lambda: self._checkpoints(source), f"looking at {source}")
        self._patiently(lambda: self._client.indices.refresh(index=source), f"refreshing {source}")
        copied = self._patiently(lambda: self._copied(source, target), f"looking at {target}")
        written = 0
        saved_at = time.monotonic()
        with ThreadPoolExecutor(THREADS, thread_name_prefix="copy") as threads:
            for window, future in self._ahead(threads, source, target, windows(copied, checkpoints)):
                found, wrote = future.result()
                written += wrote
                progress(found)
                copied[window.shard] = window.last  # results come in order: nothing before this window is missing
                if time.monotonic() - saved_at > SAVE_EVERY_S:
                    saved_at = time.monotonic()
                    self._save(source, target, copied)
        self._save(source, target, copied)
        return written

    def _ahead(
        self, threads: ThreadPoolExecutor, source: str, target: str, todo: Iterator[Window]
    ) -> Iterator[tuple[Window, Future[tuple[int, int]]]]:
        """Yields the windows and their copies in order, with no more than a few under way."""
        under_way: list[tuple[Window, Future[tuple[int, int]]]] = []
        try:
            for window in todo:
                under_way.append((window, threads.submit(self._copy, source, target, window)))
                if len(under_way) > THREADS:
                    yield under_way.pop(0)
            while under_way:
                yield under_way.pop(0)
        finally:
            for _, future in under_way:
                future.cancel()

    def _copy(self, source: str, target: str, window: Window) -> tuple[int, int]:
        """Returns how many documents the window has, and how many of them had to be written."""
        what = f"copying {source}"
        hits = self._patiently(lambda: self._window(source, window), what)
        there = self._patiently(lambda: self._there(target, [hit["_id"] for hit in hits]), what)
        missing = [
            Write(hit["_id"], "", hit["_version"], orjson.dumps(hit["_source"]))
            for hit in hits
            if there.get(hit["_id"], -1) < hit["_version"]
        ]
        for chunk in chunks(missing):
            self._write(chunk, target)
        return len(hits), len(missing)

    def _write(self, writes: Sequence[Write], target: str) -> None:
        try:
            self._patiently(lambda: self._send(writes, target), f"writing to {target}")
        except RequestTooLarge as exc:
            if len(writes) == 1:
                raise RafidError(
                    f"document {writes[0].doc_id} is too large for Elasticsearch, or for a proxy before it: {exc}"
                ) from exc
            self._write(writes[: len(writes) // 2], target)
            self._write(writes[len(writes) // 2 :], target)

    def _send(self, writes: Sequence[Write], target: str) -> None:
        answers = post(self._client, [(write, target) for write in writes])
        for write, answer in zip(writes, answers, strict=True):
            _check(write, target, answer)
        if trouble := next((answer for answer in answers if answer.outcome is not Outcome.DONE), None):
            raise Unavailable(f"{trouble.status} {trouble.error}")

    def _window(self, source: str, window: Window) -> list[dict[str, Any]]:
        answer = self._client.search(
            index=source,
            query={"range": {"_seq_no": {"gt": window.after, "lte": window.last}}},
            size=WINDOW_SEQ_NOS,
            version=True,
            track_total_hits=False,
            allow_partial_search_results=False,
            preference=f"_shards:{window.shard}",
            filter_path="hits.hits._id,hits.hits._version,hits.hits._source",
        )
        hits: list[dict[str, Any]] = answer.body.get("hits", {}).get("hits", [])
        return hits

    def _there(self, target: str, doc_ids: list[str]) -> dict[str, int]:
        if not doc_ids:
            return {}
        answer = self._client.mget(index=target, ids=doc_ids, source=False, filter_path="docs._id,docs._version,docs.error")
        return {doc["_id"]: doc["_version"] for doc in answer.body["docs"] if "_version" in doc}

    def _checkpoints(self, source: str) -> dict[int, int]:
        """Returns for each shard the number up to which all operations are done, on every copy of it."""
        stats = self._client.indices.stats(index=source, level="shards", metric="docs").body["indices"][source]["shards"]
        found = {
            int(shard): copy["seq_no"]["global_checkpoint"]
            for shard, copies in stats.items()
            for copy in copies
            if copy["routing"]["primary"]
        }
        if not found:
            raise Unavailable(f"{source} has no primary shard now")
        return found

    def _copied(self, source: str, target: str) -> dict[int, int]:
        return {int(shard): number for shard, number in self._meta(target).get("copied", {}).get(source, {}).items()}

    def _save(self, source: str, target: str, copied: Mapping[int, int]) -> None:
        meta = self._patiently(lambda: self._meta(target), f"looking at {target}")
        meta["copied"] = meta.get("copied", {}) | {source: {str(shard): number for shard, number in copied.items()}}
        self._patiently(lambda: self._client.indices.put_mapping(index=target, meta=meta), f"noting the progress in {target}")

    def _meta(self, target: str) -> dict[str, Any]:
        return dict(self._client.indices.get_mapping(index=target).body[target]["mappings"].get("_meta", {}))

    def _patiently(self, call: Callable[[], Result], what: str) -> Result:
        return retry_while_unavailable(lambda: translate_errors(call), self._stopping, what)


def windows(copied: Mapping[int, int], checkpoints: Mapping[int, int]) -> Iterator[Window]:
    """Yields what is left to copy: of each shard from where it was left (default: the start) to its checkpoint."""
    for shard, checkpoint in sorted(checkpoints.items()):
        for after in range(copied.get(shard, -1), checkpoint, WINDOW_SEQ_NOS):
            yield Window(shard, after, min(after + WINDOW_SEQ_NOS, checkpoint))


def chunks(writes: Sequence[Write]) -> Iterator[list[Write]]:
    """Yields the writes in requests of at most REQUEST_BYTES; a larger document is a request of its own."""
    chunk: list[Write] = []
    size = 0
    for write in writes:
        if chunk and size + len(write.body) > REQUEST_BYTES:
            yield chunk
            chunk, size = [], 0
        chunk.append(write)
        size += len(write.body)
    if chunk:
        yield chunk


def _check(write: Write, target: str, answer: ItemResult) -> None:
    if answer.outcome in {Outcome.DEAD_LETTER, Outcome.RETRY_A_FEW_TIMES}:
        raise RafidError(
            f"document {write.doc_id} does not fit into {target} ({answer.error}): nothing was swapped; mend the mapping, "
            "`rafid reindex --abandon`, and begin again"
        )
    if answer.outcome is Outcome.STOP:
        raise ending_error(answer)
