"""The times of a page, from fields of whatever shape, as records have them. Pure."""

from __future__ import annotations

from datetime import datetime, tzinfo
from typing import Any

from producers.field_names import text_of
from streams.arabic.dates import parse
from streams.times import is_plausible, rfc_3339


def times_of(given: dict[str, Any], zone: tzinfo, now: datetime) -> dict[str, Any]:
    """Returns the times as RFC 3339 in UTC; one that cannot be read or cannot be is under `<name>_raw` and steers nothing.

    Words that count back (`منذ ساعتين`) are read only where the record says when it was fetched: a record on disk may be old.
    """
    base, out = _time(given.get("fetched_at"), "fetched", zone, now)
    fetched = base or now
    for name in ("published", "modified"):
        found, raw = _time(given.get(f"{name}_at"), name, zone, fetched, base)
        out |= {f"{name}_at": rfc_3339(found) if found else None} | raw
    return out | {"fetched_at": rfc_3339(fetched)}


def _time(
    value: Any, name: str, zone: tzinfo, known: datetime, base: datetime | None = None
) -> tuple[datetime | None, dict[str, Any]]:
    """Returns the time in a value of whatever shape, and what is to be kept of the value when it gives none.

    `known` is when the page was known: no time lies behind it. `base` is what words that count back count from.
    """
    if value is None:
        return None, {}
    if isinstance(value, list | tuple) and len(value) == 9 and all(isinstance(part, int) for part in value):
        value = "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z".format(*value[:6])  # Python's struct_time, as feedparser has it
    items = value if isinstance(value, list | tuple) else [value]
    texts = [text for item in items if (text := str(int(item)) if type(item) is float else text_of(item))]
    for text in texts:
        found = parse(text, zone, fetched_at=base)
        if found and is_plausible(found, known):
            return found, {}
    return None, {f"{name}_raw": texts[0]} if texts else {}
