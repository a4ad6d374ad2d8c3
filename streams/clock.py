"""The one reading of the clock that records are stamped with; what computes is given its time."""

from __future__ import annotations

from datetime import UTC, datetime


def now() -> str:
    """Returns the present moment in RFC 3339 UTC, to the millisecond: `2026-11-22T18:25:43.120Z`."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
