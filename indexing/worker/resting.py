"""Months that nothing is written to any more are merged to one segment: a search looks each word up in every segment."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

from elasticsearch import ApiError, Elasticsearch, TransportError

from indexing.elastic.requests import Unavailable
from indexing.generations.targets import WriteTargets
from streams.errors import RafidError

log = logging.getLogger("rafid.index")

# A month without a write between two looks is at rest. A source that sends a page now and then would have its month merged
# again after every pause, were they shorter (chosen by reading).
LOOK_EVERY_S: Final = 3_600.0
# Merged once, a segment of five gigabytes is never merged again by the server's own policy: that of Lucene ends there.
LARGEST_BYTES: Final = 2 * 1024**3
IN_ONE_REQUEST: Final = 50  # names of indices, which stand in the address of the request


class Month(NamedTuple):
    """What the index of a month is made of: operations since the server opened it, segments, and bytes on disk."""

    operations: int
    segments: int
    bytes: int


def at_rest(before: Mapping[str, Month], now: Mapping[str, Month]) -> list[str]:
    """Returns the indices to merge: of several segments, not too large, and unchanged between the two looks. Pure."""
    return sorted(
        index
        for index, month in now.items()
        if index in before
        and before[index].operations == month.operations
        and month.segments > 1
        and month.bytes <= LARGEST_BYTES
    )


class Resting:
    """Looks at the months of the live generation, and has those at rest merged; it waits for no merge.

    Nothing depends on it but speed: what the server does not answer or allow is logged, and the next look tries again.
    """

    def __init__(self, client: Elasticsearch, targets: WriteTargets) -> None:
        self._client, self._targets = client, targets
        self._seen: dict[str, Month] = {}

    def look(self) -> None:
        """Looks at the months, and asks for the merges of what has not changed since the last look."""
        try:
            now = dict(months(self._client, self._targets.state().live.pattern))
            waiting = at_rest(self._seen, now)
            for start in range(0, len(waiting), IN_ONE_REQUEST):
                indices = waiting[start : start + IN_ONE_REQUEST]
                self._client.indices.forcemerge(index=indices, max_num_segments=1, wait_for_completion=False)
                log.info("at rest, and being merged: %s", ", ".join(indices))
            self._seen = now
        except (ApiError, TransportError, Unavailable, RafidError) as exc:
            log.warning("months at rest are not merged: %s", exc)


def months(client: Elasticsearch, pattern: str) -> Iterator[tuple[str, Month]]:
    """Yields each index of the pattern with what it is made of; of a replica no more than of its primary."""
    answer = client.indices.stats(index=pattern, metric="indexing,segments,store", filter_path="indices.*.primaries").body
    for index, entry in answer.get("indices", {}).items():
        stats: Mapping[str, Any] = entry["primaries"]
        operations = stats["indexing"]["index_total"] + stats["indexing"]["delete_total"]
        yield index, Month(operations, stats["segments"]["count"], stats["store"]["size_in_bytes"])
