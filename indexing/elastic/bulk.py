"""One bulk request and its answers, item by item; the worker and the copying of a generation both post by it."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

from elasticsearch import Elasticsearch

from indexing.elastic.outcomes import ItemResult, Outcome, item_answer
from indexing.elastic.requests import Unavailable, translate_errors
from indexing.elastic.writes import Write, action

# The client's answers are filtered to what is read of them.
_FILTER = "errors,items.*.status,items.*.error.type,items.*.error.reason,items.*.error.caused_by"
_DONE = ItemResult(Outcome.DONE, 200, "")


def post(client: Elasticsearch, writes: Sequence[tuple[Write, str]]) -> list[ItemResult]:
    """Posts one bulk request of writes, each with its index; returns an answer for each, in their order.

    Raises what `requests.translate_errors` raises, RequestTooLarge among it, and Unavailable for an answer about other documents.
    """
    lines: list[Any] = list(itertools.chain.from_iterable((action(write, index), write.body) for write, index in writes))
    body = translate_errors(lambda: client.bulk(operations=lines, filter_path=_FILTER)).body
    items = body.get("items") if isinstance(body, dict) else None
    if not isinstance(items, list) or len(items) != len(writes):
        raise Unavailable("an answer for other documents than were sent")
    if body.get("errors") is False:
        return [_DONE] * len(items)
    return [item_answer(next(iter(item.values()))) for item in items]
