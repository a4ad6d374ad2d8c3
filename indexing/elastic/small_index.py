"""An index beside the stories, for few documents of another kind."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from elasticsearch import Elasticsearch


def ensure_index(client: Elasticsearch, index: str, mappings: Mapping[str, Any]) -> None:
    """Makes the index, of one shard, unless it exists; who made it first gave it its mappings. Raises what the client raises."""
    if not client.indices.exists(index=index):
        client.options(ignore_status=400).indices.create(
            index=index, mappings=mappings, settings={"number_of_shards": 1, "auto_expand_replicas": "0-1"}
        )
