"""The sources as a table and as plain data."""

from __future__ import annotations

from typing import Any

from rich.table import Table
from rich.text import Text

from deploy.sources.arrivals import time_of
from deploy.sources.judgement import ODD, Judgement
from deploy.sources.rhythm import DAY_H, Rhythm
from deploy.sources.status import SourcesStatus
from producers.feeds.status import span

_BARS = " ▁▂▃▄▅▆▇█"
_FIRST = {"silent": 0, "empty": 1, "gone": 2, "new": 3, "well": 4}


def odd_lines(found: SourcesStatus) -> list[str]:
    """Returns a line for each source that is silent or empty, and why that is odd of it."""
    return [_odd_line(each, found.known_until) for each in found.judgements if each.state in ODD]


def _odd_line(each: Judgement, now: float) -> str:
    if each.state == "silent" and each.silent_from is not None:
        usual = span(3600 * (each.silent_from - each.last_page))
        return f"{each.source} is silent: no page for {span(3600 * (now - each.last_page))}, and {usual} would have been odd"
    poor = f"refused or below {each.short_below} words" if each.short_below else "refused"
    return (
        f"{each.source} is empty: {each.poor_share_today:.0%} of its pages of the last day are {poor}, "
        f"{each.poor_share:.0%} as a rule"
    )


def status_table(found: SourcesStatus) -> Table:
    """Draws a row a source, those that are odd first; hours and times are of UTC."""
    table = Table("source", "last page", "last story", "pages", "week", "day", "silent after", "copies", "refused", "state")
    for column in table.columns:
        column.no_wrap = True
    for each in sorted(found.judgements, key=lambda each: (_FIRST[each.state], each.source)):
        wait = each.silent_from - each.last_page if each.silent_from is not None else None
        table.add_row(
            Text(each.source),
            _ago(each.last_page, found.known_until),
            _ago(each.last_story, found.known_until),
            f"{each.pages:,}",
            _bars(_by_day(each.rhythm)),
            _bars(_by_hour(each.rhythm)),
            "" if wait is None else span(3600 * wait),
            f"{each.copies_share:.0%}",
            f"{each.refused_share:.0%}",
            Text(each.state, "bold red" if each.state in ODD else ""),
        )
    return table


def status_fields(found: SourcesStatus) -> dict[str, Any]:
    """Gives the same as JSON has it; times in UTC, `rhythm` in pages an hour from Monday 00:00 UTC on."""
    return {
        "known_until": _written(found.known_until),
        "behind": found.behind,
        "odd": odd_lines(found),
        "sources": [_fields(each) for each in found.judgements],
    }


def _fields(each: Judgement) -> dict[str, Any]:
    return {
        "source": each.source,
        "state": each.state,
        "last_page": _written(each.last_page),
        "last_story": _written(each.last_story),
        "silent_from": _written(each.silent_from),
        "longest_quiet_h": round(each.rhythm.longest_quiet_h, 2) if each.rhythm else None,
        "pages": each.pages,
        "copies_share": round(each.copies_share, 4),
        "refused_share": round(each.refused_share, 4),
        "short_below": each.short_below,
        "poor_share": round(each.poor_share, 4),
        "poor_share_today": round(each.poor_share_today, 4),
        "rhythm": [round(float(rate), 3) for rate in each.rhythm.rates] if each.rhythm else None,
    }


def _ago(at: float | None, now: float) -> str:
    return "" if at is None else f"{span(3600 * max(0.0, now - at))} ago"


def _written(at: float | None) -> str | None:
    return time_of(at).isoformat(timespec="seconds").replace("+00:00", "Z") if at is not None else None


def _by_day(rhythm: Rhythm | None) -> list[float]:
    return rhythm.rates.reshape(7, DAY_H).sum(1).tolist() if rhythm else []


def _by_hour(rhythm: Rhythm | None) -> list[float]:
    return rhythm.rates.reshape(7, DAY_H).mean(0).reshape(12, 2).mean(1).tolist() if rhythm else []


def _bars(values: list[float]) -> str:
    most = max(values, default=0.0) or 1.0
    return "".join(_BARS[round(value / most * (len(_BARS) - 1))] for value in values)
