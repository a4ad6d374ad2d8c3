"""Which of a page's times can be: what lies before the web's news, or ahead of the clock that saw it, steers nothing. Pure.

A time chooses the month a story is kept in, and each month is an index: one wrong year must not make one.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from msgspec.structs import replace

from streams.records import Page

EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
SLACK = timedelta(days=1)  # clocks and time zones disagree by less


def is_plausible(time: datetime, seen: datetime) -> bool:
    """Tells whether what was seen at `seen` can have this time: from 2000 on, and at most a day after it was seen."""
    return EARLIEST <= time <= seen + SLACK


def rfc_3339(time: datetime) -> str:
    """Returns the time in UTC as records have it: `2026-11-22T18:25:43Z`, `...43.123Z` or `...43.123456Z`."""
    digits = "auto" if time.microsecond % 1000 else "milliseconds" if time.microsecond else "seconds"
    in_utc = time if time.tzinfo is UTC else time.astimezone(UTC)
    return in_utc.isoformat(timespec=digits).removesuffix("+00:00") + "Z"


def with_possible_times(page: Page, appended: datetime) -> Page:
    """Returns the page without its implausible times.

    `fetched_at` is checked against `appended`, and the other two against `fetched_at`.

    An implausible `fetched_at` becomes `appended`, the time at which the page's message was written. A time taken out is
    kept under `<name>_raw`, unless the page has that field already.
    """
    changed: dict[str, Any] = {}
    extra: dict[str, Any] = {}
    fetched = datetime.fromisoformat(page.fetched_at)
    if not is_plausible(fetched, appended):
        extra["fetched_raw"] = page.fetched_at
        fetched = appended
        changed["fetched_at"] = rfc_3339(appended)
    if page.published_at and not is_plausible(datetime.fromisoformat(page.published_at), fetched):
        changed |= {"published_at": None, "published_raw": page.published_raw or page.published_at}
    if page.modified_at and not is_plausible(datetime.fromisoformat(page.modified_at), fetched):
        extra["modified_raw"] = page.modified_at
        changed["modified_at"] = None
    if not changed:
        return page
    return replace(page, **changed, extra=extra | dict(page.extra))
