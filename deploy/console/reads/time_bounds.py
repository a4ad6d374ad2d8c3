"""Points in time as people type them, as Elasticsearch takes them. Pure."""

from __future__ import annotations

from datetime import UTC, datetime

from streams.runtime.time_expressions import age, point_in_time

_ANY_TIME = datetime(2000, 1, 1, tzinfo=UTC)  # what is no age does not depend on the present


def moment(text: str) -> str:
    """Returns `now-24h` for the age 24h, so that a page kept open moves on; a date or a time in RFC 3339 as it is.

    Raises ValueError for anything else.
    """
    if age(text) is not None:
        return f"now-{text}"
    return text if len(text) == len("2026-11-22") and point_in_time(text, _ANY_TIME) else _in_full(text)


def _in_full(text: str) -> str:
    time = point_in_time(text, _ANY_TIME).astimezone(UTC)
    return time.isoformat().replace("+00:00", "Z")
