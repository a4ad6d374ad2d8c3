"""The index behind the console: one client, bounded in time and in how many ask at once."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any, Final

import orjson
from elasticsearch import Elasticsearch

from deploy.console.reads.kept import Kept
from indexing.generations.names import Names
from indexing.search.search import execute

KEPT_S: Final = 5.0  # counts and lists of sources may be this old
ANSWER_S: Final = 5.0  # a page waits no longer; the server stops its own work before that
SERVER_LIMIT: Final = "4s"
CONNECTIONS: Final = 16


@dataclasses.dataclass(frozen=True, slots=True)
class Index:
    """A client and the names of the namespace that is looked at."""

    client: Elasticsearch
    names: Names
    kept: Kept[dict[str, Any]] = dataclasses.field(default_factory=lambda: Kept(KEPT_S))

    def ask(self, alias: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Returns the response to a search request, which the server ends after 4 s. Raises SearchFailed."""
        return execute(self.client, alias, {"timeout": SERVER_LIMIT, **body})

    def ask_kept(self, alias: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Returns the response to a search request, at most 5 s old: for what many readers ask alike. Raises SearchFailed."""
        return self.kept.get(alias.encode() + orjson.dumps(body), lambda: self.ask(alias, body))

    def document(self, doc_id: str) -> dict[str, Any] | None:
        """Returns the hit of the document with this id, with its version; None when there is none."""
        body = {"query": {"ids": {"values": [doc_id]}}, "size": 1, "version": True}
        hits: list[dict[str, Any]] = self.ask(self.names.everything, body)["hits"]["hits"]
        return hits[0] if hits else None
