"""What audits said, kept in an index of their own, so that the console can show the last one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from elasticsearch import ApiError, Elasticsearch, TransportError

from deploy.audit.audit import Report
from indexing.elastic.small_index import ensure_index
from streams.errors import RafidError, one_line
from streams.times import rfc_3339

MAPPINGS: Final = {"dynamic": False, "properties": {"ended_at": {"type": "date"}, "clean": {"type": "boolean"}}}


def index_name(namespace: str) -> str:
    """Returns the name of the index of answers."""
    return f"{namespace}-audits"


def keep(client: Elasticsearch, report: Report, began: datetime) -> None:
    """Keeps the summary of an audit that ends now, and its first findings. Raises RafidError when the server refuses."""
    index = index_name(report.namespace)
    times = {"began_at": rfc_3339(began), "ended_at": rfc_3339(datetime.now(UTC))}
    try:
        ensure_index(client, index, MAPPINGS)
        client.index(index=index, document=report.summary() | times | {"findings": report.findings.first}, refresh="wait_for")
    except (ApiError, TransportError) as exc:
        raise RafidError(f"the answer cannot be kept in {index}: {one_line(exc)[:300]}") from exc


def last(client: Elasticsearch, namespace: str) -> Mapping[str, Any] | None:
    """Returns the answer that was kept last, None when none was. Raises RafidError when the server does not answer."""
    try:
        found = client.search(
            index=index_name(namespace), size=1, sort=[{"ended_at": "desc"}], ignore_unavailable=True, track_total_hits=False
        )
    except (ApiError, TransportError) as exc:
        raise RafidError(f"the last audit cannot be read: {one_line(exc)[:300]}") from exc
    hits = found["hits"]["hits"]
    return hits[0]["_source"] if hits else None
