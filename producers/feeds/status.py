"""The state of the sources as a table, and as plain data. The clock is read here."""

from __future__ import annotations

import time
from typing import Any

from rich.table import Table

from producers.feeds.store import FeedRow


def status_table(feeds: list[FeedRow], fates: dict[str, dict[str, int]]) -> Table:
    """Draws a row a feed, those that fail first, then what became of the pages of each source."""
    now = time.time()
    table = Table("source", "feed", "last fetch", "items", "new", "next", "state", caption=_caption(fates))
    for name in ("items", "new"):
        next(column for column in table.columns if column.header == name).justify = "right"
    for feed in sorted(feeds, key=lambda feed: (-feed.failures, feed.source, feed.url)):
        table.add_row(
            feed.source,
            feed.url,
            "never" if feed.fetched_at is None else f"{span(now - feed.fetched_at)} ago",
            f"{feed.items:,}",
            f"{feed.new:,}",
            "now" if feed.due <= now else f"in {span(feed.due - now)}",
            f"[red]{feed.failures} in a row: {feed.note}[/red]" if feed.failures else feed.note or "",
        )
    return table


def _caption(fates: dict[str, dict[str, int]]) -> str:
    lines = (f"{source}: " + ", ".join(f"{pages:,} {fate}" for fate, pages in counts.items()) for source, counts in fates.items())
    return "\n".join(lines) or "no page yet"


def status_fields(feeds: list[FeedRow], fates: dict[str, dict[str, int]]) -> dict[str, Any]:
    """Gives the same as JSON has it; times in seconds since 1970."""
    names = ("url", "kind", "source", "fetched_at", "due", "interval_s", "items", "new", "failures", "note")
    return {"feeds": [{name: getattr(feed, name) for name in names} for feed in feeds], "pages": fates}


def span(seconds: float) -> str:
    """Writes a span of time by its largest unit.

    >>> span(7300)
    '2 h'
    """
    for unit, length in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= length:
            return f"{seconds / length:.0f} {unit}"
    return f"{seconds:.0f} s"
