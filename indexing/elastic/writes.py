"""One document on its way, and its line in a bulk request. Pure."""

from __future__ import annotations

import dataclasses


@dataclasses.dataclass(frozen=True, slots=True)
class Write:
    """One document on its way: the `_id`, the period whose index holds it, the external version and the JSON."""

    doc_id: str
    period: str  # a month like 2026-11, or a year that shares an index like 2013
    version: int
    body: bytes


def action(write: Write, index: str) -> bytes:
    """Returns the line before the document in a bulk request: an overwrite, unless a document of a higher version is there."""
    return b'{"index":{"_index":"%b","_id":"%b","version":%d,"version_type":"external_gte"}}' % (
        index.encode(),
        write.doc_id.encode(),
        write.version,
    )
